"""Random walks of cases through the circuit, as many as wanted, and what was wrong with any of them.

    python -m bench.walks 10000 [--postgres] [--first 0] [--processes 2]

Each walk is one case: people of every post do what they may, sensibly or not, and now and then what they may not. What
is checked is written in tests/storage/roaming.py; a walk is done again by its number (`--first 4711`, one walk). Each
process walks in databases of its own, on a memory file system where there is one, and takes a new one after some
hundred walks, so that the last walk costs no more than the first. It ends with 1 when anything was violated.
"""

import argparse
import gc
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from storage.demo_city import load_city
from storage.engine import Store, migrate
from tests import postgres
from tests.makers import MORNING
from tests.storage.roaming import Tally, roam

PIECE = 100
MEMORY = Path("/dev/shm")


def _fill(url: str) -> None:
    migrate(url)
    store = Store.open(url)
    store.write_now(lambda conn: load_city(conn, MORNING))
    store.close()


def _roam(url: str, seeds: Sequence[int]) -> Tally:
    """Walk without looking for garbage meanwhile: there is next to none, and a tenth of the time goes into it."""
    gc.disable()
    tally = roam(url, seeds)
    gc.collect()
    return tally


def _on_a_copy(template: Path, seeds: Sequence[int]) -> Tally:
    with tempfile.TemporaryDirectory(dir=template.parent) as folder:
        path = shutil.copy(template, Path(folder) / "walks.db")
        return _roam(f"sqlite:///{path}", seeds)


def _pieces(first: int, walks: int) -> Iterator[range]:
    for begin in range(first, first + walks, PIECE):
        yield range(begin, min(begin + PIECE, first + walks))


@contextmanager
def _cluster() -> Iterator[postgres.Cluster]:
    found = postgres.binaries()
    if found is None:
        raise SystemExit("PostgreSQL is not installed")
    cluster = postgres.Cluster(found)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.remove()


def _tell(tally: Tally, begun: float) -> None:
    print(f"{time.monotonic() - begun:6.0f} s  {tally}", flush=True)
    for line in tally.wrong:
        print(f"          {line}", flush=True)


def on_sqlite(pieces: Sequence[range], processes: int) -> Tally:
    total, begun = Tally(), time.monotonic()
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="walks-", dir=where) as folder:
        template = Path(folder) / "template.db"
        _fill(f"sqlite:///{template}")
        with ProcessPoolExecutor(processes) as pool:
            for done in as_completed(pool.submit(_on_a_copy, template, piece) for piece in pieces):
                total.add(done.result())
                _tell(
                    Tally(total.walks, total.done, total.refused, total.unlawful, done.result().wrong), begun
                )
    return total


def on_postgres(pieces: Sequence[range], processes: int) -> Tally:
    total, begun = Tally(), time.monotonic()
    with _cluster() as cluster, ProcessPoolExecutor(processes) as pool:
        template = cluster.create()
        _fill(cluster.url(template))
        urls = [cluster.url(cluster.create(template)) for _ in pieces]
        for done in as_completed(pool.submit(_roam, *pair) for pair in zip(urls, pieces, strict=True)):
            total.add(done.result())
            _tell(Tally(total.walks, total.done, total.refused, total.unlawful, done.result().wrong), begun)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description="random walks of cases through the circuit")
    parser.add_argument("walks", type=int)
    parser.add_argument("--first", type=int, default=0, help="the number of the first walk")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    pieces = list(_pieces(asked.first, asked.walks))
    total = (on_postgres if asked.postgres else on_sqlite)(pieces, asked.processes)
    print(f"in all: {total}")
    for action, times in total.done.most_common():
        print(f"  {times:7} {action}")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
