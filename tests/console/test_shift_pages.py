"""Shifts are planned, withdrawn and compared with who was there; quotas of breaks are the city's."""

from datetime import timedelta

import pytest

from storage import seats, shifts
from tests.console.world import World

SHIFT = {"login": "1001", "day": "2026-11-23", "begins": "09:00", "ends": "17:30"}


async def planned(world: World) -> list[shifts.Planned]:
    at = world.clock()
    day = timedelta(days=2)
    return await world.store.read(lambda conn: shifts.planned(conn, after=at - day, until=at + day))


async def test_a_planned_shift_is_shown_with_who_came_and_how_late(world: World) -> None:
    lead = await world.signed_in("lead")
    assert (await lead.post_form("/shifts", SHIFT)).status == 303
    at = world.clock()
    await world.store.write(
        lambda conn: seats.log_state(conn, seat="s1001", agent="1001", state="ready", reason="", at=at)
    )
    world.clock.pass_(hours=1)
    page = (await lead.get("/shifts?day=2026-11-23")).text
    assert "09:00–17:30" in page
    assert "30 分钟" in page  # it began at 09:00, and he came at 09:30
    assert "在岗" in page


async def test_a_shift_over_midnight_ends_on_the_next_day(world: World) -> None:
    lead = await world.signed_in("lead")
    await lead.post_form("/shifts", SHIFT | {"begins": "20:00", "ends": "08:00"})
    (shift,) = await planned(world)
    assert shift.ends_at - shift.begins_at == timedelta(hours=12)


@pytest.mark.parametrize(
    ("changes", "status"), [({"begins": "soon"}, 400), ({"login": "lead"}, 400), ({"login": ""}, 400)]
)
async def test_a_shift_without_sense_is_explained_and_what_was_typed_stays(
    world: World, changes: dict[str, str], status: int
) -> None:
    lead = await world.signed_in("lead")
    seen = await lead.post_form("/shifts", SHIFT | changes)
    assert seen.status == status
    assert 'value="17:30"' in seen.text
    assert await planned(world) == []


async def test_the_same_hours_twice_are_refused_and_a_shift_can_be_withdrawn(world: World) -> None:
    lead = await world.signed_in("lead")
    await lead.post_form("/shifts", SHIFT)
    assert (await lead.post_form("/shifts", SHIFT)).status == 409
    (shift,) = await planned(world)
    assert (await lead.post_form(f"/shifts/{shift.id}/withdraw", {"day": "2026-11-23"})).status == 303
    assert await planned(world) == []


async def test_quotas_are_set_emptied_and_checked(world: World) -> None:
    lead = await world.signed_in("lead")
    for once, day, status in (("20", "40", 303), ("", "", 303), ("many", "", 400), ("0", "5", 400)):
        form = {"reason": "rest", "once": once, "day": day}
        assert (await lead.post_form("/shifts/quotas", form)).status == status
    assert await world.store.read(shifts.quotas) == {"rest": shifts.Minutes(None, None)}


async def test_agents_do_not_plan_shifts(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.get("/shifts")).status == 403
    assert (await agent.post_form("/shifts", SHIFT)).status == 403
