"""A telephone exchange for tests: it remembers what it was asked, and does it only in its own books."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from routing.assigning import Prefer
from routing.engine import Engine, LineSettings
from routing.line import Change, Line, Seat, SeatState
from routing.moves import Move
from routing.switch import Member, Snapshot, SwitchFailed

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SETTINGS = LineSettings(ring_seconds=12, wrap_up_seconds=30, extend_seconds=60, lease_seconds=2)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class FakeSwitch:
    """Does what it is told at once, unless the verb is in `broken`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.members: dict[str, Member] = {}
        self.homes: dict[str, str] = {}
        self.terms: list[int] = []
        self.picture: Snapshot | None = None
        self.broken: set[str] = set()
        self.stuck = False

    def verbs(self, verb: str) -> list[tuple[str, ...]]:
        return [each[1:] for each in self.told if each[0] == verb]

    def _hear(self, *words: str) -> None:
        if words[0] in self.broken:
            raise SwitchFailed(words[0])
        self.told.append(words)

    async def assign(
        self, call: str, seat: str, *, channel: str, reason: str, term: int = 0, seat_node: str = ""
    ) -> None:
        if self.stuck:
            await asyncio.sleep(3600)
        self._hear("assign", call, seat, channel, reason)
        self.terms.append(term)

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
    ) -> None:
        self._hear("ring_out", call, seat, number, purpose, owed, by)
        self.terms.append(term)

    async def reconnect(
        self, call: str, seat: str, *, channel: str, term: int = 0, seat_node: str = ""
    ) -> None:
        self._hear("reconnect", call, seat, channel)

    async def move(self, move: Move) -> None:
        self._hear("move", move.way.value, move.call, move.seat, move.to, move.third)

    async def add_seat(self, seat: str, name: str, *, node: str = "") -> None:
        self._hear("add", seat, name)
        self.members[seat] = Member(seat, paused=True)
        self.homes[seat] = node

    async def remove_seat(self, seat: str, *, node: str = "") -> None:
        self._hear("remove", seat)
        if self.homes.get(seat, node) == node:
            self.members.pop(seat, None)

    async def pause_seat(self, seat: str, reason: str, *, node: str = "") -> None:
        self._hear("pause", seat, reason)
        self.members[seat] = Member(seat, paused=True, reason=reason)

    async def unpause_seat(self, seat: str, *, node: str = "") -> None:
        self._hear("unpause", seat)
        self.members[seat] = Member(seat, paused=False)

    async def hang_up(self, channel: str, *, node: str = "") -> None:
        self._hear("hang_up", channel)

    async def mute_recording(self, call: str, *, until: datetime | None) -> None:
        self._hear("mute_recording", call, "on" if until else "off")

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        if kind != "SEAT":
            self._hear("fact", call, kind, seat)
        else:
            self._hear("state", call, seat, str(detail["state"]))

    async def snapshot(self, *, node: str = "") -> Snapshot:
        return self.picture or Snapshot(START, node=node)


class Hall:
    """An engine with its exchange, the seat log, and what listeners were told."""

    def __init__(
        self, settings: LineSettings = SETTINGS, *, node: str = "", prefer: Prefer | None = None
    ) -> None:
        self.switch = FakeSwitch()
        self.line = Line()
        self.log: list[tuple[str, SeatState, str]] = []
        self.heard: list[Change] = []
        self.engine = Engine(
            self.line,
            self.switch,
            settings,
            now=lambda: START,
            record=self._record,
            node=node,
            prefer=prefer,
        )
        self.engine.watch(self.heard.append)
        self.engine.asterisk_up(Snapshot(START, node=node), START)

    async def _record(self, seat: Seat) -> None:
        self.log.append((seat.id, seat.state, seat.reason))

    def seat(self, name: str) -> Seat:
        return self.line.seats[name]

    def state(self, name: str) -> SeatState:
        return self.seat(name).state

    def man(self, *names: str) -> None:
        """Have an agent at each seat, ready one second after the other."""
        for second, name in enumerate(names):
            self.seats(name, second)
            self.engine.ready(name, at=at(second))

    def seats(self, name: str, seconds: float, *, node: str = "") -> None:
        """An agent comes, and the page says that its telephone has registered and that it hears the microphone."""
        self.engine.sign_on(name, agent=name[1:], name=f"话务员{name[1:]}", at=at(seconds), node=node)
        self.engine.phone(name, registered=True, mic=True, at=at(seconds))

    def talk(self, call: str, seat: str, seconds: float) -> None:
        """Let a caller arrive and be answered by the seat, as the exchange would say it."""
        self.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(seconds))
        self.engine.caller_left(call, at(seconds + 0.1))
        self.engine.seat_offered(call, seat, at(seconds + 0.2))
        self.engine.seat_answered(call, seat, f"PJSIP/{seat}-1", at(seconds + 3))

    async def settle(self) -> None:
        """Let everything be done that has been put off."""
        async with self._working():
            await asyncio.wait_for(self.engine._work.done(), 5)
            await asyncio.wait_for(self.engine._notes.join(), 5)

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.engine._work.run()), asyncio.create_task(self.engine._note())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def moved(self) -> list[tuple[str, str]]:
        """Return which caller has been moved to which seat, in order."""
        await self.settle()
        return [(call, seat) for call, seat, *_ in self.switch.verbs("assign")]
