"""Many walks one after the other, and what must hold for each of them however it went."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from cases.clocks import Result
from cases.nesting import fits
from cases.policies import ClockKind
from cases.replay import Event, replay
from cases.workflow import ENDED, Action, State
from storage import assignments, history, projecting, reply_clocks
from storage.assignments import ASSIGNMENT
from storage.callbacks import CALLBACK
from storage.clocks import CLOCK
from storage.engine import Store
from storage.models import Part
from storage.moves import CASE, see
from storage.replies import REPLY
from storage.returns import RETURN
from storage.reworks import REWORK
from storage.types import Base
from tests.storage.one_transaction import OneTransaction
from tests.storage.strides import Walk
from tests.storage.wandering import begin, break_rules, settle_rules, wander

LONGEST = 40
TRICKS = 6
"""So many moves that nobody may make are tried in each walk."""
BATCH = 25
"""So many walks are checked, and committed, together."""
_OUTLIVES = (ClockKind.FEEDBACK, ClockKind.SUPERVISE, ClockKind.REQUEST_DECISION)
_ROWS = {"case_file": "SELECT * FROM case_file WHERE id = "} | {
    table.name: f'SELECT * FROM {table.name} WHERE "case" = '
    for table in Base.metadata.sorted_tables
    if "case" in table.c and table.c.case.foreign_keys
}
"""How to ask each table for what it keeps of a case."""


@dataclass
class Tally:
    """What was done in a number of walks, and what was wrong with them."""

    walks: int = 0
    done: Counter[Action] = field(default_factory=Counter)
    refused: int = 0
    unlawful: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.walks += other.walks
        self.done += other.done
        self.refused += other.refused
        self.unlawful += other.unlawful
        self.wrong += other.wrong

    def __str__(self) -> str:
        return (
            f"{self.walks} walks, {self.done.total()} moves of {len(self.done)} kinds, {self.refused} refused "
            f"({self.unlawful} of them out of turn or by the wrong post), {len(self.wrong)} violations"
        )


def roam(url: str, seeds: Iterable[int]) -> Tally:
    """Walk once with each seed, in one database, and check all of them."""
    database = OneTransaction(url)
    store = Store(database)
    settle_rules(store)
    tally, waiting, last = Tally(), list(seeds), store.read_now(history.newest)
    while waiting:
        now, waiting = waiting[:BATCH], waiting[BATCH:]
        walks: list[Walk] = []
        for seed in now:
            walk = begin(store, seed, [walk.no for walk in walks[-5:]])
            tally.wrong += go(store, walk)
            walks.append(walk)
        tally.add(_tally_of(walks))
        tally.wrong += store.read_now(partial(check, walks=walks))
        tally.wrong += [
            str(broken) for broken in [store.read_now(partial(history.verify, after=last))] if broken
        ]
        last = store.read_now(history.newest)
        database.commit()
    store.close()
    return tally


def _tally_of(walks: Sequence[Walk]) -> Tally:
    done = Counter(action for walk in walks for action in walk.done)
    return Tally(len(walks), done, sum(walk.refused for walk in walks), TRICKS * len(walks))


def go(store: Store, walk: Walk) -> list[str]:
    """Walk some way, try what nobody may do, see that it changed nothing, and walk on."""
    look = wander(store, walk, walk.dice.randrange(LONGEST))
    before, lines = store.read_now(lambda conn: (_everything(conn, look.id), _logged(conn, walk.no)))
    wrong = break_rules(store, walk, look, TRICKS)
    after, more = store.read_now(lambda conn: (_everything(conn, look.id), _logged(conn, walk.no)))
    if before != after:
        changed = [name for name in before if before[name] != after[name]]
        wrong.append(f"{walk.no}: what was refused has changed {changed}")
    if more[0] - lines[0] != TRICKS or more[1] != lines[1]:
        wrong.append(f"{walk.no}: {TRICKS} refusals, but the history went from {lines} to {more}")
    wander(store, walk, LONGEST)
    return wrong


def _everything(conn: Connection, case: int) -> dict[str, list[Any]]:
    """Return every row of every table that is about a case, as the driver has it."""
    raw: Any = conn.connection.driver_connection
    return {name: sorted(raw.execute(f"{rows}{case:d}").fetchall(), key=repr) for name, rows in _ROWS.items()}


def _logged(conn: Connection, no: str) -> tuple[int, int]:
    """Count the lines of the history that tell of refusals, and the others."""
    kinds = [fact.kind for fact in history.of(conn, no)]
    return kinds.count("refused"), len(kinds) - kinds.count("refused")


def check(conn: Connection, walks: Sequence[Walk]) -> list[str]:
    """Return what does not hold: of each case by itself, of all by one question, and of the figures."""
    wrong: list[str] = []
    facts: list[history.Fact] = []
    states: list[State | None] = []
    for walk in walks:
        mine = history.of(conn, walk.no)
        told = replay(Event(fact.kind, fact.at, fact.detail) for fact in mine)
        if told != projecting.kept(conn, walk.no):
            wrong.append(f"{walk.no}: the rows are not what the history tells")
        if (logged := sum(fact.kind == "refused" for fact in mine)) != walk.refused:
            wrong.append(f"{walk.no}: refused {walk.refused} times, logged {logged} times")
        wrong += _not_nested(conn, walk.no)
        facts += mine
        states.append(told.state)
    numbers = [walk.no for walk in walks]
    wrong += _clocks_without_end(conn, numbers) + _too_many_leads(conn, numbers)
    counted, recounted = by_sql(conn, numbers), by_hand(facts, states)
    return wrong if counted == recounted else [*wrong, f"counted {counted}, recounted {recounted}"]


def _not_nested(conn: Connection, no: str) -> list[str]:
    seen = see(conn, no)
    running = {kept.assignment: kept.clock for kept in reply_clocks.of_case(conn, seen)}
    return [
        f"{no}: the clock of {task.unit} ends after the one above it"
        for task in assignments.open_tasks(conn, seen.id)
        if task.parent in running and task.id in running and not fits(running[task.id], running[task.parent])
    ]


def _of(numbers: Sequence[str], *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(CASE.c.no.in_(numbers), *which)


def _clocks_without_end(conn: Connection, numbers: Sequence[str]) -> list[str]:
    """Name the clocks that run on after the end, and those that are stopped although the case is not paused."""
    open_one = CLOCK.c.result.in_([Result.RUNNING, Result.PAUSED])
    outlived = and_(CASE.c.state.in_(ENDED), open_one, CLOCK.c.kind.not_in(_OUTLIVES))
    stopped = and_(CLOCK.c.result == Result.PAUSED, CASE.c.paused_at.is_(None))
    rows = select(CASE.c.no, CASE.c.state, CLOCK.c.kind, CLOCK.c.result).join(
        CLOCK, CLOCK.c.case == CASE.c.id
    )
    found = conn.execute(rows.where(_of(numbers, or_(outlived, stopped))))
    return [f"{row.no}: {row.state}, but the clock {row.kind} is {row.result}" for row in found]


def _too_many_leads(conn: Connection, numbers: Sequence[str]) -> list[str]:
    lead = and_(ASSIGNMENT.c.part == Part.LEAD, ASSIGNMENT.c.ended_at.is_(None))
    rows = select(CASE.c.no).join(ASSIGNMENT, ASSIGNMENT.c.case == CASE.c.id).where(_of(numbers, lead))
    found = conn.execute(rows.group_by(CASE.c.no).having(func.count() > 1)).scalars()
    return [f"{no}: two units lead" for no in found]


def by_hand(facts: Sequence[history.Fact], states: Sequence[State | None]) -> dict[str, int]:
    """Count as somebody would who reads the histories of the cases, one after the other."""
    kinds = Counter(fact.kind for fact in facts)
    said = Counter(
        fact.detail["satisfied"]
        for fact in facts
        if fact.kind == "case.closed" and fact.detail["result"] == "reached"
    )
    return {
        "returns": kinds["return.requested"],
        "reworks": kinds["rework.opened"],
        "replies": kinds["reply.submitted"],
        "closed": states.count(State.CLOSED),
        "satisfied": said["满意"] + said["基本满意"],
        "answered": said["满意"] + said["基本满意"] + said["不满意"],
    }


def by_sql(conn: Connection, numbers: Sequence[str]) -> dict[str, int]:
    """Count in the tables from which I-2, I-3, I-7, I-11 and I-12 are worked out."""
    mine = select(CASE.c.id).where(CASE.c.no.in_(numbers))
    happy = CALLBACK.c.satisfied.in_(["满意", "基本满意"])
    asked = CALLBACK.c.satisfied.in_(["满意", "基本满意", "不满意"])
    counts = {
        "returns": select(func.count()).select_from(RETURN).where(RETURN.c.case.in_(mine)),
        "reworks": select(func.count()).select_from(REWORK).where(REWORK.c.case.in_(mine)),
        "replies": select(func.count())
        .select_from(REPLY)
        .where(REPLY.c.case.in_(mine), REPLY.c.submitted_at.is_not(None)),
        "closed": select(func.count())
        .select_from(CASE)
        .where(CASE.c.id.in_(mine), CASE.c.state == State.CLOSED),
        "satisfied": select(func.count()).select_from(CALLBACK).where(CALLBACK.c.case.in_(mine), happy),
        "answered": select(func.count()).select_from(CALLBACK).where(CALLBACK.c.case.in_(mine), asked),
    }
    return {name: conn.execute(count).scalar_one() for name, count in counts.items()}
