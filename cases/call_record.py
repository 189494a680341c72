"""What one call was, from beginning to end: derived from every line that Asterisk and we wrote about it.

The same lines give the same record, in whatever order and however often they come.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cases.call_facts import Fact, Origin, readable
from cases.call_segments import Segment, SegmentKind, seconds, segments_of

# The citizen heard how the case stands, came back to the line by itself and hung up at once: served.
HEARD_AND_LEFT = timedelta(seconds=10)
# app_queue logs a caller whom we moved to a seat as ABANDON, in whole seconds, right after our ASSIGN.
ASSIGNED_WITHIN = timedelta(seconds=2)
# The time of a QUEUESTART has no fraction.
QUEUE_LOG_SECOND = timedelta(seconds=1)
# A missed call is rung back within the hour unless the city sets another limit.
RING_BACK_WITHIN = timedelta(hours=1)

_CALLABLE = re.compile(r"\+?\d{5,20}")
_SEAT_CHANNEL = re.compile(r"PJSIP/s\d+-[0-9a-f]+")
_WEB_CHANNEL = re.compile(r"PJSIP/w[0-9a-f]{16}-[0-9a-f]+")


class Channel(StrEnum):
    PSTN = "pstn"
    WEBRTC = "webrtc"


class EndReason(StrEnum):
    COMPLETED = "completed"  # talked, and stayed to the end of the survey
    CALLER_HUNG_UP = "caller_hung_up"
    SEAT_HUNG_UP = "seat_hung_up"
    ABANDONED_IN_MENU = "abandoned_in_menu"
    ABANDONED_IN_LINE = "abandoned_in_line"
    LOST_RESTART = "lost_restart"  # Asterisk died with the call open
    MESSAGE_LEFT = "message_left"
    CALLBACK_ASKED = "callback_asked"
    SELF_SERVICE = "self_service"
    FAILED = "failed"  # we ended it without having served anybody


class Who(StrEnum):
    CALLER = "caller"
    SEAT = "seat"
    SYSTEM = "system"


class RingBackReason(StrEnum):
    ABANDONED = "abandoned"
    SHORT = "short"
    LOST = "lost"
    MESSAGE = "message"
    REFUSED = "refused"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. Durations are seconds, exact to the millisecond."""

    id: str
    node: str
    number: str  # '' if withheld or unreadable
    dialled: str
    channel: Channel
    offered_at: datetime
    answered_by_line_at: datetime | None
    queued_at: tuple[datetime, ...]
    answered_at: datetime | None  # by a person
    ended_at: datetime | None
    end_reason: EndReason | None
    hung_up_by: Who | None
    cause: int | None
    seat: str  # of the last talk; '' if nobody answered
    answer_seconds: float | None  # from the first ring to a person's voice
    wait_seconds: float  # from asking for a person to a person's voice, or to the end
    talk_seconds: float
    hold_seconds: float
    segments: tuple[Segment, ...]
    outcome: str
    case: str
    outcome_by: str
    survey: int | None
    keys: str
    fallback: bool  # our process was dead when it came
    recording: str  # file below the folder of recordings; '' if none was asked for
    heard_until: datetime  # the last the channel said; a later start of Asterisk means that it is lost
    ring_back: "RingBack | None"


@dataclass(frozen=True, slots=True)
class RingBack:
    """Somebody must be called back: at most one for one call, none for a withheld number."""

    number: str
    reason: RingBackReason
    due_at: datetime


def derive(
    facts: Iterable[Fact], *, restarts: Sequence[datetime] = (), within: timedelta = RING_BACK_WITHIN
) -> CallRecord | None:
    """Return what is known of the call, or None if no citizen took part in it."""
    story = in_order(facts)
    if not story or _is_ours(story):
        return None
    citizen = [fact for fact in story if fact.of_citizen]
    voice = [fact for fact in story if fact.ours and (fact.of_citizen or not fact.channel)]
    alive = [fact.at for fact in story if fact.origin is not Origin.US or fact.of_citizen]
    heard_until = max(alive, default=story[0].at)
    ended_at = _ended_at(story)
    lost = ended_at is None and any(_lost_in(at, story[0].at, heard_until) for at in restarts)
    if lost:
        ended_at = heard_until
    segments = segments_of(story, until=ended_at or heard_until, unfinished=lost or ended_at is None)
    if lost:
        segments = (*segments[:-1], replace(segments[-1], ended_at=heard_until))
    ending = _Ending(story, citizen, voice, segments, ended_at=ended_at, lost=lost)
    return _record(ending, heard_until, within)


