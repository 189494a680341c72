"""Asterisk's side of a process AGI: starts the script with pipes and answers its commands from a list of rules."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "agi_scripts" / "leave_message.py"
CALL = "hotline1-1795310020.0"

# Said instead of an answer: the script dies by signal 9.
KILL = "KILL"
# What is answered to a command: text to send, or None to close both pipes.
Answer = Callable[[str], str | None]


@dataclass
class Conversation:
    """One run of the script: what it asked, how it ended, what it said on stderr."""

    commands: list[str] = field(default_factory=list)
    code: int = 0
    errors: str = ""

    def asked(self, begin: str) -> bool:
        return any(command.startswith(begin) for command in self.commands)


def run(
    spool: Path, answer: Answer, *, number: str = "13800138000", arguments: Sequence[str] | None = None
) -> Conversation:
    talk = Conversation()
    process = subprocess.Popen(
        [sys.executable, "-I", str(SCRIPT), *([str(spool)] if arguments is None else arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    environment = f"agi_uniqueid: {CALL}\nagi_callerid: {number}\nagi_calleridname: 王\nagi_dnid: 12345\n\n"
    process.stdin.write(environment.encode("utf-8", "surrogateescape"))
    process.stdin.flush()
    for line in process.stdout:
        command = line.decode().strip()
        talk.commands.append(command)
        said = answer(command)
        if said == KILL:
            process.kill()
        if said in {None, KILL}:
            break
        assert said
        process.stdin.write(said.encode() + b"\n")
        process.stdin.flush()
    process.stdin.close()
    process.stdout.close()
    talk.code = process.wait(timeout=20)
    talk.errors = process.stderr.read().decode()
    process.stderr.close()
    return talk


def willing(spool: Path, *, spoken: int = 40_000) -> Answer:
    """Asterisk with a caller who listens, speaks for a while and stays."""

    def answer(command: str) -> str | None:
        if command.startswith("GET VARIABLE"):
            value = {"HOTLINE_CALL": CALL, "HOTLINE_SPOOL": str(spool)}.get(command.split('"')[1], "")
            return f"200 result=1 ({value})"
        if command.startswith("RECORD FILE"):
            Path(command.split('"')[1] + ".wav").write_bytes(b"R" * spoken)
            return "200 result=35 (dtmf) endpos=9999"
        return "200 result=1" if command.startswith("SET VARIABLE") else "200 result=0"

    return answer
