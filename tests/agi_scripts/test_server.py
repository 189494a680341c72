"""The FastAGI server among port scans, strangers and scripts that fail."""

import asyncio
import logging
import socket
import time

import pytest

from agi_scripts import server as fastagi
from agi_scripts.agi import AGISession
from agi_scripts.server import AGIServer, script_name
from tests.agi_scripts.agi_world import HEADERS, call, converse, header_block, nothing, quiet, until


async def listening(server: AGIServer) -> AGIServer:
    await server.start()
    return server


def test_two_hundred_connections_that_close_at_once_stop_nobody_and_leave_nothing() -> None:
    async def scan() -> None:
        server = await listening(AGIServer({"incoming": nothing}))
        for _ in range(200):
            socket.create_connection(("127.0.0.1", server.port)).close()
        heard = await converse(server.port, quiet)
        assert heard.commands == []
        await until(lambda: server.active == 0)
        await server.close()

    asyncio.run(asyncio.wait_for(scan(), 20))


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00" + bytes(range(256)) + b"\n\n",
        b"\n",
        b"agi_request: x\n\n",
        b"agi_x: y\n" * 100,
        b"agi_" + b"x" * 40_000 + b"\n",
        b"agi_network_script: incoming\n",  # and then the end
    ],
)
def test_what_is_no_agi_header_is_closed_without_a_script(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    ran = []

    async def script(call: AGISession) -> None:
        ran.append(call.id)

    async def probe() -> bytes:
        server = await listening(AGIServer({"incoming": script}))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        writer.write_eof()
        try:
            answer = await reader.read()
        except ConnectionResetError:
            answer = b""
        writer.close()
        await until(lambda: server.active == 0)
        await server.close()
        return answer

    assert asyncio.run(asyncio.wait_for(probe(), 10)) == b""
    assert ran == []
    assert [record.levelno for record in caplog.records if record.levelno > logging.INFO] == [logging.WARNING]


def test_a_header_that_trickles_is_cut_off_while_others_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastagi, "HEADER_SECONDS", 0.2)

    async def slow() -> None:
        server = await listening(AGIServer({"incoming": nothing}))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"agi_network: yes\nagi_")
        heard = await converse(server.port, quiet)
        assert heard.commands == []
        assert await reader.read() == b""
        writer.close()
        await server.close()

    asyncio.run(asyncio.wait_for(slow(), 10))


def test_an_unknown_script_is_closed_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    heard = call(nothing, agi_network_script="../../etc/passwd")
    assert heard.commands == []
    assert "etc/passwd" in caplog.text


def test_a_script_that_fails_leaves_no_mark_so_that_a_person_takes_the_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def script(call: AGISession) -> None:
        await call.say(["welcome"])
        raise ZeroDivisionError

    heard = call(script)
    assert "HOTLINE_DONE" not in "".join(heard.commands)
    assert "ZeroDivisionError" in caplog.text


def test_one_failing_call_does_not_touch_another() -> None:
    async def script(call: AGISession) -> None:
        if call.caller == "1":
            raise ValueError
        await call.route("line")

    async def both() -> None:
        server = await listening(AGIServer({"incoming": script}))
        _, good = await asyncio.gather(
            converse(server.port, quiet, agi_callerid="1"), converse(server.port, quiet, agi_callerid="2")
        )
        assert good.commands[-1] == 'SET VARIABLE "HOTLINE_DONE" "1"'
        await server.close()

    asyncio.run(both())


def test_only_the_named_peers_may_speak() -> None:
    async def stranger() -> bytes:
        server = await listening(AGIServer({"incoming": nothing}, peers=frozenset({"127.0.0.1"})))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=("127.0.0.2", 0))
        try:
            answer = await reader.read()
        except ConnectionResetError:
            answer = b""
        writer.close()
        await server.close()
        return answer

    assert asyncio.run(stranger()) == b""


def test_the_server_binds_to_loopback() -> None:
    async def bound() -> str:
        server = await listening(AGIServer({}))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        address: str = writer.get_extra_info("peername")[0]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.3", server.port)
        writer.close()
        await reader.read()
        await server.close()
        return address

    assert asyncio.run(bound()) == "127.0.0.1"


def test_calls_in_dialogues_are_counted_and_above_the_limit_go_straight_to_the_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fastagi, "MOST_CALLS", 2)

    async def crowd() -> None:
        release = asyncio.Event()

        async def script(_call: AGISession) -> None:
            await release.wait()

        server = await listening(AGIServer({"incoming": script}))
        waiting = [asyncio.create_task(converse(server.port, quiet)) for _ in range(2)]
        await until(lambda: server.active == 2)
        assert (await converse(server.port, quiet)).commands == []
        assert "straight to the line" in caplog.text
        release.set()
        await asyncio.gather(*waiting)
        await until(lambda: server.active == 0)
        await server.close()

    asyncio.run(asyncio.wait_for(crowd(), 10))


def test_closing_lets_a_running_dialogue_finish_and_takes_no_new_call() -> None:
    async def closing() -> None:
        begun = asyncio.Event()

        async def script(call: AGISession) -> None:
            begun.set()
            await asyncio.sleep(0.1)
            await call.route("line")

        server = await listening(AGIServer({"incoming": script}))
        port = server.port
        running = asyncio.create_task(converse(port, quiet))
        await begun.wait()
        await server.close(grace=5)
        assert (await running).commands[-1] == 'SET VARIABLE "HOTLINE_DONE" "1"'
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(asyncio.wait_for(closing(), 10))


def test_closing_cuts_a_dialogue_that_outlives_its_grace(caplog: pytest.LogCaptureFixture) -> None:
    async def closing() -> float:
        async def script(_call: AGISession) -> None:
            await asyncio.sleep(60)

        server = await listening(AGIServer({"incoming": script}))
        running = asyncio.create_task(converse(server.port, quiet))
        await until(lambda: server.active == 1)
        began = time.monotonic()
        await server.close(grace=0.05)
        assert (await running).commands == []
        return time.monotonic() - began

    assert asyncio.run(asyncio.wait_for(closing(), 10)) < 5
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_the_first_of_two_headers_of_one_name_counts() -> None:
    seen = []

    async def script(call: AGISession) -> None:
        seen.append(call.caller)

    async def forged() -> None:
        server = await listening(AGIServer({"incoming": script}))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(header_block().replace(b"agi_extension", b"agi_callerid: 110\nagi_extension"))
        await reader.read()
        writer.close()
        await server.close()

    asyncio.run(forged())
    assert seen == ["13850123456"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [("incoming", "incoming"), ("incoming?x=1", "incoming"), ("/status/", "status"), ("", ""), ("//[", "")],
)
def test_a_script_is_named_by_its_path_alone(asked: str, name: str) -> None:
    assert script_name({"agi_network_script": asked}) == name


async def test_what_a_script_puts_into_the_record_is_heard_by_our_witness_also_when_the_caller_is_gone() -> (
    None
):
    async def script(call: AGISession) -> None:
        await call.record("survey", score=5)

    told: list[tuple[str, str]] = []
    server = await listening(AGIServer({"incoming": script}, heard=lambda *said: told.append(said)))
    await converse(server.port, lambda _command: None)
    await server.close()
    assert told == [(HEADERS["agi_uniqueid"], "HOTLINE_SURVEY,score=5")]
