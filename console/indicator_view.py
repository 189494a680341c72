"""What a reader asks of the indicators, and what is found for him: frozen where it is frozen, counted where it is not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from cases.indicators import BY_CODE, DEFINITIONS, NOTHING, Axis, Figure, Source, narrowed
from cases.periods import Period, Span, days, month_of, week_of
from cases.policies import Intent, Urgency
from console.case_view import CENTRE
from console.forms import Text, read_texts
from console.i18n import say
from console.parts import PARTS
from console.sessions import SIGNED
from storage import indicator_periods, indicators, units
from storage.errors import Invalid
from storage.forms import CHANNELS
from storage.indicator_facts import Window
from storage.indicator_periods import Corrected, Frozen
from storage.indicators import WHOLE, Key, Scope
from storage.people import Account

T = TypeVar("T")
SELECTIONS: Final = (Axis.UNIT, Axis.INTENT, Axis.PARTY, Axis.URGENCY, Axis.CHANNEL, Axis.CLASS)
PARTIES: Final = ("person", "enterprise", "organisation")
FILTERS: Final = {
    "span": Text(8, one_of=frozenset(Span)),
    "day": Text(10),
    "until": Text(10),
    "unit": Text(64),
    "intent": Text(10, one_of=frozenset(Intent)),
    "party": Text(16, one_of=frozenset(PARTIES)),
    "urgency": Text(10, one_of=frozenset(Urgency)),
    "channel": Text(16, one_of=frozenset(CHANNELS)),
    "class": Text(2),
    "page": Text(4),
}
PREFERENCES: Final = frozenset({"lang", "theme", "size"})
LONGEST: Final = timedelta(days=366)
# A read may last fifteen seconds, so a long report is several.
AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """Which period, whose cases, and which of them."""

    period: Period
    texts: Mapping[str, str]
    units: frozenset[str] | None
    own: str
    """The name of the unit a reader is bound to; empty for who sees all."""

    @property
    def scope(self) -> Scope:
        return Scope(self.units, {axis: self.texts[axis] for axis in SELECTIONS if self.texts[axis]})

    def window(self, request: web.Request) -> Window:
        zone = request.app[PARTS].settings.zone
        begins, ends = self.period.begins_at(zone), self.period.ends_at(zone)
        return Window(begins=begins, ends=ends, at=request.app[PARTS].now())

    def address(self, period: Period, page: int = 1) -> str:
        """Return the query of another period, or page, with the same selection."""
        texts = dict(self.texts) | {"span": period.span.value, "day": f"{period.first}"}
        texts["page"] = f"{page}" if page > 1 else ""
        texts["until"] = f"{period.after - timedelta(days=1)}" if period.span is Span.FREE else ""
        return urlencode({name: value for name, value in texts.items() if value})


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of a period, and what stands beside them."""

    figures: Mapping[str, Mapping[Key, Figure]]
    frozen: Frozen | None
    corrections: Mapping[tuple[str, Key], Corrected]

    def whole(self, code: str) -> Figure:
        return self.figures.get(code, {}).get(WHOLE, NOTHING)


async def asked(request: web.Request) -> Asked:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    period = _period(request, texts)
    account = request[SIGNED].account
    own = await request.app[PARTS].store.read(partial(_own_units, account=account))
    texts = texts | {"span": period.span.value, "day": f"{period.first}"}
    return Asked(period, texts, own[0] if own else None, own[1] if own else "")


def _period(request: web.Request, texts: Mapping[str, str]) -> Period:
    today = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    first = _day(request, "day", texts["day"]) or today
    span = Span(texts["span"] or Span.MONTH)
    if span is Span.MONTH:
        return month_of(first)
    if span is Span.WEEK:
        return week_of(first)
    last = _day(request, "until", texts["until"]) or today
    if last < first:
        raise Invalid({"until": say(request, "indicators.order")})
    if last - first > LONGEST:
        raise Invalid({"until": say(request, "indicators.too_long")})
    return days(first, last)


def _day(request: web.Request, name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None
    if not 2000 <= day.year <= 2999:
        raise Invalid({name: say(request, "form.date")})
    return day


def _own_units(conn: Connection, account: Account) -> tuple[frozenset[str], str] | None:
    """Return the units a reader is bound to, None for the whole city (SH-05, F10-13).

    Posts of the city's centre see all. An efficiency office below sees what stands under the same head as itself.
    """
    unit = units.unit(conn, account.unit)
    if account.role in CENTRE and (unit is None or unit.level == 1):
        return None
    if unit is None:
        return frozenset({account.unit}), account.unit
    top = unit.parent if account.role in CENTRE and unit.parent else unit.id
    head = units.unit(conn, top)
    return frozenset(units.subtree(conn, top)), head.short_name if head else top


def codes_for(bound: bool) -> list[str]:
    return [each.code for each in DEFINITIONS if not bound or each.source is Source.CASES]


async def look(request: web.Request, wanted: Asked, codes: Iterable[str], *, split: bool = True) -> Found:
    """Return the frozen figures of a period that is over, else count them; a selection is always counted."""
    parts, codes = request.app[PARTS], list(codes)
    kept = None
    if not wanted.scope.only:
        kept = await _read(
            request, partial(indicator_periods.frozen, period=wanted.period, zone=parts.settings.zone)
        )
    if kept is not None:
        figures, beside = await _read(request, partial(_frozen, kept=kept))
        return Found(_own(figures, wanted.units, codes), kept, beside)
    measure = partial(
        indicators.measure,
        window=wanted.window(request),
        scope=wanted.scope,
        calendar=parts.rules.calendar,
        split=split,
    )
    counted: dict[str, Mapping[Key, Figure]] = {}
    for some in _in_parts(codes):
        counted |= await _read(request, partial(measure, codes=some))
    return Found({code: counted[code] for code in codes if code in counted}, None, {})


def _in_parts(codes: list[str]) -> Iterator[list[str]]:
    """Give together what is counted together, the line and the times, and the rest a few at a time."""
    line = [code for code in codes if BY_CODE[code].source is Source.LINE]
    times = [code for code in codes if BY_CODE[code].spread]
    yield from (some for some in (line, times) if some)
    rest = [code for code in codes if code not in line and code not in times]
    for start in range(0, len(rest), AT_ONCE):
        yield rest[start : start + AT_ONCE]


async def _read(request: web.Request, work: Callable[[Connection], T]) -> T:
    return await request.app[PARTS].store.read(work)


def _frozen(conn: Connection, kept: Frozen) -> Any:
    return indicator_periods.values(conn, kept), indicator_periods.corrections(conn, kept)


def _own(
    figures: Mapping[str, Mapping[Key, Figure]], own: frozenset[str] | None, codes: Iterable[str]
) -> dict[str, Mapping[Key, Figure]]:
    chosen = {code: figures[code] for code in codes if code in figures}
    if own is None:
        return chosen
    return {code: narrowed(each, BY_CODE[code].form, own) for code, each in chosen.items()}
