"""The figures of the voice menus, counted by the database from turns and calls, and rolled up with the day's figures.

The definitions are in `cases.menu_figures`. What is open is counted on reading; a past day is counted once, with the
other figures of it, and kept until a late line touches it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select

from cases.call_parts import Direction
from cases.menu_figures import TurnCounts, WayCounts, total, turn, way
from storage.call_models import Call
from storage.figure_models import FigureSpan
from storage.menu_figure_models import MenuFigure, MenuTurn, WayFigure
from storage.types import table_of

CALL = table_of(Call)
TURN = table_of(MenuTurn)
FIGURE = table_of(MenuFigure)
WAY = table_of(WayFigure)
SPAN = table_of(FigureSpan)

Turns = Mapping[tuple[str, str], TurnCounts]
"""By grammar and version."""
Ways = Mapping[str, WayCounts]
"""By version; '' met no menu."""

_KEYS = (TURN.c.grammar, TURN.c.version, TURN.c.mode, TURN.c.outcome, TURN.c.left)
_TURNS = (
    select(*_KEYS, func.count().label("times"), func.sum(TURN.c.seconds).label("seconds"))
    .where(TURN.c.slot.between(bindparam("first"), bindparam("last")))
    .group_by(*_KEYS)
)
_MET = (
    select(TURN.c.call, func.max(TURN.c.version).label("version"))
    .where(TURN.c.slot.between(bindparam("first"), bindparam("last")))
    .group_by(TURN.c.call)
    .subquery()
)
_WAYS = (
    select(
        func.coalesce(_MET.c.version, "").label("version"),
        CALL.c.offered_at,
        CALL.c.queued_at,
        CALL.c.answer_seconds,
        CALL.c.end_reason,
    )
    .select_from(CALL.outerjoin(_MET, _MET.c.call == CALL.c.id))
    .where(CALL.c.slot.between(bindparam("first"), bindparam("last")), CALL.c.direction == Direction.INCOMING)
)
_IS_KEPT = select(SPAN.c.first_slot).where(
    SPAN.c.first_slot == bindparam("first"), SPAN.c.last_slot >= bindparam("last")
)


def count_turns(conn: Connection, first: int, last: int) -> Turns:
    """Count the turns of the calls offered in these quarters of an hour."""
    found: dict[tuple[str, str], list[TurnCounts]] = defaultdict(list)
    for row in conn.execute(_TURNS, {"first": first, "last": last}):
        counts = turn(row.mode, row.outcome, row.left, times=row.times, seconds=row.seconds)
        found[row.grammar, row.version].append(counts)
    return {key: total(some, TurnCounts) for key, some in found.items()}


def count_ways(conn: Connection, first: int, last: int) -> Ways:
    """Count how the callers of these quarters of an hour came to a person."""
    found: dict[str, list[WayCounts]] = defaultdict(list)
    for row in conn.execute(_WAYS, {"first": first, "last": last}):
        found[row.version].append(
            way(
                row.offered_at,
                queued_at=row.queued_at,
                answer_seconds=row.answer_seconds,
                end_reason=row.end_reason,
            )
        )
    return {version: total(some, WayCounts) for version, some in found.items()}


def turns_of_day(conn: Connection, first: int, last: int) -> Turns:
    """Return the counts of one day of the city, from the roll-up where there is one."""
    rows = _kept(conn, FIGURE, first, last)
    kept = {(row["grammar"], row["version"]): TurnCounts(**_counts(row)) for row in rows}
    return kept or count_turns(conn, first, last)


def ways_of_day(conn: Connection, first: int, last: int) -> Ways:
    rows = _kept(conn, WAY, first, last)
    return {row["version"]: WayCounts(**_counts(row)) for row in rows} or count_ways(conn, first, last)


def roll_up(conn: Connection, first: int, last: int) -> None:
    """Keep the figures of a day that is over, in the transaction in which its other figures are kept."""
    turns, ways = count_turns(conn, first, last), count_ways(conn, first, last)
    for table in (FIGURE, WAY):
        conn.execute(delete(table).where(table.c.first_slot == first))
    if turns:
        conn.execute(insert(FIGURE), [_turn_row(first, *key, counts) for key, counts in turns.items()])
    if ways:
        rows = [
            {"first_slot": first, "version": version, **asdict(counts)} for version, counts in ways.items()
        ]
        conn.execute(insert(WAY), rows)


def _turn_row(first: int, grammar: str, version: str, counts: TurnCounts) -> dict[str, Any]:
    return {"first_slot": first, "grammar": grammar, "version": version, **asdict(counts)}


def _counts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"first_slot", "grammar", "version"}}


def _kept(conn: Connection, table: Table, first: int, last: int) -> list[dict[str, Any]]:
    """Return the rows of a day that is rolled up. A day from before these figures has none, and is counted."""
    if conn.execute(_IS_KEPT, {"first": first, "last": last}).first() is None:
        return []
    return [dict(row) for row in conn.execute(select(table).where(table.c.first_slot == first)).mappings()]
