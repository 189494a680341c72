"""Which seats' telephones each node can ring, as it has said itself. A page may only believe that it is registered.

What a node says of a telephone is what it has heard last; ringing it tells more. A telephone that could not be rung
counts as gone until it registers anew, or until the node still shows it after a while that grows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.switch import Snapshot

REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=1)
FORGOTTEN = timedelta(minutes=3)
"""A failure so long ago makes the next one no worse."""


@dataclass(frozen=True, slots=True)
class _Failure:
    at: datetime
    until: datetime
    times: int


class Telephones:
    """What was heard last, by node and seat; kept for seats to which nobody has come yet."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], bool] = {}
        self._failed: dict[tuple[str, str], _Failure] = {}
        self._telling: set[str] = set()
        """The nodes that tell of telephones at all; of any other, what a page says is all there is."""

    def heard(self, node: str, seat: str, reachable: bool, at: datetime) -> None:
        self._heard[node, seat] = reachable and not self._rests(node, seat, at)

    def failed(self, node: str, seat: str, at: datetime) -> timedelta:
        """The node could not ring it, whatever it says. Return for how long its word counts for nothing."""
        before = self._failed.get((node, seat))
        times = before.times + 1 if before and at - before.at < FORGOTTEN else 1
        rest = min(REST * (1 << min(times - 1, 8)), LONGEST_REST)
        self._failed[node, seat] = _Failure(at, at + rest, times)
        if node in self._telling:
            self._heard[node, seat] = False
        return rest

    def registered(self, node: str, seat: str, at: datetime) -> None:
        """It has said anew where it is. If that was in vain before, it must have been so for a moment."""
        failure = self._failed.get((node, seat))
        if failure is None:
            return
        until = failure.at if failure.times == 1 else min(failure.until, failure.at + REST)
        self._failed[node, seat] = _Failure(failure.at, until, failure.times)
        self.heard(node, seat, True, at)

    def answered(self, node: str, seat: str) -> None:
        self._failed.pop((node, seat), None)

    def take_in(self, snapshot: Snapshot, *, anew: bool = False) -> None:
        """Believe a whole picture; `anew` is the first one after a loss, and nothing from before it counts."""
        node = snapshot.node
        if anew:
            self._failed = {place: each for place, each in self._failed.items() if place[0] != node}
        if snapshot.telephones is None:
            return
        self._telling.add(node)
        if anew:
            self._heard = {place: said for place, said in self._heard.items() if place[0] != node}
        for member in snapshot.members:
            self.heard(node, member.seat, member.seat in snapshot.telephones, snapshot.at)

    def reachable(self, node: str, seat: str, at: datetime) -> bool:
        """Tell whether the node can ring the seat. One that it has said nothing of it cannot."""
        said = self._heard.get((node, seat), node not in self._telling)
        return said and not self._rests(node, seat, at)

    def _rests(self, node: str, seat: str, at: datetime) -> bool:
        failure = self._failed.get((node, seat))
        # A picture may be older than the failure; a clock that was set back must not make it last.
        return failure is not None and timedelta(0) < failure.until - at <= 2 * LONGEST_REST
