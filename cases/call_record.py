"""What one call was, from beginning to end: derived from every line that Asterisk and we wrote about it.

The same lines give the same record, in whatever order and however often they come.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from cases import call_outgoing
from cases.call_endings import Ending, end_reason, hung_up_by, queued_at, survey
from cases.call_facts import EPOCH, VANISHED, Fact, Origin, readable
from cases.call_parts import (
    HELD,
    TALKING,
    WAITING,
    CallRecord,
    Channel,
    Direction,
    EndReason,
    RingBack,
    RingBackReason,
    Segment,
    SegmentKind,
    Told,
    Who,
    seconds,
)
from cases.call_segments import segments_of, wrap_ups
from cases.call_witness import marked, with_witness
from cases.figures import SHORT_SECONDS
from cases.menu_turns import turns_of

__all__ = [
    "RING_BACK_WITHIN",
    "CallRecord",
    "Channel",
    "Direction",
    "EndReason",
    "RingBack",
    "RingBackReason",
    "Told",
    "Who",
    "as_one",
    "derive",
    "in_order",
]

# app_queue logs a caller whom we moved to a seat as ABANDON, in whole seconds, right after our ASSIGN.
ASSIGNED_WITHIN = timedelta(seconds=2)
# A missed call is rung back within the hour unless the city sets another limit.
RING_BACK_WITHIN = timedelta(hours=1)
LONGEST_EPOCH = 10  # digits of an epoch second, until the year 2286

# Who was limited for nuisance, by two people's decision, is owed nothing for it.
NUISANCE = "nuisance"

_CALLABLE = re.compile(r"\+?\d{5,20}")
_SEAT_CHANNEL = re.compile(r"PJSIP/s\d+-[0-9a-f]+")
# A seat's own telephone; a call that another node has sent to one of our seats and tells of itself.
_NOT_CITIZENS = frozenset({"hotline-seats", "hotline-from-node"})
_WEB_CHANNEL = re.compile(r"PJSIP/w[0-9a-f]{16}-[0-9a-f]+")


def derive(
    facts: Iterable[Fact], *, restarts: Sequence[datetime] = (), within: timedelta = RING_BACK_WITHIN
) -> CallRecord | None:
    """Return what is known of the call, or None if no citizen took part in it."""
    story = in_order(with_witness(facts))
    if call_outgoing.is_outgoing(story):
        ours = call_outgoing.derive(story, restarts)
        return ours and replace(ours, segments=marked(ours.segments, story))
    if not story or _is_ours(story):
        return None
    citizen = [fact for fact in story if fact.of_citizen]
    voice = [fact for fact in story if fact.ours and (fact.of_citizen or not fact.channel)]
    alive = [fact.at for fact in story if fact.origin is not Origin.US or fact.of_citizen]
    heard_until = max(alive, default=story[0].at)
    ended_at = _ended_at(story)
    lost = _cut_off(story) or (
        ended_at is None
        and (
            any(fact.kind == VANISHED for fact in story)
            or any(call_outgoing.lost_in(at, story[0].at, heard_until) for at in restarts)
        )
    )
    if lost:
        ended_at = heard_until
    segments = segments_of(story, until=ended_at or heard_until, unfinished=lost or ended_at is None)
    if lost:
        segments = (*segments[:-1], replace(segments[-1], ended_at=heard_until))
    ending = Ending(story, citizen, voice, marked(segments, story), ended_at=ended_at, lost=lost)
    return _record(ending, heard_until, within)


def as_one(call: str, facts: Iterable[Fact]) -> list[Fact]:
    """Return the lines of all calls that a transfer has made one as lines of this call; only its own end ends it."""
    return [
        fact if fact.call == call else replace(fact, call=call)
        for fact in facts
        if fact.call == call or fact.kind != "LINKEDID_END"
    ]


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Sort by time, and within one instant by what must come first; equal lines count once."""
    return sorted(set(facts), key=lambda fact: (fact.at, _RANK.get(fact.kind, 50), repr(fact)))


# Causes of a call that Asterisk ends as it is stopped: none, or that of an ordinary end.
STOPPED = frozenset({0, 16})

# Within one microsecond: what ends comes before what begins, and the end of all comes last.
_RANK = {
    "CHAN_START": 0,
    "ANSWER": 10,
    "BRIDGE_EXIT": 30,
    "APP_END": 40,
    "APP_START": 60,
    "BRIDGE_ENTER": 70,
    "HANGUP": 80,
    "CHAN_END": 90,
    "LINKEDID_END": 99,
}


def _is_ours(story: list[Fact]) -> bool:
    """Tell a call that a seat began itself, or a line of no call at all, from a citizen's."""
    first = next((fact for fact in story if fact.of_citizen and fact.name), None)
    if first is None:
        return not any(fact.call for fact in story)
    of_seat = first.context in _NOT_CITIZENS or _SEAT_CHANNEL.fullmatch(first.name) is not None
    return of_seat or first.name.startswith(("Local/", "PJSIP/carrier-"))


