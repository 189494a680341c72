"""The task that sweeps the clocks: it acts, says how far behind it is, and stands still when time cannot be right."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hotline.sweeping import MOST_A_RUN, Sweeper
from storage.clocks import CLOCK
from storage.engine import Store
from tests.makers import MORNING, RULES
from tests.storage.test_sweep import DUE, handling, reply_clock


class Moment:
    """A time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


async def walked(sweeper: Sweeper, moment: Moment, until: datetime) -> int:
    """Let days pass, one sweep each, as a process that never stops would."""
    looked = 0
    while moment.at < until:
        moment.at = min(until, moment.at + timedelta(days=1))
        looked += await sweeper.once()
    return looked


async def test_it_acts_on_what_is_due_and_is_then_behind_by_nothing(store: Store) -> None:
    no, moment = handling(store), Moment()
    sweeper = Sweeper(store, lambda: RULES, moment)
    assert await walked(sweeper, moment, DUE + timedelta(hours=1)) >= 3  # half, yellow, red
    assert reply_clock(store, no).step == "red"
    await sweeper.once()
    assert sweeper.gauges()["hotline_sweep_lag_seconds"] == 0


async def test_one_run_is_bounded_and_the_next_one_goes_on(store: Store) -> None:
    row, moment = reply_clock(store, handling(store))._asdict(), Moment()
    del row["id"]
    half = datetime.fromisoformat("2026-12-01T00:00:00+08:00")
    many = [row | {"acts_at": half} for _ in range(MOST_A_RUN + 50)]
    store.write_now(lambda conn: conn.execute(CLOCK.insert(), many))
    moment.at = half
    sweeper = Sweeper(store, lambda: RULES, moment)
    assert (await sweeper.once(), await sweeper.once(), await sweeper.once()) == (MOST_A_RUN, 51, 0)


async def test_a_clock_of_the_machine_that_jumps_a_year_moves_nothing(store: Store) -> None:
    no, moment = handling(store), Moment()
    sweeper = Sweeper(store, lambda: RULES, moment)
    await sweeper.once()
    moment.at += timedelta(days=365)
    assert await sweeper.once() == 0
    assert (sweeper.held, reply_clock(store, no).step) == (True, "")
    moment.at = MORNING + timedelta(minutes=1)
    await sweeper.once()
    assert not sweeper.held
