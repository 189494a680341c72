"""报表 and 排班测算: the same calls give the same sums however they are cut, with the definitions beside them."""

import re
from functools import partial

import pytest
from sqlalchemy import insert

from cases.figures import slot_of
from storage import history
from tests.console.world import World
from tests.makers import MORNING, later
from tests.storage.test_quality import CALL, a_row

TODAY = f"since={MORNING:%Y-%m-%d}&until={MORNING:%Y-%m-%d}"


async def calls(world: World, days: int = 0) -> None:
    """Six calls within the hour, one of them of a skill of its own."""
    rows = []
    for number in range(6):
        at = later(days=days, minutes=10 * number)
        what = {
            "slot": slot_of(at),
            "line": "12345" if number < 4 else "96100",
            "skill": "企业" if number == 5 else "",
        }
        rows.append(a_row(f"h-{days}.{number}", "s1001", at, **what))
    await world.store.write(lambda conn: conn.execute(insert(CALL), rows).close())


def sum_in(page: str) -> list[str]:
    """Return the cells of the last line of the report."""
    return re.findall(r'<td class="num"><b>([^<]*)</b>', page)


@pytest.mark.parametrize(("step", "lines"), [("15", 4), ("30", 2), ("60", 1), ("day", 1)])
async def test_however_a_day_is_cut_its_sum_is_the_same(world: World, step: str, lines: int) -> None:
    await calls(world)
    lead = await world.signed_in("lead")
    for kind in ("line", "skill"):
        page = (await lead.get(f"/reports?kind={kind}&step={step}&{TODAY}")).text
        assert sum_in(page)[:3] == ["6", "6", "6"]
        assert len(re.findall(r'<th scope="row" class="nowrap num">', page)) in (lines, lines + 1)
        assert "指标口径" in page


async def test_one_line_or_one_skill_is_shown_alone(world: World) -> None:
    await calls(world)
    lead = await world.signed_in("lead")
    assert sum_in((await lead.get(f"/reports?kind=line&of=96100&step=60&{TODAY}")).text)[0] == "2"
    assert sum_in((await lead.get(f"/reports?kind=skill&of=企业&step=60&{TODAY}")).text)[0] == "1"


async def test_agents_are_reported_with_a_rule_for_each_figure(world: World) -> None:
    lead = await world.signed_in("lead")
    page = (await lead.get(f"/reports?kind=agent&{TODAY}")).text
    assert [word for word in ("遵时率", "利用率", "质检平均分", "÷") if word not in page] == []


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-01-01&until=2026-11-22",
        "since=2026-11-22&until=2026-11-21",
        "kind=weather",
        "step=7",
        "colour=red",
    ],
)
async def test_a_report_that_cannot_be_made_is_refused(world: World, query: str) -> None:
    lead = await world.signed_in("lead")
    assert (await lead.get(f"/reports?{query}")).status == 400


async def test_the_calls_of_the_weeks_before_say_how_many_people_are_needed(world: World) -> None:
    for week in (7, 14):
        await calls(world, days=-week)
    lead = await world.signed_in("lead")
    page = (await lead.get(f"/staffing?day={MORNING:%Y-%m-%d}&weeks=2")).text
    assert "依据 2 个往周同日" in page
    hour = re.search(r'<th scope="row" class="num">09:30</th>(.*?)</tr>', page)
    assert hour
    cells = re.findall(r"[\d.]+(?=%?<)", hour[1])
    # 3 calls of 90 s in half an hour: 0.15 Erlang; 2 seats, 3 people with 30 % shrinkage, none planned.
    assert cells[:6] == ["3.0", "90", "2", "3", "0", "3"]
    assert "厄兰C" in page


@pytest.mark.parametrize(
    "query", ["level=100", "level=x", "shrinkage=99", "weeks=0", "day=soon", "growth=-91"]
)
async def test_what_cannot_be_reckoned_with_is_named(world: World, query: str) -> None:
    lead = await world.signed_in("lead")
    assert (await lead.get(f"/staffing?{query}")).status == 400


async def test_files_are_taken_by_who_may_and_written_down(world: World) -> None:
    await calls(world)
    lead, supervisor = await world.signed_in("lead"), await world.signed_in("supervisor")
    for path in (f"/reports.csv?{TODAY}", "/staffing.csv"):
        assert (await lead.get(path)).status == 403
        seen = await supervisor.get(path)
        assert seen.status == 200
    kinds = {fact.kind for fact in await world.store.read(partial(history.since, after=0, limit=500))}
    assert kinds >= {"reports.exported", "staffing.exported"}


@pytest.mark.parametrize("login", ["1001", "handler", "dispatcher", "admin"])
async def test_reports_are_nobody_elses(world: World, login: str) -> None:
    person = await world.signed_in(login)
    for path in ("/reports", "/staffing", "/reports.csv", "/staffing.xlsx"):
        assert (await person.get(path)).status == 403
