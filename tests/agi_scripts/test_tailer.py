"""Every line once: through kill -9, rotation by moving and by copying, halves, garbage and a store that is away."""

import asyncio
import logging
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from agi_scripts.records import Follower, Tail, files_of
from storage import calls, rebuilding, ring_backs
from storage.call_models import RawLine
from storage.engine import Store
from storage.errors import StoreDown
from storage.types import table_of
from tests.storage.call_lines import Exchange, sample

LINE = table_of(RawLine)
BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def log_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    (folder / "cel-custom").mkdir(parents=True)
    return folder


@pytest.fixture
def cel(log_dir: Path) -> Path:
    return log_dir / "cel-custom" / "cel.json"


def follower(store: Store, log_dir: Path) -> Follower:
    return Follower(store, [Tail(file) for file in files_of("hotline1", log_dir)])


def append(path: Path, lines: list[str]) -> None:
    with path.open("a") as file:
        file.writelines(line + "\n" for line in lines)


def put(path: Path, text: bytes) -> None:
    """Write the file anew under the same inode."""
    path.write_bytes(text)


def move(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


async def eventually(question: Callable[[], bool]) -> None:
    for _ in range(400):
        if question():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


def lines_kept(store: Store) -> int:
    def count(conn: Connection) -> int:
        return int(conn.execute(select(func.count()).select_from(LINE)).scalar_one())

    return store.read_now(count)


def ended(store: Store) -> dict[str, int]:
    return store.read_now(lambda conn: calls.outcomes(conn, begins=BEGINS, ends=ENDS))


async def test_what_is_appended_is_read_once(store: Store, log_dir: Path, cel: Path) -> None:
    lines = sample("abandoned_in_line", "cel")
    reader = follower(store, log_dir)
    append(cel, lines[:4])
    assert await reader.drain() == 4
    append(cel, lines[4:])
    assert await reader.drain() == len(lines) - 4
    assert await follower(store, log_dir).drain() == 0
    assert ended(store) == {"abandoned_in_line": 1}


async def test_a_line_that_is_not_finished_waits_for_its_end(store: Store, log_dir: Path, cel: Path) -> None:
    lines = sample("abandoned_in_line", "cel")
    put(cel, "\n".join(lines)[:-10].encode())
    reader = follower(store, log_dir)
    assert await reader.drain() == len(lines) - 1
    with cel.open("a") as file:
        file.write(lines[-1][-10:] + "\n")
    assert await reader.drain() == 1


async def test_a_file_that_was_moved_is_finished_under_its_new_name(
    store: Store, log_dir: Path, cel: Path
) -> None:
    lines = sample("abandoned_in_line", "cel")
    append(cel, lines[:3])
    await follower(store, log_dir).drain()
    append(cel, lines[3:6])
    move(cel, "cel.json.1")
    append(cel, lines[6:])
    assert await follower(store, log_dir).drain() == len(lines) - 3
    assert ended(store) == {"abandoned_in_line": 1}


async def test_a_file_that_was_copied_and_emptied_is_finished_in_its_copy(
    store: Store, log_dir: Path, cel: Path
) -> None:
    lines = sample("abandoned_in_line", "cel")
    reader = follower(store, log_dir)
    append(cel, lines[:3])
    await reader.drain()
    append(cel, lines[3:6])
    copy = cel.with_name("cel.json.1")
    shutil.copy(cel, copy)
    assert await reader.drain() == 3, "the copy is not read while the original is there"
    append(cel, lines[6:7])
    shutil.copy(cel, copy)
    put(cel, b"")
    append(cel, lines[7:])
    assert await reader.drain() == len(lines) - 6
    assert lines_kept(store) == len(lines)


async def test_a_file_that_is_emptied_and_begins_with_the_same_line_is_a_new_one(
    store: Store, log_dir: Path
) -> None:
    queue_log = log_dir / "queue_log"
    line = "1795316095|NONE|NONE|NONE|CONFIGRELOAD|"
    append(queue_log, [line, line, line])
    reader = follower(store, log_dir)
    assert await reader.drain() == 3
    put(queue_log, f"{line}\n".encode())
    assert await reader.drain() == 1
    assert await follower(store, log_dir).drain() == 0


async def test_an_inode_that_is_used_again_is_a_new_file(store: Store, log_dir: Path, cel: Path) -> None:
    append(cel, sample("transferred_by_redirect", "cel"))
    reader = follower(store, log_dir)
    await reader.drain()
    put(cel, b"")  # the same inode, and then longer than what was read of it
    append(cel, sample("abandoned_in_menu", "cel") + sample("rejected_then_second_seat_with_hold", "cel") * 2)
    assert await follower(store, log_dir).drain() == 6 + 56
    assert ended(store)["abandoned_in_menu"] == 1


async def test_a_packed_file_is_not_read_as_lines(store: Store, log_dir: Path, cel: Path) -> None:
    cel.with_name("cel.json.2.gz").write_bytes(b"\x1f\x8b\x08 not\nlines\n")
    assert await follower(store, log_dir).drain() == 0


async def test_garbage_is_kept_logged_once_and_stops_nothing(
    store: Store, log_dir: Path, cel: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = sample("abandoned_in_line", "cel")
    put(cel, b'{"eventtype"\n\xff\xfe\x00\n\n\r\n' + ("\n".join(lines) + "\n").encode())
    with caplog.at_level(logging.WARNING):
        assert await follower(store, log_dir).drain() == len(lines) + 2
        await follower(store, log_dir).drain()
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["hotline1"] * 2
    assert ended(store) == {"abandoned_in_line": 1}


async def test_a_line_without_end_is_cut_and_the_next_one_is_read(
    store: Store, log_dir: Path, cel: Path
) -> None:
    put(cel, b"x" * (3 << 20) + b"\n" + ("\n".join(sample("abandoned_in_menu", "cel")) + "\n").encode())
    await follower(store, log_dir).drain()
    assert ended(store) == {"abandoned_in_menu": 1}


async def test_no_log_folder_yet_is_no_error(store: Store, tmp_path: Path) -> None:
    assert await follower(store, tmp_path / "nothing").drain() == 0


async def test_rotated_twice_while_nobody_read_nothing_is_lost_and_nothing_comes_twice(
    store: Store, log_dir: Path, cel: Path
) -> None:
    lines = sample("rejected_then_second_seat_with_hold", "cel")
    append(cel, lines[:5])
    await follower(store, log_dir).drain()
    append(cel, lines[5:9])
    move(cel, "cel.json.1")
    append(cel, lines[9:20])
    move(cel.with_name("cel.json.1"), "cel.json.2")
    move(cel, "cel.json.1")
    append(cel, lines[20:])
    assert await follower(store, log_dir).drain() == len(lines) - 5
    assert lines_kept(store) == len(lines)
    assert ended(store) == {"completed": 1}


async def test_a_file_that_stands_there_twice_is_read_once(store: Store, log_dir: Path, cel: Path) -> None:
    lines = sample("abandoned_in_line", "cel")
    append(cel, lines)
    shutil.copy(cel, cel.with_name("cel.json.backup"))
    assert await follower(store, log_dir).drain() == len(lines)
    assert await follower(store, log_dir).drain() == 0
    assert lines_kept(store) == len(lines)


async def test_after_a_full_disk_the_torn_line_is_kept_and_the_next_ones_count(
    store: Store, log_dir: Path, cel: Path
) -> None:
    lines = sample("abandoned_in_line", "cel")
    # The volume was full in the middle of a record; when it has room again, Asterisk writes on right behind it.
    put(cel, "\n".join([*lines[:2], lines[2][:90]]).encode())
    reader = follower(store, log_dir)
    assert await reader.drain() == 2
    append(cel, lines[3:])
    await reader.drain()
    assert ended(store) == {"abandoned_in_line": 1}
    assert lines_kept(store) == len(lines), "the torn one, too"


async def test_an_exchange_whose_log_volume_is_full_is_no_error_of_the_reader(
    store: Store, log_dir: Path, cel: Path
) -> None:
    put(cel, b"")
    reader = follower(store, log_dir)
    assert await reader.drain() == 0
    move(cel, "gone")
    assert await reader.drain() == 0
    append(cel, sample("abandoned_in_menu", "cel"))
    await reader.drain()
    assert ended(store) == {"abandoned_in_menu": 1}


async def test_two_nodes_files_are_read_beside_each_other_and_stay_apart(
    store: Store, tmp_path: Path
) -> None:
    for node in ("north", "south"):
        folder = tmp_path / node / "cel-custom"
        folder.mkdir(parents=True)
        exchange = Exchange(node=node)
        exchange.call("abandoned_in_line")
        append(folder / "cel.json", exchange.cel)
    tails = [Tail(file) for node in ("north", "south") for file in files_of(node, tmp_path / node)]
    await Follower(store, tails).drain()
    assert ended(store) == {"abandoned_in_line": 2}
    (tmp_path / "south" / "queue_log").write_text("1795319999|NONE|NONE|NONE|QUEUESTART|\n")
    await Follower(store, tails).drain()
    assert ended(store) == {"abandoned_in_line": 2}, (
        "a start of one node's Asterisk says nothing of the other's"
    )


async def test_a_city_with_another_hour_owes_by_its_own(store: Store, log_dir: Path, cel: Path) -> None:
    append(cel, sample("abandoned_in_line", "cel"))
    tails = [Tail(file) for file in files_of("hotline1", log_dir)]
    await Follower(store, tails, timedelta(minutes=30)).drain()
    (owed,) = store.read_now(ring_backs.open_ring_backs)
    assert owed.due_at - owed.asked_at == timedelta(minutes=30)


class SometimesAway:
    """A store that is away when told to be."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = True
        self.asked = asyncio.Event()

    async def write(self, work: Callable[[Connection], object], *, retryable: bool = False) -> object:
        self._refuse()
        return await self._store.write(work, retryable=retryable)

    async def read(self, work: Callable[[Connection], object]) -> object:
        self._refuse()
        return await self._store.read(work)

    def _refuse(self) -> None:
        self.asked.set()
        if self.away:
            raise StoreDown("away")


async def test_while_the_store_is_away_the_lines_wait_and_the_lag_grows(
    store: Store, log_dir: Path, cel: Path, caplog: pytest.LogCaptureFixture
) -> None:
    append(cel, sample("abandoned_in_line", "cel"))
    flaky, stop = SometimesAway(store), asyncio.Event()
    reader = Follower(flaky, [Tail(file) for file in files_of("hotline1", log_dir)])  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        running = asyncio.create_task(reader.run(stop))
        for _ in range(3):
            flaky.asked.clear()
            await flaky.asked.wait()
        assert reader.lag_seconds() > 0
        flaky.away = False
        await eventually(lambda: ended(store) == {"abandoned_in_line": 1})
        await eventually(lambda: reader.lag_seconds() == 0)
    stop.set()
    await running
    assert len(caplog.records) == 1, "it is said once"


def test_a_reader_killed_again_and_again_loses_and_repeats_nothing(
    store: Store, store_url: str, log_dir: Path, cel: Path
) -> None:
    """Each reader gets somewhere, is given more, and dies while it works; files are rotated under it."""
    chance = random.Random(12345)
    exchange = Exchange()
    exchange.mixed(300)
    queue_log = log_dir / "queue_log"
    steps = 12
    pieces = [(exchange.cel[n::steps], exchange.queue_log[n::steps]) for n in range(steps)]
    for number in range(0, steps, 2):
        before = lines_kept(store)
        write(cel, queue_log, pieces[number])
        reader = subprocess.Popen(
            [sys.executable, "-m", "tests.agi_scripts.tailing", store_url, str(log_dir)]
        )
        wait_for_more(store, before)
        write(cel, queue_log, pieces[number + 1])
        if number % 4 == 2:
            cel.rename(cel.with_name(f"cel.json.{number}"))
        if number % 8 == 4:
            queue_log.rename(queue_log.with_name(f"queue_log.{number}"))
        time.sleep(chance.uniform(0, 0.06))
        reader.kill()
        reader.wait()
    asyncio.run(follower(store, log_dir).drain())
    assert lines_kept(store) == len(exchange.cel) + len(exchange.queue_log)
    assert ended(store) == exchange.expected
    assert store.write_now(rebuilding.rebuild) == rebuilding.Rebuilt(300, ())


def write(cel: Path, queue_log: Path, piece: tuple[list[str], list[str]]) -> None:
    append(cel, piece[0])
    append(queue_log, piece[1])


def wait_for_more(store: Store, before: int) -> None:
    for _ in range(1_500):
        if lines_kept(store) > before:
            return
        time.sleep(0.02)
    raise AssertionError("the reader got nowhere")
