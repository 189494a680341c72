"""One question, answered by a key or in words. Who cannot be understood twice, or says nothing, is helped by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ivr.call import Call, Heard, How
from ivr.speech.phrases import intent_of

ANY_KEY: Final = "0123456789*#"
SURE: Final = 60  # of a hundred; below it the words are asked for again
TRIES: Final = 2
PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class Question:
    """What may be answered: the keys with their meanings, and the table of phrases for the same meanings."""

    grammar: str
    keys: Mapping[str, str]
    seconds: float = 5.0

    def meant(self, heard: Heard) -> str:
        """Return the meaning of what was heard, '' if it has none here."""
        if heard.how is How.KEY:
            return self.keys.get(heard.key, "")
        if heard.how is not How.SPEECH or heard.score < SURE:
            return ""
        meaning = intent_of(self.grammar, heard.words)
        return meaning if meaning in self.keys.values() else ""


async def ask(call: Call, sounds: Sequence[str], question: Question, *, again: Sequence[str] = ()) -> str:
    """Return the meaning of the answer; '' for silence, and for two answers that were not understood.

    `again` is what is said the second time, if not all of it.
    """
    said = list(sounds)
    for _ in range(TRIES):
        heard = await call.hear(said, question.grammar, keys=ANY_KEY, seconds=question.seconds)
        if heard.how is How.SILENCE:
            return ""
        if meaning := question.meant(heard):
            return meaning
        said = ["press-retry" if heard.how is How.KEY else "menu-again", *(again or sounds)]
    return ""
