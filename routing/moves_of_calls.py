"""Agents ask somebody, bring in a third voice, or hand the citizen over. One place for the orders and what becomes of them.

What is shown is what the dialplan has said of its own legs (`dialplan/moves.conf`); it also brings everybody back without
us. Here nothing is decided about the citizen but to whom he is handed.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from cases.ring_backs import dialled
from routing import shift
from routing.line import Line
from routing.links import within
from routing.live import ON_CALL, By, Change, Notice, SeatState, Talk, node_of
from routing.moves import Aside, LegSaid, LegSeen, Move, Step, Way, Whom, Word
from routing.shift import Refused
from routing.switch import Switch, SwitchFailed
from routing.work import Effect

log = logging.getLogger(__name__)

UNCONFIRMED = timedelta(seconds=5)
"""An order of which nothing is heard by then has not been carried out."""
PROMISED = timedelta(seconds=5)
BY_ITSELF = timedelta(seconds=2)
"""The leg of a seat that has handed over ends by itself within this, once the citizen is out of its bridge; ended sooner, it
would take him with it where it was the seat that had rung him."""


class MovesOfCalls:
    """Who is beside which talk. The seat of one who is asked counts as on a call, and gets no other."""

    def __init__(
        self,
        line: Line,
        switch: Switch,
        later: Callable[[Effect, str], None],
        *,
        leads: Callable[[], bool],
        term: Callable[[], int],
        wrap_up: timedelta,
    ) -> None:
        self.asides: dict[str, Aside] = {}
        self._left: list[tuple[datetime, str, str]] = []
        self._line = line
        self._switch = switch
        self._later = later
        self._leads = leads
        self._term = term
        self._wrap_up = wrap_up
        line.subscribe(self._follow)

    def of(self, seat: str) -> Aside | None:
        """Return whom the seat asks or has brought in."""
        talk = self._line.talk_of(seat)
        return self.asides.get(talk.call) if talk is not None else None

    def at(self, seat: str) -> Aside | None:
        """Return the talk beside which this seat is, asked or brought in by another one."""
        return next((each for each in self.asides.values() if each.whom.to == seat), None)

    # What agents order

    def ask(self, seat: str, whom: Whom, at: datetime, *, by: str) -> None:
        """咨询: the citizen hears music while the seat asks somebody."""
        talk = self._movable(self._talk(seat))
        if talk.state is SeatState.HOLD:
            raise Refused("请先取消保持")
        self._begin(Way.ASK, talk, whom, at, by)

    def join(self, seat: str, whom: Whom, at: datetime, *, by: str) -> None:
        """三方通话: somebody is rung, and comes into the talk; nobody hears anything of it until then."""
        self._begin(Way.JOIN, self._talk(seat), whom, at, by)

    def come_back(self, seat: str, at: datetime) -> None:
        """End the question, or have the third voice out: the seat goes on with the citizen."""
        aside = self._aside(seat)
        if not aside.channel:
            raise Refused("正在接通，请稍候")
        log.info("call %s: %s is alone with the citizen again at %s", aside.call, seat, at)
        self._hang_up(aside.call, aside.channel)

    def hand_over(self, seat: str, at: datetime, *, by: str) -> None:
        """转接: the one who was asked, or the third voice, goes on with the citizen."""
        talk, aside = self._movable(self._talk(seat)), self._aside(seat)
        if aside.step is not Step.TALKING:
            raise Refused("对方尚未接听")
        self.asides[talk.call] = replace(aside, taking=True)
        self._order(replace(self._move(Way.HAND_OVER, talk, aside.whom), third=aside.channel), at, by)

    def hand_on(self, seat: str, whom: Whom, at: datetime, *, by: str) -> None:
        """直接转: the citizen goes to another one, and the seat is out of it at once."""
        talk = self._movable(self._talk(seat))
        if talk.state is SeatState.HOLD:
            raise Refused("请先取消保持")
        if talk.call in self.asides:
            raise Refused("正在咨询或三方通话中")
        self._free(whom, seat, talk.call, at)
        self._order(self._move(Way.HAND_ON, talk, whom), at, by)

    # What is heard

    def said(self, leg: LegSaid) -> None:
        """Take in what a leg says of itself."""
        with self._line.changing():
            match leg.word:
                case Word.ASKS:
                    self._known(leg, Step.ORDERED)
                case Word.ASKED:
                    self._known(leg, Step.RINGING)
                case Word.ANSWERS:
                    self._known(leg, Step.TALKING)
                case Word.TAKES:
                    self._taken(leg)
                case Word.RETURNS:
                    self._over(leg.call, leg.at)

    def gone(self, channel: str, at: datetime) -> None:
        """A leg has ended. Of a question its seat's own leg tells the end, when it goes back."""
        aside = next((each for each in self.asides.values() if each.channel == channel), None)
        if aside is not None:
            with self._line.changing():
                self._over(aside.call, at)

    def lost(self, seat: str, at: datetime) -> None:
        """The seat's desk is lost, and its citizen is held for it: whoever is beside the talk is let go."""
        if (aside := self.of(seat)) is not None:
            self._over(aside.call, at)
            self._hang_up(aside.call, aside.seat_channel, aside.channel)

    def compare(self, seen: Iterable[LegSeen], node: str, asked_at: datetime) -> None:
        """Make this equal to a picture of a node; what was heard after that was asked for is newer."""
        ours, shown = within(node), {each.call: each for each in seen}
        with self._line.changing():
            for aside in [each for each in self.asides.values() if ours(each.call)]:
                if aside.call not in shown and aside.since < asked_at - UNCONFIRMED:
                    log.warning("call %s: nobody is beside it any more, unheard", aside.call)
                    self._over(aside.call, asked_at)
            for leg in shown.values():
                talk = self._line.talks.get(leg.call)
                if talk is not None and leg.call not in self.asides and talk.heard_at <= asked_at:
                    step = Step.TALKING if leg.answered else Step.RINGING
                    self._put(_aside(talk, Whom(leg.whom), step, asked_at, third=leg.third, leg=leg.channel))

    def tick(self, at: datetime) -> None:
        """Give up orders of which nothing has been heard, and end what has not ended by itself."""
        for each in [each for each in self._left if at - each[0] > BY_ITSELF]:
            self._left.remove(each)
            self._hang_up(*each[1:])
        for aside in [each for each in self.asides.values() if each.step is Step.ORDERED]:
            if at - aside.since > UNCONFIRMED:
                self._tell(aside.seat, "notice.move_failed")
                self._over(aside.call, at)

    # Parts of the above

    def _talk(self, seat: str) -> Talk:
        talk = self._line.talk_of(seat)
        if talk is None or talk.answered_at is None or talk.back_by is not None:
            raise Refused("没有可以转接的通话")
        if talk.caller.ring_back and talk.reached_at is None:
            raise Refused("对方尚未接听")
        if not (self._leads() and self._line.links.linked(node_of(talk.call))):
            raise Refused("电话系统未连接")
        return talk

    @staticmethod
    def _movable(talk: Talk) -> Talk:
        """Whom we have rung is known by his own word; a node that has not been told of it yet has none."""
        if not talk.channel:
            raise Refused("暂时不能咨询或转接，可用三方通话")
        return talk

    def _aside(self, seat: str) -> Aside:
        aside = self.of(seat)
        if aside is None:
            raise Refused("没有咨询或三方通话")
        return aside

    def _begin(self, way: Way, talk: Talk, whom: Whom, at: datetime, by: str) -> None:
        if talk.call in self.asides:
            raise Refused("正在咨询或三方通话中")
        self._free(whom, talk.seat, talk.call, at)
        with self._line.changing():
            self._put(_aside(talk, whom, Step.ORDERED, at, third=way is Way.JOIN))
        self._order(self._move(way, talk, whom), at, by)

    def _free(self, whom: Whom, by: str, call: str, at: datetime) -> None:
        """Refuse whoever cannot be had, and promise the seat, so that nobody else is sent there."""
        if not whom.is_seat:
            if dialled(whom.to, by_hand=True) != whom.to:
                raise Refused("不能拨打这个号码")
            return
        seat = self._line.seats.get(whom.to)
        if seat is None or whom.to == by or seat.state is not SeatState.READY or not seat.usable:
            raise Refused("该座席现在不能接听")
        if self._line.leased_to(whom.to):
            raise Refused("该座席正在接入来电")
        self._line.lease(call, whom.to, at + PROMISED)

    def _move(self, way: Way, talk: Talk, whom: Whom) -> Move:
        known = self._line.seats.get(whom.to)
        return Move(
            way,
            talk.call,
            talk.seat,
            channel=talk.channel,
            seat_channel=talk.seat_channel,
            to=whom.to,
            to_node=known.node if known is not None else "",
            term=self._term(),
        )

    def _order(self, move: Move, at: datetime, by: str) -> None:
        async def carry_out() -> None:
            try:
                # Before the move: so stands in the record who wanted it, whatever becomes of it.
                what = {"way": move.way.value, "whom": move.to, "by": by}
                await self._switch.fact(move.call, "MOVE", at, seat=move.seat, **what)
                await self._switch.move(move)
            except SwitchFailed as failed:
                log.warning("call %s could not be moved (%s): %s", move.call, move.way, failed)
                self._failed(move, at)

        log.info("call %s: %s orders %s", move.call, move.seat, move.way)
        self._later(carry_out, node_of(move.call))

    def _failed(self, move: Move, at: datetime) -> None:
        self._tell(move.seat, "notice.move_failed")
        lease = self._line.leases.get(move.call)
        if lease is not None and lease.seat == move.to:
            self._line.unlease(lease)
        aside = self.asides.get(move.call)
        if aside is not None and aside.step is Step.ORDERED:
            self._over(move.call, at)
        elif aside is not None:
            self.asides[move.call] = replace(aside, taking=False)

    def _known(self, leg: LegSaid, step: Step) -> None:
        talk, aside = self._line.talks.get(leg.call), self.asides.get(leg.call)
        if talk is None:
            return
        if aside is None:
            aside = _aside(talk, Whom(leg.whom), step, leg.at, third=False)
        where = leg.channel if leg.word is not Word.ASKS else ""
        since = aside.since if aside.step is step else leg.at
        self._put(replace(aside, step=step, channel=where, since=since))

    def _put(self, aside: Aside) -> None:
        self.asides[aside.call] = aside
        self._line.touch(aside.seat)
        guest = self._line.seats.get(aside.whom.to)
        if guest is None or aside.step is Step.ORDERED:
            return
        state = SeatState.TALKING if aside.step is Step.TALKING else SeatState.RINGING
        if guest.state is not SeatState.OFFLINE and guest.state is not state:
            self._line.put(
                replace(guest, state=state, since=aside.since, call=aside.call, reason="", by=By.CALL)
            )

    def _taken(self, leg: LegSaid) -> None:
        """The other one has the citizen: the seat has work to finish, and its own leg is not needed any more."""
        aside, talk = self.asides.pop(leg.call, None), self._line.talks.get(leg.call)
        if talk is None or talk.seat == leg.whom:
            return
        self._line.end(leg.call, leg.at, wrap_up=self._wrap_up)
        if leg.whom in self._line.seats:
            self._line.answer(leg.call, leg.whom, leg.channel, leg.at)
        if aside is not None:
            self._left.append((leg.at, leg.call, aside.seat_channel))

    def _over(self, call: str, at: datetime) -> None:
        aside = self.asides.pop(call, None)
        if aside is None:
            return
        self._line.touch(aside.seat)
        if (lease := self._line.leases.get(call)) is not None and lease.seat == aside.whom.to:
            self._line.unlease(lease)
        guest = self._line.seats.get(aside.whom.to)
        if guest is not None and guest.state in ON_CALL and guest.call == call:
            self._line.put(shift.free_again(replace(guest, call=""), at, by=By.CALL))
        if aside.step is Step.RINGING:
            self._tell(aside.seat, "notice.move_unanswered", aside.whom)

    def _follow(self, change: Change) -> None:
        """A talk that is over, or is at another seat, has nobody beside it."""
        if not self.asides or not (change.seats or change.line):
            return
        for aside in [*self.asides.values()]:
            talk = self._line.talks.get(aside.call)
            if talk is None or talk.seat != aside.seat:
                ended = self._line.gone.get(aside.call)
                self._over(aside.call, ended.heard_at if ended else aside.since)
                if self._leads():
                    # Who has hung up the moment he had handed over must not take the other one with him.
                    self._hang_up(aside.call, aside.seat_channel, "" if aside.taking else aside.channel)

    def _hang_up(self, call: str, *channels: str) -> None:
        node = node_of(call)
        for channel in filter(None, channels):

            async def end(leg: str = channel) -> None:
                await self._switch.hang_up(leg, node=node)

            self._later(end, node)

    def _tell(self, seat: str, text: str, whom: Whom | None = None) -> None:
        values = (("whom", whom.name or whom.to),) if whom is not None else ()
        self._line.notify(Notice(seat, "warn", text, values))


def _aside(talk: Talk, whom: Whom, step: Step, at: datetime, *, third: bool, leg: str = "") -> Aside:
    return Aside(talk.call, talk.seat, whom, third, step, at, talk.seat_channel, leg)
