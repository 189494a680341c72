"""What a caller says to his case after a tone, recorded so that it cannot be lost.

Until the store has it, it lies in the spool as a message like any other: should our process die now, or the store be
away, a person listens to it and rings back.
"""

import asyncio
import hashlib
import json
import logging
import os
import secrets
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from agi_scripts import leave_message
from agi_scripts.agi import AGISession
from agi_scripts.agi_lines import AGIError
from agi_scripts.leave_message import BYTES_A_SECOND, NOTHING_SAID_BYTES, Message
from agi_scripts.parts import Parts
from ivr.call import HungUp
from storage.voice_notes import Said

log = logging.getLogger(__name__)

FOLDER = "notes"  # below the folder of recordings
LONGEST_SECONDS = 120
SILENCE_SECONDS = 5
HEADER_BYTES = 44


async def take(call: AGISession, parts: Parts) -> Said | None:
    """Record until the caller presses #, falls silent or hangs up; None if nothing was said, or nowhere to keep it."""
    if parts.spool is None or parts.recordings is None:
        return None
    at = parts.now()
    stem = parts.spool.absolute() / f"{leave_message.plain(call.id)}-{secrets.token_hex(3)}"
    seconds = round(at.timestamp(), 3)
    message = Message(call=call.id, number=call.caller, dialled=call.dialled, at=seconds)
    try:
        await asyncio.to_thread(leave_message.write, _file(stem, "part"), message)
        await _record(call, stem)
        return await asyncio.to_thread(_put_by, stem, parts.recordings, at.astimezone(parts.zone))
    except OSError as error:
        log.warning("%s: what was said stays in the spool, if anywhere: %r", call.id, error)
        return None


async def _record(call: AGISession, stem: Path) -> None:
    """A hang-up ends it like #, and is told by whatever comes next."""
    options = ("#", str(LONGEST_SECONDS * 1000), "0", "BEEP", f"s={SILENCE_SECONDS}")
    with suppress(HungUp, AGIError):
        await call.command("RECORD FILE", str(stem), "wav", *options, seconds=LONGEST_SECONDS + 10.0)


async def settle(parts: Parts, said: Said) -> None:
    """The store has it: it is no message any more."""
    await asyncio.to_thread(_forget, _stem(parts, said))


async def postpone(parts: Parts, said: Said) -> None:
    """Leave it in the spool as a finished message, for a person to hear."""
    log.warning("what a caller said (%.0f s) is kept as a message", said.seconds)
    await asyncio.to_thread(_finish, _stem(parts, said), said)


def _put_by(stem: Path, recordings: Path, day: datetime) -> Said | None:
    """Lay the sound among the recordings, under a second name: the first stays until the store has it."""
    sound = _file(stem, "wav")
    size = sound.stat().st_size if sound.exists() else 0
    if size <= NOTHING_SAID_BYTES:
        _forget(stem)
        return None
    path = f"{FOLDER}/{day:%Y%m%d}/{stem.name}.wav"
    to = recordings / path
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(sound, to)
    except OSError:  # another file system
        shutil.copyfile(sound, to)
    digest = hashlib.sha256(to.read_bytes()).hexdigest()
    return Said(path, digest, round((size - HEADER_BYTES) / BYTES_A_SECOND, 1), size)


def _finish(stem: Path, said: Said) -> None:
    part = _file(stem, "part")
    message = Message(**json.loads(part.read_text(encoding="utf-8")))
    message.sound, message.seconds = f"{stem.name}.wav", said.seconds
    leave_message.write(part, message)
    part.rename(_file(stem, "json"))


def _forget(stem: Path) -> None:
    for kind in ("part", "wav"):
        _file(stem, kind).unlink(missing_ok=True)


def _stem(parts: Parts, said: Said) -> Path:
    assert parts.spool is not None
    return parts.spool.absolute() / Path(said.path).stem


def _file(stem: Path, kind: str) -> Path:
    """A call's id has a dot in it, which `with_suffix` would take for a kind of file."""
    return stem.with_name(f"{stem.name}.{kind}")
