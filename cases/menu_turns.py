"""What a caller did at each question of the voice menus, and where he went from each menu. Pure: from a call's lines.

A *turn* is one listening: a question was spoken, and a key, words, something unknown or nothing came. The words are
in no line. The last turn of a visit to a menu says where the caller went.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cases.call_facts import Fact
from cases.call_parts import TALKING, Segment, SegmentKind

MENU: Final = "menu:"
"""The grammar of a menu begins so; all others belong to questions that are the same in every city."""
PERSON, HANG_UP, NEXT_MENU = "person", "hang_up", "menu"
LONGEST_NAME = 64

_ON_THE_WAY = TALKING | {SegmentKind.QUEUED, SegmentKind.RINGING}
_ASKED, _STEP, _LEFT = "HOTLINE_MENU", "HOTLINE_MENU_STEP", "HOTLINE_MENU_LEFT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One listening."""

    at: datetime
    grammar: str  # `menu:<id>`, or the name of a fixed one: digits, yes_no, …
    version: str = ""  # of the menu file; '' for a fixed grammar
    mode: str = ""  # key, speech, none
    outcome: str = ""  # heard, confirmed, denied, unsure, unknown, silence, no_engine, hung_up
    choice: str = ""
    score: int = 0
    seconds: float = 0.0
    left: str = (
        ""  # where the caller went with this turn; '' while he stayed in the menu, or for a fixed grammar
    )

    @property
    def of_menu(self) -> bool:
        return self.grammar.startswith(MENU)


def turns_of(story: Sequence[Fact], segments: Sequence[Segment], *, over: bool) -> tuple[Turn, ...]:
    """Return the turns of a call in their order. `over`: the call has ended, so who is in a menu has hung up."""
    turns: list[Turn] = []
    for fact in story:
        if fact.kind == _ASKED and fact.get("grammar"):
            turns.append(_asked(fact))
        elif fact.kind == _STEP and fact.get("menu"):
            _step(turns, fact)
        elif fact.kind == _LEFT and fact.get("menu"):
            _left(turns, fact)
    onward = [segment.began_at for segment in segments if segment.kind in _ON_THE_WAY]
    settled = [_settled(turn, turns[place + 1 :], onward, over=over) for place, turn in enumerate(turns)]
    # Whoever says nothing comes to a person: if the menu went on, he has listened to a notice, and nothing was asked.
    return tuple(
        turn for turn in settled if not (turn.of_menu and turn.outcome in _NOTHING and not turn.left)
    )


def _asked(fact: Fact) -> Turn:
    grammar = fact.get("grammar")
    # What is wanted stands behind the name of a fixed grammar: digits:12.
    name = grammar if grammar.startswith(MENU) else grammar.partition(":")[0]
    return Turn(
        at=fact.at,
        grammar=name[:LONGEST_NAME],
        mode=fact.get("mode")[:LONGEST_NAME],
        outcome=fact.get("outcome")[:LONGEST_NAME],
        score=_whole(fact.get("score")),
        seconds=_whole(fact.get("ms")) / 1000,
    )


def _step(turns: list[Turn], fact: Fact) -> None:
    """Write beside the last listening of the menu what it was taken for; without one, the step is all there is."""
    place = _last_of(turns, fact)
    if place is None or turns[place].choice or turns[place].left:
        turns.append(_of_step(fact))
        return
    outcome = fact.get("outcome")[:LONGEST_NAME]
    turns[place] = replace(
        turns[place],
        version=fact.get("version")[:LONGEST_NAME],
        choice=fact.get("choice")[:LONGEST_NAME],
        outcome=_came(turns[place].outcome, outcome),
    )


def _of_step(fact: Fact) -> Turn:
    choice, outcome = fact.get("choice")[:LONGEST_NAME], fact.get("outcome")[:LONGEST_NAME]
    return Turn(
        at=fact.at,
        grammar=f"{MENU}{fact.get('menu')}"[:LONGEST_NAME],
        version=fact.get("version")[:LONGEST_NAME],
        mode=fact.get("mode")[:LONGEST_NAME],
        outcome=_came("silence", outcome),
        choice=choice,
    )


_NOTHING: Final = frozenset({"silence", "no_engine"})


def _came(of_call: str, of_menu: str) -> str:
    """Return what came of listening: the menu knows more, but not that nobody could listen to words."""
    if of_menu == "silence" and of_call in _NOTHING:
        return of_call
    return "heard" if of_menu == "accepted" else of_menu or of_call


def _left(turns: list[Turn], fact: Fact) -> None:
    place = _last_of(turns, fact)
    if place is None or turns[place].left:
        turns.append(_of_step(fact))
        place = len(turns) - 1
    version = fact.get("version")[:LONGEST_NAME] or turns[place].version
    turns[place] = replace(turns[place], version=version, left=fact.get("to")[:LONGEST_NAME])


def _last_of(turns: Sequence[Turn], fact: Fact) -> int | None:
    """Return where the last turn of this menu stands, if no other menu has come after it."""
    for place in range(len(turns) - 1, -1, -1):
        if turns[place].of_menu:
            return place if turns[place].grammar == f"{MENU}{fact.get('menu')}"[:LONGEST_NAME] else None
    return None


def _settled(turn: Turn, later: Sequence[Turn], onward: Sequence[datetime], *, over: bool) -> Turn:
    """Say where a caller went of whom no line does, or only that he was gone: a seat took him out of the menu, he came to
    another one, or he hung up.
    """
    if not turn.of_menu or turn.left not in {"", HANG_UP}:
        return turn
    following = next((other for other in later if other.of_menu), None)
    until = following.at if following else None
    if any(at > turn.at and (until is None or at < until) for at in onward):
        return replace(turn, left=PERSON)
    if turn.left:
        return turn
    if following is not None:
        return replace(turn, left=NEXT_MENU) if following.grammar != turn.grammar else turn
    return replace(turn, left=HANG_UP) if over else turn


def _whole(text: str) -> int:
    """Return a small whole number; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 7 else 0
