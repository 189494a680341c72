"""Rows 32 and 34: sound stops, or never came. The unheard are let go, listeners stay; a lost desk costs no place."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hotline.phone import Line, phone
from tests.endtoend.conftest import street_of
from tests.endtoend.people import AGENT_HERTZ
from tests.endtoend.records import ended, is_in
from tests.faults.conftest import loaded, town_with
from tests.faults.load import Sound
from tests.faults.oracle import each_has_one_closed_record, owed_to, wall_is_right
from tests.sip import eventually
from tests.town import Town

REAPED_WITHIN = timedelta(seconds=30)
BACK_WITHIN = 5
TALKER = "13853400001"


@pytest.fixture
def town() -> Iterator[Town]:
    with town_with(ring_seconds=6, line_seconds=60, fallback_seconds=60, wrap_up_seconds=10) as town:
        yield town


async def test_who_cannot_be_heard_is_gone_within_thirty_seconds_and_who_listens_or_holds_is_not(
    town: Town, tmp_path: Path
) -> None:
    """One falls silent in mid-talk, some never send a sound, some only listen, some have put us on hold."""
    async with loaded(town, tmp_path, logins=()) as load:
        (seat,) = load.sit("1001", talk_seconds=100)
        await load.ready()
        async with phone(Line(user=TALKER, server=town.sip), tmp_path / "talker") as talker:
            await talker.dial("12345")
            await eventually(lambda: seat.talked, 20, "the talk did not begin")
            load.come("unheard", "1385341", 3, rate=10, sound=Sound.NONE)
            stay = load.come("listening", "1385342", 3, rate=10)
            stay += load.come("holding", "1385343", 3, rate=10, sound=Sound.HOLD)
            await asyncio.sleep(1)
            talker.kill()  # no word of farewell: only the sound stops
            seat.talk_seconds = 1
            gone = await each_has_one_closed_record(town, (TALKER, *load.crowds[0][0].numbers), 32)
        load.sit("1002", "1003")
        await load.none_was_lost()
        await load.patient_were_served(stay)
        await load.wall_is_right()
    for record in gone:
        assert (record["cause"], record["hung_up_by"]) == (44, "system"), record["number"]
    # The talk's sound stopped within two seconds of its beginning.
    heard = {record["number"]: record["answered_at"] or record["offered_at"] for record in gone}
    for record in gone:
        lasted = _instant(record["ended_at"]) - _instant(heard[record["number"]])
        assert lasted <= REAPED_WITHIN + timedelta(seconds=2 * (record["number"] == TALKER)), record["number"]
    assert [record["end_reason"] for record in gone] == ["caller_hung_up", *["abandoned_in_line"] * 3]
    assert owed_to(town) == dict.fromkeys(load.crowds[0][0].numbers, 1)


def _instant(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _line_of(town: Town) -> list[str]:
    """Return the channels in the line, the first one first."""
    return re.findall(r"PJSIP/trunk-[0-9a-f]+", town.cli("queue show hotline").partition("Callers:")[2])


async def test_a_browser_that_is_killed_in_mid_talk_gives_its_citizen_back_before_all_who_wait(
    town: Town, tmp_path: Path
) -> None:
    """He is out of the dead talk, and hears that he is still connected, at once; the desk has ten seconds to come back."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(street_of(town, tmp_path / "other"))
        talking, waiting = await other.citizen("13853200001"), await other.citizen("13853200002")
        async with street_of(town, tmp_path / "one") as street:
            desk = await street.agent("1001")
            await talking.dials()
            await desk.rings("138 5320 0001")
            await desk.answers()
            await talking.hears_tone(AGENT_HERTZ)
            (first,) = re.findall(r"PJSIP/trunk-[0-9a-f]+", town.cli("core show channels concise"))
            await waiting.dials()
            (second,) = await eventually(lambda: _line_of(town))
            async with asyncio.timeout(BACK_WITHIN):
                await street.browser.close()
                await is_in(town, "13853200001", "Wait")
        assert await eventually(lambda: _line_of(town) if len(_line_of(town)) == 2 else [], 20) == [
            first,
            second,
        ]
        await wall_is_right(town)
        again = await other.agent("1002", then="振铃")
        await again.rings("138 5320 0001")
        await again.answers()
        await talking.hangs_up()
        await again.finishes("其他", then="振铃")
        await again.rings("138 5320 0002")
        await again.answers()
        await waiting.hangs_up()
        await again.finishes("其他")
        record = await ended(town, "13853200001")
        talks = [segment["seat"] for segment in record["segments"] if segment["kind"] == "talk"]
        assert (talks, record["end_reason"], record["owed"]) == (["s1001", "s1002"], "caller_hung_up", [])
        assert (await ended(town, "13853200002"))["seat"] == "s1002"
