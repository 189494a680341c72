"""知识导入导出: articles as a table, written elsewhere and read in again as drafts that are checked as every other.

Nothing that is read in is in force before two people have seen it. All rows are taken, or none.

Context of knowledge_sheet.html: columns, kept (None, or how many new, changed, alike), most, errors.
"""

import asyncio
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from aiohttp import web
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import Connection

from cases.workflow import Refusal
from console import exports
from console.forms import read_texts
from console.i18n import CATALOGUE, Language, say
from console.knowledge_forms import FIELDS, article_of
from console.knowledge_pages import actor_of, today_of
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.uploads import form_with_sound as form_with_file
from storage import knowledge, knowledge_lists
from storage.errors import Conflict, Invalid
from storage.knowledge_lists import Version
from storage.people import Actor

BODY: Final = 2_100_000
UNPACKED: Final = 30_000_000
"""A workbook is packed: what is small on the way may be too large here."""
MOST: Final = 500
COLUMNS: Final = (
    "id",
    "category",
    "owner",
    "title",
    "questions",
    "answer",
    "citizen_answer",
    "sources",
    "keywords",
    "public",
    "valid_until",
    "review_by",
)
LONGEST_NUMBER: Final = 9
YES: Final = frozenset({"1", "1.0", "是", "yes", "true"})

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; article 0 is a new one."""

    number: int
    article: int
    texts: dict[str, str]


@routes.get("/knowledge/sheet")
@needs(Permission.KNOWLEDGE_WRITE)
async def page(request: web.Request) -> web.Response:
    return _page(request)


@routes.get("/knowledge/articles.{kind:csv|xlsx}")
@needs(Permission.KNOWLEDGE_WRITE)
async def as_table(request: web.Request) -> web.Response:
    """Return what is in force or on its way, of every unit to an editor, to others of their own."""
    by = actor_of(request)
    found = await request.app[PARTS].store.read(lambda conn: knowledge_lists.kept(conn, by=by))
    head = [say(request, f"knowledge.sheet.{name}") for name in COLUMNS]
    return await exports.send(request, "knowledge", [head, *map(_written, found)], marked=False)


@routes.post("/knowledge/sheet")
@needs(Permission.KNOWLEDGE_WRITE, body=BODY)
async def take_in(request: web.Request) -> web.Response:
    """Keep each row as a draft: a new article, or the next version of the one whose number it has."""
    _, data = await form_with_file(request, "file")
    parts, by, at, today = request.app[PARTS], actor_of(request), request.app[PARTS].now(), today_of(request)
    try:
        read = await asyncio.to_thread(_read, data or b"", _headings(request))
        rows = [
            Row(number, _number(number, sent), read_texts(request, FIELDS, _padded(sent)))
            for number, sent in read
        ]

        def work(conn: Connection) -> dict[str, int]:
            done = {"new": 0, "changed": 0, "alike": 0}
            for row in rows:
                done[_keep(request, conn, row, by=by, at=at, today=today)] += 1
            return done

        return _page(request, kept=await parts.store.write(work))
    except Invalid as error:
        return _page(request, status=400, errors=list(dict.fromkeys(error.fields.values())))
    except (Refusal, Conflict) as error:
        return _page(request, status=409, errors=[str(error)])


def _keep(request: web.Request, conn: Connection, row: Row, *, by: Actor, at: datetime, today: date) -> str:
    """Keep one row; what is wrong with it is said with its number."""
    try:
        form, article = article_of(request, row.texts), row.article
        if not article:
            knowledge.add(conn, form, by=by, at=at, today=today)
            return "new"
        newest = knowledge_lists.versions(conn, article)[0]
        if all(getattr(form, name) == getattr(newest, name) for name in COLUMNS[1:]):
            return "alike"
        knowledge.write(conn, article, form, seen=newest.version, by=by, at=at, today=today)
    except Invalid as error:
        head = say(request, "knowledge.sheet.row", n=row.number)
        named = {name: _name(request, name) for name in error.fields}
        raise Invalid({name: f"{head}{named[name]}{words}" for name, words in error.fields.items()}) from None
    return "changed"


def _name(request: web.Request, field: str) -> str:
    return f"{say(request, f'knowledge.sheet.{field}')}：" if field in COLUMNS else ""


def _written(one: Version) -> list[object]:
    row = [one.article, *(getattr(one, name) for name in COLUMNS[1:-3])]
    return [*row, "1" if one.public else "", one.valid_until, one.review_by]


def _headings(request: web.Request) -> dict[str, str]:
    """Return the column that each heading means, in whatever language it was written out."""
    catalogue = request.app[CATALOGUE]
    return {catalogue.text(lang, f"knowledge.sheet.{name}"): name for name in COLUMNS for lang in Language}


def _read(data: bytes, headings: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of the first sheet with their numbers; what stands in other columns is left alone."""
    table = list(_cells(data))
    names = [headings.get(cell.strip(), "") for cell in table[0]] if table else []
    if not {"category", "owner", "title", "answer"} <= set(names):
        raise Invalid({"file": "第一行须为导出表格的列名 (the first row must be the headings of the export)"})
    rows = [
        (number, {name: cell for name, cell in zip(names, row, strict=False) if name})
        for number, row in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    if len(rows) > MOST:
        raise Invalid({"file": f"一次至多导入{MOST}行 (at most {MOST} rows at once)"})
    return rows


def _cells(data: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise Invalid({"file": "表格解开后太大 (the table is too large)"})
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(max_row=MOST + 2, max_col=40, values_only=True):
            yield [_text(cell) for cell in row]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError):
        raise Invalid({"file": "请选择xlsx表格 (choose an xlsx table)"}) from None


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    text = "" if cell is None else str(cell).replace("\r\n", "\n")
    # What was put before a formula when it was written out is taken away again.
    return text[1:] if text[:1] == "'" and exports.formula_safe(text[1:]) == text else text


def _padded(sent: Mapping[str, str]) -> dict[str, str]:
    """Return a row as the form of one article sends it."""
    texts = {name: sent.get(name, "").strip() for name in FIELDS}
    return texts | {"public": "1" if texts["public"].lower() in YES else "", "seen": "0"}


def _number(row: int, sent: Mapping[str, str]) -> int:
    text = sent.get("id", "").strip().removesuffix(".0")
    if text and not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise Invalid({"id": f"第{row}行：编号应为数字或留空 (row {row}: a number or nothing)"})
    return int(text or 0)


def _page(
    request: web.Request,
    *,
    status: int = 200,
    kept: dict[str, int] | None = None,
    errors: list[str] | None = None,
) -> web.Response:
    context = {"columns": COLUMNS, "kept": kept, "most": MOST, "errors": errors or []}
    return render(request, "knowledge_sheet.html", context, status=status)
