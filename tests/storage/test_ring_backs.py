"""What is owed to callers: dated, claimed by one, tried by rule, closed for a reason; on both databases."""

import random
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.call_parts import CallRecord, Channel, Direction, EndReason, RingBackReason
from cases.ring_backs import MOST_ATTEMPTS, quiet_hours
from storage import history, rebuilding, records, ring_backs
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.ring_backs import Filters, Owed
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position

CITY = ZoneInfo("Asia/Shanghai")
NIGHT = quiet_hours("21:00", "08:00", CITY)
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in the city
NUMBER = "13800138000"


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def promise(store: Store, call: str, number: str = NUMBER, *, at: datetime = NOW, **more: object) -> None:
    """Let a citizen ask to be rung, and have the debt dated."""
    store.write_now(
        lambda conn: ring_backs.ask_ring_back(conn, call=call, number=number, at=at, key=call, **more)  # type: ignore[arg-type]
    )
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=at))


def the_debt(store: Store, call: str) -> Owed:
    found = store.read_now(partial(ring_backs.owed, call=call))
    assert found is not None
    return found


def a_record(call: str, **changes: object) -> CallRecord:
    """The record of a call of ours that nobody took."""
    record = CallRecord(
        id=call, node="hotline1", number=NUMBER, dialled=NUMBER, channel=Channel.PSTN, offered_at=NOW,
        answered_by_line_at=None, queued_at=(), answered_at=None, ended_at=later(seconds=50),
        end_reason=EndReason.UNREACHED, hung_up_by=None, cause=None, seat="s1001", answer_seconds=None,
        wait_seconds=0, talk_seconds=0, hold_seconds=0, segments=(), outcome="", case="", outcome_by="",
        survey=None, keys="", fallback=False, recording="", heard_until=later(seconds=50), ring_back=None,
        direction=Direction.OUTGOING, purpose="ring_back", owed="hotline1-1.1", dial_status="NOANSWER",
    )  # fmt: skip
    return replace(record, **changes)  # type: ignore[arg-type]


def settle(store: Store, record: CallRecord) -> None:
    store.write_now(partial(ring_backs.settle, record=record))


def attempt(store: Store, step: int, at: datetime, status: str = "NOANSWER", **changes: object) -> None:
    call = f"hotline1-{int(at.timestamp())}.{10_000_000 + step}"
    settle(store, a_record(call, offered_at=at, ended_at=at, dial_status=status, **changes))


def take(store: Store, exchange: Exchange) -> None:
    for inode, (source, lines) in enumerate([(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)]):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def test_every_kind_of_unserved_caller_becomes_a_dated_debt(store: Store) -> None:
    exchange = Exchange(seed=7)
    exchange.mixed(120)
    take(store, exchange)
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=NOW))
    found = store.read_now(partial(ring_backs.search, filters=Filters(state="all"), at=NOW))
    kinds = ("abandoned_in_menu", "abandoned_in_line", "lost_restart", "message_left", "callback_asked")
    assert found.total == sum(exchange.expected[kind] for kind in kinds)
    assert all(row.ring_by is not None for row in found.rows)


def test_nothing_is_rung_at_night_and_the_due_time_says_so(store: Store) -> None:
    evening = datetime(2026, 11, 22, 21, 30, tzinfo=CITY)
    promise(store, "hotline1-1.1", at=evening)
    debt = the_debt(store, "hotline1-1.1")
    assert debt.next_at == datetime(2026, 11, 23, 8, tzinfo=CITY)
    assert (debt.ring_by, debt.moved) == (datetime(2026, 11, 23, 9, tzinfo=CITY), "night")
    assert store.read_now(partial(ring_backs.ready, by="line:a", at=evening + timedelta(hours=2))) == []


def test_what_was_tried_in_the_evening_is_tried_again_in_the_morning(store: Store) -> None:
    evening = datetime(2026, 11, 22, 20, 55, tzinfo=CITY)
    promise(store, "hotline1-1.1", at=evening)
    attempt(store, 1, evening)
    night = evening + timedelta(minutes=10)
    assert the_debt(store, "hotline1-1.1").next_at == night
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=night))
    assert store.read_now(partial(ring_backs.ready, by="line:a", at=night)) == []
    assert the_debt(store, "hotline1-1.1").next_at == datetime(2026, 11, 23, 8, tzinfo=CITY)


