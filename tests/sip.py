"""Real telephones for tests: people who speak in verbs, and a caller whose headers are written by hand."""

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from hotline.caller import SOUND, loudest
from hotline.phone import RATE, Hook, Line, Phone, phone

T = TypeVar("T")
Tone = float | tuple[float, ...]  # of several that sound together
WINDOW = RATE // 5


async def eventually(look: Callable[[], T], seconds: float = 15, otherwise: str = "") -> T:
    """Look again and again until there is something to see; return it."""
    until = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > until:
            raise AssertionError(otherwise or f"not within {seconds:g} s: {seen!r}")
        await asyncio.sleep(0.05)


def hertz_in(samples: bytes, *hertz: float) -> bool:
    """Tell whether these tones, and nothing else, sounded together for at least a fifth of a second."""
    values = np.frombuffer(samples[: len(samples) // 2 * 2], dtype=np.int16).astype(float)
    for begin in range(0, len(values) - WINDOW + 1, WINDOW // 4):
        part = values[begin : begin + WINDOW]
        if np.abs(part).max() < SOUND:
            continue
        power = np.abs(np.fft.rfft(part * np.hanning(WINDOW))) ** 2
        middles = [round(one * WINDOW / RATE) for one in hertz]
        shares = [power[middle - 2 : middle + 3].sum() / power.sum() for middle in middles]
        if sum(shares) > 0.8 and min(shares) > 0.1:
            return True
    return False


class Telephone:
    """A telephone in somebody's hand."""

    def __init__(self, telephone: Phone) -> None:
        self.phone = telephone

    @property
    def is_up(self) -> bool:
        return self.phone.hook is Hook.UP

    async def dials(self, number: str = "12345") -> Self:
        """Dial and wait for the answer."""
        await self.phone.dial(number)
        hook = await self.phone.until(Hook.UP, Hook.CLOSED)
        assert hook is Hook.UP, f"not connected: {self.phone.reason}"
        return self

    async def is_refused(self, number: str = "12345") -> str:
        """Dial and return the words of the refusal."""
        await self.phone.dial(number)
        await self.phone.until(Hook.CLOSED)
        return self.phone.reason

    async def rings(self, seconds: float = 20) -> None:
        await self.phone.until(Hook.RINGING, seconds=seconds)

    async def answers(self, seconds: float = 20) -> None:
        await self.rings(seconds)
        await self.phone.answer()
        await self.phone.until(Hook.UP)

    async def refuses(self) -> None:
        await self.rings()
        await self.phone.hang_up()
        await self.phone.until(Hook.CLOSED)

    async def presses(self, keys: str) -> None:
        await self.phone.press(keys)

    async def hangs_up(self) -> None:
        await self.phone.hang_up()
        await self.phone.until(Hook.CLOSED)

    async def is_hung_up(self, seconds: float = 20) -> None:
        await self.phone.until(Hook.CLOSED, seconds=seconds)

    async def hears_tone(self, hertz: Tone, seconds: float = 15) -> None:
        await eventually(lambda: self.has_heard(hertz), seconds, f"no tone of {hertz} Hz")

    def has_heard(self, hertz: Tone) -> bool:
        together = hertz if isinstance(hertz, tuple) else (hertz,)
        return hertz_in(self.phone.samples(), *together)

    async def hears_sound(self, seconds: float = 15) -> None:
        await eventually(lambda: loudest(self.phone.samples()) > SOUND, seconds, "silence")


@asynccontextmanager
async def telephone(line: Line, folder: Path, voice: Path | None = None) -> AsyncIterator[Telephone]:
    """Switch a telephone on; one with a secret registers first, as a seat's does."""
    async with phone(line, folder, voice) as one:
        if line.secret:
            assert await one.until_registered(), f"{line.user} may not register"
        yield Telephone(one)


@dataclass
class RawCaller:
    """Sends SIP requests with headers as they are given, byte by byte, and keeps the answers."""

    server: tuple[str, int]
    source: str = "127.0.0.1"
    call: str = field(default_factory=lambda: secrets.token_hex(8))

    def __enter__(self) -> Self:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.source, 0))
        self.socket.settimeout(5)
        self.port: int = self.socket.getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def request(
        self, method: str, sender: bytes, *, to: str = "12345", tag: str = "", extra: str = ""
    ) -> None:
        """Send one request. `sender` is all that stands between `From: ` and the tag."""
        host, port = self.server
        session = (
            f"v=0\r\no=- 1 1 IN IP4 {self.source}\r\ns=-\r\nc=IN IP4 {self.source}\r\nt=0 0\r\n"
            f"m=audio {self.port + 1} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        body = session if method == "INVITE" else ""
        number = 1 if method in {"INVITE", "ACK"} else 2
        branch = f"z9hG4bK{self.call}{method if method == 'BYE' else ''}"
        head = (
            f"{method} sip:{to}@{host}:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.source}:{self.port};branch={branch};rport\r\nMax-Forwards: 70\r\n"
        ).encode()
        rest = (
            f"To: <sip:{to}@{host}>{tag}\r\nCall-ID: {self.call}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:test@{self.source}:{self.port}>\r\n{extra}"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        self.socket.sendto(head + b"From: " + sender + b";tag=t1\r\n" + rest, self.server)

    def answer(self) -> tuple[int, str]:
        """Return code and whole text of the next answer that is final; (0, '') if none comes."""
        with contextlib.suppress(TimeoutError):
            while True:
                text = self.socket.recv(65536).decode("utf-8", "replace")
                if text.startswith("SIP/2.0 ") and not text.startswith("SIP/2.0 1"):
                    return int(text.split(" ", 2)[1]), text
        return 0, ""

    def calls(self, sender: bytes, *, to: str = "12345") -> int:
        """Call and confirm; return the final code."""
        self.request("INVITE", sender, to=to)
        code, text = self.answer()
        if code == 200:
            tags = [
                part
                for line in text.split("\r\n")
                if line.startswith("To:")
                for part in line.split(";tag=")[1:]
            ]
            self.tag = f";tag={tags[0]}"
            self.request("ACK", sender, to=to, tag=self.tag)
        return code

    def hangs_up(self, sender: bytes, *, to: str = "12345") -> None:
        self.request("BYE", sender, to=to, tag=self.tag)
        self.answer()


class RawSeat(RawCaller):
    """A phone that shows what it is sent and refuses to be called."""

    def registers(self, user: str) -> None:
        self.request("REGISTER", f"<sip:{user}@{self.source}>".encode(), to=user)
        code, text = self.answer()
        assert code == 200, text

    async def is_called(self) -> dict[str, str]:
        """Wait for an INVITE, answer that we are busy, return its headers."""
        data, sender = await asyncio.to_thread(self.socket.recvfrom, 65536)
        lines = data.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
        assert lines[0].startswith("INVITE "), lines[0]
        copied = [line for line in lines[1:] if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
        to = [f"{line};tag=busy" for line in lines[1:] if line.startswith("To:")]
        answer = ["SIP/2.0 486 Busy Here", *copied, *to, "Content-Length: 0", "", ""]
        self.socket.sendto("\r\n".join(answer).encode(), sender)
        return dict(line.split(": ", 1) for line in lines[1:])
