"""What the scenarios of listening share: a caller who speaks, and our side with ears."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from agi_scripts.agi import AGISession
from agi_scripts.agi_speech import Ears
from agi_scripts.server import AGIServer, Script
from ivr.call import Heard, How
from ivr.joined import Joined
from ivr.speech.probe import Probe
from tests.asterisk.harness import Switchboard
from tests.sip import eventually

KEYS = "0123456789*#"


@dataclass
class Ours:
    """Our process: what its scripts do is up to the test."""

    scripts: dict[str, Script]
    probe: Probe
    heard: list[Heard] = field(default_factory=list)

    def asks(self, *questions: str, sounds: Sequence[str] = ("welcome",), seconds: float = 5.0) -> None:
        """Ask each caller these questions, each by its grammar, then send him to a person."""

        async def incoming(call: AGISession) -> None:
            for grammar in questions:
                self.heard.append(await call.hear(sounds, grammar, keys=KEYS, seconds=seconds))
            await call.route("line")

        self.scripts["incoming"] = incoming

    async def has_heard(self, number: int = 1, seconds: float = 30) -> list[Heard]:
        await eventually(lambda: len(self.heard) >= number, seconds)
        return self.heard

    async def knows_speech(self, there: bool = True) -> None:
        """Wait until our process knows how the speech service is."""
        await eventually(lambda: self.probe() is there)


@asynccontextmanager
async def our_side(board: Switchboard) -> AsyncIterator[Ours]:
    """Serve this switchboard, with the ears of the product."""

    async def say_nothing(call: AGISession) -> None:
        await call.route("line")

    probe = Probe(board.settings.speech_port + 1)
    ours = Ours({"waiting": say_nothing}, probe)
    ears = Ears(there=probe, prompts=Joined(board.folder / "sounds", board.folder / "joined"))
    server = AGIServer(ours.scripts, ears=ears)
    await server.start(port=board.settings.agi_port)
    asking = asyncio.create_task(probe.run())
    board.heartbeat(0)
    try:
        yield ours
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await server.close(grace=0)


def voice(folder: Path, sound: bytes) -> Path:
    """Keep what a caller says as the file his telephone speaks from."""
    path = folder / "voice.wav"
    path.write_bytes(sound)
    return path


def in_words(heard: Sequence[Heard]) -> list[str]:
    """Return what was understood: words, a key, or why neither."""
    return [one.words or one.key or f"({one.how})" for one in heard]


SILENCE = f"({How.SILENCE})"
UNKNOWN = f"({How.UNKNOWN})"
