"""A call cut into what the citizen went through: the segments touch, and together they are the call."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from cases.call_facts import Fact, Origin

# Two events of one hang-up are stamped some milliseconds apart.
AT_ONCE = timedelta(milliseconds=100)
# Between two applications of the dialplan the channel is nowhere for less than this.
SLIVER = timedelta(milliseconds=20)

_ENDPOINT = re.compile(r"PJSIP/(.+)-[0-9a-f]+")
_DIALLED = re.compile(r"PJSIP/([^,&/@]+)")


class SegmentKind(StrEnum):
    OFFERED = "offered"
    MENU = "menu"
    QUEUED = "queued"
    RINGING = "ringing"
    TRANSFER = "transfer"  # ringing the next one after a talk
    TALK = "talk"
    RECONNECT = "reconnect"  # the seat's desk was lost in mid-talk, and the caller held until it was back
    HOLD = "hold"
    SURVEY = "survey"
    MESSAGE = "message"


class RingResult(StrEnum):
    ANSWERED = "answered"
    BUSY = "busy"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"  # the caller hung up, or was moved, while it rang
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a call. `result`: how a ringing ended, or who ended a talk (caller, seat, moved)."""

    kind: SegmentKind
    began_at: datetime
    ended_at: datetime | None  # None while it goes on
    seat: str = ""
    result: str = ""
    cause: int | None = None

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at) / timedelta(seconds=1) if self.ended_at else 0.0


def seconds(segments: Iterable[Segment], *kinds: SegmentKind) -> float:
    return round(sum((segment.seconds for segment in segments if segment.kind in kinds), 0.0), 3)


# What shows when several go on at once: app_queue rings a seat while the caller is still queued.
_OVER = {
    SegmentKind.TALK: 10,
    SegmentKind.RECONNECT: 9,
    SegmentKind.RINGING: 8,
    SegmentKind.MESSAGE: 7,
    SegmentKind.QUEUED: 6,
    SegmentKind.SURVEY: 5,
    SegmentKind.OFFERED: 4,
    SegmentKind.MENU: 0,
}


def segments_of(story: Sequence[Fact], *, until: datetime, unfinished: bool) -> tuple[Segment, ...]:
    """Cut the call from its first line to `until`; of an unfinished call the last segment has no end."""
    began = story[0].at
    until = max(until, began)
    layers = [_within(layer, began, until) for layer in _layers(story, until) if layer.began_at <= until]
    cut = _flatten([layer for layer in layers if layer.began_at != layer.ended_at])
    momentary = [layer for layer in layers if layer.began_at == layer.ended_at]
    rings = [layer for layer in momentary if layer.kind is SegmentKind.RINGING and layer.result]
    just_begun = [layer for layer in momentary if unfinished and layer.began_at == until and not layer.result]
    cut = _named_transfers(_without_slivers(sorted([*cut, *rings], key=_place)))
    if just_begun:
        cut.append(max(just_begun, key=lambda layer: _OVER[layer.kind]))
    cut = [part for segment in cut for part in _held(segment, story)]
    if unfinished and cut and cut[-1].ended_at == until:
        cut[-1] = replace(cut[-1], ended_at=None)
    return tuple(cut)


def _layers(story: Sequence[Fact], until: datetime) -> list[Segment]:
    legs = _legs(story, until)
    talks = [talk for leg in legs for talk in leg.talks]
    return [
        Segment(SegmentKind.MENU, story[0].at, until),
        *_offered(story, story[0].at, until),
        *_apps(story, until),
        *_survey(story, talks, until),
        *(leg.ring for leg in legs),
        *_reconnects(story, talks, until),
        *talks,
    ]


def _place(segment: Segment) -> tuple[datetime, datetime, str]:
    return segment.began_at, segment.ended_at or segment.began_at, segment.seat


def _within(segment: Segment, began: datetime, until: datetime) -> Segment:
    end = min(segment.ended_at or until, until)
    return replace(segment, began_at=max(segment.began_at, began), ended_at=end)


