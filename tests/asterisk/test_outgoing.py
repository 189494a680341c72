"""We ring somebody: a seat, then a citizen through the carrier. Whoever hangs up and whenever, the record is closed."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agi_scripts import switch as switch_module
from agi_scripts.agi import AGISession
from agi_scripts.ami import AMILink
from agi_scripts.server import Script
from agi_scripts.switch import AsteriskSwitch
from hotline.phone import Line
from routing.switch import SwitchFailed
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of, write_tone
from tests.sip import Telephone, eventually

pytestmark = pytest.mark.asterisk

CITIZEN = "13850123456"
CITIZEN_HERTZ, SEAT_HERTZ = 300, 420


@pytest.fixture
async def switch(switchboard: Switchboard) -> AsyncIterator[AsteriskSwitch]:
    """Our process's own way to ring somebody."""
    settings = switchboard.settings
    link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
    running = asyncio.create_task(link.run())
    await asyncio.wait_for(link.ready.wait(), 10)
    yield AsteriskSwitch(link, now=lambda: datetime.now(UTC))
    link.close()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def a_call() -> str:
    return f"hotline1-{int(time.time())}.{10_000_000 + secrets.randbelow(90_000_000)}"


def voice(folder: Path, hertz: int) -> Path:
    path = folder / f"voice-{hertz}.wav"
    write_tone(path, hertz, 60)
    return path


async def citizen(switchboard: Switchboard, people: People, sound: Path | None = None) -> Telephone:
    """Return the telephone of a citizen behind the carrier."""
    port = int(switchboard.settings.carrier.rpartition(":")[2])
    return await people.telephone(Line(user=CITIZEN, server=switchboard.server, port=port), sound)


async def dialled(switchboard: Switchboard) -> dict[str, str]:
    """Return the last word about the call."""
    (fact,) = await eventually(lambda: switchboard.facts("DIALLED"))
    await eventually(lambda: not switchboard.channels(), otherwise="a channel is stuck")
    assert len(switchboard.facts("DIALLED")) == 1
    return fact.detail


async def test_the_agent_is_rung_first_then_the_citizen_who_hears_who_we_are(
    switchboard: Switchboard,
    people: People,
    switch: AsteriskSwitch,
    scripts: dict[str, Script],
    tmp_path: Path,
) -> None:
    async def survey(call: AGISession) -> None:
        await call.record("survey", score=1)
        await call.route("end")

    scripts["survey"] = survey
    seat = await people.seat("s1001", voice(tmp_path, SEAT_HERTZ))
    other = await citizen(switchboard, people, voice(tmp_path, CITIZEN_HERTZ))
    call = a_call()
    await switch.ring_out(call, "s1001", number=CITIZEN, owed="hotline1-1.2", by="1001")
    await seat.answers()
    await other.answers()
    await other.hears_tone(hertz_of("ring-back-hello"))
    await seat.hears_tone(CITIZEN_HERTZ)
    await other.hears_tone(SEAT_HERTZ)
    await seat.hangs_up()
    await other.is_hung_up()
    assert (await dialled(switchboard))["status"] == "ANSWER"
    assert switchboard.kinds()[:2] == ["OUTGOING", "DIALLING"]
    assert sorted(switchboard.kinds()[2:]) == ["DIALLED", "SURVEY"]
    begun = switchboard.facts("OUTGOING")[0]
    recording = begun.detail.pop("recording")
    assert begun.call == call
    assert begun.detail == {
        "number": CITIZEN,
        "purpose": "ring_back",
        "owed": "hotline1-1.2",
        "seat": "s1001",
        "by": "1001",
    }
    kept = switchboard.folder / "recordings" / recording
    await eventually(lambda: kept.stat().st_size > 2000, otherwise="nothing was recorded")
    assert {row["linkedid"] for row in switchboard.cel() if "carrier" in row["channame"]} == {call}


async def test_a_citizen_who_hangs_up_ends_it(
    switchboard: Switchboard, people: People, switch: AsteriskSwitch
) -> None:
    seat, other = await people.seat(), await citizen(switchboard, people)
    await switch.ring_out(a_call(), "s1001", number=CITIZEN)
    await seat.answers()
    await other.answers()
    await other.hears_tone(hertz_of("ring-back-hello"))
    await asyncio.sleep(1.5)
    await other.hangs_up()
    await seat.is_hung_up()
    detail = await dialled(switchboard)
    assert detail["status"] == "ANSWER"
    assert int(detail["seconds"]) >= 1


