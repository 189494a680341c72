"""The calls we owe on the desks of idle agents, and what is left of their breaks."""

from datetime import time, timedelta

import aiohttp
from sqlalchemy import Connection

from cases.ring_backs import Quiet
from console.breaks import BREAKS
from console.owed import OWED
from routing.line import SeatState
from storage import ring_backs, seats, shifts
from tests.console.test_live import is_ready
from tests.console.world import ZONE, World, hear, settled

OWED_CALL = "hotline1-1795308000.0"
NUMBER = "13950123456"
QUIET = Quiet(time(21), time(8), ZONE)


async def owe(world: World, call: str = OWED_CALL, number: str = NUMBER) -> None:
    """Promise a call back and date it, as the service does every few seconds."""
    at = world.clock()
    await world.store.write(
        lambda conn: ring_backs.ask_ring_back(conn, call=call, number=number, at=at, key=call)
    )
    await world.store.write(lambda conn: ring_backs.plan(conn, QUIET, at=at))
    world.app[OWED].again()


async def listed(socket: aiohttp.ClientWebSocketResponse) -> list[str]:
    return [each["number"] for each in (await hear(socket, "owed"))["calls"]]


async def test_an_idle_desk_lists_whom_we_owe_a_call_and_the_wall_counts_them(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        await owe(world)
        assert await listed(desk) == [NUMBER]
        while (told := await hear(wall, "wall_delta")).get("line", {}).get("owed", {}).get("open") != 1:
            pass
    assert told["line"]["owed"] == {"open": 1, "overdue": 0, "escalated": 0}


async def test_one_click_rings_the_agent_s_telephone_first_and_the_debt_is_his(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        await owe(world)
        await listed(desk)
        await desk.send_json({"do": "ring_out", "call": OWED_CALL})
        await settled(lambda: [asked for asked in world.switch.asked if asked[0] == "ring_out"])
    (asked,) = [asked for asked in world.switch.asked if asked[0] == "ring_out"]
    assert {"s1001", NUMBER} <= set(asked)
    owed = await world.store.read(lambda conn: ring_backs.owed(conn, OWED_CALL))
    assert owed is not None
    assert owed.owner == "1001"


async def test_what_another_agent_has_taken_is_not_rung_twice(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        await owe(world)
        await listed(desk)
        at = world.clock()
        await world.store.write(lambda conn: ring_backs.take_over(conn, OWED_CALL, by="1002", at=at))
        await desk.send_json({"do": "ring_out", "call": OWED_CALL})
        assert "已由其他人处理" in (await hear(desk, "notice"))["text"]
    assert not [asked for asked in world.switch.asked if asked[0] == "ring_out"]


async def test_nobody_rings_out_who_may_not_and_the_debt_is_free_again(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        await owe(world)
        await listed(desk)
        await desk.send_json({"do": "phone", "registered": False, "mic": True})
        await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.DISABLED)
        await desk.send_json({"do": "ring_out", "call": OWED_CALL})
        assert (await hear(desk, "notice"))["level"] == "warn"
    owed = await world.store.read(lambda conn: ring_backs.owed(conn, OWED_CALL))
    assert owed is not None
    assert owed.owner is None


async def test_a_debt_is_closed_with_a_reason_that_holds(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        await owe(world)
        await listed(desk)
        await desk.send_json({"do": "close_owed", "call": OWED_CALL, "reason": "wrong_number", "note": ""})
        assert (await hear(desk, "notice"))["level"] == "warn"
        closing = {"do": "close_owed", "call": OWED_CALL, "reason": "wrong_number", "note": "空号提示音"}
        await desk.send_json(closing)
        assert await listed(desk) == []
    owed = await world.store.read(lambda conn: ring_backs.owed(conn, OWED_CALL))
    assert owed is not None
    assert (owed.closing_reason, owed.closed_by) == ("wrong_number", "1001")


async def test_a_desk_shows_what_the_day_still_allows_of_a_break(world: World) -> None:
    at = world.clock()

    def a_break_this_morning(conn: Connection) -> None:
        for minutes, state in ((-60, "break"), (-40, "ready")):
            moment = at + timedelta(minutes=minutes)
            seats.log_state(
                conn,
                seat="s1001",
                agent="1001",
                state=state,
                reason="rest" if state == "break" else "",
                at=moment,
            )

    await world.store.write(a_break_this_morning)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        while (told := await hear(desk, "desk"))["breaks"]["rest"]["left_ms"] != 25 * 60_000:
            pass
        assert told["breaks"]["rest"]["over_at"] is None
        await desk.send_json({"do": "break", "reason": "rest"})
        while (told := await hear(desk, "desk"))["breaks"]["rest"]["over_at"] is None:
            pass
    assert told["breaks"]["rest"]["over_at"] == int((at + timedelta(minutes=15)).timestamp() * 1000)


async def test_the_city_s_own_quota_holds_and_the_wall_sees_who_is_over_it(world: World) -> None:
    at = world.clock()
    await world.store.write(
        lambda conn: shifts.set_quota(conn, "rest", shifts.Minutes(2, None), by="lead", at=at)
    )
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=at)
    world.engine.take_break("s1001", reason="rest", at=at)
    await world.app[BREAKS].count()
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        (seat,) = (await hear(wall, "wall"))["seats"]
    assert seat["over_at"] == int((at + timedelta(minutes=2)).timestamp() * 1000)


async def test_the_wall_names_who_should_be_here_and_a_desk_knows_its_shift(world: World) -> None:
    at = world.clock()
    ends = at + timedelta(hours=5)

    def two_shifts(conn: Connection) -> None:
        for login, hours in (("1001", -3), ("1002", -1)):
            begins = at + timedelta(hours=hours)
            shifts.plan(conn, login, begins_at=begins, ends_at=ends, by="lead", at=at)

    await world.store.write(two_shifts)
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    world.clock.pass_(seconds=31)
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        told = await hear(wall, "wall")
        while not told.get("roster", {}).get("late"):
            told = await hear(wall, "wall_delta")
        while [each["login"] for each in told["roster"]["late"]] != ["1002"]:
            told = await hear(wall, "wall_delta")
        await desk.send_json({"do": "break", "reason": "rest"})
        while (shown := await hear(desk, "desk"))["roster"] is None:
            await desk.send_json({"do": "break", "reason": "meal"})
    assert shown["roster"]["login"] == "1001"
