"""Which seats the exchange itself would ring: what it was told, what it should be told.

READY seats are members of the line of their node and unpaused, all others paused with the reason. So when the engine
dies, each node's own queue rings the right people.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from routing.line import Line
from routing.live import ON_CALL, Repair, Seat, SeatState
from routing.switch import Member, Snapshot, Switch, SwitchFailed

log = logging.getLogger(__name__)

ORPHAN = timedelta(seconds=15)
"""So long may a member be without an agent: after a restart of ours the desks come back one after the other."""

SHIELDED = "held"
"""The reason of a pause that is only for the exchange's own queue."""

Place = tuple[str, str]
"""A node and a seat: one that moved to another node is taken out of the line of the old one."""


class Members:
    """The members of each node's line as it was last told, compared with the seats of the model."""

    def __init__(self, line: Line, switch: Switch, shielded: Callable[[], frozenset[str]]) -> None:
        self._line = line
        self._switch = switch
        self._shielded = shielded
        self._told: dict[Place, Member | None] = {}
        self._orphans: dict[Place, datetime] = {}

    def forget(self, node: str = "") -> None:
        """The exchange may have been restarted: nothing that it was told is certain."""
        for place in [each for each in self._told if each[0] == node]:
            del self._told[place]

    def forget_orphans(self) -> None:
        """From now on the desks come to us: each has its time from now."""
        self._orphans.clear()

    def home(self, seat: str) -> Place:
        known = self._line.seats.get(seat)
        return ("" if known is None else self._line.links.known(known.node), seat)

    def differs(self, place: Place) -> bool:
        return place not in self._told or self._told[place] != self._wanted(place)

    def differing(self, node: str) -> list[Place]:
        """Return the seats about which the node must be told something."""
        homes = {self.home(seat) for seat in self._line.seats}
        return [
            place
            for place in sorted({*homes, *self._told})
            if place[0] == node and self.differs(place) and place not in self._orphans
        ]

    def effect(self, place: Place) -> Callable[[], Awaitable[None]]:
        """Return what brings the node up to date about a seat, with the state that it will have by then."""

        async def tell() -> None:
            if not self.differs(place):
                return
            told, wanted = self._told.pop(place, None), self._wanted(place)
            try:
                await self._tell(place, told, wanted)
            except SwitchFailed as failed:
                log.warning("the exchange was not told about %s: %s", place[1], failed)
                return
            self._told[place] = wanted

        return tell

    def compare(self, snapshot: Snapshot, at: datetime) -> list[Repair]:
        """Take over what the exchange says of its members, and name what is not as it was told."""
        repairs, node = [], snapshot.node
        listed = {(node, member.seat): member for member in snapshot.members}
        homes = {home for home in map(self.home, self._line.seats) if home[0] == node}
        told = {place for place in self._told if place[0] == node}
        for place in sorted({*listed, *homes, *told}):
            if self._changed_since(place, snapshot.at):
                continue
            member, before = listed.get(place), self._told.get(place)
            if place in self._told and _kind(member) != _kind(before):
                cause = f"was {_kind(before)}, found {_kind(member)}"
                repairs.append(Repair("member", place[1], cause, at))
            if _kind(member) != _kind(before) or place not in self._told:
                self._told[place] = member
        self._count_orphans(at)
        return repairs

    def _wanted(self, place: Place) -> Member | None:
        known = self._line.seats.get(place[1])
        if known is None or known.state is SeatState.OFFLINE or self.home(place[1]) != place:
            return None
        reason = _reason(known) or (SHIELDED if known.id in self._shielded() else "")
        return Member(known.id, paused=bool(reason), reason=reason)

    async def _tell(self, place: Place, told: Member | None, wanted: Member | None) -> None:
        node, seat = place
        if wanted is None:
            await self._switch.remove_seat(seat, node=node)
            return
        if told is None:
            await self._switch.add_seat(seat, self._line.seats[seat].name, node=node)
        if wanted.paused:
            await self._switch.pause_seat(seat, wanted.reason, node=node)
        else:
            await self._switch.unpause_seat(seat, node=node)

    def _changed_since(self, place: Place, at: datetime) -> bool:
        known = self._line.seats.get(place[1])
        return known is not None and known.since > at

    def _count_orphans(self, at: datetime) -> None:
        """A member whom no desk has claimed for long enough is no orphan any more: it is removed."""
        unclaimed = {place for place, told in self._told.items() if told and place[1] not in self._line.seats}
        first = {place: self._orphans.get(place, at) for place in unclaimed}
        self._orphans = {place: since for place, since in first.items() if at - since < ORPHAN}


def _reason(seat: Seat) -> str:
    """One word for the whole of a call: the exchange need not hear of every step."""
    if seat.state is SeatState.READY:
        return ""
    return "call" if seat.state in ON_CALL else seat.state.value


def _kind(member: Member | None) -> str:
    if member is None:
        return "no member"
    return "paused" if member.paused else "unpaused"
