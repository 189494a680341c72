"""Has the city's own cases learned from, each night: in a process of its own, at the lowest priority.

What was learned goes into the store, where every process finds it; until then the one before stays in use.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from cases.likeness import MOST
from console.parts import PARTS, Parts
from storage import suggestion_rows as rows
from storage import suggestions
from storage.errors import StoreDown

log = logging.getLogger(__name__)

FIRST_SECONDS: Final = 120.0
"""A service that has just started has other things to do."""
EVERY_SECONDS: Final = 600.0
BREATH_SECONDS: Final = 0.05
PORTION: Final = 500
NIGHT: Final = range(1, 6)
AGAIN_AFTER: Final = timedelta(hours=20)
OLD_AFTER: Final = timedelta(days=3)
LONGEST_SECONDS: Final = 1_800.0


async def run(app: web.Application) -> None:
    """Learn when it is time, until cancelled."""
    parts = app[PARTS]
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        if parts.engine.leads:
            try:
                if await is_due(parts):
                    await learn(parts)
            except (StoreDown, OSError, subprocess.SubprocessError) as error:
                log.warning("nothing is learned from the cases: %s", error)
        await asyncio.sleep(EVERY_SECONDS)


async def is_due(parts: Parts) -> bool:
    """Say whether to learn now: at night, or at once if there is no model or only an old one."""
    newest = await parts.store.read(partial(suggestions.models, most=1))
    return time_has_come(newest[0].trained_at if newest else None, parts.now(), parts)


def time_has_come(trained_at: datetime | None, at: datetime, parts: Parts) -> bool:
    if trained_at is None or at - trained_at > OLD_AFTER:
        return True
    return at - trained_at > AGAIN_AFTER and at.astimezone(parts.settings.zone).hour in NIGHT


async def learn(parts: Parts) -> int:
    """Learn from what citizens say anywhere and from the newest cases, if there are any; return the version of the model."""
    with tempfile.TemporaryDirectory(prefix="hotline-learning-") as folder:
        source, target = Path(folder) / "cases.jsonl", Path(folder) / "model.npz"
        await _write_lessons(parts, source)
        told = await _run_apart([str(source), str(target)])
        data, at = target.read_bytes(), parts.now()
    version = await parts.store.write(lambda conn: suggestions.keep_model(conn, told, data, at=at))
    log.info(
        "model %d has learned from %d cases in %.0f s: %.1f %% right at once, %.1f %% among three",
        version,
        told["cases"],
        told["seconds"],
        100 * told["top1"],
        100 * told["top3"],
    )
    return version


async def _write_lessons(parts: Parts, path: Path) -> None:
    """Write down what can be learned."""
    store = parts.store
    known = await store.read(rows.matters)
    await asyncio.to_thread(rows.append_lines, path, rows.first_lessons(known))
    last = await store.read(partial(rows.newest_from, most=MOST))
    while True:
        found, until = await store.read(partial(rows.lessons, last=last, most=PORTION))
        await asyncio.to_thread(rows.append_lines, path, found)
        if until <= last:
            return
        last = until
        await asyncio.sleep(BREATH_SECONDS)


async def _run_apart(arguments: list[str]) -> dict[str, Any]:
    """Run the program that learns, and end it if we end."""
    stop = threading.Event()
    try:
        told = await asyncio.to_thread(_program, arguments, stop)
    finally:
        stop.set()
    return dict(json.loads(told))


def _program(arguments: list[str], stop: threading.Event) -> str:
    """Run it in a thread: starting one must never be cut off half-way."""
    command = ["nice", "-n", "19", sys.executable, "-m", "storage.suggestion_training", *arguments]
    ours = {"PYTHONPATH": str(Path(rows.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | ours
    ) as process:
        waited = 0.0
        while process.poll() is None:
            if stop.wait(0.2) or waited > LONGEST_SECONDS:
                process.kill()
            waited += 0.2
        told, complaints = process.communicate()
    if process.returncode:
        log.warning("learning ended with %d: %s", process.returncode, complaints[-500:])
        raise subprocess.CalledProcessError(process.returncode, "storage.suggestion_training")
    return told
