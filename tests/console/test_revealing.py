"""Masked numbers, and what it takes to see the whole of one."""

import pytest
from sqlalchemy import Connection

from cases.workflow import Role
from storage import cases, history
from storage.people import Actor
from tests.console.making import a_case
from tests.console.test_call_pages import a_call
from tests.console.world import World
from tests.makers import later

NUMBER = "13950123456"


async def dispatched(world: World, **changes: str) -> str:
    filed = await a_case(world, contact_number=NUMBER, **changes)
    by = Actor("dispatcher", Role.DISPATCHER, "rxzx")

    def work(conn: Connection) -> None:
        cases.dispatch(
            conn,
            filed.no,
            lead="szgc",
            assist=[],
            by=by,
            at=later(minutes=5),
            rules=world.rules,
        )
        cases.read(conn, filed.no, by=Actor("handler", Role.HANDLER, "szgc"), at=later(hours=1))

    await world.store.write(work)
    return filed.no


async def test_a_number_is_shown_to_whoever_says_why_and_that_is_written_down(world: World) -> None:
    no = await dispatched(world)
    handler = await world.signed_in("handler")
    page = await handler.get(f"/cases/{no}")
    assert NUMBER not in page.text
    assert "139****3456" in page.text
    seen = await handler.post_form(f"/cases/{no}/reveal", {"reason": "call_back"})
    assert NUMBER in seen.text
    facts = await world.store.read(lambda conn: history.of(conn, no))
    told = [(fact.actor, fact.detail["reason"]) for fact in facts if fact.kind == "contact.revealed"]
    assert told == [("handler", "call_back")]
    assert all("from" in fact.detail for fact in facts if fact.kind == "contact.revealed")


@pytest.mark.parametrize("form", [{}, {"reason": ""}, {"reason": "curiosity"}])
async def test_without_a_reason_nothing_is_shown(world: World, form: dict[str, str]) -> None:
    no = await dispatched(world)
    seen = await (await world.signed_in("handler")).post_form(f"/cases/{no}/reveal", form)
    assert seen.status == 400
    assert NUMBER not in seen.text
    facts = await world.store.read(lambda conn: history.of(conn, no))
    assert not any(fact.kind == "contact.revealed" for fact in facts)


async def test_no_reason_opens_the_number_of_a_confidential_case_to_a_unit(world: World) -> None:
    no = await dispatched(world, confidential="hide_contact")
    seen = await (await world.signed_in("handler")).post_form(f"/cases/{no}/reveal", {"reason": "call_back"})
    assert seen.status == 404
    assert NUMBER not in seen.text


async def test_the_number_of_a_call_is_shown_to_who_may_hear_it_and_says_why(world: World) -> None:
    call = a_call(world.store)
    lead, agent = await world.signed_in("lead"), await world.signed_in("1001")
    assert (await agent.post_form(f"/calls/{call}/reveal", {"reason": "legal"})).status == 403
    assert (await lead.post_form(f"/calls/{call}/reveal", {})).status == 400
    assert (await lead.post_form("/calls/none/reveal", {"reason": "legal"})).status == 404
    assert "13800138000" in (await lead.post_form(f"/calls/{call}/reveal", {"reason": "legal"})).text
    facts = await world.store.read(lambda conn: history.of(conn, call))
    assert [(fact.actor, fact.detail["reason"]) for fact in facts if fact.kind == "number.revealed"] == [
        ("lead", "legal")
    ]


async def test_pages_with_citizens_data_carry_the_readers_mark(world: World) -> None:
    no = await dispatched(world)
    lead = await world.signed_in("lead")
    for path in ("/cases", f"/cases/{no}"):
        assert 'src="/watermark.svg"' in (await lead.get(path)).text
    mark = await lead.get("/watermark.svg")
    assert mark.headers["Content-Type"].startswith("image/svg+xml")
    assert mark.headers["Cache-Control"] == "no-store"
    assert "lead 王班长" in mark.text
    assert "2026-11-23 09:30" in mark.text
    assert (await world.browser().get("/watermark.svg")).status == 303
