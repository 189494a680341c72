"""Self-measurement of the voice menus: what came of each question, and how callers came to a person (F10-05, ★2)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text

from cases.figures import slot_of
from cases.menu_figures import TurnCounts, WayCounts, total
from storage import figures, menu_figures, rebuilding, records
from storage.engine import Store
from tests.storage.call_lines import CEL, QUEUE_LOG, position
from tests.storage.menu_calls import MenuExchange, asked, heard, step, unknown, went

BEGINS = datetime(2026, 11, 22, tzinfo=UTC)
FIRST, LAST = slot_of(BEGINS), slot_of(BEGINS + timedelta(days=1)) - 1
AT = BEGINS + timedelta(days=2)


def an_exchange() -> MenuExchange:
    return MenuExchange(second=BEGINS.timestamp())


def take(store: Store, exchange: MenuExchange, first_inode: int = 1) -> None:
    both = [(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)]
    for inode, (source, lines) in enumerate(both, start=first_inode):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def turns(store: Store) -> menu_figures.Turns:
    return store.read_now(partial(menu_figures.turns_of_day, first=FIRST, last=LAST))


def ways(store: Store) -> menu_figures.Ways:
    return store.read_now(partial(menu_figures.ways_of_day, first=FIRST, last=LAST))


def test_every_visit_is_counted_where_the_caller_went_by_menu_and_version(store: Store) -> None:
    exchange = an_exchange()
    exchange.some_hundreds()
    take(store, exchange)
    found = turns(store)
    for version in ("v1", "v2"):
        counts = found["menu:main", version]
        assert counts.to_person == exchange.expected_left["menu:main", version, "line"]
        assert counts.to_service == exchange.expected_left["menu:main", version, "status"]
    assert found["menu:main", ""].to_hang_up == exchange.expected_left["menu:main", "", "hang_up"]
    whole = total(list(found.values()), TurnCounts)
    assert whole.visits == 300
    assert whole.to_person + whole.to_service + whole.to_menu + whole.to_hang_up == 300


def test_the_figures_equal_a_plain_count_of_the_rows(store: Store) -> None:
    exchange = an_exchange()
    exchange.some_hundreds()
    take(store, exchange)
    whole = total(list(turns(store).values()), TurnCounts)

    def count(conn: Connection, where: str) -> int:
        return int(conn.execute(text(f"SELECT COUNT(*) FROM menu_turn WHERE {where}")).scalar_one())

    questions = {
        "turns": "1 = 1",
        "by_key": "mode = 'key'",
        "heard": "mode = 'speech' AND outcome = 'heard'",
        "unknown": "outcome = 'unknown'",
        "gave_up": "outcome = 'hung_up'",
        "visits": "\"left\" <> ''",
    }
    for name, where in questions.items():
        assert getattr(whole, name) == store.read_now(partial(count, where=where)), name


def test_seconds_before_a_person_are_counted_from_the_first_ring(store: Store) -> None:
    exchange = an_exchange()
    exchange.at_menus(*heard("main", "0", mode="key")("v1"), went("main", "v1", "line"), then="completed")
    exchange.call("abandoned_in_menu")
    take(store, exchange)
    found = ways(store)
    with_menu, without = found["v1"], found[""]
    # Half a second to the greeting, six in the menu, seven tenths to the line; then three to a seat and two of ringing.
    assert with_menu.line_mean == pytest.approx(7.2, abs=0.05)
    assert with_menu.voice_mean == pytest.approx(12.2, abs=0.1)
    assert (with_menu.calls, with_menu.within_15, with_menu.within_30) == (1, 1, 1)
    assert (without.calls, without.hung_up, without.answered) == (1, 1, 0)


def test_recognition_succeeds_by_words_taken_at_once_or_confirmed(store: Store) -> None:
    exchange = an_exchange()
    exchange.at_menus(
        *unknown("main", "v1"),
        asked("main", mode="speech", outcome="heard", score=50),
        step("main", "v1", "status", mode="speech", outcome="confirmed"),
        went("main", "v1", "status"),
        then="self_service",
    )
    take(store, exchange)
    counts = turns(store)["menu:main", "v1"]
    assert (counts.spoken, counts.confirmed, counts.unknown) == (2, 1, 1)
    assert counts.recognised == 0.5
    assert counts.left("service") == 1.0


def test_a_past_day_is_rolled_up_with_the_other_figures_and_says_the_same(store: Store) -> None:
    exchange = an_exchange()
    exchange.some_hundreds()
    take(store, exchange)
    live = (dict(turns(store)), dict(ways(store)))
    store.write_now(partial(figures.roll_up, first=FIRST, last=LAST, at=AT))
    store.write_now(lambda conn: conn.execute(text("DELETE FROM menu_turn")).rowcount)
    assert (dict(turns(store)), ways(store)) == live


def test_a_line_that_comes_late_has_the_day_counted_again(store: Store) -> None:
    exchange = an_exchange()
    exchange.at_menus(*unknown("main", "v1"), then="abandoned_in_menu")
    take(store, exchange)
    store.write_now(partial(figures.roll_up, first=FIRST, last=LAST, at=AT))
    late = MenuExchange(second=exchange.second, count=exchange.count)
    late.at_menus(*unknown("main", "v1"), then="abandoned_in_menu")
    take(store, late, first_inode=3)
    assert turns(store)["menu:main", "v1"].to_hang_up == 2


def test_records_derived_again_have_the_same_turns(store: Store) -> None:
    exchange = an_exchange()
    exchange.some_hundreds(60)
    take(store, exchange)
    assert store.write_now(rebuilding.rebuild).different == ()


def test_turns_stay_when_the_lines_of_old_calls_are_let_go(store: Store) -> None:
    exchange = an_exchange()
    exchange.some_hundreds(20)
    take(store, exchange)
    before = dict(turns(store))
    store.write_now(partial(rebuilding.prune_some, before=AT, after=""))
    assert dict(turns(store)) == before


def test_nothing_that_was_said_or_keyed_is_kept(store: Store) -> None:
    exchange = an_exchange()
    said = asked("main", mode="speech", outcome="heard")
    said[1]["words"] = "投诉"
    exchange.at_menus(said, then="abandoned_in_menu")
    take(store, exchange)
    rows = store.read_now(lambda conn: conn.execute(text("SELECT * FROM menu_turn")).all())
    assert len(rows) == 1
    assert "投诉" not in str(rows)


def test_a_day_without_calls_has_no_figures(store: Store) -> None:
    assert (turns(store), ways(store)) == ({}, {})
    none = WayCounts()
    assert (none.line_mean, none.voice_mean, none.within(15)) == (None, None, None)
    assert (TurnCounts().recognised, TurnCounts().left("person")) == (None, None)
