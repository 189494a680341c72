"""Estimates that are honest: kept as often as promised, rounded outward, and nothing said when too little is known."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as some

from routing.day import generate
from routing.estimate import (
    LEAST_SEEN,
    PROMISED,
    Handling,
    Length,
    LinePicture,
    Pool,
    Told,
    Wait,
    estimate,
    told,
)
from routing.line import Line
from routing.live import Caller, Profile, Seat, SeatState, Wish
from routing.pace import Pace, picture
from routing.rules import Language, LineRules, Skill, Step, Support
from routing.simulate import PICK_UP_SECONDS, Fate, Floor, Played, play

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
GENERAL = Profile(group="general")
USUAL = Handling(100, Length(150, 110), Length(60, 30), rings=4)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def pool(talks: int, *, ahead: float = 0, free: int = 0, opens_in: float = 0) -> Pool:
    """Seats whose talks began evenly over the last three minutes."""
    return Pool(opens_in, ahead, free, tuple(180 * (n + 0.5) / talks for n in range(talks)), ())


def wait(*pools: Pool, handling: Handling = USUAL, patience: float = inf) -> Wait:
    found = estimate(LinePicture(pools, handling, patience))
    assert found is not None
    return found


# The range


def test_who_finds_a_seat_free_waits_until_it_answers() -> None:
    assert wait(pool(5, free=1)) == Wait(4, 4, 1)


def test_the_range_is_about_what_erlang_expects_of_many_busy_seats() -> None:
    """60 seats of 210 s release one every 3.5 s: the 21st caller is served in about 73 s."""
    talks, wraps_up = (3.75 * n for n in range(43)), (3.75 * n for n in range(17))
    found = wait(Pool(0, 20, 0, tuple(talks), tuple(wraps_up)))
    assert found.low_seconds < 73 + 4 < found.high_seconds
    assert found.high_seconds - found.low_seconds < 45
    assert found.position == 21


def test_one_seat_alone_leaves_much_open() -> None:
    found = wait(pool(1))
    assert found.high_seconds > 3 * found.low_seconds


def test_work_after_a_call_ends_sooner_than_a_talk_that_has_just_begun() -> None:
    talking = Pool(0, 0, 0, (5.0,) * 4, ())
    wrapping = Pool(0, 0, 0, (), (20.0,) * 4)
    assert wait(wrapping).high_seconds < wait(talking).low_seconds


def test_callers_who_give_up_make_the_wait_of_those_behind_shorter() -> None:
    assert wait(pool(20, ahead=60), patience=120).high_seconds < wait(pool(20, ahead=60)).low_seconds


def test_a_circle_that_widens_later_ends_the_wait_of_a_few_seats() -> None:
    few = pool(1, ahead=3)
    many = pool(60, opens_in=120)
    found = wait(few, many)
    assert found.low_seconds == pytest.approx(124)
    assert found.high_seconds < 200
    assert found.position == 4


def test_what_lies_beyond_half_an_hour_is_without_end() -> None:
    assert wait(pool(1, ahead=30)).high_seconds == inf


@given(some.integers(1, 60), some.integers(0, 100), some.integers(0, 3))
def test_a_range_is_a_range_and_grows_with_those_ahead(talks: int, ahead: int, free: int) -> None:
    one, more = wait(pool(talks, ahead=ahead, free=free)), wait(pool(talks, ahead=ahead + 1, free=free))
    assert 0 <= one.low_seconds <= one.high_seconds
    assert one.low_seconds <= more.low_seconds
    assert one.high_seconds <= more.high_seconds


lengths = some.builds(Length, some.floats(0, 1_000), some.floats(0, 2_000))


@given(lengths, lengths, some.lists(some.floats(0, 20_000), min_size=1), some.floats(0, 40))
def test_no_pace_and_no_talk_however_odd_leaves_the_caller_without_an_answer(
    talk: Length, wrap_up: Length, lasted: list[float], ahead: float
) -> None:
    handling = Handling(LEAST_SEEN, talk, wrap_up, rings=0)
    found = wait(Pool(0, ahead, 0, tuple(lasted), tuple(lasted)), handling=handling, patience=1.0)
    assert 0 <= found.low_seconds <= found.high_seconds


# When nothing is said


def test_too_few_calls_seen_say_nothing() -> None:
    few = replace(USUAL, seen=LEAST_SEEN - 1)
    assert estimate(LinePicture((pool(5, ahead=2),), few)) is None


def test_a_line_without_seats_says_nothing() -> None:
    assert estimate(LinePicture((), USUAL)) is None


# What is said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (4, 4, Told(0, 1)),
        (20, 61, Told(0, 2)),
        (120, 239, Told(2, 4)),
        (119, 240, Told(1, 4)),
        (300, 900, Told(5, 15)),
        (300, 901, Told(5, None)),
        (1700, inf, Told(15, None)),
        (59, inf, None),
    ],
)
def test_minutes_are_rounded_outward(low: float, high: float, said: Told | None) -> None:
    assert told(Wait(low, high, 3)) == said


# Kept promises


@dataclass
class Observed:
    """What an engine would have seen of the simulated floor up to now."""

    floor: Floor

    def handling(self) -> Handling:
        done = [fate.arrival for fate in self.floor.fates[-300:] if fate.answered][-200:]
        if not done:
            return Handling(0, Length(0, 0), Length(0, 0))
        talks, wraps_up = [one.talk + PICK_UP_SECONDS for one in done], [one.wrap_up for one in done]
        return Handling(
            len(done),
            Length(round(fmean(talks)), round(pstdev(talks))),
            Length(round(fmean(wraps_up)), round(pstdev(wraps_up))),
            PICK_UP_SECONDS,
        )

    def patience(self) -> float:
        last = self.floor.fates[-400:]
        return sum(fate.waited for fate in last) / max(1, sum(not fate.answered for fate in last))

    def busy_since(self, seat: Seat) -> datetime:
        return self.floor.day.start + timedelta(seconds=self.floor.busy_since[seat.id])


def ask(floor: Floor, caller: Caller) -> Wait | None:
    """Ask for one caller in eight."""
    if int(caller.call.removeprefix("day-")) % 8:
        return None
    line = Line()
    line.seats, line.callers = floor.seats, floor.waiting
    return estimate(picture(line, caller, Observed(floor), rules=floor.rules, at=floor.now))


SKILLED = LineRules(
    general_group="general",
    skills=(Skill("enterprise", level=3, group="enterprise", steps=(Step(60, 0, ("general",)),)),),
    languages=(Language("minnan", after=60),),
    elder_priority=1,
    supports=(Support("enterprise", "general", after=30),),
)


@pytest.fixture(scope="module", params=[LineRules(), SKILLED], ids=["one group", "skills"])
def promised(request: pytest.FixtureRequest) -> list[tuple[Fate, Wait]]:
    """Haikou's peak day: callers who were told something and were answered."""
    played: Played = play(generate("haikou-peak", 7), request.param, watch=ask)
    return [(fate, fate.told) for fate in played.fates if fate.answered and isinstance(fate.told, Wait)]


