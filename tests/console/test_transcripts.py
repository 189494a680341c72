"""Drafts of talks: from the speech service's socket to the desk and the store, and nowhere else."""

import asyncio
import json
import logging
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.transcripts import Party, Said
from console.transcripts import TRANSCRIPTS, read_word
from storage import transcripts
from storage.engine import Store
from tests.console.making import an_order
from tests.console.test_live import CALL, answers, is_ready, rings
from tests.console.world import World, hear, settled, world_of
from tests.makers import later

WORDS = "江北路的路灯坏了"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    return tmp_path / "words.sock"


@pytest.fixture
async def world(sqlite_store: Store, words: Path) -> AsyncIterator[World]:
    async with world_of(sqlite_store, words=words) as one:
        yield one


class Worker:
    """One worker of the speech service, as far as we hear of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def says(
        self, text: str, *, kind: str = "final", party: str = "citizen", at: float = 1795400000
    ) -> None:
        rest = {"at": at, "seconds": 1.5, "score": 0.9} if kind == "final" else {}
        await self.sends(json.dumps({"call": CALL, "party": party, "kind": kind, "text": text, **rest}))

    async def sends(self, line: str) -> None:
        self._writer.write(line.encode() + b"\n")
        await self._writer.drain()

    async def is_told(self) -> Any:
        async with asyncio.timeout(5):
            line = await self._reader.readline()
        return json.loads(line) if line else None


@asynccontextmanager
async def worker(words: Path) -> AsyncIterator[Worker]:
    await settled(words.exists)
    reader, writer = await asyncio.open_unix_connection(words)
    try:
        yield Worker(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def talking(world: World) -> AsyncIterator[Any]:
    """A seat in a talk, its page open."""
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        rings(world)
        answers(world)
        yield desk


async def kept(world: World) -> list[str]:
    return [one.text for one in await world.store.read(lambda conn: transcripts.of_call(conn, CALL))]


async def keeps(world: World, *texts: str) -> None:
    async with asyncio.timeout(5):
        while await kept(world) != [*texts]:  # noqa: ASYNC110 - the store rings no bell
            await asyncio.sleep(0.02)


async def test_what_is_said_comes_to_the_desk_while_it_is_said_and_is_kept_when_it_is_whole(
    world: World, words: Path
) -> None:
    async with talking(world) as desk, worker(words) as speech:
        await speech.says("江北路", kind="partial")
        first = await hear(desk, "words")
        await speech.says(WORDS)
        whole = await hear(desk, "words")
        await speech.says("请说门牌号", party="seat", at=1795400002)
        answer = await hear(desk, "words")
    assert (first["call"], first["lines"], first["partial"]) == (CALL, [], {"citizen": "江北路"})
    assert (whole["first"], whole["partial"]) == (0, {})
    line = {"party": "citizen", "text": WORDS, "at": 1795400000000, "score": 0.9}
    assert whole["lines"] == [line]
    assert (answer["first"], [one["party"] for one in answer["lines"]]) == (1, ["seat"])
    await keeps(world, WORDS, "请说门牌号")


async def test_of_two_who_hear_the_same_the_newer_one_is_believed_and_the_older_told_to_stop(
    world: World, words: Path
) -> None:
    async with talking(world) as desk, worker(words) as speech:
        heard = (("a1", WORDS), ("b2", "谢谢"), ("a1", "谢谢"), ("b2", "再见"))
        for second, (ear, text) in enumerate(heard):
            rest = {"at": world.clock().timestamp() + second, "seconds": 1, "score": 1, "ear": ear}
            said = {"call": CALL, "party": "citizen", "kind": "final", "text": text, **rest}
            await speech.sends(json.dumps(said))
        assert await speech.is_told() == {"stop": CALL, "ear": "a1"}
        lines: list[str] = []
        while "再见" not in lines:
            told = await hear(desk, "words")
            lines = [*lines[: told["first"]], *(one["text"] for one in told["lines"])]
    assert lines == [WORDS, "谢谢", "再见"]
    await keeps(world, WORDS, "谢谢", "再见")


async def test_a_page_that_is_loaded_again_is_told_all_of_it(world: World, words: Path) -> None:
    async with talking(world) as desk, worker(words) as speech:
        await speech.says(WORDS)
        await hear(desk, "words")
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as again:
        told = await hear(again, "words")
    assert (told["first"], [one["text"] for one in told["lines"]]) == (0, [WORDS])
    await keeps(world, WORDS)


async def test_another_seat_is_told_nothing(world: World, words: Path) -> None:
    other = await world.signed_in("1002")
    async with other.socket("/live/desk") as beside, talking(world) as desk, worker(words) as speech:
        await speech.says(WORDS)
        await hear(desk, "words")
        await beside.send_json({"do": "break", "reason": "meal"})
        heard: list[dict[str, Any]] = []
        async with asyncio.timeout(5):
            while not heard or heard[-1]["t"] != "desk" or heard[-1]["seat"]["reason"] != "meal":
                heard.append(await beside.receive_json())
    assert "words" not in {message["t"] for message in heard}
    await keeps(world, WORDS)


async def test_a_case_filed_as_confidential_ends_it_at_once_and_takes_all_of_it_away(
    world: World, words: Path
) -> None:
    async with talking(world) as desk, worker(words) as speech:
        await speech.says(WORDS)
        await hear(desk, "words")
        await keeps(world, WORDS)
        agent = await world.signed_in("1001")
        order = an_order(call=CALL)
        order["fields"]["confidential"] = "1"
        assert (await agent.send_json("POST", "/api/cases", order)).status == 200
        assert await speech.is_told() == {"stop": CALL}
        stopped = await hear(desk, "words", stopped=True)
        assert (stopped["lines"], stopped["partial"], await kept(world)) == ([], {}, [])
        await speech.says("还有一件事")
        assert await speech.is_told() == {"stop": CALL}
    assert await kept(world) == []
    draft = world.app[TRANSCRIPTS].of(CALL)
    assert draft is not None
    assert draft.lines == []


async def test_an_ordinary_case_changes_nothing(world: World, words: Path) -> None:
    async with talking(world) as desk, worker(words) as speech:
        await speech.says(WORDS)
        await hear(desk, "words")
        agent = await world.signed_in("1001")
        assert (await agent.send_json("POST", "/api/cases", an_order(call=CALL))).status == 200
        await speech.says("谢谢", at=1795400009)
        assert [one["text"] for one in (await hear(desk, "words"))["lines"]] == ["谢谢"]
    await keeps(world, WORDS, "谢谢")


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        "{}",
        '{"call": "", "party": "citizen", "kind": "partial", "text": "x"}',
        '{"call": "c", "party": "nobody", "kind": "partial", "text": "x"}',
        '{"call": "c", "party": "citizen", "kind": "final", "text": "x", "at": "no", "seconds": 1, "score": 1}',
        '{"call": "c", "party": "citizen", "kind": "final", "text": "x", "at": 1e300, "seconds": 1, "score": 1}',
        "x" * 70_000,
    ],
)
async def test_who_does_not_speak_as_a_worker_is_disconnected_and_the_others_go_on(
    world: World, words: Path, line: str
) -> None:
    async with talking(world) as desk, worker(words) as speech:
        async with worker(words) as stranger:
            await stranger.sends(line)
            assert await stranger.is_told() is None
        await speech.says(WORDS)
        assert (await hear(desk, "words"))["lines"]
    await keeps(world, WORDS)


async def test_a_call_of_another_node_is_read_from_the_store_that_both_share(
    sqlite_store: Store, words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.transcripts.LOOK_SECONDS", 0.05)
    async with world_of(sqlite_store, words=words, node="hotline2") as here, talking(here) as desk:
        said = [Said(Party.CITIZEN, here.clock(), 1.0, WORDS, 0.9)]
        await here.store.write(lambda conn: transcripts.keep_said(conn, CALL, said))
        told = await hear(desk, "words")
        assert [one["text"] for one in told["lines"]] == [WORDS]
        said = [Said(Party.SEAT, later(minutes=1), 1.0, "请说门牌号", 0.9)]
        await here.store.write(lambda conn: transcripts.keep_said(conn, CALL, said))
        told = await hear(desk, "words")
        assert (told["first"], [one["party"] for one in told["lines"]]) == (0, ["citizen", "seat"])


async def test_a_process_that_was_started_again_in_mid_talk_shows_what_was_said_before(
    world: World, words: Path
) -> None:
    before = Said(Party.CITIZEN, world.clock() - timedelta(minutes=1), 1.0, WORDS, 0.9)
    await world.store.write(lambda conn: transcripts.keep_said(conn, CALL, [before]))
    async with talking(world) as desk, worker(words) as speech:
        await speech.says("谢谢", at=world.clock().timestamp())
        assert [one["text"] for one in (await hear(desk, "words"))["lines"]] == ["谢谢"]
        told = await hear(desk, "words")
        assert (told["first"], [one["text"] for one in told["lines"]]) == (0, [WORDS, "谢谢"])
    await keeps(world, WORDS, "谢谢")


def test_a_word_is_cut_to_what_a_sentence_may_be() -> None:
    message = {
        "call": CALL,
        "party": "seat",
        "kind": "final",
        "text": "啊" * 9000,
        "at": 1,
        "seconds": 1,
        "score": 7,
    }
    word = read_word(message)
    assert word.said is not None
    assert (len(word.said.text), word.said.score) == (2000, 1.0)


async def test_only_we_may_open_the_socket(world: World, words: Path) -> None:
    del world
    await settled(words.exists)
    assert stat.S_IMODE(os.lstat(words).st_mode) == 0o600


async def test_what_is_said_is_in_no_log(world: World, words: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with talking(world) as desk, worker(words) as speech:
        await speech.says("江北", kind="partial")
        await speech.says(WORDS)
        while not (await hear(desk, "words"))["lines"]:
            pass
        await keeps(world, WORDS)
        await speech.sends(json.dumps({"call": CALL, "party": "x", "kind": "final", "text": WORDS}))
        await speech.is_told()
    assert "not understood" in caplog.text
    assert "江北" not in caplog.text
