"""Signing in and out."""

import asyncio
from typing import Any

import pytest
from argon2.exceptions import VerificationError

from cases.workflow import Role
from console.entering import home_of, safe_next
from console.sessions import csrf_of, hash_of
from storage import people
from tests.console.world import PASSWORD, QUICK, World


async def test_the_session_cookie_cannot_be_read_stolen_or_sent_from_elsewhere(world: World) -> None:
    seen = await world.browser().sign_in("1001")
    cookie = seen.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hotline=")
    flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= flags
    assert not any(flag.startswith(("domain", "max-age", "expires")) for flag in flags)


async def test_only_the_hash_of_the_session_is_stored(world: World) -> None:
    agent = await world.signed_in("1001")
    token = agent.cookie.partition("=")[2]
    found = await world.store.read(lambda conn: people.sessions_of(conn, "1001", at=world.clock()))
    assert [row.token_hash for row in found] == [hash_of(token)]
    assert len(token) >= 43  # 256 bits


@pytest.mark.parametrize("name", [b"__Host-hotline", b"__Host-hotline-step"])
async def test_a_cookie_of_any_bytes_is_nobodys(world: World, name: bytes) -> None:
    answers, asks = await asyncio.open_connection("127.0.0.1", world.server.port)
    asks.write(
        b"GET /login/second HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: %s=\xff\r\n\r\n" % name
    )
    try:
        assert (await answers.read()).startswith(b"HTTP/1.1 303 ")
    finally:
        asks.close()
        await asks.wait_closed()


async def test_each_sign_in_gives_a_new_session_and_ends_the_browsers_old_one(world: World) -> None:
    agent = await world.signed_in("1001")
    first = agent.cookie
    assert (await agent.sign_in("1001")).status == 303
    assert agent.cookie != first
    agent.cookie = first
    assert (await agent.get("/desk")).status == 303


async def test_a_password_that_cannot_be_checked_is_not_counted_as_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_hasher: Any, _stored: str, _password: str) -> bool:
        raise VerificationError("Memory allocation error")

    with monkeypatch.context() as starved:
        starved.setattr(type(QUICK), "verify", no_memory)
        for _ in range(6):
            assert (await world.browser().sign_in("1001")).status == 503
    assert (await world.browser().sign_in("1001")).status == 303


@pytest.mark.parametrize(
    ("login", "password"), [("1001", "wrong"), ("9999", "wrong"), ("1001", PASSWORD + " "), ("' OR 1=1", "x")]
)
async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(
    world: World, login: str, password: str
) -> None:
    seen = await world.browser().sign_in(login, password)
    assert seen.status == 401
    assert "账号或密码不正确" in seen.text
    assert "Set-Cookie" not in seen.headers


async def test_an_unknown_account_costs_as_many_password_checks_as_a_known_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = type(QUICK).verify

    def counting(hasher: Any, stored: str, password: str) -> bool:
        checked.append(stored)
        return bool(verify(hasher, stored, password))

    monkeypatch.setattr(type(QUICK), "verify", counting)
    await world.browser().sign_in("1001", "wrong")
    await world.browser().sign_in("9999", "wrong")
    assert len(checked) == 2
    assert (
        checked[0].rpartition("$")[0].rpartition("$")[0] == checked[1].rpartition("$")[0].rpartition("$")[0]
    )


async def test_repeated_failures_make_the_next_try_wait_and_wait_longer(world: World) -> None:
    browser = world.browser()
    for _ in range(4):
        assert (await browser.sign_in("1001", "wrong")).status == 401
    slowed = await browser.sign_in("1001")
    assert slowed.status == 429
    assert "秒后再试" in slowed.text
    world.clock.pass_(seconds=3)
    assert (await browser.sign_in("1001", "wrong")).status == 401
    world.clock.pass_(seconds=3)
    assert (await browser.sign_in("1001")).status == 429
    world.clock.pass_(seconds=10)
    assert (await browser.sign_in("1001")).status == 303


async def test_many_tries_at_once_are_not_all_let_through(world: World) -> None:
    answers = await asyncio.gather(*(world.browser().sign_in("1001", "wrong") for _ in range(20)))
    # Three are free; two checks may run at once.
    assert sum(seen.status == 401 for seen in answers) <= 5
    assert sum(seen.status == 429 for seen in answers) >= 15


