"""What a call makes of the seat that has it. Pure: a seat in, a seat out; what agents do is in `routing.shift`."""

from dataclasses import replace
from datetime import datetime, timedelta

from routing.live import By, Caller, Seat, SeatState, Talk, Wish


def taken(seat: Seat, talk: Talk) -> Seat:
    """The seat rings or talks."""
    return replace(
        seat,
        state=talk.state,
        since=talk.since,
        call=talk.call,
        reason="",
        wrap_up_until=None,
        break_until=None,
        by=By.CALL,
        misses=0 if talk.answered_at else seat.misses,
    )


def released(seat: Seat, talk: Talk, at: datetime, wrap_up: timedelta) -> Seat:
    """The call is over. Who only rang is ready again, who talked has work to finish."""
    finished = talk.answered_at is not None
    return replace(
        seat,
        state=SeatState.WRAP_UP if finished else SeatState.READY,
        since=at,
        call="",
        wrap_up_until=at + wrap_up if finished else None,
        wrap_up_extended=False,
        by=By.CALL,
    )


def has_left(talk: Talk, leg: str) -> bool:
    """Tell whether the talk does without this telephone: its desk is awaited, or is back on another one."""
    if talk.back_by is not None:
        return True
    # A leg that had been answered, while the talk rings: that of a seat that has handed the caller on.
    return talk.answered_at is None or talk.seat_channel not in ("", leg)


def reaching(talk: Talk, at: datetime, leg: str) -> Talk:
    """Return the talk with the citizen whom we ring: rung on this leg, or, without one, reached."""
    if leg:
        known = not talk.caller.ring_back or talk.channel == leg
        return talk if known else replace(talk, caller=replace(talk.caller, channel=leg), heard_at=at)
    return talk if talk.reached_at is not None else replace(talk, reached_at=at, heard_at=at)


def gone(caller: Caller, at: datetime) -> Caller:
    """Return who has left. Who was on the telephone is rung by nobody: wherever he comes to now, he is there himself."""
    owed = "" if caller.channel else caller.ring_back
    return replace(caller, heard_at=max(at, caller.heard_at), ring_back=owed)


def newer_wish(before: Wish, wish: Wish | None) -> Wish:
    """Return what the channel says, with what only we know: the seats that we looked up, and that he was raised."""
    if wish is None:
        return before
    return replace(wish, prefers=before.prefers, raised=before.raised or wish.raised)
