"""What suggestions are made of, in memory: the newest cases, who had them in the end, the directory, and the model.

It is filled after the start, little by little, and follows what comes in. Until then, and whenever the store is away,
there is less to suggest; nothing waits for it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from cases.guessing import Model, saying
from cases.likeness import MOST, Known, Like, Likeness, alike, pairs
from cases.suggesting import (
    SHOWN,
    Areas,
    Before,
    Matters,
    Proposal,
    Resemblance,
    propose_matters,
    propose_units,
)
from console.parts import PARTS
from storage import suggestion_rows as rows
from storage import suggestions, units
from storage.engine import Store
from storage.errors import StoreDown
from storage.suggestion_rows import Past
from storage.suggestions import Shown

log = logging.getLogger(__name__)

START_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 2.0
DIRECTORY_SECONDS: Final = 60.0
HABITS_SECONDS: Final = 3600.0
BREATH_SECONDS: Final = 0.02
"""Between two portions, so that who talks to a citizen notices nothing of it."""
PORTION: Final = 400
LOOK_BACK: Final = 200
"""On PostgreSQL a case with a smaller number may become visible after one with a greater."""
SIMILAR: Final = 5
NEIGHBOURS: Final = 12
UNIT_WHEN: Final = 0.08
"""A matter that is only proposed must be this likely for its units to be proposed, too."""
MATTERS: Final = 2
"""Of so many proposed matters the units are proposed, as long as none is chosen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it stands."""

    title: str = ""
    text: str = ""
    address: str = ""
    category: str = ""
    call: str = ""

    @property
    def words(self) -> str:
        return f"{self.title} {self.text}"


@dataclass(frozen=True, slots=True)
class Found:
    """What is proposed."""

    shown: Shown
    matters: list[Proposal]
    units: list[tuple[units.Unit, Proposal]]
    similar: list[tuple[Past, Resemblance]]


class Suggestions:
    """One for the process. Asking works in a reader's thread; only the event loop adds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.index = Likeness()
        self._habits: dict[tuple[str, str], Counter[str]] = {}
        self._areas = Areas({})
        self.matters = Matters([])
        # Together, so that what is kept of a suggestion names the model that was asked.
        self._learned: tuple[int, Model | None] = (0, None)
        self._last: int | None = None
        self._lately: set[int] = set()

    @property
    def known(self) -> int:
        """So many cases are compared with."""
        return self.index.count

    @property
    def version(self) -> int:
        return self._learned[0]

    # Filling

    async def run(self) -> None:
        """Fill it and follow what comes in, until cancelled."""
        await asyncio.sleep(START_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_again(self.look, LOOK_SECONDS))
            tasks.create_task(_again(self.read_directory, DIRECTORY_SECONDS))
            tasks.create_task(_again(self.count_habits, HABITS_SECONDS))

    async def look(self) -> None:
        """Take in the cases that have come since."""
        store = self._store
        if self._last is None:
            self._last = await store.read(partial(rows.newest_from, most=MOST))
        while True:
            since = max(0, self._last - LOOK_BACK)
            late, _ = await store.read(partial(rows.after, last=since, most=self._last - since))
            found, until = await store.read(partial(rows.after, last=self._last, most=PORTION))
            new = [*(each for each in late if each.id not in self._lately), *found]
            if new:
                known = await asyncio.to_thread(_prepared, new)
                await asyncio.to_thread(self.index.add, known)
            self._lately = {each.id for each in (*late, *found) if each.id > until - LOOK_BACK}
            if until <= self._last:
                return
            self._last = until
            await asyncio.sleep(BREATH_SECONDS)

    async def read_directory(self) -> None:
        """Read matters, places and the newest model again, if there is another one."""
        store = self._store
        self.matters = Matters(await store.read(rows.matters))
        self._areas = Areas(await store.read(rows.area_names))
        newest = await store.read(partial(suggestions.models, most=1))
        if newest and newest[0].version != self.version:
            await self._take(newest[0].version)

    async def _take(self, version: int) -> None:
        """Use this model from now on; whoever asks meanwhile is answered with the one before."""
        data = await self._store.read(partial(suggestions.weights_of, version=version))
        if data is None:
            return
        try:
            self._learned = version, await asyncio.to_thread(Model.unpacked, data)
        except (ValueError, KeyError) as error:
            # Kept by another release: without it there is less to suggest, until the next one is learned.
            log.warning("model %d cannot be read: %s", version, error)
            self._learned = version, None
        else:
            log.info("suggestions use model %d", version)

    async def count_habits(self) -> None:
        """Count which units had which matters in the end, where."""
        store = self._store
        habits: dict[tuple[str, str], Counter[str]] = {}
        last = await store.read(partial(rows.newest_from, most=MOST))
        while True:
            found, until = await store.read(partial(rows.after, last=last, most=PORTION))
            await asyncio.to_thread(self._count, habits, found)
            if until <= last:
                break
            last = until
            await asyncio.sleep(BREATH_SECONDS)
        self._habits = habits

    def _count(self, habits: dict[tuple[str, str], Counter[str]], found: Sequence[Past]) -> None:
        for past in found:
            if past.unit:
                for area in {"", self._areas.of(past.address)}:
                    habits.setdefault((past.category, area), Counter())[past.unit] += 1

    # Asking

    async def propose(self, asked: Asked, *, at: datetime, similar: bool) -> Found:
        """Return what is proposed for the form as it stands."""
        if not self.matters.by_code:
            await self.read_directory()
        return await self._store.read(lambda conn: self.proposed(conn, asked, at=at, similar=similar))

    def proposed(self, conn: Connection, asked: Asked, *, at: datetime, similar: bool) -> Found:
        likes = self.index.find(f"{asked.words} {asked.address}")
        said = saying(asked.title, asked.text, asked.address)
        now = int(at.timestamp())
        near = [Before(like.category, like.share, now - like.at) for like in likes[:NEIGHBOURS]]
        version, model = self._learned
        guessed = model.guess(said) if model is not None else []
        found = propose_matters(self.matters, asked.title, said, before=near, guessed=guessed)
        likely = [(each.code, each.share) for each in found if each.share >= UNIT_WHEN][:MATTERS]
        matters = [(asked.category, 1.0)] if asked.category else likely
        proposed = self._units(conn, asked, matters or [("", 1.0)])
        shown = Shown(version, tuple(each.code for each in found), tuple(unit.id for unit, _ in proposed))
        past = self._similar(conn, asked, (matters or [("", 1.0)])[0][0], likes, at=at) if similar else []
        return Found(shown, found, proposed, past)

    def _units(
        self, conn: Connection, asked: Asked, matters: Sequence[tuple[str, float]]
    ) -> list[tuple[units.Unit, Proposal]]:
        known = {unit.id: unit for unit in units.units(conn)}
        everything = f"{asked.words} {asked.address}"
        # Where it happened is no wish for who shall handle it.
        named = [
            unit.id
            for unit in known.values()
            if unit.kind not in units.AREAS and unit.short_name in everything
        ]
        best: dict[str, Proposal] = {}
        for category, likely in matters:
            for each in self._units_of(conn, asked, category, known, named):
                share = each.share * likely
                if each.code in known and share > (best[each.code].share if each.code in best else 0.0):
                    best[each.code] = replace(each, share=share)
        order = sorted(best.values(), key=lambda each: -each.share)[:SHOWN]
        return [(known[each.code], each) for each in order]

    def _units_of(
        self,
        conn: Connection,
        asked: Asked,
        category: str,
        known: Mapping[str, units.Unit],
        named: Sequence[str],
    ) -> list[Proposal]:
        """Return who has the duty for a matter here, or has had such cases."""
        place = asked.address or asked.words
        found = units.suggestions(conn, category, place) if category else []
        last = next((duty.unit.id for duty in found if duty.basis == units.CATCH_ALL), "")
        habits: Mapping[str, int] = (
            self._habits.get((category, self._areas.of(place))) or self._habits.get((category, "")) or {}
        )
        there = {unit: count for unit, count in habits.items() if unit in known}
        return propose_units([(duty.unit.id, duty.basis) for duty in found], there, named, last_resort=last)

    def _similar(
        self, conn: Connection, asked: Asked, category: str, likes: Sequence[Like], *, at: datetime
    ) -> list[tuple[Past, Resemblance]]:
        """Compare in full, with what the store says now: a case may have become confidential since."""
        words, place = pairs(asked.words), pairs(asked.address)
        found = []
        for past in rows.these(conn, [like.id for like in likes]):
            if past.call is not None and past.call == asked.call:
                continue
            there = pairs(past.address)
            same = Resemblance(
                text=alike(words, pairs(f"{past.title} {past.content}")),
                place=1.0 if past.address and past.address == asked.address else 0.9 * alike(place, there),
                same_matter=past.category == category,
                open=past.open,
                days=(at - past.at) / timedelta(days=1),
            )
            if same.counts:
                found.append((past, same))
        found.sort(key=lambda one: (-one[1].worth, -one[0].id))
        return found[:SIMILAR]


def _prepared(cases: Sequence[Past]) -> list[Known]:
    return [
        Known(
            each.id,
            each.category,
            int(each.at.timestamp()),
            pairs(f"{each.title} {each.content} {each.address}"),
        )
        for each in cases
    ]


async def _again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        try:
            await work()
        except StoreDown as error:
            log.warning("suggestions stand still: %s", error)
        await asyncio.sleep(seconds)


SUGGESTIONS = web.AppKey("suggestions", Suggestions)


def set_up(app: web.Application) -> None:
    app[SUGGESTIONS] = Suggestions(app[PARTS].store)
