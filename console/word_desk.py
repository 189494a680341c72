"""What is said in a talk, told to the desk of the seat that has it."""

import asyncio
from typing import Final

from console.desks import DESKS, Desk
from console.transcripts import TRANSCRIPTS, shown
from console.view import call_at

AT_MOST_EVERY: Final = 0.2
"""Seconds: nobody reads faster, and half sentences come by the dozen."""


async def deliver_words(desk: Desk) -> None:
    """Tell the page what is new in the draft of its call, whenever there is something."""
    transcripts = desk.request.app[TRANSCRIPTS]
    call, edition, told = "", 0, 0
    with transcripts.following(desk.seat) as news:
        news.set()  # a page that was loaded again in mid-talk is told all of it
        while True:
            await news.wait()
            news.clear()
            one = call_at(desk.parts.engine, desk.seat) or desk.request.app[DESKS].last.get(desk.seat)
            draft = transcripts.of(one.id) if one is not None else None
            if one is None or draft is None:
                continue
            if (one.id, draft.edition) != (call, edition) or draft.stopped:
                call, edition, told = one.id, draft.edition, 0
            content = shown(draft, told)
            if await desk.tell("words", call=call, **content):
                told += len(content["lines"])
            await asyncio.sleep(AT_MOST_EVERY)
