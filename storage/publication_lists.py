"""公开: what waits for an officer, every version of a copy, and the one thing that everybody may read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from cases.workflow import MOVES, Action, Secrecy
from storage.moves import CASE
from storage.publication import COPY, IN_FORCE, PROPOSED, SHOWN, TAKEN_DOWN
from storage.units import UNIT
from storage.views import Line

PER_PAGE = 30
# Beyond this the count says only "more than".
MOST_COUNTED = 1_000
# What nobody has taken up for so long is no longer news.
LOOK_BACK = timedelta(days=180)
PILES = ("waiting", "proposed", "shown", "held", "taken_down")

_READY = tuple(state for (state, action) in MOVES if action is Action.PUBLISH and state is not None)


@dataclass(frozen=True, slots=True)
class Copy:
    """One version of a public copy."""

    version: int
    decision: str
    reason: str
    title: str
    content: str
    reply: str
    state: str
    made_by: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    comment: str
    ended_by: str | None
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in a pile of the officers."""

    no: str
    title: str
    unit_name: str | None
    received_at: datetime
    decision: str | None
    made_by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a pile; the total is not counted beyond a thousand."""

    rows: list[Listed]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, slots=True)
class Public:
    """What everybody may read of a case."""

    no: str
    title: str
    content: str
    reply: str
    published_at: datetime


def public_copy(conn: Connection, no: str) -> Public | None:
    """Return what is public of a case, or None: there is no other way to it."""
    row = conn.execute(
        select(COPY, CASE.c.no)
        .join(CASE, CASE.c.id == COPY.c.case)
        .where(CASE.c.no == no, COPY.c.state == IN_FORCE, COPY.c.decision.in_(SHOWN))
    ).one_or_none()
    return Public(row.no, row.title, row.content, row.reply, row.decided_at) if row else None


def copies(conn: Connection, no: str) -> list[Copy]:
    """Return every version, newest first."""
    rows = conn.execute(
        select(COPY)
        .join(CASE, CASE.c.id == COPY.c.case)
        .where(CASE.c.no == no)
        .order_by(COPY.c.version.desc())
    )
    return [Copy(**{name: getattr(row, name) for name in Copy.__slots__}) for row in rows]


def pile(conn: Connection, name: str, *, at: datetime, page: int = 1) -> Found:
    """Return one page of a pile, the oldest that waits first, else the newest."""
    where = _pile(name, at)
    joined = CASE.outerjoin(UNIT, UNIT.c.id == CASE.c.unit)
    if name != "waiting":
        joined = joined.join(COPY, COPY.c.case == CASE.c.id)
    columns = [CASE.c.no, CASE.c.title, UNIT.c.short_name.label("unit_name"), CASE.c.received_at]
    order: ColumnElement[Any] = CASE.c.received_at
    if name != "waiting":
        columns += [
            COPY.c.decision,
            COPY.c.made_by,
            func.coalesce(COPY.c.decided_at, COPY.c.made_at).label("at"),
        ]
        order = COPY.c.id if name == "proposed" else COPY.c.id.desc()
    some = select(CASE.c.id).select_from(joined).where(*where).limit(MOST_COUNTED).subquery()
    total: int = conn.execute(select(func.count()).select_from(some)).scalar_one()
    rows = select(*columns).select_from(joined).where(*where).order_by(order)
    found = conn.execute(rows.limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return Found([_listed(row) for row in found], total, page)


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    """Return what a case's own page tells of its public copies."""
    rows = conn.execute(select(COPY).where(COPY.c.case == case_id).order_by(COPY.c.version))
    names = ("version", "decision", "reason", "state", "decided_by", "decided_at", "ended_at")
    return [
        Line("publication", row.made_at, row.made_by, {name: getattr(row, name) for name in names})
        for row in rows
    ]


def _pile(name: str, at: datetime) -> list[ColumnElement[bool]]:
    decided = COPY.c.state.in_((IN_FORCE, PROPOSED))
    shown = COPY.c.decision.in_(SHOWN)
    piles: dict[str, list[ColumnElement[bool]]] = {
        "waiting": [
            # Past the index of states, in which most cases are closed: it is the date that finds them in their order.
            func.lower(CASE.c.state).in_(_READY),
            CASE.c.received_at >= at - LOOK_BACK,
            CASE.c.confidential != Secrecy.SECRET,
            ~select(COPY.c.id).where(COPY.c.case == CASE.c.id, decided).exists(),
        ],
        "proposed": [COPY.c.state == PROPOSED],
        "shown": [COPY.c.state == IN_FORCE, shown],
        "held": [COPY.c.state == IN_FORCE, ~shown],
        "taken_down": [COPY.c.state == TAKEN_DOWN],
    }
    return piles[name]


def _listed(row: Row[*tuple[Any, ...]]) -> Listed:
    fields: dict[str, Any] = dict.fromkeys(Listed.__slots__)
    return Listed(**fields | row._asdict())
