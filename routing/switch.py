"""What the engine may ask of the telephone exchange. Asterisk is behind it, a hand-written fake in tests."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from routing.live import Wish
from routing.moves import LegSeen, Move

RING_OUT_SECONDS = 15
"""So long the exchange lets a seat ring for a call of ours, whatever it allows for a citizen's."""


class SwitchFailed(Exception):
    """The exchange did not do it, or did not say whether it did. The next snapshot tells what is true."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller whom the exchange holds in the line. `since` is when he first came, if his channel still knows it."""

    call: str
    channel: str
    number: str
    since: datetime
    wish: Wish | None = None
    aside: bool = False


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
    arrived: datetime | None = None
    """When the caller first came into the line."""
    wish: Wish | None = None
    ring_back: str = ""
    """The call we owed, if it was we who rang; the call itself, if nothing was owed."""
    reached_at: datetime | None = None
    unrecorded_until: datetime | None = None
    """When the pause of its recording ends at the latest, if it is paused."""


@dataclass(frozen=True, slots=True)
class Member:
    """A seat that the exchange itself would ring if the engine were dead."""

    seat: str
    paused: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the exchange says about everything. `at` is the moment the question was put: what the engine heard
    later than that is newer than the snapshot. It shows one node and says nothing of the others; '' is the only one.
    """

    at: datetime
    waiting: tuple[Waiting, ...] = ()
    talks: tuple[Connected, ...] = ()
    members: tuple[Member, ...] = field(default=())
    node: str = ""
    epoch: str = ""
    """Which start of the exchange this is."""
    asides: tuple[LegSeen, ...] = ()
    """Who is beside a talk: asked, or a third voice."""
    telephones: frozenset[str] | None = None
    """Which of the members have a telephone that can be rung; None if the exchange does not tell."""


class Switch(Protocol):
    """Every call raises SwitchFailed when the exchange refuses or does not answer in time.

    A call says by its id on which node it is; for seats and channels the node is named, '' being the only one.
    """

    async def assign(
        self, call: str, seat: str, *, channel: str, reason: str, term: int = 0, seat_node: str = ""
    ) -> None:
        """Move the waiting caller to the seat. The fact ASSIGN has been written before.

        A node that has seen a higher term than this one does not obey; 0 is an engine that is alone.
        """

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
        """Ring the seat, and when it answers the number, as the call of this id, which is ours to choose.

        A node that has seen a higher term than this one rings no number.
        """

    async def reconnect(
        self, call: str, seat: str, *, channel: str, term: int = 0, seat_node: str = ""
    ) -> None:
        """Take the caller from the seat's dead telephone and hold him until the seat can be rung again."""

    async def move(self, move: Move) -> None:
        """Have a talk's legs go where this order sends them; what comes of it the dialplan says of each."""

    async def add_seat(self, seat: str, name: str, *, node: str = "") -> None:
        """Make the seat a member of the line, paused; a seat that is one already is no failure."""

    async def remove_seat(self, seat: str, *, node: str = "") -> None:
        """Take the seat out of the line; a seat that is not in it is no failure."""

    async def pause_seat(self, seat: str, reason: str, *, node: str = "") -> None: ...

    async def unpause_seat(self, seat: str, *, node: str = "") -> None: ...

    async def hang_up(self, channel: str, *, node: str = "") -> None: ...

    async def mute_recording(self, call: str, *, until: datetime | None) -> None:
        """Leave out of the recording what is said in the call, until then at the latest; None records it again.

        To record a call again that is over is no failure.
        """

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        """Put HOTLINE_<kind> about the call into the files that become its record."""

    async def snapshot(self, *, node: str = "") -> Snapshot: ...
