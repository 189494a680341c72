"""What people ask of calls, on both databases."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from storage import calls, history, rebuilding, recordings, records, ring_backs, seats
from storage.engine import Store
from storage.errors import Conflict
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position

CITY = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def take(store: Store, exchange: Exchange) -> None:
    for inode, (source, lines) in enumerate([(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)]):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def test_the_sums_by_end_reason_are_all_calls_there_were(store: Store) -> None:
    exchange = Exchange(seed=42)
    exchange.mixed(1_000)
    take(store, exchange)
    ended = store.read_now(lambda conn: calls.outcomes(conn, begins=BEGINS, ends=ENDS))
    assert ended == exchange.expected
    assert sum(ended.values()) == 1_000
    assert store.write_now(rebuilding.rebuild) == rebuilding.Rebuilt(1_000, ())


def test_every_unserved_caller_is_owed_one_call(store: Store) -> None:
    exchange = Exchange(seed=43)
    exchange.mixed(200)
    take(store, exchange)
    owed = store.read_now(lambda conn: ring_backs.open_ring_backs(conn, limit=1_000))
    unserved = {
        "abandoned_in_menu",
        "abandoned_in_line",
        "message_left",
        "callback_asked",
        "lost_restart",
    }
    assert len(owed) == sum(exchange.expected[kind] for kind in unserved)
    assert len({row.call for row in owed}) == len(owed)
    assert owed == sorted(owed, key=lambda row: row.due_at)


def test_the_day_is_counted_by_the_indicators_definitions(store: Store) -> None:
    exchange = Exchange(second=NOW.timestamp() - 3_000)
    for kind in ("completed", "caller_hung_up", "abandoned_in_line", "abandoned_in_menu", "self_service"):
        exchange.call(kind)
    take(store, exchange)
    day = store.read_now(lambda conn: calls.today(conn, NOW, CITY))
    assert (day.offered, day.asked, day.answered, day.abandoned, day.self_service) == (5, 3, 2, 1, 1)
    assert (day.answered_15s, day.answered_15s_of_ring) == (2, 2)
    assert day.answer_rate == pytest.approx(2 / 3)


def test_a_caller_who_still_waits_is_not_judged_yet(store: Store) -> None:
    exchange = Exchange(second=NOW.timestamp() - 3_000)
    exchange.call("completed")
    exchange.call("lost_restart")
    take(store, exchange)
    day = store.read_now(lambda conn: calls.today(conn, NOW, CITY))
    assert (day.asked, day.waiting, day.open, day.answer_rate) == (2, 1, 1, 1.0)
    ended = store.read_now(lambda conn: calls.outcomes(conn, begins=BEGINS, ends=ENDS))
    assert ended == {"completed": 1, "": 1}


def test_a_day_without_calls_has_no_rate(store: Store) -> None:
    day = store.read_now(lambda conn: calls.today(conn, NOW, CITY))
    assert (day.offered, day.answer_rate, day.level, day.level_of_ring) == (0, None, None, None)


def test_the_day_begins_at_midnight_in_the_city(store: Store) -> None:
    midnight = datetime(2026, 11, 22, tzinfo=CITY)
    exchange = Exchange(second=midnight.timestamp() - 31)
    exchange.call("abandoned_in_menu", gap=30)
    exchange.call("abandoned_in_menu", gap=1)
    take(store, exchange)
    counts = [
        store.read_now(partial(calls.today, at=at, zone=CITY)).offered
        for at in (midnight - timedelta(seconds=1), midnight)
    ]
    assert counts == [1, 1]


def test_a_callers_calls_come_newest_first_and_a_withheld_number_has_none(store: Store) -> None:
    exchange = Exchange()
    first, second = exchange.call("completed"), exchange.call("abandoned_in_line")
    exchange.call("completed", number="anonymous")
    take(store, exchange)
    found = store.read_now(lambda conn: calls.calls_of(conn, "13800138000", 10))
    assert [call.id for call in found] == [second, first]
    assert store.read_now(lambda conn: calls.calls_of(conn, "", 10)) == []


def test_the_outcome_is_a_fact_like_the_others_and_survives_a_rebuild(store: Store) -> None:
    exchange = Exchange()
    call = exchange.call("completed")
    take(store, exchange)
    for code, at in (("answered", NOW), ("registered", NOW + timedelta(seconds=5))):
        store.write_now(
            partial(calls.set_outcome, call=call, code=code, case="RH261122-00178-1", by="1001", at=at)
        )
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    assert (view.outcome, view.case, view.outcome_by) == ("registered", "RH261122-00178-1", "1001")
    assert store.write_now(rebuilding.rebuild).different == ()
    assert [fact.kind for fact in store.read_now(lambda conn: history.of(conn, call))] == ["call.outcome"] * 2


def test_an_outcome_leaves_the_hour_of_a_call_that_is_owed_where_the_city_put_it(store: Store) -> None:
    exchange, within = Exchange(), timedelta(minutes=20)
    call = exchange.call("abandoned_in_line")
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, CEL, rows, place, within=within))
    (owed,) = store.read_now(ring_backs.open_ring_backs)
    store.write_now(
        lambda conn: calls.set_outcome(
            conn, call=call, code="silent", case="", by="1001", at=NOW, within=within
        )
    )
    (still,) = store.read_now(ring_backs.open_ring_backs)
    assert (still.call, still.due_at) == (call, owed.due_at)
    assert still.due_at == still.asked_at + within


def test_an_outcome_said_before_the_lines_came_waits_for_them(store: Store) -> None:
    exchange = Exchange()
    call = exchange.call("completed")
    store.write_now(
        lambda conn: calls.set_outcome(conn, call=call, code="answered", case="", by="1001", at=NOW)
    )
    take(store, exchange)
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    assert (view.end_reason, view.outcome, view.seat) == ("completed", "answered", "s1001")


def test_a_call_back_that_is_asked_for_twice_is_promised_once(store: Store) -> None:
    def ask(conn: Connection) -> bool:
        return ring_backs.ask_ring_back(
            conn, call="hotline1-1.1", number="13800138000", at=NOW, key="hotline1-1.1"
        )

    assert [store.write_now(ask), store.write_now(ask)] == [True, False]
    (owed,) = store.read_now(ring_backs.open_ring_backs)
    assert (owed.reason, owed.due_at) == ("asked", NOW + timedelta(hours=1))


def test_a_call_back_asked_on_a_call_that_then_ends_stays_one(store: Store) -> None:
    exchange = Exchange()
    call = exchange.call("callback_asked")
    store.write_now(
        lambda conn: ring_backs.ask_ring_back(conn, call=call, number="13911112222", at=NOW, key=call)
    )
    take(store, exchange)
    (owed,) = store.read_now(ring_backs.open_ring_backs)
    assert (owed.call, owed.number) == (call, "13911112222")


def test_a_call_back_is_closed_by_one_person_only(store: Store) -> None:
    exchange = Exchange()
    call = exchange.call("abandoned_in_line")
    take(store, exchange)
    close = partial(ring_backs.close, call=call, reason="reached", at=NOW)
    store.write_now(lambda conn: close(conn, by="1001"))
    with pytest.raises(Conflict):
        store.write_now(lambda conn: close(conn, by="1002"))
    assert store.read_now(ring_backs.open_ring_backs) == []
    store.write_now(rebuilding.rebuild)
    assert store.read_now(ring_backs.open_ring_backs) == [], "a closed one is never opened again"


def test_a_talked_call_waits_for_its_recording_until_it_is_hashed_or_missed(store: Store) -> None:
    exchange = Exchange()
    kept, missed = exchange.call("completed"), exchange.call("caller_hung_up")
    exchange.call("abandoned_in_line")
    take(store, exchange)
    due = store.read_now(lambda conn: recordings.recordings_due(conn, before=ENDS))
    assert [row.call for row in due] == [kept, missed]
    store.write_now(
        lambda conn: recordings.add_recording(
            conn, kept, path="20261122/a.wav", sha256="0" * 64, seconds=3.5, size=56_044, at=NOW
        )
    )
    store.write_now(lambda conn: recordings.miss_recording(conn, missed))
    assert store.read_now(lambda conn: recordings.recordings_due(conn, before=ENDS)) == []
    store.write_now(rebuilding.rebuild)
    assert store.read_now(lambda conn: recordings.recordings_due(conn, before=ENDS)) == []
    view = store.read_now(lambda conn: calls.call(conn, kept))
    assert view is not None
    assert view.recordings == ("20261122/a.wav",)


def test_a_seats_state_is_the_newest_that_was_told(store: Store) -> None:
    for state, minute in (("ready", 1), ("talking", 3), ("ringing", 2), ("talking", 3)):
        at = NOW + timedelta(minutes=minute)
        store.write_now(partial(seats.log_state, seat="s1001", agent="1001", state=state, reason="", at=at))
    (now,) = store.read_now(seats.seat_states)
    assert (now.state, now.at) == ("talking", NOW + timedelta(minutes=3))


def test_the_days_figures_read_an_index_and_not_the_table(store: Store) -> None:
    def plan(conn: Connection) -> str:
        day = calls._DAY.params(begins=BEGINS, ends=ENDS).compile(
            conn, compile_kwargs={"render_postcompile": True}
        )
        sql = ("EXPLAIN QUERY PLAN " if conn.dialect.name == "sqlite" else "EXPLAIN ") + str(day)
        if conn.dialect.name == "sqlite":
            return str(conn.exec_driver_sql(sql, tuple("2026-01-01" for _ in range(sql.count("?")))).all())
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return str(conn.exec_driver_sql(sql, day.params).all())

    assert "ix_call_by_day" in store.read_now(plan)
