"""What the desk does with what it is told: nothing typed is lost, and nothing is filed twice."""

import pytest
from playwright.sync_api import expect

from tests.browser import sample_live
from tests.browser.conftest import AtDesk, OpenPage
from tests.browser.sample_data import CALL
from tests.browser.sample_pages import SamplePages, ago
from tests.browser.watching import calls, sent, spy, told, until

pytestmark = pytest.mark.browser

CASES = "/api/cases"
DRAFT = f"/api/drafts/{CALL}"

# The call


def test_f2_answers_and_the_focus_is_where_the_agent_types(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ringing)
    spy(page, "answer")
    page.keyboard.press("F2")
    assert calls(page) == [["answer"]]
    expect(page.locator("#f-content")).to_be_focused()


def test_f07_11_a_restriction_is_proposed_from_the_call_with_its_number_and_not_for_a_withheld_one(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    link = page.get_by_role("link", name="提请骚扰限制")
    known = sample_live.pop()["caller"]
    expect(link).to_have_attribute("href", f"/nuisance?number={known['number']}&call={CALL}#propose")
    expect(link).to_have_attribute("target", "_blank")  # the telephone lives in this page
    server.push(sample_live.pop(caller=known | {"number": ""}, seq=3))
    expect(link).to_have_count(0)


def test_a_second_f2_within_a_second_does_not_hang_up(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ringing)
    spy(page, "answer", "hangUp")
    page.keyboard.press("F2")
    sample_live.leg(page, "talking")
    page.keyboard.press("F2")
    assert calls(page) == [["answer"]]


def test_answering_does_not_take_the_focus_from_who_is_typing(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ringing)
    spy(page, "answer")
    page.locator("#f-title").focus()
    page.keyboard.press("F2")
    expect(page.locator("#f-title")).to_be_focused()


def test_the_keys_of_the_call_mute_hold_and_open_the_keypad(at_desk: AtDesk) -> None:
    page = at_desk()
    spy(page, "mute", "hold", "key")
    page.locator("#f-content").focus()
    page.keyboard.press("F6")
    page.keyboard.press("F7")
    page.keyboard.press("F10")
    expect(page.get_by_role("dialog", name="拨号盘")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="拨号盘")).to_be_hidden()
    assert calls(page) == [["mute", True], ["hold", True], ["key", "1"]]


def test_a_ringing_call_is_announced_at_once_and_a_talk_politely(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.ringing)
    expect(page.locator("#assertive")).to_have_text("来电，13850123456，按 F2 接听")
    server.push(sample_live.desk("talking", call="talking"))
    expect(page.locator("#polite")).to_have_text("通话中，第 6 次来电，未办结 2 件")


