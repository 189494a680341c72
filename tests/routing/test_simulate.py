"""The simulator: the same day always, Erlang's figures where Erlang holds, and rules that make a difference."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from statistics import fmean

import pytest

from routing import erlang
from routing.day import DIALECT, ENTERPRISE, PLANS, Arrival, Day, Plan, Shift, _arrivals, generate
from routing.day_figures import band, bands, differences, figures, quantile
from routing.live import Profile, Wish
from routing.rules import Language, LineRules, Skill, Step
from routing.simulate import PICK_UP_SECONDS, play

START = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = 3600.0
DEFAULT = LineRules()


def caller(
    name: str, at: float, *, talk: float = 60, wrap_up: float = 0, patience: float = 900, **wish: object
) -> Arrival:
    return Arrival(name, f"138{name}", at, Wish(**wish), patience, talk, wrap_up)  # type: ignore[arg-type]


def a_day(*arrivals: Arrival, seats: int = 1, profiles: tuple[Profile, ...] = (), ends: float = HOUR) -> Day:
    profiles = profiles or (Profile(),) * seats
    shifts = tuple(Shift(f"s{n}", profile, 0, ends) for n, profile in enumerate(profiles, start=1))
    return Day("made", START, arrivals, shifts)


def steady(load: float, seats: int, *, patience: float, hours: int = 40, seed: int = 5) -> Day:
    """Calls of three minutes, exponential like Erlang's, in a stream that never changes."""
    plan = Plan(round(load / 180 * HOUR * hours), 180, 0, seats, hours=(1.0,) * hours, patience=patience)
    dice = Random(seed)
    arrivals = tuple(replace(each, talk=dice.expovariate(1 / 180)) for each in _arrivals(plan, dice))
    shifts = tuple(Shift(f"s{n}", Profile(), 0, hours * HOUR) for n in range(seats))
    return Day("steady", START, arrivals, shifts)


# What happens


def test_a_caller_waits_for_the_seat_and_for_its_picking_up() -> None:
    first, second = play(a_day(caller("a", 0, talk=60, wrap_up=30), caller("b", 10)), DEFAULT).fates
    assert first.waited == PICK_UP_SECONDS
    assert second.waited == 60 + 30 + PICK_UP_SECONDS - 10 + PICK_UP_SECONDS


def test_who_gives_up_is_counted_and_a_seat_that_rang_for_him_keeps_its_turn() -> None:
    day = a_day(caller("a", 0, patience=1), caller("b", 5), caller("c", 6), seats=2)
    fates = {fate.arrival.call: fate for fate in play(day, DEFAULT).fates}
    assert not fates["a"].answered
    assert fates["a"].waited == pytest.approx(1)
    assert (fates["b"].seat, fates["c"].seat) == ("s1", "s2")


def test_a_call_is_finished_after_the_end_of_the_shift_and_no_other_begun() -> None:
    day = a_day(caller("a", 50, talk=60), caller("b", 55, patience=30), ends=60)
    fates = {fate.arrival.call: fate for fate in play(day, DEFAULT).fates}
    assert fates["a"].answered
    assert not fates["b"].answered


def test_every_caller_has_one_fate() -> None:
    day = generate("haikou", 3)
    played = play(day, DEFAULT)
    assert sorted(fate.arrival.call for fate in played.fates) == sorted(each.call for each in day.arrivals)


def test_the_same_seed_plays_the_same_day() -> None:
    assert play(generate("haikou", 3), DEFAULT).fates == play(generate("haikou", 3), DEFAULT).fates


# Erlang


def test_a_patient_stream_waits_as_long_as_erlang_c_says() -> None:
    days = [figures(play(steady(8, 10, patience=1e9, seed=seed), DEFAULT)) for seed in range(4)]
    waits = band([day.wait_mean - PICK_UP_SECONDS for day in days])
    # A seat that rings is busy, too.
    expected = erlang.mean_wait(8 * (183 / 180), 10, 183)
    assert waits.mean == pytest.approx(expected, rel=0.25)


def test_an_overloaded_stream_loses_as_many_as_erlang_a_says() -> None:
    played = play(steady(30, 20, patience=240), DEFAULT)
    line = erlang.with_patience(30 * 183 / 180, 20, 183, patience=240)
    assert figures(played).abandoned == pytest.approx(line.gives_up, abs=0.02)
    assert fmean(fate.waited for fate in played.fates) == pytest.approx(
        line.mean_wait + PICK_UP_SECONDS, rel=0.1
    )


# Days


@pytest.mark.parametrize("name", PLANS)
def test_a_day_has_the_calls_and_the_staff_of_its_plan(name: str) -> None:
    plan, day = PLANS[name], generate(name, 1)
    assert len(day.arrivals) == pytest.approx(plan.calls, rel=0.05)
    assert len(day.shifts) == plan.staff
    assert fmean(each.talk for each in day.arrivals) == pytest.approx(plan.talk, rel=0.05)


