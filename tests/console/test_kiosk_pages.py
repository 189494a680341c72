"""K-01, K-02, K-05: a kiosk has an identity, keeps nothing of its visitors, and files cases of its community."""

import re

import pytest
from sqlalchemy import text

from cases.workflow import Role
from storage import kiosks, people
from storage.demo_knowledge import load_knowledge
from storage.kiosks import KioskForm
from storage.people import Account, Actor
from tests.console.test_site_pages import on_its_way
from tests.console.world import HASH, Browser, World

ADMIN = Actor("admin", Role.ADMINISTRATOR, "rxzx")
FORM = KioskForm(id="aofeng-1", name="鳌峰社区一号", address="榕东区鳌峰社区服务站")
PAGES = (
    "/kiosk",
    "/kiosk/status",
    "/kiosk/report",
    "/kiosk/guide",
    "/kiosk/published",
    "/kiosk/call",
    "/kiosk/links",
    "/kiosk/offline",
)


async def a_kiosk(world: World) -> Browser:
    """Set a kiosk up as a technician does, by its token."""
    token = await world.store.write(lambda conn: kiosks.add(conn, FORM, by=ADMIN, at=world.clock()))
    browser = world.browser()
    seen = await browser.post_form("/kiosk", {"token": token})
    assert seen.status == 303
    cookie = seen.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"))
    browser.cookie = cookie.partition(";")[0]
    return browser


async def test_k_01_a_stranger_gets_no_page_of_a_kiosk_but_the_one_that_asks_for_the_token(
    world: World,
) -> None:
    stranger = world.browser()
    home = await stranger.get("/kiosk")
    assert "终端口令" in home.text
    assert [(await stranger.get(path)).status for path in PAGES[1:]] == [303] * 7
    assert (await stranger.post_form("/kiosk/report", {"key": "k", "category": "0105"})).status == 303
    assert (await stranger.send_json("POST", "/api/kiosk/beat", {})).status == 403


async def test_k_01_tokens_cannot_be_guessed(world: World) -> None:
    answers = [(await world.browser().post_form("/kiosk", {"token": f"t{n}"})).status for n in range(6)]
    assert answers == [403] * 5 + [429]


async def test_k_02_every_page_of_a_kiosk_stays_in_the_kiosk(world: World) -> None:
    browser = await a_kiosk(world)
    for path in PAGES:
        seen = await browser.get(path)
        assert seen.status == 200
        links = re.findall(r'(?:href|action)="(/[^"]*)"', seen.text)
        assert [to for to in links if not to.startswith(("/kiosk", "/static"))] == []
        assert seen.headers["Cache-Control"] == "no-store"
        assert (
            '<meta http-equiv="refresh" content="60;url=/kiosk?lang=zh&amp;size=normal&amp;contrast=">'
            in seen.text
        )
    assert (await browser.get("/kiosk")).headers["Clear-Site-Data"] == '"cache"'


async def test_k_02_a_case_is_asked_for_and_judged_at_a_kiosk(world: World) -> None:
    case = await on_its_way(world, to="feedback")
    browser = await a_kiosk(world)
    seen = await browser.post_form("/kiosk/status", {"digits": case.digits, "code": case.code})
    found = re.search(r'name="ticket" value="([\w-]+)"', seen.text)
    assert found is not None
    said = {"ticket": found[1], "solved": "full", "satisfied": "基本满意"}
    assert (await browser.post_form("/kiosk/case/judge", said)).status == 200
    kept = "SELECT source FROM callback_attempt"
    assert await world.store.read(lambda conn: conn.execute(text(kept)).scalar()) == "kiosk"
    assert (await browser.post_form("/kiosk/leave", {"ticket": found[1]})).headers["Location"] == "/kiosk"
    assert (await browser.post_form("/kiosk/case/urge", {"ticket": found[1]})).status == 410


async def test_k_05_a_case_filed_at_a_kiosk_names_the_kiosk_and_its_community(world: World) -> None:
    browser = await a_kiosk(world)
    assert "道路井盖" in (await browser.get("/kiosk/report?matter=01")).text
    page = await browser.get("/kiosk/report?matter=0105")
    key = re.search(r'name="key" value="(\w+)"', page.text)
    assert key is not None
    sent = {"key": key[1], "category": "0105", "place": "3号楼前", "words": "", "number": ""}
    made = [await browser.post_form("/kiosk/report", sent) for _ in range(2)]
    assert [one.status for one in made] == [200, 200]
    assert "请记下编号和查询码" in made[0].text
    kept = "SELECT channel, address FROM case_file"
    rows = await world.store.read(lambda conn: conn.execute(text(kept)).all())
    assert [tuple(row) for row in rows] == [("kiosk", "榕东区鳌峰社区服务站 3号楼前")]
    events = "SELECT actor FROM history WHERE kind = 'case.registered'"
    assert await world.store.read(lambda conn: conn.execute(text(events)).scalar()) == "kiosk:aofeng-1"


