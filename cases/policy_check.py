"""What an editor of time limits wants to know before they hold: rows that do nothing, cases without a promise, changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from cases.limits import Limit
from cases.policies import ClockKind, Intent, Policy, Row, Urgency

_SPECIAL = ((False, False), (True, False), (False, True))


@dataclass(frozen=True, slots=True)
class Change:
    """One limit that is not what it was, for these intents."""

    clock: ClockKind
    intents: tuple[Intent, ...]
    urgency: Urgency
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
    """Return what another policy changes, the intents together for which it changes in the same way."""
    together: dict[tuple[ClockKind, Urgency, bool, bool, Limit | None, Limit | None], list[Intent]] = {}
    for clock, urgency, (listed, hard), intent in _cases(old, new):
        before, after = (
            policy.limit(clock, intent, urgency, listed=listed, hard=hard) for policy in (old, new)
        )
        if before != after:
            together.setdefault((clock, urgency, listed, hard, before, after), []).append(intent)
    return [
        Change(clock, tuple(intents), urgency, listed, hard, before, after)
        for (clock, urgency, listed, hard, before, after), intents in together.items()
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
