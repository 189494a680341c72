"""What our own process has seen of calls with citizens, in memory only: for calls of which Asterisk could write nothing.

Its files are the record, and they lie on a disk that can be full. The events it tells us at the same moments say nearly the
same; they are kept here in the form of its lines until somebody has looked whether the record is whole.
"""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from agi_scripts.ami_lines import Event
from agi_scripts.picture import from_another_node, number_of, seat_of_channel
from dialplan import variables

log = logging.getLogger(__name__)

MOST_CALLS = 5_000
MOST_ORDERED = 500
MOST_LINES = 400
"""Of one call; nobody is moved so often."""


@dataclass(slots=True)
class Seen:
    """One call. `lines` are what Asterisk would have written, as far as it told us."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    number: str = ""
    began_at: float = 0.0
    ended_at: float | None = None
    asked: set[str] = field(default_factory=set)
    """The channels that have asked for their own end."""
    up: set[str] = field(default_factory=set)
    ordered: str = ""
    """What a call of ours was ordered for, in the words of its record."""
    dialled: str = ""
    """How it went with the citizen whom we rang."""

    @property
    def talked(self) -> bool:
        """Tell whether somebody was in one bridge with the citizen, who is the first in `lines`."""
        rooms: dict[str, set[str]] = {}
        for line in self.lines:
            if line["eventtype"] == "BRIDGE_ENTER":
                rooms.setdefault(str(line["eventextra"]), set()).add(str(line["uniqueid"]))
        return any(len(room) > 1 and self.lines[0]["linkedid"] in room for room in rooms.values())


class Witness:
    """Hears every event of one Asterisk. The oldest calls are forgotten first when there are too many."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, Seen] = OrderedDict()
        self._ordered: OrderedDict[str, str] = OrderedDict()

    def hear(self, event: Event) -> None:
        """Keep what the event says of a call with a citizen, if it says anything."""
        said = _SAID.get(event.get("Event", ""))
        if said is None or not event.get("Uniqueid") or not (seen := self._seen(event)):
            return
        if event["Uniqueid"] == event["Linkedid"]:
            seen.number = number_of(event) or seen.number
        if len(seen.lines) < MOST_LINES or event["Event"] == "Hangup":
            seen.lines += said(event, seen)

    def ordered(self, call: str, said: str) -> None:
        """Remember what for we have a seat ring somebody; the call begins when its first channel is there."""
        self._ordered[call] = said
        if len(self._ordered) > MOST_ORDERED:
            self._ordered.popitem(last=False)

    def fact(self, call: str, said: str) -> None:
        """Keep what a script of ours has put into the record of a call, in the words of CELGenUserEvent."""
        seen = self._calls.get(call)
        if seen is None or len(seen.lines) >= MOST_LINES:
            return
        kind, _, extra = said.partition(",")
        event = {"Timestamp": f"{time.time():.6f}", "Uniqueid": call, "Linkedid": call}
        seen.lines.append(_line(event, kind, eventextra=json.dumps({"extra": extra})))

    def going_on(self, before: datetime) -> set[str]:
        """Return the calls that began before then and whose end was not heard."""
        moment = before.timestamp()
        return {
            call for call, seen in self._calls.items() if seen.ended_at is None and seen.began_at < moment
        }

    def over(self, before: datetime) -> set[str]:
        """Return the calls that ended before then."""
        moment = before.timestamp()
        return {
            call for call, seen in self._calls.items() if seen.ended_at is not None and seen.ended_at < moment
        }

    def talked(self, call: str) -> bool:
        seen = self._calls.get(call)
        return seen is not None and seen.talked

    def ended(self, call: str) -> bool:
        seen = self._calls.get(call)
        return seen is not None and seen.ended_at is not None

    def lines(self, call: str) -> list[str]:
        """Return what was seen of the call, in the form of Asterisk's own lines, and marked; nothing if nothing was."""
        seen = self._calls.get(call)
        if seen is None:
            return []
        number = {"num": seen.number, "witnessed": "1"}
        return [
            json.dumps(line | (number if line["uniqueid"] == call else {"witnessed": "1"}))
            for line in seen.lines
        ]

    def forget(self, calls: Iterable[str]) -> None:
        for call in calls:
            self._calls.pop(call, None)

    def _seen(self, event: Event) -> Seen | None:
        call = event.get("Linkedid", "")
        seen = self._calls.get(call)
        ordered = self._ordered.pop(call, "") if seen is None and event["Event"] == "Newchannel" else ""
        if seen is None and event["Uniqueid"] == call and (ordered or _of_citizen(event)):
            seen = self._calls[call] = Seen(began_at=float(event["Timestamp"]), ordered=ordered)
            if len(self._calls) > MOST_CALLS:
                oldest, _ = self._calls.popitem(last=False)
                log.warning("too many calls to remember: %s is forgotten", oldest)
        return seen


