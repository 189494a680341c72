"""H-08: the page on which merged numbers are kept."""

import pytest

from storage import numbers
from storage.numbers import OldHotline
from tests.console.recordings import a_recording
from tests.console.test_event_pages import send_file
from tests.console.world import World

TRAFFIC = {
    "dialled": "6666 5666", "name": "交通热线", "mode": "parallel", "greeting": "", "skill": "traffic",
    "language": "", "category": "0107", "statistics": "交通", "parallel_until": "2026-12-31",
    "retired_on": "2027-06-01",
}  # fmt: skip


async def lines(world: World) -> list[OldHotline]:
    return await world.store.read(numbers.old_hotlines)


async def test_an_administrator_enters_a_number_and_sees_it_in_the_list(world: World) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.post_form("/numbers", TRAFFIC)).status == 303
    (line,) = await lines(world)
    assert (line.dialled, line.skill, str(line.retired_on)) == ("66665666", "traffic", "2027-06-01")
    page = (await admin.get("/numbers")).text
    assert "交通热线" in page
    assert "双号并行" in page
    form = (await admin.get("/numbers?edit=66665666")).text
    assert 'value="2026-12-31"' in form


async def test_a_number_that_is_changed_keeps_its_recording_until_it_is_dropped(world: World) -> None:
    admin = await world.signed_in("admin")
    assert (await send_file(admin, "/numbers", TRAFFIC, a_recording())).status == 303
    assert (await admin.post_form("/numbers", TRAFFIC | {"name": "港口"})).status == 303
    (line,) = await lines(world)
    assert line.name == "港口"
    assert line.sound is not None
    assert (await admin.post_form("/numbers", TRAFFIC | {"unsound": "1"})).status == 303
    assert (await lines(world))[0].sound is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dialled": "12345"}, "12345是本热线"),
        ({"parallel_until": ""}, "双号并行须有截止日期"),
        ({"retired_on": "2027-13-01"}, "日期"),
        ({"mode": "sideways"}, "不在可选范围内"),
    ],
)
async def test_what_is_wrong_is_said_beside_what_was_typed(
    world: World, changes: dict[str, str], words: str
) -> None:
    seen = await (await world.signed_in("admin")).post_form("/numbers", TRAFFIC | changes)
    assert seen.status == 400
    assert words in seen.text
    assert "交通热线" in seen.text
    assert await lines(world) == []


async def test_a_table_is_taken_in_whole_or_not_at_all(world: World) -> None:
    admin = await world.signed_in("admin")
    good = "dialled,name,mode,greeting,skill\n66665666,交通热线,whole,,traffic\n16800168，车管所\n"
    assert (await admin.post_form("/numbers/import", {"table": good})).status == 303
    assert [line.name for line in await lines(world)] == ["车管所", "交通热线"]
    bad = "12320,卫生热线\n12345,自己\n"
    seen = await admin.post_form("/numbers/import", {"table": bad})
    assert seen.status == 400
    assert "第 2 行" in seen.text
    assert len(await lines(world)) == 2


async def test_a_number_is_dropped(world: World) -> None:
    admin = await world.signed_in("admin")
    await admin.post_form("/numbers", TRAFFIC)
    assert (await admin.post_form("/numbers/66665666/drop", {})).status == 303
    assert await lines(world) == []
    assert (await admin.post_form("/numbers/66665666/drop", {})).status == 404


@pytest.mark.parametrize("login", ["1001", "lead", "dispatcher"])
async def test_numbers_are_not_for_everybody(world: World, login: str) -> None:
    browser = await world.signed_in(login)
    assert (await browser.get("/numbers")).status == 403
    assert (await browser.post_form("/numbers", TRAFFIC)).status == 403


async def test_the_report_is_asked_for_by_days(world: World) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.get("/numbers?since=2026-11-01&until=2026-11-20")).status == 200
    assert (await admin.get("/numbers?since=2026-01-01&until=2026-11-20")).status == 400
    assert (await admin.get("/numbers?since=yesterday")).status == 400
    assert "No calls in this time" in (await admin.get("/numbers?lang=en")).text
