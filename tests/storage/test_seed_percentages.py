"""The percentages that the five cities print, made again from cohorts of which every number is known.

Each cohort is as large as it takes to give the printed figure exactly; what a city counted by, it does not say, so the
definitions are ours.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from cases.clocks import Result
from cases.figures import SLOTS_A_DAY, Counts, names_of, slot_of
from cases.indicators import Axis, Figure
from cases.policies import ClockKind
from cases.workflow import State
from storage import figures, indicators
from storage.clocks import CLOCK
from storage.engine import Store
from storage.frontline_models import PublicCopy
from storage.indicator_facts import Window
from storage.indicators import WHOLE, Figures
from storage.intake import CASE
from storage.models import Assignment, CallbackAttempt, Part, Reply, Review, Stage
from storage.types import table_of
from tests.makers import RULES
from tests.storage.golden_month import BEGINS, CITY, ENDS

NOON = datetime(2026, 10, 20, 12, tzinfo=CITY)
OCTOBER = Window(begins=BEGINS, ends=ENDS, at=ENDS + timedelta(hours=4))


def measure(store: Store, *codes: str) -> dict[str, Figures]:
    return store.read_now(partial(indicators.measure, codes=codes, window=OCTOBER, calendar=RULES.calendar))


def percent(figure: Figure) -> float:
    assert figure.value is not None
    return round(figure.value * 100, 2)


def a_case(number: int, state: State = State.CLOSED, **more: Any) -> dict[str, Any]:
    digits = f"26102{number:07}"
    row = {
        "id": number,
        "no": f"RH{digits}",
        "digits": digits,
        "intake_key": digits,
        "code_hash": "-",
        "state": state,
        "version": 1,
        "intent": "投诉",
        "category": "0105",
        "urgency": "一般",
        "channel": "phone",
        "title": "-",
        "address": "",
        "reply_way": "phone",
        "unit": "szgc",
        "received_at": NOON,
        "closed_at": NOON if state in {State.CLOSED, State.ANSWERED} else None,
        "rework_no": 0,
        "party": "person",
    }
    return row | more


def assigned(cases: Iterable[int]) -> list[dict[str, Any]]:
    row = {
        "position": 1,
        "unit": "szgc",
        "part": Part.LEAD,
        "stage": Stage.DONE,
        "instruction": "",
        "sent_by": "x",
    }
    return [row | {"id": case, "case": case, "sent_at": NOON} for case in cases]


def clocks(conn: Connection, kind: ClockKind, *, met: int, of: int) -> None:
    row = {
        "case": 1, "assignment": 1, "kind": kind, "amount": 2, "unit": "wd", "policy_version": "-",
        "calendar_version": "-", "provisional": False, "started_at": NOON, "due_at": NOON, "first_due_at": NOON,
        "spans": "[]", "extensions": "[]", "topped_up": 0, "void_reason": "",
    }  # fmt: skip
    late = Result.MISSED, Result.RUNNING  # answered late, or not at all
    results = [Result.MET if n < met else late[n % 2] for n in range(of)]
    conn.execute(insert(CLOCK), [row | {"result": result} for result in results])


@pytest.mark.parametrize(
    ("row", "read", "reply"),
    [("F10-16 F10-17", 9_842, 9_846), ("F07-07", 9_660, 9_710)],
    ids=["2010", "2006"],
)
def test_f10_16_f10_17_f07_07_read_and_replied_on_time(store: Store, row: str, read: int, reply: int) -> None:
    def load(conn: Connection) -> None:
        conn.execute(insert(CASE), [a_case(1)])
        conn.execute(insert(table_of(Assignment)), assigned([1]))
        clocks(conn, ClockKind.READ, met=read, of=10_000)
        clocks(conn, ClockKind.REPLY, met=reply, of=10_000)

    store.write_now(load)
    found = measure(store, "read", "reply")
    assert (percent(found["read"][WHOLE]), percent(found["reply"][WHOLE])) == (read / 100, reply / 100)


def outcomes(conn: Connection, number: int, *, content: int, published: int = 0, **more: Any) -> None:
    """Write closed cases, each with a reply, its final review, an evaluation, and perhaps a public copy."""
    cases = range(1, number + 1)
    conn.execute(insert(CASE), [a_case(n, **more) for n in cases])
    conn.execute(insert(table_of(Assignment)), assigned(cases))
    reply = {"version": 1, "handled_text": "", "public_text": "", "factual": "", "resolution": "full"}
    signed = {"contacted": True, "signed_by": "x", "at": NOON, "submitted_at": NOON}
    conn.execute(
        insert(table_of(Reply)), [reply | signed | {"id": n, "case": n, "assignment": n} for n in cases]
    )
    review = {"level": "final", "passed": True, "findings": "", "comment": "", "by": "y", "at": NOON}
    conn.execute(insert(table_of(Review)), [review | {"reply": n} for n in cases])
    attempt = {"result": "reached", "solved": "full", "comment": "", "by": "z", "at": NOON}
    marks = [("满意", "基本满意")[n % 2] if n <= content else "不满意" for n in cases]
    conn.execute(
        insert(table_of(CallbackAttempt)), [attempt | {"case": n, "satisfied": marks[n - 1]} for n in cases]
    )
    copy = {
        "version": 1, "decision": "publish", "reason": "", "title": "", "content": "", "reply": "", "state": "in_force",
        "made_by": "x", "made_at": NOON, "comment": "", "end_reason": "",
    }  # fmt: skip
    if published:
        conn.execute(insert(table_of(PublicCopy)), [copy | {"case": n} for n in cases if n <= published])


def test_f10_10_f10_18_satisfied_and_published_in_fuzhou(store: Store) -> None:
    store.write_now(partial(outcomes, number=10_000, content=9_269, published=7_638))
    found = measure(store, "satisfied", "published", "coverage")
    assert percent(found["satisfied"][WHOLE]) == 92.69
    assert percent(found["published"][WHOLE]) == 76.38
    assert percent(found["coverage"][WHOLE]) == 100.0


def test_h_07_completed_and_satisfied_in_haikou_and_urgent_cases_apart(store: Store) -> None:
    def load(conn: Connection) -> None:
        # 9,942 closed and 58 still with the units: 99.42 %. Content: 92 of 100 at large, 99 of 100 urgent ones.
        outcomes(conn, 9_942, content=9_942)
        conn.execute(insert(CASE), [a_case(n, State.HANDLING) for n in range(9_943, 10_001)])
        attempt = table_of(CallbackAttempt)
        conn.execute(attempt.update().where(attempt.c.case.between(101, 108)).values(satisfied="不满意"))
        conn.execute(attempt.delete().where(attempt.c.case > 300))
        conn.execute(CASE.update().where(CASE.c.id.between(201, 300)).values(urgency="紧急"))
        conn.execute(attempt.update().where(attempt.c.case == 250).values(satisfied="不满意"))
        conn.execute(attempt.delete().where(attempt.c.case.between(1, 100)))

    store.write_now(load)
    found = measure(store, "completion", "satisfied")
    assert percent(found["completion"][WHOLE]) == 99.42
    assert percent(found["satisfied"][Axis.URGENCY, "一般"]) == 92.0
    assert percent(found["satisfied"][Axis.URGENCY, "紧急"]) == 99.0


def test_sh_02_completed_and_satisfied_in_shishi(store: Store) -> None:
    def load(conn: Connection) -> None:
        outcomes(conn, 998, content=998)
        conn.execute(insert(CASE), [a_case(n, State.DISPATCHED, closed_at=None) for n in (999, 1_000)])
        attempt = table_of(CallbackAttempt)
        conn.execute(attempt.delete().where(attempt.c.case > 500))
        conn.execute(attempt.update().where(attempt.c.case <= 31).values(satisfied="不满意"))

    store.write_now(load)
    found = measure(store, "completion", "satisfied")
    assert percent(found["completion"][WHOLE]) == 99.8
    assert percent(found["satisfied"][WHOLE]) == 93.8


def test_f10_15_direct_answers_of_fuzhou_are_38_percent_if_they_are_added_to_the_cases(store: Store) -> None:
    """290,000 answered directly and 475,821 cases, in thousands; 60.9 % only if they are meant to be among the cases."""

    def load(conn: Connection) -> None:
        conn.execute(insert(CASE), [a_case(n, State.ANSWERED, unit=None) for n in range(1, 291)])
        conn.execute(insert(CASE), [a_case(n) for n in range(291, 767)])
        conn.execute(insert(table_of(Assignment)), assigned(range(291, 767)))

    store.write_now(load)
    found = measure(store, "direct", "direct_cases", "dispatched_cases")
    assert percent(found["direct"][WHOLE]) == 37.86
    inside = found["direct_cases"][WHOLE].part / found["dispatched_cases"][WHOLE].part
    assert round(inside * 100, 1) == 60.9


def test_i_4_the_answer_rate_of_haikou_comes_from_the_figures_of_the_line(store: Store) -> None:
    slot = slot_of(datetime(2026, 10, 20, tzinfo=CITY))

    def load(conn: Connection) -> None:
        counts = Counts(
            offered=1_100, asked=1_000, answered=930, answered_15s=900, abandoned=70, abandoned_short=20
        )
        row = {name: getattr(counts, name) for name in names_of(Counts)}
        conn.execute(insert(figures.FIGURE), [{"slot": slot + 40, "line": "12345", **row}])
        span = {"first_slot": slot, "last_slot": slot + SLOTS_A_DAY - 1, "made_at": NOON}
        conn.execute(insert(figures.SPAN), [span])

    store.write_now(load)
    found = measure(store, "answer_rate", "answer_rate_adjusted", "level", "worst_day")
    assert percent(found["answer_rate"][WHOLE]) == 93.0
    assert (found["answer_rate"][WHOLE].excluded, found["answer_rate_adjusted"][WHOLE].whole) == (100, 980)
    assert percent(found["level"][WHOLE]) == 90.0
    assert percent(found["worst_day"][WHOLE]) == 93.0
