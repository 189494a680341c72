"""The parent of the speech service: keeps its workers alive, kills the one that stands still, and tells how things are.

It decodes nothing and takes no calls, so it answers whatever the workers do.
"""

import asyncio
import json
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from ivr.speech import health
from ivr.speech.settings import ServiceSettings

log = logging.getLogger(__name__)

# Asterisk waits one second for an answer to `setup`, and after it writes into memory that it has freed. A worker that
# stands still must be dead before that.
SILENT = 0.7  # seconds without a sign of life, after which a worker is killed
LOADS = 60.0  # seconds a model may take until the first one; a large one has much to read
LOOKS = 0.05
LIVED = 60.0  # seconds after which a death is not the same trouble as the one before
LONGEST_PAUSE = 10.0
STOPS = 2.0  # seconds for all to end


@dataclass(slots=True)
class Worker:
    """One worker process, and what it told last."""

    number: int
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    heard_at: float = 0.0
    told: dict[str, Any] | None = None  # None: not ready
    restarts: int = 0
    killed: int = 0
    pause: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)  # of those that went before

    def is_silent(self, at: float) -> bool:
        if self.told is None:
            return at - self.started_at > LOADS
        return at - self.heard_at > SILENT

    def ended(self, at: float) -> None:
        """Remember what it had counted; wait longer each time it dies soon."""
        for name, number in (self.told or {}).get("counts", {}).items():
            self.counts[name] = self.counts.get(name, 0) + number
        self.told, self.process = None, None
        self.restarts += 1
        self.pause = 0.0 if at - self.started_at > LIVED else min(max(self.pause * 2, 0.1), LONGEST_PAUSE)


def run(settings: ServiceSettings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    return asyncio.run(_run(settings))


async def _run(settings: ServiceSettings) -> int:
    workers = [Worker(number) for number in range(settings.processes)]
    runner = web.AppRunner(health.pages(settings, workers), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", settings.health_port).start()
    except OSError as error:
        log.critical("port %d of the speech service is taken: %s", settings.health_port, error.strerror)
        return 1
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    keepers = [asyncio.create_task(_keep(worker, settings)) for worker in workers]
    await stopping.wait()
    for keeper in keepers:
        keeper.cancel()
    await asyncio.gather(*keepers, return_exceptions=True)
    await asyncio.gather(*(_stop(worker) for worker in workers))
    await runner.cleanup()
    return 0


async def _keep(worker: Worker, settings: ServiceSettings) -> None:
    """Run one worker for ever, a new process after each death."""
    while True:
        try:
            await _live(worker, settings)
        except OSError as error:
            log.warning(
                "worker %d of the speech service cannot be started: %s", worker.number, error.strerror
            )
        worker.ended(time.monotonic())
        log.error(
            "worker %d of the speech service ended; starting it again in %.1f s", worker.number, worker.pause
        )
        await asyncio.sleep(worker.pause)


async def _live(worker: Worker, settings: ServiceSettings) -> None:
    """Start the process, listen to its signs of life, and return when it is dead."""
    reading, writing = os.pipe()
    try:
        given = json.dumps(asdict(settings), default=str)
        worker.started_at = time.monotonic()
        worker.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "ivr.speech.worker", given, str(writing), str(os.getpid())),
            pass_fds=(writing,),
            stdin=asyncio.subprocess.DEVNULL,
        )
    finally:
        os.close(writing)
    pipe = os.fdopen(reading, "rb", buffering=0)
    stream = asyncio.StreamReader(limit=2**20)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), pipe
    )
    listening = asyncio.create_task(_listen(worker, stream))
    try:
        await _until_dead(worker, worker.process)
    finally:
        listening.cancel()
        transport.close()


async def _until_dead(worker: Worker, process: asyncio.subprocess.Process) -> None:
    ending = asyncio.create_task(process.wait())
    try:
        while not ending.done():
            await asyncio.wait({ending}, timeout=LOOKS)
            if not ending.done() and worker.is_silent(time.monotonic()):
                log.error("worker %d of the speech service stands still; killing it", worker.number)
                worker.killed += 1
                process.kill()
                await ending
    finally:
        ending.cancel()


async def _listen(worker: Worker, stream: asyncio.StreamReader) -> None:
    while line := await stream.readline():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # cut off by a full pipe, while we stood still ourselves
        if worker.told is None or told["unknown"] != worker.told["unknown"]:
            _tell_unknown(worker, told["unknown"])
        worker.heard_at, worker.told = time.monotonic(), told


def _tell_unknown(worker: Worker, unknown: dict[str, list[str]]) -> None:
    """Name what can only be keyed: the words of the menus, not of callers."""
    log.info("worker %d of the speech service is ready", worker.number)
    for name, words in unknown.items() if worker.number == 0 else ():
        log.warning("%s: the model has no words for: %s", name, "、".join(words))


async def _stop(worker: Worker) -> None:
    process = worker.process
    if process is None or process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOPS)
        except TimeoutError:
            process.kill()
            await process.wait()
