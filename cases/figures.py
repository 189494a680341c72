"""The figures of the line, each with its definition: what is counted, by what it is divided, what is left out.

Attribution: a call counts in the quarter of an hour in which it was **offered**, whatever happens to it later; the
time of seats is **split** over the quarters it falls into. Calls of ours count apart. Shares have a stated denominator;
where that is 0 there is no figure, not 0.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar

SLOT = timedelta(minutes=15)
SLOTS_A_DAY = 96
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# GB/T 33358: a person within 15 seconds. Callers who give up sooner than 5 are counted and shown apart.
LEVEL_SECONDS = 15.0
SHORT_SECONDS = 5.0
# A state of a seat that nobody ended counts for at most this long: a process that died wrote no end.
LONGEST_STATE = timedelta(hours=8)


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of some calls. Everything adds up but `wait_longest`."""

    offered: int = 0
    asked: int = 0
    waiting: int = 0
    answered: int = 0
    answered_15s: int = 0
    answered_15s_of_ring: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    completed: int = 0
    caller_hung_up: int = 0
    seat_hung_up: int = 0
    abandoned_in_menu: int = 0
    abandoned_in_line: int = 0
    lost_restart: int = 0
    message_left: int = 0
    callback_asked: int = 0
    self_service: int = 0
    event_joined: int = 0
    refused: int = 0
    failed: int = 0
    open: int = 0
    wait_seconds: float = 0.0
    wait_longest: float = 0.0
    talk_seconds: float = 0.0
    hold_seconds: float = 0.0
    wrap_up_seconds: float = 0.0
    outgoing: int = 0
    reached: int = 0

    @property
    def judged(self) -> int:
        """Who asked for a person and does not wait any more."""
        return self.asked - self.waiting


OUTCOMES = (
    "completed", "caller_hung_up", "seat_hung_up", "abandoned_in_menu", "abandoned_in_line", "lost_restart",
    "message_left", "callback_asked", "self_service", "event_joined", "refused", "failed", "open",
)  # fmt: skip
"""How a call ended. Every call has exactly one, so together they are the calls offered (SH-01)."""


@dataclass(frozen=True, slots=True)
class SeatCounts:
    """What a seat did, in seconds; talk, hold and ringing as the calls tell, the rest as the seat's own states."""

    answered: int = 0
    missed: int = 0
    ringing: float = 0.0
    talk: float = 0.0
    hold: float = 0.0
    ready: float = 0.0
    wrap_up: float = 0.0
    break_: float = 0.0
    disabled: float = 0.0
    signed_on: float = 0.0

    @property
    def handling(self) -> float:
        return self.talk + self.hold + self.wrap_up

    @property
    def occupancy(self) -> float | None:
        """利用率: talk, hold and work after calls ÷ time signed on without breaks and failed telephones."""
        return share(self.handling, self.signed_on - self.break_ - self.disabled)

    @property
    def handling_mean(self) -> float | None:
        return share(self.handling, self.answered)


T = TypeVar("T", Counts, SeatCounts)


def names_of(of: type[T]) -> tuple[str, ...]:
    return _NAMES[of]


def total(some: Sequence[T], of: type[T]) -> T:
    """Add up, to the millisecond; of longest waits take the longest."""
    if not some:
        return of()
    columns = list(zip(*map(_VALUES[of], some), strict=True))
    sums = {name: round(sum(column), 3) for name, column in zip(_NAMES[of], columns, strict=True)}
    if "wait_longest" in sums:
        sums["wait_longest"] = max(columns[_NAMES[of].index("wait_longest")])
    exact: dict[str, Any] = sums
    return of(**exact)


_NAMES: Mapping[type, tuple[str, ...]] = {
    of: tuple(part.name for part in fields(of)) for of in (Counts, SeatCounts)
}
_VALUES: Mapping[type, Callable[[Any], tuple[float, ...]]] = {
    of: attrgetter(*names) for of, names in _NAMES.items()
}


