"""Figures of the knowledge base: what was used how often, and the indicators of it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from cases.indicators import Figure, Form, Tally, figure_of
from cases.knowledge import KnowledgeState
from storage.knowledge_use import GAP, USE, VERSION
from storage.units import UNIT

MOST_USED = 20


@dataclass(frozen=True, slots=True)
class UsedOften:
    """An article and how often it was the answer, and did not help."""

    article: int
    title: str
    unit_name: str
    used: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class UnitDebt:
    """What a unit answers for, what it has not looked at in time, and what nobody ever used."""

    unit: str
    name: str
    live: int
    overdue: int
    unused: int


def shares(conn: Connection, *, begins: datetime, ends: datetime, last_day: date) -> dict[str, Figure]:
    """Return the indicators of a period. A call in which knowledge was looked for counts once.

    Overdue is what was in force when the period ended and should have been looked at by then: versions keep their dates,
    so that the figure of a past period stays what it was.
    """
    helped, lacking, asked = _subjects(conn, begins, ends)
    overdue, live = _overdue(conn, ends, last_day)
    return {
        "knowledge_hit": _share(helped, asked),
        "knowledge_gap": _share(lacking, asked),
        "knowledge_overdue": _share(overdue, live),
    }


def _share(part: int, whole: int) -> Figure:
    return figure_of(Form.SHARE, Tally(part, whole))


def _subjects(conn: Connection, begins: datetime, ends: datetime) -> tuple[int, int, int]:
    """Count the calls with an answer that helped, those with a gap, and all. Outside a call each look-up stands alone."""
    uses = select(
        _subject(USE.c.call, "u", USE.c.id), _one(USE.c.helpful).label("hit"), _one(None).label("gap")
    )
    lacks = select(
        _subject(GAP.c.call, "g", GAP.c.id), _one(None).label("hit"), cast(1, Integer).label("gap")
    )
    both = union_all(
        uses.where(USE.c.at >= begins, USE.c.at < ends), lacks.where(GAP.c.at >= begins, GAP.c.at < ends)
    ).subquery("both")
    of_call = (
        select(func.max(both.c.hit).label("hit"), func.max(both.c.gap).label("gap"))
        .group_by(both.c.subject)
        .subquery("of_call")
    )
    row = conn.execute(
        select(
            func.coalesce(func.sum(of_call.c.hit), 0),
            func.coalesce(func.sum(of_call.c.gap), 0),
            func.count(),
        ).select_from(of_call)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def _subject(call: ColumnElement[str], kind: str, number: ColumnElement[int]) -> ColumnElement[str]:
    return case((call != "", call), else_=literal(f"{kind}:") + cast(number, Text)).label("subject")


def _one(holds: ColumnElement[bool] | None) -> ColumnElement[int]:
    return cast(0, Integer) if holds is None else case((holds, 1), else_=0)


def _overdue(conn: Connection, ends: datetime, last_day: date) -> tuple[int, int]:
    was_live = and_(VERSION.c.live_at < ends, or_(VERSION.c.ended_at.is_(None), VERSION.c.ended_at >= ends))
    late = func.coalesce(func.sum(_one(VERSION.c.review_by < last_day)), 0)
    row = conn.execute(select(late, func.count()).where(was_live)).one()
    return int(row[0]), int(row[1])


def used_most(conn: Connection, *, begins: datetime, ends: datetime) -> list[UsedOften]:
    """Return what was used most in a period."""
    used, unhelpful = func.count().label("used"), func.sum(_one(~USE.c.helpful)).label("unhelpful")
    counted = (
        select(USE.c.article, used, unhelpful)
        .where(USE.c.at >= begins, USE.c.at < ends)
        .group_by(USE.c.article)
        .order_by(used.desc(), USE.c.article)
        .limit(MOST_USED)
        .subquery("counted")
    )
    newest = (
        select(VERSION.c.article, func.max(VERSION.c.version).label("version"))
        .where(VERSION.c.live_at.is_not(None))
        .group_by(VERSION.c.article)
        .subquery("newest")
    )
    rows = conn.execute(
        select(counted, VERSION.c.title, UNIT.c.short_name.label("unit_name"))
        .join(newest, newest.c.article == counted.c.article)
        .join(VERSION, and_(VERSION.c.article == newest.c.article, VERSION.c.version == newest.c.version))
        .join(UNIT, UNIT.c.id == VERSION.c.owner)
        .order_by(counted.c.used.desc(), counted.c.article)
    )
    return [UsedOften(row.article, row.title, row.unit_name, row.used, int(row.unhelpful)) for row in rows]


def by_unit(conn: Connection, *, begins: datetime, ends: datetime, today: date) -> list[UnitDebt]:
    """Return the units that answer for articles, those with the most overdue first."""
    was_used = (
        select(USE.c.id)
        .where(USE.c.article == VERSION.c.article, USE.c.at >= begins, USE.c.at < ends)
        .exists()
    )
    overdue = func.sum(_one(VERSION.c.review_by < today)).label("overdue")
    rows = conn.execute(
        select(
            UNIT.c.id,
            UNIT.c.short_name,
            func.count().label("live"),
            overdue,
            func.sum(_one(~was_used)).label("unused"),
        )
        .join(VERSION, VERSION.c.owner == UNIT.c.id)
        .where(VERSION.c.state == KnowledgeState.LIVE)
        .group_by(UNIT.c.id, UNIT.c.short_name)
        .order_by(overdue.desc(), UNIT.c.id)
    )
    return [UnitDebt(row.id, row.short_name, row.live, int(row.overdue), int(row.unused)) for row in rows]
