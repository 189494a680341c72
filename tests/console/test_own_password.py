"""Changing one's own password."""

import pytest

from storage import history
from tests.console.world import PASSWORD, World

NEW = "榕树-晚风-渡口-七点"


async def test_a_new_password_ends_every_session_and_is_the_only_one_that_works(world: World) -> None:
    agent, elsewhere = await world.signed_in("1001"), await world.signed_in("1001")
    form = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert (await agent.post_form("/account/password", form)).headers["Location"] == "/login"
    world.clock.pass_(seconds=11)
    assert (await agent.get("/desk")).status == 303
    assert (await elsewhere.get("/desk")).status == 303
    assert (await world.browser().sign_in("1001")).status == 401
    assert (await world.browser().sign_in("1001", NEW)).status == 303
    facts = await world.store.read(lambda conn: history.of(conn, "1001"))
    assert [fact.actor for fact in facts if fact.kind == "account.password_set"] == ["1001"]
    assert NEW not in str(facts)


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"old": "wrong"}, 401, "现用口令不正确"),
        ({"again": "another"}, 400, "不一致"),
        ({"new": "short1", "again": "short1"}, 400, "至少 10 个字符"),
        ({"new": "LiYan-at-the-desk", "again": "LiYan-at-the-desk"}, 400, "不能有姓名"),
        ({"new": "password2026", "again": "password2026"}, 400, "常见口令"),
        ({"new": PASSWORD, "again": PASSWORD}, 400, "相同"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_changes(
    world: World, changes: dict[str, str], status: int, why: str
) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.post_form("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW} | changes)
    assert seen.status == status
    assert why in seen.text
    assert (await world.browser().sign_in("1001")).status == 303


async def test_guessing_the_old_password_from_an_open_session_is_slowed_down(world: World) -> None:
    agent = await world.signed_in("1001")
    world.clock.pass_(seconds=1)
    for _ in range(4):
        await agent.post_form("/account/password", {"old": "guess", "new": NEW, "again": NEW})
    seen = await agent.post_form("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert seen.status == 429
