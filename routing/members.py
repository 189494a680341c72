"""Which seats the exchange itself would ring: what it was told, what it should be told.

READY seats are members of the line and unpaused, all others paused with the reason. So when the engine dies, the
exchange's own queue rings the right people.
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


class Members:
    """The members of the line as the exchange was last told, compared with the seats of the model."""

    def __init__(self, line: Line, switch: Switch) -> None:
        self._line = line
        self._switch = switch
        self._told: dict[str, Member | None] = {}
        self._orphans: dict[str, datetime] = {}

    def forget(self) -> None:
        """The exchange may have been restarted: nothing that it was told is certain."""
        self._told.clear()

    def differs(self, seat: str) -> bool:
        return seat not in self._told or self._told[seat] != self._wanted(seat)

    def differing(self) -> list[str]:
        """Return the seats about which the exchange must be told something."""
        return [
            seat
            for seat in sorted({*self._line.seats, *self._told})
            if self.differs(seat) and seat not in self._orphans
        ]

    def effect(self, seat: str) -> Callable[[], Awaitable[None]]:
        """Return what brings the exchange up to date about a seat, with the state that it will have by then."""

        async def tell() -> None:
            if not self.differs(seat):
                return
            told, wanted = self._told.pop(seat, None), self._wanted(seat)
            try:
                await self._tell(seat, told, wanted)
            except SwitchFailed as failed:
                log.warning("the exchange was not told about %s: %s", seat, failed)
                return
            self._told[seat] = wanted

        return tell

    def compare(self, snapshot: Snapshot, at: datetime) -> list[Repair]:
        """Take over what the exchange says of its members, and name what is not as it was told."""
        repairs = []
        listed = {member.seat: member for member in snapshot.members}
        for seat in sorted({*listed, *self._line.seats}):
            if self._changed_since(seat, snapshot.at):
                continue
            member, before = listed.get(seat), self._told.get(seat)
            if seat in self._told and _kind(member) != _kind(before):
                repairs.append(Repair("member", seat, f"was {_kind(before)}, found {_kind(member)}"))
            if _kind(member) != _kind(before) or seat not in self._told:
                self._told[seat] = member
        self._count_orphans(at)
        return repairs

    def _wanted(self, seat: str) -> Member | None:
        known = self._line.seats.get(seat)
        if known is None or known.state is SeatState.OFFLINE:
            return None
        return Member(seat, paused=known.state is not SeatState.READY, reason=_reason(known))

    async def _tell(self, seat: str, told: Member | None, wanted: Member | None) -> None:
        if wanted is None:
            await self._switch.remove_seat(seat)
            return
        if told is None:
            await self._switch.add_seat(seat, self._line.seats[seat].name)
        if wanted.paused:
            await self._switch.pause_seat(seat, wanted.reason)
        else:
            await self._switch.unpause_seat(seat)

    def _changed_since(self, seat: str, at: datetime) -> bool:
        known = self._line.seats.get(seat)
        return known is not None and known.since > at

    def _count_orphans(self, at: datetime) -> None:
        """A member whom no desk has claimed for long enough is no orphan any more: it is removed."""
        unclaimed = {seat for seat, told in self._told.items() if told and seat not in self._line.seats}
        first = {seat: self._orphans.get(seat, at) for seat in unclaimed}
        self._orphans = {seat: since for seat, since in first.items() if at - since < ORPHAN}


def _reason(seat: Seat) -> str:
    """One word for the whole of a call: the exchange need not hear of every step."""
    if seat.state is SeatState.READY:
        return ""
    return "call" if seat.state in ON_CALL else seat.state.value


def _kind(member: Member | None) -> str:
    if member is None:
        return "no member"
    return "paused" if member.paused else "unpaused"
