"""A call cut into what the citizen went through: the segments touch, and together they are the call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from cases.call_facts import Fact
from cases.call_legs import layers_of, legs_of, lost_desk
from cases.call_parts import WAITING, RingResult, Segment, SegmentKind, seconds

__all__ = ["Segment", "SegmentKind", "cut", "seconds", "segments_of", "wrap_ups"]

# Between two applications of the dialplan the channel is nowhere for less than this.
SLIVER = timedelta(milliseconds=20)
# So long it may take at the most until a channel whose talk is over says that it is gone.
LEAVING = timedelta(seconds=1)

# He is in the line, and no application of the dialplan has begun there.
_ENTERED = "entered"
_BETWEEN = frozenset({"APP_START", "APP_END", "HANGUP", "HOTLINE_QUEUED", "BRIDGE_ENTER"})

# What shows when several go on at once: app_queue rings a seat while the caller is still queued.
_OVER = {
    SegmentKind.THREE_WAY: 14,
    SegmentKind.CONSULT: 12,
    SegmentKind.TALK: 10,
    SegmentKind.RECONNECT: 9,
    SegmentKind.RINGING: 8,
    SegmentKind.MESSAGE: 7,
    SegmentKind.ANNOUNCED: 6,
    SegmentKind.QUEUED: 6,
    SegmentKind.SURVEY: 5,
    SegmentKind.OFFERED: 4,
    SegmentKind.DIALLING: 3,
    SegmentKind.MENU: 0,
}


def segments_of(story: Sequence[Fact], *, until: datetime, unfinished: bool) -> tuple[Segment, ...]:
    """Cut the call from its first line to `until`; of an unfinished call the last segment has no end."""
    until = max(until, story[0].at)
    return cut(layers_in(story, until), story, until=until, unfinished=unfinished)


def cut(
    layers: Sequence[Segment], story: Sequence[Fact], *, until: datetime, unfinished: bool
) -> tuple[Segment, ...]:
    """Lay what went on at the same time over one another, so that each instant shows one thing."""
    began = min(layer.began_at for layer in layers)
    layers = [_within(layer, began, until) for layer in layers if layer.began_at <= until]
    lasting = _flatten([layer for layer in layers if layer.began_at != layer.ended_at])
    momentary = [layer for layer in layers if layer.began_at == layer.ended_at]
    rings = [layer for layer in momentary if layer.kind is SegmentKind.RINGING and layer.result]
    just_begun = [layer for layer in momentary if unfinished and layer.began_at == until and not layer.result]
    pieces = _named_transfers(_without_slivers(sorted([*lasting, *rings], key=_place)))
    if not unfinished:
        pieces = _without_leaving(pieces, story)
    if just_begun:
        pieces.append(max(just_begun, key=lambda layer: _OVER[layer.kind]))
    pieces = [part for segment in pieces for part in _held(segment, story)]
    if unfinished and pieces and pieces[-1].ended_at == until:
        pieces[-1] = replace(pieces[-1], ended_at=None)
    return tuple(pieces)


def layers_in(story: Sequence[Fact], until: datetime) -> list[Segment]:
    """Return all that went on with the citizen, whose channel gives the call its id."""
    legs = legs_of(story, until)
    talks = [talk for leg in legs for talk in leg.talks]
    return [
        Segment(SegmentKind.MENU, story[0].at, until),
        *_offered(story, story[0].at, until),
        *_apps(story, until),
        *_survey(story, talks, until),
        *layers_of(legs),
        *_reconnects(story, talks, until),
    ]


def _place(segment: Segment) -> tuple[datetime, datetime, str]:
    return segment.began_at, segment.ended_at or segment.began_at, segment.seat


def _within(segment: Segment, began: datetime, until: datetime) -> Segment:
    end = min(segment.ended_at or until, until)
    return replace(segment, began_at=max(segment.began_at, began), ended_at=end)


def _flatten(layers: Sequence[Segment]) -> list[Segment]:
    """Show the topmost layer of every instant; one layer's neighbouring pieces stay one segment."""
    edges = sorted({edge for layer in layers for edge in (layer.began_at, layer.ended_at) if edge})
    shown: list[tuple[Segment, Segment]] = []
    for began, ended in pairwise(edges):
        covering = [la for la in layers if la.began_at <= began and la.ended_at and la.ended_at >= ended]
        top = max(covering, key=lambda la: (_OVER[la.kind], la.began_at, la.seat))
        piece = replace(top, began_at=began, ended_at=ended)
        if shown and shown[-1][0] is top:
            piece = replace(shown.pop()[1], ended_at=ended)
        shown.append((top, piece))
    return [
        piece if _ends(layer, shown[number + 1 :]) else replace(piece, result="", cause=None, detail="")
        for number, (layer, piece) in enumerate(shown)
    ]


def _ends(layer: Segment, later: Sequence[tuple[Segment, Segment]]) -> bool:
    """Who ended a talk belongs to its last piece: a third voice or a question in between ends nothing."""
    return layer.kind is not SegmentKind.TALK or all(other is not layer for other, _ in later)


