"""The live desk."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection

from console.desks import DESKS, TRY_ANOTHER
from console.view import Day
from console.wall import WALL
from routing.engine import Declined
from routing.line import Notice, SeatState
from storage import calls, people, records
from tests.console.making import NUMBER, a_case, an_order
from tests.console.world import World, connect_and_never_read, hear, settled
from tests.makers import later
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position

CALL = "hotline1-1795308607.0"
Step = tuple[Callable[[], object], str]


async def is_ready(world: World, socket: aiohttp.ClientWebSocketResponse) -> None:
    """Bring the agent of this socket to where calls reach them."""
    await socket.send_json({"do": "phone", "registered": True, "mic": True})
    await socket.send_json({"do": "ready"})
    while (await hear(socket, "desk"))["seat"]["state"] != "ready":
        pass


def rings(world: World, call: str = CALL, number: str = NUMBER, seat: str = "s1001") -> None:
    world.engine.caller_joined(call, f"PJSIP/trunk-{call}", number, world.clock())
    world.clock.pass_(seconds=7)
    world.engine.seat_offered(call, seat, world.clock())


def answers(world: World, call: str = CALL, seat: str = "s1001") -> None:
    world.engine.seat_answered(call, seat, f"PJSIP/{seat}-1", world.clock())


async def test_opening_the_desk_signs_the_seat_on_and_hands_over_a_phone(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        desk = await hear(socket, "desk")
        phone = await hear(socket, "phone")
    assert phone["user"] == "s1001"
    assert phone["ws"] == "/sip"
    assert len(phone["secret"]) == 32  # 192 bits
    assert world.exchange.objects["auth/s1001"]["password"] == phone["secret"]
    assert world.exchange.objects["endpoint/s1001"]["context"] == "hotline-seats"
    assert desk["seat"] | {"since": 0} == {
        "id": "s1001",
        "agent": "1001",
        "name": "李燕",
        "state": "break",
        "since": 0,
        "reason": "signed_on",
        "by": "",
        "next_break": "",
        "break_until": None,
        "ready_again": False,
        "wrap_up_until": None,
        "wrap_up_extended": False,
    }
    assert desk["call"] is None
    assert desk["asterisk"] is True


async def test_each_login_gets_another_secret_and_no_page_shows_it(world: World) -> None:
    agent = await world.signed_in("1001")
    secrets = []
    for _ in range(2):
        async with agent.socket("/live/desk") as socket:
            secrets.append((await hear(socket, "phone"))["secret"])
    assert secrets[0] != secrets[1]
    assert secrets[1] not in (await agent.get("/desk")).text


async def test_messages_are_numbered_and_carry_the_servers_time(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        messages = [await hear(socket, "desk"), await hear(socket, "phone")]
        for reason in ("rest", "meal"):
            await socket.send_json({"do": "break", "reason": reason})
            messages.append(await hear(socket, "desk"))
    assert [message["seq"] for message in messages] == [1, 2, 3, 4]
    assert {message["now"] for message in messages} == {int(world.clock().timestamp() * 1000)}


async def test_a_ringing_call_pops_with_number_and_waiting_time_at_once(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        desk = await hear(socket, "desk")
        pop = await hear(socket, "pop")
    assert desk["call"]["id"] == CALL
    assert desk["call"]["number"] == NUMBER
    assert desk["call"]["state"] == "ringing"
    assert pop["call"] == CALL
    assert pop["caller"] == {
        "number": NUMBER,
        "nth": 1,
        "cases": 0,
        "open": 0,
        "last_at": None,
        "waited_seconds": 7,
        "path": [],
        "line": "12345",
        "hotline": "",
        "category": "",
        "skill": "",
        "language": "",
        "elder": False,
        "priority": 0,
        "event": "",
        "nuisance": 0,
        "told": None,
        "owed": "",
        "why": {"reason": "longest_idle", "detail": ""},
    }
    assert pop["open_cases"] == pop["recent_cases"] == pop["recent_calls"] == []
    assert pop["draft"] is None


async def test_a_second_call_pops_the_case_of_the_first(world: World) -> None:
    case = await a_case(world)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        pop = await hear(socket, "pop")
    assert [each["no"] for each in pop["open_cases"]] == [case.no]
    assert pop["open_cases"][0]["state_text"] == "已登记"
    assert pop["open_cases"][0]["overdue"] is False


async def test_earlier_calls_are_counted_and_the_newest_are_shown(world: World) -> None:
    await world.store.write(_two_earlier_calls)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        pop = await hear(socket, "pop")
    assert pop["caller"]["nth"] == 3
    assert len(pop["recent_calls"]) == 2
    assert pop["recent_calls"][0]["outcome_text"] == "排队中放弃"
    assert pop["recent_calls"][1]["outcome_text"] == "已通话"
    assert pop["recent_calls"][1]["seconds"] > 0


async def test_a_withheld_number_has_no_past(world: World) -> None:
    await a_case(world, contact_number="", reply_way="无需回复")
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world, number="")
        pop = await hear(socket, "pop")
    assert pop["open_cases"] == []


async def test_a_reload_in_a_call_and_after_it_brings_the_call_and_the_draft_back(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        answers(world)
        await hear(socket, "pop")
    await agent.send_json("PUT", f"/api/drafts/{CALL}", {"fields": {"title": "路灯"}})
    async with agent.socket("/live/desk") as socket:
        pop = await hear(socket, "pop")
        assert pop["call"] == CALL
        assert pop["draft"] == {"title": "路灯"}
        world.engine.talk_ended(CALL, world.clock())
        assert (await hear(socket, "desk", call=None))["seat"]["state"] == "wrap_up"
    async with agent.socket("/live/desk") as socket:
        assert (await hear(socket, "pop"))["call"] == CALL


async def test_each_call_pops_once(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        pops = 0
        steps: list[Step] = [
            (lambda: rings(world), "ringing"),
            (lambda: answers(world), "talking"),
            (lambda: world.engine.held(CALL, world.clock()), "hold"),
            (lambda: world.engine.resumed(CALL, world.clock()), "talking"),
            (lambda: world.engine.talk_ended(CALL, world.clock()), "wrap_up"),
            (lambda: world.engine.wrapped("s1001", at=world.clock()), "ready"),
        ]
        for step, state in steps:
            step()
            async with asyncio.timeout(10):
                while (message := await socket.receive_json()).get("seat", {}).get("state") != state:
                    pops += message["t"] == "pop"
    assert pops == 1


async def test_a_call_that_is_offered_a_second_time_pops_a_second_time(world: World) -> None:
    """The page has dropped it with the refusal; without a pop it had no form, and no outcome could be chosen."""
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        await hear(socket, "pop", call=CALL)
        world.engine.seat_refused(CALL, "s1001", Declined.REJECTED, world.clock())
        while (await hear(socket, "desk"))["seat"]["state"] != "break":
            pass
        rings(world)
        answers(world)
        assert (await hear(socket, "pop", call=CALL))["caller"]["number"] == NUMBER


async def test_the_engines_notices_reach_the_agent(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "desk")
        world.engine.line.notify(Notice("s1001", "warn", "来电未接,已为您转为小休"))
        notice = await hear(socket, "notice")
    assert notice["text"] == "来电未接,已为您转为小休"
    assert notice["level"] == "warn"


async def test_a_command_that_cannot_be_done_is_answered_in_words(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await socket.send_json({"do": "wrapped"})
        assert (await hear(socket, "notice"))["text"] == "不在话后整理"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "null",
        "[]",
        "{",
        '{"do": null}',
        '{"do": "close_everything"}',
        '{"do": ["ready"]}',
        '{"do": "break", "reason": {"a": 1}}',
        '{"do": "outcome"}',
        '{"do": "outcome", "call": 1, "code": []}',
        "[" * 2000,
    ],
)
async def test_nonsense_on_the_socket_is_answered_and_the_desk_stays(world: World, said: str) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await socket.send_str(said)
        assert (await hear(socket, "notice"))["level"] == "warn"
        await socket.send_json({"do": "phone", "registered": True, "mic": True})
        await socket.send_json({"do": "ready"})
        assert (await hear(socket, "desk"))["seat"]["id"] == "s1001"


async def test_a_bug_behind_one_command_does_not_close_the_desk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.engine, "ready", broken)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await socket.send_json({"do": "ready"})
        assert (await hear(socket, "notice"))["level"] == "bad"
        await socket.send_json({"do": "break", "reason": "meal"})
        assert (await hear(socket, "desk"))["seat"]["reason"] in {"meal", "signed_on"}


async def test_a_flood_of_commands_closes_the_socket(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        for _ in range(200):
            await socket.send_json({"do": "break", "reason": "rest"})
        async with asyncio.timeout(10):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
    assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING}


async def test_an_agent_has_one_desk_and_the_newest_counts(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as first:
        await hear(first, "desk")
        async with agent.socket("/live/desk") as second:
            assert "另一处" in (await hear(first, "bye"))["text"]
            async with asyncio.timeout(10):
                assert (await first.receive()).type is aiohttp.WSMsgType.CLOSE
            await is_ready(world, second)


async def test_a_desk_that_is_closed_is_offered_no_calls_and_signed_off_when_it_stays_away(
    world: World,
) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
    await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.DISABLED)
    world.clock.pass_(seconds=21)
    await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.OFFLINE)
    await settled(lambda: "auth/s1001" not in world.exchange.objects)


async def test_a_lost_desk_that_is_back_within_the_grace_is_ready_as_before(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
    await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.DISABLED)
    world.clock.pass_(seconds=21)
    await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.OFFLINE)
    async with agent.socket("/live/desk") as socket:
        await socket.send_json({"do": "phone", "registered": True, "mic": True})
        while (await hear(socket, "desk"))["seat"]["state"] != "ready":
            pass


@pytest.mark.parametrize("away", [0, 21])
async def test_who_signs_in_again_has_to_say_that_they_are_ready(world: World, away: int) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
    await settled(lambda: world.engine.line.seats["s1001"].state is SeatState.DISABLED)
    world.clock.pass_(seconds=away)
    await world.app[DESKS].sweep()
    again = await world.signed_in("1001")
    async with again.socket("/live/desk") as socket:
        await socket.send_json({"do": "phone", "registered": True, "mic": True})
        while (desk := await hear(socket, "desk"))["seat"]["state"] == "offline":
            pass
    assert (desk["seat"]["state"], desk["seat"]["reason"]) == ("break", "signed_on")


async def test_a_desk_lost_in_a_talk_stays_in_it_until_the_talk_is_over(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        answers(world)
        await hear(socket, "pop")
    world.clock.pass_(seconds=21)
    await world.app[DESKS].sweep()
    states = [world.engine.line.seats["s1001"].state]
    world.engine.talk_ended(CALL, world.clock())
    await world.app[DESKS].sweep()
    states.append(world.engine.line.seats["s1001"].state)
    assert states == [SeatState.TALKING, SeatState.OFFLINE]


async def test_a_page_that_is_dead_does_not_hold_up_the_one_that_follows_it(world: World) -> None:
    agent = await world.signed_in("1001")
    dead = await asyncio.to_thread(connect_and_never_read, world, agent, "/live/desk")
    try:
        await settled(lambda: world.app[DESKS].open == 1)
        async with agent.socket("/live/desk") as socket, asyncio.timeout(5):
            assert (await socket.receive_json())["t"] == "desk"
            await is_ready(world, socket)
    finally:
        dead.close()


async def test_a_telephone_that_asterisk_did_not_take_is_pushed_again(world: World) -> None:
    world.exchange.broken = True
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        phone = await hear(socket, "phone")
        world.exchange.broken = False
        await world.phones.sweep(world.clock())
    assert world.exchange.objects["auth/s1001"]["password"] == phone["secret"]


async def test_taking_a_telephone_away_does_not_cut_into_the_one_that_follows(world: World) -> None:
    await world.phones.open_seat("s1001")
    _, (phone, pushed) = await asyncio.gather(
        world.phones.close_seat("s1001"), world.phones.open_seat("s1001")
    )
    assert pushed
    assert {f"{kind}/s1001" for kind in ("auth", "aor", "endpoint")} <= set(world.exchange.objects)
    assert world.exchange.objects["auth/s1001"]["password"] == phone.secret


async def test_my_calls_of_the_day_are_counted_on_without_a_change_in_the_line(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "desk")
        await settled(lambda: world.app[WALL]._counted_at)
        world.app[WALL].day = Day(calls=1, by_seat={"s1001": 1})
        while (await hear(socket, "desk"))["line"]["my_calls"] != 1:
            pass


async def test_who_does_not_lead_sends_desks_to_who_does(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "phone")
        world.engine.stand_by(world.clock())
        async with asyncio.timeout(10):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert message.data == TRY_ANOTHER
    async with agent.socket("/live/desk") as socket:
        assert (await socket.receive()).data == TRY_ANOTHER


async def test_a_reload_costs_neither_the_turn_nor_the_readiness(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
    async with agent.socket("/live/desk") as socket:
        await socket.send_json({"do": "phone", "registered": True, "mic": True})
        while (await hear(socket, "desk"))["seat"]["state"] != "ready":
            pass


async def test_signing_out_takes_the_phone_away_and_closes_the_desk(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "phone")
        await agent.post_form("/logout", {})
        await hear(socket, "bye")
    assert not any(key.endswith("/s1001") for key in world.exchange.objects)
    assert world.engine.line.seats["s1001"].state is SeatState.OFFLINE


async def test_with_asterisk_gone_the_desk_opens_and_says_so(world: World) -> None:
    world.exchange.broken = True
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        phone = await hear(socket, "phone")
        assert (await hear(socket, "notice"))["level"] == "warn"
        world.exchange.broken = False
        await world.phones.repush()
    assert world.exchange.objects["auth/s1001"]["password"] == phone["secret"]


async def test_the_outcome_of_ones_own_call_is_kept(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        answers(world)
        await hear(socket, "pop")
        filed = await agent.send_json("POST", "/api/cases", an_order(call=CALL))
        await socket.send_json({"do": "outcome", "call": CALL, "code": "case", "case": filed.json["no"]})
        await socket.send_json({"do": "wrapped"})
        await hear(socket, "notice", text="不在话后整理")
    call = await world.store.read(lambda conn: calls.call(conn, CALL))
    assert call is not None
    assert (call.outcome, call.case, call.outcome_by) == ("case", filed.json["no"], "1001")


async def test_the_line_is_shown_to_every_desk(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "desk")
        world.engine.caller_joined(CALL, "PJSIP/trunk-1", NUMBER, world.clock())
        desk = await hear(socket, "desk")
    assert desk["line"]["waiting"] == 1
    assert desk["line"]["longest_since"] == int(world.clock().timestamp() * 1000)


def _two_earlier_calls(conn: Connection) -> None:
    exchange = Exchange(second=later(days=-1).timestamp())
    for kind in ("completed", "abandoned_in_line"):
        exchange.call(kind, number=NUMBER)
    for inode, (source, lines) in enumerate([(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)]):
        rows, place = position(lines, inode=inode)
        records.ingest(conn, source=source, rows=rows, position=place)


async def test_an_open_desk_ends_with_its_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.sockets.CHECK_SECONDS", 0.05)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "phone")
        await world.store.write(lambda conn: people.close_sessions_of(conn, "1001", at=world.clock()))
        assert "重新登录" in (await hear(socket, "bye"))["text"]
    await settled(lambda: not any(key.endswith("/s1001") for key in world.exchange.objects))


async def test_an_open_desk_counts_as_use_of_its_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.sockets.CHECK_SECONDS", 0.05)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "phone")
        world.clock.pass_(hours=9)
        await asyncio.sleep(0.2)
    world.clock.pass_(hours=2)
    assert (await agent.get("/desk")).status == 200
