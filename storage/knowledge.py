"""知识库: what becomes of an article. Its versions are never edited; two people see what citizens are told."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from cases.knowledge import (
    LONGEST_REVIEW,
    KnowledgeState,
    KnowledgeStep,
    check_eyes,
    check_step,
    check_writer,
    step,
)
from storage import history, knowledge_search, notices
from storage.errors import Conflict, Invalid, Missing
from storage.forms import NEEDED, checked_text
from storage.keeping import insert_into
from storage.knowledge_models import KnowledgeArticle, KnowledgeVersion
from storage.notices import Notice
from storage.people import Actor
from storage.steps import kept_refusals, put
from storage.types import table_of
from storage.units import CATEGORY, UNIT

ARTICLE = table_of(KnowledgeArticle)
VERSION = table_of(KnowledgeVersion)

AREA = "knowledge"
LONGEST = {
    "title": 100,
    "questions": 1_000,
    "answer": 6_000,
    "citizen_answer": 4_000,
    "sources": 2_000,
    "keywords": 200,
}
_OPTIONAL = frozenset({"questions", "keywords", "citizen_answer"})
OPEN_STATES = (KnowledgeState.DRAFT, KnowledgeState.CHECKED)

_NEWEST = (
    select(VERSION).where(VERSION.c.article == bindparam("of")).order_by(VERSION.c.version.desc()).limit(1)
)
_ONE = select(VERSION).where(VERSION.c.article == bindparam("of"), VERSION.c.version == bindparam("number"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleForm:
    """What a writer fills in. An article without a last day is valid until somebody withdraws it."""

    category: str
    owner: str
    title: str
    answer: str
    sources: str
    review_by: date | None
    questions: str = ""
    citizen_answer: str = ""
    keywords: str = ""
    public: bool = False
    valid_until: date | None = None


def add(conn: Connection, form: ArticleForm, *, by: Actor, at: datetime, today: date) -> int:
    """拟稿: write a new article; return its number. Nobody but writers sees it before it is in force."""
    check_writer(by.role, by.unit, form.owner)
    texts = _checked(conn, form, today)
    number: int = conn.execute(
        insert(ARTICLE).returning(ARTICLE.c.id), {"made_by": by.login, "made_at": at}
    ).scalar_one()
    _insert(conn, {"article": number, "version": 1, "made_by": by.login, "made_at": at} | texts)
    _note(conn, number, "knowledge.drafted", by, at, version=1)
    return number


@kept_refusals(AREA, "write")
def write(
    conn: Connection, article: int, form: ArticleForm, *, seen: int, by: Actor, at: datetime, today: date
) -> int:
    """Write the next version of an article, instead of one that is not in force yet; return its number."""
    newest = _newest(conn, article)
    check_writer(by.role, by.unit, newest.owner)
    check_writer(by.role, by.unit, form.owner)
    if newest.version != seen:
        raise Conflict("此知识已有更新的版本，请刷新后再改 (there is a newer version)")
    texts = _checked(conn, form, today)
    if newest.state in OPEN_STATES:
        _end(conn, newest, KnowledgeState.REPLACED, by, at)
    row = {"article": article, "version": seen + 1, "made_by": by.login, "made_at": at}
    _insert(conn, row | texts)
    _note(conn, article, "knowledge.drafted", by, at, version=seen + 1)
    return seen + 1


@kept_refusals(AREA, "check")
def check(conn: Connection, article: int, version: int, *, by: Actor, at: datetime) -> None:
    """审核: somebody who has not written on it says that it is right."""
    row, _ = _at_step(conn, article, version, KnowledgeStep.CHECK, by)
    check_eyes(by.login, _writers(conn, row))
    still = (VERSION.c.id == row.id, VERSION.c.state == row.state)
    put(conn, VERSION, *still, state=KnowledgeState.CHECKED, checked_by=by.login, checked_at=at)
    _note(conn, article, "knowledge.checked", by, at, version=version)


@kept_refusals(AREA, "refuse")
def refuse(conn: Connection, article: int, version: int, why: str, *, by: Actor, at: datetime) -> None:
    """退回: it is not right yet; its writer is told why."""
    row, state = _at_step(conn, article, version, KnowledgeStep.REFUSE, by)
    told = checked_text("why", why, longest=500)
    _end(conn, row, state, by, at, reason=told)
    detail = {"article": article, "title": row.title}
    notices.tell(conn, Notice(kind="knowledge.refused", login=row.made_by, detail=detail), at=at)
    _note(conn, article, "knowledge.refused", by, at, version=version)


@kept_refusals(AREA, "release")
def release(conn: Connection, article: int, version: int, *, by: Actor, at: datetime, today: date) -> None:
    """发布: from now on it is what agents and citizens are told, instead of what was."""
    row, state = _at_step(conn, article, version, KnowledgeStep.RELEASE, by)
    if row.valid_until is not None and row.valid_until < today:
        raise Invalid({"version": "有效期已过，请修改后再发布 (it is no longer valid)"})
    if (before := _live(conn, article)) is not None:
        _end(conn, before, KnowledgeState.REPLACED, by, at)
    still = (VERSION.c.id == row.id, VERSION.c.state == row.state)
    put(conn, VERSION, *still, state=state, live_by=by.login, live_at=at)
    knowledge_search.index(conn, row)
    _note(conn, article, "knowledge.released", by, at, version=version)


@kept_refusals(AREA, "confirm")
def confirm(
    conn: Connection, article: int, version: int, review_by: date, *, by: Actor, at: datetime, today: date
) -> None:
    """复核: it still holds. The same text goes on as a version with its own date, so that no date is written over."""
    row, state = _at_step(conn, article, version, KnowledgeStep.CONFIRM, by)
    if wrong := _wrong_review(review_by, today):
        raise Invalid({"review_by": wrong})
    newest = _newest(conn, article)
    if newest.state in OPEN_STATES:
        # What is on its way stays the newest, or its writer would be told that somebody was before him.
        raise Conflict("有修改稿尚未发布，请先处理 (a new version is on its way)")
    _end(conn, row, state, by, at)
    same = {column.name: getattr(row, column.name) for column in VERSION.columns if column.name != "id"}
    went_on = {"version": newest.version + 1, "review_by": review_by, "live_by": by.login, "live_at": at}
    conn.execute(insert(VERSION), same | went_on | {"reminded": ""})
    _note(conn, article, "knowledge.confirmed", by, at, version=newest.version + 1)


@kept_refusals(AREA, "withdraw")
def withdraw(conn: Connection, article: int, version: int, why: str, *, by: Actor, at: datetime) -> None:
    """停用: at once and by one person, because a wrong answer harms with every call."""
    row, state = _at_step(conn, article, version, KnowledgeStep.WITHDRAW, by)
    told = checked_text("why", why, longest=500)
    _end(conn, row, state, by, at, reason=told)
    knowledge_search.forget(conn, article)
    _note(conn, article, "knowledge.withdrawn", by, at, version=version)


def end(conn: Connection, row: Row[Any], by: Actor, at: datetime) -> bool:
    """Let a live version end with its last day; False if somebody else was first."""
    state = step(KnowledgeState(row.state), KnowledgeStep.EXPIRE)
    still = (VERSION.c.id == row.id, VERSION.c.state == row.state)
    ended = {"state": state, "ended_by": by.login, "ended_at": at}
    if conn.execute(VERSION.update().where(*still).values(**ended)).rowcount != 1:
        return False
    knowledge_search.forget(conn, row.article)
    _note(conn, row.article, "knowledge.expired", by, at, version=row.version)
    return True


def _at_step(
    conn: Connection, article: int, version: int, what: KnowledgeStep, by: Actor
) -> tuple[Row[Any], KnowledgeState]:
    row = conn.execute(_ONE, {"of": article, "number": version}).one_or_none()
    if row is None:
        raise Missing(f"没有知识 {article} 的版本 {version} (no such version)")
    check_step(what, by.role, by.unit, owner=row.owner)
    return row, step(KnowledgeState(row.state), what)


def _newest(conn: Connection, article: int) -> Row[Any]:
    row = conn.execute(_NEWEST, {"of": article}).one_or_none()
    if row is None:
        raise Missing(f"没有知识 {article} (no such article)")
    return row


def _live(conn: Connection, article: int) -> Row[Any] | None:
    live = select(VERSION).where(VERSION.c.article == article, VERSION.c.state == KnowledgeState.LIVE)
    return conn.execute(live).one_or_none()


def _writers(conn: Connection, row: Row[Any]) -> set[str]:
    """Return who wrote on this text since something was last in force: small changes do not hide the author."""
    since = select(func.coalesce(func.max(VERSION.c.version), 0)).where(
        VERSION.c.article == row.article, VERSION.c.live_at.is_not(None), VERSION.c.version < row.version
    )
    wrote = select(VERSION.c.made_by).where(
        VERSION.c.article == row.article,
        VERSION.c.version <= row.version,
        VERSION.c.version > since.scalar_subquery(),
    )
    return set(conn.execute(wrote).scalars())


def _insert(conn: Connection, row: dict[str, Any]) -> None:
    added = insert_into(conn.dialect.name, VERSION).on_conflict_do_nothing().returning(VERSION.c.id)
    values = row | {"state": KnowledgeState.DRAFT, "end_reason": "", "reminded": ""}
    if conn.execute(added, values).scalar() is None:
        raise Conflict("此知识已有更新的版本，请刷新后再改 (there is a newer version)")


def _end(
    conn: Connection, row: Row[Any], state: KnowledgeState, by: Actor, at: datetime, *, reason: str = ""
) -> None:
    still = (VERSION.c.id == row.id, VERSION.c.state == row.state)
    put(conn, VERSION, *still, state=state, ended_by=by.login, ended_at=at, end_reason=reason)


def _note(conn: Connection, article: int, kind: str, by: Actor, at: datetime, **detail: Any) -> None:
    history.append(conn, subject=f"{AREA}:{article}", kind=kind, actor=by.login, detail=detail, at=at)


def _checked(conn: Connection, form: ArticleForm, today: date) -> dict[str, Any]:
    """Return the columns as they are kept, or raise Invalid with one sentence for each field that is wrong."""
    wrong: dict[str, str] = {}
    texts: dict[str, str] = {}
    for name, longest in LONGEST.items():
        words = getattr(form, name)
        try:
            texts[name] = checked_text(name, words, longest=longest) if words.strip() else ""
        except Invalid as error:
            wrong |= error.fields
        if name not in _OPTIONAL and not words.strip():
            wrong[name] = NEEDED
    wrong |= _wrong_facts(conn, form, today)
    if form.public and not form.citizen_answer.strip():
        wrong["citizen_answer"] = "公开的知识须填写市民答复 (what is public needs an answer for citizens)"
    if wrong:
        raise Invalid(wrong)
    return asdict(form) | texts


def _wrong_facts(conn: Connection, form: ArticleForm, today: date) -> dict[str, str]:
    wrong = {}
    category = select(CATEGORY.c.code).where(
        CATEGORY.c.code == form.category, CATEGORY.c.parent.is_not(None), CATEGORY.c.ended_at.is_(None)
    )
    if conn.execute(category).first() is None:
        wrong["category"] = "请选择类别 (choose a category)"
    owner = select(UNIT.c.id).where(UNIT.c.id == form.owner, UNIT.c.ended_at.is_(None))
    if conn.execute(owner).first() is None:
        wrong["owner"] = "没有这个单位 (no such unit)"
    if problem := _wrong_review(form.review_by, today):
        wrong["review_by"] = problem
    if form.valid_until is not None and form.valid_until < today:
        wrong["valid_until"] = "有效期不能早于今天 (not before today)"
    return wrong


def _wrong_review(review_by: date | None, today: date) -> str:
    if review_by is None:
        return NEEDED
    if not today < review_by <= today + LONGEST_REVIEW:
        return "复核日期须在一年之内 (within a year from today)"
    return ""
