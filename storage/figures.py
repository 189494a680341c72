"""Figures per quarter of an hour: counted by the database from calls and their stretches, rolled up for past days.

The definitions are in `cases.figures`. What is open is counted on reading; a past day is counted once and kept until a
late line touches it. Either way the same function counts, and `recount` shows that both agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, select

from cases.call_parts import HELD, TALKING, Direction, EndReason, RingResult, SegmentKind
from cases.figures import (
    AWAY,
    LEVEL_SECONDS,
    LONGEST_STATE,
    OUTCOMES,
    SHORT_SECONDS,
    SLOTS_A_DAY,
    Adherence,
    Counts,
    Promise,
    SeatCounts,
    adherence,
    begin_of,
    names_of,
    slot_of,
    split,
    total,
)
from cases.outgoing import PURPOSES
from storage import menu_figures, shifts
from storage.call_models import Call, CallSegment, SeatLog
from storage.figure_models import Figure, FigureSpan, SeatFigure, ToldWait
from storage.keeping import keep
from storage.types import table_of

CALL = table_of(Call)
SEGMENT = table_of(CallSegment)
SEAT_LOG = table_of(SeatLog)
TOLD = table_of(ToldWait)
FIGURE = table_of(Figure)
SEAT_FIGURE = table_of(SeatFigure)
SPAN = table_of(FigureSpan)

BySlot = Mapping[tuple[int, str], Counts]
BySeat = Mapping[tuple[int, str], SeatCounts]
# No call and no work after one lasts longer, so no stretch that began earlier reaches into a slot.
SLOTS_OF_A_CALL = SLOTS_A_DAY
MOST_PROMISES = 50_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a rolled-up figure is not what a new count finds."""

    slot: int
    key: str
    field: str
    kept: float
    counted: float


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _seconds(column: Any, condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, column), else_=0.0)), 0.0)


_IN = CALL.c.direction == Direction.INCOMING
_ASKED = _IN & CALL.c.queued_at.is_not(None)
_ANSWERED = _ASKED & CALL.c.answered_at.is_not(None)
_ABANDONED = _ASKED & CALL.c.answered_at.is_(None) & (CALL.c.end_reason == EndReason.ABANDONED_IN_LINE)
# Of seats: whom the hotline rings by itself is no work of theirs.
_OUT = (CALL.c.direction == Direction.OUTGOING) & CALL.c.purpose.not_in(tuple(PURPOSES.values()))
_COUNTED: Mapping[str, Any] = {
    "offered": _sum(_IN),
    "asked": _sum(_ASKED),
    "waiting": _sum(_ASKED & CALL.c.answered_at.is_(None) & CALL.c.end_reason.is_(None)),
    "answered": _sum(_ANSWERED),
    "answered_15s": _sum(_ANSWERED & (CALL.c.wait_seconds <= LEVEL_SECONDS)),
    "answered_15s_of_ring": _sum(_ANSWERED & (CALL.c.answer_seconds <= LEVEL_SECONDS)),
    "abandoned": _sum(_ABANDONED),
    "abandoned_short": _sum(_ABANDONED & (CALL.c.wait_seconds < SHORT_SECONDS)),
    **{name: _sum(_IN & (CALL.c.end_reason == EndReason(name))) for name in OUTCOMES if name != "open"},
    "open": _sum(_IN & CALL.c.end_reason.is_(None)),
    "wait_seconds": _seconds(CALL.c.wait_seconds, _ANSWERED),
    "wait_longest": func.coalesce(func.max(case((_ASKED, CALL.c.wait_seconds), else_=0.0)), 0.0),
    "talk_seconds": _seconds(CALL.c.talk_seconds, _ANSWERED),
    "hold_seconds": _seconds(CALL.c.hold_seconds, _ANSWERED),
    "wrap_up_seconds": _seconds(CALL.c.wrap_up_seconds, _ANSWERED),
    "outgoing": _sum(_OUT),
    "reached": _sum(_OUT & CALL.c.answered_at.is_not(None)),
}


def _calls_by(column: Any) -> Any:
    return (
        select(CALL.c.slot, column, *(_COUNTED[name].label(name) for name in names_of(Counts)))
        .where(CALL.c.slot.between(bindparam("first"), bindparam("last")))
        .group_by(CALL.c.slot, column)
    )


