"""The figures of the voice menus: seconds before a person, where callers leave each menu, how often words were understood.

Context of menus.html: filters, versions, ways, menus, questions, named, days, may_export, and the names of columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import Connection

from cases.figures import slot_of
from cases.menu_figures import LEFT, SOON, TurnCounts, WayCounts, total
from cases.menu_turns import MENU
from console import exports
from console.figure_pages import PREFERENCES
from console.forms import Text, read_texts
from console.i18n import say
from console.moments import day
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from ivr.menu import MAIN, WAITING
from ivr.speech.phrases import DIGITS, FIXED
from storage import menu_figures
from storage.errors import Invalid

FILTERS: Final = {"since": Text(10), "until": Text(10), "version": Text(64)}
USUALLY: Final = timedelta(days=6)
LONGEST: Final = timedelta(days=92)
WAYS: Final = (
    "calls", "asked", "line_mean", "answered", "voice_mean", *(f"within_{limit}" for limit in SOON), "served",
    "hung_up",
)  # fmt: skip
VISITS: Final = ("visits", *(f"left_{to}" for to in LEFT))
TURNS: Final = (
    "turns", "by_key", "spoken", "recognised", "heard", "confirmed", "denied", "unknown", "silence",
    "no_engine", "gave_up",
)  # fmt: skip

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Day:
    """One day as the store tells it, of the version that was asked for."""

    day: date
    ways: menu_figures.Ways
    turns: menu_figures.Turns


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days, and which version of the menus; '' for all of them."""

    since: date
    until: date
    version: str


@routes.get("/menus")
@needs(Permission.REPORTS)
async def page(request: web.Request) -> web.Response:
    asked = _asked(request)
    days = await _look(request, asked)
    context = {
        "filters": {"since": asked.since, "until": asked.until, "version": asked.version},
        "versions": sorted({version for one in days for version in one.ways if version}),
        "ways": [(version, _way_cells(counts)) for version, counts in _by_version(_of(days, asked))],
        "menus": list(_turn_rows(_of(days, asked), VISITS, menus=True)),
        "named": _named(request),
        "questions": list(_turn_rows(_of(days, asked), TURNS, menus=None)),
        "days": list(_day_rows(_of(days, asked))),
        "way_columns": WAYS,
        "visit_columns": VISITS,
        "turn_columns": TURNS,
        "may_export": allowed(request[SIGNED].account.role, Permission.EXPORT),
    }
    return render(request, "menus.html", context)


@routes.get("/menus.{kind:csv|xlsx}")
@needs(Permission.EXPORT)
async def export(request: web.Request) -> web.Response:
    """Return a row for each day, version and menu, for a spreadsheet; who took it stands in the history."""
    asked = _asked(request)
    days = _of(await _look(request, asked), asked)
    detail = {"since": f"{asked.since}", "until": f"{asked.until}", "version": asked.version}
    name = f"menus-{asked.since}-{asked.until}"
    return await exports.send(request, name, _table(request, days), detail=detail)


async def _look(request: web.Request, asked: Asked) -> list[Day]:
    zone = request.app[PARTS].settings.zone

    def look(conn: Connection) -> list[Day]:
        found = []
        for one in _days(asked):
            first, last = _slots(one, zone)
            ways = menu_figures.ways_of_day(conn, first, last)
            if ways:
                found.append(Day(one, ways, menu_figures.turns_of_day(conn, first, last)))
        return found

    return await request.app[PARTS].store.read(look)


