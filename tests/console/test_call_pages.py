"""The record of a call, and who may hear its recordings: said why, written down, unchanged."""

import hashlib
import re
from collections.abc import AsyncIterator
from functools import partial
from html import unescape
from pathlib import Path

import pytest

from cases.transcripts import Party, Said
from storage import history, recordings, records, transcripts
from storage.engine import Store
from tests.console.recordings import a_recording
from tests.console.world import Browser, World, world_of
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
    async with town.client.get(town.url(address_in(heard.text)), headers={"Cookie": lead.cookie}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert await answer.read() == SOUND
    facts = town.store.read_now(lambda conn: history.of(conn, call))
    assert [(fact.kind, fact.actor, fact.detail) for fact in facts if fact.kind == "recording.played"] == [
        ("recording.played", "lead", {"reason": "check_quality"})
    ]


def address_in(page: str) -> str:
    """Return where the page's player finds its sound."""
    (address,) = re.findall(r'<audio [^>]*src="([^"]*)"', page)
    return unescape(address)


async def listens(town: World, login: str, call: str, reason: str = "legal") -> tuple[Browser, str]:
    """Let somebody say why, and return the browser and the address it is given."""
    person = await town.signed_in(login)
    return person, address_in((await person.post_form(f"/calls/{call}/listen", {"reason": reason})).text)


async def test_the_player_says_over_the_sound_who_listens(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    page = (await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})).text
    assert re.search(rf'class="player-mark[^>]*>lead 王班长 · 2026-[^<]*{call}<', page)


async def test_an_address_that_is_passed_on_opens_nothing(town: World) -> None:
    call = a_call(town.store)
    _, address = await listens(town, "lead", call)
    other, own = await listens(town, "supervisor", call)
    assert (await other.get(address)).status == 409
    again = await town.signed_in("supervisor")
    assert (await again.get(own)).status == 409
    assert (await other.get(own.replace("key=", "key=0"))).status == 409
    assert (await other.get(own.replace("until=", "until=9"))).status == 409


async def test_a_piece_of_a_recording_is_sent_as_players_ask_for_it(town: World) -> None:
    call = a_call(town.store)
    lead, address = await listens(town, "lead", call)
    headers = {"Cookie": lead.cookie, "Range": "bytes=1000-1999"}
    async with town.client.get(town.url(address), headers=headers) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 1000-1999/{len(SOUND)}"
        assert await answer.read() == SOUND[1000:2000]


async def test_a_file_that_changes_between_two_pieces_is_played_no_further(town: World, folder: Path) -> None:
    call = a_call(town.store)
    lead, address = await listens(town, "lead", call)
    headers = {"Cookie": lead.cookie, "Range": "bytes=0-99"}
    async with town.client.get(town.url(address), headers=headers) as answer:
        assert answer.status == 206
    file = folder / "2026" / "one.wav"
    file.write_bytes(SOUND[:-2] + b"xx")
    async with town.client.get(town.url(address), headers=headers) as answer:
        assert answer.status == 409


async def test_which_stretches_are_silent_in_a_recording_stands_on_the_record(town: World) -> None:
    call = a_call(town.store)
    at = int(MORNING.timestamp())
    for second, kind, more in ((0, "UNRECORDED", "by=1001"), (9, "RECORDED_AGAIN", "why=agent")):
        line = f"{at + second}|{call}|hotline|PJSIP/s1001|HOTLINE_{kind}|at={at + second}000&{more}"
        await town.store.write(partial(records.note, source="engine", line=line))
    page = await (await town.signed_in("lead")).get(f"/calls/{call}")
    assert "09:30:00–09:30:09" in page.text
    assert "座席恢复" in page.text


async def test_without_a_reason_nothing_is_heard(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    assert (await lead.post_form(f"/calls/{call}/listen", {"reason": ""})).status == 400
    assert (await lead.get(f"/calls/{call}/sound/0")).status == 409


async def test_what_was_said_a_while_ago_opens_nothing_any_more(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    address = address_in((await lead.post_form(f"/calls/{call}/listen", {"reason": "legal"})).text)
    town.clock.pass_(minutes=16)
    assert (await lead.get(address)).status == 409


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
    lead, address = await listens(town, "lead", call)
    assert (await lead.get(address)).status == 409


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