_CALLS, _CALLS_OF_SKILLS = _calls_by(CALL.c.line), _calls_by(CALL.c.skill)
_OF_SEATS = (SEGMENT.c.seat != "") & SEGMENT.c.slot.between(bindparam("early"), bindparam("last"))
_WHOLE = (
    select(
        SEGMENT.c.slot,
        SEGMENT.c.seat,
        SEGMENT.c.kind,
        func.sum(SEGMENT.c.seconds).label("seconds"),
    )
    .where(_OF_SEATS, SEGMENT.c.last_slot == SEGMENT.c.slot, SEGMENT.c.slot >= bindparam("first"))
    .group_by(SEGMENT.c.slot, SEGMENT.c.seat, SEGMENT.c.kind)
)
_ACROSS = select(SEGMENT).where(
    _OF_SEATS, SEGMENT.c.last_slot > SEGMENT.c.slot, SEGMENT.c.last_slot >= bindparam("first")
)
# A talk goes on through holds: it counts where its first piece begins.
_OFFERS = (
    select(
        SEGMENT.c.slot,
        SEGMENT.c.seat,
        _sum(SEGMENT.c.result == RingResult.ANSWERED).label("answered"),
        _sum(SEGMENT.c.result.in_((RingResult.NO_ANSWER, RingResult.REFUSED, RingResult.BUSY))).label(
            "missed"
        ),
    )
    .where(
        (SEGMENT.c.seat != "") & SEGMENT.c.slot.between(bindparam("first"), bindparam("last")),
        SEGMENT.c.kind.in_((SegmentKind.RINGING, SegmentKind.TRANSFER)),
    )
    .group_by(SEGMENT.c.slot, SEGMENT.c.seat)
)
_STATES = (
    select(SEAT_LOG.c.seat, SEAT_LOG.c.at, SEAT_LOG.c.state, SEAT_LOG.c.agent)
    .where(SEAT_LOG.c.at >= bindparam("since"), SEAT_LOG.c.at < bindparam("until"))
    .order_by(SEAT_LOG.c.seat, SEAT_LOG.c.at)
)
_KEPT = select(FIGURE.c.slot, FIGURE.c.line, *(FIGURE.c[name] for name in names_of(Counts)))
_SPENT = {
    SegmentKind.RINGING: "ringing",
    SegmentKind.TRANSFER: "ringing",
    **dict.fromkeys(TALKING, "talk"),
    **dict.fromkeys(HELD, "hold"),
}
_STATE = {"ready": "ready", "wrap_up": "wrap_up", "break": "break_", "disabled": "disabled"}


def count_calls(conn: Connection, first: int, last: int) -> BySlot:
    """Count the calls offered in these quarters of an hour, by line. Line '' holds the calls of ours."""
    rows = conn.execute(_CALLS, {"first": first, "last": last})
    return {(row.slot, row.line): _counts(row) for row in rows}


def count_skills(conn: Connection, first: int, last: int) -> BySlot:
    """Count the same calls by what they asked for; skill '' holds those that any seat may take, and the calls of ours."""
    rows = conn.execute(_CALLS_OF_SKILLS, {"first": first, "last": last})
    return {(row.slot, row.skill): _counts(row) for row in rows}


def count_seats(conn: Connection, first: int, last: int, *, at: datetime) -> BySeat:
    """Add up what seats did in these quarters of an hour. What goes on counts when it ends, a state until `at`."""
    spent: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    window = {"first": first, "last": last, "early": first - SLOTS_OF_A_CALL}
    for row in conn.execute(_WHOLE, window):
        if name := _SPENT.get(row.kind):
            spent[row.slot, row.seat][name] += row.seconds
    for row in conn.execute(_ACROSS, window):
        if name := _SPENT.get(row.kind):
            for slot, seconds in split(row.began_at, row.ended_at):
                spent[slot, row.seat][name] += seconds
    for row in conn.execute(_OFFERS, {"first": first, "last": last}):
        spent[row.slot, row.seat]["answered"] += row.answered
        spent[row.slot, row.seat]["missed"] += row.missed
    _add_states(conn, spent, begin_of(first), min(begin_of(last + 1), at))
    return {key: _spent(sums) for key, sums in spent.items() if first <= key[0] <= last}


