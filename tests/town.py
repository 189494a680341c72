"""A whole hotline for a test: Asterisk, our process, a demo city, all in a folder of its own on free ports."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hotline import asterisk
from hotline.config import Config, load, secret, with_secrets
from hotline.settings import asterisk_settings, open_store
from storage.engine import Store

T = TypeVar("T")


def free_port() -> int:
    """Return a port that is free for both transports, and that no connection gets by itself while it waits for its user."""
    while True:
        port = random.randrange(10_000, 20_000)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            contextlib.suppress(OSError),
        ):
            stream.bind(("127.0.0.1", port))
            datagrams.bind(("127.0.0.1", port))
            return port


def two_free_ports() -> int:
    """Return the first of two neighbouring ports that are free."""
    while True:
        port = free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port + 1))
            return port


def eventually(question: Callable[[], T], *, seconds: float = 15.0, what: str = "") -> T:
    """Ask until the answer is true; fail with `what` and the last answer when time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"{what or question} did not happen within {seconds:.0f} s: {answer!r}")
        time.sleep(0.05)


@dataclass
class Town:
    """Start, break and ask a hotline as an operator would: by its processes, its addresses and its database."""

    state: Path
    settings: dict[str, str] = field(default_factory=dict)
    _pbx: subprocess.Popen[bytes] | None = None
    _ours: subprocess.Popen[bytes] | None = None
    _speech: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        ports = {
            f"HOTLINE_{name}_PORT": str(free_port()) for name in ("CONSOLE", "AMI", "ASTERISK_HTTP", "AGI")
        }
        rtp = 20000 + (os.getpid() * 211) % 20000
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")},
            **ports,
            "HOTLINE_SPEECH": "false",  # most scenarios need keys only; the others say so, and start it
            "HOTLINE_SPEECH_PORT": str(two_free_ports()),
            "HOTLINE_SIP_PORT": str(free_port()),
            "HOTLINE_CONSOLE_TLS_PORT": "0",
            "HOTLINE_RTP_START": str(rtp),
            "HOTLINE_RTP_END": str(rtp + 399),
            "HOTLINE_STATE_DIR": str(self.state),
            **self.settings,
        }

    @property
    def config(self) -> Config:
        return with_secrets(load(self.environ, self.state))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.config.console_port}"

    @property
    def sip(self) -> str:
        return f"127.0.0.1:{self.config.sip_port}"

    @property
    def ours(self) -> int:
        """The process id of what serves: ours, or the one that `hotline run` keeps alive."""
        if self.kept:
            return int(self.kept)
        assert self._ours is not None
        return self._ours.pid

    @property
    def kept(self) -> str:
        """The process id of what `hotline run` keeps alive, '' if it does not."""
        path = self.state / "run" / "serve.pid"
        return path.read_text(encoding="ascii") if path.exists() else ""

    @property
    def asterisk(self) -> int:
        if self._pbx is not None:
            return self._pbx.pid
        return int((self.state / "run" / "asterisk" / "asterisk.pid").read_text(encoding="ascii"))

    @property
    def password(self) -> str:
        return secret(self.state, "demo_password")

    def hotline(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as an operator would."""
        command = [sys.executable, "-P", "-m", "hotline", *words]
        return subprocess.run(
            command,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            cwd=self.state,
        )

    def prepare(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        done = self.hotline("demo")
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        self.start_asterisk()
        self.start_ours()

    def freeze_ours(self) -> None:
        """Let our process do nothing at all, not even close its sockets."""
        self._signal(signal.SIGSTOP)

    def thaw_ours(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._ours is not None
        self._ours.send_signal(number)

    def start_asterisk(self) -> None:
        settings = asterisk_settings(self.config)
        asterisk.render(settings)
        self._pbx = asterisk.start(settings)

    def start_ours(self) -> None:
        self._start("serve")

    def start_kept_alive(self) -> None:
        """Start both as `make run` does: a third process looks after them."""
        self._start("run")

    def _start(self, command: str) -> None:
        with (self.state / "log" / "hotline.log").open("ab") as output:
            self._ours = subprocess.Popen(
                [sys.executable, "-P", "-m", "hotline", command],
                env=self.environ,
                cwd=self.state,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
        try:
            eventually(self.ready, seconds=30, what="ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()[-3000:]}") from None

    def start_speech(self) -> None:
        """Start the speech service and wait until it hears; the town needs `speech` among its settings."""
        with (self.state / "log" / "speech.log").open("ab") as output:
            self._speech = subprocess.Popen(
                [sys.executable, "-P", "-m", "hotline", "speech", "serve"],
                env=self.environ,
                cwd=self.state,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
        health = f"http://127.0.0.1:{self.config.speech_port + 1}/healthz"
        eventually(lambda: _answers(health), seconds=30, what="the speech service")

    def ready(self) -> bool:
        return _answers(f"{self.url}/readyz")

    def metrics(self) -> str:
        """Return what /metrics says, '' if nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/metrics", timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def kill_ours(self) -> None:
        assert self._ours is not None
        self._ours.send_signal(signal.SIGKILL)
        self._ours.wait()

    def memory_of_ours(self) -> int:
        """Return how many bytes our process holds now."""
        assert self._ours is not None
        status = Path(f"/proc/{self._ours.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def kill_asterisk(self) -> None:
        assert self._pbx is not None
        self._pbx.send_signal(signal.SIGKILL)
        self._pbx.wait()

    def stop(self) -> None:
        if self._ours is not None and self._ours.poll() is None:
            self._ours.terminate()
            self._ours.wait(20)
        if self._speech is not None and self._speech.poll() is None:
            self._speech.terminate()
            self._speech.wait(20)
        if self._pbx is not None and self._pbx.poll() is None:
            asterisk.stop(asterisk_settings(self.config), self._pbx)

    def store(self) -> Store:
        return open_store(self.config)

    def log(self) -> str:
        path = self.state / "log" / "hotline.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def cli(self, command: str) -> str:
        """Ask Asterisk's own command line."""
        settings = asterisk_settings(self.config)
        asked = subprocess.run(
            [str(settings.binary), "-C", str(self.state / "etc" / "asterisk.conf"), "-rx", command],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        return asked.stdout


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
