"""质检: scores of drawn calls, what the agents say to them, and how a team stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select, update

from cases.quality import APPEAL_WITHIN, PASSED, Item, Score, score
from storage import history, quality_sheets
from storage.errors import Conflict, Invalid, Missing
from storage.forms import checked_text
from storage.quality_models import QualityCheck, QualityDraw, QualityMark
from storage.quality_sheets import Sheet
from storage.types import table_of

DRAW = table_of(QualityDraw)
CHECK = table_of(QualityCheck)
MARK = table_of(QualityMark)

UPHELD, REVISED = "upheld", "revised"
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One drawn call in a list."""

    call: str
    week: date
    agent: str
    talked_at: datetime
    talk_seconds: float
    basis: str
    score: int | None = None
    fatal: bool = False
    checked_by: str = ""
    checked_at: datetime | None = None
    appealed_at: datetime | None = None
    verdict: str | None = None

    @property
    def state(self) -> str:
        if self.score is None:
            return "drawn"
        return "appealed" if self.appealed_at and not self.verdict else "checked"


@dataclass(frozen=True, slots=True)
class Marked:
    """One item with the points it was given."""

    item: Item
    points: int
    note: str


@dataclass(frozen=True, slots=True)
class Result:
    """A drawn call with everything that was said of it; before it is checked there are no marks."""

    line: Line
    sheet: Sheet
    marks: tuple[Marked, ...] = ()
    comment: str = ""
    seen_at: datetime | None = None
    appeal: str = ""
    answer: str = ""
    decided_by: str = ""
    first_score: int | None = None

    def may_appeal(self, at: datetime) -> bool:
        given = self.line.checked_at
        return given is not None and self.line.appealed_at is None and at - given <= APPEAL_WITHIN


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One agent over some weeks."""

    agent: str
    drawn: int
    checked: int
    passed: int
    fatal: int
    appealed: int
    revised: int
    mean: float | None


_LINE = select(
    DRAW.c.call,
    DRAW.c.week,
    DRAW.c.agent,
    DRAW.c.talked_at,
    DRAW.c.talk_seconds,
    DRAW.c.basis,
    CHECK.c.score,
    func.coalesce(CHECK.c.fatal, False).label("fatal"),
    func.coalesce(CHECK.c.checked_by, "").label("checked_by"),
    CHECK.c.checked_at,
    CHECK.c.appealed_at,
    CHECK.c.verdict,
).select_from(DRAW.outerjoin(CHECK, CHECK.c.call == DRAW.c.call))


def of_weeks(conn: Connection, first: date, last: date, *, agent: str = "") -> list[Line]:
    """Return the drawn calls of these weeks: what is appealed first, then what waits, then what is done."""
    found = _LINE.where(DRAW.c.week.between(first, last))
    if agent:
        found = found.where(DRAW.c.agent == agent)
    rank = case(
        (CHECK.c.appealed_at.is_not(None) & CHECK.c.verdict.is_(None), 0),
        (CHECK.c.score.is_(None), 1),
        else_=2,
    )
    rows = conn.execute(found.order_by(rank, DRAW.c.agent, DRAW.c.talked_at).limit(MOST_SHOWN))
    return [Line(*row) for row in rows]


def of_agent(conn: Connection, agent: str, limit: int = 100) -> list[Line]:
    """Return what an agent was given, the newest first; what is only drawn is nobody's business yet."""
    found = _LINE.where(DRAW.c.agent == agent, CHECK.c.score.is_not(None))
    return [Line(*row) for row in conn.execute(found.order_by(CHECK.c.checked_at.desc()).limit(limit))]


def result(conn: Connection, call: str) -> Result:
    row = conn.execute(_LINE.where(DRAW.c.call == call)).one_or_none()
    if row is None:
        raise Missing(call)
    line = Line(*row)
    given = conn.execute(select(CHECK).where(CHECK.c.call == call)).one_or_none()
    if given is None:
        return Result(line, quality_sheets.newest(conn))
    sheet = quality_sheets.sheet(conn, given.version)
    return Result(
        line,
        sheet,
        marks=tuple(_marks(conn, given, sheet.items)),
        comment=given.comment,
        seen_at=given.seen_at,
        appeal=given.appeal or "",
        answer=given.answer or "",
        decided_by=given.decided_by or "",
        first_score=given.first_score,
    )


def _marks(conn: Connection, given: Row[Any], items: Sequence[Item]) -> list[Marked]:
    revised = 1 if given.verdict == REVISED else 0
    rows = conn.execute(
        select(MARK).where(MARK.c.call == given.call, MARK.c.round == revised).order_by(MARK.c.no)
    )
    return [Marked(items[row.no], row.points, row.note) for row in rows if row.no < len(items)]


