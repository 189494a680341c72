"""自动外呼 on its page: off until a supervisor says so, and what came of each call."""

from functools import partial

import pytest

from cases.outgoing import Kind, Result
from cases.workflow import State
from storage import outgoing, outgoing_lists, outgoing_results
from storage.outgoing_lists import Task
from tests.console.world import World
from tests.makers import later
from tests.storage import walks
from tests.storage.test_outgoing import AT, NUMBER, QUIET


async def task(world: World) -> Task:
    found = await world.store.read(partial(outgoing_lists.search, state="all"))
    return found.rows[0]


async def planned(world: World) -> None:
    """A case whose result is to be told, and feedback by telephone switched on."""
    walks.in_feedback(world.store)
    lead = await world.signed_in("lead")
    assert (await lead.post_form("/outgoing/feedback/switch", {"on": "1"})).status == 303
    await world.store.write(partial(outgoing.plan, quiet=QUIET, at=AT))


async def test_each_kind_is_off_until_a_supervisor_switches_it_on_and_says_who_did(world: World) -> None:
    lead = await world.signed_in("lead")
    page = (await lead.get("/outgoing")).text
    assert page.count("未开启") == len(Kind)
    await planned(world)
    page = (await lead.get("/outgoing")).text
    assert page.count("未开启") == len(Kind) - 1
    assert "138****3456" in page
    assert NUMBER not in page, "numbers are masked in a list"
    assert (await lead.post_form("/outgoing/feedback/switch", {"on": "0"})).status == 303
    assert await world.store.read(partial(outgoing.ready, at=AT)) == []


@pytest.mark.parametrize("login", ["1001", "liaison", "admin", "callback"])
async def test_it_is_a_matter_of_supervisors(world: World, login: str) -> None:
    person = await world.signed_in(login)
    assert (await person.get("/outgoing")).status == 403
    assert (await person.post_form("/outgoing/duty/switch", {"on": "1"})).status == 403


async def test_half_an_answer_is_shown_to_the_person_who_goes_on(world: World) -> None:
    await planned(world)
    (one,) = await world.store.read(partial(outgoing.ready, at=AT))
    call = "hotline1-1.1"
    await world.store.write(partial(outgoing.take, one=one, call=call, by="hotline1", at=AT))
    lead = await world.signed_in("lead")
    assert "通话中" in (await lead.get("/outgoing")).text
    said = partial(outgoing_results.said, call=call, result=Result.PARTIAL, solved="no")
    await world.store.write(said)
    await world.store.write(
        partial(outgoing.finish, call=call, result=Result.PARTIAL, quiet=QUIET, at=later(days=1, hours=5))
    )
    page = (await lead.get("/outgoing?state=person&lang=en")).text
    assert "broke off" in page
    assert "solved: no" in page
    assert "given to people" in page


async def test_one_is_left_to_people_once_and_rung_anew(world: World) -> None:
    await planned(world)
    lead, one = await world.signed_in("lead"), await task(world)
    assert (await lead.post_form(f"/outgoing/{one.id}/cancel", {})).status == 303
    assert (await lead.post_form(f"/outgoing/{one.id}/cancel", {})).status == 409
    assert (await lead.post_form(f"/outgoing/{one.id}/again", {})).status == 303
    assert (await task(world)).closed_at is None


@pytest.mark.parametrize("query", ["state=nonsense", "kind=x", "page=0", "what=1"])
async def test_a_filter_nobody_knows_is_refused(world: World, query: str) -> None:
    lead = await world.signed_in("lead")
    assert (await lead.get(f"/outgoing?{query}")).status == 400


async def test_what_was_rung_stands_in_the_history_of_the_case(world: World) -> None:
    await planned(world)
    one = await task(world)
    lead = await world.signed_in("lead")
    await lead.post_form(f"/outgoing/{one.id}/cancel", {})
    assert "取消自动外呼" in (await lead.get(f"/cases/{one.no}")).text
    assert walks.view(world.store, one.no).state is State.FEEDBACK
