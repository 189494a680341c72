"""H-11, H-12, H-15, T11–T13, T16–T17: parts go down level by level, and every level reviews the one below."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert

from cases.clocks import Result
from cases.workflow import NotAllowed, Role, SamePerson, State
from storage import cases, people, unit_rules
from storage.engine import Store
from storage.errors import Invalid
from storage.keeping import keep
from storage.moves import NotYours
from storage.people import Account, Actor
from storage.unit_rules import UnitRule
from storage.units import DIRECTORY, UNIT
from tests.makers import (
    ADJUDICATOR,
    CENTRE_REVIEWER,
    DISPATCHER,
    HANDLER,
    LIAISON,
    MORNING,
    RULES,
    TEAM_LEAD,
    a_reply,
    later,
)
from tests.storage import walks
from tests.storage.walks import kinds, view

LEVELS = ("rdq", "dmjd", "dmcun", "dmsq")
"""District, street, village, community: four levels below the centre, which is the first of five."""


def do(store: Store, move: Any, no: str, *words: Any, **named: Any) -> Any:
    return store.write_now(lambda conn: move(conn, no, *words, **named))


def of(unit: str, role: Role) -> Actor:
    return Actor(f"{unit}-{role}", role, unit)


@pytest.fixture
def deep(store: Store) -> Store:
    """The demo city with a village and a community below one street."""

    def add(conn: Any) -> None:
        for unit, parent, level, kind in (("dmcun", "dmjd", 4, "village"), ("dmsq", "dmcun", 5, "community")):
            row = {"name": unit, "short_name": unit, "initials": unit, "level": level, "kind": kind}
            keep(conn, UNIT, {"id": unit}, {**row, "parent": parent, "ended_at": None})

    store.write_now(add)
    return store


def passed_down(store: Store) -> str:
    """From the district to the community, each level having read it."""
    no = walks.registered(store, category="1801").no
    do(store, cases.dispatch, no, lead="rdq", by=DISPATCHER, at=MORNING, rules=RULES)
    for hour, (upper, lower) in enumerate(pairwise(LEVELS), start=1):
        do(store, cases.read, no, by=of(upper, Role.HANDLER), at=later(hours=hour))
        do(store, cases.pass_down, no, lower, by=of(upper, Role.LIAISON), at=later(hours=hour), rules=RULES)
    do(store, cases.read, no, by=of("dmsq", Role.HANDLER), at=later(hours=5))
    return no


def report(store: Store, no: str, unit: str, day: float) -> None:
    by = of(unit, Role.HANDLER)
    do(store, cases.report, no, "已办", resolution="full", by=by, at=later(days=day), rules=RULES)


def test_h11_five_levels_down_and_up_again_each_reviewed_by_the_one_above(deep: Store) -> None:
    no = passed_down(deep)
    dues = [one.due_at for one in view(deep, no).clocks if one.kind == "reply" and one.due_at]
    assert len(dues) == 4
    assert dues == sorted(dues, reverse=True)
    assert len(set(dues)) == 4  # each inner clock ends a day before the one around it
    for day, (lower, upper) in enumerate(zip(LEVELS[:0:-1], LEVELS[-2::-1], strict=True), start=1):
        with pytest.raises(Invalid, match="下级"):
            do(deep, cases.reply, no, a_reply(), by=of("rdq", Role.HANDLER), at=later(days=day), rules=RULES)
        report(deep, no, lower, day)
        do(deep, cases.pass_report, no, lower, by=of(upper, Role.UPPER_REVIEWER), at=later(days=day))
    do(deep, cases.reply, no, a_reply(), by=of("rdq", Role.HANDLER), at=later(days=4), rules=RULES)
    kept = view(deep, no)
    assert kept.state is State.REPLIED
    assert [task.above for task in kept.assignments] == [None, "rdq", "dmjd", "dmcun"]
    assert all(one.result is not Result.RUNNING for one in kept.clocks if one.kind == "reply")


def test_h12_a_report_is_reviewed_by_the_unit_above_and_by_nobody_else(deep: Store) -> None:
    no = passed_down(deep)
    report(deep, no, "dmsq", 1)
    with pytest.raises((NotAllowed, Invalid)):
        do(deep, cases.pass_report, no, "dmsq", by=of("rdq", Role.UPPER_REVIEWER), at=later(days=1))
    with pytest.raises(NotAllowed):
        do(deep, cases.pass_report, no, "dmsq", by=of("szgc", Role.UPPER_REVIEWER), at=later(days=1))
    both = Actor("dmsq-handler", Role.UPPER_REVIEWER, "dmcun")
    with pytest.raises(SamePerson):
        do(deep, cases.pass_report, no, "dmsq", by=both, at=later(days=1))
    back: dict[str, Any] = {"comment": "补照片", "rules": RULES}
    do(
        deep, cases.send_back_report, no, "dmsq", ["要素缺失"], by=of("dmcun", Role.UPPER_REVIEWER),
        at=later(days=1), **back,
    )  # fmt: skip
    running = [
        one.unit_name for one in view(deep, no).clocks if one.kind == "reply" and one.result is Result.RUNNING
    ]
    assert "dmsq" in running


def test_t13_a_part_that_is_taken_back_no_longer_holds_the_lead_up(deep: Store) -> None:
    no = passed_down(deep)
    do(deep, cases.recall, no, "dmjd", by=of("rdq", Role.LIAISON), at=later(days=1))
    assert [task.unit for task in view(deep, no).assignments if task.ended_at is None] == ["rdq"]
    do(deep, cases.reply, no, a_reply(), by=of("rdq", Role.HANDLER), at=later(days=1), rules=RULES)


def test_sh03_a_shorter_promise_leaves_no_inner_clock_that_ends_with_the_outer_one(deep: Store) -> None:
    no = walks.registered(deep, category="1801").no
    do(deep, cases.dispatch, no, lead="rdq", by=DISPATCHER, at=MORNING, rules=RULES)
    do(deep, cases.read, no, by=of("rdq", Role.HANDLER), at=MORNING)
    do(deep, cases.pass_down, no, "dmjd", by=of("rdq", Role.LIAISON), at=later(hours=1), rules=RULES)
    shorter = cases.Reclass(intent="咨询")
    do(deep, cases.reclassify, no, shorter, by=TEAM_LEAD, at=later(days=1), rules=RULES)
    outer, *inner = (one for one in view(deep, no).clocks if one.kind == "reply")
    ends = [one.due_at for one in inner if one.result is Result.RUNNING]
    assert all(end and outer.due_at and end < outer.due_at for end in ends)


def test_t14_an_inner_clock_paused_on_its_last_day_does_not_end_with_the_outer_one(deep: Store) -> None:
    no = walks.registered(deep, intent="求助", category="1801").no  # three working days
    do(deep, cases.dispatch, no, lead="rdq", by=DISPATCHER, at=MORNING, rules=RULES)
    do(deep, cases.read, no, by=of("rdq", Role.HANDLER), at=MORNING)
    unit: dict[str, Any] = {"by": of("rdq", Role.LIAISON), "rules": RULES}
    do(deep, cases.pass_down, no, "dmjd", at=later(hours=1), **unit)
    do(deep, cases.ask_pause, no, "wait_citizen", words="缺", told="已告", at=later(days=2), **unit)
    do(deep, cases.pause, no, by=DISPATCHER, at=later(days=2), rules=RULES)
    do(deep, cases.resume, no, by=DISPATCHER, at=later(days=5), rules=RULES)  # a Saturday
    outer, *inner = (one for one in view(deep, no).clocks if one.kind == "reply")
    ends = [one.due_at for one in inner if one.result is Result.RUNNING]
    assert all(end and outer.due_at and end < outer.due_at for end in ends)


def test_t13_too_late_for_an_inner_clock_the_part_goes_down_without_one(deep: Store) -> None:
    no = walks.registered(deep, category="1801").no
    do(deep, cases.dispatch, no, lead="rdq", by=DISPATCHER, at=MORNING, rules=RULES)
    do(deep, cases.read, no, by=of("rdq", Role.HANDLER), at=MORNING)
    do(deep, cases.pass_down, no, "dmjd", by=of("rdq", Role.LIAISON), at=later(days=30), rules=RULES)
    running = [one for one in view(deep, no).clocks if one.result is Result.RUNNING and one.kind == "reply"]
    assert [one.unit_name for one in running] == ["榕东区"]


def test_t16_where_the_unit_wants_it_the_leader_signs_before_the_reply_leaves(store: Store) -> None:
    store.write_now(
        lambda conn: unit_rules.put(conn, "szgc", UnitRule(leader_approves=True), by="t", at=MORNING)
    )
    no, leader = walks.replied(store), of("szgc", Role.UNIT_LEADER)
    assert (view(store, no).state, kinds(store, no)[-1]) == (State.HANDLING, "reply.drafted")
    assert view(store, no).replies[-1].fields["submitted_at"] is None
    do(store, cases.reject_reply, no, "写明期限", by=leader, at=later(days=1, hours=1))
    do(store, cases.reply, no, a_reply(), by=HANDLER, at=later(days=1, hours=2), rules=RULES)
    own = Actor(HANDLER.login, Role.UNIT_LEADER, "szgc")
    with pytest.raises(SamePerson):
        do(store, cases.approve_reply, no, by=own, at=later(days=1, hours=3), rules=RULES)
    do(store, cases.approve_reply, no, by=leader, at=later(days=1, hours=3), rules=RULES)
    assert view(store, no).state is State.REPLIED
    stopped = [one.stopped_at for one in view(store, no).clocks if one.kind == "reply"]
    assert stopped == [later(days=1, hours=3)]  # signed late is late


def test_t17_a_street_s_reply_is_reviewed_by_its_district_first(store: Store) -> None:
    duty = {"category": "1801", "unit": "dmjd", "basis": "属地清单", "priority": 9}

    def prepare(conn: Any) -> None:
        unit_rules.put(conn, "rdq", UnitRule(reviews_below=True), by="t", at=MORNING)
        conn.execute(insert(DIRECTORY).values(duty))

    store.write_now(prepare)
    no = walks.registered(store, category="1801").no
    do(store, cases.dispatch, no, lead="dmjd", by=DISPATCHER, at=MORNING, rules=RULES)
    do(store, cases.read, no, by=of("dmjd", Role.HANDLER), at=later(hours=1))
    do(store, cases.reply, no, a_reply(), by=of("dmjd", Role.HANDLER), at=later(hours=2), rules=RULES)
    with pytest.raises(Invalid, match="上级"):
        do(store, cases.pass_review, no, by=CENTRE_REVIEWER, at=later(hours=3), rules=RULES)
    other = of("szgc", Role.UPPER_REVIEWER)
    with pytest.raises(NotYours):
        do(store, cases.pass_upward, no, by=other, at=later(hours=3), rules=RULES)
    do(store, cases.pass_upward, no, by=of("rdq", Role.UPPER_REVIEWER), at=later(hours=3), rules=RULES)
    do(store, cases.pass_review, no, by=CENTRE_REVIEWER, at=later(hours=4), rules=RULES)
    assert view(store, no).state is State.FINAL_REVIEW


def ask_return(store: Store, no: str, hour: float, by: Actor = LIAISON) -> None:
    do(store, cases.ask_return, no, "duty", basis="三定第五条", by=by, at=later(hours=hour), rules=RULES)


def test_h15_who_was_asked_first_leads_until_a_decision_moves_it(store: Store) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, 1)
    assert view(store, no).unit == "szgc"
    do(store, cases.grant_return, no, "改派", to="cgj", by=DISPATCHER, at=later(hours=2), rules=RULES)
    kept = view(store, no)
    assert (kept.state, kept.unit, kept.first_unit) == (State.DISPATCHED, "cgj", "szgc")


def test_h16_the_second_dispute_is_ruled_with_members_and_minutes_and_a_third_is_impossible(
    store: Store,
) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, 1)
    do(store, cases.grant_return, no, "改派", to="cgj", by=DISPATCHER, at=later(hours=2), rules=RULES)
    ask_return(store, no, 3, Actor("cgj01", Role.LIAISON, "cgj"))
    with pytest.raises(NotAllowed):
        do(store, cases.refuse_return, no, "不行", by=DISPATCHER, at=later(hours=4), rules=RULES)
    ruling: dict[str, Any] = {"decision": "move", "minutes": "经会商", "unit": "zjj", "directory": True}
    two = cases.Ruling(members=("甲", "乙"), **ruling)
    with pytest.raises(Invalid, match="3人"):
        do(store, cases.adjudicate, no, two, by=ADJUDICATOR, at=later(hours=5), rules=RULES)
    three = cases.Ruling(members=("甲", "乙", "丙"), **ruling)
    do(store, cases.adjudicate, no, three, by=ADJUDICATOR, at=later(hours=5), rules=RULES)
    assert (view(store, no).unit, view(store, no).rulings[0].fields["directory"]) == ("zjj", True)
    with pytest.raises(Invalid, match="两次退件"):
        ask_return(store, no, 6, Actor("zjj01", Role.LIAISON, "zjj"))


def test_t12_a_partial_move_keeps_the_lead_and_lets_another_unit_join(store: Store) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, 1)
    do(store, cases.share_return, no, "cgj", "仅占道部分", by=DISPATCHER, at=later(hours=2), rules=RULES)
    kept = view(store, no)
    assert (kept.state, kept.unit) == (State.HANDLING, "szgc")
    assert [(task.unit, task.part.value) for task in kept.assignments] == [
        ("szgc", "lead"),
        ("cgj", "assist"),
    ]


def test_fl07_handler_and_responsible_leader_are_on_record(store: Store) -> None:
    leader = Account("szgc-l", "分管", Role.UNIT_LEADER, "szgc", None)
    store.write_now(lambda conn: people.add_account(conn, leader, password_hash="x", by="t", at=MORNING))
    task = view(store, walks.handling(store)).assignments[0]
    assert (task.handler, task.leader) == (HANDLER.login, "szgc-l")
