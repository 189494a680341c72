"""排班测算: how many agents a day needs, from what was measured on the same weekday before, beside who is planned.

Context of staffing.html: entered, errors, columns, needs, learned, most, hours, lacking, may_export, query.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.figures import Counts, begin_of, slot_of, total
from console import exports
from console.forms import Text, read_texts
from console.i18n import say
from console.moments import day
from console.pages import PREFERENCES, render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from routing import staffing
from routing.staffing import HALF_HOURS, Need, Target
from storage import figures, shifts
from storage.errors import Invalid

FILTERS: Final = {
    "day": Text(10),
    "weeks": Text(2),
    "level": Text(5),
    "seconds": Text(3),
    "shrinkage": Text(4),
    "growth": Text(4),
}
USUAL: Final = {"weeks": "4", "level": "95", "seconds": "15", "shrinkage": "30", "growth": "0"}
BOUNDS: Final = {
    "weeks": (1, 12),
    "level": (1, 99.9),
    "seconds": (1, 600),
    "shrinkage": (0, 80),
    "growth": (-90, 400),
}
COLUMNS: Final = ("calls", "handling", "seats", "agents", "planned", "missing", "level", "wait", "occupancy")
HALF_HOUR: Final = timedelta(minutes=30)

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which day, learned from how many weeks, and what is wanted."""

    day: date
    weeks: int
    target: Target


@routes.get("/staffing")
@needs(Permission.STAFFING)
async def page(request: web.Request) -> web.Response:
    entered = _entered(request)
    context: dict[str, Any] = {
        "entered": entered,
        "needs": [],
        "errors": {},
        "learned": 0,
        "columns": COLUMNS,
    }
    try:
        found, learned = await _look(request, _asked(request, entered))
    except Invalid as error:
        return render(request, "staffing.html", context | {"errors": error.fields, "most": None}, status=400)
    context |= {
        "needs": [(_hour(need), need.missing, list(_cells(need))) for need in found],
        "learned": learned,
        "most": max(found, key=lambda need: need.agents),
        "hours": sum(need.agents for need in found) / 2,
        "lacking": sum(need.missing for need in found) / 2,
        "may_export": allowed(request[SIGNED].account.role, Permission.EXPORT),
        "query": request.query_string,
    }
    return render(request, "staffing.html", context)


@routes.get("/staffing.{kind:csv|xlsx}")
@needs(Permission.EXPORT)
async def export(request: web.Request) -> web.Response:
    entered = _entered(request)
    asked = _asked(request, entered)
    found, _ = await _look(request, asked)
    head = [say(request, "staffing.half_hour"), *(say(request, f"staffing.{name}") for name in COLUMNS)]
    rows = [head, *([_hour(need), *_cells(need)] for need in found)]
    return await exports.send(request, f"staffing-{asked.day}", rows, subject="staffing", detail=entered)


async def _look(request: web.Request, asked: Asked) -> tuple[list[Need], int]:
    """Return the day's half hours, and how many of the days before had any call."""
    zone, now = request.app[PARTS].settings.zone, request.app[PARTS].now()
    begins = datetime.combine(asked.day, time(), zone)
    # Only days that are over: half a day would pass for a quiet one.
    last = asked.day
    while datetime.combine(last + timedelta(days=1), time(), zone) > now:
        last -= timedelta(weeks=1)
    learned = [last - timedelta(weeks=week) for week in range(asked.weeks)]

    def look(conn: Connection) -> tuple[list[dict[int, Counts]], list[int]]:
        days = [_half_hours(conn, datetime.combine(one, time(), zone)) for one in learned]
        plans = shifts.planned(conn, after=begins, until=begins + timedelta(days=1))
        edges = [begins + number * HALF_HOUR for number in range(HALF_HOURS)]
        there = [
            sum(1 for plan in plans if plan.begins_at <= edge and plan.ends_at >= edge + HALF_HOUR)
            for edge in edges
        ]
        return days, there

    days, planned = await request.app[PARTS].store.read(look)
    known = [each for each in days if each]
    return staffing.needs(known, planned, asked.target), len(known)


def _half_hours(conn: Connection, begins: datetime) -> dict[int, Counts]:
    first = slot_of(begins)
    last = slot_of(begins + timedelta(days=1)) - 1
    some: dict[int, list[Counts]] = {}
    for slot, counts in figures.by_slot(figures.calls_between(conn, first, last)).items():
        some.setdefault((begin_of(slot) - begins) // HALF_HOUR, []).append(counts)
    return {number: total(parts, Counts) for number, parts in some.items()}


def _entered(request: web.Request) -> dict[str, str]:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = read_texts(request, FILTERS, sent)
    tomorrow = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date() + timedelta(
        days=1
    )
    return {"day": f"{tomorrow}", **USUAL, **{name: text for name, text in texts.items() if text}}


def _asked(request: web.Request, entered: dict[str, str]) -> Asked:
    numbers = {name: _number(request, name, entered[name]) for name in BOUNDS}
    target = Target(
        level=numbers["level"] / 100,
        seconds=numbers["seconds"],
        shrinkage=numbers["shrinkage"] / 100,
        growth=numbers["growth"] / 100,
    )
    return Asked(day(request, "day", entered["day"]), int(numbers["weeks"]), target)


def _number(request: web.Request, name: str, text: str) -> float:
    low, high = BOUNDS[name]
    plain = text.removeprefix("-").replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()) or not low <= float(text) <= high:
        raise Invalid({name: say(request, "staffing.between", low=low, high=high)})
    return float(text)


def _hour(need: Need) -> str:
    return f"{need.no // 2:02}:{'30' if need.no % 2 else '00'}"


def _cells(need: Need) -> Iterator[str]:
    yield from (f"{need.calls:.1f}", f"{need.handling:.0f}", f"{need.seats}", f"{need.agents}")
    yield from (f"{need.planned}", f"{need.missing}", f"{need.level * 100:.1f}%")
    yield from (f"{need.mean_wait:.1f}", f"{need.occupancy * 100:.1f}%")
