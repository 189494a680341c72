"""F10-23: a dispatcher's hands stay on the keyboard, and an input method is not disturbed."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from storage import cases
from storage.engine import Store
from tests.browser.test_circuit_walk import address, at_the_browser
from tests.console.making import a_case
from tests.console.world import world_of

pytestmark = pytest.mark.browser


def options(page: Page, field: str) -> Locator:
    return page.locator(f"#dispatch-{field} [role=option]")


async def tab_to(page: Page, selector: str) -> None:
    for _ in range(20):
        if await page.locator(selector).evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


async def test_f10_23_a_case_is_dispatched_by_keyboard_alone(chromium_async: Browser, store: Store) -> None:
    async with world_of(store) as world, at_the_browser(chromium_async, world, "dispatcher") as dispatcher:
        no, page = (await a_case(world)).no, dispatcher.page
        await page.goto(address(world, f"/cases/{no}"))
        await expect(page.locator("#dispatch-lead [name=lead][value=szgc]")).to_be_checked()
        await page.locator("#dispatch-lead [name=lead]:checked").focus()
        await tab_to(page, "#dispatch-lead-find")
        await page.keyboard.type("cgj")
        await expect(options(page, "lead").first).to_contain_text("城管")
        await page.keyboard.press("Enter")
        await expect(page.locator("#dispatch-lead [name=lead][value=cgj]")).to_be_checked()
        await tab_to(page, "#dispatch-assist-find")
        for typed, found in (("停水", "swjt"), ("szg", "szgc")):
            await page.keyboard.type(typed)
            await expect(options(page, "assist").first).to_be_visible()
            await page.keyboard.press("Enter")
            await expect(page.locator(f"#dispatch-assist [name=assist][value={found}]")).to_be_checked()
        await tab_to(page, "#dispatch-instruction")
        await page.keyboard.type("请当晚到场")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".moves #dispatch-lead")).to_have_count(0)
        case = await world.store.read(lambda conn: cases.case(conn, no))
        assert [task.unit for task in case.assignments] == ["cgj", "swjt", "szgc"]


async def test_nothing_is_looked_for_while_an_input_method_composes(
    chromium_async: Browser, store: Store
) -> None:
    async with world_of(store) as world, at_the_browser(chromium_async, world, "dispatcher") as dispatcher:
        no, page = (await a_case(world)).no, dispatcher.page
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if "/api/units" in one.url else None)
        await page.goto(address(world, f"/cases/{no}"))
        await page.locator("#dispatch-lead-find").focus()
        keyboard = await page.context.new_cdp_session(page)
        await keyboard.send(
            "Input.imeSetComposition", {"text": "shui", "selectionStart": 4, "selectionEnd": 4}
        )
        await page.wait_for_timeout(400)  # three times as long as the field waits for the next key
        assert asked == []
        await keyboard.send("Input.insertText", {"text": "水务"})
        await expect(options(page, "lead").first).to_contain_text("水务")
        await page.keyboard.press("Escape")
        await expect(options(page, "lead")).to_have_count(0)


async def test_a_unit_is_found_without_scripts(chromium_async: Browser, store: Store) -> None:
    async with world_of(store) as world:
        no = (await a_case(world)).no
        async with at_the_browser(chromium_async, world, "dispatcher") as dispatcher:
            state = await dispatcher.page.context.storage_state()
        context = await chromium_async.new_context(storage_state=state, java_script_enabled=False)
        page = await context.new_page()
        await page.goto(address(world, f"/cases/{no}"))
        await page.fill("#dispatch-instruction", "请当晚到场")
        await page.fill("#dispatch-lead-find", "停水")
        await page.keyboard.press("Enter")
        found = page.locator("#dispatch-lead [name=lead][value=swjt]")
        await expect(found).to_be_visible()
        await expect(page.locator("#dispatch-instruction")).to_have_value("请当晚到场")
        await found.check()
        await page.locator(".moves").get_by_role("button", name="批转", exact=True).click()
        await expect(page.locator("ul.list")).to_contain_text("水务")
        await context.close()