def _of_citizen(event: Event) -> bool:
    """Tell a citizen's channel from a seat's and from a leg that another node sent to one of our seats."""
    channel = event.get("Channel", "")
    ours = seat_of_channel(channel) or not channel.startswith("PJSIP/") or channel.startswith(_OTHERS)
    return not ours and event["Event"] != "Hangup"


# Of other nodes, and whom a seat brings into its talk from outside.
_OTHERS = ("PJSIP/node-", "PJSIP/carrier-")


def _line(event: Event, kind: str, **more: str) -> dict[str, Any]:
    return {
        "eventtype": kind,
        "eventtime": event["Timestamp"],
        "uniqueid": event["Uniqueid"],
        "linkedid": event["Linkedid"],
        "exten": event.get("Exten", ""),
        "context": event.get("Context", ""),
        "channame": event.get("Channel", ""),
        **more,
    }


def _begins(event: Event, seen: Seen) -> list[dict[str, Any]]:
    begun = [_line(event, "CHAN_START")]
    if seen.ordered and event["Uniqueid"] == event["Linkedid"]:
        begun.append(_line(event, "HOTLINE_OUTGOING", eventextra=json.dumps({"extra": seen.ordered})))
    return begun


def _answers(event: Event, seen: Seen) -> list[dict[str, Any]]:
    if event.get("ChannelStateDesc") != "Up" or event["Uniqueid"] in seen.up:
        return []
    seen.up.add(event["Uniqueid"])
    return [_line(event, "ANSWER")]


def _meets(event: Event, _: Seen) -> list[dict[str, Any]]:
    kind = "BRIDGE_ENTER" if event["Event"] == "BridgeEnter" else "BRIDGE_EXIT"
    return [_line(event, kind, eventextra=json.dumps({"bridge_id": event.get("BridgeUniqueid", "")}))]


def _waits(event: Event, _: Seen) -> list[dict[str, Any]]:
    kind = "APP_START" if event["Event"] == "QueueCallerJoin" else "APP_END"
    return [_line(event, kind, appname="Queue")]


def _holds(event: Event, _: Seen) -> list[dict[str, Any]]:
    return [_line(event, "HOTLINE_HOLD" if event["Event"] == "Hold" else "HOTLINE_RESUME")]


def _dials(event: Event, _: Seen) -> list[dict[str, Any]]:
    """Name the seat behind a leg to another node, which bears that node's name only."""
    if not from_another_node(event.get("DestChannel", "")):
        return []
    return [_line(event, "APP_START", appname="Dial", appdata=f"PJSIP/{event.get('DialString', '')}")]


def _dialled(event: Event, seen: Seen) -> list[dict[str, Any]]:
    seen.dialled = event.get("DialStatus", "")
    return []


def _needs(event: Event, _: Seen) -> list[dict[str, Any]]:
    """A citizen comes into the line, and what is known of his matter stands behind the moment."""
    place, _since, wish = [*event.get("Value", "").split(" "), "", ""][:3]
    if event.get("Variable") != variables.PLACE or place != "line":
        return []
    said = json.dumps({"extra": urlencode({"wish": wish})})
    return [_line(event, "HOTLINE_QUEUED", eventextra=said)]


def _asks(event: Event, seen: Seen) -> list[dict[str, Any]]:
    seen.asked.add(event["Uniqueid"])
    return []


def _ends(event: Event, seen: Seen) -> list[dict[str, Any]]:
    """Who has asked for the end by himself has hung up; of whom else it was, nothing is known."""
    channel, cause = event["Uniqueid"], event.get("Cause", "")
    extra = {"hangupcause": int(cause)} if cause.isdecimal() else {}
    source = {"hangupsource": event.get("Channel", "")} if channel in seen.asked else {}
    ended = [_line(event, "HANGUP", eventextra=json.dumps(extra | source))]
    if channel == event["Linkedid"]:
        seen.ended_at = float(event["Timestamp"])
        if seen.ordered:
            said = json.dumps({"extra": urlencode({"status": seen.dialled})})
            ended.append(_line(event, "HOTLINE_DIALLED", eventextra=said))
    return ended


_SAID: Mapping[str, Callable[[Event, Seen], list[dict[str, Any]]]] = {
    "Newchannel": _begins,
    "Newstate": _answers,
    "BridgeEnter": _meets,
    "BridgeLeave": _meets,
    "QueueCallerJoin": _waits,
    "QueueCallerLeave": _waits,
    "Hold": _holds,
    "Unhold": _holds,
    "DialBegin": _dials,
    "DialEnd": _dialled,
    "VarSet": _needs,
    "HangupRequest": _asks,
    "Hangup": _ends,
}
