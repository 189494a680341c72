"""Voices the list of prompts: `python -m ivr.prompts.build --to var/sounds/zh`.

Only what has changed is made again; a run that was broken off goes on where it stopped. A city's own recordings,
given as an overlay, take the place of ours once they have passed the same check.
"""

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ivr import sound
from ivr.prompts import check, tones, words

if TYPE_CHECKING:
    from array import array

MANIFEST = ".made.json"  # what each file was made from
SECONDS = 30.0  # for one prompt; the longest takes a tenth of a second
PACKAGES = {"espeak-ng": "espeak-ng", "sox": "sox"}

Report = Callable[[int, int, str], None]  # done, of how many, what


class BuildFailed(Exception):
    """The prompts could not be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Order:
    """One file to be made, and a digest of everything that goes into it."""

    name: str
    made_from: str
    prompt: words.Prompt | None = None
    recording: Path | None = None


def build(to: Path, report: Report, *, overlay: Path | None = None, jobs: int = 2) -> int:
    """Make every prompt that is missing or has changed below `to`; return how many were made."""
    if faulty := words.mistakes(words.prompts()):
        raise BuildFailed("prompts.tsv: " + "; ".join(faulty))
    recordings = _recordings(overlay)
    made = _manifest(to)
    _forget(to, made)
    orders = [order for order in _orders(recordings) if not _is_made(to, order, made)]
    if orders:
        _require_programs()
        asyncio.run(_make_all(to, orders, made=made, report=report, jobs=jobs))
    return len(orders)


def _recordings(overlay: Path | None) -> dict[str, Path]:
    if overlay is None:
        return {}
    if not overlay.is_dir():
        raise BuildFailed(f"{overlay} is not a folder of recordings")
    if faults := check.check(overlay, partial=True):
        raise BuildFailed(f"recordings in {overlay}: " + "; ".join(map(str, faults)))
    return {name: overlay / f"{name}.wav" for name in check.names_in(overlay)}


def _orders(recordings: dict[str, Path]) -> list[Order]:
    orders = [_order(p.name, f"{p.text}|{p.pinyin}", prompt=p) for p in words.prompts()]
    orders += [_order(name, _source_of_tones()) for name in words.TONES]
    please = next(prompt for prompt in words.prompts() if prompt.name == "hotline/hold-please")
    orders += [_order(name, _source_of_tones() + please.pinyin, prompt=please) for name in words.MELODIES]
    return [_replaced(order, recordings) for order in orders]


def _order(name: str, content: str, *, prompt: words.Prompt | None = None) -> Order:
    voice = sound.ESPEAK_ENGLISH if prompt and prompt.is_english else sound.ESPEAK
    settings = repr((voice, sound.SOX, sound.LEVEL, sound.RATE))
    return Order(name, hashlib.sha256(f"{content}|{settings}".encode()).hexdigest(), prompt=prompt)


def _source_of_tones() -> str:
    return repr((tones.MELODIES, tones.SCALE, tones.PARTIALS, tones.MELODY_LEVEL, tones.NOTE_SECONDS))


def _replaced(order: Order, recordings: dict[str, Path]) -> Order:
    if order.name not in recordings:
        return order
    recording = recordings[order.name]
    return Order(order.name, hashlib.sha256(recording.read_bytes()).hexdigest(), recording=recording)


def _forget(to: Path, made: dict[str, list[str]]) -> None:
    """Remove what an earlier release made and nobody says any more; files we did not make stay where they are."""
    for name in sorted(made.keys() - words.names()):
        (to / f"{name}.wav").unlink(missing_ok=True)
        del made[name]


def _is_made(to: Path, order: Order, made: dict[str, list[str]]) -> bool:
    made_from, written = made.get(order.name, ["", ""])
    return made_from == order.made_from and written == _digest(to / f"{order.name}.wav")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def _require_programs() -> None:
    if missing := [package for program, package in PACKAGES.items() if not shutil.which(program)]:
        needed = " and ".join(missing)
        raise BuildFailed(f"{needed} not found; install with: apt-get install {' '.join(missing)}")


async def _make_all(
    to: Path, orders: list[Order], *, made: dict[str, list[str]], report: Report, jobs: int
) -> None:
    free = asyncio.Semaphore(max(1, jobs))
    done = 0

    async def fill(order: Order) -> None:
        nonlocal done
        async with free:
            await _make(to, order)
        made[order.name] = [order.made_from, _digest(to / f"{order.name}.wav")]
        _write_manifest(to, made)
        done += 1
        report(done, len(orders), order.name)

    try:
        async with asyncio.TaskGroup() as group:
            for order in orders:
                group.create_task(fill(order))
    except* sound.NoSpeech as failed:
        raise BuildFailed(str(failed.exceptions[0])) from failed
    except* OSError as failed:
        raise BuildFailed(f"cannot write below {to}: {failed.exceptions[0]}") from failed


async def _make(to: Path, order: Order) -> None:
    path = to / f"{order.name}.wav"
    if order.recording:
        samples = sound.read(order.recording)
    elif order.name in words.MELODIES and order.prompt:
        please = await sound.speak(order.prompt.pinyin, seconds=SECONDS, tail=0.8)
        samples = await asyncio.to_thread(tones.melody, order.name) + please
    elif order.prompt:
        samples = await _spoken(order.prompt)
    else:
        samples = tones.tone(order.name)
    sound.write(path, samples)


async def _spoken(prompt: words.Prompt) -> "array[int]":
    english = prompt.is_english
    words_of = prompt.text if english else prompt.pinyin
    return await sound.speak(words_of, seconds=SECONDS, tail=_tail(prompt), english=english)


def _tail(prompt: words.Prompt) -> float:
    """Return the silence after a prompt: none within a number, a breath after a sentence."""
    last = prompt.text[-1] if prompt.is_english else prompt.pinyin[-1]
    return {".": 0.3, ",": 0.2}.get(last, 0.05)


def _manifest(to: Path) -> dict[str, list[str]]:
    try:
        read = json.loads((to / MANIFEST).read_text("utf-8"))
        return {name: [str(source), str(written)] for name, (source, written) in read.items()}
    except (OSError, ValueError, AttributeError):  # none yet, or torn: then everything is made again
        return {}


def _write_manifest(to: Path, made: dict[str, list[str]]) -> None:
    partial = to / f"{MANIFEST}.{os.getpid()}.part"
    partial.write_text(json.dumps(made, indent=0, sort_keys=True), "utf-8")
    partial.replace(to / MANIFEST)


def _show(done: int, of: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{of} {name:40}", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done % 25 == 0 or done == of:
        print(f"{done}/{of} prompts", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ivr.prompts.build", description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="language folder, e.g. var/sounds/zh")
    parser.add_argument(
        "--overlay", type=Path, help="a city's own recordings, laid out like the folder itself"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many are made at once")
    given = parser.parse_args(arguments)
    try:
        made = build(given.to, _show, overlay=given.overlay, jobs=given.jobs)
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    faults = check.check(given.to)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{made} of {len(words.names())} prompts made in {given.to}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
