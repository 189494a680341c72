"""A desk that is lost in mid-talk: its page and its telephone are both gone, and with them the sound.

One of the two alone means nothing: sound goes on without the page's socket and without the telephone's registration,
and moving the citizen would cut it.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from routing.line import Line
from routing.live import SeatState, Talk
from routing.switch import Switch, SwitchFailed

log = logging.getLogger(__name__)

AWAY_SECONDS = 10
"""So long the exchange waits for the desk to come back before it gives the citizen to the line; see hotline-reconnect."""


class Reconnects:
    """What is known of each seat's page and telephone, and whose citizen must be held until both are back."""

    def __init__(self, line: Line, switch: Switch, *, patience: timedelta, term: Callable[[], int]) -> None:
        self._line = line
        self._switch = switch
        self._patience = patience
        self._term = term
        self._pages: set[str] = set()
        self._telephones: set[str] = set()
        self._lost: set[str] = set()

    def page(self, seat: str, *, gone: bool) -> None:
        (self._pages.add if gone else self._pages.discard)(seat)

    def telephone(self, seat: str, *, gone: bool) -> None:
        (self._telephones.add if gone else self._telephones.discard)(seat)

    def due(self, seat: str, at: datetime) -> Callable[[], Awaitable[None]] | None:
        """Return what holds the citizen of a seat that has just been lost. A desk may be lost again on its way back."""
        lost = seat in self._pages and seat in self._telephones
        news = lost and seat not in self._lost
        (self._lost.add if lost else self._lost.discard)(seat)
        talk = self._line.talk_of(seat)
        if not lost or talk is None or talk.state is SeatState.RINGING or not talk.channel:
            return None
        if talk.caller.ring_back:
            return None  # a call of ours: its seat's channel is the call, and ends with its sound
        if not self._line.linked or (talk.back_by is not None and not news):
            return None
        log.warning("call %s lost its desk %s: held until it is back", talk.call, seat)
        self._line.await_desk(talk.call, at + timedelta(seconds=AWAY_SECONDS) + self._patience)
        return lambda: self._hold(talk)

    async def _hold(self, talk: Talk) -> None:
        now = self._line.talks.get(talk.call)
        if now is None or now.back_by is None:
            return  # the citizen has hung up meanwhile
        try:
            seat = self._line.seats.get(talk.seat)
            node = seat.node if seat is not None else ""
            await self._switch.reconnect(
                talk.call, talk.seat, channel=talk.channel, term=self._term(), seat_node=node
            )
        except SwitchFailed as failed:
            log.warning("call %s could not be held for %s: %s", talk.call, talk.seat, failed)
            self._line.await_desk(talk.call, None)
