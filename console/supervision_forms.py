"""What can be filled in about supervision: one description for each form, and what the store does with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from cases.oversight import BY_HAND, GROUNDS, MAY, MEASURES, Duty
from cases.rules import Rules
from cases.workflow import Role
from console.forms import Text
from storage import accountability, circulars, findings, supervision, urges, warnings
from storage.accountability import AccountabilityForm, ExposureForm, Person
from storage.errors import Invalid
from storage.people import Actor
from storage.registers import Register
from storage.supervision import InstructionForm, OrderForm
from storage.supervision_models import FindingState, WarningState

_UNDECIDED: Final = (FindingState.OPEN, FindingState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Field:
    """One field; its label is `supervision.<name>`, an option's text `<prefix>.<code>`."""

    name: str
    kind: str = "text"
    at_most: int = 200
    required: bool = True
    options: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def text(self) -> Text:
        one_of = frozenset(self.options) if self.options else None
        lines = self.kind == "textarea"
        return Text(self.at_most, required=self.required, one_of=one_of, lines=lines)


@dataclass(frozen=True, slots=True)
class Work:
    """Who fills in what, when, and on which line of the register."""

    texts: Mapping[str, str]
    by: Actor
    at: datetime
    rules: Rules
    number: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """A form and what it does."""

    name: str
    duty: Duty
    fields: tuple[Field, ...]
    do: Callable[[Connection, Work], object]
    fits: Callable[[Mapping[str, Any], Actor], bool] = lambda _line, _by: True
    danger: bool = False

    def may(self, role: Role) -> bool:
        return role in MAY[self.duty]


def _words(name: str, at_most: int = 2_000) -> Field:
    return Field(name, "textarea", at_most)


def _choice(name: str, options: Sequence[str], prefix: str) -> Field:
    return Field(name, "select", 40, options=tuple(options), prefix=prefix)


_CASE = Field("case", at_most=64)
_PERHAPS_CASE = Field("case", at_most=64, required=False)
_UNIT = Field("unit", "unit", 64)
_DAYS = Field("days", "number", 2)
_DATED = Field("dated", "date", 10)


def _day(work: Work, name: str = "dated") -> date:
    try:
        return date.fromisoformat(work.texts[name])
    except ValueError:
        raise Invalid({name: "日期应如2026-11-23 (a date like 2026-11-23)"}) from None


def _number(work: Work, name: str) -> int:
    text = work.texts[name]
    if not (text.isascii() and text.isdigit()):
        raise Invalid({name: "请填写数字 (a number)"})
    return int(text)


def _order(conn: Connection, work: Work) -> object:
    sent = work.texts
    form = OrderForm(
        unit=sent["unit"],
        leader=sent["leader"],
        ground=sent["ground"],
        text=sent["text"],
        days=_number(work, "days"),
    )
    return supervision.order(conn, sent["case"], form, by=work.by, at=work.at, rules=work.rules)


def _instruct(conn: Connection, work: Work) -> object:
    sent = work.texts
    form = InstructionForm(
        leader=sent["leader"],
        text=sent["text"],
        dated=_day(work),
        cases=sent["cases"].split(),
        unit=sent["unit"],
        days=_number(work, "days"),
        report=sent["report"],
    )
    return supervision.instruct(conn, form.leader, form, by=work.by, at=work.at, rules=work.rules)


def _expose(conn: Connection, work: Work) -> object:
    sent = work.texts
    form = ExposureForm(
        unit=sent["unit"], media=sent["media"], title=sent["title"], dated=_day(work), case=sent["case"]
    )
    return accountability.expose(conn, form.unit, form, by=work.by, at=work.at, rules=work.rules)


def _hold_to_account(conn: Connection, work: Work) -> object:
    sent = work.texts
    form = AccountabilityForm(
        unit=sent["unit"],
        ground=sent["ground"],
        decided_by=sent["decided_by"],
        dated=_day(work),
        persons=_persons(sent["persons"]),
        case=sent["case"],
    )
    return accountability.hold_to_account(conn, form.unit, form, by=work.by, at=work.at, rules=work.rules)


