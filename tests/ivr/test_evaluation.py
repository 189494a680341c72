"""评价 by telephone: solved and satisfied are two answers, and neither is ever given for the citizen."""

import pytest

from ivr.call import HungUp
from ivr.evaluation import Outcome, evaluate
from tests.fakes import FakeCall
from tests.ivr.case_fakes import NO, SAID, FakeDesk


async def asked(*answers: str, desk: FakeDesk | None = None) -> tuple[Outcome, FakeDesk, FakeCall]:
    call, desk = FakeCall(keys=answers), desk or FakeDesk()
    return await evaluate(call, desk, NO), desk, call


@pytest.mark.parametrize(
    ("answers", "solved", "satisfied"),
    [
        (("1", "1"), "full", "满意"),
        (("1", "2"), "full", "基本满意"),
        (("解决了", "满意"), "full", "满意"),
        (("已经解决", "基本满意"), "full", "基本满意"),
    ],
)
async def test_both_answers_are_kept_by_key_and_by_word(
    answers: tuple[str, ...], solved: str, satisfied: str
) -> None:
    outcome, desk, call = await asked(*answers)
    assert outcome is Outcome.KEPT
    assert desk.done == [("judge", NO, solved, satisfied)]
    assert call.heard == ["ask-solved", "ask-satisfied", "thanks"]


@pytest.mark.parametrize(
    ("answers", "solved", "satisfied"),
    [
        (("3", "3"), "no", "不满意"),
        (("没有解决", "不满意"), "no", "不满意"),
        (("2", "1"), "part", "满意"),
        (("部分解决", "2"), "part", "基本满意"),
        (("1", "3"), "full", "不满意"),
    ],
)
async def test_t22_who_is_not_content_is_asked_why_and_his_words_go_with_the_answers(
    answers: tuple[str, ...], solved: str, satisfied: str
) -> None:
    _, desk, call = await asked(*answers)
    assert desk.done == [("judge", NO, solved, satisfied, SAID.path)]
    assert call.heard == ["ask-solved", "ask-satisfied", "say-why", "thanks"]


async def test_who_does_not_want_to_say_why_need_not() -> None:
    _, desk, _ = await asked("3", "3", desk=FakeDesk(said=None))
    assert desk.done == [("judge", NO, "no", "不满意")]


@pytest.mark.parametrize(
    "answers", [(), ("1",), ("0",), ("1", "0"), ("人工",), ("1", "人工"), ("9", "9"), ("1", "[unk]", "[unk]")]
)
async def test_an_answer_that_was_not_given_is_no_evaluation_and_leads_to_a_person(
    answers: tuple[str, ...],
) -> None:
    outcome, desk, call = await asked(*answers)
    assert outcome is Outcome.PERSON
    assert desk.done == []
    assert call.facts[-1][0] == "evaluated"
    assert set(call.facts[-1][1]) == {"unanswered"}


async def test_a_wrong_key_and_a_word_that_was_not_understood_are_asked_once_more() -> None:
    _, desk, call = await asked("9", "1", "[unk]", "1")
    assert desk.done == [("judge", NO, "full", "满意")]
    assert call.steps[1] == ["press-retry", "ask-solved"]
    assert call.steps[3] == ["menu-again", "ask-satisfied"]


async def test_what_cannot_be_kept_leads_to_a_person_and_nobody_is_thanked_for_it() -> None:
    outcome, _, call = await asked("1", "1", desk=FakeDesk(broken=True))
    assert outcome is Outcome.PERSON
    assert "thanks" not in call.heard


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_hanging_up_before_both_answers_leaves_no_evaluation(step: int) -> None:
    desk = FakeDesk()
    with pytest.raises(HungUp):
        await evaluate(FakeCall(keys=["3", "3"], hang_up_at=step), desk, NO)
    assert desk.done == []


async def test_hanging_up_after_both_answers_keeps_them() -> None:
    desk = FakeDesk()
    with pytest.raises(HungUp):
        await evaluate(FakeCall(keys=["1", "1"], hang_up_at=3), desk, NO)
    assert desk.done == [("judge", NO, "full", "满意")]
