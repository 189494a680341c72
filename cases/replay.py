"""A case as its history tells it: what the current columns of the store must be, worked out from the events alone.

Events of other subjects (figures, calls, supervision) and refused moves change nothing here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cases.workflow import Secrecy, State


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history."""

    kind: str
    at: datetime
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a case stands."""

    state: State | None = None
    intent: str = ""
    category: str = ""
    urgency: str = ""
    confidential: str = Secrecy.NONE
    hard: bool = False
    unit: str | None = None
    tasks: tuple[tuple[str, str], ...] = ()
    """The open parts in the order in which they were given: unit and stage; the unit that leads is `unit`."""
    above: Mapping[str, str] | None = field(default=None, compare=False)
    """For a part that was passed down, the unit that did."""
    rework_no: int = 0
    closed_at: datetime | None = None
    paused_at: datetime | None = None
    paused_for: str | None = None
    long_term_at: datetime | None = None
    rework_asked_at: datetime | None = None
    excluded: str = ""
    master: str | None = None


def replay(events: Iterable[Event]) -> Projection:
    """Return what the events lead to, oldest first."""
    case = Projection()
    for event in events:
        tell = _TOLD.get(event.kind)
        if tell is not None:
            case = tell(case, event)
    return case


Told = Callable[[Projection, Event], Projection]

SENT, HANDLING, RETURN_ASKED = "sent", "handling", "return_asked"
APPROVAL, REPORTED, REPLIED = "approval", "reported", "replied"
_MOVING: dict[str, Any] = {"paused_at": None, "paused_for": None}


def _with(case: Projection, **values: Any) -> Projection:
    return replace(case, **values)


def _to(state: State) -> Told:
    return lambda case, event: _with(case, state=state)  # noqa: ARG005 - every event is told in the same way


def _registered(case: Projection, event: Event) -> Projection:
    detail = event.detail
    answered = event.kind == "case.answered_direct"
    return _with(
        case,
        state=State.ANSWERED if answered else State.REGISTERED,
        closed_at=event.at if answered else None,
        intent=detail["intent"],
        category=detail["category"],
        urgency=detail.get("urgency", ""),
        confidential=detail.get("confidential", Secrecy.NONE),
    )


def _reclassified(case: Projection, event: Event) -> Projection:
    traits = ("intent", "category", "urgency", "confidential", "hard")
    return _with(case, **{name: event.detail[name] for name in traits if name in event.detail})


def _dispatched(case: Projection, event: Event) -> Projection:
    lead, assist = event.detail["lead"], event.detail["assist"]
    tasks = tuple((unit, SENT) for unit in (lead, *assist))
    return _with(case, state=State.DISPATCHED, unit=lead, tasks=tasks, above={})


def _put(case: Projection, unit: str, stage: str | None) -> Projection:
    """Set the stage of the open part of a unit; None ends it."""
    tasks = tuple((one, stage if one == unit else was) for one, was in case.tasks)
    return _with(case, tasks=tuple((one, now) for one, now in tasks if now is not None))


def _give(case: Projection, unit: str, above: str | None = None) -> Projection:
    upper = {**(case.above or {}), **({unit: above} if above else {})}
    return _with(case, tasks=(*case.tasks, (unit, SENT)), above=upper)


def _read(case: Projection, event: Event) -> Projection:
    unit = event.detail["unit"]
    state = State.HANDLING if unit == case.unit and case.state is State.DISPATCHED else case.state
    return _with(_put(case, unit, HANDLING), state=state)


def _asked_return(case: Projection, event: Event) -> Projection:
    return _with(_put(case, event.detail["unit"], RETURN_ASKED), state=State.RETURN_REVIEW)


def _return_decided(case: Projection, event: Event) -> Projection:
    if event.detail["granted"]:
        return _with(case, state=State.PENDING_DISPATCH, unit=None, tasks=(), above={}, **_MOVING)
    return _with(_put(case, case.unit or "", HANDLING), state=State.HANDLING)


def _recalled(case: Projection, event: Event) -> Projection:
    gone = {event.detail["unit"]}
    upper = case.above or {}
    for unit, _ in case.tasks:
        if upper.get(unit) in gone:
            gone.add(unit)
    return _with(case, tasks=tuple((unit, stage) for unit, stage in case.tasks if unit not in gone))


def _reported(case: Projection, event: Event) -> Projection:
    unit = event.detail["unit"]
    return _put(case, unit, REPORTED if unit in (case.above or {}) else REPLIED)


def _paused(case: Projection, event: Event) -> Projection:
    return _with(case, paused_at=event.at, paused_for=event.detail["reason"])


def _submitted(case: Projection, event: Event) -> Projection:  # noqa: ARG001 - it tells the version
    return _with(_put(case, case.unit or "", REPLIED), state=State.REPLIED, **_MOVING)


def _sent_back(case: Projection, event: Event) -> Projection:  # noqa: ARG001 - it tells the findings
    return _with(_put(case, case.unit or "", HANDLING), state=State.HANDLING)


def _lead(stage: str) -> Told:
    return lambda case, event: _put(case, case.unit or "", stage)  # noqa: ARG005 - every event is told so


def _below(stage: str | None) -> Told:
    return lambda case, event: _put(case, event.detail["unit"], stage)


def _final(case: Projection, event: Event) -> Projection:  # noqa: ARG001 - every event is told in the same way
    return _with(case, state=State.FEEDBACK, tasks=(), above={})


def _closed(case: Projection, event: Event) -> Projection:
    return _with(case, state=State.CLOSED, closed_at=event.at)


def _reworked(case: Projection, event: Event) -> Projection:
    unit = event.detail.get("unit", case.unit)
    return _with(
        case,
        state=State.HANDLING,
        unit=unit,
        tasks=((unit, HANDLING),),
        above={},
        rework_no=event.detail["rework"],
        closed_at=None,
        rework_asked_at=None,
    )


def _ended(state: State) -> Told:
    def end(case: Projection, event: Event) -> Projection:
        ended = replace(
            case, state=state, closed_at=event.at, tasks=(), above={}, long_term_at=None, **_MOVING
        )
        return _with(ended, master=event.detail.get("master"))

    return end


def _succeeded(case: Projection, event: Event) -> Projection:
    """A unit was merged into another one, which has its parts now."""
    old, new = event.detail["unit"], event.detail["into"]
    upper = {_renamed(one, old, new): _renamed(by, old, new) for one, by in (case.above or {}).items()}
    tasks = tuple((_renamed(unit, old, new), stage) for unit, stage in case.tasks)
    return _with(case, unit=new if case.unit == old else case.unit, tasks=tasks, above=upper)


def _renamed(unit: str, old: str, new: str) -> str:
    return new if unit == old else unit


def _now(name: str) -> Told:
    return lambda case, event: _with(case, **{name: event.at})


def _no_longer(*names: str) -> Told:
    return lambda case, event: _with(case, **dict.fromkeys(names))  # noqa: ARG005 - the event says no more


_TOLD: Final[Mapping[str, Told]] = {
    "case.registered": _registered,
    "case.answered_direct": _registered,
    "case.ready": _to(State.PENDING_DISPATCH),
    "case.reclassified": _reclassified,
    "case.refused": _ended(State.REFUSED),
    "case.invalidated": _ended(State.INVALID),
    "case.merged": _ended(State.MERGED),
    "case.withdrawn": _ended(State.WITHDRAWN),
    "assignment.created": _dispatched,
    "assignment.read": _read,
    "assignment.child_created": lambda case, event: _give(case, event.detail["unit"], event.detail["parent"]),
    "assignment.joined": lambda case, event: _give(case, event.detail["unit"]),
    "assignment.recalled": _recalled,
    "assignment.succeeded": _succeeded,
    "report.submitted": _reported,
    "report.passed": _below(None),
    "report.back": _below(HANDLING),
    "return.requested": _asked_return,
    "return.decided": _return_decided,
    "pause.opened": _paused,
    "pause.closed": _no_longer("paused_at", "paused_for"),
    "reply.drafted": _lead(APPROVAL),
    "reply.rejected": _lead(HANDLING),
    "reply.submitted": _submitted,
    "review.back": _sent_back,
    "review.passed": _to(State.FINAL_REVIEW),
    "final.back": _sent_back,
    "final.passed": _final,
    "feedback.done": _to(State.CALLBACK),
    "case.closed": _closed,
    "rework.opened": _reworked,
    "rework.proposed": _now("rework_asked_at"),
    "rework.declined": _no_longer("rework_asked_at"),
    "longterm.opened": _now("long_term_at"),
    "longterm.closed": _no_longer("long_term_at"),
    "exclusion.decided": lambda case, event: _with(case, excluded=event.detail["reason"]),
}
