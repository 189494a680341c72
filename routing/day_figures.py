"""What a played day comes to, and whether two sets of rules differ by more than chance. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import sqrt
from statistics import fmean, pstdev, stdev

from routing.simulate import Played

LEVEL_SECONDS = 15.0
"""GB/T 33358: a person within 15 seconds."""
SHORT_SECONDS = 5.0
"""Who gives up sooner is shown apart."""

# Student's t for 95 %, by the number of days less one; from thirty on it is that of many days.
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)


@dataclass(frozen=True, slots=True)
class Figures:
    """One day. Waits in seconds, of callers who were answered; shares of 1."""

    calls: float
    answered: float
    abandoned: float
    abandoned_short: float
    """Of those who gave up, within five seconds."""
    wait_mean: float
    wait_p50: float
    wait_p95: float
    wait_longest: float
    level: float
    """I-4b: answered within 15 s, of all who asked for a person."""
    level_without_short: float
    """The same without those who gave up within five seconds."""
    occupancy: float
    """I-14: ringing, talking and work after calls, of the time that seats were staffed."""
    unevenness: float
    """How far seats of one shift differ in calls an hour: standard deviation by mean; 0 is perfectly even."""
    overtaken: float
    """Callers who saw one that asked for the same and came later go first."""


@dataclass(frozen=True, slots=True)
class Band:
    """A mean over several days and half the width of its 95 % confidence interval."""

    mean: float
    give_or_take: float

    def holds(self, value: float) -> bool:
        return abs(value - self.mean) <= self.give_or_take


def figures(played: Played) -> Figures:
    """Count one day."""
    answered = [fate for fate in played.fates if fate.answered]
    waits = sorted(fate.waited for fate in answered)
    lost = [fate.waited for fate in played.fates if not fate.answered]
    short = sum(waited < SHORT_SECONDS for waited in lost)
    in_time = sum(waited <= LEVEL_SECONDS for waited in waits)
    calls = len(played.fates)
    return Figures(
        calls=calls,
        answered=len(answered),
        abandoned=len(lost) / max(1, calls),
        abandoned_short=short / max(1, calls),
        wait_mean=fmean(waits) if waits else 0.0,
        wait_p50=quantile(waits, 0.50),
        wait_p95=quantile(waits, 0.95),
        wait_longest=waits[-1] if waits else 0.0,
        level=in_time / max(1, calls),
        level_without_short=in_time / max(1, calls - short),
        occupancy=_occupancy(played),
        unevenness=_unevenness(played),
        overtaken=sum(fate.overtaken for fate in played.fates),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which this share of an ordered row lies; 0 of an empty one."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _occupancy(played: Played) -> float:
    staffed = sum(work.staffed for work in played.work.values())
    return min(1.0, sum(work.busy for work in played.work.values()) / staffed) if staffed else 0.0


def _unevenness(played: Played) -> float:
    """Compare seats that were there at the same hours; who was there for less than one says nothing."""
    hours: dict[str, list[tuple[float, float]]] = {}
    for shift in played.day.shifts:
        hours.setdefault(shift.seat, []).append((shift.begins, shift.ends))
    rates: dict[tuple[tuple[float, float], ...], list[float]] = {}
    for seat, work in played.work.items():
        if work.staffed >= 3600:
            rates.setdefault(tuple(hours[seat]), []).append(work.calls / work.staffed)
    parts = [rate / mean for same in rates.values() if (mean := fmean(same)) for rate in same]
    return pstdev(parts) if parts else 0.0


def band(values: Sequence[float]) -> Band:
    """Return the mean of independent days and its 95 % confidence interval; of one day nothing is certain."""
    if len(values) < 2:
        return Band(fmean(values), float("inf"))
    student = _STUDENT[len(values) - 2] if len(values) - 2 < len(_STUDENT) else 2.0
    return Band(fmean(values), student * stdev(values) / sqrt(len(values)))


def bands(days: Sequence[Figures]) -> dict[str, Band]:
    """Return each figure over several days."""
    return {f.name: band([getattr(day, f.name) for day in days]) for f in fields(Figures)}


def differences(first: Sequence[Figures], second: Sequence[Figures]) -> dict[str, Band]:
    """Return second less first, day by day: both were played on the same days, so chance is the smaller for it."""
    return {
        f.name: band([getattr(b, f.name) - getattr(a, f.name) for a, b in zip(first, second, strict=True)])
        for f in fields(Figures)
    }
