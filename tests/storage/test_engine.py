"""Units of work: all or nothing each, one beside the other, and told only when durable."""

import asyncio
import threading
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from storage import history, sqlite
from storage.drafts import draft, save_draft
from storage.engine import Store, migrate
from storage.errors import Declined, StoreDown
from storage.intake import CASE
from storage.models import Draft
from storage.types import table_of
from tests.makers import MORNING

DRAFT = table_of(Draft)


def keep(conn: Connection, call: str, text: str = "井盖") -> None:
    save_draft(conn, call=call, by="1001", fields={"title": text}, at=MORNING)


def test_what_was_written_is_read(store: Store) -> None:
    store.write_now(lambda conn: keep(conn, "a"))
    assert store.read_now(lambda conn: draft(conn, "a")) == {"title": "井盖"}


async def test_the_event_loop_writes_and_reads_too(store: Store) -> None:
    await store.write(lambda conn: keep(conn, "a"))
    assert await store.read(lambda conn: draft(conn, "a")) == {"title": "井盖"}


async def test_a_unit_that_raises_leaves_nothing_and_hurts_nobody(store: Store) -> None:
    def half(conn: Connection) -> None:
        keep(conn, "half")
        raise LookupError("in the middle")

    others = [store.write(partial(keep, call=f"whole-{n}")) for n in range(5)]
    outcome = await asyncio.gather(*others[:2], store.write(half), *others[2:], return_exceptions=True)
    assert [type(each) for each in outcome].count(LookupError) == 1
    kept = set(await store.read(lambda conn: conn.execute(select(DRAFT.c.call)).scalars().all()))
    assert kept == {f"whole-{n}" for n in range(5)}


def test_a_refusal_is_undone_but_its_note_is_kept(store: Store) -> None:
    def refused(conn: Connection) -> None:
        keep(conn, "undone")
        raise Declined(PermissionError("no"), lambda again: keep(again, "note"))

    with pytest.raises(PermissionError, match="no"):
        store.write_now(refused)
    assert store.read_now(lambda conn: (draft(conn, "undone"), draft(conn, "note"))) == (
        None,
        {"title": "井盖"},
    )


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        store.read_now(lambda conn: keep(conn, "a"))
    assert store.read_now(lambda conn: draft(conn, "a")) is None


def test_a_naive_time_is_refused(store: Store) -> None:
    naive = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001
    with pytest.raises(Exception, match="without a zone"):
        store.write_now(lambda conn: save_draft(conn, call="a", by="1", fields={}, at=naive))


def test_times_come_back_as_the_same_instant_in_utc(store: Store) -> None:
    store.write_now(lambda conn: keep(conn, "a"))
    saved = store.read_now(lambda conn: conn.execute(select(DRAFT.c.saved_at)).scalar_one())
    assert saved == MORNING
    assert saved.utcoffset() == MORNING.utcoffset()


def test_a_closed_store_says_so(store_url: str) -> None:
    store = Store.open(store_url)
    store.close()
    store.close()
    with pytest.raises(StoreDown):
        store.write_now(lambda conn: keep(conn, "a"))


