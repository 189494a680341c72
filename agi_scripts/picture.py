"""What Asterisk's lists and events say about channels: who is a seat, who a citizen, where he stands and since when.

What stands on a channel was written by our dialplan and our scripts; it is believed only where it makes sense.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from agi_scripts.agi_lines import number
from agi_scripts.ami_lines import Event
from dialplan import variables
from routing.live import Wish
from routing.moves import LegSaid, LegSeen, Word
from routing.switch import Connected, Member, Waiting

# Device states as app_queue numbers and as events name them.
NO_TELEPHONE = frozenset({"0", "4", "5", "UNKNOWN", "INVALID", "UNAVAILABLE"})
# On a citizen's channel, until when at the latest its recording is paused; the dialplan does not look at it.
UNRECORDED = "HOTLINE_UNRECORDED"
ASKED = (
    variables.SINCE,
    variables.WISH,
    variables.PLACE,
    variables.SEAT,
    variables.SAID,
    variables.CITIZEN,
    UNRECORDED,
)
# The endpoint by which calls of ours leave; see asterisk-conf/pjsip.conf.
CARRIER = "carrier"
LONGEST_CALL = timedelta(hours=3)
CLOCKS_DIFFER = timedelta(seconds=5)
LONGEST_WORD = 32
LOWEST, HIGHEST = -1, 9
"""Of priority."""

_SEAT_CHANNEL = re.compile(r"PJSIP/(s\d+)-[0-9a-f]+")
_SEAT = re.compile(r"PJSIP/(s\d+)")
_SEAT_NAME = re.compile(r"s\d+")
_NODE_CHANNEL = "PJSIP/node-"
_BESIDE = frozenset({Word.ASKED, Word.ANSWERS})
_INSTANT = re.compile(r"[0-9]{9,11}(\.[0-9]{1,6})?")
_DIALLED = re.compile(r"\+?[0-9]{3,20}")


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


def seat_of_leg(channel: str, values: Mapping[str, str]) -> str:
    """Return the seat at the end of this leg; one to another node has the seat written on it."""
    if channel.startswith(_NODE_CHANNEL):
        return seat_name(values.get(variables.SEAT, ""))
    return seat_of_channel(channel)


def from_another_node(channel: str) -> bool:
    return channel.startswith(_NODE_CHANNEL)


def outside(channel: str) -> bool:
    """Tell whether this is a leg by which we have rung somebody."""
    return channel.startswith(f"PJSIP/{CARRIER}-")


def call_of(event: Event) -> str:
    """Return the call of the event's channel. One who calls gives it his name; whom we have rung is in the seat's."""
    own = event.get("Uniqueid", "")
    return event.get("Linkedid", own) if outside(event.get("Channel", "")) else own


def whom_we_rang(channels: Iterable[Event]) -> dict[str, Event]:
    """Return the citizens' channels of the calls that we began, by their calls."""
    return {
        row["Linkedid"]: row
        for row in channels
        if outside(row["Channel"])
        and values_on(row.get("Variable", "")).get(variables.CITIZEN) == row["Channel"]
    }


def number_of(event: Event) -> str:
    """Return the caller's number; Asterisk says `unknown` or `<unknown>` for none."""
    return number(event.get("CallerIDNum", ""))


def values_on(text: str) -> dict[str, str]:
    """Return the variables that an event or a list shows of a channel, one to a line."""
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)


def arrival(text: str, at: datetime) -> datetime | None:
    """Return when the caller first came, if this can be true; None if not."""
    if not _INSTANT.fullmatch(text):
        return None
    since = datetime.fromtimestamp(float(text), UTC)
    return since if at - LONGEST_CALL < since <= at + CLOCKS_DIFFER else None


def paused_until(text: str) -> datetime | None:
    """Return when the pause of a recording must end; None if it is not paused."""
    return datetime.fromtimestamp(float(text), UTC) if _INSTANT.fullmatch(text) else None


def wish(text: str) -> Wish | None:
    """Return what the caller needs of a seat; None if nothing is said, and what makes no sense is left out."""
    try:
        said = dict(parse_qsl(text, max_num_fields=20))
    except ValueError:
        return None
    if not said:
        return None
    priority, line = said.get("priority", "0"), said.get("line", "")
    return Wish(
        skill=_word(said.get("skill", "")),
        language=_word(said.get("language", "")),
        priority=int(priority) if re.fullmatch(r"-?\d", priority) and int(priority) >= LOWEST else 0,
        line=line if _DIALLED.fullmatch(line) else Wish().line,
        elder=said.get("elder") == "1",
    )


def _word(text: str) -> str:
    return text if text.isprintable() and len(text) <= LONGEST_WORD else ""


def members(line: Iterable[Event]) -> Iterator[Member]:
    for member in line:
        seat = seat_of_device(member.get("Location", ""))
        if member["Event"] == "QueueMember" and seat:
            yield Member(seat=seat, paused=member.get("Paused") == "1", reason=member.get("PausedReason", ""))


def telephones(line: Iterable[Event]) -> frozenset[str]:
    """Return which members have a telephone that can be rung."""
    there = (row for row in line if row.get("Status") not in NO_TELEPHONE)
    return frozenset(seat_of_device(row.get("Location", "")) for row in there) - {""}


