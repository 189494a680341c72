"""Has both sides of each talk written down: a draft for the agent, which the talk itself knows nothing of."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from cases.transcripts import Party
from routing.engine import Engine
from routing.line import Change, Talk
from routing.switch import SwitchFailed

log = logging.getLogger(__name__)

MOST_WAITING = 500


class Exchange(Protocol):
    """What the exchange can do here. Both raise SwitchFailed."""

    async def listen(self, call: str, party: Party, channel: str, *, other_end: bool = False) -> None:
        """Have the speech service hear what comes from this leg of the call, or from whoever it is connected to."""

    async def unlisten(self, call: str, party: Party, channel: str) -> None:
        """Have it hear this leg no more; one that is not heard is no failure."""


Leg = tuple[Party, str, bool]
"""Whose it is, the channel, and whether it is the other end of that channel."""


class Dictation:
    """Follows the talks of the line. Whatever goes wrong costs the draft and nothing else."""

    def __init__(self, engine: Engine, exchange: Exchange, wanted: Callable[[], bool]) -> None:
        self._engine = engine
        self._exchange = exchange
        self._wanted = wanted
        self._heard: dict[str, set[Leg]] = {}
        self._at_seat: dict[str, str] = {}
        self._orders: asyncio.Queue[tuple[bool, str, Leg]] = asyncio.Queue(MOST_WAITING)
        engine.watch(self._follow)

    async def run(self) -> None:
        """Tell the exchange until cancelled."""
        while True:
            hear, call, (party, channel, other_end) = await self._orders.get()
            try:
                if hear:
                    await self._exchange.listen(call, party, channel, other_end=other_end)
                else:
                    await self._exchange.unlisten(call, party, channel)
            except SwitchFailed as failed:
                log.warning("a talk is not written down as it should be: %s", failed)

    def _follow(self, change: Change) -> None:
        for seat in change.seats:
            talk = self._engine.line.talk_of(seat)
            before = self._at_seat.get(seat, "")
            if before and (talk is None or talk.call != before):
                del self._at_seat[seat]
                self._ended(before)
            if talk is not None and talk.answered_at is not None and self._engine.leads:
                self._at_seat[seat] = talk.call
                self._goes_on(talk)

    def _goes_on(self, talk: Talk) -> None:
        heard = self._heard.get(talk.call)
        if heard is None and not self._wanted():
            return
        heard = self._heard.setdefault(talk.call, set())
        legs: list[Leg] = [(Party.SEAT, talk.seat_channel, False)]
        if talk.channel and (talk.reached_at is not None or not talk.caller.ring_back):
            legs.insert(0, (Party.CITIZEN, talk.channel, False))
        elif talk.reached_at is not None:  # a call of ours: the citizen's leg is known by the seat's only
            legs.insert(0, (Party.CITIZEN, talk.seat_channel, True))
        for leg in legs:
            if leg not in heard:
                heard.add(leg)
                self._order(True, talk.call, leg)

    def _ended(self, call: str) -> None:
        """What the citizen says after the talk, to a menu or to nobody, is not the agent's."""
        if call not in self._engine.line.talks:
            for leg in sorted(self._heard.pop(call, ())):
                self._order(False, call, leg)

    def _order(self, hear: bool, call: str, leg: Leg) -> None:
        if self._orders.full():
            log.warning("too many talks begin at once: one is not written down")
        else:
            self._orders.put_nowait((hear, call, leg))