def _cut_off(story: list[Fact]) -> bool:
    """Tell whether Asterisk itself ended the call, as it does with all of them when it is stopped at once.

    Everybody else leaves a name: a telephone its channel, the dialplan and AMI their own. Without a name there are only
    Asterisk's end and its limits of time and of silence, and the last one has a cause of its own. Where we were the only
    witness, we do not know every name.
    """
    hang_up = next((fact for fact in story if fact.of_citizen and fact.kind == "HANGUP"), None)
    if hang_up is None or hang_up.witnessed:
        return False
    return not hang_up.ended_by and hang_up.cause in STOPPED


def _ended_at(story: list[Fact]) -> datetime | None:
    said: datetime | None = None
    for fact in story:
        if fact.of_citizen and fact.kind == "HOTLINE_ENDED":
            said = fact.at
        if fact.kind == "LINKEDID_END" or (fact.of_citizen and fact.kind in {"HANGUP", "CHAN_END"}):
            # The handler speaks the moment he is gone; its machine may take its time to write the rest.
            return said or fact.at
    if any(fact.origin is Origin.CHANNEL for fact in story):
        return None
    return _ended_by_the_line(story)


def _ended_by_the_line(story: list[Fact]) -> datetime | None:
    """Without channel events the queue's own lines, or a message in the spool, must do."""
    assigned = [fact.at for fact in story if fact.kind == "HOTLINE_ASSIGN"]
    for fact in story:
        if fact.kind in {"COMPLETECALLER", "COMPLETEAGENT"}:
            return fact.at
        moved = any(abs(fact.at - at) <= ASSIGNED_WITHIN for at in assigned)
        if fact.kind == "ABANDON" and not moved:
            return fact.at
    spooled = [fact.at for fact in story if fact.kind == "HOTLINE_MESSAGE"]
    return spooled[-1] if spooled else None


def _record(ending: Ending, heard_until: datetime, within: timedelta) -> CallRecord:
    story, segments = ending.story, ending.segments
    call = next(fact.call for fact in story if fact.call)
    talks = [segment for segment in segments if segment.kind in TALKING]
    wraps = wrap_ups(story)
    wish = _wish(ending)
    reason = end_reason(ending)
    number = _number(ending)
    dialled = _said(ending, "dialled") or next((fact.exten for fact in ending.citizen if fact.exten), "")
    hang_up = next((fact for fact in ending.citizen if fact.kind == "HANGUP"), None)
    outcome = ending.ours("HOTLINE_OUTCOME")[-1:]
    return CallRecord(
        id=call,
        node=call.rpartition("-")[0],
        number=number,
        dialled=dialled,
        channel=_channel(ending.citizen),
        offered_at=story[0].at,
        answered_by_line_at=next((fact.at for fact in ending.citizen if fact.kind == "ANSWER"), None),
        queued_at=queued_at(ending),
        answered_at=talks[0].began_at if talks else None,
        ended_at=ending.ended_at,
        end_reason=reason,
        hung_up_by=hung_up_by(ending, hang_up),
        cause=hang_up.cause if hang_up else None,
        seat=talks[-1].seat if talks else "",
        answer_seconds=round((talks[0].began_at - story[0].at).total_seconds(), 3) if talks else None,
        wait_seconds=_wait(segments, talks),
        talk_seconds=seconds(segments, *TALKING),
        hold_seconds=seconds(segments, *HELD),
        segments=(*segments, *wraps),
        outcome=outcome[0].get("code") if outcome else "",
        case=outcome[0].get("case") if outcome else "",
        outcome_by=outcome[0].get("by") or outcome[0].seat if outcome else "",
        survey=survey(ending),
        keys=_keys(ending),
        fallback=bool(ending.ours("HOTLINE_FALLBACK")),
        recording=_said(ending, "recording"),
        heard_until=heard_until,
        ring_back=_ring_back(ending, reason, number, within),
        line=wish.get("line", "") or dialled,
        skill=wish.get("skill", ""),
        language=wish.get("language", ""),
        priority=_whole(wish.get("priority", "")),
        event=next((fact.get("event") for fact in ending.ours("HOTLINE_EVENT")), ""),
        refused=ending.refusal.get("why") if ending.refusal else "",
        wrap_up_seconds=seconds(wraps, SegmentKind.WRAP_UP),
        told=_told(ending, talks),
        turns=turns_of(ending.voice, segments, over=ending.ended_at is not None),
    )


def _wish(ending: Ending) -> dict[str, str]:
    """Return what was known of his matter when he last came into the line."""
    said = [fact.get("wish") for fact in [*ending.ours("HOTLINE_OFFERED"), *ending.ours("HOTLINE_QUEUED")]]
    return dict(parse_qsl(next((wish for wish in reversed(said) if wish), ""), max_num_fields=20))


