"""T14, T15, T25, SH-03: what a unit asks for, who decides it, and what it does to the clocks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.clocks import Result
from cases.workflow import NotAllowed, Role, SamePerson, Secrecy, State
from storage import cases, sweep
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.people import Actor
from tests.makers import AGENT, DISPATCHER, LIAISON, RULES, TEAM_LEAD, a_reply, later
from tests.storage import walks
from tests.storage.walks import kinds, view

LEADER = Actor("szgc-leader", Role.UNIT_LEADER, "szgc")
SUPERVISOR = Actor("xnb01", Role.SUPERVISOR, "xnb")


def do(store: Store, move: Any, no: str, *words: Any, **named: Any) -> Any:
    return store.write_now(lambda conn: move(conn, no, *words, **named))


def clock(store: Store, no: str, kind: str) -> Any:
    return [one for one in view(store, no).clocks if one.kind == kind][-1]


def ask_extension(store: Store, no: str, at: datetime, by: Actor = LIAISON, amount: int = 2) -> None:
    do(store, cases.ask_extension, no, amount, reason="需跨汛期施工", by=by, at=at, rules=RULES)


def test_t15_an_extension_is_asked_by_the_unit_and_decided_by_the_centre(store: Store) -> None:
    no = walks.handling(store)
    with pytest.raises(Conflict, match="没有待决定"):
        do(store, cases.extend, no, by=DISPATCHER, at=later(hours=2), rules=RULES)
    ask_extension(store, no, later(hours=2))
    assert clock(store, no, "reply").due_at == datetime.fromisoformat("2026-11-26T23:59:59+08:00")
    do(store, cases.extend, no, by=DISPATCHER, at=later(hours=3), rules=RULES)
    late = clock(store, no, "reply")
    assert late.due_at == datetime.fromisoformat("2026-11-30T23:59:59+08:00")
    assert late.first_due_at == datetime.fromisoformat("2026-11-26T23:59:59+08:00")
    assert clock(store, no, "request_decision").result is Result.MET


def test_t15_once_by_the_liaison_once_more_by_the_leader_and_never_when_late(store: Store) -> None:
    no = walks.handling(store)
    for by, hour in ((LIAISON, 2.0), (LEADER, 4.0)):
        ask_extension(store, no, later(hours=hour), by)
        do(store, cases.extend, no, by=DISPATCHER, at=later(hours=hour + 1), rules=RULES)
        with pytest.raises(Invalid, match="只能延期一次"):
            ask_extension(store, no, later(hours=hour + 1.5))
    with pytest.raises(Invalid):
        ask_extension(store, no, later(hours=8), LEADER)
    other = walks.handling(store)
    with pytest.raises(Invalid, match="时限已到"):
        ask_extension(store, other, later(days=9))


def test_t14_a_pause_ends_by_itself_at_its_longest(store: Store) -> None:
    no = walks.paused(store)
    over = later(days=1) + timedelta(days=11)
    while store.write_now(lambda conn: sweep.sweep(conn, over, RULES)):
        pass
    kept = view(store, no)
    assert kept.paused_at is None
    assert clock(store, no, "reply").result is Result.RUNNING
    assert "pause.closed" in kinds(store, no)


def test_t14_a_word_of_the_citizen_ends_the_waiting_for_it(store: Store) -> None:
    no = walks.paused(store)
    do(store, cases.supplement, no, "门牌是12号乙", by=AGENT, at=later(days=2), rules=RULES)
    kept = view(store, no)
    assert (kept.paused_at, kept.paused_for) == (None, None)
    assert kept.supplements[0].fields["words"] == "门牌是12号乙"


def test_t14_a_reason_has_a_longest_time_and_the_citizen_is_told(store: Store) -> None:
    no = walks.handling(store)
    how: dict[str, Any] = {"by": LIAISON, "at": later(hours=3), "rules": RULES}
    for more in ({"days": 11, "told": "已告"}, {"days": 5, "told": " "}):
        with pytest.raises(Invalid):
            do(store, cases.ask_pause, no, "wait_citizen", words="缺门牌", **more, **how)


def listed(store: Store) -> str:
    no = walks.handling(store)
    do(
        store, cases.ask_long_term, no, "funds", plan="明年列入计划", review_days=30, told="已书面告知",
        by=LEADER, at=later(hours=2), rules=RULES,
    )  # fmt: skip
    do(store, cases.mark_long_term, no, by=SUPERVISOR, at=later(hours=3), rules=RULES)
    return no


def test_t25_both_the_efficiency_office_and_the_centre_sign_a_long_term_case(store: Store) -> None:
    no = listed(store)
    assert view(store, no).long_term_at is None
    with pytest.raises(Invalid, match="本方已签署"):
        do(store, cases.mark_long_term, no, by=SUPERVISOR, at=later(hours=4), rules=RULES)
    both = Actor(SUPERVISOR.login, Role.DISPATCHER, "xfj")
    with pytest.raises(SamePerson):
        do(store, cases.mark_long_term, no, by=both, at=later(hours=4), rules=RULES)
    do(store, cases.mark_long_term, no, by=DISPATCHER, at=later(hours=5), rules=RULES)
    assert view(store, no).long_term_at == later(hours=5)
    assert clock(store, no, "reply").result is Result.VOID
    assert clock(store, no, "long_term").result is Result.RUNNING


def test_t25_it_is_reviewed_regularly_and_struck_off_with_evidence(store: Store) -> None:
    no = listed(store)
    do(store, cases.mark_long_term, no, by=DISPATCHER, at=later(hours=5), rules=RULES)
    with pytest.raises(Invalid, match="先销账"):
        do(store, cases.reply, no, a_reply(), by=LIAISON, at=later(days=2), rules=RULES)
    do(store, cases.review_long_term, no, "已立项", by=SUPERVISOR, at=later(days=20), rules=RULES)
    assert clock(store, no, "long_term").started_at == later(days=20)
    do(store, cases.end_long_term, no, "已完工,照片留档", by=DISPATCHER, at=later(days=40), rules=RULES)
    assert view(store, no).long_term_at is None
    assert clock(store, no, "reply").started_at == later(days=40)
    assert clock(store, no, "long_term").result is Result.MET


def test_an_unreasonable_demand_leaves_the_scores_but_not_the_volume(store: Store) -> None:
    no = walks.closed(store)
    ask: dict[str, Any] = {"words": "现场无此情况", "rules": RULES}
    do(store, cases.ask_exclusion, no, "no_facts", by=LIAISON, at=later(days=3), **ask)
    own = Actor(LIAISON.login, Role.DISPATCHER, "xfj")
    with pytest.raises(SamePerson):
        do(store, cases.exclude, no, "已说明", by=own, at=later(days=4))
    do(store, cases.exclude, no, "已向诉求人说明", by=DISPATCHER, at=later(days=4))
    kept = view(store, no)
    assert (kept.excluded, kept.state) == ("no_facts", State.CLOSED)


def test_sh03_another_intent_gives_another_limit_and_a_pause_is_kept(store: Store) -> None:
    no = walks.handling(store, category="1801", intent="投诉")
    before = clock(store, no, "reply").due_at
    new = cases.Reclass(intent="咨询")
    with pytest.raises(NotAllowed):
        do(store, cases.reclassify, no, new, by=AGENT, at=later(hours=2), rules=RULES)
    do(store, cases.reclassify, no, new, by=TEAM_LEAD, at=later(hours=2), rules=RULES)
    after = clock(store, no, "reply").due_at
    assert (before, after) == (
        datetime.fromisoformat("2026-12-07T23:59:59+08:00"),
        datetime.fromisoformat("2026-11-25T23:59:59+08:00"),
    )


def test_who_reports_a_wrong_is_not_named_to_the_units_unless_somebody_decides_so(store: Store) -> None:
    no = walks.registered(store, intent="举报").no
    assert view(store, no).confidential is Secrecy.HIDE_CONTACT
    opened = cases.Reclass(confidential=Secrecy.NONE)
    with pytest.raises(NotAllowed):
        do(store, cases.reclassify, no, opened, by=DISPATCHER, at=later(hours=1), rules=RULES)
    do(store, cases.reclassify, no, opened, by=TEAM_LEAD, at=later(hours=1), rules=RULES)
    assert view(store, no).confidential is Secrecy.NONE
