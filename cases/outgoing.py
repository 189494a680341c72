"""外呼: what we ring people for by ourselves, without a seat; how a call may end, and when the next one is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cases.ring_backs import Quiet


class Kind(StrEnum):
    """Why somebody is rung."""

    DUTY = "duty"  # 紧急值班: a unit's people on duty hear of an urgent case and acknowledge it by a key
    FEEDBACK = "feedback"  # 反馈: the citizen is told the result
    REVISIT = "revisit"  # 回访: the citizen is asked whether it is solved, and whether he is satisfied


class Result(StrEnum):
    """What came of one call."""

    DONE = "done"  # told, evaluated or acknowledged
    PARTIAL = "partial"  # broke off in the middle: what was said is kept, and a person goes on
    PERSON = "person"  # asked for a person, who rings back
    LATER = "later"  # said that it does not suit now
    NO_WORD = "no_word"  # taken up, and nobody answered a question; it may have been a machine
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    NOT_DIALLED = "not_dialled"  # the exchange did not begin it
    LOST = "lost"  # nobody knows what became of it
    OVERTAKEN = "overtaken"  # somebody was quicker; there was nothing left to do


class Closing(StrEnum):
    """How the whole of it ends."""

    DONE = "done"
    PERSON = "person"  # given to people: tried often enough, asked for, or broken off
    GONE = "gone"  # no longer needed: somebody else has done it
    CANCELLED = "cancelled"  # a supervisor took it out


PURPOSES = {kind: f"notice_{kind}" for kind in Kind}
"""Under what the record of the call names its reason; no seat has a part in such a call."""

# The telephone of whom we wanted rang, or was taken up: these count as tries.
COUNTED = frozenset({Result.LATER, Result.NO_WORD, Result.NO_ANSWER, Result.BUSY, Result.UNREACHABLE})
_OVER = {
    Result.DONE: Closing.DONE,
    Result.OVERTAKEN: Closing.GONE,
    Result.PARTIAL: Closing.PERSON,
    Result.PERSON: Closing.PERSON,
}

# A citizen is rung three times, at other times of day and not all on one; then it is for a person.
PAUSES = (timedelta(hours=4), timedelta(hours=20))
# Somebody is in danger: the next one in the table, or the first again, and again.
DUTY_PAUSE = timedelta(minutes=1)
MOST_DUTY = 12
# What was nobody's fault. A citizen's telephone may have rung, though, so not at once.
SOON = {Kind.DUTY: timedelta(seconds=20)}
SOON_OTHERS = timedelta(minutes=10)
# The same number is left in peace for so long, whatever else there is to say to it.
BREATH = timedelta(minutes=15)
# Whoever was told the result has so long to see whether it is true.
REVISIT_AFTER = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Next:
    """What follows a call: it is over, or the next one is at `at`."""

    closing: Closing | None
    at: datetime | None = None


def follows(kind: Kind, result: Result, counted: int, at: datetime, quiet: Quiet) -> Next:
    """Return what follows a call that ended so at `at`; `counted` are the tries so far, this one among them."""
    if result in _OVER:
        return Next(_OVER[result])
    if result not in COUNTED:
        return Next(None, may_ring(kind, at + SOON.get(kind, SOON_OTHERS), quiet))
    if kind is Kind.DUTY:
        return Next(None, at + DUTY_PAUSE) if counted < MOST_DUTY else Next(Closing.PERSON)
    if counted > len(PAUSES):
        return Next(Closing.PERSON)
    return Next(None, may_ring(kind, at + PAUSES[counted - 1], quiet))


def may_ring(kind: Kind, at: datetime, quiet: Quiet) -> datetime:
    """Return the first moment from `at` on at which such a call may be made: danger knows no night."""
    return at if kind is Kind.DUTY else quiet.over(at)


def result_of(dial_status: str) -> Result:
    """Return what Asterisk's last word about a call means if our script has said nothing itself."""
    return _STATUSES.get(dial_status, Result.LOST)


_STATUSES = {
    "ANSWER": Result.NO_WORD,
    "BUSY": Result.BUSY,
    "NOANSWER": Result.NO_ANSWER,
    "CHANUNAVAIL": Result.UNREACHABLE,
    "CONGESTION": Result.UNREACHABLE,
}
