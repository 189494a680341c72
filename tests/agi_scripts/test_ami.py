"""The AMI link: every defect of panoramisk that was met has its test here."""

import asyncio
import logging
import time
from itertools import pairwise

import pytest

from agi_scripts import ami as ami_module
from agi_scripts.ami import LINK_BEHIND, LINK_DOWN, LINK_UP
from agi_scripts.ami_lines import AMIDown, Event
from tests.agi_scripts.agi_world import until
from tests.agi_scripts.ami_world import Action, FakeAMI, fake_ami, held, link_to, message, next_event, ok

DEVICE = "供水停水" * 40


async def test_the_link_logs_in_waits_for_the_boot_and_knows_when_asterisk_started() -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        assert ami.sent("Login")[0]["Username"] == "hotline"
        assert link.epoch == "2026-11-22 08:00:00"
        assert (await next_event(link, LINK_UP))["Epoch"] == link.epoch
        assert link.trouble == ""
        assert link.age < 10


async def test_a_start_before_the_clock_was_set_is_no_epoch() -> None:
    def old(action: Action) -> str:
        return message(action, Response="Success", CoreStartupDate="1969-12-31", CoreStartupTime="23:59:59")

    async with fake_ami() as ami:
        ami.answer = old
        async with held(link_to(ami.port)) as link:
            assert link.epoch == ""


async def test_chinese_survives_any_split_into_packets() -> None:
    raw = f"Event: UserEvent\r\nTopic: {DEVICE}\r\n\r\n".encode()
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        protocol = link.protocol
        for cut in range(len(raw)):
            protocol.data_received(raw[:cut])
            protocol.data_received(raw[cut:])
        topics = {(await next_event(link, "UserEvent"))["Topic"] for _ in range(len(raw))}
    assert topics == {DEVICE}


async def test_one_byte_at_a_time_is_read_like_one_packet() -> None:
    raw = "Event: UserEvent\r\nTopic: 福州市民张三\r\n\r\n".encode()
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        for byte in raw:
            link.protocol.data_received(bytes([byte]))
        assert (await next_event(link, "UserEvent"))["Topic"] == "福州市民张三"


async def test_an_unreadable_message_costs_neither_the_link_nor_the_next_one() -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.say(
            b"\r\n\r\n\xff\xfe: \x00\r\n\r\nEvent\r\n\r\n: \r\nB:\r\n\r\nEvent: Good\r\nB:\r\nC: 1\r\n\r\n"
        )
        assert (await next_event(link, "Good"))["C"] == "1"
        assert ami.connections == 1


async def test_a_peer_that_never_ends_a_message_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agi_scripts.ami_lines.LONGEST_MESSAGE", 1000)
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        await link.ask({"Action": "Ping"})  # the link's own first one is answered before it
        ami.say(b"x" * 2000)
        await next_event(link, LINK_DOWN)
        await until(lambda: ami.connections == 2)


async def test_a_silent_asterisk_is_noticed_and_the_connection_made_anew() -> None:
    frozen = False

    def freezing(action: Action) -> str | None:
        return None if frozen else ok(action)

    async with fake_ami() as ami:
        ami.answer = freezing
        async with held(link_to(ami.port, silence=0.5)) as link:
            frozen = True
            await next_event(link, LINK_DOWN)
            frozen = False
            await until(link.ready.is_set)
            assert ami.connections >= 2


def test_silence_is_noticed_within_twelve_seconds() -> None:
    link = link_to(1, silence=6.0)
    assert link._silence + 2 * ami_module.PING_SECONDS < 12


async def test_events_that_nobody_reads_are_dropped_for_a_snapshot_and_memory_stays_bounded() -> None:
    async with fake_ami() as ami, held(link_to(ami.port, inbox=50)) as link:
        for number in range(400):
            ami.say(f"Event: Flood\r\nN: {number}\r\n\r\n".encode())
        ami.say(b"Event: Last\r\n\r\n")
        await link.ask({"Action": "Ping"})
        assert link.inbox.qsize() <= 50
        names = [event["Event"] for event in await _drain(link.inbox)]
    assert names[0] == LINK_BEHIND
    assert names[-1] == "Last"


async def test_a_wrong_secret_is_said_clearly_and_tried_ever_more_slowly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def wrong(action: Action) -> str:
        return message(action, Response="Error", Message="Authentication failed")

    async with fake_ami() as ami:
        ami.login = wrong
        link = link_to(ami.port)
        async with held(link, ready=False):
            await until(lambda: ami.connections >= 4)
            assert link.trouble == "Asterisk refused user hotline or its secret: Authentication failed"
            assert not link.ready.is_set()
            with pytest.raises(AMIDown):
                await link.ask({"Action": "Ping"})
    assert "refused user hotline" in caplog.text
    began = [record.created for record in caplog.records if "refused user" in record.message]
    pauses = [later - earlier for earlier, later in pairwise(began)]
    assert pauses == sorted(pauses)


