"""Indicators of the line: taken from the figures per quarter of an hour, so that both pages tell the same."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from cases.figures import SLOTS_A_DAY, Counts, SeatCounts, slot_of, total, worst_day
from cases.indicators import NOTHING, Figure, Form, Tally, figure_of
from cases.workflow import State
from storage import figures, ring_back_lists
from storage.indicator_facts import Window
from storage.intake import CASE


def line_figures(conn: Connection, window: Window) -> dict[str, Figure]:
    """Return every indicator of the line for the calls offered in the period."""
    first, last = slot_of(window.begins), slot_of(window.ends) - 1
    calls = _calls(conn, first, last)
    return {
        **_of_calls(calls),
        **_of_seats(conn, window),
        "worst_day": _worst(conn, first, last),
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


def _of_seats(conn: Connection, window: Window) -> dict[str, Figure]:
    first, last = slot_of(window.begins), slot_of(window.ends) - 1
    days = [figures.seats_between(conn, since, until, at=window.at) for since, until in _days(first, last)]
    seats = total([counts for day in days for counts in day.values()], SeatCounts)
    kept = figures.kept_shifts(conn, window.begins, min(window.ends, window.at)).values()
    return {
        "occupancy": _share(seats.handling, seats.signed_on - seats.break_ - seats.disabled),
        "adherence": _share(sum(each.kept for each in kept), sum(each.planned for each in kept)),
    }


def _calls(conn: Connection, first: int, last: int) -> Counts:
    found = (figures.calls_between(conn, since, until) for since, until in _days(first, last))
    return total([counts for day in found for counts in day.values()], Counts)


def _days(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Give the days, because a day that is over has been counted and kept as one."""
    for since in range(first, last + 1, SLOTS_A_DAY):
        yield since, min(since + SLOTS_A_DAY - 1, last)


def _worst(conn: Connection, first: int, last: int) -> Figure:
    by_slot: dict[int, Counts] = {}
    for since, until in _days(first - SLOTS_A_DAY, last):
        by_slot |= figures.by_slot(figures.calls_between(conn, since, until))
    worst = worst_day(by_slot, first=first, last=last)
    return Figure(worst.rate) if worst else NOTHING


def _ring_back(conn: Connection, window: Window) -> Figure:
    rate = ring_back_lists.rate(conn, begins=window.begins, ends=window.ends, at=window.at)
    return _share(rate.rung, rate.missed, pending=rate.pending)


def _direct(conn: Connection, window: Window) -> int:
    answered = select(func.count()).where(CASE.c.state == State.ANSWERED, CASE.c.call.is_not(None))
    return int(conn.execute(answered.where(window.holds(CASE.c.received_at))).scalar_one())
