"""The pages of supervision and the in-box: who sees what, who may act, and that what is refused is said."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.workflow import Role
from console.supervision_columns import FACTS, LISTED
from console.supervision_forms import DEEDS, NEW
from console.supervision_pages import FOR_ALL
from storage import people, registers, sweep, warnings
from storage.people import Account
from storage.registers import Register
from tests.console.world import HASH, World
from tests.makers import HANDLER, MORNING
from tests.storage.test_sweep import DUE, handling

LATE = DUE + timedelta(seconds=1)
ORDER = {"unit": "szgc", "ground": "late", "days": "5", "text": "限期办结", "leader": ""}
OFFICE = Account("office", "领导办公室", Role.LEADERS_OFFICE, "rxzx", None)


def late(world: World, how_many: int) -> list[str]:
    """So many cases of the works office whose reply has run out, at nine in the morning after."""
    numbers = [handling(world.store) for _ in range(how_many)]
    while world.store.write_now(lambda conn: sweep.sweep(conn, LATE, world.rules)):
        pass
    world.clock.at = DUE + timedelta(hours=9)
    return numbers


def lines(world: World, register: Register) -> list[dict[str, Any]]:
    return world.store.read_now(lambda conn: registers.listed(conn, register)).rows


async def test_the_efficiency_office_sees_every_unit_with_its_colours_and_takes_the_table_away(
    world: World,
) -> None:
    (no,) = late(world, 1)
    office = await world.signed_in("supervisor")
    page = (await office.get("/supervision")).text
    assert "市政中心" in page
    clocks = (await office.get("/supervision/clocks?unit=szgc&step=red")).text
    assert no in clocks
    assert no not in (await office.get("/supervision/clocks?unit=szgc&step=yellow")).text
    table = (await office.get("/supervision/appraisal.csv")).text.splitlines()
    assert table[0].startswith("\ufeff单位,")
    assert next(row for row in table if row.startswith("szgc,")).split(",")[1:7] == [
        "市政中心",
        "1",
        "0",
        "0",
        "1",
        "0",
    ]


async def test_a_unit_sees_its_own_lateness_and_nothing_of_others(world: World) -> None:
    (no,) = late(world, 1)
    own, other = await world.signed_in("liaison"), await world.signed_in("water")
    for path in ("/supervision/clocks", "/supervision/findings"):
        assert no in (await own.get(path)).text
        assert no not in (await other.get(path)).text
    assert no not in (await other.get("/supervision/clocks?unit=szgc")).text
    (finding,) = lines(world, Register.FINDINGS)
    assert (await own.get(f"/supervision/findings/{finding['id']}")).status == 200
    assert (await other.get(f"/supervision/findings/{finding['id']}")).status == 404


async def test_f10_14_a_warning_is_issued_acknowledged_and_withdrawn_on_the_pages(world: World) -> None:
    late(world, 3)
    office, unit = await world.signed_in("supervisor"), await world.signed_in("liaison")
    (draft,) = lines(world, Register.WARNINGS)
    path = f"/supervision/warnings/{draft['id']}"
    assert "签发警告" in (await office.get(path)).text
    assert (await unit.post_form(f"{path}/issue", {"recipient": "自己"})).status == 403
    assert (await office.post_form(f"{path}/issue", {"recipient": ""})).status == 400
    assert (await office.post_form(f"{path}/issue", {"recipient": "市政中心"})).status == 303
    assert "JG2026-0001" in (await unit.get(path)).text
    assert (await unit.post_form(f"{path}/acknowledge", {})).status == 303
    assert (await unit.post_form(f"{path}/acknowledge", {})).status == 409
    finding = world.store.read_now(lambda conn: warnings.items(conn, draft["id"]))[0].finding
    assert (await unit.post_form(f"/supervision/findings/{finding}/appeal", {"text": "故障"})).status == 303
    ruling = {"granted": "yes", "text": "属实"}
    assert (await office.post_form(f"/supervision/findings/{finding}/rule", ruling)).status == 303
    assert lines(world, Register.WARNINGS)[0]["state"] == "withdrawn"


async def test_t27_an_order_is_given_reported_and_closed_on_the_pages(world: World) -> None:
    no = handling(world.store)
    office, unit = await world.signed_in("supervisor"), await world.signed_in("liaison")
    assert f"/supervision/orders?case={no}" in (await office.get(f"/cases/{no}")).text
    assert f'value="{no}"' in (await office.get(f"/supervision/orders?case={no}")).text
    assert "/supervision/orders?case=" not in (await unit.get(f"/cases/{no}")).text
    sent = ORDER | {"case": no}
    assert (await unit.post_form("/supervision/orders", sent)).status == 403
    wrong = await office.post_form("/supervision/orders", sent | {"days": "x"})
    assert (wrong.status, "请填写数字" in wrong.text, "限期办结" in wrong.text) == (400, True, True)
    assert (await office.post_form("/supervision/orders", sent)).status == 303
    (order,) = lines(world, Register.ORDERS)
    path = f"/supervision/orders/{order['id']}"
    assert "上报结果" in (await unit.get(path)).text
    assert "销号" in (await office.get(path)).text
    assert (await unit.post_form(f"{path}/report", {"text": "已整改"})).status == 303
    assert (await office.post_form(f"{path}/close", {"result": "核实"})).status == 303
    assert (await office.post_form(f"{path}/close", {"result": "核实"})).status == 409


async def test_f07_10_the_bureau_sees_its_own_findings_and_cannot_drop_them(world: World) -> None:
    late(world, 1)
    (finding,) = lines(world, Register.FINDINGS)
    bureau = await world.signed_in("dispatcher")
    decided = {"upheld": "no", "text": "不算"}
    answer = await bureau.post_form(f"/supervision/findings/{finding['id']}/decide", decided)
    assert (answer.status, "无权" in answer.text) == (403, True)
    office = await world.signed_in("supervisor")
    no = handling(world.store)
    dispatched = {"move": "dispatch", "version": "1", "lead": "szgc"}
    assert (await office.post_form(f"/cases/{no}/moves", dispatched)).status in (403, 409)


async def test_f10_22_the_leaders_office_enters_an_instruction_and_closes_it(world: World) -> None:
    world.store.write_now(
        lambda conn: people.add_account(conn, OFFICE, password_hash=HASH, by="test", at=MORNING)
    )
    no = handling(world.store)
    leaders, unit = await world.signed_in("office"), await world.signed_in("liaison")
    sent = {
        "leader": "陈副市长",
        "dated": date(2026, 11, 23).isoformat(),
        "report": "",
        "cases": no,
        "unit": "szgc",
        "days": "3",
        "text": "请限期整改",
    }
    assert (await leaders.post_form("/supervision/instructions", sent)).status == 303
    (given,) = lines(world, Register.INSTRUCTIONS)
    (order,) = lines(world, Register.ORDERS)
    await unit.post_form(f"/supervision/orders/{order['id']}/report", {"text": "已整改"})
    office = await world.signed_in("supervisor")
    closing = f"/supervision/orders/{order['id']}/close"
    assert (await office.post_form(closing, {"result": "好"})).status == 403
    assert (await leaders.post_form(closing, {"result": "好"})).status == 303
    path = f"/supervision/instructions/{given['id']}"
    assert (await leaders.post_form(f"{path}/answer", {"answer": "已办结"})).status == 303
    assert "已办结" in (await leaders.get(path)).text
    assert (await unit.get(path)).status == 404  # what leaders write to each other is not the unit's


async def test_h_17_a_matter_names_its_persons_to_those_who_oversee_only(world: World) -> None:
    office, unit = await world.signed_in("supervisor"), await world.signed_in("liaison")
    sent = {
        "unit": "szgc",
        "ground": "late_handle",
        "decided_by": "市纪委",
        "dated": "2026-12-08",
        "case": "",
        "persons": "周某 养护科科长 诫勉谈话\n吴某 养护科 副科长 约谈",
    }
    assert (await office.post_form("/supervision/accountability", sent)).status == 303
    (matter,) = lines(world, Register.ACCOUNTABILITY)
    page = (await office.get(f"/supervision/accountability/{matter['id']}")).text
    assert (matter["persons"], "周某" in page, "养护科 副科长" in page, "诫勉谈话" in page) == (
        2,
        True,
        True,
        True,
    )
    assert (await unit.get("/supervision/accountability")).status == 404


async def test_a_circular_is_the_offices_own_until_it_is_issued_and_its_table_is_safe(world: World) -> None:
    late(world, 1)
    at = DUE + timedelta(days=8)
    world.clock.at = at
    world.store.write_now(lambda conn: sweep.sweep(conn, at, world.rules))
    office, unit = await world.signed_in("supervisor"), await world.signed_in("liaison")
    assert (await office.post_form("/supervision/circulars", {"month": "2026-12"})).status == 303
    (made,) = lines(world, Register.CIRCULARS)
    path = f"/supervision/circulars/{made['id']}"
    assert (await unit.get(path)).status == 404
    assert (await office.post_form(f"{path}/issue_circular", {})).status == 303
    assert "TB2026-0001" in (await unit.get(path)).text
    table = (await unit.get(f"{path}.csv")).text.splitlines()
    assert "催办后仍未办结" in table[1]


async def test_who_has_no_part_in_supervision_finds_no_page(world: World) -> None:
    agent = await world.signed_in("1001")
    for path in ("/supervision", "/supervision/clocks", "/supervision/appraisal.csv"):
        assert (await agent.get(path)).status == 403
    assert (await world.browser().get("/supervision")).status in (303, 401)


async def test_the_in_box_shows_what_is_new_counts_it_in_the_bar_and_forgets_what_was_read(
    world: World,
) -> None:
    late(world, 1)
    handler = await world.signed_in("handler")
    page = {"Accept": "text/html"}
    box = (await handler.get("/notices", page)).text
    assert "“答复”已超期" in box
    assert "提醒，1条未读" in box
    await handler.post_form("/notices/read", {})
    box = (await handler.get("/notices", page)).text
    assert ("“答复”已超期" in box, "条未读" in box) == (False, False)
    assert "“答复”已超期" in (await handler.get("/notices?shown=all")).text


async def test_nobody_reads_away_what_is_told_to_others(world: World) -> None:
    late(world, 1)
    water, handler = await world.signed_in("water"), await world.signed_in("handler")
    assert (await water.post_form("/notices/1/read", {})).status == 404
    assert "“答复”已超期" in (await handler.get("/notices")).text


async def test_a_held_sweep_is_released_by_who_looks_after_the_machine(world: World) -> None:
    world.store.write_now(lambda conn: sweep.believes(conn, MORNING))
    world.clock.pass_(days=30)
    world.store.write_now(lambda conn: sweep.believes(conn, world.clock()))
    admin, handler = await world.signed_in("admin"), await world.signed_in("handler")
    assert "恢复巡检" in (await admin.get("/notices")).text
    assert "恢复巡检" not in (await handler.get("/notices")).text
    assert (await handler.post_form("/notices/release-sweep", {})).status == 403
    assert (await admin.post_form("/notices/release-sweep", {})).status == 303
    assert world.store.read_now(sweep.held_at) is None


@pytest.mark.parametrize("register", list(Register))
async def test_every_register_has_a_list_and_its_forms_have_words_in_both_languages(
    world: World, register: Register
) -> None:
    handling(world.store)
    office = await world.signed_in("supervisor")
    for lang in ("zh", "en"):
        seen = await office.get(f"/supervision/{register}?lang={lang}")
        assert seen.status == 200
        assert "oversight." not in seen.text.replace("oversight.html", "")
    fields = {f"oversight.f.{name}" for name, _ in (*LISTED[register], *FACTS.get(register, ()))}
    forms = [*DEEDS.get(register, ()), *([NEW[register]] if register in NEW else [])]
    fields |= {f"oversight.f.{field.name}" for form in forms for field in form.fields}
    fields |= {f"oversight.do.{form.name}" for form in forms}
    texts = (await office.get("/i18n/en.json")).json
    assert [key for key in fields if key not in texts] == []


def test_what_is_for_everybody_names_no_persons() -> None:
    assert Register.ACCOUNTABILITY not in FOR_ALL
    assert HANDLER.role is Role.HANDLER
