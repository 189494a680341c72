"""A real Asterisk in a folder of its own, on free ports of loopback, for as long as a test needs it."""

import base64
import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from hotline import asterisk
from hotline.asterisk import AsteriskSettings
from hotline.phone import RATE, Line
from tests.sip import Tone
from tests.town import free_port, two_free_ports

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ROOT / "ivr" / "prompts" / "prompts.tsv"
HOLD_HERTZ = 350
RINGING_HERTZ = 450  # China's ringing tone, see asterisk-conf/indications.conf
SOUND_SECONDS = 0.6
# Two tones at once name a prompt, as on a telephone's keypad: of single ones a telephone carries too few.
PAIRS = list(combinations(range(500, 3500, 80), 2))
RULE_SECONDS = 6  # instead of 20: until app_queue may ring seats although our engine is alive


@cache
def prompt_ids() -> list[str]:
    """Return every prompt there is, with its folder below sounds/zh; as it was at first, should the list change now."""
    rows = PROMPTS.read_text(encoding="utf-8").splitlines()
    ids = [row.split("\t")[0] for row in rows if row.strip() and not row.startswith("#")]
    return [name if "/" in name else f"hotline/{name}" for name in ids]


def hertz_of(prompt: str) -> tuple[int, int]:
    """Return the tones that stand for a prompt in these tests, so that what is heard names the prompt."""
    return PAIRS[prompt_ids().index(prompt if "/" in prompt else f"hotline/{prompt}")]


def write_tone(path: Path, hertz: Tone, seconds: float) -> None:
    """Write these tones together; all of them are as loud as one."""
    together = hertz if isinstance(hertz, tuple) else (hertz,)
    times = np.arange(int(RATE * seconds)) / RATE
    waves = np.sin(2 * np.pi * np.outer(together, times)).mean(axis=0)
    samples = (8000 * waves).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def write_sounds(folder: Path) -> None:
    """Write the tones of each prompt, and another for the music on hold."""
    for prompt in prompt_ids():
        if not prompt.startswith("hold/"):
            write_tone(folder / f"{prompt}.wav", hertz_of(prompt), SOUND_SECONDS)
    write_tone(folder / "hold" / "music.wav", HOLD_HERTZ, 5)
    for beep in ("beep.wav", "hotline/beep.wav"):
        write_tone(folder / beep, 3700, 0.3)


@dataclass(frozen=True)
class Fact:
    """One HOTLINE_ event of CEL."""

    kind: str
    detail: dict[str, str]
    call: str


