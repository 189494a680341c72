"""抽检批次 (H-24): checks are drawn by themselves once for each week and agent, also of two nodes and after a restart."""

import threading
from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert

from cases.workflow import Role
from storage import history, people, quality_draws, quality_rounds
from storage.engine import Store
from storage.people import Account
from tests.storage import test_quality as town
from tests.storage.test_quality import AFTER, CALL, CITY, MONDAY, WEEK, a_row, drawn

calls = town.calls


def draw_week(store: Store, wanted: int = 3, *, at: datetime = AFTER) -> int:
    return store.write_now(partial(quality_rounds.draw_week, week=WEEK, per_agent=wanted, zone=CITY, at=at))


def waiting(store: Store, at: datetime = AFTER) -> list[date]:
    return store.read_now(partial(quality_rounds.waiting, zone=CITY, at=at))


def test_a_week_that_is_over_waits_until_it_is_drawn_and_everybody_has_the_same_number(store: Store) -> None:
    assert WEEK in waiting(store)
    assert draw_week(store) == 6
    assert WEEK not in waiting(store)
    assert Counter(line.agent for line in drawn(store)) == {"1001": 3, "1002": 3}
    facts = store.read_now(partial(history.of, subject=f"quality:{WEEK}"))
    assert [(fact.kind, fact.actor) for fact in facts] == [("quality.drawn", "system")]


def test_after_a_restart_nothing_is_drawn_again_although_a_larger_number_is_wanted_now(store: Store) -> None:
    draw_week(store)
    first = {line.call for line in drawn(store)}
    assert draw_week(store, 9) == 0
    assert {line.call for line in drawn(store)} == first


def test_a_week_is_not_drawn_before_its_last_lines_are_there(store: Store) -> None:
    over = MONDAY.replace(hour=0) + timedelta(days=7)
    assert WEEK not in waiting(store, over + timedelta(hours=5, minutes=59))
    assert WEEK in waiting(store, over + timedelta(hours=6))


def test_an_agent_whose_calls_come_late_has_a_round_of_his_own_and_nobody_else_a_second_one(
    store: Store,
) -> None:
    draw_week(store)
    late = [a_row(f"h-late9.{n}", "s1009", MONDAY + timedelta(hours=n)) for n in range(5)]

    def write(conn: Connection) -> None:
        people.add_account(
            conn,
            Account("1009", "1009", Role.AGENT, "rxzx", "s1009"),
            password_hash="",
            by="test",
            at=MONDAY,
        )
        conn.execute(insert(CALL), late)

    store.write_now(write)
    assert WEEK in waiting(store)
    assert draw_week(store) == 3
    assert Counter(line.agent for line in drawn(store)) == {"1001": 3, "1002": 3, "1009": 3}


def test_what_a_lead_has_drawn_by_hand_counts_and_is_not_drawn_beside(store: Store) -> None:
    store.write_now(partial(quality_draws.draw, week=WEEK, per_agent=2, zone=CITY, by="lead", at=AFTER))
    assert draw_week(store) == 2
    assert Counter(line.agent for line in drawn(store)) == {"1001": 3, "1002": 3}


def test_of_two_nodes_that_draw_at_one_moment_one_does_and_nobody_is_drawn_twice(store: Store) -> None:
    gate, counts = threading.Barrier(4), []

    def node() -> None:
        gate.wait()
        counts.append(draw_week(store))

    threads = [threading.Thread(target=node) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(counts) == [0, 0, 0, 6]
    assert Counter(line.agent for line in drawn(store)) == {"1001": 3, "1002": 3}
