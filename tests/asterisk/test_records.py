"""Real calls on a real Asterisk, and the record each of them leaves."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest

from agi_scripts.recordings import Recordings
from agi_scripts.records import Follower, Tail, files_of
from agi_scripts.server import Script
from agi_scripts.spool import Spool
from storage import calls, rebuilding, ring_backs
from storage.calls import CallView
from storage.engine import Store
from tests.asterisk import harness
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.asterisk.test_seat import assign, voice, waiting
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


@pytest.fixture
def line_script(scripts: Scripts) -> Scripts:
    async def line(call: object) -> None:
        await call.route("line")  # type: ignore[attr-defined]

    scripts["incoming"] = line
    return scripts


async def read(store: Store, switchboard: Switchboard) -> None:
    tails = [Tail(file) for file in files_of("hotline1", switchboard.folder / "log")]
    await Follower(store, tails).drain()


async def the_record(store: Store, switchboard: Switchboard, ready: Callable[[CallView], bool]) -> CallView:
    """Return the record of this test's call, when it has come so far."""
    (call,) = {fact.call for fact in switchboard.facts()}
    for _ in range(200):
        await read(store, switchboard)
        view = store.read_now(lambda conn: calls.call(conn, call))
        if view and ready(view):
            return view
        await asyncio.sleep(0.05)
    raise AssertionError(f"the record did not come so far: {view}")


def is_over(view: CallView) -> bool:
    return view.ended_at is not None


def owed(store: Store, view: CallView) -> list[str]:
    every = 10_000  # the log holds the calls of all tests before this one
    found = store.read_now(lambda conn: ring_backs.open_ring_backs(conn, every))
    return [row.reason for row in found if row.call == view.id]


def kinds(view: CallView) -> list[str]:
    return [segment.kind.value for segment in view.segments]


def say(switchboard: Switchboard, kind: str, call: str, seat: str, **detail: object) -> None:
    """Write a fact into queue_log, as our engine does."""
    said = urlencode({**detail, "at": int(time.time() * 1000)})
    switchboard.ami(
        "QueueLog", Queue="hotline", Event=f"HOTLINE_{kind}", Uniqueid=call, Interface=seat, Message=said
    )


async def test_a_talk_with_a_hold_is_recorded_from_the_first_ring_to_the_hash_of_its_sound(
    switchboard: Switchboard, people: People, line_script: Scripts, kept: Store, tmp_path: Path
) -> None:
    seat = await people.seat("s1001", voice(tmp_path, 420))
    citizen = await waiting(switchboard, people, voice(tmp_path, 300))
    (call,) = {fact.call for fact in switchboard.facts()}
    say(switchboard, "ASSIGN", call, "s1001", reason="longest_idle")
    assign(switchboard, "s1001")
    await seat.answers()
    await the_record(kept, switchboard, lambda view: view.seat == "s1001")
    await asyncio.sleep(0.5)
    say(switchboard, "HOLD", call, "s1001")
    await asyncio.sleep(0.5)
    say(switchboard, "RESUME", call, "s1001")
    await asyncio.sleep(0.5)
    await citizen.hangs_up()
    view = await the_record(kept, switchboard, is_over)
    assert kinds(view)[-5:] == ["queued", "ringing", "talk", "hold", "talk"]
    assert (view.end_reason, view.hung_up_by, view.number) == ("caller_hung_up", "caller", "13850123456")
    assert 0.4 < view.hold_seconds < 5
    at = datetime.now(UTC).replace(year=2030)
    assert await Recordings(kept, switchboard.folder / "recordings", lambda: at).hash_all() == 1
    assert kept.write_now(rebuilding.rebuild).different == ()


