"""Seats that are left idle on purpose while somebody waits: his skill is not theirs, or he is held for another one.

After a while the exchange's own queue would ring them for him, rules or no rules. So they are paused in it, with a
reason by which the dialplan frees them again when our process is dead.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from routing.line import Line

AFTER = timedelta(seconds=10)
"""Half of what the rule `engine-first` gives the engine; see asterisk-conf/queuerules.conf."""
FOR = timedelta(seconds=30)
"""So long it goes on without a reason: the exchange need not hear of each caller who comes and goes."""


class Shield:
    """The seats that are kept from the exchange's own queue; whoever has to know is told of each change."""

    def __init__(self, line: Line, changed: Callable[[frozenset[str]], None]) -> None:
        self.seats: frozenset[str] = frozenset()
        self._line = line
        self._changed = changed
        self._until: datetime | None = None

    def look(self, at: datetime) -> None:
        """See after a decision who is left: callers who wait for long, and seats beside them."""
        line, before = self._line, self.seats
        if self._anybody_waits(at):
            self._until = at + FOR
            self.seats = before | {seat.id for seat in line.free_seats()}
        elif self._until is not None and at >= self._until:
            self._until, self.seats = None, frozenset()
        if self.seats != before:
            self._changed(self.seats ^ before)

    def _anybody_waits(self, at: datetime) -> bool:
        return any(
            at - caller.since > AFTER
            for caller in self._line.callers.values()
            if caller.channel and not caller.aside and caller.call not in self._line.leases
        )
