"""The engine: hears the exchange and the desks, decides on the live model at once, and acts through queues.

Nothing here waits inside an event: decisions are made on the `Line` in memory, and what has to be told to the
exchange or written down is put into a queue that one task each works off.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing import shift
from routing.line import Line
from routing.live import Change, Lease, Repair, Seat, SeatState, Talk
from routing.members import Members
from routing.reconnect import Reconnects
from routing.repair import apply
from routing.rules import LineRules
from routing.seats import Assignment, choose
from routing.shift import LineSettings, Refused
from routing.switch import Snapshot, Switch, SwitchFailed
from storage.errors import StoreDown

__all__ = ["Before", "Declined", "Engine", "LineSettings", "Refused"]

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
RING_GRACE_SECONDS = 5
EFFECT_SECONDS = 5
"""The exchange answers within milliseconds or not at all, and nobody else may wait for one answer."""

Effect = Callable[[], Awaitable[None]]
SeatLog = Callable[[Seat], Awaitable[None]]
"""Writes down that the seat has come into its present state."""


class Declined(StrEnum):
    """Why a seat did not take a call."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller_gone"


TAKEN_UP_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Before:
    """Where a seat stood before this process began, and since when."""

    seat: str
    agent: str
    state: SeatState
    reason: str
    at: datetime


