"""班次与出勤: who is planned when, who was there, and how long breaks may last.

Context of shifts.html: day, before, after, rows (attendance in minutes), agents, reasons, quotas, entered, errors.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from routing import breaks
from routing.attendance import Attendance, attend
from storage import seats, shifts
from storage.errors import Conflict, Invalid
from storage.shifts import Minutes

REASONS: Final = ("rest", "meal", "training", "meeting", "other")
FORM: Final = {
    "csrf": Text(64),
    "login": Text(64, required=True),
    "day": Text(10, required=True),
    "begins": Text(5, required=True),
    "ends": Text(5, required=True),
}
QUOTA: Final = {
    "csrf": Text(64),
    "reason": Text(20, required=True, one_of=frozenset(REASONS)),
    "once": Text(4),
    "day": Text(4),
}
COMES_EARLY: Final = timedelta(hours=2)

routes = web.RouteTableDef()


@routes.get("/shifts")
@needs(Permission.SUPERVISE)
async def page(request: web.Request) -> web.Response:
    return await _page(request, _day(request, request.query.get("day", "")))


@routes.post("/shifts")
@needs(Permission.SUPERVISE)
async def plan(request: web.Request) -> web.Response:
    """Plan a shift. One that ends at or before its beginning ends on the next day."""
    parts, by = request.app[PARTS], request[SIGNED].account.login
    sent = await posted(request)
    day = _day(request, sent.get("day", ""))
    try:
        texts = read_texts(request, FORM, sent)
        begins = _moment(request, day, "begins", texts["begins"])
        ends = _moment(request, day, "ends", texts["ends"])
        if ends <= begins:
            ends += timedelta(days=1)
        await parts.store.write(
            lambda conn: shifts.plan(
                conn, texts["login"], begins_at=begins, ends_at=ends, by=by, at=parts.now()
            )
        )
    except Invalid as wrong:
        return await _page(request, day, status=400, entered=sent, errors=wrong.fields)
    except Conflict as taken:
        return await _page(request, day, status=409, entered=sent, errors={"begins": str(taken)})
    raise web.HTTPSeeOther(f"/shifts?day={day.isoformat()}")


@routes.post(r"/shifts/{id:\d{1,9}}/withdraw")
@needs(Permission.SUPERVISE)
async def withdraw(request: web.Request) -> web.Response:
    parts, by = request.app[PARTS], request[SIGNED].account.login
    number = int(request.match_info["id"])
    day = _day(request, (await posted(request)).get("day", ""))
    await parts.store.write(lambda conn: shifts.withdraw(conn, number, by=by, at=parts.now()))
    raise web.HTTPSeeOther(f"/shifts?day={day.isoformat()}")


@routes.post("/shifts/quotas")
@needs(Permission.SUPERVISE)
async def set_quota(request: web.Request) -> web.Response:
    """Set how long breaks of one reason may last; an empty field is no limit."""
    parts, by = request.app[PARTS], request[SIGNED].account.login
    sent = await posted(request)
    try:
        texts = read_texts(request, QUOTA, sent)
        minutes = Minutes(_minutes(request, "once", texts), _minutes(request, "day", texts))
        await parts.store.write(
            lambda conn: shifts.set_quota(conn, texts["reason"], minutes, by=by, at=parts.now())
        )
    except Invalid as wrong:
        errors = {"quota": "; ".join(wrong.fields.values())}
        return await _page(request, _day(request, ""), status=400, entered=sent, errors=errors)
    raise web.HTTPSeeOther("/shifts#quotas")


async def _page(
    request: web.Request,
    day: date,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    parts, at = request.app[PARTS], request.app[PARTS].now()
    begin = datetime.combine(day, time(), parts.settings.zone)
    end = begin + timedelta(days=1)

    def look(conn: Connection) -> dict[str, Any]:
        planned = [each for each in shifts.planned(conn, after=begin, until=end) if each.begins_at >= begin]
        names = sorted({each.seat for each in planned})
        until = min(end + COMES_EARLY + shifts.LONGEST_SHIFT, at)
        found = seats.stretches(conn, names, after=begin - COMES_EARLY, until=until) if names else {}
        seen = [attend(each, found.get(each.seat, []), until) for each in planned if each.begins_at <= at]
        coming = [attend(each, [], each.begins_at) for each in planned if each.begins_at > at]
        return {
            "rows": [_row(each, at) for each in (*seen, *coming)],
            "agents": shifts.agents(conn),
            "quotas": breaks.quotas(shifts.quotas(conn)),
        }

    context = await parts.store.read(look)
    context |= {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "reasons": REASONS,
        "entered": entered or {},
        "errors": errors or {},
    }
    return render(request, "shifts.html", context, status=status)


def _row(seen: Attendance, at: datetime) -> dict[str, Any]:
    """Return one line; spans in whole minutes, because nobody is judged by seconds."""
    share = seen.adherence(at)
    return {
        "shift": seen.shift,
        "came_at": seen.came_at,
        "left_at": seen.left_at,
        "begun": seen.shift.begins_at <= at,
        "late": int(seen.late.total_seconds() // 60),
        "left_early": int(seen.left_early.total_seconds() // 60),
        "overrun": int(seen.overrun.total_seconds() // 60),
        "adherence": None if share is None else f"{share:.1%}",
        "breaks": {reason: int(seconds // 60) for reason, seconds in seen.breaks.items() if seconds >= 60},
    }


def _day(request: web.Request, text: str) -> date:
    """Return the day that is asked for, today if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        parts = request.app[PARTS]
        return parts.now().astimezone(parts.settings.zone).date()


def _moment(request: web.Request, day: date, name: str, text: str) -> datetime:
    try:
        return datetime.combine(day, time.fromisoformat(text), request.app[PARTS].settings.zone)
    except ValueError:
        raise Invalid({name: say(request, "shifts.time")}) from None


def _minutes(request: web.Request, name: str, texts: dict[str, str]) -> int | None:
    text = texts.get(name, "")
    if not text:
        return None
    if not text.isdecimal():
        raise Invalid({name: say(request, "form.number")})
    return int(text)