@pytest.mark.parametrize(
    "changes", [{"category": "01"}, {"category": "x"}, {"number": "abc"}, {"extra": "1"}]
)
async def test_k_05_what_cannot_be_is_refused_and_what_was_typed_stays(
    world: World, changes: dict[str, str]
) -> None:
    browser = await a_kiosk(world)
    sent = {"key": "k1", "category": "0105", "place": "3号楼前"} | changes
    assert (await browser.post_form("/kiosk/report", sent)).status == 400


async def test_k_01_a_kiosk_that_is_locked_shows_nothing_more_and_a_new_token_brings_it_back(
    world: World,
) -> None:
    browser, admin = await a_kiosk(world), await world.signed_in("admin")
    assert (await browser.send_json("POST", "/api/kiosk/beat", {})).status == 200
    assert "正常" in (await admin.get("/kiosks")).text
    world.clock.pass_(minutes=4)
    assert "无响应" in (await admin.get("/kiosks")).text
    assert (await admin.post_form("/kiosks/aofeng-1/disable", {})).status == 303
    assert "暂停服务" in (await browser.get("/kiosk")).text
    assert (await browser.send_json("POST", "/api/kiosk/beat", {})).status == 403
    renewed = await admin.post_form("/kiosks/aofeng-1/renew", {})
    token = re.search(r'<code class="num">([\w-]+)</code>', renewed.text)
    assert token is not None
    assert (await browser.post_form("/kiosk", {"token": token[1]})).status == 303


async def test_only_an_administrator_keeps_kiosks(world: World) -> None:
    admin, agent = await world.signed_in("admin"), await world.signed_in("1001")
    entered = {"id": "k-1", "name": "一号", "address": "鳌峰社区"}
    assert (await agent.post_form("/kiosks", entered)).status == 403
    made = [await admin.post_form("/kiosks", form) for form in (entered, entered, entered | {"id": "鳌"})]
    assert [one.status for one in made] == [200, 409, 400]


async def test_visits_are_counted_and_lead_where_one_wants_to_go(world: World) -> None:
    browser = await a_kiosk(world)
    seen = await browser.post_form("/kiosk/begin", {"to": "status"})
    assert (seen.status, seen.headers["Location"]) == (303, "/kiosk/status")
    assert (await browser.post_form("/kiosk/begin", {"to": "//evil"})).status == 400
    kept = "SELECT what, times FROM kiosk_day"
    rows = await world.store.read(lambda conn: conn.execute(text(kept)).all())
    assert [tuple(row) for row in rows] == [("visit", 1)]


async def test_the_telephone_of_a_kiosk_is_anonymous(world: World) -> None:
    browser = await a_kiosk(world)
    seen = await browser.get("/kiosk/call")
    assert "不需要填写号码" in seen.text
    phone = (await browser.send_json("POST", "/api/webphone", {"number": ""})).json
    assert world.exchange.objects[f"endpoint/{phone['user']}"]["callerid"] == "<anonymous>"


async def test_k_05_a_case_of_a_kiosk_carries_its_grid_and_the_administrator_names_it(world: World) -> None:
    browser, admin = await a_kiosk(world), await world.signed_in("admin")
    assert (await admin.post_form("/kiosks/aofeng-1/move", {"grid": "nowhere"})).status == 400
    assert (await admin.post_form("/kiosks/aofeng-1/move", {"grid": "rd001"})).status == 303
    sent = {"key": "k1", "category": "0105", "place": "", "words": "", "number": "", "link": ""}
    assert (await browser.post_form("/kiosk/report", sent)).status == 200
    kept = "SELECT kiosk, grid FROM kiosk_case"
    rows = await world.store.read(lambda conn: conn.execute(text(kept)).all())
    assert [tuple(row) for row in rows] == [("aofeng-1", "rd001")]
    no = await world.store.read(lambda conn: conn.execute(text("SELECT no FROM case_file")).scalar())
    page = (await (await world.signed_in("dispatcher")).get(f"/cases/{no}")).text
    assert "登记终端" in page
    assert "东门街道第1网格" in page


