"""What a supervisor does from the wall: with a reason, audited, and told to the agent."""

from typing import Any

import aiohttp
import pytest

from routing.line import SeatState
from routing.live import Notice
from storage import history
from tests.console.test_live import CALL, answers, is_ready, rings
from tests.console.world import World, hear, settled

ORDER = {"do": "order", "seat": "s1001", "reason": "晨会"}


async def seats_history(world: World) -> list[tuple[str, str, str]]:
    facts = await world.store.read(lambda conn: history.of(conn, "seat:s1001"))
    return [(fact.actor, fact.detail["order"], fact.detail["reason"]) for fact in facts]


async def notice_of(socket: aiohttp.ClientWebSocketResponse) -> str:
    return str((await hear(socket, "notice"))["text"])


async def test_a_seat_is_sent_on_a_break_the_agent_is_told_by_whom_and_the_history_knows(
    world: World,
) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        await wall.send_json(ORDER | {"order": "pause"})
        assert await notice_of(desk) == "王班长 已安排您小休：晨会。通话中的，本次结束后生效。"
    seat = world.engine.line.seats["s1001"]
    assert (seat.reason, seat.by) == ("supervisor", "lead") or seat.state is SeatState.DISABLED
    assert await seats_history(world) == [("lead", "pause", "晨会")]


async def test_a_break_ordered_in_a_call_comes_after_it(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        rings(world)
        answers(world)
        await wall.send_json(ORDER | {"order": "pause"})
        await hear(desk, "notice")
        assert world.engine.line.seats["s1001"].state is SeatState.TALKING
        world.engine.talk_ended(CALL, world.clock())
        await desk.send_json({"do": "wrapped"})
        await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.BREAK)
        assert world.engine.line.seats["s1001"].by == "lead"


async def test_a_seat_is_made_ready_again(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        await desk.send_json({"do": "break", "reason": "rest"})
        await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.BREAK)
        await wall.send_json(ORDER | {"order": "ready"})
        await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.READY)
        assert "已为您示闲" in await notice_of(desk)


async def test_who_is_signed_off_reads_who_did_it_and_why_and_is_not_in_the_line_any_more(
    world: World,
) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        await wall.send_json(ORDER | {"order": "sign_off"})
        assert (await hear(desk, "bye"))["text"] == "王班长 已为您签出：晨会"
    assert world.engine.line.seats["s1001"].state is SeatState.OFFLINE
    await settled(lambda: "auth/s1001" not in world.exchange.objects)


async def test_nobody_is_signed_off_in_a_call(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        rings(world)
        answers(world)
        await wall.send_json(ORDER | {"order": "sign_off"})
        assert "通话中" in await notice_of(wall)
    assert await seats_history(world) == []


@pytest.mark.parametrize(
    "said",
    [
        ORDER | {"order": "dance"},
        ORDER | {"order": "pause", "reason": " "},
        ORDER | {"order": "pause", "seat": "s9999"},
        {"do": "order"},
        {"do": "repair", "kind": "everything", "id": "", "reason": "因"},
        {"do": "nonsense"},
        {"do": ["order"]},
    ],
)
async def test_an_order_without_sense_or_reason_is_answered_and_changes_nothing(
    world: World, said: dict[str, Any]
) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        await wall.send_json(said)
        assert (await hear(wall, "notice"))["level"] == "warn"
    assert await seats_history(world) == []


async def test_who_may_only_look_at_the_wall_gives_no_orders(world: World) -> None:
    agent, admin = await world.signed_in("1001"), await world.signed_in("admin")
    async with agent.socket("/live/desk") as desk, admin.socket("/live/wall") as wall:
        await is_ready(world, desk)
        await wall.send_json(ORDER | {"order": "pause"})
        assert (await hear(wall, "notice"))["level"] == "bad"
        assert world.engine.line.seats["s1001"].state is SeatState.READY


async def test_a_repair_is_asked_of_the_exchange_and_stands_in_the_history(world: World) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        await wall.send_json({"do": "repair", "kind": "link_late", "id": "", "reason": "画面不动"})
        assert (await hear(wall, "notice"))["level"] == "info"
    facts = await world.store.read(lambda conn: history.of(conn, "line:"))
    assert [(fact.kind, fact.actor, fact.detail["reason"]) for fact in facts] == [
        ("line.repaired", "lead", "画面不动")
    ]


async def test_what_is_for_supervisors_is_shown_on_every_wall(world: World) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        await hear(wall, "wall")
        values = (("seat", "s1001"), ("name", "李燕"), ("n", "3"))
        world.engine.line.notify(Notice("", "warn", "notice.misses", values))
        assert await notice_of(wall) == "s1001 李燕 连续 3 次未接来电，请查看。"
