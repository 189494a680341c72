"""What a supervisor does from the wall about talks, about who waits and about groups: with a reason, audited, told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Connection

from console.asking import ASKING
from console.parts import PARTS
from console.wall import WALL
from routing import rulebook
from routing.line import SeatState
from routing.live import Profile
from routing.rules import Group, LineRules, Skill
from routing.watch_rules import WatchRules, dump
from routing.watching import Mode, Watching
from storage import history, lending, seat_messages, watch_rules
from tests.console.test_live import CALL, answers, is_ready, rings
from tests.console.world import World, hear, settled

Socket = aiohttp.ClientWebSocketResponse
LISTEN = {"do": "watch", "seat": "s1001", "mode": "listen", "reason": "新人带教"}
RULES = LineRules(skills=(Skill("社保", group="社保组"),), groups=(Group("社保组"), Group("城建组")))


def watching(world: World) -> Watching:
    found = world.app[PARTS].watching
    assert found is not None
    return found


async def audited(world: World, subject: str) -> list[tuple[str, str, str]]:
    facts = await world.store.read(lambda conn: history.of(conn, subject))
    return [(fact.kind, fact.actor, str(fact.detail.get("reason", ""))) for fact in facts]


@asynccontextmanager
async def talking(world: World) -> AsyncIterator[tuple[Socket, Socket]]:
    """Yield the desk of an agent who talks, and a supervisor's wall."""
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await is_ready(world, desk)
        rings(world)
        answers(world)
        yield desk, wall


async def wall_says(wall: Socket, key: str, wanted: Callable[[Any], bool]) -> Any:
    """Return what the wall is told under this key as soon as it is what is waited for."""
    async with asyncio.timeout(10):
        while True:
            message = await wall.receive_json()
            if key in message and wanted(message[key]):
                return message[key]


async def test_listening_is_told_to_the_agent_audited_and_shown_on_every_wall(world: World) -> None:
    async with talking(world) as (desk, wall):
        await wall.send_json(LISTEN)
        assert (await hear(desk, "notice"))["text"] == "王班长 正在监听本次通话。"
        (shown,) = await wall_says(wall, "watches", bool)
        assert (shown["seat"], shown["name"], shown["mode"]) == ("s1001", "王班长", "listen")
        await wall.send_json({"do": "unwatch"})
        assert await wall_says(wall, "watches", lambda seen: not seen) == []
        await settled(lambda: ("hang_up", CALL) in world.switch.spies.asked)
    assert world.switch.spies.asked[0] == ("spy", "vlead", "PJSIP/s1001-1", "listen")
    assert await audited(world, "seat:s1001") == [
        ("watch.listen", "lead", "新人带教"),
        ("watch.left", "lead", "新人带教"),
    ]


async def test_where_the_city_says_so_an_agent_is_not_told_who_listens_but_who_whispers(world: World) -> None:
    silent = watch_rules_text(tell_listening=False)
    await world.store.write(
        lambda conn: watch_rules.add_version(conn, silent, follows=0, why="试行", by="lead", at=world.clock())
    )
    world.app[WALL].recount()
    async with talking(world) as (desk, wall):
        await hear(wall, "wall")
        await wall.send_json(LISTEN)
        await wall_says(wall, "watches", bool)
        await wall.send_json(LISTEN | {"mode": "whisper"})
        assert (await hear(desk, "notice"))["text"].startswith("王班长 正在对您耳语")
        told = await hear(desk, "desk", watched={"by": "王班长", "mode": "whisper"})
        assert told["help"] is None
    assert ("change", "PJSIP/s1001-1", "whisper") in world.switch.spies.asked


def watch_rules_text(**changes: Any) -> str:
    return dump(WatchRules(**changes))


async def test_a_citizen_is_taken_over_and_the_watch_ends_when_he_hangs_up(world: World) -> None:
    async with talking(world) as (desk, wall):
        await wall.send_json(LISTEN | {"mode": "take_over", "reason": "升级投诉"})
        assert "已接管" in (await hear(desk, "notice"))["text"]
        world.engine.talk_ended(CALL, world.clock(), "PJSIP/s1001-1")
        assert world.engine.line.seats["s1001"].state is SeatState.WRAP_UP
        assert [each.mode for each in watching(world).going_on] == [Mode.TAKE_OVER]
        world.engine.talk_ended(CALL, world.clock())
        assert watching(world).going_on == []
    assert ("take_over", CALL, f"PJSIP/trunk-{CALL}", "vlead") in world.switch.spies.asked


