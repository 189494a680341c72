"""Tables that leave the platform as a file: safe for spreadsheets, marked with who took them, limited, and written down.

A table of few rows is given at once. Above the limit the answer is a form that asks another person; what was granted is
bound to the person, the very address and a day, and made anew when it is taken: no file of ours lies anywhere.

Context of export_ask.html: name, rows, most, path, entered, errors. Of exports.html: wishes, names, decides, me.
"""

import asyncio
import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import Connection

from console.forms import Text, read_texts
from console.health import FIGURES
from console.i18n import say
from console.org_forms import sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import exports, history, people
from storage.errors import Conflict, Invalid

BOM: Final = "\ufeff"
"""Spreadsheets take a file without this mark for one in the local code page, and Chinese for noise."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_ROWS: Final = 20_000
"""So many take three seconds of a core; a larger table is given as CSV."""
KEPT_DAYS: Final = 30
"""The line at the end tells until when the file is to be deleted."""
# The wide forms, too: a spreadsheet set to Chinese takes them for the narrow ones.
_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

ASKED: Final = {
    "path": Text(1_000, required=True),
    "name": Text(64, required=True),
    "rows": Text(9, required=True),
    "reason": Text(200, required=True),
}
DECIDED: Final = {"verdict": Text(6, required=True, one_of=frozenset({"grant", "refuse"})), "note": Text(200)}

routes = web.RouteTableDef()


def formula_safe(text: str) -> str:
    """Return the text as a spreadsheet shows it and never computes it."""
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA and text.strip(" ") else text


async def send(
    request: web.Request,
    name: str,
    rows: Iterable[Sequence[object]],
    *,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    marked: bool = True,
) -> web.Response:
    """Return the rows, headings first, as the file the address asks for, and write down who took it.

    `marked`: who took it and when stands in the last line; not in a table that is made to be read in again.
    """
    table = [list(row) for row in rows]
    as_book = request.path.endswith(".xlsx")
    if as_book and len(table) > XLSX_ROWS:
        raise Conflict(say(request, "exports.take_csv", most=XLSX_ROWS))
    number = await _note(request, name, len(table), subject=subject or name.partition("-")[0], detail=detail)
    if number is None:
        context = {"name": name, "rows": len(table), "most": request.app[PARTS].settings.export_rows}
        more = {"path": request.path_qs, "entered": {}, "errors": {}}
        return render(request, "export_ask.html", context | more, status=409)
    request.app[FIGURES].add("hotline_exports_total")
    mark = watermark(request, number) if marked else ""
    body = await asyncio.to_thread(_book if as_book else _csv, table, mark)
    return web.Response(
        body=body,
        content_type=XLSX if as_book else "text/csv",
        charset=None if as_book else "utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{"xlsx" if as_book else "csv"}"'},
    )


def watermark(request: web.Request, number: int) -> str:
    """Return what tells where a file comes from: who, when, the line of the history, until when it may be kept."""
    account, at = (
        request[SIGNED].account,
        request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone),
    )
    return say(
        request,
        "exports.mark",
        who=f"{account.login} {account.name}",
        at=f"{at:%Y-%m-%d %H:%M}",
        number=number,
        until=f"{at + timedelta(days=KEPT_DAYS):%Y-%m-%d}",
    )


async def _note(
    request: web.Request, name: str, rows: int, *, subject: str, detail: Mapping[str, Any] | None
) -> int | None:
    """Write down that the table is taken and return the line's number; None if it has to be asked for first."""
    parts, by, at = request.app[PARTS], request[SIGNED].account.login, request.app[PARTS].now()
    needs_leave = rows > parts.settings.export_rows

    def note(conn: Connection) -> int | None:
        leave: dict[str, int] = {}
        if needs_leave:
            found = exports.take(conn, path=request.path_qs, rows=rows, by=by, at=at)
            if found is None:
                return None
            leave = {"request": found}
        told = {**(detail or {}), "file": name, "rows": rows, **leave}
        return history.append(conn, subject=subject, kind=f"{subject}.exported", actor=by, detail=told, at=at)

    return await parts.store.write(note)


def _csv(table: Sequence[Sequence[object]], mark: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([_text(cell) for cell in row] for row in table)
    if mark:
        # As wide as the table: some readers refuse a row that is shorter.
        writer.writerow([mark, *[""] * (max(map(len, table), default=1) - 1)])
    return (BOM + out.getvalue()).encode()


def _text(value: object) -> str:
    return "" if value is None else formula_safe(str(value))


def _book(table: Sequence[Sequence[object]], mark: str) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("12345")
    sheet.freeze_panes = "A2"
    sheet.oddFooter.center.text = mark.replace("&", "&&")
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    if mark:
        sheet.append([])
        sheet.append([_cell(sheet, mark)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: object) -> Any:
    """Return a number as a number and everything else as text, which a spreadsheet keeps even when it is edited."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    cell = WriteOnlyCell(sheet, _CONTROL.sub("", str(value)))
    cell.data_type = "s"
    cell.quotePrefix = formula_safe(str(value)) != str(value)
    return cell


@routes.get("/exports")
@needs(Permission.SIGNED_IN)
async def listing(request: web.Request) -> web.Response:
    """Show one's own requests; to who decides, everybody's."""
    account = request[SIGNED].account
    decides = allowed(account.role, Permission.EXPORTS_APPROVE)

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "wishes": exports.listed(conn, by=None if decides else account.login),
            "names": people.names(conn),
        }

    found = await request.app[PARTS].store.read(look)
    return render(request, "exports.html", found | {"decides": decides, "me": account.login})


@routes.post("/exports")
@needs(Permission.SIGNED_IN)
async def ask(request: web.Request) -> web.Response:
    sent = await sent_texts(request, {name: Text(field.at_most) for name, field in ASKED.items()})
    by, at = request[SIGNED].account.login, request.app[PARTS].now()
    try:
        rows = _rows_of(request, sent)
        await request.app[PARTS].store.write(
            lambda conn: exports.ask(
                conn, name=sent["name"], path=sent["path"], rows=rows, reason=sent["reason"], by=by, at=at
            )
        )
    except Invalid as error:
        context = {**sent, "most": request.app[PARTS].settings.export_rows}
        return render(
            request, "export_ask.html", context | {"entered": sent, "errors": error.fields}, status=400
        )
    raise web.HTTPSeeOther("/exports")


def _ours(path: str) -> bool:
    """Say whether the address, which stands as a link on the approver's page, leads to our own pages."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


def _rows_of(request: web.Request, sent: Mapping[str, str]) -> int:
    """Return how many rows are asked for, after seeing that everything is there."""
    read_texts(request, ASKED, sent)
    if not (sent["rows"].isascii() and sent["rows"].isdecimal()) or not _ours(sent["path"]):
        raise Invalid({"path": say(request, "form.unknown")})
    return int(sent["rows"])


@routes.post(r"/exports/{id:\d{1,12}}")
@needs(Permission.EXPORTS_APPROVE)
async def decide(request: web.Request) -> web.Response:
    sent = await sent_texts(request, DECIDED)
    number, by, at = int(request.match_info["id"]), request[SIGNED].account.login, request.app[PARTS].now()
    await request.app[PARTS].store.write(
        lambda conn: exports.decide(
            conn, number, granted=sent["verdict"] == "grant", note=sent["note"], by=by, at=at
        )
    )
    raise web.HTTPSeeOther("/exports")