def _spent(sums: Mapping[str, float]) -> SeatCounts:
    whole: Mapping[str, Any] = {name: int(sums.get(name, 0)) for name in ("answered", "missed")}
    return SeatCounts(**{**{name: round(value, 3) for name, value in sums.items()}, **whole})


def _add_states(
    conn: Connection, spent: dict[tuple[int, str], dict[str, float]], since: datetime, until: datetime
) -> None:
    for stretch in stretches(conn, since, until):
        for slot, seconds in split(stretch.began_at, stretch.ended_at):
            spent[slot, stretch.seat]["signed_on"] += seconds
            if name := _STATE.get(stretch.state):
                spent[slot, stretch.seat][name] += seconds


@dataclass(frozen=True, slots=True)
class Stretch:
    """A seat in one state, within the time that was asked for."""

    seat: str
    agent: str
    state: str
    began_at: datetime
    ended_at: datetime


def stretches(conn: Connection, since: datetime, until: datetime) -> Iterator[Stretch]:
    """Give how seats were signed on in this time; a state that nobody ended counts for a limited time only."""
    rows = conn.execute(_STATES, {"since": since - LONGEST_STATE, "until": until}).all()
    for row, following in zip_longest(rows, rows[1:]):
        ends = following.at if following is not None and following.seat == row.seat else until
        ends = min(ends, row.at + LONGEST_STATE, until)
        if row.state != "offline" and ends > since:
            yield Stretch(row.seat, row.agent, row.state, max(row.at, since), ends)


