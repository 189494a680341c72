"""What the desk does between calls, and what the wall and the citizen's web phone show."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser import sample_live
from tests.browser.conftest import AtDesk, OpenPage
from tests.browser.sample_data import CALL
from tests.browser.sample_pages import SamplePages, ago
from tests.browser.watching import calls, sent, spy, told, until

pytestmark = pytest.mark.browser

# Between calls


def test_the_wrap_up_asks_for_an_outcome_before_it_ends(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.wrapping)
    page.keyboard.press("Alt+r")
    expect(page.locator("#outcome-error")).to_be_visible()
    assert told(server, "wrapped") == []
    page.get_by_label("误拨").check()
    page.keyboard.press("Alt+r")
    until(page, lambda: told(server, "wrapped"))
    assert told(server, "outcome") == [{"do": "outcome", "call": CALL, "code": "wrong_number", "case": None}]


def test_the_wrap_up_is_extended_once_with_a_reason(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.wrapping)
    page.get_by_role("button", name="延长一次").click()
    page.get_by_role("button", name="内容较多").click()
    until(page, lambda: told(server, "extend") == [{"do": "extend", "reason": "typing"}])
    server.push(sample_live.desk("wrap_up", wrap_up_until=ago(-90), wrap_up_extended=True))
    expect(page.get_by_role("button", name="已延长")).to_be_disabled()


def test_a_form_left_unfinished_waits_on_the_desk(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.wrapping)
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


def test_a_break_is_taken_with_its_reason(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.ready)
    page.get_by_role("button", name="小休").first.click()
    page.get_by_role("button", name="用餐").click()
    until(page, lambda: told(server, "break") == [{"do": "break", "reason": "meal"}])


def test_a_desk_that_was_opened_elsewhere_says_so_and_stays_away(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.ready)
    server.push({"t": "bye", "text": "您已在另一处打开坐席台,此处已断开。"})
    expect(page.get_by_role("alert").get_by_text("您已在另一处打开坐席台")).to_be_visible()
    expect(page.get_by_role("link", name="在此处打开")).to_be_visible()


def test_a_supervisors_message_stays_until_it_is_read_and_is_said_aloud_once(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.messages)
    expect(page.get_by_text("请回访 13 时的停电来电").first).to_be_visible()
    page.get_by_role("button", name="知道了").first.press("Enter")
    until(page, lambda: told(server, "read") == [{"do": "read", "id": 8}])
    expect(page.get_by_role("button", name="知道了")).to_have_count(1)
    server.push(sample_live.desk("ready", since=80) | {"messages": sample_live.MESSAGES[1:]})
    expect(page.get_by_role("button", name="知道了")).to_have_count(1)
    server.push(sample_live.desk("ready", since=85) | {"messages": []})
    expect(page.get_by_role("button", name="知道了")).to_have_count(0)


# The wall and the web phone


def test_the_wall_changes_one_tile_and_asks_anew_when_it_missed_something(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.wall8, 1920, 1080)
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


def test_the_wall_says_when_its_data_is_late(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.wall8, 1920, 1080, expected="ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    server.drop()
    expect(page.get_by_role("alert")).to_contain_text("数据延迟")
    expect(page.locator("main")).to_have_class("stale")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden(timeout=10_000)
    expect(page.locator("main")).not_to_have_class("stale")


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


# Breaks, ring-backs and what the desk waits for


def test_a_seat_out_of_use_says_what_is_missing_and_has_something_to_press(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.broken)
    expect(page.locator(".seat-card")).to_contain_text("话机未连接")
    expect(page.get_by_text("话机注册被拒绝")).to_be_visible()
    expect(page.get_by_role("button", name="重新连接话机")).to_be_enabled()
    page.evaluate("() => __phone.set('registered')")
    page.keyboard.press("Alt+r")
    until(page, lambda: told(server, "ready"))


@pytest.mark.parametrize("state", ["offline", "ready", "break", "disabled", "wrap_up"])
def test_in_every_state_without_a_call_the_desk_has_a_button(
    open_page: OpenPage, server: SamplePages, state: str
) -> None:
    page = open_page()
    sample_live.open_desk(server, page, "", sample_live.desk(state, since=5, wrap_up_until=ago(-30)))
    buttons = page.locator("#main button:enabled")
    expect(buttons.filter(has_text="示闲").or_(buttons.filter(has_text="小休")).first).to_be_visible()


def test_before_the_server_has_spoken_the_desk_says_that_it_waits_for_it(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.open_desk)
    expect(page.locator(".seat-card h1")).to_have_text("正在连接")


def test_a_microphone_that_is_found_later_is_opened_by_itself(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    page.add_init_script(
        """{ const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); let there = false;
          navigator.mediaDevices.getUserMedia = (wanted) => there ? real(wanted)
            : Promise.reject(new DOMException('no', 'NotFoundError'));
          window.plugIn = () => { there = true; navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }; }""",
    )
    sample_live.open_desk(server, page, "", sample_live.desk("break", reason="rest"))
    expect(page.get_by_text("没有找到麦克风").first).to_be_visible()
    page.evaluate("plugIn()")
    expect(page.get_by_text("麦克风已就绪")).to_be_visible()


def test_after_a_break_in_the_line_only_the_new_account_s_registration_counts(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.ready)
    until(page, lambda: told(server, "phone") and told(server, "phone")[-1]["registered"])
    spy(page, "start")
    server.received.clear()
    server.drop()
    until(page, lambda: told(server, "phone"))
    assert [each["registered"] for each in told(server, "phone")] == [False]
    server.push({"t": "phone", "user": "s1001", "secret": "x", "uri": "sip:s1001@hotline", "ws": "/sip"})
    until(page, lambda: told(server, "phone")[-1]["registered"])


def test_a_break_over_its_quota_says_so_and_who_ordered_it_and_keeps_nobody(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.over_quota)
    expect(page.locator(".seat-card")).to_contain_text("已超出额度 1:2")
    expect(page.locator(".seat-card")).to_contain_text("由 lead 操作")
    server.push(sample_live.desk("ready", since=1))
    page.get_by_role("button", name="小休").first.click()
    page.get_by_role("button", name="用餐 今日额度已用完").click()
    until(page, lambda: told(server, "break") == [{"do": "break", "reason": "meal"}])


def test_no_reason_of_a_break_shows_as_its_key(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.ready)
    for reason in ("signed_on", "no_answer", "rejected", "unreachable", "telephone_back", "supervisor"):
        server.push(sample_live.desk("break", since=1, reason=reason))
        tag = page.locator(".seat-card .tag").first
        expect(tag).not_to_contain_text("break.")
        expect(tag).not_to_have_text(reason)


def test_the_most_urgent_ring_back_is_one_key_away_and_the_telephone_answers_itself(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.owing)
    spy(page, "answer")
    page.keyboard.press("Alt+b")
    until(page, lambda: told(server, "ring_out") == [{"do": "ring_out", "call": "hotline1-1795300000.0"}])
    server.push(sample_live.outgoing("own"))
    page.evaluate(
        "() => __phone.dispatchEvent(new CustomEvent('ring', {detail: {id: 'x', purpose: 'ring_back'}}))"
    )
    until(page, lambda: calls(page) == [["answer"]])
    server.push(sample_live.outgoing("calling"))
    expect(page.get_by_text("正在呼叫市民")).to_be_visible()
    server.push(sample_live.outgoing("reached"))
    expect(page.get_by_text("市民已接听")).to_be_visible()


def test_any_ring_back_of_the_list_can_be_rung_and_closed_with_a_reason(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.owing)
    page.get_by_role("button", name="回拨", exact=True).nth(1).click()
    until(page, lambda: told(server, "ring_out"))
    assert told(server, "ring_out")[0]["call"] == "hotline1-1795300000.2"
    page.get_by_role("button", name="了结").first.click()
    page.get_by_role("button", name="空号、错号").click()
    expect(page.locator("#owed-error")).to_be_visible()
    assert told(server, "close_owed") == []
    page.locator("#owed-note").fill("空号提示音")
    page.get_by_role("button", name="空号、错号").click()
    until(page, lambda: told(server, "close_owed"))
    assert told(server, "close_owed")[0]["reason"] == "wrong_number"


def test_a_pop_says_what_was_dialled_wished_and_told_and_why_this_seat(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.merged)
    card = page.locator("section[aria-labelledby='caller']")
    for text in (
        "住房公积金热线",
        "老年人",
        "福州话",
        "台江区停水",
        "留意号码",
        "曾告知 1–3 分钟",
        "比告知的久",
    ):
        expect(card).to_contain_text(text)
    expect(card).to_contain_text("上次由您接待")


# The wall: old, stuck, ordered


def test_only_the_tiles_whose_source_is_old_turn_grey_and_each_says_its_age(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.wall8, 1920, 1080)
    tiles = page.locator(".k")
    expect(page.locator(".k.stale")).to_have_count(0)
    expect(tiles.first).to_contain_text("事件 0:0")
    expect(tiles.nth(2)).to_contain_text("记录 0:0")
    server.push({"t": "wall_delta", "seq": 2, **sample_live.fresh(counted_at=ago(20))})
    expect(page.locator(".k.stale")).to_have_count(3)
    expect(page.locator(".k.stale").first).to_contain_text("延迟")
    old = {"node": "", "linked": True, "heard_at": ago(1), "compared_at": ago(12)}
    server.push({"t": "wall_delta", "seq": 3, **sample_live.fresh(nodes=[old])})
    expect(page.locator(".seats.stale")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("超过 10 秒没有与语音平台核对")
    server.push({"t": "wall_delta", "seq": 4, **sample_live.fresh()})
    expect(page.locator(".stale")).to_have_count(0)


def test_a_node_that_is_down_is_named(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.wall_in_trouble, 1920, 1080)
    expect(page.get_by_role("alert")).to_contain_text("hotline2")
    expect(page.locator(".head")).to_contain_text("hotline1 正常")
    expect(page.locator(".head")).to_contain_text("hotline2 断开")
    expect(page.get_by_text("突发事件：台江区停水")).to_be_visible()
    expect(page.get_by_text("线路已满")).to_be_visible()


def test_something_stuck_is_repaired_by_one_click_with_a_reason_and_the_log_says_what_was(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.wall_stuck, 1920, 1080)
    layer = page.get_by_role("dialog", name="疑似卡滞与自动修复")
    expect(layer).to_contain_text("座席 s1008 的通话已结束，没有收到通知")
    layer.get_by_role("button", name="核对并修复").click()
    expect(layer.locator("#why-error")).to_be_visible()
    layer.locator("#why").fill("坐席已挂机")
    layer.get_by_role("button", name="核对并修复").click()
    until(page, lambda: told(server, "repair"))
    (order,) = told(server, "repair")
    assert order == {"do": "repair", "kind": "seat_without_call", "id": "s1008", "reason": "坐席已挂机"}


def test_a_supervisor_sends_a_seat_on_a_break_by_keyboard_alone(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.open_wall, 1920, 1080)
    page.locator(".tile button", has_text="1001").focus()
    page.keyboard.press("Enter")
    page.locator("#why").fill("晨会")
    page.get_by_role("button", name="通话后小休").press("Enter")
    until(page, lambda: told(server, "order"))
    assert told(server, "order") == [{"do": "order", "seat": "s1001", "order": "pause", "reason": "晨会"}]
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_callers_are_shown_with_what_they_need_and_what_they_have_to_expect(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.wall80, 1920, 1080)
    rows = page.locator(".callers tbody tr")
    expect(rows.nth(0)).to_contain_text("紧急")
    expect(rows.nth(3)).to_contain_text("福州话")
    expect(rows.nth(4)).to_contain_text("回拨")
    expect(rows.nth(5)).to_contain_text("12329")
    expect(rows.nth(1)).to_contain_text("1–3 分")
    expect(page.locator(".groups")).to_contain_text("城建交通")
    expect(page.locator(".groups")).to_contain_text("公积金")


def test_what_supervisors_are_told_stays_until_it_is_put_away(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.wall8, 1920, 1080)
    server.push({"t": "notice", "level": "warn", "text": "s1001 李燕 连续 3 次未接来电，请查看。"})
    expect(page.get_by_text("连续 3 次未接来电")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    expect(page.get_by_text("连续 3 次未接来电")).to_be_hidden()
