"""Who comes from the city's identity provider: the person an account is bound to, and the sessions begun there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from cases.sign_on import LEEWAY, Fault, LoggedOut, Refused, Told
from storage import history, people
from storage.forms import keyable
from storage.keeping import keep, keep_once
from storage.people import SESSION, SHIFT, Account
from storage.sign_on_models import SignOnPerson, SignOnSession
from storage.staff import NEVER_SIGN_IN
from storage.types import table_of

PERSON = table_of(SignOnPerson)
BEGUN = table_of(SignOnSession)


@dataclass(frozen=True, slots=True)
class SignedOn:
    """What is remembered with a session that the provider opened."""

    issuer: str
    subject: str
    sid: str
    sealed: str


def account_of(conn: Connection, told: Told, *, at: datetime) -> Account:
    """Return the account that the provider's person may open; nobody gets one, or another post, by what it says.

    The first sign-on binds the account to the person: a provider may give a name to somebody new, and that one
    would else come into the account of whoever left. Raises Refused.
    """
    found = people.credentials(conn, told.login)
    if found is None or found[0].role in NEVER_SIGN_IN:
        raise Refused(Fault.UNKNOWN, told.login[:64])
    account = found[0]
    row = {"login": account.login, "issuer": told.issuer, "subject": told.subject, "bound_at": at}
    new = keep_once(conn, PERSON, row)
    bound = conn.execute(select(PERSON).where(PERSON.c.login == account.login)).one_or_none()
    if bound is None or (bound.issuer, bound.subject) != (told.issuer, told.subject):
        raise Refused(Fault.OTHER_PERSON, account.login)
    if new:
        detail = {"issuer": told.issuer, "subject": told.subject}
        history.append(
            conn, subject=account.login, kind="sso.bound", actor=account.login, detail=detail, at=at
        )
    return account


def note_signed_on(
    conn: Connection, login: str, told: Told, *, second: str, address: str, at: datetime
) -> None:
    """Write down that the provider vouched for the person, how, and who asked for the second factor."""
    detail = {"subject": told.subject, "ways": sorted(told.ways), "second": second, "address": address}
    history.append(conn, subject=login, kind="sso.signed_on", actor=login, detail=detail, at=at)


def note_refused(conn: Connection, told: Told, fault: Fault, *, address: str, at: datetime) -> None:
    """Write down that a person of the provider was not let in; the provider itself has proved who it was."""
    about = keyable(told.login, 64)
    detail = {"subject": told.subject, "why": fault, "address": address}
    history.append(conn, subject=about, kind="sso.refused", actor=people.SYSTEM.login, detail=detail, at=at)


def bound(conn: Connection) -> set[str]:
    """Return the accounts that are bound to a person of the provider."""
    return set(conn.execute(select(PERSON.c.login)).scalars())


def release(conn: Connection, login: str, *, by: str, at: datetime) -> None:
    """Let the next sign-on bind the account anew, for a person whom the provider knows as another now."""
    conn.execute(delete(PERSON).where(PERSON.c.login == login))
    people.close_sessions_of(conn, login, at=at)
    history.append(conn, subject=login, kind="sso.released", actor=by, detail={}, at=at)


def keep_session(conn: Connection, token_hash: str, told: Mapping[str, Any], *, at: datetime) -> None:
    """Remember that the provider opened this session; those that have ended are let go."""
    conn.execute(delete(BEGUN).where(BEGUN.c.ends_at <= at))
    keep(conn, BEGUN, {"token_hash": token_hash}, {**told, "ends_at": at + SHIFT})


def session(conn: Connection, token_hash: str) -> SignedOn | None:
    """Return what is remembered with a session, or None if a password opened it."""
    row = conn.execute(select(BEGUN).where(BEGUN.c.token_hash == token_hash)).one_or_none()
    return SignedOn(row.issuer, row.subject, row.sid, row.sealed) if row else None


def leave(conn: Connection, issuer: str, left: LoggedOut, *, at: datetime) -> list[str]:
    """End the sessions that began at the provider before it says the person left; return them.

    Later ones stay: an old notice that somebody sends again ends nothing.
    """
    before = SESSION.c.opened_at <= left.issued_at + LEEWAY
    mine = [BEGUN.c.issuer == issuer, SESSION.c.closed_at.is_(None), before]
    if left.session:
        mine.append(BEGUN.c.sid == left.session)
    if left.subject:
        mine.append(BEGUN.c.subject == left.subject)
    found = conn.execute(
        select(SESSION.c.token_hash, SESSION.c.login)
        .join(BEGUN, BEGUN.c.token_hash == SESSION.c.token_hash)
        .where(*mine)
    ).all()
    for row in found:
        people.close_session(conn, row.token_hash, at=at)
    for login in sorted({row.login for row in found}):
        history.append(conn, subject=login, kind="sso.left", actor=login, detail={}, at=at)
    return [row.token_hash for row in found]