def kept_shifts(conn: Connection, since: datetime, until: datetime) -> dict[str, Adherence]:
    """Return how each seat kept the shifts planned in this time. Breaks and failed telephones are not kept time."""
    there: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for stretch in stretches(conn, since, until):
        if stretch.state not in AWAY:
            there[stretch.agent].append((stretch.began_at, stretch.ended_at))
    plans: dict[str, list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for plan in shifts.planned(conn, after=since, until=until):
        plans[plan.seat].append((plan.login, max(plan.begins_at, since), min(plan.ends_at, until)))
    return {seat: adherence(some, there) for seat, some in plans.items()}


def calls_between(conn: Connection, first: int, last: int) -> BySlot:
    """Return the counts of these quarters of an hour, from the roll-up where there is one."""
    if not is_kept(conn, first, last):
        return count_calls(conn, first, last)
    rows = conn.execute(_KEPT.where(FIGURE.c.slot.between(first, last)))
    return {(row.slot, row.line): _counts(row) for row in rows}


def seats_between(conn: Connection, first: int, last: int, *, at: datetime) -> BySeat:
    if not is_kept(conn, first, last):
        return count_seats(conn, first, last, at=at)
    rows = conn.execute(select(SEAT_FIGURE).where(SEAT_FIGURE.c.slot.between(first, last)))
    return {(row.slot, row.seat): _seat(row) for row in rows}


def roll_up(conn: Connection, first: int, last: int, *, at: datetime) -> None:
    """Keep the figures of a day that is over."""
    calls, seats = count_calls(conn, first, last), count_seats(conn, first, last, at=at)
    for table in (FIGURE, SEAT_FIGURE):
        conn.execute(delete(table).where(table.c.slot.between(first, last)))
    if calls:
        rows = [{"slot": slot, "line": line, **asdict(counts)} for (slot, line), counts in calls.items()]
        conn.execute(insert(FIGURE), rows)
    if seats:
        conn.execute(insert(SEAT_FIGURE), [_seat_row(*key, counts) for key, counts in seats.items()])
    menu_figures.roll_up(conn, first, last)
    keep(conn, SPAN, {"first_slot": first}, {"last_slot": last, "made_at": at})


def spans(conn: Connection) -> list[tuple[int, int]]:
    """Return which quarters of an hour are rolled up, the oldest first."""
    rows = conn.execute(select(SPAN.c.first_slot, SPAN.c.last_slot).order_by(SPAN.c.first_slot))
    return [(row.first_slot, row.last_slot) for row in rows]


def first_call(conn: Connection) -> datetime | None:
    """Return when the first call of all was offered."""
    at: datetime | None = conn.execute(
        select(CALL.c.offered_at).order_by(CALL.c.offered_at).limit(1)
    ).scalar()
    return at


def recount(conn: Connection, first: int, last: int, *, at: datetime) -> list[Difference]:
    """Count a rolled-up day again and return where the roll-up differs; it must differ nowhere."""
    calls = {
        (row.slot, row.line): _counts(row)
        for row in conn.execute(_KEPT.where(FIGURE.c.slot.between(first, last)))
    }
    seats = {(row.slot, row.seat): _seat(row) for row in _rows(conn, SEAT_FIGURE, first, last)}
    return [
        *_compare(calls, count_calls(conn, first, last), Counts()),
        *_compare(seats, count_seats(conn, first, last, at=at), SeatCounts()),
    ]


def promises(conn: Connection, since: datetime, until: datetime) -> list[Promise]:
    """Return what callers were told of their wait in this time, and how it went."""
    rows = conn.execute(
        select(TOLD.c.at, TOLD.c.low, TOLD.c.high, TOLD.c.waited, TOLD.c.answered)
        .where(TOLD.c.at >= since, TOLD.c.at < until)
        .order_by(TOLD.c.at)
        .limit(MOST_PROMISES)
    )
    return [Promise(*row) for row in rows]


def lines(found: Iterable[tuple[int, str]]) -> list[str]:
    """Return the lines that had calls, in the order of their numbers."""
    return sorted({line for _, line in found if line})


def by_slot(found: BySlot, line: str = "") -> dict[int, Counts]:
    """Add up the lines of each quarter of an hour, or take one line only. Calls of ours belong to no line."""
    slots: dict[int, list[Counts]] = defaultdict(list)
    for (slot, of), counts in found.items():
        if not line or of == line:
            slots[slot].append(counts)
    return {slot: total(some, Counts) for slot, some in sorted(slots.items())}


def is_kept(conn: Connection, first: int, last: int) -> bool:
    """Tell whether a roll-up holds all of these quarters of an hour."""
    found = conn.execute(
        select(SPAN.c.first_slot).where(SPAN.c.first_slot <= first, SPAN.c.last_slot >= last)
    )
    return found.first() is not None


def _rows(conn: Connection, table: Any, first: int, last: int) -> list[Row[Any]]:
    return list(conn.execute(select(table).where(table.c.slot.between(first, last))))


def _counts(row: Row[Any]) -> Counts:
    """Return the counts of a row: its slot, its line, and then everything in the order of the definition."""
    rest: tuple[Any, ...] = tuple(row)[2:]
    values = [round(value, 3) for value in rest]
    return Counts(*values)


def _seat(row: Row[Any]) -> SeatCounts:
    values = row._mapping  # noqa: SLF001 - the only way to a column whose name is a word of Python's
    return SeatCounts(**{part.name: values[part.name.rstrip("_")] for part in fields(SeatCounts)})


def _seat_row(slot: int, seat: str, counts: SeatCounts) -> dict[str, Any]:
    values = {name.rstrip("_"): value for name, value in asdict(counts).items()}
    return {"slot": slot, "seat": seat, **values}


def _compare(kept: Mapping[Any, Any], counted: Mapping[Any, Any], none: Any) -> list[Difference]:
    found: list[Difference] = []
    for key in sorted({*kept, *counted}):
        one, other = kept.get(key, none), counted.get(key, none)
        for part in fields(none):
            before, after = getattr(one, part.name), getattr(other, part.name)
            if before != after:
                found.append(Difference(key[0], key[1], part.name, before, after))
    return found


def day_slots(begins: datetime, ends: datetime) -> tuple[int, int]:
    """Return the first and the last quarter of an hour of a day of the city."""
    return slot_of(begins), slot_of(ends) - 1


def sum_of_outcomes(counts: Counts) -> int:
    """Return how many calls have an outcome, counting those still open; it must be all that were offered (SH-01)."""
    return sum(int(getattr(counts, name)) for name in OUTCOMES)
