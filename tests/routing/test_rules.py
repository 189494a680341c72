"""What a city may decide about its line: read strictly, written plainly, and refused by name when it is wrong."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.opening import closed_groups, line_closed
from routing.rule_text import BadRules, dump, from_json, parse, to_json
from routing.rules import (
    Closure,
    Days,
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

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday, nine in the city."""

OFFICE = Hours(time(8, 30), time(17, 30), Days.WORK)
NIGHT = Hours(time(22, 0), time(6, 0))

FULL = LineRules(
    general_group="general",
    skills=(Skill("enterprise", 3, "office", 1, (Step(20, 1), Step(40, 0, ("general",)))),),
    groups=(Group("general"), Group("office", (OFFICE,), "general")),
    supports=(Support("general", "office", after=15, ratio=3, until=NINE, why="月末"),),
    languages=(Language("福州话", 30),),
    experts=(Expert("enterprise", ("s1001", "s1002")),),
    rota=(Duty("s1001", NINE, NINE + timedelta(hours=2), "陈局长", "szgc", ("works",), ("66665666",)),),
    closures=(Closure(NINE, NINE + timedelta(days=1), "office", "搬迁"),),
    priority_at_most=2,
    elder_priority=1,
    last_seat_days=7,
    hold_seconds=10,
    busy_at_most=0.85,
    again=False,
    enterprise_skill="enterprise",
    dialect_language="福州话",
    emergency_until=NINE,
    emergency_why="台风",
)


def test_what_is_written_is_read_again_as_it_was() -> None:
    assert parse(dump(FULL)) == FULL
    assert parse(dump(LineRules())) == LineRules()


def test_what_is_left_out_is_as_in_a_city_without_rules() -> None:
    assert parse("{}") == LineRules()


WRONG: list[tuple[str, Any, str]] = [
    ("general_grup", "x", "no such field"),
    ("general_group", 5, "one line of text"),
    ("general_group", "a\nb", "one line of text"),
    ("general_group", "nobody", "no such group"),
    ("ageing_seconds", 0, "from 1 to 3600"),
    ("ageing_seconds", float("nan"), "a number"),
    ("ageing_seconds", True, "a number"),
    ("anybody_after", 5, "from 10 to 3600"),
    ("priority_at_most", 2.5, "whole number"),
    ("again", "yes", "true or false"),
    ("emergency_until", "2026-11-23T09:00", "with its zone"),
    ("zone", "Asia/Nowhere", "no such zone"),
    ("zone", "../etc/passwd", "no such zone"),
    ("skills", {}, "a list"),
]


@pytest.mark.parametrize(("field", "value", "why"), WRONG)
def test_a_wrong_field_is_refused_by_name_in_chinese_and_english(field: str, value: Any, why: str) -> None:
    with pytest.raises(BadRules) as refused:
        from_json({field: value})
    assert set(refused.value.fields) == {field}
    text = refused.value.fields[field]
    assert why in text
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_all_that_is_wrong_is_said_at_once_with_the_path_to_it() -> None:
    with pytest.raises(BadRules) as refused:
        from_json(
            {
                "skills": [
                    {"skill": "tax", "level": 9, "steps": [{"after": -1, "colour": "red"}]},
                    {"level": 1},
                ],
                "groups": [{"name": "g", "hours": [{"since": "25:00", "until": "09:00", "days": "sunday"}]}],
            }
        )
    assert set(refused.value.fields) == {
        "skills.0.level",
        "skills.0.steps.0.after",
        "skills.0.steps.0.colour",
        "skills.1.skill",
        "groups.0.hours.0.since",
        "groups.0.hours.0.days",
    }


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"skills": [{"skill": "tax"}, {"skill": "tax"}]}, "skills.1"),
    ({"skills": [{"skill": "tax", "group": "nobody"}]}, "skills.0.group"),
    (
        {"skills": [{"skill": "tax", "steps": [{"after": 1, "groups": ["nobody"]}]}]},
        "skills.0.steps.0.groups",
    ),
    ({"groups": [{"name": "a"}], "supports": [{"helper": "a", "helped": "a"}]}, "supports.0.helped"),
    ({"groups": [{"name": "a"}], "supports": [{"helper": "b", "helped": "a"}]}, "supports.0.helper"),
    ({"groups": [{"name": "a", "closed_to": "b"}]}, "groups.0.closed_to"),
    (
        {"closures": [{"since": "2026-11-23T09:00+08:00", "until": "2026-11-23T08:00+08:00"}]},
        "closures.0.until",
    ),
    (
        {"rota": [{"seat": "s1", "since": "2026-11-23T09:00+08:00", "until": "2026-11-23T10:00+08:00"}]},
        "rota.0.skills",
    ),
]


