"""Callers speak, on real calls with real sound: Asterisk plays, the speech service hears, keys always win."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from ivr import menu_file
from ivr.call import Heard, How, HungUp
from ivr.speech import phrases
from tests import speech_sound
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.asterisk.hearing import KEYS, SILENCE, UNKNOWN, Ours, in_words, our_side, voice
from tests.asterisk.speech_service import ROOT, SpeechService, speech_service
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

MENUS = ROOT / "ivr" / "menus" / "menu-first.toml"
TURN_SECONDS = 2.5  # from one answer of a caller to his next
AT_ONCE = 6  # answers of one caller


@pytest.fixture(scope="module")
def service(one_switchboard: Switchboard) -> Iterator[SpeechService]:
    port, log = one_switchboard.settings.speech_port, one_switchboard.folder / "log" / "speech.log"
    with speech_service(port, log, "--menu", str(MENUS)) as running:
        yield running


@pytest.fixture
async def ours(switchboard: Switchboard, service: SpeechService) -> AsyncIterator[Ours]:
    async with our_side(switchboard) as side:
        await side.knows_speech()
        yield side


def answers(service: SpeechService) -> list[tuple[str, str]]:
    """Return one phrase, with its grammar, for each meaning of a fixed table and each choice of the menus."""
    unknown: Mapping[str, list[str]] = service.state["unknown"]
    tables = {name: dict(table) for name, table in phrases.FIXED.items()}
    for name, menu in menu_file.load(MENUS).menus.items():
        tables[f"menu:{name}"] = {phrase: one.name for one in menu.choices for phrase in one.phrases}
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for grammar, table in tables.items():
        for phrase, meaning in table.items():
            if not any(word in phrase for word in unknown.get(grammar, [])):
                found.setdefault((grammar, meaning), (grammar, phrase))
    return list(found.values())


async def test_every_meaning_and_every_choice_of_the_menus_is_reached_by_voice(
    people: People, ours: Ours, service: SpeechService, tmp_path: Path
) -> None:
    wanted = answers(service)
    turns = {f"1385000{i:04}": wanted[i : i + AT_ONCE] for i in range(0, len(wanted), AT_ONCE)}
    heard: dict[tuple[str, str], Heard] = {}

    async def incoming(call: AGISession) -> None:
        for grammar, phrase in turns[call.caller]:
            heard[grammar, phrase] = await call.hear(["one-moment"], grammar, keys=KEYS, seconds=6)
        await call.route("line")

    ours.scripts["incoming"] = incoming
    for number, said in turns.items():
        spoken = [(1.2 + TURN_SECONDS * i, phrase) for i, (_, phrase) in enumerate(said)]
        (folder := tmp_path / number).mkdir()
        citizen = await people.citizen(
            number, voice(folder, speech_sound.talk(*spoken, seconds=TURN_SECONDS * len(said) + 5))
        )
        await citizen.dials()
    await eventually(lambda: len(heard) == len(wanted), 60)
    wrong = {at: one for at, one in heard.items() if one.words != at[1].replace(" ", "")}
    assert not wrong
    assert {one.how for one in heard.values()} == {How.SPEECH}


async def test_a_word_over_the_prompt_cuts_it_short_and_is_understood(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path
) -> None:
    ours.asks("yes_no", sounds=["welcome"] * 10)
    citizen = await people.citizen(voice=voice(tmp_path, speech_sound.talk((1.0, "可以"), seconds=20)))
    await citizen.dials()
    assert in_words(await ours.has_heard()) == ["可以"]
    fact = (await eventually(lambda: switchboard.facts("MENU")))[0].detail
    assert {name: fact[name] for name in ("grammar", "mode", "outcome", "engine")} == {
        "grammar": "yes_no", "mode": "speech", "outcome": "heard", "engine": "on",
    }  # fmt: skip
    assert int(fact["ms"]) < 4500
    assert int(fact["score"]) > 50
    assert len(fact["said"].split()) < 8
    assert "可以" not in "".join(switchboard.cel_lines())


async def test_a_prompt_of_several_sounds_is_heard_whole_and_then_silence_ends_the_turn(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    ours.asks("yes_no", sounds=["welcome", "please-hold", "digits/3"], seconds=1.5)
    citizen = await people.citizen()
    await citizen.dials()
    assert in_words(await ours.has_heard()) == [SILENCE]
    for sound in ("welcome", "please-hold", "digits/3"):
        await citizen.hears_tone(hertz_of(sound))
    fact = (await eventually(lambda: switchboard.facts("MENU")))[0].detail
    assert (fact["outcome"], fact["mode"]) == ("silence", "none")
    assert fact["said"] == "welcome please-hold digits/3"
    assert 3000 < int(fact["ms"]) < 5000


@pytest.mark.parametrize(
    ("spoken", "number"), [("261028 017359", "261028017359"), ("2610，2801，7359", "261028017359")]
)
async def test_a_case_number_is_understood_figure_by_figure_also_in_groups(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path, spoken: str, number: str
) -> None:
    ours.asks("digits:12", seconds=4)
    citizen = await people.citizen(voice=voice(tmp_path, speech_sound.talk((1.5, spoken), seconds=20)))
    await citizen.dials()
    heard = (await ours.has_heard())[0]
    assert phrases.digits_of(heard.words) == number
    assert switchboard.facts("MENU")[0].detail["grammar"] == "digits:12"


async def test_a_number_that_begins_by_keys_goes_on_by_keys_and_no_key_of_it_is_kept(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    ours.asks("digits:12", sounds=["enter-case-number"] * 5)
    citizen = await people.citizen()
    await citizen.dials()
    await asyncio.sleep(0.5)
    await citizen.presses("261122001783")
    assert in_words(await ours.has_heard()) == ["261122001783"]
    fact = (await eventually(lambda: switchboard.facts("MENU")))[0].detail
    assert (fact["mode"], fact["outcome"], fact["keys"]) == ("key", "heard", "12")
    assert "key" not in fact


async def test_each_key_answers_at_once_and_one_that_leads_nowhere_ends_nothing(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    async def incoming(call: AGISession) -> None:
        for wanted in KEYS:
            ours.heard.append(await call.hear(["welcome"] * 20, "yes_no", keys=wanted))
        await call.route("line")

    ours.scripts["incoming"] = incoming
    citizen = await people.citizen()
    await citizen.dials()
    await asyncio.sleep(0.5)
    for wanted in KEYS:
        await citizen.presses("5" if wanted != "5" else "6")
        await citizen.presses(wanted)
    assert in_words(await ours.has_heard(len(KEYS))) == list(KEYS)


async def test_after_a_wrong_key_that_came_when_the_prompt_was_over_words_are_heard_yet(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path
) -> None:
    async def incoming(call: AGISession) -> None:
        ours.heard.append(await call.hear(["welcome"], "yes_no", keys="12", seconds=6))
        await call.route("line")

    ours.scripts["incoming"] = incoming
    citizen = await people.citizen(voice=voice(tmp_path, speech_sound.talk((3.0, "确认"), seconds=20)))
    await citizen.dials()
    await asyncio.sleep(1.8)
    await citizen.presses("7")
    assert in_words(await ours.has_heard()) == ["确认"]
    fact = (await eventually(lambda: switchboard.facts("MENU")))[0].detail
    assert (fact["said"], fact["engine"]) == ("welcome", "on")


async def test_a_key_in_the_middle_of_a_word_wins(people: People, ours: Ours, tmp_path: Path) -> None:
    ours.asks("status_keys")
    said = speech_sound.talk((1.5, "再说 一遍"), rate=90, seconds=20)
    citizen = await people.citizen(voice=voice(tmp_path, said))
    await citizen.dials()
    await asyncio.sleep(1.2)
    await citizen.presses("0")
    assert (await ours.has_heard())[0] == Heard(how=How.KEY, key="0")


async def test_what_is_said_into_a_notice_that_is_spared_is_not_taken(
    people: People, ours: Ours, tmp_path: Path
) -> None:
    async def incoming(call: AGISession) -> None:
        ours.heard.append(
            await call.hear(["recording-notice"] * 4, "yes_no", keys=KEYS, seconds=6, spare=1.6)
        )
        await call.route("line")

    ours.scripts["incoming"] = incoming
    said = speech_sound.talk((0.6, "可以"), (3.5, "没有"), seconds=20)
    citizen = await people.citizen(voice=voice(tmp_path, said))
    await citizen.dials()
    assert in_words(await ours.has_heard()) == ["没有"]


SOUNDS = {
    "silence": speech_sound.silence(40),
    "noise": speech_sound.noise(40),
    "the ring tone": speech_sound.tone(40, 450, on=1, off=4),
    "a key as sound": speech_sound.tone(40, 770, 1336, on=0.2, off=0.3),
    "another, faster": speech_sound.tone(40, 697, 1209, on=0.15, off=0.2),
}


async def test_noise_silence_ring_tone_and_keys_as_sound_are_no_words_and_keep_nobody(
    people: People, ours: Ours, tmp_path: Path
) -> None:
    heard: dict[str, list[Heard]] = {}

    async def incoming(call: AGISession) -> None:
        mine = heard.setdefault(call.caller, [])
        for grammar in ("menu:main", "yes_no"):
            mine.append(await call.hear(["welcome"], grammar, keys=KEYS, seconds=2))
        await call.route("line")

    ours.scripts["incoming"] = incoming
    for number, sound in enumerate(SOUNDS.values()):
        (folder := tmp_path / str(number)).mkdir()
        citizen = await people.citizen(f"1385000000{number}", voice(folder, sound))
        await citizen.dials()
    await eventually(lambda: [len(mine) for mine in heard.values()] == [2] * len(SOUNDS), 30)
    assert {word for mine in heard.values() for word in in_words(mine)} <= {SILENCE, UNKNOWN}


@pytest.mark.parametrize("how", ["hang-up", "redirect"])
async def test_who_is_taken_away_while_he_is_listened_to_leaves_nothing_behind(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService, how: str
) -> None:
    ended: list[str] = []

    async def incoming(call: AGISession) -> None:
        try:
            await call.hear(["welcome"] * 10, "menu:main", keys=KEYS)
        except HungUp:
            ended.append(call.id)
            raise

    ours.scripts["incoming"] = incoming
    await eventually(lambda: service.state["active"] == 0)  # those of the test before have been let go
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: service.state["active"] == 1)
    if how == "hang-up":
        await citizen.hangs_up()
    else:
        switchboard.redirect(switchboard.channels()[0], "hotline-line", "s")
    await eventually(lambda: ended)
    await eventually(lambda: service.state["active"] == 0)
    fact = (await eventually(lambda: switchboard.facts("MENU")))[0].detail
    assert (fact["outcome"], fact["mode"]) == ("hung_up", "none")
    assert citizen.is_up is (how == "redirect")
