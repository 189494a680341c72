"""Plays the voice menus to a caller: keys always win, what is not sure is asked about, and nobody is kept from a person.

Silence, two things not understood, or eight steps without an end lead to a person. So does 0, whatever the file says.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ivr.call import Call, Heard, How, HungUp, Voice
from ivr.menu import ENGLISH, PERSON_KEY, Action, Book, Choice, Menu, grammar
from ivr.menu_hear import Ear
from ivr.menu_offer import PERSON, Offer, Situation
from ivr.route import Route
from ivr.wanted import Want
from routing.rules import EMERGENCY

TRIES: Final = 2
MOST_STEPS: Final = 8
HEARINGS: Final = 3  # of one piece of information
SPARE_SECONDS: Final = 0.6
"""So long a word does not cut a legal notice short: a cough or the caller's own radio would."""
AFTER_NOTICE_SECONDS: Final = 0.3
AGAIN: Final = "1"

_ROUTES: Final = {
    Action.STATUS: Route.STATUS,
    Action.CALLBACK: Route.CALLBACK,
    Action.MESSAGE: Route.MESSAGE,
    Action.ENTERPRISE: Route.ENTERPRISE,
    Action.DIALECT: Route.DIALECT,
    Action.END: Route.END,
}

Wanted = Callable[[Want], Awaitable[None]]
"""Lets whoever chooses a seat know it from now on, also if the caller is in the line already. Must not fail."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where the call goes from a menu."""

    route: Route
    choice: str = ""
    event: bool = False
    """First he wants to hear what is known of the events that are on."""


class Dialogue:
    """One caller in the menus of one book."""

    def __init__(self, call: Call, voice: Voice, book: Book, situation: Situation, *, wanted: Wanted) -> None:
        self._call = call
        self._book = book
        self._now = situation
        self._wanted = wanted
        self._offer = Offer(voice, book, situation)
        self._ear = Ear(call, voice, book, situation, offer=self._offer)
        self._failures = 0
        self._menu = self._choice = ""

    async def notice(self, sounds: Sequence[str], name: str, *, again: Sequence[str] = ()) -> Choice | None:
        """Play a notice; return what of the menu a caller chose who could not wait.

        What of it the law wants is said `again` to whoever cut it short. Who listens has not failed to answer anything.
        """
        menu = self._book.menus[name]
        heard = await self._ear.listen(menu, sounds, seconds=AFTER_NOTICE_SECONDS, spare=SPARE_SECONDS)
        if heard.how is How.SILENCE:
            return None
        if again:
            await self._call.say(again)
        return (await self._ear.judge(menu, heard)).choice

    async def run(self, name: str, *, before: Sequence[str] = (), chosen: Choice | None = None) -> Way:
        """Play a menu, and whatever it leads to; `before` is said first, `chosen` was chosen already."""
        menu = self._enter(name)
        if (
            self._now.waiting
            and not before
            and chosen is None
            and not (menu and await self._offer.words(menu))
        ):
            return Way(Route.LINE)
        try:
            way = await self._play(menu, before, chosen)
        except HungUp:
            with suppress(HungUp):
                await self._left("hang_up")
            raise
        await self._left(way.route)
        return way

    async def keys(self, name: str, sounds: Sequence[str]) -> Way:
        """Say the sounds and nothing of the menu; its keys work all the same."""
        key = await self._call.say(sounds, keys=self._offer.keys(name)) if sounds else ""
        return await self.press(name, key)

    async def press(self, name: str, key: str) -> Way:
        """Do what a key of the menu does that was pressed already; nothing, if it is none of them."""
        menu = self._book.menus.get(name)
        if menu is None or not key or key not in self._offer.keys(name):
            return Way(Route.LINE)
        answer = await self._ear.judge(menu, Heard(how=How.KEY, key=key))
        return await self.run(name, chosen=answer.choice)

    def _enter(self, name: str) -> Menu | None:
        self._menu = name
        return self._book.menus.get(name)

    async def _play(self, menu: Menu | None, before: Sequence[str], chosen: Choice | None) -> Way:
        sounds = [*before]
        if menu is None and sounds:
            await self._call.say(sounds)
        while menu is not None and self._failures < TRIES and self._ear.steps < MOST_STEPS:
            if chosen is None:
                said = [*sounds, *await self._offer.words(menu)]
                answer = await self._ear.judge(menu, await self._ear.listen(menu, said, seconds=menu.seconds))
                if answer.ends:
                    break
                chosen = answer.choice
                sounds = [] if chosen else ["menu-again"]
                self._failures += chosen is None
            elif chosen.action is Action.MENU:
                menu, chosen = self._enter(chosen.to), None
            elif chosen.action is Action.SAY:
                chosen, sounds = await self._inform(menu, chosen), ["menu-again"]
            else:
                return await self._go(chosen)
        return await self._go(PERSON)

    async def _inform(self, menu: Menu, choice: Choice) -> Choice | None:
        """Tell what was asked for; return what the caller chooses after it, None for something not understood."""
        words = await self._offer.sounds(choice.say)
        if not words:
            return PERSON
        # Served without a person: nobody owes him a call because he hangs up here.
        await self._call.record("self_service", result="heard", menu=menu.id, choice=choice.name)
        ways = ["repeat-key"] if self._now.waiting else ["repeat-key", "person-key", "or-hang-up"]
        for _ in range(HEARINGS):
            heard = await self._call.hear(
                [*words, *ways], grammar(menu.id), keys=AGAIN + PERSON_KEY, seconds=menu.seconds
            )
            if heard.how is How.KEY and heard.key == AGAIN:
                continue
            if heard.how is How.KEY:
                break
            answer = await self._ear.judge(menu, heard)
            self._failures += answer.choice is None and not answer.ends
            return PERSON if answer.ends else answer.choice
        return PERSON

    async def _go(self, choice: Choice) -> Way:
        """Tell the engine first: who is in the line may be taken while he hears the rest."""
        self._choice = choice.name
        want = _wanted(choice)
        if want != Want():
            await self._wanted(want)
        words = [*await self._offer.sounds(choice.say), *self._farewell(choice)]
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

    async def _left(self, to: str) -> None:
        await self._call.record(
            "menu_left",
            menu=self._menu,
            version=self._book.version,
            to=to,
            choice=self._choice,
            steps=self._ear.steps,
            failures=self._failures,
            ms=self._ear.ms,
            profile=self._book.profile,
            where="waiting" if self._now.waiting else "main",
        )


def _wanted(choice: Choice) -> Want:
    match choice.action:
        case Action.URGENT:
            return Want(choice.skill, choice.language, EMERGENCY)
        case Action.ENGLISH:
            return Want(choice.skill, choice.language or ENGLISH, choice.priority)
        case Action.PERSON:
            return Want(choice.skill, choice.language, choice.priority)
    return Want()
