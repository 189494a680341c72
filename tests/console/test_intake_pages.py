"""Registering what did not come by telephone: one series of numbers, one set of clocks, whatever the channel."""

import re

import pytest

from cases.workflow import Role
from storage import cases, people
from storage.cases import Filters
from storage.people import Account
from tests.console.making import CATEGORY, NUMBER, a_case
from tests.console.world import HASH, Browser, Seen, World
from tests.makers import MORNING

FORM = {
    "channel": "mail",
    "intent": "投诉",
    "urgency": "一般",
    "category": CATEGORY,
    "title": "鼓东街道路灯不亮",
    "content": "2月14日16时29分起路灯不亮。",
    "address": "鼓东街道8号",
    "contact_name": "林女士",
    "contact_number": "13799990000",
    "reply_way": "电话",
}


async def fill(browser: Browser, **changes: str) -> Seen:
    page = await browser.get("/cases/new")
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key is not None
    return await browser.post_form("/cases/new", FORM | {"key": key[1]} | changes)


def numbers(text: str) -> list[str]:
    return re.findall(r'href="/cases/(RH\d{6}-\d{5}-\d)"', text)


async def test_f10_01_five_channels_end_in_one_series_with_the_same_clocks(world: World) -> None:
    agent = await world.signed_in("1001")
    filed = [(await a_case(world)).no]
    for channel in ("web", "fax", "sms", "mail"):
        seen = await fill(
            agent, channel=channel, title=f"路灯不亮{channel}", contact_number="", reply_way="无需回复"
        )
        assert seen.status == 200
        filed += numbers(seen.text)
    views = await world.store.read(lambda conn: [cases.case(conn, no) for no in filed])
    assert [view.channel for view in views] == ["phone", "web", "fax", "sms", "mail"]
    serials = [int(no.split("-")[1]) for no in filed]
    assert serials == list(range(serials[0], serials[0] + 5))
    assert {(view.state, tuple((c.kind, c.due_at) for c in view.clocks)) for view in views} == {
        (views[0].state, tuple((c.kind, c.due_at) for c in views[0].clocks))
    }


async def test_a_message_that_is_entered_twice_is_one_case(world: World) -> None:
    first = await fill(await world.signed_in("1001"), message_id="<a@mail.example>")
    again = await fill(await world.signed_in("1002"), message_id="<a@mail.example>", seen="1")
    assert numbers(first.text) == numbers(again.text)
    assert "早已登记" in again.text


async def test_a_form_that_is_sent_twice_is_one_case(world: World) -> None:
    agent = await world.signed_in("1001")
    one, two = [await agent.post_form("/cases/new", FORM | {"key": "k-1234567", "seen": "1"}) for _ in "12"]
    assert numbers(one.text) == numbers(two.text)


async def test_an_open_case_of_the_same_caller_is_shown_first(world: World) -> None:
    before = (await a_case(world)).no
    agent = await world.signed_in("1001")
    seen = await fill(agent, contact_number=NUMBER)
    assert before in numbers(seen.text)
    assert "可能已有同一诉求" in seen.text
    found = await world.store.read(lambda conn: cases.search(conn, Filters(words=NUMBER)))
    assert found.total == 1
    await fill(agent, contact_number=NUMBER, seen="1")
    found = await world.store.read(lambda conn: cases.search(conn, Filters(words=NUMBER)))
    assert found.total == 2


async def test_what_is_wrong_is_said_and_nothing_that_was_typed_is_lost(world: World) -> None:
    seen = await fill(await world.signed_in("1001"), category="9999", contact_number="不知道")
    assert seen.status == 400
    assert "没有这个类别" in seen.text
    assert "2月14日16时29分起路灯不亮。" in seen.text


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.REGISTRAR])
async def test_g_09_a_grid_worker_and_a_registrar_may_register(world: World, role: Role) -> None:
    account = Account("grid", "网格员", role, "dmjd", None)
    await world.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    seen = await fill(await world.signed_in("grid"), channel="grid")
    assert len(set(numbers(seen.text))) == 1


@pytest.mark.parametrize("login", ["handler", "reviewer", "admin"])
async def test_others_may_not(world: World, login: str) -> None:
    assert (await (await world.signed_in(login)).get("/cases/new")).status == 403


async def test_who_registers_finds_the_unit_wished_for_without_a_script(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await fill(agent, looking="unit", find_unit="停水")
    assert numbers(seen.text) == []
    assert 'type="radio" name="unit" value="swjt"' in seen.text
    assert FORM["content"] in seen.text
    filed = await fill(agent, unit="swjt", find_unit="停水")
    (no,) = numbers(filed.text)
    assert (await world.store.read(lambda conn: cases.case(conn, no))).wanted_unit == "swjt"
    page = (await (await world.signed_in("dispatcher")).get(f"/cases/{no}")).text
    assert "登记时希望" in page
    assert re.search(r'name="lead" value="swjt" required><span>水务', page)