def _flatten(layers: Sequence[Segment]) -> list[Segment]:
    """Show the topmost layer of every instant; one layer's neighbouring pieces stay one segment."""
    edges = sorted({edge for layer in layers for edge in (layer.began_at, layer.ended_at) if edge})
    cut: list[tuple[Segment, Segment]] = []
    for began, ended in pairwise(edges):
        covering = [la for la in layers if la.began_at <= began and la.ended_at and la.ended_at >= ended]
        top = max(covering, key=lambda la: (_OVER[la.kind], la.began_at, la.seat))
        piece = replace(top, began_at=began, ended_at=ended)
        if cut and cut[-1][0] is top:
            piece = replace(cut.pop()[1], ended_at=ended)
        cut.append((top, piece))
    return [piece for _, piece in cut]


def _without_slivers(cut: list[Segment]) -> list[Segment]:
    """Give the microseconds between two applications of the dialplan to what came before them."""
    kept: list[Segment] = []
    for segment in cut:
        left_over = segment.kind is SegmentKind.MENU or (
            segment.kind is SegmentKind.QUEUED and kept and kept[-1].kind is SegmentKind.TALK
        )
        if kept and left_over and segment.seconds < SLIVER.total_seconds():
            kept[-1] = replace(kept[-1], ended_at=segment.ended_at)
        else:
            kept.append(segment)
    return kept


def _named_transfers(cut: list[Segment]) -> list[Segment]:
    talked = False
    named: list[Segment] = []
    for segment in cut:
        talked = talked or segment.kind is SegmentKind.TALK
        is_next = talked and segment.kind is SegmentKind.RINGING
        named.append(replace(segment, kind=SegmentKind.TRANSFER) if is_next else segment)
    return named


def _offered(story: Sequence[Fact], began: datetime, until: datetime) -> list[Segment]:
    if not any(fact.of_citizen and fact.kind == "CHAN_START" for fact in story):
        return []
    answered = [fact.at for fact in story if fact.of_citizen and fact.kind == "ANSWER"]
    return [Segment(SegmentKind.OFFERED, began, answered[0] if answered else until)]


def _apps(story: Sequence[Fact], until: datetime) -> list[Segment]:
    """What the citizen's channel was running: the line, or the script that takes a message."""
    found: list[Segment] = []
    running: Segment | None = None
    for fact in story:
        if not fact.of_citizen or fact.kind not in {"APP_START", "APP_END", "HANGUP"}:
            continue
        if running:
            found.append(replace(running, ended_at=fact.at))
            running = None
        if fact.kind == "APP_START" and (kind := _app_kind(fact)):
            running = Segment(kind, fact.at, until)
    if not any(fact.of_citizen for fact in story):
        found = _line_only(story, until)
    return [*found, running] if running else found


def _app_kind(fact: Fact) -> SegmentKind | None:
    if fact.app == "Queue":
        return SegmentKind.QUEUED
    is_message = fact.app.endswith("AGI") and "leave_message" in fact.app_data
    return SegmentKind.MESSAGE if is_message else None


def _line_only(story: Sequence[Fact], until: datetime) -> list[Segment]:
    joined = [fact.at for fact in story if fact.kind == "ENTERQUEUE"]
    return [Segment(SegmentKind.QUEUED, joined[0], until)] if joined else []


def _survey(story: Sequence[Fact], talks: Sequence[Segment], until: datetime) -> list[Segment]:
    talked = max((talk.ended_at for talk in talks if talk.ended_at), default=None)
    for fact in story:
        asked = fact.context == "hotline-after" or fact.exten == "survey"
        if talked and fact.of_citizen and asked and fact.at >= talked and fact.at < until:
            return [Segment(SegmentKind.SURVEY, talked, until)]
    return []


