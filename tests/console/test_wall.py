"""The supervisors' wall, and browsers that do not read."""

import asyncio
from typing import Any

import pytest

from console import sockets as console_sockets
from console import wall as console_wall
from console.wall import WALL, difference
from tests.console.making import NUMBER
from tests.console.raw_socket import closed_with, read_to_the_end
from tests.console.world import World, connect_and_never_read, hear, settled

CALL = "hotline1-1795308607.0"


async def test_a_wall_begins_with_the_whole_picture(world: World) -> None:
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    world.engine.caller_joined(CALL, "PJSIP/trunk-1", NUMBER, world.clock())
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as socket:
        wall = await hear(socket, "wall")
    at = int(world.clock().timestamp() * 1000)
    assert wall["line"] | {"owed": None} == {
        "waiting": 1,
        "longest_since": at,
        "answered_15s": None,
        "abandoned": 0,
        "abandon_rate": None,
        "calls_today": 0,
        "states": {"break": 1},
        "owed": None,
    }
    (caller,) = wall["callers"]
    assert caller | {"wait": None} == {
        "call": CALL,
        "number": "138****3456",
        "since": at,
        "position": 1,
        "priority": 0,
        "skill": "",
        "language": "",
        "line": "12345",
        "elder": False,
        "raised": False,
        "owed": False,
        "wait": None,
        "seat": "",
    }
    (seat,) = wall["seats"]
    assert seat["since"] == at
    assert (seat["id"], seat["name"], seat["state"], seat["reason"]) == (
        "s1001",
        "李燕",
        "break",
        "signed_on",
    )
    assert wall["stuck"] == []
    assert wall["age_ms"] == 0


async def test_then_only_what_has_changed_is_sent_and_numbered_on(world: World) -> None:
    for number in range(1001, 1011):
        world.engine.sign_on(f"s{number}", agent=str(number), name="坐席", at=world.clock())
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as socket:
        wall = await hear(socket, "wall")
        world.engine.phone("s1004", registered=True, mic=True, at=world.clock())
        world.engine.ready("s1004", at=world.clock())
        delta = await hear(socket, "wall_delta")
        assert delta["seq"] == wall["seq"] + 1
        assert [seat["id"] for seat in delta["seats"]] == ["s1004"]
        assert "callers" not in delta
        silent = await hear(socket, "wall_delta")
    # Nothing has changed, but a wall that hears nothing would think that the feed is dead.
    assert set(silent) == {"t", "seq", "now", "age_ms", "nodes", "counted_at", "owed_at"}
    assert silent["seq"] == delta["seq"] + 1


async def test_many_changes_become_few_messages(world: World) -> None:
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as socket:
        await hear(socket, "wall")
        for number in range(500):
            world.engine.take_break("s1001", reason=f"{number}", at=world.clock())
        told = [await hear(socket, "wall_delta")]
        while told[-1].get("seats", [{}])[0].get("reason") != "499":
            told.append(await hear(socket, "wall_delta"))
    assert len([delta for delta in told if "seats" in delta]) <= 2


async def test_a_wall_says_when_asterisk_is_gone(world: World) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as socket:
        await hear(socket, "wall")
        world.engine.asterisk_down(world.clock())
        while (await hear(socket, "wall_delta"))["age_ms"] is not None:
            pass


async def test_a_browser_that_does_not_read_is_skipped_dropped_and_costs_the_others_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_sockets, "BEHIND_SECONDS", 0.5)
    for number in range(400):
        world.engine.sign_on(f"s{number}", agent=str(number), name="坐席" * 200, at=world.clock())
    lead = await world.signed_in("lead")
    stalled = await asyncio.to_thread(connect_and_never_read, world, lead, "/live/wall")
    try:
        async with lead.socket("/live/wall") as socket:
            last = (await hear(socket, "wall"))["seq"]
            await settled(lambda: world.app[WALL].watching == 2)
            for number in range(12):
                for seat in range(400):
                    world.engine.take_break(f"s{seat}", reason=f"{number}" * 40, at=world.clock())
                delta = await hear(socket, "wall_delta")
                assert delta["seq"] == last + 1
                last = delta["seq"]
            await settled(lambda: world.app[WALL].watching == 1)
        # Awake again, it reads what was on its way, and last why it is over; then it begins afresh like any page.
        assert closed_with(await asyncio.to_thread(read_to_the_end, stalled)) == console_sockets.BEHIND
    finally:
        stalled.close()


