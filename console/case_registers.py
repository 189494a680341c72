"""What else is written about a case: requests, reports, reworks, and the registers of those who watch over it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from cases.calendar import WorkCalendar
from cases.clocks import Result
from cases.workflow import Role
from console.case_view import CENTRE
from storage import frontline_lists, publication_lists, registers, urgent_lists
from storage.cases import CaseView
from storage.moves import see
from storage.views import ClockView, Line

LinesOf = Callable[[Connection, int], list[Line]]

FIELDS: Final = (
    "kind", "reason", "ground", "why", "words", "transcript", "text", "amount", "granted_amount", "granted", "passed",
    "decision", "resolution", "findings", "comment", "basis", "minutes", "result", "attempts", "next_at",
    "channel", "unit_name", "short_name", "place", "report_at", "root_cause", "measures", "recheck_on",
    "due_at", "arrived_at", "follower", "trigger", "state", "response", "appeal", "ruling", "media", "title",
    "decided_by", "decided_at", "done_at", "closed_at", "ended_at",
)  # fmt: skip
"""The columns people read, in the order in which they read them; ids and keys are not among them."""


@dataclass(frozen=True, slots=True)
class ClockShown:
    """One clock with the days that it counts, for people to check."""

    clock: ClockView
    days: list[date]


@dataclass(frozen=True, slots=True)
class Register:
    """One kind of lines about a case, for one card of its page."""

    name: str
    lines: list[Line]


_OF_THE_VIEW: Final = (
    "returns",
    "requests",
    "reports",
    "rulings",
    "supplements",
    "reworks",
    "callback_tasks",
)
_FOR_ALL: Final[Mapping[str, LinesOf]] = {
    "frontline": frontline_lists.lines_of,
    "urgent": urgent_lists.lines_of,
}
_FOR_THE_CENTRE: Final[Mapping[str, LinesOf]] = {
    "supervision": registers.lines_of,
    "publication": publication_lists.lines_of,
}
_NOT_FOR_UNITS: Final = frozenset({"callback_tasks"})


def registers_of(conn: Connection, case: CaseView, role: Role) -> list[Register]:
    """Return what this post may read of what is written about a case; empty registers are left out.

    Who is not of the centre and has not read the case yet is given nothing: `case.content` is empty then.
    """
    inside = role in CENTRE
    names = [name for name in _OF_THE_VIEW if inside or name not in _NOT_FOR_UNITS]
    found = [Register(name, getattr(case, name)) for name in names]
    number = see(conn, case.no).id
    sources = {**_FOR_ALL, **(_FOR_THE_CENTRE if inside else {})}
    found += [Register(name, lines_of(conn, number)) for name, lines_of in sources.items()]
    return [register for register in found if register.lines]


def readable(line: Line) -> list[tuple[str, Any]]:
    """Return the fields of a line that people read, in their order, without the empty ones."""
    return [(name, line.fields[name]) for name in FIELDS if line.fields.get(name) not in (None, "")]


def clocks_shown(case: CaseView, calendar: WorkCalendar) -> list[ClockShown]:
    """Return the clocks: first those that run, the most pressing first, then the paused, last what is over."""
    order = {Result.RUNNING: 0, Result.PAUSED: 1}
    by_need = sorted(
        case.clocks,
        key=lambda one: (order.get(one.result, 2), one.due_at or one.first_due_at, one.started_at),
    )
    return [ClockShown(one, one.clock.counted_days(calendar) if one.clock else []) for one in by_need]


def calls_in(case: CaseView) -> list[str]:
    """Return the ids of all calls that had to do with a case, each once."""
    said = [
        case.call,
        *(line.fields.get("call") for line in (*case.feedbacks, *case.callbacks, *case.supplements)),
    ]
    said += [fact.detail.get("call") for fact in case.events]
    return list(dict.fromkeys(str(call) for call in said if call))
