"""Every page of every sample in every form, once: `python -m tests.browser.every_form [PATH…]`.

Too long for every run of the tests, which look at three forms of each page; this looks at all of them, and counts. Asked are
axe-core, whether anything is cut off sideways, and whether whatever takes the focus by the keyboard shows it.
"""

import re
import sys
from collections import Counter
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import sample_data
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
WEAR: Final = """look => { const of = document.documentElement.dataset;
  for (const name of ['theme', 'size', 'contrast']) { if (look[name]) of[name] = look[name]; else delete of[name]; } }"""


def complaints(page: Page, *, live: bool = False) -> list[str]:
    found = findings(page)
    if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
        found.append("cut off sideways")
    if not live:
        found += hidden_focus(page)
    return found


def plain(browser: Browser, server: SamplePages, path: str, told: Counter[str]) -> None:
    for lang, (width, height), looks in FORMS:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(f"{server.url}{path}?lang={lang}")
        for name in looks:
            page.evaluate(WEAR, LOOKS[name])
            tell(f"{path} {lang} {width} {name}", complaints(page), told)
        page.close()


def live(browser: Browser, server: SamplePages, name: str, told: Counter[str]) -> None:
    """A scene is played once in each language and worn in every look."""
    scenes = DESK_SCENES | WALL_SCENES
    for lang in ("zh", "en"):
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, permissions=["microphone"])
        page = context.new_page()
        server.reset()
        try:
            scenes[name](server, page, f"lang={lang}")
        except TimeoutError:
            context.close()
            continue
        for look in LOOKS if lang == "zh" else ("light",):
            if name in DESK_SCENES or look in {"contrast dark large", "light"}:
                dark = {"theme": "dark"} if name in WALL_SCENES else {}
                page.evaluate(WEAR, LOOKS[look] | dark)
                tell(f"{name} {lang} {look}", complaints(page, live=True), told)
        context.close()


def tell(where: str, found: list[str], told: Counter[str]) -> None:
    told["forms"] += 1
    for one in found:
        told[re.split(r"[: ]", one)[0]] += 1
        print(f"{where}: {one}", flush=True)


def main(asked: list[str]) -> None:
    server, told = SamplePages(), Counter[str]()
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for path in PLAIN_PAGES:
            if not asked or path in asked:
                plain(browser, server, path, told)
        for name in (*DESK_SCENES, *WALL_SCENES):
            if not asked or name in asked:
                live(browser, server, name, told)
        browser.close()
    server.stop()
    print(f"{len(sample_data.PAGES)} pages, {len(DESK_SCENES) + len(WALL_SCENES)} scenes: {dict(told)}")


if __name__ == "__main__":
    main(sys.argv[1:])
