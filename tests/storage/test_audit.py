"""Reading the history as an audit log."""

from datetime import timedelta
from itertools import pairwise

from sqlalchemy import Connection

from storage import audit, history
from storage.audit import PAGE, Question
from storage.engine import Store
from tests.makers import MORNING, later


def lines(store: Store, n: int) -> None:
    """One line a minute: every third by 9001, every fifth a sign-in."""

    def work(conn: Connection) -> None:
        for i in range(n):
            history.append(
                conn,
                subject=f"s{i % 4}",
                kind="session.opened" if i % 5 == 0 else "case.noted",
                actor="9001" if i % 3 == 0 else "1001",
                detail={"i": i},
                at=later(minutes=i),
            )

    store.write_now(work)


def asked(**changes: object) -> Question:
    return Question(**({"since": MORNING, "until": MORNING + timedelta(days=1)} | changes))  # type: ignore[arg-type]


def test_a_span_begins_and_ends_at_the_minute(store: Store) -> None:
    lines(store, 60)
    span = asked(since=later(minutes=10), until=later(minutes=20))
    found = store.read_now(lambda conn: audit.everything(conn, span))
    assert [fact.detail["i"] for fact in found] == list(range(10, 20))
    assert store.read_now(lambda conn: audit.count(conn, span)) == 10
    before = asked(since=later(days=-2), until=MORNING)
    assert store.read_now(lambda conn: audit.everything(conn, before)) == []


def test_filters_meet(store: Store) -> None:
    lines(store, 60)
    both = asked(actor="9001", kind="session.")
    found = store.read_now(lambda conn: audit.everything(conn, both))
    assert [fact.detail["i"] for fact in found] == [0, 15, 30, 45]
    subject = asked(subject="s1", actor="9001")
    assert {f.detail["i"] % 4 for f in store.read_now(lambda conn: audit.everything(conn, subject))} == {1}
    assert store.read_now(lambda conn: audit.everything(conn, asked(kind="%"))) == []


def test_pages_follow_each_other_without_gap_or_overlap(store: Store) -> None:
    lines(store, 2 * PAGE + 7)
    seen: list[int] = []
    below: int | None = None
    for _ in range(3):
        page = store.read_now(lambda conn, b=below: audit.find(conn, asked(), below=b))  # type: ignore[misc]
        seen += [fact.id for fact in page.facts]
        below = page.below
    assert below is None
    assert len(seen) == store.read_now(lambda conn: audit.count(conn, asked())) > 2 * PAGE
    assert all(later_one == earlier - 1 for earlier, later_one in pairwise(seen))
