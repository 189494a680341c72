"""What desks and walls show of the live line: plain values made from the engine's model, without asking anybody."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from console.writing import epoch_ms, masked
from routing.engine import Engine
from routing.line import Seat, SeatState, Talk
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
    talk = engine.line.talk_of(seat_id)
    return CallShown(talk.call, talk.number, talk.queued_at, talk.offered_at) if talk is not None else None


def wraps_up(engine: Engine, seat_id: str) -> bool:
    seat = engine.line.seats.get(seat_id)
    return seat is not None and seat.state is SeatState.WRAP_UP


def desk_state(engine: Engine, account: Account, day: Day, at: datetime) -> dict[str, Any]:
    """Return the content of a `desk` message."""
    seat_id = account.seat or ""
    figures = line_figures(engine)
    return {
        "seat": _seat_of_desk(engine.line.seats.get(seat_id), account),
        "call": _call_of_desk(engine.line.talk_of(seat_id)),
        "line": {
            "waiting": figures.waiting,
            "longest_since": figures.longest_since,
            "answered_15s": day.answered_15s,
            "my_calls": day.by_seat.get(seat_id, 0),
        },
        "asterisk": engine.line.linked,
        "age_ms": age_ms(engine, at),
    }


def _seat_of_desk(seat: Seat | None, account: Account) -> dict[str, Any]:
    who = {"id": account.seat, "agent": account.login, "name": account.name}
    if seat is None:
        nothing = dict.fromkeys(("since", "next_break", "wrap_up_until"))
        return who | nothing | {"state": SeatState.OFFLINE.value, "reason": "", "wrap_up_extended": False}
    return who | {
        "state": seat.state.value,
        "since": epoch_ms(seat.since),
        "reason": seat.reason,
        "next_break": seat.next_break,
        "wrap_up_until": epoch_ms(seat.wrap_up_until),
        "wrap_up_extended": seat.wrap_up_extended,
    }


def _call_of_desk(talk: Talk | None) -> dict[str, Any] | None:
    if talk is None:
        return None
    return {
        "id": talk.call,
        "number": talk.number,
        "state": CALL_STATES[talk.state],
        "since": epoch_ms(talk.since),
        "offered_at": epoch_ms(talk.offered_at),
        "answered_at": epoch_ms(talk.answered_at),
    }


def wall_state(engine: Engine, day: Day, at: datetime) -> dict[str, Any]:
    """Return all that walls show. Numbers are masked: a wall hangs where everybody can read it."""
    figures = line_figures(engine)
    return {
        "line": {
            "waiting": figures.waiting,
            "longest_since": figures.longest_since,
            "answered_15s": day.answered_15s,
            "abandoned": day.abandoned,
            "abandon_rate": day.abandon_rate,
            "calls_today": day.calls,
            "states": states(engine),
        },
        "callers": [
            {
                "call": caller.call,
                "number": masked(caller.number),
                "since": epoch_ms(caller.since),
                "position": place,
            }
            for place, caller in enumerate(engine.line.waiting(), start=1)
        ],
        "seats": [
            {
                "id": seat.id,
                "name": seat.name,
                "state": seat.state.value,
                "since": epoch_ms(seat.since),
                "reason": seat.reason,
            }
            for seat in sorted(engine.line.seats.values(), key=lambda seat: seat.id)
        ],
        "source": "asterisk",
        "age_ms": age_ms(engine, at) if engine.line.linked else None,
    }
