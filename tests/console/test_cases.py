"""The list of cases, the page of one, and its moves."""

import asyncio
import re

import pytest

from cases.workflow import Secrecy
from storage import cases
from tests.console.making import CATEGORY, NUMBER, a_case
from tests.console.world import Browser, World

DISPATCH = {"move": "dispatch", "lead": "szgc", "instruction": "请尽快处理"}
REPLY = {
    "move": "reply",
    "handled_text": "更换损坏的灯具两盏。",
    "public_text": "路灯已于今日修复。",
    "factual": "属实",
    "resolution": "full",
    "contacted": "yes",
}


async def moves_of(browser: Browser, no: str) -> list[str]:
    return [move["name"] for move in (await browser.get(f"/api/cases/{no}")).json["moves"]]


async def make(browser: Browser, no: str, **form: str) -> int:
    return (await browser.post_form(f"/cases/{no}/moves", form)).status


async def test_a_case_goes_through_the_whole_circuit_by_its_page(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher, handler = await world.signed_in("dispatcher"), await world.signed_in("handler")
    assert await make(dispatcher, no, **DISPATCH) == 303
    assert await make(handler, no, move="read") == 303
    assert await make(handler, no, **REPLY) == 303
    assert await make(await world.signed_in("reviewer"), no, move="pass_review") == 303
    assert await make(await world.signed_in("final"), no, move="pass_final") == 303
    caller = await world.signed_in("callback")
    assert await make(caller, no, move="feed_back", channel="电话", delivered="yes") == 303
    assert await make(caller, no, move="close", result="reached", satisfied="满意", solved="full") == 303
    case = await world.store.read(lambda conn: cases.case(conn, no))
    assert case.state == "closed"
    assert case.public_reply == "路灯已于今日修复。"
    page = await caller.get(f"/cases/{no}")
    for word in ("登记", "批转", "查阅", "提交答复", "审核通过", "终审通过", "已反馈", "回访并办结"):
        assert word in page.text


async def test_the_page_offers_the_moves_that_the_role_may_make_now(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher, reviewer = await world.signed_in("dispatcher"), await world.signed_in("reviewer")
    assert "dispatch" in await moves_of(dispatcher, no)  # which makes it ready in the same step
    lead = await world.signed_in("lead")
    assert {"make_ready", "refuse", "invalidate", "merge"} <= set(await moves_of(lead, no))
    assert await moves_of(reviewer, no) == ["reclassify"]
    await make(dispatcher, no, **DISPATCH)
    handler = await world.signed_in("handler")
    assert "read" in await moves_of(handler, no)
    assert "reply" not in await moves_of(handler, no)


async def test_a_move_the_role_may_not_make_is_refused(world: World) -> None:
    no = (await a_case(world)).no
    reviewer = await world.signed_in("reviewer")
    seen = await reviewer.send_json("POST", f"/api/cases/{no}/moves", DISPATCH)
    assert seen.status == 403
    assert "无权" in seen.json["error"]


async def test_a_move_that_does_not_fit_the_state_is_told_on_the_page(world: World) -> None:
    no = (await a_case(world)).no
    seen = await (await world.signed_in("reviewer")).post_form(f"/cases/{no}/moves", {"move": "pass_review"})
    assert seen.status == 409
    assert "不能" in seen.text


async def test_of_two_dispatchers_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    no = (await a_case(world)).no
    one, two = await world.signed_in("dispatcher"), await world.signed_in("lead")
    both = await asyncio.gather(
        *(who.send_json("POST", f"/api/cases/{no}/moves", DISPATCH) for who in (one, two))
    )
    assert sorted(seen.status for seen in both) == [200, 409]
    loser = next(seen for seen in both if seen.status == 409)
    assert loser.json["error"]


async def test_who_looked_at_an_older_version_is_told_to_look_again(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher = await world.signed_in("dispatcher")
    await make(dispatcher, no, **DISPATCH)
    handler = await world.signed_in("handler")
    seen = await handler.post_form(f"/cases/{no}/moves", {"move": "read", "version": "1"})
    assert seen.status == 409
    assert "已被他人处理" in seen.text


async def test_a_refused_form_keeps_what_was_typed(world: World) -> None:
    no = (await a_case(world)).no
    await make(await world.signed_in("dispatcher"), no, **DISPATCH)
    handler = await world.signed_in("handler")
    await make(handler, no, move="read")
    long_text = "已到现场查看," * 20
    seen = await handler.post_form(
        f"/cases/{no}/moves", REPLY | {"handled_text": long_text, "factual": "也许"}
    )
    assert seen.status == 400
    assert long_text in seen.text
    assert "不在可选范围内" in seen.text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"move": "drop_table"},
        {"move": "withdraw"},
        {"move": "start_draft"},
        {"move": ["dispatch"]},
        {"move": "dispatch", "lead": 5},
        {"move": "dispatch", "lead": "szgc", "state": "closed"},
        {"move": "dispatch", "lead": ""},
        {"move": "extend", "amount": "-1", "reason": "x"},
        {"move": "extend", "amount": "9" * 50, "reason": "x"},
    ],
)
async def test_moves_that_are_none_are_refused(world: World, form: dict[str, object]) -> None:
    no = (await a_case(world)).no
    dispatcher = await world.signed_in("dispatcher")
    seen = await dispatcher.send_json("POST", f"/api/cases/{no}/moves", form)
    assert seen.status == 400
    assert (await world.store.read(lambda conn: cases.case(conn, no))).version == 1


