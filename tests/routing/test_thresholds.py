"""Alarms of the wall (console.md 4.4 has no row of its own): each limit waits to be raised and waits to be cleared."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.live import Caller, Profile, Seat, SeatState, Wish
from routing.rules import LineRules, Skill, Support
from routing.thresholds import AlarmKind, Alarms, Reading, offer, readings
from routing.watch_rules import BadRules, Threshold, WatchRules, checked, dump, parse
from tests.makers import MORNING, later

RULES = WatchRules((Threshold("", longest_seconds=30), Threshold("社保", waiting=2)))
CALM = {"": Reading(0, None, 3)}


def long_wait(since: float) -> dict[str, Reading]:
    return {"": Reading(1, later(seconds=since), 0)}


def crowd(waiting: int) -> dict[str, Reading]:
    return {"社保": Reading(waiting, MORNING, 0)}


def kinds(alarms: Alarms, rules: WatchRules, seen: dict[str, Reading], second: float) -> list[str]:
    return [f"{a.skill}{a.kind}" for a in alarms.look(rules, seen, later(seconds=second))]


def test_a_limit_must_be_passed_for_ten_seconds_before_there_is_an_alarm() -> None:
    alarms, waits = Alarms(), long_wait(0)
    assert [bool(kinds(alarms, RULES, waits, s)) for s in (30, 31, 40.9, 41)] == [False, False, False, True]


def test_an_alarm_is_cleared_only_after_thirty_seconds_within_the_limit() -> None:
    alarms = Alarms()
    for second in (0, 10):
        raised = kinds(alarms, RULES, crowd(3), second)
    assert raised == ["社保waiting"]
    assert [bool(kinds(alarms, RULES, CALM, s)) for s in (11, 40, 41)] == [True, True, False]


def test_a_wait_that_comes_and_goes_does_not_make_the_board_flicker() -> None:
    alarms, seen = Alarms(), set()
    for second in range(120):
        seen.add(bool(kinds(alarms, RULES, crowd(3 if second % 6 < 3 else 0), second)))
    assert seen == {False}
    for second in range(120, 131):
        kinds(alarms, RULES, crowd(3), second)
    later_on = {
        bool(kinds(alarms, RULES, crowd(3 if second % 6 < 3 else 0), second)) for second in range(131, 300)
    }
    assert later_on == {True}


def test_a_limit_that_is_taken_out_takes_its_alarm_with_it() -> None:
    alarms = Alarms()
    for second in (0, 10):
        kinds(alarms, RULES, crowd(3), second)
    assert kinds(alarms, WatchRules(()), crowd(3), 11) == []
    assert kinds(alarms, RULES, crowd(3), 12) == [], "and it counts anew when it is back"


@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=60))
def test_between_raising_and_clearing_there_are_always_both_spans(steps: list[tuple[int, bool]]) -> None:
    alarms, at, shown, changes = Alarms(), 0, False, []
    for pause, over in steps:
        at += pause
        now = bool(kinds(alarms, RULES, crowd(3 if over else 0), at))
        if now != shown:
            assert now is over, "an alarm is never raised by calm nor cleared by a crowd"
            shown = now
            changes.append(at)
    assert all(b - a >= 10 for a, b in pairwise(changes))


def a_seat(number: int, group: str, *skills: str, **changes: Any) -> Seat:
    profile = Profile(tuple((skill, 3) for skill in skills), group=group)
    return Seat(f"s{number}", "a", "b", SeatState.READY, MORNING, MORNING, profile=profile, **changes)


def a_caller(skill: str) -> Caller:
    return Caller("c1", "", "", MORNING, MORNING, wish=Wish(skill=skill))


TWO = LineRules(skills=(Skill("社保", group="社保组"), Skill("城建", group="城建组")))
SEATS = [
    a_seat(1, "城建组", "城建"),
    a_seat(2, "城建组", "城建"),
    a_seat(3, "综合组"),
    a_seat(4, "社保组", "社保"),
]


def test_the_group_with_the_most_free_seats_is_offered() -> None:
    found = offer("社保", TWO, SEATS, [a_caller("社保")])
    assert found is not None
    assert (found.group, found.ready) == ("城建组", 2)


def test_who_has_callers_of_its_own_waiting_is_not_asked_to_help() -> None:
    found = offer("社保", TWO, SEATS, [a_caller("社保"), a_caller("城建")])
    assert found is not None
    assert found.group == "综合组"


def test_who_helps_already_is_not_offered_again() -> None:
    helping = LineRules(skills=TWO.skills, supports=(Support("城建组", "社保组"),))
    seats = [a_seat(1, "城建组", "城建", "社保"), a_seat(4, "社保组", "社保")]
    assert offer("社保", helping, seats, []) is None


def test_for_no_skill_nobody_is_offered_and_seats_that_cannot_be_rung_do_not_count() -> None:
    assert offer("", TWO, SEATS, []) is None
    assert (
        offer("社保", TWO, [a_seat(1, "城建组", reachable=False), a_seat(2, "城建组", next_break="rest")], [])
        is None
    )


def test_readings_count_the_skill_and_the_whole_line() -> None:
    seen = readings([a_caller("社保"), a_caller("")], SEATS, ("", "社保"), free=frozenset({"s4"}))
    assert (seen[""].waiting, seen[""].ready) == (2, 1)
    assert (seen["社保"].waiting, seen["社保"].oldest, seen["社保"].ready) == (1, MORNING, 1)


def test_rules_are_read_as_they_were_written() -> None:
    assert parse(dump(RULES)) == RULES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        dump(WatchRules((Threshold("", longest_seconds=-1),))),
        dump(WatchRules((Threshold("a"), Threshold("a")))),
        dump(WatchRules(raise_seconds=10_000)),
        '{"thresholds": [], "raise_seconds": true, "clear_seconds": 1, "tell_listening": true}',
    ],
)
def test_rules_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(BadRules):
        checked(parse(text))


def test_the_alarm_names_the_skill_the_limit_and_since_when() -> None:
    alarms = Alarms()
    for second in (0, 10):
        found = alarms.look(RULES, crowd(5), MORNING + timedelta(seconds=second))
    (alarm,) = found
    assert (alarm.skill, alarm.kind, alarm.limit) == ("社保", AlarmKind.WAITING, 2)
    assert (alarm.raised_at, alarm.reading.waiting) == (later(seconds=10), 5)