def test_five_times_within_minutes_do_not_make_somebody_unreachable(store: Store) -> None:
    promise(store, "hotline1-1.1")
    close = partial(ring_backs.close, call="hotline1-1.1", reason="unreachable", by="lead", at=later(days=2))
    for minute in range(MOST_ATTEMPTS):
        attempt(store, minute, later(minutes=minute))
    with pytest.raises(Invalid):
        store.write_now(close)
    attempt(store, 99, later(hours=3))
    store.write_now(close)
    assert the_debt(store, "hotline1-1.1").closing_reason == "unreachable"


def test_the_agent_who_has_him_on_the_telephone_sees_what_is_owed_to_him(store: Store) -> None:
    promise(store, "hotline1-1.1")
    assert [row.call for row in store.read_now(partial(ring_backs.debts_of, number="+86" + NUMBER))] == [
        "hotline1-1.1"
    ]
    assert store.read_now(partial(ring_backs.debts_of, number="")) == []


def test_the_citizens_own_time_holds_at_night_too(store: Store) -> None:
    chosen = datetime(2026, 11, 22, 22, tzinfo=CITY)
    promise(store, "hotline1-1.1", chosen_at=chosen)
    debt = the_debt(store, "hotline1-1.1")
    assert (debt.next_at, debt.moved) == (chosen, "chosen")
    (row,) = store.read_now(partial(ring_backs.ready, by="line:a", at=chosen))
    assert row.call == "hotline1-1.1"


def test_one_number_is_claimed_by_one_and_the_claim_of_a_dead_process_expires(store: Store) -> None:
    promise(store, "hotline1-1.1")
    claim = partial(ring_backs.claim, call="hotline1-1.1")
    first = partial(claim, by="line:a", at=NOW, until=later(seconds=60))
    assert store.write_now(first)
    assert store.write_now(first), "whoever has it may keep it"
    assert not store.write_now(partial(claim, by="line:b", at=later(seconds=59), until=later(minutes=9)))
    assert store.write_now(partial(claim, by="line:b", at=later(seconds=60), until=later(minutes=9)))
    assert not store.write_now(first)


