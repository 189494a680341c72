"""What a supervisor wrote is said to be read by a key as well, and an input method keeps that key."""

import pytest
from playwright.sync_api import expect

from tests.browser import sample_live
from tests.browser.conftest import AtDesk
from tests.browser.sample_pages import SamplePages
from tests.browser.watching import told, until

pytestmark = pytest.mark.browser

COMPOSE = """() => { for (const composing of [{isComposing: true}, {keyCode: 229}])
  document.body.dispatchEvent(new KeyboardEvent('keydown',
    {bubbles: true, key: 'y', code: 'KeyY', altKey: true, ...composing})); }"""


def test_the_key_reads_the_first_message_and_the_next_one_then_has_the_key(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.messages)
    read = page.get_by_role("button", name="知道了")
    expect(read.nth(0).locator("kbd")).to_have_text("Alt Y")
    expect(read.nth(1).locator("kbd")).to_have_count(0)
    page.evaluate(COMPOSE)
    assert told(server, "read") == []
    page.keyboard.press("Alt+y")
    until(page, lambda: told(server, "read") == [{"do": "read", "id": sample_live.MESSAGES[0]["id"]}])
    expect(read).to_have_count(1)
    expect(read.locator("kbd")).to_have_text("Alt Y")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_contain_text("知道了")
