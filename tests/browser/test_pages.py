"""How the pages look and read: accessible, within their security policy, complete in both languages, usable when narrow."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import console
from tests.browser import sample_data, sample_live
from tests.browser.conftest import OpenPage
from tests.browser.sample_pages import SamplePages
from tests.browser.watching import hidden_focus

pytestmark = pytest.mark.browser

CONSOLE = Path(console.__file__).parent
TEMPLATES = sorted((CONSOLE / "templates").glob("*.html"))
SCRIPTS = sorted((CONSOLE / "static" / "js").glob("*.js"))
STYLES = sorted((CONSOLE / "static" / "css").glob("*.css"))
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# What is in order is neither gathered nor brought over from the browser: it is most of the time.
VIOLATIONS = """async rules => (await axe.run(document,
  {runOnly: rules, iframes: false, resultTypes: ['violations']})).violations"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Scene = Callable[[SamplePages, Page, str], None]

DESK_SCENES: dict[str, Scene] = {
    "offline": sample_live.offline,
    "ready": sample_live.ready,
    "ringing": sample_live.ringing,
    "talking": sample_live.filled,
    "held": sample_live.held,
    "refused": sample_live.refused,
    "registered": sample_live.registered,
    "wrapping": sample_live.wrapping,
    "messages": sample_live.messages,
    "break": sample_live.on_break,
    "menu": sample_live.menu,
    "over_quota": sample_live.over_quota,
    "broken": sample_live.broken,
    "owing": sample_live.owing,
    "closing_owed": sample_live.closing_owed,
    "choosing_break": sample_live.choosing_break,
    "ringing_out": sample_live.ringing_out,
    "merged": sample_live.merged,
    "in_an_event": sample_live.in_an_event,
    "merging": sample_live.merging,
    "merged_into": sample_live.merged_into,
    "finding": sample_live.finding,
    "changing_keys": sample_live.changing_keys,
    "places": sample_live.places,
}
WALL_SCENES: dict[str, Scene] = {
    "wall8": sample_live.wall8,
    "wall80": sample_live.wall80,
    "wall500": sample_live.wall500,
    "wall_in_trouble": sample_live.wall_in_trouble,
    "wall_stuck": sample_live.wall_stuck,
    "wall_order": sample_live.wall_order,
    "wall_caller": sample_live.wall_caller,
    "wall_helped": sample_live.wall_helped,
    "wall_message": sample_live.wall_message,
    "wall_desk": sample_live.wall_desk,
}
PLAIN_PAGES = [path for path in sample_data.PAGES if path not in {"/desk", "/wall", "/wall/desk"}]


