"""One worker process: listens on the shared port, decodes, and tells its parent five times a second that it is well."""

import asyncio
import ctypes
import io
import json
import logging
import os
import signal
import sys
import time
import wave
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from ivr.speech import aeap, media, models
from ivr.speech.ears import EARS, Ears
from ivr.speech.gate import CHUNK
from ivr.speech.link import Link
from ivr.speech.settings import RATE, ServiceSettings

log = logging.getLogger(__name__)

BEAT = 0.2  # seconds between two signs of life
STUCK = 0.8  # seconds in one job of the decode thread, after which there is no sign of life
LOOKS_AT_MENUS = 1.0  # seconds
LONGEST_WAV = 16 * 2**20  # bytes, 17 minutes
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run as `python -m ivr.speech.worker SETTINGS PIPE PARENT`, as `watch` starts it."""
    given, pipe, parent = sys.argv[1:4]
    # A worker without a parent would hold the port, and nobody would know whether it is well.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    values: dict[str, Any] = json.loads(given)
    paths = {name: Path(values.pop(name)) for name in ("model", "menu", "words") if values.get(name)}
    settings = ServiceSettings(**{**values, **paths})
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(settings, int(pipe)))


async def _run(settings: ServiceSettings, pipe: int) -> None:
    ears, link = Ears(settings), Link(settings.words)
    runner = web.AppRunner(build(ears, link), access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await web.TCPSite(runner, "127.0.0.1", settings.port, reuse_port=True).start()
    telling = asyncio.create_task(link.run())
    beating = asyncio.create_task(_beat(ears, pipe, models.is_synthetic(settings.model)))
    following = asyncio.create_task(_follow_menus(ears))
    waiting = asyncio.create_task(stopped.wait())
    ended, _ = await asyncio.wait({beating, following, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for error in (task.exception() for task in ended):
        if error is not None:
            log.critical("the worker cannot go on", exc_info=error)
    telling.cancel()
    os._exit(0 if waiting.done() else 1)  # calls fall back to their keys at once; there is nothing to save


def build(ears: Ears, link: Link) -> web.Application:
    """Return the pages of a worker."""

    async def engine(request: web.Request) -> web.StreamResponse:
        return await aeap.serve(request, ears)

    async def talk(request: web.Request) -> web.StreamResponse:
        return await media.serve(request, ears, link)

    async def write_down(request: web.Request) -> web.Response:
        return await _write_down(request, ears)

    app = web.Application(client_max_size=LONGEST_WAV)
    app[EARS] = ears
    app.router.add_get("/aeap", engine)
    app.router.add_get("/media", talk)
    app.router.add_post("/transcribe", write_down)
    return app


async def _beat(ears: Ears, pipe: int, synthetic: bool) -> None:
    """Tell the parent how things are. It hears nothing when the loop stands still, or the decode thread does."""
    os.set_blocking(pipe, False)
    while True:
        if ears.thread.stuck_for(time.monotonic()) < STUCK:
            told = json.dumps({**_facts(ears), "synthetic": synthetic}, ensure_ascii=False)
            try:
                os.write(pipe, told.encode() + b"\n")
            except BlockingIOError:
                log.warning("the parent does not listen")
            except BrokenPipeError:
                return
        await asyncio.sleep(BEAT)


async def _follow_menus(ears: Ears) -> None:
    """Look at the city's menus. Their file may be long and its disk slow, and callers are listened to meanwhile."""
    while True:
        await asyncio.sleep(LOOKS_AT_MENUS)
        await asyncio.to_thread(ears.grammars.refresh)


def _facts(ears: Ears) -> dict[str, Any]:
    return {
        "active": ears.active,
        "lag": round(ears.thread.lag(time.monotonic()), 3),
        "counts": ears.counts,
        "unknown": ears.grammars.unknown(),
    }


async def _write_down(request: web.Request, ears: Ears) -> web.Response:
    """Write down a whole recording. Its pieces take their turns with the callers'."""
    try:
        with wave.open(io.BytesIO(await request.read()), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise web.HTTPBadRequest(text="a wav file is expected") from None
    if form != (1, 2, RATE):
        raise web.HTTPBadRequest(text="one channel of 16 bits at 8000 Hz is expected")
    dictation = ears.dictation()
    pieces = [pcm[start : start + 2 * CHUNK] for start in range(0, len(pcm), 2 * CHUNK)]
    said = [one for piece in pieces for one in await dictation.feed(piece)]
    said += await dictation.end()
    ears.counts["recordings"] += 1
    finals = [
        {"text": one.text, "score": one.score / 100, "begins": one.start, "ends": one.end}
        for one in said
        if one.final
    ]
    return web.json_response({"finals": finals})


if __name__ == "__main__":
    main()
