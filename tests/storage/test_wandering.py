"""T1–T25: wherever a case wanders, its clocks end, one unit leads it, and its history tells exactly where it stands."""

import os
from collections import Counter

from sqlalchemy import Connection, func, select

from cases.clocks import Result
from cases.nesting import fits
from cases.policies import ClockKind
from cases.workflow import ENDED, Action, State
from storage import assignments, cases, history, projecting, reply_clocks
from storage.callbacks import CALLBACK
from storage.engine import Store
from storage.models import Part
from storage.moves import CASE, see
from storage.replies import REPLY
from storage.returns import RETURN
from storage.reworks import REWORK
from tests.storage.wandering import Walk, begin, settle_rules, wander

WALKS = int(os.environ.get("HOTLINE_WALKS", "8"))
"""How many walks on each database; a walk takes some tenths of a second."""
FEWEST_KINDS = 25
"""So many kinds of moves at the least are made in so few walks, or the test would show nothing."""
LONGEST = 40
_OUTLIVES = {ClockKind.FEEDBACK, ClockKind.SUPERVISE, ClockKind.REQUEST_DECISION}


def check(store: Store, walk: Walk) -> None:
    view = store.read_now(lambda conn: cases.case(conn, walk.no))
    told = store.read_now(lambda conn: projecting.told(conn, walk.no))
    kept = store.read_now(lambda conn: projecting.kept(conn, walk.no))
    assert told == kept, walk.no
    running = [clock for clock in view.clocks if clock.result in (Result.RUNNING, Result.PAUSED)]
    if view.state in ENDED:
        assert {clock.kind for clock in running} <= _OUTLIVES, walk.no
    assert all(clock.result is not Result.PAUSED for clock in running) or view.paused_at, walk.no
    leads = [task for task in view.assignments if task.part is Part.LEAD and task.ended_at is None]
    assert len(leads) <= 1
    store.read_now(lambda conn: _check_nesting(conn, walk.no))


def _check_nesting(conn: Connection, no: str) -> None:
    seen = see(conn, no)
    running = {kept.assignment: kept.clock for kept in reply_clocks.of_case(conn, seen)}
    for task in assignments.open_tasks(conn, seen.id):
        inner, outer = running.get(task.id), running.get(task.parent)
        if task.parent is not None and inner and outer:
            assert fits(inner, outer), no


def test_random_legal_walks_end_their_clocks_have_one_lead_and_are_what_their_history_tells(
    store: Store,
) -> None:
    settle_rules(store)
    done: Counter[Action] = Counter()
    numbers: list[str] = []
    for seed in range(WALKS):
        walk = begin(store, seed, numbers[-5:])
        done.update(wander(store, walk, LONGEST))
        check(store, walk)
        numbers.append(walk.no)
    assert store.read_now(history.verify) is None
    assert len(done) >= FEWEST_KINDS
    facts = [fact for no in numbers for fact in store.read_now(lambda conn, no=no: history.of(conn, no))]  # type: ignore[misc]
    states = [store.read_now(lambda conn, no=no: projecting.told(conn, no)).state for no in numbers]  # type: ignore[misc]
    assert store.read_now(lambda conn: _by_sql(conn, numbers)) == _by_hand(facts, states)


def _by_hand(facts: list[history.Fact], states: list[State | None]) -> dict[str, int]:
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


def _by_sql(conn: Connection, numbers: list[str]) -> dict[str, int]:
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
