"""Whether agents were there when they were planned to be: plans and the log of seats in, facts out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.seats import Stretch, breaks_of
from storage.shifts import Planned

TOLERANCE = timedelta(minutes=2)
"""Who is this little late or early is on time: it is about the plan of the line, not about seconds."""
EARLY = timedelta(hours=1)
"""Who signs on this long before the shift has come for it."""
LONGEST_OVERRUN = timedelta(hours=4)
"""Who signs on later than this after the end has come for another shift."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """出勤: one planned shift and what became of it so far. Late and early are zero within the tolerance."""

    shift: Planned
    came_at: datetime | None
    left_at: datetime | None
    late: timedelta = timedelta(0)
    left_early: timedelta = timedelta(0)
    overrun: timedelta = timedelta(0)
    """Still there, or left so long after the end."""
    present: timedelta = timedelta(0)
    """Signed on within the shift."""
    breaks: dict[str, float] = field(default_factory=dict)

    def adherence(self, at: datetime) -> float | None:
        """Return the share of the shift, as far as it has come, in which the agent was signed on."""
        begun = (min(at, self.shift.ends_at) - self.shift.begins_at).total_seconds()
        return None if begun <= 0 else min(self.present.total_seconds() / begun, 1.0)


def attend(shift: Planned, found: Sequence[Stretch], at: datetime) -> Attendance:
    """Compare one shift with what its agent's seat was."""
    there = [each for each in found if each.agent == shift.login and each.state != "offline"]
    begin, end = shift.begins_at - EARLY, shift.ends_at + LONGEST_OVERRUN
    own = [each for each in there if (each.ended_at or at) > begin and each.began_at < end]
    came = own[0].began_at if own else None
    gone = own[-1].ended_at if own else None
    return Attendance(
        shift,
        came,
        gone,
        late=_beyond((came or at) - shift.begins_at),
        left_early=_beyond(shift.ends_at - gone) if gone is not None else timedelta(0),
        overrun=_beyond((gone or at) - shift.ends_at) if own else timedelta(0),
        present=sum((_within(each, shift, at) for each in own), timedelta(0)),
        breaks=breaks_of(own, shift.login, at),
    )


def missing(shifts: Sequence[Planned], signed_on: set[str], at: datetime) -> list[Planned]:
    """Return who should be there by now and is not: what the wall shows as late."""
    return [
        each
        for each in shifts
        if each.begins_at + TOLERANCE <= at < each.ends_at and each.login not in signed_on
    ]


def staying(shifts: Sequence[Planned], signed_on: set[str], at: datetime) -> list[Planned]:
    """Return who is still signed on although the shift is over and no other one of theirs goes on."""
    now_on = {each.login for each in shifts if each.begins_at <= at < each.ends_at}
    over = {each.login: each for each in shifts if each.ends_at + TOLERANCE <= at}
    return [each for login, each in over.items() if login in signed_on and login not in now_on]


def _beyond(span: timedelta) -> timedelta:
    return span if span > TOLERANCE else timedelta(0)


def _within(each: Stretch, shift: Planned, at: datetime) -> timedelta:
    begin, end = max(each.began_at, shift.begins_at), min(each.ended_at or at, shift.ends_at)
    return max(end - begin, timedelta(0))
