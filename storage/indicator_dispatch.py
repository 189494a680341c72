"""Indicators of dispatch: what was given to units, what came back, and what stood still meanwhile."""

from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from cases.policies import ClockKind
from storage.assignments import ASSIGNMENT
from storage.circuit_models import CircuitRequest
from storage.clocks import CLOCK
from storage.indicator_facts import NOTHING, ONE, Facts, Window, Yes, flag, row
from storage.intake import CASE
from storage.models import History, Part, ReturnRequest, Stage
from storage.types import table_of

RETURN = table_of(ReturnRequest)
REQUEST = table_of(CircuitRequest)
HISTORY = table_of(History)


def sent(part: Any, *where: Yes, whole: Any = ONE, excluded: Any = NOTHING) -> Facts:
    """Count what was given to units in the period."""

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        found = row(part=part, whole=whole, excluded=excluded, unit=ASSIGNMENT.c.unit)
        found = found.select_from(ASSIGNMENT.join(CASE, CASE.c.id == ASSIGNMENT.c.case))
        return found.where(window.holds(ASSIGNMENT.c.sent_at), *where)

    return facts


LEAD = ASSIGNMENT.c.part == Part.LEAD
_OTHER = ASSIGNMENT.alias("other")
_OTHER_LEAD = and_(_OTHER.c.case == ASSIGNMENT.c.case, _OTHER.c.part == Part.LEAD)
FIRST_LEAD = and_(LEAD, ~exists().where(_OTHER_LEAD, _OTHER.c.position < ASSIGNMENT.c.position))
# Moved: given back with consent, or followed by a lead that is another unit. A rework by the same unit is no move.
MOVED = or_(
    ASSIGNMENT.c.stage == Stage.RETURNED,
    exists().where(
        _OTHER_LEAD, _OTHER.c.position > ASSIGNMENT.c.position, _OTHER.c.unit != ASSIGNMENT.c.unit
    ),
)
_TOLD = and_(
    HISTORY.c.subject == CASE.c.no,
    HISTORY.c.kind == "assignment.created",
    HISTORY.c.at == ASSIGNMENT.c.sent_at,
)
RETURN_ASKED = exists().where(RETURN.c.assignment == ASSIGNMENT.c.id)
TWO_RETURNS = (
    select(func.count()).where(RETURN.c.case == ASSIGNMENT.c.case).correlate(ASSIGNMENT).scalar_subquery()
    >= 2
)
EXTENDED = exists().where(
    CLOCK.c.case == ASSIGNMENT.c.case,
    CLOCK.c.assignment == ASSIGNMENT.c.id,
    CLOCK.c.kind == ClockKind.REPLY,
    CLOCK.c.extensions != "[]",
)


def granted(kind: str) -> Yes:
    return exists().where(
        REQUEST.c.case == ASSIGNMENT.c.case,
        REQUEST.c.assignment == ASSIGNMENT.c.id,
        REQUEST.c.kind == kind,
        REQUEST.c.granted.is_(True),
    )


def followed(window: Window) -> Select[*tuple[Any, ...]]:
    """Count the first leads that the directory had named first; where it named nobody, nothing could be followed."""
    named = HISTORY.c.detail.not_like('%"suggested":[]%')
    found = row(
        part=flag(HISTORY.c.detail.like('%"followed":true%')),
        whole=flag(named),
        excluded=flag(or_(HISTORY.c.id.is_(None), ~named)),
        unit=ASSIGNMENT.c.unit,
    ).select_from(ASSIGNMENT.join(CASE, CASE.c.id == ASSIGNMENT.c.case).outerjoin(HISTORY, _TOLD))
    return found.where(window.holds(ASSIGNMENT.c.sent_at), FIRST_LEAD)


def decided_returns(window: Window) -> Select[*tuple[Any, ...]]:
    found = row(part=flag(RETURN.c.granted.is_(True)), unit=ASSIGNMENT.c.unit).select_from(
        RETURN.join(CASE, CASE.c.id == RETURN.c.case).join(ASSIGNMENT, ASSIGNMENT.c.id == RETURN.c.assignment)
    )
    return found.where(window.holds(RETURN.c.decided_at), RETURN.c.granted.is_not(None))
