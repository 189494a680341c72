"""K-02 in a real browser: a kiosk forgets its visitor after a minute, and numbers are typed with the finger."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.sample_pages import SamplePages

pytestmark = pytest.mark.browser


def test_k_02_after_a_minute_without_a_touch_the_page_goes_home_and_asks_before(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1080, 1920)
    page.clock.install()
    page.goto(f"{server.url}/kiosk/status")
    page.get_by_label("诉求编号").fill("261122001781")
    page.clock.run_for(46_000)
    asked = page.get_by_role("alertdialog")
    expect(asked).to_contain_text("秒后返回首页")
    expect(page.get_by_role("button", name="继续使用")).to_be_focused()
    page.keyboard.press("Enter")
    expect(asked).to_be_hidden()
    page.clock.run_for(59_000)
    expect(page).to_have_url(f"{server.url}/kiosk/status")
    page.clock.run_for(2_000)
    expect(page).to_have_url(f"{server.url}/kiosk")
    # The page with the number on it is not merely left: it is no longer there to go back to.
    page.go_back()
    assert page.url == "about:blank"


def test_k_02_how_the_last_visitor_read_goes_with_the_last_visitor(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1080, 1920)
    page.clock.install()
    looks = {"contrast": "more", "size": "large", "lang": "en"}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in looks.items()]
    )
    page.goto(f"{server.url}/kiosk/status?contrast=more")
    expect(page.get_by_role("link", name="标准对比")).to_be_visible()
    page.clock.run_for(59_000)
    assert {one["name"] for one in page.context.cookies()} == set(looks)
    page.clock.run_for(2_000)
    expect(page).to_have_url(f"{server.url}/kiosk")
    assert page.context.cookies() == []
    expect(page.get_by_role("link", name="高对比")).to_be_visible()


def test_k_02_numbers_are_typed_on_a_pad_and_everything_touched_is_large(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1080, 1920)
    page.goto(f"{server.url}/kiosk/status")
    page.get_by_label("查询码").focus()
    for key in ("4", "8", "2", "退格", "0"):
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_label("查询码")).to_have_value("480")
    page.get_by_role("button", name="清空").click()
    expect(page.get_by_label("查询码")).to_have_value("")
    for path in ("/kiosk", "/kiosk/status", "/kiosk/report", "/kiosk/status-acts"):
        page.goto(server.url + path)
        small = page.locator("button:visible, a.btn:visible, summary:visible").evaluate_all(
            "all => all.filter((one) => one.getBoundingClientRect().height < 96).map((one) => one.outerHTML)"
        )
        assert small == []
    assert page.locator("main").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 28


def test_k_02_what_one_touches_first_is_in_the_lower_half(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1080, 1920)
    page.goto(f"{server.url}/kiosk")
    tops = page.locator(".tile, .kiosk-foot .btn:visible").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().top)"
    )
    assert min(tops) >= 1920 / 2 - 1
