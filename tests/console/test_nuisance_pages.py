"""F07-11: agents propose, two others sign, anybody takes down an appeal."""

import pytest

from cases.workflow import Role
from storage import nuisance, people
from storage.people import Account
from tests.console.world import HASH, Browser, Seen, World
from tests.makers import MORNING

NUMBER = "13850123456"
PROPOSAL = {
    "number": NUMBER,
    "grade": "3",
    "reason": "abuse",
    "note": "三次辱骂",
    "days": "7",
    "calls": "hotline1-1.0",
}
MORE = (
    Account("boss", "效能办主任", Role.SUPERVISOR, "rxzx", None),
    Account("judge", "裁定员", Role.ADJUDICATOR, "rxzx", None),
)


@pytest.fixture
async def office(world: World) -> World:
    """The world with a supervisor and an adjudicator."""
    for account in MORE:
        await world.store.write(
            lambda conn, account=account: people.add_account(  # type: ignore[misc] # bound early on purpose
                conn, account, password_hash=HASH, by="test", at=MORNING
            )
        )
    return world


async def proposed(agent: Browser, **changes: str) -> Seen:
    return await agent.post_form("/nuisance/proposals", PROPOSAL | changes)


async def holds(world: World) -> bool:
    found = await world.store.read(lambda conn: nuisance.holding(conn, NUMBER, world.clock()))
    return found is not None


async def test_it_holds_after_two_others_have_signed_and_not_before(office: World) -> None:
    path = (await proposed(await office.signed_in("1001"))).headers["Location"]
    lead, boss = await office.signed_in("lead"), await office.signed_in("boss")
    assert (await lead.post_form(f"{path}/sign", {})).status == 303
    assert not await holds(office)
    again = await lead.post_form(f"{path}/sign", {})
    assert again.status == 409
    assert "三个人" in again.text
    assert (await boss.post_form(f"{path}/sign", {})).status == 303
    assert await holds(office)
    page = (await boss.get(path)).text
    assert "生效中" in page
    assert "王班长 (lead)" in page


async def test_an_agent_cannot_sign(office: World) -> None:
    path = (await proposed(await office.signed_in("1001"))).headers["Location"]
    other = await office.signed_in("1002")
    assert "批准（第一人）" not in (await other.get(path)).text
    assert (await other.post_form(f"{path}/sign", {})).status == 409
    assert not await holds(office)


async def test_an_appeal_is_taken_down_by_an_agent_and_upheld_by_a_third_person(office: World) -> None:
    agent, judge = await office.signed_in("1001"), await office.signed_in("judge")
    path = (await proposed(agent)).headers["Location"]
    for login in ("lead", "boss"):
        await (await office.signed_in(login)).post_form(f"{path}/sign", {})
    assert (await agent.post_form(f"{path}/appeal", {"text": "手机被盗用"})).status == 303
    lead = await office.signed_in("lead")
    assert (await lead.post_form(f"{path}/uphold", {"text": "属实"})).status == 409
    assert (await judge.post_form(f"{path}/uphold", {"text": "属实"})).status == 303
    assert not await holds(office)
    assert "申诉成立" in (await judge.get(path)).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "110"}, "不能限制"),
        ({"number": ""}, "必填"),
        ({"days": "31"}, "最长30天"),
        ({"note": " "}, "必填"),
        ({"grade": "4"}, "不在可选范围内"),
    ],
)
async def test_what_is_wrong_is_said_beside_what_was_typed(
    office: World, changes: dict[str, str], words: str
) -> None:
    seen = await proposed(await office.signed_in("1001"), **changes)
    assert seen.status == 400
    assert words in seen.text


async def test_a_second_proposal_for_a_number_is_told_of_the_first(office: World) -> None:
    agent = await office.signed_in("1001")
    await proposed(agent)
    seen = await proposed(agent)
    assert seen.status == 409
    assert "已有待批准的提请" in seen.text


async def test_what_the_calls_say_of_a_number_stands_above_the_form(office: World) -> None:
    agent = await office.signed_in("1001")
    page = (await agent.get(f"/nuisance?number={NUMBER}")).text
    assert "没有限制的理由" in page
    assert f'value="{NUMBER}"' in page


@pytest.mark.parametrize("login", ["liaison", "admin", "dispatcher"])
async def test_restrictions_are_not_for_everybody(office: World, login: str) -> None:
    browser = await office.signed_in(login)
    assert (await browser.get("/nuisance")).status == 403
    assert (await proposed(browser)).status == 403


async def test_an_elders_number_is_noted_and_forgotten(office: World) -> None:
    agent = await office.signed_in("1001")
    form = {"known": NUMBER, "elder": "1", "about": "独居老人"}
    assert (await agent.post_form("/known-numbers", form)).status == 303
    page = (await agent.get("/nuisance?lang=en")).text
    assert "独居老人" in page
    assert "138****3456" in page
    assert (await agent.post_form("/known-numbers", form | {"known": "abc"})).status == 400
    assert (await agent.post_form(f"/known-numbers/{NUMBER}/forget", {})).status == 303
    assert "独居老人" not in (await agent.get("/nuisance")).text
