"""Who listens to which seat: a supervisor hears a talk, whispers to its agent, speaks with both, or takes the citizen over.

What is shown is what was ordered and has not ended; the exchange ends it by itself when the talk's leg at the seat goes.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s
from typing import Protocol

from routing.engine import Engine, Refused
from routing.line import Change, Talk
from routing.switch import SwitchFailed

log = logging.getLogger(__name__)

_PLAIN = re.compile(r"[a-z0-9]{1,24}")


class Mode(StrEnum):
    """How far a supervisor is in the talk."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"


SPIES = frozenset({Mode.LISTEN, Mode.WHISPER, Mode.BARGE})


class Exchange(Protocol):
    """What the exchange can do here. All of it raises SwitchFailed."""

    async def registered(self, telephone: str) -> bool: ...
    async def spy(
        self, leg: str, *, telephone: str, watched: str, call: str, mode: Mode, term: int = 0
    ) -> None: ...
    async def change(self, leg: str, *, watched: str, call: str, mode: Mode) -> None: ...
    async def take_over(self, call: str, channel: str, *, telephone: str, term: int = 0) -> None: ...
    async def hang_up(self, leg: str, *, call: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Watch:
    """One supervisor in one talk."""

    by: str
    name: str
    seat: str
    call: str
    mode: Mode
    since: datetime
    reason: str
    leg: str = ""
    """The supervisor's own channel; '' once the citizen has been taken over, whose dialplan rings it."""
    watched: str = ""
    """The seat's leg that it spies on."""


Ended = Callable[[Watch], None]


def telephone_of(login: str) -> str:
    """Return the name of a supervisor's telephone: never that of a seat, whatever the login is."""
    plain = login.lower()
    if plain == login and _PLAIN.fullmatch(plain):
        return f"v{plain}"
    return f"v0{blake2s(login.encode(), digest_size=8).hexdigest()}"


class Watching:
    """All supervisors in talks; one of them is in one talk at a time."""

    def __init__(self, engine: Engine, exchange: Exchange) -> None:
        self._engine = engine
        self._exchange = exchange
        self._by: dict[str, Watch] = {}
        self._listeners: list[Ended] = []
        self._tasks: set[asyncio.Task[None]] = set()
        engine.watch(self._follow)
        engine.ends.append(self._over)

    @property
    def going_on(self) -> list[Watch]:
        return sorted(self._by.values(), key=lambda watch: (watch.seat, watch.by))

    def of(self, seat: str) -> list[Watch]:
        return [watch for watch in self.going_on if watch.seat == seat]

    def by(self, login: str) -> Watch | None:
        return self._by.get(login)

    def on_end(self, listener: Ended) -> None:
        """Call the listener with each watch that has ended."""
        self._listeners.append(listener)

    async def begin(self, seat: str, mode: Mode, *, by: str, name: str, reason: str, at: datetime) -> Watch:
        """Bring the supervisor into the talk of a seat, or further in or out; raise Refused with a sentence."""
        talk, before = self._talk(seat), self._by.get(by)
        telephone = telephone_of(by)
        if before is not None and before.seat == seat and before.mode in SPIES and mode in SPIES:
            return await self._change(before, talk, mode, at)
        await self._check(telephone)
        if before is not None:
            await self.end(by)
        watch = Watch(by, name, seat, talk.call, mode, at, reason, watched=talk.seat_channel)
        if mode is Mode.TAKE_OVER:
            return await self._take(watch, talk)
        # Like the ear of the speech service it must not look like a call, and be new each time.
        leg = f"{talk.call}-v{secrets.token_hex(4)}"
        watch = self._by[by] = replace(watch, leg=leg)
        try:
            await self._exchange.spy(
                leg,
                telephone=telephone,
                watched=talk.seat_channel,
                call=talk.call,
                mode=mode,
                term=self._engine.term,
            )
        except SwitchFailed as failed:
            self._drop(watch)
            raise _failed(failed) from None
        return watch

    async def end(self, by: str) -> Watch | None:
        """Take the supervisor out. A citizen who was taken over is not hung up on: he talks to that telephone."""
        watch = self._by.get(by)
        if watch is None:
            return None
        self._drop(watch)
        if watch.leg:
            try:
                await self._exchange.hang_up(watch.leg, call=watch.call)
            except SwitchFailed as failed:
                raise _failed(failed) from None
        return watch

    async def leave(self, by: str) -> None:
        """The supervisor is not there any more, and nobody is to be told if the exchange does not answer."""
        try:
            await self.end(by)
        except Refused:
            log.warning("the leg of %s is left to end by itself", by)

    async def _change(self, before: Watch, talk: Talk, mode: Mode, at: datetime) -> Watch:
        try:
            await self._exchange.change(before.leg, watched=talk.seat_channel, call=talk.call, mode=mode)
        except SwitchFailed as failed:
            raise _failed(failed) from None
        watch = replace(before, mode=mode, since=at, watched=talk.seat_channel)
        if self._by.get(watch.by) is before:
            self._by[watch.by] = watch
        return watch

    async def _take(self, watch: Watch, talk: Talk) -> Watch:
        if not talk.channel or talk.caller.ring_back:
            raise Refused("外呼的通话不能接管")
        self._by[watch.by] = watch
        try:
            await self._exchange.take_over(
                talk.call, talk.channel, telephone=telephone_of(watch.by), term=self._engine.term
            )
        except SwitchFailed as failed:
            self._drop(watch)
            raise _failed(failed) from None
        log.warning("call %s is taken over from %s by %s", talk.call, talk.seat, watch.by)
        return watch

    def _talk(self, seat: str) -> Talk:
        talk = self._engine.line.talk_of(seat)
        if talk is None or talk.answered_at is None or not talk.seat_channel or talk.back_by is not None:
            raise Refused("此座席没有在通话")
        if not self._engine.leads:
            raise Refused("本机不是主用，请稍候重试")
        return talk

    async def _check(self, telephone: str) -> None:
        try:
            there = await self._exchange.registered(telephone)
        except SwitchFailed as failed:
            raise _failed(failed) from None
        if not there:
            raise Refused("本页话机尚未连接，请先打开话机")

    # What ends by itself

    def _follow(self, change: Change) -> None:
        """A talk that is no more has nobody in it, and one that came to another seat is not the one that was chosen."""
        for watch in [each for each in self._by.values() if each.mode in SPIES and each.seat in change.seats]:
            talk = self._engine.line.talk_of(watch.seat)
            if talk is None or talk.call != watch.call or talk.seat_channel != watch.watched:
                self._drop(watch)
                self._later(self._exchange.hang_up(watch.leg, call=watch.call))

    def _over(self, call: str, seat_leg: str, _: datetime) -> None:
        """A channel is gone: a supervisor's own, or that of the citizen who was taken over."""
        for watch in [*self._by.values()]:
            citizen = watch.mode is Mode.TAKE_OVER and watch.call == call and not seat_leg
            if citizen or (watch.leg and watch.leg == call):
                self._drop(watch)

    def _drop(self, watch: Watch) -> None:
        if self._by.get(watch.by) is watch:
            del self._by[watch.by]
            for listener in self._listeners:
                listener(watch)

    def _later(self, effect: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(_tried(effect))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _tried(effect: Coroutine[None, None, None]) -> None:
    try:
        await effect
    except SwitchFailed as failed:
        log.warning("a supervisor's leg is left to end by itself: %s", failed)


def _failed(failed: SwitchFailed) -> Refused:
    log.warning("a supervisor is not brought into a talk: %s", failed)
    return Refused("电话系统没有照办，请重试")