def _lost_desk(fact: Fact) -> bool:
    """Our process has taken the citizen from a desk that was lost; other cuts end at the line at once."""
    return fact.kind == "HOTLINE_CUT" and fact.of_citizen and fact.context == "hotline-reconnect"


def _reconnects(story: Sequence[Fact], talks: Sequence[Segment], until: datetime) -> list[Segment]:
    """From the loss of a desk to its being back, or to the line."""
    found: list[Segment] = []
    for cut in story:
        if _lost_desk(cut):
            back = [talk.began_at for talk in talks if talk.began_at > cut.at]
            line = [fact.at for fact in story if fact.of_citizen and fact.at > cut.at and fact.app == "Queue"]
            answered = bool(back) and min(back) < min(line, default=until)
            result = RingResult.ANSWERED if answered else ""
            ended = min([*back, *line], default=until)
            found.append(Segment(SegmentKind.RECONNECT, cut.at, ended, cut.seat or cut.get("seat"), result))
    return found


@dataclass(frozen=True, slots=True)
class _Leg:
    """One attempt to reach a seat, and what was said on it."""

    ring: Segment
    talks: tuple[Segment, ...]


def _legs(story: Sequence[Fact], until: datetime) -> list[_Leg]:
    legs: dict[str, list[Fact]] = {}
    for fact in story:
        if fact.channel and not fact.of_citizen and fact.origin is Origin.CHANNEL:
            legs.setdefault(fact.channel, []).append(fact)
    citizen = [fact for fact in story if fact.of_citizen]
    found = [_leg(facts, citizen, until) for facts in legs.values() if _ENDPOINT.fullmatch(facts[0].name)]
    return found + _never_rang(citizen, found) + _line_legs(story, until)


def _leg(facts: Sequence[Fact], citizen: Sequence[Fact], until: datetime) -> _Leg:
    match = _ENDPOINT.fullmatch(facts[0].name)
    seat = match[1] if match else ""
    hang_up = next((fact for fact in facts if fact.kind == "HANGUP"), None)
    answered = next((fact.at for fact in facts if fact.kind == "ANSWER"), None)
    talks = tuple(
        Segment(SegmentKind.TALK, began, ended, seat, _talk_end(citizen, hang_up, ended))
        for began, ended in _shared(_bridged(facts, until), _bridged(citizen, until))
    )
    ended = talks[0].began_at if talks else answered or (hang_up.at if hang_up else until)
    result = RingResult.ANSWERED if talks or answered else _ring_result(citizen, hang_up)
    ring = Segment(SegmentKind.RINGING, facts[0].at, ended, seat, result, hang_up.cause if hang_up else None)
    return _Leg(ring, talks)


def _bridged(facts: Sequence[Fact], until: datetime) -> list[tuple[str, datetime, datetime]]:
    """Return (bridge, from, to) of one channel."""
    inside: dict[str, datetime] = {}
    found: list[tuple[str, datetime, datetime]] = []
    for fact in facts:
        if fact.kind == "BRIDGE_ENTER":
            inside.setdefault(fact.bridge, fact.at)
        elif fact.kind == "BRIDGE_EXIT" and fact.bridge in inside:
            found.append((fact.bridge, inside.pop(fact.bridge), fact.at))
        elif fact.kind == "HANGUP":
            found += [(bridge, began, fact.at) for bridge, began in inside.items()]
            inside.clear()
    return found + [(bridge, began, until) for bridge, began in inside.items()]