def test_what_is_said_holds_at_least_as_often_as_promised(promised: list[tuple[Fate, Wait]]) -> None:
    said = [(fate.waited, told(wait)) for fate, wait in promised]
    kept = [
        one.low * 60 <= waited and (one.high is None or waited <= one.high * 60)
        for waited, one in said
        if one
    ]
    assert len(kept) > 400
    assert fmean(kept) >= PROMISED


def test_the_range_before_rounding_holds_for_about_four_of_five(promised: list[tuple[Fate, Wait]]) -> None:
    kept = [wait.low_seconds <= fate.waited <= wait.high_seconds for fate, wait in promised]
    assert fmean(kept) == pytest.approx(PROMISED, abs=0.1)


def test_the_middle_of_the_range_is_neither_hope_nor_fear(promised: list[tuple[Fate, Wait]]) -> None:
    errors = [(wait.low_seconds + wait.high_seconds) / 2 - fate.waited for fate, wait in promised]
    assert abs(fmean(errors)) < 10
    assert fmean(abs(error) for error in errors) < 25


# The picture


def a_line(*seats: str, profile: Profile = GENERAL) -> Line:
    line = Line()
    for name in seats:
        line.put(Seat(name, name, name, SeatState.READY, START, START, profile=profile))
    return line


def talk(
    line: Line, seat: str, begin: float, *, rings: float = 4, seconds: float = 100, wrap_up: float = 30
) -> None:
    """One call from joining to the seat's being free again, as the exchange tells it."""
    call = f"call-{seat}-{begin}"
    line.join(call, call, "138", at(begin))
    line.leave(call, at(begin))
    line.offer(call, seat, at(begin))
    line.answer(call, seat, "leg", at(begin + rings))
    line.end(call, at(begin + rings + seconds), wrap_up=timedelta(seconds=60))
    free = at(begin + rings + seconds + wrap_up)
    line.put(
        replace(line.seats[seat], state=SeatState.READY, since=free, idle_since=free, wrap_up_until=None)
    )


