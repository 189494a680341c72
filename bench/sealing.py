"""What sealed columns cost: each value, a page of 50 cases, a look-up by number, registering, and taking in call lines.

    python -m bench.sealing [calls]

Each is done with and without a key, in turn in the same run; the ratio is what it costs, whatever else the machine does.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import select

from agi_scripts.records import BATCH_BYTES
from bench.records import CEL, batches
from storage import briefs, cases, records
from storage.demo_city import load_city
from storage.engine import Store, migrate
from storage.intake import CONTACT
from storage.sealing import Sealer
from tests.makers import AGENT, MORNING, RULES, a_form
from tests.storage.call_lines import Exchange

KEY = b"of this bench"
NUMBER, LINE = "13850123456", "x" * 330
CASES, PAGE, VALUES, ROUNDS = 400, 50, 20_000, 5


def each(work: Callable[[], object], times: int) -> float:
    """Return microseconds of processor for one: others who use the machine do not count."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def values() -> None:
    sealer = Sealer(KEY)
    for name, text, seal in (("number, alike", NUMBER, sealer.alike), ("line, apart", LINE, sealer.apart)):
        sealed = seal(text, "bench")
        there, back = (
            each(partial(seal, text, "bench"), VALUES),
            each(partial(sealer.open, sealed, "bench"), VALUES),
        )
        print(
            f"{name:14}: sealed in {there:5.1f} µs, opened in {back:5.1f} µs, {len(text)} → {len(sealed)} signs"
        )


def filled(path: Path, key: bytes) -> tuple[Store, float]:
    """Return a store with cases in it, and how long each took."""
    url = f"sqlite:///{path}"
    migrate(url)
    store = Store.open(url, seal=key)
    store.write_now(lambda conn: load_city(conn, MORNING))
    began = time.process_time()
    for n in range(CASES):
        form = replace(a_form(), contact_number=f"138501{n:05d}", call=f"hotline1-1795308607.{n}")
        store.write_now(partial(cases.register, form=form, key=f"k{n}", by=AGENT, at=MORNING, rules=RULES))
    return store, (time.process_time() - began) / CASES * 1e6


def pages(folder: Path) -> None:
    filled(folder / "warm.db", KEY)[0].close()
    stores = {"clear": filled(folder / "clear.db", b""), "sealed": filled(folder / "sealed.db", KEY)}
    page = select(CONTACT.c.case, CONTACT.c.name, CONTACT.c.number).limit(PAGE)
    spent: dict[str, dict[str, float]] = {
        "register a case": {name: took for name, (_, took) in stores.items()}
    }
    for what, work in (
        (f"contacts of {PAGE} cases", lambda conn: conn.execute(page).all()),
        ("cases of a number", lambda conn: briefs.cases_of_caller(conn, "13850100042", 5)),
    ):
        turns = [
            {n: each(partial(s.read_now, work), 100) for n, (s, _) in stores.items()} for _ in range(ROUNDS)
        ]
        spent[what] = {name: median(turn[name] for turn in turns) for name in stores}
    for what, took in spent.items():
        ratio = took["sealed"] / took["clear"]
        print(f"{what:22}: clear {took['clear']:7.0f} µs, sealed {took['sealed']:7.0f} µs, ratio {ratio:.2f}")
    for store, _ in stores.values():
        store.close()


def ingest(path: Path, lines: list[str], key: bytes) -> float:
    url = f"sqlite:///{path}"
    migrate(url)
    store = Store.open(url, seal=key)
    began = time.process_time()
    for rows, place in batches(lines, BATCH_BYTES):
        store.write_now(partial(records.ingest, source=CEL, rows=rows, position=place))
    seconds = time.process_time() - began
    store.close()
    return seconds


def lines(folder: Path, calls: int) -> None:
    exchange = Exchange()
    exchange.mixed(calls)
    turns = [
        {
            n: ingest(folder / f"{n}{turn}.db", exchange.cel, key)
            for n, key in (("clear", b""), ("sealed", KEY))
        }
        for turn in range(3)
    ]
    clear, sealed = (median(turn[name] for turn in turns) for name in ("clear", "sealed"))
    count = len(exchange.cel)
    sizes = {name: (folder / f"{name}0.db").stat().st_size / 1e6 for name in ("clear", "sealed")}
    print(
        f"{count} lines of calls   : clear {count / clear:.0f}, sealed {count / sealed:.0f} lines for a second of processor,"
        f" ratio {sealed / clear:.2f}; {sizes['clear']:.1f} → {sizes['sealed']:.1f} MB"
    )


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("calls", type=int, nargs="?", default=1_000, help="calls whose lines are taken in")
    calls = options.parse_args().calls
    values()
    with tempfile.TemporaryDirectory() as name:
        pages(Path(name))
        lines(Path(name), calls)


if __name__ == "__main__":
    main()
