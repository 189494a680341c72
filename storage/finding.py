"""Lists of cases: by words, state, unit, intent, day and lateness, newest first, a page at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select

from cases.numbers import normalise
from cases.workflow import Secrecy, State
from storage import search as index
from storage.assignments import ASSIGNMENT
from storage.briefs import BRIEF, CaseBrief, brief
from storage.clocks import CLOCK
from storage.intake import CASE, CONTACT

PAGE = 20
# Counting further would cost more than anybody learns from it.
MOST_COUNTED = 1_000
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is looked for; what is empty does not matter. Words are a number, a telephone number, or text."""

    words: str = ""
    state: State | None = None
    intent: str = ""
    unit: str = ""
    since: datetime | None = None
    until: datetime | None = None
    late_at: datetime | None = None
    callers: bool = True
    """Whether words that are a telephone number find its caller. A department must not learn by searching who asked."""
    secret: bool = True
    """Whether what is for named persons only is found at all; a search that finds nothing tells nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of cases."""

    rows: list[CaseBrief]
    page: int
    total: int
    too_many: bool
    """There are more than `total`: shown as 1000+."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    @property
    def has_more(self) -> bool:
        return self.page < self.pages


def search(conn: Connection, filters: Filters, page: int = 1) -> Found:
    """Return one page, newest first."""
    page = max(1, page)
    ids = _matching(conn, filters).limit(MOST_COUNTED + 1).subquery()
    counted: int = conn.execute(select(func.count()).select_from(ids)).scalar_one()
    matching = _matching(conn, filters, common=counted > MOST_COUNTED)
    # First which cases, then their lines: PostgreSQL would look up the clocks of every match before it sorts.
    chosen = matching.order_by(*_newest(filters)).limit(PAGE).offset((page - 1) * PAGE).subquery("chosen")
    wanted = BRIEF.join(chosen, chosen.c.id == CASE.c.id).order_by(CASE.c.id.desc())
    rows = [brief(row) for row in conn.execute(wanted)]
    return Found(rows, page, min(counted, MOST_COUNTED), counted > MOST_COUNTED)


def _newest(filters: Filters) -> list[ColumnElement[Any]]:
    """Put them in the order of the index that finds them; else PostgreSQL walks back from today to the days asked for."""
    if filters.unit:
        return [ASSIGNMENT.c.case.desc()]
    by_day = [CASE.c.received_at.desc()] if filters.since or filters.until else []
    return [*by_day, CASE.c.id.desc()]


def _matching(conn: Connection, filters: Filters, *, common: bool = False) -> Select[*tuple[Any, ...]]:
    """Select the ids of the cases that are looked for."""
    rows: Select[*tuple[Any, ...]] = select(CASE.c.id)
    if filters.unit:
        # Who assists, or has had a part, finds the case as the lead does. One index gives them once each, in order.
        own = select(ASSIGNMENT.c.case.label("id")).join(CASE, CASE.c.id == ASSIGNMENT.c.case)
        rows = own.where(ASSIGNMENT.c.unit == filters.unit).group_by(ASSIGNMENT.c.case)
    if filters.state:
        rows = rows.where(CASE.c.state == filters.state)
    if not filters.secret:
        rows = rows.where(CASE.c.confidential != Secrecy.SECRET)
    if filters.intent:
        rows = rows.where(CASE.c.intent == filters.intent)
    if filters.since:
        rows = rows.where(CASE.c.received_at >= filters.since)
    if filters.until:
        rows = rows.where(CASE.c.received_at < filters.until)
    if filters.late_at:
        rows = rows.where(_late(filters))
    return _with_words(conn, rows, filters, common=common) if filters.words.strip() else rows


def _late(filters: Filters) -> ColumnElement[bool]:
    """Go from the running clocks to their cases: the few that run are in an index of their own."""
    assert filters.late_at is not None
    late = CLOCK.c.due_at <= filters.late_at - ONE_SECOND
    which = ASSIGNMENT.c.case if filters.unit else CASE.c.id
    return which.in_(select(CLOCK.c.case).where(literal_column("clock.result = 'running'"), late))


def _with_words(
    conn: Connection, rows: Select[*tuple[Any, ...]], filters: Filters, *, common: bool
) -> Select[*tuple[Any, ...]]:
    number = normalise(filters.words)
    digits = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if digits.isascii() and digits.isdigit() and len(digits) == 12:
        return rows.where(CASE.c.digits == digits)
    if number.isascii() and number.isdigit() and len(number) >= 7 and filters.callers:
        return rows.where(CASE.c.id.in_(select(CONTACT.c.case).where(CONTACT.c.number == number)))
    condition = index.condition(conn, filters.words, common=common)
    return rows if condition is None else rows.where(condition)
