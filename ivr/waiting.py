"""What a caller hears of his wait: how many are before him, and how long it will take, as far as that can be kept.

He is in the line while he listens: a seat that becomes free for him cuts the words short.
"""

from ivr import reading
from ivr.call import Call
from ivr.menu import LONG_WAIT, WAITING
from ivr.menu_run import Dialogue, Way
from routing.estimate import Told, Wait, told

SOON_SECONDS = 30.0
"""Whose turn comes before the words are said hears none."""
AT_ONCE_SECONDS = 5.0
"""Whom a seat takes at once is offered nothing."""


async def waiting(
    call: Call, wait: Wait | None, menu: Dialogue, *, elder: bool = False, chosen: str = ""
) -> Way:
    """Tell the caller his place and the range of his wait, and play the menu of those who wait.

    Before it comes which seats he has `chosen` by a key. Keys work at once. Nothing is said of what nobody knows, and an
    elder hears the range and no menu.
    """
    sounds = [chosen] if chosen else []
    if wait is not None and wait.high_seconds > SOON_SECONDS:
        span = told(wait)
        # Before it is said: a seat may take him in the middle of it.
        await call.record("told", **_fact(wait, span))
        sounds += (_span(span) or _place(wait.position)) if elder else [*_place(wait.position), *_span(span)]
    if elder or (wait is not None and wait.high_seconds <= AT_ONCE_SECONDS):
        return await menu.keys(WAITING, sounds)
    return await menu.run(WAITING, before=sounds)


def holds(wait: Wait | None) -> frozenset[str]:
    """Return what the menu may depend on: to be rung back is worth while for a long wait only."""
    return frozenset({LONG_WAIT} if wait is not None and wait.high_seconds > SOON_SECONDS else ())


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
