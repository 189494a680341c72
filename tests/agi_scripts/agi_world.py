"""Asterisk's side of AGI, by hand: it dials our server, answers each command from a table, and keeps what was asked."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agi_scripts.agi import AGISession
from agi_scripts.agi_speech import DEAF, Ears
from agi_scripts.server import AGIServer, Script

HEADERS = {
    "agi_network": "yes",
    "agi_network_script": "incoming",
    "agi_channel": "PJSIP/trunk-00000001",
    "agi_uniqueid": "hotline1-1795308607.0",
    "agi_callerid": "13850123456",
    "agi_dnid": "12345",
    "agi_extension": "12345",
}
GONE = "511 Command Not Permitted on a dead channel or intercept routine"

Replies = Callable[[str], str | None]


def header_block(**changes: str) -> bytes:
    lines = [f"{name}: {value}\n" for name, value in (HEADERS | changes).items()]
    return ("".join(lines) + "\n").encode()


def quiet(_command: str) -> str:
    """Answer every command the way an undisturbed channel does."""
    return "200 result=0"


def table(replies: Mapping[str, str | list[str]]) -> Replies:
    """Answer by the beginning of the command; a list is used up one by one, its last entry stays."""
    left = {start: [reply] if isinstance(reply, str) else list(reply) for start, reply in replies.items()}

    def reply(command: str) -> str | None:
        for start, lines in left.items():
            if command.startswith(start):
                return lines.pop(0) if len(lines) > 1 else lines[0]
        return quiet(command)

    return reply


@dataclass
class Heard:
    """What Asterisk saw of one session."""

    commands: list[str] = field(default_factory=list)

    def facts(self) -> list[str]:
        start = 'EXEC "CELGenUserEvent" '
        return [line.removeprefix(start).strip('"') for line in self.commands if line.startswith(start)]

    def of(self, verb: str) -> list[str]:
        return [line.removeprefix(verb).strip() for line in self.commands if line.startswith(verb)]


async def session(script: Script, replies: Replies = quiet, ears: Ears = DEAF, /, **headers: str) -> Heard:
    """Run one script on one call until our side closes the connection."""
    server = AGIServer({"incoming": script}, ears=ears)
    await server.start()
    try:
        async with asyncio.timeout(10):
            return await converse(server.port, replies, **headers)
    finally:
        await server.close(grace=1)


async def converse(port: int, replies: Replies, **headers: str) -> Heard:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = Heard()
    writer.write(header_block(**headers))
    try:
        while line := await reader.readline():
            heard.commands.append(line.decode().rstrip("\n"))
            reply = replies(heard.commands[-1])
            if reply is None:
                return heard
            writer.write(f"{reply}\n".encode())
    except ConnectionResetError:
        return heard  # closed with our header unread
    finally:
        writer.close()
    return heard


def call(script: Script, replies: Replies = quiet, ears: Ears = DEAF, /, **headers: str) -> Heard:
    return asyncio.run(session(script, replies, ears, **headers))


async def nothing(_call: AGISession) -> None:
    """Do nothing at all with the call."""


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something that no event announces."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
