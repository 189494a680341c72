"""The administrator's pages: units, people, matters, directory."""

import re

import pytest

from storage import directory, organisation, people, unit_rules, units
from tests.console.world import World

PAGES = ("/org/units", "/org/units/szgc", "/org/people", "/org/matters?edit=0105", "/org/directory?q=井盖")
NEW = {
    "id": "ylj",
    "name": "榕海市园林局",
    "short_name": "园林局",
    "initials": "",
    "kind": "dept",
    "parent": "rxzx",
}


@pytest.mark.parametrize("path", [*PAGES, "/org/directory.csv"])
async def test_only_an_administrator_sees_them(world: World, path: str) -> None:
    assert (await (await world.signed_in("dispatcher")).get(path)).status == 403
    assert (await (await world.signed_in("admin")).get(path)).status == 200


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_speaks_both_languages(world: World, path: str) -> None:
    admin = await world.signed_in("admin")
    joined = "&" if "?" in path else "?"
    for lang in ("zh", "en"):
        text = (await admin.get(f"{path}{joined}lang={lang}")).text
        assert "org." not in re.sub(r"/org|org-", "", text)


async def test_f10_06_a_unit_is_entered_found_renamed_and_dissolved_while_the_hotline_runs(
    world: World,
) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.post_form("/org/units", NEW)).headers["Location"] == "/org/units/ylj"
    line = await world.store.read(lambda conn: organisation.line(conn, "ylj"))
    assert (line.initials, line.level) == ("ylj", 2)
    page = await admin.post_form("/org/units/ylj", NEW | {"short_name": "园林处", "id": ""})
    assert page.status == 303
    assert "设立" in (await admin.get("/org/units/ylj")).text
    assert (await admin.post_form("/org/units/ylj/dissolve", {})).status == 303
    assert await world.store.read(lambda conn: units.unit(conn, "ylj")) is None
    assert "ylj" in (await admin.get("/org/units?ended=1")).text


async def test_a_unit_that_is_wrong_is_shown_again_with_what_was_typed(world: World) -> None:
    seen = await (await world.signed_in("admin")).post_form("/org/units", NEW | {"id": "园林"})
    assert seen.status == 400
    assert "小写字母" in seen.text
    assert "榕海市园林局" in seen.text


async def test_a_merger_hands_everything_to_the_successor(world: World) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.post_form("/org/units/szgc/merge", {"into": "zjj"})).status == 303
    assert [one.id for one in await world.store.read(lambda conn: units.unit_for(conn, "0105"))] == ["zjj"]
    assert (await admin.post_form("/org/units/szgc/merge", {"into": "zjj"})).status == 400


async def test_the_circuit_of_a_unit_is_set_on_its_page(world: World) -> None:
    admin = await world.signed_in("admin")
    sent = {"leader_approves": "1", "reviews_below": "", "leader": ""}
    assert (await admin.post_form("/org/units/szgc/rule", sent)).status == 303
    assert 'name="leader_approves" value="1" checked' in (await admin.get("/org/units/szgc")).text


async def test_only_a_leader_of_the_unit_answers_for_it(world: World) -> None:
    admin = await world.signed_in("admin")
    leader = {"login": "szgc-leader", "name": "分管主任", "role": "unit_leader", "unit": "szgc", "seat": ""}
    assert (await admin.post_form("/org/people", leader)).status in {200, 303}
    sent = {"leader_approves": "", "reviews_below": "1", "leader": "szgc-leader"}
    assert (await admin.post_form("/org/units/szgc/rule", sent)).status == 303
    kept = await world.store.read(lambda conn: unit_rules.of(conn, "szgc"))
    assert (kept.leader_approves, kept.reviews_below, kept.leader) == (False, True, "szgc-leader")
    assert '<option value="szgc-leader" selected>分管主任' in (await admin.get("/org/units/szgc")).text
    seen = await admin.post_form("/org/units/szgc/rule", sent | {"leader": "handler"})
    assert seen.status == 400
    assert "不是本单位的分管领导" in seen.text


