"""How often one address may try: a sliding window for each key, bounded in memory."""

import ipaddress
from collections import OrderedDict, deque
from datetime import datetime, timedelta


def network_of(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, or the /64 that every IPv6 line has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


class Tries:
    """Counts tries for each key within a window; the keys heard of longest ago are forgotten first."""

    def __init__(self, at_most: int, window: timedelta, *, keys: int = 10_000) -> None:
        self._at_most = at_most
        self._window = window
        self._keys = keys
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, key: str, at: datetime) -> bool:
        """Count a try and say whether it is within the limit; a refused one is not counted."""
        tries = self._tries.setdefault(key, deque(maxlen=self._at_most))
        self._tries.move_to_end(key)
        while len(self._tries) > self._keys:
            self._tries.popitem(last=False)
        while tries and at - tries[0] >= self._window:
            tries.popleft()
        if len(tries) >= self._at_most:
            return False
        tries.append(at)
        return True
