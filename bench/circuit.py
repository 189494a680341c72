"""The case circuit on a city's whole past: lists, search, reports, the sweep of due clocks, a day's dispatching.

    hotline demo --profile fuzhou-2010 --cases 475821 --until 2026-11-21
    python -m bench.circuit --database sqlite:///… [--rounds 25] [--day 280] [--metro 70000]

Nothing of it stays: what writes on the past is rolled back, and dispatching has a database of its own. Every figure is
printed with its ratio to the bare SQL of the same work on the same machine in the same run.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench.intake import fresh
from cases.indicators import BY_CODE
from cases.ladder import quarter_of
from cases.rules import Rules, rules_for
from cases.workflow import Role, State
from storage import (
    appraisal,
    calls,
    cases,
    directory,
    indicators,
    notices,
    publication_lists,
    suggestions,
    sweep,
    units,
    worklists,
)
from storage.engine import Store, engine_for
from storage.indicator_facts import Window
from storage.people import Account, Actor
from storage.worklists import Queue
from tests.makers import AGENT, DISPATCHER, MORNING, a_form

Query = Callable[[Connection], object]
Draw = Callable[[random.Random], Query]
WORDS = ("停水", "井盖", "路灯 不亮", "噪声", "物业费", "鳌峰路", "东门路 井盖", "欠薪", "红绿灯", "观澜府")
SWEPT = 1_000
CALLER, PAST, GRIDS = "13800000000", 500, 100_000
AT_ONCE = 64


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[max(0, round(len(seconds) * 0.95) - 1)]


def timed(engine: Engine, rounds: int, query: Draw) -> list[float]:
    """Run the query with other values each time, each in a transaction of its own; the first one is not counted."""
    dice, taken = random.Random(1), []
    for _ in range(rounds + 1):
        one = query(dice)
        with engine.connect() as conn, conn.begin() as transaction:
            began = time.perf_counter()
            one(conn)
            taken.append(time.perf_counter() - began)
            transaction.rollback()
    return taken[1:]


def lists(at: datetime, rules: Rules, known: dict[str, list[str]]) -> Iterator[tuple[str, Draw]]:
    """Give each list, search and dashboard with a way to draw values for it."""
    units_, numbers, callers, busy = known["units"], known["numbers"], known["callers"], known["busy"]
    states = [State.HANDLING, State.CLOSED, State.CALLBACK]
    yield "list: newest", lambda _: _find()
    yield "list: page 50", lambda _: _find(50)
    yield "list: one state", lambda dice: _find(state=dice.choice(states))
    yield "list: one unit", lambda dice: _find(unit=dice.choice(units_))
    yield "list: one unit, one state", lambda dice: _find(unit=dice.choice(units_), state=State.HANDLING)
    yield "list: one intent, one month", lambda dice: _month(dice, at)
    yield "list: late", lambda _: _find(late_at=at)
    yield "list: late of a unit", lambda dice: _find(unit=dice.choice(units_), late_at=at)
    yield "list: a busy unit", lambda dice: _find(unit=dice.choice(busy))
    yield "list: a busy unit, page 30", lambda dice: _find(30, unit=dice.choice(busy))
    yield (
        "list: a busy unit, one state",
        lambda dice: _find(unit=dice.choice(busy), state=dice.choice(states)),
    )
    yield "list: late of a busy unit", lambda dice: _find(unit=dice.choice(busy), late_at=at)
    yield "search: words", lambda dice: _find(words=dice.choice(WORDS))
    yield "search: words of a unit", lambda dice: _find(words=dice.choice(WORDS), unit=dice.choice(units_))
    yield "search: words of a busy unit", lambda dice: _find(words=dice.choice(WORDS), unit=dice.choice(busy))
    yield "search: case number", lambda dice: _find(words=dice.choice(numbers))
    yield "search: telephone", lambda dice: _find(words=dice.choice(callers))
    yield "case page", lambda dice: partial(cases.case, no=dice.choice(numbers))
    yield (
        "caller's earlier cases",
        lambda dice: partial(cases.cases_of_caller, number=dice.choice(callers), limit=20),
    )
    for queue in Queue:
        yield f"desk: {queue.value}", _worklist(queue, units_)
    for role in (Role.HANDLER, Role.UNIT_LEADER, Role.UPPER_REVIEWER, Role.DISPATCHER, Role.CALLBACK_AGENT):
        yield f"piles: {role.value}", _piles(role, busy, at)
    for pile in publication_lists.PILES:
        yield f"publication: {pile}", _public(pile, at)
    boss = Actor("8006", Role.SUPERVISOR, "xnb")
    yield "notices: unread", lambda _: partial(notices.unread, actor=boss, at=at)
    quarter = quarter_of(at, rules.zone)
    yield "appraisal of all units", lambda _: partial(appraisal.of_units, units=None, period=quarter)
    yield "directory: search", lambda dice: partial(directory.find, words=dice.choice(WORDS))
    yield "units: three keys", lambda dice: partial(units.search_units, q=dice.choice(units_)[:3], limit=10)


def _find(page: int = 1, **filters: Any) -> Query:
    return partial(cases.search, filters=cases.Filters(**filters), page=page)


def _worklist(queue: Queue, of: list[str]) -> Draw:
    return lambda dice: partial(worklists.worklist, queue=queue, unit=dice.choice(of))


def _piles(role: Role, of: list[str], at: datetime) -> Draw:
    return lambda dice: partial(
        worklists.piles, account=Account("x", "x", role, dice.choice(of), None), at=at
    )


def _public(pile: str, at: datetime) -> Draw:
    return lambda dice: partial(publication_lists.pile, name=pile, at=at, page=dice.randint(1, 3))


def _month(dice: random.Random, at: datetime) -> Query:
    since = at - timedelta(days=dice.randint(30, 1_500))
    intent = dice.choice(["投诉", "咨询", "举报"])
    return _find(intent=intent, since=since, until=since + timedelta(days=30))


def known_values(engine: Engine) -> dict[str, list[str]]:
    """Return units that have cases, numbers and callers to ask for."""
    with engine.connect() as conn:
        top = conn.execute(text("SELECT max(id) FROM case_file")).scalar_one()
        some = ", ".join(str(random.Random(2).randint(1, top)) for _ in range(200))
        return {
            "units": list(
                conn.execute(text("SELECT DISTINCT unit FROM directory WHERE ended_at IS NULL")).scalars()
            ),
            "busy": list(
                conn.execute(
                    text("SELECT unit FROM assignment GROUP BY unit ORDER BY count(*) DESC LIMIT 5")
                ).scalars()
            ),
            "numbers": list(conn.execute(text(f"SELECT no FROM case_file WHERE id IN ({some})")).scalars()),
            "callers": list(
                conn.execute(text(f'SELECT number FROM case_contact WHERE "case" IN ({some})')).scalars()
            ),
        }


def bare(engine: Engine, rounds: int) -> float:
    """Twenty cases by their key: what the database needs for a page of any list."""

    def twenty(dice: random.Random) -> Query:
        first = dice.randint(1, 400_000)
        return lambda conn: conn.execute(
            text(f"SELECT * FROM case_file WHERE id >= {first} ORDER BY id LIMIT 20")
        ).all()

    return p95(timed(engine, rounds, twenty))


def show(name: str, seconds: list[float], base: float) -> None:
    half, most = sorted(seconds)[len(seconds) // 2], p95(seconds)
    figures = f"p50 {half * 1e3:9.1f} ms   p95 {most * 1e3:9.1f} ms   {most / base:9.1f} pages"
    print(f"  {name:38} {figures}", flush=True)


def report(engine: Engine, at: datetime, rules: Rules) -> None:
    """The month's report: every indicator, as a whole and by every axis."""
    first = date(at.year, at.month, 1) - timedelta(days=1)
    since = datetime(first.year, first.month, 1, tzinfo=rules.zone).astimezone(UTC)
    until = datetime(at.year, at.month, 1, tzinfo=rules.zone).astimezone(UTC)
    window = Window(begins=since, ends=until, at=at)
    whole = 0.0
    for code in BY_CODE:
        with engine.connect() as conn:
            began = time.perf_counter()
            indicators.measure(conn, [code], window, calendar=rules.calendar)
            taken = time.perf_counter() - began
        whole += taken
        if taken > 0.5:
            print(f"  {code:38} {taken * 1e3:9.1f} ms")
    print(f"  {'all indicators of a month':38} {whole:9.1f} s")


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """Give a transaction of which nothing stays."""
    with engine.connect() as conn:
        transaction = conn.begin()
        try:
            yield conn
        finally:
            transaction.rollback()


