"""We ring by ourselves, without a seat: who takes it up hears what it is about, and every end of it is on record."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agi_scripts import ringer as ringer_module
from agi_scripts.ami import AMILink
from agi_scripts.parts import Parts
from agi_scripts.ringer import Ringer
from agi_scripts.server import scripts
from agi_scripts.witness import Witness
from cases.call_facts import read_cel
from cases.call_parts import EndReason, SegmentKind
from cases.call_record import CallRecord, derive
from cases.outgoing import PURPOSES, Kind
from cases.ring_backs import quiet_hours
from cases.workflow import State
from hotline.phone import Line
from routing.outgoing_loop import NotBegun
from storage import outgoing, outgoing_lists, urgent_lists, voice_notes
from storage.engine import Store
from tests import speech_sound
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.asterisk.hearing import our_side, voice
from tests.asterisk.speech_service import speech_service
from tests.makers import MORNING, RULES, later
from tests.sip import Telephone, eventually
from tests.storage import walks
from tests.storage.test_urgent import NIGHT, alarm, on_rota

pytestmark = pytest.mark.asterisk

CITIZEN, DUTY = "13850123456", "13905910001"
QUIET = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))


class OneSound:
    """An `ivr.call.Voice` whose every word is the same prompt, which a test can hear."""

    async def say(self, text: str, *, slow: bool = False) -> list[str]:
        del text, slow
        return ["thanks"]

    async def recorded(self, digest: str, load: object) -> list[str]:
        raise NotImplementedError


@dataclass
class Ours:
    """Our process: its queue, its scripts, and its way to ring somebody."""

    store: Store
    ringer: Ringer
    board: Switchboard
    calls: list[str] = field(default_factory=list)
    at: datetime = MORNING
    """What our process takes for now."""

    def wants(self, kind: Kind, at: datetime) -> None:
        """Take the first call of this kind that may be made."""
        self.store.write_now(partial(outgoing_lists.switch, kind=kind, on=True, by="2001", at=MORNING))
        self.store.write_now(partial(outgoing.plan, quiet=QUIET, at=at))
        self.at = when = at + timedelta(hours=1)
        (one,) = self.store.read_now(partial(outgoing.ready, at=when))
        call = f"hotline1-{int(time.time())}.{10_000_000 + secrets.randbelow(90_000_000)}"
        assert self.store.write_now(partial(outgoing.take, one=one, call=call, by="hotline1", at=when))
        self.calls.append(call)

    async def rings(self, number: str, kind: Kind) -> None:
        await self.ringer.ring(self.calls[-1], number, PURPOSES[kind])

    def record(self) -> CallRecord:
        found = derive([read_cel(line) for line in self.board.cel_lines()])
        assert found is not None
        return found

    async def ended(self) -> str:
        """Return how Asterisk says it ended."""
        (fact,) = await eventually(lambda: self.board.facts("DIALLED"))
        await eventually(lambda: not self.board.channels(), otherwise="a channel is stuck")
        return fact.detail["status"]


@pytest.fixture
async def ours(switchboard: Switchboard, sqlite_url: str) -> AsyncIterator[Ours]:
    settings = switchboard.settings
    link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
    running = asyncio.create_task(link.run())
    await asyncio.wait_for(link.ready.wait(), 10)
    store = Store.open(sqlite_url)
    us = Ours(store, Ringer(link, Witness(), "12345"), switchboard)
    parts = Parts(
        store,
        OneSound(),
        ZoneInfo("Asia/Shanghai"),
        lambda: us.at,
        case_rules=lambda: RULES,
        recordings=switchboard.folder / "recordings",
        spool=switchboard.folder / "spool" / "messages",
    )
    async with our_side(switchboard) as side:
        side.scripts |= scripts(parts)
        yield us
    link.close()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    store.close()


async def telephone(board: Switchboard, people: People, number: str, sound: Path | None = None) -> Telephone:
    port = int(board.settings.carrier.rpartition(":")[2])
    return await people.telephone(Line(user=number, server=board.server, port=port), sound)


async def test_star_17_the_citizen_hears_who_we_are_and_the_number_of_his_case_then_the_result(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    no = walks.in_feedback(ours.store)
    ours.wants(Kind.FEEDBACK, later(days=1, hours=4))
    citizen = await telephone(switchboard, people, CITIZEN)
    await ours.rings(CITIZEN, Kind.FEEDBACK)
    await citizen.answers()
    await citizen.hears_tone(hertz_of("out-hello"))
    await citizen.hears_tone(hertz_of("out-case"))
    await citizen.presses("1")
    await citizen.hears_tone(hertz_of("thanks"))
    await eventually(lambda: walks.view(ours.store, no).state is State.CALLBACK)
    await citizen.hangs_up()
    assert await ours.ended() == "ANSWER"
    begun = switchboard.facts("OUTGOING")[0]
    assert (begun.call, begun.detail["number"]) == (ours.calls[0], CITIZEN)
    kept = switchboard.folder / "recordings" / begun.detail["recording"]
    await eventually(lambda: kept.stat().st_size > 2000, otherwise="nothing was recorded")
    await eventually(lambda: ours.record().ended_at)
    record = ours.record()
    assert (record.end_reason, record.seat, record.purpose) == (EndReason.SELF_SERVICE, "", "notice_feedback")
    assert {segment.kind for segment in record.segments} == {SegmentKind.DIALLING, SegmentKind.MENU}
    assert record.ring_back is None


async def test_t22_a_citizen_answers_in_words_says_why_and_has_the_rework_proposed(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path
) -> None:
    no = walks.in_callback(ours.store)
    ours.wants(Kind.REVISIT, later(days=2))
    said = speech_sound.talk((2.5, "可以"), (5.5, "没有解决"), (8.5, "不满意"), (11.0, "投诉"), seconds=30)
    log = switchboard.folder / "log" / "speech.log"
    with speech_service(switchboard.settings.speech_port, log):
        await asyncio.sleep(1.2)
        citizen = await telephone(switchboard, people, CITIZEN, voice(tmp_path, said))
        await ours.rings(CITIZEN, Kind.REVISIT)
        await citizen.answers()
        await citizen.hears_tone(hertz_of("say-why"), 30)
        await asyncio.sleep(3)
        await citizen.presses("#")
        await citizen.is_hung_up(30)
    assert await ours.ended() == "ANSWER"
    seen = walks.view(ours.store, no)
    assert seen.state is State.CLOSED
    assert "rework.proposed" in walks.kinds(ours.store, no)
    asked = [fact.detail for fact in switchboard.facts("MENU") if "grammar" in fact.detail]
    assert [(one["grammar"], one["mode"]) for one in asked] == [
        ("yes_no", "speech"),
        ("solved", "speech"),
        ("score", "speech"),
    ]
    assert "不满意" not in "".join(switchboard.cel_lines())
    (note,) = ours.store.read_now(partial(voice_notes.unheard, since=later(days=1)))
    assert (switchboard.folder / "recordings" / note.path).stat().st_size > 8000


async def test_h_02_the_duty_telephone_is_answered_and_the_key_acknowledges(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    on_rota(ours.store, "duty", DUTY)
    no = alarm(ours.store)
    ours.wants(Kind.DUTY, NIGHT)
    duty = await telephone(switchboard, people, DUTY)
    await ours.rings(DUTY, Kind.DUTY)
    await duty.answers()
    await duty.hears_tone(hertz_of("out-duty"))
    await duty.hears_tone(hertz_of("out-duty-alarm"))
    await duty.presses("1")
    await duty.hears_tone(hertz_of("out-duty-done"))
    await duty.is_hung_up()
    assert await ours.ended() == "ANSWER"
    assert "urgent.acknowledged" in walks.kinds(ours.store, no)
    assert ours.store.read_now(urgent_lists.to_ring) == []


@pytest.mark.parametrize("how", ["busy", "no answer"])
async def test_who_does_not_take_it_up_is_tried_again_another_time(
    switchboard: Switchboard, people: People, ours: Ours, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(ringer_module, "RING_SECONDS", 2)
    walks.in_feedback(ours.store)
    ours.wants(Kind.FEEDBACK, later(days=1, hours=4))
    citizen = await telephone(switchboard, people, CITIZEN)
    await ours.rings(CITIZEN, Kind.FEEDBACK)
    await citizen.rings()
    assert CITIZEN in switchboard.cli("group show channels"), "no seat rings whom we ring"
    if how == "busy":
        await citizen.refuses()
    assert await ours.ended() == ("BUSY" if how == "busy" else "NOANSWER")
    await eventually(lambda: ours.record().end_reason is EndReason.UNREACHED)
    assert switchboard.kinds() == ["OUTGOING", "DIALLED"]


async def test_without_our_process_he_hears_that_we_will_ring_again(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    switchboard.heartbeat(None)
    walks.in_feedback(ours.store)
    ours.wants(Kind.FEEDBACK, later(days=1, hours=4))
    citizen = await telephone(switchboard, people, CITIZEN)
    await ours.rings(CITIZEN, Kind.FEEDBACK)
    await citizen.answers()
    await citizen.hears_tone(hertz_of("out-again"))
    await citizen.is_hung_up()
    assert await ours.ended() == "ANSWER"


@pytest.mark.parametrize("number", ["4008001234", "0014155550100", "12345", ""])
async def test_nothing_else_is_dialled(ours: Ours, number: str) -> None:
    with pytest.raises(NotBegun):
        await ours.ringer.ring("hotline1-1.1", number, "notice_feedback")
    assert await ours.ringer.calls() == frozenset()