def test_of_two_processes_that_race_for_a_number_exactly_one_rings(store: Store, store_url: str) -> None:
    other = Store.open(store_url)
    for turn in range(15):
        call = f"hotline1-1.{turn}"
        promise(store, call, f"138001380{turn:02d}")
        gate, won = threading.Barrier(2), list[str]()

        def run(where: Store, by: str, call: str = call, gate: Any = gate, won: list[str] = won) -> None:
            gate.wait()
            if where.write_now(partial(ring_backs.claim, call=call, by=by, at=NOW, until=later(minutes=1))):
                won.append(by)

        threads = [threading.Thread(target=run, args=each) for each in ((store, "line:a"), (other, "line:b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
    other.close()


def test_a_number_with_a_call_of_ours_going_on_is_not_rung(store: Store) -> None:
    promise(store, "hotline1-1.1")
    going_on = a_record("hotline1-2.10000001", ended_at=None, end_reason=None, dial_status="")
    settle(store, going_on)
    assert store.read_now(partial(ring_backs.ready, by="line:a", at=later(minutes=1))) == []
    settle(store, replace(going_on, ended_at=later(minutes=1), end_reason=EndReason.LOST_RESTART))
    found = store.read_now(partial(ring_backs.ready, by="line:a", at=later(minutes=2)))
    assert [row.call for row in found] == ["hotline1-1.1"], "a call that Asterisk lost is made again"


def test_attempts_are_counted_once_and_spread_until_a_supervisor_decides(store: Store) -> None:
    promise(store, "hotline1-1.1")
    pauses = []
    at = NOW
    for number in range(MOST_ATTEMPTS):
        for _ in range(2):
            attempt(store, number, at, "NOANSWER" if number % 2 else "BUSY")
        debt = the_debt(store, "hotline1-1.1")
        assert debt.attempts == number + 1
        pauses.append(debt.next_at and debt.next_at - at)
        at = debt.next_at or at
    assert pauses == [
        timedelta(minutes=10),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=20),
        None,
    ]
    assert at - NOW < timedelta(days=2)
    assert the_debt(store, "hotline1-1.1").escalated_at == at
    assert store.read_now(partial(ring_backs.ready, by="line:a", at=later(days=9))) == []
    assert store.write_now(partial(ring_backs.try_again, call="hotline1-1.1", by="lead", at=at))
    assert len(store.read_now(partial(ring_backs.ready, by="line:a", at=at))) == 1
    assert store.read_now(history.verify) is None


def test_a_seat_that_did_not_answer_is_no_attempt_to_reach_the_citizen(store: Store) -> None:
    promise(store, "hotline1-1.1")
    attempt(store, 1, NOW, "")
    debt = the_debt(store, "hotline1-1.1")
    assert (debt.attempts, debt.next_at) == (0, later(minutes=1))
    (row,) = store.read_now(partial(ring_backs.attempts_of, calls=["hotline1-1.1"]))["hotline1-1.1"]
    assert row.result == "seat_no_answer"


def test_a_talk_of_some_seconds_closes_the_debt_and_a_mailbox_does_not(store: Store) -> None:
    promise(store, "hotline1-1.1")
    attempt(store, 1, NOW, "ANSWER", talk_seconds=4.0)
    assert the_debt(store, "hotline1-1.1").closing_reason is None
    attempt(store, 2, later(minutes=10), "ANSWER", talk_seconds=31.5, by="1001")
    debt = the_debt(store, "hotline1-1.1")
    assert (debt.closing_reason, debt.closed_by, debt.attempts) == ("reached", "1001", 2)


def test_a_citizen_who_calls_again_and_is_answered_is_owed_nothing_more(store: Store) -> None:
    promise(store, "hotline1-1.1")
    again = {"direction": Direction.INCOMING, "owed": "", "end_reason": EndReason.ABANDONED_IN_LINE}
    settle(store, a_record("hotline1-9.9", **again))
    assert the_debt(store, "hotline1-1.1").closed_at is None
    settle(store, a_record("hotline1-9.8", number="+86" + NUMBER, answered_at=later(minutes=5), **again))
    assert the_debt(store, "hotline1-1.1").closing_reason == "called_again"


def test_two_debts_to_one_number_are_rung_as_one_and_none_is_lost(store: Store) -> None:
    exchange = Exchange()
    calls = [exchange.call("abandoned_in_line", number=NUMBER) for _ in range(3)]
    take(store, exchange)
    at = datetime.fromtimestamp(exchange.now, UTC)
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=at))
    first, *others = (the_debt(store, call) for call in calls)
    assert [(row.closing_reason, row.merged_into) for row in others] == [("duplicate", calls[0])] * 2
    assert first.closed_at is None
    assert store.write_now(rebuilding.rebuild).different == ()


def test_what_was_merged_into_a_debt_that_proves_to_be_none_is_owed_again(store: Store) -> None:
    promise(store, "hotline1-1.1")
    promise(store, "hotline1-1.2", at=later(minutes=3))
    assert the_debt(store, "hotline1-1.1").merged_into == "hotline1-1.2", "his newest wish counts"
    store.write_now(partial(ring_backs.take_back, call="hotline1-1.2", by="caller", at=later(minutes=4)))
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=later(minutes=5)))
    assert the_debt(store, "hotline1-1.1").closed_at is None


def test_an_agent_has_what_he_took_over_for_himself_until_he_gives_it_back(store: Store) -> None:
    promise(store, "hotline1-1.1")
    line = partial(ring_backs.claim, call="hotline1-1.1", by="line:a")
    assert store.write_now(partial(line, at=NOW, until=later(minutes=1)))
    take_over = partial(ring_backs.take_over, call="hotline1-1.1")
    assert store.write_now(partial(take_over, by="1001", at=NOW))
    assert not store.write_now(partial(take_over, by="1002", at=NOW))
    assert not store.write_now(partial(line, at=NOW, until=later(minutes=1)))
    assert store.write_now(partial(ring_backs.release, call="hotline1-1.1", by="1001", at=NOW))
    assert store.write_now(partial(line, at=NOW, until=later(minutes=1)))


def test_what_an_agent_forgot_is_everybodys_again(store: Store) -> None:
    promise(store, "hotline1-1.1")
    store.write_now(partial(ring_backs.take_over, call="hotline1-1.1", by="1001", at=NOW))
    at = NOW + ring_backs.TAKEN_FOR
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=at))
    assert the_debt(store, "hotline1-1.1").owner is None
    assert len(store.read_now(partial(ring_backs.ready, by="line:a", at=at))) == 1


