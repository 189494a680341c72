"""G-01: what sounds dangerous is asked about before it is filed, and never decided by the machine."""

import re
from pathlib import Path

import pytest

import console
from cases.hazards import HAZARDS, hazards_in
from storage import cases
from storage.cases import CaseView
from tests.console.test_intake_pages import fill, numbers
from tests.console.world import World

URGENT = "0503"
"""A category that proposes urgent."""


async def only(world: World, page: str) -> CaseView:
    (no,) = numbers(page)
    return await world.store.read(lambda conn: cases.case(conn, no))


async def test_words_of_danger_are_shown_before_filing_and_change_nothing(world: World) -> None:
    agent = await world.signed_in("1001")
    asked = await fill(agent, content="小区门口燃气泄漏,有人受伤")
    assert numbers(asked.text) == []
    assert "建议紧急" in asked.text
    assert "燃气泄漏、受伤" in asked.text
    assert '<option value="一般" selected>' in asked.text
    filed = await fill(agent, content="小区门口燃气泄漏,有人受伤", advised="1")
    assert (await only(world, filed.text)).urgency == "一般"  # a person has looked and left it so


async def test_who_has_said_urgent_is_not_asked(world: World) -> None:
    filed = await fill(await world.signed_in("1001"), content="墙体坍塌", urgency="特急")
    assert (await only(world, filed.text)).urgency == "特急"


async def test_what_the_category_proposes_is_preset_and_said(world: World) -> None:
    agent = await world.signed_in("1001")
    asked = await fill(agent, category=URGENT, urgency="")
    assert "该类别默认：紧急" in asked.text
    assert '<option value="紧急" selected>' in asked.text
    filed = await fill(agent, category=URGENT, urgency="紧急", advised="1")
    assert (await only(world, filed.text)).urgency == "紧急"


@pytest.mark.parametrize(("category", "urgency"), [(URGENT, "紧急"), ("0107", "一般")])
async def test_an_urgency_left_empty_is_that_of_the_category(
    world: World, category: str, urgency: str
) -> None:
    filed = await fill(await world.signed_in("1001"), category=category, urgency="", advised="1")
    assert (await only(world, filed.text)).urgency == urgency


async def test_an_order_of_the_desk_without_urgency_is_due_as_its_category_says(world: World) -> None:
    agent = await world.signed_in("1001")
    fields = {
        "title": "电线垂落",
        "content": "电线垂到路面",
        "intent": "投诉",
        "category": URGENT,
        "address": "东门路12号",
        "reply_way": "无需回复",
    }
    seen = await agent.send_json(
        "POST", "/api/cases", {"key": "hints-0001", "action": "register", "call": "", "fields": fields}
    )
    assert seen.status in {200, 201}, seen.text
    case = await world.store.read(lambda conn: cases.case(conn, seen.json["no"]))
    assert case.urgency == "紧急"
    due = next(clock.due_at for clock in case.clocks if clock.kind == "dispatch")
    assert due is not None
    assert seen.json["due_at"] == round(due.timestamp() * 1000)


def test_the_desk_and_the_pages_know_the_same_words() -> None:
    script = (Path(console.__file__).parent / "static/js/desk-form.js").read_text(encoding="utf-8")
    found = re.search(r"const HAZARDS = \[(.*?)\]", script)
    assert found is not None
    assert tuple(re.findall("'([^']+)'", found[1])) == HAZARDS


def test_only_words_of_danger_are_danger() -> None:
    assert hazards_in("路灯不亮", "夜间施工噪声") == ()
    assert hazards_in("井盖缺失", "有人受伤") == ("井盖缺失", "受伤")
