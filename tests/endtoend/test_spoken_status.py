"""A citizen says the number of his case, figure by figure, and is told how it stands: in a whole hotline."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cases.numbers import parse
from hotline.phone import Line
from tests.endtoend.conftest import town_with
from tests.sip import Telephone, eventually, telephone
from tests.speech_sound import talk
from tests.storage import walks
from tests.town import Town

NUMBER_AT = 9.0  # seconds of the call at which he says the number
AFTER_NUMBER = 16.0  # until he says the code
GREETING = 3.0


@pytest.fixture(scope="module")
def hearing_town() -> Iterator[Town]:
    with town_with(start_ours=False, speech="true", speech_workers=1) as town:
        town.start_speech()
        town.start_ours()
        yield town


def as_people_say(figures: str) -> str:
    """Rest between two equal figures: the model of the tests hears them as one."""
    said = figures[0]
    for one, two in pairwise(figures):
        said += f"，{two}" if one == two else two
    return said


def turns(town: Town) -> list[dict[str, str]]:
    """Return what came of each listening so far, as the files of the exchange have it."""
    path = town.state / "log" / "cel-custom" / "cel.json"
    rows = map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1])  # not of a line half written
    facts = [json.loads(row["eventextra"])["extra"] for row in rows if row["eventtype"] in KINDS]
    return [dict(parse_qsl(fact, keep_blank_values=True)) for fact in facts]


KINDS = {"HOTLINE_MENU", "HOTLINE_SELF_SERVICE"}


def heard(town: Town, grammar: str) -> list[dict[str, str]]:
    return [turn for turn in turns(town) if turn.get("grammar") == grammar]


@pytest.fixture
def case(hearing_town: Town) -> Iterator[tuple[str, str]]:
    """Return the figures of a case's number, and the code that opens it."""
    store = hearing_town.store()
    filed = walks.registered(store, at=datetime.now(UTC))
    yield parse(filed.no, "RH").digits, filed.code
    store.close()


@pytest.fixture
async def citizen(hearing_town: Town, case: tuple[str, str], tmp_path: Path) -> AsyncIterator[Telephone]:
    number, code = map(as_people_say, case)
    said = talk((NUMBER_AT, number), (NUMBER_AT + AFTER_NUMBER, code), seconds=90)
    (tmp_path / "voice.wav").write_bytes(said)
    line = Line(user="13859990001", server=hearing_town.sip)
    async with telephone(line, tmp_path / "phone", tmp_path / "voice.wav") as one:
        yield one


async def test_f10_05_the_state_of_a_case_is_told_to_who_says_its_number_and_its_code(
    hearing_town: Town, case: tuple[str, str], citizen: Telephone
) -> None:
    town = hearing_town
    await citizen.dials()
    await asyncio.sleep(GREETING)
    await citizen.presses("1")
    first = await eventually(lambda: heard(town, "digits:12"), 30)
    assert [(one["mode"], one["outcome"]) for one in first] == [("speech", "heard")]
    await asyncio.sleep(1)
    await citizen.presses("1")
    second = await eventually(lambda: heard(town, "digits:6"), 30)
    assert [(one["mode"], one["outcome"]) for one in second] == [("speech", "heard")]
    await asyncio.sleep(1)
    await citizen.presses("1")
    told = await eventually(lambda: [turn for turn in turns(town) if turn.get("result") == "heard"], 20)
    assert told[0]["state"] == "registered"
    written = town.log() + (town.state / "log" / "speech.log").read_text(encoding="utf-8")
    assert not [secret for secret in case if secret in written]
