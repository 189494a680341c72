"""Worklists: each post finds what waits for it, the most pressing first."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from cases.workflow import Role
from storage import cases, worklists
from storage.cases import Evaluation
from storage.engine import Store
from storage.people import Account, Actor
from storage.worklists import Queue
from tests.makers import (
    ADJUDICATOR,
    CALLBACK_AGENT,
    DISPATCHER,
    HANDLER,
    LIAISON,
    MORNING,
    RULES,
    TEAM_LEAD,
    later,
)
from tests.storage import walks


def waiting(store: Store, queue: Queue, unit: str = "rxzx") -> list[str]:
    return [item.no for item in store.read_now(lambda conn: worklists.worklist(conn, queue, unit)).items]


@pytest.mark.parametrize(
    ("walk", "queue", "unit"),
    [
        (lambda store: walks.registered(store).no, Queue.DISPATCH, "xfj"),
        (walks.dispatched, Queue.READ, "szgc"),
        (walks.handling, Queue.HANDLE, "szgc"),
        (walks.replied, Queue.REVIEW, "xfj"),
        (walks.in_final_review, Queue.FINAL, "xfj"),
        (walks.in_feedback, Queue.FEEDBACK, "rxzx"),
        (walks.in_callback, Queue.CALLBACK, "rxzx"),
    ],
)
def test_at_each_step_the_case_waits_in_exactly_one_pile(
    store: Store, walk: Callable[[Store], str], queue: Queue, unit: str
) -> None:
    no = walk(store)
    found = [one for one in Queue if no in waiting(store, one, unit)]
    assert found == [queue]


def test_another_unit_does_not_find_it(store: Store) -> None:
    walks.handling(store)
    assert waiting(store, Queue.HANDLE, "swjt") == []


def test_what_is_due_first_comes_first_and_what_stands_still_comes_last(store: Store) -> None:
    late = walks.handling(store)
    still = walks.paused(store)
    soon = walks.handling(store, intent="咨询")  # two working days in the rules of these tests
    assert waiting(store, Queue.HANDLE, "szgc") == [soon, late, still]


def test_a_request_waits_for_the_centre_until_it_is_decided(store: Store) -> None:
    no = walks.handling(store)
    ask: dict[str, Any] = {"words": "缺门牌", "told": "已电话告知", "by": LIAISON, "rules": RULES}
    store.write_now(lambda conn: cases.ask_pause(conn, no, "wait_citizen", at=later(hours=2), **ask))
    assert waiting(store, Queue.REQUESTS) == [no]
    store.write_now(lambda conn: cases.pause(conn, no, by=DISPATCHER, at=later(hours=3), rules=RULES))
    assert waiting(store, Queue.REQUESTS) == []


def test_h_12_what_a_unit_below_reports_waits_for_the_unit_above(store: Store) -> None:
    no = walks.registered(store).no
    upper, lower = Actor("zjj-1", Role.LIAISON, "zjj"), Actor("szgc-1", Role.HANDLER, "szgc")

    def give(conn: Connection) -> None:
        cases.dispatch(conn, no, lead="zjj", by=DISPATCHER, at=later(minutes=5), rules=RULES)
        cases.read(conn, no, by=upper, at=later(hours=1))
        cases.pass_down(conn, no, "szgc", by=upper, at=later(hours=2), rules=RULES)

    store.write_now(give)
    assert waiting(store, Queue.READ, "szgc") == [no]
    store.write_now(lambda conn: cases.read(conn, no, by=lower, at=later(hours=3)))
    store.write_now(
        lambda conn: cases.report(
            conn, no, "已更换井盖", resolution="full", by=lower, at=later(hours=4), rules=RULES
        )
    )
    assert waiting(store, Queue.REPORTS, "zjj") == [no]
    assert waiting(store, Queue.REPORTS, "szgc") == []


def test_h_19_a_proposed_rework_waits_until_somebody_has_said_yes_or_no(store: Store) -> None:
    no = walks.in_callback(store)
    bad = Evaluation(result="reached", solved="no", satisfied="不满意", reason="unsolved")
    store.write_now(
        lambda conn: cases.call_back(conn, no, bad, by=CALLBACK_AGENT, at=later(days=3), rules=RULES)
    )
    assert waiting(store, Queue.REWORK) == [no]
    store.write_now(
        lambda conn: cases.decline_rework(conn, no, "已解决", by=TEAM_LEAD, at=later(days=3, hours=1))
    )
    assert waiting(store, Queue.REWORK) == []


def test_a_second_dispute_waits_for_the_adjudicators_and_no_longer_for_the_dispatcher(store: Store) -> None:
    no = walks.dispatched(store)
    ask: dict[str, Any] = {"basis": "三定方案", "by": LIAISON, "rules": RULES}
    store.write_now(lambda conn: cases.ask_return(conn, no, "duty", at=later(hours=1), **ask))
    assert (waiting(store, Queue.RETURNS), waiting(store, Queue.ADJUDICATION)) == ([no], [])
    store.write_now(
        lambda conn: cases.grant_return(conn, no, "同意", by=DISPATCHER, at=later(hours=2), rules=RULES)
    )
    store.write_now(
        lambda conn: cases.dispatch(conn, no, lead="zjj", by=DISPATCHER, at=later(hours=3), rules=RULES)
    )
    other = Actor("zjj-1", Role.LIAISON, "zjj")
    store.write_now(
        lambda conn: cases.ask_return(conn, no, "duty", at=later(hours=4), **{**ask, "by": other})
    )
    assert (waiting(store, Queue.RETURNS), waiting(store, Queue.ADJUDICATION)) == ([], [no])
    assert ADJUDICATOR.role in worklists.QUEUES


def test_a_pile_says_how_much_of_it_is_late(store: Store) -> None:
    walks.dispatched(store)
    handler = Account(HANDLER.login, "", HANDLER.role, HANDLER.unit, None)
    piles = store.read_now(lambda conn: worklists.piles(conn, handler, MORNING))
    assert next((pile.queue, pile.total, pile.late) for pile in piles) == (Queue.READ, 1, 0)
    piles = store.read_now(lambda conn: worklists.piles(conn, handler, later(days=9)))
    assert next((pile.queue, pile.total, pile.late) for pile in piles) == (Queue.READ, 1, 1)


def test_a_worklist_has_pages(store: Store) -> None:
    numbers = [walks.registered(store).no for _ in range(21)]
    first = store.read_now(lambda conn: worklists.worklist(conn, Queue.DISPATCH, "xfj", 1))
    second = store.read_now(lambda conn: worklists.worklist(conn, Queue.DISPATCH, "xfj", 2))
    assert (first.total, first.pages, len(first.items)) == (21, 2, 20)
    assert [item.no for item in first.items + second.items] == numbers
