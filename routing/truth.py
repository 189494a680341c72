"""What cannot be right for long, and how old everything is that is shown. Pure: a line in, a list out.

Reconciling repairs most of it by itself within seconds. What stands here longer than that is shown to a person, who
may have the one thing looked at again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from routing.line import Line
from routing.live import ON_CALL, Seat, SeatState
from routing.rules import LineRules
from routing.seats import choose
from routing.shift import LineSettings

UNSERVED = timedelta(seconds=10)
LATE = timedelta(seconds=10)
OVERDUE = timedelta(seconds=2)


class StuckKind(StrEnum):
    SEAT_WITHOUT_CALL = "seat_without_call"
    SEAT_RINGS = "seat_rings"
    WRAP_UP_OVERDUE = "wrap_up_overdue"
    CALLER_UNSERVED = "caller_unserved"
    LEASE_OLD = "lease_old"
    LINK_LATE = "link_late"


@dataclass(frozen=True, slots=True)
class Stuck:
    """Something that should not be. `id` is what it is about: a seat, a call or a node."""

    kind: StuckKind
    id: str
    since: datetime
    seat: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from, and how old they are."""

    node: str
    linked: bool
    heard_at: datetime | None
    compared_at: datetime | None
    age: timedelta | None
    """Since the last word or picture, whichever is newer; None if there never was one."""


def sources(line: Line, at: datetime) -> list[Source]:
    """Return each node with the age of what is known of it."""
    found = []
    for node, link in sorted(line.links.nodes.items()):
        last = max((each for each in (link.heard_at, link.compared_at) if each), default=None)
        age = None if last is None else max(timedelta(0), at - last)
        found.append(Source(node, link.linked, link.heard_at, link.compared_at, age))
    return found


def stuck(line: Line, settings: LineSettings, rules: LineRules, at: datetime) -> list[Stuck]:
    """Return everything that has been wrong for too long, the oldest first."""
    found = [*_seats(line, settings, at), *_leases(line, at), *_unserved(line, rules, at), *_links(line, at)]
    return sorted(found, key=lambda each: (each.since, each.id))


def _seats(line: Line, settings: LineSettings, at: datetime) -> Iterator[Stuck]:
    rings = timedelta(seconds=2 * settings.ring_seconds)
    for seat in line.seats.values():
        talk = line.talk_of(seat.id)
        if seat.state in ON_CALL and talk is None:
            yield _about(StuckKind.SEAT_WITHOUT_CALL, seat)
        elif seat.state is SeatState.RINGING and at - seat.since > rings:
            yield _about(StuckKind.SEAT_RINGS, seat)
        elif seat.state in ON_CALL and talk and not _confirmed(line, seat, talk.heard_at, at):
            yield _about(StuckKind.SEAT_WITHOUT_CALL, seat)
        elif seat.wrap_up_until and at - seat.wrap_up_until > OVERDUE:
            yield Stuck(StuckKind.WRAP_UP_OVERDUE, seat.id, seat.wrap_up_until, seat=seat.id)


def _confirmed(line: Line, seat: Seat, heard_at: datetime, at: datetime) -> bool:
    """Tell whether a picture has shown this call, or could not have yet. The node may be one that is not heard."""
    link = line.links.nodes.get(line.links.known(seat.node))
    newest = max((each for each in (link and link.compared_at, heard_at) if each), default=heard_at)
    return at - newest < 6 * LATE


def _leases(line: Line, at: datetime) -> Iterator[Stuck]:
    for lease in line.leases.values():
        if at - lease.until > OVERDUE:
            yield Stuck(StuckKind.LEASE_OLD, lease.call, lease.until, seat=lease.seat, call=lease.call)


def _unserved(line: Line, rules: LineRules, at: datetime) -> Iterator[Stuck]:
    """Whoever would be given a seat that has been free for long, had the engine done its work."""
    seats = [seat for seat in line.free_seats() if at - seat.since > UNSERVED and seat.usable]
    if not seats:
        return
    callers = {each.call: each for each in line.unassigned() if at - each.heard_at > UNSERVED}
    for each in choose(callers.values(), seats, rules, at):
        since = max(callers[each.call].heard_at, line.seats[each.seat].since)
        yield Stuck(StuckKind.CALLER_UNSERVED, each.call, since, seat=each.seat, call=each.call)


def _links(line: Line, at: datetime) -> Iterator[Stuck]:
    for source in sources(line, at):
        since = source.compared_at or source.heard_at
        if since and (source.age or timedelta(0)) > LATE:
            yield Stuck(StuckKind.LINK_LATE, source.node, since)


def _about(kind: StuckKind, seat: Seat) -> Stuck:
    return Stuck(kind, seat.id, seat.since, seat=seat.id, call=seat.call)
