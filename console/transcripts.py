"""通话文字草稿: what the speech service hears in talks, for the agent who has the citizen on the line.

The words are in memory for the desk, and whole sentences in the store. Nothing of them is ever logged. A call whose case is
filed as confidential loses all of it at once, and is listened to no more.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from aiohttp import web

from cases.transcripts import Party, Said
from console.parts import PARTS, Parts
from console.writing import epoch_ms
from routing.live import node_of
from storage import transcripts
from storage.errors import StoreDown

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 2.0
FORGET_SECONDS: Final = 3600.0
AGAIN_SECONDS: Final = 1.0
LATELY: Final = timedelta(days=1)
REMEMBERED_SECONDS: Final = 900.0
"""So long after the last word a desk that wraps up may show it again."""
MOST_UNKEPT: Final = 5_000
AT_ONCE: Final = 100
LONGEST_ID: Final = 64
LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Word:
    """One message of the speech service: half a sentence, or with `said` a whole one."""

    call: str
    party: Party
    text: str
    said: Said | None = None
    ear: str = ""
    """Which channel of Asterisk's heard it."""


@dataclass(slots=True)
class Draft:
    """What is known of one talk so far."""

    lines: list[Said] = field(default_factory=list)
    partial: dict[Party, str] = field(default_factory=dict)
    stopped: bool = False
    read: bool = False
    """What the store has is among the lines."""
    ears: dict[Party, list[str]] = field(default_factory=dict)
    """Who has heard it, the newest last: a process that was started again, or leads now, listens anew."""
    edition: int = 0
    """Changes when a line came in before others: pages need all of them again."""
    heard_at: float = field(default_factory=time.monotonic)

    def is_newest(self, word: Word) -> bool:
        """Tell whether the word comes from who listens now; another ear hears the same a second time."""
        ears = self.ears.setdefault(word.party, [])
        if word.ear not in ears:
            ears.append(word.ear)
        return ears[-1] == word.ear

    def takes(self, kept: list[Said]) -> bool:
        """Take in what is in the store and not here; tell whether there was any."""
        known = {(one.party, one.at) for one in self.lines}
        new = [one for one in kept if (one.party, one.at) not in known]
        if new and not self.stopped:
            self.lines = sorted([*self.lines, *new], key=lambda one: (one.at, one.party))
            self.edition += 1
            self.heard_at = time.monotonic()
        return bool(new)


def read_word(message: Mapping[str, Any]) -> Word:
    """Understand a message. Raises ValueError, TypeError or KeyError if it is none."""
    call, party, text = str(message["call"]), Party(message["party"]), str(message["text"])[:LONGEST]
    ear = str(message.get("ear", ""))[:LONGEST_ID]
    if not 0 < len(call) <= LONGEST_ID:
        raise ValueError("not a call")
    if message["kind"] != "final":
        return Word(call, party, text, ear=ear)
    at = datetime.fromtimestamp(float(message["at"]), UTC)
    score = min(1.0, max(0.0, float(message["score"])))
    return Word(call, party, text, Said(party, at, float(message["seconds"]), text, score), ear)


