"""申请: what a unit asks for and others decide. What the kinds have in common: one open at a time, two persons."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from cases import workflow
from cases.clocks import Clock
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action
from storage import assignments, clocks
from storage.circuit_models import CircuitRequest, LongTermNote
from storage.errors import Conflict, Invalid
from storage.lines import Line, lines
from storage.moves import Seen
from storage.people import Actor
from storage.types import table_of

REQUEST = table_of(CircuitRequest)
LONG_TERM_NOTE = table_of(LongTermNote)

EXTENSION, PAUSE, LONG_TERM, EXCLUSION = "extension", "pause", "long_term", "exclusion"
OF_HANDLING = (EXTENSION, PAUSE, LONG_TERM)
"""What makes no sense once the unit has replied; an exclusion may still be decided after the case has closed."""
ALL = (*OF_HANDLING, EXCLUSION)

_NOT_DECIDED = (REQUEST.c.granted.is_(None), REQUEST.c.lapsed_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked for."""

    kind: str
    words: str
    reason: str = ""
    amount: int | None = None
    leader: str | None = None
    told: str = ""


def ask(conn: Connection, seen: Seen, wish: Ask, *, task: int, by: Actor, at: datetime, rules: Rules) -> None:
    """Write the request down, and start the clock of those who decide it."""
    if open_one(conn, seen, wish.kind) is not None:
        raise Invalid({"words": "已有同类申请待决定 (one such request is open already)"})
    clock = assignments.start(conn, seen, ClockKind.REQUEST_DECISION, at=at, rules=rules)
    told = wish.told.strip()
    values: dict[str, Any] = {
        "case": seen.id,
        "assignment": task,
        "kind": wish.kind,
        "reason": wish.reason,
        "words": wish.words,
        "amount": wish.amount,
        "leader": wish.leader,
        "told": told,
        "told_at": at if told else None,
        "asked_by": by.login,
        "asked_at": at,
        "clock": clock,
    }
    conn.execute(insert(REQUEST).values(values))


def open_one(conn: Connection, seen: Seen, kind: str) -> Row[*tuple[Any, ...]] | None:
    wanted = select(REQUEST).where(REQUEST.c.case == seen.id, REQUEST.c.kind == kind, *_NOT_DECIDED)
    return conn.execute(wanted).one_or_none()


def to_decide(conn: Connection, seen: Seen, kind: str, action: Action, by: Actor) -> Row[*tuple[Any, ...]]:
    """Return the open request, if this person may decide it: whoever asked may not."""
    row = open_one(conn, seen, kind)
    if row is None:
        # Nothing is wrong with what was filled in: of two who decide at once, the second finds nothing open.
        raise Conflict(
            "没有待决定的申请，或已由他人决定 (nothing was asked for, or somebody else has decided)"
        )
    if by.login in {row.asked_by, row.leader}:
        raise workflow.SamePerson(by.login, action)
    return row


def settle(
    conn: Connection,
    row: Row[*tuple[Any, ...]],
    *,
    granted: bool,
    comment: str,
    amount: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Write the decision down."""
    decision = {"granted": granted, "granted_amount": amount, "comment": comment.strip()}
    signed = {"decided_by": by.login, "decided_at": at}
    conn.execute(update(REQUEST).where(REQUEST.c.id == row.id).values(**decision, **signed))
    if row.clock is not None:
        clocks.stop_row(conn, row.clock, at)


def lapse(conn: Connection, seen: Seen, at: datetime, *, kinds: tuple[str, ...] = OF_HANDLING) -> None:
    """The case went on: what nobody has decided is not decided any more."""
    wanted = (REQUEST.c.case == seen.id, REQUEST.c.kind.in_(kinds), *_NOT_DECIDED)
    clocks_of = set(conn.execute(select(REQUEST.c.clock).where(*wanted)).scalars())
    conn.execute(update(REQUEST).where(*wanted).values(lapsed_at=at))
    for kept in clocks.open_clocks(conn, seen.id):
        if kept.id in clocks_of:
            clocks.change(conn, kept, partial(Clock.void, reason="lapsed"))


def granted(conn: Connection, seen: Seen, kind: str, *more: ColumnElement[bool]) -> int:
    """Return how many of a kind were granted."""
    wanted = (REQUEST.c.case == seen.id, REQUEST.c.kind == kind, REQUEST.c.granted.is_(True), *more)
    return int(conn.execute(select(func.count()).where(*wanted)).scalar_one())


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    """Return what was asked for and decided, and what the reviews of a long-term case found."""
    asked = lines(
        conn, select(REQUEST).where(REQUEST.c.case == case_id), "request", by="asked_by", at="asked_at"
    )
    notes = select(LONG_TERM_NOTE).join(REQUEST, REQUEST.c.id == LONG_TERM_NOTE.c.request)
    found = lines(conn, notes.where(REQUEST.c.case == case_id), "long_term_note")
    return sorted(asked + found, key=lambda line: line.at)
