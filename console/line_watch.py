"""What supervisors watch beside the line: alarms by skill, help that goes on, who listens, messages, the curve."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from console.asking import Asking
from console.parts import Parts
from console.seat_messages import SeatMessages
from console.writing import epoch_ms
from routing import thresholds, watch_rules
from routing.thresholds import Alarm, Alarms
from routing.watch_rules import BadRules, WatchRules
from storage import calls, lending
from storage import watch_rules as kept_rules

log = logging.getLogger(__name__)

LOOK_EVERY: Final = timedelta(seconds=1)
QUARTER: Final = timedelta(minutes=15)
QUARTERS: Final = 32
SETTLED: Final = timedelta(minutes=30)
"""A quarter that ended so long ago is not counted again: who was waiting then has been answered or is gone."""
CURVE_EVERY: Final = timedelta(seconds=15)

Quarter = tuple[int, int, int]
"""Who came, who was answered, who gave up."""


class LineWatch:
    """Read from the store with the figures of the day, and worked out once for all walls."""

    def __init__(self, parts: Parts, asking: Asking) -> None:
        self._parts = parts
        self._asking = asking
        self.messages = SeatMessages(parts)
        self._alarms = Alarms()
        self.rules = WatchRules()
        self._version = 0
        self._helps: list[lending.Help] = []
        self._quarters: dict[datetime, Quarter] = {}
        self._curve_at: datetime | None = None
        self._shown: list[dict[str, Any]] = []
        self._looked_at: datetime | None = None

    def read(self, conn: Connection, at: datetime) -> None:
        """Take in what the store says; called every few seconds, however many walls there are."""
        newest = kept_rules.newest(conn)
        if newest is not None and newest.id != self._version:
            self._version, self.rules = newest.id, _parsed(newest.rules)
        self._helps = lending.going_on(conn, at)
        self.messages.read(conn, at)
        if self._curve_at is None or at - self._curve_at >= CURVE_EVERY:
            self._curve_at = at
            self._read_curve(conn, at)

    def state(self, at: datetime) -> dict[str, Any]:
        """Return what walls show."""
        return {
            "alarms": self._look(at),
            "helps": [
                {
                    "id": each.id,
                    "skill": each.skill,
                    "group": each.helper,
                    "seats": each.seats,
                    "until": epoch_ms(each.until),
                    "by": each.by,
                }
                for each in self._helps
                if each.until > at
            ],
            "watches": self._watches(),
            "messages": self.messages.on_walls(at, self.rules.unread_seconds),
            "curve": [[epoch_ms(begins), *counts] for begins, counts in sorted(self._quarters.items())],
        }

    def of_seat(self, seat: str, at: datetime) -> dict[str, Any]:
        """Return what a tile shows beside its state."""
        asked = self._asking.of(seat, at)
        return {"help_at": epoch_ms(asked.at) if asked else None}

    def at_desk(self, seat: str, at: datetime) -> dict[str, Any]:
        """Return what the agent's own page is told: the own call for help, who is in the talk, unread messages."""
        asked = self._asking.of(seat, at)
        watching = self._parts.watching
        told = [
            watch
            for watch in (watching.of(seat) if watching else [])
            if watch.mode is not watch.mode.LISTEN or self.rules.tell_listening
        ]
        watched = {"by": told[0].name, "mode": told[0].mode.value} if told else None
        return {
            "help": {"at": epoch_ms(asked.at)} if asked else None,
            "watched": watched,
            "messages": self.messages.at_desk(seat),
        }

    def _watches(self) -> list[dict[str, Any]]:
        watching = self._parts.watching
        return [
            {
                "seat": each.seat,
                "by": each.by,
                "name": each.name,
                "mode": each.mode.value,
                "since": epoch_ms(each.since),
            }
            for each in (watching.going_on if watching else [])
        ]

    def _look(self, at: datetime) -> list[dict[str, Any]]:
        """Once a second: limits are in seconds."""
        if self._looked_at is not None and timedelta(0) <= at - self._looked_at < LOOK_EVERY:
            return self._shown
        self._looked_at = at
        line = self._parts.engine.line
        skills = [each.skill for each in self.rules.thresholds]
        free = frozenset(seat.id for seat in line.free_seats())
        seen = thresholds.readings(line.callers.values(), line.seats.values(), skills, free=free)
        self._shown = [self._alarm(each) for each in self._alarms.look(self.rules, seen, at)]
        return self._shown

    def _alarm(self, alarm: Alarm) -> dict[str, Any]:
        engine, offer = self._parts.engine, None
        if alarm.skill:
            line = engine.line
            offer = thresholds.offer(alarm.skill, engine.rules, line.seats.values(), line.callers.values())
        return {
            "skill": alarm.skill,
            "kind": alarm.kind.value,
            "limit": alarm.limit,
            "since": epoch_ms(alarm.raised_at),
            "waiting": alarm.reading.waiting,
            "oldest": epoch_ms(alarm.reading.oldest),
            "ready": alarm.reading.ready,
            "offer": {"group": offer.group, "ready": offer.ready} if offer else None,
        }

    def _read_curve(self, conn: Connection, at: datetime) -> None:
        newest = at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % QUARTER
        wanted = [newest - QUARTER * back for back in range(QUARTERS)]
        known = self._quarters
        self._quarters = {
            begins: known[begins]
            if begins in known and at - begins - QUARTER > SETTLED
            else _count(conn, begins)
            for begins in wanted
        }


def _count(conn: Connection, begins: datetime) -> Quarter:
    figures = calls.between(conn, begins, begins + QUARTER)
    return figures.offered, figures.answered, figures.abandoned


def _parsed(text: str) -> WatchRules:
    try:
        return watch_rules.parse(text)
    except BadRules as bad:
        log.critical("the rules of the wall cannot be read, plain ones hold: %s", bad)
        return WatchRules()
