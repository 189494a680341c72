"""Whom the city's identity provider stands for, and which sessions end with its own."""

from datetime import datetime

import pytest
from sqlalchemy import Connection

from cases.sign_on import Fault, LoggedOut, Refused, Told
from cases.workflow import Role
from storage import history, people, sign_on
from storage.engine import Store
from storage.people import Account
from tests.makers import MORNING, later

ISSUER = "https://id.example.gov.cn"


def told(subject: str = "u-1", login: str = "zhang") -> Told:
    return Told(ISSUER, subject, login, "p-1", frozenset({"pwd"}))


@pytest.fixture
def staffed(store: Store) -> Store:
    def work(conn: Connection) -> None:
        for login in ("zhang", "wang"):
            account = Account(login, login, Role.SUPERVISOR, "rxzx", None)
            people.add_account(conn, account, password_hash="x", by="test", at=MORNING)

    store.write_now(work)
    return store


def fault_of(store: Store, who: Told) -> Fault:
    with pytest.raises(Refused) as refused:
        store.write_now(lambda conn: sign_on.account_of(conn, who, at=MORNING))
    return refused.value.fault


def open_session(store: Store, token: str, *, sid: str = "p-1", at: datetime = MORNING) -> None:
    kept = {"issuer": ISSUER, "subject": "u-1", "sid": sid, "sealed": ""}

    def work(conn: Connection) -> None:
        people.open_session(conn, login="zhang", token_hash=token, address="", at=at)
        sign_on.keep_session(conn, token, kept, at=at)

    store.write_now(work)


def left(store: Store, subject: str, session: str, at: datetime = MORNING) -> list[str]:
    return store.write_now(
        lambda conn: sorted(sign_on.leave(conn, ISSUER, LoggedOut(subject, session, at), at=at))
    )


def test_an_account_is_bound_to_the_first_person_and_one_person_has_one_account(staffed: Store) -> None:
    for _ in range(2):
        found = staffed.write_now(lambda conn: sign_on.account_of(conn, told(), at=MORNING))
        assert found.login == "zhang"
    assert fault_of(staffed, told(subject="u-2")) is Fault.OTHER_PERSON
    assert fault_of(staffed, told(login="wang")) is Fault.OTHER_PERSON
    assert staffed.read_now(sign_on.bound) == {"zhang"}
    kinds = [fact.kind for fact in staffed.read_now(lambda conn: history.of(conn, "zhang"))]
    assert kinds.count("sso.bound") == 1


def test_who_is_unknown_here_or_may_not_sign_in_is_bound_to_nothing(staffed: Store) -> None:
    staffed.write_now(lambda conn: people.disable_account(conn, "wang", by="test", at=MORNING))
    for who in (told(login="nobody"), told(login="wang"), told(login="x" * 255), told(login="ZHANG")):
        assert fault_of(staffed, who) is Fault.UNKNOWN
    assert staffed.read_now(sign_on.bound) == set()


def test_a_released_account_is_signed_out_and_bound_anew(staffed: Store) -> None:
    staffed.write_now(lambda conn: sign_on.account_of(conn, told(), at=MORNING))
    open_session(staffed, "t-1")
    staffed.write_now(lambda conn: sign_on.release(conn, "zhang", by="admin", at=MORNING))
    assert staffed.read_now(lambda conn: people.session(conn, "t-1", MORNING)) is None
    found = staffed.write_now(lambda conn: sign_on.account_of(conn, told(subject="u-2"), at=MORNING))
    assert found.login == "zhang"


def test_leaving_ends_the_sessions_of_that_session_there_or_all_of_the_person_but_no_later_ones(
    staffed: Store,
) -> None:
    for token, sid in (("t-1", "p-1"), ("t-2", "p-1"), ("t-3", "p-2")):
        open_session(staffed, token, sid=sid)
    open_session(staffed, "t-4", sid="p-3", at=later(minutes=2))
    assert left(staffed, "", "p-1") == ["t-1", "t-2"]
    assert left(staffed, "", "p-1") == [], "they have ended"
    assert left(staffed, "u-2", "p-2") == [], "another person"
    assert left(staffed, "u-1", "") == ["t-3"], "t-4 began later"
    assert left(staffed, "u-1", "", later(minutes=3)) == ["t-4"]


def test_what_is_remembered_with_a_session_is_let_go_when_it_has_ended(staffed: Store) -> None:
    open_session(staffed, "t-1")
    assert staffed.read_now(lambda conn: sign_on.session(conn, "t-1")) is not None
    open_session(staffed, "t-2", at=MORNING + people.SHIFT)
    assert staffed.read_now(lambda conn: sign_on.session(conn, "t-1")) is None
