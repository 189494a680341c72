"""A seat is rung, answers or does not, talks, and hangs up or is lost."""

import wave
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from tests.asterisk.conftest import People
from tests.asterisk.harness import (
    HOLD_HERTZ,
    RINGING_HERTZ,
    RULE_SECONDS,
    Switchboard,
    hertz_of,
    write_tone,
)
from tests.asterisk.test_incoming import callers, sends_to
from tests.sip import RawSeat, Telephone, eventually, hertz_in

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]

CITIZEN_HERTZ = 300
SEAT_HERTZ = 420


def voice(folder: Path, hertz: int) -> Path:
    """Return a voice that hums one tone for a minute."""
    path = folder / f"voice-{hertz}.wav"
    write_tone(path, hertz, 60)
    return path


async def waiting(switchboard: Switchboard, people: People, sound: Path | None = None) -> Telephone:
    """Return a citizen who waits in the line."""
    citizen = await people.citizen("13850123456", sound)
    await citizen.dials()
    await eventually(lambda: callers(switchboard))
    return citizen


def assign(switchboard: Switchboard, seat: str, context: str = "hotline-seat") -> None:
    """Move the waiting citizen to a seat, as our engine does."""
    (channel,) = [name for name in switchboard.channels() if "trunk" in name]
    assert switchboard.redirect(channel, context, seat)["Response"] == "Success"


def prio(switchboard: Switchboard) -> int:
    shown = switchboard.cli("queue show hotline").partition("Callers:")[2]
    return int(shown.partition("prio: ")[2].partition(")")[0])


@pytest.fixture
def line_script(scripts: Scripts) -> Scripts:
    scripts["incoming"] = sends_to("line")
    return scripts


async def test_the_assigned_seat_and_the_citizen_hear_each_other_and_are_recorded(
    switchboard: Switchboard, people: People, line_script: Scripts, tmp_path: Path
) -> None:
    seat = await people.seat("s1001", voice(tmp_path, SEAT_HERTZ))
    citizen = await waiting(switchboard, people, voice(tmp_path, CITIZEN_HERTZ))
    assign(switchboard, "s1001")
    await seat.rings()
    await citizen.hears_tone(RINGING_HERTZ)
    await seat.answers()
    await seat.hears_tone(CITIZEN_HERTZ)
    await citizen.hears_tone(SEAT_HERTZ)
    await eventually(lambda: len(citizen.phone.samples()) > 5 * 16000)
    await citizen.hangs_up()
    await seat.is_hung_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    recording = switchboard.folder / "recordings" / switchboard.facts("OFFERED")[0].detail["recording"]
    await eventually(lambda: recording.stat().st_size > 2000, otherwise="nothing was recorded")
    with wave.open(str(recording)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 8000, 2)
        assert hertz_in(file.readframes(file.getnframes()), CITIZEN_HERTZ, SEAT_HERTZ)
    assert switchboard.kinds() == ["OFFERED", "QUEUED", "RINGING", "ENDED"]


@pytest.mark.parametrize("alive", [True, False], ids=["our-engine", "app-queue"])
async def test_the_seats_phone_is_told_which_call_it_is_and_who_calls(
    switchboard: Switchboard, people: People, line_script: Scripts, alive: bool
) -> None:
    with RawSeat((switchboard.settings.sip_host, switchboard.settings.sip_port)) as seat:
        switchboard.let_in("s1002", "hotline-seats", auth="")
        seat.registers("s1002")
        switchboard.queue_add("s1002")
        if alive:
            await waiting(switchboard, people)
            assign(switchboard, "s1002")
        else:
            switchboard.heartbeat(None)
            citizen = await people.citizen("13850123456")
            await citizen.dials()
        headers = await seat.is_called()
    assert headers["X-Call"] == switchboard.facts("OFFERED")[0].call
    assert headers["X-Caller"] == "13850123456"


