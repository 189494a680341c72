"""What a citizen does about his case on our pages: number and query code open it, a ticket keeps it open for a while.

The ticket goes to and fro instead of the code: it opens one case for a quarter of an hour, and then nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from cases.rules import Rules
from storage import phone_service, public_trail, splitting, supplements
from storage.circuit_models import Supplement
from storage.errors import Invalid
from storage.forms import checked_text
from storage.members import root_of
from storage.moves import CASE, see
from storage.people import CITIZEN
from storage.phone_service import Judged, Urged
from storage.public_trail import Trail
from storage.site_models import CitizenVisit
from storage.status import Locked, Status, WrongCode, status_by_code, status_of
from storage.supplements import FACT
from storage.types import table_of

VISIT = table_of(CitizenVisit)
SUPPLEMENT = table_of(Supplement)

STAYS: Final = timedelta(minutes=15)
LONGEST_WORDS: Final = 1_000
MOST_A_DAY: Final = 5
"""So many supplements a case takes from our pages in a day; who has more to say calls."""
SOURCES: Final = ("web", "kiosk")


class VisitOver(LookupError):
    """The ticket opens nothing, or nothing any more: number and code are asked again."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that its citizen sees, and the ticket with which he may act on it."""

    status: Status
    trail: Trail
    ticket: str


@dataclass(frozen=True, slots=True)
class _Visit:
    case: int
    no: str
    source: str


def open_visit(
    conn: Connection, digits: str, code: str, *, caller: str, source: str, at: datetime
) -> Opened | WrongCode | Locked:
    """Show a case to who knows its number and its code."""
    found = status_by_code(conn, digits, code, caller=caller, at=at)
    if not isinstance(found, Status):
        return found
    case: int = conn.execute(select(CASE.c.id).where(CASE.c.no == found.no)).scalar_one()
    conn.execute(delete(VISIT).where(VISIT.c.until <= at))
    ticket = secrets.token_urlsafe(24)
    row = {"ticket_hash": _hashed(ticket), "case": case, "source": source, "until": at + STAYS}
    conn.execute(insert(VISIT).values(row))
    return Opened(found, public_trail.trail(conn, found.no), ticket)


def opened(conn: Connection, ticket: str, *, at: datetime) -> Opened:
    """Show the case again to who has seen it just now."""
    visit = _visit(conn, ticket, at)
    return Opened(status_of(conn, visit.case, at), public_trail.trail(conn, visit.no), ticket)


def leave(conn: Connection, ticket: str) -> None:
    """The visit is over before its time: at a kiosk the next person is waiting."""
    conn.execute(delete(VISIT).where(VISIT.c.ticket_hash == _hashed(ticket)))


def add_words(conn: Connection, ticket: str, words: str, *, at: datetime, rules: Rules) -> str:
    """补充情况: return the number of the case it went to. What a reload of the page sends again is kept once."""
    visit = _visit(conn, ticket, at)
    told = checked_text("words", words, longest=LONGEST_WORDS)
    root = root_of(conn, see(conn, visit.no))
    mine = (SUPPLEMENT.c.case == root.id, SUPPLEMENT.c.kind == FACT, SUPPLEMENT.c.channel.in_(SOURCES))
    said = select(SUPPLEMENT.c.id).where(*mine, SUPPLEMENT.c.words == told, SUPPLEMENT.c.at > at - STAYS)
    if conn.execute(said).first() is not None:
        return root.no
    midnight = datetime.combine(at.astimezone(rules.zone).date(), time(), rules.zone)
    today = select(func.count()).where(*mine, SUPPLEMENT.c.at >= midnight)
    if conn.execute(today).scalar_one() >= MOST_A_DAY:
        raise Invalid({"words": "今天已补充多次，请拨打12345 (enough for today; please call 12345)"})
    return supplements.add(
        conn, visit.no, told, kind=FACT, channel=visit.source, by=CITIZEN, at=at, rules=rules
    )


def urge(conn: Connection, ticket: str, *, at: datetime, rules: Rules) -> Urged:
    """催办: once a day, whether by telephone or here."""
    visit = _visit(conn, ticket, at)
    return phone_service.urge(conn, visit.no, call=None, channel=visit.source, at=at, rules=rules)


def evaluate(
    conn: Connection,
    ticket: str,
    *,
    solved: str,
    satisfied: str,
    reason: str,
    comment: str,
    at: datetime,
    rules: Rules,
) -> Judged:
    """评价: solved and satisfied are two questions, and neither is answered for him."""
    visit = _visit(conn, ticket, at)
    if len(comment) > LONGEST_WORDS:
        raise Invalid({"comment": f"不能超过{LONGEST_WORDS}字 (at most {LONGEST_WORDS} characters)"})
    return phone_service.evaluate(
        conn,
        visit.no,
        solved=solved,
        satisfied=satisfied,
        reason=reason or None,
        comment=comment,
        call=None,
        source=visit.source,
        at=at,
        rules=rules,
    )


def withdraw(conn: Connection, ticket: str, *, at: datetime, rules: Rules) -> str | None:
    """撤回: what is dangerous goes on as a case of nobody's; return its number then."""
    return splitting.withdraw(conn, _visit(conn, ticket, at).no, by=CITIZEN, at=at, rules=rules)


def _visit(conn: Connection, ticket: str, at: datetime) -> _Visit:
    wanted = (VISIT.c.ticket_hash == _hashed(ticket), VISIT.c.until > at)
    row = conn.execute(
        select(VISIT.c.case, CASE.c.no, VISIT.c.source).join(CASE, CASE.c.id == VISIT.c.case).where(*wanted)
    ).one_or_none()
    if row is None:
        raise VisitOver
    return _Visit(row.case, row.no, row.source)


def _hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode(errors="surrogatepass")).hexdigest()
