"""FL-10: the words that come up again and again."""

from cases.terms import frequent

TITLES = (
    ["鳌峰新村路灯不亮"] * 4
    + ["东门路路灯不亮,希望尽快处理"] * 3
    + ["小区停水两天"] * 5
    + ["反映小区停水无人处理"] * 2
    + ["建议增设公交站点"]
)


def words(texts: list[str], most: int = 50) -> list[str]:
    return [term.word for term in frequent(texts, most=most)]


def test_a_word_is_counted_once_for_each_text_and_said_in_full() -> None:
    found = {term.word: term.count for term in frequent(TITLES)}
    assert found["路灯不亮"] == 7
    assert found["小区停水"] == 7
    assert "灯不" not in found
    assert "停水" not in found
    assert frequent(["停水停水停水"] * 3)[0].count == 3


def test_a_shorter_word_stands_beside_a_longer_one_if_it_is_used_much_more() -> None:
    found = {term.word: term.count for term in frequent(TITLES + ["全城停水"] * 5)}
    assert found["停水"] == 12


def test_words_that_say_nothing_are_left_out() -> None:
    assert not {"反映", "处理", "希望", "尽快处理"} & set(words(TITLES))


def test_what_is_rare_is_left_out_and_the_list_is_short() -> None:
    assert "公交站点" not in words(TITLES)
    assert len(words(TITLES, most=2)) == 2


def test_growth_is_told_against_the_period_before() -> None:
    (water,) = [term for term in frequent(TITLES, ["小区停水"] * 2) if term.word == "小区停水"]
    assert (water.before, water.growth) == (2, 3.5)
    (lamp,) = [term for term in frequent(TITLES, ["小区停水"]) if term.word == "路灯不亮"]
    assert lamp.growth is None
