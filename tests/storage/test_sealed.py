"""Whoever has the database and not the key reads no number, no name and no draft; whoever has both finds them."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Text, inspect, select, type_coerce

from cases.nuisance import Grade, Reason
from cases.outgoing import Kind
from cases.recording_pauses import AGAIN, PAUSED
from cases.ring_backs import quiet_hours
from storage import (
    briefs,
    calls,
    drafts,
    duty,
    events,
    finding,
    history,
    nuisance,
    numbers,
    outgoing,
    outgoing_lists,
    rebuilding,
    recordings,
    records,
    resealing,
    ring_backs,
    status,
    urgent_lists,
)
from storage.duty import DutyForm
from storage.engine import Store
from storage.errors import Unsealed
from storage.events import EventForm
from storage.hot import Hot
from storage.intake import CONTACT
from storage.nuisance import Proposal
from storage.number_models import KnownNumber
from storage.numbers import Known
from storage.records import LINE, Form, Source
from storage.sealing import MARK, Sealer
from storage.spool import SpooledMessage, take_message
from storage.types import table_of
from tests.makers import AGENT, MORNING, TEAM_LEAD, later
from tests.storage import walks
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position

KEY = b"the secret of this city"
NUMBER, OTHER, OWED, HEARD, DUTY = "13859871234", "13905917788", "13599990001", "13799990002", "13699990003"
NAME, OFFICER, CARD = "欧阳望舒", "司徒值守", "350103198807123456"
PERSONAL = (NUMBER, OTHER, OWED, HEARD, DUTY, NAME, OFFICER, CARD)
QUIET = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))
KNOWN = table_of(KnownNumber)
LINES = select(LINE.c.line).order_by(LINE.c.source, LINE.c.file, LINE.c.offset)


@pytest.fixture
def sealed(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url, seal=KEY)
    yield opened
    opened.close()


def ring_in(store: Store, number: str, seed: int) -> None:
    """Every kind of call from this number, as Asterisk's own files tell of it."""
    exchange = Exchange(seed=seed, second=1_795_310_000.0 + seed * 10_000)
    for kind in Exchange.KINDS:
        exchange.call(kind, number=number)
    for inode, source, lines in (
        (2 * seed, QUEUE_LOG, exchange.queue_log),
        (2 * seed + 1, CEL, exchange.cel),
    ):
        rows, place = position(lines, inode=inode, head=f"h{seed}")
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def keep_numbers(conn: Connection) -> None:
    """What is known of numbers: restrictions, elders, followers of an event, promises, tries, messages, drafts."""
    proposal = Proposal(number=OTHER, grade=Grade.BLOCK, reason=Reason.ABUSE, note="三次来电均辱骂", days=7)
    nuisance.propose(conn, proposal, by=AGENT, at=MORNING)
    numbers.keep_known(conn, Known(NUMBER, elder=True, note="独居"), by="2001", at=MORNING)
    event = events.open_event(
        conn, EventForm(name="停水", announcement="正在抢修"), key="e1", by="2001", at=MORNING
    )
    events.add_member(conn, event, call="hotline1-1.1", number=HEARD, at=MORNING)
    ring_backs.ask_ring_back(conn, call="hotline1-2.2", number=OWED, at=MORNING, key="k1")
    status.status_by_code(conn, "261123001781", "000000", caller=HEARD, at=MORNING)
    fields = {"contact_name": NAME, "contact_number": OTHER, "content": f"身份证 {CARD}"}
    drafts.save_draft(conn, call="hotline1-3.3", by="1001", fields=fields, at=MORNING)
    left = SpooledMessage("m1", "hotline1-1795390000.9", HEARD, "12345", None, 3.0, MORNING)
    take_message(conn, left, at=MORNING)
    plan = DutyForm(unit="szgc", rank="duty", name=OFFICER, number=DUTY, begins_at=MORNING)
    duty.plan(conn, plan, by=TEAM_LEAD, at=MORNING)


def a_day(store: Store) -> str:
    """A day's work with citizens; return a case of it."""
    ring_in(store, NUMBER, 1)
    ring_in(store, OTHER, 2)
    store.write_now(keep_numbers)
    no = walks.in_feedback(store, contact_name=NAME, contact_number=NUMBER)
    for kind in Kind:
        store.write_now(partial(outgoing_lists.switch, kind=kind, on=True, by="2001", at=MORNING))
    at = later(days=1, hours=4)
    store.write_now(partial(outgoing.plan, quiet=QUIET, at=at))
    store.write_now(partial(ring_backs.plan, quiet=QUIET, at=at))
    store.write_now(
        partial(ring_backs.claim, call="hotline1-2.2", by="1001", at=at, until=at + timedelta(minutes=1))
    )
    for one in store.read_now(partial(outgoing.ready, at=at)):
        store.write_now(partial(outgoing.take, one=one, call="hotline1-4.4", by="hotline1", at=at))
    return no


