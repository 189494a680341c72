"""To ask, hand over and invite by keys alone, also while an input method composes; and every form of it is accessible."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sample_live, sample_moves
from tests.browser.conftest import AtDesk, OpenPage
from tests.browser.sample_pages import SamplePages
from tests.browser.test_pages import findings
from tests.browser.watching import told, until

pytestmark = pytest.mark.browser

Scene = Callable[[SamplePages, Page, str], None]
SCENES: dict[str, Scene] = {
    "transferring": sample_moves.transferring,
    "inviting": sample_moves.inviting,
    "asking": sample_moves.asking,
    "three": sample_moves.three,
    "guest": sample_moves.guest,
}
FORMS = ["", "lang=en&theme=dark&size=large"]


def ordered(server: SamplePages) -> list[dict[str, Any]]:
    wanted = ("ask", "join", "hand_on", "hand_over", "come_back", "hang_up")
    return [each for each in server.received if each.get("do") in wanted]


def test_the_first_that_is_free_is_asked_with_enter_and_handed_on_to_with_ctrl_enter(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    sample_moves.transferring(server, page)
    page.keyboard.press("Enter")
    until(page, lambda: ordered(server))
    assert ordered(server) == [{"do": "ask", "to": "s1027", "name": "陈静 s1027"}]
    server.received.clear()
    sample_moves.transferring(server, page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    until(page, lambda: ordered(server))
    assert ordered(server) == [{"do": "hand_on", "to": "059187551234", "name": "市政中心"}]


def test_emergency_is_one_key_more_and_who_is_busy_is_not_rung(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    sample_moves.inviting(server, page)
    expect(page.locator("#whom-0")).to_contain_text("110")
    page.keyboard.press("ArrowUp")  # the last one: a colleague who talks
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, lambda: ordered(server))
    assert ordered(server) == [{"do": "join", "to": "110", "name": "110 报警"}]


def test_enter_that_ends_a_composition_orders_nothing(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page()
    sample_moves.transferring(server, page)
    page.locator("#whom-q").evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))"
    )
    expect(page.locator("dialog[open] .whom")).to_be_visible()
    assert ordered(server) == []


def test_with_somebody_beside_the_talk_f8_hands_over_and_f2_goes_back(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    sample_moves.asking(server, page)
    page.keyboard.press("F8")
    page.keyboard.press("F2")
    until(page, lambda: len(ordered(server)) == 2)
    assert ordered(server) == [{"do": "hand_over"}, {"do": "come_back"}]


def test_f3_ends_the_talk_by_the_server_so_that_the_citizen_is_asked_for_a_score(
    at_desk: AtDesk, server: SamplePages
) -> None:
    page = at_desk(sample_live.filled)
    sample_live.leg(page, "talking")
    page.keyboard.press("F3")
    until(page, lambda: ordered(server))
    assert ordered(server) == [{"do": "hang_up"}]
    assert told(server, "hang_up") == [{"do": "hang_up"}]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scene", SCENES)
def test_every_form_of_it_is_accessible(
    open_page: OpenPage, server: SamplePages, scene: str, form: str
) -> None:
    page = open_page()
    SCENES[scene](server, page, form)
    assert findings(page) == []