def share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure. Its name and its rule (`figure.<code>`, `figure.<code>.rule`) stand in the catalogue of words."""

    code: str
    unit: Unit
    value: Callable[[Counts], float | None]


def _of(name: str) -> Callable[[Counts], float | None]:
    return lambda counts: float(getattr(counts, name))


DEFINITIONS: tuple[Definition, ...] = (
    Definition("offered", Unit.COUNT, _of("offered")),
    Definition("asked", Unit.COUNT, _of("asked")),
    Definition("answered", Unit.COUNT, _of("answered")),
    Definition("answer_rate", Unit.SHARE, lambda c: share(c.answered, c.judged)),
    Definition("answer_rate_adjusted", Unit.SHARE, lambda c: share(c.answered, c.judged - c.abandoned_short)),
    Definition("level", Unit.SHARE, lambda c: share(c.answered_15s, c.judged)),
    Definition("level_of_ring", Unit.SHARE, lambda c: share(c.answered_15s_of_ring, c.judged)),
    Definition("abandoned", Unit.COUNT, _of("abandoned")),
    Definition("abandoned_short", Unit.COUNT, _of("abandoned_short")),
    Definition("abandon_rate", Unit.SHARE, lambda c: share(c.abandoned, c.judged)),
    Definition(
        "abandon_rate_adjusted",
        Unit.SHARE,
        lambda c: share(c.abandoned - c.abandoned_short, c.judged - c.abandoned_short),
    ),
    Definition("wait_mean", Unit.SECONDS, lambda c: share(c.wait_seconds, c.answered)),
    Definition("wait_longest", Unit.SECONDS, lambda c: c.wait_longest if c.asked else None),
    Definition("talk_mean", Unit.SECONDS, lambda c: share(c.talk_seconds, c.answered)),
    Definition("hold_mean", Unit.SECONDS, lambda c: share(c.hold_seconds, c.answered)),
    Definition("wrap_up_mean", Unit.SECONDS, lambda c: share(c.wrap_up_seconds, c.answered)),
    Definition(
        "handling_mean",
        Unit.SECONDS,
        lambda c: share(c.talk_seconds + c.hold_seconds + c.wrap_up_seconds, c.answered),
    ),
    Definition("self_service", Unit.COUNT, _of("self_service")),
    Definition("event_joined", Unit.COUNT, _of("event_joined")),
    Definition("callback_asked", Unit.COUNT, _of("callback_asked")),
    Definition("message_left", Unit.COUNT, _of("message_left")),
    Definition("refused", Unit.COUNT, _of("refused")),
    Definition("lost_restart", Unit.COUNT, _of("lost_restart")),
    Definition("outgoing", Unit.COUNT, _of("outgoing")),
    Definition("reached", Unit.COUNT, _of("reached")),
)


def slot_of(at: datetime) -> int:
    """Return the number of the quarter of an hour since 1970. All zones in use are whole quarters from UTC."""
    return (at - EPOCH) // SLOT


def begin_of(slot: int) -> datetime:
    return EPOCH + slot * SLOT


def split(began: datetime, ended: datetime) -> Iterator[tuple[int, float]]:
    """Give the seconds of a time that fall into each quarter of an hour, to the millisecond."""
    slot = slot_of(began)
    while began < ended:
        edge = min(begin_of(slot + 1), ended)
        yield slot, round((edge - began) / timedelta(seconds=1), 3)
        began, slot = edge, slot + 1


@dataclass(frozen=True, slots=True)
class Worst:
    """The lowest answer rate of any 24 hours, and when they began."""

    rate: float
    began_at: datetime


def worst_day(by_slot: Mapping[int, Counts], *, first: int, last: int) -> Worst | None:
    """I-4c: of all 24-hour windows that end within `first` … `last`, the one with the lowest answer rate."""
    worst: Worst | None = None
    begins = first - SLOTS_A_DAY + 1
    none = Counts()
    answered = sum(by_slot.get(slot, none).answered for slot in range(begins, first))
    judged = sum(by_slot.get(slot, none).judged for slot in range(begins, first))
    for slot in range(first, last + 1):
        answered += by_slot.get(slot, none).answered
        judged += by_slot.get(slot, none).judged
        rate = share(answered, judged)
        opening = slot - SLOTS_A_DAY + 1
        if rate is not None and (worst is None or rate < worst.rate):
            worst = Worst(rate, begin_of(opening))
        answered -= by_slot.get(opening, none).answered
        judged -= by_slot.get(opening, none).judged
    return worst


AWAY = frozenset({"offline", "break", "disabled"})
"""States of a seat in which a planned shift is not kept."""


@dataclass(frozen=True, slots=True)
class Adherence:
    """How a planned shift was kept, in seconds."""

    planned: float
    kept: float

    @property
    def rate(self) -> float | None:
        return share(self.kept, self.planned)


def adherence(
    plans: Sequence[tuple[str, datetime, datetime]],
    there: Mapping[str, Sequence[tuple[datetime, datetime]]],
) -> Adherence:
    """遵时率: the time a planned agent was ready, on a call or wrapping up ÷ the time planned."""
    planned = kept = timedelta(0)
    for agent, begins, ends in plans:
        planned += ends - begins
        for began, ended in there.get(agent, ()):
            kept += max(min(ended, ends) - max(began, begins), timedelta(0))
    second = timedelta(seconds=1)
    return Adherence(round(planned / second, 3), round(kept / second, 3))


@dataclass(frozen=True, slots=True)
class Promise:
    """What a caller was told of his wait, and how it went."""

    at: datetime
    low: float
    high: float | None
    waited: float | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Honesty:
    """How good the announced waits were: of those who stayed until a person answered."""

    told: int
    answered: int
    within: int
    sooner: int
    later: int
    bias_seconds: float | None
    left: int

    @property
    def coverage(self) -> float | None:
        """Real waits within the range that was told ÷ told waits that ended with a person."""
        return share(self.within, self.answered)


def honesty(promises: Sequence[Promise]) -> Honesty:
    """Compare what was told with what was. The bias is the mean of real wait minus the middle of the range.

    Who gave up has no wait to compare with, and is counted apart; a range without an upper end has no middle.
    """
    heard = [each for each in promises if each.answered and each.waited is not None]
    sooner = sum(1 for each in heard if (each.waited or 0.0) < each.low)
    later = sum(1 for each in heard if each.high is not None and (each.waited or 0.0) > each.high)
    errors = [(each.waited or 0.0) - (each.low + each.high) / 2 for each in heard if each.high is not None]
    return Honesty(
        told=len(promises),
        answered=len(heard),
        within=len(heard) - sooner - later,
        sooner=sooner,
        later=later,
        bias_seconds=round(sum(errors) / len(errors), 1) if errors else None,
        left=sum(1 for each in promises if not each.answered and each.waited is not None),
    )
