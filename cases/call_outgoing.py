"""A call of ours: first the seat's telephone, then the citizen's. Its own channel is the seat's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.call_facts import VANISHED, Fact, Origin, readable
from cases.call_legs import CAUSES, bridged, shared
from cases.call_parts import (
    HELD,
    TALKING,
    CallRecord,
    Channel,
    Direction,
    EndReason,
    RingResult,
    Segment,
    SegmentKind,
    Who,
    seconds,
)
from cases.call_segments import cut, layers_in, wrap_ups
from cases.outgoing import PURPOSES

# The time of a QUEUESTART has no fraction.
QUEUE_LOG_SECOND = timedelta(seconds=1)

_ENDPOINT = re.compile(r"PJSIP/(.+)-[0-9a-f]+")
_BY_ITSELF = frozenset(PURPOSES.values())
# Whom we rang is known by these to have been held, handed over or given to the line.
_MOVED = frozenset({"HOTLINE_ASKS", "HOTLINE_FORWARDED", "HOTLINE_RINGING", "HOTLINE_QUEUED"})
_TAKEN = "hotline-takes"
_CITIZEN = "PJSIP/carrier-"


def is_outgoing(story: Sequence[Fact]) -> bool:
    return _order(story) is not None


def _order(story: Sequence[Fact]) -> Fact | None:
    """Return the line that says whom we ring and why: the first, or the only one if Asterisk refused to begin."""
    for fact in story:
        ordered = fact.kind == "HOTLINE_OUTGOING" and fact.of_citizen
        if ordered or (fact.kind == "HOTLINE_DIALLED" and not fact.channel and fact.get("number")):
            return fact
    return None


def _moved(story: Sequence[Fact]) -> str:
    """Return the channel of him whom we rang if he was moved; then the call goes on as long as he is there."""
    if not any(fact.kind in _MOVED or fact.context == _TAKEN for fact in story):
        return ""
    return next(
        (fact.channel for fact in story if fact.name.startswith(_CITIZEN) and not fact.of_citizen), ""
    )


def lost_in(restart: datetime, began: datetime, heard_until: datetime) -> bool:
    """Tell whether a call was open when Asterisk began anew, at some moment of the second `restart`."""
    return began < restart and heard_until < restart + QUEUE_LOG_SECOND


def derive(story: Sequence[Fact], restarts: Sequence[datetime]) -> CallRecord | None:
    """Return the record of a call of ours, from the seat's ringing to its end; None if no such call was ordered."""
    order = _order(story)
    if order is None:
        return None
    own, citizen = [fact for fact in story if fact.of_citizen] or [order], _moved(story)
    his = [fact for fact in story if fact.channel == citizen] if citizen else own
    alive = [fact.at for fact in story if fact.origin is not Origin.US or fact.of_citizen]
    heard_until = max(alive, default=order.at)
    refused = order.kind == "HOTLINE_DIALLED"
    ended_at = next((fact.at for fact in his if refused or fact.kind in {"HANGUP", "CHAN_END"}), None)
    vanished = any(fact.kind == VANISHED for fact in story)
    lost = ended_at is None and (vanished or any(lost_in(at, own[0].at, heard_until) for at in restarts))
    until = ended_at or heard_until
    ended_at = heard_until if lost else ended_at
    call = _Outgoing(story, own, his, order, ended_at, heard_until, lost=lost, citizen=citizen)
    segments = cut(call.layers(until), story, until=until, unfinished=call.ended_at is None)
    return _record(call, (*segments, *wrap_ups(story)))


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """The lines of one call of ours, sorted out."""

    story: Sequence[Fact]
    own: Sequence[Fact]
    his: Sequence[Fact]
    """What the channel says on which the call depends: the citizen's if he was moved, else the call's own."""
    order: Fact
    ended_at: datetime | None
    heard_until: datetime
    lost: bool
    citizen: str = ""
    """The channel of him whom we rang, if he was moved."""

    @property
    def by_itself(self) -> bool:
        """No seat has a part in it: the channel of the call is the citizen's own."""
        return self.order.get("purpose") in _BY_ITSELF

    @property
    def seat(self) -> str:
        if self.by_itself:
            return ""
        match = _ENDPOINT.fullmatch(self.own[0].name)
        return self.order.get("seat") or self.order.seat or (match[1] if match else "")

    @property
    def hang_up(self) -> Fact | None:
        return next((fact for fact in self.his if fact.kind == "HANGUP"), None)

    @property
    def dial_status(self) -> str:
        said = [fact.get("status") for fact in self.story if fact.kind == "HOTLINE_DIALLED"]
        return said[-1][:32] if said else ""

    def layers(self, until: datetime) -> list[Segment]:
        began = self.own[0].at
        answered = next((fact.at for fact in self.own if fact.kind == "ANSWER"), None)
        if self.by_itself:
            rings = Segment(SegmentKind.DIALLING, began, answered or until, "", self.dial_status.lower())
            return [rings, *([Segment(SegmentKind.MENU, answered, until)] if answered else [])]
        ring = Segment(SegmentKind.RINGING, began, answered or until, self.seat, self._ring_result(answered))
        if answered is None:
            return [ring]
        status = self.dial_status.lower()
        talks = _as_if_he_had_called(self, until) if self.citizen else _talks(self, until)
        return [ring, Segment(SegmentKind.DIALLING, answered, until, self.seat, status), *talks]

    def _ring_result(self, answered: datetime | None) -> str:
        if answered:
            return RingResult.ANSWERED
        return CAUSES.get(self.hang_up.cause or 0, RingResult.NO_ANSWER) if self.hang_up else ""


