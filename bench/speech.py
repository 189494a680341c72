"""Callers that one worker of the speech service hears at once, beside what Vosk alone costs for the same sound.

    python -m bench.speech [--callers 20 40 60] [--seconds 8] [--model FOLDER]

Simulated Asterisks send 20 ms frames in real time over loopback: each caller listens for a while, says a phrase, is
silent until the answer has come, and begins again. The worker has one processor and the callers another, where there are
two. Latency counts from the last sound of a word. Vosk alone takes the same phrases, in pieces of 0.1 s, as fast as it can.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp

from bench.agi import cpu, memory
from ivr.speech.models import SYNTHETIC
from tests.ivr.speech.engine import FRAME, Asterisk, Service, created
from tests.speech_sound import pcm, speech

PHRASES = ("是的", "不对", "人工 服务", "可以", "没有", "不要")
LISTENS = 1.0  # seconds until the phrase
AFTERWARDS = 2.5  # seconds of silence that are sent for an answer, at most
GOOD = 1.0  # seconds: p95 of the answers
TICK = 0.02


@dataclass(slots=True)
class Figures:
    """What came of so many callers."""

    late: list[float] = field(default_factory=list)  # seconds from the last sound to the answer
    wrong: int = 0
    refused: int = 0
    own: float = 0.0  # the longest that a frame was sent too late: this machine, not the service

    def at(self, share: float) -> float:
        """Return the latency that so large a share stays below; without end if nothing was answered."""
        ordered = sorted(self.late)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


@dataclass(frozen=True, slots=True)
class Turn:
    """A phrase with silence around it."""

    phrase: str
    frames: tuple[bytes, ...]
    last_sound: int  # the frame in which the word ends


def turn_of(phrase: str) -> Turn:
    sound = pcm(speech(phrase, lead=LISTENS, tail=AFTERWARDS))
    frames = tuple(sound[start : start + FRAME] for start in range(0, len(sound), FRAME))
    return Turn(phrase.replace(" ", ""), frames, len(frames) - int(AFTERWARDS / TICK))


async def caller(port: int, number: int, turns: list[Turn], until: float, figures: Figures) -> None:
    """Take turns until the time is over."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(number * 0.037 % 1.5)  # nobody calls at the same moment
    try:
        async with created(port) as asterisk:
            while loop.time() < until:
                number += 1
                await take_turn(asterisk, turns[number % len(turns)], figures)
    except (aiohttp.WSServerHandshakeError, aiohttp.WSMessageTypeError, ConnectionError):
        figures.refused += 1


async def take_turn(asterisk: Asterisk, turn: Turn, figures: Figures) -> None:
    loop = asyncio.get_running_loop()
    await asterisk.set("grammar", "yes_no")
    answered = asyncio.create_task(asterisk.result())
    began = loop.time()
    for count, frame in enumerate(turn.frames):
        await asterisk.socket.send_bytes(frame)
        early = began + (count + 1) * TICK - loop.time()
        figures.own = max(figures.own, -early)
        await asyncio.sleep(max(0.0, early))
        if answered.done():
            break
    ended = began + turn.last_sound * TICK
    text, _, _ = await answered
    figures.late.append(loop.time() - ended)
    figures.wrong += text != turn.phrase


async def measure(port: int, callers: int, turns: list[Turn], seconds: float) -> Figures:
    figures, until = Figures(), asyncio.get_running_loop().time() + seconds
    await asyncio.gather(*(caller(port, n, turns, until, figures) for n in range(callers)))
    return figures


def alone(model: str) -> None:
    """Print what Vosk alone needs: processor for a second of sound, bytes for a recogniser, seconds to see an end."""
    from ivr.speech.gate import CHUNK
    from ivr.speech.grammars import build
    from ivr.speech.phrases import FIXED
    from ivr.speech.recogniser import Model

    loaded = Model(Path(model))
    written = build("yes_no", FIXED["yes_no"], loaded.knows).written
    turns = [turn_of(phrase) for phrase in PHRASES] * 5
    kept, ends, before, began = [], list[float](), memory(os.getpid()), time.process_time()
    for turn in turns:
        stream, sound = loaded.stream(written), b"".join(turn.frames)
        ended = 0
        for start in range(0, len(sound), CHUNK):
            if stream.accept(sound[start : start + CHUNK]):
                ended = ended or start + CHUNK
            else:
                stream.partial()
        kept.append(stream)
        ends.append((ended or len(sound)) / 16000 - turn.last_sound * TICK)
    spent, heard = time.process_time() - began, sum(len(turn.frames) for turn in turns) * TICK
    each = (memory(os.getpid()) - before) / len(kept)
    print(json.dumps({"cpu": spent / heard, "memory": each, "ends": median(ends)}))


@contextlib.contextmanager
def on_processor(number: int) -> Iterator[None]:
    """Run what is started in here on one processor of its own, if there are several."""
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {mine[number % len(mine)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def run(model: str, steps: list[int], seconds: float) -> None:
    turns = [turn_of(phrase) for phrase in PHRASES]
    with on_processor(0):
        command = [sys.executable, "-m", "bench.speech", "--alone", "--model", model]
        bare = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(
        f"Vosk alone: {bare['cpu']:.4f} s of processor for a second of sound, {bare['memory'] / 2**20:.2f} MiB each, "
        f"its own end of a phrase comes {bare['ends']:.2f} s after the last sound"
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        with on_processor(0):
            options = ("--workers", "1", "--model", model, "--most", "100000")
            service = stack.enter_context(Service(Path(folder), *options))
        [worker] = service.workers()
        idle, best = memory(worker), 0
        for callers in steps:
            with on_processor(1):
                figures, share = one_step(service.port, worker, callers, turns, seconds=seconds)
            each, grown = share / callers, max(0, memory(worker) - idle) / callers
            report(callers, figures)
            print(
                f"      worker {100 * share:.0f} % of a processor, {100 * each:.2f} % each "
                f"(x {each / bare['cpu']:.2f} of Vosk alone), {grown / 2**20:.2f} MiB each "
                f"(x {grown / bare['memory']:.2f})"
            )
            best = max(best, callers if figures.at(0.95) <= GOOD and not figures.refused else 0)
        print(f"p95 stays within {GOOD:.0f} s for {best} callers at once in one worker")


def one_step(
    port: int, worker: int, callers: int, turns: list[Turn], *, seconds: float
) -> tuple[Figures, float]:
    """Measure so many callers; return with it which part of a processor the worker took."""
    spent, began = cpu(worker), time.monotonic()
    figures = asyncio.run(measure(port, callers, turns, seconds))
    return figures, (cpu(worker) - spent) / (time.monotonic() - began)


def report(callers: int, figures: Figures) -> None:
    print(
        f"{callers:4} callers: p50 {figures.at(0.5):.2f} s, p95 {figures.at(0.95):.2f} s, most {figures.at(1):.2f} s "
        f"of {len(figures.late)} answers, {figures.wrong} wrong, {figures.refused} refused; "
        f"the callers' own delay up to {figures.own:.2f} s;"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--callers", type=int, nargs="+", default=[20, 40, 60])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--model", default=str(SYNTHETIC))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    if options.alone:
        alone(options.model)
    else:
        run(options.model, options.callers, options.seconds)


if __name__ == "__main__":
    main()