def _lost_in(restart: datetime, began: datetime, heard_until: datetime) -> bool:
    """Tell whether a call was open when Asterisk began anew, at some moment of the second `restart`."""
    return began < restart and heard_until < restart + QUEUE_LOG_SECOND


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Sort by time, and within one instant by what must come first; equal lines count once."""
    return sorted(set(facts), key=lambda fact: (fact.at, _RANK.get(fact.kind, 50), repr(fact)))


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


@dataclass(frozen=True, slots=True)
class _Ending:
    """The lines of one call, sorted out, and how it ended."""

    story: list[Fact]
    citizen: list[Fact]
    voice: list[Fact]
    segments: tuple[Segment, ...]
    ended_at: datetime | None
    lost: bool

    def ours(self, kind: str) -> list[Fact]:
        return [fact for fact in self.voice if fact.kind == kind]

    def last(self, *kinds: SegmentKind) -> Segment | None:
        found = [segment for segment in self.segments if segment.kind in kinds]
        return found[-1] if found else None

    @property
    def waiting_at_the_end(self) -> bool:
        lasting = [segment for segment in self.segments if segment.began_at != segment.ended_at]
        waits = {SegmentKind.QUEUED, SegmentKind.RINGING, SegmentKind.TRANSFER, SegmentKind.RECONNECT}
        return bool(lasting) and lasting[-1].kind in waits


def _is_ours(story: list[Fact]) -> bool:
    """Tell a call that a seat began itself, or a line of no call at all, from a citizen's."""
    first = next((fact for fact in story if fact.of_citizen and fact.name), None)
    if first is None:
        return not any(fact.call for fact in story)
    outgoing = first.context == "hotline-seats" or _SEAT_CHANNEL.fullmatch(first.name) is not None
    return outgoing or first.name.startswith("Local/")


def _ended_at(story: list[Fact]) -> datetime | None:
    for fact in story:
        if fact.kind == "LINKEDID_END" or (fact.of_citizen and fact.kind in {"HANGUP", "CHAN_END"}):
            return fact.at
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


def _record(ending: _Ending, heard_until: datetime, within: timedelta) -> CallRecord:
    story, segments = ending.story, ending.segments
    call = next(fact.call for fact in story if fact.call)
    talks = [segment for segment in segments if segment.kind is SegmentKind.TALK]
    reason = _end_reason(ending)
    number = _number(ending)
    hang_up = next((fact for fact in ending.citizen if fact.kind == "HANGUP"), None)
    outcome = ending.ours("HOTLINE_OUTCOME")[-1:]
    return CallRecord(
        id=call,
        node=call.rpartition("-")[0],
        number=number,
        dialled=_said(ending, "dialled") or next((fact.exten for fact in ending.citizen if fact.exten), ""),
        channel=_channel(ending.citizen),
        offered_at=story[0].at,
        answered_by_line_at=next((fact.at for fact in ending.citizen if fact.kind == "ANSWER"), None),
        queued_at=_queued_at(ending),
        answered_at=talks[0].began_at if talks else None,
        ended_at=ending.ended_at,
        end_reason=reason,
        hung_up_by=_hung_up_by(ending, hang_up),
        cause=hang_up.cause if hang_up else None,
        seat=talks[-1].seat if talks else "",
        answer_seconds=round((talks[0].began_at - story[0].at).total_seconds(), 3) if talks else None,
        wait_seconds=_wait(segments, talks),
        talk_seconds=seconds(segments, SegmentKind.TALK),
        hold_seconds=seconds(segments, SegmentKind.HOLD),
        segments=segments,
        outcome=outcome[0].get("code") if outcome else "",
        case=outcome[0].get("case") if outcome else "",
        outcome_by=outcome[0].get("by") or outcome[0].seat if outcome else "",
        survey=_survey(ending),
        keys=_keys(ending),
        fallback=bool(ending.ours("HOTLINE_FALLBACK")),
        recording=_said(ending, "recording"),
        heard_until=heard_until,
        ring_back=_ring_back(ending, reason, number, within),
    )


def _number(ending: _Ending) -> str:
    """Return the caller's number as our dialplan read it; without its word, as the first line presents it."""
    offered = ending.ours("HOTLINE_OFFERED")
    if offered:
        return readable(offered[0].get("number"))
    theirs = [fact for fact in ending.story if fact.of_citizen or fact.origin is Origin.LINE]
    shown = next((fact.number for fact in theirs if fact.number), "")
    return shown or readable(_said(ending, "number"))


def _said(ending: _Ending, name: str) -> str:
    """Return what our own facts say: the offer, or a message in the spool if there is no other trace."""
    told = [*ending.ours("HOTLINE_OFFERED"), *ending.ours("HOTLINE_MESSAGE")]
    return next((fact.get(name) for fact in told if fact.get(name)), "")


def _channel(citizen: list[Fact]) -> Channel:
    """Tell the citizen's browser from the telephone network."""
    first = next((fact for fact in citizen if fact.name), None)
    if first and (first.context == "hotline-webphone" or _WEB_CHANNEL.fullmatch(first.name)):
        return Channel.WEBRTC
    return Channel.PSTN