def _slots(one: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first and the last quarter of an hour of a day of the city."""
    ends = datetime.combine(one + timedelta(days=1), time(), zone)
    return slot_of(datetime.combine(one, time(), zone)), slot_of(ends) - 1


def _days(asked: Asked) -> Iterator[date]:
    for number in range((asked.until - asked.since).days + 1):
        yield asked.since + timedelta(days=number)


def _asked(request: web.Request) -> Asked:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    today = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    until = day(request, "until", texts["until"]) if texts["until"] else today
    since = day(request, "since", texts["since"]) if texts["since"] else until - USUALLY
    if since > until:
        raise Invalid({"since": say(request, "menus.order")})
    if until - since > LONGEST:
        raise Invalid({"since": say(request, "menus.too_long", days=LONGEST.days)})
    return Asked(since, until, texts["version"])


def _of(days: Sequence[Day], asked: Asked) -> list[Day]:
    """Leave what is of the version that was asked for; fixed questions belong to all of them."""
    if not asked.version:
        return list(days)
    return [
        Day(
            one.day,
            {version: counts for version, counts in one.ways.items() if version == asked.version},
            {key: counts for key, counts in one.turns.items() if key[1] == asked.version},
        )
        for one in days
    ]


def _by_version(days: Sequence[Day]) -> Iterator[tuple[str, WayCounts]]:
    versions = sorted({version for one in days for version in one.ways})
    for version in versions:
        yield version, total([one.ways[version] for one in days if version in one.ways], WayCounts)


def _turn_rows(
    days: Sequence[Day], columns: Sequence[str], *, menus: bool | None
) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Give (menu or question, version, cells) over all days; `menus` True: menus only."""
    for grammar, version in sorted({key for one in days for key in one.turns}):
        if menus and not grammar.startswith(MENU):
            continue
        some = [one.turns[grammar, version] for one in days if (grammar, version) in one.turns]
        yield grammar, version, _turn_cells(total(some, TurnCounts), columns)


def _day_rows(days: Sequence[Day]) -> Iterator[tuple[date, str, list[tuple[str, str]]]]:
    """Give (day, version, cells): the way to a person, and how often words were understood."""
    for one in reversed(days):
        for version, counts in sorted(one.ways.items()):
            turns = total([each for key, each in one.turns.items() if key[1] == version], TurnCounts)
            cells = [*_way_cells(counts), ("recognised", _share(turns.recognised))]
            yield one.day, version, [*cells, ("left_hang_up", _share(turns.left("hang_up")))]


def _way_cells(counts: WayCounts) -> list[tuple[str, str]]:
    shares: Mapping[str, float | None] = {f"within_{limit}": counts.within(limit) for limit in SOON}
    means = {"line_mean": counts.line_mean, "voice_mean": counts.voice_mean}
    return [
        (name, _share(shares[name]))
        if name in shares
        else (name, _seconds(means[name]))
        if name in means
        else (name, str(getattr(counts, name)))
        for name in WAYS
    ]


def _turn_cells(counts: TurnCounts, columns: Sequence[str]) -> list[tuple[str, str]]:
    shares = {f"left_{to}": counts.left(to) for to in LEFT} | {"recognised": counts.recognised}
    return [
        (name, _share(shares[name])) if name in shares else (name, str(getattr(counts, name)))
        for name in columns
    ]


def _named(request: web.Request) -> dict[str, str]:
    """Return the names of what is the same in every city; a city's own menus are called as its file calls them."""
    fixed = {name: say(request, f"menus.of.{name}") for name in (DIGITS, *FIXED)}
    return fixed | {f"{MENU}{name}": say(request, f"menus.of.{name}") for name in (MAIN, WAITING)}


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value * 100:.1f}%"


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _table(request: web.Request, days: Sequence[Day]) -> Iterator[Sequence[object]]:
    """Give the rows of callers first, and below them those of menus and questions, each with its own heading."""
    told = [*WAYS, "recognised", "left_hang_up"]
    yield [say(request, f"menus.{name}") for name in ("day", "version", *told)]
    for on, version, cells in _day_rows(days):
        yield [f"{on}", version, *(text for _, text in cells)]
    columns = (*VISITS, *TURNS)
    yield [say(request, f"menus.{name}") for name in ("day", "version", "menu", *columns)]
    for one in days:
        for grammar, version, cells in _turn_rows([one], columns, menus=None):
            yield [f"{one.day}", version, grammar, *(text for _, text in cells)]
