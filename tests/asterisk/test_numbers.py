"""Old numbers, events, overload and restrictions, from the telephone to the store and back, on a real Asterisk."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from agi_scripts import incoming
from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from agi_scripts.server import Script
from cases.call_facts import read_cel
from cases.call_record import CallRecord, EndReason, derive
from cases.nuisance import Grade, Reason
from cases.workflow import Role
from ivr import sound
from ivr.admission import Limits, Load
from ivr.voice import SpokenText
from storage import events, nuisance, numbers
from storage.engine import Store
from storage.people import Actor
from tests import makers
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of, write_tone
from tests.console.recordings import a_recording
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]
NUMBER = "13850123456"
OWN_HERTZ = 440  # of the recording that the city uploaded
SECONDS = 3.0


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


def now() -> datetime:
    return datetime.now(UTC)


def live(scripts: Scripts, switchboard: Switchboard, store: Store, **changes: Any) -> None:
    """Let our own script receive the callers; what cannot be spoken here is a recording."""
    folder = Path(switchboard.folder) / "sounds" / "zh" / "live"
    fields: dict[str, Any] = {
        "store": store, "voice": SpokenText(folder), "zone": ZoneInfo("Asia/Shanghai"), "now": now,
    }  # fmt: skip
    parts = Parts(**fields | changes)

    async def script(call: AGISession) -> None:
        await incoming.run(call, parts)

    scripts["incoming"] = script


def record_of(switchboard: Switchboard) -> CallRecord:
    """Return what the files of Asterisk make of the only call."""
    lines = switchboard._cel_lines()[switchboard.since :]
    record = derive(read_cel(line) for line in lines)
    assert record is not None
    return record


def kept_sound(conn: Connection) -> str:
    data = a_recording(seconds=SECONDS, level=-10)
    return numbers.keep_sound(conn, data, seconds=sound.seconds_of(sound.parse(data)), by="admin", at=now())


async def test_h_08_an_old_number_leads_to_the_line_with_its_greeting_and_its_skill(
    switchboard: Switchboard, people: People, scripts: Scripts, sqlite_store: Store
) -> None:
    def enter(conn: Connection) -> None:
        line = numbers.OldHotline(
            dialled="66665666", name="交通热线", skill="traffic", sound=kept_sound(conn)
        )
        numbers.keep_old_hotline(conn, line, by="admin", at=now())

    sqlite_store.write_now(enter)
    live(scripts, switchboard, sqlite_store)
    citizen = await people.citizen(NUMBER)
    await citizen.dials("66665666")
    await citizen.hears_tone(hertz_of("welcome"))
    await citizen.hears_tone(OWN_HERTZ)
    await citizen.hears_tone(HOLD_HERTZ)
    assert switchboard.facts("OFFERED")[0].detail["dialled"] == "66665666"
    (channel,) = [name for name in switchboard.channels() if name.startswith("PJSIP/")]
    told = switchboard.ami("Getvar", Channel=channel, Variable="HOTLINE_WISH")["Value"]
    wish = parse_qs(told)
    assert (wish["skill"], wish["line"]) == (["traffic"], ["66665666"])


async def test_f10_20_key_1_in_an_announcement_attaches_the_caller_and_frees_the_place(
    switchboard: Switchboard, people: People, scripts: Scripts, sqlite_store: Store
) -> None:
    def begin(conn: Connection) -> int:
        form = events.EventForm(name="停水", announcement="榕东区停水", sound=kept_sound(conn))
        return events.open_event(conn, form, key="k", by="lead", at=now())

    event = sqlite_store.write_now(begin)
    live(scripts, switchboard, sqlite_store)
    citizen = await people.citizen(NUMBER)
    await citizen.dials()
    await citizen.hears_tone(OWN_HERTZ)
    await citizen.presses("1")
    await citizen.hears_tone(hertz_of("event-added"))
    await citizen.is_hung_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    assert switchboard.facts("QUEUED") == []
    record = record_of(switchboard)
    assert (record.end_reason, record.ring_back) == (EndReason.EVENT_JOINED, None)
    (member,) = sqlite_store.read_now(lambda conn: events.members(conn, event))
    assert (member.number, member.call) == (NUMBER, switchboard.facts("OFFERED")[0].call)


async def test_f07_11_a_blocked_number_hears_why_and_leaves_a_message(
    switchboard: Switchboard, people: People, scripts: Scripts, sqlite_store: Store, tmp_path: Path
) -> None:
    def block(conn: Connection) -> None:
        proposal = nuisance.Proposal(
            number=NUMBER, grade=Grade.BLOCK, reason=Reason.ABUSE, note="辱骂", days=7
        )
        number = nuisance.propose(conn, proposal, by=makers.AGENT, at=now())
        for by in (makers.TEAM_LEAD, Actor("boss", Role.SUPERVISOR, "xnb")):
            nuisance.sign(conn, number, by=by, at=now())

    sqlite_store.write_now(block)
    live(scripts, switchboard, sqlite_store)
    words = tmp_path / "words.wav"
    write_tone(words, 300, 60)
    citizen = await people.citizen(NUMBER, words)
    await citizen.dials()
    await citizen.hears_tone(hertz_of("blocked-message"), seconds=30)
    await citizen.presses("1")
    await citizen.hears_tone(hertz_of("leave-message"))
    spool = switchboard.folder / "spool" / "messages"
    await eventually(lambda: any(path.stat().st_size > 30000 for path in spool.rglob("*.wav")))
    await citizen.presses("#")
    await citizen.hears_tone(hertz_of("message-saved"))
    await citizen.is_hung_up()
    (message,) = await eventually(lambda: list(spool.glob("*.json")))
    assert json.loads(message.read_text(encoding="utf-8"))["number"] == NUMBER
    assert switchboard.facts("REFUSED")[0].detail == {"why": "nuisance", "number": ""}
    assert switchboard.facts("FALLBACK") == []
    await eventually(lambda: switchboard.facts("ENDED"))
    assert record_of(switchboard).end_reason is EndReason.MESSAGE_LEFT


async def test_overload_notes_the_number_says_so_and_names_the_emergency_numbers(
    switchboard: Switchboard, people: People, scripts: Scripts, sqlite_store: Store
) -> None:
    live(scripts, switchboard, sqlite_store, load=lambda: Load(calls=11), limits=Limits(most_calls=10))
    citizen = await people.citizen(NUMBER)
    await citizen.dials()
    await citizen.hears_tone(hertz_of("busy-noted"))
    await citizen.hears_tone(hertz_of("emergency"), seconds=30)
    await citizen.is_hung_up(seconds=40)
    owed = sqlite_store.read_now(
        lambda conn: conn.exec_driver_sql("SELECT number FROM ring_back WHERE closed_at IS NULL").all()
    )
    assert [row[0] for row in owed] == [NUMBER]
    assert switchboard.facts("QUEUED") == []
    assert switchboard.facts("REFUSED")[0].detail["why"] == "calls"
    await eventually(lambda: switchboard.facts("ENDED"))
    record = record_of(switchboard)
    assert record.end_reason is EndReason.REFUSED
    assert record.ring_back is not None
    assert record.ring_back.number == NUMBER
