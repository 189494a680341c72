"""使用与缺口: which articles agents answer with, what they did not find, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from cases.knowledge import EDITORS, KnowledgeState
from cases.redaction import redacted
from storage import history, notices
from storage.errors import Invalid, Missing
from storage.forms import checked_text, keyable
from storage.keeping import insert_into
from storage.knowledge_models import KnowledgeArticle, KnowledgeGap, KnowledgeUse, KnowledgeVersion
from storage.notices import Notice
from storage.people import Actor
from storage.steps import kept_refusals, must_be, put
from storage.types import table_of
from storage.units import UNIT

USE = table_of(KnowledgeUse)
GAP = table_of(KnowledgeGap)
VERSION = table_of(KnowledgeVersion)
ARTICLE = table_of(KnowledgeArticle)

AREA = "knowledge_gap"
LONGEST_GAP = 300
PAGE = 30


class GapState(StrEnum):
    """What has become of a question without an answer."""

    OPEN = "open"
    ASKED = "asked"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


UNSETTLED = (GapState.OPEN, GapState.ASKED)


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that had no answer."""

    id: int
    text: str
    by: str
    at: datetime
    state: str
    unit_name: str | None
    article: int | None
    comment: str
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gaps:
    """One page of them, with how many there are in each state."""

    rows: list[Gap]
    counts: dict[str, int]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def used(
    conn: Connection, article: int, *, call: str = "", helpful: bool = True, by: Actor, at: datetime
) -> None:
    """Note that somebody answered with an article. Said again in the same call, the last word counts."""
    live = select(VERSION.c.version).where(
        VERSION.c.article == article, VERSION.c.state == KnowledgeState.LIVE
    )
    version = conn.execute(live).scalar()
    if version is None:
        raise Missing(f"知识 {article} 不在使用中 (no such article in force)")
    row = {"article": article, "version": version, "call": keyable(call, 64), "helpful": helpful}
    added = insert_into(conn.dialect.name, USE)
    again = added.on_conflict_do_update(
        index_elements=["article", "call"],
        index_where=USE.c.call != "",
        set_={name: added.excluded[name] for name in ("version", "helpful", "by", "at")},
    )
    conn.execute(again, row | {"by": by.login, "at": at})


def missing(conn: Connection, text: str, *, call: str = "", by: Actor, at: datetime) -> int:
    """Note that something was asked for which there is no article. What looks private is hidden before it is kept."""
    told = redacted(checked_text("text", text, longest=LONGEST_GAP))
    row = {
        "text": told,
        "call": keyable(call, 64),
        "by": by.login,
        "at": at,
        "state": GapState.OPEN,
        "comment": "",
    }
    number: int = conn.execute(insert(GAP).returning(GAP.c.id), row).scalar_one()
    return number


def gaps(conn: Connection, state: str, *, page: int = 1) -> Gaps:
    """Return a page of the gaps in this state, newest first."""
    counted = select(GAP.c.state, func.count().label("n")).group_by(GAP.c.state)
    counts = {row.state: row.n for row in conn.execute(counted)}
    total = counts.get(state, 0)
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = conn.execute(
        select(GAP, UNIT.c.short_name.label("unit_name"))
        .outerjoin(UNIT, UNIT.c.id == GAP.c.unit)
        .where(GAP.c.state == state)
        .order_by(GAP.c.at.desc(), GAP.c.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Gaps([_gap(row) for row in rows], counts, total, page)


@kept_refusals(AREA, "ask")
def ask(conn: Connection, gap: int, unit: str, words: str, *, by: Actor, at: datetime) -> None:
    """请单位补充: ask the unit that must know. It reads the editor's words, never the agent's."""
    must_be(by, EDITORS, "处理知识缺口")
    told = checked_text("words", words, longest=200)
    if conn.execute(select(UNIT.c.id).where(UNIT.c.id == unit, UNIT.c.ended_at.is_(None))).first() is None:
        raise Invalid({"unit": "没有这个单位 (no such unit)"})
    _decide(conn, gap, by, at, state=GapState.ASKED, unit=unit, comment=told)
    notices.tell(conn, Notice(kind="knowledge.wanted", unit=unit, detail={"words": told}), at=at)


@kept_refusals(AREA, "answer")
def answer(conn: Connection, gap: int, article: int, *, by: Actor, at: datetime) -> None:
    """已补充: this article answers it now."""
    must_be(by, EDITORS, "处理知识缺口")
    if conn.execute(select(ARTICLE.c.id).where(ARTICLE.c.id == article)).first() is None:
        raise Invalid({"article": "没有这条知识 (no such article)"})
    _decide(conn, gap, by, at, state=GapState.ANSWERED, article=article)


@kept_refusals(AREA, "dismiss")
def dismiss(conn: Connection, gap: int, why: str, *, by: Actor, at: datetime) -> None:
    """不予补充: it is nothing that an article could answer."""
    must_be(by, EDITORS, "处理知识缺口")
    _decide(conn, gap, by, at, state=GapState.DISMISSED, comment=checked_text("words", why, longest=200))


def _decide(conn: Connection, gap: int, by: Actor, at: datetime, **values: Any) -> None:
    if conn.execute(select(GAP.c.id).where(GAP.c.id == gap)).first() is None:
        raise Missing(f"没有缺口 {gap} (no such gap)")
    still = (GAP.c.id == gap, GAP.c.state.in_(UNSETTLED))
    put(conn, GAP, *still, decided_by=by.login, decided_at=at, **values)
    detail = {"state": values["state"]}
    history.append(
        conn, subject=f"{AREA}:{gap}", kind="knowledge.gap_decided", actor=by.login, detail=detail, at=at
    )


def _gap(row: Row[Any]) -> Gap:
    return Gap(**{name: getattr(row, name) for name in Gap.__slots__})
