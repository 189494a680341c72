"""The live model of the line: who waits, who is ready, who talks. No input or output, no clock of its own.

Only what the exchange has confirmed changes callers and talks. An engine's own promise is a lease beside them,
so the same truth is shown whatever becomes of it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from routing.links import Links
from routing.live import ON_CALL, Caller, Change, Lease, Notice, Seat, SeatState, Talk, Wish, node_of
from routing.on_call import gone, has_left, newer_wish, reaching, released, taken

__all__ = ["Caller", "Change", "Lease", "Line", "Notice", "Seat", "SeatState", "Talk"]

log = logging.getLogger(__name__)

TOMBSTONE = timedelta(seconds=60)
"""So long is remembered who left the line, so that a late word does not bring them back as a ghost."""

Listener = Callable[[Change], None]


class Line:
    """Seats, waiting callers and talks; read its fields freely, change them by its methods only."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self.callers: dict[str, Caller] = {}
        self.talks: dict[str, Talk] = {}
        self.leases: dict[str, Lease] = {}
        self.gone: dict[str, Caller] = {}
        self.links = Links()
        self._ready: dict[str, Seat] = {}
        self._promised: dict[str, str] = {}
        self._at_seat: dict[str, str] = {}
        self._listeners: list[Listener] = []
        self._depth = 0
        self._seats: set[str] = set()
        self._line = False
        self._offered: str | None = None

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener after every change, in the order of subscribing; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def linked(self) -> bool:
        """Tell whether any node of the exchange is heard."""
        return self.links.any_linked

    @property
    def heard_at(self) -> datetime | None:
        return self.links.heard_at

    def waiting(self) -> list[Caller]:
        """Return who waits, in order of arrival; also who is aside, and keeps the place."""
        return sorted(self.callers.values(), key=lambda caller: (caller.since, caller.call))

    def unassigned(self) -> list[Caller]:
        """Return who could be sent to a seat and is promised to none, in order of arrival."""
        leases = self.leases
        return sorted(
            (each for each in self.callers.values() if each.call not in leases and not each.aside),
            key=lambda caller: (caller.since, caller.call),
        )

    def free_seats(self) -> list[Seat]:
        """Return the ready seats to which nobody is promised."""
        promised = self._promised
        return [seat for name, seat in self._ready.items() if name not in promised]

    def talk_of(self, seat: str) -> Talk | None:
        return self.talks.get(self._at_seat.get(seat, ""))

    def leased_to(self, seat: str) -> bool:
        return seat in self._promised

    # What the exchange says

    def link(self, linked: bool, at: datetime, node: str = "") -> None:
        with self.changing():
            self._line = self.links.set(node, at, linked=linked) or self._line

    def join(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
        aside: bool = False,
    ) -> None:
        """A caller is in the line, since then if that is known. Said twice, or said late, it changes nothing."""
        with self._hearing(call, at):
            if call in self.talks:
                # Back from a seat whose refusal has not been heard yet; that will put the caller into place.
                self.talks[call] = replace(self.talks[call], waits=True)
                return
            before = self.callers.get(call) or self.gone.get(call)
            if before is None:
                before = Caller(call, channel, number, since=since or at, heard_at=at, wish=wish or Wish())
            elif at < before.heard_at:
                return
            self.gone.pop(call, None)
            if aside:
                self._drop_lease(call)
            self._wait(
                replace(
                    before,
                    channel=channel,
                    number=number or before.number,
                    heard_at=at,
                    # What stands on his channel is the first arrival; our own memory may be of a later one.
                    since=min(before.since, since or before.since),
                    wish=newer_wish(before.wish, wish),
                    aside=aside,
                )
            )

    def leave(self, call: str, at: datetime) -> None:
        """A caller is not in the line any more: hung up, or is on the way to a seat."""
        with self._hearing(call, at):
            if (talk := self.talks.get(call)) is not None:
                self.talks[call] = replace(talk, waits=False)
                return
            caller = self.callers.pop(call, None) or self.gone.get(call)
            self._line = True
            self._bury(caller or Caller(call, "", "", since=at, heard_at=at), at)

    def owe(self, caller: Caller) -> None:
        """A call that we owe waits in the line: nobody is on the telephone."""
        with self.changing():
            self._wait(caller)

    def forgive(self, call: str) -> None:
        """The call that we owed is not owed any more."""
        with self.changing():
            self._drop_lease(call)
            self._line = self.callers.pop(call, None) is not None or self._line

    def rename(self, call: str, new: str) -> None:
        """A caller whom we shall ring gets the id that his call will have."""
        with self.changing():
            self.callers[new] = replace(self.callers.pop(call), call=new)
            self._line = True

    def prefer(self, call: str, seats: tuple[str, ...]) -> None:
        """Learn which seats should have the caller, if they can."""
        with self.changing():
            if (caller := self.callers.get(call)) is not None and seats:
                self._wait(replace(caller, wish=replace(caller.wish, prefers=seats)))

    def offer(self, call: str, seat: str, at: datetime) -> None:
        """The seat rings for the caller."""
        with self._hearing(call, at):
            talk, at_seat = self.talks.get(call), self.talk_of(seat)
            if talk and talk.seat == seat:
                return
            if at_seat and at_seat.call != call and at_seat.state is not SeatState.RINGING:
                log.warning("call %s offered to %s, which talks: not believed", call, seat)
                return
            self._clear(call, seat, at)
            waits, caller = call in self.callers, self._take(call, at)
            self._connect(Talk(caller, seat, SeatState.RINGING, at, at, at, waits=waits))
            self._offered = seat

    def answer(self, call: str, seat: str, seat_channel: str, at: datetime) -> None:
        """The seat has answered. The newest word wins over whatever the model thought of both."""
        with self._hearing(call, at):
            talk = self.talks.get(call)
            if talk is None or talk.seat != seat:
                self._clear(call, seat, at)
                talk = Talk(self._take(call, at), seat, SeatState.RINGING, at, at, at)
            elif talk.answered_at and (talk.back_by is None or talk.seat_channel == seat_channel):
                return
            # A desk that is back goes on with the talk it had.
            goes_on = talk.state is SeatState.TALKING
            self._connect(
                replace(
                    talk,
                    state=SeatState.TALKING,
                    since=talk.since if goes_on else at,
                    heard_at=at,
                    answered_at=talk.answered_at or at,
                    seat_channel=seat_channel,
                    waits=False,
                    back_by=None,
                ),
            )

    def decline(self, call: str, seat: str, at: datetime) -> bool:
        """The seat did not take the call. Tell whether this was news."""
        with self._hearing(call, at):
            lease = self.leases.get(call)
            leased = lease is not None and lease.seat == seat
            if leased:
                self._drop_lease(call)
            talk = self.talks.get(call)
            ringing = talk is not None and talk.seat == seat and talk.state is SeatState.RINGING
            if talk is not None and ringing:
                self._give_back(talk, at)
            self._remember_refusal(call, seat)
            return leased or ringing

    def hold(self, call: str, at: datetime, *, held: bool) -> Talk | None:
        """The caller hears music, or the talk goes on. Returns the talk if this was news."""
        with self._hearing(call, at):
            talk = self.talks.get(call)
            state = SeatState.HOLD if held else SeatState.TALKING
            if talk is None or talk.answered_at is None or talk.state is state:
                return None
            self._connect(replace(talk, state=state, since=at, heard_at=at))
            return self.talks[call]

    def reached(self, call: str, at: datetime, *, leg: str = "") -> None:
        """The citizen whom we ring has answered. With `leg` he is only rung yet, on this channel."""
        with self._hearing(call, at):
            talk = self.talks.get(call)
            if talk is not None and (now := reaching(talk, at, leg)) is not talk:
                self.talks[call] = now
                self._seats |= {talk.seat} & set(self.seats)

    def end(self, call: str, at: datetime, *, wrap_up: timedelta, leg: str = "") -> None:
        """The call is over at the seat. Who only rang is ready again, who talked has work to finish.

        With `leg` only this telephone of a seat has hung up; one that was given up already ends nothing.
        """
        with self._hearing(call, at):
            if leg and (known := self.talks.get(call)) is not None and has_left(known, leg):
                return
            self._drop_lease(call)
            talk = self._drop_talk(call)
            caller = talk.caller if talk else self.callers.pop(call, None)
            if caller is None:
                return
            self._line = True
            self._bury(caller, at)
            if talk is not None:
                self._release(talk, at, wrap_up)

    # What the engine and the desks decide

    def lease(self, call: str, seat: str, until: datetime) -> Lease:
        """Promise the caller to the seat; nobody else is offered either of them until then."""
        with self.changing():
            self._drop_lease(call)
            self.leases[call] = Lease(call, seat, until)
            self._promised[seat] = call
            return self.leases[call]

    def unlease(self, lease: Lease) -> None:
        """Take a promise back: the caller has kept the place, and another seat is tried first."""
        with self.changing():
            if self.leases.get(lease.call) is lease:
                self._drop_lease(lease.call)
            caller = self.callers.get(lease.call)
            if caller is not None and caller.ring_back == caller.call:
                self.forgive(lease.call)  # an agent's own call is nobody else's
            self._remember_refusal(lease.call, lease.seat)

    def await_desk(self, call: str, until: datetime | None) -> None:
        """The talk's desk is lost and the exchange holds the caller for it; None ends that."""
        with self.changing():
            if (talk := self.talks.get(call)) is not None:
                self.talks[call] = replace(talk, back_by=until)

    def put(self, seat: Seat) -> None:
        """Put a seat into a new condition."""
        with self.changing():
            if self.seats.get(seat.id) != seat:
                self._seat(seat)

    def notify(self, notice: Notice) -> None:
        self._tell(Change(notice=notice))

    def touch(self, seat: str) -> None:
        """Tell listeners that something beside the seat's talk has changed."""
        with self.changing():
            self._seats |= {seat} & set(self.seats)

    def place(self, talk: Talk) -> None:
        """Put a talk where the exchange says it is; used for repairs, when the words that led to it were lost."""
        with self.changing():
            self._clear(talk.call, talk.seat, talk.heard_at)
            known = self._take(talk.call, talk.heard_at, otherwise=talk.caller)
            number = talk.number or known.number
            caller = replace(known, channel=talk.channel, number=number, heard_at=talk.heard_at)
            self._connect(replace(talk, caller=caller))

    def forget(self, at: datetime) -> None:
        """Drop what need not be remembered any more."""
        for call in [each for each, caller in self.gone.items() if at - caller.heard_at > TOMBSTONE]:
            del self.gone[call]

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Collect the changes inside and tell them once."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                change = Change(frozenset(self._seats), self._line, self._offered)
                self._seats, self._line, self._offered = set(), False, None
                if change != Change():
                    self._tell(change)

    @contextmanager
    def _hearing(self, call: str, at: datetime) -> Iterator[None]:
        self.links.heard(node_of(call), at)
        with self.changing():
            yield

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)

    # Parts of the above

    def _wait(self, caller: Caller) -> None:
        if self.callers.get(caller.call) != caller:
            self.callers[caller.call] = caller
            self._line = True

    def _take(self, call: str, at: datetime, otherwise: Caller | None = None) -> Caller:
        """Take the caller out of the line, or make one up for a call nobody has told us of."""
        self._drop_lease(call)
        self._line = True
        caller = self.callers.pop(call, None) or self.gone.pop(call, None) or otherwise
        return caller or Caller(call, "", "", since=at, heard_at=at)

    def _clear(self, call: str, seat: str, at: datetime) -> None:
        """Undo what the model thinks of this call elsewhere and of other calls at this seat."""
        places = {call, self._at_seat.get(seat, "")}
        for talk in [self.talks[each] for each in sorted(places) if each in self.talks]:
            log.warning("call %s at %s displaced by newer word", talk.call, talk.seat)
            self._give_back(talk, at)

    def _give_back(self, talk: Talk, at: datetime) -> None:
        """End a talk that was not to be; a caller whom the exchange still holds waits in the old place."""
        self._drop_talk(talk.call)
        self._line = True
        caller = replace(talk.caller, heard_at=at)
        if talk.waits or caller.is_owed:
            self._wait(caller)
        else:
            self._bury(caller, at)
        self._release(talk, at, timedelta(0))

    def _seat(self, seat: Seat) -> None:
        self.seats[seat.id] = seat
        self._seats.add(seat.id)
        if seat.state is SeatState.READY:
            self._ready[seat.id] = seat
        else:
            self._ready.pop(seat.id, None)

    def _drop_lease(self, call: str) -> None:
        lease = self.leases.pop(call, None)
        if lease is not None and self._promised.get(lease.seat) == call:
            del self._promised[lease.seat]

    def _drop_talk(self, call: str) -> Talk | None:
        talk = self.talks.pop(call, None)
        if talk is not None and self._at_seat.get(talk.seat) == call:
            del self._at_seat[talk.seat]
        return talk

    def _connect(self, talk: Talk) -> None:
        self.talks[talk.call] = talk
        self._at_seat[talk.seat] = talk.call
        self._line = True
        if talk.seat in self._promised:
            self._drop_lease(self._promised[talk.seat])  # who was promised to it is offered another one
        seat = self.seats.get(talk.seat)
        # Without an agent nobody is there: he is signed on with the engine that leads.
        if seat is not None and seat.agent:
            self._seat(taken(seat, talk))

    def _release(self, talk: Talk, at: datetime, wrap_up: timedelta) -> None:
        seat = self.seats.get(talk.seat)
        if seat is None or seat.state not in ON_CALL or seat.call != talk.call:
            return
        self._seat(released(seat, talk, at, wrap_up))

    def _bury(self, caller: Caller, at: datetime) -> None:
        self.gone[caller.call] = gone(caller, at)

    def _remember_refusal(self, call: str, seat: str) -> None:
        for place in (self.callers, self.gone):
            if (caller := place.get(call)) is not None:
                place[call] = replace(caller, refused_by=caller.refused_by | {seat})
