"""质检 on the pages (H-24): drawn, heard, scored, read by the one it is about, appealed, and decided by another."""

import hashlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from cases.quality import USUAL
from storage import history, recordings
from storage.engine import Store
from tests.console.recordings import a_recording
from tests.console.test_call_pages import SOUND, address_in
from tests.console.world import World, world_of
from tests.makers import MORNING, later
from tests.storage.test_quality import CALL, a_row

WEEK = "2026-11-16"
BEST = {f"mark-{no}": str(item.most) for no, item in enumerate(USUAL)}
LATER = later(days=-3)


@pytest.fixture
async def town(sqlite_store: Store, tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "one.wav").write_bytes(a_recording())
    async with world_of(sqlite_store, recordings=tmp_path) as opened:

        def write(conn: Connection) -> None:
            conn.execute(insert(CALL), [a_row("h-1.1", "s1001", LATER), a_row("h-1.2", "s1002", LATER)])

        await opened.store.write(write)
        keep = partial(
            recordings.add_recording, call="h-1.1", path="one.wav", seconds=2.0, size=len(SOUND), at=MORNING
        )
        await opened.store.write(partial(keep, sha256=digest_of(tmp_path / "one.wav")))
        yield opened


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def drawn(town: World) -> None:
    lead = await town.signed_in("lead")
    seen = await lead.post_form("/quality/draw", {"week": WEEK, "per_agent": "2"})
    assert (seen.status, seen.headers["Location"]) == (303, f"/quality?week={WEEK}")


async def test_a_week_is_drawn_heard_and_scored_and_the_team_shows_it(town: World) -> None:
    await drawn(town)
    lead = await town.signed_in("lead")
    page = await lead.get(f"/quality?week={WEEK}")
    assert page.text.count("待评分") == 2
    heard = await lead.post_form("/quality/calls/h-1.1/listen", {})
    async with town.client.get(town.url(address_in(heard.text)), headers={"Cookie": lead.cookie}) as answer:
        assert (answer.status, await answer.read()) == (200, SOUND)
    facts = await town.store.read(partial(history.of, subject="h-1.1"))
    assert ("recording.played", {"reason": "check_quality"}) in [(fact.kind, fact.detail) for fact in facts]
    scored = await lead.post_form(
        "/quality/calls/h-1.1", BEST | {"mark-0": "8", "note-0": "未报工号", "comment": "好"}
    )
    assert scored.status == 303
    assert "98 分" in (await lead.get("/quality/calls/h-1.1")).text
    assert "98.0" in (await lead.get(f"/quality?week={WEEK}")).text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mark-0": "11"}, "最多10分"),
        ({"mark-0": ""}, "必须填写"),
        ({"mark-0": "x"}, "数字"),
        ({"mark-99": "1"}, ""),
    ],
)
async def test_a_mark_that_is_none_is_named_and_nothing_is_scored(
    town: World, change: dict[str, str], named: str
) -> None:
    await drawn(town)
    lead = await town.signed_in("lead")
    seen = await lead.post_form("/quality/calls/h-1.1", BEST | change)
    assert seen.status == 400
    assert named in seen.text
    assert "待评分" in (await lead.get("/quality/calls/h-1.1")).text


async def test_an_agent_reads_and_hears_only_what_he_was_given_himself_and_appeals(town: World) -> None:
    await drawn(town)
    lead, agent, other = [await town.signed_in(login) for login in ("lead", "1001", "1002")]
    assert (await agent.get("/quality/mine/h-1.1")).status == 404
    await lead.post_form("/quality/calls/h-1.1", BEST | {"mark-0": "0"})
    assert "h-1.1" in (await agent.get("/quality/mine")).text
    assert "h-1.1" not in (await other.get("/quality/mine")).text
    for path in ("/quality/mine/h-1.1", "/quality", "/quality/calls/h-1.1"):
        assert (await other.get(path)).status in (403, 404)
    heard = await agent.post_form("/quality/mine/h-1.1/listen", {})
    address = address_in(heard.text)
    assert address.startswith("/quality/mine/h-1.1/sound/0?")
    async with town.client.get(town.url(address), headers={"Cookie": agent.cookie}) as answer:
        assert (answer.status, await answer.read()) == (200, SOUND)
    assert (await agent.get(address.replace("/quality/mine/", "/calls/"))).status == 403
    assert (await other.post_form("/quality/mine/h-1.1/listen", {})).status == 404
    assert (await other.get(address)).status == 409
    assert (await agent.post_form("/quality/mine/h-1.1/appeal", {"appeal": ""})).status == 400
    assert (await agent.post_form("/quality/mine/h-1.1/appeal", {"appeal": "我报了工号"})).status == 303
    assert (await lead.post_form("/quality/calls/h-1.1/decide", BEST | {"comment": "复听"})).status == 409
    supervisor = await town.signed_in("supervisor")
    assert (await supervisor.post_form("/quality/calls/h-1.1/decide", BEST | {"comment": ""})).status == 400
    assert (
        await supervisor.post_form("/quality/calls/h-1.1/decide", BEST | {"comment": "复听属实"})
    ).status == 303
    page = (await agent.get("/quality/mine/h-1.1")).text
    assert "90 分改为 100 分" in page
    assert "复听属实" in page


async def test_a_call_is_taken_up_by_hand_once(town: World) -> None:
    lead = await town.signed_in("lead")
    assert 'action="/quality/pick"' in (await lead.get("/calls/h-1.1")).text
    assert 'action="/quality/pick"' not in (await (await town.signed_in("1001")).get("/calls/h-1.1")).text
    seen = await lead.post_form("/quality/pick", {"call": "h-1.2"})
    assert seen.headers["Location"] == "/quality/calls/h-1.2"
    assert "指定" in (await lead.get("/quality/calls/h-1.2")).text
    assert (await lead.post_form("/quality/pick", {"call": "h-9.9"})).status == 404


async def test_the_sheet_is_changed_by_a_supervisor_as_a_new_version(town: World) -> None:
    lead, supervisor = await town.signed_in("lead"), await town.signed_in("supervisor")
    new = {"name": "新表", "items": "40|问候|报工号\n60｜答复\n否决|泄密|一票否决"}
    assert (await lead.post_form("/quality/sheet", new)).status == 403
    assert (await supervisor.post_form("/quality/sheet", new | {"items": "40|问候"})).status == 400
    wrong = await supervisor.post_form("/quality/sheet", new | {"items": "许多|问候"})
    assert "第1行" in wrong.text
    assert (await supervisor.post_form("/quality/sheet", new)).status == 303
    page = (await lead.get("/quality/sheet")).text
    assert [word for word in ("新表", "v1", "一票否决", "报工号") if word not in page] == []


@pytest.mark.parametrize("login", ["handler", "dispatcher", "admin", "reviewer"])
async def test_quality_is_nobody_elses_business(town: World, login: str) -> None:
    person = await town.signed_in(login)
    for path in ("/quality", "/quality/sheet", "/quality/mine", "/quality/calls/h-1.1"):
        assert (await person.get(path)).status == 403
