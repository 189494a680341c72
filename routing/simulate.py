"""Plays a day by a set of rules, with the very function that chooses seats in earnest. Pure: a day in, figures out."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count

from routing.day import Arrival, Day
from routing.live import Caller, Seat, SeatState
from routing.rules import LineRules
from routing.seats import choose

PICK_UP_SECONDS = 3.0
"""So long a seat rings."""
LOOK_AGAIN_SECONDS = 1.0
"""A caller whom no free seat may take yet is looked at again: waiting widens the circle."""
LAST_HOUR = 3600.0


class What(IntEnum):
    """What happens, in the order in which it is taken at one and the same moment."""

    SIGN_ON = 0
    FREE = 1
    GIVE_UP = 2
    ANSWER = 3
    HANG_UP = 4
    ARRIVE = 5
    SIGN_OFF = 6
    LOOK = 7


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one caller."""

    arrival: Arrival
    waited: float
    """Until a person answered, or until he gave up."""
    seat: str = ""
    """'' if nobody answered."""
    overtaken: bool = False
    """Somebody who asked for the same and came later was given a seat before him."""
    told: object = None

    @property
    def answered(self) -> bool:
        return bool(self.seat)


@dataclass(slots=True)
class Work:
    """What one seat had to do."""

    calls: int = 0
    busy: float = 0.0
    staffed: float = 0.0


@dataclass(frozen=True, slots=True)
class Played:
    """A day after it was played."""

    day: Day
    fates: tuple[Fate, ...]
    work: dict[str, Work]
    decisions: int


Watch = Callable[["Floor", Caller], object]
"""Asked about each caller who has to wait, when he comes; the answer is kept in his fate."""
Progress = Callable[[float], None]


def play(
    day: Day, rules: LineRules, *, watch: Watch | None = None, progress: Progress | None = None
) -> Played:
    """Play the day to its end: until the last caller has gone."""
    floor = Floor(day, rules, watch)
    while floor.due:
        floor.advance()
        if progress is not None and len(floor.due) % 500 == 0:
            progress(len(floor.fates) / max(1, len(day.arrivals)))
    return Played(day, tuple(floor.fates), floor.work, floor.decisions)


