"""The moves of those who handle a case: read, pass down, report, ask for something, reply, and review below."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from cases.workflow import Action
from console.move_fields import (
    COMMENT,
    REMARK,
    REVIEW,
    YES,
    Circumstances,
    Field,
    MoveForm,
    Sent,
    choices,
    words,
)
from storage import cases, exclusions, long_term, more_time, replies, returns
from storage.cases import CaseView, ReplyForm
from storage.models import Part, Stage
from storage.people import Actor


def _parts(case: CaseView, by: Actor, *stages: Stage) -> bool:
    return any(
        task.unit == by.unit and task.ended_at is None and task.stage in stages for task in case.assignments
    )


def _may_read(case: CaseView, by: Actor) -> bool:
    return _parts(case, by, Stage.SENT)


def _works(case: CaseView, by: Actor) -> bool:
    return _parts(case, by, Stage.HANDLING)


def _leads(case: CaseView, by: Actor) -> bool:
    return case.unit == by.unit


def _assists(case: CaseView, by: Actor) -> bool:
    return _works(case, by) and not _leads(case, by)


def _gave_down(case: CaseView, by: Actor) -> bool:
    return any(task.above == by.unit and task.ended_at is None for task in case.assignments)


def _was_reported_to(case: CaseView, by: Actor) -> bool:
    return any(task.above == by.unit and task.stage is Stage.REPORTED for task in case.assignments)


def _awaits_leader(case: CaseView, by: Actor) -> bool:
    return _parts(case, by, Stage.APPROVAL)


def _writes(case: CaseView, by: Actor) -> bool:
    return any(
        task.unit == by.unit
        and task.part is Part.LEAD
        and task.ended_at is None
        and task.stage is not Stage.APPROVAL
        for task in case.assignments
    )


def _contact(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.contact_citizen(conn, no, form["result"], by=how.by, at=how.at)


def _people(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.name_people(conn, no, handler=form["handler"], leader=form["leader"], by=how.by, at=how.at)


def _ask_return(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.ask_return(
        conn,
        no,
        form["reason"],
        basis=form["basis"],
        suggested_unit=form["suggested_unit"] or None,
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _pass_down(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.pass_down(
        conn, no, form["unit"], instruction=form["instruction"], by=how.by, at=how.at, rules=how.rules
    )


def _report(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.report(
        conn, no, form["words"], resolution=form["resolution"], by=how.by, at=how.at, rules=how.rules
    )


def _send_back_report(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    found = [form["findings"]]
    cases.send_back_report(
        conn, no, form["unit"], found, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
    )


def _ask_extension(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    amount = int(form["amount"])
    cases.ask_extension(
        conn, no, amount, reason=form["words"], told=form["told"], by=how.by, at=how.at, rules=how.rules
    )


def _ask_pause(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.ask_pause(
        conn,
        no,
        form["reason"],
        days=int(form["days"]) if form["days"] else None,
        words=form["words"],
        told=form["told"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _ask_long_term(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.ask_long_term(
        conn,
        no,
        form["reason"],
        plan=form["plan"],
        review_days=int(form["days"]),
        told=form["told"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _ask_exclusion(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.ask_exclusion(conn, no, form["reason"], words=form["words"], by=how.by, at=how.at, rules=how.rules)


def _reply(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    reply = ReplyForm(
        handled_text=form["handled_text"],
        public_text=form["public_text"],
        factual=form["factual"],
        resolution=form["resolution"],
        unresolved_reason=form["unresolved_reason"],
        contacted=form["contacted"] == YES,
    )
    cases.reply(conn, no, reply, by=how.by, at=how.at, rules=how.rules)


_RESOLUTION: Final = Field("resolution", "select", options=choices(replies.RESOLUTIONS))

UNIT_MOVES: Final[Mapping[Action, MoveForm]] = {
    Action.READ: MoveForm(
        lambda conn, no, _, how: cases.read(conn, no, by=how.by, at=how.at), when=_may_read
    ),
    Action.NAME_PEOPLE: MoveForm(
        _people, (Field("handler", "person"), Field("leader", "person", False)), when=_works
    ),
    Action.CONTACT_CITIZEN: MoveForm(_contact, (words("result"),), when=_works),
    Action.REPLY: MoveForm(
        _reply,
        (
            words("handled_text"),
            words("public_text"),
            Field("factual", "select", options=choices(replies.FACTUAL)),
            _RESOLUTION,
            Field("unresolved_reason", required=False),
            Field("contacted", "yes_no"),
        ),
        when=_writes,
    ),
    Action.APPROVE_REPLY: MoveForm(
        lambda conn, no, form, how: cases.approve_reply(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        REMARK,
        when=_awaits_leader,
    ),
    Action.REJECT_REPLY: MoveForm(
        lambda conn, no, form, how: cases.reject_reply(conn, no, form["comment"], by=how.by, at=how.at),
        COMMENT,
        danger=True,
        when=_awaits_leader,
    ),
    Action.REPORT: MoveForm(_report, (words("words"), _RESOLUTION), when=_assists),
    Action.PASS_DOWN: MoveForm(
        _pass_down, (Field("unit", "unit"), words("instruction", required=False)), when=_works
    ),
    Action.RECALL: MoveForm(
        lambda conn, no, form, how: cases.recall(conn, no, form["unit"], by=how.by, at=how.at),
        (Field("unit", "unit"),),
        danger=True,
        when=_gave_down,
    ),
    Action.PASS_REPORT: MoveForm(
        lambda conn, no, form, how: cases.pass_report(
            conn, no, form["unit"], comment=form["comment"], by=how.by, at=how.at
        ),
        (Field("unit", "unit"), *REMARK),
        when=_was_reported_to,
    ),
    Action.SEND_BACK_REPORT: MoveForm(
        _send_back_report, (Field("unit", "unit"), *REVIEW), danger=True, when=_was_reported_to
    ),
    Action.PASS_UPWARD: MoveForm(
        lambda conn, no, form, how: cases.pass_upward(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        REMARK,
    ),
    Action.ASK_RETURN: MoveForm(
        _ask_return,
        (
            Field("reason", "select", options=choices(returns.REASONS)),
            words("basis"),
            Field("suggested_unit", "unit", False),
        ),
        danger=True,
        when=_leads,
    ),
    Action.ASK_EXTENSION: MoveForm(
        _ask_extension,
        (Field("amount", "number"), words("words"), words("told", required=False)),
        when=_leads,
    ),
    Action.ASK_PAUSE: MoveForm(
        _ask_pause,
        (
            Field("reason", "select", options=choices(more_time.PAUSE_REASONS)),
            Field("days", "number", False),
            words("words"),
            words("told"),
        ),
        when=_leads,
    ),
    Action.ASK_LONG_TERM: MoveForm(
        _ask_long_term,
        (
            Field("reason", "select", options=choices(long_term.REASONS)),
            words("plan"),
            Field("days", "number"),
            words("told"),
        ),
        when=_leads,
    ),
    Action.ASK_EXCLUSION: MoveForm(
        _ask_exclusion,
        (Field("reason", "select", options=choices(exclusions.REASONS)), words("words")),
        when=_leads,
    ),
}
