"""The public site and a kiosk as they are really served, walked by a citizen whose browser runs no scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from storage import kiosks
from storage.demo_knowledge import load_knowledge
from storage.engine import Store
from tests.browser.test_served_pages import at_home
from tests.console.test_kiosk_pages import ADMIN, FORM
from tests.console.test_site_pages import on_its_way
from tests.console.world import World, world_of

pytestmark = pytest.mark.browser


@pytest.fixture
def store_of_one(sqlite_url: str) -> Iterator[Store]:
    """Where the pages' words come from is tested elsewhere on both databases."""
    store = Store.open(sqlite_url)
    yield store
    store.close()


async def looks_up(page: Page, digits: str, code: str) -> None:
    await page.get_by_label("诉求编号").fill(digits)
    await page.get_by_label("查询码").fill(code)
    await page.get_by_role("button", name="查询").click()


async def test_a_citizen_asks_adds_and_judges_and_reads_the_guide_without_scripts(
    chromium_async: Browser, store_of_one: Store
) -> None:
    async with world_of(store_of_one) as world:
        await knows_something(world)
        case = await on_its_way(world, to="feedback")
        context = await chromium_async.new_context(java_script_enabled=False, locale="zh-CN")
        page = await context.new_page()
        await page.goto(at_home(world))
        await looks_up(page, case.digits, "000000")
        await expect(page.get_by_role("alert")).to_be_visible()
        await looks_up(page, case.digits, case.code)
        await judges(page)
        await page.goto(f"{at_home(world)}/guide")
        await page.get_by_role("searchbox").fill("养老保险")
        await page.get_by_role("button", name="找一找").click()
        await page.locator(".shown-list a").first.click()
        await expect(page.locator("article h1")).to_be_visible()
        await page.goto(f"{at_home(world)}/published")
        await expect(page.locator("h1")).to_be_visible()
        await context.close()


async def judges(page: Page) -> None:
    """Say at the case's own page what came of it."""
    form = page.locator("form[action$='/case/judge']")
    await form.wait_for(state="attached")
    if not await form.is_visible():
        await page.locator("details", has=form).locator("summary").click()
    await form.locator("[name=solved]").first.check()
    await form.locator("[name=satisfied]").first.check()
    await form.get_by_role("button").first.click()
    await expect(page).to_have_url(re.compile(r"/case/judge$"))
    await expect(page.locator("[role=status], .note.ok").first).to_be_visible()


async def test_a_kiosk_files_a_case_and_shows_its_guide_without_scripts(
    chromium_async: Browser, store_of_one: Store
) -> None:
    async with world_of(store_of_one) as world:
        await knows_something(world)
        token = await world.store.write(lambda conn: kiosks.add(conn, FORM, by=ADMIN, at=world.clock()))
        context = await chromium_async.new_context(java_script_enabled=False, locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"{at_home(world)}/kiosk")
        await page.fill("#token", token)
        await page.get_by_role("button", name="登记").click()
        await page.get_by_role("button", name="反映问题").click()
        await page.get_by_role("link", name="城乡建设").click()
        await page.get_by_role("link", name="道路井盖").click()
        await page.get_by_role("button", name="提交").click()
        await expect(page.get_by_role("heading", name="已登记")).to_be_visible()
        await page.get_by_role("link", name="返回首页").click()
        await page.get_by_role("button", name="办事指南").click()
        await page.get_by_role("link", name="社会保险").click()
        await page.locator(".shown-list a").first.click()
        await expect(page.locator("article h1")).to_be_visible()
        assert "/kiosk/guide/" in page.url
        await context.close()


async def knows_something(world: World) -> None:
    at = world.clock()
    await world.store.write(lambda conn: load_knowledge(conn, at, at.date()))
