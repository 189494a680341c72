"""跟件: the agent who took an urgent case follows it to the very end, across shift changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from cases.workflow import OPEN, Role, State
from storage import history, notices
from storage.errors import Conflict, Invalid
from storage.forms import checked_text, keyable
from storage.frontline_models import CaseFollow
from storage.keeping import insert_into
from storage.models import CaseText
from storage.moves import CASE, Seen, see
from storage.notices import Notice
from storage.people import ACCOUNT, Actor
from storage.steps import TooLate, kept_refusals, must_be, put
from storage.types import table_of
from storage.units import UNIT

FOLLOW = table_of(CaseFollow)
TEXT = table_of(CaseText)

AREA = "follow"
FOLLOWERS = frozenset({Role.AGENT, Role.TEAM_LEAD, Role.CALLBACK_AGENT, Role.DISPATCHER})
LONGEST_NOTE = 500
MOST = 200

_STILL = FOLLOW.c.ended_at.is_(None)
_OF_CASE = select(FOLLOW).where(FOLLOW.c.case == bindparam("of"), _STILL)
_AUTHOR = (
    select(ACCOUNT.c.login)
    .join(TEXT, TEXT.c.author == ACCOUNT.c.login)
    .where(
        TEXT.c.case == bindparam("of"),
        TEXT.c.version == 1,
        ACCOUNT.c.disabled_at.is_(None),
        ACCOUNT.c.role.in_(FOLLOWERS),
    )
)
_MINE = (
    select(
        CASE.c.no,
        CASE.c.title,
        CASE.c.state,
        CASE.c.urgency,
        UNIT.c.short_name.label("unit_name"),
        FOLLOW.c.since,
        FOLLOW.c.given_by,
        FOLLOW.c.note,
        FOLLOW.c.login,
    )
    .join(CASE, CASE.c.id == FOLLOW.c.case)
    .outerjoin(UNIT, UNIT.c.id == CASE.c.unit)
    # A closed case leaves the list by itself, and comes back with its follower if it is opened again.
    .where(_STILL, CASE.c.state.in_(OPEN))
    .order_by(FOLLOW.c.since, FOLLOW.c.id)
)


@dataclass(frozen=True, slots=True)
class Followed:
    """A case on somebody's list."""

    no: str
    title: str
    state: State
    urgency: str
    unit_name: str | None
    since: datetime
    given_by: str
    note: str
    login: str

    @property
    def state_text(self) -> str:
        return self.state.text


def begin(conn: Connection, seen: Seen, *, by: Actor, at: datetime) -> None:
    """Put a case on the list of the agent who took it, or of who dispatched it; one that is followed stays where it is."""
    author = conn.execute(_AUTHOR, {"of": seen.id}).scalar()
    login = author or (by.login if by.role in FOLLOWERS else "")
    if login and conn.execute(_OF_CASE, {"of": seen.id}).first() is None:
        row = {"case": seen.id, "login": login, "since": at, "given_by": login, "note": ""}
        conn.execute(insert(FOLLOW).values(row))


def follower(conn: Connection, case: int) -> str | None:
    row = conn.execute(_OF_CASE, {"of": case}).one_or_none()
    return row.login if row else None


def mine(conn: Connection, login: str) -> list[Followed]:
    """Return the cases this person follows, the longest first."""
    return [_followed(row) for row in conn.execute(_MINE.where(FOLLOW.c.login == login).limit(MOST))]


def everybodys(conn: Connection) -> list[Followed]:
    return [_followed(row) for row in conn.execute(_MINE.limit(MOST))]


def count(conn: Connection, login: str) -> int:
    open_ones = (
        select(func.count())
        .select_from(FOLLOW)
        .join(CASE, CASE.c.id == FOLLOW.c.case)
        .where(_STILL, FOLLOW.c.login == login, CASE.c.state.in_(OPEN))
    )
    return int(conn.execute(open_ones).scalar_one())


@kept_refusals(AREA, "take")
def take(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """跟件: follow a case that nobody follows; a team lead may take it from somebody else."""
    must_be(by, FOLLOWERS, "跟件")
    seen = see(conn, no)
    if seen.state not in OPEN:
        raise TooLate("此件已结束，无需跟件 (the case has ended)")
    before = conn.execute(_OF_CASE, {"of": seen.id}).one_or_none()
    if before is not None and before.login == by.login:
        raise Conflict("您已在跟此件 (you follow it already)")
    if before is not None and by.role is not Role.TEAM_LEAD:
        raise Conflict(f"此件由 {before.login} 跟进，请对方移交 (somebody else follows it)")
    _give(conn, seen, before, by.login, "", by=by, at=at)


@kept_refusals(AREA, "hand_over")
def hand_over(conn: Connection, no: str, to: str, words: str = "", *, by: Actor, at: datetime) -> None:
    """移交: give the case to a colleague, with a word about what has to be watched."""
    seen = see(conn, no)
    before = conn.execute(_OF_CASE, {"of": seen.id}).one_or_none()
    if before is None or (before.login != by.login and by.role is not Role.TEAM_LEAD):
        raise Conflict("此件不在您的跟件单上 (it is not on your list)")
    heir = conn.execute(
        select(ACCOUNT.c.login).where(
            ACCOUNT.c.login == keyable(to, 64),
            ACCOUNT.c.disabled_at.is_(None),
            ACCOUNT.c.role.in_(FOLLOWERS),
        )
    ).scalar()
    if heir is None or heir == before.login:
        raise Invalid({"to": "请选择另一位话务员或班长 (choose another agent)"})
    told = checked_text("note", words, longest=LONGEST_NOTE) if words.strip() else ""
    _give(conn, seen, before, heir, told, by=by, at=at)
    notices.tell(conn, Notice(kind="follow_handed", login=heir, case=seen.id, urgent=True), at=at)


def _give(
    conn: Connection,
    seen: Seen,
    before: Row[*tuple[Any, ...]] | None,
    login: str,
    words: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    if before is not None:
        put(conn, FOLLOW, FOLLOW.c.id == before.id, _STILL, ended_by=by.login, ended_at=at)
    row = {"case": seen.id, "login": login, "since": at, "given_by": by.login, "note": words}
    added = insert_into(conn.dialect.name, FOLLOW).on_conflict_do_nothing().returning(FOLLOW.c.id)
    if conn.execute(added, row).scalar() is None:
        raise Conflict("已被他人处理，请刷新后再试 (somebody else was first)")
    detail = {"to": login, "from": before.login if before is not None else None}
    history.append(conn, subject=seen.no, kind="follow.given", actor=by.login, detail=detail, at=at)


def _followed(row: Row[*tuple[Any, ...]]) -> Followed:
    return Followed(**{name: getattr(row, name) for name in Followed.__slots__})
