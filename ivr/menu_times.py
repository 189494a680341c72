"""When a choice of a menu is offered: hours, office hours, work days and holidays. Pure."""

from collections.abc import Callable
from datetime import date, datetime

from cases.calendar import OFFICE_HOURS, WorkCalendar
from ivr.menu import Choice, Times
from routing.opening import holds, is_work_day

Known = Callable[[str], bool]
"""Whether what a name stands for holds now."""


def times_hold(times: Times, calendar: WorkCalendar, at: datetime) -> bool:
    """Tell whether it is now one of these times."""
    local = at.astimezone(calendar.zone)
    if any(first <= local.date() <= last for first, last in map(span, times.closed)):
        return False
    if any(holds(hours, calendar, at) for hours in times.hours):
        return True
    if not times.office:
        return False
    opened = OFFICE_HOURS[times.office].intervals(local.date())
    return is_work_day(calendar, local.date()) and any(
        opens <= local.time() < closes for opens, closes in opened
    )


def offered(choice: Choice, known: Known) -> bool:
    """Tell whether the choice is offered now."""
    return all(map(known, choice.when)) and not any(map(known, choice.unless))


def span(text: str) -> tuple[date, date]:
    """Read `2026-12-31` or `2026-12-30~2027-01-02`; raise ValueError for anything else."""
    first, _, last = text.partition("~")
    return date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