def test_a_debt_is_withdrawn_with_a_reason_only_and_closed_once(store: Store) -> None:
    promise(store, "hotline1-1.1")
    close = partial(ring_backs.close, call="hotline1-1.1", by="lead", at=NOW)
    for reason in ("withdrawn", "unreachable", "duplicate", "nonsense"):
        with pytest.raises(Invalid):
            store.write_now(partial(close, reason=reason))
    store.write_now(partial(close, reason="withdrawn", note="来电人短信告知已解决"))
    with pytest.raises(Conflict):
        store.write_now(partial(close, reason="reached"))
    assert the_debt(store, "hotline1-1.1").closing_note == "来电人短信告知已解决"


def test_i_15_counts_missed_calls_that_were_rung_within_the_hour(store: Store) -> None:
    exchange = Exchange(second=NOW.timestamp())
    calls = [exchange.call("abandoned_in_line", number=f"1380013800{n}") for n in range(4)]
    take(store, exchange)
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=later(minutes=2)))
    promise(store, "hotline1-1.1", "13900000000")
    number = {"number": "13800138000", "owed": calls[0]}
    attempt(store, 1, later(minutes=30), **number)
    attempt(store, 2, later(minutes=90), number="13800138001", owed=calls[1])
    rate = partial(ring_backs.rate, begins=NOW, ends=later(hours=1))
    soon = store.read_now(partial(rate, at=later(minutes=40)))
    assert (soon.missed, soon.rung, soon.pending) == (1, 1, 3)
    judged = store.read_now(partial(rate, at=later(hours=3)))
    assert (judged.missed, judged.rung, judged.pending, judged.share) == (4, 1, 0, 0.25)


def test_i_15_is_not_bettered_by_a_call_that_was_made_before_he_was_missed_again(store: Store) -> None:
    exchange = Exchange(second=NOW.timestamp())
    first = exchange.call("abandoned_in_line", number=NUMBER)
    second = exchange.call("abandoned_in_line", number=NUMBER, gap=1_800)
    take(store, exchange)
    store.write_now(partial(ring_backs.plan, quiet=NIGHT, at=later(hours=1)))
    assert the_debt(store, second).merged_into == first
    attempt(store, 1, later(minutes=10), owed=first)
    rate = partial(ring_backs.rate, begins=NOW, ends=later(hours=1), at=later(hours=4))
    assert (store.read_now(rate).missed, store.read_now(rate).rung) == (2, 1)
    attempt(store, 2, later(minutes=50), owed=first)
    assert store.read_now(rate).rung == 2


def test_debts_and_attempts_add_up_whatever_happens(store: Store) -> None:
    luck = random.Random(20261122)
    numbers = [f"138001380{n:02d}" for n in range(6)]
    statuses = ["NOANSWER", "BUSY", "CHANUNAVAIL", "CANCEL", "", "REFUSED", "ANSWER"]
    calls = [f"hotline1-1.{n}" for n in range(18)]
    at, made = NOW, Counter[str]()
    for step in range(120):
        at += timedelta(minutes=luck.randint(1, 20))
        call = luck.choice(calls)
        if luck.random() < 0.3:
            promise(store, call, numbers[calls.index(call) % 6], at=at)
            continue
        debt = store.read_now(partial(ring_backs.owed, call=call))
        if debt is None or debt.closed_at is not None:
            continue
        status = luck.choice(statuses)
        made[call] += status in {"NOANSWER", "BUSY", "CHANUNAVAIL", "ANSWER"}
        changes = {"owed": call, "number": debt.number, "talk_seconds": 12.0 if status == "ANSWER" else 0.0}
        for _ in range(luck.randint(1, 3)):
            attempt(store, step, at, status, **changes)
    every = store.read_now(partial(ring_backs.search, filters=Filters(state="all"), at=at)).rows
    still = store.read_now(partial(ring_backs.search, filters=Filters(), at=at)).rows
    closed = store.read_now(partial(ring_backs.search, filters=Filters(state="closed"), at=at)).rows
    assert len(every) == len(still) + len(closed) > 10
    assert {row.call: row.attempts for row in every if row.attempts} == {c: n for c, n in made.items() if n}
    assert len({row.dial for row in still}) == len(still), "one open debt for a number"
    assert {row.reason for row in every} == {RingBackReason.ASKED}
    assert {row.merged_into for row in closed if row.merged_into} <= {row.call for row in every}
