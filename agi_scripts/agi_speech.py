"""Listening to a caller: words by Asterisk's speech service while it can be had, keys always.

All of it is arranged so that no failure of that service holds a caller: it is asked only while it is known to be well,
it has half a second to get ready, and when it goes in the middle the rest of the prompt is played and keys are listened
to, the ones pressed meanwhile included.
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agi_scripts import agi_lines
from agi_scripts.agi_lines import AGIError, Answer, Listened
from ivr.call import Heard, How, HungUp
from ivr.joined import Joined, Prompt

ENGINE = "hotline"  # as asterisk-conf/aeap.conf calls it
READY_SECONDS = 0.5  # within which the service must be ready; the caller hears nothing meanwhile
# Asterisk takes a second to find out that the service is gone, and the prompt stands still for as long.
BLIND_SECONDS = 1.0
# The service itself says when a caller is silent. Asterisk's own limit comes after whoever began to speak at the last
# moment could have ended, and counts whole seconds.
TALK_SECONDS, NUMBER_SECONDS = 7, 16
ANSWER_SECONDS = 10.0  # until Asterisk's answer is overdue
DIGITS = "digits"
UNKNOWN = "[unk]"


class Engine(StrEnum):
    """What the speech service did for one question."""

    ON = "on"
    OFF = "off"  # not asked: it is known to be away, or this call has met it failing
    REFUSED = "refused"
    SLOW = "slow"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Ears:
    """Whether callers can be listened to now, answered from memory, and what they are asked with."""

    there: Callable[[], bool]
    prompts: Joined | None


DEAF = Ears(there=lambda: False, prompts=None)


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller is asked, and what he may answer."""

    sounds: tuple[str, ...]
    grammar: str  # `digits:12` are twelve figures
    keys: str
    seconds: float
    spare: float
    language: str = "zh"

    @property
    def is_number(self) -> bool:
        return self.grammar.partition(":")[0] == DIGITS

    @property
    def name(self) -> str:
        """Return what the speech service calls the grammar."""
        return DIGITS if self.is_number else self.grammar

    @property
    def longest(self) -> int:
        """Return after how many seconds Asterisk stops listening by itself."""
        return math.ceil(self.seconds) + (NUMBER_SECONDS if self.is_number else TALK_SECONDS)

    def told(self, prompt: Prompt, after: float) -> str:
        """Return what the speech service is told when so many seconds of the prompt are already played."""
        wanted = self.grammar.partition(":")[2] if self.is_number else ""
        options = {
            "prompt": _milliseconds(prompt.seconds - after),
            "spare": _milliseconds(self.spare - after),
            "digits": int(wanted) if wanted.isdecimal() else 0,
            "seconds": _milliseconds(self.seconds - max(0.0, after - prompt.seconds)),
        }
        return ";".join([self.name, *(f"{name}={value}" for name, value in options.items() if value)])


class Line(Protocol):
    """The part of an AGI session that listening needs."""

    async def command(self, verb: str, *arguments: str, seconds: float = ...) -> Answer:
        """Send one command; return its answer or raise HungUp."""

    async def play(self, sounds: Sequence[str], keys: str, said: list[str]) -> str:
        """Play sounds one by one until a key cuts them short; add to `said` what was begun."""

    async def still_there(self) -> None:
        """Raise HungUp if the caller is gone."""

    def must_live(self) -> None:
        """Raise HungUp if it is known that the caller is gone."""

    def has_gone(self) -> None:
        """Know from now on that the caller is gone."""


