"""知识库 on pages and beside a call: found, used, missed, written by one and checked by another."""

from typing import Any

import pytest

from cases.workflow import Role
from console import knowledge_roll
from console.parts import PARTS
from storage import knowledge_figures, knowledge_use, people
from storage.demo_knowledge import load_knowledge
from storage.people import Account
from tests.console.test_line_pages import fields_of
from tests.console.world import HASH, Browser, World
from tests.makers import MORNING, later

PEOPLE = (
    Account("editor", "彭知识", Role.KNOWLEDGE_EDITOR, "rxzx", None),
    Account("gjj", "公积金承办人", Role.HANDLER, "gjj", None),
    Account("gjj-leader", "公积金分管领导", Role.UNIT_LEADER, "gjj", None),
    Account("analyst", "分析员", Role.ANALYST, "rxzx", None),
)
WRITTEN = {
    "title": "公积金提前还贷",
    "category": "1305",
    "owner": "gjj",
    "questions": "公积金贷款能提前还吗",
    "keywords": "提前还贷 公积金",
    "answer": "先问还款满一年没有。",
    "citizen_answer": "还款满一年后可以在网上大厅申请提前还贷。",
    "public": "1",
    "sources": "榕海市住房公积金个人贷款管理办法(演示)",
    "review_by": "2027-05-01",
}


@pytest.fixture
async def filled(world: World) -> World:
    def work(conn: Any) -> None:
        for account in PEOPLE:
            people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
        load_knowledge(conn, MORNING, MORNING.date())

    await world.store.write(work)
    return world


async def offered(browser: Browser, **body: str) -> list[Any]:
    seen = await browser.send_json("POST", "/api/knowledge", body)
    assert seen.status == 200
    articles: list[Any] = seen.json["articles"]
    return articles


async def test_the_desk_is_offered_the_article_with_its_reason_and_how_long_it_holds(filled: World) -> None:
    agent = await filled.signed_in("1001")
    (first, *rest) = await offered(agent, q="我家停水了,水管爆了什么时候来水", category="0501")
    assert first["title"] == "停水抢修与计划停水"
    assert (first["unit"], first["valid_until"], first["stale"]) == ("水务集团", None, False)
    assert "同类：供水" in first["why"]
    assert "水管爆了" in first["why"]
    assert len(rest) < 5
    assert (await agent.get("/api/knowledge?q=公积金")).json["articles"]
    assert await offered(agent, q="", category="") == []


async def test_what_an_agent_used_and_what_was_missing_is_counted(filled: World) -> None:
    agent = await filled.signed_in("1001")
    (first, *_) = await offered(agent, q="燃气泄漏")
    sent = await agent.send_json("POST", f"/api/knowledge/{first['id']}/used", {"call": "c1"})
    missed = await agent.send_json("POST", "/api/knowledge/gap", {"text": "加装电梯补贴", "call": "c2"})
    assert (sent.status, missed.status) == (204, 204)
    assert (await agent.send_json("POST", "/api/knowledge/999/used", {"call": ""})).status == 404
    wrong = {"call": "", "helpful": "no"}
    assert (await agent.send_json("POST", f"/api/knowledge/{first['id']}/used", wrong)).status == 400
    figures = await filled.store.read(
        lambda conn: knowledge_figures.used_most(conn, begins=MORNING, ends=later(hours=1))
    )
    assert [(line.article, line.used) for line in figures] == [(first["id"], 1)]
    gaps = await filled.store.read(lambda conn: knowledge_use.gaps(conn, "open"))
    assert gaps.rows[0].text == "加装电梯补贴"


