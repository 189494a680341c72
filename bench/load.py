"""Loads a city's past and says how fast the desk's questions are answered on it.

    python -m bench.load [--count 100000] [--url sqlite:////tmp/load.db]

Cases go through the store's own `register`; their later life is written in bulk: 98.5 % are closed, the rest stands
dispatched with clocks running.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bench.town import Event, events
from cases.call_record import Channel, EndReason
from cases.call_segments import SegmentKind
from cases.clocks import Result
from cases.workflow import State
from storage import calls, cases, drafts, history
from storage.assignments import ASSIGNMENT
from storage.calls import CALL, SEGMENT
from storage.clocks import CLOCK
from storage.demo_city import load_city
from storage.engine import Store, migrate
from storage.intake import CASE
from storage.models import Part, Stage
from tests.makers import AGENT, DISPATCHER, MORNING, RULES, later

BATCH = 1_000
OPEN_SHARE = 0.015
TIMES = 300
SECOND = later(seconds=1) - MORNING
CLOSED = {
    "provisional": False,
    "extensions": "[]",
    "topped_up": 0,
    "result": Result.MET,
    "void_reason": "",
    "spans": "[]",
    "amount": 2,
    "unit": "wd",
    "policy_version": RULES.policy.version,
    "calendar_version": RULES.calendar.version,
}


def load(store: Store, count: int) -> list[cases.Registered]:
    """Put so many calls and cases into the store; return the last cases, whose codes are known."""
    source = events(count, MORNING)
    newest: list[cases.Registered] = []
    while batch := list(islice(source, BATCH)):
        newest = store.write_now(partial(_load_batch, batch=batch))
    return newest


def _load_batch(conn: Connection, batch: list[Event]) -> list[cases.Registered]:
    dice = random.Random(batch[0].number)
    conn.execute(insert(CALL), [_call_row(event) for event in batch])
    conn.execute(insert(SEGMENT), [row for event in batch for row in _segment_rows(event)])
    put = partial(cases.register, conn, by=AGENT, rules=RULES)
    filed = [put(event.form, key=event.call, at=event.at) for event in batch]
    closed = []
    for event, case in zip(batch, filed, strict=True):
        if dice.random() < OPEN_SHARE:
            cases.dispatch(conn, case.no, lead=event.unit, by=DISPATCHER, at=event.at, rules=RULES)
        else:
            closed.append((case.no, event))
    _close(conn, closed)
    return filed


def _close(conn: Connection, closed: list[tuple[str, Event]]) -> None:
    ids = {
        row.no: row.id
        for row in conn.execute(select(CASE.c.id, CASE.c.no).order_by(CASE.c.id.desc()).limit(BATCH))
    }
    done = (
        update(CASE).where(CASE.c.id == bindparam("row")).values(state=State.CLOSED, unit=bindparam("lead"))
    )
    conn.execute(done, [{"row": ids[no], "lead": event.unit} for no, event in closed])
    conn.execute(insert(ASSIGNMENT), [_assignment_row(ids[no], event) for no, event in closed])
    conn.execute(
        insert(CLOCK),
        [_clock_row(ids[no], kind, event) for no, event in closed for kind in ("read", "reply")],
    )


def _assignment_row(case: int, event: Event) -> dict[str, Any]:
    return {
        "case": case,
        "position": 1,
        "unit": event.unit,
        "part": Part.LEAD,
        "stage": Stage.DONE,
        "instruction": "",
        "sent_by": "3001",
        "sent_at": event.at,
        "read_by": "h",
        "read_at": event.at,
        "ended_at": event.at,
    }


def _clock_row(case: int, kind: str, event: Event) -> dict[str, Any]:
    times = dict.fromkeys(("started_at", "due_at", "first_due_at", "stopped_at"), event.at)
    return {"case": case, "kind": kind, **times, **CLOSED}


def _call_row(event: Event) -> dict[str, Any]:
    answered = event.at + event.wait_seconds * SECOND
    ended = answered + event.talk_seconds * SECOND
    return {
        "id": event.call,
        "node": "hotline1",
        "number": event.form.contact_number,
        "dialled": "12345",
        "channel": Channel.PSTN,
        "offered_at": event.at,
        "answered_by_line_at": event.at,
        "queued_at": event.at,
        "answered_at": answered,
        "ended_at": ended,
        "end_reason": EndReason.COMPLETED,
        "seat": "s1001",
        "answer_seconds": event.wait_seconds,
        "wait_seconds": event.wait_seconds,
        "talk_seconds": event.talk_seconds,
        "hold_seconds": 0.0,
        "outcome": "case",
        "case": "",
        "outcome_by": "1001",
        "keys": "",
        "fallback": False,
        "recording": "",
        "heard_until": ended,
        "segments": "",
    }


def _segment_rows(event: Event) -> Iterator[dict[str, Any]]:
    answered = event.at + event.wait_seconds * SECOND
    ended = answered + event.talk_seconds * SECOND
    parts = ((SegmentKind.QUEUED, event.at, answered), (SegmentKind.TALK, answered, ended))
    for number, (kind, since, until) in enumerate(parts, start=1):
        yield {
            "call": event.call,
            "no": number,
            "kind": kind,
            "began_at": since,
            "ended_at": until,
            "seat": "s1001",
            "result": "",
        }


def pop(conn: Connection, number: str, call: str) -> object:
    """Ask all that the screen-pop shows."""
    return cases.cases_of_caller(conn, number, 10), calls.calls_of(conn, number, 5), drafts.draft(conn, call)


def questions(store: Store, known: list[cases.Registered]) -> dict[str, Callable[[int], object]]:
    """Return what the desk, the wall and the telephone ask, by name."""
    dice = random.Random(7)
    numbers = [f"138{dice.randrange(30_000):08}" for _ in range(TIMES)]
    read = store.read_now

    def find(**filters: Any) -> Callable[[int], object]:
        return lambda _: read(lambda conn: cases.search(conn, cases.Filters(**filters)))

    return {
        "cases of a caller": lambda n: read(lambda conn: cases.cases_of_caller(conn, numbers[n], 10)),
        "screen-pop (cases, calls, draft)": lambda n: read(lambda conn: pop(conn, numbers[n], known[n].no)),
        "keep a draft (durable)": lambda n: store.write_now(
            lambda conn: drafts.save_draft(
                conn, call=f"c{n}", by="1001", fields={"title": "井盖"}, at=MORNING
            )
        ),
        "one case with all its parts": lambda n: read(lambda conn: cases.case(conn, known[n].no)),
        "status by code (durable)": lambda n: store.write_now(
            lambda conn: cases.status_by_code(conn, known[n].digits, known[n].code, caller=f"{n}", at=MORNING)
        ),
        "search, a common word": find(words="井盖"),
        "search, street and number": find(words="江南大道217号"),
        "search, two words": find(words="电梯 学府路"),
        "search, no hit": find(words="凤凰涅槃"),
        "list, newest": find(),
        "list, of a unit, handling": find(unit="szgc", state=State.DISPATCHED),
        "list, overdue": find(late_at=later(days=1)),
        "wall figures of the day": lambda _: read(lambda conn: calls.today(conn, MORNING, RULES.zone)),
        "history since": lambda _: read(lambda conn: history.since(conn, history.newest(conn) - 50, 100)),
    }


def measured(ask: Callable[[int], object]) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds."""
    ask(0)
    spans = []
    for n in range(TIMES):
        starts = time.perf_counter()
        ask(n)
        spans.append((time.perf_counter() - starts) * 1_000)
    spans.sort()
    return spans[len(spans) // 2], spans[int(len(spans) * 0.95)]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--count", type=int, default=100_000)
    options.add_argument("--url", help="an empty database; a temporary SQLite file if left out")
    wanted = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="hotline-load-") as folder:
        url = wanted.url or f"sqlite:///{folder}/load.db"
        migrate(url)
        store = Store.open(url)
        store.write_now(lambda conn: load_city(conn, MORNING))
        starts = time.perf_counter()
        known = load(store, wanted.count)
        seconds = time.perf_counter() - starts
        kept = store.read_now(lambda conn: conn.execute(select(func.count()).select_from(CASE)).scalar_one())
        print(f"{kept:,} calls and cases in {seconds:.0f} s ({kept / seconds:.0f}/s)")
        if not wanted.url:
            print(f"file {(Path(folder) / 'load.db').stat().st_size / 1e6:.0f} MB")
        print(f"{'question':<36}{'p50 ms':>9}{'p95 ms':>9}")
        for name, ask in questions(store, known).items():
            p50, p95 = measured(ask)
            print(f"{name:<36}{p50:>9.2f}{p95:>9.2f}")
        store.close()


if __name__ == "__main__":
    main()
