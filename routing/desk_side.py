"""The side of the engine that agents speak to: what they may do at their seats, and the calls that we begin."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing import shift
from routing.assigning import Prefer
from routing.exchange_side import ExchangeSide, SeatLog
from routing.line import Line
from routing.live import Caller, OwedCall, Profile, Seat, SeatState, node_of
from routing.shift import LineSettings, Refused
from routing.switch import Switch

log = logging.getLogger(__name__)

TAKEN_UP_AGAIN = timedelta(minutes=10)
OUR_RING_BACK = "/back"
"""Behind the id of a call we owe, as long as its own call has none."""


@dataclass(frozen=True, slots=True)
class Before:
    """Where a seat stood before this process began, and since when."""

    seat: str
    agent: str
    state: SeatState
    reason: str
    at: datetime


class DeskSide(ExchangeSide):
    """Seats as their agents want them, and calls as we owe them."""

    def __init__(
        self,
        line: Line,
        switch: Switch,
        settings: LineSettings,
        *,
        now: Callable[[], datetime],
        record: SeatLog,
        node: str = "",
        prefer: Prefer | None = None,
    ) -> None:
        super().__init__(line, switch, settings, now=now, record=record, prefer=prefer)
        self._node = node
        self._before: dict[str, Before] = {}

    def remember(self, seats: Iterable[Before]) -> None:
        """Learn where the seats stood when this process ended; whoever comes back soon goes on from there."""
        self._before = {seat.seat: seat for seat in seats}

    def sign_on(
        self,
        seat: str,
        *,
        agent: str,
        name: str,
        at: datetime,
        profile: Profile | None = None,
        node: str = "",
    ) -> None:
        """An agent is at the seat. Whom the seat is talking to already is found again."""
        known = self.line.seats.get(seat)
        if known and known.state is not SeatState.OFFLINE:
            if known.agent != agent:
                raise Refused("此座席已有人签入")
            self.line.put(replace(known, profile=profile or known.profile))
            return
        signed = shift.sign_on(seat, agent=agent, name=name, at=at)
        node = node or self._node
        reachable = self._telephones.reachable(self.line.links.known(node), seat, at)
        signed = replace(signed, profile=profile or Profile(), node=node, reachable=reachable)
        talk = self.line.talk_of(seat)
        before = self._before.pop(seat, None)
        if talk:
            signed = replace(signed, state=talk.state, since=talk.since, call=talk.call, reason="")
        elif before and before.agent == agent and at - before.at < TAKEN_UP_AGAIN:
            signed = shift.taken_up_again(signed, before.state, before.reason, at + self._wrap_up)
        self.line.put(signed)

    def use_profile(self, seat: str, profile: Profile) -> None:
        """What the person at the seat can do has been changed."""
        if (known := self.line.seats.get(seat)) is not None:
            self.line.put(replace(known, profile=profile))

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

    def forget_desk(self, seat: str) -> None:
        """Whoever signs on here next begins anew."""
        self._before.pop(seat, None)

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
            raise Refused("正在重新接通，请稍候")
        log.info("call %s is ended by %s at %s", talk.call, seat, at)
        channel, node = talk.seat_channel, node_of(talk.call)
        self._later(lambda: self._switch.hang_up(channel, node=node), node)

    # What a supervisor decides about who waits

    def give(self, call: str, seat: str, *, at: datetime, by: str) -> None:
        """Send a waiting caller to a seat that is free."""
        caller, known = self._waiting(call), self._at(seat)
        if caller.call in self.line.leases:
            raise Refused("此来电正在接入座席")
        if known.state is not SeatState.READY or known.next_break or not known.usable:
            raise Refused("此座席现在不空闲")
        if self.line.leased_to(seat) or not self.line.links.linked(known.node):
            raise Refused("此座席正在接入另一来电")
        log.warning("call %s is given to %s by %s", call, seat, by)
        self._assigning.by_hand(call, seat, at, by=by)

    def raise_up(self, call: str, *, at: datetime, by: str) -> None:
        """Have a waiting caller come next, after emergencies."""
        caller = self._waiting(call)
        log.warning("call %s is raised by %s", call, by)
        wish = replace(caller.wish, raised=True)
        self.line.join(
            call, caller.channel, caller.number, max(at, caller.heard_at), wish=wish, aside=caller.aside
        )
        self._distribute(at)

    def _waiting(self, call: str) -> Caller:
        caller = self.line.callers.get(call)
        if caller is None:
            raise Refused("此来电已不在排队")
        if not self.leads:
            raise Refused("本机不是主用，请稍候重试")
        return caller

    # Calls of ours

    def ring_back_joins(self, owed: OwedCall, at: datetime) -> None:
        """A call that we owe waits in the line, in the place of the one who waits for it."""
        if all(each.ring_back != owed.call for each in self._ours()):
            call = owed.call + OUR_RING_BACK
            self.line.owe(
                Caller(
                    call,
                    "",
                    owed.number,
                    since=owed.since,
                    heard_at=at,
                    wish=owed.wish,
                    ring_back=owed.call,
                )
            )
            self._distribute(at)

    def ring_back_leaves(self, owed: str, at: datetime) -> None:
        """It is not owed any more, or not now. A talk that has begun goes on."""
        for caller in [each for each in self.line.callers.values() if each.ring_back == owed]:
            log.info("call %s is not rung back from %s on", owed, at)
            self.line.forgive(caller.call)

    def ring_out(
        self, seat: str, *, number: str, at: datetime, purpose: str = "call", owed: str = "", by: str = ""
    ) -> str:
        """Ring the seat of an agent who wants to call somebody. Return the id of that call."""
        known = self._at(seat)
        if known.state not in (SeatState.READY, SeatState.BREAK, SeatState.WRAP_UP) or not known.usable:
            raise Refused("现在不能外呼")
        if self.line.leased_to(seat):
            raise Refused("有来电正在接入，请稍候")
        if not (self.leads and self.line.links.linked(known.node)):
            raise Refused("电话系统未连接")
        if known.state is SeatState.BREAK and not known.next_break:
            self.line.put(replace(known, next_break=known.reason))
        waiting = next((each for each in self._ours() if owed and each.ring_back == owed), None)
        if waiting is not None and waiting.call not in self.line.callers:
            raise Refused("正在回拨中")
        caller = waiting or Caller("", "", number, since=at, heard_at=at, ring_back=owed)
        return self._assigning.ring(caller, known, at, purpose=purpose, by=by)

    def _ours(self) -> list[Caller]:
        """Return those whom we ring or shall ring."""
        talks = (talk.caller for talk in self.line.talks.values())
        return [each for each in (*self.line.callers.values(), *talks) if each.ring_back]

    def _at(self, seat: str) -> Seat:
        known = self.line.seats.get(seat)
        if known is None:
            raise Refused("尚未签入")
        return known