async def test_a_unit_sees_its_own_cases_only_wherever_it_looks(world: World) -> None:
    no = (await a_case(world)).no
    await make(await world.signed_in("dispatcher"), no, **DISPATCH)
    works, water = await world.signed_in("liaison"), await world.signed_in("water")
    assert no in (await works.get("/cases")).text
    assert no not in (await water.get("/cases?unit=szgc")).text
    assert (await water.get(f"/cases/{no}")).status == 404
    assert (await water.get(f"/api/cases/{no}")).status == 404
    assert (await water.send_json("POST", f"/api/cases/{no}/moves", {"move": "read"})).status == 404
    assert (await works.get(f"/cases/{no}")).status == 200


async def test_a_unit_reads_the_text_by_the_move_that_stops_the_reading_clock(world: World) -> None:
    no = (await a_case(world)).no
    await make(await world.signed_in("dispatcher"), no, **DISPATCH)
    liaison = await world.signed_in("liaison")
    assert "老人晚上出行" not in (await liaison.get(f"/cases/{no}")).text
    await make(liaison, no, move="read")
    assert "老人晚上出行" in (await liaison.get(f"/cases/{no}")).text


async def test_numbers_are_masked_but_for_the_agent_on_the_call(world: World) -> None:
    no = (await a_case(world)).no
    agent, other = await world.signed_in("1001"), await world.signed_in("1002")
    assert "138****3456" in (await agent.get(f"/cases/{no}")).text
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    world.engine.seat_offered("hotline1-1.0", "s1001", world.clock())
    world.engine.talk_ended("hotline1-1.0", world.clock())
    world.engine.caller_joined("hotline1-2.0", "PJSIP/trunk-2", NUMBER, world.clock())
    world.engine.seat_offered("hotline1-2.0", "s1001", world.clock())
    assert NUMBER in (await agent.get(f"/api/cases/{no}")).json["contact_number"]
    assert (await other.get(f"/api/cases/{no}")).json["contact_number"] == "138****3456"


async def test_a_confidential_case_hides_the_citizen_from_the_unit(world: World) -> None:
    no = (await a_case(world, confidential=Secrecy.HIDE_CONTACT)).no
    await make(await world.signed_in("dispatcher"), no, **DISPATCH)
    liaison = await world.signed_in("liaison")
    await make(liaison, no, move="read")
    seen = (await liaison.get(f"/api/cases/{no}")).json
    assert seen["contact_name"] == seen["contact_number"] == ""
    page = await liaison.get(f"/cases/{no}")
    assert "林女士" not in page.text
    assert "3456" not in page.text


async def test_an_unknown_case_is_not_found(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.get("/cases/RH261122-99999-0")).status == 404
    assert (await agent.get("/api/cases/x")).status == 404


async def test_cases_are_found_by_words_number_state_and_day(world: World) -> None:
    light, water = await a_case(world), await a_case(world, title="水管爆裂", content="河埂路水管爆裂")
    agent = await world.signed_in("1001")

    async def found(query: str) -> set[str]:
        return set(re.findall(r"RH\d{6}-\d{5}-\d", (await agent.get(f"/cases?{query}")).text))

    assert await found("") == {light.no, water.no}
    assert await found("q=水管") == {water.no}
    assert await found(f"q={light.digits}") == {light.no}
    assert await found(f"q={NUMBER}") == {light.no, water.no}
    assert await found("state=registered") == {light.no, water.no}
    assert await found("state=closed") == set()
    assert await found("since=2026-11-23&until=2026-11-23") == {light.no, water.no}
    assert await found("since=2026-11-24") == set()
    assert await found("intent=咨询") == set()
    assert await found("q=&state=&intent=&unit=&since=&until=&page=1&lang=zh") == {light.no, water.no}


async def test_lists_go_page_by_page(world: World) -> None:
    for number in range(21):
        await a_case(world, title=f"路灯 {number}")
    agent = await world.signed_in("1001")
    first, second = (await agent.get("/cases")).text, (await agent.get("/cases?page=2")).text
    assert len(set(re.findall(r"RH\d{6}-\d{5}-\d", first))) == 20
    assert len(set(re.findall(r"RH\d{6}-\d{5}-\d", second))) == 1


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=9999", "state=all", "since=yesterday", "since=0001-01-01", "a=b"],
)
async def test_a_filter_that_is_none_is_refused(world: World, query: str) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.get(f"/cases?{query}")
    assert seen.status == 400


async def test_a_case_is_filed_under_its_matter(world: World) -> None:
    case = await a_case(world)
    agent = await world.signed_in("1001")
    assert (await agent.get(f"/api/cases/{case.no}")).json["category"] == CATEGORY
