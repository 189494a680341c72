"""What the line is made of: seats, waiting callers, talks. Values only; `routing.line` changes them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SeatState(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    DISABLED = "disabled"


class By(StrEnum):
    """What changes a seat's state when no person does."""

    CALL = "call"
    CLOCK = "clock"
    TELEPHONE = "telephone"
    DESK = "desk"  # its page went away or came back


ON_CALL = frozenset({SeatState.RINGING, SeatState.TALKING, SeatState.HOLD})


def node_of(call: str) -> str:
    """Return the node whose call this is: what stands before the last hyphen of its id."""
    return call.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller needs of a seat, as the number he dialled, the menu and what is known of him say."""

    skill: str = ""
    """'' if any seat will do."""
    language: str = ""
    """'' is Mandarin, which every seat speaks."""
    priority: int = 0
    """Higher goes first; 0 is the ordinary citizen."""
    line: str = "12345"
    """The number he dialled."""
    elder: bool = False
    prefers: tuple[str, ...] = ()
    """Seats that should have him if they can, best first: who knows his matter, who is on the leaders' rota."""
    raised: bool = False
    """A supervisor has put him before all others but emergencies."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a seat can do. Skills with their level, 1 (learning) to 5 (expert)."""

    skills: tuple[tuple[str, int], ...] = ()
    languages: frozenset[str] = frozenset()
    group: str = ""
    busy_at_most: float = 1.0
    """The share of the last hour it may spend on calls; above it, it is chosen after all others."""

    def level(self, skill: str) -> int:
        """Return the level of the skill, 0 if the seat does not have it."""
        return next((level for name, level in self.skills if name == skill), 0)


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat and the agent at it. `since` is when the state began."""

    id: str
    agent: str
    name: str
    state: SeatState
    since: datetime
    idle_since: datetime
    """When it last became ready. An offer that the caller ended does not cost the seat its turn."""
    reason: str = ""
    call: str = ""
    next_break: str = ""
    next_by: str = ""
    """Who asked for that break."""
    break_until: datetime | None = None
    wrap_up_until: datetime | None = None
    wrap_up_extended: bool = False
    registered: bool = True
    """Its page says that its telephone is."""
    mic: bool = True
    reachable: bool = True
    """The exchange says that it can ring that telephone."""
    ready_again: bool = False
    """It was ready when its telephone failed, and will be when that works again."""
    profile: Profile = Profile()
    by: str = ""
    """Who or what brought it into this state: a login, or a word of `By`."""
    misses: int = 0
    """So many calls in a row it did not take."""
    busy_share: float = 0.0
    """The share of the last hour that it was on calls."""
    node: str = ""
    """Where its telephone registers and where it is a member of the line; '' is the only node."""

    @property
    def usable(self) -> bool:
        return self.registered and self.mic and self.reachable


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller in the line. `since` is the first time this call was queued: who comes back keeps the place."""

    call: str
    channel: str
    number: str
    since: datetime
    heard_at: datetime
    refused_by: frozenset[str] = frozenset()
    wish: Wish = Wish()
    aside: bool = False
    """He listens to something he asked for by a key: his place is kept, and he is called up after it."""
    ring_back: str = ""
    """He is on no line: this is the call we owe him, and the seat that gets him rings him.

    An agent may ring somebody to whom nothing is owed; then it is the id of that very call.
    """

    @property
    def is_owed(self) -> bool:
        return self.ring_back not in ("", self.call)


@dataclass(frozen=True, slots=True)
class OwedCall:
    """A call we owe, ready to wait in the line for its caller. `since` is when he first wanted a person."""

    call: str
    number: str
    since: datetime
    wish: Wish = Wish()


@dataclass(frozen=True, slots=True)
class Talk:
    """A caller at a seat. `state` is RINGING, TALKING or HOLD."""

    caller: Caller
    seat: str
    state: SeatState
    since: datetime
    offered_at: datetime
    heard_at: datetime
    seat_channel: str = ""
    answered_at: datetime | None = None
    waits: bool = False
    """The exchange holds the caller in the line while the seat rings (it rang the seat by itself)."""
    back_by: datetime | None = None
    """The desk is lost. Until then the exchange holds the caller for it, and that no leg is there means nothing."""
    reached_at: datetime | None = None
    """When the citizen answered, if it is a call of ours."""

    @property
    def call(self) -> str:
        return self.caller.call

    @property
    def number(self) -> str:
        return self.caller.number

    @property
    def channel(self) -> str:
        return self.caller.channel

    @property
    def queued_at(self) -> datetime:
        return self.caller.since


@dataclass(frozen=True, slots=True)
class Lease:
    """The engine has promised this caller to this seat, and the exchange has not confirmed it yet."""

    call: str
    seat: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the agent at a seat, or with seat '' for the walls. `level` is info, warn or bad.

    The text may be a key of the pages' catalogue; `values` fill its blanks.
    """

    seat: str
    level: str
    text: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What listeners are told after each change, and after it only."""

    seats: frozenset[str] = frozenset()
    line: bool = False
    offered: str | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """The model differed from the exchange. `what` is caller, talk, member or seat, `cause` a sentence for the log."""

    what: str
    id: str
    cause: str
    at: datetime | None = None
