"""The script of a call that we began by ourselves, on a real store: what is kept of it, whatever happens."""

from functools import partial
from zoneinfo import ZoneInfo

import pytest

from agi_scripts.parts import Parts
from agi_scripts.server import scripts
from cases.outgoing import Kind, Result
from cases.workflow import State
from storage import cases, outgoing_results, ring_backs
from storage.engine import Store
from tests.agi_scripts.agi_world import GONE, Heard, Replies, session, table
from tests.agi_scripts.test_scripts import DeadStore, routed, said
from tests.fakes import FakeVoice
from tests.makers import AGENT, RULES, later
from tests.storage import walks
from tests.storage.test_outgoing import AT, NUMBER, planned, rung, switch_on, tries

CALL = "hotline1-1795308607.5"


async def run(store: Store, replies: Replies) -> Heard:
    parts = Parts(
        store=store,
        voice=FakeVoice(),
        zone=ZoneInfo("Asia/Shanghai"),
        now=lambda: later(days=3),
        case_rules=lambda: RULES,
    )
    return await session(scripts(parts)["outgoing"], replies, agi_uniqueid=CALL)


def is_rung(store: Store, kind: Kind) -> str:
    """A case of whose call the telephone was taken up."""
    no = walks.in_feedback(store) if kind is Kind.FEEDBACK else walks.in_callback(store)
    switch_on(store, kind)
    when = AT if kind is Kind.FEEDBACK else later(days=2)
    planned(store, AT)
    (one,) = planned(store, when)
    assert rung(store, one, CALL, when)
    return no


def keys(*each: str) -> Replies:
    """Press these keys, one for each question, and nothing after them."""
    return table({"WAIT FOR DIGIT": [*(f"200 result={ord(key)}" for key in each), "200 result=0"]})


async def test_the_result_that_was_heard_is_told(store: Store) -> None:
    no = is_rung(store, Kind.FEEDBACK)
    heard = await run(store, keys("1"))
    assert said(heard)[0] == "out-hello"
    assert routed(heard) == "end"
    assert walks.view(store, no).state is State.CALLBACK
    assert tries(store)[0].result is Result.DONE


async def test_two_answers_by_keys_close_the_case_in_the_citizens_name(store: Store) -> None:
    no = is_rung(store, Kind.REVISIT)
    heard = await run(store, keys("1", "1", "1"))
    assert routed(heard) == "end"
    assert walks.view(store, no).state is State.CLOSED
    assert (tries(store)[0].solved, tries(store)[0].satisfied) == ("full", "满意")


async def test_who_wants_a_person_is_owed_a_call(store: Store) -> None:
    is_rung(store, Kind.REVISIT)
    assert routed(await run(store, keys("0"))) == "end"
    assert [debt.number for debt in store.read_now(ring_backs.open_ring_backs)] == [NUMBER]


async def test_what_somebody_else_has_done_while_it_rang_is_not_said_again(store: Store) -> None:
    no = is_rung(store, Kind.FEEDBACK)
    store.write_now(
        lambda conn: cases.feed_back(conn, no, channel="phone", delivered=True, by=AGENT, at=AT, rules=RULES)
    )
    heard = await run(store, keys("1"))
    assert said(heard) == ["out-hello", "out-settled"]
    assert tries(store)[0].result is Result.OVERTAKEN


async def test_what_is_told_twice_is_refused_and_leaves_the_call_open(store: Store) -> None:
    no = is_rung(store, Kind.FEEDBACK)
    store.write_now(
        lambda conn: cases.feed_back(conn, no, channel="phone", delivered=True, by=AGENT, at=AT, rules=RULES)
    )
    with pytest.raises(outgoing_results.REFUSED):
        store.write_now(partial(outgoing_results.told, call=CALL, no=no, at=AT, rules=RULES))
    assert tries(store)[0].result is None


async def test_a_call_that_nobody_ordered_says_nothing_of_anybody(store: Store) -> None:
    heard = await run(store, keys("1"))
    assert said(heard) == ["out-hello", "out-settled"]


async def test_without_the_store_nothing_is_said_and_the_dialplan_goes_on() -> None:
    heard = await run(DeadStore(), keys("1"))
    assert said(heard) == []
    assert not heard.of('SET VARIABLE "HOTLINE_DONE"')


async def test_who_hangs_up_in_the_second_question_has_half_answered(store: Store) -> None:
    no = is_rung(store, Kind.REVISIT)
    pressed = [f"200 result={ord(key)}" for key in "13"]
    replies = table({"WAIT FOR DIGIT": [*pressed, "200 result=-1"], "CHANNEL STATUS": GONE})
    await run(store, replies)
    assert walks.view(store, no).state is State.CALLBACK
    assert (tries(store)[0].result, tries(store)[0].solved) == (Result.PARTIAL, "no")
