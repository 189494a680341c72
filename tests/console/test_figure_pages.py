"""The page of figures: equal to an independent count, defined beside each number, for whom it is, and as a file."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from cases.figures import slot_of
from storage import calls, figures, history, rebuilding, records
from storage.engine import Store
from tests.console.world import ZONE, Seen, World, world_of
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position
from tests.storage.mixed_calls import City, a_day_of
from tests.storage.recount import recount, talk_by_seat

DAY = datetime(2026, 11, 22, tzinfo=ZONE)
NEXT = DAY + timedelta(days=1)


BATCHES = 40


def take(store: Store, exchange: Exchange) -> None:
    """Give the lines to the store in batches of both files in turn, as the tailer does."""
    files = [(QUEUE_LOG, exchange.queue_log, 0), (CEL, exchange.cel, 1)]
    ends = [0, 0]
    for number in range(BATCHES):
        for source, lines, inode in files:
            size = len(lines) // BATCHES + 1
            rows, place = position(lines[number * size : (number + 1) * size], inode=inode, start=ends[inode])
            ends[inode] = place.end
            store.write_now(partial(records.ingest, source=source, rows=rows, position=place))


def figures_of(seen: Seen) -> dict[str, float | None]:
    found = re.findall(r'data-figure="(\w+)" data-value="([^"]*)"', seen.text)
    return {code: float(value) if value else None for code, value in found}


async def test_i_4_the_page_of_ten_thousand_calls_equals_an_independent_recount(
    store: Store, request: pytest.FixtureRequest
) -> None:
    # A server answers as a file does; it is only slower to fill.
    number = 10_000 if request.node.callspec.params["store_url"] == "sqlite" else 4_000
    city = a_day_of(number, begins=DAY)
    take(store, city)
    ended = store.read_now(
        partial(calls.outcomes, begins=DAY - timedelta(days=1), ends=NEXT + timedelta(days=1))
    )
    assert ended == city.expected
    assert sum(ended.values()) == number
    counted = store.read_now(partial(recount, begins=DAY, ends=NEXT))
    talked = store.read_now(partial(talk_by_seat, begins=DAY, ends=NEXT))
    async with world_of(store) as world:
        lead = await world.signed_in("lead")
        live = await lead.get("/figures?day=2026-11-22")
        at = world.clock()
        await store.write(partial(figures.roll_up, first=slot_of(DAY), last=slot_of(NEXT) - 1, at=at))
        kept = await lead.get("/figures?day=2026-11-22")
    for seen in (live, kept):
        shown = figures_of(seen)
        assert {code: shown[code] for code in counted} == pytest.approx(counted, abs=1e-6)
        of_seats = dict(re.findall(r'data-seat="(s\d+)".*?<td class="num" data-value="([\d.]+)"', seen.text))
        assert {seat: float(text) for seat, text in of_seats.items()} == pytest.approx(talked, abs=0.5)
    assert "归档" in kept.text
    assert store.read_now(partial(figures.recount, first=slot_of(DAY), last=slot_of(NEXT) - 1, at=at)) == []


def an_hour(store: Store) -> City:
    city = City(second=(DAY + timedelta(hours=9)).timestamp())
    for shape in ("completed", "abandoned_short", "abandoned_in_line", "refused", "told", "told_and_left"):
        city.written(shape, number="13800138000", gap=120)
    city.line = "12319"
    city.written("caller_hung_up", number="13911112222", gap=120)
    take(store, city)
    return city


async def test_every_figure_stands_beside_its_definition_in_both_languages(world: World) -> None:
    lead = await world.signed_in("lead")
    for lang in ("zh", "en"):
        seen = await lead.get(f"/figures?day=2026-11-22&lang={lang}")
        assert seen.status == 200
        assert not re.findall(r"(?:figure|figures|outcome)\.[a-z_.]+<", seen.text)
    assert "within 5 s" in seen.text


async def test_h_08_a_merged_hotline_is_counted_by_its_number(world: World) -> None:
    an_hour(world.store)
    lead = await world.signed_in("lead")
    both = figures_of(await lead.get("/figures?day=2026-11-22"))
    old = figures_of(await lead.get("/figures?day=2026-11-22&line=12319"))
    assert (both["offered"], old["offered"], old["answered"]) == (7, 1, 1)


async def test_short_abandons_are_shown_both_ways_and_the_refused_apart(world: World) -> None:
    an_hour(world.store)
    shown = figures_of(await (await world.signed_in("lead")).get("/figures?day=2026-11-22"))
    assert (shown["asked"], shown["abandoned"], shown["abandoned_short"], shown["refused"]) == (6, 3, 2, 1)
    assert shown["abandon_rate"] == pytest.approx(3 / 6)
    assert shown["abandon_rate_adjusted"] == pytest.approx(1 / 4)


async def test_a_group_shows_its_own_seats_only(world: World) -> None:
    an_hour(world.store)
    lead = await world.signed_in("lead")
    assert 'data-seat="s1001"' in (await lead.get("/figures?day=2026-11-22")).text
    assert "data-seat" not in (await lead.get("/figures?day=2026-11-22&group=夜班")).text


async def test_what_callers_were_told_is_held_against_what_was(world: World) -> None:
    an_hour(world.store)
    seen = await (await world.signed_in("lead")).get("/figures/waits?day=2026-11-22")
    row = re.findall(r'<th scope="row" class="num">合计</th>(.*?)</tr>', seen.text)[0]
    told, answered, *_, left = re.findall(r'<td class="num">([^<]*)</td>', row)
    assert (told, answered, left) == ("2", "1", "1")


async def test_only_who_may_takes_figures_away_and_it_is_written_down(world: World) -> None:
    an_hour(world.store)
    assert (await (await world.signed_in("1001")).get("/figures")).status == 403
    assert (await (await world.signed_in("lead")).get("/figures.csv")).status == 403
    seen = await (await world.signed_in("supervisor")).get("/figures.csv?day=2026-11-22")
    assert seen.headers["Content-Disposition"] == 'attachment; filename="figures-2026-11-22.csv"'
    rows = list(csv.reader(io.StringIO(seen.text.lstrip("\ufeff"))))
    assert rows[0][:3] == ["时段", "来电", "请求人工"]
    assert rows[-2][:3] == ["全天", "7", "6"]
    noted = await world.store.read(lambda conn: history.of(conn, "figures"))
    assert [fact.kind for fact in noted] == ["figures.exported"]


@pytest.mark.parametrize(
    "query", ["day=yesterday", "day=0001-01-01", "day=2026-13-01", "x=1", "line=" + "1" * 21]
)
async def test_a_filter_that_is_none_is_refused(world: World, query: str) -> None:
    assert (await (await world.signed_in("lead")).get(f"/figures?{query}")).status == 400


async def test_a_day_without_calls_has_no_rates(world: World) -> None:
    shown = figures_of(await (await world.signed_in("lead")).get("/figures?day=2026-11-01"))
    assert shown["offered"] == 0
    assert shown["answer_rate"] is shown["wait_mean"] is shown["worst_day"] is None


def test_a_rebuild_of_mixed_calls_finds_nothing(store: Store) -> None:
    take(store, a_day_of(160, begins=DAY, seed=5))
    rebuilt = store.write_now(rebuilding.rebuild)
    assert rebuilt.different == ()
    assert rebuilt.calls == 160 + 8
    assert DAY.astimezone(UTC) < NEXT
