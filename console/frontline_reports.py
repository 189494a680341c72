"""一线处置: what units, handlers and responsible leaders have to show for a period, and which words come up again and again.

Context of frontline_people.html: tallies, accuracy, names, since, until, errors. Of frontline_terms.html: terms, since,
until, count, truncated, errors.
"""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.calendar import ONE_DAY
from cases.frontline import Arrival, tallies
from cases.limits import local_day
from cases.terms import frequent
from console.moments import day
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import frontline_lists, units

HALF_A_YEAR: Final = timedelta(days=182)
LONGEST: Final = timedelta(days=366)

routes = web.RouteTableDef()


@routes.get("/frontline/people")
@needs(Permission.FRONTLINE_REPORTS)
async def who(request: web.Request) -> web.Response:
    """Show how often each was called, accepted, answered and came in time, and how it was judged (I-17, FL-07)."""
    first, last = _period(request, timedelta(days=30))
    since, until = _instants(request, first, last)
    parts = request.app[PARTS]

    def look(conn: Connection) -> dict[str, Any]:
        names = {unit.id: unit.short_name for unit in units.units(conn)}
        deeds = frontline_lists.deeds(conn, since, until, parts.now())
        return {
            "tallies": tallies(deeds),
            "accuracy": frontline_lists.accuracy(conn, since, until),
            "names": names,
        }

    context = await parts.store.read(look)
    context |= {"since": first, "until": last, "arrivals": list(Arrival)}
    return render(request, "frontline_people.html", context)


@routes.get("/frontline/terms")
@needs(Permission.FRONTLINE_REPORTS)
async def terms(request: web.Request) -> web.Response:
    """《高频词汇及重点关注问题》: the words of half a year, against the half-year before."""
    first, last = _period(request, HALF_A_YEAR)
    since, until = _instants(request, first, last)
    before = since - (until - since)

    def look(conn: Connection) -> tuple[list[str], list[str]]:
        return frontline_lists.titles(conn, since, until), frontline_lists.titles(conn, before, since)

    now, earlier = await request.app[PARTS].store.read(look)
    # Counting takes a second for a big city's half-year; calls and pages go on meanwhile.
    found = await asyncio.to_thread(frequent, now, earlier)
    context = {
        "terms": found,
        "since": first,
        "until": last,
        "count": len(now),
        "truncated": len(now) >= frontline_lists.MOST_TITLES,
    }
    return render(request, "frontline_terms.html", context)


def _period(request: web.Request, usual: timedelta) -> tuple[date, date]:
    parts = request.app[PARTS]
    asked, today = request.query, local_day(parts.now(), parts.rules.calendar)
    last = day(request, "until", asked["until"]) if asked.get("until") else today
    first = day(request, "since", asked["since"]) if asked.get("since") else last - usual
    return max(min(first, last), last - LONGEST), last


def _instants(request: web.Request, first: date, last: date) -> tuple[datetime, datetime]:
    zone = request.app[PARTS].settings.zone
    begin, end = (datetime.combine(one, time(), zone) for one in (first, last + ONE_DAY))
    return begin.astimezone(UTC), end.astimezone(UTC)
