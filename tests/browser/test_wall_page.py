"""What supervisors do on the wall and on their own screen: alarms with an act, talks, who waits, messages."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sample_live
from tests.browser.conftest import OpenPage
from tests.browser.sample_pages import SamplePages, ago
from tests.browser.watching import told, until

pytestmark = pytest.mark.browser

TELEPHONE = {"user": "vlead", "secret": "x", "uri": "sip:vlead@hotline", "ws": "/sip?wall=1", "expires": 120}


def test_an_alarm_names_the_skill_and_its_act_is_one_key_away(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.open_wall(server, page)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("城建 最长等待")
    expect(alert).to_contain_text("社保民政 3 人空闲，可临时支援")
    page.keyboard.press("s")
    page.locator("#why").fill("城建来电多")
    page.get_by_role("button", name="开始支援").press("Enter")
    until(page, lambda: told(server, "support"))
    assert told(server, "support") == [
        {"do": "support", "skill": "城建", "group": "社保民政", "minutes": "30", "reason": "城建来电多"}
    ]
    server.push(
        {"t": "wall_delta", "seq": 2, "alarms": [], "helps": [sample_live.HELP], **sample_live.fresh()}
    )
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="撤回").click()
    until(page, lambda: told(server, "unsupport"))
    assert told(server, "unsupport") == [{"do": "unsupport", "id": 7}]


def test_the_key_is_a_letter_where_somebody_types(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1920, 1080)
    sample_live.wall_order(server, page)
    page.locator("#why").press_sequentially("as")
    expect(page.locator("#why")).to_have_value("as")
    expect(page.locator("#minutes")).to_have_count(0)


OPENED = """() => new Promise((tell) => {
  new MutationObserver(() => {
    if (document.querySelector('#why')) tell(document.querySelector('dialog[open] #why') !== null);
  }).observe(document.body, { subtree: true, childList: true });
  document.querySelectorAll('.tile button')[7].click();
})"""


def test_a_layer_is_open_as_soon_as_its_fields_are_there_so_that_no_letter_is_lost(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.open_wall(server, page)
    assert page.evaluate(OPENED) is True


def test_what_is_being_typed_stays_while_the_wall_is_drawn_again(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall_order(server, page)
    why = page.locator("dialog[open] #why")
    why.press_sequentially("家里")
    picture = sample_live.wall_state(80, waiting=7)
    looked_at = picture["seats"][7]["id"]
    for turn, state in enumerate(("break", "hold", "ready")):
        seats = [
            seat | ({"state": state} if seat["id"] == looked_at else {}) for seat in picture["seats"][turn:]
        ]
        server.push(picture | {"seq": 10 + turn, "seats": seats})
        expect(page.locator(f"[data-seat={looked_at}]")).to_have_class(re.compile(rf"\bis-{state}\b"))
        expect(why).to_be_focused()
        page.keyboard.type("有事"[turn % 2])
    expect(why).to_have_value("家里有事有")


def test_seats_stand_by_trouble_who_asks_for_help_first_and_by_number_if_that_is_wanted(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.open_wall(server, page)
    expect(page.locator(".tile").first).to_contain_text("1015")
    expect(page.locator(".tile").first).to_contain_text("求助")
    numbers = page.locator(".tile").evaluate_all("all => all.map((one) => one.classList.contains('long'))")
    assert numbers == sorted(numbers, reverse=True), "a seat that needs no look stands before one that does"
    page.get_by_role("button", name="按需关注排列").click()
    expect(page.locator(".tile").first).to_contain_text("1001")
    page.reload()
    expect(page.locator(".tile").first).to_contain_text("1001")


def with_telephone(page: Page) -> None:
    """The sample pages have no exchange: the page gets a microphone, and is told that it is registered."""
    page.evaluate("() => { __phone.start = () => {}; __phone.set('registered'); }")


def test_a_supervisor_listens_with_a_reason_and_the_telephone_is_opened_for_it(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall_desk(server, page, "debug=1")
    page.get_by_role("button", name="监听 1004").click()
    page.get_by_role("button", name="监听", exact=True).click()
    expect(page.locator("#why-error")).to_be_visible()
    assert told(server, "phone") == []
    page.locator("#why").fill("新人带教")
    page.get_by_role("button", name="监听", exact=True).click()
    until(page, lambda: told(server, "phone"))
    assert told(server, "watch") == [], "nobody is brought in before there is a telephone"
    with_telephone(page)
    until(page, lambda: told(server, "watch"))
    assert told(server, "watch") == [{"do": "watch", "seat": "s1004", "mode": "listen", "reason": "新人带教"}]


def test_who_waits_is_raised_or_given_to_a_free_seat_with_a_reason(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall_caller(server, page)
    page.locator("#why").fill("孕妇")
    page.get_by_role("button", name="优先接入").click()
    until(page, lambda: told(server, "raise"))
    assert told(server, "raise") == [{"do": "raise", "call": "c2", "reason": "孕妇"}]
    page.locator(".callers button").nth(2).click()
    page.locator("#why").fill("熟悉情况")
    page.locator("#give-seat").select_option(index=1)
    seat = page.locator("#give-seat").input_value()
    page.get_by_role("button", name="指派", exact=True).click()
    until(page, lambda: told(server, "give"))
    assert told(server, "give") == [{"do": "give", "call": "c2", "seat": seat, "reason": "熟悉情况"}]


def test_a_message_goes_to_all_seats_or_to_one(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1920, 1080)
    sample_live.wall_message(server, page)
    expect(page.locator("#message-error")).to_be_visible()
    page.locator("#message").fill("五一北路停水，统一口径见公告")
    page.get_by_role("button", name="发送").click()
    until(page, lambda: told(server, "message"))
    assert told(server, "message") == [{"do": "message", "seat": "", "text": "五一北路停水，统一口径见公告"}]


def test_a_message_that_was_overlooked_is_said_on_the_wall_without_its_words_and_leads_to_the_receipts(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall8(server, page)
    expect(page.get_by_text("仍未读班长消息")).to_have_count(0)
    server.push({"t": "wall_delta", "seq": 2, "messages": sample_live.SENT, **sample_live.fresh()})
    band = page.get_by_role("status").filter(has_text="仍未读班长消息")
    expect(band).to_contain_text("有 1 个座席")
    expect(band).to_contain_text("1007")
    band.get_by_role("button").click()
    expect(page.locator("dialog[open] li")).to_have_count(2)
    expect(page.locator("dialog[open] li").nth(1)).to_contain_text("已读 80 / 80")
    server.push({"t": "wall_delta", "seq": 3, "messages": sample_live.SENT[1:], **sample_live.fresh()})
    expect(page.get_by_text("仍未读班长消息")).to_have_count(0)


def test_who_asks_for_help_is_answered_from_the_own_screen(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1440, 900)
    sample_live.wall_desk(server, page)
    seat = {"id": "s1004", "help_at": ago(3)}
    server.push({"t": "wall_delta", "seq": 2, "seats": [seat], **sample_live.fresh()})
    expect(page.locator(".head")).to_contain_text("求助 1")
    page.get_by_role("button", name="已知晓 1004").click()
    until(page, lambda: told(server, "helped"))
    assert told(server, "helped") == [{"do": "helped", "seat": "s1004"}]


def test_the_curve_of_the_day_is_drawn_and_told(open_page: OpenPage, server: SamplePages) -> None:
    page = open_page(1920, 1080)
    sample_live.open_wall(server, page)
    expect(page.locator(".curve svg path.is-came")).to_have_attribute("d", re.compile("^M0.0 "))
    assert "接通" in str(page.locator(".curve svg").get_attribute("aria-label"))


def test_a_new_picture_is_drawn_in_the_tiles_that_stand_and_without_those_who_are_gone(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page(1920, 1080)
    sample_live.wall8(server, page)
    tile = page.locator("[data-seat=s1002]")
    before = sample_live.wall_state(8, waiting=0)
    for turn, state in enumerate(("ready", "hold", "ready")):
        seats = [seat | {"state": state, "since": ago(1)} for seat in before["seats"][turn % 2 :]]
        server.push(before | {"seq": 10 + turn, "seats": seats})
        expect(tile).to_have_class(re.compile(rf"\bis-{state}\b"))
        expect(page.locator("[data-seat]")).to_have_count(8 - turn % 2)
    server.push({"t": "wall_delta", "seq": 13, "seats": [{"id": "s1001", "state": "wrap_up"}]})
    expect(page.locator("[data-seat=s1001]")).to_have_class(re.compile(r"\bis-wrap_up\b"))
