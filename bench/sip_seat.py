"""A seat's telephone written by hand: it answers at once, talks for a moment without sound, hangs up, and notes when."""

import asyncio
import random
import re
import secrets
import time
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESS = re.compile(r"<([^>]+)>")


class SipSeat(asyncio.DatagramProtocol):
    """One telephone on a UDP port of its own. Nothing is registered: its address stands in Asterisk's configuration."""

    def __init__(self, seat: str, talk_seconds: float) -> None:
        self.seat = seat
        self.talk_seconds = talk_seconds
        self.invited = 0.0
        """When it was last asked to ring."""
        self.on_ring: Callable[[float], None] = lambda _at: None
        self.on_free: Callable[[float], None] = lambda _at: None
        """Called when the exchange has confirmed the end of the talk."""
        self._dice = random.Random(seat)
        self._known: dict[str, str] = {}
        self._ended: set[str] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port: int = transport.get_extra_info("sockname")[1]

    @property
    def address(self) -> str:
        return f"sip:{self.seat}@127.0.0.1:{self.port}"

    def datagram_received(self, data: bytes, sender: tuple[str | int, ...]) -> None:
        at = time.perf_counter()
        lines = data.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        verb, call = lines[0].split(" ")[0], fields.get("Call-ID", "")
        match verb:
            case "INVITE":
                self._invite(lines, fields, sender, at)
            case "SIP/2.0" if fields.get("CSeq", "").endswith("BYE"):
                if call not in self._ended:
                    self._ended.add(call)
                    self.on_free(at)
            case "OPTIONS" | "BYE" | "CANCEL":
                self._answer(lines, sender, "200 OK")

    def _invite(
        self, lines: list[str], fields: dict[str, str], sender: tuple[str | int, ...], at: float
    ) -> None:
        call = fields["Call-ID"]
        if call in self._known:
            return  # said again; the answer is on its way
        tag = self._known[call] = secrets.token_hex(4)
        self.invited = at
        self.on_ring(at)
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.port + 1} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )
        more = f"Contact: <{self.address}>\r\nContent-Type: application/sdp\r\n"
        self._answer(lines, sender, "200 OK", tag=tag, more=more, body=sdp)
        loop = asyncio.get_running_loop()
        # Never the same twice: app_queue looks once a second, and would fall into step with equal talks.
        loop.call_later(self.talk_seconds * self._dice.uniform(0.4, 1.6), self._hang_up, fields, tag, sender)

    def _answer(
        self,
        lines: list[str],
        sender: tuple[str | int, ...],
        status: str,
        *,
        tag: str = "",
        more: str = "",
        body: str = "",
    ) -> None:
        copied = [line for line in lines[1:] if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
        copied += [line + (f";tag={tag}" if tag else "") for line in lines[1:] if line.startswith("To:")]
        head = "\r\n".join([f"SIP/2.0 {status}", *copied])
        self._transport.sendto(f"{head}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode(), sender)

    def _hang_up(self, fields: dict[str, str], tag: str, sender: tuple[str | int, ...]) -> None:
        found = _ADDRESS.search(fields["Contact"])
        target = found[1] if found else "sip:asterisk"
        self._transport.sendto(
            (
                f"BYE {target} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(6)};rport\r\n"
                f"Max-Forwards: 70\r\nFrom: {fields['To']};tag={tag}\r\nTo: {fields['From']}\r\n"
                f"Call-ID: {fields['Call-ID']}\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n"
            ).encode(),
            sender,
        )


async def sip_seat(seat: str, *, talk_seconds: float) -> SipSeat:
    _, telephone = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: SipSeat(seat, talk_seconds), local_addr=("127.0.0.1", 0)
    )
    return telephone
