"""Make the live model equal to what the exchange says about everything, and say what was wrong.

This is the cure for the seat that is stuck "talking" and the caller who is not there: events can be lost, a
snapshot cannot. What was heard after the snapshot was asked for is newer than it and stays; what other nodes have is
not its business, and who waits for our own ringing is on no node at all.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from routing.line import Line
from routing.links import within
from routing.live import Caller, Repair, SeatState, Talk, Wish
from routing.switch import Connected, Snapshot, Waiting

CLOCK_SET_BACK = timedelta(seconds=5)


def apply(line: Line, snapshot: Snapshot, *, wrap_up: timedelta) -> list[Repair]:
    """Repair the callers and talks of the line; the listeners are told once, at the end."""
    at, ours = snapshot.at, within(snapshot.node)
    heard = line.links.nodes.get(snapshot.node)
    if heard and heard.heard_at and heard.heard_at - at > CLOCK_SET_BACK:
        _rewind(line, at)
        line.links.rewind(snapshot.node, at)
    connected = {talk.call for talk in snapshot.talks}
    held = {each.call for each in snapshot.waiting}
    repairs: list[Repair] = []
    with line.changing():
        ended = [
            talk
            for talk in line.talks.values()
            if ours(talk.call)
            and talk.call not in connected
            and not _newer(line, talk.call, at)
            and not _awaits(talk, held)
        ]
        repairs += [_end(line, talk, at, back=talk.call in held, wrap_up=wrap_up) for talk in ended]
        for caller in [each for each in line.callers.values() if not each.ring_back and ours(each.call)]:
            if caller.call not in held | connected and not _newer(line, caller.call, at):
                line.leave(caller.call, at)
                repairs.append(Repair("caller", caller.call, "left the line unheard", at))
        # Ringing ones first: if a seat is in two talks, the one that was answered is the true one.
        for each in sorted(snapshot.talks, key=lambda talk: talk.answered_at is not None):
            if not _newer(line, each.call, at):
                repairs += _connect(line, each, at, waits=each.call in held)
        for waiting in snapshot.waiting:
            if waiting.call not in connected and not _newer(line, waiting.call, at):
                repairs += _wait(line, waiting, at)
    return repairs


def _rewind(line: Line, at: datetime) -> None:
    """The clock was set back: what was heard in the future was heard now, or nothing would be newer for an hour."""
    for places in (line.callers, line.gone):
        for call, caller in [each for each in places.items() if each[1].heard_at > at]:
            places[call] = replace(caller, heard_at=at)
    for call, talk in [each for each in line.talks.items() if each[1].heard_at > at]:
        line.talks[call] = replace(talk, heard_at=at)


def _newer(line: Line, call: str, at: datetime) -> bool:
    places = (line.callers.get(call), line.talks.get(call), line.gone.get(call))
    return any(place is not None and place.heard_at > at for place in places)


def _awaits(talk: Talk, held: set[str]) -> bool:
    """Tell whether the caller is held for a desk that was lost, and not yet given back to the line."""
    return talk.back_by is not None and talk.call not in held


def _end(line: Line, talk: Talk, at: datetime, *, back: bool, wrap_up: timedelta) -> Repair:
    # A call we owe is owed as long as no seat has taken it.
    if talk.state is SeatState.RINGING and (back or talk.caller.ring_back):
        line.decline(talk.call, talk.seat, at)
        return Repair("talk", talk.call, f"not answered at {talk.seat} unheard", at)
    line.end(talk.call, at, wrap_up=wrap_up)
    return Repair("talk", talk.call, f"ended at {talk.seat} unheard", at)


def _connect(line: Line, each: Connected, at: datetime, *, waits: bool) -> list[Repair]:
    talk = line.talks.get(each.call)
    if talk and talk.seat == each.seat and (talk.answered_at is None) == (each.answered_at is None):
        if each.ring_back and each.channel:
            line.reached(each.call, at, leg=each.channel)
        if each.reached_at is not None:
            line.reached(each.call, at)
        return [] if talk.back_by is None else _back(line, talk, each, at)
    if talk and talk.back_by is not None and talk.seat == each.seat:
        return []  # it rings there again
    caller = Caller(
        each.call,
        each.channel,
        each.number,
        since=each.arrived or each.since,
        heard_at=at,
        wish=each.wish or Wish(),
        ring_back=each.ring_back,
    )
    state = SeatState.TALKING if each.answered_at else SeatState.RINGING
    since = each.answered_at or each.since
    line.place(
        Talk(
            caller,
            each.seat,
            state,
            since,
            each.since,
            at,
            seat_channel=each.seat_channel,
            answered_at=each.answered_at,
            waits=waits,
            reached_at=each.reached_at,
        ),
    )
    return [Repair("talk", each.call, f"{state.value} at {each.seat} unheard", at)]


def _back(line: Line, talk: Talk, each: Connected, at: datetime) -> list[Repair]:
    """A lost desk is back if it talks on another telephone than before; the old one takes a moment to go."""
    if not each.answered_at or talk.seat_channel == each.seat_channel:
        return []
    line.answer(each.call, each.seat, each.seat_channel, at)
    return [Repair("talk", each.call, f"back at {each.seat} unheard", at)]


def _wait(line: Line, waiting: Waiting, at: datetime) -> list[Repair]:
    known, gone = line.callers.get(waiting.call), line.gone.get(waiting.call)
    if known and known.aside == waiting.aside and known.since <= waiting.since:
        return []
    line.join(
        waiting.call,
        waiting.channel,
        waiting.number,
        at if known or gone else waiting.since,
        since=waiting.since,
        wish=waiting.wish,
        aside=waiting.aside,
    )
    cause = "stands elsewhere in the line than heard" if known else "joined the line unheard"
    return [Repair("caller", waiting.call, cause, at)]