def sweeping(engine: Engine, at: datetime, rules: Rules) -> None:
    """A thousand clocks that are due, against one update and one line of history for each."""
    with undone(engine) as conn:
        began = time.perf_counter()
        acted = sweep.sweep(conn, at, rules, most=SWEPT)
        taken = time.perf_counter() - began
    with undone(engine) as conn:
        rows = conn.execute(
            text(f"SELECT id FROM clock WHERE acts_at IS NOT NULL ORDER BY acts_at LIMIT {SWEPT}")
        ).scalars()
        last = conn.execute(text("SELECT max(id) FROM history")).scalar_one()
        began = time.perf_counter()
        for n, clock in enumerate(rows, start=1):
            conn.execute(
                text("UPDATE clock SET step = 'red', acts_at = NULL WHERE id = :id AND step = ''"),
                {"id": clock},
            )
            line = {
                "id": last + n,
                "subject": "x",
                "kind": "x",
                "actor": "system",
                "detail": "{}",
                "hash": "x",
            }
            conn.execute(
                text(
                    "INSERT INTO history VALUES (:id, CURRENT_TIMESTAMP, :subject, :kind, :actor, :detail, :hash)"
                ),
                line,
            )
        base = time.perf_counter() - began
    per = 1_000 / max(acted, 1)
    ratio, cost = taken * per / base, taken * per
    print(f"  the sweep: {acted} clocks acted, {cost:.2f} s per 1,000; bare {base:.2f} s; ratio {ratio:.1f}")


