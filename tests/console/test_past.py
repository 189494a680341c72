"""The past of the citizen on the line: counted whole, shown page by page, and to nobody else."""

from functools import partial

from sqlalchemy import Connection, update

from storage import records
from storage.intake import CASE
from tests.console.making import NUMBER, a_case
from tests.console.test_live import CALL, is_ready, rings
from tests.console.world import World, hear
from tests.makers import later
from tests.storage.call_lines import CEL, QUEUE_LOG, Exchange, position

CASES = 45
CALLS = 23


def closed(conn: Connection, but: str) -> None:
    conn.execute(update(CASE).where(CASE.c.no != but).values(state="closed"))


def called_often(conn: Connection) -> None:
    for number in range(CALLS):
        exchange = Exchange(second=later(days=-1 - number).timestamp())
        exchange.call("completed", number=NUMBER)
        for source, lines in ((QUEUE_LOG, exchange.queue_log), (CEL, exchange.cel)):
            rows, place = position(lines, inode=2 * number + (source == CEL))
            records.ingest(conn, source=source, rows=rows, position=place)


async def test_an_open_case_is_seen_however_much_came_after_it_and_all_are_counted(world: World) -> None:
    first = await a_case(world)
    for _ in range(CASES - 1):
        await a_case(world)
    await world.store.write(partial(closed, but=first.no))
    await world.store.write(called_often)
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        pop = await hear(socket, "pop")
    caller = pop["caller"]
    assert (caller["cases"], caller["open"], caller["nth"]) == (CASES, 1, CALLS + 1)
    assert [each["no"] for each in pop["open_cases"]] == [first.no]
    assert len(pop["recent_cases"]) == 8
    seen = list[str]()
    for page in (1, 2, 3):
        answer = (await agent.get(f"/api/past?call={CALL}&page={page}")).json
        seen += [each["no"] for each in answer["cases"]]
        assert answer["more"] is (page < 3)
        assert len(answer["calls"]) == (20, CALLS - 20, 0)[page - 1]
    assert len(set(seen)) == len(seen) == CASES
    assert seen[-1] == first.no


async def test_only_the_seat_that_has_the_call_sees_the_past_of_its_number(world: World) -> None:
    await a_case(world)
    agent, other = await world.signed_in("1001"), await world.signed_in("1002")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world)
        await hear(socket, "pop")
    assert len((await agent.get(f"/api/past?call={CALL}")).json["cases"]) == 1
    assert (await other.get(f"/api/past?call={CALL}")).status == 404
    assert (await agent.get("/api/past?call=hotline1-1.0")).status == 404
    assert (await agent.get(f"/api/past?call={CALL}&page=x")).status == 400


async def test_a_withheld_number_has_no_past_on_any_page(world: World) -> None:
    await a_case(world, contact_number="", reply_way="无需回复")
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await is_ready(world, socket)
        rings(world, number="")
        caller = (await hear(socket, "pop"))["caller"]
    assert (caller["cases"], caller["open"], caller["nth"]) == (0, 0, 1)
    answer = (await agent.get(f"/api/past?call={CALL}")).json
    assert answer == {"cases": [], "calls": [], "more": False}
