"""质检 in the store: fair drawing, one score for each call, and appeals that somebody else decides."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from cases.call_parts import Channel, Direction, EndReason, Who
from cases.quality import USUAL, Item
from cases.rules import rules_for
from cases.workflow import Role, Secrecy
from storage import cases, history, people, quality, quality_draws, quality_sheets
from storage.call_models import Call, SeatLog
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.people import Account
from storage.types import table_of
from tests.makers import AGENT, MORNING, a_form

CITY = ZoneInfo("Asia/Shanghai")
WEEK = date(2026, 11, 16)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=CITY)
AFTER = MONDAY + timedelta(days=8)
RULES = rules_for("RH")
BEST = [item.most for item in USUAL]
CALL, SEAT_LOG = table_of(Call), table_of(SeatLog)


def a_row(call: str, seat: str, at: datetime, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": call, "node": "hotline1", "number": "13850123456", "dialled": "12345", "channel": Channel.PSTN,
        "offered_at": at, "answered_by_line_at": at, "queued_at": at, "answered_at": at + timedelta(seconds=5),
        "ended_at": at + timedelta(seconds=95), "end_reason": EndReason.COMPLETED, "hung_up_by": Who.CALLER,
        "cause": 16, "seat": seat, "answer_seconds": 5.0, "wait_seconds": 5.0, "talk_seconds": 90.0,
        "hold_seconds": 0.0, "outcome": "", "case": "", "outcome_by": "", "survey": None, "keys": "",
        "fallback": False, "recording": "", "heard_until": at, "segments": "", "recording_state": "kept",
        "direction": Direction.INCOMING,
    }  # fmt: skip
    return row | changes


@pytest.fixture(autouse=True)
def calls(store: Store) -> None:
    """Two agents with 30 calls each, and what is not worth a check or not anybody's."""
    rows = [
        a_row(f"h-{seat}.{n}", seat, MONDAY + timedelta(hours=n))
        for seat in ("s1001", "s1002")
        for n in range(30)
    ]
    rows += [
        a_row("h-short.1", "s1001", MONDAY, talk_seconds=19.0),
        a_row("h-none.1", "s1001", MONDAY, recording_state="missing"),
        a_row("h-ours.1", "s1001", MONDAY, direction=Direction.OUTGOING),
        a_row("h-late.1", "s1001", MONDAY + timedelta(days=7)),
    ]

    def write(conn: Connection) -> None:
        for login, seat, role in (("1001", "s1001", Role.AGENT), ("1002", "s1002", Role.AGENT)):
            account = Account(login, login, role, "rxzx", seat)
            people.add_account(conn, account, password_hash="", by="test", at=MONDAY)
        conn.execute(insert(CALL), rows)

    store.write_now(write)


def draw(store: Store, per_agent: int = 3) -> int:
    return store.write_now(
        partial(quality_draws.draw, week=WEEK, per_agent=per_agent, zone=CITY, by="lead", at=AFTER)
    )


def drawn(store: Store) -> list[quality.Line]:
    return store.read_now(partial(quality.of_weeks, first=WEEK, last=WEEK))


def check(
    store: Store, call: str, marks: list[int] = BEST, *, by: str = "lead", at: datetime = AFTER
) -> None:
    store.write_now(
        partial(quality.check, call=call, marks=marks, notes=["" for _ in marks], comment="好", by=by, at=at)
    )


def test_each_agent_has_as_many_calls_drawn_as_every_other_and_a_second_draw_adds_none(store: Store) -> None:
    assert draw(store) == 6
    first = {line.call for line in drawn(store)}
    assert draw(store) == 0
    assert {line.call for line in drawn(store)} == first
    assert Counter(line.agent for line in drawn(store)) == {"1001": 3, "1002": 3}
    assert draw(store, 4) == 2
    assert first < {line.call for line in drawn(store)}


def test_what_is_short_unrecorded_ours_or_of_another_week_is_not_drawn(store: Store) -> None:
    draw(store, 50)
    assert {line.call for line in drawn(store)} == {
        f"h-{seat}.{n}" for seat in ("s1001", "s1002") for n in range(30)
    }


def test_a_call_counts_for_who_sat_there_then(store: Store) -> None:
    log = {
        "seat": "s1001",
        "at": MONDAY - timedelta(hours=1),
        "agent": "1002",
        "state": "ready",
        "reason": "",
        "actor": "",
    }

    def write(conn: Connection) -> None:
        conn.execute(insert(SEAT_LOG).values(**log))

    store.write_now(write)
    draw(store, 50)
    assert Counter(line.agent for line in drawn(store)) == {"1002": 50}


def test_a_confidential_report_is_drawn_for_nobody(store: Store) -> None:
    for n in range(28):
        form = a_form(call=f"h-s1001.{n}", confidential=Secrecy.HIDE_CONTACT)
        store.write_now(partial(cases.register, form=form, key=f"key-{n}", by=AGENT, at=MORNING, rules=RULES))
    draw(store)
    assert {line.call for line in drawn(store) if line.agent == "1001"} == {"h-s1001.28", "h-s1001.29"}
    with pytest.raises(Conflict, match="保密"):
        store.write_now(partial(quality_draws.pick, call="h-s1001.3", zone=CITY, by="lead", at=AFTER))


