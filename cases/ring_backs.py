"""What is owed to a citizen who was not served: when he may be rung, how often, and which numbers are dialled at all."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.call_parts import CallRecord, EndReason
from cases.telephone import canonical

# After the first attempt the next one, so long after it; together within two days.
PAUSES = (timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=20))
MOST_ATTEMPTS = len(PAUSES) + 1
# Five times within minutes say nothing of whether he can be reached.
SPREAD_OVER = timedelta(hours=2)
# Shorter talks are mailboxes and people who say "wrong number": an agent closes those, not we.
REACHED_SECONDS = 10.0
# Whoever was cut off often dials again at once, and would be engaged.
GRACE = timedelta(minutes=2)
# What was nobody's fault, such as a seat that did not take up its telephone, is tried again soon.
SOON = timedelta(minutes=1)

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_FIXED = re.compile(r"0(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7}", re.ASCII)
_LOCAL = re.compile(r"[2-9]\d{6,7}", re.ASCII)  # as an exchange of the same area presents it
_SHORT = re.compile(r"110|119|12[02]|12[1-9]\d\d", re.ASCII)
OURSELVES = "12345"


class Closing(StrEnum):
    """How a debt ends."""

    REACHED = "reached"
    CALLED_AGAIN = "called_again"  # he was quicker, and a person has answered him
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    WRONG_NUMBER = "wrong_number"
    DUPLICATE = "duplicate"  # there is an older one for the same number, which pays both


class Result(StrEnum):
    """What came of one attempt."""

    REACHED = "reached"
    BRIEF = "brief"  # somebody, or something, took it up for some seconds
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"  # the agent hung up before
    SEAT_NO_ANSWER = "seat_no_answer"
    REFUSED = "refused"  # no number that may be dialled
    LOST = "lost"  # Asterisk died


# The citizen's telephone rang: these, and no others, are attempts to reach him.
COUNTED = frozenset({Result.BRIEF, Result.NO_ANSWER, Result.BUSY, Result.UNREACHABLE})

_RESULTS = {
    "BUSY": Result.BUSY,
    "NOANSWER": Result.NO_ANSWER,
    "CHANUNAVAIL": Result.UNREACHABLE,
    "CONGESTION": Result.UNREACHABLE,
    "CANCEL": Result.CANCELLED,
    "TWICE": Result.CANCELLED,
    "DEPOSED": Result.CANCELLED,
    "REFUSED": Result.REFUSED,
    "": Result.SEAT_NO_ANSWER,
}


@dataclass(frozen=True, slots=True)
class Quiet:
    """夜间: the hours of the city in which nobody is rung who has not asked for it."""

    begins: time
    ends: time
    zone: ZoneInfo

    def over(self, at: datetime) -> datetime:
        """Return the first moment from `at` on at which people may be rung."""
        local = at.astimezone(self.zone)
        if not self.holds(at):
            return at
        day = local.date() + timedelta(days=local.time() >= self.ends)
        return datetime.combine(day, self.ends, self.zone).astimezone(at.tzinfo)

    def holds(self, at: datetime) -> bool:
        now = at.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


@dataclass(frozen=True, slots=True)
class Due:
    """From when and until when somebody is rung, and why not as the rule has it ('', night, chosen)."""

    next_at: datetime
    ring_by: datetime
    moved: str = ""


def quiet_hours(begins: str, ends: str, zone: ZoneInfo) -> Quiet:
    """Read the hours as the city writes them, e.g. 21:00 and 08:00; two equal ones mean that there are none."""
    return Quiet(time.fromisoformat(begins), time.fromisoformat(ends), zone)


def due(
    asked_at: datetime, due_at: datetime, *, asked: bool, chosen_at: datetime | None, quiet: Quiet
) -> Due:
    """Return when a debt is to be paid.

    The citizen's own time holds, at night too. Whoever asked to be rung as soon as his turn comes is rung as soon as it
    comes, which at night is the morning: he did not ask for the night.
    """
    if chosen_at is not None:
        return Due(chosen_at, chosen_at + (due_at - asked_at), "chosen")
    begins = asked_at if asked else asked_at + GRACE
    waking = quiet.over(begins)
    if waking > begins:
        return Due(waking, waking + (due_at - asked_at), "night")
    if quiet.holds(due_at):
        # Late in the evening: it may still be done tonight, and is due in the morning.
        return Due(begins, quiet.over(due_at) + (due_at - asked_at), "night")
    return Due(begins, due_at)


def next_try(counted: int, at: datetime) -> datetime | None:
    """Return when to ring again after so many attempts, the last of which ended at `at`; None: a supervisor decides."""
    if counted == 0:
        return at + SOON
    return at + PAUSES[counted - 1] if counted <= len(PAUSES) else None


def result_of(record: CallRecord) -> Result | None:
    """Return what came of a call of ours, None while it goes on."""
    if record.ended_at is None:
        return None
    if record.end_reason is EndReason.LOST_RESTART:
        return Result.LOST
    if record.dial_status == "ANSWER" or record.talk_seconds > 0:
        return Result.REACHED if record.talk_seconds >= REACHED_SECONDS else Result.BRIEF
    return _RESULTS.get(record.dial_status, Result.UNREACHABLE)


def dialled(number: str, *, may_be_local: bool = True, by_hand: bool = False) -> str:
    """Return the number as it is dialled within the country, '' for one that we do not ring.

    Only mobile and fixed lines: whoever could have any number rung would make us dial premium or foreign ones. An agent may
    also dial the short numbers of government and emergency. The dialplan has the same list.
    """
    number = canonical(number)
    allowed = _MOBILE.fullmatch(number) or _FIXED.fullmatch(number)
    if may_be_local and not allowed:
        allowed = _LOCAL.fullmatch(number)
    if by_hand and not allowed and number != OURSELVES:
        allowed = _SHORT.fullmatch(number)
    return number if allowed else ""
