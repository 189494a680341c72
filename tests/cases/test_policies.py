"""What each city promises, profile by profile."""

from dataclasses import replace

import pytest

from cases.calendar import OFFICE_HOURS
from cases.limits import Limit, Unit
from cases.numbers import WHOLE_DAY, block_of
from cases.policies import COMMON, POLICIES, ClockKind, Intent, Policy, Row, Urgency
from cases.policy_check import changes, shadowed, unpromised
from cases.rule_text import hours_of, hours_to_text, policy_of, rows_to_text
from cases.rules import rules_for


@pytest.mark.parametrize(
    ("policy", "clock", "intent", "limit"),
    [
        ("fuzhou-2010", "read", "投诉", "2个工作日"),
        ("fuzhou-2010", "reply", "咨询", "10个工作日"),
        ("fuzhou-2010", "reply", "投诉", "10个工作日"),
        ("fuzhou-2017", "read", "咨询", "2个工作日"),
        ("fuzhou-2017", "reply", "咨询", "2个工作日"),
        ("fuzhou-2017", "reply", "求助", "3个工作日"),
        ("fuzhou-2017", "reply", "建议", "5个工作日"),
        ("fuzhou-2017", "reply", "投诉", "10个工作日"),
        ("fuzhou-2017", "reply", "举报", "10个工作日"),
        ("gulou-2020", "reply", "投诉", "7个工作日"),
        ("gulou-2020", "frontline_accept", "投诉", "10分钟"),
        ("gulou-2020", "frontline_respond", "投诉", "1个工作小时"),
        ("shishi-2016", "reply", "咨询", "3个工作日"),
        ("shishi-2016", "reply", "求助", "3个工作日"),
        ("shishi-2016", "reply", "建议", "5个工作日"),
        ("haikou-2017", "reply", "投诉", "48小时"),
        ("beijing-2023", "reply", "投诉", "7天"),
        ("beijing-2023", "dispatch", "投诉", "24小时"),
    ],
)
def test_the_profiles_promise_what_the_cities_did(policy: str, clock: str, intent: str, limit: str) -> None:
    found = POLICIES[policy].limit(ClockKind(clock), Intent(intent))
    assert found is not None
    assert found.text == limit


@pytest.mark.parametrize(
    ("policy", "clock", "urgency", "limit"),
    [
        ("gulou-2020", "reply", "特急", "24小时"),
        ("haikou-2017", "on_site", "紧急", "30分钟"),
        ("beijing-2023", "reply", "特急", "2小时"),
        ("beijing-2023", "reply", "紧急", "24小时"),
        ("beijing-2023", "dispatch", "特急", "1小时"),
        ("beijing-2023", "dispatch", "紧急", "2小时"),
    ],
)
def test_what_is_urgent_has_shorter_limits(policy: str, clock: str, urgency: str, limit: str) -> None:
    found = POLICIES[policy].limit(ClockKind(clock), Intent.HELP, Urgency(urgency))
    assert found is not None
    assert found.text == limit


def test_an_item_of_the_service_list_has_three_days_and_never_more_than_its_intent() -> None:
    fuzhou = POLICIES["fuzhou-2017"]
    complaint = fuzhou.limit(ClockKind.REPLY, Intent.COMPLAINT, listed=True)
    question = fuzhou.limit(ClockKind.REPLY, Intent.CONSULT, listed=True)
    assert complaint is not None
    assert question is not None
    assert (complaint.amount, question.amount) == (3, 2)


def test_a_hard_matter_has_fifteen_days_in_beijing() -> None:
    limit = POLICIES["beijing-2023"].limit(ClockKind.REPLY, Intent.COMPLAINT, hard=True)
    assert limit is not None
    assert limit.text == "15天"


def test_what_a_city_did_not_promise_has_no_limit() -> None:
    assert POLICIES["gulou-2020"].limit(ClockKind.READ) is None
    assert POLICIES["haikou-2017"].limit(ClockKind.ON_SITE, Intent.HELP) is None
    assert all(policy.limit(ClockKind.CONTACT) is None for policy in POLICIES.values())


@pytest.mark.parametrize(
    ("clock", "limit"),
    [
        ("accept", "1个工作日"),
        ("return_decision", "1个工作日"),
        ("unit_review", "1个工作日"),
        ("centre_review", "1个工作日"),
        ("final_review", "1个工作日"),
        ("feedback", "1个工作日"),
        ("callback", "1个工作日"),
        ("frontline_accept", "10分钟"),
        ("frontline_respond", "1个工作小时"),
    ],
)
@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_profile_limits_each_step_of_the_centre(policy: str, clock: str, limit: str) -> None:
    found = POLICIES[policy].limit(ClockKind(clock), Intent.COMPLAINT)
    assert found is not None
    assert found.text == limit


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_no_row_of_a_profile_is_in_vain_but_where_the_city_has_promised_the_same_itself(policy: str) -> None:
    rows = POLICIES[policy].rows
    own = len(rows) - len(COMMON)
    assert all(later >= own > earlier for later, earlier in shadowed(rows).items())
    assert unpromised(POLICIES[policy]) == []


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_profile_limits_the_reply_to_every_case(policy: str) -> None:
    assert all(
        POLICIES[policy].limit(ClockKind.REPLY, intent, urgency) for intent in Intent for urgency in Urgency
    )


