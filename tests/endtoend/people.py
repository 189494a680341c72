"""Who meets in an end-to-end test: agents at a real browser, citizens with real telephones."""

import asyncio
import re
import time
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from playwright.async_api import Browser, Page, async_playwright, expect

from hotline.phone import Line
from tests.chromium import CHROMIUM, FLAGS
from tests.sip import Telephone, eventually, telephone
from tests.town import Town

CITIZEN_HERTZ, AGENT_HERTZ = 800, 480  # no notes of the hold music
# Inside a network of its own there is only loopback for the sound.
SOUND_FLAGS = ("--allow-loopback-in-peer-connection",)


def write_tone(path: Path, hertz: int, *, rate: int, seconds: float = 60) -> Path:
    times = np.arange(int(rate * seconds)) / rate
    samples = (9000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


@asynccontextmanager
async def chromium(folder: Path, microphone: Path | None = None) -> AsyncIterator[Browser]:
    """A browser whose microphone hears this file, or a tone of AGENT_HERTZ."""
    tone = microphone or write_tone(folder / "microphone.wav", AGENT_HERTZ, rate=48000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[*FLAGS, *SOUND_FLAGS, f"--use-file-for-fake-audio-capture={tone}"],
            ignore_default_args=["--mute-audio"],
        )
        yield browser
        await browser.close()


@dataclass
class Desk:
    """An agent's desk in a browser."""

    page: Page
    town: Town
    complaints: list[str] = field(default_factory=list)

    async def sign_in(self, login: str = "1001") -> Self:
        await self.page.goto(f"{self.town.url}/login?next=/desk")
        await self.page.fill("#login", login)
        await self.page.fill("#password", self.town.password)
        await self.page.click("form[action='/login'] button.primary")
        # Not "**/desk*": the address of the form itself ends in next=/desk, and leaving it ends the signing in.
        await self.page.wait_for_url(re.compile(r"^[^?]*/desk\b"))
        # Pure tones are measured, which speech processing would remove.
        await self.page.goto(f"{self.town.url}/desk?debug=1")
        return self

    async def go_ready(self, *, then: str = "空闲") -> Self:
        """Be ready; with callers waiting, the first one rings at once."""
        await self.page.get_by_role("button", name="示闲").first.click(timeout=20_000)
        await self.shows(then)
        return self

    async def shows(self, state: str, seconds: float = 15) -> None:
        await expect(self.page.locator("header.top .state")).to_contain_text(state, timeout=seconds * 1000)

    async def takes_a_break(self) -> None:
        await self.page.locator("header.top button", has_text="小休").click()
        await self.page.locator("dialog[open] button", has_text="用餐").first.click()
        await self.shows("小休")

    async def is_linked(self) -> None:
        """Wait until the page hears the server again and its telephone is registered."""
        await expect(self.page.locator(".link-bar")).to_be_hidden(timeout=30_000)
        await expect(self.page.locator(".foot")).to_contain_text("话机已注册", timeout=30_000)

    async def rings(self, number: str, seconds: float = 20) -> None:
        await expect(self.page.locator("#number")).to_have_text(number, timeout=seconds * 1000)
        await self.shows("振铃")

    async def answers(self) -> None:
        await expect(self.page.locator(".ring-card button.ok")).to_be_enabled(timeout=10_000)
        await asyncio.sleep(1.1)  # F2 is guarded against being pressed twice, as nervous fingers do
        await self.page.keyboard.press("F2")
        await self.shows("通话")

    async def hears(self, hertz: int) -> None:
        async def heard() -> bool:
            tone: dict[str, Any] = await self.page.evaluate("window.__phone.tone('remote')")
            return abs(tone["hz"] - hertz) < 30 and (tone["db"] or -200) > -70

        await _until(heard, f"the desk does not hear {hertz} Hz")

    async def fills(self, **fields: str) -> None:
        for name, value in fields.items():
            box = self.page.locator(f"#f-{name}")
            if name in {"category", "unit"}:
                await box.fill(value)
                await box.press("Enter")
            elif await box.evaluate("box => box.tagName") == "SELECT":
                await box.select_option(value)
            else:
                await box.fill(value)

    async def files(self, keys: str) -> tuple[str, str]:
        """Submit by keys; return the twelve digits and the query code that the desk reads out."""
        await self.page.keyboard.press(keys)
        digits = self.page.locator("#filed-digits")
        await expect(digits).to_be_visible(timeout=10_000)
        code = await self.page.locator("#filed-code").inner_text()
        return (await digits.inner_text()).replace(" ", ""), code.replace(" ", "")

    async def finishes(self, outcome: str = "已登记", *, then: str = "空闲") -> None:
        """Say what came of the call and be done with it; with callers waiting, the next one rings at once."""
        await self.shows("整理")
        choice = self.page.locator("#outcomes label", has_text=outcome)
        if not await choice.locator("input").is_checked():
            await choice.click()
        await self.page.get_by_role("button", name="完成并示闲").click()
        await self.shows(then)


async def _until(question: Any, otherwise: str, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not await question():
        assert time.monotonic() < end, otherwise
        await asyncio.sleep(0.1)


@dataclass
class Street:
    """The town's people, each with what they came with; all leave when the test ends."""

    town: Town
    browser: Browser
    folder: Path
    stack: AsyncExitStack
    desks: list[Desk] = field(default_factory=list)

    async def citizen(
        self, number: str, *, tone: bool = True, port: int = 0, voice: Path | None = None
    ) -> Telephone:
        folder = self.folder / f"{number}-{len(list(self.folder.iterdir()))}"
        folder.mkdir(parents=True)
        if tone and voice is None:
            voice = write_tone(folder / "voice.wav", CITIZEN_HERTZ, rate=8000)
        return await self.stack.enter_async_context(
            telephone(Line(user=number, server=self.town.sip, port=port), folder, voice)
        )

    async def page(self) -> Desk:
        context = await self.browser.new_context(
            permissions=["microphone"], viewport={"width": 1440, "height": 900}
        )
        self.stack.push_async_callback(context.close)
        desk = Desk(await context.new_page(), self.town)
        desk.page.on(
            "console", lambda said: desk.complaints.append(said.text) if said.type == "error" else None
        )
        desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        self.desks.append(desk)
        return desk

    async def agent(self, login: str, *, then: str = "空闲") -> Desk:
        """An agent who has signed in and is ready."""
        return await (await (await self.page()).sign_in(login)).go_ready(then=then)

    async def empties(self) -> None:
        """Wait until no channel is left."""
        await eventually(
            lambda: "0 active channels" in self.town.cli("core show channels"), 30, "a channel is stuck"
        )
