"""An exchange without sound, for benches: it keeps its own books of who is where, and finds every mistake of the engine."""

# ruff: noqa: ARG002, SLF001  it does nothing with what it is told, and turns the engine's crank itself

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from routing.day import Arrival, Day
from routing.engine import Engine, LineSettings
from routing.line import Line
from routing.live import Profile, Seat
from routing.moves import Move
from routing.rules import LineRules
from routing.simulate import PICK_UP_SECONDS, Fate, Played, Work
from routing.switch import Snapshot

if TYPE_CHECKING:
    from routing.estimate import Wait

REDIRECT_SECONDS = 0.005
"""From the order to the ringing seat, as measured on a real Asterisk."""
# The agents end their work after a call themselves, and no seat is rung in vain.
SETTINGS = LineSettings(ring_seconds=12, wrap_up_seconds=7_200, extend_seconds=60, lease_seconds=2)


class NullSwitch:
    """Does nothing at once. `on_assign` is told who was to be moved to which seat."""

    def __init__(self) -> None:
        self.on_assign: Callable[[str, str], None] = lambda _call, _seat: None
        self.facts = 0

    async def assign(
        self, call: str, seat: str, *, channel: str, reason: str, term: int = 0, seat_node: str = ""
    ) -> None:
        self.on_assign(call, seat)

    async def ring_out(
        self,
        call: str,
        seat: str,
        *,
        number: str,
        purpose: str = "ring_back",
        owed: str = "",
        by: str = "",
        term: int = 0,
    ) -> None: ...

    async def move(self, move: Move) -> None:
        """No talk is moved here."""

    async def reconnect(
        self, call: str, seat: str, *, channel: str, term: int = 0, seat_node: str = ""
    ) -> None: ...

    async def add_seat(self, seat: str, name: str, *, node: str = "") -> None: ...

    async def remove_seat(self, seat: str, *, node: str = "") -> None: ...

    async def pause_seat(self, seat: str, reason: str, *, node: str = "") -> None: ...

    async def unpause_seat(self, seat: str, *, node: str = "") -> None: ...

    async def hang_up(self, channel: str, *, node: str = "") -> None: ...

    async def mute_recording(self, call: str, *, until: datetime | None) -> None: ...

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        self.facts += 1

    async def snapshot(self, *, node: str = "") -> Snapshot:
        raise NotImplementedError


def an_engine(switch: NullSwitch, now: Callable[[], datetime], rules: LineRules) -> Engine:
    async def record(_seat: Seat) -> None: ...

    engine = Engine(Line(), switch, SETTINGS, now=now, record=record)
    engine.use_rules(rules)
    engine.asterisk_up(Snapshot(now()), now())
    return engine


@dataclass(slots=True)
class Mistakes:
    """What must never happen."""

    double_offers: int = 0
    """A seat was offered a call while it had one, or a caller a seat while he had one."""
    lost: int = 0
    """A caller was left in no place at all, or in one where nobody looks for him."""
    told: list[str] = field(default_factory=list)


