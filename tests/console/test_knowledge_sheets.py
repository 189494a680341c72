"""知识导入导出: what was written out is read in again unchanged, and what is read in is only a draft."""

import io
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from openpyxl import Workbook, load_workbook

from cases.workflow import Role
from console.knowledge_sheets import COLUMNS
from storage import knowledge_lists, people
from storage.demo_knowledge import load_knowledge
from storage.people import Account
from tests.console.world import HASH, ZONE, Browser, Seen, World
from tests.makers import MORNING

TODAY = MORNING.astimezone(ZONE).date()
TEXTS = [
    "编号（新增留空）",
    "类别代码",
    "责任单位代码",
    "标题",
    "市民常问（每行一个）",
    "坐席口径",
    "市民答复",
    "依据（每行一个）",
    "关键词",
]
ZH = dict(zip(COLUMNS, [*TEXTS, "对外公开（1 为公开）", "有效期至", "复核期限"], strict=True))
NEW = {
    "category": "0107",
    "owner": "szgc",
    "title": "路灯报修多久修好",
    "answer": "主干道 24 小时内修复。",
    "sources": "《城市照明管理规定》",
    "review_by": (TODAY + timedelta(days=90)).isoformat(),
}


@pytest.fixture
async def editor(world: World) -> Browser:
    account = Account("editor", "知识编辑", Role.KNOWLEDGE_EDITOR, "rxzx", None)

    def write(conn: Any) -> None:
        people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
        load_knowledge(conn, MORNING, TODAY)

    await world.store.write(write)
    return await world.signed_in("editor")


async def book_of(browser: Browser) -> bytes:
    headers = {"Cookie": browser.cookie}
    url = browser.world.url("/knowledge/articles.xlsx")
    async with browser.world.client.get(url, headers=headers) as answer:
        assert answer.status == 200
        return await answer.read()


def made(*rows: dict[str, Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append([ZH[name] for name in COLUMNS])
    for row in rows:
        sheet.append([row.get(name) for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def take_in(browser: Browser, data: bytes) -> Seen:
    form = aiohttp.FormData({"csrf": browser.csrf})
    form.add_field("file", data, filename="articles.xlsx")
    headers = {"Origin": browser.world.origin, "Cookie": browser.cookie}
    return await browser.world.ask("POST", "/knowledge/sheet", headers=headers, data=form)


async def test_what_was_written_out_is_read_in_again_and_changes_nothing(editor: Browser) -> None:
    book = await book_of(editor)
    rows = len(list(load_workbook(io.BytesIO(book)).worksheets[0].iter_rows())) - 1
    seen = await take_in(editor, book)
    assert seen.status == 200
    assert f"新增 0 条，修改 0 条，未变 {rows} 条" in seen.text


async def test_a_new_row_and_a_changed_one_are_drafts_that_nobody_on_the_line_is_told(
    world: World, editor: Browser
) -> None:
    sheet = load_workbook(io.BytesIO(await book_of(editor))).worksheets[0]
    changed = dict(zip(COLUMNS, (cell.value for cell in sheet[2]), strict=True))
    seen = await take_in(editor, made(NEW, changed | {"answer": "另有答复。"}))
    assert "新增 1 条，修改 1 条，未变 0 条" in seen.text
    versions = await world.store.read(lambda conn: knowledge_lists.versions(conn, changed["id"]))
    assert (versions[0].answer, versions[0].state) == ("另有答复。", "draft")
    assert "路灯报修多久修好" in (await editor.get("/knowledge/piles")).text
    agent = await world.signed_in("1001")
    assert "路灯报修多久修好" not in (await agent.get("/knowledge?q=路灯报修")).text


async def test_one_row_that_is_wrong_is_named_and_none_is_taken(editor: Browser) -> None:
    seen = await take_in(editor, made(NEW, NEW | {"title": "", "owner": "nobody"}))
    assert seen.status == 400
    assert "第 3 行 标题：" in seen.text
    assert "没有这个单位" in seen.text
    assert "路灯报修多久修好" not in (await editor.get("/knowledge/piles")).text


@pytest.mark.parametrize("data", [b"", b"title,answer", b"PK\x03\x04 but no workbook"])
async def test_a_file_that_is_no_table_of_ours_is_refused_in_words(editor: Browser, data: bytes) -> None:
    seen = await take_in(editor, data)
    assert seen.status == 400
    assert "请选择xlsx表格" in seen.text


async def test_a_unit_writes_out_its_own_articles_and_cannot_read_in_anothers(
    world: World, editor: Browser
) -> None:
    book = await book_of(editor)
    liaison = await world.signed_in("liaison")
    own = load_workbook(io.BytesIO(await book_of(liaison))).worksheets[0]
    assert {row[2].value for row in own.iter_rows(min_row=2)} <= {"szgc"}
    sheet = load_workbook(io.BytesIO(book)).worksheets[0]
    rows = [
        dict(zip(COLUMNS, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)
    ]
    other = next(row for row in rows if row["owner"] != "szgc")
    assert (await take_in(liaison, made(other | {"answer": "另有答复。"}))).status in (403, 409)
