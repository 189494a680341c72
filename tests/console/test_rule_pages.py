"""Limits, calendar and office hours on pages: seen before they hold, kept with a reason, in force for the next case."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import Connection

from cases.policies import POLICIES, ClockKind
from cases.rules import Rules
from console import rule_form
from console.parts import PARTS
from storage import clocks, history, office_hours, rulebooks, work_calendars
from storage.clocks import CLOCK, Obligation
from storage.promises import CASE
from tests.cases.test_notices import NOTICE
from tests.console.making import a_case
from tests.console.test_line_pages import fields_of
from tests.console.world import Browser, World

PAGES = ("/rules/policies", "/rules/calendar", "/rules/hours")
TEXT = json.dumps({name: NOTICE[name] for name in ("year", "rest", "work")})


async def form_of(browser: Browser, page: str) -> dict[str, str]:
    """Return what a browser would send of the form that changes something, with its boxes unticked."""
    action = page.partition("?")[0]
    text = (
        (await browser.get(page))
        .text.partition(f'method="post" action="{action}"')[2]
        .partition("</form>")[0]
    )
    return {name: text for name, text in fields_of(text).items() if name not in ("csrf", "clocks")}


async def send(browser: Browser, page: str, go: str = "", **changes: str) -> tuple[int, str]:
    """Open the form, change some of its fields, and send it as a browser does."""
    form = await form_of(browser, page)
    form |= {name.replace("__", "."): text for name, text in changes.items()} | ({"go": go} if go else {})
    seen = await browser.post_form(page.partition("?")[0], form)
    return seen.status, seen.text


def in_force(world: World) -> Rules:
    return world.app[PARTS].rules


async def reply_clock(world: World) -> int:
    """Start the reply clock of a complaint by the rules in force; return its row."""
    no = (await a_case(world, category="0103")).no

    def work(conn: Connection) -> int:
        case = conn.execute(CASE.select().where(CASE.c.no == no)).one().id
        clocks.void(conn, case, "test")
        owed = Obligation(case, ClockKind.REPLY)
        kept = clocks.start(conn, owed, "投诉", "一般", at=world.clock(), rules=in_force(world))
        assert kept is not None
        return kept.id

    return await world.store.write(work)


async def due(world: World, row: int) -> str:
    found = await world.store.read(
        lambda conn: clocks.kept(conn.execute(CLOCK.select().where(CLOCK.c.id == row)).one())
    )
    return f"{found.clock.last_instant.astimezone(world.rules.zone):%m-%d}"


# Who may


@pytest.mark.parametrize("page", PAGES)
async def test_administrators_change_rules_supervisors_see_them_and_nobody_else(
    world: World, page: str
) -> None:
    admin, boss, agent = [await world.signed_in(login) for login in ("admin", "supervisor", "1001")]
    assert [(await browser.get(page)).status for browser in (admin, boss, agent)] == [200, 200, 403]
    assert 'method="post" action="/rules' not in (await boss.get(page)).text
    for path in ("/rules/policies/edit", "/rules/calendar", "/rules/hours", "/rules/hours/of"):
        assert (await boss.post_form(path, {})).status == 403


# Limits


@pytest.mark.parametrize("version", sorted(POLICIES))
async def test_a_profile_comes_back_from_the_form_as_it_went_into_it(world: World, version: str) -> None:
    admin = await world.signed_in("admin")
    texts = fields_of((await admin.get(f"/rules/policies/edit?from={version}")).text)
    assert rule_form.filled(POLICIES[version].rows).items() <= texts.items()


async def test_a_change_is_shown_for_each_intent_before_it_is_kept(world: World) -> None:
    admin = await world.signed_in("admin")
    status, page = await send(admin, "/rules/policies/edit?from=fuzhou-2010", "preview", why="回到2010年")
    assert status == 200
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "答复 咨询 全部 2 个工作日 10 个工作日" in plain
    assert "咨询 2026-11-25 2026-12-07" in plain
    assert await world.store.read(rulebooks.newest_policy) == 0


async def test_new_limits_hold_for_the_next_case_and_running_clocks_keep_theirs_g_05(world: World) -> None:
    admin = await world.signed_in("admin")
    running = await reply_clock(world)
    status, _ = await send(admin, "/rules/policies/edit?from=shishi-2016", "keep", why="改版", title="新版")
    assert status == 303
    assert in_force(world).policy.version == "shishi-2016+1"
    started = await reply_clock(world)
    assert (await due(world, running), await due(world, started)) == ("12-07", "11-30")
    page = (await admin.get("/rules/policies")).text
    assert all(text in page for text in ("新版", "改版", "shishi-2016+1", "按原时限"))


async def test_running_clocks_follow_if_the_administrator_says_so_g_05(world: World) -> None:
    admin = await world.signed_in("admin")
    running = await reply_clock(world)
    fields = {"why": "提速", "clocks": "1"}
    _, page = await send(admin, "/rules/policies/edit?from=shishi-2016", "preview", **fields)
    assert "涉及 1 个正在计时的时限：1 个提前，0 个推后。" in page
    await send(admin, "/rules/policies/edit?from=shishi-2016", "keep", **fields)
    assert await due(world, running) == "11-30"


async def test_a_change_for_later_holds_later(world: World) -> None:
    admin = await world.signed_in("admin")
    fields = {"why": "年底起", "valid_from": "2026-12-01 00:00"}
    assert (await send(admin, "/rules/policies/edit?from=shishi-2016", "keep", **fields))[0] == 303
    assert in_force(world).policy.version == "fuzhou-2017"
    assert "待生效" in (await admin.get("/rules/policies")).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"why": ""}, "必填"),
        ({"rows__0__amount": "0"}, "时限不对"),
        ({"rows__0__amount": "two"}, "须为数字"),
        ({"rows__0__unit": "moons"}, "可选范围"),
        ({"rows__0__intents": "投诉 吵架"}, "应为"),
        (
            {"rows__1__order": "25", "rows__1__urgencies": "", "rows__1__clock": "", "rows__0__clock": ""},
            "没有答复时限",
        ),
        (
            {
                "rows__40__order": "999",
                "rows__40__clock": "reply",
                "rows__40__amount": "1",
                "rows__40__unit": "wd",
            },
            "不会生效",
        ),
        ({"valid_from": "yesterday"}, "2026-11-23 09:00"),
        ({"valid_from": "2026-11-01 00:00"}, "不能早于现在"),
        ({"valid_to": "2026-11-01 00:00"}, "晚于生效时间"),
        ({"rows__0__colour": "red"}, "未保存"),
    ],
)
async def test_what_cannot_be_kept_is_said_on_the_form_with_all_that_was_typed(
    world: World, changes: dict[str, str], said: str
) -> None:
    admin = await world.signed_in("admin")
    fields = {"why": "试", "title": "我的名称"} | changes
    status, page = await send(admin, "/rules/policies/edit?from=shishi-2016", "keep", **fields)
    assert status == 400
    assert said in page
    assert "我的名称" in page
    assert await world.store.read(rulebooks.newest_policy) == 0


async def test_of_two_administrators_who_change_the_same_limits_one_is_told(world: World) -> None:
    admin = await world.signed_in("admin")
    form = await form_of(admin, "/rules/policies/edit?from=shishi-2016") | {"why": "一", "go": "keep"}
    first, second = [await admin.post_form("/rules/policies/edit", form) for _ in range(2)]
    assert (first.status, second.status) == (303, 409)
    assert "刚才有人改过" in second.text


async def test_a_policy_nobody_knows_is_not_found(world: World) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.get("/rules/policies?version=atlantis")).status == 404
    assert (await admin.get("/rules/policies/edit?from=atlantis")).status == 404


# The calendar


async def test_an_import_is_shown_first_then_kept_and_counts_running_clocks_again(world: World) -> None:
    world.clock.pass_(days=28)
    admin = await world.signed_in("admin")
    running = await reply_clock(world)
    assert await due(world, running) == "01-05"
    fields = {"text": TEXT, "source": "国办发明电〔2026〕9号"}
    status, page = await send(admin, "/rules/calendar", "preview", **fields)
    assert status == 200
    assert "2027-02-20" in page
    assert await world.store.read(work_calendars.newest) == 0
    status, _ = await send(admin, "/rules/calendar", "keep", **fields)
    assert status == 303
    assert 2027 in in_force(world).calendar.official
    facts = await world.store.read(lambda conn: history.of(conn, "rules"))
    assert [(fact.kind, fact.actor) for fact in facts] == [("rules.calendar", "admin")]
    page = (await admin.get("/rules/calendar?year=2027")).text
    assert "国办发明电〔2026〕9号" in page
    assert "尚未导入" not in page


async def test_from_december_on_the_pages_say_that_the_next_year_is_missing(world: World) -> None:
    admin = await world.signed_in("admin")
    assert "尚未导入" not in (await admin.get("/rules/policies")).text
    world.clock.pass_(days=8)
    browser = await world.signed_in("admin")
    for page in PAGES[:2]:
        assert "2027年的放假调休安排尚未导入" in (await browser.get(page)).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "2027-01-01"}, "第1行"),
        ({"text": "{"}, "JSON"),
        ({"text": "2099-01-01,休"}, "2004–2036"),
        ({"text": json.dumps({"year": 2026, "rest": ["2026-01-01"]})}, "必填"),
    ],
)
async def test_a_notice_that_cannot_be_meant_is_refused_with_all_that_was_pasted(
    world: World, fields: dict[str, str], said: str
) -> None:
    admin = await world.signed_in("admin")
    status, page = await send(admin, "/rules/calendar", "keep", **fields)
    assert status == 400
    assert said in page


async def test_a_known_year_is_nothing_new(world: World) -> None:
    admin = await world.signed_in("admin")
    fields = {"text": TEXT, "source": "一"}
    await send(admin, "/rules/calendar", "keep", **fields)
    status, page = await send(admin, "/rules/calendar", "keep", **fields)
    assert status == 400
    assert "没有变化" in page


# Office hours


async def test_new_hours_and_who_keeps_them_hold_at_once(world: World) -> None:
    admin = await world.signed_in("admin")
    changes = {"seasons__1__first": "", "seasons__1__last": "", "seasons__1__intervals": ""}
    changes |= {
        "seasons__0__first": "01-01",
        "seasons__0__last": "12-31",
        "seasons__0__intervals": "07:00-11:00 13:00-19:00",
    }
    status, _ = await send(
        admin, "/rules/hours", name="night-market", follows="0", title="夜市", why="试行", **changes
    )
    assert status == 303
    seen = await admin.post_form(
        "/rules/hours/of", {"scope": "unit", "unit": "szgc", "hours": "night-market"}
    )
    assert seen.status == 303
    own = await world.store.read(lambda conn: office_hours.of_unit(conn, in_force(world), "szgc"))
    assert (own.name, in_force(world).hours.name) == ("night-market", "fuzhou")
    assert "夜市" in (await admin.get("/rules/hours?name=night-market")).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "夜 市"}, "小写字母"),
        ({"since": "2026-11-01"}, "今天或以后"),
        ({"seasons__0__first": "13-01"}, "月-日"),
        ({"seasons__0__intervals": "8 to 5"}, "应如"),
        ({"seasons__0__intervals": "09:00-08:00"}, "重叠或颠倒"),
        ({"seasons__0__first": "07-01"}, "缺"),
        ({"seasons__9__first": "07-01", "x": "y"}, "form"),
    ],
)
async def test_hours_that_cannot_be_kept_are_refused(
    world: World, changes: dict[str, str], said: str
) -> None:
    admin = await world.signed_in("admin")
    status, page = await send(admin, "/rules/hours", **({"why": "试", "title": "市直"} | changes))
    assert status == 400
    assert said in page
    assert await world.store.read(lambda conn: office_hours.newest(conn, "fuzhou")) == 0


@pytest.mark.parametrize(
    "form", [{"scope": "unit", "unit": "atlantis", "hours": "plain"}, {"scope": "kind"}, {}]
)
async def test_hours_of_nobody_are_refused(world: World, form: dict[str, Any]) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.post_form("/rules/hours/of", form)).status == 400
