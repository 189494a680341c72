"""Walks a case to a given point of the circuit."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection

from cases.rules import Rules
from storage import cases
from storage.engine import Store
from tests.makers import (
    AGENT,
    CALLBACK_AGENT,
    CENTRE_REVIEWER,
    DISPATCHER,
    FINAL_REVIEWER,
    HANDLER,
    LIAISON,
    MORNING,
    RULES,
    a_form,
    a_reply,
    later,
)

_KEYS = count()
_KEY_OF: dict[str, str] = {}


def view(store: Store, no: str) -> cases.CaseView:
    return store.read_now(lambda conn: cases.case(conn, no))


def kinds(store: Store, no: str) -> list[str]:
    return [fact.kind for fact in view(store, no).events]


def registered(
    store: Store, *, at: datetime = MORNING, rules: Rules = RULES, **changes: Any
) -> cases.Registered:
    form, key = a_form(**changes), f"key-{next(_KEYS)}"
    case = store.write_now(lambda conn: cases.register(conn, form, key=key, by=AGENT, at=at, rules=rules))
    _KEY_OF[case.no] = key
    return case


def code_for(store: Store, no: str) -> str:
    """Give a code that opens the case: the one told when its registration is repeated."""
    key = _KEY_OF[no]
    return store.write_now(
        lambda conn: cases.register(conn, a_form(), key=key, by=AGENT, at=MORNING, rules=RULES)
    ).code


def dispatched(store: Store, **changes: Any) -> str:
    no = registered(store, **changes).no
    store.write_now(
        lambda conn: cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=later(minutes=5), rules=RULES)
    )
    return no


def handling(store: Store, **changes: Any) -> str:
    no = dispatched(store, **changes)
    store.write_now(lambda conn: cases.read(conn, no, by=HANDLER, at=later(hours=1)))
    return no


def paused(store: Store, **changes: Any) -> str:
    """Paused a day after it was read, for the citizen's answer."""
    no = handling(store, **changes)

    def ask_and_grant(conn: Connection) -> None:
        cases.ask_pause(
            conn, no, "wait_citizen", words="缺门牌", told="已告知", by=LIAISON, at=later(days=1), rules=RULES
        )
        cases.pause(conn, no, by=DISPATCHER, at=later(days=1), rules=RULES)

    store.write_now(ask_and_grant)
    return no


def replied(store: Store, *, at: datetime | None = None, **changes: Any) -> str:
    no, when = handling(store, **changes), at or later(days=1)
    store.write_now(lambda conn: cases.reply(conn, no, a_reply(), by=HANDLER, at=when, rules=RULES))
    return no


def in_final_review(store: Store, **changes: Any) -> str:
    no, when = replied(store, **changes), later(days=1, hours=1)
    store.write_now(lambda conn: cases.pass_review(conn, no, by=CENTRE_REVIEWER, at=when, rules=RULES))
    return no


def in_feedback(store: Store, **changes: Any) -> str:
    no, when = in_final_review(store, **changes), later(days=1, hours=2)
    store.write_now(lambda conn: cases.pass_final(conn, no, by=FINAL_REVIEWER, at=when, rules=RULES))
    return no


def in_callback(store: Store, **changes: Any) -> str:
    no, when = in_feedback(store, **changes), later(days=1, hours=3)
    store.write_now(
        lambda conn: cases.feed_back(
            conn, no, channel="phone", delivered=True, by=AGENT, at=when, rules=RULES
        )
    )
    return no


def closed(store: Store, *, at: datetime | None = None, **changes: Any) -> str:
    no, when = in_callback(store, **changes), at or later(days=2)
    good = cases.Evaluation(result="reached", solved="full", satisfied="满意")
    store.write_now(lambda conn: cases.call_back(conn, no, good, by=CALLBACK_AGENT, at=when, rules=RULES))
    return no
