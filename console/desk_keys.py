"""The keys of the desk: which action has which, what an agent may choose instead, and which choices are refused.

The page takes its keys from here, so that what is refused and what is bound are one list. Keys that belong to an input
method (Ctrl+Space, Shift+Space, Ctrl+., Ctrl+Shift with a letter) or that no page can take from a browser are never given.
"""

import re
from collections.abc import Mapping
from typing import Final

from storage.errors import Invalid

DEFAULTS: Final[Mapping[str, str]] = {
    "answer": "F2",
    "survey": "F3",
    "help": "F4",
    "mute": "F6",
    "hold": "F7",
    "transfer": "F8",
    "three_way": "F9",
    "pad": "F10",
    "recording": "Alt+P",
    "ready": "Alt+R",
    "break": "Alt+J",
    "ring_out": "Alt+B",
    "message": "Alt+Y",
    "save": "Ctrl+S",
    "dispatch": "Ctrl+Enter",
    "answered": "Ctrl+Shift+Enter",
    "category_1": "Alt+1",
    "category_2": "Alt+2",
    "category_3": "Alt+3",
    "unit_1": "Alt+Q",
    "unit_2": "Alt+W",
    "unit_3": "Alt+E",
    "merge": "Alt+M",
    "place": "Alt+A",
    "knowledge": "Alt+K",
    "find": "Ctrl+K",
    "summary": "Alt+0",
    "last_words": "Alt+9",
    "keys": "?",
}
_FREE: Final = re.compile(
    r"F(?:[1-4]|[6-9]|10)|Alt\+[A-Z0-9]|Ctrl\+[BDEGHIJKLMOPSU]|(?:Ctrl\+(?:Shift\+)?|Alt\+)Enter"
)
"""F5 reloads, F11 and F12 are the browser's, and so are most letters with Ctrl."""
PREFIX: Final = "key."


def keys_of(kept: Mapping[str, str]) -> dict[str, str]:
    """Return all actions with the keys they have for somebody who has kept these.

    What somebody chose before an action was new stays theirs: then the new one has no key until they give it one.
    """
    chosen = {action: kept[PREFIX + action] for action in DEFAULTS if kept.get(PREFIX + action)}
    taken = set(chosen.values())
    return {
        action: chosen.get(action) or ("" if usual in taken else usual) for action, usual in DEFAULTS.items()
    }


def remapped(now: Mapping[str, str], action: str, chord: str) -> dict[str, str]:
    """Return the keys after one was given to one action; raise Invalid for what is not free, not known or not possible."""
    if action not in DEFAULTS:
        raise Invalid({"action": "没有这项操作 (no such action)"})
    if not _FREE.fullmatch(chord) and chord != DEFAULTS[action]:
        raise Invalid({"key": "keys.not_possible"})
    taken = next((other for other, has in now.items() if has == chord and other != action), None)
    if taken is not None:
        raise Invalid({"key": "keys.taken", "by": taken})
    return {**now, action: chord}


def kept_of(keys: Mapping[str, str]) -> dict[str, str]:
    """Return what is kept of these keys: nothing where they are the usual ones."""
    return {PREFIX + action: "" if chord == DEFAULTS[action] else chord for action, chord in keys.items()}
