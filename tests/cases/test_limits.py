"""When a limit runs out: the golden vectors, the day's last second, and what must always hold."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import FUZHOU_HOURS, PLAIN_HOURS, OfficeHours, OfficeRule, WorkCalendar
from cases.limits import BadLimit, Limit, Unit, due_at, is_late, local_day

CITY = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(CITY)

MOMENTS = st.datetimes(datetime(2004, 1, 2), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
UNITS = st.sampled_from(Unit)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


def wd(amount: int) -> Limit:
    return Limit(amount, Unit.WORKING_DAY)


GOLDEN = [
    ("2026-02-13", {2: "2026-02-24", 5: "2026-02-27", 7: "2026-03-02", 10: "2026-03-05"}),
    ("2026-02-14", {2: "2026-02-25", 10: "2026-03-06"}),
    ("2026-09-18", {2: "2026-09-21", 5: "2026-09-24", 7: "2026-09-29", 10: "2026-10-09"}),
    ("2026-09-30", {2: "2026-10-09", 5: "2026-10-13", 10: "2026-10-20"}),
    ("2026-04-30", {2: "2026-05-07", 5: "2026-05-11", 10: "2026-05-18"}),
    ("2025-01-24", {2: "2025-01-27", 10: "2025-02-13"}),
    ("2026-12-21", {2: "2026-12-23", 5: "2026-12-28", 7: "2026-12-30", 10: "2027-01-05"}),
    ("2010-02-12", {2: "2010-02-21", 10: "2010-03-03"}),
]


@pytest.mark.parametrize("clock", ["00:00", "10:00", "16:59", "23:59:59.999"])
@pytest.mark.parametrize(
    ("start", "days", "due"),
    [(start, days, due) for start, row in GOLDEN for days, due in row.items()],
)
def test_working_days_run_over_holidays_and_make_up_days(start: str, days: int, due: str, clock: str) -> None:
    found = due_at(local(f"{start}T{clock}"), wd(days), CALENDAR, FUZHOU_HOURS)
    assert found.astimezone(CITY).isoformat() == f"{due}T23:59:59+08:00"


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-07-31T11:40", "2026-07-31T15:40"),
        ("2026-07-31T17:30", "2026-08-03T09:00"),
        ("2026-09-18T17:50", "2026-09-20T09:20"),
        ("2026-09-30T17:50", "2026-10-08T09:20"),
        ("2026-02-13T17:00", "2026-02-14T09:00"),
        ("2026-02-16T09:00", "2026-02-24T09:30"),
        ("2026-05-31T23:00", "2026-06-01T09:30"),
        ("2026-07-31T11:00", "2026-07-31T12:00"),  # ends with the morning, not after lunch
    ],
)
@pytest.mark.parametrize("limit", [Limit(1, Unit.WORKING_HOUR), Limit(60, Unit.WORKING_MINUTE)])
def test_a_working_hour_is_an_hour_of_office_time(start: str, due: str, limit: Limit) -> None:
    assert due_at(local(start), limit, CALENDAR, FUZHOU_HOURS) == local(due)


def test_the_front_line_accepts_within_ten_minutes_by_day_and_night() -> None:
    due = due_at(local("2026-09-18T17:50"), Limit(10, Unit.MINUTE), CALENDAR, FUZHOU_HOURS)
    assert due == local("2026-09-18T18:00")


def test_hours_run_through_holidays() -> None:
    due = due_at(local("2026-02-16T20:00"), Limit(48, Unit.HOUR), CALENDAR, FUZHOU_HOURS)
    assert due == local("2026-02-18T20:00")


def test_calendar_days_end_with_the_last_of_them() -> None:
    due = due_at(local("2026-02-13T10:00"), Limit(7, Unit.DAY), CALENDAR, FUZHOU_HOURS)
    assert due == local("2026-02-20T23:59:59")


@pytest.mark.parametrize(
    ("read", "late"),
    [
        ("2026-02-24T00:00", False),
        ("2026-02-24T23:59:59", False),
        ("2026-02-24T23:59:59.999999", False),
        ("2026-02-25T00:00", True),
        ("2026-02-25T09:00", True),
    ],
)
def test_the_whole_last_day_is_in_time(read: str, late: bool) -> None:
    due = due_at(local("2026-02-13T10:00"), wd(2), CALENDAR, FUZHOU_HOURS)
    assert is_late(local(read), due) is late


def test_the_day_is_that_of_the_city_wherever_the_moment_was_noted() -> None:
    night = datetime(2026, 2, 12, 17, 0, tzinfo=UTC)  # 01:00 on the 13th in the city
    assert due_at(night, wd(2), CALENDAR, FUZHOU_HOURS) == local("2026-02-24T23:59:59")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2024-02-28", "2024-02-29"),
        ("2024-02-29", "2024-03-01"),
        ("2024-12-31", "2025-01-02"),
        ("2024-12-30", "2024-12-31"),
    ],
)
def test_leap_days_and_new_year_are_counted(start: str, due: str) -> None:
    assert due_at(local(start), wd(1), CALENDAR, FUZHOU_HOURS) == local(f"{due}T23:59:59")


@pytest.mark.parametrize("amount", [0, -1, 3651, 10**400])
def test_a_limit_is_more_than_nothing_and_less_than_ten_years(amount: int) -> None:
    with pytest.raises(BadLimit, match="时限不对"):
        wd(amount)


def test_a_limit_can_be_read_aloud() -> None:
    assert [Limit(2, unit).text for unit in Unit] == [
        "2个工作日",
        "2个工作小时",
        "2个工作分钟",
        "2分钟",
        "2小时",
        "2天",
    ]


@given(MOMENTS, st.integers(1, 40))
def test_a_due_day_is_always_a_working_day(start: datetime, amount: int) -> None:
    assert CALENDAR.is_working(local_day(due_at(start, wd(amount), CALENDAR, FUZHOU_HOURS), CALENDAR))


@given(MOMENTS, st.integers(1, 40))
def test_working_days_agree_with_counting_on_fingers(start: datetime, amount: int) -> None:
    fingers, day = 0, local_day(start, CALENDAR)
    while fingers < amount:
        day = date.fromordinal(day.toordinal() + 1)
        fingers += CALENDAR.is_working(day)
    assert local_day(due_at(start, wd(amount), CALENDAR, FUZHOU_HOURS), CALENDAR) == day


@given(MOMENTS, st.integers(1, 12))
def test_working_minutes_agree_with_looking_at_the_clock_each_minute(start: datetime, amount: int) -> None:
    at = start.replace(second=0, microsecond=0)
    minutes = 0
    while minutes < amount * 10:
        local_at = at.astimezone(CITY)
        hours = FUZHOU_HOURS.intervals(local_at.date()) if CALENDAR.is_working(local_at.date()) else ()
        inside = any(opens <= local_at.time() < closes for opens, closes in hours)
        minutes += inside
        # Hours change at half hours only: what is shut is stepped over, or ten holidays would be 14,400 looks.
        at += timedelta(minutes=1 if inside else 30 - at.minute % 30)
    due = due_at(start.replace(second=0), Limit(amount * 10, Unit.WORKING_MINUTE), CALENDAR, FUZHOU_HOURS)
    assert due == at


@given(MOMENTS, st.integers(1, 40))
def test_calendar_days_agree_with_counting_on_fingers(start: datetime, amount: int) -> None:
    day = date.fromordinal(local_day(start, CALENDAR).toordinal() + amount)
    due = due_at(start, Limit(amount, Unit.DAY), CALENDAR, FUZHOU_HOURS)
    assert due.astimezone(CITY).isoformat() == f"{day}T23:59:59+08:00"


@pytest.mark.parametrize(("limit", "due"), [(2, "2026-02-17"), (10, "2026-02-27")])
def test_what_monday_to_friday_would_say_is_wrong(limit: int, due: str) -> None:
    assert due_at(local("2026-02-13T10:00"), wd(limit), CALENDAR, FUZHOU_HOURS) > local(f"{due}T23:59:59")


def test_new_office_hours_leave_the_days_before_them_as_they_were() -> None:
    early = OfficeRule("01-01", "12-31", ((time(7), time(9)),))
    hours = OfficeHours("fuzhou", (early,), since=date(2026, 8, 3), earlier=FUZHOU_HOURS)
    friday = due_at(local("2026-07-31T16:00"), Limit(1, Unit.WORKING_HOUR), CALENDAR, hours)
    monday = due_at(local("2026-07-31T17:30"), Limit(1, Unit.WORKING_HOUR), CALENDAR, hours)
    assert (friday, monday) == (local("2026-07-31T17:00"), local("2026-08-03T07:30"))


@given(MOMENTS, MOMENTS, st.integers(1, 40), UNITS)
def test_who_starts_later_is_never_due_earlier(
    one: datetime, other: datetime, amount: int, unit: Unit
) -> None:
    early, late = sorted((one, other))
    limit = Limit(amount, unit)
    assert due_at(early, limit, CALENDAR, FUZHOU_HOURS) <= due_at(late, limit, CALENDAR, FUZHOU_HOURS)


@given(MOMENTS, st.integers(1, 40), UNITS)
def test_a_longer_limit_is_due_later_and_none_before_its_start(
    start: datetime, amount: int, unit: Unit
) -> None:
    due = due_at(start, Limit(amount, unit), CALENDAR, PLAIN_HOURS)
    longer = due_at(start, Limit(amount + 1, unit), CALENDAR, PLAIN_HOURS)
    assert start - timedelta(seconds=1) < due < longer
    assert due.microsecond == 0
