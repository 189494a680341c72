"""Filing at the desk."""

import asyncio
from typing import Any

import pytest

from storage import calls, cases, drafts, history
from tests.console.making import FIELDS, NUMBER, an_order
from tests.console.world import World, hear


async def test_a_registered_case_gets_a_number_and_a_code(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json("POST", "/api/cases", an_order())
    assert seen.status == 200
    assert seen.json["no"] == "RH261123-00001-" + seen.json["no"][-1]
    assert len(seen.json["digits"]) == 12
    assert len(seen.json["code"]) == 6
    assert seen.json["state_text"] == "已登记"
    case = await world.store.read(lambda conn: cases.case(conn, seen.json["no"]))
    assert case.title == FIELDS["title"]
    assert case.contact_number == NUMBER


async def test_the_same_key_files_once_however_often_it_is_sent(world: World) -> None:
    agent, order = await world.signed_in("1001"), an_order("dispatch", units=["szgc"])
    answers = await asyncio.gather(*(agent.send_json("POST", "/api/cases", order) for _ in range(8)))
    assert {seen.status for seen in answers} == {200}
    assert len({seen.json["no"] for seen in answers}) == 1
    facts = await world.store.read(lambda conn: history.of(conn, answers[0].json["no"]))
    assert [fact.kind for fact in facts].count("case.registered") == 1


async def test_a_case_answered_on_the_spot_owes_nothing_more(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json(
        "POST", "/api/cases", an_order("answer", answer="路灯由市政中心负责,已告知电话。")
    )
    assert seen.status == 200
    assert seen.json["state_text"] == "电话即答"
    assert seen.json["due_at"] is None


async def test_a_dispatched_case_tells_until_when_it_must_be_answered(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json("POST", "/api/cases", an_order("dispatch", units=["szgc", "gdgs"]))
    assert seen.status == 200
    assert seen.json["state_text"] == "待查阅"
    case = await world.store.read(lambda conn: cases.case(conn, seen.json["no"]))
    reply_by = max(clock.due_at for clock in case.clocks if clock.kind == "reply" and clock.due_at)
    assert seen.json["due_at"] == int(reply_by.timestamp() * 1000)
    assert [task.unit for task in case.assignments] == ["szgc", "gdgs"]


async def test_a_dispatch_that_is_refused_files_nothing(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json("POST", "/api/cases", an_order("dispatch", units=["nobody"]))
    assert seen.status == 400
    assert "units" in seen.json["errors"]
    found = await world.store.read(lambda conn: cases.search(conn, cases.Filters()))
    assert found.total == 0


@pytest.mark.parametrize("missing", ["title", "content", "category", "intent"])
async def test_what_is_missing_is_named(world: World, missing: str) -> None:
    agent = await world.signed_in("1001")
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    seen = await agent.send_json("POST", "/api/cases", an_order(fields=fields))
    assert seen.status == 400
    assert list(seen.json["errors"]) == [missing]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": "路" * 101}, "title"),
    ({"content": "灯" * 4001}, "content"),
    ({"title": "a\x00b"}, "title"),
    ({"title": "a\u202eb"}, "title"),
    ({"title": "两\n行"}, "title"),
    ({"title": 5}, "title"),
    ({"title": ["x"]}, "title"),
    ({"title": None}, "title"),
    ({"intent": "起诉"}, "intent"),
    ({"urgency": "昨天"}, "urgency"),
    ({"confidential": "true"}, "confidential"),
    ({"confidential": True}, "confidential"),
    ({"contact_number": "1" * 41}, "contact_number"),
    ({"category": "9999"}, "category"),
    ({"unit": "nobody"}, "unit"),
    ({"state": "closed"}, "state"),
    ({"no": "RH1"}, "no"),
    ({"channel": "system"}, "channel"),
]


@pytest.mark.parametrize(("change", "named"), WRONG)
async def test_what_is_wrong_is_named_in_chinese_and_nothing_is_filed(
    world: World, change: dict[str, Any], named: str
) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json("POST", "/api/cases", an_order(fields=FIELDS | change))
    assert seen.status == 400
    assert list(seen.json["errors"]) == [named]
    assert any("\u4e00" <= char <= "\u9fff" for char in seen.json["errors"][named])
    found = await world.store.read(lambda conn: cases.search(conn, cases.Filters()))
    assert found.total == 0


@pytest.mark.parametrize(
    "change",
    [
        {"key": ""},
        {"key": "x" * 101},
        {"key": 7},
        {"key": "a key"},
        {"action": "close"},
        {"action": None},
        {"call": "../../etc"},
        {"call": {"id": 1}},
        {"units": "szgc"},
        {"units": [1]},
        {"units": ["szgc"] * 9},
        {"answer": 1},
        {"fields": []},
        {"fields": None},
        {"by": "admin"},
    ],
)
async def test_an_order_of_the_wrong_shape_is_refused(world: World, change: dict[str, Any]) -> None:
    agent = await world.signed_in("1001")
    seen = await agent.send_json("POST", "/api/cases", an_order(**change))
    assert seen.status == 400
    assert set(seen.json["errors"]) <= set(change)


async def test_text_that_looks_like_markup_is_kept_and_never_becomes_markup(world: World) -> None:
    agent = await world.signed_in("1001")
    nasty = "<script>alert(1)</script>'\";--{{7*7}}"
    filed = await agent.send_json("POST", "/api/cases", an_order(fields=FIELDS | {"title": nasty}))
    page = await agent.get(f"/cases/{filed.json['no']}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{7*7}}" in page.text


async def test_drafts_are_kept_also_when_they_are_too_long_to_file(world: World) -> None:
    agent = await world.signed_in("1001")
    fields = {"title": "路" * 150, "content": "写了一半", "answer": "还没想好"}
    seen = await agent.send_json("PUT", "/api/drafts/hotline1-1795308607.0", {"fields": fields})
    assert seen.status == 200
    kept = await world.store.read(lambda conn: drafts.draft(conn, "hotline1-1795308607.0"))
    assert kept == fields


async def test_a_refused_case_leaves_the_draft_where_it_is(world: World) -> None:
    agent, call = await world.signed_in("1001"), "hotline1-1795308607.0"
    await agent.send_json("PUT", f"/api/drafts/{call}", {"fields": FIELDS})
    order = an_order(call=call, fields=FIELDS | {"title": ""})
    assert (await agent.send_json("POST", "/api/cases", order)).status == 400
    assert await world.store.read(lambda conn: drafts.draft(conn, call)) == FIELDS
    assert (await agent.send_json("POST", "/api/cases", an_order(call=call))).status == 200
    assert await world.store.read(lambda conn: drafts.draft(conn, call)) is None


@pytest.mark.parametrize("call", ["a b", "..%2F..", "x" * 65, "路灯"])
async def test_a_draft_belongs_to_a_call(world: World, call: str) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.send_json("PUT", f"/api/drafts/{call}", {"fields": {}})).status == 404


async def test_who_has_no_desk_files_nothing_there(world: World) -> None:
    liaison = await world.signed_in("liaison")
    assert (await liaison.send_json("POST", "/api/cases", an_order())).status == 403


async def test_the_directory_lists_matters_and_units(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = (await agent.get("/api/directory")).json
    assert {"code": "0107", "name": "路灯", "parent": "01"} in seen["categories"]
    assert {"id": "szgc", "name": "榕海市市政工程中心", "short": "市政中心", "parent": "zjj"} in seen["units"]


async def test_units_are_suggested_with_the_reason(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = (await agent.get("/api/suggest?category=0107&text=供电公司的路灯")).json["units"]
    assert [unit["id"] for unit in seen] == ["szgc", "gdgs"]
    assert seen[0]["why"].startswith("派单目录")
    assert seen[1]["why"] == "名称相近"


async def test_the_deadline_is_computed_and_shown_before_filing(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = (await agent.get("/api/due?intent=投诉&category=0107")).json
    assert seen["reply_by"] > seen["read_by"]
    assert seen["text"] == "3个工作日"  # street lights are on the list of convenience services
    assert (await agent.get("/api/due?intent=投诉&category=0103")).json["text"] == "10个工作日"
    assert (await agent.get("/api/due?intent=起诉")).status == 400


async def test_the_outcome_of_a_strangers_call_cannot_be_set(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await socket.send_json({"do": "outcome", "call": "hotline1-9.9", "code": "case", "case": None})
        assert (await hear(socket, "notice"))["text"] == "这不是您的通话。"
    assert await world.store.read(lambda conn: calls.call(conn, "hotline1-9.9")) is None


async def test_the_number_exists_from_the_first_words_on_and_is_the_cases(world: World) -> None:
    agent, call = await world.signed_in("1001"), "hotline1-1795308607.9"
    address = f"/api/drafts/{call}"
    assert (await agent.send_json("PUT", address, {"fields": {"contact_name": "林女士"}})).json == {"no": ""}
    no = (await agent.send_json("PUT", address, {"fields": FIELDS})).json["no"]
    assert no.startswith("RH")
    again = await agent.send_json("PUT", address, {"fields": FIELDS | {"title": "路灯不亮两周"}})
    assert again.json == {"no": no}
    assert "no" not in (await agent.get(address)).json["fields"]
    filed = await agent.send_json("POST", "/api/cases", an_order(call=call))
    assert filed.json["no"] == no
    other = await agent.send_json("PUT", address, {"fields": FIELDS})
    assert other.json["no"] not in ("", no), "another case of the same call has its own"


async def test_nobody_chooses_the_number_of_a_case(world: World) -> None:
    agent, address = await world.signed_in("1001"), "/api/drafts/hotline1-1795308607.8"
    sent = await agent.send_json("PUT", address, {"fields": FIELDS | {"no": "RH261122-00001-1"}})
    assert sent.status == 400