def _persons(text: str) -> list[Person]:
    """Read one person from each line: name, post, measure, with blanks between them."""
    codes = {word: code for code, word in MEASURES.items()}
    persons = []
    for line in filter(str.strip, text.splitlines()):
        name, _, rest = line.strip().partition(" ")
        post, _, measure = rest.strip().rpartition(" ")
        persons.append(Person(name[:40], post.strip()[:60], codes.get(measure, measure)))
    return persons


def _find(conn: Connection, work: Work) -> object:
    sent = work.texts
    return findings.raise_by_hand(
        conn,
        sent["case"],
        sent["trigger"],
        unit=sent["unit"],
        evidence=sent["evidence"],
        by=work.by,
        at=work.at,
    )


def _urge(conn: Connection, work: Work) -> object:
    sent = work.texts
    return urges.urge(
        conn, sent["case"], sent["text"], origin=sent["origin"], by=work.by, at=work.at, rules=work.rules
    )


def _circulate(conn: Connection, work: Work) -> object:
    return circulars.make(conn, work.texts["month"], by=work.by, at=work.at, rules=work.rules)


NEW: Final[Mapping[Register, Form]] = {
    Register.ORDERS: Form(
        "order",
        Duty.ORDER,
        (
            _CASE,
            _UNIT,
            Field("leader", at_most=40, required=False),
            _choice("ground", [code for code in GROUNDS if code != "instruction"], "ground"),
            _DAYS,
            _words("text", 4_000),
        ),
        _order,
    ),
    Register.INSTRUCTIONS: Form(
        "instruct",
        Duty.INSTRUCT,
        (
            Field("leader", at_most=40),
            _DATED,
            Field("report", required=False),
            _words("cases", 600),
            _UNIT,
            _DAYS,
            _words("text", 4_000),
        ),
        _instruct,
    ),
    Register.URGES: Form(
        "urge",
        Duty.URGE,
        (_CASE, _choice("origin", ("citizen", "centre"), "urge.origin"), _words("text", 1_000)),
        _urge,
    ),
    Register.FINDINGS: Form(
        "find", Duty.FIND, (_CASE, _choice("trigger", BY_HAND, "trigger"), _UNIT, _words("evidence")), _find
    ),
    Register.CIRCULARS: Form("circulate", Duty.CIRCULATE, (Field("month", at_most=7),), _circulate),
    Register.EXPOSURES: Form(
        "expose",
        Duty.EXPOSE,
        (_UNIT, Field("media", at_most=40), Field("title"), _DATED, _PERHAPS_CASE),
        _expose,
    ),
    Register.ACCOUNTABILITY: Form(
        "hold_to_account",
        Duty.HOLD_TO_ACCOUNT,
        (
            _UNIT,
            _choice("ground", tuple(accountability.GROUNDS), "trigger"),
            Field("decided_by", at_most=60),
            _DATED,
            _PERHAPS_CASE,
            _words("persons"),
        ),
        _hold_to_account,
    ),
}


def _own(line: Mapping[str, Any], by: Actor) -> bool:
    return bool(line["unit"] == by.unit)


def _given_by(line: Mapping[str, Any], by: Actor) -> bool:
    """Say whether the office of this person gave the order: the leader's office those of an instruction."""
    return (line["instruction"] is not None) == (by.role is Role.LEADERS_OFFICE)