def _whole(text: str) -> int:
    """Return a small whole number; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0


def _told(ending: Ending, talks: list[Segment]) -> tuple[Told, ...]:
    """Put beside each announcement what then happened: a person's voice, or an end without one."""
    found: list[Told] = []
    for fact in ending.ours("HOTLINE_TOLD"):
        voice = next((talk.began_at for talk in talks if talk.began_at >= fact.at), None)
        over = voice or ending.ended_at
        waited = round((over - fact.at) / timedelta(seconds=1), 3) if over else None
        low, high = _whole(fact.get("low")), fact.get("high")
        range_ = (float(low), float(_whole(high)) if high else None)
        found.append(Told(fact.at, _whole(fact.get("position")), *range_, waited, voice is not None))
    return tuple(found)


def _number(ending: Ending) -> str:
    """Return the caller's number as our dialplan read it; without its word, as the first line presents it."""
    offered = ending.ours("HOTLINE_OFFERED")
    if offered:
        return readable(offered[0].get("number"))
    theirs = [fact for fact in ending.story if fact.of_citizen or fact.origin is Origin.LINE]
    shown = next((fact.number for fact in theirs if fact.number), "")
    return shown or readable(_said(ending, "number"))


def _said(ending: Ending, name: str) -> str:
    """Return what our own facts say: the offer, or a message in the spool if there is no other trace."""
    told = [*ending.ours("HOTLINE_OFFERED"), *ending.ours("HOTLINE_MESSAGE")]
    return next((fact.get(name) for fact in told if fact.get(name)), "")


def _channel(citizen: list[Fact]) -> Channel:
    """Tell the citizen's browser from the telephone network."""
    first = next((fact for fact in citizen if fact.name), None)
    if first and (first.context == "hotline-webphone" or _WEB_CHANNEL.fullmatch(first.name)):
        return Channel.WEBRTC
    return Channel.PSTN


def _wait(segments: tuple[Segment, ...], talks: list[Segment]) -> float:
    """From asking for a person to a person's voice, without what the caller did by keys in between."""
    until = talks[0].began_at if talks else None
    waited = [segment for segment in segments if until is None or segment.began_at < until]
    return seconds(waited, *WAITING)


def _keys(ending: Ending) -> str:
    """Return what was keyed, in order: in the line (KEY) and in our dialogues (MENU)."""
    pressed = [fact for fact in ending.voice if fact.kind in {"HOTLINE_KEY", "HOTLINE_MENU"}]
    return "".join(fact.get("key") for fact in pressed)


def _ring_back(ending: Ending, reason: EndReason | None, number: str, within: timedelta) -> RingBack | None:
    why = _OWED.get(reason) if reason else None
    if why is RingBackReason.ABANDONED and _gave_up_at_once(ending):
        why = RingBackReason.SHORT
    told: list[Fact] = ending.ours("HOTLINE_CALLBACK") if why is RingBackReason.ASKED else []
    if why is RingBackReason.REFUSED and ending.refusal:
        told = [ending.refusal]
    asked = next((fact.get("number") for fact in told if fact.get("number")), "")
    number = asked if _CALLABLE.fullmatch(asked) else number
    if told and told[-1].get("why") == NUISANCE:
        return None
    if why is None or ending.ended_at is None or not _CALLABLE.fullmatch(number):
        return None
    queued = queued_at(ending)
    said = told[-1] if told else None
    return RingBack(
        number,
        why,
        ending.ended_at + within,
        since=_moment(said, "since") or (queued[0] if queued else None),
        wish=said.get("wish") if said else "",
        chosen_at=_moment(said, "chosen"),
    )


def _gave_up_at_once(ending: Ending) -> bool:
    """Tell a short abandon as the figures do: nobody had answered, and he had not waited five seconds."""
    talks = [segment for segment in ending.segments if segment.kind in TALKING]
    return not talks and _wait(ending.segments, talks) < SHORT_SECONDS


def _moment(said: Fact | None, name: str) -> datetime | None:
    """Return the epoch second that a fact of ours names, None for none or nonsense."""
    text = said.get(name) if said else ""
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= LONGEST_EPOCH):
        return None
    ms = int(f"{fraction:0<3}"[:3]) if fraction.isascii() and fraction.isdigit() else 0
    return EPOCH + timedelta(seconds=int(whole), milliseconds=ms)


_OWED = {
    EndReason.ABANDONED_IN_LINE: RingBackReason.ABANDONED,
    EndReason.ABANDONED_IN_MENU: RingBackReason.SHORT,
    EndReason.LOST_RESTART: RingBackReason.LOST,
    EndReason.MESSAGE_LEFT: RingBackReason.MESSAGE,
    EndReason.FAILED: RingBackReason.REFUSED,
    EndReason.REFUSED: RingBackReason.REFUSED,
    EndReason.CALLBACK_ASKED: RingBackReason.ASKED,
}
