"""A Redis of our own on a free port of loopback, which forgets everything when it ends."""

import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.town import free_port


class RedisServer:
    """Start, freeze and kill it as a test needs."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            ["redis-server", *options, "--dir", str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
                    asked.sendall(b"PING\r\n")
                    if asked.recv(64).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("Redis does not start")

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def heal(self) -> None:
        """Let it go on if it was frozen, start it if it was ended."""
        if self._process is None or self._process.poll() is not None:
            self.start()
        else:
            self.signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it at once; nothing in it is worth keeping."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