@pytest.mark.parametrize(("value", "field"), CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(value: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRules) as refused:
        from_json(value)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("text", ["", "[", "[]", "null", "1", '{"skills": 1}', "[" * 100_000])
def test_what_is_no_rules_at_all_is_refused(text: str) -> None:
    with pytest.raises(BadRules):
        parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(to_json(FULL))), JSON, max_size=4))
def test_whatever_is_sent_is_either_read_or_refused(value: dict[str, Any]) -> None:
    try:
        rules = from_json(value)
    except BadRules:
        return
    assert from_json(json.loads(dump(rules))) == rules


# Hours and holidays

HOURS: list[tuple[str, bool]] = [
    ("2026-11-23T08:29", False),  # a Monday
    ("2026-11-23T08:30", True),
    ("2026-11-23T17:29", True),
    ("2026-11-23T17:30", False),
    ("2026-11-22T10:00", False),  # a Sunday
    ("2026-10-01T10:00", False),  # the national day, a Thursday
    ("2026-02-14T10:00", True),  # a Saturday that is worked before the Spring Festival
    ("2039-11-21T10:00", True),  # a Monday of a year nobody has imported
]


@pytest.mark.parametrize(("local", "is_open"), HOURS)
def test_a_group_keeps_office_hours_on_the_work_days_of_the_calendar(local: str, is_open: bool) -> None:
    at = datetime.fromisoformat(f"{local}+08:00")
    assert ("office" not in closed_groups(replace(FULL, closures=()), at)) is is_open


@pytest.mark.parametrize(
    ("local", "is_open"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_hours_may_run_over_midnight(local: str, is_open: bool) -> None:
    rules = LineRules(groups=(Group("day"), Group("night", (NIGHT,))))
    at = datetime.fromisoformat(f"2026-11-23T{local}+08:00")
    assert ("night" not in closed_groups(rules, at)) is is_open


def test_the_night_after_a_work_day_belongs_to_that_day() -> None:
    after_work = replace(NIGHT, days=Days.WORK)
    rules = LineRules(groups=(Group("day"), Group("night", (after_work,))))
    saturday_one = datetime.fromisoformat("2026-11-21T01:00+08:00")
    sunday_one = datetime.fromisoformat("2026-11-22T01:00+08:00")
    assert closed_groups(rules, saturday_one) == frozenset()
    assert closed_groups(rules, sunday_one) == {"night"}


def test_groups_without_hours_are_open_round_the_clock() -> None:
    rules = LineRules(groups=(Group("general"),))
    assert all(not closed_groups(rules, NINE + timedelta(hours=hour)) for hour in range(24))


def test_a_closure_closes_a_group_whatever_its_hours_say() -> None:
    assert closed_groups(FULL, NINE + timedelta(hours=1)) == {"office"}


def test_if_all_groups_are_closed_whoever_is_there_may_answer() -> None:
    rules = LineRules(groups=(Group("a", (OFFICE,)), Group("b", (OFFICE,))))
    assert closed_groups(rules, datetime.fromisoformat("2026-11-22T10:00+08:00")) == frozenset()


def test_the_whole_line_is_closed_only_for_as_long_as_was_said() -> None:
    rules = LineRules(closures=(Closure(NINE, NINE + timedelta(hours=1), why="割接"),))
    assert line_closed(rules, NINE) == "割接"
    assert line_closed(rules, NINE + timedelta(hours=1)) is None
    assert line_closed(LineRules(), NINE) is None
