"""Two persons at one moment, on the spot and in public: exactly one wins, and the other is told."""

import threading
from collections.abc import Callable
from typing import Any

from cases.workflow import Refusal, Role
from storage import follows, frontline, publication
from storage import frontline_closing as closing
from storage.engine import Store
from storage.errors import Conflict
from storage.people import Actor
from tests.makers import later
from tests.storage import walks
from tests.storage.test_frontline import NINE, RULES, STREET, WATER, called, closed, form, with_street
from tests.storage.test_publication import FIRST, SECOND, propose
from tests.storage.test_publication import form as copy_form

TRIES = 5
Work = Callable[..., Any]


def race(store: Store, *works: Work) -> list[str]:
    """Start all at one moment, each in a thread of its own; return how each of them ended."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(works))

    def run(work: Work) -> None:
        gate.wait()
        try:
            store.write_now(work)
            outcomes.append("won")
        except (Conflict, Refusal):
            outcomes.append("lost")

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def calling(no: str) -> Work:
    return lambda conn: frontline.call(conn, no, form(), by=STREET, at=later(hours=1), rules=RULES)


def accepting(action: int, name: str) -> Work:
    return lambda conn: frontline.accept(conn, action, name, "周副总", by=WATER, at=later(minutes=3))


def judging(action: int, score: int) -> Work:
    return lambda conn: closing.judge(conn, action, score, "各自判定", by=WATER, at=NINE.replace(hour=8))


def proposing(no: str, by: Actor) -> Work:
    return lambda conn: publication.propose(conn, no, copy_form(), by=by, at=later(days=3))


def deciding(no: str, version: int, *, sign: bool) -> Work:
    if sign:
        return lambda conn: publication.sign(conn, no, version, by=SECOND, at=later(days=3))
    return lambda conn: publication.refuse(conn, no, version, "地址过细", by=SECOND, at=later(days=3))


def taking(no: str, login: str) -> Work:
    by = Actor(login, Role.AGENT, "rxzx")
    return lambda conn: follows.take(conn, no, by=by, at=later(hours=1))


def test_there_is_one_call_one_acceptance_one_judgement_one_copy_and_one_follower(store: Store) -> None:
    for _ in range(TRIES):
        no = with_street(store)
        _, action = called(store)
        _, done = closed(store)
        case = walks.closed(store)
        for first, second in (
            (calling(no), calling(no)),
            (taking(no, "1001"), taking(no, "1002")),
            (accepting(action, "林工"), accepting(action, "王工")),
            (judging(done, 5), judging(done, 1)),
            (proposing(case, FIRST), proposing(case, SECOND)),
        ):
            assert race(store, first, second) == ["lost", "won"]


def test_a_copy_is_signed_or_sent_back_and_never_both(store: Store) -> None:
    for _ in range(TRIES):
        no = walks.closed(store)
        version = propose(store, no)
        assert race(store, deciding(no, version, sign=True), deciding(no, version, sign=False)) == [
            "lost",
            "won",
        ]
