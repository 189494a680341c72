"""How AMI's bytes become messages, and which headers may be sent."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

log = logging.getLogger(__name__)

# A peer that sends so much without ending a message is no Asterisk.
LONGEST_MESSAGE = 1024 * 1024

END = b"\r\n\r\n"

Action = Mapping[str, str | Sequence[str]]
Event = Mapping[str, str]


class AMIDown(ConnectionError):
    """There is no link to Asterisk. After `sent` the action may or may not have been carried out."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


def checked(action: Action) -> dict[str, str | list[str]]:
    """Return the headers to send. A line break in one of them would be a second action, so it is refused."""
    headers: dict[str, str | list[str]] = {}
    for name, value in action.items():
        values = [value] if isinstance(value, str) else list(value)
        if any(_breaks(text) for text in (name, *values)):
            raise ValueError(f"control character in AMI header {name!r}")
        headers[name] = value if isinstance(value, str) else values
    if str(headers.get("Action")).lower() == "originate":
        # Without it Asterisk rings inside the action, and nothing else is answered meanwhile.
        headers["Async"] = "true"
    return headers


def _breaks(text: str) -> bool:
    return any(ord(letter) < 32 or ord(letter) == 127 for letter in text)


def plain(message: Mapping[str, str | list[str]]) -> dict[str, str]:
    """Return a message as an ordinary dict; headers that came several times are joined by line breaks."""
    return {
        name: value if isinstance(value, str) else "\n".join(value)
        for name, value in message.items()
        if name != "content"
    }


class WholeMessages(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol, which decodes each packet by itself and loses Chinese, and sends actions twice."""

    def __init__(self, link: object) -> None:
        self.link = link
        self.lost = asyncio.Event()
        self.received = bytearray()
        self.heard_at = time.monotonic()
        self.closed: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory = self.link

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        self.received += data
        *whole, rest = bytes(self.received).split(END)
        self.received = bytearray(rest)
        for raw in whole:
            self._take(raw)
        if len(self.received) > LONGEST_MESSAGE:
            log.error("AMI sent %d bytes without an end: cut off", len(self.received))
            self.transport.abort()

    def _take(self, raw: bytes) -> None:
        try:
            message = Message.from_line(raw.decode("utf-8", "replace").strip())
            if message is not None:
                self.handle_message(message)
        except (AttributeError, KeyError, TypeError, ValueError):
            log.exception("unreadable AMI message")

    def connection_lost(self, _exc: object) -> None:
        self.close()
        self.lost.set()

    def close(self) -> None:
        """Cut the line and tell every waiting action so. None is ever sent again: a second call could be the result."""
        for action in {id(action): action for action in self.responses.values()}.values():
            if not action.future.done():
                action.future.set_exception(AMIDown("the AMI link broke before the answer", sent=True))
        self.responses.clear()
        if not self.closed:
            self.closed = True
            self.transport.abort()
