"""Pictures of pages, and what of them must not change unseen: where panels stand, which colours parts have, the whole.

Fonts differ between machines, so no pixel is compared with another: panels are measured, colours are asked of the browser,
and of the pictures only large squares are compared. `python -m tests.browser.screenshots` takes the references anew;
name some of them to take only those. Look at what changed before it is committed.
"""

import base64
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser import sample_live
from tests.browser.sample_data import NOW
from tests.browser.sample_pages import STANDING, SamplePages
from tests.chromium import CHROMIUM, FLAGS

SHOTS: Final = Path(__file__).parent / "shots"
SMALLER: Final = 4
SQUARE: Final = 8
"""The references are a fourth of the screen; squares of so many of their points are compared."""
MOVED: Final = 12
"""Points a panel may stand elsewhere, or be larger, because another machine's font is."""
OFF: Final = 0.02
"""How many of the squares may be of another brightness or colour."""
CALM: Final = (
    "*, *::before, *::after { animation: none !important; transition: none !important; }"
    "* { caret-color: transparent !important; }"
)

Scene = Callable[[SamplePages, Page, str], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """A page in one form on one screen: an address, or a scene of a live page."""

    name: str
    of: str | Scene
    width: int = 1366
    height: int = 768
    query: str = ""


ALL: Final = (
    Shot("status", "/status-found"),
    Shot("status-phone", "/status-acts", 390, 844),
    Shot("login-dark", "/login-wrong", query="theme=dark"),
    Shot("cases", "/cases"),
    Shot("cases-contrast-en", "/cases", query="contrast=more&lang=en"),
    Shot("cases-phone", "/cases", 390, 844),
    Shot("cases-none-dark-large", "/cases-none", query="theme=dark&size=large"),
    Shot("case", "/case", 1440, 900),
    Shot("work", "/work"),
    Shot("org", "/org/units"),
    Shot("indicators", "/indicators"),
    Shot("supervision", "/supervision"),
    Shot("reports", "/reports"),
    Shot("parts", "/look/parts", 1366, 2000),
    Shot("parts-contrast-dark", "/look/parts", 1366, 2000, "theme=dark&contrast=more"),
    Shot("kiosk", "/kiosk", 1080, 1920),
    Shot("desk-ready", sample_live.ready),
    Shot("desk-ringing", sample_live.ringing),
    Shot("desk-talking", sample_live.filled, 1440, 900),
    Shot("desk-talking-dark", sample_live.filled, 1440, 900, "theme=dark"),
    Shot("desk-talking-large", sample_live.filled, 1920, 1080, "size=large"),
    Shot("desk-talking-contrast", sample_live.filled, query="contrast=more"),
    Shot("desk-wrapping-en", sample_live.wrapping, query="lang=en"),
    Shot("wall", sample_live.wall80, 1920, 1080),
    Shot("wall-desk", sample_live.wall_desk),
)

ASKED: Final = (Path(__file__).parent / "screenshots.js").read_text(encoding="utf-8").split("\n", 1)[1]


def ask(page: Page, what: str, argument: Any = None) -> Any:
    return page.evaluate(f"([what, argument]) => {ASKED}[what](argument)", [what, argument])


@dataclass(frozen=True, slots=True)
class Look:
    """What a page looks like: a small picture, where its panels are, and the colours its parts have."""

    picture: bytes
    panels: list[list[Any]] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    def keep(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        (SHOTS / f"{name}.png").write_bytes(self.picture)
        parts = (
            f'"{part}": [\n' + ",\n".join(json.dumps(one, ensure_ascii=False) for one in ones) + "\n]"
            for part, ones in (("panels", self.panels), ("drawn", self.drawn))
        )
        text = "{" + ",\n".join(parts) + "}\n"
        (SHOTS / f"{name}.json").write_text(text, encoding="utf-8")

    @classmethod
    def kept(cls, name: str) -> "Look":
        known = json.loads((SHOTS / f"{name}.json").read_text(encoding="utf-8"))
        return cls((SHOTS / f"{name}.png").read_bytes(), **known)


class Camera:
    """Takes pictures in one browser; a page of its own makes them smaller and compares them."""

    def __init__(self, browser: Browser, server: SamplePages) -> None:
        self.browser, self.server = browser, server
        self.darkroom = browser.new_page()

    def take(self, shot: Shot, css: str = "") -> Look:
        """Return the look of a page at a standing clock, with a further style sheet if one is given."""
        self.server.reset()
        context = self.browser.new_context(
            viewport={"width": shot.width, "height": shot.height},
            permissions=["microphone"],
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            bypass_csp=True,
        )
        try:
            with standing_clock():
                return self._take(context.new_page(), shot, css)
        finally:
            context.close()

    def _take(self, page: Page, shot: Shot, css: str) -> Look:
        page.clock.set_fixed_time(NOW)
        asked = requests_of(page)
        if isinstance(shot.of, str):
            page.goto(f"{self.server.url}{shot.of}?{shot.query}")
        else:
            shot.of(self.server, page, shot.query)
        page.add_style_tag(content=CALM + css)
        settle(page, asked)
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        taken = base64.b64encode(page.screenshot(animations="disabled")).decode()
        small = ask(self.darkroom, "shrink", [taken, SMALLER])
        return Look(base64.b64decode(small), **ask(page, "measure"))

    def differences(self, was: Look, now: Look) -> list[str]:
        """Say what of a page is elsewhere, drawn otherwise, or another picture altogether."""
        pictures = [base64.b64encode(one.picture).decode() for one in (was, now)]
        share = ask(self.darkroom, "compare", [*pictures, SQUARE])
        told = [f"{share:.1%} of the picture differs"] if share > OFF else []
        return [*moved(was, now), *redrawn(was, now), *told]


def requests_of(page: Page) -> set[Request]:
    """Return the requests of the page that are not answered yet, as a set that keeps itself right."""
    asked: set[Request] = set()

    # Functions of our own: playwright takes no built-in ones.
    def begins(one: Request) -> None:
        asked.add(one)

    def ends(one: Request) -> None:
        asked.discard(one)

    page.on("request", begins)
    page.on("requestfinished", ends)
    page.on("requestfailed", ends)
    return asked


def settle(page: Page, asked: set[Request]) -> None:
    """Wait until the page has what it asked for, and asks for nothing more."""
    quiet = 0
    for _ in range(100):
        page.wait_for_timeout(100)
        quiet = 0 if asked else quiet + 1
        if quiet == 3:
            return
    raise AssertionError(f"never answered: {[one.url for one in asked]}")


def moved(was: Look, now: Look) -> list[str]:
    before, after = [one[0] for one in was.panels], [one[0] for one in now.panels]
    if before != after:
        return [f"other panels: {sorted(set(before) ^ set(after)) or (len(before), len(after))}"]
    return [
        f"{old[0]} stands at {new[1:]}, not at {old[1:]}"
        for old, new in zip(was.panels, now.panels, strict=True)
        if any(abs(a - b) > MOVED + b // 20 for a, b in zip(new[1:], old[1:], strict=True))
    ]


def redrawn(was: Look, now: Look) -> list[str]:
    gone, come = set(was.drawn) - set(now.drawn), set(now.drawn) - set(was.drawn)
    return [
        *(f"no more drawn: {one}" for one in sorted(gone)),
        *(f"drawn anew: {one}" for one in sorted(come)),
    ]


@contextmanager
def standing_clock() -> Iterator[None]:
    STANDING.append(NOW)
    try:
        yield
    finally:
        STANDING.clear()


def main(names: list[str]) -> None:
    server = SamplePages()
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        camera = Camera(browser, server)
        for shot in ALL:
            if not names or shot.name in names:
                camera.take(shot).keep(shot.name)
                print(shot.name)
        browser.close()
    server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
