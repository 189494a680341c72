"""一线处置 on both databases: called, accepted, on the spot, closed with its cause, judged by both sides."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.clocks import Result
from cases.frontline import Arrival, Closing, Side, Stage
from cases.policies import ClockKind
from cases.rules import rules_for
from cases.workflow import IllegalMove, NotAllowed, Role
from storage import cases, history, notices, sweep
from storage import frontline as calls
from storage import frontline_closing as ends
from storage import frontline_lists as lists
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.frontline import CallForm
from storage.frontline_lists import ActionView, Filters
from storage.moves import NotYours
from storage.people import Actor
from storage.steps import NotForYou, TooLate
from tests.makers import DISPATCHER, FINAL_REVIEWER, MORNING, later
from tests.storage import walks
from tests.storage.walks import kinds, view

RULES = rules_for("RH", policy="gulou-2020")
STREET = Actor("dmjd01", Role.STREET_COMMANDER, "dmjd")
OTHER_STREET = Actor("xhjd01", Role.STREET_COMMANDER, "xhjd")
CENTRE = Actor("zhzx01", Role.STREET_COMMANDER, "zhzx")
WATER = Actor("swjt01", Role.FRONTLINE_RESPONDER, "swjt")
HOUSING = Actor("zjj01", Role.HANDLER, "zjj")
NINE = MORNING.replace(hour=1, minute=0) + timedelta(days=1)
RECHECK = date(2026, 12, 24)


def form(**changes: Any) -> CallForm:
    fields: dict[str, Any] = {
        "kind": "hard",
        "reason": "老旧小区排水管反复爆裂",
        "tried": "街道已两次组织清掏",
        "place": "东门路12号",
        "report_at": NINE,
        "units": ["swjt", "zjj"],
    }
    return CallForm(**fields | changes)


def with_street(store: Store) -> str:
    """A case in which the street assists."""
    no = walks.registered(store).no
    store.write_now(
        lambda conn: cases.dispatch(
            conn, no, lead="szgc", assist=["dmjd"], by=DISPATCHER, at=MORNING, rules=RULES
        )
    )
    return no


def called(store: Store, at: datetime = MORNING, by: Actor = STREET, **changes: Any) -> tuple[str, int]:
    no = with_street(store)
    return no, store.write_now(lambda conn: calls.call(conn, no, form(**changes), by=by, at=at, rules=RULES))


def do(store: Store, step: Callable[..., Any], key: int, *words: Any, **named: Any) -> Any:
    return store.write_now(lambda conn: step(conn, key, *words, **named))


def look(store: Store, action: int) -> ActionView:
    return store.read_now(lambda conn: lists.action(conn, action))


def closing(**changes: Any) -> Closing:
    fields: dict[str, Any] = {
        "findings": "主管锈穿",
        "root_cause": "建成二十年未更换",
        "measures": "整段更换",
        "recheck_on": RECHECK,
    }
    return Closing(**fields | changes)


def closed(store: Store) -> tuple[str, int]:
    """An action to which one department came and one did not."""
    no, action = called(store)
    do(store, calls.accept, action, "林工", "周副总", by=WATER, at=later(minutes=5))
    do(store, calls.respond, action, "带抢修队到场", by=WATER, at=later(minutes=20))
    do(store, calls.check_in, action, "code", look(store, action).site_code, by=WATER, at=NINE)
    do(store, ends.close, action, closing(), by=STREET, at=NINE + timedelta(hours=2), rules=RULES)
    return no, action


def test_fl_01_a_street_calls_departments_and_their_clocks_start(store: Store) -> None:
    no, action = called(store)
    kept = look(store, action)
    assert [(one.unit, one.joined_later) for one in kept.targets] == [("swjt", False), ("zjj", False)]
    assert kept.stage is Stage.CALLED
    running = [one for one in view(store, no).clocks if str(one.kind).startswith("frontline")]
    assert sorted(one.kind for one in running) == ["frontline_accept"] * 2 + ["frontline_respond"] * 2
    assert {one.due_at for one in running if one.kind == "frontline_accept"} == {later(minutes=10)}
    assert {one.due_at for one in running if one.kind == "frontline_respond"} == {later(hours=1)}
    assert kinds(store, no)[-1] == "frontline.called"


def test_fl_03_a_call_before_a_make_up_sunday_is_kept_with_the_right_instants(store: Store) -> None:
    friday = datetime.fromisoformat("2026-09-18T17:50:00+08:00")
    no = walks.registered(store, at=friday, rules=RULES).no
    store.write_now(
        lambda conn: cases.dispatch(
            conn, no, lead="szgc", assist=["dmjd"], by=DISPATCHER, at=friday, rules=RULES
        )
    )
    asked = form(report_at=friday + timedelta(days=3), units=["swjt"])
    action = store.write_now(lambda conn: calls.call(conn, no, asked, by=STREET, at=friday, rules=RULES))
    (water,) = look(store, action).targets
    assert water.accept_due == datetime.fromisoformat("2026-09-18T18:00:00+08:00")
    assert water.respond_due == datetime.fromisoformat("2026-09-20T09:20:00+08:00")


def test_fl_01_a_department_has_no_step_to_refuse_with() -> None:
    names = {name for module in (calls, ends) for name in dir(module)}
    assert not names & {"refuse", "reject", "decline", "ask_return"}


def test_fl_01_only_a_street_that_has_a_part_in_the_case_calls(store: Store) -> None:
    no = with_street(store)
    for by, why in ((OTHER_STREET, NotYours), (WATER, NotAllowed), (DISPATCHER, NotAllowed)):
        with pytest.raises(why):
            store.write_now(lambda conn, by=by: calls.call(conn, no, form(), by=by, at=MORNING, rules=RULES))  # type: ignore[misc]
    assert store.write_now(lambda conn: calls.call(conn, no, form(), by=CENTRE, at=MORNING, rules=RULES))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "easy"}, "kind"),
        ({"reason": " "}, "reason"),
        ({"tried": ""}, "tried"),
        ({"place": ""}, "place"),
        ({"units": []}, "units"),
        ({"units": ["swjt", "swjt"]}, "units"),
        ({"units": ["nowhere"]}, "units"),
        ({"units": ["dmjd"]}, "units"),
        ({"report_at": MORNING}, "report_at"),
        ({"report_at": MORNING + timedelta(days=31)}, "report_at"),
    ],
)
def test_fl_02_a_call_names_its_kind_its_reason_and_what_was_tried(
    store: Store, changes: dict[str, Any], field: str
) -> None:
    no = with_street(store)
    with pytest.raises(Invalid) as refused:
        store.write_now(
            lambda conn: calls.call(conn, no, form(**changes), by=STREET, at=MORNING, rules=RULES)
        )
    assert list(refused.value.fields) == [field]
    assert kinds(store, no)[-1] == "refused"


def test_fl_02_an_ended_case_calls_nobody_and_a_second_call_joins_the_first(store: Store) -> None:
    no, _ = called(store)
    with pytest.raises(Conflict, match="增加部门"):
        store.write_now(lambda conn: calls.call(conn, no, form(), by=STREET, at=later(hours=1), rules=RULES))
    ended = walks.closed(store)
    with pytest.raises(IllegalMove):
        store.write_now(
            lambda conn: calls.call(conn, ended, form(), by=CENTRE, at=later(days=3), rules=RULES)
        )


def test_fl_03_accepting_stops_its_clock_and_names_handler_and_leader(store: Store) -> None:
    _, action = called(store)
    with pytest.raises(Invalid) as refused:
        do(store, calls.accept, action, "林工", "林工", by=WATER, at=later(minutes=5))
    assert list(refused.value.fields) == ["leader"]
    do(store, calls.accept, action, "林工", "周副总", by=WATER, at=later(minutes=5))
    water = look(store, action).targets[0]
    assert (water.handler, water.leader, water.accept_result) == ("林工", "周副总", Result.MET)
    assert water.respond_result == Result.RUNNING
    with pytest.raises(Conflict):
        do(store, calls.accept, action, "王工", "周副总", by=WATER, at=later(minutes=6))
    do(store, calls.accept, action, "陈工", "吴副局长", by=HOUSING, at=later(minutes=11))
    assert look(store, action).targets[1].accept_result == Result.MISSED
    assert look(store, action).stage is Stage.REPORTING


def test_fl_03_who_was_not_called_has_nothing_to_say(store: Store) -> None:
    _, action = called(store)
    stranger = Actor("gdgs01", Role.FRONTLINE_RESPONDER, "gdgs")
    with pytest.raises(NotForYou):
        do(store, calls.accept, action, "某", "某某", by=stranger, at=later(minutes=5))
    refused = store.read_now(lambda conn: history.of(conn, f"frontline:{action}"))
    assert [fact.detail["action"] for fact in refused] == ["accept"]


def test_fl_04_who_was_where_and_when_is_shown_by_the_code_on_the_spot(store: Store) -> None:
    _, action = called(store)
    with pytest.raises(Invalid, match="现场码"):
        do(store, calls.check_in, action, "code", "WRONG1", by=WATER, at=NINE)
    code = look(store, action).site_code
    do(store, calls.check_in, action, "code", code.lower(), by=WATER, at=NINE)
    do(
        store,
        calls.check_in,
        action,
        "seen",
        "街道指挥员现场确认",
        by=STREET,
        unit="zjj",
        at=NINE + timedelta(minutes=7),
    )
    kept = look(store, action)
    assert [kept.arrival(one, NINE) for one in kept.targets] == [Arrival.ON_TIME, Arrival.LATE]
    assert [one.checked_in_by for one in kept.targets] == ["swjt01", "dmjd01"]
    assert kept.targets[0].accept_result == Result.MISSED  # on the spot, but never accepted in time
    with pytest.raises(NotForYou):
        do(store, calls.check_in, action, "seen", "我看见了", by=WATER, unit="zjj", at=NINE)


def test_fl_05_a_department_is_pulled_in_while_the_action_goes_on(store: Store) -> None:
    no, action = called(store)
    at = NINE + timedelta(minutes=30)
    do(store, calls.add, action, "gdgs", at + timedelta(hours=1), by=STREET, at=at, rules=RULES)
    joined = look(store, action).targets[-1]
    assert (joined.unit, joined.joined_later, joined.accept_due) == ("gdgs", True, at + timedelta(minutes=10))
    with pytest.raises(Invalid):
        do(store, calls.add, action, "gdgs", at + timedelta(hours=1), by=STREET, at=at, rules=RULES)
    do(store, ends.find, action, "主管锈穿", by=STREET, at=at)
    assert look(store, action).stage is Stage.DISPOSING
    assert kinds(store, no)[-2:] == ["frontline.joined", "frontline.found"]


def test_fl_08_no_final_review_passes_while_the_action_is_open(store: Store) -> None:
    no = walks.in_final_review(store)
    at = later(days=1, hours=2)
    action = store.write_now(
        lambda conn: calls.call(
            conn, no, form(report_at=at + timedelta(hours=1)), by=CENTRE, at=at, rules=RULES
        )
    )
    passing: dict[str, Any] = {"by": FINAL_REVIEWER, "at": at + timedelta(hours=3), "rules": RULES}
    with pytest.raises(TooLate, match="一线处置"):
        store.write_now(lambda conn: cases.pass_final(conn, no, **passing))
    with pytest.raises(Invalid):
        do(store, ends.close, action, closing(root_cause=" "), by=CENTRE, at=at, rules=RULES)
    with pytest.raises(TooLate, match="报到"):
        do(store, ends.close, action, closing(), by=CENTRE, at=at + timedelta(minutes=5), rules=RULES)
    do(store, ends.close, action, closing(), by=CENTRE, at=at + timedelta(hours=2), rules=RULES)
    store.write_now(lambda conn: cases.pass_final(conn, no, **passing))


def test_fl_04_closing_leaves_no_clock_without_end_and_counts_the_absent(store: Store) -> None:
    no, action = closed(store)
    kept = look(store, action)
    assert [kept.arrival(one, NINE) for one in kept.targets] == [Arrival.ON_TIME, Arrival.ABSENT]
    assert [one.result for one in view(store, no).clocks if one.kind == ClockKind.FRONTLINE_ACCEPT] == [
        Result.MET,
        Result.MISSED,
    ]
    assert view(store, no).events[-1].detail["absent"] == 1
    with pytest.raises(TooLate):
        do(store, calls.accept, action, "甲", "乙", by=HOUSING, at=NINE + timedelta(hours=3))


def test_fl_06_both_sides_judge_and_the_command_centre_decides_a_dispute(store: Store) -> None:
    _, action = closed(store)
    at = NINE + timedelta(hours=3)
    do(store, ends.judge, action, 2, "到场但未带工具", unit="swjt", by=STREET, at=at)
    do(store, ends.judge, action, 4, "", unit="zjj", by=STREET, at=at)
    do(store, ends.judge, action, 5, "", by=WATER, at=at)
    with pytest.raises(Conflict):
        do(store, ends.judge, action, 1, "重复", by=WATER, at=at)
    do(store, ends.judge, action, 3, "", by=HOUSING, at=at)
    assert look(store, action).stage is Stage.JUDGED
    given = look(store, action).targets[0].judged_by(Side.STREET)
    assert given is not None
    with pytest.raises(NotForYou):
        do(store, ends.dispute, given.id, "不是我们", by=HOUSING, at=at, rules=RULES)
    do(store, ends.dispute, given.id, "工具已在车上", by=WATER, at=at, rules=RULES)
    assert look(store, action).stage is Stage.CLOSED
    found = store.read_now(lambda conn: lists.actions(conn, Filters(pile="disputed"), 1))
    assert [one.id for one in found.rows] == [action]
    with pytest.raises(NotForYou):
        do(store, ends.rule, given.id, 4, "有照片为证", by=STREET, at=at)
    do(store, ends.rule, given.id, 4, "有照片为证", by=CENTRE, at=at)
    settled = look(store, action).targets[0].judged_by(Side.STREET)
    assert settled is not None
    assert (settled.score, settled.final) == (2, 4)
    assert look(store, action).stage is Stage.JUDGED
    accuracy = store.read_now(lambda conn: lists.accuracy(conn, MORNING, at))
    assert accuracy == {"dmjd": (2, 4.0)}


def test_fl_06_nobody_judges_before_the_end_or_disputes_after_two_working_days(store: Store) -> None:
    _, action = called(store)
    with pytest.raises(TooLate):
        do(store, ends.judge, action, 5, "", by=WATER, at=later(hours=1))
    _, action = closed(store)
    do(store, ends.judge, action, 1, "未到场", unit="zjj", by=STREET, at=NINE + timedelta(hours=3))
    given = look(store, action).targets[1].judged_by(Side.STREET)
    assert given is not None
    with pytest.raises(TooLate):
        do(store, ends.dispute, given.id, "堵车", by=HOUSING, at=NINE + timedelta(days=4), rules=RULES)


def test_fl_07_the_report_counts_handler_and_leader_from_the_same_deeds(store: Store) -> None:
    _, action = closed(store)
    at = NINE + timedelta(hours=3)
    do(store, ends.judge, action, 5, "", unit="swjt", by=STREET, at=at)
    water, housing = store.read_now(lambda conn: lists.deeds(conn, MORNING, at, at))
    assert (water.handler, water.leader, water.accepted, water.score) == ("林工", "周副总", True, 5)
    assert (housing.accepted, housing.responded, housing.arrival) == (False, False, Arrival.ABSENT)
    assert store.read_now(lambda conn: lists.deeds(conn, at, at + timedelta(days=1), at)) == []


def test_fl_08_the_street_looks_again_on_the_day_it_named(store: Store) -> None:
    _, action = closed(store)

    def due(today: date) -> list[int]:
        found = store.read_now(lambda conn: lists.actions(conn, Filters(pile="recheck", today=today), 1))
        return [one.id for one in found.rows]

    assert due(RECHECK - timedelta(days=1)) == []
    assert due(RECHECK) == [action]
    do(store, ends.recheck, action, "又渗漏", held=False, by=STREET, at=later(days=31))
    assert due(RECHECK) == []
    assert look(store, action).recheck_held is False
    told = store.read_now(lambda conn: notices.inbox(conn, CENTRE, later(days=31)))
    assert [one.kind for one in told.rows][:1] == ["frontline_came_back"]


def test_a_unit_finds_what_it_called_and_what_it_was_called_to(store: Store) -> None:
    _, action = called(store)
    for unit, sees in (("dmjd", [action]), ("swjt", [action]), ("gdgs", [])):
        found = store.read_now(lambda conn, unit=unit: lists.actions(conn, Filters(unit=unit), 1))  # type: ignore[misc]
        assert [one.id for one in found.rows] == sees


def test_fl_03_a_call_nobody_took_up_is_told_to_leader_and_command_centre_once(store: Store) -> None:
    no, action = called(store)
    do(store, calls.accept, action, "林工", "周副总", by=WATER, at=later(minutes=5))
    for _ in range(2):
        store.write_now(lambda conn: sweep.sweep(conn, later(minutes=11), RULES))
    told = [fact for fact in view(store, no).events if fact.kind == "frontline.not_accepted"]
    assert [fact.detail for fact in told] == [{"unit": "zjj"}]
