"""骚扰电话: proposed by an agent, signed by two others, over by itself, and always open to appeal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, select, update

from cases.nuisance import (
    DAYS_LOOKED_AT,
    LONGEST_DAYS,
    CallTrait,
    Grade,
    Reason,
    Suggestion,
    may_be_restricted,
    suggestion,
)
from cases.telephone import canonical
from cases.workflow import Refusal, Role
from storage import history
from storage.calls import CALL
from storage.errors import Conflict, Invalid, Missing
from storage.forms import checked_text, keyable
from storage.keeping import insert_into
from storage.number_models import Appeal as AppealRow
from storage.number_models import Restriction as RestrictionRow
from storage.number_models import RestrictionState as State
from storage.people import Actor
from storage.types import table_of

RESTRICTION = table_of(RestrictionRow)
APPEAL = table_of(AppealRow)

SIGNERS = frozenset({Role.TEAM_LEAD, Role.SUPERVISOR})
JUDGES = SIGNERS | {Role.ADJUDICATOR}
OPEN = (State.PROPOSED, State.APPROVED)
LONGEST_NOTE = 500
MOST_CALLS, MOST_RESTRICTIONS = 50, 200
# Who calls so often within a day is weighed, the first so many of them.
BUSY_DAY, OFTEN, MOST_LOOKED_AT = timedelta(days=1), 3, 30


class FourEyes(Refusal):
    """Two people sign, and neither is who proposed it; an appeal is judged by a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an agent says about a number."""

    number: str
    grade: Grade
    reason: Reason
    note: str
    days: int
    calls: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction as it stands."""

    id: int
    number: str
    grade: Grade
    reason: Reason
    note: str
    calls: tuple[str, ...]
    days: int
    state: State
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    expires_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_why: str

    def holds(self, at: datetime) -> bool:
        return self.state is State.IN_FORCE and self.expires_at is not None and at < self.expires_at

    @property
    def signed_by(self) -> frozenset[str]:
        """Everybody who has had a hand in it."""
        return frozenset(filter(None, (self.proposed_by, self.approved_by, self.confirmed_by)))


@dataclass(frozen=True, slots=True)
class Appeal:
    """What the citizen said against it, and what became of that."""

    id: int
    restriction: int
    no: int
    words: str
    taken_by: str
    taken_at: datetime
    upheld: bool | None
    comment: str
    decided_by: str | None
    decided_at: datetime | None


_ONE = select(RESTRICTION).where(RESTRICTION.c.id == bindparam("no"))
_HOLDS = (
    select(RESTRICTION)
    .where(
        RESTRICTION.c.number == bindparam("caller"),
        RESTRICTION.c.state == State.IN_FORCE,
        RESTRICTION.c.expires_at > bindparam("now"),
    )
    .order_by(RESTRICTION.c.grade.desc())
    .limit(1)
)


def propose(conn: Connection, proposal: Proposal, *, by: Actor, at: datetime) -> int:
    """提请: ask for a restriction. Nothing happens to the caller before two others have signed."""
    number = canonical(proposal.number)
    note = _checked(proposal, number)
    row = {
        "number": number,
        "grade": int(proposal.grade),
        "reason": proposal.reason,
        "note": note,
        "calls": " ".join(keyable(call, 64) for call in proposal.calls[:MOST_CALLS]),
        "days": proposal.days,
        "state": State.PROPOSED,
        "proposed_by": by.login,
        "proposed_at": at,
        "ended_why": "",
    }
    added = insert_into(conn.dialect.name, RESTRICTION).on_conflict_do_nothing().returning(RESTRICTION.c.id)
    restriction = conn.execute(added, row).scalar()
    if restriction is None:
        raise Conflict("该号码已有待批准的提请 (a proposal for this number waits already)")
    detail = {"grade": int(proposal.grade), "reason": proposal.reason, "days": proposal.days}
    _record(conn, int(restriction), "nuisance.proposed", by=by, at=at, **detail)
    return int(restriction)


def sign(conn: Connection, restriction: int, *, by: Actor, at: datetime) -> State:
    """批准: the first signature, then by another person the second, with which it begins. Return where it stands."""
    seen = restriction_of(conn, restriction)
    _must_be(by, SIGNERS)
    if by.login in seen.signed_by:
        raise FourEyes("提请人和两位批准人须为三个人 (the proposer and the two signers are three people)")
    if seen.state is State.PROPOSED:
        values: dict[str, Any] = {"state": State.APPROVED, "approved_by": by.login, "approved_at": at}
    elif seen.state is State.APPROVED:
        until = at + timedelta(days=seen.days)
        values = {"state": State.IN_FORCE, "confirmed_by": by.login, "confirmed_at": at, "expires_at": until}
    else:
        raise Conflict("该提请已处理 (it was decided already)")
    _change(conn, seen, values)
    _record(conn, seen.id, f"nuisance.{values['state']}", by=by, at=at, grade=int(seen.grade))
    return State(values["state"])


