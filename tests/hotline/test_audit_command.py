"""`hotline audit verify`: the chain of the history, walked from outside."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection

from hotline import audit_command
from hotline.__main__ import main
from storage import history
from storage.engine import Store
from storage.migrations import upgrade
from tests.makers import later


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with twenty lines of history, walked in stretches of six."""
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(audit_command, "STRETCH", 6)
    file = tmp_path / "hotline.db"
    upgrade(f"sqlite:///{file}")
    store = Store.open(f"sqlite:///{file}")

    def work(conn: Connection) -> None:
        for i in range(20):
            history.append(conn, subject="x", kind="k", actor="a", detail={"i": i}, at=later(minutes=i))

    store.write_now(work)
    store.close()
    return file


def verify(*options: str) -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *options])


def tamper(file: Path, statement: str) -> None:
    """Do what the database refuses to us, as somebody who owns its file can."""
    with sqlite3.connect(file) as conn:
        guards = conn.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history'"
        )
        for (name,) in guards.fetchall():
            conn.execute(f"DROP TRIGGER {name}")
        conn.execute(statement)
    conn.close()


@pytest.mark.usefixtures("city")
def test_an_untouched_history_is_whole_and_names_its_anchor() -> None:
    done = verify()
    assert done.exit_code == 0
    assert "第 1–20 行完好" in done.output
    anchor = done.output.strip().rpartition("anchor: ")[2]
    assert anchor.startswith("20:")
    assert len(anchor) == 3 + 64
    assert verify("--after", "13", "--anchor", anchor).exit_code == 0


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE history SET actor = 'b' WHERE id = 7", 7),
        ("UPDATE history SET detail = '{\"i\":99}' WHERE id = 20", 20),
        ("UPDATE history SET at = '2026-01-01 00:00:00.000000' WHERE id = 1", 1),
        ("DELETE FROM history WHERE id = 12", 13),
    ],
)
def test_a_line_that_was_changed_or_removed_is_named(city: Path, statement: str, line: int) -> None:
    tamper(city, statement)
    done = verify()
    assert done.exit_code == 1
    assert f"第 {line} 行" in done.output


def test_a_cut_off_end_shows_against_an_anchor_only(city: Path) -> None:
    anchor = verify().output.strip().rpartition("anchor: ")[2]
    tamper(city, "DELETE FROM history WHERE id > 15")
    assert verify().exit_code == 0
    done = verify("--anchor", anchor)
    assert done.exit_code == 1
    assert "the line is gone" in done.output


@pytest.mark.usefixtures("city")
def test_an_anchor_or_a_beginning_that_is_none_is_refused_in_words() -> None:
    assert "LINE:HASH" in verify("--anchor", "twenty").output
    assert "没有第 99 行" in verify("--after", "99").output
