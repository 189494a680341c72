"""一线处置, 紧急件, 跟件单, 值班表, 公开: walked through by the people who use them, each with a login of their own."""

import io
import json
import re
from typing import Any

import aiohttp
import pytest

from cases.rules import rules_for
from cases.workflow import Role
from storage import cases, people
from storage.people import Account
from tests.console.world import HASH, Browser, World
from tests.makers import DISPATCHER, MORNING, a_form

RULES = rules_for("RH", policy="gulou-2020")
MORE = (
    Account("street", "东门指挥员", Role.STREET_COMMANDER, "dmjd", None),
    Account("responder", "水务响应人", Role.FRONTLINE_RESPONDER, "swjt", None),
    Account("command", "指挥中心", Role.STREET_COMMANDER, "zhzx", None),
    Account("pub1", "公开专员甲", Role.PUBLICATION_OFFICER, "rxzx", None),
    Account("pub2", "公开专员乙", Role.PUBLICATION_OFFICER, "rxzx", None),
)
CALL = {
    "kind": "hard",
    "reason": "排水管反复爆裂",
    "tried": "已两次清掏",
    "place": "东门路12号",
    "report_at": "2026-11-24T09:00",
    "unit_1": "swjt 水务集团",
    "unit_2": "zjj",
}


@pytest.fixture
async def office(world: World) -> World:
    """The world with a street, a responder, the command centre and two publication officers."""
    for account in MORE:
        await world.store.write(
            lambda conn, account=account: people.add_account(  # type: ignore[misc] # bound early on purpose
                conn, account, password_hash=HASH, by="test", at=MORNING
            )
        )
    return world


async def filed(world: World, **changes: Any) -> str:
    """A case that the works office leads and the street assists."""
    form = a_form(**changes)
    agent = people.actor(Account("1001", "李燕", Role.AGENT, "rxzx", None))

    def work(conn: Any) -> str:
        no = cases.register(conn, form, key=form.title, by=agent, at=MORNING, rules=RULES).no
        cases.dispatch(conn, no, lead="szgc", assist=["dmjd"], by=DISPATCHER, at=MORNING, rules=RULES)
        return no

    return await world.store.write(work)


async def posted(browser: Browser, path: str, **form: str) -> int:
    return (await browser.post_form(path, form)).status


async def test_fl_a_street_calls_a_department_comes_both_judge_and_the_centre_decides(office: World) -> None:
    no = await filed(office)
    street, water = await office.signed_in("street"), await office.signed_in("responder")
    page = await street.get(f"/frontline/new?case={no}")
    assert page.status == 200
    assert no in page.text
    called = await street.post_form("/frontline", CALL | {"case": no})
    assert called.status == 303
    path = called.headers["Location"]
    assert (await posted(water, f"{path}/accept", handler="林工", leader="")) == 400
    assert (await posted(water, f"{path}/accept", handler="林工", leader="周副总")) == 303
    assert (await posted(water, f"{path}/respond", response="带抢修队")) == 303
    code = re.search(r'<b class="num">([A-Z0-9]{6})</b>', (await street.get(path)).text)
    assert code is not None
    assert code[1] not in (await water.get(path)).text
    office.clock.pass_(days=1, minutes=-31)
    street, water = await office.signed_in("street"), await office.signed_in("responder")
    assert (await posted(water, f"{path}/check_in", evidence="code", where="AAAAAA")) == 400
    assert (await posted(water, f"{path}/check_in", evidence="code", where=code[1])) == 303
    assert (await posted(street, f"{path}/find", findings="主管锈穿")) == 303
    office.clock.pass_(minutes=10)
    closing = {"findings": "主管锈穿", "root_cause": "未更换", "measures": "更换", "recheck_on": ""}
    refused = await street.post_form(f"{path}/close", closing)
    assert refused.status == 400
    assert "复查日期" in refused.text
    assert (await posted(street, f"{path}/close", **closing | {"recheck_on": "2026-12-20"})) == 303
    assert (await posted(street, f"{path}/judge", score="2", reason="迟缓", unit="swjt")) == 303
    assert (await posted(water, f"{path}/judge", score="5", reason="", unit="")) == 303
    assert (await posted(water, f"{path}/dispute", judgement="1", dispute="按时到场")) == 303
    centre = await office.signed_in("command")
    assert "待裁定" in (await centre.get("/frontline?pile=disputed")).text
    assert (await posted(street, f"{path}/rule", judgement="1", score="4", ruling="x")) == 409
    assert (await posted(centre, f"{path}/rule", judgement="1", score="4", ruling="按时到场属实")) == 303
    shown = await water.get(path)
    assert "原判 2 分" in shown.text
    people_page = await centre.get("/frontline/people?since=2026-11-20&until=2026-11-30")
    assert people_page.status == 200
    assert "周副总" in people_page.text


