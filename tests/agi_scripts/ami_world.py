"""Asterisk's side of AMI, by hand: it logs us in, keeps every action, and answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from agi_scripts.ami import AMILink

BOOTED = "Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"

Action = dict[str, str]
Answer = Callable[[Action], str | None]


def message(action: Action, **headers: str) -> str:
    """One response to one action, or an event that belongs to it."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"ActionID: {action['ActionID']}", "", ""])


def ok(action: Action) -> str:
    if action["Action"] == "CoreStatus":
        return message(action, Response="Success", CoreStartupDate="2026-11-22", CoreStartupTime="08:00:00")
    return message(action, Response="Success", Message="fine")


class FakeAMI:
    """Speaks AMI on a free loopback port."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.answer: Answer = ok
        self.login: Answer = ok
        self.connections = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def sent(self, name: str) -> list[Action]:
        return [action for action in self.actions if action["Action"] == name]

    def say(self, raw: bytes) -> None:
        self._writers[-1].write(raw)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while raw := await reader.readuntil(b"\r\n\r\n"):
                action = dict(line.split(": ", 1) for line in raw.decode().split("\r\n") if ": " in line)
                self.actions.append(action)
                self._reply(action, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _reply(self, action: Action, writer: asyncio.StreamWriter) -> None:
        if action["Action"] == "Login":
            said = self.login(action)
            writer.write((said or "").encode())
            if said and "Success" in said:
                writer.write(BOOTED.encode())
        elif said := self.answer(action):
            writer.write(said.encode())


@asynccontextmanager
async def fake_ami() -> AsyncIterator[FakeAMI]:
    ami = FakeAMI()
    await ami.start()
    try:
        yield ami
    finally:
        await ami.stop()


def link_to(port: int, *, secret: str = "s", silence: float = 30.0, inbox: int = 1000) -> AMILink:
    return AMILink(port=port, username="hotline", secret=secret, silence=silence, inbox=inbox, pause=0.02)


@asynccontextmanager
async def held(link: AMILink, *, ready: bool = True) -> AsyncIterator[AMILink]:
    """Run the link as the service does, and close it."""
    running = asyncio.create_task(link.run())
    try:
        if ready:
            async with asyncio.timeout(10):
                await link.ready.wait()
        yield link
    finally:
        link.close()
        async with asyncio.timeout(10):
            await running


async def next_event(link: AMILink, name: str) -> dict[str, str]:
    """Read the inbox up to the next event of this name."""
    async with asyncio.timeout(15):
        while True:
            event = dict(await link.inbox.get())
            if event["Event"] == name:
                return event
