"""Promises callers to seats and has them moved there, as long as this engine leads."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from routing.line import Line
from routing.live import ON_CALL, Caller, Lease, Seat, SeatState, node_of
from routing.rules import LineRules
from routing.seats import Assignment, Why, choose, in_order
from routing.shield import Shield
from routing.shift import free_again
from routing.switch import Switch, SwitchFailed
from routing.tries import Tries
from routing.work import Effect, Work
from storage.errors import StoreDown

log = logging.getLogger(__name__)

ASK_SECONDS = 1.0
"""So long a new caller's number may be looked up before he is treated like everybody."""

REASONS_KEPT = 2_000

Prefer = Callable[[Caller], Awaitable[tuple[str, ...]]]
"""Looks up which seats should have a caller, best first."""


class Assigning:
    """What is promised to whom. The line is changed at once, the exchange is told by `Work`."""

    def __init__(
        self,
        line: Line,
        switch: Switch,
        work: Work,
        *,
        lease_seconds: float,
        prefer: Prefer | None,
        shielded: Callable[[frozenset[str]], None],
    ) -> None:
        self.shield = Shield(line, shielded)
        self.rules = LineRules()
        self.chosen = True
        self.allowed: Callable[[], bool] = lambda: True
        self.term = 0
        self._line = line
        self._switch = switch
        self._work = work
        self._lease = timedelta(seconds=lease_seconds)
        self._prefer = prefer
        self.reasons: dict[str, Assignment] = {}
        """Why each of the newest calls went where it went."""
        self.tries = Tries()
        self._asking: set[str] = set()
        self._busy = _Busy(line)

    @property
    def leads(self) -> bool:
        """Ask the clock, too: a process that was frozen must not go on with what it was about to do."""
        return self.chosen and self.allowed()

    def distribute(self, at: datetime) -> None:
        """Give the callers whose turn it is the seats that are free, and have them moved."""
        line = self._line
        if not (self.leads and line.linked):
            return
        with line.changing():
            free, deaf = [], line.links.deaf()
            for seat in line.free_seats():
                if seat.next_break or not seat.usable:
                    line.put(free_again(seat, at))
                elif not deaf or line.links.linked(seat.node):
                    free.append(seat)
            if (
                free and line.callers
            ):  # else at once, or each arrival in a long line would sort the whole of it
                for each in choose(self._callers(at), free, self.rules, at, busy=self._busy):
                    self._promise(each, at)
            if free or self.shield.seats:
                self.shield.look(at)

    def ask_about(self, call: str, at: Callable[[], datetime]) -> None:
        """Look up who should have a new caller. Those behind him wait with him, so that nobody is overtaken."""
        caller = self._line.callers.get(call)
        if self._prefer is None or caller is None or caller.ring_back or not self.leads:
            return
        self._asking.add(call)
        prefer = self._prefer

        async def ask() -> None:
            try:
                self._line.prefer(call, await prefer(caller))
            except StoreDown as down:
                log.warning("call %s: nobody knows whom he talked to: %s", call, down)
            finally:
                self._asking.discard(call)
                self.distribute(at())

        self._work.beside(ask, ASK_SECONDS)

    def ring(self, caller: Caller, seat: Seat, at: datetime, *, purpose: str, by: str = "") -> str:
        """Promise a call of ours to the seat, and have the seat and then the citizen rung. Return its id."""
        line, call = self._line, outgoing_call(seat.node, at)
        with line.changing():
            if caller.call in line.callers:
                line.rename(caller.call, call)
            else:
                line.owe(replace(caller, call=call, ring_back=caller.ring_back or call))
            lease = line.lease(call, seat.id, at + self._lease)

        async def ring() -> None:
            if self._is_off(lease):
                return
            what = {"number": caller.number, "purpose": purpose, "owed": caller.ring_back, "by": by}
            try:
                await self._switch.ring_out(call, seat.id, **what, term=self.term)
            except SwitchFailed as failed:
                # It may be a number that cannot be dialled at all; to offer it on and on would keep seats from callers.
                log.warning("call %s could not be rung from %s: %s", call, seat.id, failed)
                line.forgive(call)

        self._work.later(ring, line.links.known(seat.node))
        return call

    def by_hand(self, call: str, seat: str, at: datetime, *, by: str) -> None:
        """Give this caller to this seat, whatever the rules would choose; both must be free for it."""
        with self._line.changing():
            self._promise(Assignment(call, seat, Why.BY_HAND, f"by:{by}"), at)

    def _callers(self, at: datetime) -> list[Caller]:
        """Return who may be sent to a seat now: heard of, not just sent back, and in front of all still looked up.

        In front is who goes first by class and arrival: an emergency does not wait for the look at who came before.
        """
        links, callers = self._line.links, self._line.unassigned()
        if self._asking:
            callers = in_order(callers, self.rules, at)
            asked = (number for number, each in enumerate(callers) if each.call in self._asking)
            callers = callers[: next(asked, len(callers))]
        callers = [each for each in callers if not self.tries.rests(each.ring_back or each.call, at)]
        if not links.deaf():
            return callers
        return [each for each in callers if each.ring_back or links.linked(node_of(each.call))]

    def _promise(self, each: Assignment, at: datetime) -> None:
        caller, seat = self._line.callers[each.call], self._line.seats[each.seat]
        while len(self.reasons) >= REASONS_KEPT:
            del self.reasons[next(iter(self.reasons))]
        self.reasons[each.call] = each
        if caller.ring_back:
            self.ring(caller, seat, at, purpose="ring_back")
            return
        lease = self._line.lease(each.call, each.seat, at + self._lease)
        node = self._line.links.known(node_of(each.call))
        self._work.later(self._move(each, lease, at), node)

    def _move(self, each: Assignment, lease: Lease, at: datetime) -> Effect:
        detail = {"detail": each.detail} if each.detail else {}

        async def move() -> None:
            caller = self._line.callers.get(each.call)
            if caller is None or self._is_off(lease):
                return  # gone, or decided otherwise while this stood in the queue
            node = self._line.seats[each.seat].node
            where = {"channel": caller.channel, "reason": each.reason, "seat_node": node}
            try:
                # Before the move: it is how the record knows a caller we moved from one who gave up.
                await self._switch.fact(each.call, "ASSIGN", at, seat=each.seat, reason=each.reason, **detail)
                await self._switch.assign(each.call, each.seat, term=self.term, **where)
            except SwitchFailed as failed:
                # The next tick tries another seat; at once could be a thousand times a second.
                log.warning("call %s could not be moved to %s: %s", each.call, each.seat, failed)
                self._line.unlease(lease)

        return move

    def _is_off(self, lease: Lease) -> bool:
        return not self.leads or self._line.leases.get(lease.call) is not lease


class _Busy:
    """The seats that will be free again."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __contains__(self, seat: object) -> bool:
        known = self._line.seats.get(seat) if isinstance(seat, str) else None
        return known is not None and (known.state in ON_CALL or known.state is SeatState.WRAP_UP)


def outgoing_call(node: str, at: datetime) -> str:
    """Return the id of a call that we begin, in the form of the exchange's own and never one of them."""
    return f"{node}-{int(at.timestamp())}.{10_000_000 + secrets.randbelow(90_000_000)}"
