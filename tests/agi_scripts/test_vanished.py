"""A call that Asterisk could not write down has a record all the same: as we have seen it, or as lost."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from agi_scripts import agi_lines
from agi_scripts.ami import AMILink
from agi_scripts.events import Listener
from agi_scripts.switch import AsteriskSwitch
from agi_scripts.vanished import GRACE, Vanished
from agi_scripts.witness import MOST_CALLS, Witness
from storage import calls, rebuilding, records, ring_backs
from storage.engine import Store
from tests.agi_scripts.agi_world import until
from tests.agi_scripts.ami_world import Action, Answer, fake_ami, held, link_to, message
from tests.agi_scripts.test_events import Ear, lists
from tests.storage.call_lines import CEL, Exchange, position

RECORDED = json.loads((Path(__file__).parent / "ami_recorded.json").read_text("utf-8"))
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def call(store: Store) -> str:
    """A call of which only the first lines are known."""
    exchange = Exchange()
    id_ = exchange.call("completed")
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, CEL, rows[:3], place))
    return id_


def channels(*calls: str) -> Answer:
    def answer(action: Action) -> str:
        if action["Action"] != "CoreShowChannels":
            return message(
                action, Response="Success", CoreStartupDate="2026-11-22", CoreStartupTime="08:00:00"
            )
        rows = [message(action, Event="CoreShowChannel", Uniqueid=call, Linkedid=call) for call in calls]
        done = message(action, Event="CoreShowChannelsComplete", EventList="Complete")
        return message(action, Response="Success") + "".join(rows) + done

    return answer


async def look(store: Store, link: AMILink, call: str, *, times: int = 2, behind: float = 0.0) -> str | None:
    """Look so often; return how the record ended."""
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    now = view.offered_at + timedelta(minutes=1)
    watch = Vanished(store, link, "hotline1", lambda: now, behind=lambda: behind, within=timedelta(hours=1))
    for _ in range(times):
        await watch.look()
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    return view.end_reason


async def test_a_call_that_asterisk_has_no_more_is_closed_at_the_second_look(store: Store, call: str) -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer = channels("hotline1-1.1")
        assert await look(store, link, call, times=1) is None
        assert await look(store, link, call) == "lost_restart"


async def test_a_call_that_lives_or_whose_lines_are_still_to_be_read_stays_open(
    store: Store, call: str
) -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer = channels(call)
        assert await look(store, link, call, times=3) is None
        ami.answer = channels()
        assert await look(store, link, call, times=3, behind=0.1) is None


def witnessing(*scenarios: str) -> tuple[Witness, str]:
    """Return a witness of what a real Asterisk told, and the call it was about."""
    events = [event for name in scenarios for event in RECORDED[name]]
    witness = Witness()
    for event in events:
        witness.hear(event)
    (call,) = {event["Linkedid"] for event in events if "Linkedid" in event}
    return witness, call


def record_of(store: Store, call: str) -> calls.CallView:
    found = store.read_now(lambda conn: calls.call(conn, call))
    assert found is not None
    return found


def later(call: str, after: timedelta) -> datetime:
    return datetime.fromtimestamp(float(call.partition("-")[2].partition(".")[0]), UTC) + after


async def looked(store: Store, witness: Witness, call: str, *ages: timedelta, behind: float = 0.0) -> None:
    """Look at these ages of the call, with an Asterisk that has no channel any more."""
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer = channels()
        for age in ages:
            now = partial(later, call, age)
            watch = Vanished(store, link, "hotline1", now, lambda: behind, within=HOUR, witness=witness)
            await watch.look()


@pytest.mark.parametrize(
    ("scenarios", "seat", "reason", "by"),
    [
        (["talked_and_seat_hung_up"], "s1001", "seat_hung_up", "seat"),
        (["talked_and_caller_hung_up"], "s1001", "caller_hung_up", "caller"),
        (["rung_by_app_queue"], "s1001", "seat_hung_up", "seat"),
        (["not_answered", "left_the_line"], "", "abandoned_in_line", "caller"),
    ],
)
async def test_a_call_of_which_asterisk_wrote_nothing_has_the_record_that_we_have_seen(
    store: Store, scenarios: list[str], seat: str, reason: str, by: str
) -> None:
    witness, call = witnessing(*scenarios)
    await looked(store, witness, call, GRACE)
    assert store.read_now(lambda conn: calls.call(conn, call)) is None, "Asterisk may still be writing"
    await looked(store, witness, call, GRACE * 2, GRACE * 3)
    record = record_of(store, call)
    assert (record.number, record.seat, record.end_reason, record.hung_up_by) == (
        "13850123456",
        seat,
        reason,
        by,
    )
    assert (record.queued_at is not None, record.answered_at is not None) == (True, bool(seat))
    assert record.witnessed
    owed = store.read_now(partial(ring_backs.owed, call=call))
    assert (owed is None) == bool(seat), "who met nobody is owed a call"
    assert store.read_now(rebuilding.rebuild).different == ()


async def test_what_our_scripts_said_of_a_call_is_in_its_record_when_asterisk_could_not_write_it(
    store: Store,
) -> None:
    witness, call = Witness(), "hotline1-1795317701.8"
    for event in RECORDED["talked_and_caller_hung_up"]:
        if event["Event"] == "HangupRequest":
            witness.fact(call, agi_lines.fact("menu", {"step": "welcome", "key": "1"}))
            witness.fact(call, agi_lines.fact("survey", {"score": "2"}))
            witness.fact("hotline1-1.1", agi_lines.fact("survey", {"score": "5"}))
        witness.hear(event)
    await looked(store, witness, call, HOUR)
    record = record_of(store, call)
    assert (record.keys, record.survey, record.seat) == ("1", 2, "s1001")
    assert witness.lines("hotline1-1.1") == []


async def test_a_call_that_asterisk_has_written_down_is_left_alone(store: Store) -> None:
    exchange = Exchange(second=1_795_317_697.0)
    call = exchange.call("caller_hung_up", gap=0)
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, CEL, rows, place))
    before = record_of(store, call)
    witness = Witness()
    for event in RECORDED["talked_and_caller_hung_up"]:
        witness.hear({**event, "Linkedid": call, "Uniqueid": call} if "Linkedid" in event else event)
    await looked(store, witness, call, HOUR)
    assert record_of(store, call) == before
    assert witness.lines(call) == [], "what is told need not be remembered"


async def test_when_asterisks_own_lines_come_after_all_the_record_is_theirs_and_there_is_one(
    store: Store,
) -> None:
    """A file system that was away is there again, and the lines with it."""
    exchange = Exchange()
    call = exchange.call("abandoned_in_line")
    rows, place = position(exchange.cel)
    witness = Witness()
    for kind, line in [(json.loads(row.line)["eventtype"], json.loads(row.line)) for row in rows]:
        name = {"CHAN_START": "Newchannel", "HANGUP": "Hangup"}.get(kind, "")
        where = {"Uniqueid": call, "Linkedid": call, "Channel": line["channame"], "CallerIDNum": line["num"]}
        witness.hear({"Event": name, "Timestamp": line["eventtime"], "Cause": "16", **where})
    await looked(store, witness, call, HOUR)
    assert record_of(store, call).end_reason == "abandoned_in_menu", "we have not seen more"
    store.write_now(lambda conn: records.ingest(conn, CEL, rows, place))
    assert record_of(store, call).end_reason == "abandoned_in_line"
    assert not record_of(store, call).witnessed
    assert store.read_now(lambda conn: len(calls.calls_of(conn, "13800138000", 10))) == 1
    assert store.read_now(lambda conn: len(ring_backs.debts_of(conn, "13800138000"))) == 1


async def test_what_was_seen_is_told_once_and_not_while_the_files_are_still_read(store: Store) -> None:
    witness, call = witnessing("talked_and_seat_hung_up")
    await looked(store, witness, call, HOUR, behind=1.0)
    assert store.read_now(lambda conn: calls.call(conn, call)) is None
    again, _ = witnessing("talked_and_seat_hung_up")
    await looked(store, witness, call, HOUR)
    before = record_of(store, call)
    await looked(store, again, call, HOUR)
    assert record_of(store, call) == before


async def test_a_call_whose_end_nobody_heard_was_lost_and_is_owed_a_call(store: Store) -> None:
    """The link to Asterisk was cut as well, and the call had ended when it was back."""
    witness, call = Witness(), "hotline1-1795317697.6"
    for event in RECORDED["talked_and_seat_hung_up"][:3]:
        witness.hear(event)
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer = channels()
        watch = Vanished(
            store, link, "hotline1", lambda: later(call, HOUR), lambda: 0.0, within=HOUR, witness=witness
        )
        await watch.look()
        assert store.read_now(lambda conn: calls.call(conn, call)) is None
        await watch.look()
    assert record_of(store, call).end_reason == "lost_restart"
    assert store.read_now(partial(ring_backs.owed, call=call)) is not None


async def test_the_listener_lets_the_witness_hear_what_the_engine_hears() -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer, witness = lists, Witness()
        listener = Listener(
            link, AsteriskSwitch(link, now=lambda: NOON), Ear(), now=lambda: NOON, witness=witness
        )
        listening = asyncio.create_task(listener.run())
        for event in RECORDED["talked_and_caller_hung_up"]:
            link.inbox.put_nowait(event)
        await until(lambda: witness.ended("hotline1-1795317701.8"))
        listening.cancel()
    assert witness.talked("hotline1-1795317701.8")


def test_a_witness_keeps_the_newest_calls_and_no_seats_own() -> None:
    witness = Witness()
    new = {"Event": "Newchannel", "Timestamp": "1795317697.5"}
    for number in range(MOST_CALLS + 3):
        call = f"hotline1-1.{number}"
        witness.hear({**new, "Uniqueid": call, "Linkedid": call, "Channel": f"PJSIP/trunk-{number:08x}"})
    for number, channel in enumerate(("PJSIP/s1001-0000000a", "PJSIP/node-hotline2-0000000b", "Local/x")):
        call = f"hotline1-2.{number}"
        witness.hear({**new, "Uniqueid": call, "Linkedid": call, "Channel": channel})
        assert witness.lines(call) == []
    assert witness.lines("hotline1-1.2") == []
    assert len(witness.lines("hotline1-1.3")) == 1
