"""Raw lines in, records out: once, in any order, on both databases."""

import json
import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from cases.ring_backs import quiet_hours
from storage import calls, rebuilding, records, ring_backs
from storage.call_models import RawLine, RingBack
from storage.engine import Store
from storage.records import Source
from storage.types import table_of
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position, sample

LINE = table_of(RawLine)
RING_BACK = table_of(RingBack)


def take(store: Store, source: Source, lines: list[str], **where: int | str) -> records.Ingested:
    rows, place = position(lines, **where)  # type: ignore[arg-type]
    return store.write_now(lambda conn: records.ingest(conn, source, rows, place))


def take_sample(store: Store, name: str) -> None:
    take(store, QUEUE_LOG, sample(name, "queue_log"), inode=2)
    take(store, CEL, sample(name, "cel"))


def the_call(store: Store, id: str) -> calls.CallView:  # noqa: A002
    view = store.read_now(lambda conn: calls.call(conn, id))
    assert view is not None
    return view


def owed(store: Store) -> list[tuple[str, str]]:
    def ask(conn: Connection) -> list[tuple[str, str]]:
        return [(row.call, row.reason) for row in conn.execute(select(RING_BACK).order_by(RING_BACK.c.call))]

    return store.read_now(ask)


def test_a_talked_call_is_kept_with_every_segment(store: Store) -> None:
    take_sample(store, "rejected_then_second_seat_with_hold")
    view = the_call(store, "hotline1-1795316044.6")
    assert [(segment.kind, segment.seat, segment.result) for segment in view.segments] == [
        ("offered", "", ""),
        ("menu", "", ""),
        ("queued", "", ""),
        ("ringing", "s1001", "busy"),
        ("queued", "", ""),
        ("ringing", "s1002", "answered"),
        ("talk", "s1002", ""),
        ("hold", "s1002", ""),
        ("talk", "s1002", "seat"),
        ("survey", "", ""),
    ]
    assert (view.outcome, view.case, view.survey) == ("registered", "RH261122-00178-1", 1)


def test_lines_given_twice_are_taken_once(store: Store) -> None:
    take_sample(store, "abandoned_in_line")
    again = take(store, CEL, sample("abandoned_in_line", "cel"))
    count = store.read_now(lambda conn: len(conn.execute(select(LINE)).all()))
    assert count == 11
    assert again.offset > 0
    assert len(owed(store)) == 1


def test_a_line_that_cannot_be_understood_is_kept_and_told(store: Store) -> None:
    good = sample("status_heard", "cel")
    broken = [*good[:3], '{"eventtype":"ANSW', "\x00\ufffd", "{}", "[1]", "1e999", *good[3:]]
    told = take(store, CEL, broken)
    assert len(told.bad) == 5
    assert the_call(store, "hotline1-1795316060.13").end_reason == "self_service"


def test_a_record_glued_to_the_broken_one_before_it_still_counts(store: Store) -> None:
    lines = sample("abandoned_in_menu", "cel")
    lines[3:4] = ['{"eventtype":"HOTLINE_MENU","eventtime":"17953' + lines[3]]
    told = take(store, CEL, lines)
    assert len(told.bad) == 1
    assert the_call(store, "hotline1-1795316042.5").end_reason == "abandoned_in_menu"


def test_a_record_that_asterisk_cut_short_counts_with_the_fields_that_are_whole(store: Store) -> None:
    lines = sample("status_heard", "cel")
    fields = json.loads(lines[2])
    order = ["eventtype", "eventtime", "uniqueid", "linkedid", "eventextra", "appdata"]
    long = {name: fields[name] for name in order} | {"appdata": "x" * 2_000}
    lines[2] = json.dumps(long, separators=(",", ":"))[:1023]
    told = take(store, CEL, lines)
    assert told.bad == ()
    assert the_call(store, "hotline1-1795316060.13").keys == "1"


def test_whatever_the_order_of_the_batches_the_records_end_the_same(store: Store) -> None:
    exchange = Exchange()
    exchange.mixed(60)
    whole = [(CEL, line) for line in exchange.cel] + [(QUEUE_LOG, line) for line in exchange.queue_log]
    random.Random(7).shuffle(whole)
    for number in range(0, len(whole), 25):
        batch = whole[number : number + 25]
        for source in (CEL, QUEUE_LOG):
            lines = [line for of, line in batch if of is source]
            take(store, source, lines, inode=number + 1)
    begins, ends = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert store.read_now(lambda conn: calls.outcomes(conn, begins=begins, ends=ends)) == exchange.expected
    assert store.write_now(rebuilding.rebuild) == rebuilding.Rebuilt(60, ())


def test_open_calls_of_a_dead_asterisk_are_closed_as_lost_and_owed_a_call_back(store: Store) -> None:
    take_sample(store, "asterisk_killed")
    talking = the_call(store, "hotline1-1795316091.25")
    assert (talking.end_reason, talking.seat) == ("lost_restart", "s1001")
    assert talking.ended_at == datetime.fromtimestamp(1795316092.532151, UTC)
    assert the_call(store, "hotline1-1795316097.0").end_reason == "self_service"
    assert owed(store) == [
        ("hotline1-1795316091.25", "lost"),
        ("hotline1-1795316092.27", "lost"),
        ("hotline1-1795316093.28", "lost"),
    ]


def test_a_channel_count_that_began_again_tells_of_a_restart_nobody_logged(store: Store) -> None:
    take(store, CEL, sample("asterisk_killed", "cel"))
    assert the_call(store, "hotline1-1795316092.27").end_reason == "lost_restart"