def found_in(conn: Connection, wanted: tuple[str, ...]) -> set[tuple[str, str]]:
    """Look through every value of every table as the database has it."""
    seen = set()
    for table in inspect(conn).get_table_names():
        rows = conn.exec_driver_sql(f'SELECT * FROM "{table}"')
        for row in rows.mappings():
            seen |= {
                (table, f"{c}: {word}") for c, value in row.items() for word in wanted if word in str(value)
            }
    return seen


def test_no_number_and_no_name_of_a_day_can_be_read_in_the_database(sealed: Store) -> None:
    a_day(sealed)
    assert sealed.read_now(partial(found_in, wanted=PERSONAL)) == set()
    assert sealed.read_now(resealing.clear_tables) == []
    assert sealed.read_now(history.verify) is None


def test_without_a_key_the_same_day_lies_there_in_the_clear(store: Store) -> None:
    """The look finds what is there: otherwise the test above could not fail."""
    a_day(store)
    places = store.read_now(partial(found_in, wanted=PERSONAL))
    assert {word for word in PERSONAL if any(place.endswith(word) for _, place in places)} == set(PERSONAL)
    assert {table for table, _ in places} <= set(resealing.sealed_columns())


def test_nothing_of_it_stands_in_the_files_of_the_database(sqlite_url: str, tmp_path: Path) -> None:
    with closing(Store.open(sqlite_url, seal=KEY)) as store:
        a_day(store)
        content = b"".join(path.read_bytes() for path in tmp_path.glob("hotline.db*"))
    assert [word for word in PERSONAL if word.encode() in content] == []


def test_everything_is_found_by_its_number_as_before(sealed: Store) -> None:
    no = a_day(sealed)
    look = sealed.read_now
    assert [one.no for one in look(lambda conn: briefs.cases_of_caller(conn, NUMBER, 5))] == [no]
    assert len(look(lambda conn: calls.calls_of(conn, NUMBER, 50))) == len(Exchange.KINDS)
    assert look(numbers.known_numbers)[0].number == NUMBER
    assert [one.number for one in look(lambda conn: nuisance.restrictions(conn, MORNING))] == [OTHER]
    assert look(lambda conn: drafts.draft(conn, "hotline1-3.3") or {})["contact_name"] == NAME
    assert [one.number for one in look(lambda conn: events.members(conn, 1))] == [HEARD]
    assert look(lambda conn: duty.on_duty(conn, "szgc", "duty", later(hours=1))).name == OFFICER
    assert {task.number for task in look(lambda conn: outgoing_lists.search(conn, state="all")).rows} == {
        NUMBER
    }
    assert walks.view(sealed, no).contact_name == NAME
    assert look(urgent_lists.to_ring) == []


def test_records_are_derived_from_sealed_lines_as_they_were(sealed: Store) -> None:
    ring_in(sealed, NUMBER, 1)
    again = sealed.write_now(rebuilding.rebuild)
    assert again.calls == len(Exchange.KINDS)
    assert again.different == ()


def test_the_pauses_of_a_recording_are_read_in_sealed_lines(sealed: Store) -> None:
    call, source = "hotline1-1795316044.6", Source("hotline1:queue_log", "hotline1", Form.QUEUE_LOG)
    kinds = (PAUSED, AGAIN)
    lines = [f"1795316050|{call}|hotline|s1001|{kind}|at=1795316050{n}00" for n, kind in enumerate(kinds)]
    rows, place = position(lines)
    sealed.write_now(partial(records.ingest, source=source, rows=rows, position=place))
    assert len(sealed.read_now(lambda conn: recordings.pauses(conn, call))) == 1


def test_a_look_up_by_number_goes_by_the_index(sealed: Store) -> None:
    walks.registered(sealed, contact_number=NUMBER)
    assert "ix_case_contact_cases_of_caller" in sealed.read_now(
        lambda conn: plan_of(conn, select(CONTACT.c.case).where(CONTACT.c.number == NUMBER))
    )
    assert "ix_call_of_number" in sealed.read_now(
        lambda conn: plan_of(conn, select(calls.CALL.c.id).where(calls.CALL.c.number == NUMBER))
    )


def plan_of(conn: Connection, question: Any) -> str:
    asked = question.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True}).string
    if conn.dialect.name == "sqlite":
        rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
    else:
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = conn.exec_driver_sql(f"EXPLAIN {asked}").all()
    return json.dumps([list(row) for row in rows], default=str)


def test_another_key_is_called_another_key(sealed: Store, store_url: str) -> None:
    walks.registered(sealed, contact_number=NUMBER)
    with (
        closing(Store.open(store_url, seal=b"another city's")) as other,
        pytest.raises(Unsealed, match="key"),
    ):
        other.read_now(resealing.try_key)
    with closing(Store.open(store_url)) as none, pytest.raises(Unsealed, match="no key"):
        none.read_now(resealing.try_key)
    sealed.read_now(resealing.try_key)


