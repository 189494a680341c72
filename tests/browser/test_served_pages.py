"""The pages of the line as they are really served: accessible in every form and both languages, and whole when narrow.

The other pages are shown with made-up data by the sample server; these are filled by the service itself, because
what they show is made of calls, and calls are best made by what writes them.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize

import console
from storage.engine import Store
from tests.browser import sample_data
from tests.browser.test_pages import AXE, RULES
from tests.console.test_call_pages import a_call
from tests.console.test_event_pages import BY_HAND
from tests.console.test_menu_pages import two_days
from tests.console.test_nuisance_pages import PROPOSAL
from tests.console.test_number_pages import TRAFFIC
from tests.console.test_outgoing_pages import planned
from tests.console.test_ring_back_pages import CALL, owes
from tests.console.world import PASSWORD, World, world_of

pytestmark = pytest.mark.browser

SERVED = {
    "call_record.html", "event.html", "events.html", "figures.html", "figures_waits.html", "menus.html",
    "nuisance.html", "numbers.html", "outgoing.html", "restriction.html", "ring_back.html", "ring_backs.html",
}  # fmt: skip
NARROW: ViewportSize = {"width": 341, "height": 192}


async def filled(world: World) -> list[str]:
    """Let something happen on the line, and return the paths that show it."""
    call = a_call(world.store)
    two_days(world.store)
    await owes(world)
    await planned(world)
    lead, admin = await world.signed_in("lead"), await world.signed_in("admin")
    event = (await lead.post_form("/events", BY_HAND)).headers["Location"]
    limited = (await lead.post_form("/nuisance/proposals", PROPOSAL)).headers["Location"]
    assert (await admin.post_form("/numbers", TRAFFIC)).status == 303
    world.clock.pass_(hours=2)
    return [
        "/figures", "/figures/waits", "/menus", "/events", event, "/nuisance", limited, "/ring-backs", f"/ring-backs/{CALL}",
        f"/calls/{call}", "/outgoing",
    ]  # fmt: skip


async def findings(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    result = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:120]}" for one in result["violations"] for node in one["nodes"]]


async def wrong_with(page: Page, url: str) -> list[str]:
    """Return what is wrong with a page: light, dark and large, in English, and narrow."""
    answer = await page.goto(f"{url}?lang=zh&theme=light&size=normal")
    assert answer is not None
    assert answer.status == 200, url
    wrong = await findings(page)
    wrong += re.findall(r"\b(?:[a-z]+_)?[a-z]+\.[a-z_]{3,}\b", await page.locator("main").inner_text())
    await page.goto(f"{url}?lang=en&theme=dark&size=large")
    wrong += await findings(page)
    await page.set_viewport_size(NARROW)
    over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    await page.set_viewport_size({"width": 1366, "height": 768})
    return wrong + ([f"{over} px too wide"] if over > 0 else [])


async def signed_in(browser: Browser, world: World, login: str) -> Page:
    page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    await page.goto(f"{at_home(world)}/login")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url("**/wall")
    return page


def at_home(world: World) -> str:
    """The console by the name for which a browser keeps secure cookies without TLS."""
    return world.origin.replace("127.0.0.1", "localhost")


async def test_the_pages_of_the_line_are_accessible_and_whole_as_they_are_served(
    chromium_async: Browser, store: Store
) -> None:
    wrong: dict[str, list[str]] = {}
    async with world_of(store) as world:
        paths = await filled(world)
        for login, some in (("lead", paths), ("admin", ["/numbers"])):
            page = await signed_in(chromium_async, world, login)
            for path in some:
                if found := await wrong_with(page, at_home(world) + path):
                    wrong[path] = found
            await page.close()
    assert wrong == {}


def test_every_template_is_shown_to_axe_somewhere() -> None:
    pages = {path.name for path in (Path(console.__file__).parent / "templates").glob("[!_]*.html")}
    assert pages - {"base.html"} == SERVED | {template for template, _, _ in sample_data.PAGES.values()}
