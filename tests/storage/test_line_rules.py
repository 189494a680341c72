"""The rules of the line as they are kept: versions, what holds for a while, skills, and who knows a caller."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Enum, Select, insert, update

from cases.call_record import Channel
from cases.workflow import Role
from routing import rulebook
from routing.live import Profile
from routing.rules import Closure, Duty, Group, LineRules, Skill, Support
from storage import history, line_rules, people
from storage.acquaintance import TALKED, TOOK_THE_CASE
from storage.calls import CALL
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.intake import CASE, CONTACT
from storage.line_models import SpanKind
from storage.people import Account
from storage.types import UtcDateTime
from tests.makers import MORNING, later

BUSY = LineRules(skills=(Skill("tax", 3),), last_seat_days=7)


def save(store: Store, rules: LineRules, *, follows: int = 0, from_hour: int = 0, at_hour: int = 0) -> int:
    return store.write_now(
        lambda conn: rulebook.save_rules(
            conn,
            rules,
            follows=follows,
            why="试行",
            by="lead",
            valid_from=later(hours=from_hour),
            at=later(hours=at_hour),
        )
    )


def span(store: Store, kind: SpanKind, detail: dict[str, Any], *, hours: float = 2, begins: float = 0) -> int:
    return store.write_now(
        lambda conn: line_rules.add_span(
            conn,
            kind,
            detail,
            since=later(hours=begins),
            until=later(hours=begins + hours),
            why="台风",
            by="lead",
            at=MORNING,
        )
    )


def in_force(store: Store, hour: float = 0) -> LineRules:
    return store.read_now(lambda conn: rulebook.rules(conn, later(hours=hour)))


def test_a_city_that_has_made_no_rules_has_the_plain_ones(store: Store) -> None:
    assert in_force(store) == LineRules()


def test_rules_hold_from_their_time_on_and_the_ones_before_stay_on_record(store: Store) -> None:
    first = save(store, BUSY)
    second = save(store, LineRules(hold_seconds=5), follows=first, from_hour=3)
    assert in_force(store, 2) == BUSY
    assert in_force(store, 3) == LineRules(hold_seconds=5)
    kept = store.read_now(lambda conn: line_rules.versions(conn, 10))
    assert [(each.id, each.why, each.by) for each in kept] == [
        (second, "试行", "lead"),
        (first, "试行", "lead"),
    ]


def test_nothing_is_changed_for_the_past(store: Store) -> None:
    save(store, BUSY, from_hour=-5)
    assert in_force(store, -1) == LineRules()


def test_of_two_people_who_change_the_same_rules_one_is_told(store: Store) -> None:
    told: list[Exception] = []
    start = threading.Barrier(2)

    def change(days: int) -> None:
        start.wait()
        try:
            save(store, LineRules(last_seat_days=days))
        except Conflict as conflict:
            told.append(conflict)

    both = [threading.Thread(target=change, args=(days,)) for days in (1, 2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(told) == 1
    assert len(store.read_now(lambda conn: line_rules.versions(conn, 10))) == 1


def test_each_change_is_in_the_history_with_who_what_and_why(store: Store) -> None:
    save(store, BUSY)
    (fact,) = store.read_now(lambda conn: history.of(conn, "line"))
    assert (fact.kind, fact.actor, fact.detail["why"]) == ("line.rules", "lead", "试行")
    assert fact.detail["changed"] == ["skills", "last_seat_days"]


def test_rules_that_cannot_be_read_any_more_leave_a_line_that_serves_everybody(store: Store) -> None:
    save(store, BUSY)
    store.write_now(lambda conn: conn.execute(update(line_rules.RULES).values(rules='{"old": 1}')))
    assert in_force(store) == LineRules()


# What holds for a while


def test_h15_a_leader_on_the_rota_is_in_the_rules_of_that_day_only(store: Store) -> None:
    duty = {"seat": "s1001", "name": "陈局长", "unit": "szgc", "skills": ["works"]}
    span(store, SpanKind.DUTY, duty, begins=20)
    assert in_force(store, -5).rota == ()
    expected = Duty("s1001", later(hours=20), later(hours=22), "陈局长", "szgc", ("works",))
    assert in_force(store).rota == (expected,)
    assert in_force(store).on_duty(later(hours=19)) == ()
    assert in_force(store, 21).on_duty(later(hours=21)) == (expected,)
    assert in_force(store, 22).rota == ()


def test_a_closure_a_support_and_the_emergency_switch_hold_for_their_time(store: Store) -> None:
    save(store, replace(BUSY, groups=(Group("a"), Group("b"))))
    span(store, SpanKind.CLOSURE, {"group": "a"})
    span(store, SpanKind.SUPPORT, {"helper": "a", "helped": "b"})
    span(store, SpanKind.EMERGENCY, {})
    held = in_force(store, 1)
    assert held.closures == (Closure(MORNING, later(hours=2), "a", "台风"),)
    assert held.supports == (Support("a", "b", until=later(hours=2), why="台风"),)
    assert held.emergency(later(hours=1))
    assert held.emergency_why == "台风"
    after = in_force(store, 2)
    assert (after.closures, after.supports, after.emergency_until) == ((), (), None)


def test_what_is_switched_off_is_off_at_once_and_on_record(store: Store) -> None:
    number = span(store, SpanKind.EMERGENCY, {})
    for _ in range(2):
        store.write_now(
            lambda conn: line_rules.end_span(conn, number, why="解除", by="admin", at=later(hours=1))
        )
    assert not in_force(store, 1).emergency(later(hours=1))
    kinds = [fact.kind for fact in store.read_now(lambda conn: history.of(conn, "line"))]
    assert kinds == ["line.emergency", "line.emergency_ended"]
    with pytest.raises(Missing):
        store.write_now(lambda conn: line_rules.end_span(conn, 99, why="", by="admin", at=MORNING))


def test_rules_that_come_into_force_later_do_not_end_an_emergency(store: Store) -> None:
    span(store, SpanKind.EMERGENCY, {}, hours=8)
    save(store, BUSY, from_hour=1)
    held = in_force(store, 2)
    assert held.skills == BUSY.skills
    assert held.emergency(later(hours=2))


def test_what_holds_for_a_while_is_not_kept_with_the_rules(store: Store) -> None:
    span(store, SpanKind.EMERGENCY, {})
    save(store, replace(in_force(store), last_seat_days=7))
    assert in_force(store, 3) == LineRules(last_seat_days=7)


def test_a_span_that_cannot_be_read_is_left_out_and_the_others_hold(store: Store) -> None:
    span(store, SpanKind.DUTY, {"seat": "s1001", "colour": "red"})
    span(store, SpanKind.CLOSURE, {"group": ""})
    held = in_force(store)
    assert (held.rota, len(held.closures)) == ((), 1)


def test_every_change_and_every_beginning_changes_the_mark_that_others_poll(store: Store) -> None:
    def mark(hour: float = 0) -> str:
        return store.read_now(lambda conn: rulebook.newest_version(conn, later(hours=hour)))

    seen = [mark()]
    first = save(store, BUSY)
    seen.append(mark())
    save(store, LineRules(), follows=first, from_hour=1)
    seen += [mark(), mark(1)]
    number = span(store, SpanKind.EMERGENCY, {})
    seen.append(mark())
    store.write_now(lambda conn: line_rules.end_span(conn, number, why="解除", by="admin", at=MORNING))
    seen.append(mark())
    assert len(set(seen)) == len(seen)
    assert mark() == mark(0.1)


# What seats can do

PROFILE = Profile((("tax", 4), ("works", 1)), frozenset({"福州话"}), "office", 0.8)


@pytest.fixture
def staffed(store: Store) -> Store:
    def add(conn: Connection) -> None:
        for login, seat in (("1001", "s1001"), ("1002", "s1002"), ("lead", None)):
            account = Account(login, login, Role.AGENT, "rxzx", seat)
            people.add_account(conn, account, password_hash="x", by="test", at=MORNING)

    store.write_now(add)
    return store


def keep_profile(store: Store, login: str, profile: Profile) -> None:
    store.write_now(
        lambda conn: rulebook.save_profile(conn, login, profile, why="培训", by="lead", at=MORNING)
    )


def test_a_profile_is_read_as_it_was_kept_and_without_one_a_seat_is_for_everybody(staffed: Store) -> None:
    keep_profile(staffed, "1001", PROFILE)
    assert staffed.read_now(lambda conn: rulebook.profile(conn, "1001")) == PROFILE
    assert staffed.read_now(lambda conn: rulebook.profile(conn, "1002")) == Profile()
    assert staffed.read_now(lambda conn: rulebook.profile(conn, "nobody")) == Profile()
    assert staffed.read_now(rulebook.profiles) == {"s1001": PROFILE, "s1002": Profile()}
    keep_profile(staffed, "1001", Profile())
    assert staffed.read_now(lambda conn: rulebook.profile(conn, "1001")) == Profile()


def test_a_profile_is_refused_by_field_and_only_for_people_who_exist(staffed: Store) -> None:
    with pytest.raises(Invalid) as refused:
        keep_profile(staffed, "1001", Profile((("tax", 6),), busy_at_most=0))
    assert set(refused.value.fields) == {"skills.tax", "busy_at_most"}
    with pytest.raises(Missing):
        keep_profile(staffed, "nobody", PROFILE)


# Who knows a caller

NUMBER = "13850123456"


def a_call(
    call: str, *, days_ago: float, seat: str = "s1001", number: str = NUMBER, **more: Any
) -> dict[str, Any]:
    began = MORNING - timedelta(days=days_ago)
    fields = {
        "id": call,
        "number": number,
        "channel": Channel.PSTN,
        "offered_at": began,
        "answered_at": began + timedelta(seconds=9),
        "seat": seat,
    }
    return {column.name: _anything(column) for column in CALL.c if not column.nullable} | fields | more


def _anything(column: Column[Any]) -> Any:
    """Return some value for a column that does not matter here."""
    if isinstance(column.type, Enum):
        return next(iter(column.type.enum_class or column.type.enums))
    return MORNING if isinstance(column.type, UtcDateTime) else column.type.python_type()


def add_calls(store: Store, *calls: dict[str, Any]) -> None:
    store.write_now(lambda conn: conn.execute(insert(CALL), list(calls)))


def knows(store: Store, rules: LineRules = BUSY, number: str = NUMBER) -> tuple[str, ...]:
    return store.read_now(lambda conn: rulebook.preferred(conn, number, MORNING, rules))


def test_who_calls_again_within_the_days_of_the_city_comes_to_the_last_seat_he_talked_to(
    store: Store,
) -> None:
    add_calls(
        store,
        a_call("old", days_ago=6, seat="s1001"),
        a_call("new", days_ago=2, seat="s1002"),
        a_call("gave-up", days_ago=1, seat="s1003", answered_at=None),
        a_call("other", days_ago=1, seat="s1004", number="13800000000"),
    )
    assert knows(store) == ("s1002",)
    assert knows(store, replace(BUSY, last_seat_days=1)) == ()
    assert knows(store, LineRules()) == ()
    assert knows(store, number="") == ()
    assert knows(store, number="x" * 500) == ()


def test_who_took_the_case_that_is_still_open_is_asked_next(store: Store) -> None:
    add_calls(store, a_call("case-call", days_ago=40, seat="s1009"), a_call("new", days_ago=2, seat="s1002"))
    store.write_now(lambda conn: _open_case(conn, "case-call"))
    assert knows(store) == ("s1002", "s1009")
    store.write_now(lambda conn: conn.execute(update(CASE).values(closed_at=MORNING)))
    assert knows(store) == ("s1002",)


def _open_case(conn: Connection, call: str) -> None:
    row = {
        "no": "RH261122-00178-1",
        "digits": "261122001781",
        "intake_key": "k",
        "code_hash": "",
        "state": "handling",
        "version": 1,
        "intent": "投诉",
        "category": "0105",
        "urgency": "一般",
        "channel": "phone",
        "call": call,
        "title": "井盖",
        "address": "",
        "reply_way": "电话",
        "received_at": MORNING,
        "rework_no": 0,
    }
    number = conn.execute(insert(CASE).values(**row).returning(CASE.c.id)).scalar_one()
    conn.execute(insert(CONTACT).values(case=number, name="陈女士", number=NUMBER))


@pytest.mark.parametrize(
    ("statement", "index"),
    [(TALKED, "ix_call_of_number"), (TOOK_THE_CASE, "ix_case_contact_cases_of_caller")],
)
def test_a_caller_is_found_by_index_however_many_calls_there_are(
    sqlite_url: str, statement: Select[Any], index: str
) -> None:
    store = Store.open(sqlite_url)
    plan = store.read_now(lambda conn: _plan(conn, statement))
    store.close()
    assert index in plan
    assert "SCAN" not in plan


def _plan(conn: Connection, statement: Select[Any]) -> str:
    compiled = statement.compile(conn)
    rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", ("",) * len(compiled.params)).all()
    return " ".join(str(row) for row in rows)
