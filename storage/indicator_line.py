"""Indicators of the line: taken from the figures per quarter of an hour, so that both pages tell the same."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from cases.figures import SLOTS_A_DAY, Counts, SeatCounts, names_of, slot_of, total, worst_day
from cases.indicators import NOTHING, Figure, Form, Tally, figure_of
from cases.workflow import State
from storage import figures, ring_back_lists
from storage.figures import FIGURE, SEAT_FIGURE
from storage.indicator_facts import Window
from storage.intake import CASE


def line_figures(conn: Connection, window: Window) -> dict[str, Figure]:
    """Return every indicator of the line for the calls offered in the period."""
    first, last = slot_of(window.begins), slot_of(window.ends) - 1
    # The worst 24 hours may have begun on the day before.
    by_slot = figures.by_slot(_calls(conn, first - SLOTS_A_DAY, last))
    calls = total([counts for slot, counts in by_slot.items() if slot >= first], Counts)
    worst = worst_day(by_slot, first=first, last=last)
    return {
        **_of_calls(calls),
        **_of_seats(conn, window, first, last),
        "worst_day": Figure(worst.rate) if worst else NOTHING,
        "ring_back": _ring_back(conn, window),
        "direct_of_calls": _share(_direct(conn, window), calls.offered),
    }


def _share(part: float, whole: float, *, excluded: int = 0, pending: int = 0) -> Figure:
    return figure_of(Form.SHARE, Tally(part, whole, excluded, pending))


def _of_calls(calls: Counts) -> dict[str, Figure]:
    apart = {"excluded": calls.offered - calls.asked, "pending": calls.waiting}
    longer = {"excluded": calls.offered - calls.asked + calls.abandoned_short, "pending": calls.waiting}
    without_short = calls.judged - calls.abandoned_short
    return {
        "answer_rate": _share(calls.answered, calls.judged, **apart),
        "answer_rate_adjusted": _share(calls.answered, without_short, **longer),
        "level": _share(calls.answered_15s, calls.judged, **apart),
        "level_of_ring": _share(calls.answered_15s_of_ring, calls.judged, **apart),
        "abandon_rate": _share(calls.abandoned, calls.judged, **apart),
        "abandon_rate_adjusted": _share(calls.abandoned - calls.abandoned_short, without_short, **longer),
        "wait_mean": _share(calls.wait_seconds, calls.answered),
        "talk_mean": _share(calls.talk_seconds, calls.answered),
        "wrap_up_mean": _share(calls.wrap_up_seconds, calls.answered),
    }


def _of_seats(conn: Connection, window: Window, first: int, last: int) -> dict[str, Figure]:
    counted = [
        seat
        for since, until, kept in _runs(conn, first, last)
        for seat in (_kept_seats(conn, since, until) if kept else _live_seats(conn, since, until, window.at))
    ]
    seats = total(counted, SeatCounts)
    shifts = figures.kept_shifts(conn, window.begins, min(window.ends, window.at)).values()
    return {
        "occupancy": _share(seats.handling, seats.signed_on - seats.break_ - seats.disabled),
        "adherence": _share(sum(each.kept for each in shifts), sum(each.planned for each in shifts)),
    }


def _calls(conn: Connection, first: int, last: int) -> dict[tuple[int, str], Counts]:
    found: dict[tuple[int, str], Counts] = {}
    for since, until, kept in _runs(conn, first, last):
        found |= _kept_calls(conn, since, until) if kept else figures.count_calls(conn, since, until)
    return found


def _runs(conn: Connection, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
    """Give the stretches that are rolled up, and those between them that must be counted: few, however many the days."""
    since = first
    for begins, ends in _rolled_up(conn, first, last):
        if since < begins:
            yield since, begins - 1, False
        yield begins, ends, True
        since = ends + 1
    if since <= last:
        yield since, last, False


def _rolled_up(conn: Connection, first: int, last: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begins, ends in figures.spans(conn):
        if begins < first or ends > last:
            continue
        if joined and joined[-1][1] == begins - 1:
            joined[-1] = (joined[-1][0], ends)
        else:
            joined.append((begins, ends))
    return joined


def _kept_calls(conn: Connection, first: int, last: int) -> dict[tuple[int, str], Counts]:
    columns = [FIGURE.c[name] for name in names_of(Counts)]
    rows = conn.execute(
        select(FIGURE.c.slot, FIGURE.c.line, *columns).where(FIGURE.c.slot.between(first, last))
    )
    return {(row.slot, row.line): Counts(*row[2:]) for row in rows}


def _kept_seats(conn: Connection, first: int, last: int) -> list[SeatCounts]:
    """Add up by the database: of seats only the sums are asked for."""
    names = names_of(SeatCounts)
    sums = [func.coalesce(func.sum(SEAT_FIGURE.c[name.rstrip("_")]), 0) for name in names]
    row = conn.execute(select(*sums).where(SEAT_FIGURE.c.slot.between(first, last))).one()
    return [SeatCounts(**dict(zip(names, row, strict=True)))]


def _live_seats(conn: Connection, first: int, last: int, at: datetime) -> list[SeatCounts]:
    return list(figures.count_seats(conn, first, last, at=at).values())


def _ring_back(conn: Connection, window: Window) -> Figure:
    rate = ring_back_lists.rate(conn, begins=window.begins, ends=window.ends, at=window.at)
    return _share(rate.rung, rate.missed, pending=rate.pending)


def _direct(conn: Connection, window: Window) -> int:
    answered = select(func.count()).where(CASE.c.state == State.ANSWERED, CASE.c.call.is_not(None))
    return int(conn.execute(answered.where(window.holds(CASE.c.received_at))).scalar_one())