DEEDS: Final[Mapping[Register, tuple[Form, ...]]] = {
    Register.ORDERS: (
        Form(
            "report",
            Duty.REPORT,
            (_words("text", 4_000),),
            lambda conn, work: supervision.report(
                conn, work.number, work.texts["text"], by=work.by, at=work.at
            ),
            lambda line, by: line["closed_at"] is None and _own(line, by),
        ),
        *(
            Form(
                "close",
                duty,
                (_words("result"),),
                lambda conn, work: supervision.close(
                    conn, work.number, work.texts["result"], by=work.by, at=work.at
                ),
                lambda line, by: line["closed_at"] is None and _given_by(line, by),
            )
            for duty in (Duty.CLOSE_ORDER, Duty.CLOSE_INSTRUCTION)
        ),
        *(
            Form(
                "send_back",
                duty,
                (_words("text", 1_000),),
                lambda conn, work: supervision.send_back(
                    conn, work.number, work.texts["text"], by=work.by, at=work.at, rules=work.rules
                ),
                lambda line, by: line["closed_at"] is None and _given_by(line, by),
                danger=True,
            )
            for duty in (Duty.CLOSE_ORDER, Duty.CLOSE_INSTRUCTION)
        ),
    ),
    Register.INSTRUCTIONS: (
        Form(
            "answer",
            Duty.CLOSE_INSTRUCTION,
            (_words("answer", 4_000),),
            lambda conn, work: supervision.answer_leader(
                conn, work.number, work.texts["answer"], by=work.by, at=work.at
            ),
            lambda line, _by: line["closed_at"] is None,
        ),
    ),
    Register.FINDINGS: (
        Form(
            "respond",
            Duty.RESPOND,
            (_words("text"),),
            lambda conn, work: findings.respond(
                conn, work.number, work.texts["text"], by=work.by, at=work.at
            ),
            lambda line, by: line["state"] == FindingState.OPEN and _own(line, by),
        ),
        Form(
            "decide",
            Duty.DECIDE_FINDING,
            (_choice("upheld", ("yes", "no"), "finding.upheld"), _words("text")),
            lambda conn, work: findings.decide(
                conn,
                work.number,
                upheld=work.texts["upheld"] == "yes",
                text=work.texts["text"],
                by=work.by,
                at=work.at,
                rules=work.rules,
            ),
            lambda line, _by: line["state"] in _UNDECIDED,
        ),
        Form(
            "appeal",
            Duty.APPEAL,
            (_words("text"),),
            lambda conn, work: findings.appeal(conn, work.number, work.texts["text"], by=work.by, at=work.at),
            lambda line, by: (
                line["appealed_at"] is None and line["state"] != FindingState.DROPPED and _own(line, by)
            ),
        ),
        Form(
            "rule",
            Duty.DECIDE_APPEAL,
            (_choice("granted", ("yes", "no"), "finding.granted"), _words("text")),
            lambda conn, work: findings.rule(
                conn,
                work.number,
                granted=work.texts["granted"] == "yes",
                text=work.texts["text"],
                by=work.by,
                at=work.at,
                rules=work.rules,
            ),
            lambda line, _by: line["state"] == FindingState.APPEALED,
        ),
    ),
    Register.WARNINGS: (
        Form(
            "issue",
            Duty.WARN,
            (Field("recipient", at_most=100),),
            lambda conn, work: warnings.issue(
                conn, work.number, work.texts["recipient"], by=work.by, at=work.at, rules=work.rules
            ),
            lambda line, _by: line["state"] == WarningState.DRAFT,
        ),
        Form(
            "acknowledge",
            Duty.ACKNOWLEDGE,
            (),
            lambda conn, work: warnings.acknowledge(conn, work.number, by=work.by, at=work.at),
            lambda line, by: line["state"] == WarningState.ISSUED and _own(line, by),
        ),
        Form(
            "withdraw",
            Duty.WITHDRAW_WARNING,
            (Field("reason", at_most=200),),
            lambda conn, work: warnings.withdraw(
                conn, work.number, work.texts["reason"], by=work.by, at=work.at, rules=work.rules
            ),
            lambda line, _by: line["state"] != WarningState.WITHDRAWN,
            danger=True,
        ),
    ),
    Register.CIRCULARS: (
        Form(
            "issue_circular",
            Duty.CIRCULATE,
            (),
            lambda conn, work: circulars.issue(conn, work.number, by=work.by, at=work.at, rules=work.rules),
            lambda line, _by: line["issued_at"] is None,
        ),
    ),
}
