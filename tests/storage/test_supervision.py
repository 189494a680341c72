"""Supervision: findings, warnings, orders, instructions, exposure, accountability, circulars, and who may what."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.oversight import NotYourDuty
from cases.workflow import NotAllowed, Role
from storage import (
    accountability,
    cases,
    circulars,
    clocks,
    findings,
    history,
    notices,
    registers,
    supervision,
    supervision_models,
    urges,
    views,
    warnings,
)
from storage.accountability import AccountabilityForm, ExposureForm, Person
from storage.engine import Store
from storage.errors import Invalid
from storage.findings import FindingClosed, SameJudge
from storage.moves import see
from storage.oversight import NotOfUnit
from storage.people import Actor
from storage.spheres import OutsideSphere
from storage.supervision import InstructionForm, OrderClosed, OrderForm
from storage.supervision_models import FindingState, WarningState
from storage.types import table_of
from storage.units import UNIT
from storage.warnings import TooFew
from tests.makers import (
    CENTRE_REVIEWER,
    CITIZEN,
    DISPATCHER,
    FINAL_REVIEWER,
    HANDLER,
    LIAISON,
    MORNING,
    RULES,
    later,
)
from tests.storage import walks
from tests.storage.test_sweep import DUE, PLANNING, handling, reply_clock, swept

NOTICE = table_of(supervision_models.Notice)
EFFICIENCY = Actor("9002", Role.SUPERVISOR, "xnb")
OTHER_JUDGE = Actor("9003", Role.SUPERVISOR, "xnb")
OFFICE = Actor("8001", Role.LEADERS_OFFICE, "rxzx")
LATE = DUE + timedelta(seconds=1)
AFTER = DUE + timedelta(hours=10)
ORDER = OrderForm(unit="szgc", ground="late", text="限期办结", days=5)


def do(store: Store, work: Any, *words: Any, by: Actor, at: datetime = AFTER, **named: Any) -> Any:
    return store.write_now(lambda conn: work(conn, *words, by=by, at=at, **named))


def all_of(store: Store, table: Any) -> list[Any]:
    return store.read_now(lambda conn: list(conn.execute(select(table).order_by(table.c.id))))


def counted(store: Store, table: Any) -> int:
    return int(
        store.read_now(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())
    )


def late_cases(store: Store, how_many: int) -> list[str]:
    """So many replies of the works office that have run out."""
    numbers = [handling(store) for _ in range(how_many)]
    swept(store, LATE)
    return numbers


def the_warning(store: Store) -> Any:
    return all_of(store, warnings.WARNING)[-1]


def kinds_for(store: Store, actor: Actor, at: datetime = AFTER) -> list[str]:
    page = store.read_now(lambda conn: notices.inbox(conn, actor, at))
    return [one.kind for one in page.rows]


# F10-14: the warning


def test_f10_14_two_late_replies_are_no_warning_and_the_third_drafts_one_with_the_three_cases(
    store: Store,
) -> None:
    numbers = late_cases(store, 2)
    assert all_of(store, warnings.WARNING) == []
    numbers += late_cases(store, 1)
    draft = the_warning(store)
    assert (draft.unit, draft.state, draft.period, draft.no) == ("szgc", WarningState.DRAFT, "2026Q4", None)
    items = store.read_now(lambda conn: warnings.items(conn, draft.id))
    assert sorted(item.no for item in items) == sorted(numbers)
    assert "warning.drafted" in kinds_for(store, EFFICIENCY)


def test_f10_14_late_reading_and_late_replying_count_together(store: Store) -> None:
    walks.dispatched(store, category=PLANNING)  # never read: its reading and its reply both run out
    handling(store)
    swept(store, LATE)
    issued = do(store, warnings.issue, the_warning(store).id, "市政中心", by=EFFICIENCY, rules=RULES)
    facts = store.read_now(lambda conn: history.of(conn, f"warning:{the_warning(store).id}"))
    detail = facts[-1].detail
    assert (issued, detail["read"], detail["reply"], detail["total"]) == ("JG2026-0001", 1, 2, 3)


def test_f10_14_a_warning_is_issued_with_number_date_and_recipient_and_acknowledged_by_its_unit(
    store: Store,
) -> None:
    late_cases(store, 3)
    number = the_warning(store).id
    with pytest.raises(NotYourDuty):
        do(store, warnings.issue, number, "市政中心", by=DISPATCHER, rules=RULES)
    do(store, warnings.issue, number, "市政中心主要负责人", by=EFFICIENCY, rules=RULES)
    stranger = Actor("swjt01", Role.LIAISON, "swjt")
    with pytest.raises(NotOfUnit):
        do(store, warnings.acknowledge, number, by=stranger)
    do(store, warnings.acknowledge, number, by=LIAISON)
    kept = the_warning(store)
    assert (kept.state, kept.no, kept.recipient) == (
        WarningState.ACKNOWLEDGED,
        "JG2026-0001",
        "市政中心主要负责人",
    )
    assert (kept.issued_by, kept.issued_at, kept.acknowledged_by) == ("9002", AFTER, LIAISON.login)
    assert "warning.issued" in kinds_for(store, LIAISON)


def test_f10_14_a_warning_is_withdrawn_if_an_appeal_voids_one_of_its_three(store: Store) -> None:
    late_cases(store, 3)
    do(store, warnings.issue, the_warning(store).id, "市政中心", by=EFFICIENCY, rules=RULES)
    one = all_of(store, findings.FINDING)[0].id
    do(store, findings.appeal, one, "系统故障期间", by=LIAISON)
    do(store, findings.rule, one, granted=True, text="属实", by=EFFICIENCY, rules=RULES)
    kept = the_warning(store)
    assert (kept.state, kept.withdrawn_by, kept.reason) == (WarningState.WITHDRAWN, "system", "appeal")
    # The two that are left count again: with a third there is a new draft.
    late_cases(store, 1)
    assert (the_warning(store).id != kept.id, the_warning(store).state) == (True, WarningState.DRAFT)


def test_a_warning_whose_items_no_longer_hold_cannot_be_issued(store: Store) -> None:
    no = late_cases(store, 3)[0]
    kept = clocks.kept(reply_clock(store, no))
    store.write_now(lambda conn: clocks.change(conn, kept, lambda clock: clock.void("moved")))
    with pytest.raises(TooFew):
        do(store, warnings.issue, the_warning(store).id, "市政中心", by=EFFICIENCY, rules=RULES)
    assert the_warning(store).state is WarningState.DRAFT


def test_the_fourth_joins_the_open_draft_and_another_quarter_begins_at_nothing(store: Store) -> None:
    late_cases(store, 4)
    assert len(all_of(store, warnings.WARNING)) == 1
    assert counted(store, warnings.ITEM) == 4


def test_f07_13_nothing_is_held_against_a_unit_outside_the_citys_command(store: Store) -> None:
    store.write_now(
        lambda conn: conn.execute(UNIT.update().where(UNIT.c.id == "szgc").values(kind="external"))
    )
    late_cases(store, 3)
    assert all_of(store, findings.FINDING) == []


# G-04: the six triggers


def test_g_04_three_triggers_are_found_by_themselves(store: Store) -> None:
    walks.dispatched(store, category=PLANNING)
    swept(store, LATE)
    case = all_of(store, findings.FINDING)[0].case
    store.write_now(lambda conn: findings.dissatisfied(conn, case_id=case, unit="szgc", at=AFTER))
    assert [one.trigger for one in all_of(store, findings.FINDING)] == [
        "late_read",
        "late_handle",
        "dissatisfied",
    ]
    assert {one.by for one in all_of(store, findings.FINDING)} == {"system"}


@pytest.mark.parametrize("trigger", ["shirking", "off_the_point", "poor_work"])
@pytest.mark.parametrize("judge", [EFFICIENCY, CENTRE_REVIEWER, FINAL_REVIEWER])
def test_g_04_three_triggers_are_raised_with_evidence_by_those_who_review(
    sqlite_url: str, trigger: str, judge: Actor
) -> None:
    store = Store.open(sqlite_url)
    no = walks.replied(store)
    with pytest.raises(Invalid):
        do(store, findings.raise_by_hand, no, trigger, unit="szgc", evidence=" ", by=judge)
    do(store, findings.raise_by_hand, no, trigger, unit="szgc", evidence="答复未回应诉求", by=judge)
    assert all_of(store, findings.FINDING)[0].trigger == trigger
    store.close()


def test_a_finding_goes_from_answer_to_decision_to_appeal_and_another_person_judges(store: Store) -> None:
    no = walks.replied(store)
    raised = do(
        store, findings.raise_by_hand, no, "shirking", unit="szgc", evidence="推给街道", by=EFFICIENCY
    )
    do(store, findings.respond, raised, "已与街道会商", by=HANDLER)
    with pytest.raises(FindingClosed):
        do(store, findings.respond, raised, "再说明", by=HANDLER)
    do(store, findings.decide, raised, upheld=True, text="情况属实", by=OTHER_JUDGE, rules=RULES)
    do(store, findings.appeal, raised, "请复核", by=LIAISON)
    for judge in (EFFICIENCY, OTHER_JUDGE):
        with pytest.raises(SameJudge):
            do(store, findings.rule, raised, granted=True, text="同意", by=judge, rules=RULES)
    third = Actor("9004", Role.SUPERVISOR, "xnb")
    do(store, findings.rule, raised, granted=False, text="维持", by=third, rules=RULES)
    assert all_of(store, findings.FINDING)[0].state is FindingState.UPHELD
    with pytest.raises(FindingClosed):
        do(store, findings.appeal, raised, "再申诉", by=LIAISON)
    kinds = [fact.kind for fact in store.read_now(lambda conn: history.of(conn, no))]
    assert kinds[-5:] == [
        "finding.raised",
        "finding.answered",
        "finding.decided",
        "finding.appealed",
        "finding.ruled",
    ]


def test_f07_10_the_bureau_cannot_take_back_its_own_lateness_and_the_efficiency_office_cannot_dispatch(
    store: Store,
) -> None:
    no = walks.registered(store, category=PLANNING).no
    with pytest.raises(NotAllowed):
        do(store, cases.dispatch, no, lead="szgc", by=EFFICIENCY, rules=RULES)
    swept(store, AFTER)  # the dispatch has run out
    late = all_of(store, findings.FINDING)[0]
    assert (late.unit, late.trigger) == ("xfj", "late_handle")
    for bureau in (DISPATCHER, FINAL_REVIEWER):
        with pytest.raises(NotYourDuty):
            do(store, findings.decide, late.id, upheld=False, text="不算", by=bureau, rules=RULES)
    do(store, findings.appeal, late.id, "系统切换期间", by=DISPATCHER)  # to explain itself is another matter
    with pytest.raises(NotYourDuty):
        do(store, findings.rule, late.id, granted=True, text="同意", by=DISPATCHER, rules=RULES)
    refused = store.read_now(lambda conn: history.of(conn, f"decide_finding:{late.id}"))
    assert [fact.kind for fact in refused] == ["refused", "refused"]


def test_an_efficiency_office_of_a_district_has_no_say_over_the_city(store: Store) -> None:
    no = walks.replied(store)
    store.write_now(_district_office)
    district = Actor("rdq9", Role.SUPERVISOR, "rdqxnb")
    with pytest.raises(OutsideSphere):
        do(store, findings.raise_by_hand, no, "shirking", unit="szgc", evidence="推诿", by=district)
    with pytest.raises(OutsideSphere):
        do(store, supervision.order, no, ORDER, by=district, rules=RULES)


def _district_office(conn: Any) -> None:
    row = conn.execute(select(UNIT).where(UNIT.c.id == "dmjd")).one()._asdict()
    new = row | {"id": "rdqxnb", "parent": "rdq", "name": "榕东区效能办", "kind": "efficiency", "level": 2}
    conn.execute(UNIT.insert().values(new))


# T27: orders and instructions


def test_t27_an_order_has_a_number_and_a_clock_and_is_closed_only_by_who_gave_it(store: Store) -> None:
    no = handling(store)
    order = do(store, supervision.order, no, ORDER, by=EFFICIENCY, at=MORNING, rules=RULES)
    kept = all_of(store, supervision.ORDER)[0]
    clock = next(one for one in walks.view(store, no).clocks if one.kind == "supervise")
    assert (kept.no, kept.unit) == ("DB2026-0001", "szgc")
    assert clock.due_at == datetime.fromisoformat("2026-11-30T23:59:59+08:00")
    with pytest.raises(Invalid):  # nothing is reported yet
        do(store, supervision.close, order, "已办结", by=EFFICIENCY)
    with pytest.raises(NotOfUnit):
        do(store, supervision.report, order, "别家", by=Actor("swjt01", Role.LIAISON, "swjt"))
    do(store, supervision.report, order, "已完成整改", by=LIAISON, at=later(days=1))
    for other in (DISPATCHER, LIAISON, OFFICE):
        with pytest.raises(NotYourDuty):
            do(store, supervision.close, order, "算了", by=other)
    do(store, supervision.close, order, "核实无误", by=EFFICIENCY)
    with pytest.raises(OrderClosed):
        do(store, supervision.close, order, "再关", by=EFFICIENCY)
    assert view_state(store, no) == "handling"


def view_state(store: Store, no: str) -> str:
    return walks.view(store, no).state.value


def test_a_report_that_is_sent_back_lets_the_clock_go_on(store: Store) -> None:
    no = handling(store)
    order = do(store, supervision.order, no, ORDER, by=EFFICIENCY, at=MORNING, rules=RULES)
    do(store, supervision.report, order, "已转街道", by=LIAISON, at=later(days=1))
    do(store, supervision.send_back, order, "未说明结果", by=EFFICIENCY, at=later(days=2), rules=RULES)
    clock = next(one for one in walks.view(store, no).clocks if one.kind == "supervise")
    assert clock.result == "running"
    assert "supervision.sent_back" in kinds_for(store, LIAISON)


def test_an_order_outlives_the_end_of_its_case(store: Store) -> None:
    no = walks.in_final_review(store)
    do(store, supervision.order, no, ORDER, by=EFFICIENCY, at=later(days=1, hours=1), rules=RULES)
    at = later(days=1, hours=2)
    store.write_now(lambda conn: cases.pass_final(conn, no, by=FINAL_REVIEWER, at=at, rules=RULES))
    clock = next(one for one in walks.view(store, no).clocks if one.kind == "supervise")
    assert clock.result == "running"


def test_an_order_that_runs_out_tells_the_unit_and_the_office(store: Store) -> None:
    no = handling(store)
    do(store, supervision.order, no, ORDER, by=EFFICIENCY, at=MORNING, rules=RULES)
    swept(store, datetime.fromisoformat("2026-12-01T08:30:00+08:00"))
    at = datetime.fromisoformat("2026-12-01T08:31:00+08:00")
    assert "supervision.late" in kinds_for(store, LIAISON, at)
    assert "supervision.late" in kinds_for(store, EFFICIENCY, at)
    assert all_of(store, findings.FINDING) == []


def test_h_19_the_second_rework_puts_a_case_under_supervision_once(store: Store) -> None:
    no = handling(store)
    case = store.read_now(lambda conn: see(conn, no)).id
    tell = partial(supervision.reworked, case_id=case, unit="szgc", at=AFTER, rules=RULES)
    for times in (1, 2, 3):
        store.write_now(lambda conn, n=times: tell(conn, times=n))  # type: ignore[misc]
    assert [(one.ground, one.by) for one in all_of(store, supervision.ORDER)] == [("reworked", "system")]


def test_f10_22_an_instruction_becomes_orders_and_only_the_leaders_office_closes_it(store: Store) -> None:
    numbers = [handling(store), handling(store)]
    form = InstructionForm(
        leader="陈副市长",
        text="请市政中心限期整改并报结果",
        dated=date(2026, 11, 23),
        cases=numbers,
        unit="szgc",
        days=3,
        report="12345舆情专报第8期",
    )
    with pytest.raises(NotYourDuty):
        do(store, supervision.instruct, form.leader, form, by=EFFICIENCY, rules=RULES)
    given = do(store, supervision.instruct, form.leader, form, by=OFFICE, rules=RULES)
    orders = all_of(store, supervision.ORDER)
    assert [one.instruction for one in orders] == [given, given]
    with pytest.raises(Invalid):
        do(store, supervision.answer_leader, given, "已办", by=OFFICE)
    for order in orders:
        do(store, supervision.report, order.id, "已整改", by=LIAISON)
        with pytest.raises(NotYourDuty):
            do(store, supervision.close, order.id, "好", by=EFFICIENCY)
        do(store, supervision.close, order.id, "已核实", by=OFFICE)
    do(store, supervision.answer_leader, given, "已整改完毕,报领导阅", by=OFFICE)
    kept = all_of(store, supervision.INSTRUCTION)[0]
    assert (kept.no, kept.answer, kept.closed_by) == ("PS2026-0001", "已整改完毕,报领导阅", "8001")


# Urging, circulars, exposure, accountability


def test_an_urge_of_the_citizen_reaches_the_unit_that_leads(store: Store) -> None:
    no = handling(store)
    number = do(store, urges.urge, no, "已等三天", origin="citizen", by=CITIZEN, rules=RULES)
    assert number == "CB2026-0001"
    assert "urge" in kinds_for(store, HANDLER)
    idle = walks.registered(store).no
    with pytest.raises(urges.NothingToUrge):
        do(store, urges.urge, idle, "快点", origin="centre", by=DISPATCHER, rules=RULES)


def test_a_monthly_circular_has_what_stayed_late_and_what_was_upheld(store: Store) -> None:
    late = late_cases(store, 1)[0]
    at = datetime.fromisoformat("2026-12-15T09:00:00+08:00")
    swept(store, at)
    no = walks.replied(store)
    raised = do(store, findings.raise_by_hand, no, "poor_work", unit="szgc", evidence="未修好", by=EFFICIENCY)
    do(store, findings.decide, raised, upheld=True, text="属实", by=OTHER_JUDGE, at=at, rules=RULES)
    made = do(store, circulars.make, "2026-12", by=EFFICIENCY, at=at, rules=RULES)
    assert do(store, circulars.make, "2026-12", by=EFFICIENCY, at=at, rules=RULES) == made
    lines = store.read_now(lambda conn: circulars.lines(conn, made))
    assert sorted((line.no, line.reason) for line in lines) == sorted(
        [(late, "still_late"), (no, "poor_work")]
    )
    assert do(store, circulars.issue, made, by=EFFICIENCY, at=at, rules=RULES) == "TB2026-0001"
    with pytest.raises(circulars.CircularIssued):
        do(store, circulars.make, "2026-12", by=EFFICIENCY, at=at, rules=RULES)
    with pytest.raises(Invalid):
        do(store, circulars.make, "december", by=EFFICIENCY, at=at, rules=RULES)


def test_h_17_orders_exposures_matters_and_person_times_are_counted_apart(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    no = handling(store)
    # 213 matters with 322 person-times: 109 matters of two persons, 104 of one.
    persons = [2] * 109 + [1] * 104

    def fill(conn: Any) -> None:
        for _ in range(561):
            supervision.order(conn, no, ORDER, by=EFFICIENCY, at=AFTER, rules=RULES)
        for _ in range(42):
            form = ExposureForm(
                unit="szgc", media="榕海电视台", title="井盖", dated=date(2026, 12, 8), case=no
            )
            accountability.expose(conn, "szgc", form, by=EFFICIENCY, at=AFTER, rules=RULES)
        for many in persons:
            people = [Person("某某", "科长", "talk")] * many
            matter = AccountabilityForm(
                unit="szgc",
                ground="late_handle",
                decided_by="市纪委",
                dated=date(2026, 12, 8),
                persons=people,
            )
            accountability.hold_to_account(conn, "szgc", matter, by=EFFICIENCY, at=AFTER, rules=RULES)

    store.write_now(fill)
    assert counted(store, supervision.ORDER) == 561
    assert counted(store, accountability.EXPOSURE) == 42
    assert store.read_now(accountability.totals) == accountability.Totals(matters=213, persons=322)
    assert all_of(store, supervision.ORDER)[-1].no == "DB2026-0561"
    store.close()


def test_a_person_held_to_account_needs_a_post_and_a_measure(store: Store) -> None:
    form = AccountabilityForm(
        unit="szgc",
        ground="late_handle",
        decided_by="市纪委",
        dated=date(2026, 12, 8),
        persons=[Person("某某", "", "talk")],
    )
    with pytest.raises(Invalid) as refused:
        do(store, accountability.hold_to_account, "szgc", form, by=EFFICIENCY, rules=RULES)
    assert list(refused.value.fields) == ["persons"]


def test_what_history_keeps_of_supervision_are_codes_and_numbers(store: Store) -> None:
    no = handling(store)
    do(store, supervision.order, no, ORDER, by=EFFICIENCY, rules=RULES)
    do(store, urges.urge, no, "陈女士催办", origin="citizen", by=CITIZEN, rules=RULES)
    facts = store.read_now(lambda conn: history.of(conn, no))
    assert all("陈" not in str(fact.detail) and "限期" not in str(fact.detail) for fact in facts)


def test_the_page_of_a_case_shows_its_registers(store: Store) -> None:
    no = handling(store)
    do(store, supervision.order, no, ORDER, by=EFFICIENCY, rules=RULES)
    do(store, urges.urge, no, "请尽快", origin="centre", by=DISPATCHER, rules=RULES)
    case = store.read_now(lambda conn: see(conn, no)).id
    lines: list[views.Line] = store.read_now(lambda conn: registers.lines_of(conn, case))
    assert [line.kind for line in lines] == ["supervision", "urge"]
