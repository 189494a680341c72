"""One case with everything that the person who handles it may need."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from cases.clocks import Result
from cases.limits import is_late
from cases.policies import ClockKind
from cases.workflow import State
from storage import history
from storage.assignments import ASSIGNMENT
from storage.briefs import DUE
from storage.callbacks import CALLBACK, FEEDBACK
from storage.circuit import REPLY
from storage.clocks import CLOCK
from storage.endings import MEMBER
from storage.errors import Missing
from storage.forms import keyable
from storage.intake import CASE, CONTACT, TEXT
from storage.models import Part, Stage, TextKind
from storage.returns import RETURN
from storage.reviews import REVIEW
from storage.units import CATEGORY, UNIT


@dataclass(frozen=True, slots=True)
class TaskView:
    """One unit's part."""

    unit: str
    unit_name: str
    part: Part
    stage: Stage
    instruction: str
    sent_by: str
    sent_at: datetime
    read_by: str | None
    read_at: datetime | None
    contacted_at: datetime | None
    contact_result: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockView:
    """One obligation and what became of it."""

    kind: ClockKind
    unit_name: str | None
    started_at: datetime
    due_at: datetime | None
    first_due_at: datetime
    stopped_at: datetime | None
    result: Result
    provisional: bool
    policy_version: str
    calendar_version: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the work on a case (a reply, a review, a return, …) with its columns by name."""

    kind: str
    at: datetime
    by: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything that the person who handles it may need."""

    no: str
    digits: str
    state: State
    version: int
    intent: str
    category: str
    category_name: str
    urgency: str
    channel: str
    call: str | None
    title: str
    content: str
    address: str
    reply_way: str
    confidential: bool
    contact_name: str
    contact_number: str
    wanted_unit: str | None
    unit: str | None
    unit_name: str | None
    received_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    paused_at: datetime | None
    rework_no: int
    public_reply: str | None
    master_no: str | None
    members: list[str]
    assignments: list[TaskView]
    clocks: list[ClockView]
    replies: list[Line]
    reviews: list[Line]
    returns: list[Line]
    feedbacks: list[Line]
    callbacks: list[Line]
    events: list[history.Fact]

    @property
    def state_text(self) -> str:
        return self.state.text

    def overdue(self, at: datetime) -> bool:
        return self.due_at is not None and is_late(at, self.due_at)


_MASTER = CASE.alias("master")

_CASE = (
    select(
        CASE,
        CONTACT.c.name.label("contact_name"),
        CONTACT.c.number.label("contact_number"),
        CATEGORY.c.name.label("category_name"),
        UNIT.c.short_name.label("unit_name"),
        _MASTER.c.no.label("master_no"),
        DUE,
    )
    .join(CONTACT, CONTACT.c.case == CASE.c.id)
    .join(CATEGORY, CATEGORY.c.code == CASE.c.category)
    .outerjoin(UNIT, UNIT.c.id == CASE.c.unit)
    .outerjoin(_MASTER, _MASTER.c.id == CASE.c.master)
    .where(CASE.c.no == bindparam("number"))
)
_TASKS = (
    select(ASSIGNMENT, UNIT.c.short_name.label("unit_name"))
    .join(UNIT, UNIT.c.id == ASSIGNMENT.c.unit)
    .where(ASSIGNMENT.c.case == bindparam("row"))
    .order_by(ASSIGNMENT.c.position)
)
_CLOCKS = (
    select(CLOCK, UNIT.c.short_name.label("unit_name"))
    .outerjoin(ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment)
    .outerjoin(UNIT, UNIT.c.id == ASSIGNMENT.c.unit)
    .where(CLOCK.c.case == bindparam("row"))
    .order_by(CLOCK.c.id)
)
_MEMBERS = (
    select(CASE.c.no)
    .join(MEMBER, MEMBER.c.member == CASE.c.id)
    .where(MEMBER.c.master == bindparam("row"))
    .order_by(CASE.c.id)
)
_TEXTS = select(TEXT.c.kind, TEXT.c.text).where(TEXT.c.case == bindparam("row")).order_by(TEXT.c.version)


def case(conn: Connection, no: str) -> CaseView:
    """Return one case with all its parts, or raise Missing."""
    row = conn.execute(_CASE, {"number": keyable(no, 64)}).one_or_none()
    if row is None:
        raise Missing(f"没有诉求件 {no} (no such case)")
    fields = row._asdict()
    case_id = fields.pop("id")
    for hidden in ("master", "code_hash", "intake_key"):
        del fields[hidden]
    texts = {text.kind: text.text for text in conn.execute(_TEXTS, {"row": case_id})}
    return CaseView(
        **fields,
        content=texts[TextKind.ORIGINAL],
        public_reply=texts.get(TextKind.PUBLIC),
        members=list(conn.execute(_MEMBERS, {"row": case_id}).scalars()),
        assignments=[_task(task) for task in conn.execute(_TASKS, {"row": case_id})],
        clocks=[_clock(clock) for clock in conn.execute(_CLOCKS, {"row": case_id})],
        events=history.of(conn, no),
        **_work(conn, case_id),
    )


def _work(conn: Connection, case_id: int) -> dict[str, Any]:
    reviewed = select(REVIEW).join(REPLY, REPLY.c.id == REVIEW.c.reply).where(REPLY.c.case == case_id)
    return {
        "replies": _lines(conn, select(REPLY).where(REPLY.c.case == case_id), "reply", by="signed_by"),
        "reviews": _lines(conn, reviewed, "review"),
        "returns": _lines(
            conn, select(RETURN).where(RETURN.c.case == case_id), "return", by="asked_by", at="asked_at"
        ),
        "feedbacks": _lines(conn, select(FEEDBACK).where(FEEDBACK.c.case == case_id), "feedback"),
        "callbacks": _lines(conn, select(CALLBACK).where(CALLBACK.c.case == case_id), "callback"),
    }


def _lines(
    conn: Connection, rows: Select[*tuple[Any, ...]], kind: str, *, by: str = "by", at: str = "at"
) -> list[Line]:
    lines = []
    for row in conn.execute(rows):
        fields = row._asdict()
        who, when = fields.pop(by), fields.pop(at)
        lines.append(Line(kind, when, who, fields))
    return sorted(lines, key=lambda line: line.at)


def _task(row: Row[*tuple[Any, ...]]) -> TaskView:
    return TaskView(**{name: getattr(row, name) for name in TaskView.__slots__})


def _clock(row: Row[*tuple[Any, ...]]) -> ClockView:
    fields = {name: getattr(row, name) for name in ClockView.__slots__}
    return ClockView(**fields | {"kind": ClockKind(row.kind), "result": Result(row.result)})
