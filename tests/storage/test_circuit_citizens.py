"""F07-12, T6, T20–T24, FL-08: nobody who asked is lost, and nothing is counted as satisfied that nobody said."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from cases.workflow import Role, State
from storage import cases, recurrence
from storage.engine import Store
from storage.errors import Invalid
from storage.people import Actor
from tests.makers import (
    AGENT,
    CALLBACK_AGENT,
    CENTRE_REVIEWER,
    CITIZEN,
    DISPATCHER,
    FINAL_REVIEWER,
    HANDLER,
    MORNING,
    RULES,
    a_form,
    a_reply,
    later,
)
from tests.storage import walks
from tests.storage.walks import kinds, view


def do(store: Store, move: Any, no: str, *words: Any, **named: Any) -> Any:
    return store.write_now(lambda conn: move(conn, no, *words, **named))


def tell(store: Store, no: str, day: float, *, delivered: bool = True) -> State:
    put: dict[str, Any] = {"channel": "phone", "delivered": delivered, "by": AGENT, "rules": RULES}
    state: State = do(store, cases.feed_back, no, at=later(days=day), **put)
    return state


def test_f07_12_41_callers_about_stray_dogs_are_each_told_before_the_case_goes_on(store: Store) -> None:
    master = walks.in_final_review(store, title="流浪犬")
    members = [walks.registered(store, title=f"流浪犬{n}").no for n in range(40)]
    for no in members:
        do(store, cases.merge, no, master, by=AGENT, at=later(days=1), rules=RULES)
    do(store, cases.pass_final, master, by=FINAL_REVIEWER, at=later(days=2), rules=RULES)
    assert tell(store, master, 3) is State.FEEDBACK
    for no in members[:-1]:
        assert tell(store, no, 3) is State.MERGED
    assert view(store, master).state is State.FEEDBACK
    tell(store, members[-1], 3)
    assert view(store, master).state is State.CALLBACK
    assert {kinds(store, no)[-1] for no in members} == {"feedback.told"}
    owed = [one.result.value for no in members for one in view(store, no).clocks if one.kind == "feedback"]
    assert owed == ["met"] * 40


def test_t6_who_is_merged_into_an_answered_case_is_told_its_result(store: Store) -> None:
    master, no = walks.closed(store), walks.registered(store).no
    do(store, cases.merge, no, master, by=AGENT, at=later(days=3), rules=RULES)
    assert [one.kind for one in view(store, no).clocks if one.result.value == "running"] == ["feedback"]
    assert tell(store, no, 3.1) is State.MERGED
    assert view(store, master).state is State.CLOSED


def test_new_information_on_a_merged_case_goes_to_the_master_and_can_reopen_it(store: Store) -> None:
    master, no = walks.closed(store), walks.registered(store).no
    do(store, cases.merge, no, master, by=AGENT, at=later(days=3), rules=RULES)
    went = do(store, cases.supplement, no, "井盖又丢了", by=AGENT, at=later(days=4), rules=RULES)
    assert went == master
    assert view(store, master).rework_asked_at == later(days=4)
    do(
        store,
        cases.rework,
        master,
        "核实属实",
        why="new_fact",
        by=CENTRE_REVIEWER,
        at=later(days=5),
        rules=RULES,
    )
    assert (view(store, master).state, view(store, master).rework_asked_at) == (State.HANDLING, None)


def test_what_comes_more_than_thirty_days_after_closing_is_a_case_of_its_own(store: Store) -> None:
    no = walks.closed(store)
    with pytest.raises(Invalid, match="另行登记"):
        do(store, cases.supplement, no, "又丢了", by=AGENT, at=later(days=40), rules=RULES)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"result": "reached", "satisfied": "满意"}, "solved"),
        ({"result": "reached", "solved": "full"}, "satisfied"),
        ({"result": "no_answer", "satisfied": "满意"}, "satisfied"),
        ({"result": "no_answer", "solved": "full"}, "solved"),
    ],
)
def test_solved_and_satisfied_are_never_assumed(store: Store, said: dict[str, Any], field: str) -> None:
    no = walks.in_callback(store)
    with pytest.raises(Invalid) as refused:
        do(
            store,
            cases.call_back,
            no,
            cases.Evaluation(**said),
            by=CALLBACK_AGENT,
            at=later(days=2),
            rules=RULES,
        )
    assert list(refused.value.fields) == [field]


def test_i7_the_first_and_the_final_evaluation_are_told_apart(store: Store) -> None:
    no = walks.in_callback(store)
    bad = cases.Evaluation(result="reached", solved="no", satisfied="不满意", reason="unsolved")
    do(store, cases.call_back, no, bad, by=CALLBACK_AGENT, at=later(days=2), rules=RULES)
    assert (view(store, no).state, view(store, no).rework_asked_at) == (State.CLOSED, later(days=2))
    do(store, cases.rework, no, "重办", why="unsolved", by=CENTRE_REVIEWER, at=later(days=3), rules=RULES)
    do(store, cases.reply, no, a_reply(), by=HANDLER, at=later(days=4), rules=RULES)
    leader = Actor("szgc-leader", Role.UNIT_LEADER, "szgc")
    do(store, cases.approve_reply, no, by=leader, at=later(days=4, hours=1), rules=RULES)
    do(store, cases.pass_review, no, by=CENTRE_REVIEWER, at=later(days=5), rules=RULES)
    do(store, cases.pass_final, no, by=FINAL_REVIEWER, at=later(days=6), rules=RULES)
    assert tell(store, no, 7) is State.CALLBACK  # attempts of the first round do not count
    good = cases.Evaluation(result="reached", solved="full", satisfied="基本满意", attitude="good")
    do(store, cases.call_back, no, good, by=CALLBACK_AGENT, at=later(days=8), rules=RULES)
    marks = [
        (line.fields["satisfied"], line.fields["is_first"], line.fields["is_final"], line.fields["round"])
        for line in view(store, no).callbacks
    ]
    assert marks == [("不满意", True, False, 0), ("基本满意", False, True, 1)]


def test_a_call_back_is_taken_by_one_and_taken_over_only_on_purpose(store: Store) -> None:
    no, other = walks.in_callback(store), Actor("6002", Role.CALLBACK_AGENT, "rxzx")
    do(store, cases.take_callback, no, by=CALLBACK_AGENT, at=later(days=2))
    good = cases.Evaluation(result="reached", solved="full", satisfied="满意")
    with pytest.raises(Invalid, match="他人领取"):
        do(store, cases.call_back, no, good, by=other, at=later(days=2), rules=RULES)
    do(store, cases.take_callback, no, by=other, at=later(days=2))
    do(store, cases.call_back, no, good, by=other, at=later(days=2), rules=RULES)
    task = view(store, no).callback_tasks[0]
    assert (task.by, task.fields["attempts"], task.fields["result"]) == ("6002", 1, "reached")


def test_fl08_the_same_matter_at_the_same_place_within_ninety_days_is_a_recurrence(store: Store) -> None:
    first = walks.closed(store, address="东门路 12 号")
    again = walks.registered(store, address="东门路１２号", at=later(days=60)).no
    far = walks.registered(store, address="西门路12号", at=later(days=60)).no
    late = walks.registered(store, address="东门路12号", at=later(days=95)).no
    assert [(link.kind, link.no) for link in view(store, again).links] == [("recurrence_of", first)]
    assert [(link.kind, link.no) for link in view(store, first).links] == [("recurred_as", again)]
    assert view(store, far).links == view(store, late).links == []
    assert kinds(store, first)[-1] == "recurrence.flagged"


def test_a_case_of_two_questions_is_split_and_both_belong_to_the_caller(store: Store) -> None:
    no = walks.registered(store).no
    form = a_form(title="路灯不亮", category="0107", content="同一路段路灯不亮")
    for _ in range(2):  # the same form sent twice makes one case
        part = do(store, cases.split, no, form, key="split-1", by=DISPATCHER, at=later(hours=1), rules=RULES)
    kept = view(store, part.no)
    assert (kept.contact_number, kept.links[0].kind, kept.links[0].no) == ("13850123456", "split_from", no)
    assert [link.no for link in view(store, no).links] == [part.no]


def test_t24_a_danger_goes_on_without_the_citizen_who_withdraws(store: Store) -> None:
    no = walks.dispatched(store, urgency="紧急", title="燃气泄漏")
    goes_on = do(store, cases.withdraw, no, by=CITIZEN, at=later(hours=1), rules=RULES)
    kept = view(store, goes_on)
    assert (kept.origin, kept.contact_number, kept.links[0].kind) == ("system", "", "follows")
    assert view(store, no).state is State.WITHDRAWN
    assert (
        do(store, cases.withdraw, walks.dispatched(store), by=CITIZEN, at=later(hours=1), rules=RULES) is None
    )


def test_only_what_has_ended_at_a_place_is_looked_through_for_recurrences(store: Store) -> None:
    """However many open cases a place has, registering the next one looks at none of them."""
    plan: list[str] = []

    def explain(conn: Connection) -> None:
        sqlite = conn.dialect.name == "sqlite"
        if not sqlite:
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        since = MORNING.replace(tzinfo=None) if sqlite else MORNING
        values = {"place": "x", "matter": "0107", "closed": "closed", "since": since, "param_1": 1}
        asked = text(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + str(recurrence.ended_there()))
        plan.extend(str(row) for row in conn.execute(asked, values))

    store.write_now(explain)
    assert any("ix_case_file_by_place" in line for line in plan), plan
    assert not any("SORT" in line.upper() or "TEMP B-TREE" in line.upper() for line in plan), plan
