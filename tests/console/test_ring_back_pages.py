"""The calls we owe, on their pages: who sees them, takes them, rings, and closes them for which reason."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from cases.ring_backs import quiet_hours
from cases.transcripts import Party, Said
from routing.live import SeatState
from storage import ring_backs, transcripts
from storage.ring_backs import Owed
from tests.console.world import World, settled
from tests.makers import MORNING
from tests.storage.test_ring_backs import a_record

NIGHT = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))
CALL = "hotline1-1795308607.1"
NUMBER = "13850120001"


async def owes(world: World, call: str = CALL, number: str = NUMBER) -> None:
    ask = partial(ring_backs.ask_ring_back, call=call, number=number, at=MORNING, key=call)
    await world.store.write(ask)
    await world.store.write(partial(ring_backs.plan, quiet=NIGHT, at=MORNING))


async def debt(world: World, call: str = CALL) -> Owed:
    found = await world.store.read(partial(ring_backs.owed, call=call))
    assert found is not None
    return found


async def test_what_is_due_first_stands_first_and_what_is_late_says_so(world: World) -> None:
    await owes(world)
    await owes(world, "hotline1-1795308607.2", "13850120002")
    agent = await world.signed_in("1001")
    world.clock.pass_(hours=2)
    page = (await agent.get("/ring-backs")).text
    assert page.index("138****0001") < page.index("138****0002")
    assert page.count('class="tag bad"') == 2
    assert NUMBER not in page, "numbers are masked in a list"
    late = (await agent.get("/ring-backs?state=overdue&reason=asked&lang=en")).text
    assert "Calls we owe" in late
    assert "138****0001" in late


async def test_the_words_of_a_message_stand_beside_its_debt_as_a_draft(world: World) -> None:
    await owes(world)
    said = [Said(Party.MESSAGE, MORNING, 1.0, "路灯坏了", 0.9)]
    await world.store.write(lambda conn: transcripts.message_heard(conn, CALL, said))
    agent = await world.signed_in("1001")
    for page in ("/ring-backs", f"/ring-backs/{CALL}"):
        text = (await agent.get(page)).text
        assert "路灯坏了" in text
        assert "草稿 未经核对" in text


async def test_i_15_is_printed_with_its_definition(world: World) -> None:
    page = (await (await world.signed_in("lead")).get("/ring-backs")).text
    assert "I-15" in page
    assert "÷ 漏接电话" in page


@pytest.mark.parametrize("query", ["state=nonsense", "reason=x", "page=0", "since=tomorrow", "what=1"])
async def test_a_filter_nobody_knows_is_refused(world: World, query: str) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.get(f"/ring-backs?{query}")).status == 400


async def test_many_are_shown_page_by_page(world: World) -> None:
    for n in range(55):
        call, number = f"hotline1-1795308607.{n}", f"138501300{n:02d}"
        await world.store.write(
            partial(ring_backs.ask_ring_back, call=call, number=number, at=MORNING, key=call)
        )
    agent = await world.signed_in("1001")
    first, second = [(await agent.get(f"/ring-backs?page={n}")).text for n in (1, 2)]
    assert (first.count("/ring-backs/hotline1"), second.count("/ring-backs/hotline1")) == (50, 5)
    assert "page=2" in first


@pytest.mark.parametrize("login", ["liaison", "admin", "water"])
async def test_whom_we_owe_a_call_is_for_the_hotlines_people_only(world: World, login: str) -> None:
    await owes(world)
    person = await world.signed_in(login)
    assert (await person.get("/ring-backs")).status == 403
    assert (await person.post_form(f"/ring-backs/{CALL}/take", {})).status == 403


async def test_a_debt_is_taken_over_by_one_and_given_back(world: World) -> None:
    await owes(world)
    one, two = await world.signed_in("1001"), await world.signed_in("1002")
    assert (await one.post_form(f"/ring-backs/{CALL}/take", {})).status == 303
    assert (await two.post_form(f"/ring-backs/{CALL}/take", {})).status == 409
    assert (await two.post_form(f"/ring-backs/{CALL}/release", {})).status == 409
    assert (await debt(world)).owner == "1001"
    assert (await one.post_form(f"/ring-backs/{CALL}/release", {})).status == 303
    assert (await debt(world)).owner is None


async def test_a_supervisor_gives_back_what_an_agent_has_left(world: World) -> None:
    await owes(world)
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    await agent.post_form(f"/ring-backs/{CALL}/take", {})
    assert (await lead.post_form(f"/ring-backs/{CALL}/release", {})).status == 303


async def test_only_a_supervisor_withdraws_and_only_with_a_reason(world: World) -> None:
    await owes(world)
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    withdraw = {"reason": "withdrawn", "note": "来电人已到窗口办理"}
    assert (await agent.post_form(f"/ring-backs/{CALL}/close", withdraw)).status == 400
    assert (await lead.post_form(f"/ring-backs/{CALL}/close", {"reason": "withdrawn"})).status == 400
    assert (await lead.post_form(f"/ring-backs/{CALL}/close", withdraw)).status == 303
    kept = await debt(world)
    assert (kept.closing_reason, kept.closed_by, kept.closing_note) == (
        "withdrawn",
        "lead",
        "来电人已到窗口办理",
    )
    again = await lead.post_form(f"/ring-backs/{CALL}/close", withdraw)
    assert again.status == 409
    assert "来电人已到窗口办理" in (await lead.get(f"/ring-backs/{CALL}")).text


async def test_an_agent_rings_from_the_page_and_the_seat_is_busy_with_it(world: World) -> None:
    await owes(world)
    agent = await world.signed_in("1001")
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    world.engine.phone("s1001", registered=True, mic=True, at=world.clock())
    world.engine.ready("s1001", at=world.clock())
    assert (await agent.post_form(f"/ring-backs/{CALL}/ring", {})).status == 303
    await settled(lambda: [each for each in world.switch.asked if each[0] == "ring_out"])
    (rung,) = [each for each in world.switch.asked if each[0] == "ring_out"]
    assert rung[2:] == ("s1001", NUMBER, "ring_back", CALL, "1001")
    assert world.engine.line.leased_to("s1001")
    assert world.engine.line.seats["s1001"].state is SeatState.READY
    refused = await agent.post_form(f"/ring-backs/{CALL}/ring", {})
    assert refused.status == 409, "the seat has a call already"


async def test_nobody_is_rung_by_hand_at_night_and_a_refused_call_leaves_it_to_all(world: World) -> None:
    world.clock.at = MORNING.replace(hour=14)  # ten in the evening in the city
    ask = partial(ring_backs.ask_ring_back, call=CALL, number=NUMBER, at=world.clock(), key=CALL)
    await world.store.write(ask)
    await world.store.write(partial(ring_backs.plan, quiet=NIGHT, at=world.clock()))
    agent = await world.signed_in("1001")
    refused = await agent.post_form(f"/ring-backs/{CALL}/ring", {})
    assert refused.status == 409
    assert "夜间不回拨" in refused.text
    world.clock.pass_(hours=11)
    assert (await agent.post_form(f"/ring-backs/{CALL}/ring", {})).status in {401, 409}
    assert (await debt(world)).owner is None


async def test_the_page_shows_each_attempt_and_what_came_of_it(world: World) -> None:
    await owes(world)
    at = MORNING + timedelta(minutes=4)
    record = a_record("hotline1-1795308900.12345678", owed=CALL, number=NUMBER, offered_at=at, ended_at=at)
    await world.store.write(partial(ring_backs.settle, record=record))
    page = (await (await world.signed_in("1001")).get(f"/ring-backs/{CALL}")).text
    assert "无人接听" in page
    assert "s1001" in page
    assert (await debt(world)).attempts == 1


async def test_there_is_no_page_for_a_debt_nobody_has(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.get("/ring-backs/hotline1-1.1")).status == 404
    assert (await agent.post_form("/ring-backs/hotline1-1.1/take", {})).status == 404
