"""骚扰电话: how far a number that misuses the line may be restricted, and what its calls suggest. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

# Nobody who calls from or for help is ever held back.
EMERGENCY = frozenset({"110", "119", "120", "122", "12395"})
# The hotline itself, and whoever withholds the number, is nobody in particular.
_ONE_CALLER = re.compile(r"\+?[0-9]{5,20}", re.ASCII)


class Grade(IntEnum):
    """Each holds for its time only; none of them is silence."""

    NOTE = 1
    """The agent reads it. The caller notices nothing."""
    SLOW = 2
    """The caller is warned and waits behind all others."""
    BLOCK = 3
    """The caller hears until when and why, and may leave a message or appeal."""


LONGEST_DAYS = {Grade.NOTE: 365, Grade.SLOW: 90, Grade.BLOCK: 30}


class Reason(StrEnum):
    SILENT = "silent"
    ABUSE = "abuse"
    FLOOD = "flood"
    FALSE = "false"


SPOKEN = {
    Reason.SILENT: "多次拨打无人说话",
    Reason.ABUSE: "多次辱骂工作人员",
    Reason.FLOOD: "短时间内反复拨打",
    Reason.FALSE: "多次反映不实情况",
}


def may_be_restricted(number: str) -> bool:
    """Tell whether this is one caller's number: not withheld, not an emergency service, not ourselves."""
    return (
        _ONE_CALLER.fullmatch(number) is not None
        and number.removeprefix("+86") not in EMERGENCY
        and number != "12345"
    )


@dataclass(frozen=True, slots=True)
class CallTrait:
    """What one finished call says about whoever made it."""

    at: datetime
    answered: bool
    talk_seconds: float = 0.0
    outcome: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the calls of the last days add up to. `grade` is None if they give no reason."""

    points: int
    grade: Grade | None
    reason: Reason
    silent: int
    abusive: int
    busiest: int
    """The most calls within ten minutes."""


DAYS_LOOKED_AT = 7
_SHORT_SECONDS = 10.0
_BURST = timedelta(minutes=10)
_BURST_ALLOWED = 6
_GRADES = ((20, Grade.BLOCK), (10, Grade.SLOW), (5, Grade.NOTE))


def suggestion(calls: Iterable[CallTrait], at: datetime) -> Suggestion:
    """Weigh the calls of the last seven days. People decide; this only says where to look.

    Waiting in vain is no misuse, and whoever was helped even once in that time may well call often for a reason: each
    case that came of a call takes weight away.
    """
    seen = [call for call in calls if timedelta() <= at - call.at <= timedelta(days=DAYS_LOOKED_AT)]
    silent = sum(_is_silent(call) for call in seen)
    abusive = sum(call.outcome == "nuisance" for call in seen)
    busiest = _busiest([call.at for call in seen])
    helped = sum(bool(call.case) for call in seen)
    points = max(0, 2 * silent + 5 * abusive + max(0, busiest - _BURST_ALLOWED) - 5 * helped)
    grade = next((grade for least, grade in _GRADES if points >= least), None)
    weights = {Reason.ABUSE: 5 * abusive, Reason.SILENT: 2 * silent, Reason.FLOOD: busiest - _BURST_ALLOWED}
    reason = max(weights, key=lambda kind: weights[kind])
    return Suggestion(points, grade, reason, silent, abusive, busiest)


def _is_silent(call: CallTrait) -> bool:
    nothing_came = call.outcome in {"", "silent", "cut_off"} and not call.case
    return call.outcome == "silent" or (call.answered and call.talk_seconds < _SHORT_SECONDS and nothing_came)


def _busiest(times: Sequence[datetime]) -> int:
    ordered = sorted(times)
    most, first = 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] > _BURST:
            first += 1
        most = max(most, last - first + 1)
    return most
