"""What an agent may do at a seat, and what that makes of the seat. Pure: a seat in, a seat out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing.live import ON_CALL, Seat, SeatState


class Refused(Exception):
    """The agent cannot do this now. The message is a sentence for the desk."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How long things may take, in seconds."""

    ring_seconds: int = 12
    """So long the exchange lets a seat ring. The engine waits for its word a little longer."""
    wrap_up_seconds: int = 30
    extend_seconds: int = 60
    lease_seconds: float = 2.0
    """An assignment that is not confirmed by then is taken back."""
    no_answer_break_seconds: int = 0
    """A seat that did not answer is on a break for so long; with 0 until the agent is ready again."""


def sign_on(seat_id: str, *, agent: str, name: str, at: datetime) -> Seat:
    """An agent has come. The first state is a break: being ready is something an agent says."""
    return Seat(seat_id, agent, name, SeatState.BREAK, since=at, idle_since=at, reason="已签入")


def taken_up_again(signed: Seat, before: SeatState, reason: str, wrap_up_until: datetime) -> Seat:
    """The agent was here before our process was started anew: go on from there, not from a break nobody asked for.

    Whoever was ready is ready as soon as the telephone works again; a call that is no longer there is wrapped up.
    """
    match before:
        case SeatState.READY | SeatState.DISABLED:
            return _disabled(signed, signed.since, ready_again=True)
        case SeatState.TALKING | SeatState.HOLD | SeatState.WRAP_UP:
            return replace(signed, state=SeatState.WRAP_UP, reason="", wrap_up_until=wrap_up_until)
        case SeatState.BREAK:
            return replace(signed, reason=reason)
        case _:
            return signed


def sign_off(seat: Seat, at: datetime) -> Seat:
    if seat.state in ON_CALL:
        raise Refused("通话中,不能签出")
    return Seat(seat.id, "", "", SeatState.OFFLINE, since=at, idle_since=at)


def ready(seat: Seat, at: datetime) -> Seat:
    """Take calls; in a call or after one, take back the break that was to follow."""
    if seat.state in ON_CALL:
        return replace(seat, next_break="")
    if seat.state is SeatState.OFFLINE:
        raise Refused("尚未签入")
    if not seat.usable:
        raise Refused("话机未连接或麦克风不可用,不能示闲")
    if seat.state is SeatState.READY:
        return seat
    return _idle(replace(seat, next_break=""), at)


def take_break(seat: Seat, reason: str, at: datetime, *, promised: bool) -> Seat:
    """Stop taking calls: now, or after the call that the seat has, rings for or is promised."""
    if seat.state is SeatState.OFFLINE:
        raise Refused("尚未签入")
    if promised or seat.state in ON_CALL or seat.state is SeatState.WRAP_UP:
        return replace(seat, next_break=reason)
    if seat.state is SeatState.DISABLED:
        return replace(seat, ready_again=False)
    return on_break(seat, reason, at)


def on_break(seat: Seat, reason: str, at: datetime, until: datetime | None = None) -> Seat:
    return replace(
        seat,
        state=SeatState.BREAK,
        since=at,
        reason=reason,
        next_break="",
        break_until=until,
        wrap_up_until=None,
        ready_again=False,
    )


def wrapped(seat: Seat, at: datetime) -> Seat:
    """The work after a call is done."""
    if seat.state is not SeatState.WRAP_UP:
        raise Refused("不在话后整理")
    return free_again(seat, at)


def free_again(seat: Seat, at: datetime) -> Seat:
    """Return where a seat goes when nothing holds it: to the break it wanted, out of use, or ready."""
    if seat.next_break:
        return on_break(seat, seat.next_break, at)
    return _idle(seat, at) if seat.usable else _disabled(seat, at, ready_again=True)


def extend_wrap_up(seat: Seat, settings: LineSettings, reason: str) -> Seat:
    """Allow more time after this call, once."""
    if seat.state is not SeatState.WRAP_UP or seat.wrap_up_until is None:
        raise Refused("不在话后整理")
    if seat.wrap_up_extended:
        raise Refused("话后整理只能延长一次")
    until = seat.wrap_up_until + timedelta(seconds=settings.extend_seconds)
    return replace(seat, wrap_up_until=until, wrap_up_extended=True, reason=reason)


def telephone(seat: Seat, at: datetime, *, registered: bool, mic: bool) -> Seat:
    """The seat's telephone works, or does not. A seat that was ready is ready again when it works again."""
    seat = replace(seat, registered=registered, mic=mic)
    if seat.state is SeatState.DISABLED and seat.usable:
        return _idle(seat, at) if seat.ready_again else on_break(seat, "话机已恢复", at)
    if seat.state in (SeatState.READY, SeatState.DISABLED) and not seat.usable:
        return _disabled(seat, at, ready_again=seat.ready_again or seat.state is SeatState.READY)
    return seat


def _idle(seat: Seat, at: datetime) -> Seat:
    return replace(
        seat,
        state=SeatState.READY,
        since=at,
        idle_since=at,
        reason="",
        break_until=None,
        wrap_up_until=None,
        ready_again=False,
    )


def _disabled(seat: Seat, at: datetime, *, ready_again: bool) -> Seat:
    reason = "话机未连接" if not seat.registered else "麦克风不可用"
    since = seat.since if seat.state is SeatState.DISABLED else at
    return replace(
        seat,
        state=SeatState.DISABLED,
        since=since,
        reason=reason,
        wrap_up_until=None,
        ready_again=ready_again,
    )