class Transcripts:
    """The drafts of the talks that go on, and of those that have just ended."""

    def __init__(self, parts: Parts, keep_for: timedelta) -> None:
        self._parts = parts
        self._keep_for = keep_for
        self._drafts: dict[str, Draft] = {}
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._unkept: asyncio.Queue[tuple[str, Said]] = asyncio.Queue(MOST_UNKEPT)
        self.tell_stop: Callable[[str], Awaitable[None]] | None = None

    def of(self, call: str) -> Draft | None:
        return self._drafts.get(call)

    @contextlib.contextmanager
    def following(self, seat: str) -> Iterator[asyncio.Event]:
        """Return what is set whenever there is something new for the seat."""
        event = asyncio.Event()
        followers = self._followers.setdefault(seat, set())
        followers.add(event)
        try:
            yield event
        finally:
            followers.discard(event)
            if not followers:
                self._followers.pop(seat, None)

    def hear(self, word: Word, seat: str) -> bool:
        """Take a word in for the seat that has the call; False if that ear must not listen."""
        draft = self._drafts.setdefault(word.call, Draft())
        if draft.stopped or not draft.is_newest(word):
            return False
        draft.heard_at = time.monotonic()
        if self._is_dictated(word):
            draft.partial[word.party] = ""
            return True
        draft.partial[word.party] = "" if word.said else word.text
        if word.said is not None and len(draft.lines) < transcripts.MOST_LINES:
            draft.lines.append(word.said)
            if self._unkept.full():
                log.warning("the store is behind: a sentence of call %s is not kept", word.call)
            else:
                self._unkept.put_nowait((word.call, word.said))
        self.wake(seat)
        return True

    def _is_dictated(self, word: Word) -> bool:
        """Tell whether it was said while the recording was paused: then nothing of it is written down either."""
        unrecorded = self._parts.engine.unrecorded
        if word.said is None:
            return unrecorded.of(word.call) is not None
        ended = word.said.at + timedelta(seconds=word.said.seconds)
        return unrecorded.covers(word.call, word.said.at, ended)

    def wake(self, seat: str) -> None:
        for event in self._followers.get(seat, ()):
            event.set()

    async def look(self, calls: Collection[str]) -> None:
        """Stop those of these calls whose case has become confidential; while the store is away, it is looked again."""
        known = [call for call in calls if call in self._drafts and not self._drafts[call].stopped]
        if not known:
            return
        with contextlib.suppress(StoreDown):
            for call in await self._parts.store.read(lambda conn: transcripts.confidential(conn, known)):
                await self._stop(call)

    async def run(self) -> None:
        """Keep sentences, look after confidential cases and delete what is old, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep())
            tasks.create_task(self._look_after())
            tasks.create_task(self._forget())

    async def _stop(self, call: str) -> None:
        draft = self._drafts.setdefault(call, Draft())
        draft.stopped = True
        draft.lines.clear()
        draft.partial.clear()
        log.info("call %s is not written down: its case is confidential", call)
        for seat in [*self._followers]:
            self.wake(seat)
        if self.tell_stop is not None:
            await self.tell_stop(call)

    async def _keep(self) -> None:
        while True:
            first = await self._unkept.get()
            rest = [self._unkept.get_nowait() for _ in range(min(AT_ONCE, self._unkept.qsize()))]
            by_call: dict[str, list[Said]] = {}
            for call, said in (first, *rest):
                by_call.setdefault(call, []).append(said)
            for call, lines in by_call.items():
                await self._keep_call(call, lines)

    async def _keep_call(self, call: str, lines: list[Said]) -> None:
        while True:
            try:
                kept = await self._parts.store.write(
                    lambda conn: transcripts.keep_said(conn, call, lines), retryable=True
                )
            except StoreDown as down:
                log.warning("what was said in call %s waits for the store: %s", call, down)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            if not kept:
                await self._stop(call)
            return

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            old = time.monotonic() - REMEMBERED_SECONDS
            for call in [call for call, draft in self._drafts.items() if draft.heard_at < old]:
                if call not in self._parts.engine.line.talks:
                    del self._drafts[call]
            await self.look([*self._drafts])
            with contextlib.suppress(StoreDown):
                await self._read_kept()

    async def _read_kept(self) -> None:
        """Read from the store what was not heard here: by another node, or by the process that was here before."""
        for talk in [each for each in self._parts.engine.line.talks.values() if each.seat in self._followers]:
            draft = self._drafts.get(talk.call)
            heard_here = self._parts.settings.node in ("", node_of(talk.call))
            if heard_here and (draft is None or draft.read):
                continue
            if draft is not None and draft.stopped:
                continue
            kept = await self._parts.store.read(partial(transcripts.of_call, call=talk.call))
            draft = self._drafts.setdefault(talk.call, Draft())
            draft.read = True
            if draft.takes(kept):
                self.wake(talk.seat)

    async def _forget(self) -> None:
        while True:
            now, store = self._parts.now(), self._parts.store
            with contextlib.suppress(StoreDown):
                gone = await store.write(partial(transcripts.forget_old, before=now - self._keep_for))
                gone += await store.write(partial(transcripts.forget_confidential, since=now - LATELY))
                if gone:
                    log.info("%d sentences of drafts are deleted", gone)
            await asyncio.sleep(FORGET_SECONDS)


def shown(draft: Draft, first: int) -> dict[str, Any]:
    """Return what a desk is told: the lines from this one on, and what is being said."""
    return {
        "first": first,
        "lines": [
            {"party": one.party.value, "text": one.text, "at": epoch_ms(one.at), "score": round(one.score, 2)}
            for one in draft.lines[first:]
        ],
        "partial": {party.value: text for party, text in draft.partial.items() if text},
        "stopped": draft.stopped,
    }


TRANSCRIPTS = web.AppKey("transcripts", Transcripts)


def set_up(app: web.Application) -> None:
    parts = app[PARTS]
    app[TRANSCRIPTS] = Transcripts(parts, timedelta(days=parts.settings.transcript_days))
