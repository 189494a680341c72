"""Records against their lines: differences by call and field, in parts, and what is left when the lines are gone."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from cases.call_record import Direction
from hotline.__main__ import main
from storage import calls, rebuilding, records, ring_backs
from storage.engine import Store
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position, sample
from tests.storage.mixed_calls import City, a_day_of

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def take(store: Store, exchange: Exchange, first_inode: int = 1) -> None:
    both = [(QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)]
    for inode, (source, lines) in enumerate(both, start=first_inode):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def tamper(store: Store, call: str, **values: object) -> None:
    store.write_now(
        lambda conn: conn.execute(update(records.CALL).where(records.CALL.c.id == call).values(**values))
    )


def talk_seconds(store: Store, call: str) -> float:
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    return view.talk_seconds


def test_a_difference_is_told_by_call_and_field_and_comparing_alone_changes_nothing(store: Store) -> None:
    exchange = Exchange()
    call = exchange.call("completed")
    take(store, exchange)
    tamper(store, call, talk_seconds=999.0, seat="s9999")
    part = store.read_now(partial(rebuilding.rebuild_some, after="", repair=False))
    assert {(one.call, one.field, one.stored) for one in part.differences} == {
        (call, "talk_seconds", "999.0"),
        (call, "seat", "s9999"),
    }
    assert talk_seconds(store, call) == 999.0


def test_a_rebuild_goes_on_where_it_was_stopped(store: Store) -> None:
    exchange = Exchange()
    first, second, third = (exchange.call("completed") for _ in range(3))
    take(store, exchange)
    part = store.write_now(partial(rebuilding.rebuild_some, after=first, repair=True, most=1))
    assert (part.last, part.calls) == (second, 1)
    rest = store.write_now(partial(rebuilding.rebuild_some, after=second, repair=True, most=9))
    assert rest.last == third
    assert store.write_now(partial(rebuilding.rebuild_some, after=third, repair=True)).last is None


def test_a_pruned_call_keeps_its_record_whatever_line_comes_late(store: Store) -> None:
    lines = sample("seat_hangs_up_survey", "cel")
    rows, place = position(lines)
    store.write_now(partial(records.ingest, source=CEL, rows=rows, position=place))
    call = "hotline1-1795316026.0"
    gone = store.write_now(partial(rebuilding.prune_some, before=LATER, after=""))
    assert (gone.calls, gone.lines, gone.open) == (1, len(lines), ())
    rows, place = position(lines[-1:], inode=9)
    store.write_now(partial(records.ingest, source=CEL, rows=rows, position=place))
    assert talk_seconds(store, call) == 1.502
    assert store.write_now(rebuilding.rebuild).different == ()
    assert talk_seconds(store, call) == 1.502


def test_a_call_that_has_not_ended_is_never_pruned(store: Store) -> None:
    exchange = Exchange()
    over, still_open = exchange.call("completed"), exchange.call("lost_restart")
    take(store, exchange)
    gone = store.write_now(partial(rebuilding.prune_some, before=LATER, after=""))
    assert (gone.calls, gone.open) == (1, (still_open,))
    view = store.read_now(lambda conn: calls.call(conn, over))
    assert view is not None
    early = store.write_now(partial(rebuilding.prune_some, before=BEGINS, after=""))
    assert (early.calls, early.open) == (0, ())


def test_lines_of_no_call_go_by_their_age(store: Store) -> None:
    lines = [f"{1_795_310_000 + n}|NONE|NONE|NONE|CONFIGRELOAD|" for n in range(10)]
    rows, place = position(lines)
    store.write_now(partial(records.ingest, source=QUEUE_LOG, rows=rows, position=place))
    before = datetime.fromtimestamp(1_795_310_004, UTC)
    last, gone = store.write_now(partial(rebuilding.prune_lines_of_no_call, before=before))
    assert last is not None
    assert gone == 4
    assert store.write_now(partial(rebuilding.prune_lines_of_no_call, before=before, after=last))[0] is None


def test_whichever_of_two_tied_calls_comes_first_the_hand_over_is_found(store: Store) -> None:
    city = City()
    call = city.written("caller_hung_up", number="13800138000", gap=20)
    other = f"hotline1-{int(city.now)}.900"
    ties = {"channel2_uniqueid": other, "transferee_channel_uniqueid": call}
    city._event(
        call, "ATTENDEDTRANSFER", extra=ties, unique=f"hotline1-{int(city.now)}.901", name="PJSIP/s1001-aa"
    )
    city._event(other, "CHAN_START", name="PJSIP/s1001-ab", context="hotline-seats")
    for inode, line in enumerate(reversed(city.cel)):
        rows, place = position([line], inode=inode)
        store.write_now(partial(records.ingest, source=CEL, rows=rows, position=place))
    facts = store.read_now(lambda conn: records._facts_of(conn, [call])[call])
    assert len(facts) == len(city.cel)
    assert {fact.call for fact in facts} == {call}


def test_i_15_a_call_of_ours_pays_the_debt_and_its_number_is_no_count_of_asterisks(store: Store) -> None:
    city = City()
    owed = city.written("abandoned_in_line", number="13800138000", gap=20)
    waiting = city.written("abandoned_in_line", number="13911112222", gap=20)
    ended = city.cel[-3:]
    city.cel = city.cel[:-3]
    city.second += 60
    ours = city.outgoing("13800138000", answered=True, owed=owed)
    take(store, city)
    view = store.read_now(lambda conn: calls.call(conn, ours))
    assert view is not None
    assert (view.direction, view.owed) == (Direction.OUTGOING, owed)
    left = store.read_now(ring_backs.open_ring_backs)
    assert [one.call for one in left] == []
    still = store.read_now(lambda conn: calls.call(conn, waiting))
    assert still is not None
    assert still.ended_at is None, "it waits on, whatever number our own call bears"
    assert len(ended) == 3


def test_a_citizen_who_calls_again_and_is_answered_is_owed_nothing_more(store: Store) -> None:
    city = City()
    city.written("abandoned_in_line", number="13800138000", gap=20)
    city.written("caller_hung_up", number="13800138000", gap=600)
    take(store, city)
    assert store.read_now(ring_backs.open_ring_backs) == []


@pytest.fixture
def command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", sqlite_url)
    return CliRunner()


def test_the_command_says_what_differs_and_its_status_is_one_until_it_is_repaired(
    command: CliRunner, sqlite_url: str
) -> None:
    store = Store.open(sqlite_url)
    city = a_day_of(30, begins=datetime(2026, 11, 20, tzinfo=UTC))
    take(store, city)
    call = city.written("completed", number="13800138000", gap=1)
    city.cel, city.queue_log = city.cel[-16:], city.queue_log[-3:]
    take(store, city, first_inode=7)
    tamper(store, call, seat="s9999")
    store.close()
    compared = command.invoke(main, ["records", "rebuild", "--dry-run", "--batch", "7"])
    assert compared.exit_code == 1, compared.output
    assert f"{call}: seat: 库中 stored s9999, 应为 derived s1001" in compared.output
    assert command.invoke(main, ["records", "rebuild"]).exit_code == 1
    again = command.invoke(main, ["records", "rebuild"])
    assert again.exit_code == 0, again.output


def test_the_command_prunes_before_a_day_of_the_city_and_not_in_the_future(
    command: CliRunner, sqlite_url: str
) -> None:
    store = Store.open(sqlite_url)
    begins = datetime.now(UTC) - timedelta(days=30)
    take(store, a_day_of(20, begins=begins))
    store.close()
    pruned = command.invoke(main, ["records", "prune", "--before", f"{begins + timedelta(days=10):%Y-%m-%d}"])
    assert pruned.exit_code == 0, pruned.output
    assert pruned.output.startswith("21 通 calls"), pruned.output
    assert command.invoke(main, ["records", "rebuild", "--dry-run"]).exit_code == 0
    assert command.invoke(main, ["records", "prune", "--before", "2999-01-01"]).exit_code == 1
    assert command.invoke(main, ["records", "check"]).exit_code == 0
