"""外呼 on both databases: who wants a call, that nobody is rung twice, and what each end of a call means."""

import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from cases.call_parts import Channel, Direction
from cases.figures import slot_of
from cases.outgoing import Closing, Kind, Result
from cases.ring_backs import quiet_hours
from cases.workflow import Secrecy, State
from storage import (
    cases,
    figures,
    outgoing,
    outgoing_lists,
    outgoing_results,
    ring_backs,
)
from storage.calls import CALL
from storage.engine import Store
from storage.moves import CASE
from storage.outgoing import Ready
from storage.outgoing_lists import Task, Try
from storage.outgoing_results import Judgement
from storage.voice_notes import Said
from tests.makers import AGENT, CALLBACK_AGENT, FINAL_REVIEWER, MORNING, RULES, later
from tests.storage import walks
from tests.storage.walks import kinds, view

QUIET = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))
NUMBER = "13850123456"
AT = later(days=1, hours=4)
"""Tuesday afternoon: past the walk of a case to its feedback."""


def switch_on(store: Store, *kinds_of: Kind) -> None:
    for kind in kinds_of or tuple(Kind):
        store.write_now(partial(outgoing_lists.switch, kind=kind, on=True, by="2001", at=MORNING))


def planned(store: Store, at: datetime = AT) -> list[Ready]:
    store.write_now(partial(outgoing.plan, quiet=QUIET, at=at))
    return store.read_now(partial(outgoing.ready, at=at))


def task(store: Store, number: int = 0, state: str = "all") -> Task:
    return store.read_now(partial(outgoing_lists.search, state=state)).rows[number]


def tries(store: Store) -> list[Try]:
    found = store.read_now(partial(outgoing_lists.search, state="all"))
    return [one for row in found.rows for one in found.tries[row.id]]


def rung(store: Store, one: Ready, call: str, at: datetime = AT) -> bool:
    return store.write_now(partial(outgoing.take, one=one, call=call, by="hotline1", at=at))


def ended(store: Store, call: str, status: str, at: datetime = AT) -> None:
    """The record of the call says how it went."""
    row = {
        "id": call, "node": "hotline1", "number": NUMBER, "dialled": NUMBER, "channel": Channel.PSTN,
        "offered_at": at, "ended_at": at + timedelta(seconds=30), "seat": "", "wait_seconds": 0.0,
        "talk_seconds": 0.0, "hold_seconds": 0.0, "outcome": "", "case": "", "outcome_by": "", "keys": "",
        "fallback": False, "recording": "", "heard_until": at, "segments": "", "direction": Direction.OUTGOING,
        "dial_status": status, "slot": slot_of(at), "purpose": "notice_feedback",
    }  # fmt: skip
    store.write_now(lambda conn: conn.execute(insert(CALL).values(row)))
    assert settle(store, at + timedelta(seconds=32)) == 0, "its script may still be writing"
    settle(store, at + timedelta(seconds=34))


def settle(store: Store, at: datetime = AT, alive: Collection[str] | None = None) -> int:
    return store.write_now(partial(outgoing.settle, quiet=QUIET, at=at, alive=alive, by="hotline1"))


def done(
    store: Store, work: Callable[..., None], call: str, no: str, *words: Judgement, at: datetime = AT
) -> None:
    store.write_now(lambda conn: work(conn, call, no, *words, at=at, rules=RULES))


def test_nobody_is_rung_before_a_supervisor_has_switched_it_on(store: Store) -> None:
    walks.in_feedback(store)
    assert not store.read_now(partial(outgoing.is_due, at=AT, planning=True))
    assert planned(store) == []
    switch_on(store, Kind.FEEDBACK)
    assert store.read_now(partial(outgoing.is_due, at=AT, planning=True))
    assert not store.read_now(partial(outgoing.is_due, at=AT, planning=False))
    assert [one.number for one in planned(store)] == [NUMBER]
    store.write_now(partial(outgoing_lists.switch, kind=Kind.FEEDBACK, on=False, by="2001", at=AT))
    assert store.read_now(partial(outgoing.ready, at=AT)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"reply_way": "短信"},
        {"reply_way": "无需回复"},
        {"confidential": Secrecy.SECRET},
        {"confidential": Secrecy.HIDE_CONTACT},
    ],
    ids=["by-text", "no-reply", "secret", "hidden"],
)
def test_who_wants_no_call_and_who_spoke_in_confidence_is_left_to_people(
    store: Store, changes: dict[str, object]
) -> None:
    walks.in_feedback(store, **changes)
    switch_on(store)
    assert planned(store) == []


