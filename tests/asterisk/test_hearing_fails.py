"""Whatever befalls the speech service, a caller has his keys or a person: at once, or in three seconds if it hangs."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from ivr.call import Heard, How
from tests import speech_sound
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.asterisk.hearing import Ours, in_words, our_side, voice
from tests.asterisk.speech_service import SpeechService, speech_service
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

AT_ONCE, HUNG = 1.0, 3.0  # seconds until the caller has keys


@pytest.fixture
async def ours(switchboard: Switchboard) -> AsyncIterator[Ours]:
    async with our_side(switchboard) as side:
        yield side


@pytest.fixture
async def service(switchboard: Switchboard, ours: Ours) -> AsyncIterator[SpeechService]:
    port, log = switchboard.settings.speech_port, switchboard.folder / "log" / "speech.log"
    with speech_service(port, log) as running:
        await ours.knows_speech()
        yield running


def menu(switchboard: Switchboard, number: int = 0) -> dict[str, str]:
    return switchboard.facts("MENU")[number].detail


def held(switchboard: Switchboard, what: str, number: int = 0) -> float:
    """Return, and show, for how many seconds a caller heard nothing because of the speech service."""
    seconds = int(menu(switchboard, number).get("held", "0")) / 1000
    print(f"\n{what}: keys after {seconds:.2f} s")
    return seconds


async def test_no_speech_service_at_all_and_no_call_asks_for_it(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    ours.asks("menu:waiting", sounds=["welcome"] * 3)
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("welcome"), AT_ONCE + 1)
    await citizen.presses("9")
    assert in_words(await ours.has_heard()) == ["9"]
    assert menu(switchboard)["engine"] == "off"
    assert held(switchboard, "down") == 0
    assert not [line for line in switchboard.complaints() if "websocket client" in line]


async def test_a_service_that_has_gone_since_we_asked_refuses_within_the_moment(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService
) -> None:
    service.kill()
    assert ours.probe()
    ours.asks("menu:waiting", sounds=["welcome"] * 3)
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("welcome"), AT_ONCE + 1)
    await citizen.presses("9")
    assert in_words(await ours.has_heard()) == ["9"]
    assert menu(switchboard)["engine"] in {"refused", "off"}
    assert held(switchboard, "refused") < AT_ONCE
    await ours.knows_speech(there=False)


async def test_who_is_one_too_many_for_the_service_has_his_keys_at_once(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    port, log = switchboard.settings.speech_port, switchboard.folder / "log" / "speech.log"
    with speech_service(port, log, "--most", "1") as service:
        await ours.knows_speech()
        ours.asks("menu:waiting", sounds=["welcome"] * 10)
        first, second = await people.citizen("13850000001"), await people.citizen("13850000002")
        await first.dials()
        await eventually(lambda: service.state["active"] == 1)
        await second.dials()
        await second.hears_tone(hertz_of("welcome"))
        await second.presses("9")
        assert in_words(await ours.has_heard()) == ["9"]
        assert menu(switchboard)["engine"] == "refused"
        assert held(switchboard, "full") < AT_ONCE


async def test_a_worker_that_hangs_before_the_prompt_keeps_nobody(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService
) -> None:
    ours.asks("menu:waiting", sounds=["welcome"] * 3)
    citizen = await people.citizen()
    service.signal_workers(signal.SIGSTOP)
    await citizen.dials()
    await citizen.hears_tone(hertz_of("welcome"), HUNG + 2)
    await citizen.presses("9")
    assert in_words(await ours.has_heard()) == ["9"]
    assert menu(switchboard)["engine"] in {"refused", "off"}
    assert held(switchboard, "hung before the prompt") < HUNG


async def test_a_menu_that_the_service_does_not_know_is_a_menu_of_keys(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService
) -> None:
    ours.asks("menu:nowhere", sounds=["welcome"] * 3 + ["goodbye"], seconds=0.5)
    citizen = await people.citizen()
    await citizen.dials()
    assert await ours.has_heard() == [Heard(how=How.SILENCE)]
    await citizen.hears_tone(hertz_of("goodbye"), 1)
    await eventually(lambda: switchboard.facts("MENU"))
    assert menu(switchboard)["engine"] == "lost"
    assert int(menu(switchboard)["ms"]) < 1000 * (2.4 + 0.5 + AT_ONCE + 1)


async def test_keys_work_all_the_while_a_worker_hangs_in_the_middle(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService
) -> None:
    ours.asks("menu:waiting", sounds=["welcome"] * 10)
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: service.state["active"] == 1)
    service.signal_workers(signal.SIGSTOP)
    pressed = time.monotonic()
    await citizen.presses("9")
    assert in_words(await ours.has_heard()) == ["9"]
    print(f"\nhung in the middle: key taken after {time.monotonic() - pressed:.2f} s")
    assert time.monotonic() - pressed < AT_ONCE


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL], ids=["hangs", "killed"])
async def test_the_prompt_goes_on_and_keys_work_when_a_worker_goes_in_the_middle(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService, how: signal.Signals
) -> None:
    ours.asks("menu:waiting", "menu:waiting", sounds=["welcome"] * 5 + ["goodbye"], seconds=2)
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: service.state["active"] == 1)
    service.signal_workers(how)
    went = time.monotonic()
    await ours.has_heard(1)
    assert in_words(ours.heard)[0] == f"({How.SILENCE})"
    assert citizen.has_heard(hertz_of("goodbye"))
    assert menu(switchboard)["engine"] == "lost"
    assert int(menu(switchboard)["ms"]) < 1000 * (3.6 + 2 + HUNG)
    print(f"\n{how.name} in the middle: prompt and silence of 5.6 s took {time.monotonic() - went:.2f} s")
    await eventually(lambda: service.state.get("active") == 1)
    await citizen.presses("9")
    await ours.has_heard(2)
    assert (menu(switchboard, 1)["engine"], ours.heard[1].key) == ("on", "9")


async def test_a_key_pressed_while_asterisk_finds_out_that_a_worker_was_killed_is_not_lost(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService
) -> None:
    ours.asks("menu:waiting", sounds=["welcome"] * 10)
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: service.state["active"] == 1)
    os.kill(service.workers[0], signal.SIGKILL)
    killed = time.monotonic()
    await asyncio.sleep(0.2)
    await citizen.presses("9")
    assert in_words(await ours.has_heard()) == ["9"]
    print(f"\nkilled: the key after {time.monotonic() - killed:.2f} s")
    assert time.monotonic() - killed < AT_ONCE + 1


async def test_callers_speak_again_as_soon_as_the_killed_worker_is_back(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService, tmp_path: Path
) -> None:
    ours.asks("menu:waiting", "menu:waiting", sounds=["welcome"], seconds=3)
    citizen = await people.citizen(voice=voice(tmp_path, speech_sound.talk((6.0, "查询进度"), seconds=30)))
    await citizen.dials()
    await eventually(lambda: service.state["active"] == 1)
    service.signal_workers(signal.SIGKILL)
    assert in_words(await ours.has_heard(2)) == [f"({How.SILENCE})", "查询进度"]


async def test_a_frozen_service_is_not_asked_any_more(
    switchboard: Switchboard, people: People, ours: Ours, service: SpeechService
) -> None:
    """The one that hangs as a whole, its watchdog included, is found out by ours."""
    service.freeze()
    frozen = time.monotonic()
    await ours.knows_speech(there=False)
    print(f"\nfrozen: known after {time.monotonic() - frozen:.2f} s")
    ours.asks("menu:waiting", sounds=["welcome"] * 3)
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("welcome"), AT_ONCE + 1)
    await citizen.presses("9")
    assert in_words(await ours.has_heard()) == ["9"]
    assert menu(switchboard)["engine"] == "off"


async def test_a_service_that_answers_slowly_is_given_up(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    # Not slower: an answer to its setup that comes after a second may take Asterisk 22 itself down, see the worker's.
    slow = 0.3
    port = switchboard.settings.speech_port
    async with _serving(port, "/aeap", _slow(slow)), _serving(port + 1, "/healthz", _well):
        await ours.knows_speech()
        ours.asks("menu:waiting", sounds=["welcome"] * 3)
        citizen = await people.citizen()
        await citizen.dials()
        await citizen.hears_tone(hertz_of("welcome"), HUNG + 1)
        await citizen.presses("9")
        assert in_words(await ours.has_heard()) == ["9"]
        assert menu(switchboard)["engine"] == "slow"
        assert held(switchboard, f"{slow} s for each answer") < AT_ONCE


async def test_after_two_failures_a_call_keeps_to_its_keys(
    switchboard: Switchboard, people: People, ours: Ours
) -> None:
    async with _serving(switchboard.settings.speech_port + 1, "/healthz", _well):
        await ours.knows_speech()
        ours.asks("menu:waiting", "menu:waiting", "menu:waiting", seconds=0.5)
        citizen = await people.citizen()
        await citizen.dials()
        assert await ours.has_heard(3) == [Heard(how=How.SILENCE)] * 3
        await eventually(lambda: len(switchboard.facts("MENU")) == 3)
        assert [menu(switchboard, number)["engine"] for number in range(3)] == ["refused", "refused", "off"]
        assert {menu(switchboard, number)["outcome"] for number in range(3)} == {"no_engine"}


Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _slow(seconds: float) -> Answers:
    """Return an engine that takes its time over everything but the connection."""

    async def engine(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("speech_to_text",))
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                told = message.json()
                await asyncio.sleep(seconds)
                answer = {"response": told["request"], "id": told["id"], "codecs": told.get("codecs", [])[:1]}
                await socket.send_json(answer)
        return socket

    return engine


async def _well(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"ready": True, "lag_ms": 0})


@asynccontextmanager
async def _serving(port: int, path: str, answers: Answers) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get(path, answers)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