async def test_a_new_person_gets_a_password_that_is_shown_once_and_works(world: World) -> None:
    admin = await world.signed_in("admin")
    sent = {"login": "new1", "name": "新人", "role": "handler", "unit": "szgc", "seat": ""}
    seen = await admin.post_form("/org/people", sent)
    password = re.findall(r"<code>(.+?)</code>", seen.text)[0]
    assert (await world.browser().sign_in("new1", password)).status == 303
    assert password not in (await admin.get("/org/people")).text
    assert (await admin.post_form("/org/people", sent)).status == 400


async def test_another_post_signs_the_person_out_and_a_reset_changes_the_password(world: World) -> None:
    admin, handler = await world.signed_in("admin"), await world.signed_in("handler")
    sent = {"login": "handler", "name": "市政承办人", "role": "unit_leader", "unit": "szgc", "known": "1"}
    assert (await admin.post_form("/org/people", sent)).status == 303
    assert (await handler.get("/cases")).status == 303
    seen = await admin.post_form("/org/people/handler/password", {})
    password = re.findall(r"<code>(.+?)</code>", seen.text)[0]
    assert (await world.browser().sign_in("handler", password)).status == 303


async def test_nobody_disables_himself_or_the_last_administrator(world: World) -> None:
    admin = await world.signed_in("admin")
    assert (await admin.post_form("/org/people/admin/disable", {})).status == 400
    sent = {"login": "admin", "name": "管理员", "role": "auditor", "unit": "rxzx", "known": "1"}
    assert (await admin.post_form("/org/people", sent)).status == 400
    assert (await admin.post_form("/org/people/handler/disable", {})).status == 303
    assert await world.store.read(lambda conn: people.credentials(conn, "handler")) is None
    assert (await admin.post_form("/org/people/handler/enable", {})).status == 200
    assert await world.store.read(lambda conn: people.credentials(conn, "handler")) is not None


async def test_a_matter_is_changed_in_versions_and_two_editors_do_not_overwrite_each_other(
    world: World,
) -> None:
    admin = await world.signed_in("admin")
    sent = {
        "code": "0105",
        "name": "井盖设施",
        "keywords": "井盖",
        "urgency": "紧急",
        "public": "1",
        "seen": "1",
    }
    assert (await admin.post_form("/org/matters", sent)).status == 303
    assert "井盖设施" in (await admin.get("/org/matters?edit=0105")).text
    assert (await admin.post_form("/org/matters", sent)).status == 409


async def test_the_directory_goes_out_and_comes_in_again_unchanged(world: World) -> None:
    admin = await world.signed_in("admin")
    exported = (await admin.get("/org/directory.csv")).text
    before = await world.store.read(directory.all_rows)
    assert (await admin.post_form("/org/directory/import", {"table": exported})).status == 303
    assert await world.store.read(directory.all_rows) == before


async def test_an_import_with_a_wrong_row_brings_in_nothing_and_names_the_row(world: World) -> None:
    admin = await world.signed_in("admin")
    table = "0105,rdq,zjj,三定,2,\n0105,rxq,nobody,三定,2,"
    seen = await admin.post_form("/org/directory/import", {"table": table})
    assert seen.status == 400
    assert "nobody" in seen.text
    assert "第2行" in seen.text or "2" in seen.text
    found = await world.store.read(lambda conn: directory.find(conn, "0105", area="rdq"))
    assert found.rows == []


async def test_a_cell_of_the_export_never_becomes_a_formula(world: World) -> None:
    admin = await world.signed_in("admin")
    sent = {
        "category": "0105",
        "area": "",
        "unit": "zjj",
        "basis": "=1+1",
        "priority": "2",
        "keywords": "",
        "instead_of": "",
    }
    assert (await admin.post_form("/org/directory", sent)).status == 303
    assert "'=1+1" in (await admin.get("/org/directory.csv")).text


async def test_the_desk_is_offered_the_unit_of_the_district_that_the_caller_names(world: World) -> None:
    agent = await world.signed_in("1001")
    for text, first in (("榕东区东门路占道", "rdq"), ("某处占道", "cgj")):
        found = (await agent.get(f"/api/suggest?category=0603&text={text}")).json["units"]
        assert found[0]["id"] == first
