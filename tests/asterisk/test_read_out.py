"""★1 on a real call, with a speech service that listens: a reply is read aloud, and judged in words."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from agi_scripts import status
from agi_scripts.agi import AGISession
from agi_scripts.case_desk import CaseDesk
from agi_scripts.parts import Parts
from cases.call_facts import Fact, read_cel
from cases.workflow import State
from ivr import evaluation
from ivr.voice import SpokenText
from storage import cases
from storage.engine import Store
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.asterisk.hearing import Ours, our_side, voice
from tests.asterisk.speech_service import SpeechService, speech_service
from tests.makers import CENTRE_REVIEWER, FINAL_REVIEWER, HANDLER, RULES, a_reply, later
from tests.sip import eventually
from tests.speech_sound import talk
from tests.storage import walks

pytestmark = pytest.mark.asterisk

REPLY = "您反映的井盖已于当日更换。现场已经恢复通行。感谢您的监督。"


@pytest.fixture(scope="module")
def service(one_switchboard: Switchboard) -> Iterator[SpeechService]:
    port, log = one_switchboard.settings.speech_port, one_switchboard.folder / "log" / "speech.log"
    with speech_service(port, log) as running:
        yield running


@pytest.fixture
async def ours(switchboard: Switchboard, service: SpeechService) -> AsyncIterator[Ours]:
    async with our_side(switchboard) as side:
        await side.knows_speech()
        yield side


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path, ours: Ours) -> Iterator[Parts]:
    store = Store.open(sqlite_url)
    yield Parts(
        store=store,
        voice=SpokenText(tmp_path / "live"),
        zone=ZoneInfo("Asia/Shanghai"),
        now=lambda: later(days=2),
        speech=ours.probe,
    )
    store.close()


def readings(switchboard: Switchboard) -> list[Fact]:
    """Return what came of each sentence so far. The rows are longer than Asterisk writes; what counts comes first."""
    facts = [read_cel(line) for line in switchboard.cel_lines()]
    return [fact for fact in facts if fact.get("grammar") == "status_keys"]


def replied(store: Store) -> str:
    no, at = walks.handling(store), later(days=1)

    def review(conn: Connection) -> None:
        cases.reply(conn, no, a_reply(public_text=REPLY), by=HANDLER, at=at, rules=RULES)
        cases.pass_review(conn, no, by=CENTRE_REVIEWER, at=at, rules=RULES)
        cases.pass_final(conn, no, by=FINAL_REVIEWER, at=at, rules=RULES)

    store.write_now(review)
    return no


def lived(fact: Fact) -> list[str]:
    return [sound for sound in fact.get("said").split() if sound.startswith("live/")]


async def test_s1_a_reply_is_read_sentence_by_sentence_more_slowly_on_request_and_cut_short_by_a_key(
    switchboard: Switchboard, people: People, ours: Ours, parts: Parts
) -> None:
    no = replied(parts.store)
    code = walks.code_for(parts.store, no)
    ours.scripts["incoming"] = partial(status.run, parts=parts)
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("say-case-number"))
    await citizen.presses(walks.view(parts.store, no).digits)
    await citizen.hears_tone(hertz_of("say-code"))
    await citizen.presses(code)
    # The first sentence comes with all that is said of the case before it.
    await eventually(lambda: readings(switchboard), 60)
    await citizen.presses("4")
    await eventually(lambda: len(readings(switchboard)) >= 3, 30)
    await citizen.presses("0")
    await citizen.hears_tone(hertz_of("to-person"))
    await eventually(lambda: len(readings(switchboard)) >= 4)
    first, cut, slow, *_, last = readings(switchboard)
    assert (first.get("outcome"), first.get("engine")) == ("silence", "on")
    assert (cut.get("key"), last.get("key")) == ("4", "0")
    assert len(lived(cut)) == len(lived(slow)) == 1
    assert lived(slow) != lived(cut)
    assert slow.get("outcome") == "silence"


async def test_s1_both_questions_of_an_evaluation_are_answered_in_words(
    people: People, ours: Ours, parts: Parts, tmp_path: Path
) -> None:
    no = walks.in_callback(parts.store)

    async def incoming(call: AGISession) -> None:
        await evaluation.evaluate(call, CaseDesk(call, parts), no)
        await call.route("end")

    ours.scripts["incoming"] = incoming
    # He may speak into the question. Each is heard for five seconds after it.
    words = talk((2.5, "解决 了"), (6.5, "满意"), seconds=30)
    citizen = await people.citizen(voice=voice(tmp_path, words))
    await citizen.dials()
    await citizen.hears_tone(hertz_of("thanks"), 30)
    case = walks.view(parts.store, no)
    assert case.state is State.CLOSED
    assert [(one.fields["solved"], one.fields["satisfied"]) for one in case.callbacks] == [("full", "满意")]
