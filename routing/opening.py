"""Which groups of seats are open: their hours on work days and days of rest, and dated closures. Pure."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from cases.calendar import OutsideCalendar, WorkCalendar
from routing.rules import Days, Group, Hours, LineRules

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@cache
def shipped(zone: str) -> WorkCalendar:
    """Return the calendar that ships, for who has none of his city's."""
    return WorkCalendar(ZoneInfo(zone))


def closed_groups(rules: LineRules, at: datetime) -> frozenset[str]:
    """Return the groups that are closed now. If all were, none is: whoever is there and ready may answer."""
    closed = {group.name for group in rules.groups if not _is_open(group, rules, at)}
    return frozenset(closed) if len(closed) < len(rules.groups) else frozenset()


def line_closed(rules: LineRules, at: datetime) -> str | None:
    """Return why the whole line is closed, or None. Who is in it already is served all the same."""
    for closure in rules.closures:
        if not closure.group and closure.since <= at < closure.until:
            return closure.why
    return None


def _is_open(group: Group, rules: LineRules, at: datetime) -> bool:
    for closure in rules.closures:
        if closure.group == group.name and closure.since <= at < closure.until:
            return False
    calendar = rules.calendar or shipped(rules.zone)
    return not group.hours or any(holds(hours, calendar, at) for hours in group.hours)


def holds(hours: Hours, calendar: WorkCalendar, at: datetime) -> bool:
    """Tell whether it is now one of these hours, on one of their days."""
    local = at.astimezone(calendar.zone)
    day, clock = local.date(), local.time()
    if hours.since < hours.until:
        return hours.since <= clock < hours.until and _counts(hours.days, calendar, day)
    if clock >= hours.since:
        return _counts(hours.days, calendar, day)
    return clock < hours.until and _counts(hours.days, calendar, day - ONE_DAY)


def _counts(days: Days, calendar: WorkCalendar, day: date) -> bool:
    return days is Days.EVERY or is_work_day(calendar, day) is (days is Days.WORK)


def is_work_day(calendar: WorkCalendar, day: date) -> bool:
    """Tell whether the day is worked, make-up days and holidays considered."""
    try:
        return calendar.is_working(day)
    except OutsideCalendar:
        # Better the plain week than a line that stops because nobody has imported the new year.
        return day.weekday() < SATURDAY
