"""What the fields of moves may be chosen from: units, people and categories, those first that the case suggests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from cases.workflow import Action
from storage import people, units
from storage.cases import CaseView
from storage.people import Account
from storage.units import Category, Unit

Option = tuple[str, str]
Group = tuple[str, list[Option]]

OF_UNITS_BELOW: Final = frozenset({Action.RECALL, Action.PASS_REPORT, Action.SEND_BACK_REPORT})
"""These concern a part that the unit itself gave down."""
DOWNWARD: Final = frozenset({Action.PASS_DOWN})
_MOST_SUGGESTED: Final = 5


@dataclass(frozen=True, slots=True)
class Choices:
    """What one person may choose from on the page of one case."""

    units: list[Unit] = field(default_factory=list)
    suggested: list[Unit] = field(default_factory=list)
    """Whom the directory names for the category and the address. Shown first, never filled in."""
    given: frozenset[str] = frozenset()
    """The units to which this person's unit has passed a part down that is still open."""
    categories: list[Category] = field(default_factory=list)
    colleagues: list[Account] = field(default_factory=list)
    own: str = ""


def choices_of(conn: Connection, case: CaseView, account: Account) -> Choices:
    area = units.area_of(conn, case.address)
    given = {task.unit for task in case.assignments if task.above == account.unit and task.ended_at is None}
    return Choices(
        units=units.units(conn),
        suggested=units.unit_for(conn, case.category, area)[:_MOST_SUGGESTED],
        given=frozenset(given),
        categories=units.categories(conn),
        colleagues=[one for one in people.accounts(conn) if one.unit == account.unit],
        own=account.unit,
    )


def groups_of(kind: str, action: Action, choices: Choices, names: Mapping[str, str]) -> list[Group]:
    """Return the options of a field in named groups; `names` are the headings in the reader's language."""
    if kind == "category":
        return _branches(choices.categories)
    if kind == "person":
        return [("", [(one.login, one.name) for one in choices.colleagues])]
    if action in OF_UNITS_BELOW:
        return [("", _named(one for one in choices.units if one.id in choices.given))]
    if action in DOWNWARD:
        first = [one for one in choices.units if one.parent == choices.own]
        return _grouped(names["below"], first, names["all"], choices.units)
    return _grouped(names["suggested"], choices.suggested, names["all"], choices.units)


def _named(some: Iterable[Unit]) -> list[Option]:
    return [(one.id, one.name) for one in some]


def _grouped(heading: str, first: list[Unit], heading_of_all: str, everything: list[Unit]) -> list[Group]:
    groups = [(heading, _named(dict.fromkeys(first)))] if first else []
    return [*groups, (heading_of_all, _named(everything))]


def _branches(categories: list[Category]) -> list[Group]:
    leaves: dict[str, list[Option]] = {}
    for one in categories:
        if one.parent:
            leaves.setdefault(one.parent, []).append((one.code, f"{one.code} {one.name}"))
    return [(one.name, leaves[one.code]) for one in categories if one.code in leaves]
