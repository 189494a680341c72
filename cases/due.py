"""One question on the command line: from such a moment, when does such a clock run out?"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cases.calendar import FUZHOU_HOURS, OutsideCalendar, WorkCalendar
from cases.clocks import Clock, ClockRefused
from cases.limits import BadLimit, Limit, Unit, local_day
from cases.policies import POLICIES, ClockKind, Intent, Urgency

_CLOCKS = (ClockKind.READ, ClockKind.REPLY)


class BadQuestion(ValueError):
    """The question cannot be answered as it was put. The message is for who put it."""


def due_line(  # noqa: PLR0913 - one argument for each option of the command
    frm: str,
    *,
    days: int | None = None,
    hours: int | None = None,
    minutes: int | None = None,
    policy: str | None = None,
    clock: str = "reply",
    intent: str = "投诉",
    urgency: str = "一般",
    pauses: Sequence[tuple[str, str]] = (),
    zone: str = "Asia/Shanghai",
) -> str:
    """Return the last instant in time, as one ISO line in the zone of the city: `2026-02-24T23:59:59+08:00`.

    The limit is a number of working days, or of working hours or minutes (Fuzhou's office hours), or what a policy
    promises. Each pause is a pair: paused, resumed. A moment without a zone is local time of the city.
    """
    calendar = WorkCalendar(_zone(zone))
    given = {Unit.WORKING_DAY: days, Unit.WORKING_HOUR: hours, Unit.WORKING_MINUTE: minutes}
    limit = _limit(given, policy, clock, (intent, urgency))
    start = _moment(frm, calendar)
    stops = [(_moment(paused, calendar), _moment(resumed, calendar)) for paused, resumed in pauses]
    try:
        due = _due(start, limit, stops, calendar)
    except (ClockRefused, OutsideCalendar) as refused:
        raise BadQuestion(str(refused)) from None
    return due.astimezone(calendar.zone).isoformat(timespec="seconds")


def _due(
    start: datetime,
    limit: Limit,
    stops: Sequence[tuple[datetime, datetime]],
    calendar: WorkCalendar,
) -> datetime:
    calendar.is_working(
        local_day(start, calendar)
    )  # refuses a moment outside the calendar, whatever the unit
    running = Clock.start(start, limit, calendar, FUZHOU_HOURS)
    for paused, resumed in stops:
        running = running.pause(paused).resume(resumed, calendar, FUZHOU_HOURS)
    return running.last_instant


def _limit(
    given: dict[Unit, int | None],
    policy: str | None,
    clock: str,
    case: tuple[str, str],
) -> Limit:
    amounts = [(amount, unit) for unit, amount in given.items() if amount is not None]
    if len(amounts) + (policy is not None) != 1:
        raise BadQuestion(
            "请给出一种时限：工作日、工作小时、工作分钟或政策 (give one limit: working days, hours, minutes or a policy)",
        )
    if policy is not None:
        return _promised(policy, clock, case)
    try:
        return Limit(*amounts[0])
    except BadLimit as bad:
        raise BadQuestion(str(bad)) from None


def _promised(policy: str, clock: str, case: tuple[str, str]) -> Limit:
    intent, urgency = case
    if policy not in POLICIES:
        raise BadQuestion(f"没有政策“{policy}” (no such policy; known: {', '.join(POLICIES)})")
    if clock not in _CLOCKS:
        raise BadQuestion(f"没有时限“{clock}” (no such clock; known: {', '.join(_CLOCKS)})")
    if intent not in list(Intent):
        raise BadQuestion(f"没有诉求类型“{intent}” (no such intent; known: {'、'.join(Intent)})")
    if urgency not in list(Urgency):
        raise BadQuestion(f"没有紧急程度“{urgency}” (no such urgency; known: {'、'.join(Urgency)})")
    limit = POLICIES[policy].limit(ClockKind(clock), Intent(intent), Urgency(urgency))
    if limit is None:
        raise BadQuestion(f"政策“{policy}”没有规定“{clock}”时限 (this policy sets no such limit)")
    return limit


def _moment(text: str, calendar: WorkCalendar) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)
        local_day(aware, calendar)  # the first and last days of all time have no local day in every zone
    except (ValueError, OverflowError):
        raise BadQuestion(
            f"时间“{text}”不对，应如2026-02-13T10:00 (not a moment; write 2026-02-13T10:00)",
        ) from None
    return aware


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadQuestion(f"没有时区“{name}” (no such time zone)") from None
