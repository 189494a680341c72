"""Lines that Asterisk could not write, because its disk was full, as our own process has seen them happen.

They stand in the form of its own lines and are marked. Where Asterisk's own line of the same thing is there, that one
counts; where all of a call is in its own lines, they alone do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from cases.call_facts import Fact
from cases.call_parts import Segment

# Asterisk stamps a thing for its file and for those who listen some milliseconds apart, under load more.
SAME = timedelta(seconds=1)
# Stands beside the first stretch of a record in which something is told by us alone.
WITNESSED = "witnessed"

_ENDS = frozenset({"HANGUP", "CHAN_END"})


def with_witness(facts: Iterable[Fact]) -> list[Fact]:
    """Return the lines that count: Asterisk's own, and of what we have seen the things that it does not tell."""
    own: list[Fact] = []
    seen: list[Fact] = []
    for fact in facts:
        (seen if fact.witnessed else own).append(fact)
    if not seen or _is_whole(own, seen):
        return own
    return own + [fact for fact in seen if not any(_same(fact, other) for other in own)]


def marked(segments: tuple[Segment, ...], story: Iterable[Fact]) -> tuple[Segment, ...]:
    """Write beside the first stretch that a part of this is told by us alone."""
    if not segments or not any(fact.witnessed for fact in story):
        return segments
    said = f"{segments[0].detail} {WITNESSED}".strip()
    return (replace(segments[0], detail=said), *segments[1:])


def _is_whole(own: Sequence[Fact], seen: Sequence[Fact]) -> bool:
    """Tell whether Asterisk has written the begin and the end of the call, and a talk if there was one."""
    kinds = {fact.kind for fact in own if fact.of_citizen}
    talked = any(fact.of_citizen and fact.kind == "BRIDGE_ENTER" for fact in seen)
    return "CHAN_START" in kinds and bool(kinds & _ENDS) and (not talked or "BRIDGE_ENTER" in kinds)


def _same(seen: Fact, own: Fact) -> bool:
    if (seen.kind, seen.channel, seen.bridge) != (own.kind, own.channel, own.bridge):
        return False
    other_app = seen.kind.startswith("APP_") and seen.app != own.app
    return not other_app and abs(seen.at - own.at) <= SAME
