"""What people hear whom we ring by ourselves: nothing is answered for them, and a person is one key away."""

from collections.abc import Sequence
from contextlib import suppress

import pytest

from cases.outgoing import Result
from ivr import outgoing, reading
from ivr.call import HungUp
from storage.voice_notes import Said
from tests.fakes import FakeCall, FakeVoice

DIGITS = "261122001781"
WHY = Said("notes/20261124/1.wav", "0" * 64, 3.0, 48044)
REPLY = "您反映的井盖已于当日更换,感谢监督。请留意施工围挡。"


class Kept:
    """`ivr.outgoing.Tools` that remember."""

    def __init__(self) -> None:
        self.kept: list[object] = []

    async def told(self) -> None:
        self.kept.append("told")

    async def record(self) -> Said | None:
        return WHY

    async def judged(self, solved: str, satisfied: str, spoken: Sequence[Said]) -> None:
        self.kept.append((solved, satisfied, list(spoken)))

    async def acknowledged(self) -> None:
        self.kept.append("acknowledged")

    async def person(self) -> None:
        self.kept.append("person")

    async def note(self, result: Result, *, solved: str | None = None, satisfied: str | None = None) -> None:
        self.kept.append((result, solved, satisfied))


async def feedback(call: FakeCall, voice: FakeVoice | None = None) -> list[object]:
    tools = Kept()
    await outgoing.tell_result(call, voice or FakeVoice(), DIGITS, REPLY, tools)
    return tools.kept


async def revisit(call: FakeCall) -> list[object]:
    tools = Kept()
    with suppress(HungUp):
        await outgoing.ask_citizen(call, DIGITS, tools)
    return tools.kept


async def duty(call: FakeCall, purpose: str = "alarm") -> list[object]:
    tools = Kept()
    await outgoing.alarm(call, FakeVoice(), DIGITS, "市政工程处，道路井盖缺失", purpose, tools)
    return tools.kept


async def test_star_17_who_rings_and_the_end_of_the_cases_number_come_before_any_question() -> None:
    call = FakeCall(["1"])
    await feedback(call)
    first = call.steps[0]
    assert first[:2] == ["out-hello", "out-case"]
    assert first[2:-2] == reading.sounds(reading.digits("1781"))
    assert first[-1] == "out-listen"


@pytest.mark.parametrize("yes", ["1", "好的"])
async def test_the_result_is_read_to_its_end_and_then_counts_as_told(yes: str) -> None:
    call = FakeCall([yes])
    assert await feedback(call) == ["told"]
    assert [sound for sound in call.heard if sound.startswith("live/")] == [
        "live/您反映的井盖已于当日更换,感谢监督。",
        "live/请留意施工围挡。",
    ]
    assert call.heard[-1] == "out-goodbye"


async def test_a_result_that_cannot_be_spoken_is_told_by_a_person() -> None:
    assert await feedback(FakeCall(["1"]), FakeVoice(mute=True)) == ["person"]


@pytest.mark.parametrize("at", [2, 3])
async def test_who_hangs_up_before_the_end_was_not_told(at: int) -> None:
    tools = Kept()
    with pytest.raises(HungUp):
        await outgoing.tell_result(FakeCall(["1"], hang_up_at=at), FakeVoice(), DIGITS, REPLY, tools)
    assert tools.kept == []


@pytest.mark.parametrize("dialogue", [feedback, revisit])
@pytest.mark.parametrize(
    ("said", "comes"),
    [
        (["2"], (Result.LATER, None, None)),
        (["不用"], (Result.LATER, None, None)),
        ([], (Result.NO_WORD, None, None)),
        (["[unk]", "[unk]", "[unk]", "[unk]"], (Result.NO_WORD, None, None)),
        (["0"], "person"),
        (["人工"], "person"),
    ],
    ids=["later", "no", "silence", "noise", "key-0", "person"],
)
async def test_nobody_is_kept_who_does_not_want_it(dialogue: object, said: list[str], comes: object) -> None:
    assert await dialogue(FakeCall(said)) == [comes]  # type: ignore[operator]


async def test_many_say_nothing_at_first_and_are_asked_once_more() -> None:
    assert (await feedback(FakeCall(["", "1"])))[0] == "told"


@pytest.mark.parametrize("said", [["1", "1", "1"], ["好", "解决了", "满意"]], ids=["keys", "words"])
async def test_two_questions_have_two_answers(said: list[str]) -> None:
    assert (await revisit(FakeCall(said)))[-1] == ("full", "满意", [])


async def test_t22_who_is_not_content_may_say_why_after_the_tone() -> None:
    call = FakeCall(["1", "3", "3"])
    assert (await revisit(call))[-1] == ("no", "不满意", [WHY])
    assert call.heard[-3:] == ["say-why", "thanks", "out-goodbye"]


async def test_who_hangs_up_instead_of_a_reason_has_answered_all_the_same() -> None:
    assert (await revisit(FakeCall(["1", "1", "3"], hang_up_at=4)))[-1] == ("full", "不满意", [])


async def test_half_an_answer_is_never_made_a_whole_one() -> None:
    half = (Result.PARTIAL, "no", None)
    assert await revisit(FakeCall(["1", "3", ""])) == [half]
    assert await revisit(FakeCall(["1", "3"], hang_up_at=3)) == [half]
    assert await revisit(FakeCall(["1", "3", "0"])) == [half, "person"]
    assert await revisit(FakeCall(["1", ""])) == []


async def test_h_02_only_a_key_acknowledges_and_the_message_is_said_again_until_then() -> None:
    call = FakeCall(["2", "1"])
    assert await duty(call) == ["acknowledged"]
    assert call.heard.count("live/市政工程处，道路井盖缺失") == 2
    assert await duty(FakeCall()) == [(Result.NO_WORD, None, None)]


@pytest.mark.parametrize(
    ("purpose", "prompt"),
    [("alarm", "out-duty-alarm"), ("not_there", "out-duty-not-there"), ("promise_2", "out-duty-late")],
)
async def test_the_duty_leader_hears_why_he_is_rung(purpose: str, prompt: str) -> None:
    call = FakeCall(["1"])
    await duty(call, purpose)
    assert prompt in call.heard
