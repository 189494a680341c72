"""Exports above the limit: asked for, decided by another, open for a day."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from cases.workflow import Role
from storage import exports, history, people
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.people import Account
from tests.makers import MORNING, later

PATH = "/figures.csv?day=2026-11-22"


@pytest.fixture
def asked(store: Store) -> int:
    """A request of the supervisor 9002 for 8,000 rows; 9003 may decide on it."""

    def work(conn: Connection) -> int:
        for login in ("9002", "9003"):
            account = Account(login, "督导", Role.SUPERVISOR, "rxzx", None)
            people.add_account(conn, account, password_hash="x", by="test", at=MORNING)
        return exports.ask(conn, name="f", path=PATH, rows=8_000, reason="年报", by="9002", at=MORNING)

    return store.write_now(work)


def take(
    store: Store, *, by: str = "9002", path: str = PATH, rows: int = 8_000, hours: float = 1
) -> int | None:
    at = later(hours=hours)
    return store.write_now(lambda conn: exports.take(conn, path=path, rows=rows, by=by, at=at))


def grant(store: Store, number: int, *, by: str = "9003") -> None:
    store.write_now(lambda conn: exports.decide(conn, number, granted=True, note="", by=by, at=MORNING))


def test_what_nobody_granted_cannot_be_taken(store: Store, asked: int) -> None:
    assert take(store) is None
    store.write_now(
        lambda conn: exports.decide(conn, asked, granted=False, note="无此必要", by="9003", at=MORNING)
    )
    assert take(store) is None


def test_nobody_decides_on_his_own_request(store: Store, asked: int) -> None:
    with pytest.raises(Conflict):
        grant(store, asked, by="9002")
    assert take(store) is None


def test_a_grant_opens_this_address_for_this_person_for_a_day(store: Store, asked: int) -> None:
    grant(store, asked)
    assert take(store) == asked
    assert take(store, by="9003") is None
    assert take(store, path=PATH + "&line=12319") is None
    assert take(store, rows=9_000) is None
    assert take(store, hours=23.9) == asked
    assert take(store, hours=24) is None


def test_a_request_is_decided_once_and_a_refusal_has_a_reason(store: Store, asked: int) -> None:
    with pytest.raises(Invalid):
        store.write_now(
            lambda conn: exports.decide(conn, asked, granted=False, note=" ", by="9003", at=MORNING)
        )
    grant(store, asked)
    with pytest.raises(Conflict):
        grant(store, asked)


def test_asking_twice_is_one_request_and_every_step_is_in_the_history(store: Store, asked: int) -> None:
    again = store.write_now(
        lambda conn: exports.ask(
            conn, name="f", path=PATH, rows=8_000, reason="再问", by="9002", at=MORNING + timedelta(hours=1)
        )
    )
    assert again == asked
    grant(store, asked)
    kinds = [fact.kind for fact in store.read_now(lambda conn: history.of(conn, "exports"))]
    assert kinds == ["export.asked", "export.granted"]
