"""What may be done in a front-line action: for each step its fields, and the store's function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from cases.frontline import BEST_SCORE, WORST_SCORE, Closing
from console.forms import Text
from console.move_forms import Circumstances
from storage import frontline, frontline_closing
from storage.frontline import LONGEST_NAME, LONGEST_PLACE, LONGEST_TEXT

_LONG = Text(LONGEST_TEXT, required=True, lines=True)
_NAME = Text(LONGEST_NAME, required=True)
_WHEN, _NUMBER, _UNIT = Text(16, required=True), Text(9, required=True), Text(64)
_SCORE = Text(1, required=True, one_of=frozenset(str(score) for score in range(WORST_SCORE, BEST_SCORE + 1)))


@dataclass(frozen=True, slots=True)
class Read:
    """What was filled in, with its moment and its day, where it has one."""

    texts: Mapping[str, str]
    when: datetime | None = None
    again: date | None = None

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def number(self, name: str) -> int:
        return int(self.texts[name]) if self.texts[name].isdecimal() else 0

    @property
    def unit(self) -> str:
        """The code, where a browser sends code and name."""
        return self.texts["unit"].split(" ")[0]


Make = Callable[[Connection, int, Read, Circumstances], object]


@dataclass(frozen=True, slots=True)
class StepForm:
    """What a person fills in for one step."""

    make: Make
    fields: Mapping[str, Text]


def _add(conn: Connection, action: int, read: Read, how: Circumstances) -> None:
    when = read.when or how.at
    frontline.add(conn, action, read.unit, when, by=how.by, at=how.at, rules=how.rules)


def _check_in(conn: Connection, action: int, read: Read, how: Circumstances) -> None:
    shown = read["evidence"], read["where"]
    frontline.check_in(conn, action, *shown, unit=read.unit, by=how.by, at=how.at)


def _close(conn: Connection, action: int, read: Read, how: Circumstances) -> None:
    words = {name: read[name] for name in ("findings", "root_cause", "measures")}
    closing = Closing(**words, recheck_on=read.again)
    frontline_closing.close(conn, action, closing, by=how.by, at=how.at, rules=how.rules)


def _judge(conn: Connection, action: int, read: Read, how: Circumstances) -> None:
    given = read.number("score"), read["reason"]
    frontline_closing.judge(conn, action, *given, unit=read.unit, by=how.by, at=how.at)


def _dispute(conn: Connection, _: int, read: Read, how: Circumstances) -> None:
    words = read.number("judgement"), read["dispute"]
    frontline_closing.dispute(conn, *words, by=how.by, at=how.at, rules=how.rules)


def _rule(conn: Connection, _: int, read: Read, how: Circumstances) -> None:
    given = read.number("judgement"), read.number("score"), read["ruling"]
    frontline_closing.rule(conn, *given, by=how.by, at=how.at)


def _recheck(conn: Connection, action: int, read: Read, how: Circumstances) -> None:
    held = read["held"] == "yes"
    frontline_closing.recheck(conn, action, read["recheck_note"], held=held, by=how.by, at=how.at)


STEPS: Final[Mapping[str, StepForm]] = {
    "add": StepForm(_add, {"unit": Text(64, required=True), "report_at": _WHEN}),
    "accept": StepForm(
        lambda conn, action, read, how: frontline.accept(
            conn, action, read["handler"], read["leader"], by=how.by, at=how.at
        ),
        {"handler": _NAME, "leader": _NAME},
    ),
    "respond": StepForm(
        lambda conn, action, read, how: frontline.respond(
            conn, action, read["response"], by=how.by, at=how.at
        ),
        {"response": _LONG},
    ),
    "check_in": StepForm(
        _check_in,
        {
            "evidence": Text(10, required=True, one_of=frozenset(frontline.EVIDENCE)),
            "where": Text(LONGEST_PLACE, required=True),
            "unit": _UNIT,
        },
    ),
    "find": StepForm(
        lambda conn, action, read, how: frontline_closing.find(
            conn, action, read["findings"], by=how.by, at=how.at
        ),
        {"findings": _LONG},
    ),
    "close": StepForm(
        _close, {"findings": _LONG, "root_cause": _LONG, "measures": _LONG, "recheck_on": Text(10)}
    ),
    "judge": StepForm(_judge, {"score": _SCORE, "reason": Text(LONGEST_TEXT, lines=True), "unit": _UNIT}),
    "dispute": StepForm(_dispute, {"judgement": _NUMBER, "dispute": _LONG}),
    "rule": StepForm(_rule, {"judgement": _NUMBER, "score": _SCORE, "ruling": _LONG}),
    "recheck": StepForm(
        _recheck,
        {"held": Text(3, required=True, one_of=frozenset({"yes", "no"})), "recheck_note": _LONG},
    ),
}
