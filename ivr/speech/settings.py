"""What the speech service is told when it starts. It knows no configuration and no database."""

import os
from dataclasses import dataclass
from pathlib import Path

RATE = 8000  # samples a second: what telephones send, and what Asterisk hands us
MOST = 80  # callers heard at once by one worker; on one busy core the tiny model carries 80 to 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The service on loopback: the engine at `port`, its health at the port after it."""

    model: Path
    port: int
    workers: int = 0  # 0: one per processor
    menu: Path | None = None  # the city's voice menus; None: the ones that ship
    most: int = MOST  # recognitions at once in one worker; one more is told at once that there is no engine
    words: Path | None = None  # where the hotline's process takes what is said in talks; None: nowhere

    @property
    def health_port(self) -> int:
        return self.port + 1

    @property
    def processes(self) -> int:
        return self.workers or len(os.sched_getaffinity(0))
