"""Tables that leave the platform as a file."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from cases.workflow import Role
from console import exports
from console.exports import _book, formula_safe
from storage import history, people
from storage.engine import Store
from storage.people import Account
from tests.console.world import HASH, World, world_of
from tests.makers import MORNING

DAY = "day=2026-11-22"


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "＝1+1", "＠SUM(A1)", "\n=1"]
)
def test_a_spreadsheet_computes_nothing_of_what_we_give_it(cell: str) -> None:
    assert formula_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["12345", "路灯", "", " ", "a=b", "—"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert formula_safe(cell) == cell


def test_a_cell_of_a_workbook_is_text_that_stays_text() -> None:
    book = load_workbook(io.BytesIO(_book([["标题", "n"], ["=HYPERLINK(1)", 3], ["a\x07b", 2.5]], "水印")))
    sheet = book.worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].quotePrefix) == ("=HYPERLINK(1)", "s", True)
    assert (sheet["B2"].value, sheet["B2"].data_type) == (3, "n")
    assert sheet["A3"].value == "ab"
    assert sheet["A5"].value == "水印"
    assert sheet.oddFooter.center.text == "水印"


async def test_a_file_says_in_its_last_line_who_took_it_and_the_history_agrees(world: World) -> None:
    supervisor = await world.signed_in("supervisor")
    seen = await supervisor.get(f"/figures.csv?{DAY}")
    last = list(csv.reader(io.StringIO(seen.text)))[-1][0]
    noted = (await world.store.read(lambda conn: history.of(conn, "figures")))[-1]
    assert "supervisor 值班主任" in last
    assert f"编号 {noted.id} " in last
    assert (noted.kind, noted.actor, noted.detail["rows"]) == ("figures.exported", "supervisor", 2)


async def test_the_same_table_is_given_as_a_workbook(world: World) -> None:
    supervisor = await world.signed_in("supervisor")
    async with world.client.get(
        world.url(f"/figures.xlsx?{DAY}"), headers={"Cookie": supervisor.cookie}
    ) as answer:
        assert answer.content_type == exports.XLSX
        assert 'filename="figures-2026-11-22.xlsx"' in answer.headers["Content-Disposition"]
        sheet = load_workbook(io.BytesIO(await answer.read())).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "时段"
    assert "supervisor" in str(rows[-1][0])


async def test_a_table_above_the_limit_waits_for_another_persons_consent(sqlite_store: Store) -> None:
    async with world_of(sqlite_store, export_rows=1) as world:
        second = Account("boss", "另一督导", Role.SUPERVISOR, "rxzx", None)
        await world.store.write(
            lambda conn: people.add_account(conn, second, password_hash=HASH, by="test", at=MORNING)
        )
        asker, boss, path = (
            await world.signed_in("supervisor"),
            await world.signed_in("boss"),
            f"/figures.csv?{DAY}",
        )
        seen = await asker.get(path)
        assert seen.status == 409
        assert "直接导出的上限 1 行" in seen.text
        form = dict(re.findall(r'type="hidden" name="(path|name|rows)" value="([^"]*)"', seen.text))
        assert (await asker.post_form("/exports", form)).status == 400
        assert (await asker.post_form("/exports", form | {"reason": "年报"})).status == 303
        assert (await asker.post_form("/exports/1", {"verdict": "grant"})).status == 409
        assert (
            await (await world.signed_in("lead")).post_form("/exports/1", {"verdict": "grant"})
        ).status == 403
        assert (await asker.get(path)).status == 409
        assert (await boss.post_form("/exports/1", {"verdict": "grant"})).status == 303
        assert f'href="{path}"' in (await asker.get("/exports")).text
        assert (await asker.get(path)).headers["Content-Type"].startswith("text/csv")
        assert (await boss.get(path)).status == 409
    kinds = [fact.kind for fact in sqlite_store.read_now(lambda conn: history.of(conn, "figures"))]
    assert kinds == ["figures.exported"]


async def test_everybody_sees_only_his_own_requests(sqlite_store: Store) -> None:
    async with world_of(sqlite_store) as world:
        agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
        form = {"path": "/figures.csv", "name": "agents-own", "rows": "9000", "reason": "统计"}
        assert (await agent.post_form("/exports", form)).status == 303
        assert "agents-own" in (await agent.get("/exports")).text
        assert "agents-own" not in (await lead.get("/exports")).text
        assert "agents-own" in (await (await world.signed_in("supervisor")).get("/exports")).text
