"""排班测算: how many agents a day needs, half hour by half hour, from the calls of the same weekday before. Pure.

Erlang C: nobody gives up, calls come independently. That asks for rather too many seats than too few, which is what a
city wants to know; what the line does in fact is shown by `routing.erlang.with_patience` and by the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from cases.figures import Counts
from routing.erlang import answered_within, mean_wait, seats_needed

HALF_HOUR: Final = 1800.0
HALF_HOURS: Final = 48
ENOUGH_CALLS: Final = 20
"""So many answered calls make a handling time of their own; a half hour with fewer takes the day's."""
USUAL_HANDLING: Final = 240.0
"""Where nothing has been measured yet."""
FEW_CALLS: Final = 0.5
"""Fewer than this in a half hour need no seat by the formula; one is kept all the same, day and night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is wanted: this share within so many seconds, by agents of whose time this share is lost."""

    level: float = 0.95
    seconds: float = 15.0
    shrinkage: float = 0.30
    growth: float = 0.0
    """More calls than before, as a share; less than 0 for fewer."""


@dataclass(frozen=True, slots=True)
class Need:
    """One half hour; `no` 0 begins at midnight."""

    no: int
    calls: float
    handling: float
    seats: int
    agents: int
    level: float
    mean_wait: float
    occupancy: float
    planned: int

    @property
    def missing(self) -> int:
        return max(0, self.agents - self.planned)


def needs(days: Sequence[Mapping[int, Counts]], planned: Sequence[int], target: Target) -> list[Need]:
    """Return the needs of a day; `days` are those it is learned from, by half hour, `planned` who is on the rota."""
    usual = _handling([counts for day in days for counts in day.values()]) or USUAL_HANDLING
    return [
        _need(no, [day.get(no, Counts()) for day in days], planned[no], target, usual)
        for no in range(HALF_HOURS)
    ]


def _need(no: int, before: Sequence[Counts], planned: int, target: Target, usual: float) -> Need:
    calls = sum(each.asked for each in before) / len(before) * (1 + target.growth) if before else 0.0
    enough = sum(each.answered for each in before) >= ENOUGH_CALLS
    handling = (_handling(before) if enough else 0.0) or usual
    load = calls * handling / HALF_HOUR
    seats = (
        seats_needed(load, handling, level=target.level, seconds=target.seconds) if calls >= FEW_CALLS else 1
    )
    return Need(
        no,
        round(calls, 1),
        round(handling, 1),
        seats,
        ceil(seats / (1 - target.shrinkage)),
        answered_within(load, seats, handling, seconds=target.seconds),
        mean_wait(load, seats, handling),
        load / seats,
        planned,
    )


def _handling(some: Sequence[Counts]) -> float:
    """Return the mean of talk, hold and work after calls; 0 if nothing was answered."""
    answered = sum(each.answered for each in some)
    spent = sum(each.talk_seconds + each.hold_seconds + each.wrap_up_seconds for each in some)
    return spent / answered if answered else 0.0
