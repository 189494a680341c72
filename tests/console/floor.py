"""The exchange behind the real engine, for tests: does at once what it is told, and remembers it."""

from datetime import datetime

from routing.moves import Move
from routing.switch import Snapshot, SwitchFailed
from routing.watching import Mode
from tests.makers import MORNING


class FakeSpies:
    """A `routing.watching.Exchange`: who has a telephone is in `there`, and what is in `broken` fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.there: set[str] = {"vlead", "vsupervisor"}
        self.broken = False

    async def registered(self, telephone: str) -> bool:
        return telephone in self.there

    async def spy(
        self, leg: str, *, telephone: str, watched: str, call: str, mode: Mode, term: int = 0
    ) -> None:
        self._hear("spy", telephone, watched, mode)

    async def change(self, leg: str, *, watched: str, call: str, mode: Mode) -> None:
        self._hear("change", watched, mode)

    async def take_over(self, call: str, channel: str, *, telephone: str, term: int = 0) -> None:
        self._hear("take_over", call, channel, telephone)

    async def hang_up(self, leg: str, *, call: str) -> None:
        self._hear("hang_up", call)

    def _hear(self, *words: str) -> None:
        if self.broken:
            raise SwitchFailed(words[0])
        self.asked.append(words)


class FakeSwitch:
    """A `routing.switch.Switch` that never fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.spies = FakeSpies()

    async def assign(
        self, call: str, seat: str, *, channel: str, reason: str, term: int = 0, seat_node: str = ""
    ) -> None:
        self.asked.append(("assign", call, seat))

    async def move(self, move: Move) -> None:
        self.asked.append(("move", move.way.value, move.call, move.seat, move.to))

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
        self.asked.append(("ring_out", call, seat, number, purpose, owed, by))

    async def reconnect(
        self, call: str, seat: str, *, channel: str, term: int = 0, seat_node: str = ""
    ) -> None:
        self.asked.append(("reconnect", call, seat))

    async def add_seat(self, seat: str, name: str, *, node: str = "") -> None:
        self.asked.append(("add_seat", seat, name))

    async def remove_seat(self, seat: str, *, node: str = "") -> None:
        self.asked.append(("remove_seat", seat))

    async def pause_seat(self, seat: str, reason: str, *, node: str = "") -> None:
        self.asked.append(("pause_seat", seat, reason))

    async def unpause_seat(self, seat: str, *, node: str = "") -> None:
        self.asked.append(("unpause_seat", seat))

    async def hang_up(self, channel: str, *, node: str = "") -> None:
        self.asked.append(("hang_up", channel))

    async def mute_recording(self, call: str, *, until: datetime | None) -> None:
        self.asked.append(("mute_recording", call, "on" if until else "off"))

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        self.asked.append(("fact", call, kind))

    async def snapshot(self, *, node: str = "") -> Snapshot:
        return Snapshot(MORNING)
