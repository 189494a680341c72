"""The whole circuit of a case, on both databases: guards, clocks, history, and who may do what."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from cases.clocks import Result
from cases.policies import ClockKind
from cases.workflow import IllegalMove, NotAllowed, Role, SamePerson, State
from storage import cases, history, units
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.moves import NotYours, change, see
from storage.people import Actor
from tests.makers import (
    AGENT,
    CALLBACK_AGENT,
    CENTRE_REVIEWER,
    CITIZEN,
    DISPATCHER,
    FINAL_REVIEWER,
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

Move = Callable[..., Any]


def do(store: Store, move: Move, no: str, *words: Any, **named: Any) -> Any:
    return store.write_now(lambda conn: move(conn, no, *words, **named))


def clock(store: Store, no: str, kind: str) -> Any:
    """The newest clock of a kind."""
    return [one for one in view(store, no).clocks if one.kind == kind][-1]


def test_a_case_goes_through_the_whole_circuit(store: Store) -> None:
    no = walks.closed(store)
    kept = view(store, no)
    assert kept.state is State.CLOSED
    assert kinds(store, no) == [
        "case.registered",
        "case.ready",
        "assignment.created",
        "assignment.read",
        "reply.submitted",
        "review.passed",
        "final.passed",
        "feedback.done",
        "case.closed",
    ]
    assert kept.public_reply == a_reply().public_text
    assert [one.result for one in kept.clocks if one.result in (Result.RUNNING, Result.PAUSED)] == []
    assert store.read_now(history.verify) is None


def test_dispatch_starts_a_reading_and_a_reply_clock_for_each_unit(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.dispatch, no, lead="szgc", assist=["cgj"], by=DISPATCHER, at=MORNING, rules=RULES)
    owed = [(one.kind, one.unit_name) for one in view(store, no).clocks]
    assert owed == [
        ("dispatch", None),
        ("read", "市政中心"),
        ("reply", "市政中心"),
        ("read", "城管局"),
        ("reply", "城管局"),
    ]


def test_a_clock_names_the_policy_and_the_calendar_it_was_judged_by(store: Store) -> None:
    one = clock(store, walks.dispatched(store), "reply")
    assert one.policy_version == RULES.policy.version
    assert one.calendar_version == RULES.calendar.version


def test_a_matter_on_the_list_of_services_is_due_after_three_working_days(store: Store) -> None:
    assert clock(store, walks.dispatched(store), "reply").due_at == datetime.fromisoformat(
        "2026-11-26T23:59:59+08:00"
    )


@pytest.mark.parametrize(
    ("lead", "assist"),
    [("", []), ("nowhere", []), ("szgc", ["szgc"]), ("szgc", ["cgj", "cgj"]), ("dmjd", [])],
)
def test_a_dispatch_names_one_lead_that_may_have_it(store: Store, lead: str, assist: list[str]) -> None:
    no = walks.registered(store).no
    with pytest.raises(Invalid) as refused:
        do(store, cases.dispatch, no, lead=lead, assist=assist, by=DISPATCHER, at=MORNING, rules=RULES)
    assert list(refused.value.fields) == ["units"]
    assert view(store, no).state is State.REGISTERED


def test_history_says_whether_the_suggestion_was_followed(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.dispatch, no, lead="zjj", by=DISPATCHER, at=MORNING, rules=RULES)
    detail = view(store, no).events[-1].detail
    assert (detail["suggested"][0], detail["followed"]) == ("szgc", False)


def test_reading_stops_the_clock_of_the_reader_only(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.dispatch, no, lead="szgc", assist=["cgj"], by=DISPATCHER, at=MORNING, rules=RULES)
    do(store, cases.read, no, by=HANDLER, at=later(hours=1))
    results = {(one.kind, one.unit_name): one.result for one in view(store, no).clocks}
    assert results[ClockKind.READ, "市政中心"] is Result.MET
    assert results[ClockKind.READ, "城管局"] is Result.RUNNING


def test_an_assisting_unit_reads_without_moving_the_case(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.dispatch, no, lead="szgc", assist=["cgj"], by=DISPATCHER, at=MORNING, rules=RULES)
    do(store, cases.read, no, by=Actor("cgj01", Role.HANDLER, "cgj"), at=later(hours=1))
    assert view(store, no).state is State.DISPATCHED


def test_reading_late_is_a_missed_clock(store: Store) -> None:
    no = walks.dispatched(store)
    do(store, cases.read, no, by=HANDLER, at=later(days=4))
    assert clock(store, no, "read").result is Result.MISSED


@pytest.mark.parametrize("stranger", [Actor("jyj01", Role.HANDLER, "jyj"), Actor("x", Role.LIAISON, "")])
def test_a_unit_that_has_no_part_may_not_open_the_case(store: Store, stranger: Actor) -> None:
    with pytest.raises(NotYours):
        do(store, cases.read, walks.dispatched(store), by=stranger, at=MORNING)


def test_only_the_lead_replies(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.dispatch, no, lead="szgc", assist=["cgj"], by=DISPATCHER, at=MORNING, rules=RULES)
    do(store, cases.read, no, by=HANDLER, at=MORNING)
    with pytest.raises(NotYours):
        do(store, cases.reply, no, a_reply(), by=Actor("cgj01", Role.HANDLER, "cgj"), at=MORNING, rules=RULES)


def test_speaking_with_the_citizen_is_written_down(store: Store) -> None:
    no = walks.handling(store)
    do(store, cases.contact_citizen, no, "已约上门", call="c1", by=HANDLER, at=later(hours=2))
    assert view(store, no).assignments[0].contact_result == "已约上门"
    assert kinds(store, no)[-1] == "citizen.contacted"


def ask_return(store: Store, no: str, at: datetime, by: Actor = LIAISON) -> None:
    do(
        store,
        cases.ask_return,
        no,
        "duty",
        basis="三定规定第五条",
        suggested_unit="cgj",
        by=by,
        at=at,
        rules=RULES,
    )


def test_a_return_that_is_granted_waits_for_dispatch_again(store: Store) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, later(hours=2))
    assert view(store, no).state is State.RETURN_REVIEW
    do(store, cases.grant_return, no, "职责不符", by=DISPATCHER, at=later(hours=3), rules=RULES)
    kept = view(store, no)
    assert (kept.state, kept.unit) == (State.PENDING_DISPATCH, None)
    assert clock(store, no, "reply").result is Result.VOID


def test_the_next_unit_gets_what_is_left_of_the_promise_but_a_full_time_to_read(store: Store) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, later(hours=2))
    do(store, cases.grant_return, no, "职责不符", by=DISPATCHER, at=later(days=1), rules=RULES)
    do(store, cases.dispatch, no, lead="cgj", by=DISPATCHER, at=later(days=1), rules=RULES)
    # One of the three working days is used; the rest counts from the new dispatch.
    assert clock(store, no, "reply").due_at == datetime.fromisoformat("2026-11-26T23:59:59+08:00")
    assert clock(store, no, "read").due_at == datetime.fromisoformat("2026-11-26T23:59:59+08:00")


def test_the_next_unit_has_at_least_two_days(store: Store) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, later(hours=2))
    do(store, cases.grant_return, no, "职责不符", by=DISPATCHER, at=later(days=28), rules=RULES)
    do(store, cases.dispatch, no, lead="cgj", by=DISPATCHER, at=later(days=28), rules=RULES)
    assert clock(store, no, "reply").due_at == datetime.fromisoformat("2026-12-23T23:59:59+08:00")


def test_a_return_that_is_refused_leaves_the_case_where_it_is(store: Store) -> None:
    no = walks.handling(store)
    ask_return(store, no, later(hours=2))
    do(store, cases.refuse_return, no, "属你单位职责", by=DISPATCHER, at=later(hours=3), rules=RULES)
    kept = view(store, no)
    assert (kept.state, kept.unit) == (State.HANDLING, "szgc")
    assert clock(store, no, "reply").result is Result.RUNNING


def test_a_return_must_be_asked_within_one_working_day(store: Store) -> None:
    with pytest.raises(Invalid, match="1个工作日"):
        ask_return(store, walks.dispatched(store), later(days=2))


def test_a_unit_may_ask_only_once(store: Store) -> None:
    no = walks.dispatched(store)
    ask_return(store, no, later(hours=2))
    do(store, cases.refuse_return, no, "属你单位职责", by=DISPATCHER, at=later(hours=3), rules=RULES)
    with pytest.raises(Invalid, match="只能申请一次"):
        ask_return(store, no, later(hours=4))


def test_a_unit_passes_a_part_down_its_own_line(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.dispatch, no, lead="rdq", by=DISPATCHER, at=MORNING, rules=RULES)
    chief = Actor("rdq01", Role.LIAISON, "rdq")
    do(store, cases.read, no, by=chief, at=MORNING)
    with pytest.raises(Invalid, match="下级"):
        do(store, cases.pass_down, no, "xhjd", by=chief, at=MORNING, rules=RULES)
    do(store, cases.pass_down, no, "dmjd", by=chief, at=MORNING, rules=RULES)
    outer, inner = (one.due_at for one in view(store, no).clocks if one.kind == "reply")
    assert inner is not None
    assert outer is not None
    assert inner < outer


def test_a_pause_keeps_the_remainder(store: Store) -> None:
    no = walks.paused(store)
    assert clock(store, no, "reply").due_at is None
    assert view(store, no).paused_at == later(days=1)
    do(store, cases.resume, no, by=DISPATCHER, at=later(days=4), rules=RULES)
    # Two days were left on Tuesday; counted from Friday they end on Tuesday of the week after.
    assert clock(store, no, "reply").due_at == datetime.fromisoformat("2026-12-01T23:59:59+08:00")
    assert clock(store, no, "reply").first_due_at == datetime.fromisoformat("2026-11-26T23:59:59+08:00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"public_text": " "}, "public_text"),
        ({"handled_text": ""}, "handled_text"),
        ({"factual": "也许"}, "factual"),
        ({"resolution": "maybe"}, "resolution"),
        ({"resolution": "no"}, "unresolved_reason"),
    ],
)
def test_a_reply_must_say_what_the_rules_ask(store: Store, changes: dict[str, str], field: str) -> None:
    no = walks.handling(store)
    with pytest.raises(Invalid) as refused:
        do(store, cases.reply, no, a_reply(**changes), by=HANDLER, at=later(days=1), rules=RULES)
    assert field in refused.value.fields


def test_a_reply_stops_the_clock_when_it_was_submitted(store: Store) -> None:
    no = walks.replied(store)
    assert clock(store, no, "reply").stopped_at == later(days=1)
    assert clock(store, no, "reply").result is Result.MET


def test_a_reply_sent_back_goes_on_with_the_remainder(store: Store) -> None:
    no = walks.replied(store)
    do(
        store,
        cases.send_back,
        no,
        ["答非所问"],
        comment="请说明期限",
        by=CENTRE_REVIEWER,
        at=later(days=3),
        rules=RULES,
    )
    again = clock(store, no, "reply")
    assert (view(store, no).state, again.result) == (State.HANDLING, Result.RUNNING)
    assert again.due_at == datetime.fromisoformat("2026-11-30T23:59:59+08:00")
    do(store, cases.reply, no, a_reply(public_text="第二版"), by=HANDLER, at=later(days=4), rules=RULES)
    assert [one.fields["version"] for one in view(store, no).replies] == [1, 2]


def test_nothing_is_public_before_the_final_review(store: Store) -> None:
    no = walks.in_final_review(store)
    assert view(store, no).public_reply is None


def test_the_final_review_may_send_back_too(store: Store) -> None:
    no = walks.in_final_review(store)
    do(
        store,
        cases.send_back_final,
        no,
        ["用语"],
        comment="改",
        by=FINAL_REVIEWER,
        at=later(days=2),
        rules=RULES,
    )
    assert view(store, no).state is State.HANDLING


def test_who_handled_a_case_does_not_review_it(store: Store) -> None:
    both = Actor(HANDLER.login, Role.CENTRE_REVIEWER, "rxzx")
    with pytest.raises(SamePerson):
        do(store, cases.pass_review, walks.replied(store), by=both, at=later(days=2), rules=RULES)


def test_who_reviewed_a_reply_does_not_review_it_finally(store: Store) -> None:
    both = Actor(CENTRE_REVIEWER.login, Role.FINAL_REVIEWER, "xfj")
    with pytest.raises(SamePerson):
        do(store, cases.pass_final, walks.in_final_review(store), by=both, at=later(days=2), rules=RULES)


def test_the_unit_does_not_call_back_about_its_own_case(store: Store) -> None:
    own = Actor("szgc09", Role.CALLBACK_AGENT, "szgc")
    good = cases.Evaluation(result="reached", solved="full", satisfied="满意")
    with pytest.raises(NotAllowed):
        do(store, cases.call_back, walks.in_callback(store), good, by=own, at=later(days=2), rules=RULES)


def test_feedback_that_did_not_arrive_is_tried_three_times_on_two_days(store: Store) -> None:
    no = walks.in_feedback(store)
    put = partial(cases.feed_back, channel="phone", delivered=False, by=AGENT, rules=RULES)
    states = [do(store, put, no, at=later(days=day)) for day in (2, 2.1, 2.2, 3)]
    assert states == [State.FEEDBACK, State.FEEDBACK, State.FEEDBACK, State.CALLBACK]


def test_a_citizen_who_is_not_reached_is_tried_three_times_on_two_days(store: Store) -> None:
    no = walks.in_callback(store)
    silent = cases.Evaluation(result="no_answer")
    put = partial(cases.call_back, by=CALLBACK_AGENT, rules=RULES)
    states = [do(store, put, no, silent, at=later(days=day)) for day in (2, 3, 3.1)]
    assert states == [State.CALLBACK, State.CALLBACK, State.CLOSED]


def test_a_call_back_that_reached_somebody_has_an_evaluation(store: Store) -> None:
    with pytest.raises(Invalid) as refused:
        do(
            store, cases.call_back, walks.in_callback(store), cases.Evaluation(result="reached"),
            by=CALLBACK_AGENT, at=later(days=2), rules=RULES,
        )  # fmt: skip
    assert set(refused.value.fields) == {"solved", "satisfied"}


def test_a_case_that_was_not_solved_is_worked_on_again(store: Store) -> None:
    no = walks.closed(store)
    do(store, cases.rework, no, "井盖又丢了", by=CALLBACK_AGENT, at=later(days=5), rules=RULES)
    kept = view(store, no)
    assert (kept.state, kept.rework_no, kept.closed_at) == (State.HANDLING, 1, None)
    assert clock(store, no, "rework").result is Result.RUNNING


def test_after_thirty_days_it_is_a_new_case(store: Store) -> None:
    no = walks.closed(store)
    with pytest.raises(Invalid, match="30天"):
        do(store, cases.rework, no, "又丢了", by=CALLBACK_AGENT, at=later(days=40), rules=RULES)


def test_a_refusal_needs_a_team_lead_and_a_coded_reason(store: Store) -> None:
    no = walks.registered(store).no
    with pytest.raises(NotAllowed):
        do(store, cases.refuse, no, "out_of_area", by=AGENT, at=MORNING)
    with pytest.raises(Invalid):
        do(store, cases.refuse, no, "because", by=TEAM_LEAD, at=MORNING)
    do(store, cases.refuse, no, "out_of_area", by=TEAM_LEAD, at=MORNING)
    assert view(store, no).state is State.REFUSED


def test_nuisance_is_invalid(store: Store) -> None:
    no = walks.registered(store).no
    do(store, cases.invalidate, no, "nuisance", by=TEAM_LEAD, at=MORNING)
    assert view(store, no).state is State.INVALID


def test_the_citizen_alone_withdraws_and_nothing_is_erased(store: Store) -> None:
    no = walks.handling(store)
    with pytest.raises(NotAllowed):
        do(store, cases.withdraw, no, by=TEAM_LEAD, at=later(hours=2), rules=RULES)
    do(store, cases.withdraw, no, by=CITIZEN, at=later(hours=2), rules=RULES)
    kept = view(store, no)
    assert (kept.state, kept.content != "") == (State.WITHDRAWN, True)
    assert {one.result for one in kept.clocks} == {Result.MET, Result.VOID}


def test_a_second_caller_about_the_same_matter_is_merged(store: Store) -> None:
    master, no = walks.dispatched(store), walks.registered(store).no
    do(store, cases.merge, no, master, by=AGENT, at=later(hours=1), rules=RULES)
    assert (view(store, no).state, view(store, no).master_no) == (State.MERGED, master)
    assert view(store, master).members == [no]


@pytest.mark.parametrize("into", ["self", "nowhere", "withdrawn"])
def test_a_case_is_merged_only_into_one_that_can_take_it(store: Store, into: str) -> None:
    no, gone = walks.registered(store).no, walks.registered(store).no
    do(store, cases.withdraw, gone, by=CITIZEN, at=MORNING, rules=RULES)
    master = {"self": no, "nowhere": "RH000000-00000-0", "withdrawn": gone}[into]
    with pytest.raises(Invalid) as refused:
        do(store, cases.merge, no, master, by=AGENT, at=MORNING, rules=RULES)
    assert list(refused.value.fields) == ["into"]


def test_an_illegal_move_is_refused_and_leaves_a_line_in_the_history(store: Store) -> None:
    no = walks.registered(store).no
    with pytest.raises(IllegalMove):
        do(store, cases.pass_review, no, by=CENTRE_REVIEWER, at=later(hours=1), rules=RULES)
    last = view(store, no).events[-1]
    assert (last.kind, last.actor, last.detail["action"]) == ("refused", "4001", "pass_review")
    assert view(store, no).version == 1


def test_an_unknown_case_is_missing(store: Store) -> None:
    with pytest.raises(Missing):
        do(store, cases.read, "RH000000-00000-0", by=HANDLER, at=MORNING)
    with pytest.raises(Missing):
        view(store, "'; DROP TABLE case_file; --\x00\ud800")


def test_a_change_to_what_somebody_else_has_changed_is_a_conflict(store: Store) -> None:
    """The lost update: two persons look at the same version; the second to save is told."""
    no = walks.registered(store).no
    seen = store.read_now(lambda conn: see(conn, no))

    def save(conn: Connection) -> None:
        change(conn, seen, State.PENDING_DISPATCH)

    store.write_now(save)
    with pytest.raises(Conflict):
        store.write_now(save)
    assert view(store, no).version == 2


def test_f10_23_what_is_proposed_depends_on_where_it_happened(store: Store) -> None:
    no = walks.registered(store, category="0603", address="东门街道12号").no
    do(store, cases.dispatch, no, lead="cgj", by=DISPATCHER, at=MORNING, rules=RULES)
    proposed = store.read_now(lambda conn: units.suggestions(conn, "0603", "东门街道12号"))
    assert view(store, no).events[-1].detail["suggested"] == [duty.unit.id for duty in proposed]
    assert len(proposed) > len(store.read_now(lambda conn: units.suggestions(conn, "0603", "不知何处")))
