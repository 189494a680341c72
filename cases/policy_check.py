"""What an editor of time limits wants to know before they hold: rows that do nothing, cases without a promise, changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from cases.limits import Limit
from cases.policies import ClockKind, Intent, Policy, Row, Urgency

_SPECIAL = ((False, False), (True, False), (False, True))


_Change = tuple[ClockKind, bool, bool, Limit | None, Limit | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One limit that is not what it was, for these cases."""

    clock: ClockKind
    intents: tuple[Intent, ...]
    urgencies: tuple[Urgency, ...]
    listed: bool
    hard: bool
    before: Limit | None
    after: Limit | None


def shadowed(rows: Sequence[Row]) -> dict[int, int]:
    """Return the rows that can never hold, each with the earlier row that fits all of its cases."""
    found: dict[int, int] = {}
    for place, row in enumerate(rows):
        earlier = (n for n, other in enumerate(rows[:place]) if _covers(other, row))
        if (first := next(earlier, None)) is not None:
            found[place] = first
    return found


def unpromised(policy: Policy, clock: ClockKind = ClockKind.REPLY) -> list[tuple[Intent, Urgency]]:
    """Return the kinds of cases for which this clock has no limit."""
    pairs = product(Intent, Urgency)
    return [(intent, urgency) for intent, urgency in pairs if policy.limit(clock, intent, urgency) is None]


def changes(old: Policy, new: Policy) -> list[Change]:
    """Return what another policy changes, the cases together for which it changes in the same way."""
    by_intent: dict[tuple[_Change, Urgency], list[Intent]] = {}
    for clock, urgency, special, intent in _cases(old, new):
        plain = [policy.limit(clock, intent, urgency) for policy in (old, new)]
        before, after = (
            policy.limit(clock, intent, urgency, listed=special[0], hard=special[1]) for policy in (old, new)
        )
        # A case that is listed or hard is worth a line of its own only where that makes a difference.
        if before != after and (not any(special) or [before, after] != plain):
            by_intent.setdefault(((clock, *special, before, after), urgency), []).append(intent)
    by_urgency: dict[tuple[_Change, tuple[Intent, ...]], list[Urgency]] = {}
    for (change, urgency), intents in by_intent.items():
        by_urgency.setdefault((change, tuple(intents)), []).append(urgency)
    return [
        Change(clock, intents, tuple(urgencies), listed, hard, before, after)
        for ((clock, listed, hard, before, after), intents), urgencies in by_urgency.items()
    ]


def _cases(old: Policy, new: Policy) -> Iterator[tuple[ClockKind, Urgency, tuple[bool, bool], Intent]]:
    for clock in ClockKind:
        special = _SPECIAL if old.asks_more(clock) or new.asks_more(clock) else _SPECIAL[:1]
        yield from product((clock,), Urgency, special, Intent)


def _covers(wide: Row, narrow: Row) -> bool:
    """Tell whether each case that fits the narrow row fits the wide one."""
    return (
        wide.clock is narrow.clock
        and _within(narrow.intents, wide.intents, len(Intent))
        and _within(narrow.urgencies, wide.urgencies, len(Urgency))
        and wide.listed in (None, narrow.listed)
        and wide.hard in (None, narrow.hard)
    )


def _within(narrow: frozenset[object], wide: frozenset[object], every: int) -> bool:
    """Tell whether one set lies in the other, where an empty set means everything."""
    if not wide or len(wide) == every:
        return True
    return bool(narrow) and narrow <= wide