async def test_when_the_talk_ends_nobody_is_in_it_any_more(world: World) -> None:
    async with talking(world) as (_, wall):
        await wall.send_json(LISTEN)
        await settled(lambda: watching(world).going_on)
        world.engine.talk_ended(CALL, world.clock())
        assert watching(world).going_on == []
        await settled(lambda: ("hang_up", CALL) in world.switch.spies.asked)


async def test_a_supervisors_own_hang_up_is_heard(world: World) -> None:
    async with talking(world) as (_, wall):
        await wall.send_json(LISTEN)
        await settled(lambda: watching(world).going_on)
        (watch,) = watching(world).going_on
        world.engine.talk_ended(watch.leg, world.clock())
        assert watching(world).going_on == []
        assert world.engine.line.seats["s1001"].state is SeatState.TALKING


@pytest.mark.parametrize(
    "said",
    [
        LISTEN | {"mode": "sing"},
        LISTEN | {"reason": ""},
        LISTEN | {"seat": "s1002"},
        {"do": "give", "call": "nobody", "seat": "s1001", "reason": "因"},
        {"do": "raise", "call": CALL, "reason": "因"},
        {"do": "message", "seat": "s1009", "text": "在吗"},
        {"do": "message", "seat": "", "text": ""},
        {"do": "support", "skill": "无", "group": "城建组", "minutes": "30", "reason": "因"},
        {"do": "support", "skill": "社保", "group": "城建组", "minutes": "99", "reason": "因"},
        {"do": "unsupport", "id": 99},
        {"do": "unsupport", "id": "1; drop"},
    ],
)
async def test_what_makes_no_sense_is_answered_and_changes_nothing(
    world: World, said: dict[str, Any]
) -> None:
    async with talking(world) as (_, wall):
        await wall.send_json(said)
        assert (await hear(wall, "notice"))["level"] == "warn"
        assert watching(world).going_on == []


async def test_who_has_no_telephone_is_told_and_an_exchange_that_fails_leaves_nothing_behind(
    world: World,
) -> None:
    async with talking(world) as (_, wall):
        world.switch.spies.there.clear()
        await wall.send_json(LISTEN)
        assert "话机" in (await hear(wall, "notice"))["text"]
        world.switch.spies.there.add("vlead")
        world.switch.spies.broken = True
        await wall.send_json(LISTEN)
        assert "重试" in (await hear(wall, "notice"))["text"]
    assert watching(world).going_on == []
    assert await audited(world, "seat:s1001") == []


async def test_a_wall_is_given_a_telephone_that_can_dial_nothing_and_loses_it_to_a_newer_wall(
    world: World,
) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        await wall.send_json({"do": "phone"})
        phone = await hear(wall, "phone")
    assert (phone["user"], phone["ws"]) == ("vlead", "/sip?wall=1")
    assert world.exchange.objects["endpoint/vlead"]["context"] == "hotline-seats"
    assert world.exchange.objects["auth/vlead"]["password"] == phone["secret"]


async def test_only_supervisors_get_a_telephone_or_come_into_a_talk(world: World) -> None:
    async with talking(world):
        admin = await world.signed_in("admin")
        async with admin.socket("/live/wall") as wall:
            for said in ({"do": "phone"}, LISTEN):
                await wall.send_json(said)
                assert (await hear(wall, "notice"))["level"] == "bad"
        agent = await world.signed_in("1002")
        assert (await agent.get("/wall/desk")).status == 403
    assert "auth/vadmin" not in world.exchange.objects


async def test_who_asks_for_help_is_seen_on_the_wall_until_somebody_comes(world: World) -> None:
    async with talking(world) as (desk, wall):
        await desk.send_json({"do": "help"})
        async with asyncio.timeout(10):
            while (await hear(desk, "desk"))["help"] is None:
                pass
        seats = await wall_says(wall, "seats", lambda seen: any(each["help_at"] for each in seen))
        assert [each["id"] for each in seats if each["help_at"]] == ["s1001"]
        await wall.send_json({"do": "helped", "seat": "s1001"})
        assert (await hear(desk, "notice"))["text"] == "王班长 已看到您的求助。"
        await wall_says(wall, "seats", lambda seen: any(each["help_at"] is None for each in seen))