def check(
    conn: Connection,
    call: str,
    marks: Sequence[int],
    notes: Sequence[str],
    *,
    comment: str,
    by: str,
    at: datetime,
) -> None:
    """Score a drawn call by the newest sheet. Nobody scores himself, and a score that stands is changed by appeal only."""
    seen = result(conn, call)
    if seen.line.score is not None:
        raise Conflict("此通话已有质检结果 (this call has been checked)")
    if seen.line.agent == by:
        raise Conflict("不能质检自己的通话 (nobody checks his own calls)")
    points = _scored(seen.sheet.items, marks)
    comment = checked_text("comment", comment, longest=2000) if comment.strip() else ""
    row = {"call": call, "version": seen.sheet.version, "score": points.points, "fatal": points.fatal}
    conn.execute(insert(CHECK).values(**row, comment=comment, checked_by=by, checked_at=at))
    _keep_marks(conn, call, 0, marks, notes)
    detail = {"score": points.points, "fatal": points.fatal, "sheet": seen.sheet.version}
    history.append(conn, subject=call, kind="quality.checked", actor=by, detail=detail, at=at)


def _scored(items: Sequence[Item], marks: Sequence[int]) -> Score:
    try:
        return score(items, marks)
    except ValueError:
        raise Invalid({"marks": "得分不符合评分表 (the marks do not fit the sheet)"}) from None


def _keep_marks(conn: Connection, call: str, turn: int, marks: Sequence[int], notes: Sequence[str]) -> None:
    rows = [
        {
            "call": call,
            "round": turn,
            "no": no,
            "points": points,
            "note": notes[no].strip() if no < len(notes) else "",
        }
        for no, points in enumerate(marks)
    ]
    conn.execute(insert(MARK), rows)


def see(conn: Connection, call: str, *, by: str, at: datetime) -> Result:
    """Return an agent's own result, and note when it was first read."""
    seen = result(conn, call)
    if seen.line.agent != by or seen.line.score is None:
        raise Missing(call)
    conn.execute(update(CHECK).where(CHECK.c.call == call, CHECK.c.seen_at.is_(None)).values(seen_at=at))
    return seen


def appeal(conn: Connection, call: str, text: str, *, by: str, at: datetime) -> None:
    """The agent does not agree. Once, and within a week."""
    seen = see(conn, call, by=by, at=at)
    if not seen.may_appeal(at):
        raise Conflict("已申诉或已超过七天 (appealed already, or more than seven days ago)")
    text = checked_text("appeal", text, longest=2000)
    done = update(CHECK).where(CHECK.c.call == call, CHECK.c.appealed_at.is_(None))
    if conn.execute(done.values(appeal=text, appealed_at=at)).rowcount != 1:
        raise Conflict("已申诉 (appealed already)")
    history.append(conn, subject=call, kind="quality.appealed", actor=by, detail={}, at=at)


def decide(
    conn: Connection, call: str, marks: Sequence[int] | None, *, answer: str, by: str, at: datetime
) -> None:
    """Let the score stand (no marks), or give others. Who scored does not judge the appeal."""
    seen = result(conn, call)
    if seen.line.state != "appealed":
        raise Conflict("没有待处理的申诉 (there is no open appeal)")
    if by in (seen.line.checked_by, seen.line.agent):
        raise Conflict("申诉应由评分人以外的人处理 (somebody else than the scorer decides)")
    values: dict[str, Any] = {"verdict": UPHELD, "answer": checked_text("answer", answer, longest=2000)}
    if marks is not None:
        points = _scored(seen.sheet.items, marks)
        values |= {"verdict": REVISED, "first_score": seen.line.score}
        values |= {"score": points.points, "fatal": points.fatal}
        _keep_marks(conn, call, 1, marks, ())
    undecided = update(CHECK).where(CHECK.c.call == call, CHECK.c.verdict.is_(None))
    if conn.execute(undecided.values(**values, decided_by=by, decided_at=at)).rowcount != 1:
        raise Conflict("申诉已处理 (it has been decided)")
    detail = {"verdict": values["verdict"], "score": values.get("score", seen.line.score)}
    history.append(conn, subject=call, kind="quality.decided", actor=by, detail=detail, at=at)


_WHOLE = ("drawn", "checked", "passed", "fatal", "appealed", "revised")


def team(conn: Connection, first: date, last: date) -> list[TeamLine]:
    """Return how each agent stands over these weeks. The mean is of what was drawn at random: picked calls are not fair."""
    random = DRAW.c.basis == "random"
    counted = (
        select(
            DRAW.c.agent,
            func.count().label("drawn"),
            func.count(CHECK.c.score).label("checked"),
            _sum((CHECK.c.score >= PASSED) & CHECK.c.fatal.is_(False)).label("passed"),
            _sum(CHECK.c.fatal.is_(True)).label("fatal"),
            func.count(CHECK.c.appealed_at).label("appealed"),
            _sum(CHECK.c.verdict == REVISED).label("revised"),
            func.avg(case((random, CHECK.c.score))).label("mean"),
        )
        .select_from(DRAW.outerjoin(CHECK, CHECK.c.call == DRAW.c.call))
        .where(DRAW.c.week.between(first, last))
        .group_by(DRAW.c.agent)
        .order_by(DRAW.c.agent)
    )
    found = []
    for row in conn.execute(counted):
        mean = None if row.mean is None else round(float(row.mean), 1)
        whole = {name: int(row._mapping[name]) for name in _WHOLE}  # noqa: SLF001 - by the names of the figures
        found.append(TeamLine(agent=row.agent, mean=mean, **whole))
    return found


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
