"""Planned shifts, quotas of breaks, and how the log of seats is read back."""

from datetime import timedelta
from functools import partial

import pytest

from cases.workflow import Role
from storage import history, people, seats, shifts
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.people import Account
from storage.shifts import Minutes
from tests.makers import MORNING, later


@pytest.fixture(autouse=True)
def staff(store: Store) -> None:
    """Two agents with seats, and their lead without one."""
    people_here = (
        Account("1001", "李燕", Role.AGENT, "rxzx", "s1001"),
        Account("1002", "陈静", Role.AGENT, "rxzx", "s1002"),
        Account("lead", "王班长", Role.TEAM_LEAD, "rxzx", None),
    )
    for account in people_here:
        store.write_now(partial(people.add_account, account=account, password_hash="", by="test", at=MORNING))


DAY = (MORNING, MORNING + timedelta(hours=8))


def plan(store: Store, login: str = "1001", begins: float = 0, hours: float = 8) -> None:
    begin = later(hours=begins)
    store.write_now(
        partial(
            shifts.plan,
            login=login,
            begins_at=begin,
            ends_at=begin + timedelta(hours=hours),
            by="lead",
            at=MORNING,
        )
    )


def planned(store: Store) -> list[shifts.Planned]:
    return store.read_now(partial(shifts.planned, after=DAY[0], until=DAY[1]))


def test_a_planned_shift_is_shown_with_the_seat_until_it_is_withdrawn(store: Store) -> None:
    plan(store)
    (shift,) = planned(store)
    assert (shift.login, shift.seat, shift.begins_at, shift.ends_at) == ("1001", "s1001", *DAY)
    store.write_now(partial(shifts.withdraw, number=shift.id, by="lead", at=later(hours=1)))
    assert planned(store) == []
    told = store.read_now(partial(history.of, subject="1001"))
    assert [(fact.kind, fact.actor) for fact in told][-2:] == [
        ("shift.planned", "lead"),
        ("shift.withdrawn", "lead"),
    ]


def test_two_shifts_of_one_agent_do_not_overlap_but_may_touch(store: Store) -> None:
    plan(store)
    with pytest.raises(Conflict):
        plan(store, begins=7.9)
    plan(store, begins=8)
    plan(store, login="1002", begins=7)


@pytest.mark.parametrize(("login", "hours"), [("1001", 0), ("1001", 17), ("nobody", 8), ("lead", 8)])
def test_a_shift_without_sense_or_seat_is_refused(store: Store, login: str, hours: float) -> None:
    with pytest.raises(Invalid):
        plan(store, login=login, hours=hours)


def test_what_is_not_there_cannot_be_withdrawn(store: Store) -> None:
    with pytest.raises(Missing):
        store.write_now(partial(shifts.withdraw, number=77, by="lead", at=MORNING))


def test_the_city_sets_how_long_a_break_may_last_and_the_history_knows_who(store: Store) -> None:
    for minutes in (Minutes(10, 30), Minutes(20, None)):
        store.write_now(partial(shifts.set_quota, reason="rest", minutes=minutes, by="lead", at=MORNING))
    assert store.read_now(shifts.quotas) == {"rest": Minutes(20, None)}
    assert len(store.read_now(partial(history.of, subject="break:rest"))) == 2
    with pytest.raises(Invalid):
        store.write_now(partial(shifts.set_quota, reason="rest", minutes=Minutes(0, 1), by="x", at=MORNING))


def test_the_log_of_seats_tells_who_was_what_from_when_to_when_and_by_whom(store: Store) -> None:
    def log(minute: float, state: str, reason: str = "", actor: str = "1001") -> None:
        store.write_now(
            partial(
                seats.log_state,
                seat="s1001",
                agent="1001",
                state=state,
                reason=reason,
                actor=actor,
                at=later(minutes=minute),
            )
        )

    log(-30, "break", "rest")
    log(-10, "ready")
    log(5, "break", "rest")
    log(15, "ready", actor="clock")
    log(20, "break", "meal", actor="lead")
    found = store.read_now(
        partial(seats.stretches, seats=["s1001", "s1002"], after=MORNING, until=later(hours=1))
    )
    assert list(found) == ["s1001"]
    told = [(each.state, each.actor, each.began_at, each.ended_at) for each in found["s1001"]]
    assert told == [
        ("ready", "1001", MORNING, later(minutes=5)),
        ("break", "1001", later(minutes=5), later(minutes=15)),
        ("ready", "clock", later(minutes=15), later(minutes=20)),
        ("break", "lead", later(minutes=20), None),
    ]
    assert seats.breaks_of(found["s1001"], "1001", later(minutes=50)) == {"rest": 600.0, "meal": 1800.0}


def test_an_order_from_the_wall_stands_in_the_history(store: Store) -> None:
    store.write_now(
        partial(
            seats.note_order,
            seat="s1001",
            order="pause",
            reason="晨会",
            agent="1001",
            state="ready",
            by="lead",
            at=MORNING,
        )
    )
    (fact,) = store.read_now(partial(history.of, subject="seat:s1001"))
    assert (fact.kind, fact.actor, fact.detail["reason"]) == ("seat.ordered", "lead", "晨会")
