"""What is seen and what goes on when a part of the city is not there."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import aiohttp

from tests.cluster.city import City, NodeTown
from tests.cluster.conftest import Pair
from tests.cluster.people import crowd_of
from tests.faults.robots import sign_in
from tests.sip import eventually

TRY_ANOTHER = 1012


async def test_a_stand_by_refuses_desks_and_says_that_it_stands_by(city: City) -> None:
    other = city.stand_by
    async with aiohttp.ClientSession() as http:
        headers = await sign_in(http, other, "1008")
        async with http.ws_connect(f"{other.url}/live/desk", headers=headers) as socket:
            said = await socket.receive(timeout=10)
        assert (said.type, said.data) == (aiohttp.WSMsgType.CLOSE, TRY_ANOTHER)
        async with http.get(f"{other.url}/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["role"] == "stand_by"
    assert "s1008" not in other.cli("queue show hotline")


async def test_the_wall_names_the_node_that_is_not_heard(city: City) -> None:
    shown: list[dict[str, Any]] = []
    leader, lost = city.leader, city.stand_by

    def linked() -> dict[str, bool]:
        return {node["node"]: node["linked"] for node in shown[-1]["nodes"]} if shown else {}

    watching = asyncio.create_task(_watch(leader, shown))
    try:
        await eventually(lambda: linked() == {"hotline1": True, "hotline2": True}, otherwise=f"{shown[-1:]}")
        lost.signal_asterisk(signal.SIGKILL)
        lost.kill_asterisk()
        await eventually(
            lambda: linked() == {leader.config.node: True, lost.config.node: False},
            otherwise=f"{shown[-1:]}",
        )
        lost.start_asterisk()
        await eventually(lambda: all(linked().values()), 20, f"{shown[-1:]}")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_stand_by_that_is_killed_costs_nobody_anything_and_stands_by_again(
    city: City, tmp_path: Path
) -> None:
    leader, other = city.leader, city.stand_by
    async with crowd_of(city, tmp_path) as crowd:
        await crowd.agent("1006")
        await crowd.calls(other, "13871000001")
        other.kill_ours()
        await crowd.calls(leader, "13871000002")
        records = await crowd.served("13871000002")
        assert records[0]["answered_at"] is not None
        assert leader.leads
        await asyncio.to_thread(other.start_ours)
        records = await crowd.served("13871000001")
        assert records[0]["answered_at"] is not None
        await eventually(
            lambda: other.readiness().get("role") == "stand_by", otherwise="it does not stand by"
        )
        assert leader.leads


async def _watch(node: NodeTown, shown: list[dict[str, Any]]) -> None:
    """Keep what a supervisor's wall is told."""
    async with aiohttp.ClientSession() as http:
        headers = await sign_in(http, node, "9001")
        async with http.ws_connect(f"{node.url}/live/wall", headers=headers) as socket:
            async for message in socket:
                shown.append(message.json())  # noqa: PERF401  it is read meanwhile


async def test_with_both_processes_dead_the_seats_that_were_ready_are_rung_by_their_own_node(
    city: City, tmp_path: Path
) -> None:
    node = city.leader
    async with crowd_of(city, tmp_path) as crowd:
        agent = await crowd.agent("1007")
        await eventually(lambda: agent.state == "ready", otherwise="the agent is not ready")
        await eventually(lambda: not paused(node, agent.seat), otherwise="app_queue may not ring the seat")
        for each in city.nodes.values():
            each.kill_ours()
            each.cli("dialplan set global HOTLINE_HEARTBEAT 1")
            each.cli("dialplan set global HOTLINE_SCRIPTS 1")
        citizen = await crowd.calls(node, "13895000001")
        await eventually(lambda: agent.talked, 20, "nobody was rung")
        await eventually(lambda: not citizen.is_up, 20, "not talked to the end")
        city.heal()
        (record,) = await crowd.served("13895000001")
        assert record["seat"] == agent.seat


def paused(node: NodeTown, seat: str) -> bool:
    """Tell whether the seat is no member of this node's queue, or paused."""
    rows = [row for row in node.cli("queue show hotline").splitlines() if f"PJSIP/{seat}" in row]
    return not rows or "(paused" in rows[0]


async def test_without_any_process_each_node_rings_the_seats_that_are_registered_there(pair: Pair) -> None:
    seats = {}
    for number, (name, node) in enumerate(pair.nodes.items(), 1):
        seats[name] = await pair.seat(name, f"s100{number}")
        node.queue_add(f"s100{number}")
        node.heartbeat(None)
    citizens = {
        name: await (await pair.citizen(node.server, f"1385012345{number}")).dials()
        for number, (name, node) in enumerate(pair.nodes.items())
    }
    for name, seat in seats.items():
        await seat.answers()
        await eventually(lambda name=name: pair.nodes[name].facts("FALLBACK"))  # type: ignore[misc]
        assert citizens[name].is_up
    for number, node in enumerate(pair, 1):
        node.queue_remove(f"s100{number}")