def _queued_at(ending: _Ending) -> tuple[datetime, ...]:
    joined = [fact.at for fact in ending.citizen if fact.kind == "APP_START" and fact.app == "Queue"]
    if not ending.citizen:
        joined = [fact.at for fact in ending.story if fact.kind == "ENTERQUEUE"]
    return tuple(joined)


def _wait(segments: tuple[Segment, ...], talks: list[Segment]) -> float:
    """From asking for a person to a person's voice, without what the caller did by keys in between."""
    until = talks[0].began_at if talks else None
    waited = [segment for segment in segments if until is None or segment.began_at < until]
    return seconds(waited, SegmentKind.QUEUED, SegmentKind.RINGING)


def _end_reason(ending: _Ending) -> EndReason | None:
    if ending.ended_at is None:
        return None
    if ending.lost:
        return EndReason.LOST_RESTART
    talk = ending.last(SegmentKind.TALK, SegmentKind.HOLD)
    return _how_talk_ended(ending, talk) if talk else _how_unanswered_ended(ending)


def _how_talk_ended(ending: _Ending, talk: Segment) -> EndReason:
    if talk.ended_at == ending.ended_at or talk.result == Who.CALLER:
        return EndReason.SEAT_HUNG_UP if talk.result == Who.SEAT else EndReason.CALLER_HUNG_UP
    if ending.waiting_at_the_end:
        return EndReason.ABANDONED_IN_LINE
    return EndReason.COMPLETED if _survey(ending) is not None else EndReason.SEAT_HUNG_UP


def _how_unanswered_ended(ending: _Ending) -> EndReason:
    if ending.ours("HOTLINE_MESSAGE"):
        return EndReason.MESSAGE_LEFT
    if ending.ours("HOTLINE_CALLBACK"):
        return EndReason.CALLBACK_ASKED
    if _served_itself(ending):
        return EndReason.SELF_SERVICE
    if ending.waiting_at_the_end:
        return EndReason.ABANDONED_IN_LINE
    if _ended_by_system(ending):
        return EndReason.FAILED
    return EndReason.ABANDONED_IN_LINE if _queued_at(ending) else EndReason.ABANDONED_IN_MENU


def _served_itself(ending: _Ending) -> bool:
    heard = [fact.at for fact in ending.ours("HOTLINE_SELF_SERVICE") if fact.get("result") == "heard"]
    if not heard or ending.ended_at is None:
        return False
    waiting = ending.last(SegmentKind.QUEUED, SegmentKind.RINGING)
    asked_again = waiting is not None and waiting.began_at > heard[-1]
    return not asked_again or ending.ended_at - heard[-1] <= HEARD_AND_LEFT


def _ended_by_system(ending: _Ending) -> bool:
    hang_up = next((fact for fact in ending.citizen if fact.kind == "HANGUP"), None)
    return hang_up is not None and hang_up.ended_by.startswith("dialplan")


def _hung_up_by(ending: _Ending, hang_up: Fact | None) -> Who | None:
    if ending.ended_at is None or ending.lost:
        return None
    talk = ending.last(SegmentKind.TALK, SegmentKind.HOLD)
    if talk and talk.result == Who.SEAT:
        return Who.SEAT
    if hang_up and hang_up.ended_by == hang_up.name:
        return Who.CALLER
    if any(fact.kind == "COMPLETECALLER" for fact in ending.story):
        return Who.CALLER
    return Who.SYSTEM if hang_up else None


def _survey(ending: _Ending) -> int | None:
    scores = [fact.get("score") for fact in ending.ours("HOTLINE_SURVEY")]
    keyed = [score for score in scores if score.isascii() and score.isdigit() and len(score) == 1]
    return int(keyed[-1]) if keyed else None


def _keys(ending: _Ending) -> str:
    """Return what was keyed, in order: in the line (KEY) and in our dialogues (MENU)."""
    pressed = [fact for fact in ending.voice if fact.kind in {"HOTLINE_KEY", "HOTLINE_MENU"}]
    return "".join(fact.get("key") for fact in pressed)


def _ring_back(ending: _Ending, reason: EndReason | None, number: str, within: timedelta) -> RingBack | None:
    asked = next((fact.get("number") for fact in ending.ours("HOTLINE_CALLBACK") if fact.get("number")), "")
    why = _OWED.get(reason) if reason else None
    number = asked if why is RingBackReason.ASKED and _CALLABLE.fullmatch(asked) else number
    if why is None or ending.ended_at is None or not _CALLABLE.fullmatch(number):
        return None
    return RingBack(number, why, ending.ended_at + within)


_OWED = {
    EndReason.ABANDONED_IN_LINE: RingBackReason.ABANDONED,
    EndReason.ABANDONED_IN_MENU: RingBackReason.SHORT,
    EndReason.LOST_RESTART: RingBackReason.LOST,
    EndReason.MESSAGE_LEFT: RingBackReason.MESSAGE,
    EndReason.FAILED: RingBackReason.REFUSED,
    EndReason.CALLBACK_ASKED: RingBackReason.ASKED,
}