class Turn:
    """One question and what comes of it."""

    def __init__(self, line: Line, ears: Ears, question: Question) -> None:
        self.said: list[str] = []  # the sounds that were begun
        self._line = line
        self._ears = ears
        self._question = question
        self._engine = Engine.OFF
        self._prompt: Prompt | None = None
        self._began = 0.0  # when the prompt began
        self._held = 0.0  # seconds for which the caller waited for the speech service, and for nothing else

    async def listen(self, *, trusted: bool) -> Heard:
        self._line.must_live()
        if trusted and self._ears.prompts is not None and self._ears.there():
            question = self._question
            self._prompt = await self._ears.prompts.prompt(question.sounds, question.language)
        heard = await self._by_voice(self._prompt) if self._prompt is not None else None
        return heard or await self._by_keys()

    async def close(self) -> None:
        """Let go of the speech service. Only after all keys: Asterisk loses the one that comes between two commands."""
        if self._engine not in {Engine.OFF, Engine.REFUSED}:
            with suppress(HungUp, AGIError):
                await self._line.command("SPEECH DESTROY")

    @property
    def failed(self) -> bool:
        """Say whether the speech service was asked and was of no use."""
        return self._engine not in {Engine.OFF, Engine.ON}

    def fact(self, heard: Heard | None) -> dict[str, str | int]:
        """Return what stands in the record of the call: never words, and no keys of a number."""
        mode = heard.how if heard and heard.how in {How.KEY, How.SPEECH} else "none"
        detail: dict[str, str | int] = {}
        if heard and heard.key:
            detail |= {"keys": len(heard.key)} if self._question.is_number else {"key": heard.key}
        detail |= {"grammar": self._question.grammar, "mode": mode, "outcome": self._outcome(heard)}
        detail |= {"engine": self._engine}
        if self._engine is not Engine.OFF:
            detail |= {"held": _milliseconds(self._held)}
        return detail | ({"score": heard.score} if heard and heard.how is How.SPEECH else {})

    def _outcome(self, heard: Heard | None) -> str:
        if heard is None:
            return "hung_up"
        if heard.how is How.SILENCE and self._engine is not Engine.ON:
            return "no_engine"
        return "heard" if heard.how in {How.KEY, How.SPEECH} else heard.how

    # By voice.

    async def _by_voice(self, prompt: Prompt) -> Heard | None:
        """Ask with the prompt and listen for words and keys; None if the speech service is of no use."""
        await self._create()
        while self._engine is Engine.ON:
            if self._after() >= prompt.seconds + self._question.seconds:
                return Heard(how=How.SILENCE)  # whoever presses other keys all the time is asked once
            if await self._set(prompt) and (heard := await self._recognised(prompt)):
                return heard
        return None

    async def _create(self) -> None:
        asked = time.monotonic()
        answer = await self._line.command("SPEECH CREATE", ENGINE)
        self._held += time.monotonic() - asked
        self._engine = Engine.ON if answer.result == "1" else Engine.REFUSED

    async def _set(self, prompt: Prompt) -> bool:
        """Say what is listened for; False if getting ready takes so long that the caller would notice."""
        asked = time.monotonic()
        if self._held <= READY_SECONDS:
            await self._line.command("SPEECH SET", "grammar", self._question.told(prompt, self._after()))
            self._held += time.monotonic() - asked
        if self._held > READY_SECONDS:
            self._engine = Engine.SLOW
        return self._engine is Engine.ON

    async def _recognised(self, prompt: Prompt) -> Heard | None:
        """Play what is left of the prompt and listen; None to go on, after a key that leads nowhere or without engine."""
        after = self._after()
        self._began = self._began or time.monotonic()
        limit = self._question.longest
        answer = await self._line.command(
            agi_lines.RECOGNIZE,
            prompt.path,
            str(limit),
            str(round(after * 8000)),
            seconds=ANSWER_SECONDS + prompt.seconds + limit,
        )
        self.said = prompt.begun(self._after())
        return await self._meant(agi_lines.listened(answer))

    async def _meant(self, listened: Listened) -> Heard | None:
        match listened.why:
            case "hangup":
                self._line.has_gone()
                raise HungUp
            case "digit":
                return Heard(how=How.KEY, key=listened.key) if listened.key in self._question.keys else None
            case "timeout":
                return Heard(how=How.SILENCE)
            case "speech" if listened.grammar == self._question.name:
                return _understood(listened)
        self._engine = Engine.LOST
        self._held += BLIND_SECONDS
        self._began += BLIND_SECONDS
        return None

    def _after(self) -> float:
        """Return how many seconds of prompt and listening have passed."""
        return max(0.0, time.monotonic() - self._began) if self._began else 0.0

    # By keys.

    async def _by_keys(self) -> Heard:
        question, keys = self._question, self._question.keys
        if self._began and self._prompt is not None:
            key = await self._rest(self._prompt)
            left = self._prompt.seconds + question.seconds - self._after()
        else:
            key = await self._line.play(question.sounds, keys, self.said)
            left = question.seconds
        key = key or await self._key(left)
        return Heard(how=How.KEY, key=key) if key else Heard(how=How.SILENCE)

    async def _rest(self, prompt: Prompt) -> str:
        """Play what is left of the prompt after the speech service has gone."""
        after = self._after()
        if after >= prompt.seconds:
            return ""
        answer = await self._line.command(
            "STREAM FILE",
            prompt.path,
            self._question.keys,
            str(round(after * 8000)),
            seconds=ANSWER_SECONDS + prompt.seconds,
        )
        self.said = prompt.begun(self._after())
        if answer.result == "-1":
            await self._line.still_there()
        return _key_of(answer)

    async def _key(self, seconds: float) -> str:
        """Wait for one of the keys; others are not heard."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._line.must_live()
            answer = await self._line.command(
                "WAIT FOR DIGIT", str(_milliseconds(left)), seconds=ANSWER_SECONDS + left
            )
            if answer.result == "-1":
                await self._line.still_there()
                return ""
            key = _key_of(answer)
            if not key or key in self._question.keys:
                return key
        return ""


def _understood(listened: Listened) -> Heard:
    words = listened.words.replace(" ", "")
    if not words:
        return Heard(how=How.SILENCE)
    if UNKNOWN in words:
        return Heard(how=How.UNKNOWN)
    return Heard(how=How.SPEECH, words=words, score=listened.score)


def _key_of(answer: Answer) -> str:
    return chr(int(answer.result)) if answer.result not in {"", "0", "-1"} else ""


def _milliseconds(seconds: float) -> int:
    return max(0, math.ceil(seconds * 1000))