@dataclass
class Switchboard:
    """One running Asterisk, and all that a test may ask of it."""

    settings: AsteriskSettings
    process: subprocess.Popen[bytes] = field(init=False)
    since: int = 0
    members: set[str] = field(default_factory=set)
    at_start: list[str] = field(default_factory=list)  # what the log said while Asterisk started

    @property
    def folder(self) -> Path:
        return self.settings.state_dir

    @property
    def server(self) -> str:
        return f"{self.settings.sip_host}:{self.settings.sip_port}"

    def start(self) -> None:
        self.process = asterisk.start(self.settings)
        asterisk.wait_ready(self.settings, self.process)
        self.at_start = self._log()

    def stop(self) -> None:
        asterisk.stop(self.settings, self.process, seconds=1)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def cli(self, line: str) -> str:
        return asterisk.command(self.settings, line)

    def line(self, user: str, secret: str = "") -> Line:
        return Line(user=user, server=self.server, secret=secret)

    def ami(self, action: str, account: str = "hotline", **headers: str) -> dict[str, str]:
        """Send one action on a connection of its own; return the answer."""
        with socket.create_connection(("127.0.0.1", self.settings.ami_port), timeout=5) as link:
            file = link.makefile("rwb")
            file.readline()
            login = {"Username": account, "Secret": self.settings.ami_secret, "Events": "off"}
            answer: dict[str, str] = {}
            for name, values in (("Login", login), (action, headers)):
                lines = [f"Action: {name}", *(f"{key}: {value}" for key, value in values.items()), "", ""]
                file.write("\r\n".join(lines).encode())
                file.flush()
                answer = _block(file)
                if answer.get("Response") != "Success":
                    return answer
            return answer

    @contextmanager
    def ami_events(self) -> Iterator[Callable[[], str]]:
        """Listen as our process does; the function returns every byte of AMI so far."""
        with socket.create_connection(("127.0.0.1", self.settings.ami_port), timeout=5) as link:
            login = f"Action: Login\r\nUsername: hotline\r\nSecret: {self.settings.ami_secret}\r\n\r\n"
            link.sendall(login.encode())

            def heard() -> str:
                link.sendall(b"Action: Ping\r\nActionID: heard\r\n\r\n")
                text = b""
                while b"ActionID: heard" not in text:
                    text += link.recv(65536)
                return text.decode("utf-8", "replace")

            yield heard

    def heartbeat(self, age: float | None) -> None:
        """Let our process have given its last sign of life so many seconds ago; None is never."""
        value = "" if age is None else str(int(time.time() - age))
        self.ami("Setvar", Variable="HOTLINE_HEARTBEAT", Value=value)

    @contextmanager
    def globals(self, **values: object) -> Iterator[None]:
        """Let global variables of the dialplan have other values for a while."""
        before = {name: self.ami("Getvar", Variable=name)["Value"] for name in values}
        for name, value in values.items():
            self.ami("Setvar", Variable=name, Value=str(value))
        try:
            yield
        finally:
            for name, old in before.items():
                self.ami("Setvar", Variable=name, Value=old)

    def push(self, kind: str, name: str, **values: object) -> None:
        """Put one SIP object into Asterisk's memory over ARI, as the console does."""
        url = (
            f"http://127.0.0.1:{self.settings.http_port}/ari/asterisk/config/dynamic/res_pjsip/{kind}/{name}"
        )
        fields = [{"attribute": key, "value": str(value)} for key, value in values.items()]
        request = urllib.request.Request(url, json.dumps({"fields": fields}).encode(), method="PUT")
        key = base64.b64encode(f"hotline:{self.settings.ari_secret}".encode()).decode()
        request.add_header("Authorization", f"Basic {key}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200

    def let_in(self, user: str, context: str, **endpoint: object) -> Line:
        """Make an endpoint that may register with a fresh secret; return its line."""
        secret = secrets.token_hex(8)
        self.push("auth", user, auth_type="digest", username=user, password=secret)
        self.push("aor", user, max_contacts=1, remove_existing="yes", default_expiration=120)
        rules = {
            "context": context,
            "disallow": "all",
            "allow": "alaw",
            "direct_media": "no",
            "rtp_timeout": 3,
        }
        self.push("endpoint", user, **(rules | {"aors": user, "auth": user} | endpoint))
        return self.line(user, secret)

    def queue_add(self, seat: str, penalty: int = 10) -> None:
        self.members.add(seat)
        self.ami(
            "QueueAdd", Queue="hotline", Interface=f"PJSIP/{seat}", Penalty=str(penalty), MemberName=seat
        )

    def queue_remove(self, seat: str) -> None:
        self.ami("QueueRemove", Queue="hotline", Interface=f"PJSIP/{seat}")
        self.members.discard(seat)

    def channels(self) -> list[str]:
        """Return the names of all live channels."""
        rows = self.cli("core show channels concise").splitlines()
        return [row.split("!")[0] for row in rows if "!" in row]

    def redirect(self, channel: str, context: str, exten: str) -> dict[str, str]:
        return self.ami("Redirect", Channel=channel, Context=context, Exten=exten, Priority="1")

    def forget(self) -> None:
        """Forget all rows, recordings and messages so far: what a test sees is its own."""
        self.since = len(self._cel_lines())
        for kept in (*self.folder.glob("recordings/*/*"), *self.folder.glob("spool/messages/*")):
            if kept.is_file():
                kept.unlink()

    def cel(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.cel_lines()]

    def cel_lines(self) -> list[str]:
        """Return the rows since then as they stand in the file."""
        return self._cel_lines()[self.since :]

    def facts(self, kind: str = "") -> list[Fact]:
        """Return our own facts since then, in order."""
        found = []
        for row in self.cel():
            if row["eventtype"].startswith("HOTLINE_"):
                extra = json.loads(row["eventextra"])["extra"]
                detail = dict(parse_qsl(extra, keep_blank_values=True, strict_parsing=bool(extra)))
                found.append(Fact(row["eventtype"].removeprefix("HOTLINE_"), detail, row["linkedid"]))
        return [fact for fact in found if kind in {"", fact.kind}]

    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.facts()]

    def queue_log(self) -> list[list[str]]:
        path = self.folder / "log" / "queue_log"
        return [line.split("|") for line in path.read_text(encoding="utf-8").splitlines()]

    def complaints(self) -> list[str]:
        """Return every warning and error of the log."""
        return [line for line in self._log() if "WARNING" in line or "ERROR" in line]

    def _log(self) -> list[str]:
        path = self.folder / "log" / "messages.log"
        return path.read_text(encoding="utf-8", errors="replace").splitlines()

    def _cel_lines(self) -> list[str]:
        path = self.folder / "log" / "cel-custom" / "cel.json"
        # Of the line that is just being written nothing.
        return path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []


