"""Listens to one caller in the menus: what a key or words choose, and what is asked about because it is not sure."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr.call import Call, Heard, How, Voice
from ivr.menu import NEVER_ASKED, PERSON_KEY, Book, Choice, Menu, grammar
from ivr.menu_offer import PERSON, Offer, Situation
from ivr.speech.phrases import intent_of

YES_NO, YES, NO = "yes_no", "1", "2"


class Outcome(StrEnum):
    """What came of listening once."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNSURE = "unsure"  # asked about, and the answer was none
    UNKNOWN = "unknown"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller chose, or why he chose nothing."""

    outcome: Outcome
    choice: Choice | None = None

    @property
    def ends(self) -> bool:
        """Nothing was answered: there is nothing to ask again."""
        return self.outcome in {Outcome.SILENCE, Outcome.UNSURE}


class Ear:
    """Counts the steps of a dialogue and puts each on record, without the words."""

    def __init__(self, call: Call, voice: Voice, book: Book, situation: Situation, *, offer: Offer) -> None:
        self._call = call
        self._voice = voice
        self._book = book
        self._now = situation
        self._offer = offer
        self._began = time.monotonic()
        self.steps = 0

    @property
    def ms(self) -> int:
        """How long the dialogue lasts until now."""
        return int((time.monotonic() - self._began) * 1000)

    async def listen(self, menu: Menu, sounds: Sequence[str], *, seconds: float, spare: float = 0.0) -> Heard:
        keys = self._offer.keys(menu.id)
        if self._now.waiting and not self._now.speech:
            # Music is better than listening to nobody: a key of the music does the same.
            key = await self._call.say(sounds, keys=keys)
            return Heard(how=How.KEY, key=key) if key else Heard(how=How.SILENCE)
        return await self._call.hear(sounds, grammar(menu.id), keys=keys, seconds=seconds, spare=spare)

    async def judge(self, menu: Menu, heard: Heard) -> Answer:
        """Return what was meant, asking if need be."""
        self.steps += 1
        step = self.steps
        answer = await self._meant(menu, heard)
        await self._call.record(
            "menu_step",
            menu=menu.id,
            version=self._book.version,
            step=step,
            choice=answer.choice.name if answer.choice else "",
            mode={How.KEY: "key", How.SILENCE: "none"}.get(heard.how, "speech"),
            outcome=answer.outcome,
            score=heard.score,
            ms=self.ms,
        )
        return answer

    async def _meant(self, menu: Menu, heard: Heard) -> Answer:
        if heard.how is How.SILENCE:
            return Answer(Outcome.SILENCE)
        if heard.how is How.KEY:
            return Answer(Outcome.ACCEPTED, self._offer.by_key(menu.id, heard.key))
        said = self._offer.by_words(menu, heard.words) if heard.how is How.SPEECH else None
        if said is None or heard.score < self._book.confirm:
            return Answer(Outcome.UNKNOWN)
        sure = heard.score >= self._book.accept or said.action in NEVER_ASKED
        if sure and not said.confirm:
            return Answer(Outcome.ACCEPTED, said)
        return await self._confirmed(said)

    async def _confirmed(self, choice: Choice) -> Answer:
        """Ask 您要…，对吗 once. Whoever says no chooses again; without an answer a person asks."""
        title = await self._voice.say(choice.title) if choice.title else []
        if not title:
            return Answer(Outcome.UNKNOWN)
        asked = ["menu-you-want", *title, "menu-right"]
        heard = await self._call.hear(asked, YES_NO, keys=YES + NO + PERSON_KEY)
        means = intent_of(YES_NO, heard.words) if heard.how is How.SPEECH else heard.key
        match means:
            case "1" | "yes":
                return Answer(Outcome.CONFIRMED, choice)
            case "2" | "no":
                return Answer(Outcome.DENIED)
            case "0" | "person":
                return Answer(Outcome.ACCEPTED, PERSON)
        return Answer(Outcome.UNSURE)
