"""Plays the voice menus to a caller: keys always win, what is not sure is asked about, and nobody is kept from a person.

Silence, two things not understood, or eight steps without an end lead to a person. So does 0, whatever the file says.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.call import Call, Heard, How, HungUp, Voice
from ivr.menu import (
    ENGLISH,
    PERSON_KEY,
    TO_A_PERSON,
    Action,
    Book,
    Choice,
    Menu,
    Piece,
    grammar,
)
from ivr.menu_times import offered, times_hold
from ivr.route import Route
from ivr.sound import BadSound
from ivr.speech.phrases import intent_of
from ivr.wanted import Want
from routing.rules import EMERGENCY

TRIES = 2
MOST_STEPS = 8
HEARINGS = 3  # of one piece of information
SPARE_SECONDS = 0.6
"""So long a word does not cut a legal notice short: a cough or the caller's own radio would."""
AFTER_NOTICE_SECONDS = 0.3
YES_NO, YES, NO = "yes_no", "1", "2"
AGAIN = "1"

_ROUTES = {
    Action.STATUS: Route.STATUS,
    Action.CALLBACK: Route.CALLBACK,
    Action.MESSAGE: Route.MESSAGE,
    Action.ENTERPRISE: Route.ENTERPRISE,
    Action.DIALECT: Route.DIALECT,
    Action.END: Route.END,
}
_PERSON = Choice(name="person", action=Action.PERSON, key=PERSON_KEY)


Wanted = Callable[[Want], Awaitable[None]]
"""Lets whoever chooses a seat know it from now on, also if the caller is in the line already. Must not fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """In which a menu is played."""

    at: datetime
    zone: ZoneInfo
    speech: bool = False
    """Somebody listens, so it is worth while to say that one may speak."""
    waiting: bool = False
    """The caller is in the line: a person comes of himself."""
    holds: frozenset[str] = frozenset()
    """Which conditions beside the times of the file hold now."""
    without: frozenset[Action] = frozenset()
    """What makes no difference to this caller now, or leads nowhere."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where the call goes from a menu."""

    route: Route
    choice: str = ""
    event: bool = False
    """First he wants to hear what is known of the events that are on."""


