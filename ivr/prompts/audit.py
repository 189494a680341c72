"""Names the sounds that Asterisk itself is told to play and that are not there.

What our own programs say is in the list, and that the list is voiced whole is what `check` asks; what a city's menus say
is judged by `ivr.menu_check`. Asterisk answers a missing file by falling to English or by ending the dialogue.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from ivr.prompts import check
from ivr.prompts.check import Fault

_COMMENT = re.compile(r"(?m)^\s*;.*$|(?<=\s);.*$")
_OURS = re.compile(r"\b(?:hotline|digits|hold)/[a-z0-9][\w-]*\b(?!/)")
_PLAYED = re.compile(r"\b(?:Playback|BackGround|Background|Read|ControlPlayback)\(([^),]*)")


def audit(folder: Path, confs: Iterable[Path]) -> list[Fault]:
    """Return what a caller would hear in English or not at all, with the file that plays it."""
    there = check.names_in(folder)
    return [
        Fault(name, f"is played by {conf.name} and is not there")
        for conf in confs
        for name in sorted(played(conf.read_text("utf-8")))
        if name not in there
    ]


def played(conf: str) -> frozenset[str]:
    """Return the sounds that a file of Asterisk's configuration names."""
    text = _COMMENT.sub("", conf)
    listed = (name for group in _PLAYED.findall(text) for name in re.split(r"[&?:]", group))
    # A sound that is put together from variables is looked at where they are set.
    plain = {name for name in listed if re.fullmatch(r"[\w/-]+", name)}
    return frozenset(plain | set(_OURS.findall(text)))