def test_a_number_that_is_not_dialled_is_shown_to_people_and_never_rung(store: Store) -> None:
    walks.in_feedback(store, contact_number="4008001234")
    switch_on(store)
    assert planned(store) == []
    assert (task(store).closing, task(store).attempts) == (Closing.PERSON, 0)


def test_feedback_that_was_heard_moves_the_case_on_and_asks_in_the_citizens_own_time(store: Store) -> None:
    no = walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    assert rung(store, one, "hotline1-1.1")
    brief = store.read_now(partial(outgoing_results.brief, call="hotline1-1.1"))
    assert brief is not None
    assert (brief.no, brief.digits, brief.reply) == (
        no,
        view(store, no).digits,
        "您反映的井盖已于当日更换,感谢监督。",
    )
    done(store, outgoing_results.told, "hotline1-1.1", no)
    ended(store, "hotline1-1.1", "ANSWER")
    assert view(store, no).state is State.CALLBACK
    assert task(store).closing is Closing.DONE
    # Four hours later, which is in the evening, and so the next morning: whether it is solved.
    assert planned(store, AT + timedelta(minutes=20)) == []
    assert task(store).kind is Kind.REVISIT
    assert task(store).next_at == QUIET.over(later(days=1, hours=8))


def test_a_person_who_was_quicker_leaves_nothing_to_ring_for(store: Store) -> None:
    no = walks.in_feedback(store)
    switch_on(store, Kind.FEEDBACK)
    (one,) = planned(store)
    store.write_now(
        lambda conn: cases.feed_back(conn, no, channel="phone", delivered=True, by=AGENT, at=AT, rules=RULES)
    )
    assert planned(store) == []
    assert task(store).closing is Closing.GONE
    assert not rung(store, one, "hotline1-1.1")


def test_the_caller_of_a_merged_case_is_told_too(store: Store) -> None:
    master = walks.in_final_review(store)
    joined = walks.registered(store, contact_number="13850120009").no
    store.write_now(
        lambda conn: cases.merge(conn, joined, master, by=AGENT, at=later(days=1, hours=1), rules=RULES)
    )
    when = later(days=1, hours=2)
    store.write_now(lambda conn: cases.pass_final(conn, master, by=FINAL_REVIEWER, at=when, rules=RULES))
    switch_on(store, Kind.FEEDBACK)
    told = planned(store)
    assert {one.number for one in told} == {NUMBER, "13850120009"}
    for number, one in enumerate(told, 1):
        call = f"hotline1-1.{number}"
        assert rung(store, one, call)
        brief = store.read_now(partial(outgoing_results.brief, call=call))
        assert brief is not None
        assert brief.reply
        done(store, outgoing_results.told, call, brief.no)
    assert view(store, master).state is State.CALLBACK


def test_who_takes_a_call_back_himself_is_not_overtaken_by_the_machine(store: Store) -> None:
    no = walks.in_callback(store)
    switch_on(store)
    planned(store)
    store.write_now(lambda conn: cases.take_callback(conn, no, by=CALLBACK_AGENT, at=AT))
    assert planned(store, later(days=2)) == []
    assert task(store).closing is Closing.GONE


