"""One case with everything that the person who handles it may need."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, literal, select, union_all

from cases.clocks import Clock, Result
from cases.ladder import Step
from cases.limits import is_late
from cases.policies import ClockKind
from cases.workflow import Secrecy, State
from storage import callback_tasks, history, passing, requests, reworks, rulings, supplements
from storage.assignments import ASSIGNMENT
from storage.briefs import DUE
from storage.callbacks import CALLBACK
from storage.clocks import CLOCK, kept
from storage.errors import Missing
from storage.forms import keyable
from storage.intake import CASE, CONTACT, TEXT
from storage.lines import Line, lines
from storage.members import FEEDBACK, MEMBER
from storage.models import Part, Stage, TextKind
from storage.replies import REPLY, REVIEW
from storage.returns import RETURN
from storage.units import CATEGORY, UNIT

__all__ = ["CaseView", "ClockView", "Line", "LinkView", "TaskView", "case"]


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
    handler: str | None
    leader: str | None
    above: str | None
    """The unit that passed the part down; None for a part that the centre gave."""
    unit_parent: str | None
    """The unit above in the tree."""
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
    step: Step = Step.NONE
    clock: Clock | None = None
    """The clock itself, for those who count its days."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """Another case that this one has to do with: recurrence_of, recurred_as, split_from, part, follows, followed_by."""

    kind: str
    no: str


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
    confidential: Secrecy
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
    paused_for: str | None
    origin: str
    party: str
    hard: bool
    excluded: str
    long_term_at: datetime | None
    rework_asked_at: datetime | None
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
    callback_tasks: list[Line]
    requests: list[Line]
    reports: list[Line]
    rulings: list[Line]
    supplements: list[Line]
    reworks: list[Line]
    links: list[LinkView]
    events: list[history.Fact]

    @property
    def state_text(self) -> str:
        return self.state.text

    @property
    def first_unit(self) -> str | None:
        """首问责任: who was asked first, and leads until somebody decides otherwise."""
        return next((task.unit for task in self.assignments if task.part is Part.LEAD), None)

    @property
    def calls(self) -> list[str]:
        """Every call in which the case was spoken about, in the order in which it was noted."""
        noted = [line.fields.get("call") for line in (*self.supplements, *self.feedbacks, *self.callbacks)]
        spoken = [fact.detail.get("call") for fact in self.events if fact.kind == "citizen.contacted"]
        return list(dict.fromkeys(call for call in (self.call, *spoken, *noted) if call))

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
_ABOVE = ASSIGNMENT.alias("above")
_TASKS = (
    select(
        ASSIGNMENT,
        UNIT.c.short_name.label("unit_name"),
        _ABOVE.c.unit.label("above"),
        UNIT.c.parent.label("unit_parent"),
    )
    .join(UNIT, UNIT.c.id == ASSIGNMENT.c.unit)
    .outerjoin(_ABOVE, _ABOVE.c.id == ASSIGNMENT.c.parent)
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
    links = _links(conn, case_id, fields)
    for hidden in ("master", "code_hash", "intake_key", "place_key", *_LINKS):
        del fields[hidden]
    texts = {text.kind: text.text for text in conn.execute(_TEXTS, {"row": case_id})}
    return CaseView(
        **fields,
        content=texts[TextKind.ORIGINAL],
        public_reply=texts.get(TextKind.PUBLIC),
        members=list(conn.execute(_MEMBERS, {"row": case_id}).scalars()),
        assignments=[_task(task) for task in conn.execute(_TASKS, {"row": case_id})],
        clocks=[_clock(clock) for clock in conn.execute(_CLOCKS, {"row": case_id})],
        links=links,
        events=history.of(conn, no),
        **_work(conn, case_id),
    )


_LINKS = {"recurrence_of": "recurred_as", "split_from": "part", "follows": "followed_by"}
"""What a case says of an earlier one, and what the earlier one then is told of it."""


def _links(conn: Connection, case_id: int, fields: dict[str, Any]) -> list[LinkView]:
    found = []
    for here, there in _LINKS.items():
        if fields[here] is not None:
            earlier = conn.execute(select(CASE.c.no).where(CASE.c.id == fields[here])).scalar_one()
            found.append(LinkView(here, earlier))
        later = select(CASE.c.no).where(CASE.c[here] == case_id).order_by(CASE.c.id)
        found += [LinkView(there, no) for no in conn.execute(later).scalars()]
    return found


def _work(conn: Connection, case_id: int) -> dict[str, Any]:
    reviewed = select(REVIEW).join(REPLY, REPLY.c.id == REVIEW.c.reply).where(REPLY.c.case == case_id)
    # One list and no "or": PostgreSQL would read the whole table for an "or" with a subquery.
    these = union_all(select(literal(case_id)), select(MEMBER.c.member).where(MEMBER.c.master == case_id))
    told = select(FEEDBACK).where(FEEDBACK.c.case.in_(these))
    returned = select(RETURN).where(RETURN.c.case == case_id)
    return {
        "replies": lines(conn, select(REPLY).where(REPLY.c.case == case_id), "reply", by="signed_by"),
        "reviews": lines(conn, reviewed, "review"),
        "returns": lines(conn, returned, "return", by="asked_by", at="asked_at"),
        "feedbacks": lines(conn, told, "feedback"),
        "callbacks": lines(conn, select(CALLBACK).where(CALLBACK.c.case == case_id), "callback"),
        "callback_tasks": callback_tasks.lines_of(conn, case_id),
        "requests": requests.lines_of(conn, case_id),
        "reports": passing.lines_of(conn, case_id),
        "rulings": rulings.lines_of(conn, case_id),
        "supplements": supplements.lines_of(conn, case_id),
        "reworks": reworks.lines_of(conn, case_id),
    }


def _task(row: Row[*tuple[Any, ...]]) -> TaskView:
    return TaskView(**{name: getattr(row, name) for name in TaskView.__slots__})


def _clock(row: Row[*tuple[Any, ...]]) -> ClockView:
    fields = {name: getattr(row, name) for name in ClockView.__slots__ if name not in {"step", "clock"}}
    known = kept(row)
    return ClockView(
        **fields
        | {"kind": known.kind, "result": Result(row.result), "step": known.step, "clock": known.clock}
    )
