"""What the desk does between calls, and what the wall and the citizen's web phone show."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser import sample_live
from tests.browser.conftest import OpenPage
from tests.browser.sample_data import CALL
from tests.browser.sample_pages import SamplePages, ago
from tests.browser.watching import sent, told, until

pytestmark = pytest.mark.browser

# Between calls


def test_the_wrap_up_asks_for_an_outcome_before_it_ends(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    sample_live.wrapping(server, page)
    page.keyboard.press("Alt+r")
    expect(page.locator("#outcome-error")).to_be_visible()
    assert told(server, "wrapped") == []
    page.get_by_label("误拨").check()
    page.keyboard.press("Alt+r")
    until(page, lambda: told(server, "wrapped"))
    assert told(server, "outcome") == [{"do": "outcome", "call": CALL, "code": "wrong_number", "case": None}]


def test_the_wrap_up_is_extended_once_with_a_reason(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    sample_live.wrapping(server, page)
    page.get_by_role("button", name="延长一次").click()
    page.get_by_role("button", name="内容较多").click()
    until(page, lambda: told(server, "extend") == [{"do": "extend", "reason": "typing"}])
    server.push(sample_live.desk("wrap_up", wrap_up_until=ago(-90), wrap_up_extended=True))
    expect(page.get_by_role("button", name="已延长")).to_be_disabled()


def test_a_form_left_unfinished_waits_on_the_desk(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    sample_live.wrapping(server, page)
    server.push(sample_live.desk("ready", since=1))
    expect(page.get_by_text("未提交的草稿（1）")).to_be_visible()
    page.get_by_role("button", name="继续填写").click()
    expect(page.locator("#f-content")).to_have_value(sample_live.CONTENT)


def test_a_seat_without_a_microphone_says_what_to_do_and_is_not_ready(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))",
    )
    sample_live.open_desk(server, page, "", sample_live.desk("offline"))
    expect(page.get_by_text("请点击地址栏左侧的图标")).to_be_visible()
    expect(page.get_by_role("button", name="示闲")).to_be_disabled()
    page.keyboard.press("Alt+r")
    until(page, lambda: told(server, "phone"))
    assert told(server, "phone")[-1] == {"do": "phone", "registered": True, "mic": False}


def test_a_break_is_taken_with_its_reason(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    sample_live.ready(server, page)
    page.get_by_role("button", name="小休").first.click()
    page.get_by_role("button", name="用餐").click()
    until(page, lambda: told(server, "break") == [{"do": "break", "reason": "meal"}])


def test_a_desk_that_was_opened_elsewhere_says_so_and_stays_away(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    sample_live.ready(server, page)
    server.push({"t": "bye", "text": "您已在另一处打开坐席台,此处已断开。"})
    expect(page.get_by_role("alert").get_by_text("您已在另一处打开坐席台")).to_be_visible()
    expect(page.get_by_role("link", name="在此处打开")).to_be_visible()


# The wall and the web phone


def test_the_wall_changes_one_tile_and_asks_anew_when_it_missed_something(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall8(server, page)
    server.push(
        {
            "t": "wall_delta",
            "seq": 2,
            "age_ms": 0,
            "seats": [{"id": "s1003", "state": "disabled", "since": ago(5)}],
        }
    )
    expect(page.locator(".tile.is-disabled")).to_contain_text("1003 林晓")
    server.on_connect = [sample_live.wall_state(9, waiting=0)]
    server.push({"t": "wall_delta", "seq": 7, "age_ms": 0})
    expect(page.locator(".tile")).to_have_count(9, timeout=10_000)


def test_the_wall_says_when_its_data_is_late(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1920, 1080)
    server.on_connect = [sample_live.wall_state(8, waiting=0) | {"age_ms": 9000}]
    page.goto(f"{server.url}/wall")
    expect(page.get_by_role("alert")).to_contain_text("数据延迟")
    expect(page.locator("main")).to_have_class("stale")
    server.push({"t": "wall_delta", "seq": 2, "age_ms": 0})
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_web_phone_explains_a_missing_microphone(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'))",
    )
    page.goto(f"{server.url}/call")
    page.get_by_role("button", name="拨打 12345").click()
    expect(page.locator(".note.bad")).to_contain_text("请插好耳机或麦克风")
    assert sent(server, "POST", "/api/webphone") == []


def test_the_web_phone_says_why_it_was_refused(open_page: OpenPage, server: SamplePages) -> None:
    server.answers["/api/webphone"] = (503, {"error": "网页电话正忙,请稍候再试。"})
    page = open_page(expected="503")
    page.goto(f"{server.url}/call")
    page.get_by_label("您的电话号码").fill("13850123456")
    page.get_by_role("button", name="拨打 12345").click()
    expect(page.locator(".note.bad")).to_contain_text("网页电话正忙")
    assert sent(server, "POST", "/api/webphone") == [{"number": "13850123456"}]


def test_drafts_are_kept_apart_by_agent(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    kept = json.dumps({"fields": {"title": "别人的"}, "key": "k"})
    page.add_init_script(f"localStorage.setItem('hotline.draft.2002.x', {json.dumps(kept)})")
    sample_live.ready(server, page)
    expect(page.get_by_text("别人的")).to_be_hidden()
