"""What the fields of moves may be chosen from: units, people and categories, those first that the case suggests."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection

from cases.workflow import Action, Role
from console.unit_offers import WANTED, Look, Offer, look_for, offers_of, proposals
from storage import people, units
from storage.cases import CaseView
from storage.people import Account
from storage.units import Category, Duty, Unit

Option = tuple[str, str]
Group = tuple[str, list[Option]]

OF_UNITS_BELOW: Final = frozenset({Action.RECALL, Action.PASS_REPORT, Action.SEND_BACK_REPORT})
"""These concern a part that the unit itself gave down."""
POSTS: Final = {"handler": (Role.HANDLER, Role.LIAISON), "leader": (Role.UNIT_LEADER,)}
"""Who of a unit may be named to handle a case, and to answer for it."""
DOWNWARD: Final = frozenset({Action.PASS_DOWN})
_MOST_BELOW: Final = 12


@dataclass(frozen=True, slots=True)
class Choices:
    """What one person may choose from on the page of one case."""

    units: list[Unit] = field(default_factory=list)
    suggested: list[Duty] = field(default_factory=list)
    """Whom the directory names for the category and the address, and why. Shown first, never applied by itself."""
    given: frozenset[str] = frozenset()
    """The units to which this person's unit has passed a part down that is still open."""
    categories: list[Category] = field(default_factory=list)
    colleagues: list[Account] = field(default_factory=list)
    own: str = ""
    lead: str = ""
    wanted: str | None = None
    """Whom who registered the case would ask."""
    sent: Mapping[str, str] = field(default_factory=dict)
    """What was sent with the form that is shown again."""
    look: Look = field(default_factory=Look)


def choices_of(
    conn: Connection, case: CaseView, account: Account, sent: Mapping[str, str] | None = None
) -> Choices:
    sent = sent or {}
    below = account.unit if sent.get("move") in DOWNWARD else ""
    given = {task.unit for task in case.assignments if task.above == account.unit and task.ended_at is None}
    return Choices(
        units=units.units(conn),
        suggested=units.suggestions(conn, case.category, case.address),
        given=frozenset(given),
        categories=units.categories(conn),
        colleagues=[one for one in people.accounts(conn) if one.unit == account.unit],
        own=account.unit,
        lead=case.unit or "",
        wanted=case.wanted_unit,
        sent=sent,
        look=look_for(conn, sent, below),
    )


def groups_of(kind: str, name: str, choices: Choices) -> list[Group]:
    """Return the options of a field, in named groups where there are many."""
    if kind == "category":
        return _branches(choices.categories)
    if kind == "person":
        return [("", [(one.login, one.name) for one in choices.colleagues if one.role in POSTS[name]])]
    return [("", [(one.id, one.name) for one in choices.units if one.id in choices.given])]


def unit_field(name: str, action: Action, choices: Choices, *, many: bool) -> dict[str, Any]:
    """Return what the picker of units shows for a field of a move."""
    if action in DOWNWARD:
        below = [one for one in choices.units if one.parent == choices.own]
        ready = [Offer(one.id, one.short_name) for one in below[:_MOST_BELOW]]
    else:
        ready = proposals(choices.suggested, without=(choices.own, choices.lead))
    if action is Action.DISPATCH and ready:
        # The first one stands ready to lead; who assists is chosen among the others.
        ready = ready[1:] if many else [replace(ready[0], first=True), *ready[1:]]
    here = choices.sent.get("move") == action
    sent, look = (choices.sent, choices.look) if here else ({}, Look())
    known = {one.id: one for one in choices.units}
    if action is Action.DISPATCH and not many and choices.wanted in known:
        ready.append(Offer(choices.wanted, known[choices.wanted].short_name, WANTED))
    looked = look.name == name
    return {
        "many": many,
        "below": action in DOWNWARD,
        "offers": offers_of(name, ready, known, sent, look),
        "looked": looked,
        "nothing": looked and not look.found,
    }


def _branches(categories: list[Category]) -> list[Group]:
    leaves: dict[str, list[Option]] = {}
    for one in categories:
        if one.parent:
            leaves.setdefault(one.parent, []).append((one.code, f"{one.code} {one.name}"))
    return [(one.name, leaves[one.code]) for one in categories if one.code in leaves]
