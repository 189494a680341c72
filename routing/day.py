"""A day of a line: who calls when and how long he would wait and talk, and who sits at which seat. Values, no clock.

What a caller would do is drawn with him and stays with him, whatever rules the day is played by. So two sets of rules
meet the very same day, and what differs afterwards differs because of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from math import exp, log, sqrt
from random import Random

from routing.live import Profile, Wish

HOUR = 3600.0
# Arrivals by hour of the day in percent, as hotlines publish them: the peak at nine, a second one in the afternoon.
HOURS = (
    *(0.6,) * 7,
    *(2.0, 7.0, 11.0, 10.5, 8.0, 4.5, 4.5, 7.5, 8.0, 8.0, 6.0, 4.5, 4.5, 4.5, 3.0, 3.0, 1.5),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A caller who asks for a person. All times in seconds, `at` since the beginning of the day."""

    call: str
    number: str
    at: float
    wish: Wish
    patience: float
    """He hangs up if nobody has answered after so long."""
    talk: float
    wrap_up: float


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent at a seat. A call that has begun is finished after the end."""

    seat: str
    profile: Profile
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    start: datetime
    arrivals: tuple[Arrival, ...]
    """In order of time."""
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A kind of day, from which any number of days may be drawn."""

    calls: int
    """Expected in the whole of it."""
    talk: float
    wrap_up: float
    staff: int
    hours: tuple[float, ...] = HOURS
    """Weights of the hours of the day; one weight is one hour."""
    talk_spread: float = 0.75
    """Standard deviation as a part of the mean; lengths of calls are lognormal."""
    patience: float = 180.0
    """Mean; exponential, as hundreds of call centres have measured it."""
    rota: tuple[tuple[float, float, float], ...] = ((0.0, 24.0, 1.0),)
    """Begin and end in hours, and the share of the staff in that shift."""
    wishes: Mapping[Wish, float] = field(default_factory=dict)
    """Callers who are not ordinary, with their share of all."""
    profiles: Mapping[Profile, float] = field(default_factory=dict)
    regulars: float = 0.12
    """So much of all calls comes from one caller in a hundred."""


ENTERPRISE, DIALECT, ELDER = Wish(skill="enterprise"), Wish(language="minnan"), Wish(elder=True)
WISHES = {ENTERPRISE: 0.08, DIALECT: 0.05, ELDER: 0.10}
PROFILES = {
    Profile(skills=(("enterprise", 3),), group="enterprise"): 0.12,
    Profile(languages=frozenset({"minnan"}), group="general"): 0.15,
    Profile(group="general"): 0.73,
}
ROUND_THE_CLOCK = ((0.0, 8.0, 0.08), (7.5, 15.5, 0.37), (9.0, 17.5, 0.27), (15.5, 24.0, 0.28))

PLANS = {
    # 海口: 3,400 calls a day and 85 operators in shifts, of whom two in seven have the day off …
    "haikou": Plan(3_400, 150, 60, 60, rota=ROUND_THE_CLOCK, wishes=WISHES, profiles=PROFILES),
    # … and its peak day, for which everybody comes: it cannot be enough.
    "haikou-peak": Plan(10_400, 150, 60, 85, rota=ROUND_THE_CLOCK, wishes=WISHES, profiles=PROFILES),
    # Genesys' sizing model for 300 agents: 2.2 calls a second of 180 s are 396 Erlang. The 120 s in the line that it
    # plans for come about when callers stand it for eight minutes; a quarter of them gives up.
    "genesys-300": Plan(
        7_920, 180, 0, 300, hours=(1.0,), patience=480, rota=((0.0, 1.0, 1.0),), regulars=0.0
    ),
    # A city of five million: 13,700 calls, 300 s each with the work afterwards, staffed for 90 % in 15 s.
    "city": Plan(13_700, 210, 90, 260, rota=ROUND_THE_CLOCK, wishes=WISHES, profiles=PROFILES),
}


def generate(name: str, seed: int, start: datetime = datetime(2026, 11, 20, tzinfo=UTC)) -> Day:
    """Draw a day; the same seed gives the same one."""
    plan, dice = PLANS[name], Random(seed)  # noqa: S311  drawn, no secret
    arrivals = tuple(_arrivals(plan, dice))
    return Day(name, start, arrivals, tuple(_shifts(plan, dice)))


def _arrivals(plan: Plan, dice: Random) -> Iterator[Arrival]:
    """Draw a Poisson process whose rate changes by the hour."""
    total = sum(plan.hours)
    wishes = [*plan.wishes, Wish()]
    shares = [*accumulate(plan.wishes.values()), 1.0]
    callers = max(100, plan.calls // 2)
    count = 0
    for hour, weight in enumerate(plan.hours):
        rate = plan.calls * weight / total / HOUR
        at = hour * HOUR + dice.expovariate(rate)
        while at < (hour + 1) * HOUR:
            count += 1
            yield Arrival(
                call=f"day-{count}",
                number=_number(plan, dice, callers),
                at=at,
                wish=dice.choices(wishes, cum_weights=shares)[0],
                patience=dice.expovariate(1 / plan.patience),
                talk=length(dice, plan.talk, plan.talk_spread),
                wrap_up=length(dice, plan.wrap_up, 0.5),
            )
            at += dice.expovariate(rate)


def length(dice: Random, mean: float, spread: float) -> float:
    """Draw how long something lasts, lognormal; `spread` is a part of the mean."""
    if not mean:
        return 0.0
    width = log(1 + spread**2)
    return exp(dice.gauss(log(mean) - width / 2, sqrt(width)))


def _number(plan: Plan, dice: Random, callers: int) -> str:
    among = callers // 100 if dice.random() < plan.regulars else callers
    return f"138{dice.randrange(among):08}"


def _shifts(plan: Plan, dice: Random) -> Iterator[Shift]:
    """Give everybody a shift, so many to each as its share says, and the skills evenly over the shifts."""
    profiles = [Profile()] if not plan.profiles else [*plan.profiles]
    weights = [*plan.profiles.values()] or [1.0]
    seat = 0
    due = 0.0
    for begins, ends, share in plan.rota:
        due += plan.staff * share
        count = round(due) - seat
        for place in range(count):
            seat += 1
            part = (place + dice.random()) / count
            which = next((n for n, upto in enumerate(accumulate(weights)) if part < upto), len(weights) - 1)
            yield Shift(f"s{1000 + seat}", profiles[which], begins * HOUR, ends * HOUR)
