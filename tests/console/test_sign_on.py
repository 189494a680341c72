"""Signing on with the city's identity provider, and every way that must not lead in."""

import http.cookies
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

import console
from cases.totp import code_of, step_of
from cases.workflow import Role
from console.parts import SignOn
from console.sealing import unseal
from console.second_factor import PURPOSE
from console.sessions import csrf_of, hash_of
from console.sign_on_provider import PROVIDER
from storage import factors, history, people, sign_on
from storage.engine import Store
from storage.people import Account
from tests.console.identity_provider import (
    CLIENT,
    EC,
    FORGED,
    MINE,
    NEXT,
    RSA,
    SECRET,
    WEAK,
    IdentityProvider,
    provider_of,
    signed,
)
from tests.console.world import HASH, PASSWORD, Browser, Clock, Seen, World, world_of
from tests.makers import MORNING

KEY = b"a key of the city, for tests only"
BASE = "https://12345.example.gov.cn"
STEP, SESSION = "__Host-hotline-step", "__Host-hotline"


@dataclass
class City:
    """A console and the provider it trusts."""

    world: World
    provider: IdentityProvider

    async def begin(self, path: str = "/login/sso") -> tuple[Browser, str]:
        """Press the button; return the browser with its cookie, and where it was sent."""
        browser = self.world.browser()
        seen = await browser.get(path)
        assert seen.status == 303, seen.text
        browser.cookie = f"{STEP}={cookies_of(seen)[STEP]}"
        return browser, seen.headers["Location"]

    async def come_back(self, address: str) -> str:
        """Prove to be it at the provider; return the path by which it sends the browser back."""
        async with self.world.client.get(address, allow_redirects=False) as answer:
            assert answer.status == 302
            back = answer.headers["Location"]
        assert back.startswith(f"{BASE}/login/sso/done?")
        return back.removeprefix(BASE)

    async def sign_on(self, path: str = "/login/sso") -> tuple[Browser, Seen]:
        browser, address = await self.begin(path)
        seen = await browser.get(await self.come_back(address))
        kept = cookies_of(seen)
        if kept.get(SESSION):
            browser.cookie, browser.csrf = f"{SESSION}={kept[SESSION]}", csrf_of(kept[SESSION])
        elif kept.get(STEP):
            browser.cookie = f"{STEP}={kept[STEP]}"
        return browser, seen

    async def facts(self, subject: str) -> list[history.Fact]:
        return await self.world.store.read(lambda conn: history.of(conn, subject))


def cookies_of(seen: Seen) -> dict[str, str]:
    jar = http.cookies.SimpleCookie()
    for line in seen.headers.getall("Set-Cookie", []):
        jar.load(line)
    return {name: one.value for name, one in jar.items()}


@pytest.fixture
async def city_of(sqlite_store: Store) -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as opened:

        async def make(*, sso: dict[str, Any] | None = None, **settings: Any) -> City:
            clock = Clock()
            provider = await opened.enter_async_context(provider_of(clock))
            known = SignOn(issuer=provider.url, client=CLIENT, base=BASE, secret=SECRET, **(sso or {}))
            world = await opened.enter_async_context(
                world_of(sqlite_store, seal=KEY, sign_on=known, **settings)
            )
            provider.now = world.clock
            return City(world, provider)

        yield make


@pytest.fixture
async def city(city_of: Callable[..., Any]) -> City:
    made: City = await city_of()
    return made


def refused(seen: Seen) -> str:
    """Return what is said to somebody who is not let in."""
    assert not cookies_of(seen).get(SESSION), "somebody was let in"
    found = re.search(r'role="alert">.*?<span>(.*?)</span>', seen.text, re.DOTALL)
    assert found is not None, seen.text
    return found[1]