async def test_fl_a_department_that_was_not_called_finds_no_action(office: World) -> None:
    no = await filed(office)
    street = await office.signed_in("street")
    path = (await street.post_form("/frontline", CALL | {"case": no})).headers["Location"]
    works = await office.signed_in("handler")
    assert (await works.get(path)).status == 404
    assert (await works.get("/frontline")).status == 200
    assert (await works.get(f"/frontline/new?case={no}")).status == 403
    assert (await (await office.signed_in("1001")).get("/frontline")).status == 403


async def test_fl_what_was_typed_stays_when_a_call_is_refused(office: World) -> None:
    no = await filed(office)
    street = await office.signed_in("street")
    refused = await street.post_form("/frontline", CALL | {"case": no, "kind": "easy", "unit_1": ""})
    assert refused.status == 400
    assert "已两次清掏" in refused.text
    bad = await street.post_form("/frontline", CALL | {"case": no, "report_at": "tomorrow"})
    assert "2026-11-24T09:00" in bad.text
    assert (await street.post_form("/frontline", CALL | {"case": "RH000000-00000-0"})).status == 409


async def test_fl_10_the_words_of_half_a_year_are_listed_with_their_growth(office: World) -> None:
    for n in range(3):
        await filed(office, title=f"小区停水第{n}天", call=None)
    seen = await (await office.signed_in("street")).get("/frontline/terms")
    assert "小区停水" in seen.text
    assert (await (await office.signed_in("street")).get("/frontline/terms?since=x")).status == 400


async def test_h_02_the_unit_checks_in_promises_and_finishes_on_its_page(office: World) -> None:
    no = await filed(office, urgency="特急")
    agent, works = await office.signed_in("1001"), await office.signed_in("handler")
    board = (await agent.get("/urgent")).text
    assert "待拨打的值班电话" in board
    call = re.search(r"/urgent/calls/(\d+)", board)
    assert call is not None
    assert (await posted(agent, f"/urgent/calls/{call[1]}", result="reached")) == 303
    for step, form in (
        ("acknowledge", {}),
        ("contact", {}),
        ("check_in", {"evidence": "gps", "where": "26.07,119.29"}),
        ("promise", {"minutes": "120", "reason": "换阀门"}),
        ("finish", {"finish_note": "已围挡"}),
    ):
        assert (await posted(works, f"/urgent/{no}/{step}", **form)) == 303, step
    shown = (await works.get(f"/urgent/{no}")).text
    assert "26.07,119.29" in shown
    assert "处置完毕 · 已围挡" in shown
    assert (await posted(works, f"/urgent/{no}/finish", finish_note="x")) == 409
    assert (await (await office.signed_in("water")).get(f"/urgent/{no}")).status == 404
    assert no in (await agent.get("/urgent?ended=1")).text


async def test_h_02_signing_off_warns_until_the_list_is_handed_over(office: World) -> None:
    no = await filed(office, urgency="紧急")
    agent = await office.signed_in("1001")
    assert no in (await agent.get("/follows")).text
    leaving = await agent.post_form("/logout", {})
    assert leaving.headers["Location"] == "/follows?leaving=1"
    assert "您还有 1 件在跟" in (await agent.get("/follows?leaving=1")).text
    assert (await posted(agent, f"/follows/{no}/hand-over", to="handler", note="")) == 400
    assert (await posted(agent, f"/follows/{no}/hand-over", to="1002", note="抢修队在路上")) == 303
    assert "抢修队在路上" in (await (await office.signed_in("1002")).get("/follows")).text
    assert (await agent.post_form("/logout", {})).headers["Location"] == "/login"
    late = await office.signed_in("1002")
    assert (await late.post_form("/logout", {"anyway": "1"})).headers["Location"] == "/login"
    lead = await office.signed_in("lead")
    assert (await posted(lead, f"/follows/{no}/take")) == 303
    assert no in (await lead.get("/follows")).text


async def test_a_unit_keeps_its_own_rota_and_the_centre_everybodys(office: World) -> None:
    row = {"rank": "leader", "name": "吴值班", "number": "139 0591 0001", "begins_at": "2026-11-23T08:00"}
    liaison, lead = await office.signed_in("liaison"), await office.signed_in("lead")
    assert (await posted(liaison, "/duty", **row)) == 303
    assert (await posted(lead, "/duty", **row | {"unit": "swjt 水务集团", "name": "郑值班"})) == 303
    own = (await liaison.get("/duty")).text
    assert "吴值班" in own
    assert "郑值班" not in own
    assert "郑值班" in (await lead.get("/duty")).text
    wrong = await liaison.post_form("/duty", row | {"number": "abc", "ends_at": "2026-11-23T07:00"})
    assert wrong.status == 400
    assert "结束应晚于开始" in wrong.text
    assert (await posted(liaison, "/duty/2/withdraw")) == 409
    assert (await posted(liaison, "/duty/1/withdraw")) == 303


