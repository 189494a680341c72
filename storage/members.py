"""并案的各件: cases that were merged are answered together, and each of their callers is told."""

from datetime import datetime

from sqlalchemy import Connection, select

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import State
from storage import assignments, clocks
from storage.clocks import Obligation
from storage.models import CaseContact, CaseMember, Feedback
from storage.moves import CASE, Seen, see
from storage.types import table_of

MEMBER = table_of(CaseMember)
CONTACT = table_of(CaseContact)
FEEDBACK = table_of(Feedback)

NO_REPLY_WANTED = "无需回复"
HAS_A_RESULT = frozenset({State.FEEDBACK, State.CALLBACK, State.CLOSED})


def root_of(conn: Connection, seen: Seen) -> Seen:
    """Follow a merged case to the one that is handled."""
    while seen.master is not None:
        seen = see(conn, conn.execute(select(CASE.c.no).where(CASE.c.id == seen.master)).scalar_one())
    return seen


def of(conn: Connection, seen: Seen) -> list[int]:
    """Return all cases that were merged into this one, directly or through another."""
    found: list[int] = []
    edge = [seen.id]
    while edge:
        rows = conn.execute(
            select(MEMBER.c.member).where(MEMBER.c.master.in_(edge)).order_by(MEMBER.c.member)
        )
        edge = list(rows.scalars())
        found += edge
    return found


def with_callers(conn: Connection, seen: Seen) -> list[int]:
    """Return those whose caller wants to be told, and can be."""
    wanted = (
        select(CASE.c.id)
        .join(CONTACT, CONTACT.c.case == CASE.c.id)
        .where(CASE.c.id.in_(of(conn, seen)), CASE.c.reply_way != NO_REPLY_WANTED, CONTACT.c.number != "")
        .order_by(CASE.c.id)
    )
    return list(conn.execute(wanted).scalars())


def owe_feedback(conn: Connection, root: Seen, *, at: datetime, rules: Rules) -> None:
    """There is a result: each caller is owed a word about it."""
    for member in with_callers(conn, root):
        if clocks.running(conn, Obligation(member, ClockKind.FEEDBACK)) is None:
            owe(conn, member, at=at, rules=rules)


def owe(conn: Connection, member: int, *, at: datetime, rules: Rules) -> None:
    no = conn.execute(select(CASE.c.no).where(CASE.c.id == member)).scalar_one()
    assignments.start(conn, see(conn, no), ClockKind.FEEDBACK, at=at, rules=rules)
