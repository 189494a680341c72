"""★1: case numbers and query codes, keyed or said figure by figure."""

import pytest

from ivr import reading
from ivr.call import HungUp
from ivr.case_number import Unsaid, case_number, query_code
from tests.fakes import FakeCall
from tests.ivr.case_fakes import CODE, DIGITS

SPOKEN = "二六幺幺二二零零幺七八幺"
READ_BACK = ["you-said", *reading.sounds(reading.case_number(DIGITS)), "you-said-right"]


async def given(*answers: str, hang_up_at: int | None = None) -> tuple[str | Unsaid, FakeCall]:
    call = FakeCall(keys=answers, hang_up_at=hang_up_at)
    return await case_number(call, ["enter-case-number"]), call


async def test_a_keyed_number_is_taken_at_its_word() -> None:
    number, call = await given(DIGITS)
    assert number == DIGITS
    assert call.steps == [["enter-case-number"]]
    assert call.grammars == ["digits:12"]


async def test_a_spoken_number_is_read_back_figure_by_figure_and_confirmed() -> None:
    number, call = await given(SPOKEN, "是的")
    assert number == DIGITS
    assert call.steps[1] == READ_BACK
    assert READ_BACK[1:8] == [
        *(f"digits/{n}" for n in "26"),
        *["digits/yao"] * 2,
        *["digits/2"] * 2,
        "digits/pause",
    ]


@pytest.mark.parametrize(
    ("answer", "number"), [("1", DIGITS), ("对", DIGITS), ("2", Unsaid.UNCLEAR), ("不是", Unsaid.UNCLEAR)]
)
async def test_the_read_back_is_answered_by_key_or_word(answer: str, number: str) -> None:
    assert (await given(SPOKEN, answer))[0] == number


@pytest.mark.parametrize("answers", [["0"], ["人工"], [SPOKEN, "0"], [SPOKEN, "人工服务"]])
async def test_a_person_can_be_asked_for_at_every_point(answers: list[str]) -> None:
    assert (await given(*answers))[0] is Unsaid.PERSON


@pytest.mark.parametrize("answers", [[], [""], ["#"], [SPOKEN], [SPOKEN, ""], [SPOKEN, "[unk]", "[unk]"]])
async def test_silence_is_no_number(answers: list[str]) -> None:
    assert (await given(*answers))[0] is Unsaid.SILENT


async def test_a_number_said_in_pieces_is_put_together() -> None:
    number, call = await given("二六幺幺二二", "零零幺七八", "幺", "是")
    assert number == DIGITS
    assert call.grammars == [*["digits:12"] * 3, "yes_no"]
    assert call.steps[1] == []


async def test_keys_win_over_what_was_said_before_them() -> None:
    number, call = await given("二六幺幺", DIGITS)
    assert number == DIGITS
    assert len(call.steps) == 2


async def test_what_was_begun_in_words_can_be_ended_by_keys_and_is_read_back() -> None:
    number, call = await given("二六幺幺二二", DIGITS[6:], "1")
    assert number == DIGITS
    assert call.steps[-1] == READ_BACK


@pytest.mark.parametrize("place", range(12))
async def test_every_single_wrong_figure_is_noticed_before_anything_is_read_back(place: int) -> None:
    wrong = DIGITS[:place] + str((int(DIGITS[place]) + 1) % 10) + DIGITS[place + 1 :]
    for said in (wrong, "".join("零一二三四五六七八九"[int(figure)] for figure in wrong)):
        number, call = await given(said)
        assert number is Unsaid.UNCLEAR
        assert len(call.steps) == 1


@pytest.mark.parametrize("answers", [["2611"], ["12*456789012"], ["[unk]"], ["二六幺幺"], ["返回"]])
async def test_what_is_no_whole_number_is_unclear(answers: list[str]) -> None:
    assert (await given(*answers))[0] is Unsaid.UNCLEAR


async def test_words_heard_uncertainly_are_not_taken_for_figures() -> None:
    call = FakeCall(keys=[SPOKEN], score=40)
    assert await case_number(call, ["enter-case-number"]) is Unsaid.UNCLEAR


async def test_a_piece_of_a_number_is_not_doubted_because_the_rest_is_still_to_come() -> None:
    # The recogniser's score falls with the figures that are missing: 90 for six of twelve is 45.
    call = FakeCall(keys=["二六幺幺二二", "[unk]"], score=45)
    assert await case_number(call, ["enter-case-number"]) is Unsaid.UNCLEAR
    assert call.grammars == ["digits:12", "digits:12"]


async def test_a_spoken_code_is_read_back_too() -> None:
    call = FakeCall(keys=["四八三九二零", "是"])
    assert await query_code(call, ["enter-code"]) == CODE
    assert call.heard[1:] == ["you-said", *(f"digits/{n}" for n in CODE), "you-said-right"]


@pytest.mark.parametrize(("keys", "code"), [(CODE, CODE), ("48", Unsaid.UNCLEAR), ("", Unsaid.SILENT)])
async def test_a_keyed_code_has_six_figures(keys: str, code: str) -> None:
    assert await query_code(FakeCall(keys=[keys]), ["enter-code"]) == code


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_hanging_up_ends_it_wherever_it_is(step: int) -> None:
    with pytest.raises(HungUp):
        await given("二六幺幺二二", "零零幺七八幺", "是", hang_up_at=step)