def test_closing_commits_what_was_accepted(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    threads = [
        threading.Thread(target=lambda n=n: store.write_now(lambda conn: keep(conn, f"c{n}")))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    again = Store.open(sqlite_url)
    assert len(again.read_now(lambda conn: conn.execute(select(DRAFT.c.call)).all())) == 20
    again.close()


@pytest.mark.parametrize(
    "url", ["mysql://host/db", "oracle://host/db", "sqlite://", "no address", "mssql+pyodbc://x"]
)
def test_other_databases_are_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match=r"not|file"):
        Store.open(url)


def test_a_file_that_cannot_be_opened_is_said_at_start(tmp_path: Path) -> None:
    with pytest.raises(StoreDown):
        Store.open(f"sqlite:///{tmp_path}/no/such/folder/hotline.db")


def test_a_server_that_does_not_answer_is_said_at_start(tmp_path: Path) -> None:
    with pytest.raises(StoreDown):
        Store.open(f"postgresql://hotline@/nothing?host={tmp_path}")


def test_a_unit_cannot_wait_for_another_unit(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    with pytest.raises(RuntimeError, match="call the function itself"):
        store.write_now(lambda _: store.write_now(lambda conn: keep(conn, "a")))
    store.close()


def test_a_full_disk_refuses_clearly_and_goes_on_when_there_is_room(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    pages = store.write_now(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one())
    store.write_now(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}").scalar_one())
    with pytest.raises(StoreDown, match="full"):
        store.write_now(lambda conn: keep(conn, "large", "满" * 100_000))
    store.write_now(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count = 1000000").scalar_one())
    store.write_now(lambda conn: keep(conn, "large", "满" * 100_000))
    assert store.read_now(lambda conn: draft(conn, "large"))
    store.close()


def test_a_lock_held_by_another_process_is_waited_for(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(sqlite_url)
    other = sqlite.writing_engine(Path(sqlite_url.removeprefix("sqlite:///"))).connect()
    other.begin()
    waiting = threading.Thread(target=lambda: store.write_now(lambda conn: keep(conn, "patient")))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    other.close()
    waiting.join(5)
    assert store.read_now(lambda conn: draft(conn, "patient"))
    store.close()


def test_a_lock_held_too_long_is_an_error_and_loses_nothing(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WRITER_PRAGMAS", (*sqlite.WRITER_PRAGMAS, "busy_timeout=50"))
    store = Store.open(sqlite_url)
    other = sqlite.writing_engine(Path(sqlite_url.removeprefix("sqlite:///"))).connect()
    other.begin()
    with pytest.raises(StoreDown, match="locked"):
        store.write_now(lambda conn: keep(conn, "a"))
    other.close()
    store.write_now(lambda conn: keep(conn, "a"))
    assert store.read_now(lambda conn: draft(conn, "a"))
    store.close()


def test_a_read_that_does_not_end_is_ended(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0.1)
    store = Store.open(sqlite_url)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(StoreDown, match="interrupted"):
        store.read_now(lambda conn: conn.exec_driver_sql(endless).scalar_one())
    assert store.read_now(lambda conn: draft(conn, "a")) is None
    store.close()


def test_a_foreign_key_that_leads_nowhere_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.write_now(
            lambda conn: conn.execute(
                insert(CASE).values(
                    no="x", digits="x", intake_key="x", code_hash="x", state="registered", version=1,
                    intent="投诉", category="none", urgency="一般", channel="phone", title="x", address="x",
                    reply_way="x", received_at=MORNING, rework_no=0,
                )
            )
        )  # fmt: skip


async def test_a_cancelled_caller_does_not_stop_the_others(store: Store) -> None:
    tasks = [asyncio.ensure_future(store.write(partial(keep, call=f"c{n}"))) for n in range(10)]
    tasks[3].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.write(lambda conn: keep(conn, "last"))
    kept = await store.read(lambda conn: set(conn.execute(select(DRAFT.c.call)).scalars()))
    assert {f"c{n}" for n in range(10) if n != 3} | {"last"} <= kept


async def test_the_history_is_told_in_the_order_of_its_ids_to_a_reader_who_follows(store: Store) -> None:
    """A reader that asks for what came since the last id must not skip a row that is committed later."""
    seen: list[int] = []
    done = threading.Event()

    def follow() -> None:
        while True:
            last = done.is_set()
            after = seen[-1] if seen else 1
            seen.extend(fact.id for fact in store.read_now(partial(history.since, after=after, limit=1_000)))
            if last:
                return

    reader = threading.Thread(target=follow)
    reader.start()

    def one(conn: Connection, n: int) -> None:
        history.append(conn, subject=f"s{n}", kind="test", actor="a", detail={}, at=MORNING)

    await asyncio.gather(*(store.write(partial(one, n=n)) for n in range(200)))
    done.set()
    reader.join()
    assert seen == list(range(2, 202))


def test_migrating_a_store_in_use_is_harmless(store: Store, store_url: str) -> None:
    store.write_now(lambda conn: keep(conn, "a"))
    migrate(store_url)
    assert store.read_now(lambda conn: draft(conn, "a"))