def _shared(
    one: Iterable[tuple[str, datetime, datetime]], other: Sequence[tuple[str, datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    both = [(max(a[1], b[1]), min(a[2], b[2])) for a in one for b in other if a[0] == b[0]]
    return sorted((began, ended) for began, ended in both if began <= ended)


def _talk_end(citizen: Sequence[Fact], hang_up: Fact | None, ended: datetime) -> str:
    """Say who ended a talk: the one Asterisk names; `moved` if the citizen went on to another seat."""
    if any(_lost_desk(fact) and timedelta(0) <= fact.at - ended <= AT_ONCE for fact in citizen):
        return "moved"
    gone = next((fact for fact in citizen if fact.kind == "HANGUP"), None)
    if gone and gone.ended_by == gone.name and gone.at - ended <= AT_ONCE:
        return "caller"
    if hang_up is None:
        return ""
    if hang_up.ended_by == hang_up.name:
        return "seat"
    moved = any(fact.at >= ended and fact.kind == "APP_START" and fact.app != "AGI" for fact in citizen)
    return "moved" if moved else "seat"


_CAUSES = {17: RingResult.BUSY, 21: RingResult.REFUSED, 20: RingResult.UNREACHABLE, 3: RingResult.UNREACHABLE}


def _ring_result(citizen: Sequence[Fact], hang_up: Fact | None) -> str:
    if hang_up is None:
        return ""
    gone = next((fact.at for fact in citizen if fact.kind == "HANGUP"), None)
    # What the seat's own phone said comes first: the citizen may hang up right after a refusal.
    if gone and hang_up.ended_by != hang_up.name and abs(gone - hang_up.at) <= AT_ONCE:
        return RingResult.CANCELLED
    return _CAUSES.get(hang_up.cause or 0, RingResult.NO_ANSWER)


def _never_rang(citizen: Sequence[Fact], legs: Sequence[_Leg]) -> list[_Leg]:
    """A Dial whose seat has no registered phone makes no channel at all."""
    found: list[_Leg] = []
    for fact in citizen:
        match = _DIALLED.match(fact.app_data) if fact.kind == "APP_START" and fact.app == "Dial" else None
        if match is None or fact is citizen[-1]:
            continue
        rang = any(leg.ring.seat == match[1] and abs(leg.ring.began_at - fact.at) <= AT_ONCE for leg in legs)
        over = any(later.kind in {"APP_END", "HANGUP"} and later.at >= fact.at for later in citizen)
        if not rang and over:
            ring = Segment(SegmentKind.RINGING, fact.at, fact.at, match[1], RingResult.UNREACHABLE)
            found.append(_Leg(ring, ()))
    return found


def _line_legs(story: Sequence[Fact], until: datetime) -> list[_Leg]:
    """Without channel events, what app_queue says of its own connections."""
    if any(fact.origin is Origin.CHANNEL for fact in story):
        return []
    found: list[_Leg] = []
    for fact in (fact for fact in story if fact.kind == "CONNECT"):
        over = [later for later in story if later.kind in {"COMPLETECALLER", "COMPLETEAGENT"}]
        by = "caller" if over and over[0].kind == "COMPLETECALLER" else "seat" if over else ""
        ring = Segment(SegmentKind.RINGING, fact.at, fact.at, fact.seat, RingResult.ANSWERED)
        talk = Segment(SegmentKind.TALK, fact.at, over[0].at if over else until, fact.seat, by)
        found.append(_Leg(ring, (talk,)))
    return found


def _held(segment: Segment, story: Sequence[Fact]) -> list[Segment]:
    """Cut a talk where the seat put the caller on hold; every piece ends as the talk does, or by the hold."""
    if segment.kind is not SegmentKind.TALK or segment.ended_at is None:
        return [segment]
    pieces: list[Segment] = []
    now = segment
    for fact in story:
        if fact.kind not in {"HOTLINE_HOLD", "HOTLINE_RESUME"} or fact.seat not in {"", segment.seat}:
            continue
        wanted = SegmentKind.HOLD if fact.kind == "HOTLINE_HOLD" else SegmentKind.TALK
        if now.began_at <= fact.at < segment.ended_at and wanted is not now.kind:
            pieces.append(replace(now, ended_at=fact.at, result="", cause=None))
            now = replace(segment, kind=wanted, began_at=fact.at)
    pieces.append(now)
    return [piece for piece in pieces if piece.began_at != piece.ended_at] or [segment]