def beside_the_call(engine: Engine, at: datetime, rounds: int, base: float) -> None:
    """What the desk asks while somebody with a long past is on the line, and how good its suggestions were."""
    with undone(engine) as conn:
        _long_past(conn)
        since = at.date() - timedelta(days=30)
        asked: list[tuple[str, Query]] = [
            (f"past: page 1 of {PAST}", partial(_past, skip=0)),
            (f"past: page {PAST // 20} of {PAST}", partial(_past, skip=PAST - 20)),
            (f"the pop's counts of {PAST}", _counts),
            ("suggestions: 30 days", partial(suggestions.taken_by_day, since=since)),
            ("suggestions: models", suggestions.models),
            (f"whom to give it to, {GRIDS:,} grids", partial(units.area_of, address="无名路 1 号")),
        ]
        for name, query in asked:
            show(name, [_seconds(query, conn) for _ in range(rounds + 1)][1:], base)


def _seconds(query: Query, conn: Connection) -> float:
    began = time.perf_counter()
    query(conn)
    return time.perf_counter() - began


def _long_past(conn: Connection) -> None:
    """Give one number so many cases and calls, each case what was suggested for it, and the city its grids."""
    for change in (
        'UPDATE case_contact SET number = :caller WHERE "case" IN (SELECT id FROM case_file ORDER BY id LIMIT :past)',
        "UPDATE call SET number = :caller WHERE id IN (SELECT id FROM call WHERE direction = 'in' LIMIT :past)",
        "DELETE FROM suggestion",
        """INSERT INTO suggestion SELECT id, date(received_at), received_at, '1001', 1, category, 'x', category,
        coalesce(unit, ''), 1, 1 FROM case_file""",
    ):
        conn.execute(text(change), {"caller": CALLER, "past": PAST} if ":" in change else {})
    town = conn.execute(text("SELECT min(id) FROM org_unit")).scalar_one()
    every = [{"code": f"b{n}", "town": town, "streets": f"第{n}街 第{n}园"} for n in range(GRIDS)]
    conn.execute(
        text("INSERT INTO grid (code, name, town, streets) VALUES (:code, :code, :town, :streets)"), every
    )


def _past(conn: Connection, skip: int) -> None:
    cases.cases_of_caller(conn, CALLER, 21, skip=skip)
    calls.calls_of(conn, CALLER, 21, skip=skip)


def _counts(conn: Connection) -> None:
    cases.open_of_caller(conn, CALLER, 8)
    cases.counted_of_caller(conn, CALLER)
    calls.count_of(conn, CALLER)


