"""《高频词汇及重点关注问题》: which words come up again and again in what citizens report. Pure.

Chinese is written without blanks, so every run of two to five characters is counted. A run is dropped when a longer one
says the same (路灯不 where 路灯不亮 is counted as often), and when it begins or ends with a word that says nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SHORTEST, LONGEST = 2, 5
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z][A-Za-z0-9-]+")
# No term begins or ends with one of these; each of them says nothing alone.
_EDGES = frozenset(
    "的了是在有和与及或也都就不没很我你您他她它们这那个些请被把将对向从到于为以之其等号多少几两一二三四五六七八九十日月年时点分天"
)
_SAYS_NOTHING = """
反映 问题 希望 处理 要求 咨询 投诉 举报 建议 求助 市民 群众 相关 部门 情况 无法 导致 影响 长期 多次 严重 存在 进行 现象
尽快 解决 附近 目前 已经 现在 一直 出现 造成 请求 帮助 核实 回复 联系 来电 如何 怎么 什么 是否 可以 需要 认为 表示 称其
"""
STOP = frozenset(_SAYS_NOTHING.split())
# A shorter run stands beside a longer one only if it is used so much more often.
_OFTENER = 1.25


@dataclass(frozen=True, slots=True)
class Term:
    """A word, in how many texts it stands, and in how many it stood in the period before."""

    word: str
    count: int
    before: int

    @property
    def growth(self) -> float | None:
        """Return how many times as often as before; None for what is new."""
        return self.count / self.before if self.before else None


def frequent(
    texts: Iterable[str],
    before: Iterable[str] = (),
    *,
    most: int = 50,
    least: int = 3,
    stop: frozenset[str] = STOP,
) -> list[Term]:
    """Return the words that stand in the most texts, the most frequent first."""
    counted = _counted(texts, stop)
    often = {word: count for word, count in counted.items() if count >= least}
    words = sorted(_distinct(often), key=lambda word: (-often[word], -len(word), word))[:most]
    earlier = _counted(before, stop)
    return [Term(word, often[word], earlier[word]) for word in words]


def _counted(texts: Iterable[str], stop: frozenset[str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(_words(text, stop))
    return counted


def _words(text: str, stop: frozenset[str]) -> set[str]:
    """Return the candidates of one text, each once: ten times 噪声 in one complaint are one complaint."""
    words: set[str] = set()
    for run in _RUNS.findall(text):
        if run.isascii():
            words.add(run)
            continue
        for start in range(len(run)):
            if run[start] in _EDGES:
                continue
            for end in range(start + SHORTEST, min(start + LONGEST, len(run)) + 1):
                if run[end - 1] not in _EDGES:
                    words.add(run[start:end])
    return {word for word in words if not any(each in word for each in stop)}


def _distinct(often: dict[str, int]) -> list[str]:
    """Drop a run that is nearly always part of a longer one."""
    within: dict[str, int] = {}
    for word, count in often.items():
        for start in range(len(word)):
            for end in range(start + SHORTEST, len(word) + 1):
                part = word[start:end]
                if part != word:
                    within[part] = max(within.get(part, 0), count)
    return [word for word, count in often.items() if count >= within.get(word, 0) * _OFTENER]