async def test_a_call_for_help_goes_with_its_call_or_is_taken_back(world: World) -> None:
    asking = world.app[ASKING]
    async with talking(world) as (desk, _):
        await desk.send_json({"do": "help"})
        await settled(lambda: asking.of("s1001", world.clock()))
        await desk.send_json({"do": "help", "on": False})
        await settled(lambda: asking.of("s1001", world.clock()) is None)
        await desk.send_json({"do": "help"})
        await settled(lambda: asking.of("s1001", world.clock()))
        world.engine.talk_ended(CALL, world.clock())
        assert asking.of("s1001", world.clock()) is None


async def messages_at(desk: Socket, wanted: int) -> list[dict[str, Any]]:
    """Return what the desk shows as unread as soon as it is so many."""
    async with asyncio.timeout(10):
        while True:
            told = await hear(desk, "desk")
            if len(told["messages"]) == wanted:
                return list(told["messages"])


async def test_a_message_reaches_one_seat_or_all_and_stays_until_it_is_read(world: World) -> None:
    one, other = await world.signed_in("1001"), await world.signed_in("1002")
    lead = await world.signed_in("lead")
    async with (
        one.socket("/live/desk") as desk,
        other.socket("/live/desk") as second,
        lead.socket("/live/wall") as wall,
    ):
        await hear(desk, "phone")
        await hear(second, "phone")
        await wall.send_json({"do": "message", "seat": "", "text": "五一北路停水"})
        for each in (desk, second):
            (told,) = await messages_at(each, 1)
            assert (told["by"], told["text"]) == ("王班长", "五一北路停水")
        await wall.send_json({"do": "message", "seat": "s1002", "text": "请示闲"})
        assert [each["text"] for each in await messages_at(second, 2)] == ["五一北路停水", "请示闲"]
    async with other.socket("/live/desk") as again:
        first, own = await messages_at(again, 2)
        await again.send_json({"do": "read", "id": first["id"]})
        assert await messages_at(again, 1) == [own]
    kept = {each.text: each for each in await kept_messages(world)}
    assert [reader.seat for reader in kept["五一北路停水"].unread] == ["s1001"]
    assert kept["五一北路停水"].readers[1].read_at == world.clock()
    facts = await world.store.read(lambda conn: history.of(conn, "seat:all"))
    assert [(fact.kind, fact.detail["seats"]) for fact in facts] == [("seat.message", 2)]


async def kept_messages(world: World) -> list[seat_messages.Message]:
    return await world.store.read(lambda conn: seat_messages.newest(conn, world.clock(), 9))


