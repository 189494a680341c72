"""AGI sessions per second, and calls waiting at once: our server against a bare asyncio.Protocol in the same run.

    python -m bench.agi [--seconds 2] [--waiting 1000]

The load generator plays Asterisk on loopback: it dials, sends the header and answers each command at once. Each
session is twelve commands, as a menu with its facts is. The servers run in processes of their own.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from agi_scripts import agi_lines
from agi_scripts.agi import AGISession
from agi_scripts.server import AGIServer

HEADER = (
    b"agi_network: yes\nagi_network_script: %b\nagi_channel: PJSIP/trunk-00000000\nagi_language: zh\n"
    b"agi_type: PJSIP\nagi_uniqueid: hotline1-1795308607.0\nagi_version: 22.10.1\nagi_callerid: 13850123456\n"
    b"agi_calleridname: unknown\nagi_dnid: 12345\nagi_context: hotline-ask\nagi_extension: incoming\n"
    b"agi_priority: 3\nagi_enhanced: 0.0\nagi_accountcode: \nagi_threadid: 140\n\n"
)
AT_ONCE = 16
ROUNDS = 3
FACT = agi_lines.fact("menu", {"said": "welcome", "key": "", "ms": 1200})
COMMANDS = (
    *(("SET VARIABLE", f"HOTLINE_{n}", "1") for n in range(5)),
    *(("GET VARIABLE", f"HOTLINE_{n}") for n in range(5)),
    ("EXEC", "CELGenUserEvent", FACT),
    ("VERBOSE", "done"),
)
LINES = [agi_lines.command(*command) for command in COMMANDS]
WAIT = agi_lines.command("WAIT FOR DIGIT", "600000")


# The two servers.


async def work(call: AGISession) -> None:
    for verb, *arguments in COMMANDS:
        await call.command(verb, *arguments)


async def wait(call: AGISession) -> None:
    await call.command("WAIT FOR DIGIT", "600000", seconds=700)


class Bare(asyncio.Protocol):
    """The least that can be called an AGI server: looks for line ends, sends the next ready-made line."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""
        self.lines: Iterator[bytes] | None = None

    def data_received(self, data: bytes) -> None:
        if self.lines is not None:
            self._next()
            return
        self.received += data
        if b"\n\n" in self.received:
            self.lines = iter([WAIT] if b"_script: wait" in self.received else LINES)
            self._next()

    def _next(self) -> None:
        line = next(self.lines or iter(()), None)
        if line is None:
            self.transport.close()
        else:
            self.transport.write(line)


async def serve(which: str) -> None:
    if which == "ours":
        ours = AGIServer({"work": work, "wait": wait})
        await ours.start()
        print(ours.port, flush=True)
    else:
        bare = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0, backlog=1024)
        print(bare.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def server(which: str) -> Iterator[tuple[int, int]]:
    """Run one server; return its process and port."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", which], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.pid, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


# The load generator.


class Asterisk(asyncio.Protocol):
    """One call: sends its header, answers each command, reports when the other side hangs up."""

    def __init__(self, script: bytes, on_command: Callable[[], None], on_end: Callable[[], None]) -> None:
        self.script, self.on_command, self.on_end = script, on_command, on_end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(HEADER % self.script)

    def data_received(self, data: bytes) -> None:
        self.on_command()
        if self.script == b"work":
            self.transport.write(b"200 result=1 (1)\n" * data.count(b"\n"))

    def connection_lost(self, _error: Exception | None) -> None:
        self.on_end()


def nothing() -> None:
    """Take no notice."""


async def sessions(port: int, seconds: float) -> list[float]:
    """Place calls one after the other on some lines at once; return how long each took."""
    loop, took = asyncio.get_running_loop(), list[float]()
    until = loop.time() + seconds

    async def line() -> None:
        while loop.time() < until:
            ended, began = asyncio.Event(), loop.time()
            await loop.create_connection(lambda: Asterisk(b"work", nothing, ended.set), "127.0.0.1", port)  # noqa: B023
            await ended.wait()
            took.append(loop.time() - began)

    await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return took


async def hold(port: int, count: int) -> list[asyncio.Transport]:
    """Place so many calls that wait for a key; return when each of them does."""
    loop, waiting, all_wait = asyncio.get_running_loop(), 0, asyncio.Event()

    def one_waits() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == count:
            all_wait.set()

    lines = []
    for _ in range(count):
        transport, _ = await loop.create_connection(
            lambda: Asterisk(b"wait", one_waits, nothing), "127.0.0.1", port
        )
        lines.append(transport)
    await asyncio.wait_for(all_wait.wait(), 20)
    return lines


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def measure(pid: int, port: int, *, seconds: float) -> tuple[float, float, float]:
    """Return sessions per second, CPU milliseconds of the server per session, and the median session in ms."""
    before, began = cpu(pid), time.monotonic()
    took = await sessions(port, seconds)
    spent = time.monotonic() - began
    return len(took) / spent, (cpu(pid) - before) * 1000 / len(took), median(took) * 1000


async def compare(seconds: float, waiting: int) -> None:
    with server("ours") as ours, server("bare") as bare:
        idle = {pid: memory(pid) for pid, _ in (ours, bare)}
        rounds: dict[int, list[tuple[float, float, float]]] = {ours[0]: [], bare[0]: []}
        for _ in range(ROUNDS):
            for pid, port in (ours, bare):
                rounds[pid].append(await measure(pid, port, seconds=seconds / ROUNDS))
        held = [*await hold(ours[1], waiting), *await hold(bare[1], waiting)]
        crowded = {pid: await measure(pid, port, seconds=seconds / 2) for pid, port in (ours, bare)}
        grown = {pid: (memory(pid) - idle[pid]) / waiting / 1024 for pid in idle}
        for transport in held:
            transport.abort()
    report("sessions of 12 commands", *(tuple(map(median, zip(*rounds[p], strict=True))) for p in rounds))
    report(f"the same beside {waiting} waiting calls", *crowded.values())
    first, second = grown.values()
    print(f"memory of a waiting call: ours {first:.1f} KiB, bare {second:.1f} KiB")


def report(what: str, ours: tuple[float, ...], bare: tuple[float, ...]) -> None:
    print(
        f"{what}: ours {ours[0]:,.0f}/s (CPU {ours[1]:.2f} ms, p50 {ours[2]:.1f} ms), "
        f"bare {bare[0]:,.0f}/s (CPU {bare[1]:.2f} ms, p50 {bare[2]:.1f} ms), ratio {ours[0] / bare[0]:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--waiting", type=int, default=1000)
    parser.add_argument("--serve", choices=["ours", "bare"])
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * options.waiting)), hard))
    asyncio.run(serve(options.serve) if options.serve else compare(options.seconds, options.waiting))


if __name__ == "__main__":
    main()