async def test_from_the_writer_over_the_checker_to_the_agent(filled: World) -> None:
    writer, leader = await filled.signed_in("gjj"), await filled.signed_in("gjj-leader")
    editor, agent = await filled.signed_in("editor"), await filled.signed_in("1001")
    sent = await writer.post_form("/knowledge/new", WRITTEN)
    assert sent.status == 303
    path = sent.headers["Location"]
    assert (await agent.get(path)).status == 404
    assert "须由没有参与撰写的人审核" in (await writer.get(path)).text
    step = {"version": "1"}
    assert (await writer.post_form(f"{path}/check", step)).status == 409
    assert (await leader.post_form(f"{path}/check", step)).status == 303
    assert (await leader.post_form(f"{path}/release", step)).status == 409
    assert (await editor.post_form(f"{path}/release", step)).status == 303
    read = await agent.get(path)
    assert (read.status, WRITTEN["answer"] in read.text) == (200, True)
    assert "/check" not in read.text
    form = fields_of((await editor.get(f"{path}/edit")).text)
    assert {name: form[name] for name in ("category", "owner", "seen")} == {
        "category": "1305",
        "owner": "gjj",
        "seen": "1",
    }
    changed = WRITTEN | {"seen": form["seen"], "title": "提前还贷"}
    assert (await editor.post_form(f"{path}/edit", changed)).status == 303
    assert (await editor.post_form(f"{path}/edit", changed)).status == 409
    why = step | {"why": "政策已调整"}
    assert (await leader.post_form(f"{path}/withdraw", why)).status == 303
    assert (await agent.get(path)).status == 404


async def test_what_is_filled_in_wrongly_stands_again_in_the_form(filled: World) -> None:
    writer = await filled.signed_in("gjj")
    seen = await writer.post_form("/knowledge/new", WRITTEN | {"sources": "", "review_by": "2029-01-01"})
    assert seen.status == 400
    assert WRITTEN["answer"] in seen.text
    assert seen.text.count('aria-invalid="true"') == 2
    other = await writer.post_form("/knowledge/new", WRITTEN | {"owner": "ybj"})
    assert other.status == 409


async def test_an_editor_decides_about_a_gap_and_others_only_read_it(filled: World) -> None:
    editor, analyst = await filled.signed_in("editor"), await filled.signed_in("analyst")
    gap = (await filled.store.read(lambda conn: knowledge_use.gaps(conn, "open"))).rows[0]
    assert gap.text in (await analyst.get("/knowledge/gaps")).text
    ask = {"unit": "zjj", "words": "请补充加装电梯补贴"}
    assert (await analyst.post_form(f"/knowledge/gaps/{gap.id}/ask", ask)).status == 409
    assert (await editor.post_form(f"/knowledge/gaps/{gap.id}/ask", ask)).status == 303
    assert gap.text in (await editor.get("/knowledge/gaps?state=asked")).text
    assert (await editor.post_form(f"/knowledge/gaps/{gap.id}/answer", {"article": "77777"})).status == 400
    assert (await editor.post_form(f"/knowledge/gaps/{gap.id}/answer", {"article": "1"})).status == 303


async def test_every_page_of_it_opens_for_whom_it_is_meant_and_for_nobody_else(filled: World) -> None:
    pages = ("/knowledge?q=公积金", "/knowledge/1", "/knowledge/piles", "/knowledge/new", "/knowledge/gaps")
    seen = {}
    for login in ("editor", "gjj", "1001", "analyst", "admin"):
        browser = await filled.signed_in(login)
        seen[login] = [(await browser.get(path)).status for path in (*pages, "/knowledge/figures")]
    assert seen == {
        "editor": [200, 200, 200, 200, 200, 200],
        "gjj": [200, 200, 200, 200, 403, 403],
        "1001": [200, 200, 403, 403, 403, 403],
        "analyst": [200, 200, 403, 403, 200, 200],
        "admin": [200, 200, 403, 403, 403, 403],
    }


async def test_who_answers_for_an_article_finds_in_the_in_box_that_it_is_due(filled: World) -> None:
    filled.clock.pass_(days=22)
    assert await knowledge_roll.sweep(filled.app[PARTS]) > 5
    assert await knowledge_roll.sweep(filled.app[PARTS]) == 0
    account = Account("gas", "燃气承办人", Role.HANDLER, "rqjt", None)
    await filled.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    box = (await (await filled.signed_in("gas")).get("/notices")).text
    assert "知识“燃气泄漏应急”已过复核期限" in box
    assert 'href="/knowledge/' in box
