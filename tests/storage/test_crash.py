"""A process that is killed in the middle of its work loses nothing that it has acknowledged, and leaves no half."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from storage import history
from storage.assignments import ASSIGNMENT
from storage.clocks import CLOCK
from storage.engine import Store
from storage.errors import StoreDown
from storage.intake import CASE, CONTACT, TEXT
from tests import postgres
from tests.storage.walks import registered

ROUNDS = 4
ENOUGH = 60
ROOT = Path(__file__).parents[2]


def killed_while_writing(url: str, name: str) -> list[str]:
    """Run a writer, kill it with -9 after a number of cases, and return those it has acknowledged."""
    command = [sys.executable, "-m", "tests.storage.writer", url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(ENOUGH)]
        writer.kill()
        # What is still in the pipe was acknowledged too; a line cut off by the kill was told to nobody.
        rest = writer.stdout.read()
    return [line for line in [*told, *rest.split("\n")[:-1]] if line]


def halves(conn: Connection) -> dict[str, int]:
    """Count the cases that lack one of the parts which belong to the same commit."""
    found = {}
    for name, table, parts in (
        ("contact", CONTACT, 1),
        ("text", TEXT, 1),
        ("assignment", ASSIGNMENT, 2),
        ("clock", CLOCK, 5),  # the centre's for dispatching, and two of each unit
    ):
        each = select(func.count()).where(table.c.case == CASE.c.id).scalar_subquery()
        query = select(func.count()).select_from(CASE).where(each != parts)
        found[name] = int(conn.execute(query).scalar_one())
    return found


def test_killed_writers_lose_nothing_acknowledged_and_leave_no_half(store_url: str) -> None:
    acknowledged: list[str] = []
    for number in range(ROUNDS):
        acknowledged += killed_while_writing(store_url, f"round{number}")
    store = Store.open(store_url)
    kept = set(store.read_now(lambda conn: conn.execute(select(CASE.c.no)).scalars().all()))
    missing = set(acknowledged) - kept
    parts = store.read_now(halves)
    broken = store.read_now(history.verify)
    store.close()
    assert len(acknowledged) >= ROUNDS * ENOUGH
    assert len(set(acknowledged)) == len(acknowledged)
    assert (missing, parts, broken) == (set(), dict.fromkeys(parts, 0), None)


def test_the_file_is_sound_after_a_kill(sqlite_url: str) -> None:
    killed_while_writing(sqlite_url, "once")
    store = Store.open(sqlite_url)
    assert store.read_now(lambda conn: conn.exec_driver_sql("PRAGMA integrity_check").scalar_one()) == "ok"
    assert registered(store).no
    store.close()


def test_a_restarted_server_is_found_again(postgres_url: str, postgres_cluster: postgres.Cluster) -> None:
    store = Store.open(postgres_url)
    registered(store)
    postgres_cluster.stop("fast")
    with pytest.raises(StoreDown):
        registered(store)
    postgres_cluster.start_again()
    registered(store)
    assert len(store.read_now(lambda conn: conn.execute(select(CASE.c.id)).all())) == 2
    store.close()


def test_a_keyed_unit_is_done_again_when_its_connection_is_cut_and_another_is_not(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    runs: list[int] = []

    def cut_once(conn: Connection) -> str:
        runs.append(conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        if len(runs) % 2:
            threading.Thread(target=end, args=(runs[-1],)).start()
            conn.exec_driver_sql("SELECT pg_sleep(5)")
        return "done"

    def end(backend: int) -> None:
        store.read_now(
            lambda conn: conn.exec_driver_sql(f"SELECT pg_terminate_backend({backend})").scalar_one()
        )

    assert store.write_now(cut_once, retryable=True) == "done"
    assert len(runs) == 2
    with pytest.raises(StoreDown):
        store.write_now(cut_once)
    assert len(runs) == 3
    store.close()


def test_a_deadlock_is_undone_and_done_again(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    both = threading.Barrier(2)
    tries = {1: 0, 2: 0}

    def lock(mine: int, other: int) -> None:
        def work(conn: Connection) -> None:
            tries[mine] += 1
            conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({mine})")
            if tries[mine] == 1:
                both.wait(5)
            conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({other})")

        store.write_now(work)

    threads = [threading.Thread(target=lock, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(tries.values()) == 3
    store.close()
