"""When a caller has ended, and what was understood: earlier than the recogniser would say so, where it is safe.

Works on the seconds of sound, never on a clock. Runs in the decode thread of a worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.speech.grammars import Grammar
from ivr.speech.phrases import UNKNOWN
from ivr.speech.settings import RATE

STABLE = 0.25  # seconds for which the words heard so far must not change; ring tones make them flash by
ENDED = 0.3  # seconds without voice
MAYBE_ENDED = 0.6  # the same where a longer phrase begins with what was said
BETWEEN_FIGURES = 1.3
MISSING_FIGURES = 2.0  # the same while it is known that more must come: people look them up
GIVES_UP = 1.2  # seconds without voice after which the recogniser is asked in any case
LONGEST = 12.0  # seconds of sound without an end: a radio, or a long story
A_BIT = 1e-6  # seconds; sums of tenths are never exact
A_WORD = 0.2  # seconds of voice; a click is no answer, and no failed one


@dataclass(frozen=True, slots=True)
class Words:
    """What the recogniser made of a stretch of sound."""

    words: tuple[str, ...]
    confidence: float = 1.0  # of the least sure word


class Stream(Protocol):
    """A recogniser at work on one call."""

    def accept(self, pcm: bytes) -> bool:
        """Take sound; True if the recogniser thinks that somebody has ended."""

    def partial(self) -> tuple[str, ...]:
        """Return the words so far."""

    def final(self) -> Words:
        """Return the words since the last time, for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was understood: a phrase, figures, or `[unk]`."""

    text: str
    score: int  # 0 to 100
    early: bool = False  # decided before the recogniser did


class Listening:
    """One recognition, from the first sound to the one answer. `wanted` is how many figures a number has."""

    def __init__(self, grammar: Grammar, stream: Stream, *, wanted: int = 0) -> None:
        self._grammar = grammar
        self._stream = stream
        self._wanted = wanted
        self._kept: list[Words] = []  # of a number that is said in parts
        self._partial: tuple[str, ...] = ()
        self._since = 0.0  # when the partial began to be what it is
        self._at = 0.0
        self._begun_at = 0.0

    def hear(self, pcm: bytes, *, quiet: float, voiced: float) -> Answer | None:
        """Take sound that the gate let through; return the answer as soon as there is one."""
        self._at += len(pcm) / 2 / RATE
        if self._stream.accept(pcm):
            return self._ended(quiet, voiced)
        partial = self._stream.partial()
        if partial != self._partial:
            self._partial, self._since = partial, self._at
        if self._is_whole(partial, quiet):
            answer = self._judge(self._take(), voiced)
            return answer and Answer(text=answer.text, score=answer.score, early=True)
        if quiet >= self._patience() - A_BIT or self._at - self._begun_at >= LONGEST - A_BIT:
            return self._ended(quiet, voiced)
        return None

    def close(self, voiced: float) -> Answer | None:
        """Return what was understood so far, whether the caller has ended or not."""
        return self._judge(self._take(), voiced)

    @property
    def has_words(self) -> bool:
        return bool(self._partial or self._kept)

    def _is_whole(self, partial: tuple[str, ...], quiet: float) -> bool:
        if not partial or self._at - self._since < STABLE - A_BIT or UNKNOWN in partial:
            return False
        text, _ = self._grammar.match(partial)
        if self._grammar.figures and text not in self._grammar.phrases:
            return quiet >= ENDED - A_BIT and self._count() + len(partial) == self._wanted
        patience = MAYBE_ENDED if text in self._grammar.begun else ENDED
        return text in self._grammar.phrases and quiet >= patience - A_BIT

    def _patience(self) -> float:
        if not self._grammar.figures:
            return GIVES_UP
        return MISSING_FIGURES if self._wanted and self.has_words else BETWEEN_FIGURES

    def _ended(self, quiet: float, voiced: float) -> Answer | None:
        """The recogniser, or silence, has closed a stretch: of a number there may be more to come."""
        words = self._take()
        if self._grammar.figures and words:
            whole = 0 < self._wanted <= self._count()
            if (
                quiet < BETWEEN_FIGURES - A_BIT
                and not whole
                and self._text(words) not in self._grammar.phrases
            ):
                return None
        return self._judge(words, voiced)

    def _take(self) -> Sequence[Words]:
        """Close what is open and return all of this answer so far."""
        final = self._stream.final()
        if final.words:
            self._kept.append(final)
        self._partial, self._since, self._begun_at = (), self._at, self._at
        return self._kept

    def _judge(self, heard: Sequence[Words], voiced: float) -> Answer | None:
        said = [word for words in heard for word in words.words]
        self._kept = []
        if not said or voiced < A_WORD - A_BIT:
            return None
        text, sure = self._grammar.match(said)
        if text == UNKNOWN:
            return Answer(text=UNKNOWN, score=0)
        if self._grammar.figures and text not in self._grammar.phrases and 0 < len(text) < self._wanted:
            sure *= len(text) / self._wanted  # a ring tone sounds like a figure or two
        return Answer(text=text, score=round(100 * sure * min(words.confidence for words in heard)))

    def _text(self, heard: Sequence[Words]) -> str:
        return self._grammar.match([word for words in heard for word in words.words])[0]

    def _count(self) -> int:
        return sum(word != UNKNOWN for words in self._kept for word in words.words)
