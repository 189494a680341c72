"""Two persons, one case: exactly one wins, and the other is told."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection

from cases.clocks import Result
from cases.workflow import IllegalMove, Role, State
from storage import cases, history
from storage.engine import Store
from storage.errors import Conflict
from storage.people import Actor
from tests.makers import CENTRE_REVIEWER, DISPATCHER, MORNING, RULES, later
from tests.storage import walks
from tests.storage.walks import registered, view

TRIES = 60
FIRST = Actor("3001", Role.DISPATCHER, "xfj")
SECOND = Actor("3002", Role.DISPATCHER, "xfj")


def on(no: str, move: Callable[..., Any], *words: Any, **named: Any) -> Callable[[Connection], Any]:
    """Return the unit of work that makes this move on this case."""
    return lambda conn: move(conn, no, *words, **named)


def race(store: Store, *moves: Callable[..., Any]) -> list[str]:
    """Start all moves at one moment, each in a thread of its own; return how each of them ended."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(moves))

    def run(move: Callable[..., Any]) -> None:
        gate.wait()
        try:
            store.write_now(move)
            outcomes.append("won")
        except (Conflict, IllegalMove):
            outcomes.append("lost")

    threads = [threading.Thread(target=run, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_two_agents_who_dispatch_one_case_exactly_one_wins(store: Store) -> None:
    numbers = [registered(store).no for _ in range(TRIES)]
    put = partial(cases.dispatch, at=later(minutes=5), rules=RULES)
    outcomes = [
        race(
            store,
            on(no, put, lead="szgc", by=FIRST),
            on(no, put, lead="zjj", by=SECOND),
        )
        for no in numbers
    ]
    assert outcomes == [["lost", "won"]] * TRIES
    assert {len(view(store, no).assignments) for no in numbers} == {1}
    assert {len(view(store, no).clocks) for no in numbers} == {3}  # dispatch, read, reply
    refused = [[fact.kind for fact in view(store, no).events].count("refused") for no in numbers]
    assert refused == [1] * TRIES
    assert store.read_now(history.verify) is None


def test_two_stores_on_one_database_race_like_two_threads(store: Store, store_url: str) -> None:
    other = Store.open(store_url)
    numbers = [registered(store).no for _ in range(20)]
    put = partial(cases.dispatch, at=later(minutes=5), rules=RULES)
    outcomes = []
    for no in numbers:
        gate = threading.Barrier(2)
        ended: list[str] = []

        def run(where: Store, lead: str, no: str = no, gate: Any = gate, ended: list[str] = ended) -> None:
            gate.wait()
            try:
                where.write_now(on(no, put, lead=lead, by=FIRST))
                ended.append("won")
            except (Conflict, IllegalMove):
                ended.append("lost")

        threads = [threading.Thread(target=run, args=pair) for pair in ((store, "szgc"), (other, "zjj"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcomes.append(sorted(ended))
    other.close()
    assert outcomes == [["lost", "won"]] * 20


def test_one_passes_the_reply_while_another_sends_it_back(store: Store) -> None:
    for _ in range(10):
        no = walks.replied(store)
        other = Actor("4002", Role.CENTRE_REVIEWER, "rxzx")
        outcome = race(
            store,
            on(no, cases.pass_review, by=CENTRE_REVIEWER, at=later(days=2), rules=RULES),
            on(
                no,
                cases.send_back,
                ["用语"],
                comment="改",
                by=other,
                at=later(days=2),
                rules=RULES,
            ),
        )
        assert outcome == ["lost", "won"]
        kept = view(store, no)
        running = [one for one in kept.clocks if one.kind == "reply" and one.result is Result.RUNNING]
        assert bool(running) is (kept.state is State.HANDLING)


def test_many_who_read_at_once_stop_the_clock_once(store: Store) -> None:
    no = walks.dispatched(store)
    readers = [Actor(f"szgc{n}", Role.HANDLER, "szgc") for n in range(8)]
    outcomes = race(store, *(on(no, cases.read, by=one, at=later(hours=1)) for one in readers))
    assert outcomes == ["lost"] * 7 + ["won"]


def test_guesses_at_one_moment_are_counted_one_by_one(store: Store) -> None:
    case = registered(store)
    ask = partial(cases.status_by_code, digits=case.digits, at=MORNING)
    bad = f"{(int(case.code) + 1) % 1_000_000:06}"
    race(store, *(partial(ask, code=bad, caller=f"139{n}") for n in range(10)))
    found = store.write_now(partial(ask, code=case.code, caller="138"))
    assert isinstance(found, cases.Locked)


def test_merging_two_cases_into_each_other_leaves_one_of_them(store: Store) -> None:
    for _ in range(10):
        one, two = registered(store).no, registered(store).no
        outcomes: list[str] = []

        def run(no: str, into: str, outcomes: list[str] = outcomes) -> None:
            try:
                store.write_now(on(no, cases.merge, into, by=DISPATCHER, at=MORNING, rules=RULES))
                outcomes.append("won")
            except (Conflict, IllegalMove, cases.Invalid):
                outcomes.append("lost")

        threads = [threading.Thread(target=run, args=pair) for pair in ((one, two), (two, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["lost", "won"]
