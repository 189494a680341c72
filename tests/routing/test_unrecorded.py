"""录音暂停: nothing is said to be paused that is not, and no pause outlasts a minute, its talk, or our process."""

from dataclasses import replace

import pytest

from routing.engine import Refused
from routing.switch import Connected, Snapshot
from tests.routing.exchange import Hall, at

MUTED, AGAIN = ("c1", "on"), ("c1", "off")


def a_talk() -> Hall:
    hall = Hall()
    hall.man("s1001", "s1002")
    hall.engine.caller_joined("c1", "PJSIP/c1", "13800001234", at(10))
    hall.engine.seat_offered("c1", "s1001", at(11))
    hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(12))
    return hall


async def test_the_recording_is_paused_when_the_exchange_says_so_and_the_fact_is_written() -> None:
    hall = a_talk()
    pause = await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    await hall.settle()
    assert pause.until == at(80)
    assert hall.switch.verbs("mute_recording") == [MUTED]
    assert ("c1", "UNRECORDED", "s1001") in hall.switch.verbs("fact")
    assert hall.engine.unrecorded.of("c1") == pause


async def test_a_pause_that_the_exchange_refuses_is_refused_to_the_agent() -> None:
    hall = a_talk()
    hall.switch.broken.add("mute_recording")
    with pytest.raises(Refused, match="录音未能暂停"):
        await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    assert hall.engine.unrecorded.of("c1") is None


async def test_without_a_talk_there_is_nothing_to_pause() -> None:
    hall = Hall()
    hall.man("s1001")
    with pytest.raises(Refused, match="没有正在录音的通话"):
        await hall.engine.unrecorded.begin("s1001", at(20), by="1001")


async def test_a_pause_ends_by_itself_after_a_minute_and_the_agent_is_told() -> None:
    hall = a_talk()
    await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    hall.engine.tick(at(79))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [MUTED]
    hall.engine.tick(at(80))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [MUTED, AGAIN]
    assert hall.engine.unrecorded.of("c1") is None
    assert ("c1", "RECORDED_AGAIN", "s1001") in hall.switch.verbs("fact")
    assert [each.notice.text for each in hall.heard if each.notice] == ["recording.again_time"]


async def test_an_agent_who_goes_on_is_recorded_at_once() -> None:
    hall = a_talk()
    await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    hall.engine.unrecorded.end("s1001", at(31))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [MUTED, AGAIN]


async def test_a_pause_ends_with_its_talk_so_that_the_next_seat_is_recorded() -> None:
    hall = a_talk()
    await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    hall.engine.talk_ended("c1", at(30))
    hall.engine.tick(at(30.25))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [MUTED, AGAIN]


async def test_to_record_again_is_tried_until_the_exchange_does_it() -> None:
    hall = a_talk()
    await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    hall.switch.broken.add("mute_recording")
    hall.engine.tick(at(80))
    await hall.settle()
    assert hall.engine.unrecorded.of("c1") is not None
    hall.switch.broken.clear()
    hall.engine.tick(at(81))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [MUTED]
    hall.engine.tick(at(82.5))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [MUTED, AGAIN]


async def test_a_process_that_is_started_again_ends_the_pause_of_the_one_before() -> None:
    hall = Hall()
    hall.man("s1001")
    talk = Connected(
        "c1", "PJSIP/c1", "13800001234", "s1001", "PJSIP/s1001-1", since=at(12), answered_at=at(12)
    )
    snapshot = Snapshot(at(30), talks=(replace(talk, unrecorded_until=at(50)),))
    hall.engine.asterisk_up(snapshot, at(30))
    hall.engine.tick(at(49))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == []
    hall.engine.tick(at(50))
    await hall.settle()
    assert hall.switch.verbs("mute_recording") == [AGAIN]


@pytest.mark.parametrize(
    ("began", "ended", "covered"),
    [(10, 19, False), (15, 21, True), (22, 25, True), (28, 35, True), (31, 40, False)],
)
async def test_what_was_said_in_a_pause_is_known_after_it_so_that_it_is_not_written_down(
    began: float, ended: float, covered: bool
) -> None:
    hall = a_talk()
    await hall.engine.unrecorded.begin("s1001", at(20), by="1001")
    hall.engine.unrecorded.end("s1001", at(30))
    await hall.settle()
    assert hall.engine.unrecorded.covers("c1", at(began), at(ended)) is covered
