"""What each city promises, profile by profile."""

import pytest

from cases.numbers import WHOLE_DAY, block_of
from cases.policies import POLICIES, ClockKind, Intent, Urgency
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