async def test_at_most_two_passwords_are_checked_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most = 0, 0
    to_thread = asyncio.to_thread

    async def counting(*work: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        try:
            return await to_thread(*work)
        finally:
            running -= 1

    monkeypatch.setattr("console.auth.asyncio.to_thread", counting)
    logins = ("1001", "1002", "lead", "dispatcher", "admin")
    answers = await asyncio.gather(*(world.browser().sign_in(login) for login in logins))
    assert [seen.status for seen in answers] == [303] * 5
    assert most == 2


async def test_a_session_left_alone_ends_and_one_in_use_does_not(world: World) -> None:
    admin, agent = await world.signed_in("admin"), await world.signed_in("1001")
    world.clock.pass_(minutes=14)
    assert (await admin.get("/account")).status == 200
    world.clock.pass_(minutes=16)
    assert (await admin.get("/account")).status == 303
    assert (await agent.get("/desk")).status == 200


async def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.post_form("/logout", {})
    assert seen.status == 303
    assert (await agent.get("/desk")).headers["Location"].startswith("/login")


async def test_one_of_ones_own_sessions_can_be_ended_and_no_one_elses(world: World) -> None:
    here, there, other = [await world.signed_in(login) for login in ("1001", "1001", "1002")]
    shown = await here.get("/account")
    wanted = hash_of(there.cookie.partition("=")[2])[:16]
    assert wanted in shown.text
    theirs = hash_of(other.cookie.partition("=")[2])[:16]
    assert theirs not in shown.text
    assert (await here.post_form(f"/account/sessions/{theirs}/revoke", {})).status == 404
    assert (await here.post_form(f"/account/sessions/{wanted}/revoke", {})).status == 303
    assert (await there.get("/desk")).status == 303
    assert (await other.get("/desk")).status == 200


async def test_the_pages_carry_the_sessions_own_token(world: World) -> None:
    agent = await world.signed_in("1001")
    assert csrf_of(agent.cookie.partition("=")[2]) in (await agent.get("/desk")).text


async def test_a_disabled_account_is_out_within_seconds(world: World) -> None:
    agent = await world.signed_in("1001")
    await world.store.write(lambda conn: people.disable_account(conn, "1001", by="test", at=world.clock()))
    world.clock.pass_(seconds=11)
    assert (await agent.get("/desk")).status == 303
    assert (await agent.sign_in("1001")).status == 401


async def test_the_way_back_after_signing_in_never_leads_to_another_site(world: World) -> None:
    browser = world.browser()
    form = {"login": "1001", "password": PASSWORD}
    seen = await browser.post_form("/login", form | {"next": "https://evil.example/"})
    assert seen.headers["Location"] == "/desk"
    assert (await browser.post_form("/login", form | {"next": "/cases?page=2"})).headers[
        "Location"
    ] == "/cases?page=2"


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "evil", "/a\nb", "javascript:x", "/\tx"]
)
def test_only_plain_paths_of_our_own_lead_back(path: str) -> None:
    assert safe_next(path) == ""


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.AGENT, "/desk"),
        (Role.TEAM_LEAD, "/wall"),
        (Role.LIAISON, "/work"),
        (Role.ADMINISTRATOR, "/wall"),
        (Role.STREET_COMMANDER, "/frontline"),
        (Role.FRONTLINE_RESPONDER, "/frontline"),
        (Role.PUBLICATION_OFFICER, "/publication"),
        (Role.ANALYST, "/cases"),
        (Role.KNOWLEDGE_EDITOR, "/knowledge"),
    ],
)
def test_everybody_begins_where_they_work(role: Role, home: str) -> None:
    assert home_of(role) == home


@pytest.mark.parametrize("field", ["login", "password", "next"])
async def test_an_oversize_field_is_refused_before_any_password_is_checked(world: World, field: str) -> None:
    form = {"login": "1001", "password": PASSWORD} | {field: "x" * 2000}
    assert (await world.browser().post_form("/login", form)).status == 400
