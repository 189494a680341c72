"""Follows every path a caller can take and names the sounds that are not there: what the exchange is told to play, and
what a city's menus say.

What our own programs say is in the list; that the list is voiced whole is what `check` asks. Asterisk answers a missing
file by falling to English or by ending the dialogue, so nothing is let in before both have found nothing.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ivr import pinyin, sound, spoken
from ivr.menu import Book, Choice, Piece
from ivr.prompts import check, words
from ivr.prompts.check import Fault

_COMMENT = re.compile(r"(?m)^\s*;.*$|(?<=\s);.*$")
_OURS = re.compile(r"\b(?:hotline|digits|hold)/[a-z0-9][\w-]*\b(?!/)")
_PLAYED = re.compile(r"\b(?:Playback|BackGround|Background|Read|ControlPlayback)\(([^),]*)")


def audit(folder: Path, confs: Iterable[Path], book: Book) -> list[Fault]:
    """Return what a caller would hear in English or not at all, with the place that names it."""
    there = check.names_in(folder)
    found = [
        Fault(name, f"is played by {conf.name} and is not there")
        for conf in confs
        for name in sorted(played(conf.read_text("utf-8")))
        if name not in there
    ]
    return found + [Fault(place, why) for place, piece in pieces(book) for why in _wrong_with(piece, there)]


def played(conf: str) -> frozenset[str]:
    """Return the sounds that a file of Asterisk's configuration names."""
    text = _COMMENT.sub("", conf)
    listed = (name for group in _PLAYED.findall(text) for name in re.split(r"[&?:]", group))
    # A sound that is put together from variables is looked at where they are set.
    plain = {name for name in listed if re.fullmatch(r"[\w/-]+", name)}
    return frozenset(plain | set(_OURS.findall(text)))


def pieces(book: Book) -> Iterator[tuple[str, Piece]]:
    """Give everything the menus say, with the place in the file where it stands."""
    for menu in book.menus.values():
        for part in ("opening", "hint", "closing"):
            for piece in getattr(menu, part):
                yield f"menu {menu.id}, {part}", piece
        for choice in menu.choices:
            yield from _of_choice(menu.id, choice)


def _of_choice(menu: str, choice: Choice) -> Iterator[tuple[str, Piece]]:
    for part in ("offer", "say"):
        for piece in getattr(choice, part):
            yield f"menu {menu}, {choice.name}, {part}", piece
    if choice.title:
        yield f"menu {menu}, {choice.name}, title", Piece(text=choice.title)


def _wrong_with(piece: Piece, there: frozenset[str]) -> Iterator[str]:
    if piece.prompt and words.full_name(piece.prompt) not in there:
        yield f"says the prompt {piece.prompt}, which is not there"
    if piece.recording:
        yield from _wrong_recording(Path(piece.recording))
    if piece.text and not pinyin.SYLLABLE.search(pinyin.of(spoken.as_spoken(piece.text))):
        yield f"says {piece.text[:40]!r}, of which nothing can be spoken"


def _wrong_recording(path: Path) -> Iterator[str]:
    try:
        samples = sound.read(path)
    except sound.BadSound as error:
        yield f"plays {path.name}, which {error}"
        return
    yield from (
        f"plays {path.name}, which {fault}" for fault in check.recording_faults(samples, shortest=0.3)
    )
