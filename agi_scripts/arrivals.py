"""How fast calls come from one number, and from numbers beside each other: counted in memory, for the last minute."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from cases.telephone import canonical
from ivr.admission import Pace

SPAN = timedelta(minutes=1)
MOST_KEYS = 20_000
# More of one number than this within the span changes nothing any more.
MOST_TIMES = 200
LAST_DIGITS = 4
SHORTEST_WITH_PREFIX = 8


class Arrivals:
    """What our process has seen of the last minute. A withheld number is nobody, and never fast."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()

    def came(self, caller: str, at: datetime) -> Pace:
        """Count this call and return how many there were, this one included."""
        number = canonical(caller)
        if not number:
            return Pace()
        prefix = number[:-LAST_DIGITS] if len(number) >= SHORTEST_WITH_PREFIX else ""
        return Pace(self._count(number, at), self._count(f"{prefix}…", at) if prefix else 1)

    def _count(self, key: str, at: datetime) -> int:
        times = self._times.setdefault(key, deque(maxlen=MOST_TIMES))
        self._times.move_to_end(key)
        while times and at - times[0] >= SPAN:
            times.popleft()
        times.append(at)
        while len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)
        return len(times)
