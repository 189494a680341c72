"""When somebody is rung again, and when it is given to a person."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.outgoing import COUNTED, MOST_DUTY, Closing, Kind, Result, follows, may_ring, result_of
from cases.ring_backs import quiet_hours

ZONE = ZoneInfo("Asia/Shanghai")
QUIET = quiet_hours("21:00", "08:00", ZONE)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZONE))  # noqa: DTZ001
citizens = st.sampled_from([Kind.FEEDBACK, Kind.REVISIT])


@settings(max_examples=300, deadline=None)
@given(citizens, st.lists(st.sampled_from(sorted(set(Result))), min_size=1, max_size=12), moments)
def test_star_9_no_citizen_is_rung_between_21_and_8_whatever_came_before(
    kind: Kind, results: list[Result], at: datetime
) -> None:
    counted = 0
    for result in results:
        at = may_ring(kind, at, QUIET)
        assert not QUIET.holds(at)
        counted += result in COUNTED
        then = follows(kind, result, counted, at, QUIET)
        if then.closing is not None:
            break
        assert then.at is not None
        assert then.at > at
        assert not QUIET.holds(then.at)
        at = then.at
    assert counted <= 3


@given(citizens, st.lists(st.sampled_from(sorted(COUNTED)), min_size=3, max_size=3), moments)
def test_star_9_three_tries_are_on_two_days_at_least_and_then_a_person_goes_on(
    kind: Kind, results: list[Result], at: datetime
) -> None:
    days = set()
    for counted, result in enumerate(results, 1):
        at = may_ring(kind, at, QUIET)
        days.add(at.astimezone(ZONE).date())
        then = follows(kind, result, counted, at, QUIET)
        at = then.at or at
    assert then.closing is Closing.PERSON
    assert len(days) >= 2


def test_h_02_danger_is_rung_again_within_a_minute_at_any_hour_and_at_last_told_to_people() -> None:
    night = datetime(2026, 10, 1, 2, tzinfo=ZONE)
    for counted in range(1, MOST_DUTY):
        assert follows(Kind.DUTY, Result.NO_ANSWER, counted, night, QUIET).at == night + timedelta(minutes=1)
    assert follows(Kind.DUTY, Result.NO_ANSWER, MOST_DUTY, night, QUIET).closing is Closing.PERSON
    assert may_ring(Kind.DUTY, night, QUIET) == night


@pytest.mark.parametrize("result", [Result.LOST, Result.NOT_DIALLED])
def test_what_was_nobodys_fault_is_no_try(result: Result) -> None:
    noon = datetime(2026, 10, 1, 12, tzinfo=ZONE)
    assert result not in COUNTED
    assert follows(Kind.REVISIT, result, 2, noon, QUIET).closing is None


def test_a_word_of_asterisk_that_nobody_knows_is_no_try_either() -> None:
    assert result_of("WHATEVER") is result_of("") is Result.LOST
    assert result_of("ANSWER") is Result.NO_WORD, "taken up, and our script has said nothing"
