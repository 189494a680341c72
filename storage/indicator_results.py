"""Indicators of results: what citizens say of it, what was published, how reviews went, and who stood on the spot."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select

from cases.workflow import Secrecy
from storage.assignments import ASSIGNMENT
from storage.frontline_models import (
    FrontlineCall,
    FrontlineJudgement,
    FrontlineTarget,
    PublicCopy,
    UrgentCase,
)
from storage.indicator_facts import NOTHING, ONE, Facts, Window, Yes, flag, row
from storage.intake import CASE
from storage.intervals import Before
from storage.models import CallbackAttempt, Reply, Review
from storage.types import table_of

ATTEMPT = table_of(CallbackAttempt)
REVIEW = table_of(Review)
REPLY = table_of(Reply)
COPY = table_of(PublicCopy)
CALL = table_of(FrontlineCall)
TARGET = table_of(FrontlineTarget)
JUDGEMENT = table_of(FrontlineJudgement)
URGENT = table_of(UrgentCase)

ARRIVAL = timedelta(minutes=30)

_KEPT_OUT = CASE.c.excluded != ""


def evaluated(asked: Yes, *, part: Any, first: bool = False) -> Facts:
    """Count the last (or the very first) evaluation of each case that answers this question, if it is in the period."""

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        order = ATTEMPT.c.id if first else ATTEMPT.c.id.desc()
        place = func.row_number().over(partition_by=ATTEMPT.c.case, order_by=order)
        # The first one is the first of all, so earlier periods are looked at, too.
        since = ATTEMPT.c.at < window.ends if first else window.holds(ATTEMPT.c.at)
        reached = select(ATTEMPT, place.label("place")).where(since, ATTEMPT.c.result == "reached", asked)
        if first:
            here = select(ATTEMPT.c.case).where(window.holds(ATTEMPT.c.at))
            reached = reached.where(ATTEMPT.c.case.in_(here))
        one = reached.subquery("one")
        found = row(
            part=case((_KEPT_OUT, 0), else_=part(one.c)), whole=flag(~_KEPT_OUT), excluded=flag(_KEPT_OUT)
        ).select_from(one.join(CASE, CASE.c.id == one.c.case))
        return found.where(one.c.place == 1, window.holds(one.c.at))

    return facts


def solved(half: float) -> Facts:
    def part(one: Any) -> Any:
        return case((one.solved == "full", 1.0), (one.solved == "part", half), else_=0.0)

    return evaluated(ATTEMPT.c.solved.in_(("full", "part", "no")), part=part)


def satisfied(*, first: bool) -> Facts:
    def part(one: Any) -> Any:
        return flag(one.satisfied.in_(("满意", "基本满意")))

    return evaluated(ATTEMPT.c.satisfied.in_(("满意", "基本满意", "不满意")), part=part, first=first)


def coverage(window: Window) -> Select[*tuple[Any, ...]]:
    """Count the cases that were called back in the period, and of those the ones whose citizen gave a mark."""
    answered = func.max(flag(ATTEMPT.c.satisfied.in_(("满意", "基本满意", "不满意"))))
    tried = select(ATTEMPT.c.case, answered.label("answered")).where(window.holds(ATTEMPT.c.at))
    one = tried.group_by(ATTEMPT.c.case).subquery("one")
    return row(part=one.c.answered).select_from(one.join(CASE, CASE.c.id == one.c.case))


def finally_passed(part: Any, *, whole: Any = ONE, excluded: Any = NOTHING) -> Facts:
    """Count the cases whose answer passed the final review in the period, each once."""

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        passed = (
            select(REPLY.c.case)
            .join(REVIEW, REVIEW.c.reply == REPLY.c.id)
            .where(window.holds(REVIEW.c.at), REVIEW.c.level == "final", REVIEW.c.passed.is_(True))
        )
        return row(part=part, whole=whole, excluded=excluded).select_from(CASE).where(CASE.c.id.in_(passed))

    return facts


PUBLIC = exists().where(
    COPY.c.case == CASE.c.id, COPY.c.state == "in_force", COPY.c.decision.in_(("publish", "part"))
)
WITHHELD = or_(
    CASE.c.confidential == Secrecy.SECRET,
    exists().where(COPY.c.case == CASE.c.id, COPY.c.state == "in_force", COPY.c.decision == "never"),
)


def verdicts(window: Window) -> Select[*tuple[Any, ...]]:
    found = row(part=flag(REVIEW.c.passed.is_(True)), unit=ASSIGNMENT.c.unit).select_from(
        REVIEW.join(REPLY, REPLY.c.id == REVIEW.c.reply)
        .join(CASE, CASE.c.id == REPLY.c.case)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == REPLY.c.assignment)
    )
    return found.where(window.holds(REVIEW.c.at), REVIEW.c.level == "centre")


def arrived(window: Window) -> Select[*tuple[Any, ...]]:
    """Count the urgent cases given to units in the period by who stood on the spot within thirty minutes."""
    here, too_late = URGENT.c.arrived_at, URGENT.c.opened_at <= window.at - ARRIVAL
    found = row(
        part=flag(and_(here.is_not(None), Before(here, minutes=30) <= URGENT.c.opened_at)),
        whole=flag(or_(here.is_not(None), too_late)),
        pending=flag(and_(here.is_(None), ~too_late)),
        unit=URGENT.c.unit,
    )
    found = found.select_from(URGENT.join(CASE, CASE.c.id == URGENT.c.case))
    return found.where(window.holds(URGENT.c.opened_at))


def at_place(window: Window) -> Select[*tuple[Any, ...]]:
    here = TARGET.c.checked_in_at
    pending = and_(here.is_(None), TARGET.c.report_at >= window.at)
    found = row(
        part=flag(and_(here.is_not(None), here <= TARGET.c.report_at)),
        whole=flag(~pending),
        pending=flag(pending),
        unit=TARGET.c.unit,
    ).select_from(TARGET.join(CALL, CALL.c.id == TARGET.c.call).join(CASE, CASE.c.id == CALL.c.case))
    return found.where(window.holds(TARGET.c.report_at))


def judged_by(side: str, judged: Any) -> Facts:
    """Add up the marks of mutual judgement, 5 being the best; the arbiter's stands where there is one."""

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        found = row(part=func.coalesce(JUDGEMENT.c.ruled_score, JUDGEMENT.c.score), unit=judged).select_from(
            JUDGEMENT.join(TARGET, TARGET.c.id == JUDGEMENT.c.target)
            .join(CALL, CALL.c.id == TARGET.c.call)
            .join(CASE, CASE.c.id == CALL.c.case)
        )
        return found.where(window.holds(JUDGEMENT.c.at), JUDGEMENT.c.side == side)

    return facts
