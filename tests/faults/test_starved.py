"""Rows 28 to 30: too little of the machine. Our process gets a fifth of a processor, or no memory, or no descriptors."""

import asyncio
import os
import resource
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from cases.call_facts import read_cel
from hotline.asterisk import find_binary
from hotline.settings import ROOT
from tests.faults.conftest import Load, loaded, town_with
from tests.faults.oracle import each_has_one_closed_record, wall_is_right
from tests.faults.robots import TALK_SECONDS, sign_in
from tests.sip import eventually
from tests.town import Town

SHARE = 0.2
ROUND_SECONDS = 0.1


@pytest.fixture
def town() -> Iterator[Town]:
    with town_with(ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10) as town:
        yield town


@contextmanager
def starved(*processes: int) -> Iterator[None]:
    """Let these processes run for a fifth of each tenth of a second.

    It is what the kernel's own limit does (a quota for each period), needs no right that a user lacks, and touches
    nobody else on the machine.
    """
    over = threading.Event()

    def starve() -> None:
        while not over.wait(ROUND_SECONDS * SHARE):
            _tell(processes, signal.SIGSTOP)
            over.wait(ROUND_SECONDS * (1 - SHARE))
            _tell(processes, signal.SIGCONT)

    starving = threading.Thread(target=starve)
    starving.start()
    try:
        yield
    finally:
        over.set()
        starving.join()
        _tell(processes, signal.SIGCONT)


def _tell(processes: tuple[int, ...], number: signal.Signals) -> None:
    for process in processes:
        os.kill(process, number)


async def test_with_a_fifth_of_a_processor_calls_last_and_nobody_is_lost(town: Town, tmp_path: Path) -> None:
    async with loaded(town, tmp_path) as load:
        patient = load.come("patient", "1385281", 8, rate=1)
        load.come("hasty", "1385282", 4, rate=1, patience=5)
        with starved(town.ours, town.asterisk):
            await asyncio.sleep(12)
        await load.wall_is_right()
        await load.none_was_lost()
        await load.patient_were_served(patient)


@contextmanager
def kept_alive(**settings: object) -> Iterator[Town]:
    """A town in which a third process looks after the two, as `make run` does."""
    if find_binary(ROOT / "var") is None:
        pytest.skip("these scenarios need Asterisk; `make test` installs it")
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        town = Town(Path(folder), {f"HOTLINE_{name.upper()}": str(value) for name, value in settings.items()})
        town.prepare()
        (town.state / "log").mkdir(exist_ok=True)
        try:
            town.start_kept_alive()
            yield town
        finally:
            town.stop()


async def test_a_process_without_memory_is_started_again_and_citizens_reach_persons_and_have_their_records(
    tmp_path: Path,
) -> None:
    """Nobody gives it memory back; whatever is in its way, a process that cannot work makes room for one that can."""
    with kept_alive(ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10) as town:
        async with loaded(town, tmp_path) as load:
            patient = load.come("patient", "1385291", 6, rate=1)
            await asyncio.sleep(3)
            before = town.ours
            less = _memory_of(before) - 30_000_000
            resource.prlimit(before, resource.RLIMIT_AS, (less, resource.RLIM_INFINITY))
            await asyncio.gather(*(_asks_for_memory(town) for _ in range(20)))
            await eventually(lambda: _talks(load) >= len(patient), 60, "somebody reached no person")
            await eventually(lambda: town.ours != before, 90, "a process without memory goes on")
            await eventually(town.ready, 90, "it was not started again")
            await load.patient_were_served(patient)
            await load.ready()
            await wall_is_right(town, 30)
            await load.none_was_lost()


def _talks(load: Load) -> int:
    return sum(len(robot.talked) for robot in load.robots)


def _memory_of(process: int) -> int:
    """Return how many bytes of addresses it has."""
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()


