"""The four scripts of a call, from AGI's header to the last variable, on a real store."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from agi_scripts import parts as parts_module
from agi_scripts.parts import Parts
from agi_scripts.server import scripts
from storage.cases import Registered, register
from storage.engine import Store
from storage.errors import StoreDown
from storage.ring_backs import open_ring_backs
from tests import makers
from tests.agi_scripts.agi_world import GONE, Heard, Replies, session, table
from tests.fakes import FakeVoice

DONE = 'SET VARIABLE "HOTLINE_DONE" "1"'


def parts_of(store: Store) -> Parts:
    return Parts(
        store=store, voice=FakeVoice(), zone=ZoneInfo("Asia/Shanghai"), now=lambda: makers.later(hours=1)
    )


async def run(name: str, store: Store, replies: Replies, **headers: str) -> Heard:
    return await session(scripts(parts_of(store))[name], replies, **headers)


def routed(heard: Heard) -> str:
    """Return where the call goes; the mark that the script is done must be its last command."""
    assert heard.commands[-1] == DONE
    return heard.of('SET VARIABLE "HOTLINE_ROUTE"')[-1].strip('"')


def said(heard: Heard) -> list[str]:
    """Return every sound that is on record, in order."""
    facts = [fact for fact in heard.facts() if fact.startswith("HOTLINE_MENU,")]
    return " ".join(parse_qs(fact.partition(",")[2]).get("said", [""])[0] for fact in facts).split()


def file_case(store: Store) -> Registered:
    def work(conn: Connection) -> Registered:
        return register(
            conn, makers.a_form(), key="k1", by=makers.AGENT, at=makers.MORNING, rules=makers.RULES
        )

    return store.write_now(work)


class DeadStore(Store):
    """A store whose database does not answer."""

    def __init__(self) -> None:
        """Without a database."""

    async def write(self, work: Callable[[Connection], object], *, retryable: bool = False) -> object:  # type: ignore[override]
        raise StoreDown("the disk is full")

    async def read(self, work: Callable[[Connection], object]) -> object:  # type: ignore[override]
        raise StoreDown("the disk is full")


def test_every_script_of_the_dialplan_is_there() -> None:
    dialplan = Path(__file__).parents[2] / "dialplan"
    text = "".join(path.read_text("utf-8") for path in dialplan.glob("*.conf"))
    asked = {
        line.split("hotline-ask,")[1].split(",")[0]
        for line in text.splitlines()
        if "Gosub(hotline-ask," in line
    }
    assert asked == set(scripts(parts_of(DeadStore())))


async def test_silence_at_the_greeting_leads_to_the_line() -> None:
    heard = await run("incoming", DeadStore(), table({}))
    assert said(heard) == ["welcome"]
    assert routed(heard) == "line"


@pytest.mark.parametrize(("key", "route"), [("49", "status"), ("57", "callback"), ("48", "line")])
async def test_a_key_in_the_greeting_leads_on_but_not_past_the_notice_of_recording(
    key: str, route: str
) -> None:
    replies = table({'STREAM FILE "hotline/welcome"': f"200 result={key} endpos=800"})
    heard = await run("incoming", DeadStore(), replies)
    assert said(heard) == ["welcome", "recording-notice"]
    assert routed(heard) == route


async def test_hanging_up_in_the_greeting_leaves_no_mark() -> None:
    replies = table({"STREAM FILE": "200 result=-1 endpos=16\nHANGUP", "CHANNEL STATUS": GONE})
    heard = await run("incoming", DeadStore(), replies)
    assert DONE not in heard.commands
    assert said(heard) == ["welcome"]


def keyed(*numbers: str) -> dict[str, str | list[str]]:
    """Return how Asterisk tells of numbers keyed one after the other: the first key by itself, then the others."""
    firsts = [f"200 result={ord(number[0])}" for number in numbers]
    return {
        "WAIT FOR DIGIT": [*firsts, "200 result=0"],
        "GET DATA": [f"200 result={number[1:]}" for number in numbers if number[1:]] or ["200 result="],
    }


async def test_a_caller_hears_how_the_case_stands_and_goes_back_to_the_line(store: Store) -> None:
    filed = file_case(store)
    replies = table({"GET VARIABLE": "200 result=1 (3)", **keyed(filed.digits, filed.code)})
    heard = await run("status", store, replies)
    spoken = said(heard)
    assert spoken[:2] == ["enter-case-number", "enter-code"]
    assert "state-registered" in spoken
    assert "back-to-line" in spoken
    assert routed(heard) == "line"
    assert filed.code not in "".join(heard.commands)


async def test_a_caller_who_was_not_in_the_line_ends_the_call_by_a_key_only(store: Store) -> None:
    filed = file_case(store)
    assert routed(await run("status", store, table(keyed(filed.digits, filed.code, "#")))) == "end"
    assert routed(await run("status", store, table(keyed(filed.digits, filed.code)))) == "line"


async def test_two_wrong_codes_lead_to_a_person(store: Store) -> None:
    filed = file_case(store)
    wrong = "000000" if filed.code != "000000" else "111111"
    heard = await run("status", store, table(keyed(*(filed.digits, wrong) * 2)))
    assert "to-person" in said(heard)
    assert not any(sound.startswith("state-") for sound in said(heard))
    assert routed(heard) == "line"


async def test_without_the_store_the_caller_is_told_and_a_person_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = await run("status", DeadStore(), table(keyed("261122001781", "482913")))
    assert said(heard)[-1] == "status-unavailable"
    assert routed(heard) == "line"
    assert [record.levelno for record in caplog.records if "disk is full" in record.getMessage()] == [
        logging.WARNING
    ]


async def test_a_store_that_hangs_keeps_no_caller_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    class HangingStore(DeadStore):
        async def write(self, work: Callable[[Connection], object], *, retryable: bool = False) -> object:  # type: ignore[override]
            return await asyncio.Event().wait()

    monkeypatch.setattr("agi_scripts.case_desk.LOOK_UP_SECONDS", 0.05)
    heard = await run("status", HangingStore(), table(keyed("261122001781", "482913")))
    assert said(heard)[-1] == "status-unavailable"
    assert routed(heard) == "line"
    assert parts_module.LOOK_UP_SECONDS <= 3


async def test_a_call_back_is_booked_once_however_often_it_is_asked(store: Store) -> None:
    for _ in range(2):
        heard = await run("callback", store, table({"GET DATA": "200 result=1"}))
        assert routed(heard) == "end"
        assert said(heard)[-1] == "callback-booked"
    (owed,) = store.read_now(open_ring_backs)
    assert (owed.call, owed.number) == ("hotline1-1795308607.0", "13850123456")


async def test_without_the_store_a_call_back_is_promised_by_the_record_of_the_call() -> None:
    heard = await run("callback", DeadStore(), table({"GET DATA": "200 result=1"}))
    assert "HOTLINE_CALLBACK,number=13850123456&chosen=" in heard.facts()
    assert said(heard)[-1] == "callback-booked"
    assert routed(heard) == "end"


async def test_a_score_is_a_fact_of_the_call_even_if_the_caller_hangs_up_at_once() -> None:
    replies = table(
        {
            "WAIT FOR DIGIT": f"200 result={ord('2')}",
            'STREAM FILE "hotline/thanks"': "200 result=-1 endpos=0",
            "CHANNEL STATUS": GONE,
        }
    )
    heard = await run("survey", DeadStore(), replies)
    assert "HOTLINE_SURVEY,score=2" in heard.facts()


async def test_after_the_survey_the_call_ends() -> None:
    assert routed(await run("survey", DeadStore(), table(keyed("1")))) == "end"
