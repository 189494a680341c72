"""质检 (H-24): a sheet adds up to 100, a fatal item costs everything, and nobody chooses which calls are drawn."""

import random

import pytest

from cases.quality import (
    FULL,
    USUAL,
    Item,
    in_drawing_order,
    score,
    still_to_draw,
    wrong_with,
)

BEST = [item.most for item in USUAL]


def test_h_24_the_sheet_that_ships_asks_for_greeting_accuracy_courtesy_and_closing_and_adds_up() -> None:
    assert wrong_with(USUAL) == ""
    assert sum(item.points for item in USUAL) == FULL
    assert [
        word for word in ("问候", "准确", "礼貌", "结束语") if word not in "".join(i.name for i in USUAL)
    ] == []


@pytest.mark.parametrize(
    "items",
    [
        [],
        [Item("问候", 99)],
        [Item("问候", 100), Item("否决", 1, fatal=True)],
        [Item("问候", 50), Item("问候", 50)],
        [Item(" ", 100)],
        [Item("问候", 100), Item("白送", 0)],
        [Item(f"第{n}项", 1) for n in range(100)],
    ],
)
def test_a_sheet_that_does_not_add_up_to_100_or_names_nothing_is_refused(items: list[Item]) -> None:
    assert wrong_with(items)


def test_marks_are_added_up_and_85_is_a_pass() -> None:
    assert (score(USUAL, BEST).points, score(USUAL, BEST).passed) == (100, True)
    fewer = [BEST[0], 0, *BEST[2:]]
    assert (score(USUAL, fewer).points, score(USUAL, fewer).passed) == (85, True)
    assert not score(USUAL, [BEST[0] - 1, 0, *BEST[2:]]).passed


def test_one_fatal_item_missed_and_the_whole_call_counts_nothing() -> None:
    given = score(USUAL, [*BEST[:-1], 0])
    assert (given.points, given.fatal, given.passed) == (0, True, False)
    assert given.missed == ("辱骂、顶撞或无故挂断",)


@pytest.mark.parametrize("marks", [BEST[:-1], [*BEST, 1], [11, *BEST[1:]], [-1, *BEST[1:]], [*BEST[:-1], 2]])
def test_marks_that_are_not_of_this_sheet_are_refused(marks: list[int]) -> None:
    with pytest.raises(ValueError, match="sheet"):
        score(USUAL, marks)


def test_the_order_of_drawing_depends_on_nothing_that_anybody_chooses() -> None:
    calls = [f"hotline1-{n}.0" for n in range(50)]
    shuffled = random.Random(1).sample(calls, len(calls))
    assert in_drawing_order(shuffled, "w|1001") == in_drawing_order(calls, "w|1001") != calls
    assert in_drawing_order(calls, "w|1002") != in_drawing_order(calls, "w|1001")
    without = [call for call in in_drawing_order(calls, "w|1001") if call != calls[7]]
    assert in_drawing_order([call for call in calls if call != calls[7]], "w|1001") == without


def test_every_call_has_the_same_chance() -> None:
    """Of 20 calls 3 are drawn in 4,000 weeks: each about 600 times (the deviation is 23)."""
    calls = [f"hotline1-{n}.0" for n in range(20)]
    drawn = [call for week in range(4000) for call in in_drawing_order(calls, f"{week}|1001")[:3]]
    assert all(500 < drawn.count(call) < 700 for call in calls)


def test_every_agent_is_checked_equally_often() -> None:
    assert still_to_draw({"1001": 3, "1002": 1}, ["1001", "1002", "1003"], 3) == {"1002": 2, "1003": 3}
