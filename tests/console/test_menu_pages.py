"""The page of the voice menus' own measurement: by day and version, defined, for whom it is, and as a file."""

import csv
import io
import re
from datetime import datetime, timedelta
from functools import partial

import pytest

from cases.figures import slot_of
from console.i18n import Catalogue, Language
from ivr.speech.phrases import FIXED
from storage import figures, history, records
from storage.engine import Store
from tests.console.world import ZONE, Seen, World
from tests.storage.call_lines import CEL, QUEUE_LOG, position
from tests.storage.menu_calls import MenuExchange, asked, heard, step, unknown, went

DAY = datetime(2026, 11, 22, tzinfo=ZONE)
PATH = "/menus?since=2026-11-21&until=2026-11-22"


def two_days(store: Store) -> None:
    """One caller by key with version v1 on the first day; on the second, with v2, one understood and one lost."""
    exchange = MenuExchange(second=(DAY - timedelta(hours=12)).timestamp())
    exchange.at_menus(*heard("main", "0", mode="key")("v1"), went("main", "v1", "line"), then="completed")
    exchange.second = (DAY + timedelta(hours=9)).timestamp()
    exchange.at_menus(
        *unknown("main", "v2"),
        asked("main", mode="speech", outcome="heard"),
        step("main", "v2", "status", mode="speech"),
        went("main", "v2", "status"),
        then="self_service",
    )
    exchange.at_menus(*unknown("main", "v2"), then="abandoned_in_menu")
    for inode, (source, lines) in enumerate(((QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel))):
        rows, place = position(lines, inode=inode)
        store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def cells(seen: Seen, mark: str) -> list[dict[str, str]]:
    rows = re.findall(rf"<tr {mark}>(.*?)</tr>", seen.text)
    return [dict(re.findall(r'data-code="(\w+)">([^<]*)<', row)) for row in rows]


async def test_seconds_shares_and_recognition_stand_by_day_and_version(world: World) -> None:
    two_days(world.store)
    seen = await (await world.signed_in("lead")).get(PATH)
    ((first,), (second,)) = cells(seen, 'data-version="v1"'), cells(seen, 'data-version="v2"')
    assert (first["calls"], first["answered"], first["voice_mean"]) == ("1", "1", "12.2")
    assert (second["calls"], second["served"], second["hung_up"]) == ("2", "1", "1")
    by_key, spoken = cells(seen, 'data-menu="menu:main"')
    assert (by_key["visits"], by_key["left_person"]) == ("1", "100.0%")
    assert (spoken["visits"], spoken["left_service"], spoken["left_hang_up"]) == ("2", "50.0%", "50.0%")
    assert cells(seen, 'data-question="menu:main"')[1]["recognised"] == "33.3%"
    (later,) = cells(seen, 'data-day="2026-11-22"')
    assert (later["recognised"], later["left_hang_up"]) == ("33.3%", "50.0%")


async def test_a_rolled_up_day_is_shown_the_same(world: World) -> None:
    two_days(world.store)
    lead = await world.signed_in("lead")
    live = await lead.get(PATH)
    first, last = slot_of(DAY), slot_of(DAY + timedelta(days=1)) - 1
    await world.store.write(partial(figures.roll_up, first=first, last=last, at=world.clock()))
    kept = await lead.get(PATH)
    assert re.findall(r"<td.*?</td>", kept.text) == re.findall(r"<td.*?</td>", live.text)


async def test_one_version_shows_itself_only(world: World) -> None:
    two_days(world.store)
    seen = await (await world.signed_in("lead")).get(f"{PATH}&version=v1")
    assert [row["calls"] for row in cells(seen, 'data-version="v1"')] == ["1"]
    assert cells(seen, 'data-version="v2"') == []
    assert "<option selected>v1</option>" in seen.text


async def test_every_column_is_named_and_defined_in_both_languages(world: World) -> None:
    two_days(world.store)
    lead = await world.signed_in("lead")
    for lang in ("zh", "en"):
        seen = await lead.get(f"{PATH}&lang={lang}")
        assert seen.status == 200
        assert not re.findall(r"menus\.[a-z_.0-9]+", seen.text.replace("menus.csv", ""))


async def test_every_question_that_is_the_same_in_every_city_has_a_name(world: World) -> None:
    catalogue = Catalogue()
    for lang in Language:
        assert {f"menus.of.{name}" for name in FIXED} <= catalogue.texts(lang).keys()
    exchange = MenuExchange(second=DAY.timestamp())
    exchange.at_menus(
        ("MENU", {"grammar": "digits:12", "mode": "speech", "outcome": "heard"}), then="self_service"
    )
    rows, place = position(exchange.cel)
    world.store.write_now(partial(records.ingest, source=CEL, rows=rows, position=place))
    assert '<th scope="row">编号、查询码</th>' in (await (await world.signed_in("lead")).get(PATH)).text


async def test_days_without_calls_say_so(world: World) -> None:
    seen = await (await world.signed_in("lead")).get("/menus?since=2026-10-01&until=2026-10-02")
    assert seen.text.count("这段时间没有来电经过菜单") == 4


async def test_who_may_not_read_figures_sees_none_and_only_some_take_them_away(world: World) -> None:
    two_days(world.store)
    assert (await (await world.signed_in("1001")).get("/menus")).status == 403
    assert (await (await world.signed_in("lead")).get("/menus.csv")).status == 403
    seen = await (await world.signed_in("supervisor")).get("/menus.csv?since=2026-11-21&until=2026-11-22")
    rows = list(csv.reader(io.StringIO(seen.text.lstrip("\ufeff"))))
    assert rows[0][:3] == ["日期", "菜单版本", "来电"]
    assert ["2026-11-22", "v2", "menu:main", "2"] in [row[:4] for row in rows]
    noted = await world.store.read(lambda conn: history.of(conn, "menus"))
    assert [fact.kind for fact in noted] == ["menus.exported"]


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "until=2026-13-01",
        "since=2026-11-23&until=2026-11-22",
        "since=2026-01-01&until=2026-11-22",
        "x=1",
        "version=" + "1" * 65,
    ],
)
async def test_days_that_are_none_are_refused(world: World, query: str) -> None:
    assert (await (await world.signed_in("lead")).get(f"/menus?{query}")).status == 400