def refuse(conn: Connection, restriction: int, why: str, *, by: Actor, at: datetime) -> None:
    """不予批准."""
    _must_be(by, SIGNERS)
    seen = restriction_of(conn, restriction)
    if seen.state not in OPEN:
        raise Conflict("该提请已处理 (it was decided already)")
    _end(conn, seen, State.REFUSED, why, by=by, at=at)


def lift(conn: Connection, restriction: int, why: str, *, by: Actor, at: datetime) -> None:
    """解除: what two people imposed, one may take back."""
    _must_be(by, JUDGES)
    seen = restriction_of(conn, restriction)
    if not seen.holds(at):
        raise Conflict("该限制已失效 (it does not hold any more)")
    _end(conn, seen, State.LIFTED, why, by=by, at=at)


def appeal(conn: Connection, restriction: int, words: str, *, by: Actor, at: datetime) -> int:
    """申诉: write down what the citizen says against it. One waits at a time."""
    seen = restriction_of(conn, restriction)
    if not seen.holds(at):
        raise Conflict("该限制已失效，无需申诉 (it does not hold any more)")
    said = checked_text("words", words, longest=2_000)
    before = appeals(conn, seen.id)
    if any(one.upheld is None for one in before):
        raise Conflict("已有一份申诉待复核 (an appeal waits already)")
    number = len(before) + 1
    row = {
        "restriction": seen.id, "no": number, "words": said, "taken_by": by.login, "taken_at": at, "comment": "",
    }  # fmt: skip
    conn.execute(insert(APPEAL).values(row))
    _record(conn, seen.id, "nuisance.appealed", by=by, at=at, no=number)
    return number


def decide_appeal(
    conn: Connection, restriction: int, *, upheld: bool, comment: str, by: Actor, at: datetime
) -> None:
    """复核: somebody who did not sign decides; if the citizen was right, it ends at once."""
    _must_be(by, JUDGES)
    seen = restriction_of(conn, restriction)
    if by.login in seen.signed_by:
        raise FourEyes("申诉须由未参与提请和批准的人复核 (an appeal is judged by somebody else)")
    why = checked_text("comment", comment, longest=LONGEST_NOTE)
    waits = (APPEAL.c.restriction == seen.id) & APPEAL.c.upheld.is_(None)
    decided = {"upheld": upheld, "comment": why, "decided_by": by.login, "decided_at": at}
    if conn.execute(update(APPEAL).where(waits).values(decided)).rowcount != 1:
        raise Conflict("没有待复核的申诉 (no appeal waits)")
    _record(conn, seen.id, "nuisance.appeal_decided", by=by, at=at, upheld=upheld)
    if upheld and seen.holds(at):
        _end(conn, seen, State.LIFTED, why, by=by, at=at)


def restriction_of(conn: Connection, restriction: int) -> Restriction:
    row = conn.execute(_ONE, {"no": restriction}).one_or_none()
    if row is None:
        raise Missing(f"restriction {restriction}")
    return _restriction(row)


def holding(conn: Connection, number: str, at: datetime) -> Restriction | None:
    """Return the strictest restriction that holds for a caller now; a withheld number never has one."""
    caller = canonical(number)
    if not may_be_restricted(caller):
        return None
    row = conn.execute(_HOLDS, {"caller": keyable(caller, 64), "now": at}).one_or_none()
    return _restriction(row) if row else None


def restrictions(conn: Connection, at: datetime, most: int = MOST_RESTRICTIONS) -> list[Restriction]:
    """Return them all, those that wait for a signature first, then those that hold, then the past."""
    rank = case(
        (RESTRICTION.c.state.in_(OPEN), 0),
        ((RESTRICTION.c.state == State.IN_FORCE) & (RESTRICTION.c.expires_at > at), 1),
        else_=2,
    )
    rows = conn.execute(select(RESTRICTION).order_by(rank, RESTRICTION.c.id.desc()).limit(most))
    return [_restriction(row) for row in rows]


def appeals(conn: Connection, restriction: int) -> list[Appeal]:
    rows = conn.execute(select(APPEAL).where(APPEAL.c.restriction == restriction).order_by(APPEAL.c.no))
    return [Appeal(*row) for row in rows]