def dispatching(count: int, rules: Rules, name: str) -> None:
    """Register so many cases, then dispatch each with its clocks; committed as the hotline commits."""
    with fresh() as where:
        store = Store.open(where)
        one = partial(cases.register, by=AGENT, at=MORNING, rules=rules)
        # Each at a place of its own: the watch for recurrences looks through what came from the same one.
        forms = [a_form(call=None, address=f"榕东区东门路{n}号") for n in range(count)]
        works = [partial(one, form=form, key=f"b{n}") for n, form in enumerate(forms)]
        filed, registered = asyncio.run(_all(store, works))
        moves = [partial(_dispatch, no=case.no, rules=rules) for case in filed]
        _, taken = asyncio.run(_all(store, moves))
        store.close()
        base = _bare_dispatch(where, min(count, 2_000)) * count
    rate = count / taken
    print(
        f"  {name}: {count:,} registered in {registered:.1f} s, dispatched in {taken:.1f} s ({rate:,.0f}/s);"
        f" bare rows {base:.1f} s; ratio {taken / base:.1f}"
    )


async def _all(store: Store, works: Sequence[Callable[[Connection], Any]]) -> tuple[list[Any], float]:
    """Do them as many people at once would, and say how long it took."""
    began, done = time.perf_counter(), []
    for first in range(0, len(works), AT_ONCE):
        done += await asyncio.gather(*(store.write(work) for work in works[first : first + AT_ONCE]))
    return done, time.perf_counter() - began


def _dispatch(conn: Connection, *, no: str, rules: Rules) -> None:
    cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=MORNING + timedelta(minutes=5), rules=rules)


def _bare_dispatch(where: str, count: int) -> float:
    """The rows alone that dispatching changes and adds, one commit for every 256: seconds for one case."""
    engine = engine_for(where)
    with engine.connect() as conn:
        began = time.perf_counter()
        last = conn.execute(text("SELECT max(id) FROM history")).scalar_one()
        conn.rollback()
        for first in range(0, count, 256):
            with conn.begin():
                for n in range(first, min(first + 256, count)):
                    _bare_rows(conn, n + 1, last + 2 * n)
        taken = time.perf_counter() - began
    engine.dispose()
    return taken / count


def _bare_rows(conn: Connection, case: int, last: int) -> None:
    raw = conn.connection.driver_connection
    assert raw is not None
    raw.execute("UPDATE case_file SET state = 'dispatched', version = version + 2 WHERE id = ?", (case,))
    raw.execute(
        'INSERT INTO assignment ("case", position, unit, part, stage, instruction, sent_by, sent_at)'
        " VALUES (?, 99, 'szgc', 'assist', 'sent', '', 'x', '2026-11-23 01:35:00.000000')",
        (case,),
    )
    for kind in ("read", "reply"):
        raw.execute(
            'INSERT INTO clock ("case", kind, amount, unit, policy_version, calendar_version, provisional, started_at,'
            " due_at, first_due_at, spans, extensions, topped_up, result, void_reason)"
            " VALUES (?, ?, 2, 'wd', 'x', 'x', 0, '2026-11-23', '2026-11-25', '2026-11-25', '[]', '[]', 0, 'running', '')",
            (case, kind),
        )
    for n in (1, 2):
        raw.execute(
            "INSERT INTO history VALUES (?, '2026-11-23 01:35:00.000000', 'x', 'x', 'x', '{}', 'x')",
            (last + n,),
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--database")
    asked.add_argument("--at", default="2026-11-22T02:00:00+00:00")
    asked.add_argument("--rounds", type=int, default=25)
    asked.add_argument("--day", type=int, default=280)
    asked.add_argument("--metro", type=int, default=70_000)
    options = asked.parse_args()
    rules, at = rules_for("RH", policy="fuzhou-2010"), datetime.fromisoformat(options.at)
    if options.database:
        engine = engine_for(options.database)
        with engine.connect() as conn:
            count = conn.execute(text("SELECT count(*) FROM case_file")).scalar_one()
        base = bare(engine, options.rounds)
        print(
            f"{count:,} cases on {engine.dialect.name}; a page of 20 by key: p95 {base * 1e3:.2f} ms",
            flush=True,
        )
        for name, query in lists(at, rules, known_values(engine)):
            show(name, timed(engine, options.rounds, query), base)
        beside_the_call(engine, at, options.rounds, base)
        report(engine, at, rules)
        sweeping(engine, at, rules)
        engine.dispose()
    for count, name in ((options.day, "a working day of Fuzhou 2010"), (options.metro, "a day of Beijing")):
        if count:
            dispatching(count, rules, name)


if __name__ == "__main__":
    main()
