"""How often in a row seats have sent a caller back at once: he hears music and no clicks, and each try costs him some.

After the first the next seat is tried at once, and from the second on after a pause that grows. A seat that rang before it
did not answer has given him the pause already.
"""

from datetime import datetime, timedelta

QUICK = timedelta(seconds=6)
"""Two refusals with less between them are of a seat that did not ring."""
LONGEST_PAUSE = timedelta(seconds=5)
LONGEST_RUN = 4
FORGOTTEN = timedelta(minutes=1)
MOST_IN_A_MINUTE = 15
"""So many offers of one caller come of these pauses at most."""


class Tries:
    """The last refusal of each caller, and how many quick ones there were, slow ones taken off."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[datetime, int]] = {}

    def refused(self, call: str, at: datetime) -> None:
        before, run = self._last.get(call, (at - QUICK, 0))
        run = min(run + 1, LONGEST_RUN) if at - before < QUICK else max(run - 1, 0)
        self._last[call] = at, run

    def rests(self, call: str, at: datetime) -> bool:
        """Tell whether the caller is not to be offered again yet. A clock that was set back keeps nobody waiting."""
        last, run = self._last.get(call, (at, 0))
        return timedelta(0) <= at - last < _pause(run)

    def forget(self, at: datetime) -> None:
        """Drop what no longer counts."""
        for call in [each for each, (last, _) in self._last.items() if abs(at - last) >= FORGOTTEN]:
            del self._last[call]


def _pause(run: int) -> timedelta:
    return min(timedelta(seconds=1 << run - 1), LONGEST_PAUSE) if run else timedelta(0)
