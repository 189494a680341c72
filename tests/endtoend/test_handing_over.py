"""Two agents at real browsers: a three-way talk, a question with a reload in it, and a transfer, all by keys."""

from playwright.async_api import expect

from tests.endtoend.people import AGENT_HERTZ, CITIZEN_HERTZ, Desk, Street
from tests.endtoend.records import ended
from tests.endtoend.test_reload import hears_again, in_a_talk, sounds_again

NUMBER = "13850160001"


async def chooses(desk: Desk, key: str, whom: str) -> None:
    """Open the panel by its key, type whom, and take the first that is found."""
    await desk.page.keyboard.press(key)
    panel = desk.page.locator("dialog[open] .whom")
    await panel.locator("#whom-q").fill(whom)
    await expect(panel.locator("[aria-selected=true]")).to_contain_text(whom)
    await expect(panel.locator("li")).to_have_count(1)
    await desk.page.keyboard.press("Enter")


async def test_an_agent_brings_a_colleague_in_asks_him_and_hands_the_citizen_over(street: Street) -> None:
    desk, citizen = await in_a_talk(street, "1004", NUMBER)
    other = await street.agent("1005")
    beside = desk.page.locator(".beside")

    await chooses(desk, "F9", "s1005")
    await other.rings("138 5016 0001")
    await expect(beside).to_contain_text("正在呼叫")
    await other.answers()
    await expect(beside).to_contain_text("三方通话中")
    await other.hears(CITIZEN_HERTZ)
    await desk.page.keyboard.press("F2")  # lets the third voice go
    await other.shows("空闲")
    await expect(beside).to_be_hidden()
    await hears_again(citizen)

    await chooses(desk, "F8", "s1005")
    await other.rings("138 5016 0001")
    await other.answers()
    await expect(beside).to_contain_text("市民在听音乐")
    await other.hears(AGENT_HERTZ)
    await desk.page.reload(wait_until="commit")
    await sounds_again(desk)
    await hears_again(citizen)
    await other.shows("空闲")
    await desk.shows("通话")

    await chooses(desk, "F8", "s1005")
    await other.rings("138 5016 0001")
    await other.answers()
    await expect(beside).to_contain_text("市民在听音乐")
    await desk.page.wait_for_timeout(1100)  # the key is guarded against a second press
    await desk.page.keyboard.press("F8")
    await desk.shows("整理")
    await other.hears(CITIZEN_HERTZ)
    await hears_again(citizen)
    await citizen.hangs_up()
    await desk.finishes("其他")
    await other.finishes("当场答复")
    call = await ended(street.town, NUMBER)
    kinds = [(part["kind"], part["seat"]) for part in call["segments"]]
    assert {("three_way", "s1004"), ("consult", "s1004"), ("talk", "s1005")} <= set(kinds)
    assert kinds.count(("reconnect", "s1004")) == 1
