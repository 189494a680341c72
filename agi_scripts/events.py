"""What Asterisk says, told to the engine in its own words; and what it says about everything, every few seconds."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from agi_scripts.ami import LINK_BEHIND, LINK_DOWN, LINK_UP, AMILink
from agi_scripts.ami_lines import Event
from agi_scripts.picture import (
    CARRIER,
    NO_TELEPHONE,
    arrival,
    call_of,
    from_another_node,
    leg_said,
    number_of,
    outside,
    seat_name,
    seat_of_channel,
    seat_of_device,
    seat_of_leg,
    values_on,
    wish,
)
from agi_scripts.switch import QUEUE, AsteriskSwitch
from agi_scripts.witness import Witness
from dialplan import variables
from routing.engine import Declined
from routing.live import Wish
from routing.moves import LegSaid, Word
from routing.switch import Snapshot, SwitchFailed

log = logging.getLogger(__name__)

RECONCILE_SECONDS = 5.0
LEGS_REMEMBERED = 1000

DECLINED = {
    "NOANSWER": Declined.NO_ANSWER,
    "BUSY": Declined.REJECTED,
    "CANCEL": Declined.CALLER_GONE,
    "ABORT": Declined.CALLER_GONE,
    "CHANUNAVAIL": Declined.UNREACHABLE,
    "CONGESTION": Declined.UNREACHABLE,
}


class Hearing(Protocol):
    """The part of the engine that is told what the exchange says."""

    def caller_joined(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
    ) -> None: ...
    def caller_aside(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
    ) -> None: ...
    def caller_left(self, call: str, at: datetime) -> None: ...
    def caller_gone(self, call: str, at: datetime) -> None: ...
    def citizen_reached(self, call: str, at: datetime) -> None: ...
    def citizen_rung(self, call: str, channel: str, at: datetime) -> None: ...
    def citizen_gone(self, call: str, channel: str, at: datetime) -> None: ...
    def seat_offered(self, call: str, seat: str, at: datetime) -> None: ...
    def seat_answered(self, call: str, seat: str, seat_channel: str, at: datetime) -> None: ...
    def seat_refused(self, call: str, seat: str, cause: Declined, at: datetime) -> None: ...
    def held(self, call: str, at: datetime) -> None: ...
    def resumed(self, call: str, at: datetime) -> None: ...
    def talk_ended(self, call: str, at: datetime, leg: str = "") -> None: ...
    def seat_reachable(self, seat: str, reachable: bool, at: datetime, *, node: str = "") -> None: ...
    def seat_registered(self, seat: str, registered: bool, at: datetime) -> None: ...
    def leg_said(self, said: LegSaid) -> None: ...
    def leg_gone(self, channel: str, at: datetime) -> None: ...
    def carrier_seen(self, where: str, *, gone: bool) -> None: ...
    def asterisk_up(self, snapshot: Snapshot, at: datetime) -> object: ...
    def asterisk_down(self, at: datetime, *, node: str = "") -> None: ...
    def reconcile(self, snapshot: Snapshot, at: datetime) -> object: ...


class Translator:
    """Turns single events into words for the engine.

    Remembers only which ringing legs have already ended, whose legs to other nodes are, and where each seat's telephone
    is: when a page is loaded again its new telephone may be there before the old one is gone.
    """

    def __init__(self, engine: Hearing, node: str = "") -> None:
        self._engine = engine
        self._node = node
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._legs: OrderedDict[str, str] = OrderedDict()
        self._beside: OrderedDict[str, None] = OrderedDict()
        self._telephones: dict[str, set[str]] = {}
        self._carriers_gone: set[str] = set()

    def tell(self, event: Event) -> None:
        """Tell the engine what the event means for the line, if it means anything."""
        match event["Event"]:
            case (
                "QueueCallerJoin"
                | "QueueCallerLeave"
                | "QueueMemberAdded"
                | "QueueMemberStatus"
                | "QueueMemberRemoved"
            ):
                if event.get("Queue") == QUEUE:
                    self._line(event)
            case "DialBegin" | "DialEnd":
                self._ringing(event)
            case "Hold" | "Unhold":
                self._holding(event)
            case "Hangup":
                self._hangup(event)
            case "VarSet":
                if event.get("Variable") == variables.PLACE:
                    self._place(event)
            case "ContactStatus":
                self._contact(event)

    def registered(self, seat: str, telephones: Iterable[str], at: datetime) -> None:
        """Take in where the seat's telephones are; what was heard of them before counts for nothing."""
        self._telephones[seat] = set(telephones)
        self._engine.seat_registered(seat, bool(self._telephones[seat]), at)

    def _line(self, event: Event) -> None:
        at = time_of(event)
        match event["Event"]:
            case "QueueCallerJoin":
                said = values_on(event.get("ChanVariable", ""))
                self._engine.caller_joined(
                    call_of(event),
                    event["Channel"],
                    number_of(event),
                    at,
                    since=arrival(said.get(variables.SINCE, ""), at),
                    wish=wish(said.get(variables.WISH, "")),
                )
            case "QueueCallerLeave":
                self._engine.caller_left(call_of(event), at)
            case member:
                # Of the telephone of a seat that is no member any more nothing will be heard.
                reachable = member != "QueueMemberRemoved" and event.get("Status") not in NO_TELEPHONE
                if seat := seat_of_device(event.get("Interface", "")):
                    self._engine.seat_reachable(seat, reachable, at, node=self._node)

    def _leg(self, said: LegSaid, leg: str) -> None:
        """Tell what a leg beside a talk says of itself. Its ringing is no call of its own."""
        if said.word in (Word.ASKED, Word.ANSWERS):
            self._beside[leg] = None
            if len(self._beside) > LEGS_REMEMBERED:
                self._beside.popitem(last=False)
        elif said.word is Word.TAKES:
            self._beside.pop(leg, None)
        self._engine.leg_said(said)

    def _place(self, event: Event) -> None:
        """Tell what the dialplan says of a citizen: he may be sent to a seat, not now, not again, or not to that one."""
        if (said := leg_said(event, time_of(event))) is not None:
            self._leg(said, event["Uniqueid"])
            return
        place, one, two = [*event.get("Value", "").split(" "), "", ""][:3]
        call, at = call_of(event), time_of(event)
        if place == "citizen":
            self._engine.citizen_rung(call, event["Channel"], at)
        elif place == "back":
            self._engine.seat_refused(call, one, DECLINED.get(two, Declined.UNREACHABLE), at)
        elif place == "gone":
            self._engine.caller_gone(call, at)
        elif place in ("line", "aside"):
            told = self._engine.caller_joined if place == "line" else self._engine.caller_aside
            told(
                call,
                event["Channel"],
                number_of(event),
                at,
                since=arrival(one, at),
                wish=wish(two),
            )

    def _ringing(self, event: Event) -> None:
        by, leg = event.get("Channel", ""), event.get("DestUniqueid", "")
        # A call that we begin rings its seat without any other channel, and is the seat's leg.
        call = (call_of(event) if by else "") or leg
        seat, at = self._seat_rung(event), time_of(event)
        if not call or from_another_node(by) or leg in self._beside:
            return  # what becomes of a caller from another node, that node tells
        if not seat:
            if seat_of_channel(by) and event.get("DialStatus") == "ANSWER":
                self._engine.citizen_reached(call, at)
        elif event["Event"] == "DialBegin":
            self._engine.seat_offered(call, seat, at)
        elif self._ends(leg):
            if event["DialStatus"] == "ANSWER":
                self._engine.seat_answered(call, seat, event["DestChannel"], at)
            else:
                cause = DECLINED.get(event["DialStatus"], Declined.UNREACHABLE)
                self._engine.seat_refused(call, seat, cause, at)

    def _seat_rung(self, event: Event) -> str:
        """Return the seat at the end of the leg; of a leg to another node it stands in what was dialled."""
        channel, leg = event.get("DestChannel", ""), event.get("DestUniqueid", "")
        if not from_another_node(channel):
            return seat_of_channel(channel)
        seat = seat_name(event.get("DialString", "").partition("@")[0]) or self._legs.get(leg, "")
        if seat and leg not in self._legs:
            self._legs[leg] = seat
            if len(self._legs) > LEGS_REMEMBERED:
                self._legs.popitem(last=False)
        return seat

    def _seat_there(self, event: Event) -> str:
        known = self._legs.get(event.get("Uniqueid", ""), "")
        return known or seat_of_leg(event["Channel"], values_on(event.get("ChanVariable", "")))

    def _holding(self, event: Event) -> None:
        if self._seat_there(event):
            told = self._engine.held if event["Event"] == "Hold" else self._engine.resumed
            told(event["Linkedid"], time_of(event))

    def _hangup(self, event: Event) -> None:
        """A call ends with the citizen's channel, or with the seat's if that was answered.

        A leg that only rang has its DialEnd, and by now its caller may be ringing somewhere else. But of a seat that we ring
        to call somebody, and that lets it ring, Asterisk says nothing else: this is the end of it.
        """
        seat, call, leg = self._seat_there(event), event["Linkedid"], event["Uniqueid"]
        self._legs.pop(leg, None)
        self._engine.leg_gone(event["Channel"], time_of(event))
        if leg in self._beside:
            del self._beside[leg]
            return
        if seat and leg == call and event["ChannelStateDesc"] != "Up":
            if self._ends(leg):
                self._engine.seat_refused(call, seat, Declined.NO_ANSWER, time_of(event))
        elif (seat and event["ChannelStateDesc"] == "Up") or (not seat and leg == call):
            self._engine.talk_ended(call, time_of(event), event["Channel"] if seat else "")
        elif outside(event["Channel"]):
            self._engine.citizen_gone(call, event["Channel"], time_of(event))

    def _telephone(self, seat: str, event: Event) -> None:
        places = self._telephones.setdefault(seat, set())
        (places.discard if event["ContactStatus"] == "Removed" else places.add)(event.get("URI", ""))
        self._engine.seat_registered(seat, bool(places), time_of(event))

    def _contact(self, event: Event) -> None:
        if seat := seat_name(event.get("EndpointName", "")):
            self._telephone(seat, event)
        elif event.get("EndpointName") == CARRIER:
            self._carrier(event)

    def _carrier(self, event: Event) -> None:
        """Asterisk asks each way out every few seconds whether it is there; told is only a change."""
        where, gone = event.get("URI", "").removeprefix("sip:"), event["ContactStatus"] == "Unreachable"
        if gone != (where in self._carriers_gone):
            (self._carriers_gone.add if gone else self._carriers_gone.discard)(where)
            self._engine.carrier_seen(where, gone=gone)

    def _ends(self, leg: str) -> bool:
        """Tell whether this is the first end of the leg: Asterisk says NOANSWER, then CANCEL for the same one."""
        if leg in self._ended:
            return False
        self._ended[leg] = None
        if len(self._ended) > LEGS_REMEMBERED:
            self._ended.popitem(last=False)
        return True


