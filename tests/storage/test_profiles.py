"""One case over the Spring Festival of 2026 under each of the six profiles: what its unit is told, on both databases."""

from datetime import datetime

import pytest
from sqlalchemy import Connection

from cases.policies import ClockKind
from cases.rules import rules_for
from storage import cases, clocks
from storage.engine import Store
from storage.promises import CASE
from tests.makers import DISPATCHER
from tests.storage.walks import registered

FRIDAY = datetime.fromisoformat("2026-02-13T16:00+08:00")
"""The next day is a Saturday that is worked; then the festival lasts until the 23rd."""

UNLISTED, LISTED = "0103", "0107"

COMPLAINT = [
    ("fuzhou-2010", "02-24 23:59", "03-05 23:59"),
    ("fuzhou-2017", "02-24 23:59", "03-05 23:59"),
    ("gulou-2020", None, "03-02 23:59"),
    ("shishi-2016", None, "02-27 23:59"),
    ("haikou-2017", None, "02-15 16:00"),
    ("beijing-2023", None, "02-20 23:59"),
]
QUESTION = [
    ("fuzhou-2010", "02-24 23:59", "03-05 23:59"),
    ("fuzhou-2017", "02-24 23:59", "02-24 23:59"),
    ("gulou-2020", None, "03-02 23:59"),
    ("shishi-2016", None, "02-25 23:59"),
    ("haikou-2017", None, "02-15 16:00"),
    ("beijing-2023", None, "02-20 23:59"),
]
URGENT = [("gulou-2020", None, "02-14 16:00"), ("beijing-2023", None, "02-14 16:00")]


def dues(store: Store, profile: str, **case: str) -> tuple[str | None, str | None]:
    """Dispatch the case by the rules of the profile and return when reading and reply are due, in local time."""
    rules = rules_for("RH", policy=profile)
    no = registered(store, at=FRIDAY, rules=rules, **case).no

    def work(conn: Connection) -> dict[ClockKind, str]:
        cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=FRIDAY, rules=rules)
        row = conn.execute(CASE.select().where(CASE.c.no == no)).one()
        found = {
            kept.kind: kept.clock.last_instant.astimezone(rules.zone)
            for kept in clocks.open_clocks(conn, row.id)
        }
        return {kind: f"{due:%m-%d %H:%M}" for kind, due in found.items()}

    found = store.write_now(work)
    return found.get(ClockKind.READ), found.get(ClockKind.REPLY)


@pytest.mark.parametrize(("profile", "read", "reply"), COMPLAINT)
def test_a_complaint_before_the_festival_is_due_as_each_city_promised(
    store: Store, profile: str, read: str | None, reply: str
) -> None:
    assert dues(store, profile, category=UNLISTED) == (read, reply)


@pytest.mark.parametrize(("profile", "read", "reply"), QUESTION)
def test_the_same_matter_as_a_question_is_due_as_each_city_promised_sh_03(
    store: Store, profile: str, read: str | None, reply: str
) -> None:
    assert dues(store, profile, category=UNLISTED, intent="咨询") == (read, reply)


@pytest.mark.parametrize(("profile", "read", "reply"), URGENT)
def test_a_pressing_matter_does_not_wait_for_the_festival_to_end(
    store: Store, profile: str, read: str | None, reply: str
) -> None:
    assert dues(store, profile, category=UNLISTED, urgency="紧急") == (read, reply)


def test_an_item_of_the_service_list_is_due_in_three_days(store: Store) -> None:
    assert dues(store, "fuzhou-2017", category=LISTED) == ("02-24 23:59", "02-25 23:59")
    assert dues(store, "fuzhou-2010", category=LISTED) == ("02-24 23:59", "03-05 23:59")