class Engine:
    """Assigns seats to callers of one line. Events and commands return at once; `run` does the work."""

    def __init__(
        self,
        line: Line,
        switch: Switch,
        settings: LineSettings,
        *,
        now: Callable[[], datetime],
        record: SeatLog,
    ) -> None:
        self.line = line
        self._switch = switch
        self._settings = settings
        self._now = now
        self._record = record
        self._members = Members(line, switch)
        patience = timedelta(seconds=settings.ring_seconds + RING_GRACE_SECONDS)
        self._reconnects = Reconnects(line, switch, patience=patience)
        self._effects: asyncio.Queue[Effect] = asyncio.Queue()
        self._notes: asyncio.Queue[Seat] = asyncio.Queue()
        self._noted: dict[str, tuple[str, SeatState, str]] = {}
        self._before: dict[str, Before] = {}
        line.subscribe(self._follow)

    def watch(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call the listener after each change of the line; returns what ends it."""
        return self.line.subscribe(listener)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._act())
            tasks.create_task(self._note())
            while True:
                self.tick(self._now())
                await asyncio.sleep(TICK_SECONDS)

    def tick(self, at: datetime) -> None:
        """Do what has become due: leases, ringing, work after calls, breaks that end by themselves."""
        with self.line.changing():
            self.line.forget(at)
            for lease in [each for each in self.line.leases.values() if at >= each.until]:
                log.warning("call %s was not confirmed at %s: taken back", lease.call, lease.seat)
                self.line.unlease(lease)
            for talk in [each for each in self.line.talks.values() if self._rang_too_long(each, at)]:
                log.warning("call %s rings at %s for too long: its end was not heard", talk.call, talk.seat)
                self.line.decline(talk.call, talk.seat, at)
            for talk in [t for t in self.line.talks.values() if t.back_by and at >= t.back_by]:
                log.warning("call %s was not heard of while %s was away", talk.call, talk.seat)
                self.line.await_desk(talk.call, None)
            for seat in [*self.line.seats.values()]:
                if any(until is not None and at >= until for until in (seat.wrap_up_until, seat.break_until)):
                    self.line.put(shift.free_again(seat, at))
        self._distribute(at)

    # What the exchange says

    def caller_joined(self, call: str, channel: str, number: str, at: datetime) -> None:
        talk = self.line.talks.get(call)
        if talk is not None and talk.back_by is not None:
            # The desk did not come back in time.
            self.line.end(call, at, wrap_up=self._wrap_up)
        lease = self.line.leases.get(call)
        back = lease is not None and call in self.line.gone
        self.line.join(call, channel, number, at)
        if lease is not None and back:
            # Moved to a seat and back without its ringing: the exchange says nothing of a seat it cannot reach.
            self.seat_refused(call, lease.seat, Declined.UNREACHABLE, at)
        self._distribute(at)

    def caller_left(self, call: str, at: datetime) -> None:
        self.line.leave(call, at)

    def seat_offered(self, call: str, seat: str, at: datetime) -> None:
        self.line.offer(call, seat, at)

    def seat_answered(self, call: str, seat: str, seat_channel: str, at: datetime) -> None:
        self.line.answer(call, seat, seat_channel, at)
        self._reconnect(seat, at)

    def seat_refused(self, call: str, seat: str, cause: Declined, at: datetime) -> None:
        """The seat did not take the call. Unless the caller gave up, the agent seems not to be there."""
        with self.line.changing():
            news = self.line.decline(call, seat, at)
            known = self.line.seats.get(seat)
            if news and known and known.state is SeatState.READY:
                self._after_refusal(known, cause, at)
        self._distribute(at)

    def held(self, call: str, at: datetime) -> None:
        self._hold(call, at, held=True)

    def resumed(self, call: str, at: datetime) -> None:
        self._hold(call, at, held=False)

    def talk_ended(self, call: str, at: datetime, leg: str = "") -> None:
        """The call is over at its seat, or while one rang. With `leg` it is this telephone of the seat that hung up."""
        self.line.end(call, at, wrap_up=self._wrap_up, leg=leg)
        self._distribute(at)

    def asterisk_up(self, snapshot: Snapshot, at: datetime) -> list[Repair]:
        """The exchange is there (again). Everything it says holds; what was told it before counts for nothing."""
        self._members.forget()
        self.line.link(linked=True, at=at)
        return self.reconcile(snapshot, at)

    def asterisk_down(self, at: datetime) -> None:
        """Nothing is heard any more. What is shown grows old, and nobody is assigned."""
        self.line.link(linked=False, at=at)

    def reconcile(self, snapshot: Snapshot, at: datetime) -> list[Repair]:
        """Compare with the exchange, repair, and say each repair in the log."""
        repairs = apply(self.line, snapshot, wrap_up=self._wrap_up)
        repairs += self._members.compare(snapshot, at)
        for repair in repairs:
            log.warning("repaired %s %s: %s", repair.what, repair.id, repair.cause)
        for seat in self._members.differing():
            self._later(self._members.effect(seat))
        self.line.link(linked=True, at=at)
        self._distribute(at)
        return repairs

    def seat_reachable(self, seat: str, reachable: bool, at: datetime) -> None:
        """The exchange has a way to the seat's telephone, or has lost it."""
        if (known := self.line.seats.get(seat)) is not None and known.state is not SeatState.OFFLINE:
            self.line.put(shift.telephone(known, at, registered=reachable, mic=known.mic))
            self._distribute(at)

    def seat_registered(self, seat: str, registered: bool, at: datetime) -> None:
        """The seat's telephone has said where it is, or is gone: a talk goes on without it as long as the page is there."""
        self._reconnects.telephone(seat, gone=not registered)
        self._reconnect(seat, at)

    # What the desks say

    def remember(self, seats: Iterable[Before]) -> None:
        """Learn where the seats stood when this process ended; whoever comes back soon goes on from there."""
        self._before = {seat.seat: seat for seat in seats}

    def sign_on(self, seat: str, *, agent: str, name: str, at: datetime) -> None:
        """An agent is at the seat. Whom the seat is talking to already is found again."""
        known = self.line.seats.get(seat)
        if known and known.state is not SeatState.OFFLINE:
            if known.agent != agent:
                raise Refused("此座席已有人签入")
            return
        signed = shift.sign_on(seat, agent=agent, name=name, at=at)
        talk = self.line.talk_of(seat)
        before = self._before.pop(seat, None)
        if talk:
            signed = replace(signed, state=talk.state, since=talk.since, call=talk.call, reason="")
        elif before and before.agent == agent and at - before.at < TAKEN_UP_AGAIN:
            signed = shift.taken_up_again(signed, before.state, before.reason, at + self._wrap_up)
        self.line.put(signed)

    def sign_off(self, seat: str, *, at: datetime, by: str = "", reason: str = "") -> None:
        known = self.line.seats.get(seat)
        if known and known.state is not SeatState.OFFLINE:
            self.line.put(shift.sign_off(known, at, by=by, reason=reason))

    def lost_desk(self, seat: str, *, at: datetime) -> None:
        """The page of a seat stays away: nobody counts on it, and whoever comes back soon goes on from there."""
        known = self.line.seats.get(seat)
        self.sign_off(seat, at=at, by=shift.By.DESK, reason=shift.Reason.DESK_LOST)
        if known and known.state is not SeatState.OFFLINE:
            state = shift.goes_on_with(known)
            self._before[seat] = Before(seat, known.agent, state, known.next_break or known.reason, at)

    def ready(self, seat: str, *, at: datetime, by: str = "") -> None:
        self.line.put(shift.ready(self._at(seat), at, by=by))
        self._distribute(at)

    def take_break(self, seat: str, *, reason: str, at: datetime, by: str = "") -> None:
        promised = self.line.leased_to(seat)
        self.line.put(shift.take_break(self._at(seat), reason, at, promised=promised, by=by))

    def wrapped(self, seat: str, *, at: datetime) -> None:
        self.line.put(shift.wrapped(self._at(seat), at))
        self._distribute(at)

    def extend_wrap_up(self, seat: str, *, reason: str, at: datetime) -> None:
        if (until := self._at(seat).wrap_up_until) is not None and at >= until:
            raise Refused("话后整理已结束")
        self.line.put(shift.extend_wrap_up(self._at(seat), self._settings, reason))

    def phone(self, seat: str, *, registered: bool, mic: bool, at: datetime) -> None:
        """The seat's telephone can be called and its microphone heard, or not."""
        self.line.put(shift.telephone(self._at(seat), at, registered=registered, mic=mic))
        # A page that carries sound has a microphone.
        self._reconnects.page(seat, gone=not registered and not mic)
        self._reconnect(seat, at)
        self._distribute(at)

    def hang_up(self, seat: str, *, at: datetime) -> None:
        """End the talk of a seat. What becomes of the caller and the seat is heard from the exchange."""
        talk = self.line.talk_of(seat)
        if talk is None or not talk.seat_channel:
            raise Refused("没有可以挂断的通话")
        if talk.back_by is not None:
            raise Refused("正在重新接通,请稍候")
        log.info("call %s is ended by %s at %s", talk.call, seat, at)
        channel = talk.seat_channel
        self._later(lambda: self._switch.hang_up(channel))

    # Deciding

    @property
    def _wrap_up(self) -> timedelta:
        return timedelta(seconds=self._settings.wrap_up_seconds)

    def _at(self, seat: str) -> Seat:
        known = self.line.seats.get(seat)
        if known is None:
            raise Refused("尚未签入")
        return known

    def _rang_too_long(self, talk: Talk, at: datetime) -> bool:
        patience = self._settings.ring_seconds + RING_GRACE_SECONDS
        return talk.state is SeatState.RINGING and at >= talk.since + timedelta(seconds=patience)

    def _hold(self, call: str, at: datetime, *, held: bool) -> None:
        talk = self.line.hold(call, at, held=held)
        if talk:
            kind, seat = "HOLD" if held else "RESUME", talk.seat
            self._later(lambda: self._switch.fact(call, kind, at, seat=seat))

    def _reconnect(self, seat: str, at: datetime) -> None:
        if (hold := self._reconnects.due(seat, at)) is not None:
            self._later(hold)

    def _after_refusal(self, seat: Seat, cause: Declined, at: datetime) -> None:
        if cause is Declined.CALLER_GONE:
            return
        resting, notices = shift.refused(seat, cause.value, self._settings, at)
        self.line.put(resting)
        for notice in notices:
            self.line.notify(notice)

    def _distribute(self, at: datetime) -> None:
        """Promise callers to seats and have them moved."""
        with self.line.changing():
            for seat in self.line.free_seats():
                if seat.next_break or not seat.usable:
                    self.line.put(shift.free_again(seat, at))
            free = self.line.free_seats()
            if not (self.line.linked and free):
                return  # at once, or each arrival in a long line would sort the whole of it
            until = at + timedelta(seconds=self._settings.lease_seconds)
            for each in choose(self.line.unassigned(), free, LineRules(), at):
                lease = self.line.lease(each.call, each.seat, until)
                self._later(self._assignment(each, lease, at))

    def _assignment(self, each: Assignment, lease: Lease, at: datetime) -> Effect:
        async def assign() -> None:
            caller = self.line.callers.get(each.call)
            if caller is None or self.line.leases.get(each.call) is not lease:
                return  # gone, or decided otherwise while this stood in the queue
            try:
                # Before the move: it is how the record knows a caller we moved from one who gave up.
                await self._switch.fact(each.call, "ASSIGN", at, seat=each.seat, reason=each.reason)
                await self._switch.assign(each.call, each.seat, channel=caller.channel, reason=each.reason)
            except SwitchFailed as failed:
                # The next tick tries another seat; at once could be a thousand times a second.
                log.warning("call %s could not be moved to %s: %s", each.call, each.seat, failed)
                self.line.unlease(lease)

        return assign

    # Following and acting

    def _follow(self, change: Change) -> None:
        for name in change.seats:
            seat = self.line.seats[name]
            if self.line.linked and self._members.differs(name):
                self._later(self._members.effect(name))
            mark = (seat.agent, seat.state, seat.reason)
            if self._noted.get(name) != mark:
                self._noted[name] = mark
                self._notes.put_nowait(seat)

    def _later(self, effect: Effect) -> None:
        self._effects.put_nowait(effect)

    async def _act(self) -> None:
        while True:
            effect = await self._effects.get()
            try:
                async with asyncio.timeout(EFFECT_SECONDS):
                    await effect()
            except (SwitchFailed, TimeoutError) as failed:
                log.warning("the exchange did not do it: %r", failed)
            finally:
                self._effects.task_done()

    async def _note(self) -> None:
        while True:
            seat = await self._notes.get()
            try:
                await self._record(seat)
            except StoreDown as down:
                log.warning("state %s of %s is not written down: %s", seat.state, seat.id, down)
            finally:
                self._notes.task_done()