def test_rules_are_built_from_names() -> None:
    rules = rules_for("rh", policy="shishi-2016")
    assert (rules.city_code, rules.policy.version, rules.zone.key) == ("RH", "shishi-2016", "Asia/Shanghai")
    assert rules.node_block == WHOLE_DAY
    assert rules_for("RH", node=2).node_block == block_of(2)


@pytest.mark.parametrize("names", [{"policy": "atlantis"}, {"hours": "never"}, {"zone": "Mars/Olympus"}])
def test_an_unknown_name_stops_at_the_start(names: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        rules_for("RH", **names)  # type: ignore[arg-type]  # one option at a time


# What an editor is told


def _limit(amount: int) -> Limit:
    return Limit(amount, Unit.WORKING_DAY)


def test_a_row_behind_one_that_fits_all_of_its_cases_does_nothing() -> None:
    complaint = frozenset({Intent.COMPLAINT})
    rows = (
        Row(ClockKind.REPLY, _limit(5), intents=complaint),
        Row(ClockKind.REPLY, _limit(3), intents=complaint, urgencies=frozenset({Urgency.URGENT})),
        Row(ClockKind.REPLY, _limit(3), intents=frozenset(Intent)),
        Row(ClockKind.REPLY, _limit(9), hard=True),
        Row(ClockKind.READ, _limit(3)),
    )
    assert shadowed(rows) == {1: 0, 3: 2}


def test_cases_without_a_promise_are_named() -> None:
    row = Row(ClockKind.REPLY, _limit(5), urgencies=frozenset({Urgency.NORMAL}))
    missing = unpromised(Policy("x", "x", (row,)))
    assert (Intent.HELP, Urgency.URGENT) in missing
    assert len(missing) == len(Intent) * 2


def test_what_another_policy_changes_is_said_once_for_all_intents_alike() -> None:
    old, new = POLICIES["fuzhou-2010"], POLICIES["shishi-2016"]
    found = changes(old, new)
    assert {each.urgencies for each in found} == {tuple(Urgency)}
    said = {
        (each.clock, "".join(each.intents)): (
            each.before and each.before.text,
            each.after and each.after.text,
        )
        for each in found
    }
    assert said == {
        ("read", "咨询求助投诉举报建议表扬其他"): ("2个工作日", None),
        ("reply", "咨询求助"): ("10个工作日", "3个工作日"),
        ("reply", "投诉举报建议表扬其他"): ("10个工作日", "5个工作日"),
    }
    assert changes(old, old) == []


def test_what_depends_on_the_list_or_on_hardness_is_said_by_itself() -> None:
    found = changes(POLICIES["fuzhou-2010"], POLICIES["fuzhou-2017"])
    listed = [("".join(each.intents), each.after and each.after.amount) for each in found if each.listed]
    # A question has two days on the list as elsewhere, and help three: nothing more to say of them.
    assert listed == [("投诉举报建议表扬其他", 3)]
    assert not any(each.hard for each in found)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.version)
def test_a_policy_is_read_as_it_was_kept(policy: Policy) -> None:
    assert policy_of(policy.version, policy.title, rows_to_text(policy.rows)) == policy


@pytest.mark.parametrize("name", sorted(OFFICE_HOURS))
def test_office_hours_are_read_as_they_were_kept(name: str) -> None:
    assert hours_of(name, hours_to_text(OFFICE_HOURS[name].rules), earlier=None) == OFFICE_HOURS[name]


def test_a_unit_keeps_its_own_hours_else_those_above_it_else_those_of_its_kind() -> None:
    county, plain, city = (OFFICE_HOURS[name] for name in ("fuzhou-county", "plain", "fuzhou"))
    rules = replace(rules_for("RH"), hours_of_kind={"utility": plain}, hours_of_unit={"yt": county})
    assert rules.hours_for("town", "yt-zs", "yt", "city") is county
    assert rules.hours_for("utility", "gas", "city") is plain
    assert rules.hours_for("utility", "yt") is county
    assert rules.hours_for("dept", "szgc", "city") is city
    assert not rules_for("RH").has_own_hours