async def test_a_citizen_who_refuses_is_busy_and_the_agent_is_told(
    switchboard: Switchboard, people: People, switch: AsteriskSwitch
) -> None:
    seat, other = await people.seat(), await citizen(switchboard, people)
    await switch.ring_out(a_call(), "s1001", number=CITIZEN)
    await seat.answers()
    await other.refuses()
    await seat.hears_tone(hertz_of("out-busy"))
    await seat.is_hung_up()
    assert await dialled(switchboard) == {"status": "BUSY", "seconds": "0"}


async def test_an_agent_who_hangs_up_while_the_citizen_is_rung_stops_the_ringing(
    switchboard: Switchboard, people: People, switch: AsteriskSwitch
) -> None:
    seat, other = await people.seat(), await citizen(switchboard, people)
    await switch.ring_out(a_call(), "s1001", number=CITIZEN)
    await seat.answers()
    await other.rings()
    await seat.hangs_up()
    await other.is_hung_up()
    assert await dialled(switchboard) == {"status": "CANCEL", "seconds": "0"}


@pytest.mark.parametrize("refuses", [True, False], ids=["refuses", "does-not-answer"])
async def test_a_seat_that_does_not_take_it_leaves_the_citizen_in_peace(
    switchboard: Switchboard,
    people: People,
    switch: AsteriskSwitch,
    monkeypatch: pytest.MonkeyPatch,
    refuses: bool,
) -> None:
    monkeypatch.setattr(switch_module, "RING_OUT_SECONDS", 2)
    seat = await people.seat()
    await switch.ring_out(a_call(), "s1001", number=CITIZEN)
    await seat.rings()
    if refuses:
        await seat.refuses()
    assert await dialled(switchboard) == {"status": "", "seconds": "0"}
    assert switchboard.kinds() == ["OUTGOING", "DIALLED"]


async def test_an_engine_that_has_been_deposed_rings_no_citizen(
    switchboard: Switchboard, people: People, switch: AsteriskSwitch
) -> None:
    seat, other = await people.seat(), await citizen(switchboard, people)
    with switchboard.globals(HOTLINE_TERM=8):
        await switch.ring_out(a_call(), "s1001", number=CITIZEN, term=7)
        await seat.rings()
        await seat.phone.answer()  # and is hung up at once
        await seat.is_hung_up()
        assert await dialled(switchboard) == {"status": "DEPOSED", "seconds": "0"}
        assert switchboard.facts("DEPOSED")[0].detail == {"seat": "s1001", "term": "7"}
        assert "carrier" not in "".join(row["channame"] for row in switchboard.cel())
        await switch.ring_out(a_call(), "s1001", number=CITIZEN, term=8)
        await seat.answers()
        await other.answers()
        await seat.hangs_up()


@pytest.mark.parametrize("number", ["95588", "4008001234", "0014155550100", "16800000", "10086", "0"])
async def test_nothing_else_is_dialled_whoever_asks(
    switchboard: Switchboard, switch: AsteriskSwitch, number: str
) -> None:
    with pytest.raises(SwitchFailed):
        await switch.ring_out(a_call(), "s1001", number=number)
    asked = {"Channel": "PJSIP/s1001", "Context": "hotline-outgoing", "Exten": number, "Priority": "1"}
    answer = switchboard.ami("Originate", Async="true", **asked)
    assert answer["Message"] == "Extension does not exist."


async def test_an_emergency_number_is_dialled_from_an_agents_hand_only(
    switchboard: Switchboard, people: People, switch: AsteriskSwitch
) -> None:
    seat = await people.seat()
    await switch.ring_out(a_call(), "s1001", number="110")
    await seat.answers()
    await seat.hears_tone(hertz_of("out-refused"))
    assert await dialled(switchboard) == {"status": "REFUSED", "seconds": "0"}
    assert "carrier" not in "".join(row["channame"] for row in switchboard.cel())


async def test_the_citizen_sees_our_number_and_is_rung_by_one_seat_only(
    switchboard: Switchboard, people: People, switch: AsteriskSwitch
) -> None:
    host, port = switchboard.settings.carrier.split(":")
    first, second = await people.seat("s1001"), await people.seat("s1002")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as carrier:
        carrier.bind((host, int(port)))
        carrier.settimeout(10)
        await switch.ring_out(a_call(), "s1001", number=CITIZEN)
        await first.answers()
        invite = (await asyncio.to_thread(carrier.recv, 65536)).decode()
        assert invite.startswith(f"INVITE sip:{CITIZEN}@")
        (shown,) = [line for line in invite.split("\r\n") if line.startswith("From:")]
        assert "sip:12345@" in shown
        await switch.ring_out(a_call(), "s1002", number=CITIZEN)
        await second.answers()
        await second.is_hung_up()
        (fact,) = await eventually(lambda: switchboard.facts("DIALLED"))
        assert fact.detail == {"status": "TWICE", "seconds": "0"}
        await first.hangs_up()
