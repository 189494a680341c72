"""Masked numbers, and what it takes to see the whole of one."""

import pytest

from cases.workflow import Role
from storage import cases, history, people
from storage.people import Account, Actor
from tests.console.making import a_case
from tests.console.world import HASH, Browser, World
from tests.makers import MORNING, later

NUMBER = "13950123456"


async def dispatched(world: World, **changes: str) -> str:
    filed = await a_case(world, contact_number=NUMBER, **changes)
    by = Actor("dispatcher", Role.DISPATCHER, "rxzx")

    def work(conn: object) -> None:
        cases.dispatch(
            conn,
            filed.no,
            lead="szgc",
            assist=[],
            by=by,
            at=later(minutes=5),
            rules=world.rules,  # type: ignore[arg-type]
        )
        cases.read(conn, filed.no, by=Actor("handler", Role.HANDLER, "szgc"), at=later(hours=1))  # type: ignore[arg-type]

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


async def auditor(world: World) -> Browser:
    account = Account("auditor", "审计员", Role.AUDITOR, "rxzx", None)
    await world.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    return await world.signed_in("auditor")


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
