"""How much of the last hour each seat was on calls, for cities that do not want to work their best agents the hardest."""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from routing.line import Line
from routing.live import ON_CALL, Change
from routing.rules import LineRules

HOUR = timedelta(hours=1)
EVERY = timedelta(seconds=15)
STEP = 20
"""Shares are told in twentieths: each change of a seat goes to every desk."""


class Occupancy:
    """Watches the seats of a line; `refresh` writes their shares where the choice looks for them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._began: dict[str, datetime] = {}
        self._calls: dict[str, deque[tuple[datetime, datetime]]] = {}
        self._next: datetime | None = None
        line.subscribe(self._follow)

    def share(self, seat: str, at: datetime) -> float:
        calls, since = self._calls.get(seat, deque()), at - HOUR
        while calls and calls[0][1] <= since:
            calls.popleft()
        spent = sum(((end - max(begin, since)) for begin, end in calls), timedelta(0))
        if (begin := self._began.get(seat)) is not None:
            spent += max(timedelta(0), at - max(begin, since))
        return min(1.0, spent / HOUR)

    def refresh(self, rules: LineRules, at: datetime) -> None:
        """Every few seconds, if anybody's rules ask for it."""
        if self._next is not None and self._next - EVERY <= at < self._next:
            return
        self._next = at + EVERY
        for seat in [*self._line.seats.values()]:
            if min(rules.busy_at_most, seat.profile.busy_at_most) < 1:
                share = round(self.share(seat.id, at) * STEP) / STEP
                self._line.put(replace(seat, busy_share=share))

    def _follow(self, change: Change) -> None:
        for name in change.seats:
            seat = self._line.seats[name]
            if seat.state in ON_CALL:
                self._began.setdefault(name, seat.since)
            elif (begin := self._began.pop(name, None)) is not None:
                self._calls.setdefault(name, deque()).append((begin, seat.since))
