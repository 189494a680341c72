"""The second factor at sign-in."""

import asyncio
import http.cookies
import re
from collections.abc import AsyncIterator

import pytest

from cases.totp import SECRET_BYTES, code_of, step_of
from cases.workflow import Role
from console.sealing import Unsealed, seal, unseal
from console.second_factor import PURPOSE, hash_of_code, new_codes
from console.sessions import csrf_of
from storage import factors, history
from storage.engine import Store
from tests.console.world import PASSWORD, Browser, Seen, World, world_of

KEY = b"a key of the city, for tests only"
MUST = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


@pytest.fixture
async def strict(sqlite_store: Store) -> AsyncIterator[World]:
    """A city whose supervisors and administrators sign in with two factors."""
    async with world_of(sqlite_store, seal=KEY, second_factor=MUST) as opened:
        yield opened


def cookies_of(seen: Seen) -> dict[str, str]:
    jar = http.cookies.SimpleCookie()
    for line in seen.headers.getall("Set-Cookie", []):
        jar.load(line)
    return {name: one.value for name, one in jar.items()}


async def password_given(world: World, login: str = "supervisor") -> Browser:
    browser = world.browser()
    seen = await browser.sign_in(login)
    assert (seen.status, seen.headers["Location"]) == (303, "/login/second")
    browser.cookie = f"__Host-hotline-step={cookies_of(seen)['__Host-hotline-step']}"
    return browser


async def secret_of(world: World, login: str = "supervisor") -> bytes:
    kept = await world.store.read(lambda conn: factors.factor(conn, login))
    assert kept is not None
    return unseal(KEY, kept.sealed, purpose=PURPOSE, about=login)


async def code_now(world: World, login: str = "supervisor") -> str:
    return code_of(await secret_of(world, login), step_of(world.clock()))


async def enrol(world: World, login: str = "supervisor") -> tuple[Browser, list[str]]:
    """Sign in for the first time; return the browser and the recovery codes."""
    browser = await password_given(world, login)
    assert (await browser.get("/login/second")).status == 200
    seen = await browser.post_form("/login/second", {"code": await code_now(world, login)})
    assert seen.status == 200
    token = cookies_of(seen)["__Host-hotline"]
    browser.cookie, browser.csrf = f"__Host-hotline={token}", csrf_of(token)
    return browser, re.findall(r"<code class=\"num\">([A-Z2-7-]{19})</code>", seen.text)


async def test_a_supervisor_without_an_authenticator_enrols_one_before_anything_else(strict: World) -> None:
    browser = await password_given(strict)
    assert (await browser.get("/wall")).headers["Location"].startswith("/login")
    page = await browser.get("/login/second")
    assert "data:image/svg+xml;base64," in page.text
    again = await browser.get("/login/second")
    assert again.text == page.text
    supervisor, codes = await enrol(strict)
    assert len(set(codes)) == 10
    assert (await supervisor.get("/wall")).status == 200


async def test_the_password_alone_opens_nothing_once_a_factor_is_enrolled(strict: World) -> None:
    await enrol(strict)
    browser = await password_given(strict)
    page = await browser.get("/login/second")
    assert "data:image" not in page.text
    for path in ("/cases", "/account", "/account/factor", "/wall"):
        assert (await browser.get(path)).headers["Location"].startswith("/login")
    strict.clock.pass_(seconds=30)
    seen = await browser.post_form("/login/second", {"code": await code_now(strict)})
    assert (seen.status, seen.headers["Location"]) == (303, "/wall")


async def test_a_code_that_was_used_is_refused_even_within_its_half_minute(strict: World) -> None:
    await enrol(strict)
    code = await code_now(strict)
    assert (await (await password_given(strict)).post_form("/login/second", {"code": code})).status == 401
    strict.clock.pass_(seconds=30)
    code = await code_now(strict)
    two = [await password_given(strict) for _ in range(2)]
    answers = await asyncio.gather(*(one.post_form("/login/second", {"code": code}) for one in two))
    assert sorted(seen.status for seen in answers) == [303, 401]


async def test_a_recovery_code_stands_in_once(strict: World) -> None:
    _, codes = await enrol(strict)
    browser = await password_given(strict)
    seen = await browser.post_form("/login/second", {"code": codes[0].lower().replace("-", " ")})
    assert seen.status == 303
    again = await password_given(strict)
    assert (await again.post_form("/login/second", {"code": codes[0]})).status == 401
    kinds = [fact.kind for fact in await strict.store.read(lambda conn: history.of(conn, "supervisor"))]
    assert "factor.recovery_used" in kinds


async def test_wrong_codes_are_slowed_down_and_a_right_password_does_not_wipe_them_out(strict: World) -> None:
    await enrol(strict)
    strict.clock.pass_(seconds=30)
    for _ in range(4):
        browser = await password_given(strict)
        assert (await browser.post_form("/login/second", {"code": "000000"})).status == 401
    browser = await password_given(strict)
    seen = await browser.post_form("/login/second", {"code": await code_now(strict)})
    assert seen.status == 429
    strict.clock.pass_(seconds=30)
    assert (await browser.post_form("/login/second", {"code": await code_now(strict)})).status == 303