def test_the_pace_is_what_the_seats_have_shown() -> None:
    line = a_line("s1", "s2")
    pace = Pace(line)
    talk(line, "s1", 0, seconds=100, wrap_up=20)
    talk(line, "s2", 0, seconds=200, wrap_up=40)
    assert pace.handling() == Handling(2, Length(154, 50), Length(30, 10), 4)


def test_a_process_that_has_just_begun_knows_the_pace_from_the_records() -> None:
    pace = Pace(a_line("s1"))
    pace.learn([(100, 20), (200, 40)])
    assert pace.handling() == Handling(2, Length(150, 50), Length(30, 10), 0)


def test_a_call_put_on_hold_is_one_call_and_a_seat_that_did_not_answer_is_none() -> None:
    line = a_line("s1")
    pace = Pace(line)
    line.join("a", "a", "138", at(0))
    line.offer("a", "s1", at(1))
    line.decline("a", "s1", at(13))
    line.offer("a", "s1", at(20))
    line.answer("a", "s1", "leg", at(22))
    line.hold("a", at(50), held=True)
    line.hold("a", at(70), held=False)
    line.end("a", at(122), wrap_up=timedelta(0))
    assert pace.handling() == Handling(1, Length(102, 0), Length(0, 0), 2)


def test_patience_is_all_waiting_by_those_who_gave_up() -> None:
    line = a_line("s1")
    pace = Pace(line)
    for number in range(6):
        line.join(f"c{number}", "x", "138", at(0))
        line.leave(f"c{number}", at(60))
    assert pace.patience() == inf  # they may be on their way to a seat
    line.join("later", "x", "138", at(100))
    assert pace.patience() == 60


def test_a_caller_counts_before_another_as_far_as_he_would_take_his_seats() -> None:
    line = a_line("s1", "s2", "s3")
    for name in ("s4", "s5"):
        both = Profile(group="general", languages=frozenset({"minnan"}))
        line.put(Seat(name, name, name, SeatState.READY, START, START, profile=both))
    for name in ("s1", "s2", "s3", "s4", "s5"):
        line.join(f"at-{name}", "x", "138", at(0))
        line.offer(f"at-{name}", name, at(1))
        line.answer(f"at-{name}", name, "leg", at(4))
    for number in range(10):
        line.join(f"ordinary-{number}", "x", "138", at(10 + number))
    line.join(
        "me",
        "x",
        "138",
        at(30),
    )
    me = replace(line.callers["me"], wish=Wish(language="minnan"))
    line.callers["me"] = me
    rules = LineRules(languages=(Language("minnan", after=600),), anybody_after=3600)
    seen = picture(line, me, Pace(line), rules=rules, at=at(40))
    first, widened = seen.pools
    assert (first.opens_in, first.ahead, len(first.talks)) == (0.0, 4.0, 2)
    assert (widened.opens_in, widened.ahead, len(widened.talks)) == (590.0, 10.0, 5)


def test_seats_on_a_break_or_about_to_take_one_are_nobody_s_hope() -> None:
    line = a_line("s1", "s2", "s3")
    line.put(replace(line.seats["s1"], state=SeatState.BREAK))
    line.put(replace(line.seats["s2"], next_break="用餐"))
    me = Caller("me", "", "", since=at(0), heard_at=at(0))
    (seen,) = picture(line, me, Pace(line), rules=LineRules(), at=at(0)).pools
    assert (seen.free, seen.talks, seen.wraps_up) == (1, (), ())


def test_a_seat_that_is_promised_is_not_free() -> None:
    line = a_line("s1", "s2")
    line.join("a", "a", "138", at(0))
    line.lease("a", "s1", at(2))
    me = Caller("me", "", "", since=at(1), heard_at=at(1))
    (seen,) = picture(line, me, Pace(line), rules=LineRules(), at=at(1)).pools
    assert (seen.free, seen.ahead, seen.talks) == (1, 0, (0.0,))
