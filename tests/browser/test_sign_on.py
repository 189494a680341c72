"""Signing on in a real browser: its cookies are SameSite, and the provider's pages are another site."""

import re
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page

from console.parts import SignOn
from console.sign_on_provider import PROVIDER
from storage.engine import Store
from tests.browser.test_served_pages import at_home
from tests.console.identity_provider import CLIENT, SECRET, IdentityProvider, provider_of
from tests.console.world import Clock, World, world_of

pytestmark = pytest.mark.browser
KEY = b"a key of the city, for tests only"


async def into_the_provider(page: Page, world: World, provider: IdentityProvider, path: str) -> None:
    await page.goto(f"{at_home(world)}{path}")
    await page.get_by_role("link", name="用统一身份认证登录").click()
    await page.wait_for_url(f"{provider.url}/**")
    await page.get_by_role("link", name="in").click()


async def test_a_browser_comes_in_from_the_provider_and_leaves_both(
    chromium_async: Browser, sqlite_url: str
) -> None:
    store, clock = Store.open(sqlite_url), Clock()
    async with provider_of(clock) as provider:
        known = SignOn(issuer=provider.url, client=CLIENT, base="http://localhost", secret=SECRET)
        async with world_of(store, seal=KEY, sign_on=known) as world:
            provider.page, world.app[PROVIDER].settings = True, replace(known, base=at_home(world))
            page = await chromium_async.new_page(locale="zh-CN")
            wrong: list[str] = []
            page.on("console", lambda said: wrong.append(f"{said.location} {said.text}"))
            await into_the_provider(page, world, provider, "/cases?page=1")
            await page.wait_for_url("**/cases?page=1")
            assert await page.locator("header").get_by_text("1001").count() == 1
            cookies = {one["name"]: one for one in await page.context.cookies()}
            assert cookies["__Host-hotline"]["sameSite"] == "Strict"
            assert "__Host-hotline-step" not in cookies
            await page.goto(f"{at_home(world)}/account")
            await page.get_by_role("button", name="退出").first.click()
            await page.wait_for_url(re.compile(r"/leave\?"))
            assert "id_token_hint=" in page.url
            await page.goto(f"{at_home(world)}/cases")
            await page.wait_for_url("**/login?**")
            assert [words for words in wrong if at_home(world) in words] == []
            await page.close()
    store.close()