async def test_t28_two_officers_publish_and_one_takes_down(office: World) -> None:
    no = await office.store.write(answered)
    first, second = await office.signed_in("pub1"), await office.signed_in("pub2")
    assert no in (await first.get("/publication")).text
    editor = (await first.get(f"/publication/{no}")).text
    assert "13850123456" in editor  # the original, for the officer alone
    assert "电话〔电话〕" in editor
    form = {"decision": "publish", "title": "井盖缺失", "content": "井盖缺失。", "reply": "已更换。"}
    bad = await first.post_form(f"/publication/{no}/propose", form | {"content": "电话13850123456"})
    assert bad.status == 400
    assert "仍有疑似个人信息" in bad.text
    assert (await posted(first, f"/publication/{no}/propose", **form)) == 303
    assert (await posted(first, f"/publication/{no}/sign", version="1")) == 409
    assert (await posted(second, f"/publication/{no}/sign", version="1")) == 303
    assert "已公开" in (await second.get(f"/publication/{no}")).text
    assert (await posted(first, f"/publication/{no}/take_down", why="误公开")) == 303
    assert "误公开" in (await first.get(f"/publication/{no}")).text
    assert (await (await office.signed_in("1001")).get("/publication")).status == 403


def answered(conn: Any) -> str:
    """A case that was answered on the call: public to its citizen, ready for the officers."""
    form = a_form(content="我叫陈建国,电话13850123456,井盖缺失。", call=None)
    agent = people.actor(Account("1001", "李燕", Role.AGENT, "rxzx", None))
    return cases.answer_on_call(conn, form, "已告知。", key="answered", by=agent, at=MORNING, rules=RULES).no


async def test_fl_09_a_device_signs_in_with_its_token_and_sends_no_more_than_it_may(office: World) -> None:
    admin = await office.signed_in("admin")
    device = {
        "id": "well-17",
        "name": "井盖传感器",
        "category": "0105",
        "address": "东门路12号",
        "hourly": "1",
    }
    shown = await admin.post_form("/devices", device)
    token = re.search(r'<code class="num">([^<]+)</code>', shown.text)
    assert token is not None
    assert token[1] not in (await admin.get("/devices")).text

    async def send(number: str, key: str) -> int:
        sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        body = json.dumps({"id": number, "what": "井盖倾斜", "urgent": "1"})
        return (await office.ask("POST", "/api/alarms", headers=sent, data=body)).status

    assert [await send("a1", token[1]), await send("a1", token[1]), await send("a2", token[1])] == [
        201,
        200,
        429,
    ]
    assert [await send("a3", "guess") for _ in range(11)] == [401] * 10 + [429]
    assert (await office.ask("POST", "/api/alarms", json={"id": "x", "what": "x"})).status == 401
    assert (await posted(admin, "/devices", **device)) == 409
    assert (await posted(admin, "/devices/well-17/disable")) == 303
    office.clock.pass_(minutes=2)
    assert await send("a4", token[1]) == 401
    assert (await (await office.signed_in("street")).get("/devices")).status == 403


async def test_fl_05_pictures_from_the_spot_are_kept_once_and_shown_to_those_concerned(office: World) -> None:
    no = await filed(office)
    street, water = await office.signed_in("street"), await office.signed_in("responder")
    path = (await street.post_form("/frontline", CALL | {"case": no})).headers["Location"]

    async def upload(browser: Browser, data: bytes) -> int:
        form = aiohttp.FormData({"csrf": browser.csrf, "note": "锈穿的主管"})
        form.add_field("photo", io.BytesIO(data), filename="1.png", content_type="image/png")
        sent = {"Origin": office.origin, "Cookie": browser.cookie}
        return (await office.ask("POST", f"{path}/photos", headers=sent, data=form)).status

    picture = b"\x89PNG\r\n\x1a\n" + bytes(300_000)
    assert [await upload(water, picture) for _ in range(2)] == [303, 303]
    assert await upload(street, b"<svg onload=alert(1)>") == 400
    assert await upload(street, picture + bytes(1_300_000)) == 413
    assert (await water.get(path)).text.count("锈穿的主管") == 2
    sent = {"Origin": office.origin, "Cookie": street.cookie}
    async with office.client.get(office.url(f"{path}/photos/1"), headers=sent) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", picture)
    stranger = await office.signed_in("handler")
    assert (await stranger.get(f"{path}/photos/1")).status == 404
    assert await upload(stranger, picture) == 404
