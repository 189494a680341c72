"""Agents who have asked for help (F4): a sign on the walls until somebody has come, or it is taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from routing.engine import Engine, Refused
from routing.line import Change, SeatState

LONGEST: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Asked:
    """Since when, and in which call."""

    at: datetime
    call: str


class Asking:
    """Who has asked and has not been helped yet."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked: dict[str, Asked] = {}
        engine.watch(self._follow)

    def of(self, seat: str, at: datetime) -> Asked | None:
        asked = self._asked.get(seat)
        if asked is not None and at - asked.at > LONGEST:
            del self._asked[seat]
            return None
        return asked

    def ask(self, seat: str, at: datetime) -> None:
        known = self._engine.line.seats.get(seat)
        if known is None or known.state is SeatState.OFFLINE:
            raise Refused("尚未签入")
        self._asked.setdefault(seat, Asked(at, known.call))

    def done(self, seat: str) -> bool:
        """The sign goes; True if there was one."""
        return self._asked.pop(seat, None) is not None

    def _follow(self, change: Change) -> None:
        """Who asked about a call that is over needs nobody any more."""
        for seat in change.seats & self._asked.keys():
            asked, known = self._asked[seat], self._engine.line.seats[seat]
            if known.state is SeatState.OFFLINE or (asked.call and known.call != asked.call):
                del self._asked[seat]


ASKING = web.AppKey("asking", Asking)
