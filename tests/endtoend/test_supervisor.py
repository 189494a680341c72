"""A supervisor at a real browser hears a talk, speaks in it, and takes the citizen over, by the page's own telephone."""

from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import expect

from tests.endtoend.people import CITIZEN_HERTZ, Desk, Street, chromium, write_tone
from tests.endtoend.test_reload import in_a_talk
from tests.sip import Telephone, eventually, hertz_in

NUMBER = "13850170001"
LEAD_HERTZ = 620
LATELY = 16_000
"""Bytes of what a telephone heard in the last second."""


async def opens_the_wall(lead: Desk) -> None:
    await lead.page.goto(f"{lead.town.url}/login?next=/wall/desk")
    await lead.page.fill("#login", "9001")
    await lead.page.fill("#password", lead.town.password)
    await lead.page.click("form[action='/login'] button.primary")
    await expect(lead.page.locator(".tile").first).to_be_visible(timeout=15_000)
    await lead.page.goto(f"{lead.town.url}/wall/desk?debug=1")


async def hears_the_supervisor_alone(citizen: Telephone) -> None:
    await eventually(lambda: hertz_in(citizen.phone.samples()[-LATELY:], LEAD_HERTZ), 20)


async def test_a_supervisor_listens_speaks_with_both_and_takes_the_citizen_over_at_a_real_browser(
    street: Street, tmp_path: Path
) -> None:
    voice = write_tone(tmp_path / "lead.wav", LEAD_HERTZ, rate=48_000)
    desk, citizen = await in_a_talk(street, "1007", NUMBER)
    await desk.page.keyboard.press("F6")  # the agent is silent: whom a supervisor hears now is the citizen
    async with chromium(tmp_path, voice) as browser, AsyncExitStack() as stack:
        lead = await Street(street.town, browser, street.folder, stack).page()
        await opens_the_wall(lead)
        await lead.page.get_by_role("button", name="监听 1007").click()
        layer = lead.page.locator("dialog[open]")
        await layer.locator("#why").fill("新人带教")
        await layer.get_by_role("button", name="监听", exact=True).click()
        await expect(lead.page.locator("body")).to_contain_text("正在监听 1007", timeout=30_000)
        await lead.hears(CITIZEN_HERTZ)
        await expect(desk.page.locator("body")).to_contain_text("正在监听本次通话")
        await layer.get_by_role("button", name="插话", exact=True).click()
        await hears_the_supervisor_alone(citizen)
        await layer.get_by_role("button", name="接管", exact=True).click()
        await desk.shows("整理")
        await hears_the_supervisor_alone(citizen)
        await lead.hears(CITIZEN_HERTZ)
        await citizen.hangs_up()
        await expect(lead.page.locator("body")).not_to_contain_text("正在接管", timeout=15_000)
        await desk.finishes("其他")
        assert lead.complaints == []
