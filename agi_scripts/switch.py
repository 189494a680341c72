"""Asterisk as the engine sees it: a few commands, and a picture of everything. The words of AMI end here."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from math import ceil
from urllib.parse import quote_plus, urlencode

from agi_scripts.ami import AMILink, Refused, Response
from agi_scripts.ami_lines import Action, AMIDown, Event
from agi_scripts.moving import actions
from agi_scripts.picture import (
    ASKED,
    UNRECORDED,
    beside,
    connected,
    members,
    telephones,
    waiting_in,
    whom_we_rang,
)
from agi_scripts.witness import Witness
from cases.ring_backs import dialled
from cases.transcripts import Party
from dialplan import variables
from routing.live import node_of
from routing.moves import Move
from routing.switch import RING_OUT_SECONDS, Snapshot, SwitchFailed

log = logging.getLogger(__name__)

QUEUE = "hotline"
# The connection to the speech service; see hotline/asterisk_files.py.
MEDIA = "hotline-media"
LOOKS, LOOK_SECONDS = 10, 0.1
# Out of reach for app_queue as long as the engine lives; see asterisk-conf/queuerules.conf.
PENALTY = "10"
NORMAL_CLEARING = "16"
# Why a paused seat is to be given back to app_queue when our process is gone; other reasons are a person's own.
FREED = frozenset({"call", "wrap_up", "held"})

_GONE = "No such channel"


class AsteriskSwitch:
    """`routing.switch.Switch` over one AMI link."""

    def __init__(
        self, link: AMILink, *, now: Callable[[], datetime], node: str = "", witness: Witness | None = None
    ) -> None:
        self._link = link
        self._witness = witness
        self._now = now
        self._node = node
        self._stays: dict[str, str] = {}
        self._stays_of = ""
        self._ears: dict[tuple[str, Party, str], str] = {}

    async def assign(
        self, call: str, seat: str, *, channel: str, reason: str, term: int = 0, seat_node: str = ""
    ) -> None:
        order = _order(call, seat, term, seat_node)
        where = {"Context": "hotline-seat", "Exten": order, "Priority": "1"}
        await self._do({"Action": "Redirect", "Channel": channel, **where})
        log.info("%s goes to %s (%s)", call, seat, reason)

    async def reconnect(
        self, call: str, seat: str, *, channel: str, term: int = 0, seat_node: str = ""
    ) -> None:
        order = _order(call, seat, term, seat_node)
        where = {"Context": "hotline-reconnect", "Exten": order, "Priority": "1"}
        await self._do({"Action": "Redirect", "Channel": channel, **where})
        log.info("%s waits for %s to come back", call, seat)

    async def ring_out(
        self,
        call: str,
        seat: str,
        *,
        number: str,
        purpose: str = "ring_back",
        owed: str = "",
        by: str = "",
        term: int = 0,
    ) -> None:
        if not (digits := dialled(number, by_hand=True)):
            raise SwitchFailed(f"Originate {seat}: not a number that is dialled")
        said = {"number": digits, "purpose": purpose, "owed": owed, "seat": seat, "by": by}
        if self._witness is not None:
            self._witness.ordered(call, urlencode(said))
        await self._do(
            {
                "Action": "Originate",
                "Channel": f"PJSIP/{seat}",
                "ChannelId": call,
                "Context": "hotline-outgoing",
                "Exten": digits,
                "Priority": "1",
                "Timeout": str(RING_OUT_SECONDS * 1000),
                "CallerID": f"<{digits}>",
                # AMI splits the header at commas, so each variable has its own, and a comma a backslash.
                "Variable": [
                    "CHANNEL(hangup_handler_push)=hotline-outgoing-ends\\,s\\,1",
                    f"PJSIP_HEADER(add,X-Call)={call}",
                    f"PJSIP_HEADER(add,X-Outgoing)={purpose}",
                    f"__HOTLINE_CALL={call}",
                    f"HOTLINE_SAID={urlencode(said)}",
                    f"HOTLINE_PURPOSE={purpose}",
                    f"HOTLINE_SEAT={seat}",
                    f"HOTLINE_ORDERED={term}",
                ],
            }
        )
        log.info("%s: %s is rung to call somebody (%s)", call, seat, purpose)

    async def move(self, move: Move) -> None:
        shown = await self._ask({"Action": "Getvar", "Variable": variables.SHOWN})
        for action in actions(move, shown=shown.headers.get("Value", "")):
            await self._do(action)

    async def add_seat(self, seat: str, name: str, *, node: str = "") -> None:  # noqa: ARG002  we are one
        added = await self._ask(
            {
                "Action": "QueueAdd",
                "Queue": QUEUE,
                "Interface": f"PJSIP/{seat}",
                "MemberName": one_line(name) or seat,
                "StateInterface": f"PJSIP/{seat}",
                "Penalty": PENALTY,
                "Paused": "true",
            }
        )
        if not added.ok and "Already there" not in added.message:
            raise SwitchFailed(f"QueueAdd {seat}: {added.message}")
        if not added.ok:
            await self.pause_seat(seat, "")

    async def remove_seat(self, seat: str, *, node: str = "") -> None:  # noqa: ARG002
        removed = await self._ask({"Action": "QueueRemove", "Queue": QUEUE, "Interface": f"PJSIP/{seat}"})
        if not removed.ok and "Not there" not in removed.message:
            raise SwitchFailed(f"QueueRemove {seat}: {removed.message}")

    async def pause_seat(self, seat: str, reason: str, *, node: str = "") -> None:  # noqa: ARG002
        await self._note_stay(seat, "" if reason in FREED else one_line(reason) or "paused")
        await self._do(_pause(seat, "true") | {"Reason": one_line(reason)})

    async def unpause_seat(self, seat: str, *, node: str = "") -> None:  # noqa: ARG002
        await self._do(_pause(seat, "false"))

    async def hang_up(self, channel: str, *, node: str = "") -> None:  # noqa: ARG002
        ended = await self._ask({"Action": "Hangup", "Channel": channel, "Cause": NORMAL_CLEARING})
        if not ended.ok and _GONE not in ended.message:
            raise SwitchFailed(f"Hangup {channel}: {ended.message}")

    async def listen(self, call: str, party: Party, channel: str, *, other_end: bool = False) -> None:
        """A channel of its own to the speech service spies on the leg: the talk has nothing to do with it.

        Run as an application it has no dialplan, and does not count among the calls that Asterisk admits.
        """
        leg = await self._connected_to(channel) if other_end else channel
        ear = secrets.token_hex(4)
        await self._do(
            {
                "Action": "Originate",
                "Channel": f"WebSocket/{MEDIA}/c(slin)v(call={call},party={party},ear={ear})",
                "ChannelId": _ear(call, ear),
                "Application": "ChanSpy",
                "Data": f"{leg},qoES",
                "Timeout": "2000",
                "Async": "true",
            }
        )
        self._ears[call, party, channel] = ear

    async def _connected_to(self, channel: str) -> str:
        """Return the other end of a leg; it has answered, but may not be connected yet."""
        for _ in range(LOOKS):
            asked = {"Action": "Getvar", "Channel": channel, "Variable": "BRIDGEPEER"}
            if peer := (await self._ask(asked)).headers.get("Value", ""):
                return peer
            await asyncio.sleep(LOOK_SECONDS)
        raise SwitchFailed(f"Getvar {channel}: it is connected to nobody")

    async def unlisten(self, call: str, party: Party, channel: str) -> None:
        if ear := self._ears.pop((call, party, channel), ""):
            await self.hang_up(_ear(call, ear))

    async def mute_recording(self, call: str, *, until: datetime | None) -> None:
        """Pause or go on. What stands on the channel tells a process that is started meanwhile that it must go on.

        Asterisk takes a channel's unique id for its name, and the call is the one that is recorded; in a call of ours it
        is the leg of whom we have rung, who may be there longer than the call's own channel.
        """
        recorded = await self._recorded(call)
        note = {"Action": "Setvar", "Channel": recorded, "Variable": UNRECORDED}
        mute = {"Action": "MixMonitorMute", "Channel": recorded, "Direction": "both"}
        if until is not None:
            await self._do(note | {"Value": str(ceil(until.timestamp()))})
            await self._do(mute | {"State": "1"})
            return
        for action in (mute | {"State": "0"}, note | {"Value": ""}):
            done = await self._ask(action)
            if not done.ok and _GONE.lower() not in done.message.lower():
                raise SwitchFailed(f"{action['Action']} {call}: {done.message}")

    async def _recorded(self, call: str) -> str:
        asked = await self._ask({"Action": "Getvar", "Channel": call, "Variable": variables.CITIZEN})
        if asked.ok:
            return asked.headers.get("Value", "") or call
        channels = await self._list({"Action": "Status", "Variables": ",".join(ASKED)})
        citizen = whom_we_rang(channels).get(call)
        return citizen["Channel"] if citizen is not None else call

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        told = {"at": int(at.timestamp() * 1000), **detail}
        message = "&".join(f"{name}={quote_plus(str(value))}" for name, value in told.items())
        await self._do(
            {
                "Action": "QueueLog",
                "Queue": QUEUE,
                "Event": f"HOTLINE_{kind.upper()}",
                "Uniqueid": call,
                "Interface": seat,
                "Message": message,
            }
        )

    async def snapshot(self, *, node: str = "") -> Snapshot:  # noqa: ARG002
        at = self._now()
        line = await self._list({"Action": "QueueStatus", "Queue": QUEUE})
        channels = await self._list({"Action": "Status", "Variables": ",".join(ASKED)})
        return Snapshot(
            at=at,
            waiting=tuple(waiting_in(line, channels, at)),
            talks=tuple(connected(channels, at)),
            members=tuple(members(line)),
            node=self._node,
            epoch=self._link.epoch,
            telephones=telephones(line),
            asides=tuple(beside(channels)),
        )

    async def telephones(self, seat: str) -> frozenset[str]:
        """Return where the seat's telephones have registered. The list of all would need the right to reload Asterisk."""
        asked = {"Action": "Getvar", "Variable": f"PJSIP_DIAL_CONTACTS({seat})"}
        answer = await self._ask(asked)
        if not answer.ok:
            raise SwitchFailed(f"Getvar: {answer.message}")
        contacts = answer.headers.get("Value", "").split("&")
        return frozenset(each.removeprefix(f"PJSIP/{seat}/") for each in contacts if each)

    async def _note_stay(self, seat: str, stays: str) -> None:
        """Write down who stays paused without us: the dialplan cannot read why a member is paused."""
        if self._stays_of != self._link.epoch:
            # Another Asterisk has persistent members and knows nothing of this.
            self._stays.clear()
            self._stays_of = self._link.epoch
        before = self._stays.get(seat)
        if before != stays:
            await self._do({"Action": "Setvar", "Variable": f"{variables.STAYS}_{seat}", "Value": stays})
            self._stays[seat] = stays
        if before is None:
            alike = ",".join(sorted(each for each in self._stays if each[-1] == seat[-1]))
            await self._do({"Action": "Setvar", "Variable": f"{variables.SEATS}_{seat[-1]}", "Value": alike})

    async def _do(self, action: Action) -> None:
        answer = await self._ask(action)
        if not answer.ok:
            raise SwitchFailed(f"{action['Action']}: {answer.message}")

    async def _ask(self, action: Action) -> Response:
        try:
            return await self._link.ask(action)
        except (AMIDown, TimeoutError, ValueError) as error:
            raise SwitchFailed(f"{action['Action']}: {error!r}") from error

    async def _list(self, action: Action) -> list[Event]:
        try:
            return await self._link.collect(action)
        except (AMIDown, TimeoutError, Refused) as error:
            raise SwitchFailed(f"{action['Action']}: {error!r}") from error


def _pause(seat: str, paused: str) -> dict[str, str]:
    return {"Action": "QueuePause", "Queue": QUEUE, "Interface": f"PJSIP/{seat}", "Paused": paused}


def one_line(text: str) -> str:
    """Return what a person typed as one line without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:80]


def _ear(call: str, ear: str) -> str:
    """Return the id of a channel that hears a leg. It must not look like a call's, or it would have a record.

    And it must be new each time: asked for a WebSocket channel with an id that is in use, Asterisk 22.10 crashes.
    """
    return f"{call}-e{ear}"


def _order(call: str, seat: str, term: int, seat_node: str) -> str:
    """Return the extension: the seat, in which term it was chosen, and the node that has it if it is another."""
    if seat_node and seat_node != node_of(call):
        return f"{seat}-{term}-{seat_node}"
    return f"{seat}-{term}" if term else seat
