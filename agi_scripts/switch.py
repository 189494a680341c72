"""Asterisk as the engine sees it: a few commands, and a picture of everything. The words of AMI end here."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from urllib.parse import quote_plus

from agi_scripts.agi_lines import number
from agi_scripts.ami import AMILink, Refused, Response
from agi_scripts.ami_lines import Action, AMIDown, Event
from routing.switch import Connected, Member, Snapshot, SwitchFailed, Waiting

log = logging.getLogger(__name__)

QUEUE = "hotline"
# Out of reach for app_queue as long as the engine lives; see asterisk-conf/queuerules.conf.
PENALTY = "10"
NORMAL_CLEARING = "16"
# Device states as app_queue numbers and as events name them.
NO_TELEPHONE = frozenset({"0", "4", "5", "UNKNOWN", "INVALID", "UNAVAILABLE"})

_SEAT_CHANNEL = re.compile(r"PJSIP/(s\d+)-[0-9a-f]+")
_SEAT = re.compile(r"PJSIP/(s\d+)")
_SEAT_NAME = re.compile(r"s\d+")
_GONE = "No such channel"


class AsteriskSwitch:
    """`routing.switch.Switch` over one AMI link."""

    def __init__(self, link: AMILink, *, now: Callable[[], datetime]) -> None:
        self._link = link
        self._now = now

    async def assign(self, call: str, seat: str, *, channel: str, reason: str) -> None:
        where = {"Context": "hotline-seat", "Exten": seat, "Priority": "1"}
        await self._do({"Action": "Redirect", "Channel": channel, **where})
        log.info("%s goes to %s (%s)", call, seat, reason)

    async def reconnect(self, call: str, seat: str, *, channel: str) -> None:
        where = {"Context": "hotline-reconnect", "Exten": seat, "Priority": "1"}
        await self._do({"Action": "Redirect", "Channel": channel, **where})
        log.info("%s waits for %s to come back", call, seat)

    async def add_seat(self, seat: str, name: str) -> None:
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

    async def remove_seat(self, seat: str) -> None:
        removed = await self._ask({"Action": "QueueRemove", "Queue": QUEUE, "Interface": f"PJSIP/{seat}"})
        if not removed.ok and "Not there" not in removed.message:
            raise SwitchFailed(f"QueueRemove {seat}: {removed.message}")

    async def pause_seat(self, seat: str, reason: str) -> None:
        await self._do(_pause(seat, "true") | {"Reason": one_line(reason)})

    async def unpause_seat(self, seat: str) -> None:
        await self._do(_pause(seat, "false"))

    async def hang_up(self, channel: str) -> None:
        ended = await self._ask({"Action": "Hangup", "Channel": channel, "Cause": NORMAL_CLEARING})
        if not ended.ok and _GONE not in ended.message:
            raise SwitchFailed(f"Hangup {channel}: {ended.message}")

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

    async def snapshot(self) -> Snapshot:
        at = self._now()
        line = await self._list({"Action": "QueueStatus", "Queue": QUEUE})
        channels = await self._list({"Action": "Status"})
        return Snapshot(
            at=at,
            waiting=tuple(waiting_in(line, at)),
            talks=tuple(connected(channels, at)),
            members=tuple(members(line)),
        )

    async def reachable(self) -> dict[str, bool]:
        """Return which seats in the line have a telephone that could be rung."""
        line = await self._list({"Action": "QueueStatus", "Queue": QUEUE})
        status = {seat_of_device(row.get("Location", "")): row.get("Status") for row in line}
        return {seat: state not in NO_TELEPHONE for seat, state in status.items() if seat}

    async def telephones(self, seat: str) -> frozenset[str]:
        """Return where the seat's telephones have registered. The list of all would need the right to reload Asterisk."""
        asked = {"Action": "Getvar", "Variable": f"PJSIP_DIAL_CONTACTS({seat})"}
        answer = await self._ask(asked)
        if not answer.ok:
            raise SwitchFailed(f"Getvar: {answer.message}")
        contacts = answer.headers.get("Value", "").split("&")
        return frozenset(each.removeprefix(f"PJSIP/{seat}/") for each in contacts if each)

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


def seat_of_channel(channel: str) -> str:
    """Return the seat whose telephone this channel is, '' if it is none."""
    found = _SEAT_CHANNEL.fullmatch(channel)
    return found[1] if found else ""


def seat_of_device(device: str) -> str:
    found = _SEAT.fullmatch(device)
    return found[1] if found else ""


def seat_name(endpoint: str) -> str:
    """Return the name of the endpoint if it is a seat's, else ''."""
    return endpoint if _SEAT_NAME.fullmatch(endpoint) else ""


def number_of(event: Event) -> str:
    """Return the caller's number; Asterisk says `unknown` or `<unknown>` for none."""
    return number(event.get("CallerIDNum", ""))


def waiting_in(line: Iterable[Event], at: datetime) -> Iterator[Waiting]:
    for entry in line:
        if entry["Event"] == "QueueEntry":
            waited = timedelta(seconds=int(entry.get("Wait") or 0))
            yield Waiting(
                call=entry["Uniqueid"],
                channel=entry["Channel"],
                number=number_of(entry),
                since=at - waited,
            )


def members(line: Iterable[Event]) -> Iterator[Member]:
    for member in line:
        seat = seat_of_device(member.get("Location", ""))
        if member["Event"] == "QueueMember" and seat:
            yield Member(seat=seat, paused=member.get("Paused") == "1", reason=member.get("PausedReason", ""))


def connected(channels: list[Event], at: datetime) -> Iterator[Connected]:
    """Pair each seat's channel with the citizen's, whose unique id is the id of the call."""
    citizens = {row["Uniqueid"]: row for row in channels if row.get("Uniqueid") == row.get("Linkedid")}
    for row in channels:
        seat = seat_of_channel(row.get("Channel", ""))
        citizen = citizens.get(row.get("Linkedid", ""))
        if seat and citizen and row is not citizen:
            since = at - timedelta(seconds=int(row.get("Seconds") or 0))
            yield Connected(
                call=citizen["Uniqueid"],
                channel=citizen["Channel"],
                number=number_of(citizen),
                seat=seat,
                seat_channel=row["Channel"],
                since=since,
                # Asterisk does not tell when it was answered, only that it was; it rang for some seconds at most.
                answered_at=since if row.get("ChannelStateDesc") == "Up" else None,
            )
