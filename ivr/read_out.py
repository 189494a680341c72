"""A long text read aloud, sentence by sentence: while one is heard the next is made, and any answer cuts it short."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from ivr.asking import Question
from ivr.call import Call, How, Voice

LONGEST_SENTENCE = 60  # characters; longer ones are cut at a comma, so that the next part is ready in time
BETWEEN_SECONDS = 0.5  # in which an answer to the sentence just heard still comes
SLOWER: Final = "slower"
UNSPOKEN: Final = "unspoken"
"""What `read_out` returns when the text cannot be spoken."""

_END = re.compile(r"(?<=[。!！?？;；\n])")
_CLAUSE = re.compile(r"(?<=[,，、:：])")


async def read_out(
    call: Call,
    voice: Voice,
    text: str,
    question: Question,
    *,
    opening: Sequence[str] = (),
    slow: bool = False,
) -> str:
    """Read the text; return the meaning of the answer that cut it short, '' when it was heard to its end.

    `opening` is said before it, but only if the text can be spoken. `slower` goes on more slowly from the sentence that
    was not understood. Noise ends the listening for words, never the reading: from then on keys alone cut it short.
    """
    parts = sentences(text)
    at, listening, before = 0, True, list(opening)
    ahead = _begin(voice, parts, at, slow=slow)
    try:
        while at < len(parts):
            sounds = await ahead
            if not sounds:
                return UNSPOKEN
            ahead = _begin(voice, parts, at + 1, slow=slow)
            meaning, noise = await _hear(call, [*before, *sounds], question, listening=listening)
            before = []
            listening = listening and not noise
            if meaning == SLOWER:
                ahead.cancel()
                slow = True
                ahead = _begin(voice, parts, at, slow=slow)
            elif meaning:
                return meaning
            elif noise:  # what it cut short is said again
                ahead.cancel()
                ahead = _begin(voice, parts, at, slow=slow)
            else:
                at += 1
        return ""
    finally:
        ahead.cancel()


def _begin(voice: Voice, parts: Sequence[str], at: int, *, slow: bool) -> "asyncio.Task[list[str]]":
    """Begin to make a sentence, so that it is ready when the one before it was heard."""

    async def make() -> list[str]:
        return await voice.say(parts[at], slow=slow) if at < len(parts) else []

    return asyncio.create_task(make())


async def _hear(
    call: Call, sounds: Sequence[str], question: Question, *, listening: bool
) -> tuple[str, bool]:
    """Play a sentence; return the meaning of the answer, and whether it was only noise."""
    keys = "".join(question.keys)
    if not listening:
        return question.keys.get(await call.say(sounds, keys=keys), ""), False
    heard = await call.hear(sounds, question.grammar, keys=keys, seconds=BETWEEN_SECONDS)
    meaning = question.meant(heard)
    return meaning, not meaning and heard.how in {How.UNKNOWN, How.SPEECH}


def sentences(text: str) -> list[str]:
    """Split a text where a reader breathes, so that no part is too long to be made while another is heard."""
    parts: list[str] = []
    for sentence in filter(str.strip, _END.split(text)):
        part = ""
        for clause in _CLAUSE.split(sentence):
            if part and len(part) + len(clause) > LONGEST_SENTENCE:
                parts.append(part)
                part = ""
            part += clause
        parts.append(part)
    return [part.strip() for part in parts]
