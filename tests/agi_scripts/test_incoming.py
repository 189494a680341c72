"""The first script of a call on a real store: what is known of the caller decides, and nothing known means a person."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from agi_scripts.arrivals import Arrivals
from agi_scripts.parts import Parts
from agi_scripts.server import scripts
from cases.nuisance import Grade, Reason
from cases.workflow import Role
from ivr.admission import Limits, Load, Pace
from storage import events, nuisance, numbers
from storage.engine import Store
from storage.people import Actor
from storage.ring_backs import ask_ring_back
from tests import makers
from tests.agi_scripts.agi_world import GONE, Heard, Replies, session, table
from tests.agi_scripts.test_scripts import DONE, DeadStore, routed, said
from tests.fakes import FakeVoice
from tests.makers import MORNING

CALL = "hotline1-1795308607.0"
ANY = "GET DATA"
SILENT = {ANY: "200 result= (timeout)"}


def parts_of(store: Store, **changes: Any) -> Parts:
    fields: dict[str, Any] = {
        "store": store, "voice": FakeVoice(), "zone": ZoneInfo("Asia/Shanghai"), "now": lambda: MORNING,
    }  # fmt: skip
    return Parts(**fields | changes)


async def incoming(
    store: Store, replies: Replies | None = None, parts: Parts | None = None, **headers: str
) -> Heard:
    table_of = scripts(parts or parts_of(store))
    return await session(table_of["incoming"], replies or table({}), **headers)


def wish(heard: Heard) -> dict[str, list[str]]:
    return parse_qs(heard.of('SET VARIABLE "HOTLINE_WISH"')[-1].strip('"'), keep_blank_values=True)


def water_cut(store: Store) -> int:
    form = events.EventForm(name="榕东区停水", announcement="榕东区停水")
    return store.write_now(lambda conn: events.open_event(conn, form, key="k", by="lead", at=MORNING))


def blocked(store: Store, grade: Grade = Grade.BLOCK) -> None:
    proposal = nuisance.Proposal(number="13850123456", grade=grade, reason=Reason.ABUSE, note="辱骂", days=7)

    def work(conn: Connection) -> None:
        number = nuisance.propose(conn, proposal, by=makers.AGENT, at=MORNING - timedelta(hours=1))
        for by in (makers.TEAM_LEAD, Actor("boss", Role.SUPERVISOR, "xnb")):
            nuisance.sign(conn, number, by=by, at=MORNING - timedelta(hours=1))

    store.write_now(work)


async def test_h_08_the_seat_is_told_over_which_number_and_with_which_skill_he_comes(store: Store) -> None:
    line = numbers.OldHotline(dialled="66665666", name="交通热线", skill="traffic", language="min")
    store.write_now(lambda conn: numbers.keep_old_hotline(conn, line, by="admin", at=MORNING))
    heard = await incoming(store, agi_dnid="66665666")
    assert routed(heard) == "line"
    assert wish(heard) == {
        "skill": ["traffic"], "language": ["min"], "priority": ["0"], "line": ["66665666"],
    }  # fmt: skip
    assert said(heard) == ["welcome", "live/您拨打的交通热线已并入12345，正在为您转接。"]


async def test_h_08_a_number_nobody_entered_is_received_like_12345(store: Store) -> None:
    heard = await incoming(store, agi_dnid="4001234")
    assert (routed(heard), said(heard)) == ("line", ["welcome"])
    assert wish(heard)["line"] == ["4001234"]


async def test_f10_20_key_1_attaches_the_caller_and_ends_the_call(store: Store) -> None:
    event = water_cut(store)
    heard = await incoming(store, table({ANY: ["200 result=1", "200 result= (timeout)"]}))
    assert routed(heard) == "end"
    (member,) = store.read_now(lambda conn: events.members(conn, event))
    assert (member.number, member.call) == ("13850123456", CALL)
    assert f"HOTLINE_EVENT,event={event}&heard=added" in heard.facts()


async def test_f10_20_who_hangs_up_in_the_announcement_is_counted(store: Store) -> None:
    event = water_cut(store)
    replies = table(
        {
            'STREAM FILE "hotline/event-join"': "200 result=-1 endpos=0",
            "CHANNEL STATUS": GONE,
        }
    )
    heard = await incoming(store, replies)
    assert DONE not in heard.commands
    (hour,) = store.read_now(lambda conn: events.by_hour(conn, event, ZoneInfo("Asia/Shanghai")))
    assert (hour.heard, hour.hung_up) == (1, 1)


async def test_above_the_limit_the_number_is_noted_and_rung_back(store: Store) -> None:
    parts = parts_of(store, load=lambda: Load(calls=11), limits=Limits(most_calls=10))
    heard = await incoming(store, table(SILENT), parts)
    assert routed(heard) == "end"
    assert "busy-noted" in said(heard)
    assert "HOTLINE_REFUSED,why=calls&number=13850123456&again=0" in heard.facts()
    owed = store.read_now(lambda conn: conn.exec_driver_sql("SELECT number, closed_at FROM ring_back").all())
    assert [tuple(row) for row in owed] == [("13850123456", None)]


async def test_who_holds_on_is_in_the_line_and_is_owed_nothing(store: Store) -> None:
    parts = parts_of(store, load=lambda: Load(calls=11), limits=Limits(most_calls=10))
    heard = await incoming(store, table({ANY: "200 result=0"}), parts)
    assert routed(heard) == "line"
    owed = store.read_now(
        lambda conn: conn.exec_driver_sql("SELECT call FROM ring_back WHERE closed_at IS NULL").all()
    )
    assert owed == []


async def test_who_is_noted_already_is_not_noted_again(store: Store) -> None:
    store.write_now(
        lambda conn: ask_ring_back(conn, call="hotline1-1.0", number="13850123456", at=MORNING, key="k")
    )
    parts = parts_of(store, load=lambda: Load(calls=11), limits=Limits(most_calls=10))
    heard = await incoming(store, parts=parts)
    assert "HOTLINE_REFUSED,why=calls&number=13850123456&again=1" in heard.facts()
    rows = store.read_now(lambda conn: conn.exec_driver_sql("SELECT call FROM ring_back").all())
    assert [row[0] for row in rows] == ["hotline1-1.0"]


async def test_an_elder_is_let_in_whatever_the_load(store: Store) -> None:
    elder = numbers.Known("13850123456", elder=True, note="")
    store.write_now(lambda conn: numbers.keep_known(conn, elder, by="1001", at=MORNING))
    water_cut(store)
    parts = parts_of(store, load=lambda: Load(calls=99), limits=Limits(most_calls=10))
    heard = await incoming(store, parts=parts)
    assert (routed(heard), said(heard)) == ("line", ["welcome"])
    assert wish(heard)["elder"] == ["1"]


async def test_f07_11_a_blocked_number_hears_the_notice_and_may_leave_a_message(store: Store) -> None:
    blocked(store)
    heard = await incoming(store, table({ANY: "200 result=1"}))
    assert routed(heard) == "message"
    assert any("多次辱骂工作人员" in sound for sound in said(heard))
    assert "emergency" in said(heard)
    assert "HOTLINE_REFUSED,why=nuisance&number=" in heard.facts()


async def test_f07_11_a_withheld_number_is_never_blocked(store: Store) -> None:
    blocked(store)
    heard = await incoming(store, agi_callerid="unknown")
    assert (routed(heard), said(heard)) == ("line", ["welcome"])


async def test_f07_11_a_warned_number_waits_behind_the_others(store: Store) -> None:
    blocked(store, Grade.SLOW)
    heard = await incoming(store)
    assert said(heard) == ["welcome", "warned"]
    assert wish(heard)["priority"] == ["-1"]


async def test_a_number_that_calls_too_often_is_noted_not_silenced(store: Store) -> None:
    parts = parts_of(store, limits=Limits(number_a_minute=2))
    routes = [routed(await incoming(store, table(SILENT), parts)) for _ in range(3)]
    assert routes == ["line", "line", "end"]
    (owed,) = store.read_now(lambda conn: conn.exec_driver_sql("SELECT reason, since FROM ring_back").all())
    assert tuple(owed) == ("refused", None)


async def test_without_the_store_everybody_hears_the_greeting_and_gets_a_person() -> None:
    heard = await incoming(DeadStore(), agi_dnid="66665666")
    assert (routed(heard), said(heard)) == ("line", ["welcome"])
    assert wish(heard)["line"] == ["66665666"]


async def test_a_store_that_hangs_keeps_no_caller_from_a_person(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class HangingStore(DeadStore):
        async def read(self, work: Callable[[Connection], object]) -> object:  # type: ignore[override]
            return await asyncio.Event().wait()

    monkeypatch.setattr("agi_scripts.incoming.WELCOME_SECONDS", 0.05)
    heard = await incoming(HangingStore())
    assert (routed(heard), said(heard)) == ("line", ["welcome"])
    told = [record for record in caplog.records if "nothing is known of the call" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.WARNING]


async def test_an_event_is_joined_by_a_promise_that_is_kept_or_not_given(store: Store) -> None:
    water_cut(store)

    class ReadOnly(DeadStore):
        async def read(self, work: Callable[[Connection], object]) -> object:  # type: ignore[override]
            return await store.read(work)

    heard = await incoming(ReadOnly(), table({ANY: "200 result=1"}))
    assert routed(heard) == "line"
    assert "event-added" not in said(heard)


def test_calls_of_one_number_and_of_its_neighbours_are_counted_for_a_minute() -> None:
    arrivals = Arrivals()
    assert arrivals.came("13850123456", MORNING) == Pace(1, 1)
    assert arrivals.came("+8613850123456", MORNING) == Pace(2, 2)
    assert arrivals.came("13850129999", MORNING) == Pace(1, 3)
    assert arrivals.came("13850123456", MORNING + timedelta(seconds=60)) == Pace(1, 1)


def test_withheld_numbers_are_nobody_and_never_fast() -> None:
    arrivals = Arrivals()
    assert {arrivals.came("", MORNING) for _ in range(100)} == {Pace(1, 1)}


def test_a_machine_that_invents_numbers_does_not_fill_the_memory() -> None:
    arrivals = Arrivals()
    for number in range(30_000):
        arrivals.came(f"1385{number:07}", MORNING)
    assert len(arrivals._times) <= 20_000
