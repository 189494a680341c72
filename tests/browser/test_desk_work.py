"""The desk at work: proposals, what is filed already, knowledge, places, the command bar, keys of one's own, one's day."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from console.desk_keys import DEFAULTS
from tests.browser import sample_desk, sample_live
from tests.browser.conftest import AtDesk
from tests.browser.sample_data import CALL
from tests.browser.sample_pages import SamplePages
from tests.browser.watching import calls, sent, spy, told, until

pytestmark = pytest.mark.browser

SUGGEST = "/api/suggest"
PAST = "/api/past"
ALIKE = "RH261119-00417-3"
MERGE = f"/api/cases/{ALIKE}/merge"
MERGED = {
    "no": ALIKE,
    "title": "鳌峰新村路灯不亮",
    "state_text": "办理中",
    "unit": "市城管局照明管理处",
    "due_at": None,
}
WORDS = "12号楼前路灯不亮,老人摔倒了"


def typed(page: Page, server: SamplePages, text: str = WORDS) -> None:
    """Type what the caller says, and wait until the server has said what it thinks of it."""
    page.locator("#f-content").fill(text)
    expect(page.locator("[data-suggest=category_1]")).to_be_visible()
    until(page, lambda: sent(server, "POST", SUGGEST))


def compose(page: Page, selector: str, half: str, whole: str) -> None:
    """Write as an input method does: letters come and go, and only then the word."""
    page.locator(selector).focus()
    page.evaluate(
        """([selector, half, whole]) => {
          const field = document.querySelector(selector), before = field.value;
          const say = (type, text, composing) => { field.value = before + text;
            field.dispatchEvent(new InputEvent(type, {bubbles: true, data: text, isComposing: composing})); };
          field.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));
          for (let n = 1; n <= half.length; n += 1) {
            const key = {bubbles: true, key: 'Process', keyCode: 229, isComposing: true};
            field.dispatchEvent(new KeyboardEvent('keydown', key));
            say('input', half.slice(0, n), true);
          }
          say('input', whole, true);
          field.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true, data: whole}));
        }""",
        [selector, half, whole],
    )


# Proposals


def test_proposals_are_ranked_with_their_reasons_and_are_only_taken_by_a_key_or_a_click(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.talking, 1440, 900)
    typed(page, server)
    group = page.get_by_role("group", name="分类建议")
    expect(group.get_by_role("button")).to_have_count(3)
    expect(group.get_by_role("button").first).to_contain_text("93%词语“路灯”“不亮”")
    expect(page.locator("#f-category")).to_have_value("")
    expect(page.locator("#f-unit")).to_have_value("")
    page.keyboard.press("Alt+2")
    page.keyboard.press("Alt+w")
    expect(page.locator("#f-category")).to_have_value("物业房产 / 物业")
    expect(page.locator("#f-unit")).to_have_value("鳌峰街道办事处")
    expect(page.locator("[data-suggest=category_2]")).to_have_attribute("aria-pressed", "true")


def test_what_was_proposed_goes_with_the_case_so_that_its_take_up_is_known(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    typed(page, server)
    sample_live.fill(page)
    page.keyboard.press("Control+Enter")
    page.locator("#filed-code").wait_for()
    (order,) = sent(server, "POST", "/api/cases")
    assert order["suggestion"] == sample_desk.SUGGESTED["asked"]


def test_half_a_word_of_an_input_method_is_not_asked_about(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    compose(page, "#f-content", "ludengbuliang", "路灯不亮好几天")
    until(page, lambda: sent(server, "POST", SUGGEST))
    assert {body["text"] for body in sent(server, "POST", SUGGEST)} == {"路灯不亮好几天"}


def test_without_an_answer_of_the_server_words_of_the_text_still_propose_a_matter(
    at_desk: AtDesk, server: SamplePages
) -> None:
    server.answers[SUGGEST] = (503, None)
    page = at_desk(expected="503")
    page.locator("#f-content").fill("楼下路灯不亮")
    expect(page.locator("[data-suggest=category_1]")).to_contain_text("文中有“路灯”")


# What is filed already


def test_alt_m_merges_into_the_open_case_and_no_second_case_is_filed(
    at_desk: AtDesk, server: SamplePages
) -> None:
    server.answers[MERGE] = (200, MERGED)
    page = at_desk()
    typed(page, server)
    expect(page.locator(".dup")).to_contain_text("相似未办结 1 件")
    page.keyboard.press("Alt+m")
    layer = page.get_by_role("dialog", name="并入未办结的诉求件")
    expect(layer.get_by_role("radio", name="鳌峰新村路灯不亮")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="已并入")).to_be_visible()
    assert sent(server, "POST", MERGE) == [{"call": CALL, "kind": "urge", "text": WORDS}]
    assert sent(server, "POST", "/api/cases") == []
    assert told(server, "outcome") == [{"do": "outcome", "call": CALL, "code": "urged", "case": ALIKE}]
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('hotline.draft'))") == []


def test_the_hint_moves_no_field_and_takes_no_focus(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    title = page.locator("#f-title")
    before = title.bounding_box()
    page.locator("#f-content").focus()
    typed(page, server)
    expect(page.locator(".dup")).to_be_visible()
    assert title.bounding_box() == before
    expect(page.locator("#f-content")).to_be_focused()


def test_a_refused_merge_says_why_and_loses_nothing_and_escape_goes_back(
    at_desk: AtDesk, server: SamplePages
) -> None:
    server.answers[MERGE] = (409, {"error": "诉求件已由他人办结"})
    page = at_desk(expected="409")
    typed(page, server)
    page.keyboard.press("Alt+m")
    page.get_by_role("radio", name="补充情况").check()
    page.locator("#merge-text").fill("又坏了两盏")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#merge-error")).to_contain_text("诉求件已由他人办结")
    assert sent(server, "POST", MERGE) == [{"call": CALL, "kind": "fact", "text": "又坏了两盏"}]
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#f-content")).to_have_value(WORDS)


# Knowledge


def test_an_answer_of_the_knowledge_goes_into_the_form_by_the_agent_s_hand_and_is_counted(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    typed(page, server)
    panel = page.locator("#side-panel")
    expect(panel.locator(".list > li")).to_have_count(3)
    expect(panel).to_contain_text("待复核")
    panel.get_by_role("button", name="路灯报修由谁负责").click()
    expect(page.locator("#f-answer")).to_have_value("")
    panel.get_by_role("button", name="采用为答复").click()
    expect(page.locator("#f-answer")).to_have_value(sample_desk.ARTICLES[0]["citizen_answer"])
    until(page, lambda: sent(server, "POST", "/api/knowledge/11/used"))


def test_what_nobody_has_written_down_is_told_to_those_who_write(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    page.keyboard.press("Alt+k")
    expect(page.locator("#know-find")).to_be_focused()
    server.answers["/api/knowledge"] = (200, {"articles": []})
    compose(page, "#know-find", "jiasu", "加速康养")
    expect(page.locator("#side-panel")).to_contain_text("没有找到相关知识")
    assert {body["q"] for body in sent(server, "POST", "/api/knowledge")} == {"加速康养"}
    page.get_by_role("button", name="没有我要的").click()
    page.get_by_role("button", name="告诉编辑").click()
    until(page, lambda: sent(server, "POST", "/api/knowledge/gap") == [{"text": "加速康养", "call": CALL}])


# Places


def test_an_address_is_put_together_level_by_level_with_the_keyboard(at_desk: AtDesk) -> None:
    page = at_desk()
    page.keyboard.press("Alt+a")
    offers = page.locator("#f-address-list [role=option]")
    expect(offers).to_have_text(["台江区", "仓山区"])
    page.keyboard.press("Enter")
    expect(offers).to_have_text(["台江区鳌峰街道", "台江区茶亭街道"])
    page.keyboard.press("Enter")
    expect(offers).to_have_count(3)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type("12号楼前")
    expect(page.locator("#f-address")).to_have_value("台江区鳌峰街道鳌峰新村12号楼前")
    expect(page.locator(".trail span")).to_have_text(["榕海市", "台江区", "鳌峰街道", "第3网格"])


def test_a_street_or_its_initials_find_the_place_and_enter_alone_changes_nothing(at_desk: AtDesk) -> None:
    page = at_desk()
    field = page.locator("#f-address")
    compose(page, "#f-address", "jinrong", "金榕南")
    expect(page.locator("#f-address-list [role=option]")).to_have_text(["仓山区金山街道金榕南路"])
    page.keyboard.press("Enter")
    expect(field).to_have_value("金榕南")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("仓山区金山街道金榕南路")
    field.fill("jsjd")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("仓山区金山街道")


# The command bar


def test_the_command_bar_finds_cases_units_knowledge_and_actions_and_puts_a_unit_into_the_form(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    page.locator("#f-content").focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    compose(page, "#find", "zhaoming", "照明")
    rows = page.locator("#find-list [role=option]")
    expect(rows).to_have_count(6)
    for word in ("诉求件", "单位", "知识"):
        expect(page.locator("#find-list")).to_contain_text(word)
    assert [path for _, path, _ in server.requests if path.startswith("/api/find")] == [
        "/api/find?q=%E7%85%A7%E6%98%8E"
    ]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#f-unit")).to_have_value("市城管局照明管理处")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_action_can_be_called_by_its_name(at_desk: AtDesk, server: SamplePages) -> None:
    server.answers["/api/find"] = (200, {"cases": [], "units": []})
    server.answers["/api/knowledge"] = (200, {"articles": []})
    page = at_desk()
    page.keyboard.press("Control+k")
    page.locator("#find").fill("拨号盘")
    expect(page.locator("#find-list [role=option]")).to_contain_text("拨号盘F10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="拨号盘")).to_be_visible()


# Keys


def changed(action: str, chord: str) -> tuple[int, Any]:
    return 200, {"keys": dict(DEFAULTS) | {action: chord}}


def test_a_key_is_given_to_an_action_is_printed_on_its_button_and_works_at_once(
    at_desk: AtDesk, server: SamplePages
) -> None:
    server.answers["/api/preferences/keys"] = changed("save", "Alt+Z")
    page = at_desk()
    page.keyboard.press("?")
    page.get_by_role("button", name="修改快捷键").click()
    page.get_by_role("button", name="存草稿 Ctrl+S").click()
    page.keyboard.press("Alt+z")
    expect(page.get_by_role("button", name="存草稿 Alt+Z")).to_be_visible()
    assert sent(server, "PUT", "/api/preferences/keys") == [{"action": "save", "key": "Alt+Z"}]
    page.keyboard.press("Escape")
    expect(page.locator(".bar")).to_contain_text("Alt Z")
    page.locator("#f-title").fill("路灯")
    page.keyboard.press("Alt+z")
    until(page, lambda: sent(server, "PUT", f"/api/drafts/{CALL}"))


def test_a_key_in_use_is_refused_in_words_and_escape_ends_only_the_waiting(
    at_desk: AtDesk, server: SamplePages
) -> None:
    server.answers["/api/preferences/keys"] = (400, {"errors": {"key": "这个键已用于“保持、取回”。"}})
    page = at_desk(sample_live.ready, expected="400")
    page.keyboard.press("?")
    page.get_by_role("button", name="修改快捷键").click()
    row = page.get_by_role("button", name="静音 F6")
    row.click()
    page.keyboard.press("F7")
    expect(page.locator("#key-error-mute")).to_have_text("这个键已用于“保持、取回”。")
    row.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="修改快捷键")).to_be_visible()
    assert len(sent(server, "PUT", "/api/preferences/keys")) == 1


def test_ctrl_shift_with_a_letter_belongs_to_the_input_method_even_where_ctrl_and_the_letter_is_ours(
    at_desk: AtDesk,
) -> None:
    page = at_desk()
    page.locator("#f-title").fill("路灯")
    page.keyboard.press("Control+Shift+k")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_every_action_the_server_knows_is_listed_with_its_key(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ready)
    page.keyboard.press("?")
    shown = {text.replace(" ", "+") for text in page.locator("dialog[open] kbd").all_inner_texts()}
    assert shown == set(DEFAULTS.values()) | {"Esc"}


# One's own day, and what was begun elsewhere


def test_an_idle_agent_sees_their_day_their_cases_and_their_last_calls(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ready)
    expect(page.locator(".my-figures")).to_contain_text("平均通话3:34")
    expect(page.get_by_role("region", name="我登记的（3）")).to_contain_text("塔头街井盖松动")
    expect(page.get_by_role("region", name="最近通话")).to_contain_text("当场答复")


def test_a_form_begun_on_another_computer_is_gone_on_with_or_thrown_away_by_two_presses(
    at_desk: AtDesk, server: SamplePages
) -> None:
    drafts = [{"call": f"hotline1-{n}.0", "title": f"井盖{n}", "saved_at": 1795308607000} for n in (7, 8)]
    server.answers["/api/mine"] = (200, sample_desk.MINE | {"drafts": drafts})
    server.answers["/api/drafts/hotline1-7.0"] = (200, {"fields": {"title": "井盖7", "content": "松动"}})
    page = at_desk(sample_live.ready)
    rows = page.get_by_role("region", name="未提交的草稿（2）").locator("li")
    rows.nth(1).get_by_role("button", name="不要了").click()
    assert sent(server, "DELETE", "/api/drafts/hotline1-8.0") == []
    rows.nth(1).get_by_role("button", name="确定丢弃").click()
    until(page, lambda: sent(server, "DELETE", "/api/drafts/hotline1-8.0"))
    rows.nth(0).get_by_role("button", name="继续填写").click()
    expect(page.locator("#f-content")).to_have_value("松动")


def test_a_filed_form_is_not_saved_as_a_draft_again_when_the_call_is_left(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.filled)
    page.locator("#f-title").fill("路灯不亮,刚改过")  # not saved yet when it is sent
    page.keyboard.press("Control+Enter")
    page.locator("#filed-code").wait_for()
    server.requests.clear()
    page.evaluate("() => { __phone.leg = null; __phone.changed(); }")
    server.push(sample_live.desk("ready", since=1))
    until(page, lambda: any(path == "/api/mine" for _, path, _ in server.requests))
    assert sent(server, "PUT", f"/api/drafts/{CALL}") == []


def test_looks_are_chosen_for_every_computer(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.menu)
    page.get_by_role("button", name="高对比").click()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-contrast", "more")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    until(page, lambda: len(sent(server, "PUT", "/api/preferences/looks")) == 2)
    assert sent(server, "PUT", "/api/preferences/looks") == [{"contrast": "more"}, {"theme": "dark"}]


def test_f4_asks_for_the_team_lead_and_f4_again_takes_it_back(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    page.keyboard.press("F4")
    until(page, lambda: told(server, "help") == [{"do": "help", "on": True}])
    server.push(
        sample_live.desk("talking", call="talking")
        | {"help": {"at": 0}, "watched": {"by": "王班长", "mode": "listen"}}
    )
    expect(page.locator("header.top")).to_contain_text("已求助")
    expect(page.get_by_text("王班长 正在旁听")).to_be_visible()
    page.wait_for_timeout(1050)  # the key is guarded against a double press
    page.keyboard.press("F4")
    until(page, lambda: told(server, "help")[-1] == {"do": "help", "on": False})


def test_the_keys_of_the_call_work_above_an_open_layer(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ringing)
    spy(page, "answer")
    page.keyboard.press("Control+k")
    page.keyboard.press("F2")
    until(page, lambda: calls(page) == [["answer"]])


def test_the_past_of_a_frequent_caller_comes_page_by_page_and_never_another_citizen_s(
    at_desk: AtDesk, server: SamplePages
) -> None:
    def brief(n: int) -> dict[str, Any]:
        return sample_live.brief(
            f"RH2601{n:02d}-00001-1", f"旧事{n}", "已办结", "市交通局", received=n, due=None
        )

    page = at_desk(expected="503")
    page.locator("#tab-history").click()
    expect(page.locator("#tab-history")).to_contain_text("48")
    server.answers[PAST] = (200, {"cases": [brief(n) for n in range(20)], "calls": [], "more": True})
    page.locator("#past-more").click()
    expect(page.locator("#side-panel")).to_contain_text("20/43")
    server.answers[PAST] = (503, None)
    page.locator("#past-more").click()
    expect(page.get_by_text("没有读到历史记录")).to_be_visible()
    expect(page.locator("#side-panel")).to_contain_text("旧事19")
    server.answers[PAST] = (200, {"cases": [brief(n) for n in range(20, 43)], "calls": [], "more": False})
    page.locator("#past-more").click()
    expect(page.locator("#side-panel")).to_contain_text("43/43")
    expect(page.locator("#past-more")).to_have_count(0)
    server.push(sample_live.pop(call="hotline1-8.0", seq=3))
    expect(page.locator("#side-panel")).not_to_contain_text("旧事19")
