"""A supervisor brings a case before an agent: offered at the desk, opened by the agent, written down."""

import pytest

from storage import history
from tests.console.making import a_case
from tests.console.test_live import is_ready
from tests.console.world import World, hear


async def test_a_case_is_offered_at_the_desk_by_its_number_alone_and_written_down(world: World) -> None:
    no = (await a_case(world)).no
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        sent = await lead.send_json("POST", "/api/seats/s1001/display", {"case": no})
        assert sent.status == 200, sent.text
        told = await hear(desk, "notice")
    assert (told["text"], told["open"]) == (f"王班长 请您查看诉求件 {no}。", f"/cases/{no}")
    assert "路灯" not in str(told)
    shown = await world.store.read(lambda conn: history.of(conn, no))
    assert [(fact.actor, fact.detail) for fact in shown if fact.kind == "case.displayed"] == [
        ("lead", {"seat": "s1001", "agent": "1001"})
    ]


@pytest.mark.parametrize(
    ("seat", "case", "status"), [("s1002", "", 409), ("s1001", "RH19000101-00001", 404), ("s1001", "x", 404)]
)
async def test_nothing_is_offered_where_nobody_sits_or_where_there_is_no_case(
    world: World, seat: str, case: str, status: int
) -> None:
    no = case or (await a_case(world)).no
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    async with agent.socket("/live/desk") as desk:
        await is_ready(world, desk)
        sent = await lead.send_json("POST", f"/api/seats/{seat}/display", {"case": no})
    assert sent.status == status


async def test_only_who_leads_may_bring_a_case_before_an_agent(world: World) -> None:
    no = (await a_case(world)).no
    agent = await world.signed_in("1002")
    assert (await agent.send_json("POST", "/api/seats/s1001/display", {"case": no})).status == 403