def waiting_appeals(conn: Connection) -> frozenset[int]:
    """Return the restrictions against which an appeal waits to be judged."""
    return frozenset(conn.execute(select(APPEAL.c.restriction).where(APPEAL.c.upheld.is_(None))).scalars())


def suggested(conn: Connection, number: str, at: datetime) -> Suggestion:
    """Weigh what the number's calls of the last days say. A withheld number is never weighed as a whole."""
    if not may_be_restricted(canonical(number)):
        return suggestion((), at)
    rows = conn.execute(
        select(CALL.c.offered_at, CALL.c.answered_at, CALL.c.talk_seconds, CALL.c.outcome, CALL.c.case)
        .where(CALL.c.number == keyable(number, 64), CALL.c.offered_at > at - timedelta(days=DAYS_LOOKED_AT))
        .order_by(CALL.c.offered_at.desc())
        .limit(500)
    )
    traits = [
        CallTrait(row.offered_at, row.answered_at is not None, row.talk_seconds, row.outcome, row.case)
        for row in rows
    ]
    return suggestion(traits, at)


def worth_a_look(conn: Connection, at: datetime, most: int = 10) -> list[tuple[str, Suggestion]]:
    """Return the numbers whose calls give a reason to restrict them, of those that call most since yesterday."""
    often = (
        select(CALL.c.number)
        .where(CALL.c.offered_at > at - BUSY_DAY, CALL.c.offered_at <= at, CALL.c.number != "")
        .group_by(CALL.c.number)
        .having(func.count() >= OFTEN)
        .order_by(func.count().desc(), CALL.c.number)
        .limit(MOST_LOOKED_AT)
    )
    weighed = [(number, suggested(conn, number, at)) for number in conn.execute(often).scalars()]
    found = [(number, one) for number, one in weighed if one.grade and not _decided(conn, number, at)]
    return sorted(found, key=lambda pair: -pair[1].points)[:most]


def _decided(conn: Connection, number: str, at: datetime) -> bool:
    """Tell whether something is under way or holds for the number already."""
    waits = select(RESTRICTION.c.id).where(
        RESTRICTION.c.number == canonical(number), RESTRICTION.c.state.in_(OPEN)
    )
    return holding(conn, number, at) is not None or conn.execute(waits).first() is not None


def _checked(proposal: Proposal, number: str) -> str:
    wrong: dict[str, str] = {}
    if not may_be_restricted(number):
        wrong["number"] = "该号码不能限制：隐藏号码、紧急服务和本热线除外 (this number cannot be restricted)"
    longest = LONGEST_DAYS[proposal.grade]
    if not 1 <= proposal.days <= longest:
        wrong["days"] = f"该级别最长{longest}天 (at most {longest} days for this grade)"
    if wrong:
        raise Invalid(wrong)
    return checked_text("note", proposal.note, longest=LONGEST_NOTE)


def _must_be(by: Actor, roles: frozenset[Role]) -> None:
    if by.role not in roles:
        raise FourEyes("须由班长或效能办办理 (a team lead or supervisor does this)")


def _end(conn: Connection, seen: Restriction, state: State, why: str, *, by: Actor, at: datetime) -> None:
    reason = checked_text("why", why, longest=LONGEST_NOTE)
    _change(conn, seen, {"state": state, "ended_by": by.login, "ended_at": at, "ended_why": reason})
    _record(conn, seen.id, f"nuisance.{state}", by=by, at=at)


def _change(conn: Connection, seen: Restriction, values: dict[str, Any]) -> None:
    """Change what was seen, unless somebody else was first."""
    which = (RESTRICTION.c.id == seen.id) & (RESTRICTION.c.state == seen.state)
    if conn.execute(update(RESTRICTION).where(which).values(values)).rowcount != 1:
        raise Conflict("已被他人处理，请刷新后再试 (somebody else was first)")


def _record(conn: Connection, restriction: int, kind: str, *, by: Actor, at: datetime, **detail: Any) -> None:
    """The number itself stays out of the history: what is written there is never erased."""
    history.append(
        conn, subject=f"restriction:{restriction}", kind=kind, actor=by.login, detail=detail, at=at
    )


def _restriction(row: Row[*tuple[Any, ...]]) -> Restriction:
    fields = row._asdict()
    fields |= {
        "grade": Grade(row.grade),
        "reason": Reason(row.reason),
        "calls": tuple(row.calls.split()),
        "state": State(row.state),
    }
    return Restriction(**fields)
