"""I-20 综合得分: one number for a unit, made of rates by weights, with points taken off and added.

No unit is judged by a handful of cases: a part with fewer than the least sample makes the score 样本不足, and a unit is
compared with its own kind only. Weights are the city's; the ones here are our own choice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.indicators import Figure

FULL_MARKS = 100.0
LEAST_SAMPLE = 10
WEIGHTS: Mapping[str, float] = {"contact": 10.0, "solved": 40.0, "satisfied": 40.0, "first_pass": 10.0}
"""响应 10, 解决 40, 满意 40, 质量 10."""


class BadScheme(ValueError):
    """Weights that no score can be made of. The message can be shown."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a city weighs."""

    weights: Mapping[str, float]
    least_sample: int = LEAST_SAMPLE

    def __post_init__(self) -> None:
        if not self.weights or any(weight <= 0 for weight in self.weights.values()):
            raise BadScheme("权重必须大于0 (weights are above zero)")
        if unknown := sorted(set(self.weights) - set(SCORABLE)):
            raise BadScheme(f"不能计分的指标：{'、'.join(unknown)} (these cannot be scored)")
        if self.least_sample < 1:
            raise BadScheme("最小样本至少为1 (the least sample is 1 or more)")


SCORABLE = (
    "contact",
    "solved",
    "solved_strict",
    "satisfied",
    "first_pass",
    "read",
    "reply",
    "published",
    "on_site",
)
"""Shares of a unit's own cases in which more is better."""

DEFAULT = Scheme(WEIGHTS)


@dataclass(frozen=True, slots=True)
class Score:
    """A unit's score, or why it has none."""

    unit: str
    points: float | None
    parts: Mapping[str, Figure]
    adjustment: float
    short_of: tuple[str, ...]
    """Parts with too small a sample."""

    @property
    def enough(self) -> bool:
        return self.points is not None


def score(unit: str, parts: Mapping[str, Figure], scheme: Scheme, adjustment: float = 0.0) -> Score:
    """Weigh the parts a unit has, at 100 for all of them, and add what was given or taken by decision.

    A part in which nothing was due to the unit is left out, and the rest weighs as if it were all.
    """
    used = {code: parts[code] for code in scheme.weights if code in parts and parts[code].whole > 0}
    short = tuple(code for code, figure in used.items() if figure.whole < scheme.least_sample)
    if not used or short:
        return Score(unit, None, parts, adjustment, short)
    weight = sum(scheme.weights[code] for code in used)
    reached = sum(scheme.weights[code] * (figure.value or 0.0) for code, figure in used.items())
    points = FULL_MARKS * reached / weight + adjustment
    return Score(unit, min(max(points, 0.0), FULL_MARKS + max(adjustment, 0.0)), parts, adjustment, ())


def ranked(scores: Iterable[Score]) -> list[tuple[int | None, Score]]:
    """Put the best first and number them, equal points with equal places; who has no score has no place."""
    ordered = sorted(scores, key=lambda each: (each.points is None, -(each.points or 0.0), each.unit))
    placed: list[tuple[int | None, Score]] = []
    for position, each in enumerate(ordered, start=1):
        before = placed[-1] if placed else None
        same = before is not None and before[1].points == each.points
        place = before[0] if same and before is not None else position
        placed.append((place if each.enough else None, each))
    return placed
