"""We owe a citizen a call, and pay: the desk's own telephone takes it by itself, and only then the citizen's rings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from cases.ring_backs import REACHED_SECONDS
from storage.ring_backs import ask_ring_back
from tests.endtoend.conftest import street_of, tell_what_was_seen, town_with
from tests.endtoend.people import AGENT_HERTZ, CITIZEN_HERTZ, Desk, Street
from tests.endtoend.records import attempts, calls_of, debts, ended, is_in
from tests.sip import Telephone, eventually
from tests.town import Town, free_port


@pytest.fixture(scope="module")
def calling_town() -> Iterator[Town]:
    """A town whose carrier is the telephone of one citizen, and in which it is never night."""
    port = free_port()
    carrier, never = f"127.0.0.1:{port}", "00:00"
    with town_with(ring_seconds=6, carrier=carrier, quiet_from=never, quiet_until=never) as town:
        yield town


@pytest_asyncio.fixture
async def lane(calling_town: Town, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Street]:
    async with street_of(calling_town, tmp_path) as street:
        yield street
        await tell_what_was_seen(request, street)
        complaints = [said for desk in street.desks for said in desk.complaints]
        await street.stack.aclose()
        await street.empties()
        assert complaints == []


async def behind_the_carrier(street: Street, number: str) -> Telephone:
    return await street.citizen(number, port=int(street.town.config.carrier.rpartition(":")[2]))


async def asks_to_be_rung(street: Street, number: str) -> Telephone:
    """Wait in the line, press 9 and 1, and hear the promise to the end."""
    citizen = await behind_the_carrier(street, number)
    await citizen.dials("12345")
    await is_in(street.town, number, "Queue")
    await citizen.presses("9")
    await is_in(street.town, number, "AGI")
    await citizen.presses("1")
    await citizen.is_hung_up(60)
    return citizen


async def has_asked(street: Street, number: str) -> Telephone:
    """Return the telephone of a citizen who asked a while ago."""
    store, at = street.town.store(), datetime.now(UTC)
    ask = partial(ask_ring_back, call=f"hotline1-1.{number}", number=number, at=at, key=number, since=at)
    try:
        store.write_now(ask)
    finally:
        store.close()
    return await behind_the_carrier(street, number)


async def owed_to(town: Town, number: str, **wanted: Any) -> dict[str, Any]:
    """Wait until what is owed to this citizen is as it should be."""

    def found() -> dict[str, Any] | None:
        return next((debt for debt in debts(town, number) if wanted.items() <= debt.items()), None)

    debt = await eventually(found, 20, f"no debt {wanted}: {debts(town, number)}")
    assert debt is not None
    return debt


async def calls_out(desk: Desk, shown: str) -> None:
    """The desk's telephone has answered by itself, and the citizen's is rung."""
    await expect(desk.page.locator("#number")).to_have_text(shown, timeout=30_000)
    await expect(desk.page.locator(".out-step")).to_contain_text("正在呼叫市民", timeout=10_000)


def listed(desk: Desk, number: str) -> Locator:
    """Return the button that rings this citizen, in the list of the idle desk."""
    row = desk.page.locator("section[aria-labelledby='owed'] li", has_text=number[-4:])
    return row.get_by_role("button", name="回拨")


async def talk_until_it_counts(desk: Desk, citizen: Telephone) -> None:
    await citizen.answers()
    await expect(desk.page.locator(".out-step")).to_contain_text("市民已接听", timeout=10_000)
    await desk.hears(CITIZEN_HERTZ)
    await citizen.hears_tone(AGENT_HERTZ)
    await asyncio.sleep(REACHED_SECONDS)
    await desk.page.keyboard.press("F2")
    await desk.shows("整理")
    await citizen.hangs_up()  # he is asked for a score now, and does not care


async def test_who_asked_is_rung_in_his_turn_and_the_talk_pays_the_debt(lane: Street) -> None:
    number = "13850140001"
    citizen = await asks_to_be_rung(lane, number)
    desk = await lane.agent("1001", then="")
    await calls_out(desk, "138 5014 0001")
    await talk_until_it_counts(desk, citizen)
    await desk.finishes("当场答复")
    debt = await owed_to(lane.town, number, closing_reason="reached")
    assert debt["attempts"] == 1
    await ended(lane.town, number, calls=2)
    out, asked = calls_of(lane.town, number)
    assert (asked["direction"], asked["end_reason"]) == ("incoming", "callback_asked")
    assert (out["direction"], out["seat"], out["dial_status"]) == ("outgoing", "s1001", "ANSWER")
    assert (out["outcome"], out["hung_up_by"]) == ("answered", "seat")
    assert "too long" not in lane.town.log()


async def test_who_does_not_take_it_is_rung_again_later_and_the_agent_is_not_to_blame(lane: Street) -> None:
    number = "13850140002"
    citizen = await has_asked(lane, number)
    desk = await lane.agent("1002", then="")
    await calls_out(desk, "138 5014 0002")
    await citizen.refuses()
    await desk.shows("整理")
    await expect(desk.page.locator(".card.call")).to_contain_text("没有接通市民")
    await desk.finishes("其他")
    debt = await owed_to(lane.town, number, attempts=1)
    assert debt["closed_at"] is None
    assert debt["next_at"] is not None
    assert [tried["result"] for tried in attempts(lane.town, number)] == ["busy"]
    await desk.shows("空闲")
    # The seat takes the next citizen as if nothing had been.
    caller = await lane.citizen("13850140003")
    await caller.dials("12345")
    await desk.rings("138 5014 0003")
    await desk.answers()
    await caller.hangs_up()
    await desk.finishes("无声")


async def test_an_agent_on_a_break_rings_somebody_by_hand_and_is_on_the_break_again(lane: Street) -> None:
    number = "13850140004"
    desk = await (await lane.page()).sign_in("1003")
    citizen = await has_asked(lane, number)
    await listed(desk, number).click(timeout=30_000)
    await calls_out(desk, "138 5014 0004")
    await talk_until_it_counts(desk, citizen)
    await desk.finishes("其他", then="小休")
    debt = await owed_to(lane.town, number, closing_reason="reached")
    assert debt["closed_by"] == "1003"


async def test_a_call_that_comes_to_the_same_desk_a_second_time_can_be_worked_on(lane: Street) -> None:
    desk = await lane.agent("1004")
    caller = await lane.citizen("13850140006")
    await caller.dials("12345")
    await desk.rings("138 5014 0006")
    await desk.shows("小休")  # it has rung for nothing; the citizen keeps his place
    await desk.go_ready(then="振铃")
    await desk.rings("138 5014 0006")
    await desk.answers()
    await expect(desk.page.locator("#f-contact_number")).to_have_value("13850140006")
    await caller.hangs_up()
    await desk.finishes("其他")
    assert (await ended(lane.town, "13850140006"))["outcome"] == "other"


async def test_an_agent_who_rings_by_keys_may_give_up_and_the_debt_stays(lane: Street) -> None:
    number = "13850140005"
    desk = await (await lane.page()).sign_in("1005")
    citizen = await has_asked(lane, number)
    await expect(listed(desk, number)).to_be_enabled(timeout=30_000)
    await desk.page.keyboard.press("Alt+b")
    await calls_out(desk, "138 5014 0005")
    await citizen.rings()
    await desk.page.keyboard.press("F2")
    await citizen.is_hung_up()
    await desk.shows("整理")
    await expect(desk.page.locator(".card.call")).to_contain_text("没有接通市民")
    await desk.finishes("其他", then="小休")
    debt = await owed_to(lane.town, number, owner="1005")
    assert (debt["closed_at"], debt["attempts"]) == (None, 0)
    tried = await eventually(lambda: attempts(lane.town, number)[-1]["result"], 20, "no attempt was noted")
    assert tried == "cancelled"
