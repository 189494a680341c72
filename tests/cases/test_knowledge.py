"""知识库: four eyes, the order of the steps, when an owner is reminded, and why an article is found."""

from datetime import date, timedelta
from itertools import product

import pytest

from cases.knowledge import (
    EDITORS,
    OWNERS,
    STEPS,
    KnowledgeState,
    KnowledgeStep,
    NotYourArticle,
    OwnText,
    Reminder,
    Shared,
    WrongState,
    check_eyes,
    check_step,
    phrases,
    ranked,
    reminder,
    step,
    worth,
)
from cases.workflow import Role

TODAY = date(2026, 11, 23)


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_nothing_comes_into_force_unchecked() -> None:
    before_live = {state for (state, _), then in STEPS.items() if then is KnowledgeState.LIVE}
    assert before_live == {KnowledgeState.CHECKED}
    before_checked = {what for (_, what), then in STEPS.items() if then is KnowledgeState.CHECKED}
    assert before_checked == {KnowledgeStep.CHECK}


def test_what_is_over_stays_over() -> None:
    over = set(KnowledgeState) - {KnowledgeState.DRAFT, KnowledgeState.CHECKED, KnowledgeState.LIVE}
    for state, what in product(over, KnowledgeStep):
        with pytest.raises(WrongState):
            step(state, what)


@pytest.mark.parametrize("role", Role)
def test_only_editors_put_a_text_in_force_and_only_owners_speak_for_their_own(role: Role) -> None:
    def may(what: KnowledgeStep, unit: str) -> bool:
        try:
            check_step(what, role, unit, owner="gjj")
        except NotYourArticle:
            return False
        return True

    assert may(KnowledgeStep.RELEASE, "gjj") == (role in EDITORS)
    assert may(KnowledgeStep.CHECK, "gjj") == (role in EDITORS | OWNERS)
    assert may(KnowledgeStep.CHECK, "ybj") == (role in EDITORS)


def test_who_wrote_on_a_text_does_not_check_it() -> None:
    check_eyes("8002", {"gjj"})
    with pytest.raises(OwnText):
        check_eyes("gjj", {"gjj", "8002"})


@pytest.mark.parametrize(
    ("review", "valid", "told", "expected"),
    [
        (15, None, "", None),
        (14, None, "", Reminder.REVIEW_SOON),
        (14, None, "review_soon", None),
        (0, None, "review_soon", None),
        (-1, None, "review_soon", Reminder.OVERDUE),
        (-1, None, "", Reminder.OVERDUE),
        (-90, None, "overdue", None),
        (90, 15, "", None),
        (90, 14, "", Reminder.EXPIRES_SOON),
        (10, 10, "review_soon", Reminder.EXPIRES_SOON),
        (90, 3, "expires_soon", None),
    ],
)
def test_the_owner_hears_once_of_what_comes_and_once_of_what_was_missed(
    review: int, valid: int | None, told: str, expected: Reminder | None
) -> None:
    until = None if valid is None else day(valid)
    assert reminder(TODAY, review_by=day(review), valid_until=until, told=told) is expected


def test_a_rare_pair_is_worth_more_than_a_common_one_and_none_is_worth_less_than_nothing() -> None:
    worths = [worth(500, having) for having in (1, 5, 50, 499, 500)]
    assert worths == sorted(worths, reverse=True)
    assert worths[-1] > 0


def test_the_title_counts_more_than_the_answer_and_the_same_category_comes_first() -> None:
    worths = {"公积": 5.0, "提取": 3.0}
    in_title = Shared(1, {"公积": 3, "提取": 3}, "1305")
    in_answer = Shared(2, {"公积": 1, "提取": 1}, "1305")
    half = Shared(3, {"公积": 3}, "1305")
    other = Shared(4, {"公积": 3}, "0501")
    assert [article for article, _ in ranked([in_answer, half, in_title], worths)] == [1, 3]
    assert [article for article, _ in ranked([half, other], worths, "0501")] == [4, 3]


def test_the_reason_of_a_hit_is_the_longest_words_in_common() -> None:
    assert phrases("我想问公积金怎么提取租房", "租房提取住房公积金") == ["公积金", "提取"]
    assert phrases("您好", "公积金") == []