async def test_a_seat_that_does_not_answer_sends_the_citizen_to_the_front_of_the_line(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    await people.seat()
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1001")
    (unanswered,) = await eventually(lambda: switchboard.facts("UNANSWERED"))
    assert unanswered.detail == {"seat": "s1001", "status": "NOANSWER"}
    await eventually(lambda: callers(switchboard))
    assert prio(switchboard) == 1
    other = await people.citizen("13850000002")
    await other.dials()
    await eventually(lambda: len(callers(switchboard)) == 2)
    assert citizen.is_up
    assert [fact.detail["returned"] for fact in switchboard.facts("QUEUED")] == ["0", "1", "0"]


async def test_a_seat_that_refuses_sends_the_citizen_back(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    seat = await people.seat()
    await waiting(switchboard, people)
    assign(switchboard, "s1001")
    await seat.refuses()
    (unanswered,) = await eventually(lambda: switchboard.facts("UNANSWERED"))
    assert unanswered.detail == {"seat": "s1001", "status": "BUSY"}
    await eventually(lambda: callers(switchboard))


async def test_a_seat_that_is_not_there_sends_the_citizen_back_at_once(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    await waiting(switchboard, people)
    assign(switchboard, "s1999")
    (unanswered,) = await eventually(lambda: switchboard.facts("UNANSWERED"))
    assert unanswered.detail == {"seat": "s1999", "status": "CHANUNAVAIL"}
    await eventually(lambda: callers(switchboard))


async def test_after_the_seat_hangs_up_the_citizen_is_asked_for_a_score(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    async def survey(call: AGISession) -> None:
        score = await call.ask(["survey"], digits=1)
        await call.record("survey", score=score)
        await call.say(["thanks"])
        await call.route("end")

    line_script["survey"] = survey
    seat = await people.seat()
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1001")
    await seat.answers()
    await seat.hangs_up()
    await citizen.hears_tone(hertz_of("survey"))
    await citizen.presses("3")
    await citizen.is_hung_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    assert switchboard.facts("SURVEY")[0].detail == {"score": "3"}
    talked = switchboard.facts("TALKED")[0].detail
    assert talked["seat"] == "s1001"


async def test_without_our_process_the_citizen_hears_goodbye_after_the_talk(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    seat = await people.seat()
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1001")
    await seat.answers()
    switchboard.heartbeat(60)
    await seat.hangs_up()
    await citizen.hears_tone(hertz_of("goodbye"))
    await citizen.is_hung_up()


async def test_a_seat_whose_sound_dies_sends_the_citizen_to_the_front_of_the_line(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    seat = await people.seat("s1011")
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1011")
    await seat.answers()
    await eventually(lambda: [row for row in switchboard.cel() if row["eventtype"] == "BRIDGE_ENTER"])
    seat.phone.kill()
    await citizen.hears_tone(hertz_of("reconnecting"))
    await eventually(lambda: callers(switchboard))
    assert prio(switchboard) == 1
    assert switchboard.facts("CUT")[0].detail == {"seat": "s1011"}
    assert switchboard.facts("TALKED")[0].detail["seat"] == "s1011"


async def test_a_seat_of_app_queue_whose_sound_dies_does_not_lose_the_citizen_either(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    switchboard.heartbeat(None)
    seat = await people.seat("s1014")
    citizen = await people.citizen()
    await citizen.dials()
    await seat.answers()
    await eventually(lambda: [row for row in switchboard.cel() if row["eventtype"] == "BRIDGE_ENTER"])
    seat.phone.kill()
    await citizen.hears_tone(hertz_of("reconnecting"))
    await eventually(lambda: callers(switchboard))
    assert switchboard.facts("CUT")[0].detail == {"seat": "s1014"}


async def test_a_desk_that_lost_its_page_gets_its_citizen_back(
    switchboard: Switchboard, people: People, line_script: Scripts, tmp_path: Path
) -> None:
    seat = await people.seat("s1012")
    await waiting(switchboard, people, voice(tmp_path, CITIZEN_HERTZ))
    assign(switchboard, "s1012")
    await seat.answers()
    await eventually(lambda: [row for row in switchboard.cel() if row["eventtype"] == "BRIDGE_ENTER"])
    seat.phone.kill()
    again = await people.seat("s1012")
    assign(switchboard, "s1012", "hotline-reconnect")
    await again.answers()
    await again.hears_tone(CITIZEN_HERTZ)
    assert switchboard.facts("CUT")[0].detail == {"seat": "s1012"}


async def test_a_desk_that_is_not_back_yet_is_waited_for(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1013", "hotline-reconnect")
    await eventually(lambda: switchboard.facts("CUT"))
    before = len(citizen.phone.samples())
    await eventually(lambda: hertz_in(citizen.phone.samples()[before:], HOLD_HERTZ), otherwise="silence")
    with RawSeat((switchboard.settings.sip_host, switchboard.settings.sip_port)) as seat:
        switchboard.let_in("s1013", "hotline-seats", auth="")
        seat.registers("s1013")
        headers = await seat.is_called()
    assert headers["X-Call"] == switchboard.facts("CUT")[0].call


async def test_a_desk_that_stays_away_gives_its_citizen_back_to_the_line(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    citizen = await waiting(switchboard, people)
    assign(switchboard, "s1999", "hotline-reconnect")
    await eventually(lambda: switchboard.facts("UNANSWERED"), seconds=20)
    await eventually(lambda: callers(switchboard))
    assert prio(switchboard) == 1
    assert citizen.is_up


async def test_with_our_process_alive_app_queue_leaves_the_seats_alone_until_the_rule_lifts_the_limit(
    switchboard: Switchboard, people: People, line_script: Scripts
) -> None:
    seat = await people.seat()
    citizen = await waiting(switchboard, people)
    await citizen.hears_tone(HOLD_HERTZ)
    assert [channel for channel in switchboard.channels() if "s1001" in channel] == []
    await seat.answers(seconds=30)
    times = {row["eventtype"]: float(row["eventtime"]) for row in reversed(switchboard.cel())}
    rung = [float(row["eventtime"]) for row in switchboard.cel() if row["channame"].startswith("PJSIP/s1001")]
    assert min(rung) - times["HOTLINE_QUEUED"] >= RULE_SECONDS - 1
