"""Cases like a text: found at once, the likeliest first, and never more kept than are wanted."""

import pytest

from cases.likeness import LEAST_LETTERS, PILE, Known, Likeness, alike, pairs

LAMP = "鳌峰新村12号楼前路灯连续多日不亮"
COVER = "东门路12号门前井盖缺失,夜间有人摔倒"


def known(number: int, text: str, category: str = "0107") -> Known:
    return Known(number, category, number, pairs(text))


def an_index(*texts: str, most: int = 100_000) -> Likeness:
    index = Likeness(most)
    index.add([known(number, text) for number, text in enumerate(texts, 1)])
    return index


def test_the_case_with_the_same_words_comes_first_and_says_how_much_it_shares() -> None:
    first, *others = an_index(COVER, LAMP, "学府路路灯坏了").find(LAMP)
    assert first.id == 2
    assert first.share == pytest.approx(1.0)
    assert all(other.share < 0.5 for other in others)


def test_of_two_with_the_same_words_the_newer_one_comes_first() -> None:
    assert [like.id for like in an_index(LAMP, COVER, LAMP).find(LAMP)][:2] == [3, 1]


def test_punctuation_blanks_and_width_of_letters_do_not_matter() -> None:
    (like,) = an_index("A栋,路灯 不亮!!").find("a栋路灯不亮")
    assert like.share == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", "路", "路灯", "!!!", " \n "])
def test_too_little_text_is_like_nothing(text: str) -> None:
    assert an_index(LAMP).find(text) == []
    assert len(pairs("路灯不亮")) >= LEAST_LETTERS - 1


def test_an_empty_index_and_words_that_nobody_said_find_nothing() -> None:
    assert Likeness().find(LAMP) == []
    assert an_index(LAMP).find("公积金提取材料") == []


def test_a_case_is_found_as_soon_as_it_is_added() -> None:
    index = an_index(COVER)
    assert index.find("公积金怎么提取") == []
    index.add([known(9, "公积金怎么提取")])
    assert [like.id for like in index.find("公积金怎么提取")] == [9]


def test_piles_are_as_good_as_one_list_and_the_oldest_is_dropped_when_there_are_too_many() -> None:
    index = Likeness(2 * PILE)
    numbered = [
        known(n, f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}{chr(0x6E00 + n)}{chr(0x7E00 + n)}")
        for n in range(4 * PILE)
    ]
    for first in range(0, len(numbered), 700):
        index.add(numbered[first : first + 700])
        assert index.count <= 3 * PILE
    for n, found in ((4 * PILE - 1, True), (3 * PILE, True), (2 * PILE + 1, True), (5, False)):
        text = f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}{chr(0x6E00 + n)}{chr(0x7E00 + n)}"
        assert (n in [like.id for like in index.find(text)]) is found


def test_what_stands_in_every_case_says_nothing() -> None:
    index = an_index(*(f"请尽快处理第{chr(0x4E00 + n)}件" for n in range(1_000)))
    assert index.find("请尽快处理") == []


def test_of_two_texts_the_shorter_one_is_looked_for_in_the_longer() -> None:
    assert alike(pairs("路灯不亮"), pairs(LAMP + "路灯不亮请处理")) == 1.0
    assert alike(pairs(LAMP), pairs(COVER)) < 0.2
    assert alike(pairs(""), pairs(LAMP)) == 0.0
