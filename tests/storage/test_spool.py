"""A message left while our process was dead becomes one call, one call back and one draft."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage import calls, rebuilding, records, ring_backs, spool
from storage.drafts import draft, save_draft
from storage.engine import Store
from storage.spool import SpooledMessage
from tests.storage.call_lines import CEL, Exchange, position

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MESSAGE = SpooledMessage(
    file="hotline1-1795310020.0.json",
    call="hotline1-1795310020.0",
    number="13800138000",
    dialled="12345",
    sound="hotline1-1795310020.0.wav",
    seconds=8.0,
    at=datetime.fromtimestamp(1795310032, UTC),
)


def test_a_message_becomes_a_call_a_call_back_and_a_draft(store: Store) -> None:
    assert store.write_now(lambda conn: spool.take_message(conn, MESSAGE, at=NOW))
    view = store.read_now(lambda conn: calls.call(conn, MESSAGE.call))
    assert view is not None
    assert (view.end_reason, view.number, view.dialled) == ("message_left", "13800138000", "12345")
    (owed,) = store.read_now(ring_backs.open_ring_backs)
    assert (owed.call, owed.reason) == (MESSAGE.call, "message")
    fields = store.read_now(lambda conn: draft(conn, MESSAGE.call))
    assert fields is not None
    assert (fields["contact_number"], fields["message"]) == ("13800138000", MESSAGE.sound)


def test_a_message_is_rung_back_within_the_citys_own_time(store: Store) -> None:
    within = timedelta(minutes=20)
    store.write_now(lambda conn: spool.take_message(conn, MESSAGE, at=NOW, within=within))
    (owed,) = store.read_now(ring_backs.open_ring_backs)
    assert owed.due_at == MESSAGE.at + within


def test_a_message_taken_twice_is_one(store: Store) -> None:
    taken = [store.write_now(lambda conn: spool.take_message(conn, MESSAGE, at=NOW)) for _ in range(2)]
    assert taken == [True, False]
    assert len(store.read_now(ring_backs.open_ring_backs)) == 1


def test_the_lines_of_the_call_and_its_message_are_one_record(store: Store) -> None:
    exchange = Exchange()
    assert exchange.call("message_left") == MESSAGE.call
    store.write_now(lambda conn: spool.take_message(conn, MESSAGE, at=NOW))
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, CEL, rows, place))
    view = store.read_now(lambda conn: calls.call(conn, MESSAGE.call))
    assert view is not None
    assert (view.end_reason, view.offered_at) == (
        "message_left",
        datetime.fromtimestamp(1795310020.0001, UTC),
    )
    assert len(store.read_now(ring_backs.open_ring_backs)) == 1
    assert store.write_now(rebuilding.rebuild).different == ()


def test_a_message_without_sound_or_number_is_kept_and_nobody_is_owed_a_call(store: Store) -> None:
    silent = replace(MESSAGE, number="", sound=None)
    store.write_now(lambda conn: spool.take_message(conn, silent, at=NOW))
    view = store.read_now(lambda conn: calls.call(conn, MESSAGE.call))
    assert view is not None
    assert view.end_reason == "message_left"
    assert store.read_now(ring_backs.open_ring_backs) == []


def test_what_an_agent_has_already_typed_is_not_overwritten(store: Store) -> None:
    store.write_now(
        lambda conn: save_draft(conn, call=MESSAGE.call, by="1001", fields={"title": "路灯"}, at=NOW)
    )
    store.write_now(lambda conn: spool.take_message(conn, MESSAGE, at=NOW))
    assert store.read_now(lambda conn: draft(conn, MESSAGE.call)) == {"title": "路灯"}