class Outcome(StrEnum):
    """What came of listening once."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNSURE = "unsure"  # asked about, and the answer was none
    UNKNOWN = "unknown"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class _Answer:
    outcome: Outcome
    choice: Choice | None = None


_SILENCE, _UNKNOWN = _Answer(Outcome.SILENCE), _Answer(Outcome.UNKNOWN)


class Dialogue:
    """One caller in the menus of one book."""

    def __init__(self, call: Call, voice: Voice, book: Book, situation: Situation, *, wanted: Wanted) -> None:
        self._call = call
        self._voice = voice
        self._wanted = wanted
        self._book = book
        self._now = situation
        self._began = time.monotonic()
        self._steps = self._failures = 0
        self._menu = self._choice = ""

    async def notice(self, sounds: Sequence[str], name: str) -> Choice | None:
        """Play a notice that the law wants; return what of the menu a caller chose who could not wait.

        Who listens to it, as he should, has not failed to answer anything.
        """
        self._menu = name
        menu = self._book.menus[name]
        heard = await self._listen(menu, sounds, seconds=AFTER_NOTICE_SECONDS, spare=SPARE_SECONDS)
        return None if heard.how is How.SILENCE else (await self._judged(menu, heard)).choice

    async def run(self, name: str, *, before: Sequence[str] = (), chosen: Choice | None = None) -> Way:
        """Play a menu, and whatever it leads to; `before` is said first, `chosen` was chosen already."""
        self._menu = name
        if self._now.waiting and not before and chosen is None and not await self._spoken(name):
            return Way(Route.LINE)
        try:
            way = await self._play(self._book.menus.get(name), before, chosen)
        except HungUp:
            with suppress(HungUp):
                await self._left("hang_up")
            raise
        await self._left(way.route)
        return way

    async def keys(self, name: str, sounds: Sequence[str]) -> Way:
        """Say the sounds and nothing of the menu; its keys work all the same."""
        self._menu = name
        menu = self._book.menus.get(name)
        key = await self._call.say(sounds, keys=self._keys(menu)) if sounds and menu else ""
        return await self.press(name, key)

    async def press(self, name: str, key: str) -> Way:
        """Do what a key of the menu does that was pressed already; nothing, if it is none of them."""
        menu = self._book.menus.get(name)
        if menu is None or not key or key not in self._keys(menu):
            return Way(Route.LINE)
        answer = await self._judged(menu, Heard(how=How.KEY, key=key))
        return await self.run(name, chosen=answer.choice)

    def offers(self, name: str) -> list[Choice]:
        """Return what of a menu is offered now; of two with one key, the first."""
        menu = self._book.menus.get(name)
        found: dict[str, Choice] = {}
        for choice in menu.choices if menu else ():
            if choice.action not in self._now.without and offered(choice, self._holds):
                found.setdefault(choice.key or choice.name, choice)
        return list(found.values())

    # Going through the menus

    async def _play(self, menu: Menu | None, before: Sequence[str], chosen: Choice | None) -> Way:
        sounds = [*before]
        if menu is None and sounds:
            await self._call.say(sounds)
        while menu is not None and self._failures < TRIES and self._steps < MOST_STEPS:
            if chosen is None:
                said = [*sounds, *await self._words(menu)]
                answer = await self._judged(menu, await self._listen(menu, said, seconds=menu.seconds))
                if answer.choice is None and answer.outcome in {Outcome.SILENCE, Outcome.UNSURE}:
                    break
                chosen = answer.choice
                sounds = [] if chosen else ["menu-again"]
                self._failures += chosen is None
            elif chosen.action is Action.MENU:
                menu, chosen = self._enter(chosen.to), None
            elif chosen.action is Action.SAY:
                chosen = await self._inform(menu, chosen)
                sounds = ["menu-again"]
            else:
                return await self._go(chosen)
        return await self._go(_PERSON)

    def _enter(self, name: str) -> Menu | None:
        self._menu = name
        return self._book.menus.get(name)

    async def _go(self, choice: Choice) -> Way:
        """Tell the engine first: who is in the line may be taken while he hears the rest."""
        self._choice = choice.name
        want = _wanted(choice)
        if want != Want():
            await self._wanted(want)
        words = [*await self._sounds(choice.say), *self._farewell(choice)]
        if words:
            await self._call.say(words)
        return Way(_ROUTES.get(choice.action, Route.LINE), choice.name, event=choice.action is Action.EVENT)

    def _farewell(self, choice: Choice) -> list[str]:
        match choice.action:
            case Action.PERSON if not self._now.waiting and not choice.say:
                return ["to-person"]
            case Action.URGENT:
                return ["emergency"] if self._now.waiting else ["emergency", "to-person"]
            case Action.ENGLISH:
                return ["welcome-english"]
            case Action.END:
                return ["goodbye"]
        return []

    async def _inform(self, menu: Menu, choice: Choice) -> Choice | None:
        """Tell what was asked for; return what the caller chooses after it, None for something not understood."""
        words = await self._sounds(choice.say)
        if not words:
            return _PERSON
        # Served without a person: nobody owes him a call because he hangs up here.
        await self._call.record("self_service", result="heard", menu=menu.id, choice=choice.name)
        ways = ["repeat-key"] if self._now.waiting else ["repeat-key", "person-key", "or-hang-up"]
        for _ in range(HEARINGS):
            keys = AGAIN + PERSON_KEY
            heard = await self._call.hear([*words, *ways], grammar(menu.id), keys=keys, seconds=menu.seconds)
            if heard.how is How.KEY:
                if heard.key == AGAIN:
                    continue
                return _PERSON
            answer = await self._judged(menu, heard)
            if answer.outcome is Outcome.SILENCE:
                return _PERSON
            self._failures += answer.choice is None
            return answer.choice
        return _PERSON

    # Listening

    async def _listen(
        self, menu: Menu, sounds: Sequence[str], *, seconds: float, spare: float = 0.0
    ) -> Heard:
        keys = self._keys(menu)
        if self._now.waiting and not self._now.speech:
            # Music is better than listening to nobody: a key of the music does the same.
            key = await self._call.say(sounds, keys=keys)
            return Heard(how=How.KEY, key=key) if key else Heard(how=How.SILENCE)
        return await self._call.hear(sounds, grammar(menu.id), keys=keys, seconds=seconds, spare=spare)

    async def _judged(self, menu: Menu, heard: Heard) -> _Answer:
        began, self._steps = self._steps, self._steps + 1
        answer = await self._meant(menu, heard)
        await self._call.record(
            "menu_step",
            menu=menu.id,
            version=self._book.version,
            step=began + 1,
            choice=answer.choice.name if answer.choice else "",
            mode={How.KEY: "key", How.SILENCE: "none"}.get(heard.how, "speech"),
            outcome=answer.outcome,
            score=heard.score,
            ms=self._ms(),
        )
        return answer

    async def _meant(self, menu: Menu, heard: Heard) -> _Answer:
        if heard.how is How.SILENCE:
            return _SILENCE
        if heard.how is How.KEY:
            chosen = next((each for each in self.offers(menu.id) if each.key == heard.key), _PERSON)
            return _Answer(Outcome.ACCEPTED, chosen)
        said = self._said(menu, heard.words) if heard.how is How.SPEECH else None
        if said is None or heard.score < self._book.confirm:
            return _UNKNOWN
        sure = heard.score >= self._book.accept or said.action in TO_A_PERSON
        if sure and not said.confirm:
            return _Answer(Outcome.ACCEPTED, said)
        return await self._confirmed(said)

    def _said(self, menu: Menu, words: str) -> Choice | None:
        """Return what the words choose; a person where that is not offered now."""
        for choice in self.offers(menu.id):
            if words in choice.phrases:
                return choice
        return _PERSON if words in menu.phrases else None

    async def _confirmed(self, choice: Choice) -> _Answer:
        """Ask 您要…，对吗 once. Whoever says no chooses again; without an answer a person asks."""
        title = await self._voice.say(choice.title) if choice.title else []
        if not title:
            return _UNKNOWN
        heard = await self._call.hear(
            ["menu-you-want", *title, "menu-right"], YES_NO, keys=YES + NO + PERSON_KEY
        )
        means = intent_of(YES_NO, heard.words) if heard.how is How.SPEECH else heard.key
        match means:
            case "1" | "yes":
                return _Answer(Outcome.CONFIRMED, choice)
            case "2" | "no":
                return _Answer(Outcome.DENIED)
            case "0" | "person":
                return _Answer(Outcome.ACCEPTED, _PERSON)
        return _Answer(Outcome.UNSURE)

    # What is offered and said

    def _holds(self, name: str) -> bool:
        times = self._book.times.get(name)
        return times_hold(times, self._now.zone, self._now.at) if times else name in self._now.holds

    def _keys(self, menu: Menu | None) -> str:
        offers = self.offers(menu.id) if menu else []
        return "".join(dict.fromkeys([*(choice.key for choice in offers), PERSON_KEY]))

    async def _spoken(self, name: str) -> bool:
        menu = self._book.menus.get(name)
        return menu is not None and bool(await self._words(menu))

    async def _words(self, menu: Menu) -> list[str]:
        """Say only what is offered now. Whoever waits for a person need not be offered one."""
        offers = [
            piece
            for choice in self.offers(menu.id)
            if not (self._now.waiting and choice.action is Action.PERSON)
            for piece in choice.offer
        ]
        hint = menu.hint if self._now.speech else ()
        return await self._sounds([*menu.opening, *hint, *offers, *menu.closing])

    async def _sounds(self, pieces: Sequence[Piece]) -> list[str]:
        return [sound for piece in pieces for sound in await self._sound(piece)]

    async def _sound(self, piece: Piece) -> list[str]:
        if piece.prompt:
            return [piece.prompt]
        if piece.recording:
            with suppress(BadSound, OSError):
                return await self._voice.recorded(piece.digest, lambda: _read(piece.recording))
        return await self._voice.say(piece.text) if piece.text else []

    # Figures

    async def _left(self, to: str) -> None:
        await self._call.record(
            "menu_left",
            menu=self._menu,
            version=self._book.version,
            to=to,
            choice=self._choice,
            steps=self._steps,
            failures=self._failures,
            ms=self._ms(),
            profile=self._book.profile,
            where="waiting" if self._now.waiting else "main",
        )

    def _ms(self) -> int:
        return int((time.monotonic() - self._began) * 1000)


def _wanted(choice: Choice) -> Want:
    match choice.action:
        case Action.URGENT:
            return Want(choice.skill, choice.language, EMERGENCY)
        case Action.ENGLISH:
            return Want(choice.skill, choice.language or ENGLISH, choice.priority)
        case Action.PERSON:
            return Want(choice.skill, choice.language, choice.priority)
    return Want()


async def _read(path: str) -> bytes:
    return await asyncio.to_thread(Path(path).read_bytes)
