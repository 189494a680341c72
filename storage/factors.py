"""Second factors, the codes that stand in for a lost one, and sign-ins that are half done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from storage import history, people
from storage.keeping import keep
from storage.security_models import RecoveryCode, SecondFactor, SignInStep
from storage.types import table_of

FACTOR = table_of(SecondFactor)
RECOVERY = table_of(RecoveryCode)
STEP = table_of(SignInStep)
STEP_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Factor:
    """A person's authenticator, as it is stored."""

    sealed: str
    begun_at: datetime
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class Step:
    """A sign-in that is half done."""

    login: str
    detail: Mapping[str, Any]


def factor(conn: Connection, login: str) -> Factor | None:
    row = conn.execute(select(FACTOR).where(FACTOR.c.login == login)).one_or_none()
    return Factor(row.sealed, row.begun_at, row.confirmed_at, row.last_step) if row else None


def enrolled(conn: Connection, login: str) -> bool:
    """Say whether the person has an authenticator that has proved itself."""
    found = factor(conn, login)
    return found is not None and found.confirmed_at is not None


def all_enrolled(conn: Connection) -> set[str]:
    return set(conn.execute(select(FACTOR.c.login).where(FACTOR.c.confirmed_at.is_not(None))).scalars())


def begin(conn: Connection, login: str, *, sealed: str, at: datetime) -> Factor:
    """Keep a new secret, unless one is there: whoever opens the page twice scans the same picture twice."""
    found = factor(conn, login)
    if found is not None:
        return found
    values = {"sealed": sealed, "begun_at": at, "confirmed_at": None, "last_step": 0}
    keep(conn, FACTOR, {"login": login}, values)
    return Factor(sealed, at, None, 0)


def confirm(conn: Connection, login: str, *, step: int, codes: Sequence[str], at: datetime) -> bool:
    """Let the factor count from now on, with fresh recovery codes; False if somebody else was faster."""
    waiting = FACTOR.c.login == login, FACTOR.c.confirmed_at.is_(None)
    changed = conn.execute(update(FACTOR).where(*waiting).values(confirmed_at=at, last_step=step))
    if changed.rowcount != 1:
        return False
    _keep_codes(conn, login, codes)
    history.append(conn, subject=login, kind="factor.enrolled", actor=login, detail={}, at=at)
    return True


def use_step(conn: Connection, login: str, step: int) -> bool:
    """Take the code of a half minute: once, and never again one that is as old."""
    newer = FACTOR.c.login == login, FACTOR.c.confirmed_at.is_not(None), FACTOR.c.last_step < step
    return conn.execute(update(FACTOR).where(*newer).values(last_step=step)).rowcount == 1


def use_recovery(conn: Connection, login: str, code: str, *, at: datetime) -> bool:
    """Take a recovery code, given as its hash, once."""
    unused = RECOVERY.c.login == login, RECOVERY.c.hash == code, RECOVERY.c.used_at.is_(None)
    if conn.execute(update(RECOVERY).where(*unused).values(used_at=at)).rowcount != 1:
        return False
    detail = {"left": codes_left(conn, login)}
    history.append(conn, subject=login, kind="factor.recovery_used", actor=login, detail=detail, at=at)
    return True


def codes_left(conn: Connection, login: str) -> int:
    unused = select(func.count()).where(RECOVERY.c.login == login, RECOVERY.c.used_at.is_(None))
    return int(conn.execute(unused).scalar_one())


def renew_codes(conn: Connection, login: str, codes: Sequence[str], *, at: datetime) -> None:
    """Give new recovery codes; the old ones open nothing any more."""
    _keep_codes(conn, login, codes)
    history.append(conn, subject=login, kind="factor.codes_renewed", actor=login, detail={}, at=at)


def reset(conn: Connection, login: str, *, by: str, at: datetime, why: str = "") -> None:
    """Forget the person's authenticator and sign them out everywhere: the next sign-in enrols another."""
    conn.execute(delete(RECOVERY).where(RECOVERY.c.login == login))
    conn.execute(delete(FACTOR).where(FACTOR.c.login == login))
    conn.execute(delete(STEP).where(STEP.c.login == login))
    people.close_sessions_of(conn, login, at=at)
    detail = {"why": why} if why else {}
    history.append(conn, subject=login, kind="factor.reset", actor=by, detail=detail, at=at)


def open_step(
    conn: Connection, token_hash: str, *, login: str, detail: Mapping[str, Any], at: datetime
) -> None:
    """Remember a sign-in that is half done; those that nobody finished are let go."""
    conn.execute(delete(STEP).where(STEP.c.ends_at <= at))
    text = json.dumps(detail, ensure_ascii=False)
    values = {"token_hash": token_hash, "login": login, "detail": text, "ends_at": at + STEP_LASTS}
    conn.execute(insert(STEP).values(values))


def step(conn: Connection, token_hash: str, *, at: datetime) -> Step | None:
    row = conn.execute(
        select(STEP.c.login, STEP.c.detail).where(STEP.c.token_hash == token_hash, STEP.c.ends_at > at)
    ).one_or_none()
    return Step(row.login, json.loads(row.detail)) if row else None


def close_step(conn: Connection, token_hash: str) -> bool:
    """End the half-done sign-in; False if it was ended before."""
    return conn.execute(delete(STEP).where(STEP.c.token_hash == token_hash)).rowcount == 1


def _keep_codes(conn: Connection, login: str, codes: Sequence[str]) -> None:
    conn.execute(delete(RECOVERY).where(RECOVERY.c.login == login))
    conn.execute(insert(RECOVERY), [{"login": login, "hash": code} for code in codes])
