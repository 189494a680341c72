"""What desks and walls show of the live line: plain values made from the engine's model, without asking anybody."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from console.writing import epoch_ms, masked
from routing.engine import Engine
from routing.line import Caller, Seat, SeatState, Talk
from routing.live import Wish
from routing.moves import Aside, Step
from routing.seats import Assignment
from storage.calls import DayFigures
from storage.people import Account

CALL_STATES: Final[Mapping[SeatState, str]] = {
    SeatState.RINGING: "ringing",
    SeatState.TALKING: "talking",
    SeatState.HOLD: "held",
}


@dataclass(frozen=True, slots=True)
class Day:
    """The day's figures as walls and desks show them; read from the store, not counted here."""

    calls: int = 0
    abandoned: int = 0
    abandon_rate: float | None = None
    answered_15s: float | None = None
    by_seat: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, figures: DayFigures, by_seat: Mapping[str, int]) -> "Day":
        """Return the shares of those who asked for a person and do not wait any more; None while there are none."""
        judged = figures.asked - figures.waiting
        return cls(
            calls=figures.offered,
            abandoned=figures.abandoned,
            abandon_rate=round(figures.abandoned / judged, 4) if judged > 0 else None,
            answered_15s=None if figures.level is None else round(figures.level, 4),
            by_seat=by_seat,
        )


@dataclass(frozen=True, slots=True)
class LineFigures:
    """How long the line is."""

    waiting: int
    longest_since: int | None


@dataclass(frozen=True, slots=True)
class CallShown:
    """The call an agent has before them, or has just had."""

    id: str
    number: str
    queued_at: datetime
    offered_at: datetime
    wish: Wish = field(default_factory=Wish)
    owed: str = ""
    """The id of the call we owe, if this is us ringing back."""
    why: Assignment | None = None


def line_figures(engine: Engine) -> LineFigures:
    callers = engine.line.callers.values()
    return LineFigures(len(callers), epoch_ms(min((caller.since for caller in callers), default=None)))


def states(engine: Engine) -> dict[str, int]:
    """Return how many seats are in each state."""
    return dict(Counter(seat.state.value for seat in engine.line.seats.values()))


def age_ms(engine: Engine, at: datetime) -> int | None:
    """Return how old the last confirmed word from Asterisk is."""
    heard = engine.line.heard_at
    return None if heard is None else max(0, int((at - heard).total_seconds() * 1000))


def call_at(engine: Engine, seat_id: str) -> CallShown | None:
    """Return the call the seat is offered or has."""
    guest = engine.moves.at(seat_id)
    talk = engine.line.talk_of(seat_id) or (engine.line.talks.get(guest.call) if guest else None)
    if talk is None or (guest is not None and guest.step is Step.ORDERED):
        return None
    caller = talk.caller
    return CallShown(
        talk.call,
        talk.number,
        talk.queued_at,
        talk.offered_at,
        wish=caller.wish,
        owed=caller.ring_back,
        why=engine.why(talk.call),
    )


def wraps_up(engine: Engine, seat_id: str) -> bool:
    seat = engine.line.seats.get(seat_id)
    return seat is not None and seat.state is SeatState.WRAP_UP


def desk_state(engine: Engine, account: Account, day: Day, at: datetime) -> dict[str, Any]:
    """Return the content of a `desk` message."""
    seat_id = account.seat or ""
    figures = line_figures(engine)
    return {
        "seat": _seat_of_desk(engine.line.seats.get(seat_id), account),
        "call": _call_of_desk(engine, seat_id),
        "line": {
            "waiting": figures.waiting,
            "longest_since": figures.longest_since,
            "answered_15s": day.answered_15s,
            "my_calls": day.by_seat.get(seat_id, 0),
        },
        "recording": {"paused_until": _unrecorded_until(engine, seat_id)},
        "asterisk": engine.line.linked,
        "age_ms": age_ms(engine, at),
    }


def _unrecorded_until(engine: Engine, seat_id: str) -> int | None:
    talk = engine.line.talk_of(seat_id)
    pause = engine.unrecorded.of(talk.call) if talk is not None else None
    return epoch_ms(pause.until) if pause is not None else None


def _seat_of_desk(seat: Seat | None, account: Account) -> dict[str, Any]:
    who = {"id": account.seat, "agent": account.login, "name": account.name}
    if seat is None:
        nothing = dict.fromkeys(("since", "next_break", "break_until", "wrap_up_until"))
        return (
            who
            | nothing
            | {
                "state": SeatState.OFFLINE.value,
                "reason": "",
                "by": "",
                "ready_again": False,
                "wrap_up_extended": False,
            }
        )
    return who | {
        "state": seat.state.value,
        "since": epoch_ms(seat.since),
        "reason": seat.reason,
        # Only a name that is not the agent's own: "you did it" need not be said.
        "by": "" if seat.by == seat.agent else seat.by,
        "next_break": seat.next_break,
        "break_until": epoch_ms(seat.break_until),
        "ready_again": seat.ready_again,
        "wrap_up_until": epoch_ms(seat.wrap_up_until),
        "wrap_up_extended": seat.wrap_up_extended,
    }


