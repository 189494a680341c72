"""Two persons, one case: exactly one wins, and the other is told."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection

from cases.clocks import Result
from cases.workflow import IllegalMove, Refusal, Role, State
from storage import cases, history, unit_rules
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.people import Actor
from storage.unit_rules import UnitRule
from tests.makers import (
    ADJUDICATOR,
    CENTRE_REVIEWER,
    DISPATCHER,
    FINAL_REVIEWER,
    LIAISON,
    MORNING,
    RULES,
    later,
)
from tests.storage import walks
from tests.storage.walks import registered, view

TRIES = 60
FIRST = Actor("3001", Role.DISPATCHER, "xfj")
SECOND = Actor("3002", Role.DISPATCHER, "xfj")
LEADER = Actor("szgc09", Role.UNIT_LEADER, "szgc")
FEW = 4


def on(no: str, move: Callable[..., Any], *words: Any, **named: Any) -> Callable[[Connection], Any]:
    """Return the unit of work that makes this move on this case."""
    return lambda conn: move(conn, no, *words, **named)


def do(store: Store, work: Callable[[Connection], Any]) -> None:
    store.write_now(work)


def race(store: Store, *moves: Callable[..., Any]) -> list[str]:
    """Start all moves at one moment, each in a thread of its own; return how each of them ended."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(moves))

    def run(move: Callable[..., Any]) -> None:
        gate.wait()
        try:
            store.write_now(move)
            outcomes.append("won")
        except (Conflict, Refusal, Invalid):  # each tells him in words what the other has done
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


def test_of_two_who_decide_one_request_exactly_one_wins(store: Store) -> None:
    """The unit asked once: it is granted or refused, never both, and never granted twice."""
    for _ in range(FEW):
        no, when = walks.handling(store), later(hours=2)
        do(store, on(no, cases.ask_extension, 1, reason="汛期", by=LEADER, at=when, rules=RULES))
        grant = partial(cases.extend, at=later(hours=3), rules=RULES)
        refuse = on(no, cases.refuse_extension, "不", by=DISPATCHER, at=later(hours=3))
        assert race(store, on(no, grant, by=CENTRE_REVIEWER), refuse) == ["lost", "won"]
        granted = "extension.decided" in walks.kinds(store, no)
        assert granted is ("extension.refused" not in walks.kinds(store, no))
        do(store, on(no, cases.ask_pause, "wait_citizen", words="缺", told="已告", **_by(LIAISON)))
        pause = partial(cases.pause, at=later(hours=5), rules=RULES)
        assert race(store, on(no, pause, by=FIRST), on(no, pause, by=SECOND)) == ["lost", "won"]
        assert walks.kinds(store, no).count("pause.opened") == 1


def test_of_two_who_let_a_paused_case_go_on_exactly_one_wins(store: Store) -> None:
    for _ in range(FEW):
        no = walks.paused(store)
        resume = partial(cases.resume, at=later(days=2), rules=RULES)
        assert race(store, on(no, resume, by=FIRST), on(no, resume, by=SECOND)) == ["lost", "won"]
        assert walks.kinds(store, no).count("pause.closed") == 1


def test_of_two_who_review_the_report_of_a_unit_below_exactly_one_wins(store: Store) -> None:
    for _ in range(FEW):
        no = _reported_from_below(store)
        first, second = (Actor(f"rdq0{n}", Role.UPPER_REVIEWER, "rdq") for n in (7, 8))
        keep = on(no, cases.pass_report, "dmjd", by=first, at=later(hours=5))
        how: dict[str, Any] = {"comment": "补", "at": later(hours=5), "rules": RULES}
        back = on(no, cases.send_back_report, "dmjd", ["要素缺失"], by=second, **how)
        assert race(store, keep, back) == ["lost", "won"]
        told = walks.kinds(store, no)
        assert told.count("report.passed") + told.count("report.back") == 1


def test_of_two_leaders_who_sign_one_reply_exactly_one_wins(store: Store) -> None:
    signs = UnitRule(leader_approves=True)
    store.write_now(lambda conn: unit_rules.put(conn, "szgc", signs, by="t", at=MORNING))
    for _ in range(FEW):
        no = walks.replied(store)
        sign = partial(cases.approve_reply, at=later(days=1, hours=1), rules=RULES)
        deputy = Actor("szgc08", Role.UNIT_LEADER, "szgc")
        assert race(store, on(no, sign, by=LEADER), on(no, sign, by=deputy)) == ["lost", "won"]
        assert walks.kinds(store, no).count("reply.submitted") == 1
        reject = on(no, cases.reject_reply, "重写", by=deputy, at=later(days=1, hours=2))
        assert race(store, reject, on(no, sign, by=LEADER)) == ["lost", "lost"]