def test_the_peak_of_haikou_is_at_nine_and_its_nights_are_quiet() -> None:
    hours = [int(each.at // HOUR) for each in generate("haikou-peak", 1).arrivals]
    assert max(range(24), key=hours.count) == 9
    assert hours.count(3) < hours.count(9) / 10


def test_all_skills_are_on_every_shift_of_haikou() -> None:
    shifts = generate("haikou-peak", 1).shifts
    for begins in {shift.begins for shift in shifts if shift.begins}:
        profiles = {shift.profile for shift in shifts if shift.begins == begins}
        assert any(profile.level("enterprise") for profile in profiles)
        assert any("minnan" in profile.languages for profile in profiles)


# Rules against rules


def test_rules_are_compared_on_the_very_same_callers() -> None:
    """Dialect seats for dialect callers: they wait longer at once, and everybody is understood."""
    strict = LineRules(languages=(Language("minnan", after=60),))
    first, second = (play(generate("haikou-peak", 2), rules) for rules in (DEFAULT, strict))
    assert {fate.arrival for fate in first.fates} == {fate.arrival for fate in second.fates}

    def understood(played: object) -> float:
        speaks = {s.seat: "minnan" in s.profile.languages for s in first.day.shifts}
        theirs = [f for f in played.fates if f.arrival.wish == DIALECT and f.answered]  # type: ignore[attr-defined]
        return fmean(speaks[fate.seat] for fate in theirs)

    assert understood(second) > understood(first) + 0.2


def test_a_caller_whose_circle_widens_is_taken_by_a_free_seat_of_another_skill_in_time() -> None:
    rules = LineRules(skills=(Skill("enterprise", level=3, steps=(Step(after=20, level=0),)),))
    (fate,) = play(a_day(caller("a", 0, skill="enterprise"), profiles=(Profile(),)), rules).fates
    assert 20 <= fate.waited <= 20 + 1 + PICK_UP_SECONDS


def test_nobody_is_overtaken_in_order_of_arrival_and_the_later_of_two_equals_is_seen() -> None:
    assert figures(play(generate("haikou-peak", 1), DEFAULT)).overtaken == 0
    first = LineRules(priority_at_most=3, ageing_seconds=3600)
    day = a_day(caller("x", 0), caller("a", 1), caller("b", 2, elder=True), caller("c", 3))
    elders = replace(first, elder_priority=2)
    order = [fate.arrival.call for fate in play(day, elders).fates]
    assert order == ["x", "b", "a", "c"]
    # Another wish is no equal: being passed by an elder is the rule's own will.
    assert figures(play(day, elders)).overtaken == 0


def test_who_calls_again_is_sent_to_the_seat_he_talked_to() -> None:
    again = replace(caller("c", 400), number="138a")
    day = a_day(caller("a", 0), caller("b", 1), again, seats=3)
    seats = [fate.seat for fate in play(day, LineRules(last_seat_days=7)).fates]
    assert seats == ["s1", "s2", "s1"]


# Figures


def test_the_figures_of_a_day_worked_out_by_hand() -> None:
    """Three callers on one seat: at once, after a wait of 53 s and given up after 4 s. Staffed for one hour."""
    day = a_day(caller("a", 0, talk=57), caller("b", 10, talk=57), caller("c", 20, patience=4))
    counted = figures(play(day, DEFAULT))
    assert (counted.calls, counted.answered) == (3, 2)
    assert counted.abandoned == counted.abandoned_short == pytest.approx(1 / 3)
    assert counted.wait_mean == pytest.approx((3 + 53) / 2)
    assert counted.level == pytest.approx(1 / 3)
    assert counted.level_without_short == pytest.approx(1 / 2)
    assert counted.occupancy == pytest.approx(2 * 60 / 3600)


def test_a_longer_idle_seat_first_is_fairer_than_one_seat_always_first() -> None:
    even = figures(play(generate("haikou", 1), DEFAULT))
    expert = LineRules(skills=(Skill("enterprise", level=3),), general_group="general")
    assert even.unevenness < figures(play(generate("haikou", 1), expert)).unevenness


def test_a_band_holds_the_mean_of_more_days_and_one_day_proves_nothing() -> None:
    assert band([1.0, 2.0, 3.0]).mean == 2.0
    assert band([1.0, 2.0, 3.0]).give_or_take == pytest.approx(4.30 / 3**0.5)
    assert band([1.0]).holds(1e9)
    assert quantile([], 0.5) == 0.0


def test_the_difference_of_a_day_to_itself_is_nothing() -> None:
    day = [figures(play(generate("haikou", seed), DEFAULT)) for seed in (1, 2)]
    assert all(each.mean == 0 for each in differences(day, day).values())
    assert bands(day)["calls"].mean == fmean(figures_.calls for figures_ in day)


def test_an_enterprise_line_serves_its_own_first_in_its_own_group() -> None:
    rules = LineRules(skills=(Skill("enterprise", level=3, steps=(Step(after=30, level=0),)),))
    played = play(generate("haikou-peak", 4), rules)
    able = {shift.seat for shift in played.day.shifts if shift.profile.level("enterprise")}
    theirs = [fate for fate in played.fates if fate.arrival.wish == ENTERPRISE and fate.answered]
    assert fmean(fate.seat in able for fate in theirs) > 0.5
