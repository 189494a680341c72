"""The voice menus as data: what is said, which keys and phrases lead where, and when. Values only.

`ivr.menu_text` reads them from the file that a city edits, `ivr.menu_check` judges them, `ivr.menu_run` plays them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from routing.rules import Hours

WAITING, MAIN = "waiting", "main"
"""The menus that a call comes to by itself: while it waits in the line, and before it."""

PERSON_KEY = "0"
ENGLISH = "en"
"""The language that the choice `english` asks for, as the rules of the line name it."""


class BadMenu(Exception):
    """What is wrong with a menu file, in words for the person who wrote it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Profile(StrEnum):
    """What a caller comes to first: a person, or the menu `main`."""

    DIRECT = "direct"
    MENU_FIRST = "menu-first"


class Action(StrEnum):
    """What a choice does."""

    PERSON = "person"  # with a skill, a language or a priority, where the choice has one
    STATUS = "status"
    CALLBACK = "callback"
    MESSAGE = "message"
    EVENT = "event"  # what is known of the events that are on, and the key to be added to one
    SAY = "say"  # information, and the menu again
    MENU = "menu"
    ENGLISH = "english"
    DIALECT = "dialect"
    ENTERPRISE = "enterprise"
    URGENT = "urgent"  # the emergency numbers, and a person before everybody else
    END = "end"


NEVER_ASKED = frozenset({Action.PERSON, Action.URGENT})
"""No question is asked before these: whoever was misheard tells it to a person, and key 0 does the same."""

EVENT, LONG_WAIT = "event", "long-wait"
CONDITIONS = frozenset({EVENT, LONG_WAIT})
"""What a choice may depend on beside the times that the file names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something that is said: a prompt of the list, a recording of the city's, or words spoken live."""

    prompt: str = ""
    text: str = ""
    """Also what is said instead of a recording that cannot be played."""
    recording: str = ""
    """The absolute path of a WAV file beside the menu file."""
    digest: str = ""
    """Of the recording, as it was when the file was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When something holds: hours of a day, office hours of a class of units, less some dates."""

    hours: tuple[Hours, ...] = ()
    office: str = ""
    closed: tuple[str, ...] = ()
    """Dates and spans of dates, `2026-12-31` or `2026-12-30~2027-01-02`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing a caller can choose, by a key or by any of the phrases."""

    name: str
    action: Action
    key: str = ""
    phrases: tuple[str, ...] = ()
    title: str = ""
    """What the caller is asked to confirm: 您要…，对吗。"""
    offer: tuple[Piece, ...] = ()
    """Said to offer it; a choice that is not offered now is not named either."""
    say: tuple[Piece, ...] = ()
    confirm: bool = False
    """Ask in any case, however sure the recognition is. A key is never asked about."""
    to: str = ""
    """The menu that comes next."""
    skill: str = ""
    language: str = ""
    priority: int = 0
    when: tuple[str, ...] = ()
    """Offered only while all of these hold …"""
    unless: tuple[str, ...] = ()
    """… and none of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """What is said, and what can be chosen."""

    id: str
    choices: tuple[Choice, ...]
    opening: tuple[Piece, ...] = ()
    hint: tuple[Piece, ...] = ()
    """That one may simply speak; said only while somebody listens."""
    closing: tuple[Piece, ...] = ()
    seconds: float = 5.0
    """How long an answer is waited for after the last word."""

    @property
    def phrases(self) -> tuple[str, ...]:
        """Every phrase, also of what is not offered now: a caller who says it comes to a person."""
        return tuple(sorted({phrase for choice in self.choices for phrase in choice.phrases}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All menus of a city, as one version of its file has them."""

    version: str
    profile: Profile
    menus: Mapping[str, Menu]
    times: Mapping[str, Times] = field(default_factory=dict)
    languages: tuple[str, ...] = ("zh",)
    accept: int = 70
    """Words heard as surely as this, of a hundred, are taken as said."""
    confirm: int = 45
    """Words heard as surely as this are asked about; below it they count as not understood."""

    def grammars(self) -> dict[str, tuple[str, ...]]:
        """Return the phrases to listen for, by the name under which the speech service is asked for them."""
        return {grammar(menu.id): menu.phrases for menu in self.menus.values()}

    def choice_of(self, menu: str, words: str) -> Choice | None:
        """Return what the words choose in this menu."""
        found = self.menus.get(menu)
        return next((each for each in found.choices if words in each.phrases), None) if found else None


def grammar(menu: str) -> str:
    return f"menu:{menu}"
