"""Indicators: every figure with numerator, denominator, cohort and what is left out, and the cases behind it.

Context of indicators.html: asked, query, before, after, groups (of rows), choices, frozen, own. Of indicator.html: asked,
query, row, code, units, splits, history, frozen, own. Of indicator_cases.html: asked, query, row, found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.indicators import BY_CODE, RATES, STEPS, VOLUMES, Axis, Definition, Source
from cases.periods import Span
from cases.policies import Intent, Urgency
from cases.scores import LEAST_SAMPLE
from console import exports
from console.forms import page_of
from console.i18n import say
from console.indicator_rows import at_local, by_unit, plain, row_of, written
from console.indicator_view import PARTIES, Asked, Found, asked, codes_for, look
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import indicator_periods, indicators, units
from storage.forms import CHANNELS
from storage.indicators import WHOLE

GROUPS: Final[Mapping[str, tuple[Definition, ...]]] = {"volumes": VOLUMES, "rates": RATES, "steps": STEPS}
SPLIT: Final = (Axis.INTENT, Axis.PARTY, Axis.URGENCY, Axis.CHANNEL, Axis.CLASS)

routes = web.RouteTableDef()


@routes.get("/indicators")
@needs(Permission.INDICATORS)
async def overview(request: web.Request) -> web.Response:
    wanted = await asked(request)
    codes = codes_for(wanted.units is not None)
    found = await look(request, wanted, codes, split=False)
    groups = {
        name: [row_of(request, found, each.code) for each in some if each.code in codes]
        for name, some in GROUPS.items()
    }
    context = {**await frame(request, wanted, found), "groups": groups}
    return render(request, "indicators.html", context)


@routes.get("/api/indicators")
@needs(Permission.INDICATORS)
async def for_machines(request: web.Request) -> web.Response:
    """Return the same figures as the page, with every split."""
    wanted = await asked(request)
    found = await look(request, wanted, codes_for(wanted.units is not None))
    figures = [
        {
            "code": code,
            "number": BY_CODE[code].number,
            "version": BY_CODE[code].version,
            "cohort": BY_CODE[code].cohort,
            "axis": axis,
            "key": key,
            "value": figure.value,
            "numerator": figure.part,
            "denominator": figure.whole,
            "excluded": figure.excluded,
            "pending": figure.pending,
        }
        for code, of_code in found.figures.items()
        for (axis, key), figure in sorted(of_code.items())
    ]
    frozen = at_local(request, found.frozen.frozen_at) if found.frozen else None
    return web.json_response({"period": wanted.period.name, "frozen_at": frozen, "figures": figures})


@routes.get("/indicators.{kind:csv|xlsx}")
@needs(Permission.INDICATORS)
async def export(request: web.Request) -> web.Response:
    """Return the same figures as a file for a spreadsheet; who took it stands in the history."""
    wanted = await asked(request)
    found = await look(request, wanted, codes_for(wanted.units is not None))
    return await as_file(request, wanted, "indicators", _table(request, found))


async def as_file(
    request: web.Request, wanted: Asked, name: str, table: Iterable[Sequence[object]]
) -> web.Response:
    """Return a table as a file that a spreadsheet shows and never computes, and write down who took it."""
    detail = {name: value for name, value in wanted.texts.items() if value} | {"period": wanted.period.name}
    return await exports.send(request, f"{name}-{wanted.period.name}", table, subject=name, detail=detail)


@routes.get("/indicators/of/{code}")
@needs(Permission.INDICATORS)
async def one(request: web.Request) -> web.Response:
    """Show one indicator by unit, by everything else, and through the months."""
    wanted, code = await asked(request), _code(request)
    found = await look(request, wanted, [code])
    unit = next(iter(wanted.units)) if wanted.units is not None and len(wanted.units) == 1 else ""
    key = (Axis.UNIT, unit) if unit else WHOLE
    span = Span.MONTH if wanted.period.span is Span.FREE else wanted.period.span
    zone = request.app[PARTS].settings.zone
    line = partial(indicator_periods.history, code=code, span=span, key=key, zone=zone)

    def more(conn: Connection) -> tuple[Any, Any]:
        shown = [] if wanted.units is not None and not unit else line(conn)
        return units.units(conn), shown

    all_units, through = await request.app[PARTS].store.read(more)
    context = {
        **await frame(request, wanted, found),
        "row": row_of(request, found, code),
        "units": by_unit(request, found, code, all_units),
        "splits": [(axis.value, _split(request, found, code, axis)) for axis in SPLIT],
        "history": [_in_time(code, each) for each in through],
        "least": LEAST_SAMPLE,
    }
    return render(request, "indicator.html", context)


@routes.get("/indicators/of/{code}/cases")
@needs(Permission.INDICATORS)
async def behind(request: web.Request) -> web.Response:
    """List the cases behind a figure, those that failed first."""
    wanted, code = await asked(request), _code(request)
    if BY_CODE[code].source is not Source.CASES:
        raise web.HTTPNotFound
    page = page_of(request, wanted.texts["page"])
    find = partial(indicators.behind, code=code, window=wanted.window(request), scope=wanted.scope, page=page)
    cases = await request.app[PARTS].store.read(find)
    found = await look(request, wanted, [code], split=False)
    context = {
        **await frame(request, wanted, found),
        "row": row_of(request, found, code),
        "found": cases,
        "to_page": lambda number: f"/indicators/of/{code}/cases?{wanted.address(wanted.period, number)}",
    }
    return render(request, "indicator_cases.html", context)


def _code(request: web.Request) -> str:
    code = request.match_info["code"]
    if code not in BY_CODE:
        raise web.HTTPNotFound
    return code


async def frame(request: web.Request, wanted: Asked, found: Found) -> dict[str, Any]:
    now = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    all_units = await request.app[PARTS].store.read(units.units)
    return {
        "asked": wanted.texts,
        "period": wanted.period,
        "query": wanted.address(wanted.period),
        "before": wanted.address(wanted.period.before),
        "after": wanted.address(wanted.period.next) if wanted.period.after <= now else "",
        "frozen": at_local(request, found.frozen.frozen_at) if found.frozen else "",
        "recounted": at_local(request, found.frozen.recounted_at)
        if found.frozen and found.frozen.recounted_at
        else "",
        "selected": bool(wanted.scope.only),
        "own": wanted.own,
        "choices": {
            "unit": [(each.id, each.short_name) for each in all_units if _may(wanted, each.id)],
            "intent": [(each.value, each.value) for each in Intent],
            "party": [(each, say(request, f"indicator.party.{each}")) for each in PARTIES],
            "urgency": [(each.value, each.value) for each in Urgency],
            "channel": list(CHANNELS.items()),
        },
    }


def _may(wanted: Asked, unit: str) -> bool:
    return wanted.units is None or unit in wanted.units


def _split(request: web.Request, found: Found, code: str, axis: Axis) -> list[dict[str, Any]]:
    keys = sorted(key for of, key in found.figures.get(code, {}) if of is axis)
    return [
        row_of(request, found, code, (axis, key)) | {"key": key, "name": _name(request, axis, key)}
        for key in keys
    ]


def _name(request: web.Request, axis: Axis, key: str) -> str:
    if axis is Axis.PARTY:
        return say(request, f"indicator.party.{key}")
    return CHANNELS.get(key, key) if axis is Axis.CHANNEL else key


def _in_time(code: str, each: indicator_periods.InTime) -> dict[str, Any]:
    form, figure = BY_CODE[code].form, each.figure
    corrected = written(form, each.corrected.figure.value) if each.corrected else ""
    return {
        "period": each.period.name,
        "value": figure.value,
        "text": written(form, figure.value),
        "part": plain(figure.part),
        "whole": plain(figure.whole),
        "version": each.version,
        "corrected": corrected,
    }


def _table(request: web.Request, found: Found) -> Iterator[Sequence[object]]:
    names = ("name", "key", "value", "part", "whole", "excluded", "pending", "definition", "correction")
    yield [say(request, "indicators.number"), *(say(request, f"indicators.{name}") for name in names)]
    for code, figures in found.figures.items():
        for key in sorted(figures):
            row = row_of(request, found, code, key)
            of = say(request, f"indicator.axis.{key[0]}") + (f" {key[1]}" if key[1] else "")
            cells = (
                row["title"],
                of,
                row["text"],
                row["part"],
                row["whole"],
                row["excluded"],
                row["pending"],
            )
            yield [row["number"], *cells, f"{row['cohort']} v{row['version']}", row["corrected"]]