def time_of(event: Event) -> datetime:
    """Return when Asterisk saw it happen."""
    return datetime.fromtimestamp(float(event["Timestamp"]), UTC)


class Listener:
    """Reads the link's events one by one, and every few seconds compares the model with a whole picture."""

    def __init__(
        self,
        link: AMILink,
        switch: AsteriskSwitch,
        engine: Hearing,
        *,
        now: Callable[[], datetime],
        after_up: Callable[[], Awaitable[None]] | None = None,
        node: str = "",
        witness: Witness | None = None,
    ) -> None:
        self._link = link
        self._switch = switch
        self._engine = engine
        self._now = now
        self._after_up = after_up
        self._node = node
        self._translator = Translator(engine, node)
        self._witness = witness
        self._sure = False

    async def run(self) -> None:
        """Listen until cancelled."""
        clock = asyncio.get_running_loop().time
        due = clock() + RECONCILE_SECONDS
        while True:
            event = None
            if clock() < due:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        event = await self._link.inbox.get()
            await self._hear(event)
            if event is None:
                due = clock() + RECONCILE_SECONDS

    async def _hear(self, event: Event | None) -> None:
        """Take in one event; None is the time to compare. Whatever goes wrong costs this one only."""
        name = event["Event"] if event else ""
        try:
            if name == LINK_UP:
                await self._link_up()
            elif name == LINK_DOWN:
                self._sure = False
                self._engine.asterisk_down(self._now(), node=self._node)
            elif event is None or name == LINK_BEHIND:
                await self._compare(missed=name == LINK_BEHIND)
            else:
                if self._witness is not None:
                    self._witness.hear(event)
                self._translator.tell(event)
        except SwitchFailed as failed:
            log.warning("no picture of Asterisk: %s", failed)
        except Exception:
            log.exception("AMI event %s could not be taken in", name or "none: comparing")

    async def _link_up(self) -> None:
        await self._compare()
        if self._after_up is not None:
            await self._after_up()

    async def _compare(self, *, missed: bool = False) -> None:
        """Give the engine a whole picture; the first one after a loss of the link holds without question."""
        if not self._link.ready.is_set():
            return
        snapshot = await self._switch.snapshot()
        if self._sure:
            self._engine.reconcile(snapshot, self._now())
            if missed:
                await self._find_telephones(snapshot)
            return
        self._engine.asterisk_up(snapshot, self._now())
        await self._find_telephones(snapshot)
        self._sure = True

    async def _find_telephones(self, snapshot: Snapshot) -> None:
        """Learn whose telephone has gone unheard. Only in a talk does it matter: all others will be rung, and that tells."""
        for seat in sorted({talk.seat for talk in snapshot.talks}):
            self._translator.registered(seat, await self._switch.telephones(seat), self._now())
