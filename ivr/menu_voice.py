"""Speaks the words of the menus before a caller needs them: the first one would wait for the synthesiser."""

import asyncio
from collections.abc import Callable, Iterator
from typing import NoReturn

from ivr.call import Voice
from ivr.menu import Book

LOOK_SECONDS = 2.0


async def keep_spoken(voice: Voice, menus: Callable[[], Book], *, seconds: float = LOOK_SECONDS) -> NoReturn:
    """Speak all words, and again whenever other menus are in force. One at a time: callers go first."""
    spoken: Book | None = None
    while True:
        book = menus()
        if book is not spoken:
            spoken = book
            for text in dict.fromkeys(texts(book)):
                await voice.say(text)
        await asyncio.sleep(seconds)


def texts(book: Book) -> Iterator[str]:
    """Give all that is spoken live: what is said, and what is asked about."""
    for menu in book.menus.values():
        pieces = [*menu.opening, *menu.hint, *menu.closing]
        for choice in menu.choices:
            pieces += [*choice.offer, *choice.say]
            if choice.title:
                yield choice.title
        yield from (piece.text for piece in pieces if piece.text)