def test_a_line_that_comes_after_all_takes_back_what_was_not_owed(store: Store) -> None:
    lines = sample("caller_hangs_up_talking", "cel")
    take(store, CEL, lines[:6])
    take(store, QUEUE_LOG, ["1795316040|NONE|NONE|NONE|QUEUESTART|"], inode=2)
    assert owed(store) == [("hotline1-1795316032.2", "lost")]
    rows, place = position(lines)
    start = rows[6].offset
    take(store, CEL, lines[6:], start=start)
    assert the_call(store, "hotline1-1795316032.2").end_reason == "caller_hung_up"
    assert owed(store) == []
    assert place.end > start


def test_a_withheld_number_is_owed_nothing(store: Store) -> None:
    take_sample(store, "anonymous_abandoned")
    assert owed(store) == []


def test_what_a_person_has_begun_is_not_taken_back(store: Store) -> None:
    lines = sample("abandoned_in_line", "cel")
    take(store, CEL, lines)
    call, at = "hotline1-1795316038.4", datetime(2026, 11, 22, 3, tzinfo=UTC)
    night = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))
    store.write_now(lambda conn: ring_backs.plan(conn, night, at=at))
    assert store.write_now(lambda conn: ring_backs.take_over(conn, call, by="1001", at=at))
    status = '{"extra":"result=heard"}'
    late = (
        lines[2]
        .replace("HOTLINE_MENU", "HOTLINE_SELF_SERVICE")
        .replace('"{\\"extra\\":\\"step=welcome\\"}"', _quoted(status))
    )
    take(store, CEL, [late], inode=9)
    assert the_call(store, call).end_reason == "self_service"
    assert owed(store) == [(call, "short")]


def test_a_rebuild_finds_and_repairs_a_record_that_was_tampered_with(store: Store) -> None:
    take_sample(store, "seat_hangs_up_survey")
    store.write_now(lambda conn: conn.execute(records.CALL.update().values(talk_seconds=999.0)))
    assert store.write_now(rebuilding.rebuild).different == ("hotline1-1795316026.0",)
    assert the_call(store, "hotline1-1795316026.0").talk_seconds == 1.502


def test_two_nodes_keep_their_calls_apart(store: Store) -> None:
    for node in ("north", "south"):
        exchange = Exchange(node=node)
        exchange.call("abandoned_in_line")
        source = Source(f"{node}:cel", node, records.Form.CEL)
        take(store, source, exchange.cel)
    take(
        store,
        Source("south:queue_log", "south", records.Form.QUEUE_LOG),
        ["1795319999|NONE|NONE|NONE|QUEUESTART|"],
    )
    assert [call for call, _ in owed(store)] == ["north-1795310020.0", "south-1795310020.0"]


def test_a_line_of_the_managers_is_no_call(store: Store) -> None:
    told = take(store, QUEUE_LOG, ["1795318577|MANAGER|hotline|s1001|ADDMEMBER|"])
    assert told.bad == ()
    assert store.write_now(rebuilding.rebuild).calls == 0


def test_a_restart_within_the_second_of_the_last_line_is_a_restart(store: Store) -> None:
    exchange = Exchange(second=1_795_310_000.2)
    call = exchange.call("lost_restart", gap=0)
    take(store, CEL, exchange.cel)
    last = int(exchange.now)
    take(store, QUEUE_LOG, [f"{last}|NONE|NONE|NONE|QUEUESTART|"])
    assert the_call(store, call).end_reason == "lost_restart"


def test_the_next_call_settles_whether_one_that_began_in_the_second_of_a_restart_was_lost(
    store: Store,
) -> None:
    exchange = Exchange(second=1_795_310_000.2)
    call = exchange.call("lost_restart", gap=0)
    take(store, CEL, exchange.cel)
    take(store, QUEUE_LOG, ["1795310000|NONE|NONE|NONE|QUEUESTART|"])
    assert the_call(store, call).end_reason is None
    after = Exchange(second=1_795_310_030.0)
    after.call("completed")
    take(store, CEL, after.cel, inode=2)
    assert the_call(store, call).end_reason == "lost_restart"


def test_a_call_that_began_in_the_second_of_a_start_is_not_lost_in_it(store: Store) -> None:
    exchange = Exchange(second=1_795_310_000.2)
    call = exchange.call("lost_restart", gap=0)
    take(store, QUEUE_LOG, ["1795310000|NONE|NONE|NONE|QUEUESTART|"])
    take(store, CEL, exchange.cel)
    assert the_call(store, call).end_reason is None


def test_a_seat_that_dials_makes_no_citizens_call(store: Store) -> None:
    lines = [
        line.replace("hotline-incoming", "hotline-seats").replace("PJSIP/trunk", "PJSIP/s1001")
        for line in sample("abandoned_in_menu", "cel")
    ]
    take(store, CEL, lines)
    assert store.read_now(lambda conn: calls.call(conn, "hotline1-1795316042.5")) is None


def test_hostile_ids_and_texts_are_kept_as_lines_and_harm_nothing(store: Store) -> None:
    base = sample("abandoned_in_menu", "cel")
    hostile = [
        base[0].replace("hotline1-1795316042.5", "x" * 200),
        base[0].replace("hotline1-1795316042.5", "\\u4e2d\\u6587"),
        base[0].replace('"num":"13800138000"', '"num":"13800\\u0000138000\\ud800"'),
        base[0].replace('"exten":"12348"', f'"exten":"{"9" * 90}"'),
        *base[1:],
    ]
    told = take(store, CEL, hostile)
    assert len(told.bad) == 2
    view = the_call(store, "hotline1-1795316042.5")
    assert (view.end_reason, view.number) == ("abandoned_in_menu", "13800138000")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
