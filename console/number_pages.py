"""合并热线: the numbers that lead to this hotline, what is different for each, and how many call them.

Context of numbers.html: lines, report, days, range, entered, errors, modes, categories, editing.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.uploads import BODY, form_with_sound, seconds_of
from storage import numbers, units
from storage.errors import Invalid
from storage.number_models import MergeMode
from storage.numbers import LineDay, OldHotline

FIELDS: Final = {
    "dialled": Text(21, required=True),
    "name": Text(40, required=True),
    "mode": Text(10, required=True, one_of=frozenset(MergeMode)),
    "greeting": Text(numbers.LONGEST_GREETING, lines=True),
    "skill": Text(40),
    "language": Text(40),
    "category": Text(64),
    "statistics": Text(40),
    "parallel_until": Text(10),
    "retired_on": Text(10),
    "unsound": Text(1, one_of=frozenset("1")),
}
COLUMNS: Final = tuple(name for name in FIELDS if name != "unsound")
DAYS_SHOWN: Final = 7
MOST_ROWS: Final = 200

routes = web.RouteTableDef()


@routes.get("/numbers")
@needs(Permission.NUMBERS)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    first, last = _range(request)
    edited, zone = request.query.get("edit", ""), request.app[PARTS].settings.zone

    def look(conn: Connection) -> dict[str, Any]:
        line = numbers.old_hotline(conn, edited) if edited else None
        return {
            "lines": numbers.old_hotlines(conn),
            "report": _table(numbers.by_line(conn, first, last, zone)),
            "categories": units.categories(conn),
            "entered": entered or (_as_texts(line) if line else {}),
        }

    context = await request.app[PARTS].store.read(look)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    context |= {"days": days, "range": (first, last), "errors": errors or {}, "modes": list(MergeMode)}
    today = request.app[PARTS].now().astimezone(zone).date()
    return render(request, "numbers.html", context | {"today": today}, status=status)


def _range(request: web.Request) -> tuple[date, date]:
    """Return the days of the report: what is asked for, else the last week."""
    today = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    last = _day(request, "until", request.query.get("until", "")) or today
    first = _day(request, "since", request.query.get("since", ""))
    return first or last - timedelta(days=DAYS_SHOWN - 1), last


def _day(request: web.Request, name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None
    if not 2000 <= day.year <= 2999:
        raise Invalid({name: say(request, "form.date")})
    return day


def _table(rows: list[LineDay]) -> dict[str, dict[date, LineDay]]:
    table: dict[str, dict[date, LineDay]] = defaultdict(dict)
    for row in rows:
        table[row.statistics][row.day] = row
    return dict(sorted(table.items(), key=lambda item: (item[0] != numbers.OURS, item[0])))


def _as_texts(line: OldHotline) -> dict[str, str]:
    return {name: str(getattr(line, name) or "") for name in OldHotline.__dataclass_fields__}


@routes.post("/numbers")
@needs(Permission.NUMBERS, body=BODY)
async def keep(request: web.Request) -> web.Response:
    """Enter a number or change it; a recording that is not sent anew stays."""
    sent, data = await form_with_sound(request, "sound")
    sent.pop("csrf", None)
    parts, at, by = request.app[PARTS], request.app[PARTS].now(), request[SIGNED].account.login
    try:
        line = _line(request, sent)
        seconds = seconds_of(request, data)

        def work(conn: Connection) -> None:
            before = numbers.old_hotline(conn, line.dialled)
            sound = before.sound if before and not sent.get("unsound") else None
            if data:
                sound = numbers.keep_sound(conn, data, seconds=seconds, by=by, at=at)
            kept = OldHotline(**{name: getattr(line, name) for name in COLUMNS}, sound=sound)
            numbers.keep_old_hotline(conn, kept, by=by, at=at)

        await parts.store.write(work)
    except Invalid as error:
        return await _listing(request, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther("/numbers")


def _line(request: web.Request, sent: dict[str, str]) -> OldHotline:
    texts = dict.fromkeys(FIELDS, "") | read_texts(request, FIELDS, sent)
    return OldHotline(
        dialled=texts["dialled"].replace(" ", "").replace("-", ""),
        name=texts["name"],
        mode=MergeMode(texts["mode"]),
        greeting=texts["greeting"],
        skill=texts["skill"],
        language=texts["language"],
        category=texts["category"] or None,
        statistics=texts["statistics"],
        parallel_until=_day(request, "parallel_until", texts["parallel_until"]),
        retired_on=_day(request, "retired_on", texts["retired_on"]),
    )


@routes.post("/numbers/import")
@needs(Permission.NUMBERS)
async def take_in(request: web.Request) -> web.Response:
    """Take in a table: all its rows, or none and a word on the first that is wrong."""
    sent = await posted(request)
    sent.pop("csrf", None)
    texts = read_texts(request, {"table": Text(20_000, required=True, lines=True)}, sent)
    parts, at, by = request.app[PARTS], request.app[PARTS].now(), request[SIGNED].account.login
    try:
        lines = list(_rows(request, texts["table"]))

        def work(conn: Connection) -> None:
            for number, line in lines:
                try:
                    numbers.keep_old_hotline(conn, line, by=by, at=at)
                except Invalid as error:
                    raise _in_row(request, number, error) from None

        await parts.store.write(work)
    except Invalid as error:
        return await _listing(request, status=400, entered={"table": texts["table"]}, errors=error.fields)
    raise web.HTTPSeeOther("/numbers")


def _rows(request: web.Request, table: str) -> Iterator[tuple[int, OldHotline]]:
    reader = csv.reader(table.replace("，", ",").replace("\t", ",").splitlines())
    for number, row in enumerate(reader, start=1):
        if not any(cell.strip() for cell in row) or row[0].strip() == COLUMNS[0]:
            continue
        if number > MOST_ROWS or len(row) > len(COLUMNS):
            raise _in_row(request, number, Invalid({"table": say(request, "numbers.columns")}))
        sent = dict(zip(COLUMNS, (cell.strip() for cell in row), strict=False))
        sent["mode"] = sent.get("mode") or MergeMode.WHOLE
        try:
            yield number, _line(request, sent)
        except Invalid as error:
            raise _in_row(request, number, error) from None


def _in_row(request: web.Request, number: int, error: Invalid) -> Invalid:
    why = "; ".join(f"{name}: {text}" for name, text in error.fields.items())
    return Invalid({"table": say(request, "numbers.in_row", n=number, why=why)})


@routes.post(r"/numbers/{dialled:\+?\d{3,20}}/drop")
@needs(Permission.NUMBERS)
async def drop(request: web.Request) -> web.Response:
    dialled, parts = request.match_info["dialled"], request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    await parts.store.write(lambda conn: numbers.drop_old_hotline(conn, dialled, by=by, at=at))
    raise web.HTTPSeeOther("/numbers")
