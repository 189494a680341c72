"""People as an administrator sees them: who may sign in, with which post, for which unit, and since when no longer."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from cases.workflow import Role
from storage import history, people
from storage.errors import Invalid, Missing
from storage.keeping import keep
from storage.people import ACCOUNT, GIVEN, SESSION, Account
from storage.units import UNIT

PAGE = 50
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_SEAT = re.compile(r"s\d{3,6}")
NEVER_SIGN_IN = frozenset({Role.SYSTEM, Role.CITIZEN, Role.CLIENT})


@dataclass(frozen=True, slots=True)
class Person:
    """One account as a line of the list."""

    login: str
    name: str
    role: Role
    unit: str
    unit_name: str
    seat: str | None
    created_at: datetime
    disabled_at: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of people."""

    rows: list[Person]
    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


_LAST = (
    select(SESSION.c.login, func.max(SESSION.c.opened_at).label("last_seen"))
    .group_by(SESSION.c.login)
    .subquery()
)
_LINE = (
    select(
        *(ACCOUNT.c[name] for name in ("login", "name", "role", "unit")),
        UNIT.c.short_name.label("unit_name"),
        *(ACCOUNT.c[name] for name in ("seat", "created_at", "disabled_at")),
        _LAST.c.last_seen,
    )
    .join(UNIT, UNIT.c.id == ACCOUNT.c.unit)
    .outerjoin(_LAST, _LAST.c.login == ACCOUNT.c.login)
)


def find(
    conn: Connection,
    words: str = "",
    *,
    role: str = "",
    unit: str = "",
    disabled: bool = False,
    page: int = 1,
) -> Found:
    """Return one page of people, by login."""
    where: list[ColumnElement[bool]] = [
        ACCOUNT.c.disabled_at.is_not(None) if disabled else ACCOUNT.c.disabled_at.is_(None)
    ]
    if role:
        where.append(ACCOUNT.c.role == Role(role))
    if unit:
        where.append(ACCOUNT.c.unit == unit)
    if wanted := words.strip().lower():
        texts = (ACCOUNT.c.login, ACCOUNT.c.name, UNIT.c.short_name)
        where.append(or_(*(column.contains(wanted, autoescape=True) for column in texts)))
    joined = ACCOUNT.join(UNIT, UNIT.c.id == ACCOUNT.c.unit)
    counted: int = conn.execute(select(func.count()).select_from(joined).where(*where)).scalar_one()
    rows = conn.execute(_LINE.where(*where).order_by(ACCOUNT.c.login).limit(PAGE).offset((page - 1) * PAGE))
    return Found([Person(**row._asdict()) for row in rows], page, counted)


def logins(conn: Connection) -> set[str]:
    """Return every login that was ever given."""
    return set(conn.execute(select(ACCOUNT.c.login)).scalars())


def person(conn: Connection, login: str) -> Person:
    row = conn.execute(_LINE.where(ACCOUNT.c.login == login)).one_or_none()
    if row is None:
        raise Missing(f"没有账号 {login} (no such account)")
    return Person(**row._asdict())


def add(conn: Connection, account: Account, *, password_hash: str, by: str, at: datetime) -> None:
    """Create an account; a login is never given to a second person, because history names it."""
    _check(conn, account)
    if conn.execute(select(ACCOUNT.c.login).where(ACCOUNT.c.login == account.login)).first():
        raise Invalid({"login": "此账号已有人用过 (this login was given before)"})
    people.add_account(conn, account, password_hash=password_hash, by=by, at=at)
    _given(conn, account.login, by=by, at=at)


def change(conn: Connection, account: Account, *, by: str, at: datetime) -> None:
    """Give a person another name, post, unit or seat. A new post begins with a new sign-in."""
    before = person(conn, account.login)
    _check(conn, account)
    if (account.role, account.unit) != (before.role, before.unit):
        if before.role is Role.ADMINISTRATOR:
            _must_leave_an_administrator(conn, account.login)
        people.close_sessions_of(conn, account.login, at=at)
    values = {"name": account.name, "role": account.role, "unit": account.unit, "seat": account.seat}
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.login == account.login).values(values))
    detail = {"role": account.role, "unit": account.unit, "seat": account.seat}
    history.append(conn, subject=account.login, kind="account.kept", actor=by, detail=detail, at=at)


def disable(conn: Connection, login: str, *, by: str, at: datetime) -> None:
    """停用: the person is out at once. Nobody disables himself, and one administrator always stays."""
    if login == by:
        raise Invalid({"login": "不能停用自己的账号 (not your own account)"})
    if person(conn, login).role is Role.ADMINISTRATOR:
        _must_leave_an_administrator(conn, login)
    people.disable_account(conn, login, by=by, at=at)


def enable(conn: Connection, login: str, *, password_hash: str, by: str, at: datetime) -> None:
    """恢复: with a new password, because the old one may be known to others."""
    person(conn, login)
    conn.execute(
        update(ACCOUNT).where(ACCOUNT.c.login == login).values(disabled_at=None, password_hash=password_hash)
    )
    _given(conn, login, by=by, at=at)
    history.append(conn, subject=login, kind="account.enabled", actor=by, detail={}, at=at)


def set_password(conn: Connection, login: str, *, password_hash: str, by: str, at: datetime) -> None:
    """重置口令: the person is signed out everywhere. What somebody else has set is changed before anything else is done."""
    person(conn, login)
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.login == login).values(password_hash=password_hash))
    people.close_sessions_of(conn, login, at=at)
    _given(conn, login, by=by, at=at)
    history.append(conn, subject=login, kind="account.password_set", actor=by, detail={}, at=at)


def _given(conn: Connection, login: str, *, by: str, at: datetime) -> None:
    """Remember whether somebody else knows the password."""
    if by == login:
        conn.execute(delete(GIVEN).where(GIVEN.c.login == login))
    else:
        keep(conn, GIVEN, {"login": login}, {"at": at})


def _must_leave_an_administrator(conn: Connection, login: str) -> None:
    others = select(func.count()).where(
        ACCOUNT.c.role == Role.ADMINISTRATOR, ACCOUNT.c.disabled_at.is_(None), ACCOUNT.c.login != login
    )
    if not conn.execute(others).scalar_one():
        raise Invalid({"login": "至少保留一名管理员 (one administrator must stay)"})


def _check(conn: Connection, account: Account) -> None:
    wrong: dict[str, str] = {}
    if not _LOGIN.fullmatch(account.login):
        wrong["login"] = "账号为2至32位小写字母、数字、点或连字符 (2 to 32 small letters or digits)"
    if not account.name.strip() or len(account.name) > 30:
        wrong["name"] = "必填，至多30字 (required, at most 30 characters)"
    if account.role in NEVER_SIGN_IN:
        wrong["role"] = "此角色不登录 (this role never signs in)"
    if (
        conn.execute(select(UNIT.c.id).where(UNIT.c.id == account.unit, UNIT.c.ended_at.is_(None))).first()
        is None
    ):
        wrong["unit"] = "没有这个单位 (no such unit)"
    if account.seat and not _SEAT.fullmatch(account.seat):
        wrong["seat"] = "座席如 s1001 (a seat like s1001)"
    taken = select(ACCOUNT.c.login).where(ACCOUNT.c.seat == account.seat, ACCOUNT.c.login != account.login)
    if account.seat and conn.execute(taken).first():
        wrong["seat"] = "座席已分配给他人 (the seat is another's)"
    if wrong:
        raise Invalid(wrong)
