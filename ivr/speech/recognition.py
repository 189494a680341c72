"""One RECOGNIZE: what it listens for, for how long, and the one answer it gives. Time is counted in seconds of sound."""

from collections.abc import Mapping

from ivr.speech.decision import Answer, Listening
from ivr.speech.ears import Ears
from ivr.speech.gate import CHUNK_SECONDS, Gate
from ivr.speech.grammars import Grammar
from ivr.speech.phrases import UNKNOWN

OPTIONS = frozenset({"spare", "prompt", "digits", "seconds"})
"""What SET may give beside the grammar; all but the number of digits in milliseconds."""

STILL = 0.6  # seconds without voice at the limit: nobody is in the middle of a word
GOES_ON = 6.0  # seconds for which somebody who speaks at the limit is waited for
NUMBER_GOES_ON = 15.0  # a long number takes its time
SILENT = Answer(text="", score=0)


class Recognition:
    """Takes a tenth of a second of sound after the other."""

    def __init__(self, ears: Ears, grammar: Grammar, options: Mapping[str, int]) -> None:
        self._ears = ears
        self.grammar = grammar
        self._spare = options.get("spare", 0) / 1000
        self._prompt = options.get("prompt", 0) / 1000
        self._digits = options.get("digits", 0)
        given = options.get("seconds", 0) / 1000
        self._limit = self._prompt + given if given else None
        self._gate = Gate()
        self._listening: Listening | None = None
        self._seconds = 0.0
        self.answered = False

    @property
    def is_waiting(self) -> bool:
        """Say whether silence matters now: somebody has just spoken, or has not for too long."""
        begun = self._limit is not None and self._seconds > 0
        return not self.answered and (begun or self._gate.is_open)

    async def hear(self, chunk: bytes) -> Answer | None:
        """Return the answer as soon as there is one: words, `[unk]`, or '' when the time is over."""
        self._seconds += CHUNK_SECONDS
        answer = await self._understood(chunk) if self._seconds > self._spare else None
        answer = answer or await self._too_late()
        self.answered = answer is not None
        return answer

    async def _understood(self, chunk: bytes) -> Answer | None:
        # Where something was understood already, silence tells that no more will come.
        sound = self._gate.passed(chunk)
        if not sound and self._has_words() and not self._gate.is_tone:
            sound = chunk
        if not sound:
            self._listening = None  # with it goes its memory: callers are silent most of the time
            return None
        answer = await self._ears.thread.run(lambda: self._decode(sound))
        if answer and answer.text == UNKNOWN and self._seconds < self._prompt:
            self._ears.counts["during_prompt"] += 1  # a noise does not cut a prompt short
            return None
        return answer

    async def _too_late(self) -> Answer | None:
        if self._limit is None or self._seconds < self._limit:
            return None
        most = self._limit + (NUMBER_GOES_ON if self.grammar.figures else GOES_ON)
        listening = self._listening
        if self._seconds < most and self._gate.is_open and (self._gate.quiet < STILL or self._has_words()):
            return None
        if listening is None:
            return SILENT
        voiced = self._gate.voiced
        return await self._ears.thread.run(lambda: listening.close(voiced)) or SILENT

    def _has_words(self) -> bool:
        return self._listening is not None and self._listening.has_words

    def _decode(self, sound: bytes) -> Answer | None:
        """Runs in the decode thread."""
        if self._listening is None:
            stream = self._ears.model.stream(self.grammar.written)
            self._listening = Listening(self.grammar, stream, wanted=self._digits)
        return self._listening.hear(sound, quiet=self._gate.quiet, voiced=self._gate.voiced)
