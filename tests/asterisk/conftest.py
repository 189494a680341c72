"""What the scenarios share: a switchboard, people with telephones, and our side of AGI."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import AGIServer, Script
from hotline.phone import Line
from storage.engine import Store
from tests.asterisk import harness
from tests.asterisk.harness import Switchboard
from tests.sip import Telephone, eventually, telephone


@pytest.fixture(scope="session")
def one_switchboard() -> Iterator[Switchboard]:
    """One Asterisk for all scenarios that leave it as they found it."""
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here; `make setup` gets one")
    # Not pytest's own folder: the control socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="hl-") as folder, harness.switchboard_in(Path(folder)) as board:
        yield board


@pytest.fixture
def kept(sqlite_url: str) -> Iterator[Store]:
    """Where the records of a scenario are kept."""
    store = Store.open(sqlite_url)
    yield store
    store.close()


@pytest.fixture
async def switchboard(one_switchboard: Switchboard) -> AsyncIterator[Switchboard]:
    """The switchboard with nobody on it and no word from our process."""
    one_switchboard.heartbeat(None)
    one_switchboard.forget()
    yield one_switchboard
    one_switchboard.cli("channel request hangup all")
    try:
        await eventually(lambda: not one_switchboard.channels(), otherwise="a channel is stuck")
    except AssertionError:
        one_switchboard.kill()  # this scenario has failed; those after it shall not meet what it left behind
        one_switchboard.start()
        one_switchboard.members.clear()
        raise
    for seat in list(one_switchboard.members):
        one_switchboard.queue_remove(seat)


@dataclass
class People:
    """Whoever has a telephone in this test."""

    switchboard: Switchboard
    folder: Path
    stack: AsyncExitStack
    count: int = field(default=0)

    async def telephone(self, line: Line, voice: Path | None = None) -> Telephone:
        self.count += 1
        folder = self.folder / f"{line.user}-{self.count}"
        return await self.stack.enter_async_context(telephone(line, folder, voice))

    async def citizen(self, number: str = "13850123456", voice: Path | None = None) -> Telephone:
        return await self.telephone(self.switchboard.line(number), voice)

    async def seat(self, name: str = "s1001", voice: Path | None = None) -> Telephone:
        """Sit down: a seat is let in, registers, and becomes a member of the line with penalty 10."""
        seat = await self.telephone(self.switchboard.let_in(name, "hotline-seats"), voice)
        self.switchboard.queue_add(name)
        await eventually(lambda: "Not in use" in self.switchboard.cli("queue show hotline"))
        return seat


@pytest.fixture
async def people(switchboard: Switchboard, tmp_path: Path) -> AsyncIterator[People]:
    async with AsyncExitStack() as stack:
        yield People(switchboard, tmp_path, stack)


@pytest.fixture
async def scripts(switchboard: Switchboard) -> AsyncIterator[dict[str, Script]]:
    """Our process is alive; a test says what its scripts do."""

    async def say_nothing(call: AGISession) -> None:
        await call.route("line")

    table: dict[str, Script] = {"waiting": say_nothing}
    server = AGIServer(table)
    await server.start(port=switchboard.settings.agi_port)
    switchboard.heartbeat(0)
    yield table
    await server.close(grace=0)


@pytest.fixture
async def menu_process(switchboard: Switchboard) -> AsyncIterator[asyncio.subprocess.Process]:
    """Our side of AGI in a process that may be killed."""
    program = str(Path(harness.__file__).parent / "menu_server.py")
    arguments = [program, str(switchboard.settings.agi_port)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, cwd=harness.ROOT
    )
    assert process.stdout is not None
    await process.stdout.readline()
    switchboard.heartbeat(0)
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()