def waiting_in(line: Iterable[Event], channels: Iterable[Event], at: datetime) -> Iterator[Waiting]:
    """Return who is in app_queue, who is told how long it will take, and who is aside.

    Who has a seat is not left out here: while app_queue rings it he is in both.
    """
    rows = list(channels)
    rung = whom_we_rang(rows)
    calls = {row["Uniqueid"]: call for call, row in rung.items()}
    queued = {
        calls.get(entry["Uniqueid"], entry["Uniqueid"]): entry
        for entry in line
        if entry["Event"] == "QueueEntry"
    }
    listed = {row["Uniqueid"]: row for row in rows if row.get("Uniqueid") == row.get("Linkedid")} | rung
    for call, entry in queued.items():
        said = values_on(listed.get(call, {}).get("Variable", ""))
        came = arrival(said.get(variables.SINCE, ""), at)
        round_began = at - timedelta(seconds=int(entry.get("Wait") or 0))
        yield Waiting(
            call=call,
            channel=entry["Channel"],
            number=number_of(entry),
            since=came or round_began,
            wish=wish(said.get(variables.WISH, "")),
        )
    for call, row in listed.items():
        said = values_on(row.get("Variable", ""))
        place = said.get(variables.PLACE, "").partition(" ")[0]
        if call not in queued and place in ("line", "aside"):
            yield Waiting(
                call=call,
                channel=row["Channel"],
                number=number_of(row),
                since=arrival(said.get(variables.SINCE, ""), at) or at,
                wish=wish(said.get(variables.WISH, "")),
                aside=place == "aside",
            )


def leg_said(event: Event, at: datetime) -> LegSaid | None:
    """Return what the dialplan says of a leg beside a talk, or of a seat's that asks; None if it is another word."""
    said, whom, call = [*event.get("Value", "").split(" "), "", ""][:3]
    if said not in set(Word) or not (call := call or event.get("Linkedid", "")):
        return None
    return LegSaid(Word(said), call, event["Channel"], whom, at)


def beside(channels: list[Event]) -> Iterator[LegSeen]:
    """Return who is beside a talk, and whether the citizen hears music meanwhile."""
    places = [(row, values_on(row.get("Variable", "")).get(variables.PLACE, "")) for row in channels]
    asking = {row.get("Linkedid", "") for row, place in places if place.startswith(Word.ASKS)}
    for row, place in places:
        word, whom, call = [*place.split(" "), "", ""][:3]
        if word in _BESIDE and call:
            yield LegSeen(call, row["Channel"], whom, word == Word.ANSWERS, third=call not in asking)


def connected(channels: list[Event], at: datetime) -> Iterator[Connected]:
    """Pair each seat's channel with the citizen's, whose unique id is the id of the call.

    A seat that is asked, or a third voice, has a call of another seat.
    """
    rung = whom_we_rang(channels)
    citizens = rung | {row["Uniqueid"]: row for row in channels if row.get("Uniqueid") == row.get("Linkedid")}
    for row in channels:
        name = row.get("Channel", "")
        said = values_on(row.get("Variable", ""))
        citizen = citizens.get(row.get("Linkedid", ""))
        seat = seat_of_leg(name, said)
        if not seat or citizen is None or said.get(variables.PLACE, "").partition(" ")[0] in _BESIDE:
            continue
        if row is citizen:
            if not from_another_node(name):
                yield _outgoing(row, seat, channels, rung.get(row["Uniqueid"], {}), at)
        elif not from_another_node(citizen["Channel"]) and not seat_of_channel(citizen["Channel"]):
            yield _incoming(row, seat, citizen, at)


def _incoming(row: Event, seat: str, citizen: Event, at: datetime) -> Connected:
    said = values_on(citizen.get("Variable", ""))
    since = at - timedelta(seconds=int(row.get("Seconds") or 0))
    return Connected(
        call=citizen["Linkedid"],
        channel=citizen["Channel"],
        number=number_of(citizen),
        seat=seat,
        seat_channel=row["Channel"],
        since=since,
        # Asterisk does not tell when it was answered, only that it was; it rang for some seconds at most.
        answered_at=since if row.get("ChannelStateDesc") == "Up" else None,
        arrived=arrival(said.get(variables.SINCE, ""), at),
        wish=wish(said.get(variables.WISH, "")),
        unrecorded_until=paused_until(said.get(UNRECORDED, "")),
    )


def _outgoing(row: Event, seat: str, channels: Iterable[Event], citizen: Event, at: datetime) -> Connected:
    """A call that we began: the seat's channel is the call, and the citizen's can be moved once he is rung."""
    said = values_on(row.get("Variable", ""))
    theirs = values_on(citizen.get("Variable", ""))
    words = dict(parse_qsl(said.get(variables.SAID, ""), max_num_fields=20))
    since, call = at - timedelta(seconds=int(row.get("Seconds") or 0)), row["Uniqueid"]
    reached = any(
        other.get("Linkedid") == call and other is not row and other.get("ChannelStateDesc") == "Up"
        for other in channels
    )
    return Connected(
        call=call,
        channel=citizen.get("Channel", ""),
        number=number(words.get("number", "")),
        seat=seat,
        seat_channel=row["Channel"],
        since=since,
        answered_at=since if row.get("ChannelStateDesc") == "Up" else None,
        ring_back=words.get("owed", "") or call,
        reached_at=at if reached else None,
        unrecorded_until=paused_until(theirs.get(UNRECORDED, "")),
    )