def _without_slivers(pieces: list[Segment]) -> list[Segment]:
    """Give the microseconds between two applications of the dialplan to what came before them."""
    kept: list[Segment] = []
    for segment in pieces:
        left_over = segment.kind in {SegmentKind.MENU, SegmentKind.DIALLING} or (
            segment.kind is SegmentKind.QUEUED and kept and kept[-1].kind is SegmentKind.TALK
        )
        one_wait = kept and segment.kind is kept[-1].kind is SegmentKind.QUEUED
        if one_wait or (kept and left_over and segment.seconds < SLIVER.total_seconds()):
            kept[-1] = replace(kept[-1], ended_at=segment.ended_at)
        else:
            kept.append(segment)
    return kept


def _without_leaving(pieces: list[Segment], story: Sequence[Fact]) -> list[Segment]:
    """Give what a busy machine needs to let a channel go to the talk: nothing has begun after it."""
    if len(pieces) < 2:
        return pieces
    *before, talk, last = pieces
    idle = last.kind in {SegmentKind.MENU, SegmentKind.DIALLING} and last.seconds < LEAVING.total_seconds()
    begins = {"APP_START", "HOTLINE_MENU"}
    began = any(fact.of_citizen and fact.kind in begins and last.began_at <= fact.at for fact in story)
    if talk.kind is not SegmentKind.TALK or not idle or began:
        return pieces
    return [*before, replace(talk, ended_at=last.ended_at)]


def _named_transfers(pieces: list[Segment]) -> list[Segment]:
    talked = False
    named: list[Segment] = []
    for segment in pieces:
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
        if not fact.of_citizen or fact.kind not in _BETWEEN:
            continue
        if fact.kind == "BRIDGE_ENTER" and not (running and running.detail == _ENTERED):
            continue
        kind = _app_kind(fact) if fact.kind == "APP_START" else None
        # The script that tells the wait takes over at once, unless a seat was found before it had begun.
        if running and not (running.detail == _ENTERED and kind in WAITING):
            found.append(replace(running, detail="", ended_at=fact.at))
        running = Segment(kind, fact.at, until) if kind else None
        if fact.kind == "HOTLINE_QUEUED":
            running = Segment(SegmentKind.QUEUED, fact.at, until, detail=_ENTERED)
    # Of him nothing is known but that he came into the line: what became of it others have seen.
    if running and running.detail != _ENTERED:
        found.append(running)
    if not any(fact.of_citizen for fact in story):
        found = _line_only(story, until)
    return [_unless_silent(app, story) for app in found]


def _unless_silent(app: Segment, story: Sequence[Fact]) -> Segment:
    """The script that tells the wait often has nothing to say: then he was in the line all along, as with other seats."""
    if app.kind is not SegmentKind.ANNOUNCED:
        return app
    said = any(
        fact.kind == "HOTLINE_TOLD" and app.began_at <= fact.at <= (app.ended_at or fact.at) for fact in story
    )
    return app if said else replace(app, kind=SegmentKind.QUEUED)


def _app_kind(fact: Fact) -> SegmentKind | None:
    if fact.app == "Queue":
        return SegmentKind.QUEUED
    if not fact.app.endswith("AGI"):
        return None
    if "leave_message" in fact.app_data:
        return SegmentKind.MESSAGE
    return SegmentKind.ANNOUNCED if fact.app_data.endswith(("/waiting", "/wanted")) else None


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


def _reconnects(story: Sequence[Fact], talks: Sequence[Segment], until: datetime) -> list[Segment]:
    """From the loss of a desk to its being back, or to the line."""
    found: list[Segment] = []
    for cut in story:
        if lost_desk(cut):
            back = [talk.began_at for talk in talks if talk.began_at > cut.at]
            line = [fact.at for fact in story if fact.of_citizen and fact.at > cut.at and fact.app == "Queue"]
            answered = bool(back) and min(back) < min(line, default=until)
            result = RingResult.ANSWERED if answered else ""
            ended = min([*back, *line], default=until)
            found.append(Segment(SegmentKind.RECONNECT, cut.at, ended, cut.seat or cut.get("seat"), result))
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


def wrap_ups(story: Sequence[Fact]) -> tuple[Segment, ...]:
    """The seat's work after the call, as the engine noted it: from `wrap_up` to the seat's next word in this call."""
    found: list[Segment] = []
    for number, fact in enumerate(story):
        if fact.kind != "HOTLINE_SEAT" or fact.get("state") != "wrap_up":
            continue
        later = (x for x in story[number + 1 :] if x.kind == "HOTLINE_SEAT" and x.seat == fact.seat)
        over = next((each for each in later if each.get("state") != "wrap_up"), None)
        if found and found[-1].seat == fact.seat and found[-1].ended_at == (over.at if over else None):
            continue  # said again when it was extended
        found.append(Segment(SegmentKind.WRAP_UP, fact.at, over.at if over else None, fact.seat))
    return tuple(found)
