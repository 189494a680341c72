"""F10-23: who dispatches 300 cases a day finds the unit with a few keys, and the directory proposes the likely one."""

import re

import pytest

from storage import cases, units
from tests.console.making import a_case
from tests.console.world import World


def offered(page: str, field: str) -> list[str]:
    return re.findall(rf'type="(?:radio|checkbox)" name="{field}" value="([a-z0-9]+)"', page)


def chosen(page: str, field: str) -> list[str]:
    shown = re.sub("<template>.*?</template>", "", page)
    inputs = re.findall(rf'<input type="(?:radio|checkbox)" name="{field}"[^>]* checked>', shown)
    return [re.findall(r'value="([^"]*)"', one)[0] for one in inputs]


@pytest.mark.parametrize(
    ("typed", "found"), [("szg", "szgc"), ("水务", "swjt"), ("停水", "swjt"), ("SZGC", "szgc")]
)
async def test_f10_23_three_keys_find_a_unit(world: World, typed: str, found: str) -> None:
    dispatcher = await world.signed_in("dispatcher")
    seen = (await dispatcher.get(f"/api/units?q={typed}")).json["units"]
    assert found in [one["id"] for one in seen]
    assert len(seen) <= 10


async def test_only_who_has_cases_looks_for_units_and_odd_words_find_nothing(world: World) -> None:
    dispatcher = await world.signed_in("dispatcher")
    assert (await dispatcher.get("/api/units?q=%25")).json == {"units": []}
    assert (await dispatcher.get("/api/units?q=" + "a" * 41)).status == 400
    assert (await dispatcher.get("/api/units?q=a&all=1")).status == 400


async def test_f10_23_the_directory_proposes_and_the_first_stands_ready_but_is_not_applied(
    world: World,
) -> None:
    no = (await a_case(world)).no
    page = (await (await world.signed_in("dispatcher")).get(f"/cases/{no}")).text
    case = await world.store.read(lambda conn: cases.case(conn, no))
    proposed = await world.store.read(lambda conn: units.suggestions(conn, case.category, case.address))
    assert offered(page, "lead") == [duty.unit.id for duty in proposed]
    assert chosen(page, "lead") == [proposed[0].unit.id]
    assert chosen(page, "assist") == []
    assert proposed[0].basis in page
    assert case.unit is None
    assert len(re.findall("<option", page)) < 400  # no list of all units


async def test_without_a_script_the_page_finds_units_and_keeps_what_was_typed(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher = await world.signed_in("dispatcher")
    form = {
        "move": "dispatch",
        "lead": "zjj",
        "assist": "cgj",
        "instruction": "请当晚到场",
        "looking": "assist",
        "find_assist": "停水",
    }
    seen = await dispatcher.post_form(f"/cases/{no}/find", form)
    assert seen.status == 200
    assert "swjt" in offered(seen.text, "assist")
    assert chosen(seen.text, "lead") == ["zjj"]
    assert chosen(seen.text, "assist") == ["cgj"]
    assert "请当晚到场" in seen.text
    nothing = await dispatcher.post_form(f"/cases/{no}/find", form | {"find_assist": "没有这个"})
    assert "没有找到" in nothing.text
    assert (await world.store.read(lambda conn: cases.case(conn, no))).unit is None


async def test_f10_23_a_case_goes_to_one_lead_and_any_number_of_assisting_units(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher = await world.signed_in("dispatcher")
    assisting = ["cgj", "swjt", "gdgs"]
    sent = [
        ("move", "dispatch"),
        ("lead", "szgc"),
        *(("assist", one) for one in assisting),
        ("find_lead", "x"),
    ]
    assert (await dispatcher.post_fields(f"/cases/{no}/moves", sent)).status == 303
    case = await world.store.read(lambda conn: cases.case(conn, no))
    assert [task.unit for task in case.assignments] == ["szgc", *assisting]
    detail = next(fact.detail for fact in case.events if fact.kind == "assignment.created")
    assert (detail["suggested"][0], detail["followed"]) == ("szgc", True)


async def test_a_script_sends_a_list_of_at_most_eight(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher = await world.signed_in("dispatcher")
    everybody = [one.id for one in await world.store.read(units.units) if one.kind == "dept"]
    order = {"move": "dispatch", "lead": "szgc", "assist": everybody[:9]}
    seen = await dispatcher.send_json("POST", f"/api/cases/{no}/moves", order)
    assert (seen.status, list(seen.json["errors"])) == (400, ["assist"])
    seen = await dispatcher.send_json("POST", f"/api/cases/{no}/moves", order | {"assist": everybody[:8]})
    assert seen.status == 200, seen.text


async def test_what_is_wrong_with_the_units_is_told_beside_them(world: World) -> None:
    no = (await a_case(world)).no
    sent = {"move": "dispatch", "lead": "szgc", "assist": "szgc"}
    seen = await (await world.signed_in("dispatcher")).post_form(f"/cases/{no}/moves", sent)
    assert seen.status == 400
    assert "同一单位只能列一次" in seen.text


async def test_who_passes_down_is_offered_units_below_only(world: World) -> None:
    no = (await a_case(world)).no
    dispatcher, handler = await world.signed_in("dispatcher"), await world.signed_in("handler")
    await dispatcher.post_form(f"/cases/{no}/moves", {"move": "dispatch", "lead": "szgc"})
    await handler.post_form(f"/cases/{no}/moves", {"move": "read"})
    below = await world.store.read(lambda conn: units.subtree(conn, "szgc")) - {"szgc"}
    page = (await handler.get(f"/cases/{no}")).text
    assert set(offered(page, "unit")) <= below
    assert "szgc" not in offered(page, "suggested_unit")
    found = (await handler.get("/api/units?q=s&below=1")).json["units"]
    assert {one["id"] for one in found} <= below
