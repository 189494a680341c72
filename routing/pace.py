"""How long callers keep seats busy and stand the wait, as the line shows it, and the picture an estimate is made from."""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from statistics import fmean, pstdev
from typing import Protocol

from routing.estimate import Handling, Length, LinePicture, Pool
from routing.fitting import Need, Situation, fits
from routing.line import Line
from routing.live import ON_CALL, Caller, Change, Seat, SeatState
from routing.rules import LineRules
from routing.seats import in_order

KEPT = 200
"""So many of the last calls; the pace of the morning is not that of the evening."""
LEAST_GIVEN_UP = 5
ON_THE_WAY = timedelta(seconds=15)
"""So long after leaving the line a caller may still be on the way to a seat; after that he has given up."""
WORKING = ON_CALL | {SeatState.READY, SeatState.WRAP_UP}


class Seen(Protocol):
    """What was seen of a line up to now."""

    def handling(self) -> Handling: ...
    def patience(self) -> float: ...
    def busy_since(self, seat: Seat) -> datetime: ...


@dataclass(frozen=True, slots=True)
class _Call:
    """What a seat is busy with, from its ringing on."""

    begun: datetime
    answered: bool = False
    ended: datetime | None = None


class Pace:
    """Watches a line and remembers how long the last calls kept seats busy, and how long callers stood the wait."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._calls: dict[str, _Call] = {}
        self._talks: deque[float] = deque(maxlen=KEPT)
        self._wraps_up: deque[float] = deque(maxlen=KEPT)
        self._rings: deque[float] = deque(maxlen=KEPT)
        self._waits: dict[str, datetime] = {}
        self._left: dict[str, tuple[datetime, datetime]] = {}
        self._stood: deque[tuple[float, bool]] = deque(maxlen=2 * KEPT)
        line.subscribe(self._follow)

    def handling(self) -> Handling:
        rings = round(fmean(self._rings)) if self._rings else 0
        return Handling(len(self._talks), _length(self._talks), _length(self._wraps_up), rings)

    def learn(self, talks: Iterable[tuple[float, float]]) -> None:
        """Take over what is on record of the last calls: a process that has just begun has seen none."""
        for talk, wrap_up in talks:
            self._talks.append(talk)
            self._wraps_up.append(wrap_up)

    def patience(self) -> float:
        """Return how long a caller stands the wait, on average: all the waiting there was, by who gave up."""
        gave_up = sum(given_up for _, given_up in self._stood)
        return sum(waited for waited, _ in self._stood) / gave_up if gave_up >= LEAST_GIVEN_UP else inf

    def busy_since(self, seat: Seat) -> datetime:
        call = self._calls.get(seat.id)
        return call.begun if call and seat.state in ON_CALL else seat.since

    def _follow(self, change: Change) -> None:
        for name in change.seats:
            self._look_at(self._line.seats[name])
        if change.line and self._line.heard_at is not None:
            self._look_at_the_line(self._line.heard_at)

    def _look_at(self, seat: Seat) -> None:
        """A seat rings, talks, holds, talks again, wraps up and is free: that is one call."""
        call = self._calls.get(seat.id)
        if seat.state is SeatState.RINGING:
            self._calls[seat.id] = _Call(seat.since)
        elif seat.state in ON_CALL:
            if call is None or call.ended:
                self._calls[seat.id] = _Call(seat.since, answered=True)
            elif not call.answered:
                self._rings.append((seat.since - call.begun).total_seconds())
                self._calls[seat.id] = replace(call, answered=True)
        elif call is not None and call.answered:
            self._look_at_the_end(seat, call)
        else:
            self._calls.pop(seat.id, None)

    def _look_at_the_end(self, seat: Seat, call: _Call) -> None:
        if call.ended is None:
            self._talks.append((seat.since - call.begun).total_seconds())
            self._calls[seat.id] = replace(call, ended=seat.since)
        if seat.state is not SeatState.WRAP_UP:
            self._wraps_up.append((seat.since - (call.ended or seat.since)).total_seconds())
            del self._calls[seat.id]

    def _look_at_the_line(self, at: datetime) -> None:
        callers, talks = self._line.callers, self._line.talks
        for call in self._waits.keys() - callers.keys():
            self._left[call] = (self._waits.pop(call), at)
        for call in callers.keys() - self._waits.keys():
            self._waits[call] = callers[call].since
            self._left.pop(call, None)  # back: it was no giving up
        for call, (since, left) in [*self._left.items()]:
            if call in talks or at - left > ON_THE_WAY:
                self._stood.append(((left - since).total_seconds(), call not in talks))
                del self._left[call]


def picture(line: Line, caller: Caller, pace: Seen, *, rules: LineRules, at: datetime) -> LinePicture:
    """Look at the line as this caller meets it, in the line or about to enter it."""
    floor = _Floor(line, pace, at)
    others = [other for other in line.unassigned() if other.call != caller.call]
    order = in_order([*others, caller], rules, at)
    before = order[: order.index(caller)]
    pools: dict[frozenset[str], Pool] = {}
    for opens in _openings(caller, rules, at):
        then = Situation.at_moment(rules, at + timedelta(seconds=opens))
        mine = floor.fitting(then.need(caller), then)
        if mine and mine not in pools:
            needs = Counter(then.need(other) for other in before)
            theirs = [(floor.fitting(need, then), count) for need, count in needs.items()]
            ahead = sum(count * len(mine & fit) / len(fit) for fit, count in theirs if fit)
            pools[mine] = floor.pool(mine, opens_in=opens, ahead=ahead)
    return LinePicture(tuple(pools.values()), pace.handling(), pace.patience())


class _Floor:
    """The seats that work: which are free, and since when the others have been talking or at work after a call."""

    def __init__(self, line: Line, pace: Seen, at: datetime) -> None:
        promised = {lease.seat for lease in line.leases.values()}
        self.seats = [seat for seat in line.seats.values() if seat.state in WORKING and not seat.next_break]
        self.talks: dict[str, float] = {}
        self.wraps_up: dict[str, float] = {}
        for seat in self.seats:
            if seat.state is SeatState.WRAP_UP:
                self.wraps_up[seat.id] = (at - seat.since).total_seconds()
            elif seat.state in ON_CALL:
                self.talks[seat.id] = (at - pace.busy_since(seat)).total_seconds()
            elif seat.id in promised:
                self.talks[seat.id] = 0.0

    def fitting(self, need: Need, now: Situation) -> frozenset[str]:
        """Return the seats that may take a caller with this need."""
        return frozenset(seat.id for seat in self.seats if need.anybody or fits(need, now.kind(seat, need)))

    def pool(self, mine: frozenset[str], *, opens_in: float, ahead: float) -> Pool:
        talks = tuple(self.talks[seat] for seat in mine if seat in self.talks)
        wraps_up = tuple(self.wraps_up[seat] for seat in mine if seat in self.wraps_up)
        return Pool(
            opens_in=opens_in,
            ahead=ahead,
            free=len(mine) - len(talks) - len(wraps_up),
            talks=talks,
            wraps_up=wraps_up,
        )


def _length(seconds: Collection[float]) -> Length:
    """Rounded, so that a pace that has hardly changed need not be worked out anew."""
    return Length(round(fmean(seconds)), round(pstdev(seconds))) if seconds else Length(0, 0)


def _openings(caller: Caller, rules: LineRules, at: datetime) -> list[float]:
    """Return in how many seconds the circle of his seats may widen; now is the first of it."""
    waited = (at - caller.since).total_seconds()
    skill = rules.skill(caller.wish.skill)
    ages = {rules.anybody_after, *(step.after for step in (skill.steps if skill else ()))}
    ages |= {each.after for each in rules.languages if each.language == caller.wish.language}
    ages |= {support.after for support in rules.supports}
    return [0.0, *sorted(age - waited for age in ages if age > waited)]