async def test_nothing_is_kept_for_a_browser_that_never_wakes_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_sockets, "BEHIND_SECONDS", 0.2)
    monkeypatch.setattr(console_sockets, "LINGER_SECONDS", 0.2)
    for number in range(400):
        world.engine.sign_on(f"s{number}", agent=str(number), name="坐席" * 200, at=world.clock())
    lead = await world.signed_in("lead")
    stalled = await asyncio.to_thread(connect_and_never_read, world, lead, "/live/wall")
    try:
        await settled(lambda: world.app[WALL].watching == 1)
        (listener,) = world.app[WALL]._listeners
        transport = listener._transport
        assert transport is not None
        assert transport.get_write_buffer_size() > 0
        await settled(lambda: transport.get_write_buffer_size() == 0 and world.app[WALL].watching == 0)
    finally:
        stalled.close()


async def test_a_browser_that_is_asleep_with_nothing_to_read_is_told_why_it_is_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_sockets, "HEARTBEAT", 0.2)
    monkeypatch.setattr(console_sockets, "ANSWER_SECONDS", 0.2)
    lead = await world.signed_in("lead")
    asleep = await asyncio.to_thread(connect_and_never_read, world, lead, "/live/wall")
    try:
        await settled(lambda: world.app[WALL].watching == 1)
        await settled(lambda: world.app[WALL].watching == 0)
        assert closed_with(await asyncio.to_thread(read_to_the_end, asleep)) == console_sockets.BEHIND
    finally:
        asleep.close()


async def test_a_change_is_told_at_once_and_waits_for_no_tick(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as socket:
        await hear(socket, "wall")
        monkeypatch.setattr(console_wall, "TICK_SECONDS", 3600.0)
        for number in range(3):
            world.engine.sign_on(f"s{number}", agent=str(number), name="李燕", at=world.clock())
            while (told := await hear(socket, "wall_delta")).get("seats") is None:
                pass
            assert [seat["id"] for seat in told["seats"]] == [f"s{number}"]


def test_a_few_messages_go_at_once_and_those_of_a_rush_wait_for_their_turn() -> None:
    messages = console_sockets.Bucket(burst=4, rate=0.01)
    assert [messages.spend() for _ in range(3)] == [0, 0, 0]
    assert 90 < messages.spend() <= 100


async def test_who_was_behind_starts_again_from_the_whole_picture(world: World) -> None:
    wall = world.app[WALL]
    slow = SlowListener()
    await wall.join(slow)  # type: ignore[arg-type]  # the listener's own face, without a socket
    slow.blocked = True
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    await settled(lambda: slow.missed)
    slow.blocked = False
    await settled(lambda: len(slow.frames) >= 2)
    assert b'"t":"wall"' in slow.frames[1]
    assert b"s1001" in slow.frames[1]
    assert not slow.missed


def test_the_difference_of_equal_pictures_is_nothing() -> None:
    picture: dict[str, Any] = {"line": {"waiting": 1}, "callers": [], "seats": [{"id": "s1"}]}
    assert difference(picture, dict(picture)) == {}
    assert difference(picture, picture | {"line": {"waiting": 2}}) == {"line": {"waiting": 2}}


class SlowListener:
    """Takes frames unless blocked."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.blocked = False
        self.missed = False
        self.gone = False

    async def send(self, frame: bytes) -> bool:
        if self.blocked:
            return False
        self.frames.append(frame)
        return True


@pytest.mark.parametrize("turns", range(5))
async def test_the_walls_end_also_when_they_are_told_to_in_the_moment_of_a_change(
    world: World, turns: int
) -> None:
    walls = asyncio.create_task(world.app[WALL].run())
    await asyncio.sleep(4 / console_wall.LOOKS_RATE)  # they wait for a change now
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    for _ in range(turns):
        await asyncio.sleep(0)
    walls.cancel()
    ended, _ = await asyncio.wait({walls}, timeout=5)
    assert ended