async def test_a_seat_that_hangs_up_first_is_told_from_the_citizen_who_does(
    switchboard: Switchboard, people: People, line_script: Scripts, kept: Store
) -> None:
    seat = await people.seat()
    await waiting(switchboard, people)
    assign(switchboard, "s1001")
    await seat.answers()
    await the_record(kept, switchboard, lambda view: view.seat == "s1001")
    await seat.hangs_up()
    view = await the_record(kept, switchboard, is_over)
    assert (view.end_reason, view.hung_up_by) == ("seat_hung_up", "seat")
    assert "survey" in kinds(view)


async def test_a_seat_that_refuses_sends_the_citizen_back_and_he_is_owed_a_call_when_he_leaves(
    switchboard: Switchboard, people: People, line_script: Scripts, kept: Store
) -> None:
    seat = await people.seat()
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1001")
    await seat.rings()
    await seat.refuses()
    await eventually(lambda: switchboard.facts("UNANSWERED"))
    await citizen.hangs_up()
    view = await the_record(kept, switchboard, is_over)
    assert view.end_reason == "abandoned_in_line"
    assert "busy" in [segment.result for segment in view.segments]
    assert owed(kept, view) == ["short" if view.wait_seconds < 5 else "abandoned"]


async def test_without_us_and_without_seats_the_citizens_message_becomes_one_call_one_call_back_one_draft(
    switchboard: Switchboard, people: People, kept: Store, tmp_path: Path
) -> None:
    citizen = await people.citizen("13850123456", voice(tmp_path, 300))
    await citizen.dials()
    await citizen.hears_tone(harness.hertz_of("no-seat-leave-message"))
    await asyncio.sleep(2)
    await citizen.presses("#")
    await citizen.is_hung_up()
    spool = Spool(kept, switchboard.folder / "spool" / "messages")
    taken = [await spool.take_all() for _ in range(2)]
    view = await the_record(kept, switchboard, is_over)
    assert taken == [1, 0]
    assert (view.end_reason, view.fallback, view.number) == ("message_left", True, "13850123456")
    assert "message" in kinds(view)
    assert owed(kept, view) == ["message"]
    assert (spool.folder / "done" / f"{view.id}.wav").stat().st_size > 1_000


async def test_a_citizen_who_hangs_up_in_the_prompt_of_the_message_has_left_his_number(
    switchboard: Switchboard, people: People, kept: Store
) -> None:
    citizen = await people.citizen("13850123456")
    await citizen.dials()
    await citizen.hears_tone(harness.hertz_of("no-seat-leave-message"))
    await citizen.hangs_up()
    folder = switchboard.folder / "spool" / "messages"
    await eventually(lambda: list(folder.glob("*.json")))
    assert await Spool(kept, folder).take_all() == 1
    view = await the_record(kept, switchboard, is_over)
    assert (view.number, owed(kept, view)) == ("13850123456", ["message"])


async def test_calls_that_asterisk_takes_with_it_are_closed_as_lost_when_it_is_back(
    kept: Store, tmp_path: Path
) -> None:
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here; `make setup` gets one")
    from contextlib import AsyncExitStack

    with tempfile.TemporaryDirectory(prefix="hl-") as folder, harness.switchboard_in(Path(folder)) as board:
        async with AsyncExitStack() as stack:
            people = People(board, tmp_path, stack)
            seat = await people.seat()
            for number in ("13850123456", "13850123457"):
                await (await people.citizen(number)).dials()
            await seat.answers()
            await eventually(lambda: len(board.facts("FALLBACK")) >= 2)
            await read(kept, board)
            await asyncio.sleep(1.1)  # queue_log tells the restart by whole seconds
            board.kill()
            board.start()
            today = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
            outcomes = partial(calls.outcomes, begins=today[0], ends=today[1])
            async with asyncio.timeout(15):  # the line that tells the restart may be written a moment later
                while "" in kept.read_now(outcomes):
                    await read(kept, board)
                    await asyncio.sleep(0.1)
    assert kept.read_now(outcomes) == {"lost_restart": 2}
    assert [row.reason for row in kept.read_now(ring_backs.open_ring_backs)] == ["lost", "lost"]
