"""However many clocks a city has closed, what comes by every night looks at the open ones only."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Connection

from storage import rebasing
from storage.clocks import CLOCK
from storage.engine import Store


def plan(conn: Connection, asked: ClauseElement) -> list[str]:
    """Return what the database says about how it would find the rows."""
    compiled: Any = asked.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    if conn.dialect.name == "sqlite":
        return [str(row) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [str(row) for row in conn.exec_driver_sql(f"EXPLAIN {compiled}")]


@pytest.mark.parametrize(
    "asked",
    [
        lambda: rebasing.all_open(lock=False),
        lambda: rebasing.all_open(lock=False).where(CLOCK.c.policy_version != "2026-1"),
        lambda: rebasing.counted_otherwise("2027-1"),
        lambda: rebasing.to_be_named("2027-1"),
    ],
    ids=["all", "of another policy", "on another calendar", "to be named after it"],
)
def test_the_open_clocks_are_found_by_their_own_index(
    store: Store, asked: Callable[[], ClauseElement]
) -> None:
    lines = store.write_now(lambda conn: plan(conn, asked()))
    assert any("ix_clock_open" in line for line in lines), lines
