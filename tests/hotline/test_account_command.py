"""`hotline account`: an authenticator that is lost is forgotten from the machine itself, and the history says by whom."""

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection

from cases.workflow import Role
from hotline.__main__ import main
from storage import factors, history, people
from storage.demo_city import load_city
from storage.engine import Store
from storage.migrations import upgrade
from storage.people import Account
from tests.makers import MORNING, later


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A database with an administrator who has an authenticator, and one who has none."""
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'hotline.db'}"
    upgrade(url)
    store = Store.open(url)

    def work(conn: Connection) -> None:
        load_city(conn, MORNING)
        for login in ("admin", "plain"):
            account = Account(login, login, Role.ADMINISTRATOR, "rxzx", None)
            people.add_account(conn, account, password_hash="x", by="test", at=MORNING)
            people.open_session(conn, login=login, token_hash=f"hash-{login}", address="", at=MORNING)
        factors.begin(conn, "admin", sealed="sealed", at=MORNING)
        factors.confirm(conn, "admin", step=1, codes=["a", "b"], at=MORNING)

    store.write_now(work)
    yield store
    store.close()


def reset(login: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["account", "reset-second-factor", login, *more])


def test_the_next_sign_in_enrols_another_authenticator_and_every_session_is_over(city: Store) -> None:
    done = reset("admin", "--why", "手机丢失")
    assert (done.exit_code, "已取消" in done.output) == (0, True)
    assert not city.read_now(lambda conn: factors.enrolled(conn, "admin"))
    assert city.read_now(lambda conn: factors.codes_left(conn, "admin")) == 0
    assert city.read_now(lambda conn: people.session(conn, "hash-admin", later(minutes=1))) is None
    assert city.read_now(lambda conn: people.session(conn, "hash-plain", later(minutes=1))) is not None


def test_who_did_it_and_why_stands_in_the_history(city: Store) -> None:
    reset("admin", "--why", "手机丢失")
    fact = city.read_now(lambda conn: history.of(conn, "admin"))[-1]
    assert (fact.kind, fact.actor, fact.detail) == (
        "factor.reset",
        f"os:{getpass.getuser()}",
        {"why": "手机丢失"},
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nobody", "--why", "试"), "没有账号"),
        (("plain", "--why", "试"), "没有绑定"),
        (("admin",), "缺少参数"),
        (("admin", "--why", " "), "请写明原因"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    city: Store, words: tuple[str, ...], why: str
) -> None:
    done = reset(*words)
    assert done.exit_code != 0
    assert why in done.output
    assert city.read_now(lambda conn: factors.enrolled(conn, "admin"))
