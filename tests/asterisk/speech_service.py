"""A real speech service for as long as a test needs it, and all that can befall one."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.town import eventually

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class SpeechService:
    """The product's own processes, with the synthetic model."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def workers(self) -> list[int]:
        """Return the process ids of those who recognise."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in path.read_text(encoding="ascii").split()]

    @property
    def state(self) -> dict[str, Any]:
        """Return what it tells of itself, {} if it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 1}/healthz", timeout=1) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except (OSError, urllib.error.URLError):
            return {}

    def until_well(self) -> None:
        eventually(lambda: self.state.get("ready"), seconds=30, what="the speech service")

    def signal_workers(self, number: signal.Signals) -> None:
        for worker in self.workers:
            os.kill(worker, number)

    def freeze(self) -> None:
        """Let none of its processes do anything, its watchdog included."""
        self.process.send_signal(signal.SIGSTOP)
        self.signal_workers(signal.SIGSTOP)

    def kill(self) -> None:
        """Take all of it away at once."""
        workers = self.workers
        self.process.kill()
        for worker in workers:
            with suppress(ProcessLookupError):  # its parent's death may have ended it
                os.kill(worker, signal.SIGKILL)
        self.process.wait()


@contextmanager
def speech_service(port: int, log: Path, *options: str) -> Iterator[SpeechService]:
    """Run a speech service on this port and the next; what it says goes into the file."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ivr.speech", "--port", str(port), "--workers", "1", *options],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    service = SpeechService(port, process)
    try:
        service.until_well()
        yield service
    finally:
        if process.poll() is None:
            service.kill()
