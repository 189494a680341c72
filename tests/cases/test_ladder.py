"""The ladder of warnings: when each step of a clock is due, and which of several steps tells."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cases.calendar import FUZHOU_HOURS, WorkCalendar
from cases.clocks import Clock
from cases.ladder import (
    ONLY_RUNS_OUT,
    WHOLE_LADDER,
    Rung,
    Step,
    climb,
    month_named,
    quarter_of,
    rungs,
    steps_of,
)
from cases.limits import Limit, Unit
from cases.policies import ClockKind

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def started(start: str, amount: int, unit: Unit = Unit.WORKING_DAY) -> Clock:
    return Clock.start(at(start), Limit(amount, unit), CALENDAR, FUZHOU_HOURS)


def ladder(clock: Clock, *, urgent: bool = False) -> list[tuple[str, str]]:
    return [
        (rung.step.value, f"{rung.at.astimezone(ZONE):%m-%d %H:%M:%S}")
        for rung in rungs(clock, WHOLE_LADDER, CALENDAR, FUZHOU_HOURS, urgent=urgent)
    ]


def test_ten_working_days_over_the_spring_festival_climb_in_working_days() -> None:
    # Friday 2026-02-13, due 03-05. Counted: 02-14, 02-24, 25, 26, 27, 28 (a Saturday that is worked), 03-02, 03, 04, 05.
    assert ladder(started("2026-02-13T10:00", 10)) == [
        ("half", "02-28 00:00:00"),  # five of ten are over with 02-27
        ("yellow", "03-05 08:30:00"),  # one working day is left; the office opens
        ("red", "03-06 00:00:00"),
        ("urged", "03-06 08:30:00"),  # a Friday
        ("circular", "03-13 08:30:00"),
    ]


def test_a_limit_of_one_day_reminds_when_a_quarter_is_left() -> None:
    # Monday 10:00 to Tuesday 23:59:59: three quarters are over on Tuesday at 14:29, the office opens at 14:30.
    assert ladder(started("2026-11-23T10:00", 1))[0] == ("yellow", "11-24 14:30:00")


def test_a_reminder_that_would_come_after_the_end_is_left_out() -> None:
    # 24 hours from Friday noon: the yellow step falls on Saturday, and the office opens on Monday.
    steps = ladder(started("2026-11-20T12:00", 24, Unit.HOUR))
    assert steps == [
        ("half", "11-21 00:00:00"),
        ("red", "11-21 12:00:01"),
        ("urged", "11-23 08:30:00"),
        ("circular", "11-30 08:30:00"),
    ]


def test_an_urgent_case_is_reminded_at_night_and_on_sundays() -> None:
    steps = ladder(started("2026-11-20T12:00", 24, Unit.HOUR), urgent=True)
    assert steps[:4] == [
        ("half", "11-21 00:00:00"),
        ("yellow", "11-21 06:00:00"),
        ("red", "11-21 12:00:01"),
        ("urged", "11-22 12:00:01"),
    ]


def test_a_pause_moves_all_that_has_not_happened_yet() -> None:
    # Golden vector: due 03-05, paused 02-26 with six days left, resumed 03-10, due 03-18.
    paused = started("2026-02-13T10:00", 10).pause(at("2026-02-26T10:00"))
    resumed = paused.resume(at("2026-03-10T10:00"), CALENDAR, FUZHOU_HOURS)
    assert ladder(resumed)[:3] == [
        ("half", "03-12 00:00:00"),  # four were used before the pause, the fifth is 03-11
        ("yellow", "03-18 08:30:00"),
        ("red", "03-19 00:00:00"),
    ]


def test_an_extension_moves_the_ladder_with_the_due_instant() -> None:
    extended = started("2026-11-23T10:00", 5).extend(5, at("2026-11-25T10:00"), CALENDAR, FUZHOU_HOURS)
    assert ladder(extended) == ladder(started("2026-11-23T10:00", 10))


@pytest.mark.parametrize("kind", sorted(ONLY_RUNS_OUT))
def test_a_clock_of_minutes_only_runs_out(kind: ClockKind) -> None:
    assert steps_of(kind) == (Step.RED,)


def test_of_several_steps_that_are_due_only_the_highest_tells() -> None:
    steps = [Rung(step, at(f"2026-11-{20 + n}T09:00")) for n, step in enumerate(WHOLE_LADDER)]
    late = climb(steps, Step.NONE, at("2026-11-22T12:00"))
    assert (late.step, late.skipped, late.next_at) == (
        Step.RED,
        (Step.HALF, Step.YELLOW),
        at("2026-11-23T09:00"),
    )
    again = climb(steps, Step.RED, at("2026-11-22T12:00"))
    assert (again.step, again.skipped, again.next_at) == (None, (), at("2026-11-23T09:00"))
    last = climb(steps, Step.URGED, at("2027-01-01T09:00"))
    assert (last.step, last.next_at) == (Step.CIRCULAR, None)


def test_a_step_is_due_from_its_own_instant_on() -> None:
    clock = started("2026-11-23T10:00", 1)
    red = at("2026-11-25T00:00")
    steps = list(rungs(clock, WHOLE_LADDER, CALENDAR, FUZHOU_HOURS, urgent=False))
    assert climb(steps, Step.YELLOW, red.replace(second=0)).step is Step.RED
    assert climb(steps, Step.YELLOW, at("2026-11-24T23:59:59")).step is None


def test_periods_begin_and_end_at_midnight_of_the_city() -> None:
    quarter = quarter_of(at("2026-12-31T23:59"), ZONE)
    assert (quarter.name, quarter.begins, quarter.ends) == (
        "2026Q4",
        at("2026-10-01T00:00"),
        at("2027-01-01T00:00"),
    )
    month = month_named("2026-12", ZONE)
    assert (month.begins, month.ends) == (at("2026-12-01T00:00"), at("2027-01-01T00:00"))
    with pytest.raises(ValueError, match="month"):
        month_named("2026-13", ZONE)
