"""Who may sign in, for how long, and how long a machine that guesses must wait."""

import pytest
from sqlalchemy import Connection

from cases.workflow import Role
from storage import people, sign_on, staff
from storage.engine import Store
from storage.people import Account
from tests.makers import MORNING, later

LIN = Account("1001", "林晓雨", Role.AGENT, "rxzx", "s1001")


@pytest.fixture
def staffed(store: Store) -> Store:
    store.write_now(
        lambda conn: people.add_account(conn, LIN, password_hash="argon2…", by="setup", at=MORNING)
    )
    return store


def signed_in(store: Store, token: str = "t1", minutes: float = 0) -> None:
    store.write_now(
        lambda conn: people.open_session(
            conn, login="1001", token_hash=token, address="10.0.0.7", at=later(minutes=minutes)
        )
    )


def wait(store: Store, login: str = "1001", address: str = "10.0.0.7", **after: float) -> int:
    return store.read_now(
        lambda conn: people.login_failures(conn, login=login, address=address, at=later(**after))
    )


def try_to_sign_in(
    store: Store, times: int, *, login: str = "1001", address: str = "10.0.0.7", ok: bool = False
) -> None:
    def tries(conn: Connection) -> None:
        for _ in range(times):
            people.note_login(conn, login=login, address=address, ok=ok, at=MORNING)

    store.write_now(tries)


def test_credentials_come_with_the_hash_for_the_caller_to_compare(staffed: Store) -> None:
    assert staffed.read_now(lambda conn: people.credentials(conn, "1001")) == (LIN, "argon2…")
    assert staffed.read_now(lambda conn: people.credentials(conn, "nobody")) is None


def test_the_role_comes_back_as_the_role_itself(staffed: Store) -> None:
    assert staffed.read_now(people.accounts)[0].role is Role.AGENT


def test_adding_an_account_again_gives_it_the_new_role(staffed: Store) -> None:
    lead = Account("1001", "林晓雨", Role.TEAM_LEAD, "rxzx", "s1001")
    staffed.write_now(
        lambda conn: people.add_account(conn, lead, password_hash="new", by="a", at=later(days=1))
    )
    assert staffed.read_now(lambda conn: people.credentials(conn, "1001")) == (lead, "new")


def test_a_session_lasts_a_shift(staffed: Store) -> None:
    signed_in(staffed)
    assert staffed.read_now(lambda conn: people.session(conn, "t1", later(hours=11))) == LIN
    assert staffed.read_now(lambda conn: people.session(conn, "t1", later(hours=13))) is None


def test_an_unknown_token_is_nobody(staffed: Store) -> None:
    assert staffed.read_now(lambda conn: people.session(conn, "other", MORNING)) is None


def test_a_closed_session_is_nobody(staffed: Store) -> None:
    signed_in(staffed)
    staffed.write_now(lambda conn: people.close_session(conn, "t1", at=later(minutes=1)))
    assert staffed.read_now(lambda conn: people.session(conn, "t1", later(minutes=2))) is None


def test_all_browsers_of_a_person_can_be_signed_out(staffed: Store) -> None:
    signed_in(staffed, "t1")
    signed_in(staffed, "t2", minutes=5)
    listed = staffed.read_now(lambda conn: people.sessions_of(conn, "1001", at=later(minutes=6)))
    assert [one.token_hash for one in listed] == ["t2", "t1"]
    staffed.write_now(lambda conn: people.close_sessions_of(conn, "1001", at=later(minutes=7)))
    assert staffed.read_now(lambda conn: people.sessions_of(conn, "1001", at=later(minutes=8))) == []


def test_a_disabled_account_is_out_at_once(staffed: Store) -> None:
    signed_in(staffed)
    staffed.write_now(lambda conn: people.disable_account(conn, "1001", by="admin", at=later(minutes=1)))
    assert staffed.read_now(lambda conn: people.session(conn, "t1", later(minutes=2))) is None
    assert staffed.read_now(lambda conn: people.credentials(conn, "1001")) is None


def test_three_wrong_tries_are_free(staffed: Store) -> None:
    try_to_sign_in(staffed, 3)
    assert wait(staffed) == 0


@pytest.mark.parametrize(("wrong", "seconds"), [(4, 2), (5, 4), (6, 8), (12, 300), (60, 300)])
def test_further_ones_wait_twice_as_long_each_time(staffed: Store, wrong: int, seconds: int) -> None:
    try_to_sign_in(staffed, wrong)
    assert wait(staffed) == seconds


def test_waiting_helps(staffed: Store) -> None:
    try_to_sign_in(staffed, 5)
    assert wait(staffed, seconds=3) == 1
    assert wait(staffed, seconds=4) == 0


def test_a_right_password_clears_the_account(staffed: Store) -> None:
    try_to_sign_in(staffed, 6)
    staffed.write_now(
        lambda conn: people.note_login(conn, login="1001", address="x", ok=True, at=later(minutes=1))
    )
    assert wait(staffed, address="x", minutes=2) == 0


def test_an_address_that_tries_many_accounts_waits_for_all(staffed: Store) -> None:
    for login in range(25):
        try_to_sign_in(staffed, 1, login=f"guess{login}", address="6.6.6.6")
    assert wait(staffed, login="1002", address="6.6.6.6") == 32
    assert wait(staffed, login="1002", address="10.0.0.7") == 0


def test_a_right_password_does_not_clear_the_address(staffed: Store) -> None:
    try_to_sign_in(staffed, 25, login="guess", address="6.6.6.6")
    try_to_sign_in(staffed, 1, login="1001", address="6.6.6.6", ok=True)
    assert wait(staffed, login="1001", address="6.6.6.6") == 32


def test_old_failures_are_forgotten(staffed: Store) -> None:
    try_to_sign_in(staffed, 10)
    assert wait(staffed, hours=2) == 0


@pytest.mark.parametrize("login", ["", "' OR 1=1 --", "话务员", "x" * 500, "a\r\nb\x00", "\ud83d"])
def test_odd_logins_are_nobody_and_break_nothing(staffed: Store, login: str) -> None:
    assert staffed.read_now(lambda conn: people.credentials(conn, login)) is None
    try_to_sign_in(staffed, 1, login=login)
    assert wait(staffed, login=login) == 0


def test_a_password_that_was_given_binds_sessions_it_opened_and_none_that_the_provider_opened(
    store: Store,
) -> None:
    def work(conn: Connection) -> tuple[bool, bool]:
        people.add_account(conn, LIN, password_hash="argon2…", by="setup", at=MORNING)
        staff.set_password(conn, LIN.login, password_hash="new", by="admin", at=MORNING)
        for token in ("own", "provider"):
            people.open_session(conn, login=LIN.login, token_hash=token, address="", at=MORNING)
        told = {"issuer": "https://id", "subject": "7", "sid": "", "sealed": ""}
        sign_on.keep_session(conn, "provider", told, at=MORNING)
        own, provider = (people.session(conn, token, later(minutes=1)) for token in ("own", "provider"))
        assert own is not None
        assert provider is not None
        return own.must_change, provider.must_change

    assert store.write_now(work) == (True, False)
