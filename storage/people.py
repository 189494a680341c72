"""Who may sign in, who is signed in, and how long the next try must wait. Passwords are hashed elsewhere."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from cases.workflow import Role
from storage import history
from storage.forms import keyable
from storage.keeping import keep
from storage.models import Account as AccountRow
from storage.models import LoginAttempt, WebSession
from storage.rounds_models import GivenPassword
from storage.sign_on_models import SignOnSession
from storage.types import table_of

ACCOUNT = table_of(AccountRow)
SESSION = table_of(WebSession)
ATTEMPT = table_of(LoginAttempt)
GIVEN = table_of(GivenPassword)
BEGUN = table_of(SignOnSession)

SHIFT = timedelta(hours=12)

# Tries that cost nothing, then 2, 4, 8 … seconds up to the longest wait: a forgetful person is slowed down, a
# machine is stopped, and nobody can lock a colleague out by typing nonsense.
FREE_TRIES = 3
FREE_TRIES_OF_ADDRESS = 20
LONGEST_WAIT = 300
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    login: str
    name: str
    role: Role
    unit: str
    seat: str | None
    must_change: bool = False
    """The session was opened with a password that somebody else knows: nothing else can be done before it is changed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to a case: the login that history names, the post, and the unit it acts for."""

    login: str
    role: Role
    unit: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in."""

    token_hash: str
    address: str
    opened_at: datetime
    ends_at: datetime


SYSTEM = Actor("system", Role.SYSTEM, "")
CITIZEN = Actor("citizen", Role.CITIZEN, "")
"""Whoever called about his own case, and did something about it by himself."""


def actor(account: Account) -> Actor:
    return Actor(account.login, account.role, account.unit)


def add_account(conn: Connection, account: Account, *, password_hash: str, by: str, at: datetime) -> None:
    """Create the account or give it a new password, role, unit and seat."""
    keep(
        conn,
        ACCOUNT,
        {"login": account.login},
        {
            "name": account.name,
            "role": account.role,
            "unit": account.unit,
            "seat": account.seat,
            "password_hash": password_hash,
            "created_at": at,
            "disabled_at": None,
        },
    )
    detail = {"role": account.role, "unit": account.unit, "seat": account.seat}
    history.append(conn, subject=account.login, kind="account.kept", actor=by, detail=detail, at=at)


def disable_account(conn: Connection, login: str, *, by: str, at: datetime) -> None:
    """Refuse the person from now on. The row stays, because history names it."""
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.login == login).values(disabled_at=at))
    close_sessions_of(conn, login, at=at)
    history.append(conn, subject=login, kind="account.disabled", actor=by, detail={}, at=at)


def accounts(conn: Connection) -> list[Account]:
    rows = conn.execute(select(ACCOUNT).where(ACCOUNT.c.disabled_at.is_(None)).order_by(ACCOUNT.c.login))
    return [_account(row) for row in rows]


def names(conn: Connection) -> dict[str, str]:
    """Return the name behind every login, of those who have left too: history still names them."""
    return {row.login: row.name for row in conn.execute(select(ACCOUNT.c.login, ACCOUNT.c.name))}


def credentials(conn: Connection, login: str) -> tuple[Account, str] | None:
    """Return the account and its password hash; the caller compares, outside the transaction."""
    row = conn.execute(
        select(ACCOUNT).where(ACCOUNT.c.login == keyable(login, 64), ACCOUNT.c.disabled_at.is_(None))
    ).one_or_none()
    return (_account(row), row.password_hash) if row else None


def open_session(conn: Connection, *, login: str, token_hash: str, address: str, at: datetime) -> None:
    conn.execute(
        insert(SESSION).values(
            token_hash=token_hash, login=login, address=address, opened_at=at, ends_at=at + SHIFT
        )
    )
    history.append(
        conn, subject=login, kind="session.opened", actor=login, detail={"address": address}, at=at
    )


def session(conn: Connection, token_hash: str, at: datetime) -> Account | None:
    """Return who holds this token now, or None when it ended, was closed or never was."""
    by_provider = exists().where(BEGUN.c.token_hash == SESSION.c.token_hash)
    row = conn.execute(
        select(ACCOUNT, (GIVEN.c.login.is_not(None) & ~by_provider).label("must_change"))
        .join(SESSION, SESSION.c.login == ACCOUNT.c.login)
        .outerjoin(GIVEN, GIVEN.c.login == ACCOUNT.c.login)
        .where(
            SESSION.c.token_hash == token_hash,
            SESSION.c.closed_at.is_(None),
            SESSION.c.ends_at > at,
            ACCOUNT.c.disabled_at.is_(None),
        )
    ).one_or_none()
    return replace(_account(row), must_change=bool(row.must_change)) if row else None


def sessions_of(conn: Connection, login: str, *, at: datetime) -> list[OpenSession]:
    """Return where the person is signed in now, newest first."""
    rows = conn.execute(
        select(SESSION)
        .where(SESSION.c.login == login, SESSION.c.closed_at.is_(None), SESSION.c.ends_at > at)
        .order_by(SESSION.c.opened_at.desc())
    )
    return [OpenSession(row.token_hash, row.address, row.opened_at, row.ends_at) for row in rows]


def close_session(conn: Connection, token_hash: str, *, at: datetime) -> None:
    _close(conn, SESSION.c.token_hash == token_hash, at)


def close_sessions_of(conn: Connection, login: str, *, at: datetime) -> None:
    _close(conn, SESSION.c.login == login, at)


def _close(conn: Connection, which: ColumnElement[bool], at: datetime) -> None:
    conn.execute(update(SESSION).where(which, SESSION.c.closed_at.is_(None)).values(closed_at=at))


def note_login(conn: Connection, *, login: str, address: str, ok: bool, at: datetime) -> None:
    conn.execute(insert(ATTEMPT).values(login=keyable(login, 64), address=keyable(address, 64), ok=ok, at=at))


def login_failures(conn: Connection, *, login: str, address: str, at: datetime) -> int:
    """Return how many seconds the next try must wait: for the account or the address, whichever is longer."""
    mine = ATTEMPT.c.login == keyable(login, 64)
    here = ATTEMPT.c.address == keyable(address, 64)
    right = conn.execute(select(func.max(ATTEMPT.c.at)).where(mine, ATTEMPT.c.ok)).scalar_one()
    oldest = at - FORGOTTEN_AFTER
    return max(
        _wait(conn, mine, free=FREE_TRIES, since=max(right or oldest, oldest), at=at),
        # A right password does not clear the address: who knows one could otherwise guess the others.
        _wait(conn, here, free=FREE_TRIES_OF_ADDRESS, since=oldest, at=at),
    )


def _wait(conn: Connection, whose: ColumnElement[bool], *, free: int, since: datetime, at: datetime) -> int:
    row = conn.execute(
        select(func.count().label("wrong"), func.max(ATTEMPT.c.at).label("last")).where(
            whose, ~ATTEMPT.c.ok, ATTEMPT.c.at > since
        )
    ).one()
    if row.wrong <= free:
        return 0
    seconds = min(2 ** min(row.wrong - free, 16), LONGEST_WAIT)
    left: timedelta = row.last + timedelta(seconds=seconds) - at
    return max(0, math.ceil(left.total_seconds()))


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(row.login, row.name, row.role, row.unit, row.seat)
