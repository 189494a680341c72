"""An hour of an agent who has a keyboard and an input method and no mouse: ten calls, and what stays of them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.endtoend.conftest import street_of, tell_what_was_seen, town_with
from tests.endtoend.people import AGENT_HERTZ, CITIZEN_HERTZ, Street
from tests.endtoend.records import ended
from tests.endtoend.test_reload import hears_again, sounds_again
from tests.endtoend.typist import Typist
from tests.sip import Telephone
from tests.town import Town

pytestmark = pytest.mark.timeout(900)  # ten real calls take two and a half minutes on a quiet machine

LAMPS = "鳌峰新村 12 号楼前路灯连续多日不亮"
MORE = "来电人反映楼前四盏路灯不亮,老人夜间出行不便,要求尽快修复。"
PLACE = "江滨区江南街道江滨路 12 号"


@pytest.fixture
def hour() -> Iterator[Town]:
    """A town of its own: only this agent takes its calls."""
    with town_with(ring_seconds=8, quiet_from="00:00", quiet_until="23:59") as town:
        yield town


@pytest_asyncio.fixture
async def street(hour: Town, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Street]:
    async with street_of(hour, tmp_path) as street:
        yield street
        await tell_what_was_seen(request, street)


def number_of(call: int) -> str:
    return f"138501700{call:02}"


async def rings_and_is_answered(street: Street, agent: Typist, call: int) -> Telephone:
    number = number_of(call)
    citizen = await street.citizen(number)
    await citizen.dials("12345")
    await agent.desk.rings(f"{number[:3]} {number[3:7]} {number[7:]}")
    await expect(agent.desk.page.locator(".ring-card button.ok")).to_be_enabled(timeout=10_000)
    await agent.presses_again("F2")
    await agent.desk.shows("通话")
    await citizen.hears_tone(AGENT_HERTZ)
    return citizen


async def files(agent: Typist, keys: str) -> str:
    await agent.presses(keys)
    await expect(agent.desk.page.locator("#filed-digits")).to_be_visible(timeout=10_000)
    return (await agent.desk.page.locator("#filed-digits").inner_text()).replace(" ", "")


async def is_told(agent: Typist, *, intent: str = "投诉") -> None:
    """Write down what the citizen says, and take the first matter and the first unit that are proposed."""
    page = agent.desk.page
    await agent.writes(content=MORE, title=LAMPS, address=PLACE, contact_name="林女士")
    await agent.picks("intent", intent)
    for key, field in (("1", "category"), ("q", "unit")):
        await expect(page.locator(f"[data-suggest={field}_1]")).to_be_visible(timeout=10_000)
        await agent.presses(f"Alt+{key}")
        await expect(page.locator(f"#f-{field}")).not_to_have_value("")


async def chooses(agent: Typist, key: str, whom: str) -> None:
    panel = agent.desk.page.locator("dialog[open] .whom")
    await agent.presses(key)
    await expect(panel.locator("#whom-q")).to_be_focused()
    await agent.desk.page.keyboard.type(whom)
    await expect(panel.locator("[aria-selected=true]")).to_contain_text(whom)
    await expect(panel.locator("li")).to_have_count(1)
    await agent.presses("Enter")


async def test_ten_calls_of_one_hour_by_keys_alone(street: Street) -> None:
    agent = await Typist.sits_down(street, "1004")
    page = agent.desk.page

    # 1. A question that is answered at once.
    citizen = await rings_and_is_answered(street, agent, 1)
    await is_told(agent, intent="咨询")
    await agent.writes(answer="社保卡补办请到任一政务服务中心,当天可取。")
    await files(agent, "Control+Shift+Enter")
    await citizen.hangs_up()
    await agent.finishes()

    # 2. A case that is dispatched.
    citizen = await rings_and_is_answered(street, agent, 2)
    await is_told(agent)
    lamps = await files(agent, "Control+Enter")
    await citizen.hangs_up()
    await agent.finishes()

    # 3. The same matter once more: it is merged into the open case.
    citizen = await rings_and_is_answered(street, agent, 3)
    await agent.writes(content=MORE, title=LAMPS, address=PLACE)
    await expect(page.locator("button", has_text="并入催办").first).to_be_visible(timeout=10_000)
    await agent.presses("Alt+m")
    await expect(page.locator("dialog[open] .merge")).to_be_visible()
    await agent.presses("Enter")
    await expect(page.get_by_text("已并入").first).to_be_visible(timeout=10_000)
    await citizen.hangs_up()
    await agent.finishes()

    # 4. A report that must stay confidential.
    citizen = await rings_and_is_answered(street, agent, 4)
    await is_told(agent, intent="举报")
    await agent.goes_to("#f-confidential")
    await agent.presses("Space")
    await files(agent, "Control+Enter")
    await citizen.hangs_up()
    await agent.finishes()

    # 5. The page is loaded anew in mid-talk.
    citizen = await rings_and_is_answered(street, agent, 5)
    await agent.writes(content=MORE)
    await page.reload(wait_until="commit")
    await sounds_again(agent.desk)
    await hears_again(citizen)
    await expect(page.locator("#f-content")).to_have_value(MORE)
    await citizen.hangs_up()
    await agent.finishes("其他")

    # 6. The headset falls out and is plugged in again: the talk goes on.
    citizen = await rings_and_is_answered(street, agent, 6)
    await page.evaluate("pullOut()")
    await expect(page.get_by_text("没有找到麦克风").first).to_be_visible(timeout=10_000)
    await page.evaluate("plugIn()")
    await hears_again(citizen)
    await citizen.hangs_up()
    await agent.desk.shows("整理")
    await agent.finishes("其他")

    # 7. Held, and back.
    citizen = await rings_and_is_answered(street, agent, 7)
    await agent.presses("F7")
    await agent.desk.shows("保持")
    await agent.presses_again("F7")
    await agent.desk.shows("通话")
    await hears_again(citizen)
    await citizen.hangs_up()
    await agent.finishes("其他")

    # 8. A colleague comes in as the third voice. She is away until then, or she would be given the call herself.
    other = await street.agent("1005")
    await other.takes_a_break()
    citizen = await rings_and_is_answered(street, agent, 8)
    await other.go_ready()
    await chooses(agent, "F9", "s1005")
    await other.shows("振铃")
    await other.answers()
    await expect(page.locator(".beside")).to_contain_text("三方通话中", timeout=15_000)
    await other.hears(CITIZEN_HERTZ)
    await agent.presses_again("F2")
    await other.shows("空闲")
    await hears_again(citizen)
    await citizen.hangs_up()
    await agent.desk.shows("整理")
    await other.takes_a_break()
    await agent.finishes("其他")

    # 9. She is asked first, and then has the citizen.
    citizen = await rings_and_is_answered(street, agent, 9)
    await other.go_ready()
    await chooses(agent, "F8", "s1005")
    await other.shows("振铃")
    await other.answers()
    await expect(page.locator(".beside")).to_contain_text("市民在听音乐", timeout=15_000)
    await agent.presses_again("F8")
    await agent.desk.shows("整理")
    await other.hears(CITIZEN_HERTZ)
    await hears_again(citizen)
    await agent.finishes("其他")
    await citizen.hangs_up()
    await other.finishes("当场答复")
    await other.takes_a_break()

    # 10. The citizen is asked for a score.
    citizen = await rings_and_is_answered(street, agent, 10)
    await agent.presses_again("F3")
    await agent.desk.shows("整理")
    await asyncio.sleep(2)
    await citizen.presses("1")
    await citizen.is_hung_up()
    await agent.finishes("其他")

    for call in range(1, 11):
        record = await ended(street.town, number_of(call))
        assert record["talk_seconds"] > 0, (call, record)
        assert not record["owed"], (call, record)
    assert (await ended(street.town, number_of(10)))["survey"] == 1
    assert added_to(street.town, lamps) == ["urge"]
    assert [said for desk in street.desks for said in desk.complaints] == []


def added_to(town: Town, digits: str) -> list[str]:
    """Return what was added to this case by later calls."""
    asked = text(
        'select s.kind from supplement s join case_file c on c.id = s."case" where c.digits = :d order by s.id'
    )
    store = town.store()
    try:
        return store.read_now(lambda conn: [row.kind for row in conn.execute(asked, {"d": digits})])
    finally:
        store.close()
