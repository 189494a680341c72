"""A recording is played at another node than the one that made it, and given to nobody else."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from console import lent_sound
from storage.engine import Store
from tests.console.test_call_pages import SOUND, a_call, address_in
from tests.console.world import Browser, World, world_of

SEAL = b"one key for all nodes"
DIGEST = hashlib.sha256(SOUND).hexdigest()


@dataclass
class Two:
    """Where the recording is, and where somebody wants to hear it."""

    made: World
    heard: World
    call: str

    async def listens(self) -> tuple[Browser, str]:
        lead = await self.heard.signed_in("lead")
        page = await lead.post_form(f"/calls/{self.call}/listen", {"reason": "legal"})
        return lead, page.text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "made" / "2026").mkdir(parents=True)
    (tmp_path / "heard").mkdir()
    (tmp_path / "made" / "2026" / "one.wav").write_bytes(SOUND)
    return tmp_path


@pytest.fixture
async def two(sqlite_store: Store, folder: Path) -> AsyncIterator[Two]:
    call = a_call(sqlite_store)
    made = call.rpartition("-")[0]
    async with world_of(sqlite_store, recordings=folder / "made", node=made, seal=SEAL) as one:
        pages = {made: one.origin}
        async with world_of(
            sqlite_store, recordings=folder / "heard", node="other", seal=SEAL, pages_of_nodes=pages
        ) as other:
            yield Two(one, other, call)


async def test_the_whole_recording_and_any_piece_of_it_come_from_the_node_that_made_it(two: Two) -> None:
    lead, page = await two.listens()
    address = two.heard.url(address_in(page))
    async with two.heard.client.get(address, headers={"Cookie": lead.cookie}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert await answer.read() == SOUND
    piece = {"Cookie": lead.cookie, "Range": "bytes=100-199"}
    async with two.heard.client.get(address, headers=piece) as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (206, f"bytes 100-199/{len(SOUND)}")
        assert await answer.read() == SOUND[100:200]
    async with two.heard.client.head(address, headers={"Cookie": lead.cookie}) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(SOUND)))


async def test_a_file_that_was_changed_or_is_gone_at_the_other_node_is_not_played(
    two: Two, folder: Path
) -> None:
    lead, page = await two.listens()
    address = two.heard.url(address_in(page))
    file = folder / "made" / "2026" / "one.wav"
    for contents in (SOUND + b"x", None):
        file.unlink() if contents is None else file.write_bytes(contents)
        async with two.heard.client.get(address, headers={"Cookie": lead.cookie}) as answer:
            assert (answer.status, "node" in await answer.text()) == (409, False)


def wish(two: Two, **changes: str) -> dict[str, str]:
    until = str(int(two.made.clock().timestamp()) + 30)
    said = {"path": "2026/one.wav", "sha256": DIGEST, "until": until} | changes
    return said | {"key": lent_sound._key(SEAL, said)}


async def status(two: Two, params: dict[str, str]) -> int:
    async with two.made.client.get(two.made.url(lent_sound.ADDRESS), params=params) as answer:
        return answer.status


async def test_only_a_node_is_given_a_file_and_only_for_a_minute(two: Two) -> None:
    good = wish(two)
    assert await status(two, good) == 200
    assert await status(two, {}) == 403
    assert await status(two, good | {"key": ""}) == 403
    assert await status(two, good | {"path": "2026/two.wav"}) == 403
    assert await status(two, wish(two, until=str(int(two.made.clock().timestamp()) - 1))) == 403
    assert await status(two, good | {"key": lent_sound._key(b"", good)}) == 403
    assert await status(two, wish(two, sha256="0" * 64)) == 409
    assert await status(two, wish(two, path="../heard/x.wav")) == 404
    assert await status(two, wish(two, path="../../../../etc/passwd")) == 404


async def test_of_a_node_whose_pages_are_not_known_the_page_says_where_the_recording_is(
    sqlite_store: Store, folder: Path
) -> None:
    call = a_call(sqlite_store)
    async with world_of(sqlite_store, recordings=folder / "heard", node="other", seal=SEAL) as town:
        lead = await town.signed_in("lead")
        page = await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})
        assert f"录音保存在节点 {call.rpartition('-')[0]}" in page.text
        async with town.client.get(
            town.url(address_in(page.text)), headers={"Cookie": lead.cookie}
        ) as answer:
            assert answer.status == 409


async def test_a_node_that_does_not_answer_is_a_sentence_and_no_mishap(
    sqlite_store: Store, folder: Path
) -> None:
    call = a_call(sqlite_store)
    pages = {call.rpartition("-")[0]: "http://127.0.0.1:9"}
    async with world_of(
        sqlite_store, recordings=folder / "heard", node="other", seal=SEAL, pages_of_nodes=pages
    ) as town:
        lead = await town.signed_in("lead")
        page = await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})
        async with town.client.get(
            town.url(address_in(page.text)), headers={"Cookie": lead.cookie}
        ) as answer:
            assert answer.status == 409
