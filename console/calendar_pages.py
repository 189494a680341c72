"""工作日历: the official and the provisional years, and importing the notice of a year.

Context of rules_calendar.html: years, year, months, imports, missing, entered, errors, follows, preview.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.calendar import ONE_DAY, WorkCalendar
from cases.china_days import OFFICIAL, Year
from cases.notices import BadNotice, Notice, applied, read
from console.forms import Refused, Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.rule_pages import Shift
from console.sessions import SIGNED
from storage import rebasing, rulebooks, work_calendars
from storage.errors import Conflict, Invalid
from storage.rebasing import Moved, Why

IMPORTS: Final = 20
CLOCKS_SHOWN: Final = 20
FIELDS: Final = {
    "text": Text(20_000, required=True, lines=True),
    "source": Text(80, required=True),
    "follows": Text(9, required=True),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class YearShown:
    """A year of the calendar: where it comes from, and how many of its days are worked."""

    year: int
    kind: str
    working: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month: weekdays off, weekends that are worked, and how many days are worked."""

    number: int
    rest: tuple[date, ...]
    work: tuple[date, ...]
    working: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would change; nothing is written."""

    version: str
    years: tuple[int, ...]
    days: tuple[tuple[date, bool, bool], ...]
    moved: Shift
    clocks: tuple[Moved, ...]


@routes.get("/rules/calendar")
@needs(Permission.RULES_SEEN)
async def shown(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/rules/calendar")
@needs(Permission.RULES)
async def change(request: web.Request) -> web.StreamResponse:
    """Show what the notice would change, or import it; a refusal is shown with all that was pasted."""
    sent = await posted(request)
    sent.pop("csrf", None)
    keep = sent.pop("go", "") == "keep"
    if not (sent.get("follows", "").isascii() and sent.get("follows", "").isdigit()):
        raise Refused(say(request, "form.number"))  # no person types this field
    at = request.app[PARTS].now()
    try:
        filled, notice = _filled(request, sent)
        if keep:
            await _keep(request, notice, filled, at)
            raise web.HTTPSeeOther(f"/rules/calendar?year={notice.year}")
        return await _page(request, entered=filled, preview=await _preview(request, notice))
    except Invalid as error:
        return await _page(request, status=400, entered=sent, errors=error.fields)
    except Conflict as error:
        return await _page(request, status=409, entered=sent, errors={"": str(error)})


def _filled(request: web.Request, sent: Mapping[str, str]) -> tuple[dict[str, str], Notice]:
    """Return what the form says; all that is wrong is said at once."""
    problems: dict[str, str] = {}
    filled: dict[str, str] = {}
    notice: Notice | None = None
    try:
        notice = _notice(request, sent.get("text", ""))
    except Invalid as error:
        problems |= error.fields
    try:
        filled = read_texts(request, FIELDS, sent)
    except Invalid as error:
        problems |= error.fields
    if notice is None or problems:
        raise Invalid(problems)
    return filled, notice


def _notice(request: web.Request, text: str) -> Notice:
    calendar = request.app[PARTS].rules.calendar
    try:
        notice = read(text)
    except BadNotice as bad:
        raise Invalid({"text": str(bad)}) from None
    if not calendar.first_year <= notice.year <= calendar.last_year:
        years = f"{calendar.first_year}–{calendar.last_year}"
        raise Invalid({"text": say(request, "rules.year_outside", years=years)})
    return notice


def _changed(request: web.Request, notice: Notice, known: Mapping[int, Year]) -> dict[int, Year]:
    try:
        changed = applied(notice, known)
    except BadNotice as bad:
        raise Invalid({"text": str(bad)}) from None
    if not changed:
        raise Invalid({"text": say(request, "rules.nothing_new")})
    return changed


async def _keep(request: web.Request, notice: Notice, filled: Mapping[str, str], at: datetime) -> None:
    parts, by = request.app[PARTS], request[SIGNED].account.login

    def keep(conn: Connection) -> None:
        changed = _changed(request, notice, work_calendars.years(conn))
        follows, source = int(filled["follows"]), filled["source"]
        work_calendars.keep_years(conn, changed, follows=follows, source=source, by=by, at=at)
        rules = rulebooks.in_force(conn, parts.case_rules.configured, at)
        rebasing.recount(conn, rules, Why.CALENDAR, by=by, at=at)

    await parts.store.write(keep)
    await parts.case_rules.look(parts.store, at)


async def _preview(request: web.Request, notice: Notice) -> Preview:
    parts = request.app[PARTS]
    rules = parts.rules

    def look(conn: Connection) -> Preview:
        known = work_calendars.years(conn)
        changed = _changed(request, notice, known)
        new = WorkCalendar(rules.zone, known | changed)
        moved = rebasing.by_calendar(conn, replace(rules, calendar=new))
        days = [
            (day, rules.calendar.is_working(day), new.is_working(day))
            for year in sorted(changed)
            for day in _days(year)
            if rules.calendar.is_working(day) != new.is_working(day)
        ]
        years, first = tuple(sorted(changed)), tuple(moved[:CLOCKS_SHOWN])
        return Preview(new.version, years, tuple(days), Shift.of(moved), first)

    return await parts.store.read(look)


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    entered: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    preview: Preview | None = None,
) -> web.Response:
    parts = request.app[PARTS]
    calendar, today = parts.rules.calendar, parts.now().astimezone(parts.rules.zone).date()
    missing = calendar.year_missing(today)

    def look(conn: Connection) -> tuple[int, list[work_calendars.YearKept]]:
        return work_calendars.newest(conn), work_calendars.imports(conn, IMPORTS)

    follows, imports = await parts.store.read(look)
    imported = {each.year for each in imports}
    year = _asked(request, calendar, missing or today.year)
    context: dict[str, Any] = {
        "years": [
            _year(calendar, number, imported)
            for number in range(calendar.last_year, calendar.first_year - 1, -1)
        ],
        "year": year,
        "provisional": year not in calendar.official,
        "months": [month_of(calendar, year, number) for number in range(1, 13)],
        "imports": imports,
        "missing": missing,
        "version": calendar.version,
        "entered": entered or {},
        "errors": errors or {},
        "follows": (entered or {}).get("follows") or str(follows),
        "preview": preview,
    }
    return render(request, "rules_calendar.html", context, status=status)


def _asked(request: web.Request, calendar: WorkCalendar, otherwise: int) -> int:
    text = request.query.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else otherwise
    return year if calendar.first_year <= year <= calendar.last_year else otherwise


def _year(calendar: WorkCalendar, year: int, imported: set[int]) -> YearShown:
    if year in imported:
        kind = "imported"
    elif year in calendar.official:
        kind = "shipped" if year in OFFICIAL else "imported"
    else:
        kind = "provisional"
    return YearShown(year, kind, sum(calendar.is_working(day) for day in _days(year)))


def month_of(calendar: WorkCalendar, year: int, number: int) -> Month:
    days = [day for day in _days(year) if day.month == number]
    working = [day for day in days if calendar.is_working(day)]
    rest = tuple(day for day in days if day.weekday() < 5 and day not in working)
    return Month(number, rest, tuple(day for day in working if day.weekday() >= 5), len(working))


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += ONE_DAY