async def test_k_03_a_bill_that_cannot_be_paid_becomes_a_case_that_names_bill_and_kiosk(world: World) -> None:
    browser, admin = await a_kiosk(world), await world.signed_in("admin")
    link = {"slot": "payment", "name": "水费", "address": "https://pay.example.cn/w", "category": "0501"}
    assert (await admin.post_form("/kiosks/links", link | {"kiosk": "aofeng-1"})).status == 303
    assert "缴费与预约" in (await browser.get("/kiosk")).text
    page = await browser.get("/kiosk/links/1")
    assert 'sandbox="allow-forms allow-scripts allow-same-origin"' in page.text
    assert "/kiosk/report?link=1" in page.text
    form = (await browser.get("/kiosk/report?link=1")).text
    assert "办理“水费”缴费未成功" in form
    assert "终端编号 aofeng-1" in form
    sent = {"key": "k9", "category": "0501", "words": "缴费未成功", "link": "1"}
    assert (await browser.post_form("/kiosk/report", sent)).status == 200
    rows = await world.store.read(lambda conn: conn.execute(text("SELECT link FROM kiosk_case")).all())
    assert [tuple(row) for row in rows] == [(1,)]
    assert (await admin.post_form("/kiosks/links/1/end", {})).status == 303
    assert (await browser.get("/kiosk/links/1")).status == 404
    assert "缴费与预约" not in (await browser.get("/kiosk")).text


async def test_k_04_a_kiosks_page_frames_the_declared_origin_and_nothing_else_frames_anything(
    world: World,
) -> None:
    browser, admin = await a_kiosk(world), await world.signed_in("admin")
    link = {"slot": "partner", "name": "挂号", "address": "https://h1.example.cn:8443/a;b"}
    assert (await admin.post_form("/kiosks/links", link)).status == 303
    policy = (await browser.get("/kiosk/links/1")).headers["Content-Security-Policy"]
    assert policy.endswith("; frame-src https://h1.example.cn:8443")
    assert "frame-src" not in (await browser.get("/kiosk/links")).headers["Content-Security-Policy"]
    for wrong in ({"address": "http://h1.example.cn"}, {"slot": "x"}, {"name": ""}):
        assert (await admin.post_form("/kiosks/links", link | wrong)).status == 400
    assert (await (await world.signed_in("1001")).post_form("/kiosks/links", link)).status == 403


async def test_k_02_the_guide_of_a_kiosk_is_as_its_editors_arranged_it(world: World) -> None:
    browser = await a_kiosk(world)
    at = world.clock()
    await world.store.write(lambda conn: load_knowledge(conn, at, at.date()))
    guide = (await browser.get("/kiosk/guide")).text
    assert guide.count("/kiosk/guide?class=") == 35
    kind = re.search(r'/kiosk/guide\?class=(\d+)">社会保险', guide)
    assert kind is not None
    assert "社会保险关系转移" in (await browser.get(f"/kiosk/guide?class={kind[1]}")).text
    # The guide of the web goes by matters as before.
    assert "?class=" not in (await browser.get("/guide")).text


async def test_k_02_only_editors_of_the_knowledge_base_arrange_the_guide(world: World) -> None:
    editor = Account("8002", "知识编辑", Role.KNOWLEDGE_EDITOR, "rxzx", None)
    await world.store.write(
        lambda conn: people.add_account(conn, editor, password_hash=HASH, by="test", at=world.clock())
    )
    browser, lead = await world.signed_in("8002"), await world.signed_in("lead")
    path = "/knowledge/guide"
    assert (await browser.post_form(f"{path}/column", {"name": "民生", "name_en": "Living"})).status == 303
    put = {"column": "1", "name": "医保", "name_en": "", "category": "0306", "words": ""}
    assert (await browser.post_form(f"{path}/class", put)).status == 303
    assert (await browser.post_form(f"{path}/class", put | {"category": ""})).status == 400
    assert (await browser.post_form(f"{path}/column/1/drop", {})).status == 409
    assert (await lead.post_form(f"{path}/class", put)).status == 409
    assert "暂无内容" in (await lead.get(path)).text
    assert (await browser.post_form(f"{path}/class/1/drop", {})).status == 303
    assert (await browser.post_form(f"{path}/column/1/drop", {})).status == 303