def test_one_signs_a_reply_while_another_rejects_it(store: Store) -> None:
    signs = UnitRule(leader_approves=True)
    store.write_now(lambda conn: unit_rules.put(conn, "szgc", signs, by="t", at=MORNING))
    deputy = Actor("szgc08", Role.UNIT_LEADER, "szgc")
    for _ in range(FEW):
        no, when = walks.replied(store), later(days=1, hours=1)
        sign = on(no, cases.approve_reply, by=LEADER, at=when, rules=RULES)
        assert race(store, sign, on(no, cases.reject_reply, "重写", by=deputy, at=when)) == ["lost", "won"]
        signed = "reply.submitted" in walks.kinds(store, no)
        assert (view(store, no).state is State.REPLIED) is signed


def test_of_two_final_reviewers_exactly_one_passes_the_reply(store: Store) -> None:
    for _ in range(FEW):
        no, when = walks.in_final_review(store), later(days=2)
        other = Actor("5002", Role.FINAL_REVIEWER, "xfj")
        pass_it = on(no, cases.pass_final, by=FINAL_REVIEWER, at=when, rules=RULES)
        back = on(no, cases.send_back_final, ["用语"], comment="改", by=other, at=when, rules=RULES)
        assert race(store, pass_it, back) == ["lost", "won"]
        assert view(store, no).state in {State.FEEDBACK, State.HANDLING}


def test_the_group_rules_on_a_second_return_while_the_dispatcher_gives_the_case_away(store: Store) -> None:
    """H-16: only the group may move it now, and whoever of the group is second is told."""
    for _ in range(FEW):
        no = _disputed_twice(store)
        give = on(no, cases.dispatch, lead="rdq", by=FIRST, at=later(hours=5), rules=RULES)
        assert race(store, _ruling(no, "uphold"), give) == ["lost", "won"]
        assert [task.unit for task in view(store, no).assignments if task.ended_at is None] == ["cgj"]
        no = _disputed_twice(store)
        moves = [_ruling(no, decision) for decision in ("uphold", "move", "move")]
        assert race(store, *moves) == ["lost", "lost", "won"]
        assert len(view(store, no).rulings) == 1
        assert len([task for task in view(store, no).assignments if task.ended_at is None]) == 1


def test_a_return_is_granted_once_however_many_decide_it(store: Store) -> None:
    for _ in range(FEW):
        no = walks.dispatched(store)
        do(store, on(no, cases.ask_return, "duty", basis="三定", **_by(LIAISON)))
        grant = partial(cases.grant_return, at=later(hours=5), rules=RULES)
        here, there = on(no, grant, "同意", to="cgj", by=FIRST), on(no, grant, "同意", to="zjj", by=SECOND)
        refuse = on(no, cases.refuse_return, "不", by=DISPATCHER, at=later(hours=5), rules=RULES)
        assert race(store, here, there, refuse) == ["lost", "lost", "won"]
        assert len([task for task in view(store, no).assignments if task.ended_at is None]) == 1


def test_of_two_who_take_one_call_back_exactly_one_closes_the_case(store: Store) -> None:
    for _ in range(FEW):
        no, when = walks.in_callback(store), later(days=2)
        said = (
            (cases.Evaluation(result="reached", solved="full", satisfied="满意"), "6001"),
            (
                cases.Evaluation(result="reached", solved="no", satisfied="不满意"),
                "6002",
            ),
        )
        calls = [
            on(no, cases.call_back, words, by=Actor(who, Role.CALLBACK_AGENT, "rxzx"), at=when, rules=RULES)
            for words, who in said
        ]
        assert race(store, *calls) == ["lost", "won"]
        assert len(view(store, no).callbacks) == 1


def _by(who: Actor) -> dict[str, Any]:
    return {"by": who, "at": later(hours=4), "rules": RULES}


def _disputed_twice(store: Store) -> str:
    no, second = walks.dispatched(store), Actor("cgj01", Role.LIAISON, "cgj")
    ask, words = partial(cases.ask_return, rules=RULES), ("duty",)
    do(store, on(no, ask, *words, basis="三定", by=LIAISON, at=later(hours=1)))
    do(store, on(no, cases.grant_return, "改派", to="cgj", by=DISPATCHER, at=later(hours=2), rules=RULES))
    do(store, on(no, ask, *words, basis="三定", by=second, at=later(hours=3)))
    return no


def _reported_from_below(store: Store) -> str:
    no = registered(store, category="1801").no
    lead, below = Actor("rdq01", Role.LIAISON, "rdq"), Actor("dmjd01", Role.HANDLER, "dmjd")
    do(store, on(no, cases.dispatch, lead="rdq", by=FIRST, at=later(hours=1), rules=RULES))
    do(store, on(no, cases.read, by=lead, at=later(hours=2)))
    do(store, on(no, cases.pass_down, "dmjd", by=lead, at=later(hours=3), rules=RULES))
    do(store, on(no, cases.read, by=below, at=later(hours=4)))
    do(store, on(no, cases.report, "已办", resolution="full", by=below, at=later(hours=4), rules=RULES))
    return no


def _ruling(no: str, decision: str) -> Callable[[Connection], Any]:
    unit = None if decision == "uphold" else "zjj"
    ruling = cases.Ruling(decision=decision, members=("甲", "乙", "丙"), minutes="纪要", unit=unit)
    return on(no, cases.adjudicate, ruling, by=ADJUDICATOR, at=later(hours=5), rules=RULES)


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
