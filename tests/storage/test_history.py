"""The history: append-only, chained, and it shows when somebody changed it behind our back."""

import pytest
from sqlalchemy import Connection

from storage import history
from storage.engine import Store
from tests.makers import MORNING


@pytest.fixture
def told(store: Store) -> Store:
    def tell(conn: Connection) -> None:
        for number in range(1, 8):
            detail = {"步骤": number, "to": "szgc"}
            history.append(
                conn, subject=f"s{number % 2}", kind="told", actor="1001", detail=detail, at=MORNING
            )

    store.write_now(tell)
    return store


def tamper(store: Store, sql: str) -> None:
    """Change the table as somebody could who has the database, but not our code."""

    def change(conn: Connection) -> None:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("ALTER TABLE history DISABLE TRIGGER ALL")
        else:
            conn.exec_driver_sql("DROP TRIGGER history_no_update")
            conn.exec_driver_sql("DROP TRIGGER history_no_delete")
        conn.exec_driver_sql(sql)

    store.write_now(change)


def test_an_untouched_history_verifies(told: Store) -> None:
    assert told.read_now(history.verify) is None
    assert told.read_now(lambda conn: history.verify(conn, after=3, until=6)) is None
    assert told.read_now(lambda conn: history.verify(conn, after=6)) is None


def test_facts_come_back_as_they_were_told(told: Store) -> None:
    fact = told.read_now(lambda conn: history.of(conn, "s1"))[0]
    assert (fact.kind, fact.actor, fact.at, fact.detail) == (
        "told",
        "1001",
        MORNING,
        {"步骤": 1, "to": "szgc"},
    )


def test_a_reader_is_told_exactly_what_came_since(told: Store) -> None:
    newest = told.read_now(history.newest)
    assert [fact.id for fact in told.read_now(lambda conn: history.since(conn, newest - 2, 10))] == [
        newest - 1,
        newest,
    ]
    assert told.read_now(lambda conn: history.since(conn, newest, 10)) == []


@pytest.mark.parametrize(
    "sql", ["UPDATE history SET actor = 'other' WHERE id = 4", "DELETE FROM history WHERE id = 4"]
)
def test_the_database_itself_refuses_to_change_it(told: Store, sql: str) -> None:
    with pytest.raises(Exception, match="append-only"):
        told.write_now(lambda conn: conn.exec_driver_sql(sql))
    assert told.read_now(history.verify) is None


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("UPDATE history SET actor = 'other' WHERE id = 4", 4),
        ("UPDATE history SET detail = '{}' WHERE id = 5", 5),
        ("UPDATE history SET subject = 's9' WHERE id = 2", 2),
        ("DELETE FROM history WHERE id = 4", 5),
        ("UPDATE history SET hash = 'x' WHERE id = 3", 3),
    ],
)
def test_a_change_behind_our_back_is_found_at_its_row(told: Store, sql: str, row: int) -> None:
    tamper(told, sql)
    broken = told.read_now(history.verify)
    assert broken is not None
    assert broken.id == row


def test_a_stretch_finds_what_is_wrong_in_it_only(told: Store) -> None:
    tamper(told, "UPDATE history SET actor = 'other' WHERE id = 4")
    broken = told.read_now(lambda conn: history.verify(conn, after=2, until=5))
    assert broken is not None
    assert broken.id == 4
    assert told.read_now(lambda conn: history.verify(conn, after=4)) is None


def test_a_row_put_in_between_is_found(told: Store) -> None:
    tamper(told, "UPDATE history SET id = 100 WHERE id = 8")
    broken = told.read_now(history.verify)
    assert broken is not None
    assert broken.id == 100
