"""★16, F10-05, F10-11: what citizens do on the public pages; the same without a script, and nothing without the code."""

import re
from typing import Any

import pytest
from sqlalchemy import Connection, text

from cases.workflow import Role
from console import site_views
from console.site_views import VIEWS
from storage import cases, publication
from storage.cases import ReplyForm
from storage.people import Actor
from storage.publication import CopyForm
from tests.console.making import NUMBER, a_case
from tests.console.world import Browser, Seen, World
from tests.makers import MORNING, later

DISPATCHER = Actor("dispatcher", Role.DISPATCHER, "rxzx")
HANDLER = Actor("handler", Role.HANDLER, "szgc")
DONE = ReplyForm(
    handled_text="已更换灯具。",
    public_text="路灯已修复。",
    factual="属实",
    resolution="full",
    contacted=True,
)


async def on_its_way(world: World, *, to: str = "handling", **changes: Any) -> cases.Registered:
    filed = await a_case(world, **changes)

    def walk(conn: Connection) -> None:
        no, rules = filed.no, world.rules
        cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=later(minutes=5), rules=rules)
        cases.read(conn, no, by=HANDLER, at=later(hours=1))
        if to == "handling":
            return
        cases.reply(conn, no, DONE, by=HANDLER, at=later(hours=2), rules=rules)
        reviewer, final = (
            Actor("reviewer", Role.CENTRE_REVIEWER, "rxzx"),
            Actor("final", Role.FINAL_REVIEWER, "rxzx"),
        )
        cases.pass_review(conn, no, by=reviewer, at=later(hours=3), rules=rules)
        cases.pass_final(conn, no, by=final, at=later(hours=4), rules=rules)

    await world.store.write(walk)
    world.clock.pass_(days=1)
    return filed


async def published(world: World, no: str, **changes: str) -> None:
    words: dict[str, Any] = {
        "title": "鳌峰新村路灯不亮",
        "content": "路灯连续多日不亮。",
        "reply": "路灯已修复。",
    }
    form = CopyForm(decision="publish", **words | changes)
    first, second = (Actor(login, Role.PUBLICATION_OFFICER, "rxzx") for login in ("pub1", "pub2"))

    def work(conn: Connection) -> None:
        version = publication.propose(conn, no, form, by=first, at=later(days=1))
        publication.sign(conn, no, version, by=second, at=later(days=1))

    await world.store.write(work)


async def opened(browser: Browser, case: cases.Registered) -> tuple[Seen, str]:
    seen = await browser.post_form("/", {"digits": case.digits, "code": case.code})
    assert seen.status == 200
    found = re.search(r'name="ticket" value="([\w-]+)"', seen.text)
    assert found is not None
    return seen, found[1]


async def test_a_citizen_sees_when_each_step_was_and_which_unit_has_it(world: World) -> None:
    case = await on_its_way(world)
    seen, _ = await opened(world.browser(), case)
    assert "市政中心" in seen.text
    assert '<time datetime="2026-11-23T01:35:00+00:00">' in seen.text
    assert case.code not in seen.text


async def test_what_he_adds_urges_and_withdraws_is_done_and_shown(world: World) -> None:
    case = await on_its_way(world)
    browser = world.browser()
    _, ticket = await opened(browser, case)
    added = await browser.post_form("/case/add", {"ticket": ticket, "words": "夜里有人摔倒"})
    urged = [await browser.post_form("/case/urge", {"ticket": ticket}) for _ in range(2)]
    refused = await browser.post_form("/case/withdraw", {"ticket": ticket})
    gone = await browser.post_form("/case/withdraw", {"ticket": ticket, "sure": "1"})
    assert [one.status for one in (added, *urged, refused, gone)] == [200, 200, 200, 400, 200]
    assert "已转给办理单位" in added.text
    assert "承办单位已收到通知" in urged[0].text
    assert "今天已经催办过" in urged[1].text
    assert "诉求已撤回" in gone.text
    assert NUMBER not in added.text + gone.text


async def test_an_evaluation_needs_both_answers_and_neither_is_filled_in_for_him(world: World) -> None:
    case = await on_its_way(world, to="feedback")
    browser = world.browser()
    seen, ticket = await opened(browser, case)
    assert "checked" not in seen.text
    half = await browser.post_form("/case/judge", {"ticket": ticket, "solved": "no", "comment": "还是不亮"})
    assert half.status == 400
    assert 'value="no" required checked' in half.text
    assert "还是不亮" in half.text
    whole = await browser.post_form("/case/judge", {"ticket": ticket, "solved": "no", "satisfied": "不满意"})
    assert "谢谢您的评价" in whole.text
    kept = "SELECT solved, satisfied, source FROM callback_attempt"
    rows = await world.store.read(lambda conn: conn.execute(text(kept)).all())
    assert [tuple(row) for row in rows] == [("no", "不满意", "web")]


