"""The sound of talks: whole sentences come out, each side's own, and whoever takes them may say stop."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr.speech.link import Link
from ivr.speech.media import written
from ivr.speech.transcriber import NotHeard, Transcriber
from tests.ivr.speech.engine import FRAME, PATIENCE, Service, running
from tests.speech_sound import pcm, silence, speech

CALL = "hotline1-1795310020.0"
LAMP = pcm(speech("路灯 坏了", tail=2.0))
NOISE = pcm(speech("我要 投诉 噪音", voice="m3", tail=2.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("talks")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    with running(folder, "--workers", "1", "--words", str(folder / "words.sock")) as one:
        yield one


class Hotline:
    """Our process, as the workers know it."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.workers: set[asyncio.StreamWriter] = set()
        self.here = asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.workers.add(writer)
        self.here.set()
        while line := await reader.readline():
            self.told.put_nowait(json.loads(line))
        self.workers.discard(writer)
        writer.close()

    async def final(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while (told := await self.told.get())["kind"] != "final":
                assert told["kind"] == "partial"
        return told

    async def stops(self, call: str, **ear: str) -> None:
        for worker in self.workers:
            worker.write(json.dumps({"stop": call, **ear}).encode() + b"\n")
            await worker.drain()


@asynccontextmanager
async def hotline(folder: Path) -> AsyncIterator[Hotline]:
    one = Hotline()
    path = folder / "words.sock"
    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(one.take, path)
    try:
        async with asyncio.timeout(PATIENCE):
            await one.here.wait()
        yield one
    finally:
        server.close()
        for worker in tuple(one.workers):
            worker.close()
        async with asyncio.timeout(PATIENCE):
            while one.workers:  # noqa: ASYNC110 - one that is cancelled while it reads is an error in the log
                await asyncio.sleep(0.01)


@asynccontextmanager
async def side(
    service: Service, party: str = "citizen", call: str = CALL, ear: str = ""
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """One leg of a talk, as Asterisk brings it."""
    url = f"http://127.0.0.1:{service.port}/media?call={call}&party={party}&ear={ear}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=("media",)) as socket:
        await socket.send_str("MEDIA_START connection_id:hotline-media format:slin")
        yield socket


async def speak(socket: aiohttp.ClientWebSocketResponse, sound: bytes) -> None:
    for start in range(0, len(sound), FRAME):
        await socket.send_bytes(sound[start : start + FRAME])


async def test_each_side_is_written_down_as_its_own_without_spaces(service: Service, folder: Path) -> None:
    async with hotline(folder) as ours, side(service) as citizen, side(service, "seat") as seat:
        await speak(citizen, LAMP)
        first = await ours.final()
        await speak(seat, NOISE)
        second = await ours.final()
    assert (first["call"], first["party"], first["text"]) == (CALL, "citizen", "路灯坏了")
    assert (second["party"], second["text"]) == ("seat", "我要投诉噪音")
    assert 0.5 < first["score"] <= 1
    assert 0.5 < first["seconds"] < 3


async def test_what_is_open_when_the_talk_ends_is_told_all_the_same(service: Service, folder: Path) -> None:
    async with hotline(folder) as ours:
        async with side(service) as citizen:
            await speak(citizen, pcm(speech("路灯 坏了", tail=0.1)))
        assert (await ours.final())["text"] == "路灯坏了"


async def test_a_leg_that_sends_nothing_more_has_ended_its_sentence(service: Service, folder: Path) -> None:
    async with hotline(folder) as ours, side(service) as citizen:
        await speak(citizen, pcm(speech("路灯 坏了", tail=0.1)))
        assert (await ours.final())["text"] == "路灯坏了"
        await speak(citizen, LAMP)
        assert (await ours.final())["text"] == "路灯坏了"


async def test_silence_says_nothing_and_costs_nothing(service: Service, folder: Path) -> None:
    async with hotline(folder) as ours, side(service) as citizen:
        await speak(citizen, pcm(silence(20)))
        await speak(citizen, LAMP)
        assert (await ours.final())["text"] == "路灯坏了"
        assert ours.told.empty()


async def test_a_call_that_is_stopped_is_listened_to_no_more_and_the_others_are(
    service: Service, folder: Path
) -> None:
    async with hotline(folder) as ours, side(service) as citizen, side(service, call="other-1.0") as other:
        await speak(citizen, LAMP)
        await ours.final()
        await ours.stops(CALL)
        closing = await citizen.receive(timeout=PATIENCE)
        assert closing.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        await speak(other, LAMP)
        assert (await ours.final())["call"] == "other-1.0"


async def test_one_ear_may_be_stopped_and_the_other_of_the_same_call_goes_on(
    service: Service, folder: Path
) -> None:
    async with hotline(folder) as ours, side(service, ear="a1") as old, side(service, ear="b2") as new:
        await speak(new, LAMP)
        assert (await ours.final())["ear"] == "b2"
        await ours.stops(CALL, ear="a1")
        assert (await old.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
        await speak(new, LAMP)
        assert (await ours.final())["ear"] == "b2"


async def test_sentences_wait_for_our_process_and_half_ones_do_not(service: Service, folder: Path) -> None:
    (folder / "words.sock").unlink(missing_ok=True)
    async with side(service) as citizen:
        await asyncio.sleep(1.2)  # the worker has noticed that nobody is there
        await speak(citizen, LAMP)
        await speak(citizen, NOISE)
        await asyncio.sleep(1)
    async with hotline(folder) as ours:
        waited = [await ours.final(), await ours.final()]
    assert [one["text"] for one in waited] == ["路灯坏了", "我要投诉噪音"]
    assert ours.told.empty()


@pytest.mark.parametrize(
    "query",
    ["call=&party=seat", "call=a/b&party=seat", "call=c&party=message", "call=c&party=seat&ear=%2F", ""],
)
async def test_who_does_not_say_whose_sound_it_is_is_refused(service: Service, query: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
            await session.ws_connect(f"http://127.0.0.1:{service.port}/media?{query}")


async def test_a_frame_that_is_too_large_ends_that_side_only(service: Service, folder: Path) -> None:
    async with hotline(folder) as ours, side(service) as good, side(service, "seat") as bad:
        await bad.send_bytes(bytes(100_000))
        assert (await bad.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
        await speak(good, LAMP)
        assert (await ours.final())["text"] == "路灯坏了"


async def test_what_is_said_in_talks_is_in_no_log(service: Service, folder: Path) -> None:
    async with hotline(folder) as ours, side(service) as citizen:
        await speak(citizen, LAMP)
        await ours.final()
    assert "路灯" not in service.log.read_text(encoding="utf-8")


async def test_a_message_is_heard_as_a_whole(service: Service, tmp_path: Path) -> None:
    sound = tmp_path / "message.wav"
    sound.write_bytes(speech("路灯 坏了"))
    (heard,) = await Transcriber(service.port)(sound)
    assert heard.text == "路灯坏了"
    assert 0.5 < heard.score <= 1
    assert 0.5 < heard.seconds < 3
    sound.write_bytes(b"no sound")
    with pytest.raises(NotHeard, match="400"):
        await Transcriber(service.port)(sound)


async def test_a_link_to_nobody_keeps_a_thousand_sentences_and_no_more() -> None:
    link = Link(None)
    for number in range(2_000):
        link.tell({"text": number}, may_wait=True)
        link.tell({"text": -number}, may_wait=False)
    assert [one["text"] for one in link._waiting] == [*range(1_000, 2_000)]


def test_words_are_written_as_chinese_is() -> None:
    assert written("我要 投诉 [unk] 噪音") == "我要投诉噪音"
    assert written("[unk]") == ""
