"""What follows when a clock comes to a step of its ladder: one place that names it for every kind."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from cases.ladder import Step
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Role
from storage import circulars, findings, long_term, more_time, notices, spot_acts, supervision, urges
from storage.due import Act, Due
from storage.notices import Notice

ACTS: Mapping[ClockKind, Act] = {
    ClockKind.SUPERVISE: supervision.order_comes_due,
    ClockKind.PAUSE: more_time.over,
    ClockKind.LONG_TERM: long_term.comes_due,
    ClockKind.ON_SITE: spot_acts.on_site_ran_out,
    ClockKind.PROMISE: spot_acts.promise_ran_out,
    ClockKind.FRONTLINE_ACCEPT: spot_acts.frontline_ran_out,
    ClockKind.FRONTLINE_RESPOND: spot_acts.frontline_ran_out,
}
"""Kinds of clocks with an act of their own; all others do as the ladder of the regulation says."""

POSTS: Mapping[ClockKind, Role] = {
    ClockKind.ACCEPT: Role.REGISTRAR,
    ClockKind.DISPATCH: Role.DISPATCHER,
    ClockKind.RETURN_DECISION: Role.DISPATCHER,
    ClockKind.REQUEST_DECISION: Role.DISPATCHER,
    ClockKind.CENTRE_REVIEW: Role.CENTRE_REVIEWER,
    ClockKind.FINAL_REVIEW: Role.FINAL_REVIEWER,
    ClockKind.FEEDBACK: Role.CALLBACK_AGENT,
    ClockKind.CALLBACK: Role.CALLBACK_AGENT,
    ClockKind.ANSWER_LATER: Role.TEAM_LEAD,
}
"""Who works on the steps that are not a unit's."""


class Whom(NamedTuple):
    """Those of a unit, of a post, or one person."""

    unit: str | None = None
    role: Role | None = None
    login: str | None = None


def act(conn: Connection, due: Due, at: datetime, rules: Rules) -> None:
    ACTS.get(due.kind, by_the_ladder)(conn, due, at, rules)


def by_the_ladder(conn: Connection, due: Due, at: datetime, rules: Rules) -> None:
    """Remind, tell the leader, urge, put on the circular. Lateness is a fact, even if nobody was told in time."""
    if due.ran_out:
        findings.late(conn, due, at=at, rules=rules)
    match due.step:
        case Step.YELLOW:
            _tell(conn, due, "clock.yellow", _who_works_on(due), at=at, rules=rules)
        case Step.RED:
            leader = Whom(due.unit, Role.UNIT_LEADER, due.leader)
            _tell(conn, due, "clock.red", _who_works_on(due), leader, at=at, rules=rules)
        case Step.URGED:
            urges.by_ladder(conn, due, at=at, rules=rules)
        case Step.CIRCULAR:
            circulars.add_late(conn, due, at=at)
            _tell(conn, due, "clock.circular", Whom(due.unit), at=at, rules=rules)


def _who_works_on(due: Due) -> Whom:
    if due.assignment is None:
        return Whom(role=POSTS.get(due.kind, Role.TEAM_LEAD))
    return Whom(due.unit, login=due.handler if due.step is Step.YELLOW else None)


def _tell(conn: Connection, due: Due, kind: str, *whom: Whom, at: datetime, rules: Rules) -> None:
    for to in whom:
        told = Notice(
            kind=kind,
            unit=to.unit,
            role=to.role,
            login=to.login,
            case=due.case,
            detail={"clock": due.kind},
            urgent=due.urgent,
        )
        notices.tell(conn, told, at=at, rules=rules)
