"""One obligation: pauses, extensions, replies sent back, new calendars."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cases.calendar import FUZHOU_HOURS, WorkCalendar
from cases.china_days import OFFICIAL, Year
from cases.clocks import Clock, ClockRefused, Limit, Result, Unit

CITY = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(CITY)
TEN_DAYS = Limit(10, Unit.WORKING_DAY)

MOMENTS = st.datetimes(datetime(2004, 1, 2), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PAUSES = st.timedeltas(timedelta(0), timedelta(days=40))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


def start(text: str, limit: Limit = TEN_DAYS) -> Clock:
    return Clock.start(local(text), limit, CALENDAR, FUZHOU_HOURS)


def resumed(clock: Clock, text: str) -> Clock:
    return clock.resume(local(text), CALENDAR, FUZHOU_HOURS)


def due_day(clock: Clock) -> str:
    return f"{clock.last_instant.astimezone(CITY):%Y-%m-%d}"


def left(clock: Clock, text: str) -> int:
    return clock.remaining(local(text), CALENDAR, FUZHOU_HOURS)


def test_a_paused_clock_keeps_six_of_ten_days_over_twelve_days() -> None:
    clock = start("2026-02-13T10:00")
    assert due_day(clock) == "2026-03-05"
    paused = clock.pause(local("2026-02-26T15:00"))
    assert paused.due is None
    assert left(paused, "2026-03-09T12:00") == 6
    assert due_day(resumed(paused, "2026-03-10T09:00")) == "2026-03-18"


def test_a_paused_clock_keeps_three_of_seven_days_over_the_national_holiday() -> None:
    clock = start("2026-09-21T10:00", Limit(7, Unit.WORKING_DAY))
    assert due_day(clock) == "2026-10-08"
    paused = clock.pause(local("2026-09-28T11:00"))
    assert left(paused, "2026-10-09T00:00") == 3
    assert due_day(resumed(paused, "2026-10-09T09:00")) == "2026-10-13"


def test_a_pause_within_one_day_changes_nothing() -> None:
    clock = start("2026-02-13T10:00")
    again = resumed(clock.pause(local("2026-02-26T09:00")), "2026-02-26T17:00")
    assert again.due == clock.due


def test_a_clock_paused_on_its_last_day_is_due_on_the_day_of_resuming() -> None:
    paused = start("2026-02-13T10:00").pause(local("2026-03-05T10:00"))
    assert due_day(resumed(paused, "2026-03-13T09:00")) == "2026-03-13"
    assert due_day(resumed(paused, "2026-03-14T09:00")) == "2026-03-16"  # a Saturday: nobody can finish on it


def test_minutes_keep_their_remainder_to_the_second() -> None:
    clock = start("2026-02-13T10:00", Limit(30, Unit.MINUTE))
    paused = clock.pause(local("2026-02-13T10:12:30"))
    assert resumed(paused, "2026-02-13T11:00").due == local("2026-02-13T11:17:30")


def test_working_hours_keep_their_remainder_over_a_night() -> None:
    clock = start("2026-07-30T17:30", Limit(2, Unit.WORKING_HOUR))
    paused = clock.pause(local("2026-07-30T17:50"))
    assert resumed(paused, "2026-07-30T22:00").due == local("2026-07-31T10:10")


@given(MOMENTS, st.integers(1, 30), st.sampled_from(Unit), PAUSES, PAUSES)
def test_a_pause_keeps_the_remainder(
    began: datetime,
    amount: int,
    unit: Unit,
    until_pause: timedelta,
    pause: timedelta,
) -> None:
    clock = Clock.start(began, Limit(amount, unit), CALENDAR, FUZHOU_HOURS)
    assume(began + until_pause <= clock.last_instant)
    paused = clock.pause(began + until_pause)
    back = paused.resume(began + until_pause + pause, CALENDAR, FUZHOU_HOURS)
    before = clock.remaining(began + until_pause, CALENDAR, FUZHOU_HOURS)
    assert paused.remaining(began + until_pause + pause, CALENDAR, FUZHOU_HOURS) == before
    assert back.remaining(began + until_pause + pause, CALENDAR, FUZHOU_HOURS) == before
    assert back.last_instant >= clock.last_instant
    assert back.first_due == clock.first_due


@given(MOMENTS, st.integers(1, 20), st.lists(st.tuples(PAUSES, PAUSES), max_size=4))
def test_the_counted_days_are_the_limit_whatever_the_pauses_before_the_last(
    began: datetime,
    amount: int,
    pauses: list[tuple[timedelta, timedelta]],
) -> None:
    clock, at = Clock.start(began, Limit(amount, Unit.WORKING_DAY), CALENDAR, FUZHOU_HOURS), began
    for running, pause in pauses:
        if at + running > clock.last_instant - timedelta(days=1):
            break
        clock = clock.pause(at + running).resume(at + running + pause, CALENDAR, FUZHOU_HOURS)
        at += running + pause
    days = clock.counted_days(CALENDAR)
    assert len(days) == amount
    assert days == sorted(set(days))


def test_the_counted_days_can_be_shown() -> None:
    clock = start("2026-02-13T10:00", Limit(2, Unit.WORKING_DAY))
    assert clock.counted_days(CALENDAR) == [date(2026, 2, 14), date(2026, 2, 24)]
    week = start("2026-02-13T10:00", Limit(2, Unit.DAY))
    assert week.counted_days(CALENDAR) == [date(2026, 2, 14), date(2026, 2, 15)]
    assert start("2026-02-13T10:00", Limit(2, Unit.HOUR)).counted_days(CALENDAR) == []


def test_an_extension_moves_the_due_day_and_keeps_the_first() -> None:
    clock = start("2026-02-13T10:00").extend(5, local("2026-03-05T23:59:59"), CALENDAR, FUZHOU_HOURS)
    assert due_day(clock) == "2026-03-12"
    assert clock.first_due == local("2026-03-05T23:59:59")
    assert clock.extensions == (5,)


@pytest.mark.parametrize("change", ["pause", "extend"])
def test_nothing_is_granted_once_the_limit_has_run_out(change: str) -> None:
    clock, late = start("2026-02-13T10:00"), local("2026-03-06T00:00")
    with pytest.raises(ClockRefused, match="已经超期"):
        clock.pause(late) if change == "pause" else clock.extend(5, late, CALENDAR, FUZHOU_HOURS)


def test_a_clock_stopped_in_the_last_second_is_met() -> None:
    clock = start("2026-02-13T10:00")
    assert clock.result is Result.RUNNING
    assert clock.stop(local("2026-03-05T23:59:59.9")).result is Result.MET
    assert clock.stop(local("2026-03-06T00:00")).result is Result.MISSED


def test_a_paused_clock_may_stop_and_is_met() -> None:
    paused = start("2026-02-13T10:00").pause(local("2026-02-26T10:00"))
    assert paused.result is Result.PAUSED
    assert paused.stop(local("2026-06-01T10:00")).result is Result.MET


def test_a_reply_sent_back_goes_on_with_the_remainder() -> None:
    stopped = start("2026-02-13T10:00").stop(local("2026-02-26T10:00"))
    again = stopped.reopen(local("2026-03-02T10:00"), CALENDAR, FUZHOU_HOURS)
    assert due_day(again) == "2026-03-10"
    assert again.result is Result.RUNNING
    assert again.topped_up == 0


def test_a_reply_sent_back_gets_one_day_at_least() -> None:
    stopped = start("2026-02-13T10:00").stop(local("2026-03-05T10:00"))
    again = stopped.reopen(local("2026-03-09T10:00"), CALENDAR, FUZHOU_HOURS)
    assert due_day(again) == "2026-03-10"
    assert again.topped_up == 1
    assert again.stop(local("2026-03-10T12:00")).result is Result.MET


def test_a_late_reply_sent_back_stays_late() -> None:
    stopped = start("2026-02-13T10:00").stop(local("2026-03-09T10:00"))
    again = stopped.reopen(local("2026-03-10T10:00"), CALENDAR, FUZHOU_HOURS)
    assert due_day(again) == "2026-03-05"
    assert again.stop(local("2026-03-10T11:00")).result is Result.MISSED
    assert left(again, "2026-03-10T11:00") == 0


def test_a_void_clock_is_out_of_all_counting() -> None:
    clock = start("2026-02-13T10:00").void("已移送其他单位")
    assert clock.result is Result.VOID
    with pytest.raises(ClockRefused):
        clock.stop(local("2026-03-01T10:00"))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.resume(local("2026-02-14T10:00"), CALENDAR, FUZHOU_HOURS),
        lambda c: c.reopen(local("2026-02-14T10:00"), CALENDAR, FUZHOU_HOURS),
        lambda c: c.pause(local("2026-02-14T10:00")).pause(local("2026-02-14T11:00")),
        lambda c: c.stop(local("2026-02-14T10:00")).stop(local("2026-02-14T11:00")),
        lambda c: c.stop(local("2026-02-12T10:00")),
        lambda c: c.pause(local("2026-02-14T10:00")).resume(
            local("2026-02-14T09:00"), CALENDAR, FUZHOU_HOURS
        ),
        lambda c: c.pause(local("2026-02-14T10:00")).last_instant,
    ],
)
def test_what_makes_no_sense_is_refused(change: Callable[[Clock], object]) -> None:
    with pytest.raises(ClockRefused):
        change(start("2026-02-13T10:00"))


def test_a_clock_that_reaches_an_unpublished_year_is_provisional() -> None:
    assert start("2026-12-21T10:00").provisional
    assert not start("2026-12-21T10:00", Limit(7, Unit.WORKING_DAY)).provisional


def test_a_new_notice_moves_open_clocks_and_keeps_their_pauses() -> None:
    notice = Year(rest="01-01~01-05 02-05~02-11", work="01-09 01-10")
    newer = WorkCalendar(CITY, OFFICIAL | {2027: notice})
    paused = start("2026-12-21T10:00").pause(local("2026-12-22T10:00"))
    clock = resumed(paused, "2026-12-24T10:00")
    assert due_day(clock) == "2027-01-07"
    moved = clock.rebase(newer, FUZHOU_HOURS)
    assert due_day(moved) == "2027-01-09"
    assert moved.spans == clock.spans
    assert moved.calendar_version == newer.version
    assert not moved.provisional


def test_a_closed_clock_is_never_counted_again() -> None:
    newer = WorkCalendar(CITY, OFFICIAL | {2027: Year(rest="01-01~01-05", work="")})
    closed = start("2026-12-21T10:00").stop(local("2027-01-05T10:00"))
    assert closed.rebase(newer, FUZHOU_HOURS) == closed


def test_a_paused_clock_is_counted_again_without_a_due_day() -> None:
    newer = WorkCalendar(CITY, OFFICIAL | {2027: Year(rest="01-01~01-05", work="")})
    paused = start("2026-12-21T10:00").pause(local("2026-12-23T10:00"))
    assert paused.rebase(newer, FUZHOU_HOURS).due is None


def _fingers(began: date, amount: int, pauses: list[tuple[date, date]], *, most: int = 400) -> date:
    """Return the day on which the limit ends, by walking day after day: no day of a pause counts but its first."""
    counted, day = 0, began
    for _ in range(most):
        day += timedelta(days=1)
        if not CALENDAR.is_working(day) or any(first < day <= last for first, last in pauses):
            continue
        counted += 1
        if counted == amount:
            return day
    raise AssertionError("the limit never ends")


@given(
    st.dates(date(2004, 1, 2), date(2029, 1, 1)),
    st.integers(2, 25),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 20)), max_size=3),
)
def test_working_days_with_pauses_agree_with_counting_on_fingers(
    began: date, amount: int, pauses: list[tuple[int, int]]
) -> None:
    def at(day: date, hour: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, tzinfo=CITY)

    clock = Clock.start(at(began, 9), Limit(amount, Unit.WORKING_DAY), CALENDAR, FUZHOU_HOURS)
    day, stood = began, []
    for run, pause in pauses:
        stops, goes_on = day + timedelta(days=run), day + timedelta(days=run + pause)
        if at(stops, 10) >= clock.last_instant - timedelta(days=1):
            break
        clock = clock.pause(at(stops, 10)).resume(at(goes_on, 11), CALENDAR, FUZHOU_HOURS)
        stood.append((stops, goes_on))
        day = goes_on
    assert due_day(clock) == f"{_fingers(began, amount, stood)}"


@pytest.mark.parametrize(
    ("start_day", "days", "last"),
    [("2024-02-27", 3, "2024-03-01"), ("2024-12-30", 2, "2025-01-02"), ("2023-12-29", 1, "2024-01-02")],
)
def test_leap_days_and_year_ends_are_walked_like_any_other(start_day: str, days: int, last: str) -> None:
    clock = start(f"{start_day}T23:59:59", Limit(days, Unit.WORKING_DAY))
    assert due_day(clock) == last == f"{_fingers(date.fromisoformat(start_day), days, [])}"
    assert clock.stop(local(f"{last}T23:59:59.999")).result is Result.MET


# Another promise (SH-03, G-05)

THREE, FIVE = Limit(3, Unit.WORKING_DAY), Limit(5, Unit.WORKING_DAY)


def relimited(clock: Clock, limit: Limit, text: str) -> Clock:
    return clock.relimit(limit, local(text), CALENDAR, FUZHOU_HOURS)


def test_another_intent_moves_the_due_day_and_keeps_the_pauses_sh_03() -> None:
    clock = start("2026-11-02T10:00", FIVE)
    paused = resumed(clock.pause(local("2026-11-03T10:00")), "2026-11-10T10:00")
    assert due_day(paused) == "2026-11-16"
    asked = relimited(paused, THREE, "2026-11-10T11:00")
    assert due_day(asked) == "2026-11-12"
    assert asked.spans == paused.spans
    assert f"{asked.first_due.astimezone(CITY):%m-%d}" == "11-05"
    assert relimited(asked, FIVE, "2026-11-10T12:00") == paused


def test_a_paused_clock_keeps_its_pause_when_the_promise_changes_sh_03() -> None:
    paused = start("2026-11-02T10:00", FIVE).pause(local("2026-11-03T10:00"))
    shorter = relimited(paused, THREE, "2026-11-05T10:00")
    assert (shorter.result, shorter.due) == (Result.PAUSED, None)
    assert due_day(resumed(shorter, "2026-11-10T10:00")) == "2026-11-12"


def test_nobody_is_made_late_backwards() -> None:
    clock = start("2026-11-02T10:00")
    shorter = relimited(clock, THREE, "2026-11-12T10:00")
    assert due_day(shorter) == "2026-11-13"
    assert left(shorter, "2026-11-12T10:00") == 1
    paused = clock.pause(local("2026-11-12T10:00"))
    assert due_day(resumed(relimited(paused, THREE, "2026-11-20T10:00"), "2026-11-23T10:00")) == "2026-11-24"


def test_what_is_late_stays_late_and_what_has_stopped_is_left_alone() -> None:
    late, stopped = (
        start("2026-11-02T10:00", THREE),
        start("2026-11-02T10:00").stop(local("2026-11-03T10:00")),
    )
    assert relimited(late, TEN_DAYS, "2026-11-09T10:00") == late
    assert relimited(stopped, THREE, "2026-11-04T10:00") == stopped


def test_granted_days_stay_granted_in_another_unit() -> None:
    clock = start("2026-11-02T10:00", FIVE).extend(2, local("2026-11-03T10:00"), CALENDAR, FUZHOU_HOURS)
    hours = relimited(clock, Limit(48, Unit.HOUR), "2026-11-03T11:00")
    assert hours.extensions == (48,)
    assert hours.due == local("2026-11-06T10:00")


@given(MOMENTS, st.integers(1, 20), st.integers(1, 20), st.sampled_from(Unit), st.sampled_from(Unit), PAUSES)
def test_another_promise_leaves_one_unit_at_least_and_keeps_every_span(
    began: datetime, one: int, other: int, unit: Unit, into: Unit, ran: timedelta
) -> None:
    clock = Clock.start(began, Limit(one, unit), CALENDAR, FUZHOU_HOURS)
    at = began + ran
    assume(at <= clock.last_instant)
    new = clock.relimit(Limit(other, into), at, CALENDAR, FUZHOU_HOURS)
    assert new.remaining(at, CALENDAR, FUZHOU_HOURS) >= 1
    assert new.last_instant >= at.replace(microsecond=0)
    assert new.spans == clock.spans


def test_an_inner_clock_ends_before_the_outer_one_h_11() -> None:
    outer = start("2026-11-02T10:00", FIVE)
    inner = start("2026-11-03T10:00")
    fitted = inner.within(outer, local("2026-11-03T11:00"), CALENDAR, FUZHOU_HOURS)
    assert (due_day(outer), due_day(inner), due_day(fitted)) == ("2026-11-09", "2026-11-17", "2026-11-06")
    assert fitted.within(outer, local("2026-11-04T10:00"), CALENDAR, FUZHOU_HOURS) == fitted


def test_an_inner_clock_has_a_unit_even_where_the_outer_one_has_run_out_h_11() -> None:
    outer, inner = start("2026-11-02T10:00", THREE), start("2026-11-05T10:00")
    at = local("2026-11-06T10:00")
    assert inner.within(outer, at, CALENDAR, FUZHOU_HOURS).remaining(at, CALENDAR, FUZHOU_HOURS) == 1