def test_star_9_three_tries_at_other_times_and_never_in_the_evening_then_a_person(store: Store) -> None:
    walks.in_feedback(store)
    switch_on(store, Kind.FEEDBACK)
    at, days = AT, []
    for number, status in enumerate(("NOANSWER", "BUSY", "ANSWER"), 1):
        (one,) = planned(store, at)
        assert rung(store, one, f"hotline1-1.{number}", at)
        ended(store, f"hotline1-1.{number}", status, at)
        local = at.astimezone(QUIET.zone)
        assert 8 <= local.hour < 21
        days.append(local.date())
        at = task(store).next_at
    assert len(set(days)) == 2, days
    assert task(store).closing is Closing.PERSON
    assert [one.result for one in tries(store)] == [Result.NO_ANSWER, Result.BUSY, Result.NO_WORD]


def test_what_a_machine_tried_in_vain_closes_no_case(store: Store) -> None:
    no = walks.in_callback(store)
    switch_on(store)
    planned(store)
    for number in range(1, 4):
        at = task(store).next_at
        (one,) = planned(store, at)
        rung(store, one, f"hotline1-1.{number}", at)
        ended(store, f"hotline1-1.{number}", "NOANSWER", at)
    assert task(store).closing is Closing.PERSON
    assert view(store, no).state is State.CALLBACK


