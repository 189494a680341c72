"""Every page of every sample in every form, once: `python -m tests.browser.every_form [--notes FILE] [PATH…]`.

Too long for every run of the tests, which look at three forms of each page; this looks at all of them, and counts. Asked are
axe-core, the security policy, the browser's console, whether anything is cut off sideways, and whether whatever takes the
focus by the keyboard shows it. A run that broke off goes on where it was when it is given the same file of notes.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.browser.sample_pages import SamplePages
from tests.browser.test_pages import DESK_SCENES, PLAIN_PAGES, WALL_SCENES, findings
from tests.browser.watching import hidden_focus
from tests.chromium import CHROMIUM, FLAGS

WIDE, PHONE = (1366, 768), (390, 844)
LOOKS: Final = {
    "light": {},
    "dark": {"theme": "dark"},
    "large": {"size": "large"},
    "contrast": {"contrast": "more"},
    "contrast dark large": {"contrast": "more", "theme": "dark", "size": "large"},
}
FORMS: Final = (
    ("zh", WIDE, tuple(LOOKS)),
    ("zh", PHONE, ("light", "contrast dark large")),
    ("en", WIDE, ("light", "dark", "contrast")),
    ("en", PHONE, ("large",)),
)
KINDS: Final = ("axe", "csp", "console", "sideways", "focus", "unplayed")
EVERY: Final = (*PLAIN_PAGES, *DESK_SCENES, *WALL_SCENES)
WEAR: Final = """look => { const of = document.documentElement.dataset;
  for (const name of ['theme', 'size', 'contrast']) { if (look[name]) of[name] = look[name]; else delete of[name]; } }"""


class Look:
    """What one page or scene was found to have against it, form by form."""

    def __init__(self, name: str, expected: str = "") -> None:
        self.name, self.expected = name, expected
        self.forms = 0
        self.found: list[str] = []
        self.where = "opening"

    def listen(self, page: Page) -> Page:
        page.on("console", self._console)
        page.on("pageerror", self._error)
        return page

    def leave(self, page: Page) -> None:
        page.remove_listener("console", self._console)
        page.remove_listener("pageerror", self._error)

    def form(self, page: Page, where: str, *, live: bool = False) -> None:
        self.where = where
        self.forms += 1
        self.tell(*(f"axe {one}" for one in findings(page)))
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            self.tell("sideways cut off")
        if not live:
            self.tell(*(f"focus {one}" for one in hidden_focus(page)))

    def tell(self, *found: str) -> None:
        for one in found:
            self.found.append(f"{one} [{self.where}]")
            print(f"{self.name} {self.where}: {one}", flush=True)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (self.expected and self.expected in message.text):
            policy = "Content Security Policy" in message.text
            self.tell(f"{'csp' if policy else 'console'} {message.text}")

    def _error(self, error: Error) -> None:
        self.tell(f"console {error}")


def opened(browser: Browser) -> Page:
    return browser.new_page(
        viewport={"width": 1920, "height": 1080},
        permissions=["microphone"],
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )


def plain(page: Page, server: SamplePages, path: str) -> Look:
    look = Look(path)
    look.listen(page)
    server.reset()
    for lang, (width, height), worn in FORMS:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{server.url}{path}?lang={lang}")
        for name in worn:
            page.evaluate(WEAR, LOOKS[name])
            look.form(page, f"{lang} {width} {name}")
    page.goto("about:blank")
    look.leave(page)
    return look


def live(browser: Browser, server: SamplePages, name: str) -> Look:
    """A scene is played once in each language and worn in every look."""
    desk = name in DESK_SCENES
    look = Look(name, "400" if desk else "")
    for lang in ("zh", "en"):
        look.where = lang
        page = look.listen(opened(browser))
        page.set_default_timeout(15_000)
        server.reset()
        try:
            (DESK_SCENES | WALL_SCENES)[name](server, page, f"lang={lang}")
        except (AssertionError, Error) as error:
            look.tell(f"unplayed {str(error).splitlines()[0]}")
        else:
            for worn in worn_by(lang, desk=desk):
                page.evaluate(WEAR, LOOKS[worn] | ({} if desk else {"theme": "dark"}))
                look.form(page, f"{lang} {worn}", live=True)
        page.close()
    return look


def worn_by(lang: str, *, desk: bool) -> tuple[str, ...]:
    if lang == "en":
        return ("light",)
    return tuple(LOOKS) if desk else ("light", "contrast dark large")


def seen(notes: Path | None) -> dict[str, Any]:
    if notes is None or not notes.exists():
        return {}
    return {one["name"]: one for one in map(json.loads, notes.read_text(encoding="utf-8").splitlines())}


def look_at(wanted: list[str], notes: Path | None) -> dict[str, Any]:
    server, done = SamplePages(), seen(notes)
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = opened(browser)  # one for all plain pages: a window is the dearest of all
        for name in [one for one in wanted if one not in done]:
            scene = name in DESK_SCENES or name in WALL_SCENES
            look = live(browser, server, name) if scene else plain(page, server, name)
            done[name] = {"name": name, "forms": look.forms, "found": look.found}
            if notes is not None:
                with notes.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(done[name], ensure_ascii=False) + "\n")
        browser.close()
    server.stop()
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=Path, help="what is done is kept here, and passed over the next time")
    parser.add_argument("names", nargs="*", metavar="PATH", help="pages or scenes; all of them without any")
    asked = parser.parse_args()
    wanted = [one for one in EVERY if not asked.names or one in asked.names]
    done = look_at(wanted, asked.notes)
    forms = sum(done[one]["forms"] for one in wanted)
    kinds = dict.fromkeys(KINDS, 0) | Counter(
        said.split()[0] for one in wanted for said in done[one]["found"]
    )
    print(f"{len(wanted)} pages and scenes, {forms} forms: {kinds}")


if __name__ == "__main__":
    main()
