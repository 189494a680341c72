"""The record of a call, and who may hear its recordings: said why, written down, unchanged."""

import hashlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from cases.transcripts import Party, Said
from storage import history, recordings, records, transcripts
from storage.engine import Store
from tests.console.recordings import a_recording
from tests.console.world import World, world_of
from tests.makers import MORNING
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position

SOUND = a_recording()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "one.wav").write_bytes(SOUND)
    return tmp_path


@pytest.fixture
async def town(sqlite_store: Store, folder: Path) -> AsyncIterator[World]:
    async with world_of(sqlite_store, recordings=folder) as opened:
        yield opened


def a_call(store: Store, *, path: str = "2026/one.wav", digest: str = "") -> str:
    exchange = Exchange()
    call = exchange.call("completed")
    for source, lines in ((QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)):
        rows, place = position(lines)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))
    keep = partial(recordings.add_recording, call=call, seconds=2.0, size=len(SOUND), at=MORNING)
    store.write_now(partial(keep, path=path, sha256=digest or hashlib.sha256(SOUND).hexdigest()))
    return call


async def test_whoever_may_listen_says_why_and_it_is_written_down(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    page = await lead.get(f"/calls/{call}")
    assert page.status == 200
    assert "138****8000" in page.text
    assert "13800138000" not in page.text
    assert "<audio" not in page.text
    assert (await lead.get(f"/calls/{call}/sound/0")).status == 409
    heard = await lead.post_form(f"/calls/{call}/listen", {"reason": "check_quality"})
    assert f'src="/calls/{call}/sound/0"' in heard.text
    async with town.client.get(town.url(f"/calls/{call}/sound/0"), headers={"Cookie": lead.cookie}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert await answer.read() == SOUND
    facts = town.store.read_now(lambda conn: history.of(conn, call))
    assert [(fact.kind, fact.actor, fact.detail) for fact in facts if fact.kind == "recording.played"] == [
        ("recording.played", "lead", {"reason": "check_quality"})
    ]


async def test_without_a_reason_nothing_is_heard(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    assert (await lead.post_form(f"/calls/{call}/listen", {"reason": ""})).status == 400
    assert (await lead.get(f"/calls/{call}/sound/0")).status == 409


async def test_what_was_said_a_while_ago_opens_nothing_any_more(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})
    town.clock.pass_(minutes=16)
    assert (await lead.get(f"/calls/{call}/sound/0")).status == 409


async def test_another_persons_reason_opens_nothing(town: World) -> None:
    call = a_call(town.store)
    await (await town.signed_in("lead")).post_form(f"/calls/{call}/listen", {"reason": "legal"})
    assert (await (await town.signed_in("supervisor")).get(f"/calls/{call}/sound/0")).status == 409


@pytest.mark.parametrize("login", ["1001", "handler", "dispatcher", "admin"])
async def test_most_people_hear_nothing(town: World, login: str) -> None:
    call = a_call(town.store)
    person = await town.signed_in(login)
    assert (await person.post_form(f"/calls/{call}/listen", {"reason": "legal"})).status == 403
    assert (await person.get(f"/calls/{call}/sound/0")).status == 403
    assert (await person.get(f"/calls/{call}")).status == (200 if login == "1001" else 403)


@pytest.mark.parametrize(
    ("path", "digest"),
    [("../secret.wav", ""), ("2026/gone.wav", ""), ("2026/one.wav", "0" * 64)],
    ids=["outside", "gone", "changed"],
)
async def test_only_the_file_that_was_hashed_is_played(town: World, path: str, digest: str) -> None:
    call = a_call(town.store, path=path, digest=digest)
    lead = await town.signed_in("lead")
    await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})
    assert (await lead.get(f"/calls/{call}/sound/0")).status == 409


async def test_a_call_that_never_was_is_not_found(town: World) -> None:
    lead = await town.signed_in("lead")
    assert (await lead.get("/calls/hotline1-1.1")).status == 404
    assert (await lead.post_form("/calls/hotline1-1.1/listen", {"reason": "legal"})).status == 404


async def say(town: World, call: str, text: str) -> None:
    said = Said(Party.CITIZEN, MORNING, 1.5, text, 0.5)
    await town.store.write(lambda conn: transcripts.keep_said(conn, call, [said]))


async def test_what_was_said_is_read_by_whoever_says_why_and_by_nobody_else(town: World) -> None:
    call = a_call(town.store)
    await say(town, call, "江北路的路灯坏了")
    lead, agent = await town.signed_in("lead"), await town.signed_in("1001")
    assert "江北路" not in (await lead.get(f"/calls/{call}")).text
    assert "江北路" not in (await agent.get(f"/calls/{call}")).text
    refused = await agent.post_form(f"/calls/{call}/listen", {"reason": "check_quality"})
    assert (refused.status, "江北路" in refused.text) == (403, False)
    read = (await lead.post_form(f"/calls/{call}/listen", {"reason": "check_quality"})).text
    assert "江北路的路灯坏了" in read
    assert "草稿 未经核对" in read
    assert "把握不大" in read


async def test_what_was_said_cannot_put_anything_into_the_page(town: World) -> None:
    call = a_call(town.store)
    await say(town, call, "<script>alert(1)</script>")
    lead = await town.signed_in("lead")
    read = (await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})).text
    assert "<script>alert" not in read
    assert "&lt;script&gt;alert" in read
