"""The moves of the centre and of those who watch over it: dispatch, decide, review, tell the citizen, ask, close."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from cases.policies import Intent, Urgency
from cases.workflow import Action, Secrecy
from console.move_fields import (
    COMMENT,
    REMARK,
    REVIEW,
    YES,
    Circumstances,
    Field,
    MoveForm,
    Sent,
    asked,
    choices,
    words,
)
from storage import callbacks, cases, endings, reworks, rulings, supplements
from storage.cases import CaseForm, CaseView, Evaluation, Reclass, Ruling
from storage.people import Actor
from storage.reclassifying import may_reclassify

CHANNELS: Final = ("电话", "短信", "书面", "当面")
_FLAG: Final = {YES: True, "no": False}


def _is_paused(case: CaseView, by: Actor) -> bool:  # noqa: ARG001 - whoever looks
    return case.paused_at is not None


def _is_listed(case: CaseView, by: Actor) -> bool:  # noqa: ARG001 - whoever looks
    return case.long_term_at is not None


def _is_his_to_reclassify(case: CaseView, by: Actor) -> bool:
    return may_reclassify(by.role, case.state)


def _rework_asked(case: CaseView, by: Actor) -> bool:  # noqa: ARG001 - whoever looks
    return case.rework_asked_at is not None


def _dispatch(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.dispatch(
        conn,
        no,
        lead=form["lead"],
        assist=form["assist"].split(),
        instruction=form["instruction"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _reclassify(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    secrecy = form["confidential"]
    new = Reclass(
        intent=form["intent"] or None,
        category=form["category"] or None,
        urgency=form["urgency"] or None,
        confidential=Secrecy(secrecy) if secrecy else None,
        hard=_FLAG.get(form["hard"]),
    )
    cases.reclassify(conn, no, new, by=how.by, at=how.at, rules=how.rules)


def _split(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    view = cases.case(conn, no)
    part = CaseForm(
        intent=form["intent"],
        category=form["category"],
        title=form["title"],
        content=form["content"],
        address=form["address"] or view.address,
        urgency=view.urgency,
    )
    # The version it was seen in makes the key: the same form sent twice makes one case.
    key = f"split:{no}:{form['version'] or view.version}"
    cases.split(conn, no, part, key=key, by=how.by, at=how.at, rules=how.rules)


def _supplement(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.supplement(
        conn,
        no,
        form["words"],
        kind=form["kind"],
        channel=form["channel"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _grant_return(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.grant_return(
        conn, no, form["comment"], to=form["to"] or None, by=how.by, at=how.at, rules=how.rules
    )


def _adjudicate(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    members = [name.strip() for name in form["members"].replace("、", "\n").splitlines()]
    ruling = Ruling(
        decision=form["decision"],
        members=tuple(name for name in members if name),
        minutes=form["minutes"],
        unit=form["unit"] or None,
        directory=form["directory"] == YES,
    )
    cases.adjudicate(conn, no, ruling, by=how.by, at=how.at, rules=how.rules)


def _extend(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    amount = int(form["amount"]) if form["amount"] else None
    cases.extend(conn, no, amount=amount, comment=form["comment"], by=how.by, at=how.at, rules=how.rules)


def _send_back(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    found = [form["findings"]]
    cases.send_back(conn, no, found, comment=form["comment"], by=how.by, at=how.at, rules=how.rules)


def _send_back_final(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    found = [form["findings"]]
    cases.send_back_final(conn, no, found, comment=form["comment"], by=how.by, at=how.at, rules=how.rules)


def _feed_back(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.feed_back(
        conn,
        no,
        channel=form["channel"],
        delivered=form["delivered"] == YES,
        content=form["content"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _close(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    evaluation = Evaluation(
        result=form["result"],
        solved=form["solved"] or None,
        satisfied=form["satisfied"] or None,
        attitude=form["attitude"] or None,
        reason=form["complaint"] or None,
        comment=form["comment"],
    )
    cases.call_back(conn, no, evaluation, by=how.by, at=how.at, rules=how.rules)


def _rework(conn: Connection, no: str, form: Sent, how: Circumstances) -> None:
    cases.rework(conn, no, form["reason"], why=form["why"], by=how.by, at=how.at, rules=how.rules)


_INTENT: Final = Field("intent", "select", options=choices([intent.value for intent in Intent]))
_URGENCY: Final = choices([urgency.value for urgency in Urgency])
_SECRECY: Final = choices({secrecy.value: secrecy.text for secrecy in Secrecy})

CENTRE_MOVES: Final[Mapping[Action, MoveForm]] = {
    Action.MAKE_READY: MoveForm(lambda conn, no, _, how: cases.make_ready(conn, no, by=how.by, at=how.at)),
    Action.DISPATCH: MoveForm(
        _dispatch,
        (Field("lead", "unit"), Field("assist", "units", False), words("instruction", required=False)),
    ),
    Action.GRANT_RETURN: MoveForm(_grant_return, (words("comment"), Field("to", "unit", False))),
    Action.REFUSE_RETURN: MoveForm(
        lambda conn, no, form, how: cases.refuse_return(
            conn, no, form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        COMMENT,
    ),
    Action.SHARE_RETURN: MoveForm(
        lambda conn, no, form, how: cases.share_return(
            conn, no, form["unit"], form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        (Field("unit", "unit"), *COMMENT),
    ),
    Action.ADJUDICATE: MoveForm(
        _adjudicate,
        (
            Field("decision", "select", options=choices(rulings.DECISIONS)),
            Field("unit", "unit", False),
            words("members"),
            words("minutes"),
            Field("directory", "yes_no"),
        ),
    ),
    Action.EXTEND: MoveForm(_extend, (Field("amount", "number", False), *REMARK), when=asked("extension")),
    Action.REFUSE_EXTENSION: MoveForm(
        lambda conn, no, form, how: cases.refuse_extension(conn, no, form["comment"], by=how.by, at=how.at),
        COMMENT,
        when=asked("extension"),
    ),
    Action.PAUSE: MoveForm(
        lambda conn, no, form, how: cases.pause(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        REMARK,
        when=asked("pause"),
    ),
    Action.REFUSE_PAUSE: MoveForm(
        lambda conn, no, form, how: cases.refuse_pause(conn, no, form["comment"], by=how.by, at=how.at),
        COMMENT,
        when=asked("pause"),
    ),
    Action.RESUME: MoveForm(
        lambda conn, no, _, how: cases.resume(conn, no, by=how.by, at=how.at, rules=how.rules),
        when=_is_paused,
    ),
    Action.MARK_LONG_TERM: MoveForm(
        lambda conn, no, form, how: cases.mark_long_term(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        REMARK,
        when=asked("long_term"),
    ),
    Action.REFUSE_LONG_TERM: MoveForm(
        lambda conn, no, form, how: cases.refuse_long_term(conn, no, form["comment"], by=how.by, at=how.at),
        COMMENT,
        when=asked("long_term"),
    ),
    Action.REVIEW_LONG_TERM: MoveForm(
        lambda conn, no, form, how: cases.review_long_term(
            conn, no, form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        COMMENT,
        when=_is_listed,
    ),
    Action.END_LONG_TERM: MoveForm(
        lambda conn, no, form, how: cases.end_long_term(
            conn, no, form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        COMMENT,
        when=_is_listed,
    ),
    Action.EXCLUDE: MoveForm(
        lambda conn, no, form, how: cases.exclude(conn, no, form["told"], by=how.by, at=how.at),
        (words("told"),),
        when=asked("exclusion"),
    ),
    Action.REFUSE_EXCLUSION: MoveForm(
        lambda conn, no, form, how: cases.refuse_exclusion(conn, no, form["comment"], by=how.by, at=how.at),
        COMMENT,
        when=asked("exclusion"),
    ),
    Action.PASS_REVIEW: MoveForm(
        lambda conn, no, form, how: cases.pass_review(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        REMARK,
    ),
    Action.SEND_BACK: MoveForm(_send_back, REVIEW, danger=True),
    Action.PASS_FINAL: MoveForm(
        lambda conn, no, form, how: cases.pass_final(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        REMARK,
    ),
    Action.SEND_BACK_FINAL: MoveForm(_send_back_final, REVIEW, danger=True),
    Action.FEED_BACK: MoveForm(
        _feed_back,
        (
            Field("channel", "select", options=choices(CHANNELS)),
            Field("delivered", "yes_no"),
            words("content", required=False),
        ),
    ),
    Action.CLOSE: MoveForm(
        _close,
        (
            Field("result", "select", options=choices(callbacks.CALL_RESULTS)),
            Field("solved", "select", False, choices(callbacks.SOLVED)),
            Field("satisfied", "select", False, choices(callbacks.SATISFACTION)),
            Field("attitude", "select", False, choices(callbacks.ATTITUDES)),
            Field("complaint", "select", False, choices(callbacks.COMPLAINTS)),
            words("comment", required=False),
        ),
    ),
    Action.TAKE_CALLBACK: MoveForm(
        lambda conn, no, _, how: cases.take_callback(conn, no, by=how.by, at=how.at)
    ),
    Action.REWORK: MoveForm(
        _rework, (Field("why", "select", options=choices(reworks.REASONS)), words("reason")), danger=True
    ),
    Action.DECLINE_REWORK: MoveForm(
        lambda conn, no, form, how: cases.decline_rework(conn, no, form["comment"], by=how.by, at=how.at),
        COMMENT,
        when=_rework_asked,
    ),
    Action.SUPPLEMENT: MoveForm(
        _supplement,
        (
            Field("kind", "select", options=choices(supplements.KINDS)),
            Field("channel", "select", options=choices(CHANNELS)),
            words("words"),
        ),
    ),
    Action.RECLASSIFY: MoveForm(
        _reclassify,
        (
            Field("intent", "select", False, _INTENT.options),
            Field("category", "category", False),
            Field("urgency", "select", False, _URGENCY),
            Field("confidential", "select", False, _SECRECY),
            Field("hard", "yes_no", False),
        ),
        when=_is_his_to_reclassify,
    ),
    Action.SPLIT: MoveForm(
        _split,
        (
            Field("title"),
            words("content"),
            _INTENT,
            Field("category", "category"),
            Field("address", required=False),
        ),
    ),
    Action.MERGE: MoveForm(
        lambda conn, no, form, how: cases.merge(
            conn, no, form["into"], by=how.by, at=how.at, rules=how.rules
        ),
        (Field("into"),),
        danger=True,
    ),
    Action.REFUSE: MoveForm(
        lambda conn, no, form, how: cases.refuse(conn, no, form["reason"], by=how.by, at=how.at),
        (Field("reason", "select", options=choices(endings.REFUSALS)),),
        danger=True,
    ),
    Action.INVALIDATE: MoveForm(
        lambda conn, no, form, how: cases.invalidate(conn, no, form["reason"], by=how.by, at=how.at),
        (Field("reason", "select", options=choices(endings.INVALID_REASONS)),),
        danger=True,
    ),
}
