"""Take a caller's message while our process is dead. Asterisk itself starts this, one process for each caller.

Whatever happens to the call, the number is kept: first as `<call>.part`, at the end as `<call>.json` beside the
sound `<call>.wav`. Only the standard library and pyst2 are imported: nothing of ours need be in order.
"""

import json
import os
import re
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from asterisk.agi import AGI, AGIError, AGIException

# The names of dialplan/variables.py, which cannot be imported here; a test holds them together.
CALL = "HOTLINE_CALL"
SPOOL = "HOTLINE_SPOOL"
DONE = "HOTLINE_DONE"

ASK = "hotline/no-seat-leave-message"
SAVED = "hotline/message-saved"
EMPTY = "hotline/message-empty"
LONGEST_MS = 180_000
SILENCE_SECONDS = 8
# The header of a wav file and the tenth of a second that even an empty recording has.
NOTHING_SAID_BYTES = 44 + 1_600
BYTES_A_SECOND = 16_000
LONGEST_NUMBER = 40

# A session that went out of step with Asterisk is over, whatever pyst2 calls it: EOF is a ValueError, for one.
OVER = (AGIException, ValueError, OSError)


@dataclass(slots=True)
class Message:
    """What is kept of the call."""

    call: str
    number: str
    dialled: str
    at: float
    sound: str = ""
    seconds: float = 0.0


class Caller:
    """The caller's channel through pyst2, without its habits: it tells stderr every number it hears."""

    def __init__(self) -> None:
        # Open until the process ends. A caller's name may hold bytes that are no text.
        heard = open(0, encoding="utf-8", errors="replace")  # noqa: SIM115
        nowhere = Path(os.devnull).open("w", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._agi: Any = AGI(stdin=heard, stdout=sys.stdout, stderr=nowhere)
        # Asterisk tells of a hang-up by SIGHUP; the message must still be put away.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def told(self, name: str) -> str:
        return str(self._agi.env.get(name, ""))

    def variable(self, name: str) -> str:
        try:
            return str(self._agi.get_variable(name))
        except OVER:
            return ""

    def play(self, sound: str) -> None:
        """Play a prompt. pyst2 reports a missing one like a hang-up, and for a message both mean: go on."""
        try:
            self._agi.stream_file(sound)
        except AGIError:
            return

    def record(self, path: Path) -> None:
        self._agi.record_file(str(path), "wav", "#", LONGEST_MS, 0, "beep", f"s={SILENCE_SECONDS}")

    def say_fact(self, message: Message) -> None:
        """Put the message into Asterisk's own record of the call."""
        detail = f"seconds={message.seconds:.1f}&number={message.number.replace('+', '%2B')}"
        self._agi.appexec("CELGenUserEvent", f"HOTLINE_MESSAGE,{detail}")

    def done(self) -> None:
        self._agi.set_variable(DONE, "1")


def main() -> None:
    os.umask(0o077)
    caller = Caller()
    call = plain(caller.variable(CALL) or caller.told("agi_uniqueid"))
    folder = sys.argv[1] if len(sys.argv) > 1 else caller.variable(SPOOL)
    if not folder:
        sys.exit("no spool folder was given: without DONE the dialplan tells the caller to ring again")
    spool = Path(folder)
    message = Message(
        call=call,
        number=readable(caller.told("agi_callerid")),
        dialled=readable(caller.told("agi_dnid")),
        at=round(time.time(), 3),
    )
    part = spool / f"{call}.part"
    write(part, message)
    try:
        take(caller, message, spool)
    except OVER:
        pass  # the caller is gone; what there is of the message is put away all the same
    finally:
        weigh(message, spool)
        write(part, message)
        part.rename(spool / f"{call}.json")
        sync(spool)
    finish(caller, message)


def take(caller: Caller, message: Message, spool: Path) -> None:
    caller.play(sys.argv[2] if len(sys.argv) > 2 else ASK)
    caller.record(spool / message.call)


def finish(caller: Caller, message: Message) -> None:
    """Thank the caller if he is still there, and tell the dialplan that the message is safe."""
    try:
        caller.say_fact(message)
        caller.play(SAVED if message.sound else EMPTY)
        caller.done()
    except OVER:
        # Python would write what is left to a pipe that is closed, and complain about it on Asterisk's console.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def weigh(message: Message, spool: Path) -> None:
    """Measure what was said; silence is no message."""
    path = spool / f"{message.call}.wav"
    size = path.stat().st_size if path.exists() else 0
    if size > NOTHING_SAID_BYTES:
        message.sound = path.name
        message.seconds = round((size - 44) / BYTES_A_SECOND, 1)


def write(path: Path, message: Message) -> None:
    """Write the message so that a power cut leaves the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(message), file, ensure_ascii=True)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder durable, not only what is in the files."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def readable(number: str) -> str:
    """Return the digits if it is a number, '' if it is withheld or worse."""
    number = number.strip()
    return number if re.fullmatch(rf"\+?[0-9]{{1,{LONGEST_NUMBER}}}", number) else ""


def plain(call: str) -> str:
    """Return the call id as a file may be named: nothing in it can lead out of the folder."""
    call = re.sub(r"[^0-9A-Za-z._-]", "_", call)[:64].lstrip(".")
    return call or f"unknown-{time.time_ns()}"


if __name__ == "__main__":
    main()
