"""Which seat takes which caller."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.live import Caller, Profile, Seat, SeatState, Wish
from routing.rules import (
    EMERGENCY,
    Duty,
    Expert,
    Group,
    Hours,
    Language,
    LineRules,
    Skill,
    Step,
    Support,
)
from routing.seats import Assignment, Why, choose, in_order, may_take
from tests.routing.exchange import START, at

NOW = at(0)
PLAIN = LineRules()


def seat(name: str, idle: float = 0, *, busy_share: float = 0, **can: Any) -> Seat:
    """A free seat that has been idle for so many seconds."""
    since = NOW - timedelta(seconds=idle)
    return Seat(
        name,
        name[1:],
        name,
        SeatState.READY,
        since=since,
        idle_since=since,
        profile=Profile(**can),
        busy_share=busy_share,
    )


def caller(call: str, waited: float = 0, *refused_by: str, **wish: Any) -> Caller:
    """A caller who has been waiting for so many seconds."""
    since = NOW - timedelta(seconds=waited)
    refused = frozenset(refused_by)
    return Caller(call, call, "", since=since, heard_at=since, refused_by=refused, wish=Wish(**wish))


def pairs(found: list[Assignment]) -> dict[str, tuple[str, Why]]:
    return {each.call: (each.seat, each.reason) for each in found}


# Without rules


def test_the_seat_that_has_been_idle_longest_takes_the_first_caller() -> None:
    callers = [caller("late", 1), caller("early", 2)]
    seats = [seat("s1001", 1), seat("s1002", 7), seat("s1003", 4)]
    assert choose(callers, seats, PLAIN, NOW) == [
        Assignment("early", "s1002", Why.LONGEST_IDLE),
        Assignment("late", "s1003", Why.LONGEST_IDLE),
    ]


def test_a_caller_is_not_sent_back_to_the_seat_that_did_not_answer() -> None:
    found = choose([caller("one", 0, "s1001")], [seat("s1001", 9), seat("s1002")], PLAIN, NOW)
    assert pairs(found) == {"one": ("s1002", Why.LONGEST_IDLE)}


def test_unless_nobody_else_is_ready() -> None:
    callers, seats = [caller("one", 0, "s1001")], [seat("s1001")]
    assert choose(callers, seats, PLAIN, NOW) == [Assignment("one", "s1001", Why.ONLY_ONE_READY)]


def test_and_a_city_may_forbid_even_that() -> None:
    rules = LineRules(again=False)
    assert choose([caller("one", 0, "s1001"), caller("two")], [seat("s1001")], rules, NOW)[0].call == "two"


def test_nobody_is_assigned_without_callers_or_seats() -> None:
    assert choose([], [seat("s1001")], PLAIN, NOW) == []
    assert choose([caller("one")], [], PLAIN, NOW) == []


def test_a_wish_for_which_there_is_no_rule_makes_nobody_wait_but_who_can_is_taken_first() -> None:
    seats = [
        seat("s1", 9),
        seat("s2", 1, skills=(("tax", 1),)),
        seat("s3", 5, languages=frozenset({"福州话"})),
    ]
    assert pairs(choose([caller("a", skill="tax")], seats, PLAIN, NOW)) == {"a": ("s2", Why.SKILL)}
    assert pairs(choose([caller("a", language="福州话")], seats, PLAIN, NOW)) == {"a": ("s3", Why.LANGUAGE)}
    assert pairs(choose([caller("a", skill="tax")], seats[:1], PLAIN, NOW)) == {"a": ("s1", Why.LONGEST_IDLE)}


# Skills

TAX = LineRules(skills=(Skill("tax", 3, steps=(Step(20, 1), Step(40, 0))),), anybody_after=600)
EXPERT, LEARNER, OTHER = (
    seat("s3", 1, skills=(("tax", 4),)),
    seat("s1", 5, skills=(("tax", 1),)),
    seat("s0", 9),
)


@pytest.mark.parametrize(
    ("waited", "free", "expected"),
    [
        (0, [EXPERT, LEARNER, OTHER], ("s3", Why.SKILL)),
        (0, [LEARNER, OTHER], None),
        (19, [LEARNER, OTHER], None),
        (20, [LEARNER, OTHER], ("s1", Why.WIDENED)),
        (20, [OTHER], None),
        (40, [OTHER], ("s0", Why.WIDENED)),
        (40, [EXPERT, LEARNER, OTHER], ("s3", Why.SKILL)),
        (40, [LEARNER, OTHER], ("s1", Why.WIDENED)),
    ],
)
def test_the_level_that_will_do_falls_as_the_caller_waits(
    waited: float, free: list[Seat], expected: tuple[str, Why] | None
) -> None:
    found = pairs(choose([caller("one", waited, skill="tax")], free, TAX, NOW))
    assert found.get("one") == expected


def test_among_those_who_are_good_enough_the_longest_idle_is_taken_not_the_best() -> None:
    seats = [seat("s5", 1, skills=(("tax", 5),)), seat("s3", 2, skills=(("tax", 3),))]
    assert pairs(choose([caller("one", skill="tax")], seats, TAX, NOW)) == {"one": ("s3", Why.SKILL)}


def test_who_must_wait_for_a_skill_does_not_hold_up_those_behind() -> None:
    found = choose([caller("tax", 10, skill="tax"), caller("any", 1)], [OTHER], TAX, NOW)
    assert pairs(found) == {"any": ("s0", Why.LONGEST_IDLE)}


def test_no_rule_makes_anyone_wait_beside_a_free_seat_for_ever() -> None:
    rules = LineRules(skills=(Skill("tax", 5, "tax"),), groups=(Group("tax"), Group("a")), anybody_after=60)
    seats = [seat("s1", group="a")]
    assert choose([caller("one", 59, skill="tax")], seats, rules, NOW) == []
    found = choose([caller("one", 60, skill="tax")], seats, rules, NOW)
    assert pairs(found) == {"one": ("s1", Why.ANYBODY)}
    assert found[0].detail == "skill:tax/0 group:a waited:60"


def test_after_too_long_a_wait_whom_the_rules_allow_still_comes_first() -> None:
    steps = (Step(20, 1),)
    rules = LineRules(
        skills=(Skill("tax", 3, "tax", steps=steps),), groups=(Group("tax"), Group("a")), anybody_after=60
    )
    seats = [
        seat("able", 9, skills=(("tax", 5),), group="a"),
        seat("own", 1, skills=(("tax", 1),), group="tax"),
    ]
    found = choose([caller("one", 60, skill="tax")], seats, rules, NOW)
    assert pairs(found) == {"one": ("own", Why.WIDENED)}


# Languages


@pytest.mark.parametrize(
    ("waited", "speaks", "expected"),
    [
        (0, True, Why.LANGUAGE),
        (0, False, None),
        (29, False, None),
        (30, False, Why.LONGEST_IDLE),
        (30, True, Why.LANGUAGE),
    ],
)
def test_a_dialect_is_waited_for_only_so_long(waited: float, speaks: bool, expected: Why | None) -> None:
    rules = LineRules(languages=(Language("福州话", 30),))
    free = [seat("s9", 99)] * (not speaks) + [seat("s1", languages=frozenset({"福州话"}))] * speaks
    found = choose([caller("one", waited, language="福州话")], free, rules, NOW)
    assert [each.reason for each in found] == ([expected] if expected else [])


# Groups, support and overflow

GROUPS = (Group("general"), Group("office"), Group("night"))
OFFICE = LineRules(
    general_group="general",
    skills=(Skill("enterprise", 1, "office"),),
    groups=GROUPS,
    anybody_after=600,
)
ABLE = (("enterprise", 3),)
OWN, HELPER = seat("own", 1, group="office", skills=ABLE), seat("helper", 9, group="general", skills=ABLE)


@pytest.mark.parametrize(
    ("support", "waited", "crowd", "helps"),
    [
        (None, 500, 9, False),
        (Support("general", "office"), 0, 0, True),
        (Support("general", "office", until=NOW), 0, 0, False),
        (Support("general", "office", until=at(1)), 0, 0, True),
        (Support("general", "office", after=15), 14, 0, False),
        (Support("general", "office", after=15), 15, 0, True),
        (Support("general", "office", ratio=3), 0, 1, False),
        (Support("general", "office", ratio=3), 0, 2, True),
        (Support("night", "office"), 0, 0, False),
        (Support("general", "night"), 0, 0, False),
    ],
)
def test_a_group_helps_another_by_wait_or_by_crowd_and_until_its_time(
    support: Support | None, waited: float, crowd: int, helps: bool
) -> None:
    rules = replace(OFFICE, supports=(support,) if support else ())
    behind = [caller(f"z{number}", skill="enterprise") for number in range(crowd)]
    found = pairs(choose([caller("one", waited, skill="enterprise"), *behind], [HELPER], rules, NOW))
    assert (found.get("one") == ("helper", Why.SUPPORT)) is helps


def test_the_own_group_comes_before_a_helper_that_has_been_idle_longer() -> None:
    rules = replace(OFFICE, supports=(Support("general", "office"),))
    found = choose([caller("one", skill="enterprise")], [OWN, HELPER], rules, NOW)
    assert pairs(found) == {"one": ("own", Why.SKILL)}


def test_free_seats_of_the_own_group_thin_the_crowd() -> None:
    rules = replace(OFFICE, supports=(Support("general", "office", ratio=2),))
    callers = [caller(f"c{number}", skill="enterprise") for number in range(3)]
    assert len(choose(callers, [OWN, HELPER], rules, NOW)) == 2
    both = [OWN, seat("own2", 1, group="office", skills=ABLE), HELPER]
    assert {each.seat for each in choose(callers, both, rules, NOW)} == {"own", "own2"}


def test_other_groups_are_asked_after_the_wait_that_the_skill_names() -> None:
    steps = (Step(40, 0, ("general",)), Step(60, 0, ("*",)))
    rules = replace(OFFICE, skills=(Skill("enterprise", 1, "office", steps=steps),))
    general, night = seat("g", group="general"), seat("n", group="night")
    wanted = {39: None, 40: "g", 59: "g", 60: "g"}
    for waited, expected in wanted.items():
        found = choose([caller("one", waited, skill="enterprise")], [general], rules, NOW)
        assert [each.seat for each in found] == ([expected] if expected else [])
    assert choose([caller("one", 59, skill="enterprise")], [night], rules, NOW) == []
    assert choose([caller("one", 60, skill="enterprise")], [night], rules, NOW)[0].reason is Why.WIDENED


def test_the_enterprise_line_keeps_its_seats_for_its_callers() -> None:
    assert choose([caller("citizen")], [OWN], OFFICE, NOW) == []
    found = choose([caller("citizen"), caller("firm", skill="enterprise")], [OWN, HELPER], OFFICE, NOW)
    assert {each.call: each.seat for each in found} == {"citizen": "helper", "firm": "own"}


CLOSED = replace(
    OFFICE,
    groups=(
        Group("general"),
        Group("office", (Hours(START.time(), START.time().replace(minute=1)),), "night"),
        Group("night"),
    ),
    zone="UTC",
)


def test_a_closed_groups_callers_go_where_the_city_says_and_its_seats_are_not_asked() -> None:
    later = at(3600)
    seats = [
        seat("o", 9, group="office", skills=ABLE),
        seat("n", group="night", skills=ABLE),
        seat("g", 5, group="general", skills=ABLE),
    ]
    waiting = [Caller("one", "one", "", since=later, heard_at=later, wish=Wish("enterprise"))]
    assert pairs(choose(waiting, seats, CLOSED, NOW)) == {"one": ("o", Why.SKILL)}
    assert pairs(choose(waiting, seats, CLOSED, later)) == {"one": ("n", Why.SKILL)}


# Classes, ageing, elders, emergencies

CLASSES = LineRules(
    priority_at_most=2, elder_priority=1, ageing_seconds=60, skills=(Skill("vip", priority=1),)
)
VIP_SEAT = seat("s1", skills=(("vip", 1),))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (caller("high", 0, priority=1), caller("low", 59)),
        (caller("aged", 60), caller("high", 0, priority=1)),
        (caller("elder", 0, elder=True), caller("low", 30)),
        (caller("skilled", 0, skill="vip"), caller("low", 30)),
        (caller("early", 31, priority=7), caller("late", 30, priority=2)),
        (caller("ordinary", 0), caller("misuser", 50, priority=-1)),
        (caller("misuser", 60, priority=-9), caller("ordinary", 0)),
        (caller("emergency", 0, priority=EMERGENCY), caller("aged", 3000, priority=2)),
        (caller("first", 2, priority=EMERGENCY), caller("second", 1, priority=EMERGENCY + 1)),
    ],
)
def test_the_higher_class_goes_first_and_waiting_raises_it(first: Caller, second: Caller) -> None:
    assert [each.call for each in in_order([second, first], CLASSES, NOW)] == [first.call, second.call]
    assert [each.call for each in choose([second, first], [VIP_SEAT], CLASSES, NOW)] == [first.call]


def test_without_rules_only_emergencies_and_misuse_change_the_order_of_arrival() -> None:
    waiting = [
        caller("a", 3),
        caller("b", 2, priority=5),
        caller("c", 1, elder=True),
        caller("d", 0, priority=9),
    ]
    assert [each.call for each in in_order(waiting, PLAIN, NOW)] == ["d", "a", "b", "c"]


def test_an_emergency_takes_any_free_seat_at_once() -> None:
    rules = replace(OFFICE, rota=(Duty("leader", NOW, at(60), skills=("works",)),))
    for free in (seat("leader"), seat("n", group="night")):
        found = choose([caller("fire", skill="enterprise", priority=EMERGENCY)], [free], rules, NOW)
        assert pairs(found) == {"fire": (free.id, Why.ANYBODY)}


def test_the_emergency_switch_gives_every_seat_to_every_caller_in_order_of_arrival() -> None:
    rules = replace(
        OFFICE,
        priority_at_most=2,
        emergency_until=at(60),
        rota=(Duty("leader", NOW, at(60), skills=("works",)),),
    )
    waiting = [
        caller("low", 9),
        caller("high", 5, priority=2, skill="enterprise"),
        caller("fire", priority=9),
    ]
    seats = [seat("leader", 9), seat("n", 5, group="night"), OWN]
    found = choose(waiting, seats, rules, NOW)
    assert [each.call for each in found] == ["fire", "low", "high"]
    assert {each.reason for each in found} == {Why.ALL_HANDS}
    assert len(choose(waiting, seats, rules, at(60))) < 3  # it ends by itself


# Who is preferred


def test_who_calls_again_goes_to_the_seat_that_knows_him() -> None:
    found = choose([caller("one", prefers=("s7", "s2"))], [seat("s1", 9), seat("s2")], PLAIN, NOW)
    assert pairs(found) == {"one": ("s2", Why.LAST_SEAT)}


@pytest.mark.parametrize(
    ("waited", "hold", "busy", "waits"),
    [
        (0, 0, {"s7"}, False),
        (0, 10, {"s7"}, True),
        (9.9, 10, {"s7"}, True),
        (10, 10, {"s7"}, False),
        (0, 10, set(), False),  # gone home: nobody waits for an empty seat
        (0, 10, {"s8"}, False),
    ],
)
def test_a_caller_is_held_for_a_busy_seat_only_as_long_as_the_city_says(
    waited: float, hold: float, busy: set[str], waits: bool
) -> None:
    one = caller("one", waited, prefers=("s7",))
    found = choose([one], [seat("s1")], LineRules(hold_seconds=hold), NOW, busy=busy)
    assert (found == []) is waits


def test_a_seat_that_did_not_take_him_is_not_preferred_any_more() -> None:
    found = choose([caller("one", 0, "s7", prefers=("s7",))], [seat("s7", 9), seat("s1")], PLAIN, NOW)
    assert pairs(found) == {"one": ("s1", Why.LONGEST_IDLE)}


def test_a_seat_that_knows_him_is_spared_when_it_has_had_its_share_of_calls() -> None:
    seats = [seat("s7", 9, busy_share=0.9), seat("s1")]
    found = choose([caller("one", prefers=("s7",))], seats, LineRules(busy_at_most=0.85), NOW)
    assert pairs(found) == {"one": ("s1", Why.LONGEST_IDLE)}


def test_experts_are_asked_first_for_their_matter() -> None:
    rules = replace(TAX, experts=(Expert("tax", ("s9", "s5")),))
    seats = [EXPERT, seat("s5", 0)]
    assert pairs(choose([caller("one", skill="tax")], seats, rules, NOW)) == {"one": ("s5", Why.EXPERT)}
    assert pairs(choose([caller("one", skill="tax")], [EXPERT], rules, NOW)) == {"one": ("s3", Why.SKILL)}


NINE, ELEVEN = (
    datetime.fromisoformat("2026-11-23T09:00+08:00"),
    datetime.fromisoformat("2026-11-23T11:00+08:00"),
)
LEADER = Duty("leader", NINE, ELEVEN, "陈局长", "szgc", skills=("works",), lines=("66665666",))


@pytest.mark.parametrize(
    ("local", "wish", "expected"),
    [
        ("08:59:59", Wish("works"), "ordinary"),
        ("09:00:00", Wish("works"), "leader"),
        ("10:59:59", Wish("works"), "leader"),
        ("11:00:00", Wish("works"), "ordinary"),
        ("10:00:00", Wish(line="66665666"), "leader"),
        ("10:00:00", Wish("tax"), "ordinary"),
        ("10:00:00", Wish(), "ordinary"),
    ],
)
def test_h15_the_head_of_the_unit_answers_what_is_in_scope_first_and_the_rest_follows_the_normal_way(
    local: str, wish: Wish, expected: str
) -> None:
    rules, moment = LineRules(rota=(LEADER,)), datetime.fromisoformat(f"2026-11-23T{local}+08:00")
    # Before and after the turn nobody sits there; during it the ordinary seat has been idle longer.
    on_duty = NINE <= moment < ELEVEN
    seats = [replace(seat("ordinary"), idle_since=NINE - timedelta(days=1))]
    seats += [replace(seat("leader"), idle_since=NINE)] * on_duty
    one = Caller("one", "one", "", since=moment, heard_at=moment, wish=wish)
    found = choose([one], seats, rules, moment)
    assert [each.seat for each in found] == [expected]
    assert (found[0].reason is Why.LEADER_ON_DUTY) is (expected == "leader")


def test_h15_what_is_out_of_scope_is_not_offered_to_the_leader_unless_the_city_says_so() -> None:
    one = Caller("one", "one", "", since=NINE, heard_at=NINE)
    assert choose([one], [seat("leader")], LineRules(rota=(LEADER,)), NINE) == []
    open_to_all = LineRules(rota=(replace(LEADER, reserved=False),))
    assert [each.seat for each in choose([one], [seat("leader")], open_to_all, NINE)] == ["leader"]


def test_h15_not_even_who_talked_to_the_leader_before_is_given_to_him_out_of_scope() -> None:
    one = Caller("one", "one", "", since=NINE, heard_at=NINE, wish=Wish(prefers=("leader",)))
    seats = [seat("leader", 9), seat("ordinary")]
    assert choose([one], seats, LineRules(rota=(LEADER,)), NINE)[0].seat == "ordinary"
    assert choose([one], seats, LineRules(rota=(LEADER,)), ELEVEN)[0] == Assignment(
        "one", "leader", Why.LAST_SEAT
    )


def test_h15_nobody_waits_for_a_leader_who_is_talking() -> None:
    one = Caller("one", "one", "", since=NINE, heard_at=NINE, wish=Wish("works"))
    found = choose([one], [seat("ordinary")], LineRules(rota=(LEADER,)), NINE, busy={"leader"})
    assert pairs(found) == {"one": ("ordinary", Why.LONGEST_IDLE)}


# Occupancy


@pytest.mark.parametrize(
    ("own", "city", "share", "chosen"),
    [
        (1.0, 1.0, 1.0, "tired"),
        (0.8, 1.0, 0.81, "fresh"),
        (0.8, 1.0, 0.8, "tired"),
        (1.0, 0.85, 0.9, "fresh"),
        (0.95, 0.85, 0.9, "fresh"),
    ],
)
def test_a_seat_over_its_share_of_calls_is_chosen_after_all_others(
    own: float, city: float, share: float, chosen: str
) -> None:
    seats = [seat("tired", 99, busy_at_most=own, busy_share=share), seat("fresh", 1)]
    rules = LineRules(busy_at_most=city)
    assert choose([caller("one")], seats, rules, NOW)[0].seat == chosen
    assert choose([caller("one")], seats[:1], rules, NOW)[0].seat == "tired"


# What holds whatever the rules are

SKILLS, LANGUAGES, GROUP_NAMES = ("", "a", "b"), ("", "x"), ("", "g", "h")
NAMES = st.sampled_from([f"s{number}" for number in range(6)])
LEVELS = st.dictionaries(st.sampled_from(SKILLS[1:]), st.integers(1, 5)).map(lambda d: tuple(d.items()))
SEATS = st.dictionaries(
    NAMES,
    st.builds(
        lambda idle, share, skills, languages, group: (idle, share, skills, languages, group),
        st.integers(0, 20),
        st.sampled_from([0.0, 0.9]),
        LEVELS,
        st.frozensets(st.sampled_from(LANGUAGES[1:])),
        st.sampled_from(GROUP_NAMES),
    ),
).map(
    lambda rows: [
        seat(name, idle, busy_share=share, skills=skills, languages=languages, group=group)
        for name, (idle, share, skills, languages, group) in rows.items()
    ]
)
WISHES = st.builds(
    Wish,
    skill=st.sampled_from(SKILLS),
    language=st.sampled_from(LANGUAGES),
    priority=st.sampled_from([-1, 0, 1, 2, EMERGENCY]),
    line=st.sampled_from(["12345", "66665666"]),
    elder=st.booleans(),
    prefers=st.lists(NAMES, max_size=2).map(tuple),
)
CALLERS = st.lists(st.tuples(st.integers(0, 150), st.frozensets(NAMES, max_size=3), WISHES), max_size=8).map(
    lambda rows: [
        replace(caller(f"c{number}", waited), refused_by=refused, wish=wish)
        for number, (waited, refused, wish) in enumerate(rows)
    ]
)
STEPS = st.lists(
    st.builds(Step, st.sampled_from([20, 40]), st.integers(0, 5), st.sampled_from([(), ("h",), ("*",)])),
    max_size=2,
).map(tuple)
RULES = st.builds(
    LineRules,
    general_group=st.sampled_from(GROUP_NAMES),
    skills=st.builds(
        lambda level, group, steps: (Skill("a", level, group, 1, steps),),
        st.integers(1, 5),
        st.sampled_from(GROUP_NAMES),
        STEPS,
    ),
    groups=st.just((Group("g"), Group("h", (Hours(START.time(), at(1).time()),), "g"))),
    supports=st.sampled_from([(), (Support("g", "h", ratio=2),), (Support("h", "g", after=30),)]),
    languages=st.sampled_from([(), (Language("x", 30),)]),
    rota=st.sampled_from([(), (Duty("s1", at(-9), at(9), skills=("b",)),)]),
    priority_at_most=st.integers(0, 2),
    elder_priority=st.integers(0, 1),
    hold_seconds=st.sampled_from([0.0, 60.0]),
    busy_at_most=st.sampled_from([1.0, 0.85]),
    again=st.booleans(),
    anybody_after=st.just(100.0),
    emergency_until=st.sampled_from([None, at(1)]),
)


@given(CALLERS, SEATS, RULES)
def test_no_seat_and_no_caller_is_chosen_twice(
    callers: list[Caller], seats: list[Seat], rules: LineRules
) -> None:
    chosen = choose(callers, seats, rules, NOW)
    assert len({each.call for each in chosen}) == len({each.seat for each in chosen}) == len(chosen)
    assert {each.call for each in chosen} <= {each.call for each in callers}
    assert {each.seat for each in chosen} <= {each.id for each in seats}


@given(CALLERS, SEATS, RULES)
def test_nobody_waits_beside_a_free_seat_that_may_take_him(
    callers: list[Caller], seats: list[Seat], rules: LineRules
) -> None:
    rules = replace(rules, again=True, hold_seconds=0, supports=())  # a crowd looks different from outside
    chosen = choose(callers, seats, rules, NOW)
    waiting = [each for each in callers if each.call not in {done.call for done in chosen}]
    left = [each for each in seats if each.id not in {done.seat for done in chosen}]
    assert not [(who.call, where.id) for who in waiting for where in left if may_take(where, who, rules, NOW)]


@given(CALLERS, SEATS, RULES)
def test_who_refused_a_caller_is_not_given_him_while_another_fits(
    callers: list[Caller], seats: list[Seat], rules: LineRules
) -> None:
    rules = replace(rules, supports=())
    chosen = choose(callers, seats, rules, NOW)
    by_call, taken = {each.call: each for each in callers}, {each.seat for each in chosen}
    for each in chosen:
        who = by_call[each.call]
        if each.seat not in who.refused_by:
            continue
        assert each.reason is Why.ONLY_ONE_READY
        assert rules.again
        free = [s for s in seats if s.id not in taken and s.id not in who.refused_by]
        assert not any(may_take(other, who, rules, NOW) for other in free)


@given(CALLERS, SEATS, RULES)
def test_between_two_callers_with_the_same_wish_the_one_before_is_served_first(
    callers: list[Caller], seats: list[Seat], rules: LineRules
) -> None:
    alike = [replace(each, wish=callers[0].wish, refused_by=frozenset()) for each in callers]
    rules = replace(rules, hold_seconds=0, skills=(), languages=(), supports=(), anybody_after=3600)
    chosen = {each.call for each in choose(alike, seats, rules, NOW)}
    order = [each.call for each in in_order(alike, rules, NOW)]
    assert order == [each.call for each in sorted(alike, key=lambda who: (who.since, who.call))]
    assert chosen == set(order[: len(chosen)])


@given(CALLERS, SEATS, RULES, st.randoms())
def test_the_order_in_which_they_are_listed_does_not_matter(
    callers: list[Caller], seats: list[Seat], rules: LineRules, dice: Random
) -> None:
    expected = choose(callers, seats, rules, NOW)
    dice.shuffle(callers)
    dice.shuffle(seats)
    assert choose(callers, seats, rules, NOW) == expected


@given(CALLERS, SEATS)
def test_without_rules_callers_are_served_strictly_in_order_of_arrival(
    callers: list[Caller], seats: list[Seat]
) -> None:
    ordinary = [replace(each, wish=Wish()) for each in callers]
    in_line = sorted(ordinary, key=lambda each: (each.since, each.call))
    chosen = choose(ordinary, seats, PLAIN, NOW)
    assert [each.call for each in chosen] == [each.call for each in in_line[: min(len(callers), len(seats))]]


HIGHEST = CLASSES.priority_at_most + CLASSES.elder_priority + 1  # with the class of the skill


@given(WISHES, st.integers(0, 5000), st.integers(1, 5000))
def test_nobody_is_overtaken_for_ever(wish: Wish, waited: int, ahead: int) -> None:
    """A caller of the lowest class is overtaken only by those who come within (classes between them) stretches."""
    wish = replace(wish, priority=min(wish.priority, 2), skill="vip")
    lowest = caller("lowest", waited + ahead, priority=-1)
    newer = replace(caller("newer", waited), wish=wish)
    first = in_order([newer, lowest], CLASSES, NOW)[0].call
    if ahead >= (HIGHEST + 2) * CLASSES.ageing_seconds:
        assert first == "lowest"


def test_a_stream_of_higher_classes_does_not_starve_an_ordinary_caller() -> None:
    """One seat, taken every 20 s, and an important caller every 20 s: the ordinary one is served all the same."""
    waiting = [caller("ordinary")]
    for turn in range(100):
        moment = at(20 * turn)
        waiting.append(
            Caller(f"vip{turn}", "", "", since=moment, heard_at=moment, wish=Wish(priority=2, elder=True))
        )
        (taken,) = choose(waiting, [seat("s1")], CLASSES, moment)
        if taken.call == "ordinary":
            assert (moment - NOW).total_seconds() <= (HIGHEST + 1) * CLASSES.ageing_seconds
            return
        waiting = [each for each in waiting if each.call != taken.call]
    pytest.fail("the ordinary caller was never served")


@pytest.mark.parametrize("seed", range(3))
def test_over_a_day_the_longest_idle_rule_gives_equal_seats_equal_shares(seed: int) -> None:
    """Twenty seats, some 3,000 calls of random length: each seat's talk stays within a quarter of the mean."""
    dice, second, idle = Random(seed), 0.0, {f"s{number}": 0.0 for number in range(20)}
    busy: dict[str, float] = {}
    talk: Counter[str] = Counter()
    for number in range(3000):
        second += dice.expovariate(1 / 12)
        for name in [name for name, until in busy.items() if until <= second]:
            idle[name] = busy.pop(name)
        seats = [replace(seat(name), idle_since=at(since)) for name, since in idle.items()]
        moment = at(second)
        one = Caller(f"c{number}", "", "", since=moment, heard_at=moment)
        for each in choose([one], seats, PLAIN, moment):
            seconds = dice.expovariate(1 / 150)
            talk[each.seat] += int(seconds) + 1
            busy[each.seat] = second + seconds
            del idle[each.seat]
    mean = talk.total() / 20
    assert len(talk) == 20
    assert all(abs(seconds - mean) < 0.25 * mean for seconds in talk.values())
