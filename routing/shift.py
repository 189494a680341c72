"""What an agent may do at a seat, and what that makes of the seat. Pure: a seat in, a seat out.

Each new state carries who or what made it (`by`), so that the log of seats can answer who sent whom on a break.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing.live import ON_CALL, By, Notice, Seat, SeatState

__all__ = ["By", "LineSettings", "Reason", "Refused"]


class Refused(Exception):
    """The agent cannot do this now. The message is a sentence for the desk."""


class Reason(StrEnum):
    """Why a seat is on a break it did not ask for, or out of use; the desk has a text for each."""

    SIGNED_ON = "signed_on"
    TELEPHONE_BACK = "telephone_back"
    NO_TELEPHONE = "no_telephone"
    NO_MICROPHONE = "no_mic"
    DESK_LOST = "desk_lost"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"


WALLS = ""
"""The seat of a notice that is for the supervisors."""
TELL_SUPERVISORS_AFTER = 3
LONGEST_PAUSE_TIMES = 8
SHORT_LOSS = timedelta(seconds=30)
"""A telephone that was away for less than this has not cost the seat its turn."""


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
    """An agent has come. The first state is a break: being ready is something an agent says.

    Of the telephone nothing has been heard on this page yet.
    """
    return Seat(
        seat_id,
        agent,
        name,
        SeatState.BREAK,
        since=at,
        idle_since=at,
        reason=Reason.SIGNED_ON,
        by=agent,
        registered=False,
        mic=False,
    )


def taken_up_again(signed: Seat, before: SeatState, reason: str, wrap_up_until: datetime) -> Seat:
    """The agent was here a moment ago: go on from there, not from a break nobody asked for.

    Whoever was ready is ready as soon as the telephone works again; a call that is no longer there is wrapped up.
    """
    signed = replace(signed, by=By.DESK)
    match before:
        case SeatState.READY | SeatState.DISABLED:
            # Its telephone is on the way: nothing has been heard of it on this socket yet.
            return _disabled(signed, signed.since, ready_again=True, by=By.DESK)
        case SeatState.TALKING | SeatState.HOLD | SeatState.WRAP_UP:
            # When the work is done, the seat is ready only if its telephone has been heard of by then.
            return replace(signed, state=SeatState.WRAP_UP, reason="", wrap_up_until=wrap_up_until)
        case SeatState.BREAK:
            return replace(signed, reason=reason)
        case _:
            return signed


def sign_off(seat: Seat, at: datetime, *, by: str = "", reason: str = "") -> Seat:
    if seat.state in ON_CALL:
        raise Refused("通话中，不能签出")
    return Seat(
        seat.id,
        "",
        "",
        SeatState.OFFLINE,
        since=at,
        idle_since=at,
        reason=reason,
        by=by or seat.agent,
    )


def ready(seat: Seat, at: datetime, *, by: str = "") -> Seat:
    """Take calls; in a call or after one, take back the break that was to follow."""
    if seat.state in ON_CALL:
        return replace(seat, next_break="", next_by="")
    if seat.state is SeatState.OFFLINE:
        raise Refused("尚未签入")
    if not (seat.registered and seat.mic):
        raise Refused("话机未连接或麦克风不可用，不能示闲")
    if seat.state is SeatState.READY:
        return seat
    seat, by = replace(seat, next_break="", next_by=""), by or seat.agent
    # The page knows before the exchange does; until that can ring the telephone, a call would only come back.
    return _idle(seat, at, by=by) if seat.reachable else _disabled(seat, at, ready_again=True, by=by)


def take_break(seat: Seat, reason: str, at: datetime, *, promised: bool, by: str = "") -> Seat:
    """Stop taking calls: now, or after the call that the seat has, rings for or is promised."""
    by = by or seat.agent
    if seat.state is SeatState.OFFLINE:
        raise Refused("尚未签入")
    if promised or seat.state in ON_CALL or seat.state is SeatState.WRAP_UP:
        return replace(seat, next_break=reason, next_by=by)
    if seat.state is SeatState.DISABLED:
        # It stays out of use, and on this break once its telephone works.
        return replace(seat, ready_again=False, next_break=reason, next_by=by)
    return on_break(seat, reason, at, by=by)


def on_break(seat: Seat, reason: str, at: datetime, until: datetime | None = None, *, by: str = "") -> Seat:
    return replace(
        seat,
        state=SeatState.BREAK,
        since=at,
        reason=reason,
        next_break="",
        next_by="",
        break_until=until,
        wrap_up_until=None,
        ready_again=False,
        by=by or By.CALL,
    )


def refused(seat: Seat, reason: str, settings: LineSettings, at: datetime) -> tuple[Seat, tuple[Notice, ...]]:
    """The seat did not take a call: a break that ends by itself, longer each time, and who has to know of it.

    A telephone that could not be reached is no fault of the agent's and is not counted.
    """
    counts = reason != Reason.UNREACHABLE
    misses = seat.misses + counts
    times = min(2 ** max(misses - 1, 0), LONGEST_PAUSE_TIMES)
    seconds = settings.no_answer_break_seconds * times
    until = at + timedelta(seconds=seconds) if seconds else None
    resting = replace(on_break(seat, reason, at, until, by=By.CALL), misses=misses)
    back = f"notice.{reason}" if until else f"notice.{reason}_stay"
    told = [Notice(seat.id, "warn", back, (("n", str(misses)), ("seconds", str(seconds))))]
    if misses >= TELL_SUPERVISORS_AFTER and counts:
        values = (("seat", seat.id), ("name", seat.name), ("n", str(misses)))
        told.append(Notice(WALLS, "warn", "notice.misses", values))
    return resting, tuple(told)


def out_of_reach(seat: Seat, rest: timedelta, at: datetime) -> tuple[Seat, tuple[Notice, ...]]:
    """Its telephone could not be rung: out of use until that is there again, and nothing the agent need do for it."""
    values = (("n", str(seat.misses)), ("seconds", str(int(rest.total_seconds()))))
    told = Notice(seat.id, "warn", f"notice.{Reason.UNREACHABLE}", values)
    return telephone(seat, at, reachable=False), (told,)


def wrapped(seat: Seat, at: datetime) -> Seat:
    """The work after a call is done."""
    if seat.state is not SeatState.WRAP_UP:
        raise Refused("不在话后整理")
    return free_again(seat, at, by=seat.agent)


def free_again(seat: Seat, at: datetime, *, by: str = By.CLOCK) -> Seat:
    """Return where a seat goes when nothing holds it: to the break it wanted, out of use, or ready."""
    if seat.next_break:
        return on_break(seat, seat.next_break, at, by=seat.next_by or by)
    return _idle(seat, at, by=by) if seat.usable else _disabled(seat, at, ready_again=True, by=by)


def extend_wrap_up(seat: Seat, settings: LineSettings, reason: str) -> Seat:
    """Allow more time after this call, once."""
    if seat.state is not SeatState.WRAP_UP or seat.wrap_up_until is None:
        raise Refused("不在话后整理")
    if seat.wrap_up_extended:
        raise Refused("话后整理只能延长一次")
    until = seat.wrap_up_until + timedelta(seconds=settings.extend_seconds)
    return replace(seat, wrap_up_until=until, wrap_up_extended=True, reason=reason, by=seat.agent)


def telephone(
    seat: Seat,
    at: datetime,
    *,
    registered: bool | None = None,
    mic: bool | None = None,
    reachable: bool | None = None,
) -> Seat:
    """The seat's telephone works, or does not: what its page says of it, what the exchange says; None is as before.

    A seat that was ready is ready again when both say that it works.
    """
    seat = replace(
        seat,
        registered=seat.registered if registered is None else registered,
        mic=seat.mic if mic is None else mic,
        reachable=seat.reachable if reachable is None else reachable,
    )
    if seat.state is SeatState.DISABLED and seat.usable:
        if not seat.ready_again:
            reason = seat.next_break or Reason.TELEPHONE_BACK
            return on_break(seat, reason, at, by=seat.next_by or By.TELEPHONE)
        back = _idle(seat, at, by=By.TELEPHONE)
        return replace(back, idle_since=seat.idle_since) if at - seat.since < SHORT_LOSS else back
    if seat.state in (SeatState.READY, SeatState.DISABLED) and not seat.usable:
        was_ready = seat.ready_again or seat.state is SeatState.READY
        return _disabled(seat, at, ready_again=was_ready, by=By.TELEPHONE)
    return seat


def goes_on_with(seat: Seat) -> SeatState:
    """Return the state in which a desk that was lost is found again when its agent comes back in time."""
    if seat.state is SeatState.DISABLED:
        return SeatState.READY if seat.ready_again else SeatState.BREAK
    return seat.state


def _idle(seat: Seat, at: datetime, *, by: str) -> Seat:
    return replace(
        seat,
        state=SeatState.READY,
        since=at,
        idle_since=at,
        reason="",
        break_until=None,
        wrap_up_until=None,
        ready_again=False,
        by=by,
    )


def _disabled(seat: Seat, at: datetime, *, ready_again: bool, by: str) -> Seat:
    reachable = seat.registered and seat.reachable
    reason = Reason.NO_TELEPHONE if not reachable else Reason.NO_MICROPHONE
    since = seat.since if seat.state is SeatState.DISABLED else at
    return replace(
        seat,
        state=SeatState.DISABLED,
        since=since,
        reason=reason,
        wrap_up_until=None,
        ready_again=ready_again,
        by=by,
    )
