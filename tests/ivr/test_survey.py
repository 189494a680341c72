"""The question after a call."""

import pytest

from ivr.call import HungUp
from ivr.survey import ask_score
from tests.fakes import FakeCall


@pytest.mark.parametrize(
    ("key", "score"), [("1", 1), ("2", 2), ("3", 3), ("满意", 1), ("基本满意", 2), ("不满意", 3)]
)
async def test_a_score_is_recorded_and_the_caller_thanked(key: str, score: int) -> None:
    call = FakeCall(keys=[key])
    assert await ask_score(call) == score
    assert call.facts == [("survey", {"score": score})]
    assert call.heard == ["survey", "thanks", "goodbye"]


async def test_a_wrong_key_is_asked_once_more() -> None:
    call = FakeCall(keys=["7", "2"])
    assert await ask_score(call) == 2
    assert call.heard == ["survey", "press-retry", "survey", "thanks", "goodbye"]


async def test_a_second_wrong_key_is_no_score() -> None:
    call = FakeCall(keys=["7", "8", "1"])
    assert await ask_score(call) is None
    assert call.facts == []
    assert call.heard[-1] == "goodbye"


async def test_words_that_were_not_understood_are_asked_once_more_and_never_guessed() -> None:
    call = FakeCall(keys=["[unk]", "满意"])
    assert await ask_score(call) == 1
    assert call.steps[1] == ["menu-again", "survey"]
    unsure = FakeCall(keys=["不满意", "不满意"], score=40)
    assert await ask_score(unsure) is None


async def test_silence_is_no_score_and_asks_nothing_more() -> None:
    call = FakeCall()
    assert await ask_score(call) is None
    assert call.heard == ["survey", "goodbye"]


async def test_hanging_up_at_the_question_leaves_no_score() -> None:
    call = FakeCall(keys=["1"], hang_up_at=1)
    with pytest.raises(HungUp):
        await ask_score(call)
    assert call.facts == []


@pytest.mark.parametrize("step", [2, 3])
async def test_hanging_up_at_the_thanks_keeps_the_score(step: int) -> None:
    call = FakeCall(keys=["1"], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask_score(call)
    assert call.facts == [("survey", {"score": 1})]


async def test_hanging_up_at_the_second_question_leaves_no_score() -> None:
    call = FakeCall(keys=["7", "1"], hang_up_at=2)
    with pytest.raises(HungUp):
        await ask_score(call)
    assert call.facts == []