async def test_the_first_try_and_all_later_ones_find_an_asterisk_that_starts_after_us() -> None:
    ami = FakeAMI()
    await ami.start()
    await ami.stop()
    link = link_to(ami.port)
    async with held(link, ready=False):
        await until(lambda: "nobody answers" in link.trouble)
        await ami.start()
        await until(link.ready.is_set)
    await ami.stop()


async def test_a_peer_that_accepts_and_closes_does_not_confuse_the_link() -> None:
    async def slam(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    link = link_to(server.sockets[0].getsockname()[1])
    async with held(link, ready=False):
        await asyncio.sleep(0.2)
        assert not link.ready.is_set()
    server.close()


async def test_closing_in_the_middle_of_a_pause_is_for_good() -> None:
    ami = FakeAMI()
    await ami.start()
    link = link_to(ami.port)
    async with held(link):
        await ami.stop()
        await next_event(link, LINK_DOWN)
    before = ami.connections
    await ami.start()
    await asyncio.sleep(0.2)
    assert ami.connections == before
    await ami.stop()


async def test_a_restart_of_asterisk_shows_as_another_epoch() -> None:
    started = "08:00:00"

    def since(action: Action) -> str:
        return message(action, Response="Success", CoreStartupDate="2026-11-22", CoreStartupTime=started)

    async with fake_ami() as ami:
        ami.answer = since
        async with held(link_to(ami.port)) as link:
            first = (await next_event(link, LINK_UP))["Epoch"]
            started = "08:30:00"
            ami.say(b"Event: Shutdown\r\nShutdown: Uncleanly\r\nRestart: True\r\n\r\n")
            await next_event(link, LINK_DOWN)
            assert (await next_event(link, LINK_UP))["Epoch"] > first


async def test_the_heartbeat_shows_while_the_engine_is_well_and_stops_when_it_is_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ami_module, "HEARTBEAT_SECONDS", 0.01)
    well = True
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        beating = asyncio.create_task(link.beat(lambda: well))
        await until(lambda: len(ami.sent("Setvar")) >= 3)
        well = False
        await until(lambda: "not well" in caplog.text)
        beats = len(ami.sent("Setvar"))
        await asyncio.sleep(0.1)
        assert len(ami.sent("Setvar")) == beats
        beating.cancel()
    beat = ami.sent("Setvar")[0]
    assert beat["Variable"] == "HOTLINE_HEARTBEAT"
    assert abs(int(beat["Value"]) - time.time()) < 60
    assert "Channel" not in beat


async def test_a_heartbeat_that_asterisk_refuses_is_an_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refusing(action: Action) -> str:
        if action["Action"] == "Setvar":
            return message(action, Response="Error", Message="Permission denied")
        return ok(action)

    monkeypatch.setattr(ami_module, "HEARTBEAT_SECONDS", 0.01)
    async with fake_ami() as ami:
        ami.answer = refusing
        async with held(link_to(ami.port)) as link:
            beating = asyncio.create_task(link.beat(lambda: True))
            await until(lambda: "Permission denied" in caplog.text)
            beating.cancel()


async def test_a_cut_link_fails_no_heartbeat_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_module, "HEARTBEAT_SECONDS", 0.01)
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        beating = asyncio.create_task(link.beat(lambda: True))
        await until(lambda: ami.sent("Setvar"))
        ami.cut()
        await next_event(link, LINK_DOWN)
        before = len(ami.sent("Setvar"))
        await until(lambda: len(ami.sent("Setvar")) > before)
        beating.cancel()


async def test_after_a_restart_the_heartbeat_is_back_with_the_link_and_not_a_beat_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_module, "HEARTBEAT_SECONDS", 3600)
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        beating = asyncio.create_task(link.beat(lambda: True))
        await until(lambda: len(ami.sent("Setvar")) == 1)
        ami.cut()
        await until(lambda: len(ami.sent("Setvar")) == 2)
        beating.cancel()


async def test_only_run_connects() -> None:
    with pytest.raises(NotImplementedError):
        link_to(1).connect()


async def test_nothing_of_the_link_is_logged_as_an_error_in_quiet_times(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        await link.ask({"Action": "Ping"})
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def _is(action: Action, name: str) -> bool:
    return action["Action"] == name


async def _drain(inbox: asyncio.Queue[Event]) -> list[Event]:
    events = []
    while not inbox.empty():
        events.append(await inbox.get())
    return events