def _talks(call: _Outgoing, until: datetime) -> list[Segment]:
    others = {fact.channel for fact in call.story if fact.channel and not fact.of_citizen}
    gone = call.hang_up
    by = "" if gone is None else Who.SEAT if gone.ended_by == gone.name else Who.CALLER
    found: list[Segment] = []
    for channel in sorted(others):
        facts = [fact for fact in call.story if fact.channel == channel]
        for began, ended in shared(bridged(facts, until), bridged(call.own, until)):
            found.append(Segment(SegmentKind.TALK, began, ended, call.seat, by))
    return found


def _as_if_he_had_called(call: _Outgoing, until: datetime) -> list[Segment]:
    """Who is held, handed over or given to the line goes through the same as one who called: only the begin differs."""
    story = [replace(fact, call=call.citizen) for fact in call.story]
    rang = call.own[0].at
    begins = {SegmentKind.MENU, SegmentKind.OFFERED}
    return [
        layer
        for layer in layers_in(story, until)
        if layer.kind not in begins and not (layer.kind is SegmentKind.RINGING and layer.began_at == rang)
    ]


def _end_reason(call: _Outgoing, talks: Sequence[Segment]) -> EndReason | None:
    if call.ended_at is None:
        return None
    if call.lost:
        return EndReason.LOST_RESTART
    if not talks:
        heard = call.by_itself and call.dial_status == "ANSWER"
        return EndReason.SELF_SERVICE if heard else EndReason.UNREACHED
    return EndReason.SEAT_HUNG_UP if talks[-1].result == Who.SEAT else EndReason.CALLER_HUNG_UP


def _hung_up_by(call: _Outgoing, talks: Sequence[Segment]) -> Who:
    if talks[-1].result in (Who.SEAT, Who.CALLER):
        return Who(talks[-1].result)
    gone = call.hang_up
    return Who.CALLER if call.citizen and gone and gone.ended_by == gone.name else Who.SYSTEM


def _survey(story: Sequence[Fact]) -> int | None:
    """Return the score the citizen keyed; he is asked on his own leg, which is not the call's."""
    scores = [fact.get("score") for fact in story if fact.kind == "HOTLINE_SURVEY" and not fact.of_citizen]
    keyed = [score for score in scores if score.isascii() and score.isdigit() and len(score) == 1]
    return int(keyed[-1]) if keyed else None


def _record(call: _Outgoing, segments: tuple[Segment, ...]) -> CallRecord:
    talks = [segment for segment in segments if segment.kind in TALKING]
    dialled = next((segment.began_at for segment in segments if segment.kind is SegmentKind.DIALLING), None)
    until_voice = talks[0].began_at - dialled if talks and dialled else None
    said = [fact for fact in call.story if fact.kind == "HOTLINE_OUTCOME"][-1:]
    number, order = readable(call.order.get("number")), call.order
    spoken = bool(talks) and call.ended_at is not None and not call.lost
    return CallRecord(
        id=order.call,
        node=order.call.rpartition("-")[0],
        number=number,
        dialled=number,
        channel=Channel.PSTN,
        offered_at=call.own[0].at,
        answered_by_line_at=None,
        queued_at=(),
        answered_at=talks[0].began_at if talks else None,
        ended_at=call.ended_at,
        end_reason=_end_reason(call, talks),
        hung_up_by=_hung_up_by(call, talks) if spoken else None,
        cause=call.hang_up.cause if call.hang_up else None,
        seat=call.seat,
        answer_seconds=round(until_voice / timedelta(seconds=1), 3) if until_voice is not None else None,
        wait_seconds=0.0,
        talk_seconds=seconds(segments, *TALKING),
        hold_seconds=seconds(segments, *HELD),
        segments=segments,
        outcome=said[0].get("code") if said else "",
        case=said[0].get("case") if said else "",
        outcome_by=(said[0].get("by") or said[0].seat) if said else "",
        survey=_survey(call.story),
        keys="",
        fallback=False,
        recording=order.get("recording"),
        heard_until=call.heard_until,
        ring_back=None,
        direction=Direction.OUTGOING,
        wrap_up_seconds=seconds(segments, SegmentKind.WRAP_UP),
        purpose=order.get("purpose"),
        owed=order.get("owed"),
        by=order.get("by"),
        dial_status=call.dial_status,
    )