def _block(file: Any) -> dict[str, str]:
    """Read one message of AMI, leaving out events."""
    while True:
        lines = [
            line.decode("utf-8", "replace").rstrip("\r\n") for line in iter(file.readline, b"\r\n") if line
        ]
        message = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "Response" in message:
            return message


def find_asterisk() -> Path | None:
    return asterisk.find_binary(ROOT / "var")


def settings_for(folder: Path) -> AsteriskSettings:
    """Return settings for a switchboard of one's own: free ports, fresh secrets, short waits."""
    binary = find_asterisk()
    assert binary is not None
    rtp = 20000 + 200 * (free_port() % 50)
    return AsteriskSettings(
        binary=binary,
        modules_dir=asterisk.find_modules(binary),
        conf_dir=ROOT / "asterisk-conf",
        dialplan_dir=ROOT / "dialplan",
        state_dir=folder,
        node="hotline1",
        sip_host="127.0.0.1",
        sip_port=free_port(),
        rtp_start=rtp,
        rtp_end=rtp + 199,
        ami_port=free_port(),
        http_port=free_port(),
        agi_port=free_port(),
        ami_secret=secrets.token_urlsafe(24),
        ari_secret=secrets.token_urlsafe(24),
        ring_seconds=3,
        python=Path(sys.executable),
        trunk_match=("127.0.0.1",),
        carrier=f"127.0.0.1:{free_port()}",
        line_seconds=60,
        fallback_seconds=4,
        speech_port=two_free_ports(),
    )


@contextmanager
def switchboard_in(folder: Path, **changes: Any) -> Iterator[Switchboard]:
    """Run an Asterisk in this folder for as long as the block lasts."""
    with switchboard_as(replace(settings_for(folder), **changes)) as board:
        yield board


@contextmanager
def switchboard_as(settings: AsteriskSettings) -> Iterator[Switchboard]:
    """Run an Asterisk with these settings for as long as the block lasts."""
    board, folder = Switchboard(settings), settings.state_dir
    write_sounds(folder / "sounds" / "zh")
    asterisk.render(board.settings)
    rules = folder / "etc" / "asterisk-conf" / "queuerules.conf"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("20,100", f"{RULE_SECONDS},100"), encoding="utf-8"
    )
    try:
        board.start()
        yield board
    finally:
        board.stop()
