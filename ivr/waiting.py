"""What a caller hears of his wait: how many are before him, and how long it will take, as far as that can be kept.

He is in the line while he listens: a seat that becomes free for him cuts the words short.
"""

from collections.abc import Mapping

from ivr import reading
from ivr.call import Call
from ivr.route import Route
from ivr.wanted import OFFER
from routing.estimate import Told, Wait, told

KEYS = {"1": Route.STATUS, "9": Route.CALLBACK, "0": Route.LINE}
SOON_SECONDS = 30.0
"""Whose turn comes before the words are said hears none."""
AT_ONCE_SECONDS = 5.0
"""Whom a seat takes at once is offered no other seats."""


async def waiting(
    call: Call,
    wait: Wait | None,
    *,
    elder: bool = False,
    chosen: str = "",
    offers: Mapping[str, Route] | None = None,
) -> Route:
    """Tell the caller his place and the range of his wait, and that 9 has him rung back with the place kept.

    Before it come the seats he has `chosen` by a key, and after it those that he may ask for yet. Keys work at once.
    Nothing is said of what nobody knows, and an elder hears the range and no keys.
    """
    keys = KEYS | dict(offers or {})
    sounds = [chosen] if chosen else []
    if wait is not None and wait.high_seconds > SOON_SECONDS:
        span = told(wait)
        # Before it is said: a seat may take him in the middle of it.
        await call.record("told", **_fact(wait, span))
        sounds += (_span(span) or _place(wait.position)) if elder else [*_place(wait.position), *_span(span)]
    if not elder:
        sounds += _ways_out(wait, offers or {})
    if not sounds:
        return Route.LINE
    return keys.get(await call.say(sounds, keys="".join(keys)), Route.LINE)


def _ways_out(wait: Wait | None, offers: Mapping[str, Route]) -> list[str]:
    """Name the keys: for other seats, and for who does not want to wait so long."""
    if wait is not None and wait.high_seconds <= AT_ONCE_SECONDS:
        return []
    long = wait is not None and wait.high_seconds > SOON_SECONDS
    return [*(OFFER[route] for route in offers.values()), *(["wait-or-callback"] if long else [])]


def _fact(wait: Wait, span: Told | None) -> dict[str, int | str]:
    """Return what is said, in seconds; without an end it is `or more`."""
    low, high = (span.low, span.high) if span else (0, None)
    return {"position": wait.position, "low": low * 60, "high": "" if high is None else high * 60}


def _place(position: int) -> list[str]:
    if position <= 1:
        return ["wait-next"]
    return ["there-are", *reading.sounds(reading.count(position - 1, "")), "wait-calls"]


def _span(span: Told | None) -> list[str]:
    if span is None:
        return []
    low = _minutes(span.low)
    if span.high is None:
        return ["wait-about", *low, "wait-minutes-over"]
    high = _minutes(span.high)
    if span.low == 0:
        return ["wait-at-most", *high, "wait-minutes"]
    if span.low == span.high:
        return ["wait-about", *low, "wait-minutes"]
    return ["wait-about", *low, "wait-to", *high, "wait-minutes"]


def _minutes(minutes: int) -> list[str]:
    return reading.sounds(reading.count(minutes, ""))
