"""录音暂停 in the words of AMI: noted on the channel first, so that whoever comes after us finds it."""

from datetime import UTC, datetime

import pytest

from agi_scripts.picture import UNRECORDED, paused_until
from routing.switch import SwitchFailed
from tests.agi_scripts.test_switch import CALL, saying, switch

UNTIL = datetime(2026, 11, 23, 1, 31, tzinfo=UTC)


async def test_a_pause_stands_on_the_channel_before_it_begins_and_both_sides_are_left_out() -> None:
    async with switch() as (asterisk, ami):
        await asterisk.mute_recording(CALL, until=UNTIL)
        (note,), (mute,) = ami.sent("Setvar"), ami.sent("MixMonitorMute")
    assert (note["Channel"], note["Variable"]) == (CALL, UNRECORDED)
    assert paused_until(note["Value"]) == UNTIL
    assert (mute["Channel"], mute["Direction"], mute["State"]) == (CALL, "both", "1")


async def test_a_recording_that_cannot_be_paused_is_said_to_go_on() -> None:
    async with switch(saying("MixMonitorMute", "Cannot set mute flag")) as (asterisk, _):
        with pytest.raises(SwitchFailed):
            await asterisk.mute_recording(CALL, until=UNTIL)


async def test_to_record_again_a_call_that_is_over_is_no_failure() -> None:
    async with switch(saying("MixMonitorMute", "No such channel")) as (asterisk, ami):
        await asterisk.mute_recording(CALL, until=None)
        (mute,), (note,) = ami.sent("MixMonitorMute"), ami.sent("Setvar")
    assert (mute["State"], note["Value"]) == ("0", "")


@pytest.mark.parametrize("text", ["", "soon", "-1", "9" * 40])
def test_what_is_no_instant_pauses_nothing(text: str) -> None:
    assert paused_until(text) is None
