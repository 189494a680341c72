"""Who was there when planned, and what is left of a break."""

from datetime import timedelta

import pytest

from routing.attendance import attend, missing, staying
from routing.breaks import Allowance, allowance, quotas
from storage.seats import Stretch
from storage.shifts import Minutes, Planned
from tests.routing.exchange import at

HOUR = 3600.0
SHIFT = Planned(1, "1001", "林晓", "s1001", at(0), at(8 * HOUR))


def was(state: str, begin: float, end: float | None, reason: str = "") -> Stretch:
    return Stretch("1001", state, reason, "1001", at(begin), None if end is None else at(end))


def test_who_comes_and_goes_on_time_is_neither_late_nor_early() -> None:
    day = [was("break", -300, 60), was("ready", 60, 8 * HOUR + 60), was("offline", 8 * HOUR + 60, None)]
    seen = attend(SHIFT, day, at(9 * HOUR))
    assert (seen.came_at, seen.left_at) == (at(-300), at(8 * HOUR + 60))
    assert (seen.late, seen.left_early, seen.overrun) == (timedelta(0),) * 3
    assert seen.adherence(at(9 * HOUR)) == 1.0


def test_who_comes_ten_minutes_late_and_leaves_an_hour_early_is_shown_so() -> None:
    seen = attend(SHIFT, [was("ready", 600, 7 * HOUR), was("offline", 7 * HOUR, None)], at(9 * HOUR))
    assert (seen.late, seen.left_early) == (timedelta(minutes=10), timedelta(hours=1))
    assert seen.adherence(at(9 * HOUR)) == pytest.approx((7 * HOUR - 600) / (8 * HOUR))


def test_who_has_not_come_is_late_by_all_the_time_since() -> None:
    seen = attend(SHIFT, [], at(1800))
    assert (seen.came_at, seen.late, seen.present) == (None, timedelta(minutes=30), timedelta(0))


def test_a_talk_that_outlasts_the_shift_is_an_overrun_of_it() -> None:
    seen = attend(SHIFT, [was("ready", 0, 7.9 * HOUR), was("talking", 7.9 * HOUR, None)], at(8.5 * HOUR))
    assert (seen.left_at, seen.overrun) == (None, timedelta(minutes=30))


def test_breaks_are_summed_by_their_reason_and_what_goes_on_counts() -> None:
    day = [was("break", 0, 600, "rest"), was("ready", 600, 900), was("break", 900, None, "rest")]
    assert attend(SHIFT, day, at(1200)).breaks == {"rest": 900.0}


def test_the_next_day_is_another_shift() -> None:
    days = [was("ready", 0, 8 * HOUR), was("offline", 8 * HOUR, 24 * HOUR), was("ready", 24 * HOUR, None)]
    seen = attend(SHIFT, days, at(25 * HOUR))
    assert (seen.left_at, seen.overrun) == (at(8 * HOUR), timedelta(0))


def test_the_shift_of_somebody_else_at_the_same_seat_does_not_count() -> None:
    other = Stretch("2002", "ready", "", "2002", at(0), None)
    assert attend(SHIFT, [other], at(1800)).came_at is None


def test_the_wall_names_who_should_be_there_and_who_should_have_gone() -> None:
    assert missing([SHIFT], set(), at(600)) == [SHIFT]
    assert missing([SHIFT], {"1001"}, at(600)) == missing([SHIFT], set(), at(60)) == []
    assert staying([SHIFT], {"1001"}, at(8.1 * HOUR)) == [SHIFT]
    late_shift = Planned(2, "1001", "林晓", "s1001", at(8 * HOUR), at(12 * HOUR))
    assert staying([SHIFT, late_shift], {"1001"}, at(8.1 * HOUR)) == []


def test_a_break_is_over_its_quota_by_what_comes_first_at_once_or_of_the_day() -> None:
    quota = Minutes(once=15, day=45)
    first = allowance(quota, timedelta(0), since=at(0), at=at(300))
    assert first == Allowance(at(900), timedelta(minutes=40))
    last = allowance(quota, timedelta(minutes=40), since=at(0), at=at(600))
    assert last == Allowance(at(300), timedelta(minutes=-5))


def test_a_quota_that_is_used_up_lets_the_agent_go_and_says_so_at_once() -> None:
    spent = allowance(Minutes(once=15, day=45), timedelta(minutes=50), since=at(0), at=at(0))
    assert spent == Allowance(at(0), timedelta(minutes=-5))


def test_a_reason_without_a_quota_is_never_over_and_the_city_may_set_its_own() -> None:
    assert allowance(quotas({}).get("training"), timedelta(hours=3), since=at(0), at=at(9)) is None
    assert quotas({"rest": Minutes(once=None, day=60)})["rest"] == Minutes(once=None, day=60)
