"""What stands before every view."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from console import guard
from console.permissions import demand_of
from storage.errors import StoreDown
from tests.console.world import Browser, World

DESK_SOCKET, WALL_SOCKET, SIP_SOCKET = "/live/desk", "/live/wall", "/sip"


def test_every_route_declares_a_permission(world: World) -> None:
    missing = [
        f"{route.method} {route.resource.canonical if route.resource else route}"
        for route in world.app.router.routes()
        if demand_of(route) is None
    ]
    assert missing == []


async def test_a_route_that_declares_nothing_is_refused_to_everybody(world: World) -> None:
    async def forgotten(_: web.Request) -> web.Response:
        return web.Response(text="secret")

    world.app.router._frozen = False
    world.app.router.add_get("/forgotten", forgotten)
    lead = await world.signed_in("lead")
    assert (await lead.get("/forgotten")).status == 403
    assert (await world.browser().get("/forgotten")).status == 403


@pytest.mark.parametrize("path", ["/", "/login", "/call", "/desk", "/nowhere", "/healthz", "/i18n/zh.json"])
async def test_every_answer_carries_the_security_headers(world: World, path: str) -> None:
    seen = await world.browser().get(path)
    assert seen.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Referrer-Policy"] == "same-origin"
    assert "microphone=(self)" in seen.headers["Permissions-Policy"]


async def test_pages_of_signed_in_people_carry_the_headers_and_are_not_kept(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.get("/desk")
    assert seen.status == 200
    assert seen.headers["Content-Security-Policy"] == guard.CSP
    assert seen.headers["Cache-Control"] == "no-store"


async def test_who_is_not_signed_in_is_sent_to_the_login_page_and_back(world: World) -> None:
    seen = await world.browser().get("/cases?q=%E8%B7%AF%E7%81%AF")
    assert seen.status == 303
    where = URL(seen.headers["Location"])
    assert where.path == "/login"
    assert where.query == {"next": "/cases?q=%E8%B7%AF%E7%81%AF"}


async def test_scripts_that_are_not_signed_in_are_told_401(world: World) -> None:
    seen = await world.browser().get("/api/directory")
    assert seen.status == 401
    assert "登录" in seen.json["error"]


async def test_an_agent_may_not_see_the_wall_nor_an_administrator_the_cases(world: World) -> None:
    assert (await (await world.signed_in("1001")).get("/wall")).status == 403
    assert (await (await world.signed_in("admin")).get("/cases")).status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_form_from_a_foreign_page_is_refused(world: World, origin: str) -> None:
    seen = await world.browser().post_form("/login", {"login": "1001", "password": "x"}, {"Origin": origin})
    assert seen.status == 403


async def test_a_request_that_does_not_say_where_it_comes_from_is_refused(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.post_form("/logout", {}, {"Origin": ""})).status == 403
    seen = await agent.post_form("/logout", {}, {"Origin": "", "Sec-Fetch-Site": "same-origin"})
    assert seen.status == 303


@pytest.mark.parametrize("path", [DESK_SOCKET, WALL_SOCKET, SIP_SOCKET])
async def test_a_socket_opened_by_a_foreign_page_is_refused_despite_a_good_cookie(
    world: World, path: str
) -> None:
    login = {DESK_SOCKET: "1001", WALL_SOCKET: "lead", SIP_SOCKET: "1001"}[path]
    browser = await world.signed_in(login)
    assert await _handshake(browser, path, {"Origin": "https://evil.example"}) == 403
    assert await _handshake(browser, path, {"Origin": ""}) == 403


@pytest.mark.parametrize("path", [DESK_SOCKET, WALL_SOCKET, SIP_SOCKET])
async def test_a_socket_without_a_session_is_refused(world: World, path: str) -> None:
    assert await _handshake(world.browser(), path) == 401


async def test_an_agent_may_not_listen_to_the_wall_nor_a_supervisor_open_a_desk(world: World) -> None:
    assert await _handshake(await world.signed_in("1001"), WALL_SOCKET) == 403
    assert await _handshake(await world.signed_in("dispatcher"), DESK_SOCKET) == 403


async def test_a_signed_in_form_without_the_right_token_is_refused(world: World) -> None:
    agent = await world.signed_in("1001")
    agent.csrf = "wrong"
    assert (await agent.post_form("/logout", {})).status == 403
    agent.csrf = ""
    assert (await agent.post_form("/logout", {})).status == 403
    assert (await agent.get("/desk")).status == 200


async def test_the_token_of_another_session_is_no_token(world: World) -> None:
    agent, other = await world.signed_in("1001"), await world.signed_in("1002")
    agent.csrf = other.csrf
    body = {"fields": {"title": "路灯"}}
    assert (await agent.send_json("PUT", "/api/drafts/hotline1-1.0", body)).status == 403


async def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    agent = await world.signed_in("1001")
    body = {"fields": {"content": "路" * 40_000}}
    seen = await agent.send_json("PUT", "/api/drafts/hotline1-1.0", body)
    assert seen.status == 413
    assert "64 KB" in seen.json["error"]


async def test_a_body_that_hides_its_size_is_cut_off_at_the_limit(world: World) -> None:
    agent = await world.signed_in("1001")

    async def endless() -> object:
        for _ in range(40):
            yield b"x" * 4096

    headers = {"Origin": world.origin, "Cookie": agent.cookie, "X-CSRF": agent.csrf}
    headers["Content-Type"] = "application/json"
    async with world.client.put(world.url("/api/drafts/c1"), headers=headers, data=endless()) as answer:
        assert answer.status == 413


async def test_a_store_that_is_down_is_told_in_chinese_and_nothing_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await world.signed_in("1001")

    async def down(*_: object, **__: object) -> None:
        raise StoreDown("disk full")

    monkeypatch.setattr(world.store, "write", down)
    seen = await agent.send_json("PUT", "/api/drafts/hotline1-1.0", {"fields": {"title": "路灯"}})
    assert seen.status == 503
    assert "不会丢失" in seen.json["error"]
    assert "disk" not in seen.text


async def test_an_error_page_speaks_english_to_who_asked_for_it(world: World) -> None:
    assert "没有找到" in (await world.browser().get("/nowhere")).text
    assert "no such page" in (await world.browser(Cookie="lang=en").get("/nowhere")).text


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"', "[" * 5000, json.dumps({"a": {}})])
async def test_what_is_no_form_is_refused_in_words(world: World, body: str) -> None:
    agent = await world.signed_in("1001")
    headers = {"Origin": world.origin, "Cookie": agent.cookie, "X-CSRF": agent.csrf}
    headers["Content-Type"] = "application/json"
    seen = await world.ask("POST", "/api/cases", headers=headers, data=body)
    assert seen.status == 400
    assert seen.json.get("error") or seen.json["errors"]


async def test_json_under_another_name_is_refused(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json("PUT", "/api/drafts/c1", {"fields": {}}, {"Content-Type": "text/plain"})
    assert seen.status == 415


async def _handshake(browser: Browser, path: str, headers: dict[str, str] | None = None) -> int:
    try:
        async with browser.socket(path, headers):
            return 101
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status


async def test_a_view_that_takes_too_long_is_given_up_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await world.signed_in("1001")
    monkeypatch.setattr(guard, "SECONDS", 0.05)

    async def stuck(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(world.store, "write", stuck)
    seen = await agent.send_json("PUT", "/api/drafts/hotline1-1.0", {"fields": {"title": "路灯"}})
    assert seen.status == 503
    assert "稍候" in seen.json["error"]


async def test_static_files_are_served_and_nothing_beside_them(world: World) -> None:
    browser = world.browser()
    style = await browser.get("/static/css/tokens.css?v=1")
    assert style.status == 200
    assert "immutable" in style.headers["Cache-Control"]
    assert style.headers["Content-Security-Policy"] == guard.CSP
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/",
        "/static/css",
    ):
        assert (await browser.get(path)).status in {403, 404}
