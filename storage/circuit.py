"""From the centre to a unit and back: dispatch, read, contact, pass down, pause, resume, extend, reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from cases.limits import Limit
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, State
from storage import assignments, clocks
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.forms import NEEDED, checked_text
from storage.models import Part, Reply, Stage
from storage.moves import Seen, change, decide, note, recorded, see
from storage.people import SYSTEM, Actor
from storage.returns import limit_after_return
from storage.types import table_of
from storage.units import unit_for

REPLY = table_of(Reply)

FACTUAL = ("属实", "部分属实", "不属实", "不适用")
RESOLUTIONS = {"full": "已解决", "part": "部分解决", "no": "未解决", "n/a": "不适用"}
PAUSE_REASONS = {
    "wait_citizen": "待诉求人补充",
    "wait_legal_procedure": "待法定程序",
    "weather_season": "天气季节原因",
    "construction_plan": "列入施工计划",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyForm:
    """答复: what the unit did, and what it proposes to tell the citizen."""

    handled_text: str
    public_text: str
    factual: str
    resolution: str
    unresolved_reason: str = ""
    contacted: bool = False


@recorded(Action.MAKE_READY)
def make_ready(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """提交批转: what is required was checked when the case was registered."""
    seen, state = decide(conn, no, Action.MAKE_READY, by)
    change(conn, seen, state)
    note(conn, seen, "case.ready", by=by, at=at)


@recorded(Action.DISPATCH)
def dispatch(
    conn: Connection,
    no: str,
    *,
    lead: str,
    assist: Sequence[str] = (),
    instruction: str = "",
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """批转: give the case to one lead unit and any number of others; their clocks start."""
    if see(conn, no).state is State.REGISTERED:
        make_ready(conn, no, by=SYSTEM, at=at)
    seen, state = decide(conn, no, Action.DISPATCH, by)
    assignments.check_targets(conn, seen.category, lead, assist)
    suggested = [unit.id for unit in unit_for(conn, seen.category)]
    limit = limit_after_return(conn, seen, at=at, rules=rules)
    change(conn, seen, state, unit=lead)
    clocks.stop(conn, Obligation(seen.id, ClockKind.DISPATCH), at)
    for unit, part in [(lead, Part.LEAD), *((unit, Part.ASSIST) for unit in assist)]:
        task = assignments.NewTask(unit, part, instruction, reply_limit=limit)
        assignments.send(conn, seen, task, by=by, at=at, rules=rules)
    detail = {"lead": lead, "assist": list(assist), "suggested": suggested, "followed": lead in suggested[:1]}
    note(conn, seen, "assignment.created", by=by, at=at, **detail)


@recorded(Action.READ)
def read(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """查阅: the named reader opens the full text, and the unit's reading clock stops."""
    task = assignments.task_of(conn, see(conn, no), by, Action.READ)
    if task.part is Part.LEAD:
        seen, state = decide(conn, no, Action.READ, by)
        change(conn, seen, state)
    else:
        seen = assignments.beside_the_lead(conn, no, task, by, Action.READ)
    assignments.put(conn, task.id, Stage.HANDLING, read_by=by.login, read_at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.READ, task.id), at)
    note(conn, seen, "assignment.read", by=by, at=at, unit=by.unit)


@recorded(Action.CONTACT_CITIZEN)
def contact_citizen(
    conn: Connection, no: str, result: str, *, call: str | None = None, by: Actor, at: datetime
) -> None:
    """联系诉求人: write down what came of speaking with the citizen."""
    seen, state = decide(conn, no, Action.CONTACT_CITIZEN, by)
    task = assignments.task_of(conn, seen, by, Action.CONTACT_CITIZEN)
    told = checked_text("result", result, longest=2_000)
    change(conn, seen, state)
    assignments.put(conn, task.id, task.stage, contacted_by=by.login, contacted_at=at, contact_result=told)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CONTACT, task.id), at)
    note(conn, seen, "citizen.contacted", by=by, at=at, unit=by.unit, call=call)