class Floor:
    """The seats and callers of the day at one moment, and what is due to happen to them."""

    def __init__(self, day: Day, rules: LineRules, watch: Watch | None = None) -> None:
        self.day = day
        self.rules = rules
        self.at = 0.0
        self.seats: dict[str, Seat] = {}
        self.busy_since: dict[str, float] = {}
        self.waiting: dict[str, Caller] = {}
        self.due: list[tuple[float, What, int, str]] = []
        self.fates: list[Fate] = []
        self.work: dict[str, Work] = {shift.seat: Work() for shift in day.shifts}
        self.decisions = 0
        self._watch = watch
        self._arrivals = {arrival.call: arrival for arrival in day.arrivals}
        self._rings: dict[str, str] = {}
        self._ends: dict[str, float] = {}
        self._began: dict[str, float] = {}
        self._recent: dict[str, deque[tuple[float, float]]] = {}
        self._last_seat: dict[str, str] = {}
        self._overtaken: set[str] = set()
        self._told: dict[str, object] = {}
        self._looks = False
        self._count = count()
        self._happens: dict[What, Callable[[str], bool]] = {
            What.SIGN_ON: self._sign_on,
            What.FREE: self._free,
            What.GIVE_UP: self._give_up,
            What.ANSWER: self._answer,
            What.HANG_UP: self._hang_up,
            What.ARRIVE: self._arrive,
            What.SIGN_OFF: self._sign_off,
            What.LOOK: self._look,
        }
        """Each tells whether a seat or a caller is there now who was not."""
        self._limited = rules.busy_at_most < 1 or any(s.profile.busy_at_most < 1 for s in day.shifts)
        for number, shift in enumerate(day.shifts):
            self._later(shift.begins, What.SIGN_ON, str(number))
        for arrival in day.arrivals:
            self._later(arrival.at, What.ARRIVE, arrival.call)

    @property
    def now(self) -> datetime:
        return self.day.start + timedelta(seconds=self.at)

    def advance(self) -> None:
        """Let the next thing happen, and give seats to callers if that made it possible."""
        self.at, what, _, name = heapq.heappop(self.due)
        if self._happens[what](name):
            self._distribute()
        if what is What.ARRIVE and self._watch is not None and name in self.waiting:
            self._told[name] = self._watch(self, self.waiting[name])

    def _look(self, _name: str) -> bool:
        self._looks = False
        return True

    # Seats

    def _sign_on(self, number: str) -> bool:
        shift = self.day.shifts[int(number)]
        self._ends[shift.seat] = max(shift.ends, self._ends.get(shift.seat, 0.0))
        self._later(shift.ends, What.SIGN_OFF, shift.seat)
        if shift.seat in self.seats:
            return False
        self._began[shift.seat] = self.at
        self.seats[shift.seat] = Seat(
            shift.seat,
            shift.seat,
            shift.seat,
            SeatState.READY,
            since=self.now,
            idle_since=self.now,
            profile=shift.profile,
        )
        return True

    def _sign_off(self, name: str) -> bool:
        seat = self.seats.get(name)
        if seat is not None and seat.state is SeatState.READY and self.at >= self._ends[name]:
            del self.seats[name]
            self.work[name].staffed += self.at - self._began.pop(name)
        return False

    def _free(self, name: str) -> bool:
        began = self.busy_since.pop(name)
        self.work[name].busy += self.at - began
        share = self._busy_share(name, began) if self._limited else 0.0
        seat = self.seats[name]
        self.seats[name] = replace(
            seat, state=SeatState.READY, since=self.now, idle_since=self.now, call="", busy_share=share
        )
        self._sign_off(name)
        return name in self.seats

    def _busy_share(self, name: str, began: float) -> float:
        recent = self._recent.setdefault(name, deque())
        recent.append((began, self.at))
        while recent[0][1] < self.at - LAST_HOUR:
            recent.popleft()
        return sum(end - max(begin, self.at - LAST_HOUR) for begin, end in recent) / LAST_HOUR

    # Callers

    def _arrive(self, call: str) -> bool:
        arrival = self._arrivals[call]
        wish = arrival.wish
        known = self._last_seat.get(arrival.number, "")
        if known and self.rules.last_seat_days:
            wish = replace(wish, prefers=(known,))
        self.waiting[arrival.call] = Caller(
            arrival.call, arrival.call, arrival.number, since=self.now, heard_at=self.now, wish=wish
        )
        self._later(self.at + arrival.patience, What.GIVE_UP, arrival.call)
        return True

    def _give_up(self, call: str) -> bool:
        if self.waiting.pop(call, None) is not None:
            self._seal(call, "")
            return False
        if (name := self._rings.pop(call, None)) is None:
            return False
        # An offer that the caller ended does not cost the seat its turn.
        self.work[name].busy += self.at - self.busy_since.pop(name)
        self.seats[name] = replace(self.seats[name], state=SeatState.READY, since=self.now, call="")
        self._seal(call, "")
        self._sign_off(name)
        return name in self.seats

    def _answer(self, call: str) -> bool:
        if (name := self._rings.pop(call, None)) is not None:
            self._seal(call, name)
            arrival = self._arrivals[call]
            self._last_seat[arrival.number] = name
            self.work[name].calls += 1
            self.seats[name] = replace(self.seats[name], state=SeatState.TALKING, since=self.now)
            self._later(self.at + arrival.talk, What.HANG_UP, name)
        return False

    def _hang_up(self, name: str) -> bool:
        seat = self.seats[name]
        wrap_up = self._arrivals[seat.call].wrap_up
        if not wrap_up:
            return self._free(name)
        until = self.now + timedelta(seconds=wrap_up)
        self.seats[name] = replace(seat, state=SeatState.WRAP_UP, since=self.now, wrap_up_until=until)
        self._later(self.at + wrap_up, What.FREE, name)
        return False

    def _seal(self, call: str, seat: str) -> None:
        arrival = self._arrivals[call]
        told = self._told.pop(call, None)
        self.fates.append(Fate(arrival, self.at - arrival.at, seat, call in self._overtaken, told))

    # Deciding

    def _distribute(self) -> None:
        free = [seat for seat in self.seats.values() if seat.state is SeatState.READY]
        if not (free and self.waiting):
            return
        busy = self.busy_since.keys() if self.rules.hold_seconds else frozenset()
        self.decisions += 1
        for each in choose(self.waiting.values(), free, self.rules, self.now, busy=busy):
            self._ring(self.waiting.pop(each.call), each.seat)
        if self.waiting and not self._looks and len(self.busy_since) < len(self.seats):
            self._looks = True
            self._later(self.at + LOOK_AGAIN_SECONDS, What.LOOK, "")

    def _ring(self, caller: Caller, name: str) -> None:
        for other in self.waiting.values():
            if other.since >= caller.since:
                break  # they stand in order of arrival
            if other.wish == caller.wish:
                self._overtaken.add(other.call)
        self.busy_since[name] = self.at
        self._rings[caller.call] = name
        self.seats[name] = replace(
            self.seats[name], state=SeatState.RINGING, since=self.now, call=caller.call
        )
        self._later(self.at + PICK_UP_SECONDS, What.ANSWER, caller.call)

    def _later(self, at: float, what: What, name: str) -> None:
        heapq.heappush(self.due, (at, what, next(self._count), name))
