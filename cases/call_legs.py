"""The legs of one call: every telephone that rang for it, what was said on it, and who else was asked or joined."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations

from cases.call_facts import Fact, Origin
from cases.call_parts import RingResult, Segment, SegmentKind

# Two events of one hang-up are stamped some milliseconds apart.
AT_ONCE = timedelta(milliseconds=100)
# Our engine writes why it chose a seat right before it moves the caller there.
CHOSEN_WITHIN = timedelta(seconds=5)
# Asterisk's word for it; of a channel that it hangs up only where no sound came from it for too long.
NO_SOUND = 44

_ENDPOINT = re.compile(r"PJSIP/(.+)-[0-9a-f]+")
_DIALLED = re.compile(r"PJSIP/([^,&/@]+)")
# The way to a seat of another node: the leg bears the node's name, and only we know the seat's.
_OTHER_NODE = "node-"

Span = tuple[str, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Leg:
    """One attempt to reach a seat, and what was said on it."""

    ring: Segment | None  # None: it came in from a call of its own, and rang there
    talks: tuple[Segment, ...]
    channel: str = ""
    asked: tuple[Segment, ...] = ()  # questions to somebody else on this line, the citizen being held
    does: tuple[
        datetime, ...
    ] = ()  # when the seat's own line went somewhere: into a bridge, or to ring somebody
    over: datetime | None = None


def lost_desk(fact: Fact) -> bool:
    """Our process has taken the citizen from a desk that was lost; other cuts end at the line at once."""
    return fact.kind == "HOTLINE_CUT" and fact.of_citizen and fact.context == "hotline-reconnect"


def legs_of(story: Sequence[Fact], until: datetime) -> list[Leg]:
    by_channel: dict[str, list[Fact]] = {}
    for fact in story:
        if fact.channel and not fact.of_citizen and fact.origin is Origin.CHANNEL:
            by_channel.setdefault(fact.channel, []).append(fact)
    citizen = [fact for fact in story if fact.of_citizen]
    ends = [facts for facts in by_channel.values() if _ENDPOINT.fullmatch(facts[0].name)]
    found = [_leg(facts, story, until) for facts in ends]
    legs = found + _never_rang(citizen, found) + _line_legs(story, until)
    return [_asking(_with_reason(leg, story), legs, until) for leg in legs]


def layers_of(legs: Sequence[Leg]) -> list[Segment]:
    """Return what the citizen could notice of the legs: ringing, talks, being held for a question, a third voice."""
    asked = {id(leg): consult for leg in legs if (consult := _consult(leg, legs)) is not None}
    rings = [leg.ring for leg in legs if leg.ring and id(leg) not in asked]
    talks = [talk for leg in legs for talk in leg.talks]
    held = [consult for leg in legs for consult in leg.asked]
    return [*rings, *asked.values(), *held, *talks, *_three_ways(talks)]


def bridged(facts: Sequence[Fact], until: datetime) -> list[Span]:
    """Return (bridge, from, to) of one channel."""
    inside: dict[str, datetime] = {}
    found: list[Span] = []
    for fact in facts:
        if fact.kind == "BRIDGE_ENTER":
            inside.setdefault(fact.bridge, fact.at)
        elif fact.kind == "BRIDGE_EXIT" and fact.bridge in inside:
            found.append((fact.bridge, inside.pop(fact.bridge), fact.at))
        elif fact.kind == "HANGUP":
            found += [(bridge, began, fact.at) for bridge, began in inside.items()]
            inside.clear()
    return found + [(bridge, began, until) for bridge, began in inside.items()]


def shared(one: Iterable[Span], other: Sequence[Span]) -> list[tuple[datetime, datetime]]:
    both = [(max(a[1], b[1]), min(a[2], b[2])) for a in one for b in other if a[0] == b[0]]
    return sorted((began, ended) for began, ended in both if began <= ended)


def _leg(facts: Sequence[Fact], story: Sequence[Fact], until: datetime) -> Leg:
    citizen = [fact for fact in story if fact.of_citizen]
    match = _ENDPOINT.fullmatch(facts[0].name)
    seat = _seat_behind(match[1] if match else "", facts[0].at, citizen)
    hang_up = next((fact for fact in facts if fact.kind == "HANGUP"), None)
    answered = next((fact.at for fact in facts if fact.kind == "ANSWER"), None)
    moves = [fact for fact in story if fact.kind in _TRANSFERS]
    talks = tuple(
        _ended(Segment(SegmentKind.TALK, began, ended, seat), citizen, hang_up, moves)
        for began, ended in shared(bridged(facts, until), bridged(citizen, until))
    )
    ended = talks[0].began_at if talks else answered or (hang_up.at if hang_up else until)
    result = RingResult.ANSWERED if talks or answered else _ring_result(citizen, hang_up)
    cause = hang_up.cause if hang_up else None
    ring = Segment(SegmentKind.RINGING, facts[0].at, ended, seat, result, cause)
    does = tuple(fact.at for fact in facts if fact.kind in {"APP_START", "BRIDGE_ENTER"})
    # A third voice is rung in a call of its own, whose id it has until it enters the bridge.
    rang = None if facts[0].kind == "BRIDGE_ENTER" else ring
    return Leg(rang, talks, facts[0].channel, does=does, over=hang_up.at if hang_up else until)


def _seat_behind(endpoint: str, at: datetime, citizen: Sequence[Fact]) -> str:
    """Return the seat that a leg to another node stands for: the last that was dialled before it."""
    if not endpoint.startswith(_OTHER_NODE):
        return endpoint
    said = ""
    for fact in citizen:
        if fact.at > at + AT_ONCE:
            break
        if fact.kind == "APP_START" and fact.app == "Dial" and (match := _DIALLED.match(fact.app_data)):
            said = match[1]
        elif fact.kind == "HOTLINE_RINGING":
            said = fact.get("seat") or said
    return said or endpoint


_TRANSFERS = {"BLINDTRANSFER": "blind", "ATTENDEDTRANSFER": "attended"}


def _ended(talk: Segment, citizen: Sequence[Fact], hang_up: Fact | None, moves: Sequence[Fact]) -> Segment:
    """Say who ended a talk: the one Asterisk names; `moved` if the citizen went on to another seat."""
    ended = talk.ended_at or talk.began_at
    if any(lost_desk(fact) and timedelta(0) <= fact.at - ended <= AT_ONCE for fact in citizen):
        return replace(talk, result="moved")
    gone = next((fact for fact in citizen if fact.kind == "HANGUP"), None)
    theirs = gone is not None and (gone.ended_by == gone.name or _fell_silent(gone))
    if gone and theirs and gone.at - ended <= AT_ONCE:
        return replace(talk, result="caller")
    how = next((_TRANSFERS[fact.kind] for fact in moves if abs(fact.at - ended) <= AT_ONCE), "")
    if how:
        return replace(talk, result="moved", detail=how)
    if hang_up is None:
        return talk
    if hang_up.ended_by == hang_up.name:
        return replace(talk, result="seat")
    moved = any(fact.at >= ended and fact.kind == "APP_START" and fact.app != "AGI" for fact in citizen)
    return replace(talk, result="moved" if moved else "seat")


def _fell_silent(gone: Fact) -> bool:
    """Asterisk has ended the call of its own accord because no sound came from this telephone any more."""
    return gone.cause == NO_SOUND and not gone.ended_by


CAUSES = {17: RingResult.BUSY, 21: RingResult.REFUSED, 20: RingResult.UNREACHABLE, 3: RingResult.UNREACHABLE}


def _ring_result(citizen: Sequence[Fact], hang_up: Fact | None) -> str:
    if hang_up is None:
        return ""
    gone = next((fact.at for fact in citizen if fact.kind == "HANGUP"), None)
    # What the seat's own phone said comes first: the citizen may hang up right after a refusal.
    if gone and hang_up.ended_by != hang_up.name and abs(gone - hang_up.at) <= AT_ONCE:
        return RingResult.CANCELLED
    return CAUSES.get(hang_up.cause or 0, RingResult.NO_ANSWER)


def _with_reason(leg: Leg, story: Sequence[Fact]) -> Leg:
    """Write beside a ringing why our engine chose this seat, in the words of its fact."""
    if leg.ring is None:
        return leg
    chosen = [
        fact
        for fact in story
        if fact.kind == "HOTLINE_ASSIGN"
        and fact.seat == leg.ring.seat
        and -AT_ONCE <= leg.ring.began_at - fact.at <= CHOSEN_WITHIN
    ]
    if not chosen:
        return leg
    why = " ".join(filter(None, (chosen[-1].get("reason"), chosen[-1].get("detail"))))
    return replace(leg, ring=replace(leg.ring, detail=why))


def _never_rang(citizen: Sequence[Fact], legs: Sequence[Leg]) -> list[Leg]:
    """A Dial whose seat has no registered phone makes no channel at all."""
    found: list[Leg] = []
    for fact in citizen:
        match = _DIALLED.match(fact.app_data) if fact.kind == "APP_START" and fact.app == "Dial" else None
        if match is None or fact is citizen[-1]:
            continue
        rings = [leg.ring for leg in legs if leg.ring and leg.ring.seat == match[1]]
        rang = any(abs(ring.began_at - fact.at) <= AT_ONCE for ring in rings)
        over = any(later.kind in {"APP_END", "HANGUP"} and later.at >= fact.at for later in citizen)
        if not rang and over:
            ring = Segment(SegmentKind.RINGING, fact.at, fact.at, match[1], RingResult.UNREACHABLE)
            found.append(Leg(ring, ()))
    return found


def _line_legs(story: Sequence[Fact], until: datetime) -> list[Leg]:
    """Without channel events, what app_queue says of its own connections."""
    if any(fact.origin is Origin.CHANNEL for fact in story):
        return []
    found: list[Leg] = []
    for fact in (fact for fact in story if fact.kind == "CONNECT"):
        over = [later for later in story if later.kind in {"COMPLETECALLER", "COMPLETEAGENT"}]
        by = "caller" if over and over[0].kind == "COMPLETECALLER" else "seat" if over else ""
        ring = Segment(SegmentKind.RINGING, fact.at, fact.at, fact.seat, RingResult.ANSWERED)
        talk = Segment(SegmentKind.TALK, fact.at, over[0].at if over else until, fact.seat, by)
        found.append(Leg(ring, (talk,)))
    return found


def _asking(leg: Leg, legs: Sequence[Leg], until: datetime) -> Leg:
    """A seat that leaves the citizen in music and rings somebody on its own line asks him, then comes back or hands over."""
    talks: list[Segment] = []
    asked: list[Segment] = []
    for talk in leg.talks:
        left = talk.ended_at or until
        after = [other for each in legs for other in each.talks if other.began_at > left]
        back = min(after, key=lambda other: other.began_at, default=None)
        over = min(back.began_at if back else until, leg.over or until)
        if back is not None and back.began_at - over <= AT_ONCE:
            over = back.began_at  # its own line ends some milliseconds before the other one has the citizen
        rung = [each.ring for each in legs if each.ring and left <= each.ring.began_at < over]
        whom = next((ring.seat for ring in rung if ring.seat != talk.seat), "")
        if not whom or not any(left <= at < over for at in leg.does):
            talks.append(talk)
            continue
        handed = back is not None and back.seat != talk.seat
        result, detail = ("moved", "attended") if handed else ("", "")
        talks.append(replace(talk, result=result, detail=detail))
        asked.append(Segment(SegmentKind.CONSULT, left, over, talk.seat, detail=whom))
    return replace(leg, talks=tuple(talks), asked=tuple(asked))


def _consult(leg: Leg, legs: Sequence[Leg]) -> Segment | None:
    """A second telephone line of a seat that talks is a question to somebody else, until it ends or hands over."""
    ring = leg.ring
    if leg.talks or ring is None:
        return None
    own = [
        talk
        for other in legs
        for talk in other.talks
        if other.channel != leg.channel
        and talk.seat == ring.seat
        and talk.ended_at
        and talk.began_at < ring.began_at < talk.ended_at
    ]
    if not own or ring.result != RingResult.ANSWERED:
        return None
    rings = [other.ring for other in legs if other.ring and other.ring.seat != ring.seat]
    asked = min((each for each in rings if each.began_at >= ring.began_at), key=_begin, default=None)
    taken_over = [
        talk.began_at
        for other in legs
        for talk in other.talks
        if talk.seat != ring.seat and talk.began_at >= ring.began_at
    ]
    ended = min([ring.ended_at or own[0].began_at, own[0].ended_at or own[0].began_at])
    return Segment(
        SegmentKind.CONSULT,
        ring.began_at,
        min(taken_over, default=ended),
        ring.seat,
        detail=asked.seat if asked else "",
    )


def _begin(segment: Segment) -> datetime:
    return segment.began_at


def _three_ways(talks: Sequence[Segment]) -> list[Segment]:
    """Two seats with the citizen at once, for longer than a hand-over takes."""
    found: list[Segment] = []
    for one, other in combinations(sorted(talks, key=lambda talk: (talk.began_at, talk.seat)), 2):
        began = max(one.began_at, other.began_at)
        ended = min(one.ended_at or began, other.ended_at or began)
        if one.seat != other.seat and ended - began > AT_ONCE:
            found.append(Segment(SegmentKind.THREE_WAY, began, ended, one.seat, detail=other.seat))
    return found