def test_a_call_that_has_ended_for_the_server_ends_in_the_page(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    spy(page, "hangUp")
    server.push(sample_live.desk("wrap_up", wrap_up_until=ago(-60)))
    until(page, lambda: calls(page) == [["hangUp"]])


def test_a_reloaded_page_takes_its_call_up_again_by_itself(at_desk: AtDesk) -> None:
    page = at_desk()
    page.evaluate("__phone.leg = null")
    page.reload()
    page.locator("#number").wait_for()
    spy(page, "answer")
    page.evaluate("id => __phone.dispatchEvent(new CustomEvent('ring', {detail: {id}}))", CALL)
    assert calls(page) == [["answer"]]


def test_a_call_of_somebody_else_is_not_taken_up_by_itself(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.ringing)
    spy(page, "answer")
    page.evaluate("id => __phone.dispatchEvent(new CustomEvent('ring', {detail: {id}}))", CALL)
    assert calls(page) == []


# The form


def test_what_is_typed_reaches_the_server_as_a_draft(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    page.locator("#f-title").fill("路灯不亮")
    drafts = until(page, lambda: sent(server, "PUT", DRAFT))
    assert drafts[-1]["fields"]["title"] == "路灯不亮"
    assert drafts[-1]["fields"]["contact_number"] == sample_live.NUMBER
    expect(page.get_by_text("草稿已保存")).to_be_visible()


def test_the_draft_of_the_server_is_restored(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    kept = sample_live.pop(draft={"title": "井盖松动", "intent": "求助"})
    sample_live.open_desk(server, page, "", sample_live.desk("talking", call="talking"), kept)
    expect(page.locator("#f-title")).to_have_value("井盖松动")
    expect(page.locator("#f-intent")).to_have_value("求助")


def test_text_typed_without_a_connection_survives_a_reload_and_is_saved_later(
    at_desk: AtDesk, server: SamplePages
) -> None:
    server.answers[DRAFT] = (503, None)
    page = at_desk(expected="503")
    page.locator("#f-content").fill("线路断开时写下的话")
    until(page, lambda: sent(server, "PUT", DRAFT))
    page.evaluate("__phone.leg = null")
    page.reload()
    expect(page.locator("#f-content")).to_have_value("线路断开时写下的话")
    del server.answers[DRAFT]
    server.requests.clear()
    until(page, lambda: sent(server, "PUT", DRAFT))
    assert sent(server, "PUT", DRAFT)[-1]["fields"]["content"] == "线路断开时写下的话"


def test_a_broken_line_is_said_and_mended_by_itself(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(expected="WebSocket")
    sample_live.cut(server, page)
    expect(page.get_by_text("仅保存在本机")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".link-bar")).to_be_hidden(timeout=15_000)
    expect(page.locator("#f-content")).to_have_value(sample_live.CONTENT)
    expect(page.get_by_text("草稿已保存")).to_be_visible()


def test_suggestions_are_taken_by_the_agent_and_never_by_themselves(at_desk: AtDesk) -> None:
    page = at_desk()
    page.locator("#f-title").fill("小区路灯不亮")
    expect(page.locator("[data-suggest='unit_1']")).to_be_visible()
    expect(page.locator("#f-category")).to_have_value("")
    expect(page.locator("#f-unit")).to_have_value("")
    page.keyboard.press("Alt+1")
    page.keyboard.press("Alt+q")
    expect(page.locator("#f-category")).to_have_value("城乡建设 / 路灯")
    expect(page.locator("#f-unit")).to_have_value("市城管局照明管理处")


def test_a_unit_is_found_by_its_short_name_and_taken_with_enter(at_desk: AtDesk) -> None:
    page = at_desk()
    page.locator("#f-unit").fill("人社")
    expect(page.locator("#f-unit-list [role=option]")).to_have_text(["市人社局"])
    page.keyboard.press("Enter")
    expect(page.locator("#f-unit")).to_have_value("市人社局")
    page.locator("#f-unit").fill("没有")
    expect(page.locator("#f-unit-list [role=option]")).to_have_text(["没有匹配的项目"])
    page.keyboard.press("Escape")
    expect(page.locator("#f-unit")).to_have_value("市人社局")


def test_a_due_date_is_told_by_the_city_s_clock_whatever_the_computer_s(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.filled, timezone_id="America/New_York")
    expect(page.get_by_text("11-30 23:59 前")).to_be_visible()


def test_a_dispatched_case_is_read_out_with_its_number_and_code(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.filled)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#filed-digits")).to_have_text("2611 2200 1781")
    expect(page.locator("#filed-code")).to_have_text("482 915")
    (order,) = sent(server, "POST", CASES)
    assert order["action"] == "dispatch"
    assert order["units"] == ["cgzm"]
    assert order["call"] == CALL
    assert order["fields"]["category"] == "0107"
    until(page, lambda: told(server, "outcome"))
    assert told(server, "outcome") == [
        {"do": "outcome", "call": CALL, "code": "case", "case": "RH261122-00178-1"}
    ]


def test_answering_on_the_spot_carries_the_answer(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.filled)
    page.locator("#f-answer").fill("请拨打物业电话报修。")
    page.keyboard.press("Control+Shift+Enter")
    page.locator("#filed-code").wait_for()
    (order,) = sent(server, "POST", CASES)
    assert (order["action"], order["answer"]) == ("answer", "请拨打物业电话报修。")
    until(page, lambda: told(server, "outcome"))
    assert told(server, "outcome")[-1]["code"] == "answered"


def test_a_form_sent_again_after_a_failure_carries_the_same_key(at_desk: AtDesk, server: SamplePages) -> None:
    server.answers[CASES] = (503, {"error": "暂时无法保存"})
    page = at_desk(sample_live.filled, expected="503")
    page.locator(".bar .primary").click()
    expect(page.locator(".note.flat")).to_contain_text("暂时无法保存")
    del server.answers[CASES]
    page.locator(".bar .primary").click()
    page.locator("#filed-code").wait_for()
    first, second = sent(server, "POST", CASES)
    assert first["key"] == second["key"]


def test_each_case_of_one_call_has_a_key_of_its_own(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.registered)
    page.get_by_role("button", name="再登记一件").click()
    expect(page.locator("#f-title")).to_have_value("")
    expect(page.locator("#f-contact_name")).to_have_value("林女士")
    sample_live.fill(page)
    page.locator(".bar .primary").click()
    page.locator("#filed-code").wait_for()
    first, second = sent(server, "POST", CASES)
    assert first["key"] != second["key"]


def test_what_is_wrong_stands_beside_its_field(at_desk: AtDesk) -> None:
    page = at_desk(sample_live.refused, expected="400")
    expect(page.locator("#e-address")).to_have_text("此项必填")
    expect(page.locator("#f-address")).to_be_focused()
    expect(page.locator("#f-unit")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#assertive")).to_contain_text("有 2 项需要修改")
    page.locator("#f-address").fill("台江区")
    expect(page.locator("#e-address")).to_be_hidden()


def test_a_lost_race_is_explained_and_loses_no_text(at_desk: AtDesk, server: SamplePages) -> None:
    server.answers[CASES] = (409, {"error": "诉求件已由他人批转"})
    page = at_desk(sample_live.filled, expected="409")
    page.locator(".bar .primary").click()
    expect(page.locator(".note.flat")).to_contain_text("诉求件已由他人批转")
    expect(page.locator("#f-content")).to_have_value(sample_live.CONTENT)


def test_an_input_method_keeps_its_keys(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk(sample_live.filled)
    spy(page, "mute")
    page.evaluate(
        """() => { for (const init of [{key: 'Enter', ctrlKey: true}, {key: 'F6'}, {key: '1', altKey: true}])
          for (const composing of [{isComposing: true}, {keyCode: 229}]) {
            const key = new KeyboardEvent('keydown', {bubbles: true, ...init, ...composing});
            document.querySelector('#f-content').dispatchEvent(key); } }""",
    )
    page.keyboard.press("Control+s")
    until(page, lambda: sent(server, "PUT", DRAFT))
    assert sent(server, "POST", CASES) == []
    assert calls(page) == []


def test_a_question_mark_in_a_text_is_a_question_mark(at_desk: AtDesk) -> None:
    page = at_desk()
    page.locator("#f-content").focus()
    page.keyboard.type("?")
    expect(page.locator("#f-content")).to_have_value("?")
    page.locator("body").click(position={"x": 700, "y": 20})
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
