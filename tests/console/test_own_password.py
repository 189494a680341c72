"""Changing one's own password."""

import re

import pytest
from aiohttp import WSServerHandshakeError

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


async def given(world: World, login: str = "handler") -> str:
    """Have an administrator give a password, and return it."""
    admin = await world.signed_in("admin")
    seen = await admin.post_form(f"/org/people/{login}/password", {})
    return str(re.findall(r"<code>(.+?)</code>", seen.text)[0])


async def test_whose_password_somebody_else_knows_can_do_nothing_before_it_is_changed(world: World) -> None:
    password = await given(world)
    person = world.browser()
    await person.sign_in("handler", password)
    for path in ("/cases", "/work", "/account", "/notices"):
        seen = await person.get(path)
        assert (seen.status, seen.headers["Location"]) == (303, "/account/password")
    assert (await person.get("/api/find?q=1")).status == 403
    assert (await person.post_form("/account/sessions/x/revoke", {})).status == 403
    assert "口令由他人设置" in (await person.get("/account/password")).text
    form = {"old": password, "new": NEW, "again": NEW}
    assert (await person.post_form("/account/password", form)).headers["Location"] == "/login"
    await person.sign_in("handler", NEW)
    assert (await person.get("/cases")).status == 200
    assert "口令由他人设置" not in (await person.get("/account/password")).text


async def test_the_first_password_of_a_new_person_is_changed_at_the_first_sign_in(world: World) -> None:
    admin = await world.signed_in("admin")
    seen = await admin.post_form(
        "/org/people", {"login": "new1", "name": "新人", "role": "handler", "unit": "szgc"}
    )
    person = world.browser()
    await person.sign_in("new1", re.findall(r"<code>(.+?)</code>", seen.text)[0])
    assert (await person.get("/cases")).headers["Location"] == "/account/password"
    assert (await person.post_form("/logout", {"anyway": "1"})).headers["Location"] == "/login"


async def test_no_socket_opens_with_a_password_that_somebody_else_knows(world: World) -> None:
    password = await given(world, "1001")
    agent = world.browser()
    await agent.sign_in("1001", password)
    with pytest.raises(WSServerHandshakeError) as refused:
        await agent.socket("/live/desk")
    assert refused.value.status == 403
