"""What the loaded model makes of a sound file: for `hotline speech test`. The same model and grammars as on a call."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ivr import sound
from ivr.menu_file import MenuFile
from ivr.speech import phrases
from ivr.speech.grammars import Grammar, Grammars
from ivr.speech.recogniser import Model

PIECE = sound.RATE // 5 * 2  # bytes of a fifth of a second, as a call brings them
PATIENCE = 60.0  # seconds for converting a file


class CannotHear(Exception):
    """Why the file cannot be heard; the message is for the person who gave it."""


def samples_of(path: Path) -> bytes:
    """Return the bare samples of a sound file, converted to what telephones carry where it is something else."""
    try:
        return sound.read(path).tobytes()
    except sound.BadSound as error:
        if not path.is_file():
            raise CannotHear(f"没有这个文件 there is no such file: {path}") from error
        return _converted(path, str(error))


def _converted(path: Path, reason: str) -> bytes:
    if not shutil.which("sox"):
        raise CannotHear(f"{path} {reason}; 转换需要 sox converting it needs sox: apt-get install sox")
    form = ("-t", "raw", "-e", "signed", "-r", str(sound.RATE), "-b", "16", "-c", "1", "-")
    done = subprocess.run(
        ["sox", "-V1", str(path.absolute()), *form], capture_output=True, timeout=PATIENCE, check=False
    )
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip()
        raise CannotHear(f"读不懂这个声音文件 this sound file cannot be read: {path}: {said[:200]}")
    return done.stdout


def grammars(model: Model, menu: Path | None) -> Grammars:
    return Grammars(MenuFile(menu), model.knows)


def heard(model: Model, samples: bytes, grammar: Grammar | None) -> Iterator[list[Mapping[str, Any]]]:
    """Give the words of each stretch that ends in silence: word, start, end, conf."""
    stream = model.stream(grammar.written if grammar else None)
    for begin in range(0, len(samples), PIECE):
        if stream.accept(samples[begin : begin + PIECE]) and (words := stream.final_words()):
            yield list(words)
    if words := stream.final_words():
        yield list(words)


def meaning(grammar: Grammar, said: list[Mapping[str, Any]]) -> str:
    """Return what a call would be told: the phrase, or figures, what it means, and how sure that is."""
    text, sure = grammar.match(one["word"] for one in said)
    score = 0 if text == phrases.UNKNOWN else round(100 * sure * min(float(one["conf"]) for one in said))
    means = phrases.digits_of(text) if grammar.figures and text not in grammar.phrases else ""
    means = means or phrases.intent_of(grammar.name, text)
    return f"{text} {f'= {means} ' if means else ''}({score} %)"
