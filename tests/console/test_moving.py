"""What an agent may do beside a talk, whom the panel offers, and what both desks are told of it."""

from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection, update

from routing.moves import LegSaid, Word
from storage import history
from storage.units import UNIT
from tests.console.test_live import CALL, answers, is_ready, rings
from tests.console.world import World, hear, settled

LEG = "PJSIP/s1002-7"


async def talks(world: World, socket: aiohttp.ClientWebSocketResponse) -> None:
    await is_ready(world, socket)
    rings(world)
    answers(world)
    while (await hear(socket, "desk"))["seat"]["state"] != "talking":
        pass


async def beside(socket: aiohttp.ClientWebSocketResponse, step: str) -> dict[str, Any]:
    while True:
        call = (await hear(socket, "desk"))["call"]
        if call and call["aside"] and call["aside"]["step"] == step:
            aside: dict[str, Any] = call["aside"]
            return aside


def says(world: World, word: Word) -> None:
    world.engine.leg_said(LegSaid(word, CALL, LEG, "s1002", world.clock()))


def moves(world: World) -> list[tuple[str, ...]]:
    return [tuple(asked[1:]) for asked in world.switch.asked if asked[0] == "move"]


async def test_both_desks_are_told_who_asks_whom_and_the_asked_one_has_no_wrap_up(world: World) -> None:
    agent, other = await world.signed_in("1001"), await world.signed_in("1002")
    async with agent.socket("/live/desk") as desk, other.socket("/live/desk") as second:
        await talks(world, desk)
        await is_ready(world, second)
        await desk.send_json({"do": "ask", "to": "s1002"})
        assert (await beside(desk, "ordered"))["third"] is False
        await settled(lambda: moves(world) == [("ask", CALL, "s1001", "s1002")])
        says(world, Word.ASKED)
        while (shown := await hear(second, "desk"))["seat"]["state"] != "ringing":
            pass
        assert shown["call"]["id"] == CALL
        assert shown["call"]["guest"] == {"by": "s1001", "name": "李燕", "third": False}
        assert (await hear(second, "pop"))["call"] == CALL
        says(world, Word.ANSWERS)
        await beside(desk, "talking")
        await desk.send_json({"do": "come_back"})
        await settled(lambda: ("hang_up", LEG) in world.switch.asked)
        says(world, Word.RETURNS)
        while (shown := await hear(second, "desk"))["seat"]["state"] != "ready":
            assert shown["seat"]["state"] != "wrap_up"


async def test_whom_a_citizen_was_handed_to_stands_in_the_history(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await talks(world, desk)
        await desk.send_json({"do": "hand_on", "to": "0591-87551234", "name": "城管局值班"})
        await settled(lambda: moves(world) == [("hand_on", CALL, "s1001", "059187551234")])
        await desk.send_json({"do": "nothing that exists"})
        await hear(desk, "notice")  # the commands of a desk are obeyed one after the other
        (fact,) = await world.store.read(lambda conn: history.of(conn, CALL))
    assert (fact.kind, fact.actor) == ("call.handed_on", "1001")
    assert fact.detail == {"seat": "s1001", "whom": "059187551234"}


@pytest.mark.parametrize("to", ["4008001234", "0014155550100", "s1001", "s1999", "x"])
async def test_who_may_not_be_reached_is_refused_in_words(world: World, to: str) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await talks(world, desk)
        await desk.send_json({"do": "join", "to": to})
        assert (await hear(desk, "notice"))["level"] == "warn"
    assert moves(world) == []


async def test_the_panel_offers_free_colleagues_departments_on_duty_and_the_number(world: World) -> None:
    def give(conn: Connection) -> None:
        conn.execute(update(UNIT).where(UNIT.c.id == "szgc").values(duty_phone="0591-87551234"))

    await world.store.write(give)
    agent, other = await world.signed_in("1001"), await world.signed_in("1002")
    async with other.socket("/live/desk") as second:
        await is_ready(world, second)
        everybody = (await agent.get("/api/whom")).json
        assert [(each["to"], each["free"]) for each in everybody["seats"]] == [("s1002", True)]
        assert everybody["units"] == []
        (unit,) = (await agent.get("/api/whom?q=szgc")).json["units"]
        assert unit["day"] == "059187551234"
        assert (await agent.get("/api/whom?q=138 5012 3456")).json["number"] == "13850123456"
        assert (await agent.get("/api/whom?q=4008001234")).json["number"] == ""
    assert (await (await world.signed_in("handler")).get("/api/whom")).status == 403
