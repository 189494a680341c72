"""Make the live model equal to what the exchange says about everything, and say what was wrong.

This is the cure for the seat that is stuck "talking" and the caller who is not there: events can be lost, a
snapshot cannot. What was heard after the snapshot was asked for is newer than it and stays.
"""

from datetime import datetime, timedelta

from routing.line import Line
from routing.live import Caller, Repair, SeatState, Talk
from routing.switch import Connected, Snapshot, Waiting


def apply(line: Line, snapshot: Snapshot, *, wrap_up: timedelta) -> list[Repair]:
    """Repair the callers and talks of the line; the listeners are told once, at the end."""
    at = snapshot.at
    connected = {talk.call for talk in snapshot.talks}
    held = {each.call for each in snapshot.waiting}
    repairs: list[Repair] = []
    with line.changing():
        ended = [
            talk
            for talk in line.talks.values()
            if talk.call not in connected and not _newer(line, talk.call, at) and not _awaits(talk, held)
        ]
        repairs += [_end(line, talk, at, back=talk.call in held, wrap_up=wrap_up) for talk in ended]
        for call in [c for c in line.callers if c not in held | connected and not _newer(line, c, at)]:
            line.leave(call, at)
            repairs.append(Repair("caller", call, "left the line unheard"))
        # Ringing ones first: if a seat is in two talks, the one that was answered is the true one.
        for each in sorted(snapshot.talks, key=lambda talk: talk.answered_at is not None):
            if not _newer(line, each.call, at):
                repairs += _connect(line, each, at, waits=each.call in held)
        for caller in snapshot.waiting:
            if caller.call not in connected and not _newer(line, caller.call, at):
                repairs += _wait(line, caller, at)
    return repairs


def _newer(line: Line, call: str, at: datetime) -> bool:
    places = (line.callers.get(call), line.talks.get(call), line.gone.get(call))
    return any(place is not None and place.heard_at > at for place in places)


def _awaits(talk: Talk, held: set[str]) -> bool:
    """Tell whether the caller is held for a desk that was lost, and not yet given back to the line."""
    return talk.back_by is not None and talk.call not in held


def _end(line: Line, talk: Talk, at: datetime, *, back: bool, wrap_up: timedelta) -> Repair:
    if back and talk.state is SeatState.RINGING:
        line.decline(talk.call, talk.seat, at)
        return Repair("talk", talk.call, f"not answered at {talk.seat} unheard")
    line.end(talk.call, at, wrap_up=wrap_up)
    return Repair("talk", talk.call, f"ended at {talk.seat} unheard")


def _connect(line: Line, each: Connected, at: datetime, *, waits: bool) -> list[Repair]:
    talk = line.talks.get(each.call)
    if talk and talk.seat == each.seat and (talk.answered_at is None) == (each.answered_at is None):
        return [] if talk.back_by is None else _back(line, talk, each, at)
    if talk and talk.back_by is not None and talk.seat == each.seat:
        return []  # it rings there again
    caller = Caller(each.call, each.channel, each.number, since=each.since, heard_at=at)
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
        ),
    )
    return [Repair("talk", each.call, f"{state.value} at {each.seat} unheard")]


def _back(line: Line, talk: Talk, each: Connected, at: datetime) -> list[Repair]:
    """A lost desk is back if it talks on another telephone than before; the old one takes a moment to go."""
    if not each.answered_at or talk.seat_channel == each.seat_channel:
        return []
    line.answer(each.call, each.seat, each.seat_channel, at)
    return [Repair("talk", each.call, f"back at {each.seat} unheard")]


def _wait(line: Line, caller: Waiting, at: datetime) -> list[Repair]:
    if caller.call in line.callers:
        return []
    known = line.gone.get(caller.call)
    line.join(caller.call, caller.channel, caller.number, at if known else caller.since)
    return [Repair("caller", caller.call, "joined the line unheard")]
