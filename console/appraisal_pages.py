"""I-20: the appraisal sheet of the units, in groups of one kind, and how units are scored.

Context of appraisal.html: as of indicators.html, and groups, scheme, scorable, least, given, may_appraise,
errors, entered.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.indicators import BY_CODE
from cases.scores import SCORABLE, Scheme, Score
from console.forms import Text, posted, read_texts
from console.i18n import say
from console.indicator_pages import as_file, frame
from console.indicator_rows import plain, written
from console.indicator_view import Asked, Found, asked, look
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import unit_scores, units
from storage.errors import Invalid
from storage.people import Actor, actor
from storage.unit_scores import Adjustment, Group
from storage.units import Unit

POINTS: Final = {
    "unit": Text(64, required=True),
    "points": Text(8, required=True),
    "reason": Text(500, required=True, lines=True),
    "day": Text(10, required=True),
    "csrf": Text(200),
}
SCHEME: Final = {code: Text(8) for code in SCORABLE} | {
    "least": Text(4, required=True),
    "valid_from": Text(10, required=True),
    "csrf": Text(200),
}

routes = web.RouteTableDef()


@routes.get("/indicators/units")
@needs(Permission.INDICATORS)
async def sheet(request: web.Request) -> web.Response:
    return await _sheet(request)


@routes.get("/indicators/units.{kind:csv|xlsx}")
@needs(Permission.INDICATORS)
async def sheet_as_file(request: web.Request) -> web.Response:
    """Return the sheet for a spreadsheet (F10-13, SH-06)."""
    wanted = await asked(request)
    made = await _make(request, wanted)
    return await as_file(request, wanted, "appraisal", _table(request, made))


@routes.post("/indicators/points")
@needs(Permission.APPRAISE)
async def give(request: web.Request) -> web.Response:
    """Give a unit points or take them off."""
    sent = await posted(request)

    def work(texts: Mapping[str, str], by: Actor, at: datetime) -> Callable[[Connection], object]:
        day, points = _day(request, "day", texts["day"]), _number(request, "points", texts["points"])
        return partial(
            unit_scores.adjust,
            unit=texts["unit"],
            points=points,
            reason=texts["reason"],
            day=day,
            by=by,
            at=at,
        )

    return await _done(request, POINTS, sent, work)


@routes.post("/indicators/points/{number:[0-9]{1,9}}/withdraw")
@needs(Permission.APPRAISE)
async def take_back(request: web.Request) -> web.Response:
    sent = await posted(request)
    number = int(request.match_info["number"])
    return await _done(
        request,
        {"csrf": Text(200)},
        sent,
        lambda _, by, at: partial(unit_scores.withdraw, number=number, by=by, at=at),
    )


@routes.post("/indicators/scheme")
@needs(Permission.APPRAISE)
async def change_scheme(request: web.Request) -> web.Response:
    """Decide how units are scored from a day on."""
    sent = await posted(request)

    def work(texts: Mapping[str, str], by: Actor, at: datetime) -> Callable[[Connection], object]:
        weights = {code: _number(request, code, texts[code]) for code in SCORABLE if texts.get(code)}
        least = int(_number(request, "least", texts["least"]))
        since = _day(request, "valid_from", texts["valid_from"])
        return partial(
            unit_scores.set_scheme, weights=weights, least_sample=least, valid_from=since, by=by, at=at
        )

    return await _done(request, SCHEME, sent, work)


Work = Callable[[Mapping[str, str], Actor, datetime], Callable[[Connection], object]]


async def _done(
    request: web.Request, fields: Mapping[str, Text], sent: Mapping[str, str], work: Work
) -> web.Response:
    """Do it and go back to the sheet, or show the sheet with what is wrong and all that was typed."""
    try:
        texts = read_texts(request, fields, sent)
        at = request.app[PARTS].now()
        await request.app[PARTS].store.write(work(texts, actor(request[SIGNED].account), at))
    except Invalid as error:
        return await _sheet(request, errors=error.fields, entered=dict(sent), status=400)
    wanted = await asked(request)
    raise web.HTTPSeeOther(f"/indicators/units?{wanted.address(wanted.period)}")


async def _sheet(
    request: web.Request,
    *,
    errors: Mapping[str, str] | None = None,
    entered: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    wanted = await asked(request)
    made = await _make(request, wanted)
    context = {
        **await frame(request, wanted, made.found),
        "groups": _groups(request, made),
        "scheme": [
            (code, title, plain(made.scheme.weights[code])) for code, title in _heads(request, made.scheme)
        ],
        "scorable": [
            (code, say(request, f"indicator.{code}.title"), made.scheme.weights.get(code))
            for code in SCORABLE
        ],
        "least": made.scheme.least_sample,
        "given": made.given,
        "may_appraise": allowed(request[SIGNED].account.role, Permission.APPRAISE),
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "appraisal.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Made:
    """The sheet of a period, and all that it is made of."""

    found: Found
    scheme: Scheme
    given: list[Adjustment]
    groups: list[Group]
    names: Mapping[str, str]


async def _make(request: web.Request, wanted: Asked) -> Made:
    window, read = wanted.window(request), request.app[PARTS].store.read
    scheme = await read(partial(unit_scores.scheme_at, at=window.begins))
    given = await read(
        partial(unit_scores.adjustments, begins=window.begins, ends=window.ends, units=wanted.units)
    )
    found = await look(request, wanted, scheme.weights)
    all_units = await read(units.units)
    groups = unit_scores.sheet(found.figures, scheme, _seen(wanted, all_units), given)
    return Made(found, scheme, given, groups, {unit.id: unit.short_name for unit in all_units})


def _groups(request: web.Request, made: Made) -> list[dict[str, Any]]:
    return [
        {
            "title": say(
                request, "indicators.group", kind=say(request, f"org.kind.{each.kind}"), level=each.level
            ),
            "rows": [_row(request, place, one, made.scheme, made.names) for place, one in each.rows],
        }
        for each in made.groups
    ]


def _heads(request: web.Request, scheme: Scheme) -> list[tuple[str, str]]:
    return [(code, say(request, f"indicator.{code}.title")) for code in scheme.weights]


def _table(request: web.Request, made: Made) -> Iterator[Sequence[object]]:
    heads = [title for _, title in _heads(request, made.scheme)]
    names = ("group", "place", "unit", "score")
    points = say(request, "sheet.adjustment")
    yield [*(say(request, f"sheet.{name}") for name in names), *heads, points]
    for group in _groups(request, made):
        for row in group["rows"]:
            parts = [f"{part['text']} ({part['counts']})" if part["counts"] else "—" for part in row["parts"]]
            yield [group["title"], row["place"] or "", row["name"], row["text"], *parts, row["adjustment"]]


def _seen(wanted: Asked, all_units: list[Unit]) -> list[Unit]:
    return [unit for unit in all_units if wanted.units is None or unit.id in wanted.units]


def _row(
    request: web.Request, place: int | None, one: Score, scheme: Scheme, names: Mapping[str, str]
) -> dict[str, Any]:
    small = say(request, "indicators.small")
    parts = []
    for code in scheme.weights:
        figure = one.parts.get(code)
        text = "—" if figure is None else written(BY_CODE[code].form, figure.value)
        counts = "" if figure is None else f"{plain(figure.part)}/{plain(figure.whole)}"
        parts.append({"code": code, "text": small if code in one.short_of else text, "counts": counts})
    return {
        "unit": one.unit,
        "name": names.get(one.unit, one.unit),
        "place": place,
        "score": one.points,
        "text": small if one.points is None else f"{one.points:.2f}",
        "adjustment": f"{one.adjustment:+g}" if one.adjustment else "",
        "parts": parts,
    }


def _number(request: web.Request, name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise Invalid({name: say(request, "sheet.number")}) from None
    if not -1_000 < number < 1_000:
        raise Invalid({name: say(request, "sheet.number")})
    return number


def _day(request: web.Request, name: str, text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None
    return datetime.combine(day, time(), request.app[PARTS].settings.zone)