@pytest.mark.parametrize("again", [1, 2])
def test_two_processes_never_ring_one_person(store: Store, again: int) -> None:
    walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    at_once, taken = threading.Barrier(2), []

    def ring(name: str) -> None:
        at_once.wait()
        taken.append(store.write_now(partial(outgoing.take, one=one, call=name, by=name, at=AT)))

    racers = [threading.Thread(target=ring, args=(f"hotline{n}-1.{again}",)) for n in (1, 2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(taken) == [False, True]
    assert len(tries(store)) == 1


def test_two_matters_of_one_citizen_are_two_calls_with_a_breath_between(store: Store) -> None:
    walks.in_feedback(store)
    walks.in_feedback(store, title="路灯不亮")
    switch_on(store, Kind.FEEDBACK)
    first, second = planned(store)
    assert rung(store, first, "hotline1-1.1")
    assert not rung(store, second, "hotline1-1.2"), "he is on the telephone with us"
    ended(store, "hotline1-1.1", "NOANSWER")
    assert planned(store, AT + timedelta(minutes=5)) == []
    assert planned(store, AT + timedelta(minutes=16)) == [second]


def test_whom_an_agent_rings_back_is_not_rung_by_us(store: Store) -> None:
    walks.in_feedback(store)
    switch_on(store)
    owed = partial(ring_backs.ask_ring_back, call="hotline1-9.9", number=NUMBER, at=AT, key="k")
    store.write_now(owed)
    store.write_now(partial(ring_backs.plan, quiet=QUIET, at=AT))
    until = AT + timedelta(minutes=30)
    assert store.write_now(partial(ring_backs.claim, call="hotline1-9.9", by="1001", at=AT, until=until))
    assert planned(store) == []


def test_a_process_that_died_between_the_row_and_the_call_rings_once_more_and_not_twice(store: Store) -> None:
    walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    assert rung(store, one, "hotline1-1.1")
    assert planned(store, AT + timedelta(minutes=1)) == []
    assert settle(store, AT + timedelta(minutes=1), alive=()) == 0
    assert settle(store, AT + timedelta(minutes=3), alive={"hotline1-1.1"}) == 0
    assert settle(store, AT + timedelta(minutes=3), alive=()) == 1
    assert (task(store).attempts, tries(store)[0].result) == (0, Result.LOST)
    assert planned(store, AT + timedelta(minutes=12)) == []
    assert planned(store, AT + timedelta(minutes=16)) == [one]


def test_the_same_end_read_twice_counts_once(store: Store) -> None:
    walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    rung(store, one, "hotline1-1.1")
    ended(store, "hotline1-1.1", "NOANSWER")
    assert settle(store, AT + timedelta(minutes=1)) == 0
    for _ in range(2):
        store.write_now(
            partial(outgoing.finish, call="hotline1-1.1", result=Result.NO_ANSWER, quiet=QUIET, at=AT)
        )
    assert task(store).attempts == 1


def test_t22_a_citizen_who_is_not_satisfied_and_says_why_has_the_rework_proposed(store: Store) -> None:
    no = walks.in_callback(store)
    switch_on(store)
    planned(store)
    at = task(store).next_at
    (one,) = planned(store, at)
    rung(store, one, "hotline1-1.1", at)
    how = Judgement(
        solved="no", satisfied="不满意", spoken=[Said("notes/20261124/1.wav", "0" * 64, 3.0, 48044)]
    )
    done(store, outgoing_results.judged, "hotline1-1.1", no, how, at=at)
    ended(store, "hotline1-1.1", "ANSWER", at)
    assert view(store, no).state is State.CLOSED
    assert "rework.proposed" in kinds(store, no)
    assert task(store).closing is Closing.DONE
    assert (tries(store)[0].solved, tries(store)[0].satisfied) == ("no", "不满意")


def test_half_an_answer_is_kept_for_a_person_and_completed_by_nobody(store: Store) -> None:
    no = walks.in_callback(store)
    switch_on(store)
    planned(store)
    at = task(store).next_at
    (one,) = planned(store, at)
    rung(store, one, "hotline1-1.1", at)
    store.write_now(partial(outgoing_results.said, call="hotline1-1.1", result=Result.PARTIAL, solved="no"))
    ended(store, "hotline1-1.1", "ANSWER", at)
    assert view(store, no).state is State.CALLBACK
    assert task(store).closing is Closing.PERSON
    assert (tries(store)[0].solved, tries(store)[0].satisfied) == ("no", None)


def test_what_the_hotline_rings_by_itself_is_no_work_of_its_seats(store: Store) -> None:
    walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    rung(store, one, "hotline1-1.1")
    ended(store, "hotline1-1.1", "ANSWER")
    first, last = slot_of(AT) - 1, slot_of(AT) + 1
    counted = store.read_now(partial(figures.count_calls, first=first, last=last))
    assert sum(each.outgoing + each.offered for each in counted.values()) == 0
    assert store.read_now(partial(figures.count_seats, first=first, last=last, at=AT)) == {}


def test_who_asks_for_a_person_is_owed_a_call(store: Store) -> None:
    walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    rung(store, one, "hotline1-1.1")
    store.write_now(partial(outgoing_results.wants_person, call="hotline1-1.1", number=NUMBER, at=AT))
    ended(store, "hotline1-1.1", "ANSWER")
    assert [debt.number for debt in store.read_now(ring_backs.open_ring_backs)] == [NUMBER]
    assert task(store).closing is Closing.PERSON


def test_a_supervisor_gives_one_to_people_and_has_it_rung_anew(store: Store) -> None:
    no = walks.in_feedback(store)
    switch_on(store)
    planned(store)
    one = task(store)
    assert store.write_now(partial(outgoing_lists.cancel, task=one.id, by="2001", at=AT))
    assert not store.write_now(partial(outgoing_lists.cancel, task=one.id, by="2001", at=AT))
    assert planned(store) == []
    assert store.write_now(partial(outgoing_lists.again, task=one.id, by="2001", at=AT))
    assert not store.write_now(partial(outgoing_lists.again, task=one.id, by="2001", at=AT))
    assert len(planned(store)) == 1
    assert [k for k in kinds(store, no) if k.startswith("outgoing")] == [
        "outgoing.cancelled",
        "outgoing.again",
    ]


def test_of_a_case_that_became_secret_on_the_way_nothing_is_said(store: Store) -> None:
    no = walks.in_feedback(store)
    switch_on(store)
    (one,) = planned(store)
    rung(store, one, "hotline1-1.1")
    store.write_now(
        lambda conn: conn.execute(CASE.update().where(CASE.c.no == no).values(confidential=Secrecy.SECRET))
    )
    assert store.read_now(partial(outgoing_results.brief, call="hotline1-1.1")) is None
