"""Figures as the database counts them: seats through their quarters of an hour, roll-ups, and what makes them void."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from cases.figures import Counts, SeatCounts, slot_of, total
from cases.workflow import Role
from storage import figures, records, shifts
from storage.engine import Store
from storage.people import Account, add_account
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position
from tests.storage.mixed_calls import City, a_day_of

CITY = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 11, 22, tzinfo=CITY)
FIRST, LAST = slot_of(DAY), slot_of(DAY + timedelta(days=1)) - 1
EVENING = DAY + timedelta(hours=20)


def take(store: Store, exchange: Exchange, first_inode: int = 1) -> None:
    both = [(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)]
    for inode, (source, lines) in enumerate(both, start=first_inode):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


def a_shift(store: Store) -> City:
    city = City(second=at(9, 9).timestamp())
    city.states("s1001", [(at(9), "ready"), (at(9, 40), "break"), (at(10), "ready"), (at(11), "offline")])
    city.written("held", number="13800138000", gap=330)  # it talks across 9:15
    take(store, city)
    return city


def seat(store: Store, until: datetime = EVENING) -> SeatCounts:
    found = store.read_now(partial(figures.count_seats, first=FIRST, last=LAST, at=until))
    return total([counts for (_, name), counts in found.items() if name == "s1001"], SeatCounts)


def test_i_14_a_seats_day_adds_up_from_its_states_and_its_calls(store: Store) -> None:
    a_shift(store)
    whole = seat(store)
    assert (whole.signed_on, whole.break_) == (7_200, 1_200)
    assert (whole.answered, whole.missed) == (1, 0)
    assert whole.hold == 7.5
    assert whole.talk == pytest.approx(30.251, abs=0.01)


def test_a_talk_across_the_edge_counts_in_both_quarters(store: Store) -> None:
    city = a_shift(store)
    del city
    found = store.read_now(partial(figures.count_seats, first=FIRST, last=LAST, at=EVENING))
    edge = slot_of(at(9, 15))
    before, after = found[edge - 1, "s1001"], found[edge, "s1001"]
    assert before.talk + after.talk == pytest.approx(30.251, abs=0.01)
    assert before.signed_on == after.signed_on == 900


def test_a_state_that_goes_on_counts_until_now(store: Store) -> None:
    city = City()
    city.states("s1001", [(at(9), "ready")])
    take(store, city)
    assert seat(store, until=at(9, 20)).ready == 1_200


def test_a_state_that_nobody_ended_does_not_count_through_the_night(store: Store) -> None:
    city = City()
    city.states("s1001", [(DAY - timedelta(hours=9), "ready")])
    take(store, city)
    assert seat(store).signed_on == 0


def test_adherence_holds_the_planned_shift_against_the_seats_states(store: Store) -> None:
    a_shift(store)

    def plan(conn: Connection) -> None:
        add_account(
            conn, Account("1001", "李燕", Role.AGENT, "rxzx", "s1001"), password_hash="x", by="t", at=DAY
        )
        shifts.plan(conn, "1001", begins_at=at(9), ends_at=at(12), by="2001", at=DAY)

    store.write_now(plan)
    kept = store.read_now(partial(figures.kept_shifts, since=DAY, until=EVENING))
    assert kept["s1001"].planned == 3 * 3_600
    assert kept["s1001"].rate == pytest.approx((2 * 60 - 20) / 180)


def test_a_rolled_up_day_is_read_back_as_it_was_counted(store: Store) -> None:
    take(store, a_day_of(200, begins=DAY, seed=3))
    counted = store.read_now(partial(figures.calls_between, first=FIRST, last=LAST))
    spent = store.read_now(partial(figures.seats_between, first=FIRST, last=LAST, at=EVENING))
    store.write_now(partial(figures.roll_up, first=FIRST, last=LAST, at=EVENING))
    assert store.read_now(partial(figures.is_kept, first=FIRST, last=LAST))
    assert store.read_now(partial(figures.calls_between, first=FIRST, last=LAST)) == counted
    assert store.read_now(partial(figures.seats_between, first=FIRST, last=LAST, at=EVENING)) == spent
    assert store.read_now(partial(figures.recount, first=FIRST, last=LAST, at=EVENING)) == []


def test_sh_01_in_every_quarter_the_outcomes_add_up_to_the_calls(store: Store) -> None:
    take(store, a_day_of(200, begins=DAY, seed=4))
    counted = store.read_now(partial(figures.count_calls, first=FIRST, last=LAST))
    assert sum(counts.offered for counts in counted.values()) == 200
    assert all(figures.sum_of_outcomes(counts) == counts.offered for counts in counted.values())


@pytest.mark.parametrize("late", ["call", "state"])
def test_what_comes_late_has_its_day_counted_again(store: Store, late: str) -> None:
    take(store, a_day_of(20, begins=DAY))
    store.write_now(partial(figures.roll_up, first=FIRST, last=LAST, at=EVENING))
    city = City(second=at(15).timestamp(), count=500)
    if late == "call":
        city.written("completed", number="13800138000", gap=1)
    else:
        city.states("s1004", [(at(15), "ready"), (at(16), "offline")])
    take(store, city, first_inode=7)
    assert not store.read_now(partial(figures.is_kept, first=FIRST, last=LAST))
    whole = store.read_now(partial(figures.calls_between, first=FIRST, last=LAST))
    assert total(list(whole.values()), Counts).offered == (21 if late == "call" else 20)


def test_a_tampered_roll_up_is_found(store: Store) -> None:
    take(store, a_day_of(20, begins=DAY))
    store.write_now(partial(figures.roll_up, first=FIRST, last=LAST, at=EVENING))
    store.write_now(lambda conn: conn.execute(figures.FIGURE.update().values(answered=99)))
    found = store.read_now(partial(figures.recount, first=FIRST, last=LAST, at=EVENING))
    assert {one.field for one in found} == {"answered"}
