"""One of two engines leads; when it is gone the other does, and whoever waits is served in the same order."""

import signal
from pathlib import Path

import pytest

from tests.cluster.city import City, seconds_until
from tests.cluster.people import crowd_of
from tests.sip import eventually

FIRST, SECOND, THIRD, FOURTH = (f"1385000000{each}" for each in range(1, 5))


def came_back(city: City, records: list[dict[str, object]]) -> list[str]:
    """Return the facts of these calls that say that a seat was given one and could not be rung."""
    calls = {str(record["id"]) for record in records}
    rows = [row for node in city.nodes.values() for row in node.cel().splitlines()]
    return [row for row in rows if "HOTLINE_UNANSWERED" in row and any(call in row for call in calls)]


def test_one_leads_and_both_nodes_know_its_term(city: City) -> None:
    assert city.leader.term == city.stand_by.term > 0
    assert city.stand_by.readiness() == {"ready": False, "role": "stand_by", "missing": []}
    assert (city.leader.metric("hotline_leads"), city.stand_by.metric("hotline_leads")) == (1, 0)


async def test_callers_of_two_nodes_are_served_in_strict_order_of_arrival_by_one_seat(
    city: City, tmp_path: Path
) -> None:
    one, two = city.nodes.values()
    async with crowd_of(city, tmp_path) as crowd:
        before = len(crowd._records())
        for node, number in ((one, FIRST), (two, SECOND), (two, THIRD), (one, FOURTH)):
            await crowd.calls(node, number)
        agent = await crowd.agent("1001")
        records = await crowd.served(FIRST, SECOND, THIRD, FOURTH)
        assert [record["number"] for record in records] == [FIRST, SECOND, THIRD, FOURTH]
        assert [record["node"] for record in records] == ["hotline1", "hotline2", "hotline2", "hotline1"]
        assert {record["seat"] for record in records} == {agent.seat}
        assert came_back(city, records) == []
        # The leg at the seat's node is nobody's call.
        assert len(crowd._records()) == before + 4


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_when_the_leader_is_gone_the_other_assigns_those_who_wait_in_their_order(
    city: City, tmp_path: Path, number: signal.Signals
) -> None:
    gone, follower = city.leader, city.stand_by
    before = gone.term
    first, second = (f"1386{number:02d}0000{each}" for each in (1, 2))
    async with crowd_of(city, tmp_path) as crowd:
        login = "1003" if number is signal.SIGSTOP else "1002"
        # Whoever takes over remembers this seat as ready; its telephone is at the node that is gone.
        before_it = await crowd.agent(login)
        await eventually(lambda: before_it.state == "ready", otherwise="the agent is not ready")
        await crowd.closes_the_page(before_it)
        await crowd.calls(gone, first)
        await crowd.calls(follower, second)
        gone.signal_ours(number)
        led = seconds_until(lambda: follower.leads, most=15, what="the other one leads")
        agent = await crowd.agent(login)
        await eventually(lambda: len(agent.talked) == 2, 30, f"only {agent.talked} were assigned")
        print(f"{number.name}: led after {led:.2f} s")
        assert [call.rpartition("-")[0] for call in agent.talked] == [gone.config.node, follower.config.node]
        assert set(agent.sat_at) == {follower.config.node}
        assert gone.term == follower.term > before
        gone.signal_ours(signal.SIGCONT)
        city.heal()
        assert follower.leads
        records = await crowd.served(first, second)
        assert [record["number"] for record in records] == [first, second]
        assert came_back(city, records) == []


async def test_a_leader_that_was_frozen_with_a_free_seat_and_callers_moves_nobody_when_it_wakes_up(
    city: City, tmp_path: Path
) -> None:
    frozen, follower = city.leader, city.stand_by
    async with crowd_of(city, tmp_path) as crowd:
        agent = await crowd.agent("1004")
        await eventually(lambda: agent.state == "ready")
        frozen.signal_ours(signal.SIGSTOP)
        # It knows of a free seat, and these callers' arrivals are in its socket.
        await crowd.calls(follower, "13865000001")
        await crowd.calls(follower, "13865000002")
        seconds_until(lambda: follower.leads, most=15, what="the other one leads")
        frozen.signal_ours(signal.SIGCONT)
        records = await crowd.served("13865000001", "13865000002")
        assert [record["number"] for record in records] == ["13865000001", "13865000002"]
        assert came_back(city, records) == []
        await eventually(lambda: frozen.readiness().get("role") == "stand_by", otherwise="two lead")
        assert follower.leads
        await eventually(lambda: agent.sat_at[-1] == follower.config.node)
        assert {record["seat"] for record in records} == {agent.seat}
        assert not any("DEPOSED" in node.cel() for node in city.nodes.values())


async def test_without_redis_calls_go_on_and_nobody_else_leads(city: City, tmp_path: Path) -> None:
    leader, other = city.leader, city.stand_by
    async with crowd_of(city, tmp_path) as crowd:
        agent = await crowd.agent("1005")

        async def is_served(number: str) -> None:
            await crowd.calls(other, number)
            await crowd.served(number)
            assert [node.leads for node in (leader, other)] == [True, False]

        city.redis.signal(signal.SIGSTOP)
        await is_served("13870000001")
        city.redis.stop()
        await is_served("13870000002")
        city.redis.start()
        await is_served("13870000003")
        assert set(agent.sat_at) == {leader.config.node}


async def test_a_machine_that_dies_takes_its_own_calls_and_nobody_elses(city: City, tmp_path: Path) -> None:
    dead, alive = city.leader, city.stand_by
    async with crowd_of(city, tmp_path) as crowd:
        waiting = await crowd.calls(alive, "13880000001")
        dead.signal_asterisk(signal.SIGKILL)
        dead.kill_ours()
        led = seconds_until(lambda: alive.leads, most=15, what="the living node leads")
        print(f"machine gone: led after {led:.2f} s")
        dead.kill_asterisk()
        await crowd.agent("1006")
        await crowd.served("13880000001")
        await eventually(lambda: not waiting.is_up, otherwise="not talked to the end")


async def test_who_leads_without_an_asterisk_of_its_own_makes_room(city: City, tmp_path: Path) -> None:
    homeless, other = city.leader, city.stand_by
    async with crowd_of(city, tmp_path) as crowd:
        await crowd.calls(other, "13890000001")
        homeless.signal_asterisk(signal.SIGKILL)
        led = seconds_until(lambda: other.leads, most=20, what="the other one leads")
        print(f"Asterisk of the leader gone: led after {led:.2f} s")
        homeless.kill_asterisk()
        await crowd.agent("1007")
        await crowd.served("13890000001")