async def test_whoever_the_provider_knows_signs_on_to_an_account_that_exists(city: City) -> None:
    page = await city.world.browser().get("/login?next=/cases%3Fpage%3D2")
    assert f'href="{BASE}/login/sso?next=%2Fcases%3Fpage%3D2"' in page.text
    browser, seen = await city.sign_on("/login/sso?next=/cases%3Fpage%3D2")
    assert (seen.status, seen.headers["Refresh"]) == (200, "0;url=/cases?page=2")
    assert (await browser.get("/cases?page=2")).status == 200
    kinds = [fact.kind for fact in await city.facts("1001")]
    assert kinds[-3:] == ["sso.bound", "sso.signed_on", "session.opened"]


async def test_the_provider_is_asked_with_a_challenge_a_state_and_a_nonce_that_are_never_the_same(
    city: City,
) -> None:
    asked = [parse_qs(urlsplit((await city.begin())[1]).query) for _ in range(2)]
    for one in asked:
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [f"{BASE}/login/sso/done"]
        assert one["scope"] == ["openid profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43


async def test_the_cookie_of_the_way_out_comes_along_on_the_way_back_and_the_sessions_does_not(
    city: City,
) -> None:
    out = await city.world.browser().get("/login/sso")
    assert "samesite=lax" in out.headers["Set-Cookie"].lower()
    _, seen = await city.sign_on()
    (line,) = [line for line in seen.headers.getall("Set-Cookie") if line.startswith(f"{SESSION}=")]
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {
        flag.strip().lower() for flag in line.split(";")
    }


async def test_the_three_ways_of_signing_that_we_take(city: City) -> None:
    for key, algorithm in ((RSA, "RS256"), (RSA, "PS256"), (EC, "ES256")):
        city.provider.signs, city.provider.algorithm = key, algorithm
        assert (await city.sign_on())[1].status == 200, algorithm


async def test_a_token_that_names_no_key_is_checked_with_the_only_one_of_its_kind(city: City) -> None:
    city.provider.token = lambda claims: signed(claims, kid=None)
    assert (await city.sign_on())[1].status == 200
    city.provider.keys = [RSA, NEXT]
    city.world.clock.pass_(hours=1)
    assert "key" in refused((await city.sign_on())[1])


LATE = int((MORNING - timedelta(hours=1)).timestamp())
AHEAD = int((MORNING + timedelta(hours=1)).timestamp())


async def test_a_token_with_a_claim_that_is_not_right_lets_nobody_in(city: City) -> None:
    """All of them are in tests/cases/test_sign_on.py; here is shown that the page listens to what is said there."""
    for changes, why in (
        ({"aud": "another-client"}, "audience"),
        ({"azp": "another-client"}, "audience"),
        ({"iss": "https://other.example"}, "issuer"),
        ({"nonce": "x" * 43}, "nonce"),
        ({"exp": LATE}, "expired"),
        ({"iat": LATE}, "issued"),
        ({"sub": None}, "subject"),
        ({"preferred_username": None}, "claim"),
    ):
        city.provider.changes = changes
        _, seen = await city.sign_on()
        assert (seen.status, f"原因：{why}" in refused(seen)) == (403, True), (changes, seen.text)


async def test_a_token_that_no_key_of_the_provider_signed_rightly_lets_nobody_in(city: City) -> None:
    city.provider.keys.append(WEAK)
    for name, (forge, why) in FORGED.items():
        city.provider.token = forge
        _, seen = await city.sign_on()
        assert (seen.status, f"原因：{why}" in refused(seen)) == (403, True), (name, seen.text)


async def test_an_answer_counts_once_and_only_in_the_browser_that_asked(city: City) -> None:
    browser, address = await city.begin()
    path = await city.come_back(address)
    stranger, _ = await city.begin()
    for other in (stranger, city.world.browser()):
        seen = await other.get(path)
        assert seen.status == 400
        assert "失效" in refused(seen)
    assert (await browser.get(path)).status == 200
    asked = city.provider.asked.count("token")
    replayed = await browser.get(path)
    assert replayed.status == 400
    refused(replayed)
    assert city.provider.asked.count("token") == asked, "the provider's own care is not what stops it"


async def test_an_answer_with_another_state_is_not_taken_and_does_not_end_what_was_begun(
    city: City,
) -> None:
    browser, address = await city.begin()
    path = await city.come_back(address)
    for state in ("", "x", "x&state=y", "%ff", "%ed%a0%80", "%00"):
        assert (await browser.get(re.sub("state=[^&]+", f"state={state}", path))).status == 400
    assert (await browser.get(f"{path}&state=y")).status == 400, "a state that stands there twice is none"
    assert (await browser.get(path)).status == 200


async def test_an_answer_after_five_minutes_comes_too_late(city: City) -> None:
    browser, address = await city.begin()
    path = await city.come_back(address)
    city.world.clock.pass_(minutes=5)
    assert (await browser.get(path)).status == 400


async def test_a_code_of_another_sign_on_does_not_fit_the_verifier(city: City) -> None:
    _, other = await city.begin()
    stolen = parse_qs(urlsplit(await city.come_back(other)).query)["code"][0]
    browser, address = await city.begin()
    path = await city.come_back(address)
    seen = await browser.get(re.sub("code=[^&]+", f"code={stolen}", path))
    assert seen.status == 400
    refused(seen)


async def test_another_providers_answer_is_not_taken_for_ours(city: City) -> None:
    browser, address = await city.begin()
    path = await city.come_back(address)
    assert "原因：issuer" in refused(await browser.get(f"{path}&iss=https%3A%2F%2Fother.example"))
    city.provider.declares = {"authorization_response_iss_parameter_supported": True}
    city.world.clock.pass_(hours=1)
    browser, address = await city.begin()
    path = await city.come_back(address)
    assert "原因：issuer" in refused(await browser.get(path)), "it said that it names itself"
    browser, address = await city.begin()
    path = await city.come_back(address)
    assert (await browser.get(f"{path}&iss={city.provider.url}")).status == 200


async def test_the_way_on_never_leads_to_another_site(city: City) -> None:
    for path in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"):
        _, seen = await city.sign_on(f"/login/sso?next={quote(path, safe='')}")
        assert seen.headers["Refresh"] == "0;url=/desk", path
        assert "evil" not in seen.text


async def test_a_person_without_an_account_is_told_so_gets_none_and_stands_in_the_history(city: City) -> None:
    city.provider.person = {"sub": "u-9", "preferred_username": "nobody", "roles": ["administrator"]}
    _, seen = await city.sign_on()
    assert seen.status == 403
    assert "没有对应的在用账号" in refused(seen)
    assert await city.world.store.read(lambda conn: people.credentials(conn, "nobody")) is None
    (fact,) = await city.facts("nobody")
    assert (fact.kind, fact.detail["why"]) == ("sso.refused", "unknown")


async def test_a_disabled_account_and_one_that_never_signs_in_stay_closed(city: City) -> None:
    await city.world.store.write(lambda conn: people.disable_account(conn, "1001", by="admin", at=MORNING))
    assert "没有对应的在用账号" in refused((await city.sign_on())[1])
    machine = Account("timer", "计时器", Role.SYSTEM, "rxzx", None)
    await city.world.store.write(
        lambda conn: people.add_account(conn, machine, password_hash=HASH, by="test", at=MORNING)
    )
    city.provider.person = {"sub": "u-t", "preferred_username": "timer"}
    assert "没有对应的在用账号" in refused((await city.sign_on())[1])


async def test_what_the_provider_says_of_posts_and_units_changes_nothing(city: City) -> None:
    city.provider.person |= {"role": "administrator", "roles": ["admin"], "groups": ["admins"], "unit": "xfj"}
    browser, _ = await city.sign_on()
    assert (await browser.get("/org/people")).status == 403
    found = await city.world.store.read(lambda conn: people.credentials(conn, "1001"))
    assert found is not None
    assert (found[0].role, found[0].unit) == (Role.AGENT, "rxzx")


async def test_a_name_that_the_provider_gives_to_somebody_new_opens_no_old_account(city: City) -> None:
    await city.sign_on()
    city.provider.person = {"sub": "u-new", "preferred_username": "1001"}
    assert "另一个人" in refused((await city.sign_on())[1])
    city.provider.person = {"sub": "u-1001", "preferred_username": "1002"}
    assert "另一个人" in refused((await city.sign_on())[1]), "one person, one account"
    admin = await city.world.signed_in("admin")
    assert "/org/people/1001/sign-on" in (await admin.get("/org/people")).text
    assert (await admin.post_form("/org/people/1001/sign-on", {})).status == 303
    city.provider.person = {"sub": "u-new", "preferred_username": "1001"}
    assert (await city.sign_on())[1].status == 200
    assert "sso.released" in [fact.kind for fact in await city.facts("1001")]


async def test_an_address_counts_as_a_name_only_if_the_provider_has_verified_it(
    city_of: Callable[..., Any],
) -> None:
    city = await city_of(sso={"claim": "email"})
    city.provider.person = {"sub": "u-1", "email": "1001"}
    assert "原因：claim" in refused((await city.sign_on())[1])
    city.provider.person["email_verified"] = True
    assert (await city.sign_on())[1].status == 200


async def test_a_city_may_ask_for_a_proof_that_is_not_older_than_some_minutes(
    city_of: Callable[..., Any],
) -> None:
    city = await city_of(sso={"within": timedelta(minutes=15)})
    _, address = await city.begin()
    assert parse_qs(urlsplit(address).query)["max_age"] == ["900"]
    assert "原因：long_ago" in refused((await city.sign_on())[1])
    city.provider.person["auth_time"] = int(MORNING.timestamp())
    assert (await city.sign_on())[1].status == 200


async def test_our_second_factor_is_asked_for_unless_the_provider_s_counts(
    city_of: Callable[..., Any],
) -> None:
    city = await city_of(
        sso={"second_factor": frozenset({"mfa", "level-2"})}, second_factor=frozenset({Role.SUPERVISOR})
    )
    city.provider.person = {"sub": "u-s", "preferred_username": "supervisor", "amr": ["pwd"]}
    browser, seen = await city.sign_on()
    assert seen.headers["Refresh"] == "0;url=/login/second"
    assert (await browser.get("/wall")).headers["Location"].startswith("/login")
    assert (await browser.get("/login/second")).status == 200
    kept = await city.world.store.read(lambda conn: factors.factor(conn, "supervisor"))
    secret = unseal(KEY, kept.sealed, purpose=PURPOSE, about="supervisor")
    done = await browser.post_form("/login/second", {"code": code_of(secret, step_of(city.world.clock()))})
    token = cookies_of(done)[SESSION]
    assert await city.world.store.read(lambda conn: sign_on.session(conn, hash_of(token))) is not None
    for more in ({"amr": ["pwd", "mfa"]}, {"acr": "level-2"}):
        city.provider.person = {"sub": "u-s", "preferred_username": "supervisor", **more}
        _, seen = await city.sign_on()
        assert seen.headers["Refresh"] == "0;url=/wall"
    said = [fact.detail["second"] for fact in await city.facts("supervisor") if fact.kind == "sso.signed_on"]
    assert said == ["own", "provider", "provider"]


async def test_passwords_may_be_left_to_emergency_accounts_alone(city_of: Callable[..., Any]) -> None:
    city = await city_of(password_for=frozenset({"admin"}))
    page = await city.world.browser().get("/login")
    assert "应急账号登录" in page.text
    seen = await city.world.browser().sign_in("1001")
    assert seen.status == 403
    assert "请使用统一身份认证登录" in refused(seen)
    wrong = [await city.world.browser().sign_in(login, "wrong") for login in ("1001", "admin", "9999")]
    assert [(one.status, refused(one)) for one in wrong] == [(401, "账号或密码不正确")] * 3
    assert (await city.world.browser().sign_in("admin")).status == 303
    assert (await city.sign_on())[1].status == 200


async def test_signing_out_leads_out_of_the_provider_too(city: City) -> None:
    browser, _ = await city.sign_on()
    seen = await browser.post_form("/logout", {})
    assert seen.status == 200
    address = seen.headers["Refresh"].removeprefix("0;url=")
    assert address.startswith(f"{city.provider.url}/leave?")
    asked = parse_qs(urlsplit(address).query)
    assert asked["post_logout_redirect_uri"] == [f"{BASE}/login"]
    assert asked["client_id"] == [CLIENT]
    assert asked["id_token_hint"][0].count(".") == 2
    assert cookies_of(seen)[SESSION] == ""
    assert (await browser.get("/desk")).status == 303
    by_password = await city.world.signed_in("1002")
    assert (await by_password.post_form("/logout", {})).headers["Location"] == "/login"


async def test_the_token_that_is_kept_for_signing_out_cannot_be_read_in_the_database(city: City) -> None:
    browser, _ = await city.sign_on()
    token_hash = hash_of(browser.cookie.partition("=")[2])
    kept = await city.world.store.read(lambda conn: sign_on.session(conn, token_hash))
    assert kept is not None
    assert "." not in kept.sealed.removeprefix("1.")
    assert kept.subject == "u-1001"


async def test_who_leaves_the_provider_is_signed_out_here_where_they_came_from_there(city: City) -> None:
    there, _ = await city.sign_on()
    city.provider.changes = {"sid": "p-2"}
    elsewhere, _ = await city.sign_on()
    by_password = await city.world.signed_in("1001")
    nobody = city.world.browser(Origin="")
    seen = await nobody.post_form("/login/sso/left", {"logout_token": city.provider.logout_token()})
    assert seen.status == 200
    assert (await there.get("/desk")).status == 303
    assert (await elsewhere.get("/desk")).status == 200
    told = city.provider.logout_token(sid=None, sub="u-1001")
    assert (await nobody.post_form("/login/sso/left", {"logout_token": told})).status == 200
    assert (await elsewhere.get("/desk")).status == 303
    assert (await by_password.get("/desk")).status == 200
    city.world.clock.pass_(minutes=3)
    again, _ = await city.sign_on()
    city.world.clock.pass_(seconds=1)
    assert (await nobody.post_form("/login/sso/left", {"logout_token": told})).status == 400, "it has expired"
    assert (await again.get("/desk")).status == 200


async def test_a_notice_of_leaving_that_is_none_ends_nothing(city: City) -> None:
    browser, _ = await city.sign_on()
    nobody = city.world.browser(Origin="")
    forged = signed({"sid": "p-1", "iss": city.provider.url, "aud": CLIENT}, MINE)
    none = [
        city.provider.logout_token(**changes) for changes in ({"events": None}, {"aud": "x"}, {"iat": LATE})
    ]
    for token in (*none, forged, "x"):
        assert (await nobody.post_form("/login/sso/left", {"logout_token": token})).status == 400
    assert (await browser.get("/desk")).status == 200


async def test_a_new_key_is_fetched_when_it_turns_up_and_invented_ones_do_not_make_us_ask_each_time(
    city: City,
) -> None:
    await city.sign_on()
    city.provider.keys, city.provider.signs = [RSA, EC, NEXT], NEXT
    city.world.clock.pass_(seconds=30)
    assert "原因：key" in refused((await city.sign_on())[1]), "asked half a minute ago"
    city.world.clock.pass_(seconds=31)
    assert (await city.sign_on())[1].status == 200
    before = city.provider.asked.count("keys")
    city.provider.token = lambda claims: signed(claims, MINE, kid="invented")
    for _ in range(5):
        refused((await city.sign_on())[1])
    assert city.provider.asked.count("keys") == before


async def test_a_key_that_the_provider_gave_up_is_believed_for_an_hour_at_most(city: City) -> None:
    await city.sign_on()
    city.provider.keys = [EC]
    city.world.clock.pass_(minutes=59)
    assert (await city.sign_on())[1].status == 200
    city.world.clock.pass_(minutes=1)
    assert "原因：key" in refused((await city.sign_on())[1])


async def test_a_provider_that_answers_nonsense_is_said_to_be_away(city: City) -> None:
    moved: dict[str, Any] = {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}
    large = json.dumps({"x": "x" * 300_000})
    answers: list[dict[str, Any]] = [{"status": 500, "text": "down"}, moved]
    for answer in (*answers, *({"text": text} for text in ("not json", "[]", "[" * 100_000, large))):
        city.provider.answers["discovery"] = web.Response(**answer)
        seen = await city.world.browser().get("/login/sso")
        assert (seen.status, "连不上" in refused(seen)) == (503, True)


async def test_a_provider_that_is_away_leaves_the_pages_as_they_are(city_of: Callable[..., Any]) -> None:
    city = await city_of()
    city.world.app[PROVIDER].settings = SignOn(
        issuer=f"http://127.0.0.1:{unused_port()}", client=CLIENT, base=BASE
    )
    assert (await city.world.browser().get("/login/sso")).status == 503
    assert (await city.world.signed_in("1001")).cookie


async def test_a_provider_that_calls_itself_otherwise_or_speaks_in_the_clear_is_not_used(city: City) -> None:
    for declares in (
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://other.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"end_session_endpoint": "ftp://x"},
    ):
        city.provider.declares = dict(declares)
        seen = await city.world.browser().get("/login/sso")
        assert seen.status == 403, declares
        refused(seen)


async def test_what_the_provider_refuses_is_said_in_our_words(city: City) -> None:
    for error, status, words in (
        ("access_denied", 403, "取消"),
        ("server_error", 503, "连不上"),
        ("<script>", 503, "连不上"),
    ):
        browser, address = await city.begin()
        state = parse_qs(urlsplit(address).query)["state"][0]
        told = f"state={state}&error={error}&error_description=<b>hello</b>"
        seen = await browser.get(f"/login/sso/done?{told}")
        assert (seen.status, words in refused(seen), "hello" in seen.text) == (status, True, False)


async def test_signing_on_ends_the_session_that_the_browser_had(city: City) -> None:
    before = await city.world.signed_in("1002")
    old = before.cookie
    seen = await before.get("/login/sso")
    before.cookie = f"{STEP}={cookies_of(seen)[STEP]}"
    assert (await before.get(await city.come_back(seen.headers["Location"]))).status == 200
    before.cookie = old
    assert (await before.get("/desk")).status == 303


async def test_a_network_that_begins_again_and_again_is_slowed_down(city: City) -> None:
    browser = city.world.browser()
    answers = [(await browser.get("/login/sso")).status for _ in range(121)]
    assert answers == [303] * 120 + [429]
    city.world.clock.pass_(seconds=60)
    assert (await browser.get("/login/sso")).status == 303


async def test_without_the_extra_it_is_said_and_passwords_go_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.delitem(sys.modules, "console.sign_on_tokens", raising=False)
        without.delattr(console, "sign_on_tokens", raising=False)
        without.setitem(sys.modules, "joserfc", None)
        _, seen = await city.sign_on()
        assert seen.status == 503
        assert "没有安装" in refused(seen)
    assert (await city.world.browser().sign_in("1001", PASSWORD)).status == 303


async def test_a_city_without_a_provider_has_no_such_pages(sqlite_store: Store) -> None:
    async with world_of(sqlite_store) as world:
        browser = world.browser()
        assert "sso" not in (await browser.get("/login")).text
        assert (await browser.get("/login/sso")).status == 404
        assert (await browser.get("/login/sso/done?code=x&state=y")).status == 404
        assert (
            await world.browser(Origin="").post_form("/login/sso/left", {"logout_token": "x"})
        ).status == 404