def _call_of_desk(engine: Engine, seat_id: str) -> dict[str, Any] | None:
    """Return the call at the seat: its own, or that of the seat that asks it."""
    talk, guest = engine.line.talk_of(seat_id), engine.moves.at(seat_id)
    if talk is not None:
        return _talk_of_desk(talk) | {"aside": _aside(engine.moves.of(seat_id)), "guest": None}
    if guest is None or guest.step is Step.ORDERED or (theirs := engine.line.talks.get(guest.call)) is None:
        return None
    asking, rings = engine.line.seats.get(guest.seat), guest.step is Step.RINGING
    return _talk_of_desk(theirs) | {
        "state": CALL_STATES[SeatState.RINGING if rings else SeatState.TALKING],
        "since": epoch_ms(guest.since),
        "offered_at": epoch_ms(guest.since),
        "answered_at": None if rings else epoch_ms(guest.since),
        "aside": None,
        "guest": {
            "by": guest.seat,
            "name": asking.name if asking is not None else guest.seat,
            "third": guest.third,
        },
    }


def _aside(aside: Aside | None) -> dict[str, Any] | None:
    if aside is None:
        return None
    return {
        "whom": aside.whom.to,
        "name": aside.whom.name or aside.whom.to,
        "third": aside.third,
        "step": aside.step.value,
        "since": epoch_ms(aside.since),
    }


def _talk_of_desk(talk: Talk) -> dict[str, Any]:
    return {
        "id": talk.call,
        "number": talk.number,
        "state": CALL_STATES[talk.state],
        "since": epoch_ms(talk.since),
        "offered_at": epoch_ms(talk.offered_at),
        "answered_at": epoch_ms(talk.answered_at),
        "outgoing": bool(talk.caller.ring_back),
        "reached_at": epoch_ms(talk.reached_at),
    }


def wall_line(engine: Engine, day: Day) -> dict[str, Any]:
    """Return the figures of the wall's upper row."""
    figures = line_figures(engine)
    return {
        "waiting": figures.waiting,
        "longest_since": figures.longest_since,
        "answered_15s": day.answered_15s,
        "abandoned": day.abandoned,
        "abandon_rate": day.abandon_rate,
        "calls_today": day.calls,
        "states": states(engine),
    }


def wall_callers(engine: Engine, waits: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return who waits, in order. Numbers are masked: a wall hangs where everybody can read it."""
    leases = engine.line.leases
    return [
        _caller(caller, place)
        | {"wait": waits.get(caller.call), "seat": leases[caller.call].seat if caller.call in leases else ""}
        for place, caller in enumerate(engine.line.waiting(), start=1)
    ]


def _caller(caller: Caller, place: int) -> dict[str, Any]:
    wish = caller.wish
    return {
        "call": caller.call,
        "number": masked(caller.number),
        "since": epoch_ms(caller.since),
        "position": place,
        "priority": wish.priority,
        "skill": wish.skill,
        "language": wish.language,
        "line": wish.line,
        "elder": wish.elder,
        "raised": wish.raised,
        "owed": bool(caller.ring_back),
    }


def wall_seat(seat: Seat) -> dict[str, Any]:
    """Return one tile."""
    return {
        "id": seat.id,
        "name": seat.name,
        "state": seat.state.value,
        "since": epoch_ms(seat.since),
        "reason": seat.reason,
        "by": "" if seat.by == seat.agent else seat.by,
        "group": seat.profile.group,
        "skills": [name for name, _ in seat.profile.skills],
        "misses": seat.misses,
        "next": seat.next_break,
    }


def wall_nodes(engine: Engine, at: datetime) -> list[dict[str, Any]]:
    """Return how each node is heard: the last event, and the last comparison with the whole of it."""
    return [
        {
            "node": each.node,
            "linked": each.linked,
            "heard_at": epoch_ms(each.heard_at),
            "compared_at": epoch_ms(each.compared_at),
        }
        for each in engine.sources(at)
    ]


def wall_stuck(engine: Engine, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind.value,
            "id": each.id,
            "since": epoch_ms(each.since),
            "seat": each.seat,
            "call": each.call,
        }
        for each in engine.stuck(at)
    ]


def wall_repairs(engine: Engine, most: int) -> list[dict[str, Any]]:
    """Return the newest repairs, the newest first."""
    newest = list(engine.repairs)[-most:]
    return [
        {"what": each.what, "id": each.id, "cause": each.cause, "at": epoch_ms(each.at)}
        for each in reversed(newest)
    ]
