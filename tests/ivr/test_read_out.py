"""A reply read aloud: sentence by sentence, the next one made meanwhile, and cut short by any answer."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asking import Question
from ivr.call import Heard, HungUp
from ivr.read_out import LONGEST_SENTENCE, UNSPOKEN, read_out, sentences
from tests.fakes import FakeCall, FakeVoice

REPLY = "您反映的噪声已核实。施工方已停工整改。感谢监督。"
PARTS = ["您反映的噪声已核实。", "施工方已停工整改。", "感谢监督。"]
SOUNDS = [f"live/{part}" for part in PARTS]
QUESTION = Question("status_keys", {"1": "repeat", "4": "slower", "#": "end", "0": "person"})


async def read(*answers: str, mute: bool = False, opening: Sequence[str] = ()) -> tuple[str, FakeCall]:
    call = FakeCall(keys=answers)
    return await read_out(call, FakeVoice(mute=mute), REPLY, QUESTION, opening=opening), call


async def test_a_reply_is_read_sentence_by_sentence_to_its_end() -> None:
    assert (await read())[1].steps == [[sound] for sound in SOUNDS]
    assert (await read())[0] == ""


async def test_what_comes_before_it_is_said_with_the_first_sentence() -> None:
    _, call = await read(opening=["status-reply-is"])
    assert call.steps[0] == ["status-reply-is", SOUNDS[0]]


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [("1", "repeat"), ("重听", "repeat"), ("0", "person"), ("人工", "person"), ("#", "end"), ("再见", "end")],
)
async def test_a_key_or_a_word_cuts_it_short(answer: str, meaning: str) -> None:
    wish, call = await read("", answer)
    assert wish == meaning
    assert call.heard == SOUNDS[:2]


@pytest.mark.parametrize("answer", ["4", "慢一点"])
async def test_slower_says_the_sentence_again_more_slowly_and_goes_on_so(answer: str) -> None:
    wish, call = await read("", answer)
    assert wish == ""
    slow = [f"live/slow:{part}" for part in PARTS]
    assert call.heard == [*SOUNDS[:2], *slow[1:]]


async def test_noise_says_the_sentence_again_and_from_then_on_keys_alone_cut_it_short() -> None:
    wish, call = await read("", "[unk]", "", "人工")
    assert wish == ""
    assert call.heard == [*SOUNDS[:2], *SOUNDS[1:]]
    assert len(call.grammars) == 2


async def test_a_key_still_works_after_noise() -> None:
    assert (await read("[unk]", "0"))[0] == "person"


async def test_what_cannot_be_spoken_says_so_before_anything_is_heard() -> None:
    wish, call = await read(mute=True, opening=["status-reply-is"])
    assert (wish, call.steps) == (UNSPOKEN, [])


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_hanging_up_ends_the_reading_and_the_making(step: int) -> None:
    before = asyncio.all_tasks()
    with pytest.raises(HungUp):
        await read_out(FakeCall(hang_up_at=step), FakeVoice(), REPLY, QUESTION)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_the_next_sentence_is_made_while_one_is_heard() -> None:
    voice, made_when_heard = FakeVoice(), []

    class Listening(FakeCall):
        async def hear(
            self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
        ) -> Heard:
            await asyncio.sleep(0)
            made_when_heard.append(len(voice.said))
            return await super().hear(sounds, grammar, keys=keys, seconds=seconds, spare=spare)

    await read_out(Listening(), voice, REPLY, QUESTION)
    assert made_when_heard == [2, 3, 3]


@given(st.text(alphabet="已核实整改,，。！?；\n 1a", max_size=400))
def test_nothing_is_lost_between_the_sentences(text: str) -> None:
    parts = sentences(text)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(parts)


def test_a_sentence_too_long_to_be_made_in_time_is_cut_at_a_comma() -> None:
    clause = "施工方已经停工并且整改完毕,"
    parts = sentences(clause * 12 + "感谢监督。")
    assert len(parts) > 2
    assert all(len(part) <= LONGEST_SENTENCE for part in parts)
