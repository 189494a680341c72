"""Indicators and the rest of the store: what the circuit writes is counted, and what the line's figures say is told."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from cases.figures import Counts, SeatCounts, slot_of, total, worst_day
from cases.indicators import BY_CODE, DEFINITIONS, Figure, Source
from storage import figures, indicators, records
from storage.engine import Store
from storage.indicator_catalogue import FACTS
from storage.indicator_facts import Window
from storage.indicators import WHOLE, Figures
from tests.makers import MORNING, RULES
from tests.storage.call_lines import CEL, QUEUE_LOG, position
from tests.storage.mixed_calls import a_day_of
from tests.storage.walks import closed, registered

CITY = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 11, 22, tzinfo=CITY)
FIRST, LAST = slot_of(DAY), slot_of(DAY + timedelta(days=1)) - 1
YEAR_END = datetime(2027, 1, 1, tzinfo=CITY)
WINTER = Window(
    begins=datetime(2026, 11, 1, tzinfo=CITY), ends=YEAR_END, at=max(YEAR_END, MORNING) + timedelta(days=30)
)


def measure(store: Store, *codes: str, window: Window = WINTER) -> dict[str, Figures]:
    return store.read_now(partial(indicators.measure, codes=codes, window=window, calendar=RULES.calendar))


def test_every_definition_is_counted_from_cases_or_elsewhere() -> None:
    from_cases = {each.code for each in DEFINITIONS if each.source is Source.CASES and each.spread is None}
    assert from_cases == set(FACTS)


def test_what_the_circuit_itself_writes_is_counted(store: Store) -> None:
    """One case walked by its real moves through all six institutions, and it comes back at the same place (FL-08)."""
    closed(store)
    registered(store, contact_number="13800000001")
    found = measure(store, *BY_CODE)
    got = {code: (figures[WHOLE].part, figures[WHOLE].whole) for code, figures in found.items()}
    ones = (
        "dispatched_cases", "closed_cases", "read", "reply", "reply_first", "solved", "satisfied", "satisfied_first",
        "coverage", "accuracy", "followed", "first_pass",
    )  # fmt: skip
    assert {code: got[code] for code in ones} == dict.fromkeys(ones, (1, 1))
    assert (got["received"], got["completion"]) == ((2, 2), (1, 2))
    none = ("returned", "rework", "extended", "paused", "long_term", "published")
    assert {code: got[code] for code in none} == dict.fromkeys(none, (0, 1))
    assert list(got["recurrence"]) == [1, 1]
    assert found["days_mean"][WHOLE].value == 2


def test_what_cannot_be_judged_yet_is_not_counted_but_shown(store: Store) -> None:
    registered(store)
    early = Window(begins=WINTER.begins, ends=WINTER.ends, at=MORNING + timedelta(minutes=1))
    figure = measure(store, "step_dispatch", window=early)["step_dispatch"][WHOLE]
    assert figure == Figure(None, 0, 0, 0, 1)
    late = measure(store, "step_dispatch")["step_dispatch"][WHOLE]
    assert (late.part, late.whole, late.pending) == (0, 1, 0)


@pytest.mark.parametrize("days", [1, 3])
def test_i_4_i_14_the_line_is_told_as_its_own_figures_tell_it_rolled_up_or_not(
    store: Store, days: int
) -> None:
    exchange = a_day_of(120, begins=DAY, seed=5)
    for inode, (source, lines) in enumerate([(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)], start=1):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))
    # The days before and after are empty; they stand for those that are rolled up beside those that are not.
    begins, ends = DAY - timedelta(days=days // 2), DAY + timedelta(days=1 + days // 2)
    window = Window(begins=begins, ends=ends, at=DAY + timedelta(days=9))
    codes = [code for code, each in BY_CODE.items() if each.source is Source.LINE]
    live = measure(store, *codes, window=window)
    by_slot = store.read_now(partial(figures.count_calls, first=FIRST, last=LAST))
    first, last = slot_of(begins), slot_of(ends) - 1
    seats = store.read_now(partial(figures.count_seats, first=first, last=last, at=window.at))
    counts, spent = total(list(by_slot.values()), Counts), total(list(seats.values()), SeatCounts)
    assert live["answer_rate"][WHOLE].value == pytest.approx(counts.answered / counts.judged)
    assert live["occupancy"][WHOLE].value == pytest.approx(spent.occupancy)
    worst = worst_day(figures.by_slot(by_slot), first=first, last=last)
    assert worst is not None
    assert live["worst_day"][WHOLE].value == pytest.approx(worst.rate)
    store.write_now(partial(figures.roll_up, first=FIRST, last=LAST, at=DAY + timedelta(days=9)))
    kept = measure(store, *codes, window=window)
    assert {code: each[WHOLE].value for code, each in kept.items()} == pytest.approx(
        {code: each[WHOLE].value for code, each in live.items()}
    )
