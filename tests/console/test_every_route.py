"""What holds for every route there is and will be: the tests ask the router, not a list."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

import console
from cases.workflow import Role
from console.guard import SAFE_METHODS
from console.permissions import Demand, Permission, allowed, demand_of
from storage import people
from storage.people import Account
from storage.staff import NEVER_SIGN_IN
from tests.console.world import HASH, Browser, World
from tests.makers import MORNING

CONSOLE = Path(console.__file__).parent
TEMPLATES = sorted((CONSOLE / "templates").glob("*.html"))
SCRIPTS = sorted((CONSOLE / "static" / "js").glob("*.js"))
SAMPLES = (
    "1", "x", "a", "csv", "zh", "enable", "2026-11-22", "confirm", "read", "s1001", "13850123456",
    *("0" * n for n in range(2, 17)), *("a" * n for n in range(2, 65)),
)  # fmt: skip
MANY_SIGNED_IN = 20


def filled(resource: web.AbstractResource) -> str:
    """Return an address that this resource takes, with something in each of its variables."""
    info = resource.get_info()
    if "pattern" not in info:
        return str(info.get("path", info.get("prefix", "/")))
    names = re.findall(r"\{(\w+)\}", info["formatter"])
    literals = re.findall(r"[a-z_-]+(?=[|}])", resource.canonical)
    choices = [
        value for found in info["pattern"].pattern.split("(?P<") for value in re.findall(r"\w+", found)
    ]
    for values in product((*SAMPLES, *literals, *choices), repeat=len(names)):
        path = info["formatter"].format(**dict(zip(names, values, strict=True)))
        if info["pattern"].fullmatch(path):
            return str(path)
    raise AssertionError(f"nothing fits {resource.canonical}")


def walk(world: World) -> Iterator[tuple[str, str, Demand]]:
    """Every method and address of the application with what it demands."""
    for route in world.app.router.routes():
        demand = demand_of(route)
        assert demand is not None, route
        if route.method == "HEAD" or isinstance(route.resource, web.StaticResource) or route.resource is None:
            continue
        yield route.method, filled(route.resource), demand


async def ask(browser: Browser, method: str, path: str, **headers: str) -> int:
    sent = browser._headers(headers or None)
    async with browser.world.client.request(
        method, browser.world.url(path), headers=sent, allow_redirects=False
    ) as answer:
        return answer.status


async def test_every_unsafe_route_refuses_a_foreign_page_and_one_that_hides_where_it_comes_from(
    world: World,
) -> None:
    supervisor = await world.signed_in("supervisor")
    seen = 0
    for method, path, demand in walk(world):
        if method in SAFE_METHODS or demand.machine:
            continue
        seen += 1
        for origin in ("https://evil.example", "null", ""):
            assert await ask(supervisor, method, path, Origin=origin) == 403, (method, path, origin)
    assert seen > 50


async def test_every_unsafe_route_for_signed_in_people_asks_for_the_sessions_token(world: World) -> None:
    admin = await world.signed_in("admin")
    for method, path, demand in walk(world):
        if method in SAFE_METHODS or demand.machine or demand.permission is Permission.PUBLIC:
            continue
        assert await ask(admin, method, path) == 403, (method, path)
        assert await ask(admin, method, path, **{"X-CSRF": "wrong"}) == 403, (method, path)


async def test_every_socket_refuses_foreign_pages_and_who_is_not_signed_in(world: World) -> None:
    supervisor, nobody, sockets = await world.signed_in("supervisor"), world.browser(), 0
    for _, path, demand in walk(world):
        if not demand.socket:
            continue
        sockets += 1
        for browser, origin in (
            (supervisor, "https://evil.example"),
            (supervisor, ""),
            (nobody, world.origin),
        ):
            if browser is nobody and demand.permission is Permission.PUBLIC:
                continue
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with browser.socket(path, {"Origin": origin}):
                    pass
            assert refused.value.status in {401, 403}, path
    assert sockets >= 3


async def test_who_is_not_signed_in_gets_nothing_but_public_pages(world: World) -> None:
    nobody = world.browser()
    for method, path, demand in walk(world):
        if demand.permission is Permission.PUBLIC or demand.machine or demand.socket:
            continue
        status = await ask(nobody, method, path)
        assert status == (
            303 if method == "GET" and not path.startswith(("/api/", "/live/", "/sip")) else 401
        ), (
            method,
            path,
            status,
        )


@pytest.mark.parametrize("role", [role for role in Role if role not in NEVER_SIGN_IN])
async def test_every_role_is_refused_whatever_it_has_no_permission_for(world: World, role: Role) -> None:
    account = Account("somebody", "某人", role, "rxzx", None)
    await world.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    somebody = await world.signed_in("somebody")
    refused = 0
    for method, path, demand in walk(world):
        if demand.socket or demand.machine or allowed(role, demand.permission):
            continue
        refused += 1
        assert await ask(somebody, method, path, **{"X-CSRF": somebody.csrf}) == 403, (method, path)
    assert refused > MANY_SIGNED_IN


def test_public_pages_are_few_and_known(world: World) -> None:
    """A page for everybody is a decision: whoever adds one adds its beginning here."""
    beginnings = (
        "/", "/login", "/call", "/published", "/guide", "/kiosk", "/weekly", "/status", "/case", "/healthz", "/readyz",
        "/i18n", "/about", "/devices", "/sip", "/live", "/metrics", "/evaluate", "/supplement", "/withdraw", "/api",
        "/leave", "/robots",
    )  # fmt: skip
    public = {path for _, path, demand in walk(world) if demand.permission is Permission.PUBLIC}
    strange = {path for path in public if "/" + path.split("/")[1].split(".")[0] not in beginnings}
    assert strange == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_no_template_needs_an_exception_from_the_policy(path: Path) -> None:
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", text), "a style attribute"
    assert "<style" not in text
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", text), "an event attribute"
    assert "javascript:" not in text.lower()
    for tag in re.findall(r"<script[^>]*>", text):
        assert 'src="/static/' in tag or 'type="application/json"' in tag, tag
    assert not re.search(r'(?:src|href|action)="https?://', text), "another site"
    assert "|safe" not in text.replace("|safe_", "")


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_no_script_of_ours_makes_code_or_markup_from_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(
        r"\beval\(|new Function|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write", text
    )
    assert found == []