async def test_a_half_done_sign_in_ends_after_five_minutes_and_counts_once(strict: World) -> None:
    await enrol(strict)
    browser = await password_given(strict)
    strict.clock.pass_(minutes=5)
    late = await browser.post_form("/login/second", {"code": await code_now(strict)})
    assert (late.status, late.headers["Location"]) == (303, "/login")
    assert "__Host-hotline" not in cookies_of(late)
    for cookie in ("", "__Host-hotline-step=", "__Host-hotline-step=made-up"):
        browser.cookie = cookie
        assert (await browser.get("/login/second")).headers["Location"] == "/login"


async def test_who_need_not_signs_in_as_before_and_may_enrol_by_choice(strict: World) -> None:
    agent = await strict.signed_in("1001")
    assert (await agent.post_form("/account/factor", {"password": "wrong"})).status == 401
    shown = await agent.post_form("/account/factor", {"password": PASSWORD})
    assert "data:image" in shown.text
    assert (await agent.post_form("/account/factor/confirm", {"code": "000000"})).status == 401
    done = await agent.post_form("/account/factor/confirm", {"code": await code_now(strict, "1001")})
    assert len(re.findall("<li>", done.text)) == 10
    await password_given(strict, "1001")


async def test_one_s_own_factor_is_given_up_only_with_a_code_and_ends_all_sessions(strict: World) -> None:
    supervisor, codes = await enrol(strict)
    assert (await supervisor.post_form("/account/factor/remove", {"code": "123456"})).status == 401
    fresh = await supervisor.post_form("/account/factor/codes", {"code": codes[0]})
    assert codes[1] not in fresh.text
    seen = await supervisor.post_form("/account/factor/remove", {"code": codes[1]})
    assert seen.status == 401
    new = re.findall(r"<code class=\"num\">([A-Z2-7-]{19})</code>", fresh.text)
    strict.clock.pass_(seconds=30)
    assert (await supervisor.post_form("/account/factor/remove", {"code": new[0]})).status == 303
    assert (await supervisor.get("/wall")).status == 303
    assert "data:image" in (await (await password_given(strict)).get("/login/second")).text


async def test_an_administrator_resets_anothers_factor_and_never_his_own(strict: World) -> None:
    supervisor, _ = await enrol(strict)
    admin, _ = await enrol(strict, "admin")
    assert "重置验证器" in (await admin.get("/org/people")).text
    assert (await admin.post_form("/org/people/admin/factor", {})).status == 400
    assert (await supervisor.post_form("/org/people/admin/factor", {})).status == 403
    assert (await admin.post_form("/org/people/nobody/factor", {})).status == 404
    assert (await admin.post_form("/org/people/supervisor/factor", {})).status == 303
    strict.clock.pass_(seconds=11)
    assert (await supervisor.get("/wall")).status == 303
    facts = await strict.store.read(lambda conn: history.of(conn, "supervisor"))
    assert [fact.actor for fact in facts if fact.kind == "factor.reset"] == ["admin"]


async def test_nothing_in_the_database_gives_a_second_factor_away(strict: World) -> None:
    _, codes = await enrol(strict)
    secret = await secret_of(strict)
    kept = await strict.store.read(lambda conn: factors.factor(conn, "supervisor"))
    assert kept is not None
    assert secret.hex() not in kept.sealed
    with pytest.raises(Unsealed):
        unseal(b"another key", kept.sealed, purpose=PURPOSE, about="supervisor")
    with pytest.raises(Unsealed):
        unseal(KEY, kept.sealed, purpose=PURPOSE, about="admin")
    assert all(hash_of_code(code) != code for code in codes)


@pytest.mark.parametrize("changed", ["", "1.", "2.AAAA", "1.!!!!", "1.AAAA"])
def test_what_was_not_sealed_by_us_is_not_opened(changed: str) -> None:
    with pytest.raises(Unsealed):
        unseal(KEY, changed, purpose=PURPOSE, about="x")


def test_what_is_sealed_is_opened_again_and_never_looks_the_same() -> None:
    one, two = (seal(KEY, b"x" * SECRET_BYTES, purpose=PURPOSE, about="a") for _ in range(2))
    assert one != two
    assert unseal(KEY, one, purpose=PURPOSE, about="a") == b"x" * SECRET_BYTES
    with pytest.raises(Unsealed):
        unseal(KEY, one, purpose="another", about="a")


def test_recovery_codes_are_long_enough_for_a_fast_hash() -> None:
    assert all(re.fullmatch("[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", code) for code in new_codes())


async def test_without_a_key_nobody_can_enrol_and_is_told_so(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.post_form("/account/factor", {"password": PASSWORD})
    assert seen.status == 409
    assert "seal_secret" in seen.text
