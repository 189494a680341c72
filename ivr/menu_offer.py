"""What of the menus is offered to one caller now, and by which sounds it is said."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cases.calendar import WorkCalendar
from ivr.call import Voice
from ivr.menu import PERSON_KEY, Action, Book, Choice, Menu, Piece
from ivr.menu_times import offered, times_hold
from ivr.sound import BadSound

PERSON = Choice(name="person", action=Action.PERSON, key=PERSON_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """In which a menu is played."""

    at: datetime
    calendar: WorkCalendar
    speech: bool = False
    """Somebody listens, so it is worth while to say that one may speak."""
    waiting: bool = False
    """The caller is in the line: a person comes of himself."""
    holds: frozenset[str] = frozenset()
    """Which conditions beside the times of the file hold now."""
    without: frozenset[Action] = frozenset()
    """What makes no difference to this caller now, or leads nowhere."""


class Offer:
    """The menus of one book, as one caller meets them."""

    def __init__(self, voice: Voice, book: Book, situation: Situation) -> None:
        self._voice = voice
        self._book = book
        self._now = situation

    def choices(self, name: str) -> list[Choice]:
        """Return what of a menu is offered now; of two with one key, the first."""
        menu = self._book.menus.get(name)
        found: dict[str, Choice] = {}
        for choice in menu.choices if menu else ():
            if choice.action not in self._now.without and offered(choice, self._holds):
                found.setdefault(choice.key or choice.name, choice)
        return list(found.values())

    def keys(self, name: str) -> str:
        """Return the keys that do something. 0 is among them, whatever the file says."""
        return "".join(dict.fromkeys([*(choice.key for choice in self.choices(name)), PERSON_KEY]))

    def by_key(self, name: str, key: str) -> Choice:
        return next((choice for choice in self.choices(name) if choice.key == key), PERSON)

    def by_words(self, menu: Menu, words: str) -> Choice | None:
        """Return what the words choose: a person, where that is not offered now; None for no phrase of the menu."""
        for choice in self.choices(menu.id):
            if words in choice.phrases:
                return choice
        return PERSON if words in menu.phrases else None

    async def words(self, menu: Menu) -> list[str]:
        """Say only what is offered now. Whoever waits for a person need not be offered one."""
        offers = [
            piece
            for choice in self.choices(menu.id)
            if not (self._now.waiting and choice.action is Action.PERSON)
            for piece in choice.offer
        ]
        hint = menu.hint if self._now.speech else ()
        return await self.sounds([*menu.opening, *hint, *offers, *menu.closing])

    async def sounds(self, pieces: Sequence[Piece]) -> list[str]:
        """Return the sounds of all pieces; what cannot be spoken is left out."""
        return [sound for each in await asyncio.gather(*map(self._sound, pieces)) for sound in each]

    async def _sound(self, piece: Piece) -> list[str]:
        if piece.prompt:
            return [piece.prompt]
        if piece.recording:
            with suppress(BadSound, OSError):
                return await self._voice.recorded(piece.digest, lambda: _read(piece.recording))
        return await self._voice.say(piece.text) if piece.text else []

    def _holds(self, name: str) -> bool:
        times = self._book.times.get(name)
        return times_hold(times, self._now.calendar, self._now.at) if times else name in self._now.holds


async def _read(path: str) -> bytes:
    return await asyncio.to_thread(Path(path).read_bytes)
