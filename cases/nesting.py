"""Inner clocks inside outer ones: how much a unit may give to those below it, so that it can still review.

An inner clock ends a reserve before the outer one. Where so little is left that it could not, the part that is passed
down has no clock of its own: the outer one, red already or soon, counts for both.
"""

from datetime import datetime

from cases.calendar import OfficeHours, WorkCalendar
from cases.clocks import Clock
from cases.limits import Limit

REVIEW_RESERVE = 1
"""Units of the outer clock that the unit above keeps for its review."""

NESTED = "outer"
"""Why an inner clock is void: there is no time left in the outer one in which it could end."""


def inner_limit(outer: Clock, at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> Limit | None:
    """Return what a unit below gets when the outer clock stands like this, or None for no clock of its own."""
    left = outer.remaining(at, calendar, hours) - REVIEW_RESERVE
    return Limit(left, outer.limit.unit) if left >= 1 else None


def fits(inner: Clock, outer: Clock) -> bool:
    """Tell whether the inner clock ends before the outer one does; one that stands still ends nowhere."""
    return inner.due is None or outer.due is None or inner.due < outer.due
