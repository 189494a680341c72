"""A WebSocket read by hand: what stands in it when somebody who did not read wakes up."""

import socket
import struct
from contextlib import suppress

CLOSE = 8


def frames(raw: bytes) -> list[tuple[int, bytes]]:
    """Return opcode and content of each whole frame that a server has sent after its handshake."""
    found, at = [], raw.index(b"\r\n\r\n") + 4
    while at + 2 <= len(raw):
        size, start = raw[at + 1] & 0x7F, at + 2
        if size == 126:
            size, start = struct.unpack_from("!H", raw, start)[0], start + 2
        elif size == 127:
            size, start = struct.unpack_from("!Q", raw, start)[0], start + 8
        if start + size > len(raw):
            break
        found.append((raw[at] & 0x0F, raw[start : start + size]))
        at = start + size
    return found


def read_to_the_end(connection: socket.socket) -> bytes:
    """Read all there is until the server has closed, or says nothing for ten seconds."""
    connection.settimeout(10)
    raw = bytearray()
    with suppress(TimeoutError, ConnectionError):
        while more := connection.recv(1 << 16):
            raw += more
    return bytes(raw)


def closed_with(raw: bytes) -> int | None:
    """Return the code of the close frame, if there is a whole one."""
    ends = [content for opcode, content in frames(raw) if opcode == CLOSE]
    return struct.unpack_from("!H", ends[0])[0] if ends else None
