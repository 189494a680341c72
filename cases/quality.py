"""质检: what a checked call is worth by the scoring sheet, and which calls are drawn. Pure.

The sheet is the city's; the one here is where it begins, after H-24 (微笑服务): greeting, accuracy, courtesy, closing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

FULL: Final = 100
MOST_ITEMS: Final = 30
PASSED: Final = 85
"""合格: from this score on, as the usual sheets of call centres have it."""
APPEAL_WITHIN: Final = timedelta(days=7)
"""So long after the score was given an agent may appeal."""
WORTH_CHECKING: Final = 20.0
"""Seconds of talk: in less nobody has shown anything."""
SETTLED_AFTER: Final = timedelta(hours=6)
"""So long after a week the last lines of its calls are there, and it is drawn."""
MOST_PER_AGENT: Final = 50
WEEKS_DRAWN: Final = 2
"""So many weeks that are over are drawn: a hotline that stood still for days makes up for it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a sheet. A fatal one has no points: missed once, the whole call counts 0."""

    name: str
    points: int
    fatal: bool = False
    guidance: str = ""

    @property
    def most(self) -> int:
        """The highest mark: of a fatal item 1, which says that all was well."""
        return 1 if self.fatal else self.points


USUAL: Final = (
    Item("开头语与问候", 10, guidance="报工号、问好，三秒内应答"),
    Item("倾听与确认", 15, guidance="不打断，复述诉求要点并请市民确认"),
    Item("政策与答复准确", 25, guidance="以知识库为准，不确定的不承诺"),
    Item("要素记录完整", 20, guidance="时间、地点、对象、诉求、联系方式"),
    Item("语气与礼貌", 15, guidance="语速平稳，用语文明，有情绪先安抚"),
    Item("结束语与满意度邀请", 10, guidance="告知工单编号与办理时限，邀请评价"),
    Item("转接与保持规范", 5, guidance="先说明原因并征得同意，保持不超过45秒"),
    Item("泄露来电人信息", 0, fatal=True, guidance="向第三方透露来电人身份或号码"),
    Item("辱骂、顶撞或无故挂断", 0, fatal=True),
)


@dataclass(frozen=True, slots=True)
class Score:
    points: int
    missed: tuple[str, ...] = ()
    """The fatal items that were missed."""

    @property
    def fatal(self) -> bool:
        return bool(self.missed)

    @property
    def passed(self) -> bool:
        return not self.fatal and self.points >= PASSED


def wrong_with(items: Sequence[Item]) -> str:
    """Return what is wrong with a sheet, '' if nothing is."""
    if not items or len(items) > MOST_ITEMS:
        return f"评分项应为1至{MOST_ITEMS}项 (1 to {MOST_ITEMS} items)"
    names = [item.name.strip() for item in items]
    if not all(names) or len(set(names)) < len(names):
        return "每一评分项都要有名称，且不能重复 (each item has a name of its own)"
    if any(item.points != 0 if item.fatal else item.points < 1 for item in items):
        return "否决项不计分，其余各项至少1分 (a fatal item has no points, every other at least 1)"
    if (total := sum(item.points for item in items)) != FULL:
        return f"各项分值之和应为{FULL}，现为{total} (the points must add up to {FULL}, not {total})"
    return ""


def score(items: Sequence[Item], marks: Sequence[int]) -> Score:
    """Add up the marks; raise ValueError if they are not marks of this sheet."""
    if len(items) != len(marks) or any(
        not 0 <= mark <= item.most for item, mark in zip(items, marks, strict=True)
    ):
        raise ValueError("the marks do not fit the sheet")
    pairs = list(zip(items, marks, strict=True))
    missed = tuple(item.name for item, mark in pairs if item.fatal and mark == 0)
    return Score(0 if missed else sum(mark for item, mark in pairs if not item.fatal), missed)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks_to_draw(here: datetime) -> list[date]:
    """Return the Mondays of the weeks that are over and settled, by the city's time; the oldest first."""
    newest = monday_of((here - SETTLED_AFTER).date()) - timedelta(weeks=1)
    return [newest - timedelta(weeks=back) for back in reversed(range(WEEKS_DRAWN))]


def in_drawing_order(calls: Sequence[str], seed: str) -> list[str]:
    """Put the calls into an order that is random to everybody, and always the same.

    Who draws cannot choose, and a call that is told of late takes its place without moving another.
    """
    return sorted(calls, key=lambda call: hashlib.sha256(f"{seed}|{call}".encode()).digest())


def still_to_draw(drawn: Mapping[str, int], agents: Sequence[str], per_agent: int) -> dict[str, int]:
    """Return how many calls each agent still lacks: everybody is checked equally often."""
    return {agent: lack for agent in agents if (lack := per_agent - drawn.get(agent, 0)) > 0}
