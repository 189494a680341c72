"""The figures of the line: a day and its quarters of an hour, each figure with its definition; how good told waits were.

Context of figures.html: filters, day, before, after, lines, groups, kept, figures, outcomes, offered, rows, seats, total,
ring_backs, worst, may_export. Of figures_waits.html: filters, day, before, after, whole, hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.figures import (
    DEFINITIONS,
    OUTCOMES,
    SLOTS_A_DAY,
    Adherence,
    Counts,
    Honesty,
    Promise,
    SeatCounts,
    Unit,
    Worst,
    begin_of,
    honesty,
    slot_of,
    total,
    worst_day,
)
from console import exports
from console.forms import Text, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import figures, line_rules, ring_backs
from storage.errors import Invalid
from storage.ring_backs import RingBackRate

FILTERS: Final = {"day": Text(10), "line": Text(20), "group": Text(40)}
PREFERENCES: Final = frozenset({"lang", "theme", "size"})
SHOWN: Final = (
    "offered", "asked", "answered", "answer_rate", "level", "level_of_ring", "abandoned", "abandoned_short",
    "wait_mean", "wait_longest", "handling_mean", "self_service", "event_joined", "refused", "outgoing",
)  # fmt: skip
"""The columns of the table by quarters of an hour; all figures stand above it for the day."""
BY_CODE: Final = {definition.code: definition for definition in DEFINITIONS}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants to see."""

    begins: datetime
    ends: datetime
    line: str
    group: str
    texts: Mapping[str, str]

    @property
    def slots(self) -> tuple[int, int]:
        return slot_of(self.begins), slot_of(self.ends) - 1


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the page shows, as the store tells it."""

    calls: figures.BySlot
    before: figures.BySlot
    seats: figures.BySeat
    shifts: Mapping[str, Adherence]
    people: Mapping[str, line_rules.Skilled]
    ring_backs: RingBackRate
    kept: bool

    def slots(self, line: str) -> dict[int, Counts]:
        return figures.by_slot(self.calls, line)


@routes.get("/figures")
@needs(Permission.REPORTS)
async def page(request: web.Request) -> web.Response:
    asked = _asked(request)
    day = await _look(request, asked)
    context = {
        **_frame(request, asked),
        "lines": figures.lines(day.calls),
        "groups": sorted({each.group for each in day.people.values() if each.group}),
        "kept": day.kept,
        **_of_calls(request, day, asked),
        **_of_seats(day, asked),
        "ring_backs": day.ring_backs,
        "worst": _worst(day, asked),
        "may_export": allowed(request[SIGNED].account.role, Permission.EXPORT),
    }
    return render(request, "figures.html", context)


@routes.get("/figures.{kind:csv|xlsx}")
@needs(Permission.EXPORT)
async def export(request: web.Request) -> web.Response:
    """Return the quarters of an hour as a file for a spreadsheet; who took it stands in the history."""
    asked = _asked(request)
    day = await _look(request, asked)
    detail = dict(asked.texts) | {"day": f"{asked.begins:%Y-%m-%d}"}
    name = f"figures-{asked.begins:%Y-%m-%d}"
    return await exports.send(request, name, _table(request, day, asked), detail=detail)


@routes.get("/figures/waits")
@needs(Permission.REPORTS)
async def waits(request: web.Request) -> web.Response:
    """Show what callers were told of their wait against what it was."""
    asked = _asked(request)
    store, zone = request.app[PARTS].store, request.app[PARTS].settings.zone
    told = await store.read(lambda conn: figures.promises(conn, asked.begins, asked.ends))
    by_hour: dict[int, list[Promise]] = {}
    for promise in told:
        by_hour.setdefault(promise.at.astimezone(zone).hour, []).append(promise)
    hours: list[tuple[int, Honesty]] = [(hour, honesty(some)) for hour, some in sorted(by_hour.items())]
    context = {**_frame(request, asked), "whole": honesty(told), "hours": hours}
    return render(request, "figures_waits.html", context)


async def _look(request: web.Request, asked: Asked) -> Day:
    at = request.app[PARTS].now()
    first, last = asked.slots

    def look(conn: Connection) -> Day:
        return Day(
            calls=figures.calls_between(conn, first, last),
            before=figures.calls_between(conn, first - SLOTS_A_DAY, first - 1),
            seats=figures.seats_between(conn, first, last, at=at),
            shifts=figures.kept_shifts(conn, asked.begins, min(asked.ends, at)),
            people={each.seat: each for each in line_rules.all_skilled(conn) if each.seat},
            ring_backs=ring_backs.rate(conn, begins=asked.begins, ends=asked.ends, at=at),
            kept=figures.is_kept(conn, first, last),
        )

    return await request.app[PARTS].store.read(look)


def _asked(request: web.Request) -> Asked:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    zone = request.app[PARTS].settings.zone
    wrong = Invalid({"day": say(request, "form.date")})
    day = request.app[PARTS].now().astimezone(zone).date()
    if texts["day"]:
        try:
            day = datetime.strptime(texts["day"], "%Y-%m-%d").replace(tzinfo=zone).date()
        except ValueError:
            raise wrong from None
    if not 2000 <= day.year <= 2999:
        raise wrong
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    return Asked(begins, ends, texts["line"], texts["group"], texts)


def _frame(request: web.Request, asked: Asked) -> dict[str, Any]:
    return {
        "filters": dict(asked.texts) | {"day": f"{asked.begins:%Y-%m-%d}"},
        "before": f"{asked.begins - timedelta(days=1):%Y-%m-%d}",
        "after": f"{asked.ends:%Y-%m-%d}" if asked.ends <= request.app[PARTS].now() else "",
    }


def _of_calls(request: web.Request, day: Day, asked: Asked) -> dict[str, Any]:
    slots = day.slots(asked.line)
    whole = total(list(slots.values()), Counts)
    seats = _seats_by_slot(day, asked.group)
    rows = [
        {
            "begins": begin_of(slot).astimezone(request.app[PARTS].settings.zone).strftime("%H:%M"),
            "cells": [(code, *cell(code, slots.get(slot, Counts()))) for code in SHOWN],
            "occupancy": _percent(seats.get(slot, SeatCounts()).occupancy),
        }
        for slot in sorted({*slots, *seats})
    ]
    return {
        "figures": [(each.code, *cell(each.code, whole)) for each in DEFINITIONS],
        "columns": SHOWN,
        "outcomes": [(name, int(getattr(whole, name))) for name in OUTCOMES],
        "offered": whole.offered,
        "rows": rows,
    }


def _of_seats(day: Day, asked: Asked) -> dict[str, Any]:
    by_seat: dict[str, list[SeatCounts]] = {}
    for (_, seat), counts in day.seats.items():
        if _in_group(day, seat, asked.group):
            by_seat.setdefault(seat, []).append(counts)
    summed = {seat: total(some, SeatCounts) for seat, some in sorted(by_seat.items())}
    rows = [_seat_row(day, seat, counts) for seat, counts in summed.items()]
    return {"seats": rows, "total": _seat_row(day, "", total(list(summed.values()), SeatCounts))}


def _seat_row(day: Day, seat: str, counts: SeatCounts) -> dict[str, Any]:
    person, kept = day.people.get(seat), day.shifts.get(seat)
    return {
        "seat": seat,
        "name": person.name if person else "",
        "group": person.group if person else "",
        "counts": counts,
        "occupancy": _percent(counts.occupancy),
        "handling": _seconds(counts.handling_mean),
        "adherence": _percent(kept.rate if kept else None),
    }


def _in_group(day: Day, seat: str, group: str) -> bool:
    person = day.people.get(seat)
    return not group or (person is not None and person.group == group)


def _seats_by_slot(day: Day, group: str) -> dict[int, SeatCounts]:
    slots: dict[int, list[SeatCounts]] = {}
    for (slot, seat), counts in day.seats.items():
        if _in_group(day, seat, group):
            slots.setdefault(slot, []).append(counts)
    return {slot: total(some, SeatCounts) for slot, some in slots.items()}


def _worst(day: Day, asked: Asked) -> Worst | None:
    first, last = asked.slots
    return worst_day(figures.by_slot(day.before, asked.line) | day.slots(asked.line), first=first, last=last)


def cell(code: str, counts: Counts) -> tuple[float | None, str]:
    """Return a figure as it is and as people read it."""
    definition = BY_CODE[code]
    value = definition.value(counts)
    shown = {Unit.COUNT: _whole, Unit.SHARE: _percent, Unit.SECONDS: _seconds}[definition.unit](value)
    return value, shown


def _whole(value: float | None) -> str:
    return "—" if value is None else f"{int(value)}"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value * 100:.1f}%"


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _table(request: web.Request, day: Day, asked: Asked) -> Iterator[Sequence[object]]:
    shown = _of_calls(request, day, asked)
    yield [say(request, "figures.interval"), *(say(request, f"figure.{code}") for code in SHOWN)]
    for row in shown["rows"]:
        yield [f"{asked.begins:%Y-%m-%d} {row['begins']}", *(text for _, _, text in row["cells"])]
    whole = {code: text for code, _, text in shown["figures"]}
    yield [say(request, "figures.day_total"), *(whole[code] for code in SHOWN)]
