"""Both sides of a talk, written down for the agent while they talk; and a talk that does not notice whether they are."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.endtoend.conftest import tell_what_was_seen, town_with
from tests.endtoend.people import Desk, Street, chromium
from tests.endtoend.records import ended
from tests.sip import Telephone, eventually
from tests.speech_sound import talk
from tests.town import Town

CITIZEN_SAYS = ("路灯 坏了", "路灯坏了")
AGENT_SAYS = ("查询 工单 进度", "查询工单进度")
FIRST, EVERY, TURNS = 6.0, 4.5, 16


def voice(folder: Path, words: str, *, shift: float, as_voice: str) -> Path:
    """Write a voice that says the same again and again."""
    turns = [(FIRST + shift + EVERY * n, words) for n in range(TURNS)]
    path = folder / f"says-{as_voice}.wav"
    path.write_bytes(talk(*turns, voice=as_voice))
    return path


@pytest.fixture(scope="module")
def listening_town() -> Iterator[Town]:
    """A town whose speech service hears talks."""
    with town_with(
        start_ours=False, speech="true", speech_workers=1, ring_seconds=6, no_answer_break_seconds=2
    ) as town:
        town.start_ours()
        town.start_speech()
        yield town


@pytest_asyncio.fixture
async def square(
    listening_town: Town, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Street]:
    """People whose voices can be written down."""
    agent = voice(tmp_path, AGENT_SAYS[0], shift=3, as_voice="m3")
    async with chromium(tmp_path, agent) as browser, AsyncExitStack() as stack:
        street = Street(listening_town, browser, tmp_path / "people", stack)
        street.folder.mkdir()
        yield street
        await tell_what_was_seen(request, street)


async def talks(square: Street, number: str) -> tuple[Desk, Telephone]:
    desk = await square.agent("1001")
    said = voice(square.folder, CITIZEN_SAYS[0], shift=0, as_voice="f2")
    citizen = await square.citizen(number, voice=said)
    await citizen.dials("12345")
    await desk.rings(f"{number[:3]} {number[3:7]} {number[7:]}")
    await desk.answers()
    return desk, citizen


def kept(town: Town, call: str) -> list[tuple[str, str]]:
    """Return who said what, as the database has it."""
    store = town.store()
    try:
        query = text("select party, text from transcript_line where call = :c order by at")
        return store.read_now(
            lambda conn: [(row.party, row.text) for row in conn.execute(query, {"c": call})]
        )
    finally:
        store.close()


def call_of(town: Town) -> str:
    """Return the call that goes on, by the channels that hear it."""
    found = re.search(r"call=([\w.-]+),party=", town.cli("core show channels verbose"))
    return found[1] if found else ""


def ears(town: Town) -> set[str]:
    """Return the ids of the channels that listen."""
    shown = town.cli("core show channels concise").splitlines()
    return {line.rpartition("!")[2] for line in shown if line.startswith("WebSocket/hotline-media")}


async def test_both_sides_are_on_the_desk_while_they_talk_and_in_the_store_and_in_no_log(
    square: Street,
) -> None:
    town = square.town
    desk, citizen = await talks(square, "13850127001")
    lines = desk.page.locator(".words li.said:not(.is-open)")
    await expect(lines.filter(has_text=CITIZEN_SAYS[1]).first).to_contain_text("市民", timeout=25_000)
    await expect(lines.filter(has_text=AGENT_SAYS[1]).first).to_contain_text("坐席", timeout=25_000)
    await expect(desk.page.locator("section[aria-labelledby='words-title']")).to_contain_text("草稿 未经核对")
    assert len(ears(town)) == 2
    await citizen.hangs_up()
    await eventually(lambda: not ears(town), 10, "somebody still listens")
    await desk.finishes("当场答复")
    call = await ended(town, "13850127001")
    said = await eventually(lambda: kept(town, call["id"]), 10, "nothing was kept")
    assert ("citizen", CITIZEN_SAYS[1]) in said
    assert ("seat", AGENT_SAYS[1]) in said
    assert not {("seat", CITIZEN_SAYS[1]), ("citizen", AGENT_SAYS[1])} & set(said)  # each side is its own
    assert call["kinds"][-2:] == ["ringing", "talk"]
    logs = town.log() + (town.state / "log" / "speech.log").read_text(encoding="utf-8")
    logs += (town.state / "log" / "messages.log").read_text(encoding="utf-8", errors="replace")
    assert not re.search("路灯|工单", logs)


async def test_a_confidential_case_ends_it_at_once_and_nothing_of_it_is_left(square: Street) -> None:
    town = square.town
    desk, citizen = await talks(square, "13850127002")
    panel = desk.page.locator("section[aria-labelledby='words-title']")
    await expect(panel).to_contain_text(CITIZEN_SAYS[1], timeout=25_000)
    await desk.fills(
        title="路灯不亮", content="五一北路的路灯不亮", intent="举报", category="路灯", address="五一北路"
    )
    await desk.page.get_by_role("button", name="仅登记").click()
    await expect(panel).to_contain_text("已停止听写", timeout=5_000)
    await eventually(lambda: not ears(town), 5, "somebody still listens")
    await citizen.hangs_up()
    await desk.finishes("已登记")
    call = await ended(town, "13850127002")
    assert kept(town, call["id"]) == []


async def test_a_talk_goes_on_as_ever_when_our_process_is_killed_and_a_worker_stands_still(
    square: Street,
) -> None:
    town = square.town
    desk, citizen = await talks(square, "13850127003")
    await eventually(lambda: len(ears(town)) == 2, 10, "nobody listens")
    first = ears(town)
    await expect(desk.page.locator("section[aria-labelledby='words-title']")).to_contain_text(
        CITIZEN_SAYS[1], timeout=25_000
    )
    town.kill_ours()
    await asyncio.to_thread(town.start_ours)
    # The new process listens anew, and the old ears are closed when they hear something.
    await eventually(lambda: len(ears(town)) == 2 and not ears(town) & first, 30, "the old ears listen on")
    await desk.shows("通话", seconds=30)
    await expect(desk.page.locator("section[aria-labelledby='words-title']")).to_contain_text(
        CITIZEN_SAYS[1], timeout=25_000
    )
    worker = int((await pids_of_workers(town))[0])
    os.kill(worker, signal.SIGSTOP)
    heard = len(citizen.phone.samples())
    await eventually(lambda: not ears(town), 10, "a worker that stands still is still listened with")
    seconds = (len(citizen.phone.samples()) - heard) / 16000
    assert seconds > 0.5  # sound goes on all the while
    await desk.shows("通话")
    await citizen.hangs_up()
    await desk.finishes("当场答复")
    call = await ended(town, "13850127003")
    assert call["end_reason"] == "caller_hung_up"
    assert call["kinds"].count("talk") == 1


async def pids_of_workers(town: Town) -> list[str]:
    """Return the worker processes of this town's speech service."""
    assert town._speech is not None
    listed = await asyncio.create_subprocess_exec(
        "ps", "-o", "pid=", "--ppid", str(town._speech.pid), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await listed.communicate()
    return told.decode().split()
