"""Which days are worked, and at which hours."""

from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import (
    FUZHOU_COUNTY_HOURS,
    FUZHOU_HOURS,
    OFFICE_HOURS,
    PLAIN_HOURS,
    BadHours,
    OfficeHours,
    OfficeRule,
    OutsideCalendar,
    WorkCalendar,
    open_intervals,
)
from cases.china_days import FESTIVALS, OFFICIAL, Year

CITY = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(CITY)

# Counted once with chinesecalendar 1.11.0, from which the days were taken.
WORKING_DAYS = {
    2004: 252, 2005: 250, 2006: 251, 2007: 249, 2008: 251, 2009: 250, 2010: 250, 2011: 250, 2012: 249, 2013: 250,
    2014: 250, 2015: 249, 2016: 250, 2017: 249, 2018: 250, 2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249,
    2024: 251, 2025: 248, 2026: 248,
}  # fmt: skip


def _days(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range(366 if year % 4 == 0 else 365)]


@pytest.mark.parametrize("year", sorted(OFFICIAL))
def test_each_official_year_has_its_number_of_working_days(year: int) -> None:
    assert sum(CALENDAR.is_working(day) for day in _days(year)) == WORKING_DAYS[year]


def test_the_notice_of_2026_is_as_published() -> None:
    made_up = [day for day in _days(2026) if CALENDAR.is_working(day) and day.weekday() >= 5]
    assert [f"{day:%m-%d}" for day in made_up] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert not CALENDAR.is_working(date(2026, 2, 23))
    assert CALENDAR.is_working(date(2026, 2, 24))


def test_the_notice_of_2025_is_as_published() -> None:
    made_up = [day for day in _days(2025) if CALENDAR.is_working(day) and day.weekday() >= 5]
    assert [f"{day:%m-%d}" for day in made_up] == ["01-26", "02-08", "04-27", "09-28", "10-11"]
    assert not CALENDAR.is_working(date(2025, 10, 8))


def test_a_year_without_notice_is_provisional_and_lacks_only_statutory_days() -> None:
    off = [day for day in _days(2027) if day.weekday() < 5 and not CALENDAR.is_working(day)]
    assert CALENDAR.is_provisional(date(2027, 1, 4))
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert [f"{day:%m-%d}" for day in off] == ["01-01", "02-05", "02-08", "04-05", "06-09", "09-15", "10-01"]
    assert not any(CALENDAR.is_working(day) for day in _days(2027) if day.weekday() >= 5)


@pytest.mark.parametrize("year", sorted(FESTIVALS))
def test_festivals_fall_into_their_seasons(year: int) -> None:
    spring, *later = (date.fromisoformat(f"{year}-{day}") for day in FESTIVALS[year])
    assert date(year, 1, 21) <= spring <= date(year, 2, 20)
    assert later[0] in (date(year, 4, 4), date(year, 4, 5))
    assert timedelta(days=117) <= later[1] - spring <= timedelta(days=155)
    assert timedelta(days=95) <= later[2] - later[1] <= timedelta(days=129)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2037, 1, 1)])
def test_a_year_of_which_nothing_is_known_is_refused(day: date) -> None:
    with pytest.raises(OutsideCalendar, match="2004–2036"):
        CALENDAR.is_working(day)


def test_an_imported_notice_makes_the_year_official_and_the_version_new() -> None:
    notice = Year(rest="01-01~01-03 02-05~02-11", work="02-13")
    newer = WorkCalendar(CITY, OFFICIAL | {2027: notice})
    assert not newer.is_provisional(date(2027, 2, 13))
    assert newer.is_working(date(2027, 2, 13))
    assert not CALENDAR.is_working(date(2027, 2, 13))
    assert newer.version != CALENDAR.version == WorkCalendar(ZoneInfo("UTC")).version


@given(st.dates(date(2004, 1, 1), date(2036, 1, 1)), st.integers(1, 60))
def test_adding_working_days_is_counting_them_one_by_one(day: date, amount: int) -> None:
    last = CALENDAR.add(day, amount)
    between = CALENDAR.working_days(day, last)
    assert len(between) == amount
    assert between[-1] == last
    assert CALENDAR.add(last, 0) == last


def test_nothing_added_to_a_day_off_is_the_next_working_day() -> None:
    assert CALENDAR.add(date(2026, 2, 15), 0) == date(2026, 2, 24)


def test_office_hours_are_those_of_the_season() -> None:
    summer = ((time(8, 30), time(12)), (time(15), time(18)))
    winter = ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))
    assert FUZHOU_HOURS.intervals(date(2026, 6, 1)) == FUZHOU_HOURS.intervals(date(2026, 9, 30)) == summer
    assert FUZHOU_HOURS.intervals(date(2026, 5, 31)) == FUZHOU_HOURS.intervals(date(2027, 1, 1)) == winter
    assert FUZHOU_COUNTY_HOURS.intervals(date(2026, 7, 1))[0] == (time(8), time(12))
    assert OFFICE_HOURS["plain"] is PLAIN_HOURS


def test_office_hours_must_cover_the_whole_year() -> None:
    morning = ((time(9), time(12)),)
    with pytest.raises(BadHours, match="02-29"):
        OfficeHours("gap", (OfficeRule("01-01", "02-28", morning), OfficeRule("03-01", "12-31", morning)))


@pytest.mark.parametrize(
    "intervals",
    [
        (),
        ((time(12), time(9)),),
        ((time(9), time(12)), (time(11), time(17))),
        ((time(9), time(9)),),
    ],
)
def test_office_hours_must_run_forwards(intervals: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(BadHours, match="overlap"):
        OfficeRule("01-01", "12-31", intervals)


def test_office_time_begins_where_the_day_stands() -> None:
    lunch = datetime(2026, 9, 18, 13, 0, tzinfo=CITY)
    stretches = [
        (opens.astimezone(CITY).isoformat(), closes.astimezone(CITY).isoformat())
        for opens, closes in islice(open_intervals(lunch, CALENDAR, FUZHOU_HOURS), 2)
    ]
    assert stretches == [
        ("2026-09-18T15:00:00+08:00", "2026-09-18T18:00:00+08:00"),
        ("2026-09-20T08:30:00+08:00", "2026-09-20T12:00:00+08:00"),
    ]