def test_what_an_older_version_wrote_is_read_and_then_sealed(store: Store, store_url: str) -> None:
    no = a_day(store)
    with closing(Store.open(store_url, seal=KEY)) as newer:
        assert walks.view(newer, no).contact_number == NUMBER
        assert set(newer.read_now(resealing.clear_tables)) <= set(resealing.sealed_columns())
        before = newer.read_now(lambda conn: conn.execute(LINES).all())
        assert [done.table for done in resealing.seal_all(newer)]
        assert list(resealing.seal_all(newer)) == []
        assert newer.read_now(partial(found_in, wanted=PERSONAL)) == set()
        after = newer.read_now(lambda conn: conn.execute(LINES).all())
        assert after == before
        assert newer.read_now(history.verify) is None
        assert [one.no for one in newer.read_now(lambda conn: briefs.cases_of_caller(conn, NUMBER, 5))] == [
            no
        ]
        found = newer.read_now(lambda conn: finding.search(conn, finding.Filters(words=NUMBER)))
        assert [one.no for one in found.rows] == [no]


def test_sealing_goes_on_where_it_broke_off(store: Store, store_url: str) -> None:
    ring_in(store, NUMBER, 1)
    with closing(Store.open(store_url, seal=KEY)) as newer:
        step = partial(resealing.seal_some, table=LINE, most=10)
        place, first = newer.write_now(partial(step, after=()))
        assert (place is None, first) == (False, 10)
        assert newer.read_now(resealing.clear_tables)
        list(resealing.seal_all(newer))
        assert newer.read_now(resealing.clear_tables) == []


def test_a_number_that_was_kept_again_meanwhile_is_there_once(store: Store, store_url: str) -> None:
    store.write_now(
        lambda conn: numbers.keep_known(conn, Known(NUMBER, elder=False, note="旧"), by="2001", at=MORNING)
    )
    with closing(Store.open(store_url, seal=KEY)) as newer:
        newer.write_now(
            lambda conn: numbers.keep_known(conn, Known(NUMBER, elder=True, note="新"), by="2001", at=MORNING)
        )
        list(resealing.seal_all(newer))
        assert [one.note for one in newer.read_now(numbers.known_numbers)] == ["新"]


def test_a_number_is_the_same_in_every_table_and_opens_as_nothing_else(sealed: Store) -> None:
    sealed.write_now(
        lambda conn: numbers.keep_known(conn, Known(NUMBER, elder=True, note=""), by="2001", at=MORNING)
    )
    walks.registered(sealed, contact_number=NUMBER, contact_name=NUMBER)
    same = select(type_coerce(CONTACT.c.number, Text), CONTACT.c.name).join(
        KNOWN, KNOWN.c.number == CONTACT.c.number
    )
    raw, name = sealed.read_now(lambda conn: conn.execute(same).one())
    assert name == NUMBER
    sealer = Sealer(KEY)
    with pytest.raises(Unsealed, match="does not belong"):
        sealer.open(raw, "name")
    with pytest.raises(Unsealed, match="was changed"):
        sealer.open(raw[:-4] + "AAA=", "number")


def test_what_looks_sealed_and_is_a_citizens_own_text_stays_his_text(sealed: Store) -> None:
    case = walks.registered(sealed, contact_name=f"{MARK}s而已")
    assert walks.view(sealed, case.no).contact_name == f"{MARK}s而已"


def test_what_is_empty_stays_empty(sealed: Store) -> None:
    walks.registered(sealed, contact_name="", contact_number="", reply_way="无需回复")
    raw = sealed.read_now(lambda conn: conn.execute(select(type_coerce(CONTACT.c.number, Text))).scalar_one())
    assert raw == ""


def test_history_calls_a_number_by_a_name_that_only_the_key_gives(sealed: Store, store_url: str) -> None:
    name = sealed.read_now(lambda conn: numbers.subject_of(conn, NUMBER))
    assert name == sealed.read_now(lambda conn: numbers.subject_of(conn, NUMBER))
    with closing(Store.open(store_url, seal=b"another city's")) as other:
        assert other.read_now(lambda conn: numbers.subject_of(conn, NUMBER)) != name


def test_the_number_promised_with_a_sealed_draft_is_the_case_s(sealed: Store) -> None:
    fields = {"title": "路灯不亮"}
    sealed.write_now(
        lambda conn: drafts.save_draft(
            conn, call="c1", by="1001", fields=fields, at=MORNING, no="RH261123-00001-1"
        )
    )
    assert sealed.write_now(lambda conn: drafts.take_draft(conn, "c1")) == "RH261123-00001-1"


def test_a_hot_statement_refuses_to_return_what_is_sealed(sealed: Store) -> None:
    asked = Hot(lambda _: select(CONTACT.c.number))
    with pytest.raises(TypeError, match="sealed column"):
        sealed.read_now(asked)
