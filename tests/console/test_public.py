"""What citizens use."""

import asyncio

import pytest

from storage.engine import Store
from tests.console.making import a_case
from tests.console.world import World, world_of


async def test_a_citizen_sees_how_the_case_stands(world: World) -> None:
    case = await a_case(world)
    seen = await world.browser().post_form("/", {"digits": case.digits, "code": case.code})
    assert seen.status == 200
    assert "鳌峰新村路灯不亮" in seen.text
    assert "受理" in seen.text


async def test_the_number_may_be_typed_as_it_is_written(world: World) -> None:
    case = await a_case(world)
    seen = await world.browser().post_form("/", {"digits": f" {case.no} ", "code": case.code})
    assert seen.status == 200
    assert "鳌峰新村路灯不亮" in seen.text


async def test_the_status_page_shows_nothing_personal(world: World) -> None:
    case = await a_case(world)
    seen = await world.browser().post_form("/", {"digits": case.digits, "code": case.code})
    assert "13850123456" not in seen.text
    assert "3456" not in seen.text
    assert "老人晚上出行" not in seen.text


async def test_a_wrong_code_and_an_unknown_number_give_the_same_page_to_the_byte(world: World) -> None:
    case = await a_case(world)
    wrong = f"{(int(case.code) + 1) % 1_000_000:06}"
    for_code = await world.browser().post_form("/", {"digits": case.digits, "code": wrong})
    for_number = await world.browser().post_form("/", {"digits": "261122999990", "code": case.code})
    assert for_code.status == for_number.status == 404
    assert for_code.text == for_number.text
    assert {name: value for name, value in for_code.headers.items() if name != "Date"} == {
        name: value for name, value in for_number.headers.items() if name != "Date"
    }


async def test_every_answer_takes_at_least_the_same_time(world: World) -> None:
    loop = asyncio.get_running_loop()
    for form in ({"digits": "261122999990", "code": "123456"}, {"digits": "1", "code": ""}):
        began = loop.time()
        await world.browser().post_form("/", form)
        assert loop.time() - began >= 0.29


async def test_five_tries_a_minute_are_let_through(world: World) -> None:
    browser = world.browser()
    form = {"digits": "261122999990", "code": "123456"}
    assert [(await browser.post_form("/", form)).status for _ in range(6)] == [404] * 5 + [429]
    world.clock.pass_(seconds=61)
    assert (await browser.post_form("/", form)).status != 429


async def test_five_wrong_codes_lock_the_number_even_for_the_right_code(world: World) -> None:
    case = await a_case(world)
    wrong = f"{(int(case.code) + 1) % 1_000_000:06}"
    browser = world.browser()
    for _ in range(5):
        await browser.post_form("/", {"digits": case.digits, "code": wrong})
        world.clock.pass_(seconds=61)
    assert (await browser.post_form("/", {"digits": case.digits, "code": case.code})).status == 423
    world.clock.pass_(minutes=31)
    assert (await browser.post_form("/", {"digits": case.digits, "code": case.code})).status == 200


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"digits": ""},
        {"digits": "12", "code": "34"},
        {"digits": "路灯", "code": "１２３４５６"},
        {"digits": "2" * 30, "code": "1"},
    ],
)
async def test_what_is_no_number_is_said_to_be_none(world: World, form: dict[str, str]) -> None:
    assert (await world.browser().post_form("/", form)).status == 400


async def test_an_unknown_field_is_refused(world: World) -> None:
    seen = await world.browser().post_form("/", {"digits": "261122999990", "code": "123456", "admin": "1"})
    assert seen.status == 400


@pytest.mark.parametrize("path", ["/", "/call"])
async def test_public_pages_are_not_for_search_engines(world: World, path: str) -> None:
    assert (await world.browser().get(path)).headers["X-Robots-Tag"] == "noindex"


async def test_the_status_page_needs_no_script(world: World) -> None:
    text = (await world.browser().get("/")).text
    assert 'method="post"' in text
    assert 'name="digits"' in text


async def test_an_agent_who_is_signed_in_can_use_the_public_page(world: World) -> None:
    case = await a_case(world)
    agent = await world.signed_in("1001")
    agent.csrf = ""
    assert (await agent.post_form("/", {"digits": case.digits, "code": case.code})).status == 200


async def test_a_citizens_phone_can_reach_nothing_but_the_hotline(world: World) -> None:
    seen = await world.browser().send_json("POST", "/api/webphone", {"number": "13850123456"})
    assert seen.status == 200
    phone = seen.json
    endpoint = world.exchange.objects[f"endpoint/{phone['user']}"]
    assert endpoint["context"] == "hotline-webphone"
    assert endpoint["callerid"] == "<13850123456>"
    assert world.exchange.objects[f"auth/{phone['user']}"]["password"] == phone["secret"]
    assert phone["user"].startswith("w")
    assert len(phone["user"]) == 17
    assert phone["ws"].startswith("/sip?phone=")
    assert phone["secret"] not in phone["ws"]


@pytest.mark.parametrize(
    "number", ["12", "1" * 21, "138-5012", "138\r\nX: y", '"x" <1>', "路灯", "+", "１３８５０１２３４５６"]
)
async def test_a_number_that_is_none_never_reaches_asterisk(world: World, number: str) -> None:
    seen = await world.browser().send_json("POST", "/api/webphone", {"number": number})
    assert seen.status == 400
    assert world.exchange.asked == []


async def test_one_address_gets_few_phones_a_minute(world: World) -> None:
    browser = world.browser()
    statuses = [(await browser.send_json("POST", "/api/webphone", {})).status for _ in range(6)]
    assert statuses == [200] * 5 + [503]


async def test_the_web_phone_can_be_switched_off(sqlite_store: Store) -> None:
    async with world_of(sqlite_store, allow_webphone=False) as world:
        seen = await world.browser().send_json("POST", "/api/webphone", {})
        assert seen.status == 503
        assert "12345" in seen.json["error"]


async def test_behind_a_proxy_the_last_forwarded_address_counts(sqlite_store: Store) -> None:
    async with world_of(sqlite_store, behind_proxy=True) as world:
        form = {"digits": "261122999990", "code": "123456"}
        for number in range(6):
            # The browser can write the first entries, the proxy writes the last.
            browser = world.browser(**{"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9"})
            last = await browser.post_form("/", form)
        assert last.status == 429
        assert (await world.browser(**{"X-Forwarded-For": "203.0.113.10"}).post_form("/", form)).status != 429


async def test_without_a_proxy_the_forwarded_address_is_not_believed(world: World) -> None:
    form = {"digits": "261122999990", "code": "123456"}
    for number in range(6):
        last = await world.browser(**{"X-Forwarded-For": f"10.0.0.{number}"}).post_form("/", form)
    assert last.status == 429
