"""Whom we ring now by ourselves, of all who wait for it. Pure: who is ready and how the line stands in, a choice out.

A unit's people on duty are rung day and night and before all others. A citizen is rung when the city is awake, when nobody
waits on the telephone for a person, and not while he is on the telephone with us himself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.outgoing import Kind
from cases.telephone import canonical
from routing.ring_backs import Room
from storage.outgoing import Ready

MOST_AT_ONCE = 4
"""Calls of ours: so many ways out are not there for citizens who are rung back."""
MOST_ALARMS = 8


@dataclass(frozen=True, slots=True)
class Now:
    """What decides at this moment."""

    room: Room
    out: int
    """Calls of ours that are out."""
    quiet: bool


def pick(ready: Iterable[Ready], now: Now) -> list[Ready]:
    """Return who is rung now, in their order; no number twice."""
    chosen: list[Ready] = []
    numbers = set(now.room.on_the_phone)
    for one in ready:
        number = canonical(one.number)
        out = now.out + len(chosen)
        if not number or number in numbers:
            continue
        if out < MOST_ALARMS if one.kind is Kind.DUTY else _suits(now, out):
            chosen.append(one)
            numbers.add(number)
    return chosen


def _suits(now: Now, out: int) -> bool:
    return not now.quiet and now.room.waiting == 0 and out < MOST_AT_ONCE