async def test_a_message_that_nobody_reads_comes_to_the_wall_and_goes_with_the_reading(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk, lead.socket("/live/wall") as wall:
        await hear(desk, "phone")
        await wall.send_json({"do": "message", "seat": "s1001", "text": "注意语气"})
        (told,) = await messages_at(desk, 1)
        (shown,) = await wall_says(wall, "messages", bool)
        assert (shown["read"], shown["told"], shown["late"]) == (0, 1, False)
        assert "注意语气" not in str(shown)  # the wall hangs in the hall
        world.clock.pass_(seconds=121)
        await world.app[WALL].tick()
        (shown,) = await wall_says(wall, "messages", lambda seen: seen[0]["late"])
        assert shown["unread"] == ["s1001"]
        await desk.send_json({"do": "read", "id": told["id"]})
        (shown,) = await wall_says(wall, "messages", lambda seen: seen[0]["read"])
        assert (shown["late"], shown["unread"]) == (False, [])


async def test_nobody_reads_another_ones_message_nor_one_that_there_is_not(world: World) -> None:
    one, other = await world.signed_in("1001"), await world.signed_in("1002")
    lead = await world.signed_in("lead")
    async with (
        one.socket("/live/desk") as desk,
        other.socket("/live/desk") as second,
        lead.socket("/live/wall") as wall,
    ):
        await hear(desk, "phone")
        await hear(second, "phone")
        await wall.send_json({"do": "message", "seat": "s1001", "text": "请示闲"})
        (told,) = await messages_at(desk, 1)
        for wrong in (told["id"], 999, "1; drop"):
            await second.send_json({"do": "read", "id": wrong})
        await hear(second, "notice", level="warn")
    (kept,) = await kept_messages(world)
    assert [reader.agent for reader in kept.unread] == ["1001"]


async def test_who_has_gone_home_is_no_alarm_on_the_wall_and_reads_it_tomorrow(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        async with agent.socket("/live/desk") as desk:
            await hear(desk, "phone")
            await wall.send_json({"do": "message", "seat": "", "text": "明日早会"})
            await messages_at(desk, 1)
        world.engine.sign_off("s1001", at=world.clock())
        world.clock.pass_(hours=1)
        await world.app[WALL].count_day(world.clock())
        (shown,) = world.app[WALL].watch.messages.on_walls(world.clock(), 120)
        assert (shown["late"], shown["unread"], shown["read"]) == (False, [], 0)
    async with agent.socket("/live/desk") as desk:
        assert [each["text"] for each in await messages_at(desk, 1)] == ["明日早会"]


async def test_a_waiting_caller_is_raised_and_the_wall_and_the_history_say_so(world: World) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        for number in range(2):
            world.engine.caller_joined(f"hotline1-1.{number}", f"PJSIP/t{number}", "138", world.clock())
        await wall.send_json({"do": "raise", "call": "hotline1-1.1", "reason": "孕妇"})
        callers = await wall_says(wall, "callers", lambda seen: any(each["raised"] for each in seen))
        assert [each["call"] for each in callers if each["raised"]] == ["hotline1-1.1"]
    assert await audited(world, "call:hotline1-1.1") == [("line.by_hand", "lead", "孕妇")]


async def test_a_group_helps_at_one_order_its_seats_can_do_it_at_once_and_it_is_taken_back(
    world: World,
) -> None:
    def keep(conn: Connection) -> None:
        at = world.clock()
        rulebook.save_rules(conn, RULES, follows=0, why="起", by="lead", valid_from=at, at=at)
        rulebook.save_profile(conn, "1001", Profile(group="城建组"), why="起", by="lead", at=at)

    await world.store.write(keep)
    lead, agent = await world.signed_in("lead"), await world.signed_in("1001")
    async with lead.socket("/live/wall") as wall:
        order = {"do": "support", "skill": "社保", "group": "城建组", "minutes": "30", "reason": "排队长"}
        await wall.send_json(order)
        await hear(wall, "notice", level="info")
        async with agent.socket("/live/desk") as desk:
            await hear(desk, "phone")
            assert world.engine.line.seats["s1001"].profile.level("社保") == 1
        (help_,) = await world.store.read(lambda conn: lending.going_on(conn, world.clock()))
        await wall.send_json({"do": "unsupport", "id": help_.id})
        await hear(wall, "notice", level="info")
    assert await world.store.read(lambda conn: lending.going_on(conn, world.clock())) == []


async def test_an_alarm_reaches_the_wall_after_ten_seconds_over_the_limit(world: World) -> None:
    lead = await world.signed_in("lead")
    async with lead.socket("/live/wall") as wall:
        whole = await hear(wall, "wall")
        assert whole["alarms"] == []
        world.engine.caller_joined("hotline1-1.1", "PJSIP/t", "138", world.clock())
        for seconds in (31, 10):
            world.clock.pass_(seconds=seconds)
            await world.app[WALL].tick()
        (alarm,) = await wall_says(wall, "alarms", bool)
        assert (alarm["skill"], alarm["kind"], alarm["limit"], alarm["waiting"]) == ("", "longest", 30, 1)


async def test_limits_are_changed_with_a_reason_and_hold_at_once(world: World) -> None:
    lead = await world.signed_in("lead")
    assert "告警阈值" in (await lead.get("/wall/rules")).text
    form = {
        "follows": "0",
        "longest-0": "20",
        "waiting-0": "5",
        "raise_seconds": "5",
        "clear_seconds": "15",
        "why": "高峰",
    }
    assert (await lead.post_form("/wall/rules", form)).status == 303
    assert (await lead.post_form("/wall/rules", form)).status == 409, "somebody was faster"
    for wrong in ({"longest-0": "soon"}, {"raise_seconds": "9999"}, {"why": ""}):
        seen = await lead.post_form("/wall/rules", form | {"follows": "1"} | wrong)
        assert seen.status == 400
        assert 'value="5"' in seen.text
    page = (await lead.get("/wall/rules")).text
    assert 'value="20"' in page
    assert "高峰" in page
