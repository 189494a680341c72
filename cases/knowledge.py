"""知识库: the way of an article from a draft to citizens' ears, who may take which step, when its owner is reminded.

No text reaches a citizen that one person alone has seen: who wrote on a version does not check it. What is live ends by
itself on its last day, and its owner has to look at it again before its review date (after GB/T 44191).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import log1p

from cases.workflow import Refusal, Role

EDITORS: frozenset[Role] = frozenset({Role.KNOWLEDGE_EDITOR})
"""They keep the whole base: they write for every unit, and they alone put a text in force."""
OWNERS: frozenset[Role] = frozenset({Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER})
"""They write and check what their own unit answers for."""

# [our own choice] So long before a date the owner hears of it, and so long a text may go unlooked-at.
REMIND_BEFORE = timedelta(days=14)
LONGEST_REVIEW = timedelta(days=366)


class KnowledgeState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    CHECKED = "checked"
    LIVE = "live"
    EXPIRED = "expired"
    REFUSED = "refused"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class KnowledgeStep(StrEnum):
    """What is done to a version."""

    CHECK = "check"
    REFUSE = "refuse"
    RELEASE = "release"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class Reminder(StrEnum):
    """What the owner is told about a live article, in the order in which it comes."""

    REVIEW_SOON = "review_soon"
    EXPIRES_SOON = "expires_soon"
    OVERDUE = "overdue"


STEPS: Mapping[tuple[KnowledgeState, KnowledgeStep], KnowledgeState] = {
    (KnowledgeState.DRAFT, KnowledgeStep.CHECK): KnowledgeState.CHECKED,
    (KnowledgeState.DRAFT, KnowledgeStep.REFUSE): KnowledgeState.REFUSED,
    (KnowledgeState.CHECKED, KnowledgeStep.REFUSE): KnowledgeState.REFUSED,
    (KnowledgeState.CHECKED, KnowledgeStep.RELEASE): KnowledgeState.LIVE,
    (KnowledgeState.LIVE, KnowledgeStep.CONFIRM): KnowledgeState.REPLACED,
    (KnowledgeState.LIVE, KnowledgeStep.WITHDRAW): KnowledgeState.WITHDRAWN,
    (KnowledgeState.LIVE, KnowledgeStep.EXPIRE): KnowledgeState.EXPIRED,
}
"""What may follow on what. A confirmed text goes on as a version of its own, so that each keeps the date it had."""


class WrongState(Refusal):
    """This version is past that step, or has not come to it."""


class NotYourArticle(Refusal):
    """Neither an editor nor of the unit that answers for it."""


class OwnText(Refusal):
    """Who wrote on a text does not check it."""


def step(state: KnowledgeState, what: KnowledgeStep) -> KnowledgeState:
    """Return what follows, or raise WrongState."""
    try:
        return STEPS[state, what]
    except KeyError:
        raise WrongState("此版本不在可办理此步骤的状态 (not a step of this version now)") from None


def check_writer(role: Role, unit: str, owner: str) -> None:
    """Raise NotYourArticle unless the person may write and speak for what `owner` answers for."""
    if role not in EDITORS and not (role in OWNERS and unit == owner):
        raise NotYourArticle(
            "只有知识编辑和责任单位可以办理 (only an editor, or the unit that answers for it)"
        )


def check_step(what: KnowledgeStep, role: Role, unit: str, *, owner: str) -> None:
    """Raise NotYourArticle unless the person may take this step with an article of `owner`."""
    if what is KnowledgeStep.RELEASE and role not in EDITORS:
        raise NotYourArticle("只有知识编辑可以发布 (only an editor puts it in force)")
    check_writer(role, unit, owner)


def check_eyes(by: str, writers: Collection[str]) -> None:
    """Raise OwnText for whoever wrote on the text that is to be checked."""
    if by in writers:
        raise OwnText("撰写人不能审核自己的知识 (who wrote it does not check it)")


def reminder(today: date, *, review_by: date, valid_until: date | None, told: str) -> Reminder | None:
    """Return what the owner has to hear today and has not, the most pressing only."""
    due: list[Reminder] = []
    if review_by - today <= REMIND_BEFORE:
        due.append(Reminder.REVIEW_SOON)
    if valid_until is not None and valid_until - today <= REMIND_BEFORE:
        due.append(Reminder.EXPIRES_SOON)
    if review_by < today:
        due.append(Reminder.OVERDUE)
    order = list(Reminder)
    worst = max(due, key=order.index, default=None)
    if worst is None or (told and order.index(Reminder(told)) >= order.index(worst)):
        return None
    return worst


KEYWORD, IN_HEAD, IN_TEXT = 4, 3, 1
"""What a pair of characters weighs among the keywords, in title and questions, and in the answers."""
# [our own choice] An article that shares less than this part of the query's weight has nothing to do with it.
LEAST_SHARE = 0.12
# [our own choice] A whole sentence shares some pair with anything: from so many characters on it has to share two.
SENTENCE = 8
SAYS_NOTHING = frozenset(
    (
        *("怎么", "么办", "么回", "么样", "么取", "么弄", "怎样", "如何", "什么", "么时", "请问", "想问"),
        *("问一", "一下", "可以", "能不", "不能", "是不", "我想", "我要", "我们", "我的", "你们", "没有"),
    )
)
"""Pairs with which anything is asked."""
SAME_LEAF, SAME_BRANCH = 1.6, 1.2


@dataclass(frozen=True, slots=True)
class Shared:
    """What one article has in common with a query: the pairs, with the weight of each."""

    article: int
    weights: Mapping[str, int]
    category: str = ""


def worth(everything: int, having: int) -> float:
    """Return what a pair tells that so many of all articles have: the rarer, the more."""
    return log1p((everything - having + 0.5) / (having + 0.5))


def ranked(
    shared: Collection[Shared], worths: Mapping[str, float], category: str = "", *, length: int = 0
) -> list[tuple[int, float]]:
    """Return the articles that fit a query so long, best first, each with its share of the query's weight."""
    whole = sum(worths.values()) * IN_HEAD
    least = 1 if length < SENTENCE else 2
    scored = []
    for each in shared:
        score = sum(worths[gram] * weight for gram, weight in each.weights.items()) / whole if whole else 0.0
        # A keyword was chosen by somebody: one is enough.
        in_head = sum(least if weight >= KEYWORD else weight >= IN_HEAD for weight in each.weights.values())
        if score >= LEAST_SHARE and in_head >= least:
            scored.append((each.article, score * _nearness(each.category, category)))
    return sorted(scored, key=lambda one: (-one[1], one[0]))


def _nearness(own: str, asked: str) -> float:
    if not asked or own[:2] != asked[:2]:
        return 1.0
    return SAME_LEAF if own == asked else SAME_BRANCH


def phrases(query: str, head: str, most: int = 2) -> list[str]:
    """Return the longest pieces of the query that stand in the head, in the order of the query: the reason for a hit."""
    found: list[tuple[int, str]] = []
    start = 0
    while start < len(query) - 1:
        end = start
        while end < len(query) and query[start : end + 1] in head:
            end += 1
        if end - start >= 2:
            found.append((start, query[start:end]))
            start = end
        else:
            start += 1
    longest = sorted(found, key=lambda one: (-len(one[1]), one[0]))
    kept: dict[str, int] = {}
    for at, words in longest:
        kept.setdefault(words, at)
    return sorted(list(kept)[:most], key=kept.__getitem__)