def test_a_picked_call_comes_beside_the_random_ones_and_not_into_the_mean(store: Store) -> None:
    pick = partial(quality_draws.pick, call="h-s1001.0", zone=CITY, by="lead", at=AFTER)
    store.write_now(pick)
    store.write_now(pick)
    assert draw(store) == 6
    for line in drawn(store):
        check(store, line.call, [0 for _ in BEST[:-2]] + [1, 1] if line.basis == "picked" else BEST)
    team = {line.agent: line for line in store.read_now(partial(quality.team, first=WEEK, last=WEEK))}
    assert (team["1001"].drawn, team["1001"].checked, team["1001"].mean) == (4, 4, 100.0)
    assert (team["1001"].passed, team["1001"].fatal) == (3, 0)


def test_a_call_is_scored_once_and_by_somebody_else(store: Store) -> None:
    draw(store)
    line = drawn(store)[0]
    with pytest.raises(Conflict, match="自己的通话"):
        check(store, line.call, by=line.agent)
    with pytest.raises(Invalid):
        check(store, line.call, [*BEST[:-1], 2])
    check(store, line.call)
    with pytest.raises(Conflict, match="已有质检结果"):
        check(store, line.call)
    with pytest.raises(Missing):
        check(store, "h-short.1")


def test_an_agent_sees_only_his_own_results_and_only_when_they_are_given(store: Store) -> None:
    draw(store)
    mine = next(line for line in drawn(store) if line.agent == "1001")
    see = partial(quality.see, call=mine.call, at=AFTER)
    with pytest.raises(Missing):
        store.write_now(partial(see, by="1001"))
    check(store, mine.call)
    with pytest.raises(Missing):
        store.write_now(partial(see, by="1002"))
    store.write_now(partial(see, by="1001"))
    assert store.read_now(partial(quality.result, call=mine.call)).seen_at == AFTER
    assert [line.call for line in store.read_now(partial(quality.of_agent, agent="1001"))] == [mine.call]


def test_an_appeal_is_decided_by_somebody_else_and_both_scores_are_kept(store: Store) -> None:
    draw(store)
    mine = next(line for line in drawn(store) if line.agent == "1001").call
    check(store, mine, [0, *BEST[1:]])
    store.write_now(partial(quality.appeal, call=mine, text="我报了工号", by="1001", at=AFTER))
    with pytest.raises(Conflict):
        store.write_now(partial(quality.appeal, call=mine, text="再说一次", by="1001", at=AFTER))
    assert drawn(store)[0].state == "appealed"
    decide = partial(quality.decide, call=mine, marks=BEST, answer="复听属实", at=AFTER)
    with pytest.raises(Conflict, match="评分人以外"):
        store.write_now(partial(decide, by="lead"))
    store.write_now(partial(decide, by="supervisor"))
    seen = store.read_now(partial(quality.result, call=mine))
    assert (seen.line.score, seen.first_score, seen.line.verdict) == (100, 90, "revised")
    assert [mark.points for mark in seen.marks] == BEST
    with pytest.raises(Conflict):
        store.write_now(partial(decide, by="supervisor"))
    kinds = [fact.kind for fact in store.read_now(partial(history.of, subject=mine))]
    assert kinds == ["quality.checked", "quality.appealed", "quality.decided"]


def test_after_a_week_nobody_appeals(store: Store) -> None:
    draw(store)
    mine = next(line for line in drawn(store) if line.agent == "1001").call
    check(store, mine)
    late = AFTER + timedelta(days=7, seconds=1)
    with pytest.raises(Conflict, match="七天"):
        store.write_now(partial(quality.appeal, call=mine, text="我报了工号", by="1001", at=late))


def test_a_score_keeps_the_sheet_it_was_given_by(store: Store) -> None:
    draw(store)
    one, other = (line.call for line in drawn(store)[:2])
    check(store, one)
    items = [Item("问候", 40), Item("答复", 60), Item("泄密", 0, fatal=True)]
    keep = partial(quality_sheets.keep, name="新表", by="supervisor", at=AFTER)
    assert store.write_now(partial(keep, items=items)) == 1
    check(store, other, [40, 50, 1])
    assert len(store.read_now(partial(quality.result, call=one)).marks) == len(USUAL)
    assert store.read_now(partial(quality.result, call=other)).line.score == 90
    with pytest.raises(Invalid, match="100"):
        store.write_now(partial(keep, items=items[:1]))


def test_the_list_begins_with_what_is_appealed_and_ends_with_what_is_done(store: Store) -> None:
    draw(store)
    lines = [line for line in drawn(store) if line.agent == "1001"]
    check(store, lines[0].call)
    check(store, lines[1].call)
    store.write_now(partial(quality.appeal, call=lines[1].call, text="不同意", by="1001", at=AFTER))
    assert [line.state for line in drawn(store)] == ["appealed", *["drawn"] * 4, "checked"]