class Hall:
    """Plays a day through the engine: callers, seats and the exchange between them, on a clock of its own."""

    def __init__(self, day: Day, rules: LineRules, *, tick_seconds: float) -> None:
        self.day = day
        self.at = 0.0
        self.switch = NullSwitch()
        self.switch.on_assign = self._moved
        self.engine = an_engine(self.switch, lambda: self.now, rules)
        self.mistakes = Mistakes()
        self.fates: list[Fate] = []
        self.work = {shift.seat: Work() for shift in day.shifts}
        self.moves = 0
        self.estimating = 0.0
        """Seconds of processor time that the estimates took."""
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._waits: dict[str, Arrival] = {}
        self._rings: dict[str, tuple[str, float]] = {}
        self._talks: dict[str, float] = {}
        self._busy: dict[str, str] = {}
        self._told: dict[str, Wait | None] = {}
        self._ends = {shift.seat: shift.ends for shift in day.shifts}
        self._begun = {shift.seat: shift.begins for shift in day.shifts}
        self._put_in(tick_seconds)

    @property
    def now(self) -> datetime:
        return self.day.start + timedelta(seconds=self.at)

    async def play(self) -> Played:
        """Let everything happen in its order; what the engine puts off is done before the next thing happens."""
        while self._due:
            self.at, _, happen = heapq.heappop(self._due)
            happen()
            await self.engine._work.done()
        self.mistakes.lost += len(self.day.arrivals) - len(self.fates) + len(self._waits)
        self.mistakes.lost += len(self.engine.line.callers) + len(self.engine.line.talks)
        return Played(self.day, tuple(self.fates), self.work, self.moves)

    def _put_in(self, tick_seconds: float) -> None:
        for shift in self.day.shifts:
            self._later(shift.begins, partial(self._signs_on, shift.seat, shift.profile))
            self._later(shift.ends, partial(self._goes, shift.seat))
        for arrival in self.day.arrivals:
            self._later(arrival.at, partial(self._comes, arrival))
        last = max(shift.ends for shift in self.day.shifts)
        for number in range(int(last / tick_seconds)):
            self._later(number * tick_seconds, lambda: self.engine.tick(self.now))

    def _later(self, at: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), happen))

    # People

    def _signs_on(self, seat: str, profile: Profile) -> None:
        self.engine.sign_on(seat, agent=seat, name=seat, at=self.now, profile=profile)
        self.engine.phone(seat, registered=True, mic=True, at=self.now)
        self.engine.ready(seat, at=self.now)

    def _goes(self, seat: str) -> None:
        if seat not in self._busy:
            self.engine.sign_off(seat, at=self.now)
            self.work[seat].staffed = self.at - self._begun[seat]

    def _comes(self, arrival: Arrival) -> None:
        self._waits[arrival.call] = arrival
        self.engine.caller_joined(
            arrival.call, arrival.call, arrival.number, self.now, since=self.now, wish=arrival.wish
        )
        if self._waits.get(arrival.call) is arrival and arrival.call not in self.engine.line.leases:
            began = time.process_time()
            self._told[arrival.call] = self.engine.estimate(arrival.call, self.now)
            self.estimating += time.process_time() - began
        self._later(self.at + arrival.patience, partial(self._gives_up, arrival))

    def _gives_up(self, arrival: Arrival) -> None:
        call = arrival.call
        if call in self._waits:
            del self._waits[call]
            self.engine.caller_left(call, self.now)
        elif call in self._rings:
            seat, since = self._rings.pop(call)
            del self._busy[seat]
            self.work[seat].busy += self.at - since
        else:
            return
        self.fates.append(Fate(arrival, self.at - arrival.at))
        self.engine.talk_ended(call, self.now)

    # The exchange

    def _moved(self, call: str, seat: str) -> None:
        self.moves += 1
        arrival = self._waits.pop(call, None)
        if arrival is None or seat in self._busy:
            self.mistakes.double_offers += 1
            self.mistakes.told.append(f"{call} to {seat} at {self.at:.1f} s")
            return
        self._busy[seat] = call
        self._rings[call] = (seat, self.at)
        self._later(self.at + REDIRECT_SECONDS, partial(self._rings_at, arrival, seat))

    def _rings_at(self, arrival: Arrival, seat: str) -> None:
        if arrival.call in self._rings:
            self.engine.caller_left(arrival.call, self.now)
            self.engine.seat_offered(arrival.call, seat, self.now)
            self._later(self.at + PICK_UP_SECONDS, partial(self._answers, arrival, seat))

    def _answers(self, arrival: Arrival, seat: str) -> None:
        if arrival.call not in self._rings:
            return
        _, self._talks[arrival.call] = self._rings.pop(arrival.call)
        self.engine.seat_answered(arrival.call, seat, f"PJSIP/{seat}", self.now)
        self.fates.append(Fate(arrival, self.at - arrival.at, seat, told=self._told.get(arrival.call)))
        self.work[seat].calls += 1
        self._later(self.at + arrival.talk, partial(self._hangs_up, arrival, seat))

    def _hangs_up(self, arrival: Arrival, seat: str) -> None:
        self.engine.talk_ended(arrival.call, self.now)
        self._later(self.at + arrival.wrap_up, partial(self._is_free, arrival, seat))

    def _is_free(self, arrival: Arrival, seat: str) -> None:
        del self._busy[seat]
        self.work[seat].busy += self.at - self._talks.pop(arrival.call)
        if self.at >= self._ends[seat]:
            self.engine.take_break(seat, reason="下班", at=self.now)
        self.engine.wrapped(seat, at=self.now)
        if self.at >= self._ends[seat]:
            self._goes(seat)