async def _asks_for_memory(town: Town) -> None:
    """Sign in, which is made to cost memory, until nobody answers."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        with suppress(AssertionError, aiohttp.ClientError, OSError, TimeoutError):
            for _ in range(5):
                await sign_in(http, town, "9001")


async def test_without_file_descriptors_callers_are_led_past_us_at_once_and_served_by_us_again_afterwards(
    town: Town, tmp_path: Path
) -> None:
    """Whoever connects and says nothing takes all there are."""
    async with loaded(town, tmp_path) as load:
        load.sit("1004", "1005")
        await load.ready()
        # None of these talks ends, and gives its connections back, before the others have come.
        _talk_for(load, 12)
        talking = load.come("talking", "1385301", 3, rate=4)
        await eventually(lambda: _talks(load) == len(talking), 30, "somebody is not put through")
        _talk_for(load, TALK_SECONDS)
        ours = town.ours
        highest = max(_descriptors_of(ours))
        limits = resource.prlimit(ours, resource.RLIMIT_NOFILE)
        resource.prlimit(ours, resource.RLIMIT_NOFILE, (highest + 10, limits[1]))
        silent = [socket.create_connection(("127.0.0.1", town.config.console_port)) for _ in range(60)]
        past = load.come("past", "1385302", 6, rate=3)
        # A descriptor that somebody gives back is the next one's, and then we serve him: nobody is in silence.
        await eventually(
            lambda: set(past) <= _led_past(town) | _served_by_us(town),
            25,
            "callers wait for a script that nobody runs",
        )
        assert _led_past(town), "nothing was taken from us"
        resource.prlimit(ours, resource.RLIMIT_NOFILE, limits)
        for each in silent:
            each.close()
        await load.wall_is_right()
        after = load.come("after", "1385303", 3, rate=1)
        await load.none_was_lost()
        await load.patient_were_served(talking + past + after)
        assert town.ours == ours, "our process did not survive it"
        records = await each_has_one_closed_record(town, past + after)
        marked = [record["fallback"] for record in records]
        without_us = {number for number, past_us in zip(past + after, marked, strict=True) if past_us}
        assert without_us == _led_past(town) <= set(past)


def _talk_for(load: Load, seconds: float) -> None:
    for robot in load.robots:
        robot.talk_seconds = seconds


def _descriptors_of(process: int) -> list[int]:
    return [int(path.name) for path in Path(f"/proc/{process}/fd").iterdir()]


def _led_past(town: Town) -> set[str]:
    """Return whom Asterisk serves without us."""
    return _whose(town, "HOTLINE_FALLBACK")


def _served_by_us(town: Town) -> set[str]:
    """Return to whom one of our scripts has spoken."""
    return _whose(town, "HOTLINE_MENU") - _led_past(town)


def _whose(town: Town, kind: str) -> set[str]:
    cel = (town.state / "log" / "cel-custom" / "cel.json").read_text(encoding="utf-8")
    facts = [read_cel(line) for line in cel.split("\n")[:-1]]
    number = {fact.call: fact.get("number") for fact in facts if fact.kind == "HOTLINE_OFFERED"}
    return {number[fact.call] for fact in facts if fact.kind == kind}


@pytest.fixture
def stingy() -> Iterator[Town]:
    """A town started where a process has a hundred descriptors unless it asks for more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, before[1]))
    try:
        with town_with(ring_seconds=6, line_seconds=20) as town:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            yield town
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_asterisk_takes_the_descriptors_that_its_calls_need_and_has_a_record_of_each(
    stingy: Town, tmp_path: Path
) -> None:
    """A call that ends while there are none leaves no record."""
    async with loaded(stingy, tmp_path, logins=()) as load:
        load.come("many", "1385304", 18, rate=8, patience=8)
        await asyncio.sleep(6)
        assert len(_descriptors_of(stingy.asterisk)) > 100, "nothing was asked of it"
        await load.none_was_lost()
        assert "Too many open files" not in (stingy.state / "log" / "messages.log").read_text(
            encoding="utf-8"
        )
