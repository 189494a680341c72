"""Who is let into the line at once, who is noted and rung back, and who hears a notice. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from cases.nuisance import Grade
from storage.reception import Known

EMERGENCY_HINT = "emergency"


class Lane(StrEnum):
    """How a caller is received. None of them is silence, and each has a way on."""

    ORDINARY = "ordinary"
    ELDER = "elder"  # the greeting, then a person
    WARNED = "warned"  # a word of warning, then the end of the line
    NOTED = "noted"  # the number is noted, and rung back
    BLOCKED = "blocked"  # a notice; a message or an appeal may be left


class Why(StrEnum):
    """Why a caller is not simply let in. The word stands in the call's record."""

    NONE = ""
    CALLS = "calls"
    WAITING = "waiting"
    RATE = "rate"
    NUISANCE = "nuisance"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to do now."""

    calls: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How many calls came within the last minute, this one included."""

    number: int = 1
    prefix: int = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What the hotline takes on; 0 is no limit."""

    most_calls: int = 0
    most_waiting: int = 0
    number_a_minute: int = 0
    prefix_a_minute: int = 0
    """Ten thousand neighbouring numbers. A scan rings through them; a power cut does not."""
    appeals: str = ""
    """The number at which somebody outside the line takes an appeal."""

    def over(self, load: Load) -> Why:
        """Return what there is too much of for another ordinary caller."""
        if self.most_calls and load.calls > self.most_calls:
            return Why.CALLS
        if self.most_waiting and load.waiting >= self.most_waiting:
            return Why.WAITING
        return Why.NONE

    def too_fast(self, pace: Pace) -> bool:
        """Tell whether one number, or its neighbours together, call more often than people do."""
        number = self.number_a_minute and pace.number > self.number_a_minute
        prefix = self.prefix_a_minute and pace.prefix > self.prefix_a_minute
        return bool(number or prefix)

    def may_hold(self, load: Load) -> bool:
        """Tell whether somebody who insists on waiting still can: a tenth more than the limit."""
        return not self.most_calls or load.calls <= self.most_calls + max(self.most_calls // 10, 1)


@dataclass(frozen=True, slots=True)
class Reception:
    """What was decided for one call."""

    lane: Lane
    why: Why
    known: Known
    may_hold: bool
    wish: str
    """skill, language, priority, line and elder, url-encoded, as the exchange keeps them with the channel."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A call as it comes in."""

    dialled: str
    load: Load
    pace: Pace
    day: date
    closed: bool = False
    """The whole line is closed for now, by the city's own word."""


def receive(known: Known, arriving: Arriving, limits: Limits) -> Reception:
    """Decide how the caller is received.

    Whoever is old, or waits for the solution of something urgent, is let in whatever the load, and is never blocked.
    """
    admitted = known.elder or known.urgent
    grade = known.restriction.grade if known.restriction else None
    lane, why = Lane.ORDINARY, Why.NONE
    if grade is Grade.BLOCK and not admitted:
        lane, why = Lane.BLOCKED, Why.NUISANCE
    elif arriving.closed:
        # Nobody is there to answer, not even for those who are always let in.
        lane, why = Lane.NOTED, Why.CLOSED
    elif not admitted and (why := _too_much(arriving, limits)):
        lane = Lane.NOTED
    elif known.elder:
        lane = Lane.ELDER
    elif grade is not None and grade >= Grade.SLOW:
        lane = Lane.WARNED
    wish = _wish(known, arriving, slow=lane is Lane.WARNED)
    may_hold = limits.may_hold(arriving.load) and not arriving.closed
    return Reception(lane, why, known, may_hold, wish)


def _too_much(arriving: Arriving, limits: Limits) -> Why:
    return Why.RATE if limits.too_fast(arriving.pace) else limits.over(arriving.load)


def _wish(known: Known, arriving: Arriving, *, slow: bool) -> str:
    line = known.line
    wish = {
        "skill": line.skill if line else "",
        "language": line.language if line else "",
        "priority": -1 if slow else int(known.urgent),
        "line": arriving.dialled,
    }
    return urlencode(wish | ({"elder": 1} if known.elder else {}))
