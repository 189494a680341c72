"""Keeps the engine on the rules that the store has in force, whoever changed them and wherever."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from routing import rulebook
from routing.engine import Engine
from routing.live import Caller, Profile
from routing.rules import LineRules
from storage.errors import StoreDown

log = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
Now = Callable[[], datetime]
T = TypeVar("T")


class Reads(Protocol):
    """What is needed of the store."""

    async def read(self, work: Callable[[Connection], T]) -> T: ...


async def watch_rules(store: Reads, engine: Engine, now: Now) -> None:
    """Look every few seconds whether the rules or the skills have changed, until cancelled."""
    seen = ""
    while True:
        try:
            seen = await put_into_force(store, engine, now(), seen)
        except StoreDown as down:
            log.warning("whether the rules have changed is not known, those in use stay: %s", down)
        await asyncio.sleep(LOOK_SECONDS)


async def put_into_force(store: Reads, engine: Engine, at: datetime, seen: str = "") -> str:
    """Give the engine what has changed since the mark was `seen`, and return the new mark."""

    def look(conn: Connection) -> tuple[str, LineRules, Mapping[str, Profile]] | None:
        mark = rulebook.newest_version(conn, at)
        return None if mark == seen else (mark, rulebook.rules(conn, at), rulebook.profiles_now(conn, at))

    found = await store.read(look)
    if found is None:
        return seen
    mark, rules, profiles = found
    engine.use_rules(rules)
    for seat in [*engine.line.seats.values()]:
        if (profile := profiles.get(seat.id)) is not None and profile != seat.profile:
            engine.use_profile(seat.id, profile)
    return mark


def who_knows(store: Reads, engine: Engine, now: Now) -> Callable[[Caller], Awaitable[tuple[str, ...]]]:
    """Return what the engine asks about each new caller: which seats know him."""

    async def ask(caller: Caller) -> tuple[str, ...]:
        rules, at = engine.rules, now()
        if not rules.last_seat_days:
            return ()
        return await store.read(lambda conn: rulebook.preferred(conn, caller.number, at, rules))

    return ask