@pytest.mark.parametrize("act", ["add", "urge", "judge", "withdraw"])
async def test_without_a_ticket_or_after_its_time_nothing_is_done(world: World, act: str) -> None:
    case = await on_its_way(world)
    browser = world.browser()
    _, ticket = await opened(browser, case)
    more = {
        "add": {"words": "x"},
        "urge": {},
        "judge": {"solved": "full", "satisfied": "满意"},
        "withdraw": {"sure": "1"},
    }[act]
    assert (await browser.post_form(f"/case/{act}", {"ticket": "guessed", **more})).status == 410
    assert (await browser.post_form(f"/case/{act}", {})).status == 410
    world.clock.pass_(minutes=16)
    late = await browser.post_form(f"/case/{act}", {"ticket": ticket, **more})
    assert late.status == 410
    assert "鳌峰新村" not in late.text


async def test_who_ends_the_visit_leaves_a_page_that_opens_nothing(world: World) -> None:
    case = await on_its_way(world)
    browser = world.browser()
    _, ticket = await opened(browser, case)
    assert (await browser.post_form("/leave", {"ticket": ticket})).status == 303
    assert (await browser.post_form("/case/urge", {"ticket": ticket})).status == 410


async def test_a_published_case_is_found_and_read_and_an_unpublished_one_is_not_there(world: World) -> None:
    shown, hidden = await on_its_way(world, to="feedback"), await on_its_way(world, to="feedback")
    await published(world, shown.no)
    browser = world.browser()
    listed = await browser.get("/published?q=路灯")
    assert shown.no in listed.text
    assert hidden.no not in listed.text
    one = await browser.get(f"/published/{shown.no}")
    assert "路灯已修复。" in one.text
    assert "X-Robots-Tag" not in one.headers
    missing = [
        (await browser.get(f"/published/{no}")) for no in (hidden.no, "RH261122-99999-9", "%00", "..%2F")
    ]
    assert [seen.status for seen in missing] == [404] * 4
    assert missing[0].text == missing[1].text


@pytest.mark.parametrize("q", ["老人晚上出行", NUMBER, "林女士", "%27%20OR%201=1", "a" * 5_000])
async def test_a_search_finds_nothing_that_is_not_public(world: World, q: str) -> None:
    case = await on_its_way(world, to="feedback")
    await published(world, case.no)
    seen = await world.browser().get(f"/published?q={q}")
    assert seen.status == 200
    assert case.no not in seen.text


async def test_a_view_is_counted_once_a_day_for_each_visitor_and_no_address_is_kept(world: World) -> None:
    case = await on_its_way(world, to="feedback")
    await published(world, case.no)
    browser = world.browser()
    for _ in range(3):
        await browser.get(f"/published/{case.no}")
    world.clock.pass_(days=1)
    await browser.get(f"/published/{case.no}")
    assert "127.0.0.1" not in repr(vars(world.app[VIEWS]))
    await site_views.flush(world.app)
    rows = await world.store.read(lambda conn: conn.execute(text("SELECT * FROM public_view")).all())
    assert [row.views for row in rows] == [2]


async def test_the_first_page_tells_of_last_week_and_shows_a_dash_for_what_nobody_answered(
    world: World,
) -> None:
    await a_case(world)
    world.clock.pass_(days=7)
    seen = await world.browser().get("/")
    assert "上周情况" in seen.text
    assert re.search(r"<dt>受理</dt><dd class=\"num\">1</dd>", seen.text)
    assert "暂无" in seen.text


async def test_the_guide_answers_without_a_sign_in(world: World) -> None:
    browser = world.browser()
    paths = ("/guide", "/guide?q=公积金", "/guide?matter=01", "/guide/999999")
    assert [(await browser.get(path)).status for path in paths] == [200, 200, 200, 404]


async def test_a_page_that_says_what_is_public_speaks_english_too(world: World) -> None:
    case = await on_its_way(world, to="feedback")
    await published(world, case.no)
    for path in ("/", "/published", f"/published/{case.no}", "/guide"):
        seen = await world.browser().get(f"{path}?lang=en")
        assert '<html lang="en"' in seen.text
        assert "site." not in re.sub(r'"/static/[^"]*"', "", seen.text)


def test_views_forget_yesterday_with_its_secret() -> None:
    views = site_views.Views()
    views.note("a", "x", MORNING.date())
    views.note("a", "x", MORNING.date())
    views.note("a", "y", MORNING.date())
    assert views.take() == {"a": 2}
    views.note("a", "x", later(days=1).date())
    views.give_back({"a": 3})
    assert views.take() == {"a": 4}