def findings(page: Page) -> list[str]:
    """What axe-core has against the page, with the element it means."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate(VIOLATIONS, RULES)
    return [
        f"{violation['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def findings_in_every_form(page: Page) -> list[str]:
    """Light, then dark and large: together they use every colour and every size."""
    light = findings(page)
    page.evaluate("Object.assign(document.documentElement.dataset, {theme: 'dark', size: 'large'})")
    return light + findings(page)


# Nothing comes from elsewhere


@pytest.mark.parametrize("folder", [CONSOLE / "static" / "vendor", AXE.parent], ids=["console", "tests"])
def test_a_carried_library_is_the_one_its_readme_names(folder: Path) -> None:
    rows = re.findall(
        r"^\| `([^`]+)` .* \| `([^`]+)` \| `([0-9a-f]{64})` \|$",
        (folder / "README.md").read_text(),
        re.MULTILINE,
    )
    assert {name for name, _, _ in rows} == {path.name for path in folder.glob("*.js")}
    for name, licence, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        assert (folder / licence).stat().st_size > 500


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_our_own_pages_name_no_other_host_and_need_no_exception_from_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]+", text) == []
    assert re.findall(r"\sstyle=|\son[a-z]+=\"|javascript:|\beval\(|new Function", text) == []
    assert (
        path.suffix != ".html" or re.findall(r"<script(?! type=\"(?:module|application/json)\")", text) == []
    )


# The words


def catalogue(lang: str) -> dict[str, str]:
    files = (CONSOLE / "locale" / f"{lang}.json", *sorted((CONSOLE / "locale").glob(f"*-{lang}.json")))
    texts: dict[str, str] = {}
    for path in files:
        texts |= json.loads(path.read_text())
    return texts


def test_both_languages_say_the_same_things_with_the_same_blanks() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert set(zh) == set(en)
    blanks = re.compile(r"\{\w+\}")
    assert [key for key in zh if set(blanks.findall(zh[key])) != set(blanks.findall(en[key]))] == []


def test_chinese_texts_have_chinese_punctuation() -> None:
    beside = re.compile(r"[\u4e00-\u9fff”」》）][,;:!?()]|[,;!?()][\u4e00-\u9fff“「《（]")
    literal = {"rules.notice_help"}  # shows how a file is written
    assert {
        key: text for key, text in catalogue("zh").items() if beside.search(text)
    }.keys() - literal == set()


def test_every_text_a_page_asks_for_is_written() -> None:
    known = catalogue("zh")
    pattern = re.compile(r"\bt\('([a-z0-9_.]+)'[,)]")
    asked = {
        key for path in (*TEMPLATES, *SCRIPTS) for key in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert sorted(asked - set(known)) == []
    assert len(asked) > 200


def test_every_page_has_a_sample_that_is_looked_at_in_every_form() -> None:
    shown = {template for template, _, _ in sample_data.PAGES.values()}
    written = {path.name for path in TEMPLATES if not path.name.startswith("_")} - {"base.html"}
    assert written - shown == set()


def test_no_key_of_a_text_shows_through_on_any_live_page(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(expected="400")
    for scene in (*DESK_SCENES.values(), *WALL_SCENES.values()):
        server.reset()
        scene(server, page, "")
        assert re.findall(r"\b[a-z_]+\.[a-z_]{2,}\b", page.locator("body").inner_text()) == []


# Accessible


@pytest.mark.parametrize("path", PLAIN_PAGES)
def test_a_plain_page_has_no_accessibility_findings(
    open_page: OpenPage, server: SamplePages, path: str
) -> None:
    page = open_page()
    page.goto(server.url + path)
    assert hidden_focus(page) == []
    assert findings_in_every_form(page) == []
    page.goto(f"{server.url}{path}?lang=en&contrast=more")
    assert findings(page) == []


@pytest.mark.parametrize("scene", DESK_SCENES)
def test_the_desk_has_no_accessibility_findings_in_any_state(
    open_page: OpenPage, server: SamplePages, scene: str
) -> None:
    page = open_page(expected="400")
    DESK_SCENES[scene](server, page, "")
    assert findings_in_every_form(page) == []


def test_the_desk_in_english_has_no_accessibility_findings(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    sample_live.filled(server, page, "lang=en")
    assert findings(page) == []


@pytest.mark.parametrize("scene", WALL_SCENES)
def test_the_wall_has_no_accessibility_findings(open_page: OpenPage, server: SamplePages, scene: str) -> None:
    page = open_page(1920, 1080)
    WALL_SCENES[scene](server, page, "")
    assert findings(page) == []


def test_the_wall_in_english_has_no_accessibility_findings(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1920, 1080)
    sample_live.wall500(server, page, "lang=en")
    assert findings(page) == []


@pytest.mark.parametrize("query", ["", "contrast=more"])
def test_a_wall_that_hears_nothing_any_more_can_still_be_read(
    open_page: OpenPage, server: SamplePages, query: str
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall80(server, page, query)
    page.locator("main").evaluate("main => { main.className = 'stale'; }")
    assert findings(page) == []


def test_high_contrast_is_honoured(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(contrast="more")
    sample_live.filled(server, page, "")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#f-title')).borderTopColor") == "rgb(0, 0, 0)"
    )
    assert findings(page) == []


def test_nothing_moves_for_those_who_asked_for_stillness(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(reduced_motion="reduce")
    sample_live.ringing(server, page, "")
    expect(page.locator(".ring-word .i")).to_have_css("animation-name", "none")


# On every screen


@pytest.mark.parametrize("query", ["", "size=large", "lang=en"])
@pytest.mark.parametrize("scene", ["refused", "wrapping"])
def test_the_action_bar_is_whole_on_the_smallest_desk(
    open_page: OpenPage, server: SamplePages, scene: str, query: str
) -> None:
    page = open_page(1366, 768, expected="400")
    DESK_SCENES[scene](server, page, query)
    for button in page.locator(".center .bar .btn").all():
        expect(button).to_be_in_viewport(ratio=1)
    expect(page.locator("footer.foot")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", [*PLAIN_PAGES, "/desk", "/wall", "/wall/desk"])
def test_nothing_is_cut_off_sideways_at_four_hundred_percent(
    open_page: OpenPage, server: SamplePages, path: str
) -> None:
    page = open_page(341, 192)
    server.on_connect = (
        [sample_live.desk("talking", call="talking"), sample_live.pop()] if path == "/desk" else []
    )
    page.goto(server.url + path)
    page.locator("h1").first.wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("path", PLAIN_PAGES)
def test_nothing_is_cut_off_on_a_telephone_in_large_english(
    open_page: OpenPage, server: SamplePages, path: str
) -> None:
    page = open_page(390, 844)
    page.goto(f"{server.url}{path}?lang=en&size=large")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_header_of_who_may_enter_everywhere_is_one_line_and_opens_without_scripts(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(java_script_enabled=False)
    for lang in ("zh", "en"):
        page.goto(f"{server.url}/cases?lang={lang}")
        assert page.locator(".bar-top").evaluate("one => one.offsetHeight") <= 52
    expect(page.locator(".more a").first).to_be_hidden()
    page.locator(".more summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".more a").last).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_the_wall_of_eighty_seats_needs_no_scrolling(
    open_page: OpenPage, server: SamplePages, width: int, height: int
) -> None:
    page = open_page(width, height)
    sample_live.wall80(server, page, "")
    expect(page.locator(".tile").last).to_be_in_viewport(ratio=1)


# Without scripts


@pytest.mark.parametrize("path", PLAIN_PAGES)
def test_a_plain_page_says_everything_without_scripts(
    open_page: OpenPage, server: SamplePages, path: str
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(server.url + path)
    expect(page.locator("h1:visible")).to_have_count(1)
    expect(page.locator("form:visible, a.btn:visible, noscript p, .note:visible").first).to_be_visible()


def test_a_citizen_asks_for_a_case_without_scripts_and_the_code_is_in_no_address(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(server.url)
    page.get_by_label("诉求编号").fill("261122001781")
    page.get_by_label("查询码").fill("482915")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", name="查询诉求进度")).to_be_visible()
    assert page.url == f"{server.url}/"


def test_the_reader_changes_size_and_colours_without_losing_what_was_typed(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    page.goto(f"{server.url}/login")
    page.get_by_label("账号").fill("1001")
    page.get_by_role("link", name="大字").click()
    page.get_by_role("link", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("账号")).to_have_value("1001")
    assert {cookie["name"]: cookie["value"] for cookie in page.context.cookies()} == {
        "size": "large",
        "theme": "dark",
    }


def test_the_login_is_reached_by_keyboard_alone(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    page.goto(f"{server.url}/login")
    expect(page.get_by_label("账号")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("密码")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="登录")).to_be_focused()
