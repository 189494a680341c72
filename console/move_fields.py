"""What a form of a move is made of: its fields, and the function of the store that it fills in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from cases.rules import Rules
from storage.cases import CaseView
from storage.people import Actor

FINDINGS: Final = ("答非所问", "推诿", "与事实不符", "要素缺失", "用语不当", "未联系诉求人", "其他")
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a move's form. `kind` is text, textarea, select, number, yes_no, unit, units, category or person."""

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


Sent = Mapping[str, str]
Make = Callable[[Connection, str, Sent, Circumstances], object]
When = Callable[[CaseView, Actor], bool]


def _always(case: CaseView, by: Actor) -> bool:  # noqa: ARG001 - one of several answers to one question
    return True


@dataclass(frozen=True, slots=True)
class MoveForm:
    """What a person fills in to make a move.

    `when` tells whether the form is worth showing to this person as the case stands; whether the move is
    allowed is for the store to say.
    """

    make: Make
    fields: tuple[Field, ...] = ()
    danger: bool = False
    when: When = _always


def choices(words: Mapping[str, str] | Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple(words.items()) if isinstance(words, Mapping) else tuple((word, word) for word in words)


def words(name: str, *, required: bool = True) -> Field:
    return Field(name, "textarea", required)


COMMENT: Final = (words("comment"),)
REMARK: Final = (words("comment", required=False),)
REVIEW: Final = (Field("findings", "select", options=choices(FINDINGS)), words("comment"))


def asked(kind: str) -> When:
    """Show the form while a request of this kind waits for its decision."""

    def waits(case: CaseView, by: Actor) -> bool:  # noqa: ARG001 - whoever looks
        return any(
            line.kind == "request"
            and line.fields["kind"] == kind
            and line.fields["granted"] is None
            and line.fields["lapsed_at"] is None
            for line in case.requests
        )

    return waits
