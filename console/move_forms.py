"""The moves a case page offers: for each its fields, and the store's function that makes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from cases.rules import Rules
from cases.workflow import Action
from storage import cases, circuit, endings, returns, reviews
from storage.cases import Evaluation, ReplyForm
from storage.people import Actor

FINDINGS: Final = ("答非所问", "推诿", "与事实不符", "要素缺失", "用语不当", "未联系诉求人", "其他")
CHANNELS: Final = ("电话", "短信", "书面", "当面")
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a move's form. `kind` is text, textarea, select, number, unit or yes_no."""

    name: str
    kind: str = "text"
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """By whom, when and under which rules a move is made."""

    by: Actor
    at: datetime
    rules: Rules


Make = Callable[[Connection, str, Mapping[str, str], Circumstances], object]


@dataclass(frozen=True, slots=True)
class MoveForm:
    """What a person fills in to make a move."""

    make: Make
    fields: tuple[Field, ...] = ()
    danger: bool = False


def _choices(words: Mapping[str, str] | Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple(words.items()) if isinstance(words, Mapping) else tuple((word, word) for word in words)


def _words(name: str, *, required: bool = True) -> Field:
    return Field(name, "textarea", required)


def _dispatch(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    assist = [form["assist"]] if form["assist"] else []
    cases.dispatch(
        conn,
        no,
        lead=form["lead"],
        assist=assist,
        instruction=form["instruction"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _contact(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    cases.contact_citizen(conn, no, form["result"], by=how.by, at=how.at)


def _ask_return(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
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


def _pass_down(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    cases.pass_down(
        conn, no, form["unit"], instruction=form["instruction"], by=how.by, at=how.at, rules=how.rules
    )


def _extend(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    cases.extend(conn, no, int(form["amount"]), reason=form["reason"], by=how.by, at=how.at, rules=how.rules)


def _reply(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    reply = ReplyForm(
        handled_text=form["handled_text"],
        public_text=form["public_text"],
        factual=form["factual"],
        resolution=form["resolution"],
        unresolved_reason=form["unresolved_reason"],
        contacted=form["contacted"] == YES,
    )
    cases.reply(conn, no, reply, by=how.by, at=how.at)


def _send_back(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    cases.send_back(
        conn, no, [form["findings"]], comment=form["comment"], by=how.by, at=how.at, rules=how.rules
    )


def _send_back_final(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    cases.send_back_final(
        conn, no, [form["findings"]], comment=form["comment"], by=how.by, at=how.at, rules=how.rules
    )


def _feed_back(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    delivered = form["delivered"] == YES
    cases.feed_back(
        conn,
        no,
        channel=form["channel"],
        delivered=delivered,
        content=form["content"],
        by=how.by,
        at=how.at,
        rules=how.rules,
    )


def _close(conn: Connection, no: str, form: Mapping[str, str], how: Circumstances) -> None:
    solved = {YES: True, NO: False}.get(form["solved"])
    evaluation = Evaluation(
        result=form["result"], solved=solved, satisfied=form["satisfied"] or None, comment=form["comment"]
    )
    cases.call_back(conn, no, evaluation, by=how.by, at=how.at, rules=how.rules)


_REVIEW: Final = (Field("findings", "select", options=_choices(FINDINGS)), _words("comment"))
_REMARK: Final = (_words("comment", required=False),)

MOVE_FORMS: Final[Mapping[Action, MoveForm]] = {
    Action.MAKE_READY: MoveForm(lambda conn, no, _, how: cases.make_ready(conn, no, by=how.by, at=how.at)),
    Action.DISPATCH: MoveForm(
        _dispatch,
        (Field("lead", "unit"), Field("assist", "unit", False), _words("instruction", required=False)),
    ),
    Action.READ: MoveForm(lambda conn, no, _, how: cases.read(conn, no, by=how.by, at=how.at)),
    Action.CONTACT_CITIZEN: MoveForm(_contact, (_words("result"),)),
    Action.ASK_RETURN: MoveForm(
        _ask_return,
        (
            Field("reason", "select", options=_choices(returns.REASONS)),
            _words("basis"),
            Field("suggested_unit", "unit", False),
        ),
        danger=True,
    ),
    Action.REFUSE_RETURN: MoveForm(
        lambda conn, no, form, how: cases.refuse_return(conn, no, form["comment"], by=how.by, at=how.at),
        (_words("comment"),),
    ),
    Action.GRANT_RETURN: MoveForm(
        lambda conn, no, form, how: cases.grant_return(
            conn, no, form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        (_words("comment"),),
    ),
    Action.PASS_DOWN: MoveForm(_pass_down, (Field("unit", "unit"), _words("instruction", required=False))),
    Action.PAUSE: MoveForm(
        lambda conn, no, form, how: cases.pause(conn, no, form["reason"], by=how.by, at=how.at),
        (Field("reason", "select", options=_choices(circuit.PAUSE_REASONS)),),
    ),
    Action.RESUME: MoveForm(
        lambda conn, no, _, how: cases.resume(conn, no, by=how.by, at=how.at, rules=how.rules)
    ),
    Action.EXTEND: MoveForm(_extend, (Field("amount", "number"), _words("reason"))),
    Action.REPLY: MoveForm(
        _reply,
        (
            _words("handled_text"),
            _words("public_text"),
            Field("factual", "select", options=_choices(circuit.FACTUAL)),
            Field("resolution", "select", options=_choices(circuit.RESOLUTIONS)),
            Field("unresolved_reason", required=False),
            Field("contacted", "yes_no"),
        ),
    ),
    Action.PASS_REVIEW: MoveForm(
        lambda conn, no, form, how: cases.pass_review(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        _REMARK,
    ),
    Action.SEND_BACK: MoveForm(_send_back, _REVIEW, danger=True),
    Action.PASS_FINAL: MoveForm(
        lambda conn, no, form, how: cases.pass_final(
            conn, no, comment=form["comment"], by=how.by, at=how.at, rules=how.rules
        ),
        _REMARK,
    ),
    Action.SEND_BACK_FINAL: MoveForm(_send_back_final, _REVIEW, danger=True),
    Action.FEED_BACK: MoveForm(
        _feed_back,
        (
            Field("channel", "select", options=_choices(CHANNELS)),
            Field("delivered", "yes_no"),
            _words("content", required=False),
        ),
    ),
    Action.CLOSE: MoveForm(
        _close,
        (
            Field("result", "select", options=_choices(reviews.CALL_RESULTS)),
            Field("solved", "yes_no", False),
            Field("satisfied", "select", False, _choices(reviews.SATISFACTION)),
            _words("comment", required=False),
        ),
    ),
    Action.REWORK: MoveForm(
        lambda conn, no, form, how: cases.rework(
            conn, no, form["reason"], by=how.by, at=how.at, rules=how.rules
        ),
        (_words("reason"),),
        danger=True,
    ),
    Action.REFUSE: MoveForm(
        lambda conn, no, form, how: cases.refuse(conn, no, form["reason"], by=how.by, at=how.at),
        (Field("reason", "select", options=_choices(endings.REFUSALS)),),
        danger=True,
    ),
    Action.INVALIDATE: MoveForm(
        lambda conn, no, form, how: cases.invalidate(conn, no, form["reason"], by=how.by, at=how.at),
        (Field("reason", "select", options=_choices(endings.INVALID_REASONS)),),
        danger=True,
    ),
    Action.MERGE: MoveForm(
        lambda conn, no, form, how: cases.merge(conn, no, form["into"], by=how.by, at=how.at),
        (Field("into"),),
        danger=True,
    ),
}
