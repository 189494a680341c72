"""What is said in the talk, on the desk: a draft beside the form, that says what it is and takes nothing away."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import sample_live
from tests.browser.conftest import AtDesk
from tests.browser.sample_data import CALL
from tests.browser.sample_pages import SamplePages, ago

pytestmark = pytest.mark.browser


def line(party: str, text: str, score: float = 0.9) -> dict[str, Any]:
    return {"party": party, "text": text, "at": ago(10), "score": score}


def words(*lines: dict[str, Any], first: int = 0, call: str = CALL, **more: Any) -> dict[str, Any]:
    content = {"first": first, "lines": [*lines], "partial": {}, "stopped": False}
    return {"t": "words", "seq": 9, "call": call, **content, **more}


def test_whole_and_half_sentences_stand_beside_the_form_and_say_that_they_are_a_draft(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    panel = page.locator("section[aria-labelledby='words-title']")
    expect(panel).to_have_count(0)
    server.push(words(partial={"citizen": "江北路"}))
    expect(panel).to_contain_text("草稿 未经核对")
    expect(panel.locator(".is-open")).to_contain_text("江北路…")
    server.push(words(line("citizen", "江北路的路灯坏了"), line("seat", "请说门牌号", score=0.4)))
    expect(panel.locator(".is-open")).to_have_count(0)
    expect(panel.locator(".said")).to_have_count(2)
    expect(panel.locator(".of-seat")).to_contain_text("请说门牌号 (把握不大)")
    server.push(words(line("citizen", "十二号"), first=2))
    expect(panel.locator(".said")).to_have_count(3)
    server.push(words(line("seat", "好的"), first=1))  # what a page missed is sent again, from there on
    expect(panel.locator(".said")).to_have_count(2)


def test_what_is_said_takes_no_focus_and_no_text_and_another_list_may_be_looked_at(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk()
    server.push(words(line("citizen", "路灯坏了")))
    page.get_by_role("tab", name="历史").click()
    page.locator("#f-content").focus()
    page.keyboard.type("路灯")
    server.push(words(line("citizen", "<b>还有噪音</b>"), first=1))
    page.keyboard.type("不亮")
    expect(page.locator("#f-content")).to_have_value("路灯不亮")
    expect(page.get_by_role("tab", name="历史")).to_have_attribute("aria-selected", "true")
    expect(page.locator("section[aria-labelledby='words-title']")).to_contain_text("<b>还有噪音</b>")


def test_a_confidential_case_leaves_nothing_but_a_sentence(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    server.push(words(line("citizen", "路灯坏了")))
    server.push(words(stopped=True))
    expect(page.locator("section[aria-labelledby='words-title']")).to_contain_text("已停止听写")
    expect(page.locator("section[aria-labelledby='words-title']")).not_to_contain_text("路灯")


def test_the_words_of_another_call_are_not_shown(at_desk: AtDesk, server: SamplePages) -> None:
    page = at_desk()
    server.push(words(line("citizen", "路灯坏了"), call="hotline1-1.9"))
    server.push(sample_live.desk("talking", call="talking"))
    expect(page.locator("section[aria-labelledby='words-title']")).to_have_count(0)
