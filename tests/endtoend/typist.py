"""An agent who never touches a mouse and writes with an input method."""

import asyncio
import re
from dataclasses import dataclass

from playwright.async_api import CDPSession, expect

from tests.endtoend.people import Desk, Street

# What a headset does that is pulled out and plugged in again; nothing else of the browser is changed.
HEADSET = """{ const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); let there = true; let track;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!there) throw new DOMException('no', 'NotFoundError');
    const stream = await real(wanted);
    [track] = stream.getAudioTracks();
    return stream; };
  window.pullOut = () => { there = false; track.stop(); track.dispatchEvent(new Event('ended')); };
  window.plugIn = () => { there = true; navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }; }"""
MOST_TABS = 80
GUARD_SECONDS = 1.1
"""Keys that end something count once a second."""


@dataclass
class Typist:
    """A desk worked by keys alone."""

    desk: Desk
    method: CDPSession

    @classmethod
    async def sits_down(cls, street: Street, login: str) -> "Typist":
        desk = await street.page()
        await desk.page.add_init_script(HEADSET)
        typist = cls(desk, await desk.page.context.new_cdp_session(desk.page))
        await desk.page.goto(f"{street.town.url}/login?next=/desk")
        await typist.goes_to("#login")
        await desk.page.keyboard.type(login)
        await typist.goes_to("#password")
        await desk.page.keyboard.type(street.town.password)
        await desk.page.keyboard.press("Enter")
        await desk.page.wait_for_url(re.compile(r"^[^?]*/desk\b"))
        # Pure tones are measured, which speech processing would remove.
        await desk.page.goto(f"{street.town.url}/desk?debug=1")
        await desk.is_linked()
        await typist.presses("Alt+r")
        await desk.shows("空闲")
        return typist

    async def presses(self, *keys: str) -> None:
        for key in keys:
            await self.desk.page.keyboard.press(key)

    async def presses_again(self, key: str) -> None:
        """Press a key that is guarded against nervous fingers."""
        await asyncio.sleep(GUARD_SECONDS)
        await self.presses(key)

    async def goes_to(self, selector: str) -> None:
        """Press Tab until the field has the focus."""
        for _ in range(MOST_TABS):
            if await self.desk.page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
                return
            await self.presses("Tab")
        raise AssertionError(f"{selector} cannot be reached by keys")

    async def composes(self, text: str) -> None:
        """Write as an input method does: letters that are half a word, and then the word."""
        for letters in ("s", "su", "suq"):
            await self.method.send(
                "Input.imeSetComposition",
                {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
            )
        await self.method.send("Input.insertText", {"text": text})

    async def writes(self, **fields: str) -> None:
        for name, text in fields.items():
            await self.goes_to(f"#f-{name}")
            await self.composes(text)
            await expect(self.desk.page.locator(f"#f-{name}")).to_have_value(text)

    async def picks(self, name: str, first: str) -> None:
        """Choose from a list by what its words begin with."""
        await self.goes_to(f"#f-{name}")
        box = self.desk.page.locator(f"#f-{name}")
        for _ in range(await box.locator("option").count()):
            if await box.input_value() == first:
                return
            await self.presses("ArrowDown")
        raise AssertionError(f"{first} is not in the list of {name}")

    async def finishes(self, outcome: str | None = None) -> None:
        """Say what came of the call and take the next one."""
        await self.desk.shows("整理")
        if outcome:
            await self.goes_to("#outcomes input")
            choices = self.desk.page.locator("#outcomes label")
            for _ in range(await choices.count()):
                chosen = choices.filter(has=self.desk.page.locator("input:checked"))
                if await chosen.count() and outcome in await chosen.inner_text():
                    break
                await self.presses("Space" if not await chosen.count() else "ArrowRight")
            await expect(choices.filter(has_text=outcome).locator("input")).to_be_checked()
        await self.presses("Alt+r")
        await self.desk.shows("空闲")
