"""What the model is trained on: sentences drawn at random, said in many voices, carried by telephones, as features.

A fifth are random Mandarin syllables: they are what lets a word be added later by its pinyin alone.
"""

import itertools
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from importlib import resources
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.pinyin_dict import pinyin_dict

from ivr.speech.builder import augment, espeak, features, lexicon
from ivr.speech.builder.labels import Example

RATE = features.RATE
SPELLED = "零一幺二三四五六七八九"
COUNTS = (1, 1, 2, 3, 4, 4, 5, 6, 8, 10, 12)
ASKING = ("我要", "我想", "请", "帮我", "请 帮我", "")
PEAK = 20000
CROWD = 60  # utterances kept to babble in the background of others
PART = 500  # utterances a process
MOST_LOST = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to say; `words` is empty for mere syllables."""

    words: tuple[str, ...]
    pinyin: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence as one voice said it, at 8 kHz, with its phones in ms."""

    words: tuple[str, ...]
    voice: str
    samples: NDArray[np.int16]
    segments: tuple[espeak.Segment, ...]


def lines(name: str) -> list[str]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def voices(*, held_out: bool) -> list[str]:
    """Return the voices to train on, or those that are kept to measure with."""
    return [line.removeprefix("- ") for line in lines("voices.txt") if line.startswith("- ") == held_out]


@cache
def syllables() -> tuple[str, ...]:
    """Return every syllable with its tone that a common character has."""
    found = set[str]()
    for code, readings in pinyin_dict.items():
        if 0x4E00 <= code <= 0x9FA5:
            found |= {to_tone3(one, v_to_u=False) for one in readings.split(",")}
    return tuple(sorted(one for one in found if one.isascii() and one[-1:].isdigit()))


class Author:
    """Draws sentences: figures, words, phrases of menus, words in a row, syllables."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._words = lexicon.words()
        self._all = sorted(self._words)
        self._phrases = [tuple(line.split()) for line in lines("phrases.txt")]

    def sentence(self) -> Sentence:
        kind = self._draw.random()
        if kind < 0.27:
            return self._joined([self._draw.choice(SPELLED) for _ in range(self._draw.choice(COUNTS))])
        if kind < 0.47:
            return self._joined([self._draw.choice(self._all)])
        if kind < 0.70:
            asking = self._draw.choice(ASKING).split() if self._draw.random() < 0.5 else []
            return self._joined([*asking, *self._draw.choice(self._phrases)])
        if kind < 0.82:
            return self._joined([self._draw.choice(self._all) for _ in range(self._draw.randint(2, 5))])
        between = "" if self._draw.random() < 0.4 else " "
        return Sentence((), between.join(self._draw.choices(syllables(), k=self._draw.randint(2, 9))))

    def _joined(self, said: Sequence[str]) -> Sentence:
        spoken = ["".join(self._words[word]) for word in said]
        if self._draw.random() < 0.5:
            return Sentence(tuple(said), "".join(spoken))
        return Sentence(tuple(said), (" " if self._draw.random() < 0.85 else ", ").join(spoken))


def spoken(seed: int, count: int, *, held_out: bool = False) -> Iterator[Utterance]:
    """Give this many utterances; the same seed says the same in the same voices (the library itself adds chance)."""
    draw = random.Random(seed)  # noqa: S311  drawn, no secret
    author, known = Author(draw), voices(held_out=held_out)
    made = 0
    while made < count:
        said = utterance(author.sentence(), draw.choice(known), draw)
        if said is not None:
            made += 1
            yield said


def utterance(sentence: Sentence, voice: str, draw: random.Random) -> Utterance | None:
    """Say a sentence at any pace and pitch, in a throat of any length; None if the library could not read it."""
    manner = espeak.Manner(voice, draw.randint(120, 270), draw.randint(15, 90), draw.randint(20, 90))
    said = espeak.synthesiser().say(sentence.pinyin, manner)
    if espeak.is_foreign(said.segments) or len(said.samples) < 2000:
        return None
    # Played at another rate, a voice has a longer or a shorter throat.
    warp = draw.uniform(0.86, 1.16)
    sound = resampled(np.array(said.samples, float), RATE / (espeak.synthesiser().rate * warp))
    peak = float(np.abs(sound).max())
    if peak < 50:
        return None
    stretched = tuple(espeak.Segment(one.begin / warp, one.phone) for one in said.segments)
    samples = (sound / peak * PEAK).astype(np.int16)
    merged = espeak.phones(stretched, 1000 * len(samples) / RATE)
    return Utterance(sentence.words, voice, samples, tuple(merged))


def resampled(sound: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Return the sound with so many times as many samples, and no pitch that they could not carry."""
    count = round(len(sound) * ratio)
    spectrum = np.fft.rfft(sound)[: count // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, count) * (count / len(sound)))


def part(seed: int) -> list[Example]:
    return list(examples(seed, PART))


def material(seed: int, count: int, speak: Callable[[int], list[Example]] = part) -> list[Example]:
    """Return at least this many examples.

    The library crashes now and then on an odd voice, so each part is spoken by a process of its own; the next one is
    drawn instead of a part that was lost.
    """
    made: list[Example] = []
    lost = 0
    for number in itertools.count():
        if len(made) >= count:
            break
        try:
            with ProcessPoolExecutor(1, get_context("spawn")) as other:
                made += other.submit(speak, seed * 1000 + number).result()
        except BrokenProcessPool:
            lost += 1
            log.warning("espeak-ng has crashed, another part is drawn")
            if lost > MOST_LOST:
                raise espeak.NoLibrary("espeak-ng crashes again and again") from None
    return made


def examples(seed: int, count: int) -> Iterator[Example]:
    """Give what the network learns from; one in twenty is a tone or mere noise, which it shall hear as silence."""
    chance = np.random.default_rng(seed)
    crowd = [said.samples for said in spoken(seed + 1_000_000, CROWD)]
    telephone = augment.Telephone(chance, crowd)
    for said in spoken(seed, count):
        yield _example(said, telephone, chance)
        if chance.random() < 0.05:
            yield _nothing_said(telephone, chance)


def _example(said: Utterance, telephone: augment.Telephone, chance: np.random.Generator) -> Example:
    before, after = (int(seconds * RATE) for seconds in chance.uniform(0.12, 0.8, 2))
    whole = np.concatenate([np.zeros(before), said.samples, np.zeros(after)])
    heard = features.cepstra(telephone.carry(whole))
    lead = before * 1000 / RATE
    moved = [espeak.Segment(lead + one.begin, one.phone) for one in said.segments]
    if moved[0].phone == espeak.SILENCE:
        moved = moved[1:]
    return Example(heard.astype(np.float16), (espeak.Segment(0.0, espeak.SILENCE), *moved))


def _nothing_said(telephone: augment.Telephone, chance: np.random.Generator) -> Example:
    length = int(chance.uniform(1.0, 3.0) * RATE)
    heard = features.cepstra(telephone.carry(telephone.signal(length)))
    return Example(heard.astype(np.float16), (espeak.Segment(0.0, espeak.SILENCE),))
