"""What the engine may ask of the telephone exchange. Asterisk is behind it, a hand-written fake in tests."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class SwitchFailed(Exception):
    """The exchange did not do it, or did not say whether it did. The next snapshot tells what is true."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller whom the exchange holds in the line."""

    call: str
    channel: str
    number: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Connected:
    """A caller at a seat: ringing there (`answered_at` is None) or talking. A snapshot does not see a hold."""

    call: str
    channel: str
    number: str
    seat: str
    seat_channel: str
    since: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A seat that the exchange itself would ring if the engine were dead."""

    seat: str
    paused: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the exchange says about everything. `at` is the moment the question was put: what the engine heard
    later than that is newer than the snapshot.
    """

    at: datetime
    waiting: tuple[Waiting, ...] = ()
    talks: tuple[Connected, ...] = ()
    members: tuple[Member, ...] = field(default=())


class Switch(Protocol):
    """Every call raises SwitchFailed when the exchange refuses or does not answer in time."""

    async def assign(self, call: str, seat: str, *, channel: str, reason: str) -> None:
        """Move the waiting caller to the seat. The fact ASSIGN has been written before."""

    async def reconnect(self, call: str, seat: str, *, channel: str) -> None:
        """Take the caller from the seat's dead telephone and hold him until the seat can be rung again."""

    async def add_seat(self, seat: str, name: str) -> None:
        """Make the seat a member of the line, paused; a seat that is one already is no failure."""

    async def remove_seat(self, seat: str) -> None:
        """Take the seat out of the line; a seat that is not in it is no failure."""

    async def pause_seat(self, seat: str, reason: str) -> None: ...

    async def unpause_seat(self, seat: str) -> None: ...

    async def hang_up(self, channel: str) -> None: ...

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        """Put HOTLINE_<kind> about the call into the files that become its record."""

    async def snapshot(self) -> Snapshot: ...
