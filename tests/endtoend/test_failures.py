"""Our process dies, Asterisk dies: what callers meet, and what the records say afterwards."""

from tests.endtoend.people import AGENT_HERTZ, CITIZEN_HERTZ, Street
from tests.endtoend.records import calls_of, ended, is_in
from tests.sip import eventually, hertz_in


async def test_when_our_process_is_killed_the_talk_goes_on_and_the_others_reach_a_person(
    ruins: Street,
) -> None:
    town = ruins.town
    desk = await ruins.agent("1001")
    talking, waiting, asked = [await ruins.citizen(f"1385014000{n}") for n in (1, 2, 3)]
    await talking.dials("12345")
    await desk.rings("138 5014 0001")
    await desk.answers()
    await talking.hears_tone(AGENT_HERTZ)
    await waiting.dials("12345")
    await is_in(town, "13850140002", "Queue")
    await asked.dials("12345")
    await is_in(town, "13850140003", "AGI")
    town.kill_ours()
    heard = len(talking.phone.samples())
    await is_in(town, "13850140003", "Queue")  # from the menu into the line, with nobody there to decide it
    await eventually(lambda: len(talking.phone.samples()) > heard + 3 * 16000, 15, "the talk fell silent")
    assert hertz_in(talking.phone.samples()[heard + 16000 :], AGENT_HERTZ)
    assert talking.is_up
    assert waiting.is_up

    town.start_ours()
    await desk.is_linked()
    await desk.shows("通话")
    heard = len(talking.phone.samples())
    await eventually(lambda: len(talking.phone.samples()) > heard + 3 * 16000, 15, "the talk fell silent")
    assert hertz_in(talking.phone.samples()[heard + 16000 :], AGENT_HERTZ)
    await desk.hears(CITIZEN_HERTZ)
    await talking.hangs_up()
    for citizen, number in ((waiting, "138 5014 0002"), (asked, "138 5014 0003")):
        await desk.finishes("其他", then="振铃")
        await desk.rings(number, 30)
        await desk.answers()
        await desk.hears(CITIZEN_HERTZ)
        await citizen.hangs_up()
        await desk.shows("整理")
    await desk.finishes("其他")
    for number in ("13850140001", "13850140002", "13850140003"):
        call = await ended(town, number)
        assert (call["end_reason"], call["seat"]) == ("caller_hung_up", "s1001")
        assert call["talk_seconds"] > 0
        assert call["kinds"][-1] == "talk"


async def test_while_our_process_is_dead_a_caller_leaves_a_message_that_is_taken_in_once(
    ruins: Street,
) -> None:
    town = ruins.town
    town.kill_ours()
    citizen = await ruins.citizen("13850140004")
    await citizen.dials("12345")
    await eventually(
        lambda: "leave_message" in town.cli("core show channels concise"), 60, "no message was asked for"
    )
    folder = town.state / "spool" / "messages"
    await eventually(
        lambda: any(path.stat().st_size > 40_000 for path in folder.glob("*.wav")), 60, "nothing is recorded"
    )
    await citizen.hangs_up()
    await eventually(lambda: list(folder.glob("*.json")), 15, "the message was not finished")
    town.start_ours()
    call = await ended(town, "13850140004")
    assert call["end_reason"] == "message_left"
    assert [owed["reason"] for owed in call["owed"]] == ["message"]
    await eventually(lambda: not list(folder.glob("*.json")), 15, "the message stays in the spool")
    town.kill_ours()
    for path in (
        folder / "done"
    ).iterdir():  # as if the crash had come between the commit and the putting away
        path.replace(folder / path.name)
    town.start_ours()
    await eventually(lambda: not list(folder.glob("*.json")), 15, "the message stays in the spool")
    assert len(calls_of(town, "13850140004")) == 1
    assert len(calls_of(town, "13850140004")[0]["owed"]) == 1


async def test_when_asterisk_is_killed_the_broken_calls_are_closed_as_lost_and_the_wall_is_right_again(
    ruins: Street,
) -> None:
    town = ruins.town
    desk = await ruins.agent("1001")
    talking, waiting = [await ruins.citizen(f"1385014001{n}") for n in (1, 2)]
    await talking.dials("12345")
    await desk.rings("138 5014 0011")
    await desk.answers()
    await waiting.dials("12345")
    await is_in(town, "13850140012", "Queue")
    town.kill_asterisk()
    town.start_asterisk()
    await eventually(lambda: "hotline_asterisk_linked 1" in town.metrics(), 20, "the link did not come back")
    await eventually(
        lambda: "hotline_queue_waiting 0" in town.metrics(), 5, "the wall shows callers who are gone"
    )
    for number in ("13850140011", "13850140012"):
        call = await ended(town, number)
        assert call["end_reason"] == "lost_restart"
        assert [(owed["reason"], owed["closed_at"]) for owed in call["owed"]] == [("lost", None)]
    # And the next citizen is served as if nothing had happened.
    await desk.finishes("中断")
    next_one = await ruins.citizen("13850140013")
    await next_one.dials("12345")
    await desk.rings("138 5014 0013", 40)
    await desk.answers()
    await next_one.hears_tone(AGENT_HERTZ)
    await next_one.hangs_up()
    await desk.finishes("其他")
