"""H-21, F10-20: a supervisor opens an event with one click; agents see who is to be told."""

import io
from datetime import timedelta

import aiohttp
import pytest

from storage import events, numbers
from storage.number_models import Heard
from tests.console.making import a_case
from tests.console.recordings import a_recording
from tests.console.world import Browser, Seen, World

BY_HAND = {
    "key": "k1", "name": "榕东区停水", "area": "榕东区", "announcement": "榕东区停水,正在抢修。",
    "banner": "登记地址", "hours": "4", "case": "",
}  # fmt: skip


async def opened(browser: Browser, **changes: str) -> Seen:
    return await browser.post_form("/events", BY_HAND | changes)


async def on(world: World) -> list[events.Event]:
    return await world.store.read(lambda conn: events.now_on(conn, world.clock()))


async def send_file(browser: Browser, path: str, form: dict[str, str], data: bytes) -> Seen:
    body = aiohttp.FormData()
    for name, value in {"csrf": browser.csrf, **form}.items():
        body.add_field(name, value)
    body.add_field("sound", io.BytesIO(data), filename="a.wav", content_type="audio/wav")
    return await browser.world.ask("POST", path, headers=browser._headers(None), data=body)


async def test_h_21_one_click_on_a_template_opens_it_for_its_time(world: World) -> None:
    lead = await world.signed_in("lead")
    seen = await lead.post_form("/events/templates/water", {"key": "k", "area": "榕东区"})
    assert seen.status == 303
    (event,) = await on(world)
    assert event.announcement.startswith("榕东区目前停水")
    assert event.expires_at - event.opened_at == timedelta(hours=4)
    page = await lead.get(seen.headers["Location"])
    assert "榕东区停水" in page.text
    assert "立即结束" in page.text


async def test_h_21_one_click_ends_it_and_one_opens_it_again(world: World) -> None:
    lead = await world.signed_in("lead")
    path = (await opened(lead)).headers["Location"]
    assert (await lead.post_form(f"{path}/off", {})).status == 303
    assert await on(world) == []
    assert (await lead.post_form(f"{path}/off", {})).status == 409
    assert (await lead.post_form(f"{path}/on", {"value": "2"})).status == 303
    assert len(await on(world)) == 1


async def test_an_event_written_by_hand_is_heard_until_it_expires(world: World) -> None:
    await opened(await world.signed_in("lead"))
    assert [one.name for one in await on(world)] == ["榕东区停水"]
    world.clock.pass_(hours=4)
    assert await on(world) == []


async def test_what_is_wrong_is_said_beside_what_was_typed(world: World) -> None:
    seen = await opened(await world.signed_in("lead"), case="RH000000-00000-0")
    assert seen.status == 400
    assert "没有这个诉求件" in seen.text
    assert "榕东区停水,正在抢修。" in seen.text


async def test_a_city_may_upload_its_own_recording(world: World) -> None:
    lead = await world.signed_in("lead")
    seen = await send_file(lead, "/events", BY_HAND, a_recording(seconds=8))
    assert seen.status == 303
    (event,) = await on(world)
    assert event.sound is not None
    kept = await world.store.read(lambda conn: numbers.sound(conn, event.sound or ""))
    assert kept == a_recording(seconds=8)


@pytest.mark.parametrize(
    "data",
    [b"no sound", a_recording(rate=16000), a_recording(level=-60), a_recording(seconds=0.3)],
    ids=["no-sound", "fast", "faint", "short"],
)
async def test_a_recording_no_caller_should_hear_is_refused_in_words(world: World, data: bytes) -> None:
    seen = await send_file(await world.signed_in("lead"), "/events", BY_HAND, data)
    assert seen.status == 400
    assert "录音不符合要求" in seen.text
    assert await on(world) == []


async def test_a_recording_too_large_is_refused_before_it_is_read(world: World) -> None:
    seen = await send_file(await world.signed_in("lead"), "/events", BY_HAND, bytes(1_300_000))
    assert seen.status == 413


async def test_only_supervisors_open_and_end_events(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await opened(agent)).status == 403
    path = (await opened(await world.signed_in("lead"))).headers["Location"]
    assert (await agent.get(path)).status == 200
    assert (await agent.post_form(f"{path}/off", {})).status == 403
    assert len(await on(world)) == 1
    assert (await (await world.signed_in("liaison")).get("/events")).status == 403


async def test_h_21_the_situation_and_the_members_stand_on_the_page_and_each_is_told_once(
    world: World,
) -> None:
    lead, agent = await world.signed_in("lead"), await world.signed_in("1001")
    path = (await opened(lead)).headers["Location"]
    number = int(path.rpartition("/")[2])
    at = world.clock()
    await world.store.write(
        lambda conn: events.add_member(conn, number, call="hotline1-1.0", number="13850123456", at=at)
    )
    await world.store.write(
        lambda conn: events.heard(conn, number, call="hotline1-2.0", what=Heard.PERSON, at=at)
    )
    page = (await agent.get(path)).text
    assert "138 5012 3456" in page
    assert "0 / 1" in page
    assert (await agent.post_form(f"{path}/told", {"value": "13850123456"})).status == 303
    assert "1 / 1" in (await agent.get(path)).text
    assert (await agent.post_form(f"{path}/told", {"value": "13850123456"})).status == 409


async def test_f10_20_a_surge_of_cases_is_pointed_out_and_fills_in_the_form(world: World) -> None:
    lead = await world.signed_in("lead")
    assert "疑似突发" not in (await lead.get("/events")).text
    for _ in range(8):
        await a_case(world)
    page = (await lead.get("/events")).text
    assert "疑似突发" in page
    assert "台江区" in page
    assert "10 分钟内 8 件" in page
    assert 'value="台江区' in (await lead.get("/events?name=台江区路灯&area=台江区")).text


async def test_desks_are_told_what_is_on(world: World) -> None:
    await opened(await world.signed_in("lead"))
    told = (await (await world.signed_in("1001")).get("/api/events/now")).json
    assert [(one["name"], one["banner"]) for one in told["events"]] == [("榕东区停水", "登记地址")]


async def test_the_page_speaks_english_too(world: World) -> None:
    page = (await (await world.signed_in("lead")).get("/events?lang=en")).text
    assert "With one click" in page
    assert "events." not in page.replace("/events", "")
