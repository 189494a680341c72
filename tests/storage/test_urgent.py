"""H-02 on both databases: on the spot in thirty minutes or the leader is told, and followed to the end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.clocks import Result
from cases.policies import ClockKind
from cases.rules import rules_for
from cases.workflow import Role
from storage import cases, duty, follows, people, sweep, urgent, urgent_lists
from storage.duty import DutyForm
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.people import Account, Actor
from storage.steps import NotForYou, TooLate
from storage.urgent_lists import UrgentView
from tests.makers import AGENT, CITIZEN, DISPATCHER, HANDLER, a_reply
from tests.storage import walks
from tests.storage.walks import kinds, view

RULES = rules_for("HK", policy="haikou-2017")
NIGHT = datetime.fromisoformat("2026-10-01T02:00:00+08:00")
"""Two in the night of the National Day."""
LEAD = Actor("9001", Role.TEAM_LEAD, "rxzx")
COLLEAGUE = Actor("1002", Role.AGENT, "rxzx")
WATER = Actor("swjt01", Role.HANDLER, "swjt")
STAFF = (
    Account("1001", "李燕", Role.AGENT, "rxzx", None),
    Account("1002", "陈静", Role.AGENT, "rxzx", None),
    Account("9001", "周班长", Role.TEAM_LEAD, "rxzx", None),
    Account("szgc02", "市政承办人", Role.HANDLER, "szgc", None),
)


def after(**span: float) -> datetime:
    return NIGHT + timedelta(**span)


def alarm(store: Store, urgency: str = "紧急") -> str:
    """An urgent case that came at night and was dispatched at once."""
    for account in STAFF:
        store.write_now(
            lambda conn, account=account: people.add_account(  # type: ignore[misc] # bound early on purpose
                conn, account, password_hash="-", by="test", at=NIGHT
            )
        )
    no = walks.registered(store, at=NIGHT, rules=RULES, urgency=urgency).no
    store.write_now(lambda conn: cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=NIGHT, rules=RULES))
    return no


def do(store: Store, step: Callable[..., Any], no: str, *words: Any, **named: Any) -> Any:
    return store.write_now(lambda conn: step(conn, no, *words, **named))


def look(store: Store, no: str) -> UrgentView:
    return store.read_now(lambda conn: urgent_lists.of_case(conn, no))[0]


def on_site(store: Store, no: str) -> Any:
    return [one for one in view(store, no).clocks if one.kind is ClockKind.ON_SITE][-1]


def swept(store: Store, at: datetime) -> None:
    while store.write_now(lambda conn: sweep.sweep(conn, at, RULES)):
        pass


def to_ring(store: Store) -> list[tuple[str, str, str]]:
    calls = store.read_now(urgent_lists.to_ring)
    return [(one.purpose, one.rank, one.number) for one in calls]


def on_rota(store: Store, rank: str, number: str, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "unit": "szgc",
        "rank": rank,
        "name": "林值班",
        "number": number,
        "begins_at": NIGHT - timedelta(days=1),
    }
    form = DutyForm(**fields | changes)
    store.write_now(lambda conn: duty.plan(conn, form, by=LEAD, at=NIGHT))


def test_h_02_thirty_minutes_run_in_the_night_of_a_holiday_and_somebody_is_to_be_rung(store: Store) -> None:
    on_rota(store, "duty", "13905910001")
    no = alarm(store)
    assert on_site(store, no).due_at == after(minutes=30)
    assert to_ring(store) == [("alarm", "duty", "13905910001")]
    assert "urgent.opened" in kinds(store, no)
    assert look(store, no).follower == "1001"


def test_h_02_an_ordinary_case_alarms_nobody(store: Store) -> None:
    no = alarm(store, "一般")
    assert "urgent.opened" not in kinds(store, no)
    assert to_ring(store) == []
    with pytest.raises(TooLate):
        do(store, urgent.acknowledge, no, by=HANDLER, at=after(minutes=1))


def test_h_02_arrival_names_who_when_and_where_and_stops_the_clock(store: Store) -> None:
    no = alarm(store)
    do(store, urgent.acknowledge, no, by=HANDLER, at=after(minutes=2))
    do(store, urgent.contact, no, by=HANDLER, at=after(minutes=4))
    with pytest.raises(Invalid):
        do(store, urgent.check_in, no, "gps", " ", by=HANDLER, at=after(minutes=25))
    do(store, urgent.check_in, no, "gps", "26.0745,119.2965", by=HANDLER, at=after(minutes=25))
    kept = look(store, no)
    assert (kept.arrived_by, kept.arrived_at, kept.where) == ("szgc02", after(minutes=25), "26.0745,119.2965")
    assert on_site(store, no).result is Result.MET
    assert to_ring(store) == []
    swept(store, after(minutes=31))
    assert "urgent.not_there" not in kinds(store, no)
    with pytest.raises(NotForYou):
        do(store, urgent.finish, no, "好了", by=WATER, at=after(minutes=26))


def test_h_02_at_minute_31_the_duty_leader_is_to_be_rung_once(store: Store) -> None:
    on_rota(store, "leader", "13905910009")
    no = alarm(store)
    swept(store, after(minutes=30))
    assert [purpose for purpose, _, _ in to_ring(store)] == ["alarm"]
    for _ in range(2):
        swept(store, after(minutes=31))
    assert to_ring(store)[1:] == [("not_there", "leader", "13905910009")]
    assert kinds(store, no).count("urgent.not_there") == 1
    do(store, urgent.check_in, no, "seen", "社区网格员在场", by=HANDLER, at=after(minutes=40))
    assert on_site(store, no).result is Result.MISSED
    assert to_ring(store) == []


def test_h_02_needs_two_hours_opens_a_promised_time_and_breaking_it_is_told(store: Store) -> None:
    no = alarm(store)
    do(store, urgent.check_in, no, "seen", "现场", by=HANDLER, at=after(minutes=20))
    with pytest.raises(Invalid):
        do(store, urgent.promise, no, 0, "抢修", by=HANDLER, at=after(minutes=30), rules=RULES)
    do(store, urgent.promise, no, 120, "需更换阀门", by=HANDLER, at=after(minutes=30), rules=RULES)
    promised = look(store, no).promise
    assert promised is not None
    assert (promised.minutes, promised.until) == (120, after(minutes=150))
    swept(store, after(minutes=150))
    assert "urgent.promise_broken" not in kinds(store, no)
    swept(store, after(minutes=151))
    assert kinds(store, no).count("urgent.promise_broken") == 1
    assert [purpose for purpose, _, _ in to_ring(store)] == ["promise_1"]
    do(store, urgent.promise, no, 30, "阀门运到途中", by=HANDLER, at=after(minutes=160), rules=RULES)
    do(store, urgent.finish, no, "已恢复", by=HANDLER, at=after(minutes=170))
    assert [one.result for one in look(store, no).promises] == [Result.MISSED, Result.MET]
    assert to_ring(store) == []


def test_h_02_done_means_on_the_spot_first_and_the_case_itself_goes_on(store: Store) -> None:
    no = alarm(store)
    with pytest.raises(TooLate):
        do(store, urgent.finish, no, "好了", by=HANDLER, at=after(minutes=5))
    do(store, urgent.check_in, no, "seen", "现场", by=HANDLER, at=after(minutes=20))
    do(store, urgent.finish, no, "已围挡", by=HANDLER, at=after(minutes=28))
    assert (look(store, no).ended_how, look(store, no).finish_note) == ("done", "已围挡")
    assert view(store, no).closed_at is None
    assert [one.no for one in store.read_now(lambda conn: follows.mine(conn, "1001"))] == [no]


def test_h_02_a_reply_settles_the_spot_but_not_the_lateness(store: Store) -> None:
    no = alarm(store)
    do(store, cases.read, no, by=HANDLER, at=after(minutes=10))
    do(store, cases.reply, no, a_reply(), by=HANDLER, at=after(minutes=50), rules=RULES)
    assert look(store, no).ended_how == "replied"
    assert on_site(store, no).result is Result.MISSED
    assert to_ring(store) == []


def test_h_02_the_agents_list_keeps_the_case_until_it_is_closed_or_handed_over(store: Store) -> None:
    no = alarm(store)

    def listed(login: str) -> list[str]:
        return [one.no for one in store.read_now(lambda conn: follows.mine(conn, login))]

    with pytest.raises(Conflict):
        do(store, follows.take, no, by=COLLEAGUE, at=after(hours=6))
    with pytest.raises(Invalid):
        do(store, follows.hand_over, no, "szgc02", by=AGENT, at=after(hours=6))
    with pytest.raises(Conflict):
        do(store, follows.hand_over, no, "9001", by=COLLEAGUE, at=after(hours=6))
    do(store, follows.hand_over, no, "1002", "抢修队在路上", by=AGENT, at=after(hours=6))
    assert (listed("1001"), listed("1002")) == ([], [no])
    (one,) = store.read_now(lambda conn: follows.mine(conn, "1002"))
    assert (one.given_by, one.note) == ("1001", "抢修队在路上")
    do(store, follows.take, no, by=LEAD, at=after(hours=7))
    assert (listed("1002"), listed("9001")) == ([], [no])
    do(store, cases.withdraw, no, by=CITIZEN, at=after(hours=8), rules=RULES)
    assert listed("9001") == []
    assert store.read_now(lambda conn: follows.count(conn, "9001")) == 0


def test_whoever_is_on_the_rota_for_these_hours_stands_before_the_usual_number(store: Store) -> None:
    def now(at: datetime) -> str:
        return store.read_now(lambda conn: duty.on_duty(conn, "szgc", "duty", at)).number

    assert now(NIGHT).startswith("0590")  # the number of the unit itself
    on_rota(store, "duty", "059183331111")
    on_rota(store, "duty", "13905910002", begins_at=after(hours=1), ends_at=after(hours=3))
    assert now(NIGHT) == "059183331111"
    assert now(after(hours=2)) == "13905910002"
    assert now(after(hours=3)) == "059183331111"
    (first, *_) = store.read_now(lambda conn: duty.rota(conn, NIGHT))
    store.write_now(lambda conn: duty.withdraw(conn, first.id, by=LEAD, at=after(hours=1)))
    with pytest.raises(NotForYou):
        store.write_now(
            lambda conn: duty.withdraw(
                conn, first.id, by=Actor("swjt02", Role.LIAISON, "swjt"), at=after(hours=1)
            )
        )


def test_a_call_to_the_duty_is_noted_with_what_came_of_it(store: Store) -> None:
    no = alarm(store)
    (call,) = store.read_now(urgent_lists.to_ring)
    store.write_now(lambda conn: urgent.rang(conn, call.id, "no_answer", by=AGENT, at=after(minutes=1)))
    (again,) = store.read_now(urgent_lists.to_ring)
    assert (again.attempts, again.result) == (1, "no_answer")
    store.write_now(lambda conn: urgent.rang(conn, call.id, "reached", by=AGENT, at=after(minutes=2)))
    assert to_ring(store) == []
    assert kinds(store, no).count("urgent.rang") == 2
    with pytest.raises(NotForYou):
        store.write_now(lambda conn: urgent.rang(conn, call.id, "reached", by=HANDLER, at=after(minutes=2)))