@recorded(Action.PASS_DOWN)
def pass_down(
    conn: Connection, no: str, unit: str, *, instruction: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """下转: give a part to a unit of one's own subtree, due a unit of time before one's own reply."""
    seen, state = decide(conn, no, Action.PASS_DOWN, by)
    task = assignments.task_of(conn, seen, by, Action.PASS_DOWN)
    if not assignments.is_below(conn, unit, by.unit):
        raise Invalid({"unit": "只能下转给本单位的下级 (only to a unit below your own)"})
    if any(other.unit == unit for other in assignments.open_tasks(conn, seen.id)):
        raise Invalid({"unit": "该单位已在办理此件 (the unit has it already)"})
    outer = clocks.running(conn, Obligation(seen.id, ClockKind.REPLY, task.id))
    inner = None
    if outer is not None:
        left = outer.clock.remaining(at, rules.calendar, rules.hours)
        inner = Limit(max(1, left - 1), outer.clock.limit.unit)
    change(conn, seen, state)
    new = assignments.NewTask(unit, Part.ASSIST, instruction, parent=task.id, reply_limit=inner)
    assignments.send(conn, seen, new, by=by, at=at, rules=rules)
    note(conn, seen, "assignment.child_created", by=by, at=at, unit=unit, parent=by.unit)


@recorded(Action.PAUSE)
def pause(conn: Connection, no: str, reason: str, *, by: Actor, at: datetime) -> None:
    """挂起: the reply clocks stand still and keep their remainder."""
    seen, state = decide(conn, no, Action.PAUSE, by)
    if reason not in PAUSE_REASONS:
        raise Invalid({"reason": f"请选择原因:{'、'.join(PAUSE_REASONS.values())} (choose a reason)"})
    if seen.paused_at is not None:
        raise Invalid({"reason": "此件已挂起 (it is paused already)"})
    for kept in _reply_clocks(conn, seen):
        clocks.change(conn, kept, lambda clock: clock.pause(at))
    change(conn, seen, state, paused_at=at)
    note(conn, seen, "pause.opened", by=by, at=at, reason=reason)


@recorded(Action.RESUME)
def resume(conn: Connection, no: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """恢复办理: the reply clocks go on with what was left."""
    seen, state = decide(conn, no, Action.RESUME, by)
    if seen.paused_at is None:
        raise Invalid({"reason": "此件未挂起 (it is not paused)"})
    for kept in _reply_clocks(conn, seen):
        clocks.change(conn, kept, lambda clock: clock.resume(at, rules.calendar, rules.hours))
    change(conn, seen, state, paused_at=None)
    note(conn, seen, "pause.closed", by=by, at=at)


@recorded(Action.EXTEND)
def extend(
    conn: Connection, no: str, amount: int, *, reason: str, by: Actor, at: datetime, rules: Rules
) -> None:
    """延期: once, before it is due, and by no more than was promised at first."""
    seen, state = decide(conn, no, Action.EXTEND, by)
    why = checked_text("reason", reason, longest=500)
    for kept in _reply_clocks(conn, seen):
        if kept.clock.extensions:
            raise Invalid({"amount": "只能延期一次 (it was extended already)"})
        if not 1 <= amount <= kept.clock.limit.amount:
            raise Invalid({"amount": f"延期应为1–{kept.clock.limit.amount} (at most the first limit)"})
        clocks.change(conn, kept, lambda clock: clock.extend(amount, at, rules.calendar, rules.hours))
    change(conn, seen, state)
    note(conn, seen, "extension.decided", by=by, at=at, amount=amount, reason_length=len(why))


@recorded(Action.REPLY)
def reply(conn: Connection, no: str, form: ReplyForm, *, by: Actor, at: datetime) -> None:
    """答复: the lead submits its reply; the reply clocks stop, for good only when the review has passed it."""
    seen, state = decide(conn, no, Action.REPLY, by)
    task = assignments.lead_of(conn, seen, by, Action.REPLY)
    row = _reply_row(form)
    for kept in _reply_clocks(conn, seen):
        clocks.change(conn, kept, lambda clock: clock.stop(at))
    version = conn.execute(
        select(func.coalesce(func.max(REPLY.c.version), 0) + 1).where(REPLY.c.case == seen.id)
    ).scalar_one()
    place = {"case": seen.id, "assignment": task.id, "version": version, "signed_by": by.login, "at": at}
    conn.execute(insert(REPLY).values(**place, **row))
    change(conn, seen, state, paused_at=None)
    assignments.put(conn, task.id, Stage.REPLIED)
    note(conn, seen, "reply.submitted", by=by, at=at, version=version, resolution=form.resolution)


def _reply_row(form: ReplyForm) -> dict[str, object]:
    wrong = {}
    if form.factual not in FACTUAL:
        wrong["factual"] = f"请选择:{'、'.join(FACTUAL)} (choose one)"
    if form.resolution not in RESOLUTIONS:
        wrong["resolution"] = f"请选择:{'、'.join(RESOLUTIONS.values())} (choose one)"
    if form.resolution in {"part", "no"} and not form.unresolved_reason.strip():
        wrong["unresolved_reason"] = NEEDED
    if wrong:
        raise Invalid(wrong)
    return {
        "handled_text": checked_text("handled_text", form.handled_text),
        "public_text": checked_text("public_text", form.public_text, longest=4_000),
        "factual": form.factual,
        "resolution": form.resolution,
        "unresolved_reason": form.unresolved_reason.strip() or None,
        "contacted": form.contacted,
    }


def _reply_clocks(conn: Connection, seen: Seen) -> list[clocks.Kept]:
    return [kept for kept in clocks.open_clocks(conn, seen.id) if kept.kind is ClockKind.REPLY]
