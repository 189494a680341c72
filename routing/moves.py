"""Talks that are moved: who is asked, brought in or handed to. Values only; `routing.moves_of_calls` acts on them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Way(StrEnum):
    """What an agent may do with a talk beside having it."""

    ASK = "ask"  # 咨询: the citizen hears music meanwhile
    JOIN = "join"  # 三方: a third voice
    HAND_OVER = "hand_over"  # the one who was asked, or the third voice, goes on with the citizen
    HAND_ON = "hand_on"  # 直接转


class Word(StrEnum):
    """What the dialplan says of the legs of such a talk, as HOTLINE_PLACE."""

    ASKS = "asks"  # the seat's leg
    RETURNS = "returns"
    ASKED = "asked"  # the other one's: it rings
    ANSWERS = "answers"
    TAKES = "takes"


@dataclass(frozen=True, slots=True)
class Whom:
    """To whom: a seat or a number, and the name that agents read."""

    to: str
    name: str = ""

    @property
    def is_seat(self) -> bool:
        return self.to.startswith("s")


@dataclass(frozen=True, slots=True)
class Move:
    """An order to the exchange."""

    way: Way
    call: str
    seat: str
    """Who orders it."""
    channel: str
    """The citizen's."""
    seat_channel: str
    to: str = ""
    """A seat or the digits of a number."""
    to_node: str = ""
    third: str = ""
    """The channel of who was asked or brought in."""
    term: int = 0


@dataclass(frozen=True, slots=True)
class LegSaid:
    """One word about one leg."""

    word: Word
    call: str
    channel: str
    whom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LegSeen:
    """Somebody beside a talk, as a picture of the exchange shows it."""

    call: str
    channel: str
    whom: str
    answered: bool
    third: bool
    """A third voice, and not somebody who is asked while the citizen hears music."""


class Step(StrEnum):
    ORDERED = "ordered"
    RINGING = "ringing"
    TALKING = "talking"


@dataclass(frozen=True, slots=True)
class Aside:
    """Somebody beside a talk: asked while the citizen hears music, or a third voice. One to a talk."""

    call: str
    seat: str
    """Whose talk it is."""
    whom: Whom
    third: bool
    step: Step
    since: datetime
    seat_channel: str
    channel: str = ""
    """The other one's leg, as soon as there is one."""
    taking: bool = False
    """It has been ordered to take the citizen over."""
