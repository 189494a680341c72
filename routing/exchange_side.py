"""The side of the engine that the exchange speaks to: what it says changes the line, at once and only so."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from routing import shift
from routing.assigning import Assigning, Prefer
from routing.line import Line
from routing.live import ON_CALL, Change, Notice, Repair, Seat, SeatState, Wish, node_of
from routing.members import Members
from routing.moves import LegSaid
from routing.moves_of_calls import MovesOfCalls
from routing.occupancy import Occupancy
from routing.reconnect import Reconnects
from routing.repair import apply
from routing.rules import LineRules
from routing.shift import LineSettings
from routing.switch import Snapshot, Switch
from routing.telephones import Telephones
from routing.unrecorded import Unrecorded
from routing.work import Effect, Work

log = logging.getLogger(__name__)

RING_GRACE_SECONDS = 5
REPAIRS_KEPT = 200

SeatLog = Callable[[Seat], Awaitable[None]]
"""Writes down that the seat has come into its present state."""


class Declined(StrEnum):
    """Why a seat did not take a call."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"


class ExchangeSide:
    """The line as the exchange tells it, and what follows from each word. Nothing here waits."""

    def __init__(
        self,
        line: Line,
        switch: Switch,
        settings: LineSettings,
        *,
        now: Callable[[], datetime],
        record: SeatLog,
        prefer: Prefer | None = None,
    ) -> None:
        self.line = line
        self.repairs: deque[Repair] = deque(maxlen=REPAIRS_KEPT)
        self.repaired = 0
        self.ends: list[Callable[[str, str, datetime], None]] = []
        """Told of each channel that ends: the call, and the seat's leg if it is not the citizen's own."""
        self._switch = switch
        self._settings = settings
        self._now = now
        self._record = record
        self._work = Work(lambda: self.leads)
        self._assigning = Assigning(
            line,
            switch,
            self._work,
            lease_seconds=settings.lease_seconds,
            prefer=prefer,
            shielded=self._tell_places,
        )
        self._members = Members(line, switch, lambda: self._assigning.shield.seats)
        self._distribute = self._assigning.distribute
        self._occupancy = Occupancy(line)
        self._telephones = Telephones()
        patience = timedelta(seconds=settings.ring_seconds + RING_GRACE_SECONDS)
        self._reconnects = Reconnects(line, switch, patience=patience, term=lambda: self.term)
        self.unrecorded = Unrecorded(line, switch, self._later)
        self.moves = MovesOfCalls(
            line,
            switch,
            self._later,
            leads=lambda: self.leads,
            term=lambda: self.term,
            wrap_up=self._wrap_up,
        )
        self._notes: asyncio.Queue[Seat] = asyncio.Queue()
        self._noted: dict[str, tuple[str, SeatState, str]] = {}
        self._last_call: dict[str, str] = {}
        line.subscribe(self._follow)

    @property
    def leads(self) -> bool:
        """Tell whether this engine decides. One that stands by hears everything and says nothing."""
        return self._assigning.leads

    @property
    def term(self) -> int:
        """The number of our time as leader; 0 if there is no other engine."""
        return self._assigning.term

    @property
    def rules(self) -> LineRules:
        return self._assigning.rules

    def watch(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call the listener after each change of the line; returns what ends it."""
        return self.line.subscribe(listener)

    def caller_joined(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
    ) -> None:
        """A caller may be sent to a seat: he waits in the exchange's queue, or is told how long he will."""
        talk = self.line.talks.get(call)
        if talk is not None and talk.back_by is not None:
            # The desk did not come back in time.
            self.line.end(call, at, wrap_up=self._wrap_up)
        new = call not in self.line.callers and call not in self.line.gone
        self.line.join(call, channel, number, at, since=since, wish=wish)
        if new:
            self._assigning.ask_about(call, self._now)
        self._distribute(at)

    def caller_aside(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
    ) -> None:
        """A caller listens to what he asked for by a key. His place is kept."""
        self.line.join(call, channel, number, at, since=since, wish=wish, aside=True)

    def caller_left(self, call: str, at: datetime) -> None:
        """A caller is out of the exchange's queue. If we have sent him, he is on the way; if not, what follows tells:

        a hang-up, a key, or the next round of waiting, and until then nobody may overtake him.
        """
        if call in self.line.leases or call not in self.line.callers:
            self.line.leave(call, at)

    def caller_gone(self, call: str, at: datetime) -> None:
        """A caller will not be sent to a seat any more: he leaves a message."""
        self.line.leave(call, at)

    def citizen_reached(self, call: str, at: datetime) -> None:
        """Whom we ring has answered."""
        self.line.reached(call, at)

    def citizen_rung(self, call: str, channel: str, at: datetime) -> None:
        """Whom we ring has a channel of his own."""
        self.line.reached(call, at, leg=channel)

    def citizen_gone(self, call: str, channel: str, at: datetime) -> None:
        """A leg to the outside has ended: of one who waits, or is held, it is the end of the call.

        In a talk, and while a seat rings, the seat's own leg tells it.
        """
        talk, caller = self.line.talks.get(call), self.line.callers.get(call)
        aside = self.moves.asides.get(call)
        held = talk is not None and talk.channel == channel and aside is not None and not aside.third
        if held or (caller is not None and caller.channel == channel):
            self.talk_ended(call, at)

    def seat_offered(self, call: str, seat: str, at: datetime) -> None:
        talk = self.line.talks.get(call)
        if talk is not None and talk.answered_at is not None and talk.seat != seat:
            self.line.end(call, at, wrap_up=self._wrap_up)  # handed on: that seat has work to finish
        self.line.offer(call, seat, at)

    def seat_answered(self, call: str, seat: str, seat_channel: str, at: datetime) -> None:
        self.line.answer(call, seat, seat_channel, at)
        if (known := self.line.seats.get(seat)) is not None:
            self._telephones.answered(self.line.links.known(known.node), seat)
        self._reconnect(seat, at)

    def seat_refused(self, call: str, seat: str, cause: Declined, at: datetime) -> None:
        """The seat did not take the call. Unless the caller gave up, the agent seems not to be there, or the telephone.

        A call of ours the telephone takes by itself: if it did not, it was the telephone and not the agent.
        """
        talk = self.line.talks.get(call)
        caller = talk.caller if talk else self.line.callers.get(call)
        with self.line.changing():
            news = self.line.decline(call, seat, at)
            known = self.line.seats.get(seat)
            if news and known and known.state is SeatState.READY:
                self._after_refusal(known, cause, at, ours=caller is not None and bool(caller.ring_back))
            if news and cause is not Declined.CALLER_GONE:
                self._assigning.tries.refused((caller and caller.ring_back) or call, at)
            if (caller := self.line.callers.get(call)) is not None and caller.ring_back == call:
                self.line.forgive(call)  # an agent who did not pick up for a call of his own
        self._distribute(at)

    def held(self, call: str, at: datetime) -> None:
        self._hold(call, at, held=True)

    def resumed(self, call: str, at: datetime) -> None:
        self._hold(call, at, held=False)

    def talk_ended(self, call: str, at: datetime, leg: str = "") -> None:
        """The call is over at its seat, or while one rang. With `leg` it is this telephone of the seat that hung up."""
        self.line.end(call, at, wrap_up=self._wrap_up, leg=leg)
        for tell in self.ends:
            tell(call, leg, at)
        self._distribute(at)

    def leg_said(self, said: LegSaid) -> None:
        """A leg beside a talk, or a seat's that asks somebody, has come somewhere."""
        self.moves.said(said)
        self._distribute(said.at)

    def leg_gone(self, channel: str, at: datetime) -> None:
        """Any leg has ended; of most nothing is known here."""
        self.moves.gone(channel, at)

    def asterisk_up(self, snapshot: Snapshot, at: datetime) -> list[Repair]:
        """The exchange is there (again). Everything it says holds; what was told it before counts for nothing."""
        link = self.line.links.nodes.get(snapshot.node)
        if link and link.epoch and snapshot.epoch and link.epoch != snapshot.epoch:
            log.error("node %s has been restarted: its calls are lost", snapshot.node or "of ours")
        self._members.forget(snapshot.node)
        self._telephones.take_in(snapshot, anew=True)
        self.line.link(linked=True, at=at, node=snapshot.node)
        return self.reconcile(snapshot, at)

    def asterisk_down(self, at: datetime, *, node: str = "") -> None:
        """Nothing is heard of it any more. What is shown grows old, and nobody there is assigned."""
        self.line.link(linked=False, at=at, node=node)

    def reconcile(self, snapshot: Snapshot, at: datetime) -> list[Repair]:
        """Compare with the exchange, repair, and say each repair in the log."""
        self._telephones.take_in(snapshot)
        repairs = apply(self.line, snapshot, wrap_up=self._wrap_up)
        self.moves.compare(snapshot.asides, snapshot.node, snapshot.at)
        self.unrecorded.seen(snapshot)
        found = self._members.compare(snapshot, at)
        repairs += found if self.leads else []  # what the leader has told the exchange is nothing gone wrong
        for repair in repairs:
            log.warning("repaired %s %s: %s", repair.what, repair.id, repair.cause)
        self.repairs.extend(repairs)
        self.repaired += len(repairs)
        self.line.link(linked=True, at=at, node=snapshot.node)
        self.line.links.compared(snapshot.node, snapshot.at, snapshot.epoch)
        self._look_at_telephones(snapshot.node, at)
        self._tell_members(snapshot.node)
        self._distribute(at)
        return repairs

    def seat_reachable(self, seat: str, reachable: bool, at: datetime, *, node: str = "") -> None:
        """The exchange has a way to the seat's telephone, or has lost it."""
        self._telephones.heard(node, seat, reachable, at)
        self._look_at_telephones(node, at, seat)
        self._distribute(at)

    def seat_registered(self, seat: str, registered: bool, at: datetime) -> None:
        """The seat's telephone has said where it is, or is gone: a talk goes on without it as long as the page is there."""
        self._reconnects.telephone(seat, gone=not registered)
        self._reconnect(seat, at)
        if registered and (known := self.line.seats.get(seat)) is not None:
            node = self.line.links.known(known.node)
            self._telephones.registered(node, seat, at)
            self._look_at_telephones(node, at, seat)
            self._distribute(at)

    def carrier_seen(self, where: str, *, gone: bool) -> None:
        """One of the ways out answers no more, or answers again; calls of ours take the others meanwhile."""
        (log.error if gone else log.warning)("the carrier %s %s", where, "is gone" if gone else "is back")
        text = "notice.carrier_gone" if gone else "notice.carrier_back"
        self.line.notify(Notice("", "bad" if gone else "info", text, (("where", where),)))

    def _look_at_telephones(self, node: str, at: datetime, *seats: str) -> None:
        """Put the seats of this node into the condition that it has said their telephones are in."""
        with self.line.changing():
            for known in [
                self.line.seats[seat] for seat in seats or self.line.seats if seat in self.line.seats
            ]:
                if known.state is not SeatState.OFFLINE and self.line.links.known(known.node) == node:
                    reachable = self._telephones.reachable(node, known.id, at)
                    self.line.put(shift.telephone(known, at, reachable=reachable))

    @property
    def _wrap_up(self) -> timedelta:
        return timedelta(seconds=self._settings.wrap_up_seconds)

    def _hold(self, call: str, at: datetime, *, held: bool) -> None:
        talk = self.line.hold(call, at, held=held)
        if talk:
            kind, seat = "HOLD" if held else "RESUME", talk.seat
            self._later(lambda: self._switch.fact(call, kind, at, seat=seat), node_of(call))

    def _reconnect(self, seat: str, at: datetime) -> None:
        talk = self.line.talk_of(seat)
        if self.leads and (hold := self._reconnects.due(seat, at)) is not None:
            self._later(hold, node_of(talk.call if talk else ""))
            self.moves.lost(seat, at)

    def _after_refusal(self, seat: Seat, cause: Declined, at: datetime, *, ours: bool) -> None:
        if cause is Declined.CALLER_GONE:
            return
        if not (seat.registered and seat.mic):
            self.line.put(
                shift.telephone(seat, at)
            )  # nobody could have answered, so nobody has missed a call
            return
        if cause is Declined.UNREACHABLE:
            rest = self._telephones.failed(self.line.links.known(seat.node), seat.id, at)
            resting, notices = shift.out_of_reach(seat, rest, at)
        else:
            reason = Declined.UNREACHABLE if ours else cause
            resting, notices = shift.refused(seat, reason.value, self._settings, at)
        self.line.put(resting)
        for notice in notices:
            self.line.notify(notice)

    # Following and acting

    def _follow(self, change: Change) -> None:
        self._tell_places(change.seats)
        for name in change.seats:
            seat = self.line.seats[name]
            mark = (seat.agent, seat.state, seat.reason)
            if self._noted.get(name) != mark:
                self._noted[name] = mark
                if self.leads:
                    self._notes.put_nowait(seat)
                    self._tell_state(seat)

    def _tell_state(self, seat: Seat) -> None:
        """Put the state into the files that become the record, under the call that it belongs to."""
        if seat.state in ON_CALL:
            call = self._last_call[seat.id] = seat.call
        elif seat.state is SeatState.WRAP_UP:
            call = self._last_call.get(seat.id, "")
        else:
            call = self._last_call.pop(seat.id, "")
        if self.line.links.linked(seat.node):
            what = {"agent": seat.agent, "state": seat.state.value, "reason": seat.reason}
            tell = partial(self._switch.fact, call, "SEAT", seat.since, seat=seat.id, **what)
            self._later(tell, node_of(call) or seat.node)

    def _tell_places(self, seats: frozenset[str]) -> None:
        """Tell the exchange what these seats are to its own queue, if it does not know."""
        for place in map(self._members.home, seats):
            if self.leads and self.line.links.linked(place[0]) and self._members.differs(place):
                self._later(self._members.effect(place), place[0])

    def _tell_members(self, node: str) -> None:
        if self.leads and self.line.links.linked(node):
            for place in self._members.differing(node):
                self._later(self._members.effect(place), node)

    def _later(self, effect: Effect, node: str = "") -> None:
        self._work.later(effect, self.line.links.known(node))
