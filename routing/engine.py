"""The engine: hears the exchange and the desks, decides on the live model at once, and acts through queues.

Nothing here waits inside an event: decisions are made on the `Line` in memory, and what has to be told to the
exchange or written down is put into queues that tasks of their own work off.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from routing import shift, truth
from routing.assigning import Prefer
from routing.desk_side import Before, DeskSide
from routing.estimate import Wait, estimate
from routing.exchange_side import RING_GRACE_SECONDS, Declined, SeatLog
from routing.leadership import Term
from routing.line import Line
from routing.live import Caller, Repair, Seat, SeatState, Talk, Wish, node_of
from routing.pace import Pace, picture
from routing.rules import LineRules
from routing.seats import Assignment
from routing.shift import LineSettings, Refused
from routing.switch import RING_OUT_SECONDS, Switch
from routing.truth import Source, Stuck, StuckKind
from storage.errors import StoreDown

__all__ = ["Before", "Declined", "Engine", "LineSettings", "Refused"]

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


class Engine(DeskSide):
    """Assigns seats to callers of one line. Events and commands return at once; `run` does the work."""

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
        super().__init__(line, switch, settings, now=now, record=record, node=node, prefer=prefer)
        self._pace = Pace(line)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._work.run())
            tasks.create_task(self._note())
            while True:
                self.tick(self._now())
                await asyncio.sleep(TICK_SECONDS)

    def tick(self, at: datetime) -> None:
        """Do what has become due: leases, ringing, work after calls, breaks that end by themselves."""
        with self.line.changing():
            self.line.forget(at)
            self.moves.tick(at)
            self._assigning.tries.forget(at)
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
            self._occupancy.refresh(self.rules, at)
        if self.leads:
            self.unrecorded.tick(at)
        self._distribute(at)

    # Who leads, and by which rules

    def lead(self, term: Term, at: datetime) -> None:
        """From now on this engine decides. What it has heard as a stand-by is the line as it is."""
        self._assigning.chosen, self._assigning.term = True, term.number
        self._members.forget_orphans()
        for node in [*self.line.links.nodes]:
            self._tell_members(node)
        for caller in self.line.waiting():
            self._assigning.ask_about(caller.call, self._now)
        log.info("leading in term %d", term.number)
        self._distribute(at)

    def stand_by(self, at: datetime) -> None:
        """Another engine decides. What this one had promised counts for nothing, and the desks go there."""
        self._assigning.chosen = False
        with self.line.changing():
            for lease in [*self.line.leases.values()]:
                self.line.unlease(lease)
            for seat in [each for each in self.line.seats.values() if each.state is not SeatState.OFFLINE]:
                self.line.put(Seat(seat.id, "", "", SeatState.OFFLINE, since=at, idle_since=at))
        log.warning("standing by")

    def lead_while(self, allowed: Callable[[], bool]) -> None:
        """Ask this right before each act, and do nothing when it says no."""
        self._assigning.allowed = allowed

    def use_rules(self, rules: LineRules) -> None:
        """Choose seats by these rules from the next decision on."""
        self._assigning.rules = rules

    # What is true, and how old

    def sources(self, at: datetime) -> list[Source]:
        """Return where the figures come from, and how old they are."""
        return truth.sources(self.line, at)

    def why(self, call: str) -> Assignment | None:
        """Return why the call was given to its seat, as long as that is remembered."""
        return self._assigning.reasons.get(call)

    def stuck(self, at: datetime) -> list[Stuck]:
        """Return what has been wrong for too long."""
        found = truth.stuck(self.line, self._settings, self.rules, at)
        # A seat that another one asks is on a call that is not its own.
        return [each for each in found if not (each.seat and self.moves.at(each.seat))]

    def learn(self, talks: Iterable[tuple[float, float]]) -> None:
        """Take over from the records how long the last calls and the work after them took, in seconds."""
        self._pace.learn(talks)

    def estimate(self, call: str | None, at: datetime, wish: Wish | None = None) -> Wait | None:
        """Return how long this caller will wait, or one who came now; None if nobody can say."""
        known = self.line.callers.get(call or "") or self.line.gone.get(call or "")
        caller = known or Caller("", "", "", since=at, heard_at=at, wish=wish or Wish())
        return estimate(picture(self.line, caller, self._pace, rules=self.rules, at=at))

    def repair(self, kind: str, about: str, *, by: str, at: datetime) -> None:
        """Have one thing looked at anew and set right, or a seat put where a supervisor wants it."""
        log.warning("%s asks to set right %s %s", by, kind, about)
        match kind:
            case "pause_seat":
                self.take_break(about, reason="supervisor", at=at, by=by)
            case "ready_seat":
                self.ready(about, at=at, by=by)
            case "sign_off_seat":
                self.sign_off(about, at=at, by=by)
            case _ if kind in set(StuckKind):
                node = self._node_about(StuckKind(kind), about)
                self._later(partial(self._set_right, StuckKind(kind), about, node, by), node)
            case _:
                raise Refused("没有这样的修复")

    async def _set_right(self, kind: StuckKind, about: str, node: str, by: str) -> None:
        snapshot = await self._switch.snapshot(node=node)
        at = self._now()
        self.reconcile(snapshot, at)
        if all((each.kind, each.id) != (kind, about) for each in self.stuck(at)):
            return
        seat, lease = self.line.seats.get(about), self.line.leases.get(about)
        if seat is not None and self.line.talk_of(about) is None:
            self.line.put(shift.free_again(replace(seat, call=""), at, by=by))
        elif lease is not None:
            self.line.unlease(lease)
        self.repairs.append(Repair(kind.value, about, f"set right by {by}", at))
        self.repaired += 1
        self._distribute(at)

    def _node_about(self, kind: StuckKind, about: str) -> str:
        if kind is StuckKind.LINK_LATE:
            return about
        seat = self.line.seats.get(about)
        return self.line.links.known(seat.node if seat is not None else node_of(about))

    def _rang_too_long(self, talk: Talk, at: datetime) -> bool:
        rings = RING_OUT_SECONDS if talk.caller.ring_back else self._settings.ring_seconds
        patience = rings + RING_GRACE_SECONDS
        return talk.state is SeatState.RINGING and at >= talk.since + timedelta(seconds=patience)

    async def _note(self) -> None:
        while True:
            seat = await self._notes.get()
            try:
                await self._record(seat)
            except StoreDown as down:
                log.warning("state %s of %s is not written down: %s", seat.state, seat.id, down)
            finally:
                self._notes.task_done()
