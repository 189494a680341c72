"""What a caller hears of his wait: how many are before him, and how long it will take, as far as that can be kept.

He is in the line while he listens: a seat that becomes free for him cuts the words short.
"""

from ivr import reading
from ivr.call import Call
from ivr.route import Route
from routing.estimate import Told, Wait, told

KEYS = {"1": Route.STATUS, "9": Route.CALLBACK, "0": Route.LINE}
SOON_SECONDS = 30.0
"""Whose turn comes before the words are said hears none."""


async def waiting(call: Call, wait: Wait | None, *, elder: bool = False) -> Route:
    """Tell the caller his place and the range of his wait, and that 9 has him rung back with the place kept.

    Keys work at once. Nothing is said of what nobody knows, and an elder hears the range and no keys.
    """
    if wait is None or wait.high_seconds <= SOON_SECONDS:
        return Route.LINE
    span = told(wait)
    # Before it is said: a seat may take him in the middle of it.
    await call.record("told", **_fact(wait, span))
    sounds = [*_place(wait.position), *_span(span)]
    if elder:
        sounds = _span(span) or _place(wait.position)
    else:
        sounds.append("wait-or-callback")
    return KEYS.get(await call.say(sounds, keys="".join(KEYS)), Route.LINE)


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
