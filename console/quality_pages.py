"""质检: drawing calls, scoring them by the sheet, and deciding appeals; what each agent was given, for that agent alone.

Context of quality.html: week, before, after, lines, team, names, per_agent, entered, errors, picked. Of quality_call.html:
one, names, mine, entered, errors, may_decide, may_appeal, sources, mark, pauses. Of quality_mine.html: lines, mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.quality import PASSED, monday_of
from console import listening
from console.forms import Text, posted, read_texts
from console.i18n import say
from console.moments import day
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import people, quality, quality_draws, recordings
from storage.errors import Conflict, Invalid
from storage.quality import Result

PER_AGENT: Final = 3
DRAWN: Final = {"week": Text(10, required=True), "per_agent": Text(2, required=True)}
MOST: Final = 30
"""Items a sheet may have, so many fields a form may send."""
HEARD_FOR: Final = "check_quality"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Again:
    """What was typed and what was wrong with it, when a page is shown again; the first time nothing."""

    status: int = 200
    entered: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def rendered(self, request: web.Request, template: str, context: Mapping[str, Any]) -> web.Response:
        again = {"entered": self.entered, "errors": self.errors}
        return render(request, template, {**context, **again}, status=self.status)


FIRST: Final = Again()


@routes.get("/quality")
@needs(Permission.QUALITY)
async def page(request: web.Request) -> web.Response:
    return await _page(request, _week(request, request.query.get("week", "")))


@routes.post("/quality/draw")
@needs(Permission.QUALITY)
async def draw(request: web.Request) -> web.Response:
    """Draw what is still wanting of a week."""
    sent = await posted(request)
    sent.pop("csrf", None)
    week = _week(request, sent.get("week", ""))
    parts, by = request.app[PARTS], request[SIGNED].account.login
    try:
        per_agent = _number(request, "per_agent", read_texts(request, DRAWN, sent)["per_agent"])
        await parts.store.write(
            lambda conn: quality_draws.draw(
                conn, week, per_agent, zone=parts.settings.zone, by=by, at=parts.now()
            )
        )
    except Invalid as error:
        return await _page(request, week, Again(400, sent, error.fields))
    raise web.HTTPSeeOther(f"/quality?week={week}")


@routes.post("/quality/pick")
@needs(Permission.QUALITY)
async def pick(request: web.Request) -> web.Response:
    """Take up one call by hand."""
    sent = await posted(request)
    sent.pop("csrf", None)
    call = read_texts(request, {"call": Text(64, required=True)}, sent)["call"]
    parts, by = request.app[PARTS], request[SIGNED].account.login
    await parts.store.write(
        lambda conn: quality_draws.pick(conn, call, zone=parts.settings.zone, by=by, at=parts.now())
    )
    raise web.HTTPSeeOther(f"/quality/calls/{call}")


@routes.get("/quality/calls/{call}")
@needs(Permission.QUALITY)
async def one(request: web.Request) -> web.Response:
    return await _one(request)


@routes.post("/quality/calls/{call}/listen")
@needs(Permission.QUALITY)
async def listen(request: web.Request) -> web.Response:
    """Open the recording: that it is for a check is written down as the reason."""
    if not allowed(request[SIGNED].account.role, Permission.LISTEN):
        raise web.HTTPForbidden
    await listening.note(request, request.match_info["call"], HEARD_FOR)
    return await _one(request, hears=True)


@routes.post("/quality/calls/{call}")
@needs(Permission.QUALITY)
async def check(request: web.Request) -> web.Response:
    call, parts, by = request.match_info["call"], request.app[PARTS], request[SIGNED].account.login
    sent = await posted(request)
    try:
        seen = await parts.store.read(lambda conn: quality.result(conn, call))
        marks, notes, comment = _marks(request, sent, seen)
        await parts.store.write(
            lambda conn: quality.check(conn, call, marks, notes, comment=comment, by=by, at=parts.now())
        )
    except Invalid as error:
        return await _one(request, Again(400, sent, error.fields))
    raise web.HTTPSeeOther(f"/quality/calls/{call}")


@routes.post("/quality/calls/{call}/decide")
@needs(Permission.QUALITY)
async def decide(request: web.Request) -> web.Response:
    """Let the score stand, or give the marks that were sent."""
    call, parts, by = request.match_info["call"], request.app[PARTS], request[SIGNED].account.login
    sent = await posted(request)
    try:
        seen = await parts.store.read(lambda conn: quality.result(conn, call))
        marks, _, answer = _marks(request, sent, seen)
        changed = marks if marks != [mark.points for mark in seen.marks] else None
        await parts.store.write(
            lambda conn: quality.decide(conn, call, changed, answer=answer, by=by, at=parts.now())
        )
    except Invalid as error:
        errors = {"comment": error.fields.pop("answer")} if "answer" in error.fields else {}
        return await _one(request, Again(400, sent, errors | error.fields))
    raise web.HTTPSeeOther(f"/quality/calls/{call}")


@routes.get("/quality/mine")
@needs(Permission.QUALITY_OWN)
async def mine(request: web.Request) -> web.Response:
    by = request[SIGNED].account.login
    lines = await request.app[PARTS].store.read(lambda conn: quality.of_agent(conn, by))
    scores = [line.score for line in lines if line.score is not None and line.basis == quality_draws.RANDOM]
    mean = f"{sum(scores) / len(scores):.1f}" if scores else "—"
    return render(request, "quality_mine.html", {"lines": lines, "mean": mean, "pass_mark": PASSED})


@routes.get("/quality/mine/{call}")
@needs(Permission.QUALITY_OWN)
async def own(request: web.Request) -> web.Response:
    return await _own(request)


@routes.post("/quality/mine/{call}/listen")
@needs(Permission.QUALITY_OWN)
async def hear_own(request: web.Request) -> web.Response:
    """Let an agent hear the call that was scored: without it nobody could answer for it."""
    call, by = request.match_info["call"], request[SIGNED].account.login
    at = request.app[PARTS].now()
    await request.app[PARTS].store.write(lambda conn: quality.see(conn, call, by=by, at=at))
    await listening.note(request, call, HEARD_FOR)
    return await _own(request, hears=True)


@routes.get(r"/quality/mine/{call}/sound/{n:\d{1,2}}")
@needs(Permission.QUALITY_OWN)
async def own_sound(request: web.Request) -> web.StreamResponse:
    """Send one's own recording; the address was given to this session by the page above, and to no other."""
    return await listening.send(request, request.match_info["call"], int(request.match_info["n"]))


@routes.post("/quality/mine/{call}/appeal")
@needs(Permission.QUALITY_OWN)
async def appeal(request: web.Request) -> web.Response:
    call, parts, by = request.match_info["call"], request.app[PARTS], request[SIGNED].account.login
    sent = await posted(request)
    sent.pop("csrf", None)
    try:
        text = read_texts(request, {"appeal": Text(2000, required=True, lines=True)}, sent)["appeal"]
        await parts.store.write(lambda conn: quality.appeal(conn, call, text, by=by, at=parts.now()))
    except Invalid as error:
        return await _own(request, Again(400, sent, error.fields))
    raise web.HTTPSeeOther(f"/quality/mine/{call}")


async def _page(request: web.Request, week: date, shown: Again = FIRST) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        return {
            "lines": quality.of_weeks(conn, week, week),
            "team": quality.team(conn, week - timedelta(weeks=3), week),
            "names": people.names(conn),
        }

    now = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    context = await request.app[PARTS].store.read(look)
    context |= {
        "week": week,
        "before": week - timedelta(weeks=1),
        "after": week + timedelta(weeks=1) if week < monday_of(now) else None,
        "since": week - timedelta(weeks=3),
        "per_agent": PER_AGENT,
        "pass_mark": PASSED,
    }
    return shown.rendered(request, "quality.html", context)


async def _one(request: web.Request, shown: Again = FIRST, *, hears: bool = False) -> web.Response:
    """Show a drawn call to who scores; his own call an agent sees by another address."""
    by = request[SIGNED].account.login
    seen, context = await _look(request, hears=hears, under="/calls")
    context |= {
        "mine": False,
        "may_check": seen.line.state == "drawn" and seen.line.agent != by,
        "may_decide": seen.line.state == "appealed" and by not in (seen.line.checked_by, seen.line.agent),
        "may_hear": allowed(request[SIGNED].account.role, Permission.LISTEN),
        "may_appeal": False,
    }
    return shown.rendered(request, "quality_call.html", context)


async def _own(request: web.Request, shown: Again = FIRST, *, hears: bool = False) -> web.Response:
    call, by, at = request.match_info["call"], request[SIGNED].account.login, request.app[PARTS].now()
    await request.app[PARTS].store.write(lambda conn: quality.see(conn, call, by=by, at=at))
    seen, context = await _look(request, hears=hears, under="/quality/mine")
    context |= {"mine": True, "may_check": False, "may_decide": False, "may_hear": True}
    return shown.rendered(request, "quality_call.html", context | {"may_appeal": seen.may_appeal(at)})


async def _look(request: web.Request, *, hears: bool, under: str) -> tuple[Result, dict[str, Any]]:
    call = request.match_info["call"]

    def look(conn: Connection) -> tuple[Result, dict[str, str], int, list[Any]]:
        kept = len(recordings.of_call(conn, call))
        return quality.result(conn, call), people.names(conn), kept, recordings.pauses(conn, call)

    seen, names, kept, pauses = await request.app[PARTS].store.read(look)
    player = listening.player(request, call, kept if hears else 0, pauses, under=under)
    return seen, {"one": seen, "names": names, "kept": kept, "pass_mark": PASSED, **player}


def _number(request: web.Request, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Invalid({name: say(request, "form.number")})
    return int(text)


def _week(request: web.Request, text: str) -> date:
    """Return the Monday of the week that is asked for; without one, of the last week that is over."""
    if text:
        return monday_of(day(request, "week", text))
    now = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    return monday_of(now) - timedelta(weeks=1)


def _marks(request: web.Request, sent: dict[str, str], seen: Result) -> tuple[list[int], list[str], str]:
    """Read marks, notes and the comment of the form; a mark that is left out is wrong, and not 0."""
    items = seen.sheet.items
    if not items or len(items) > MOST:
        raise Conflict(say(request, "quality.no_sheet"))
    fields = {"comment": Text(2000, lines=True), "csrf": Text(200)}
    fields |= {f"mark-{no}": Text(3, required=True) for no in range(len(items))}
    fields |= {f"note-{no}": Text(200) for no in range(len(items))}
    texts = read_texts(request, fields, sent)
    wrong = {name: say(request, "form.number") for name in texts if name.startswith("mark-")}
    wrong = {name: text for name, text in wrong.items() if not texts[name].isdecimal()}
    for no, item in enumerate(items):
        if f"mark-{no}" not in wrong and int(texts[f"mark-{no}"]) > item.most:
            wrong[f"mark-{no}"] = say(request, "quality.at_most", n=item.most)
    if wrong:
        raise Invalid(wrong)
    marks = [int(texts[f"mark-{no}"]) for no in range(len(items))]
    return marks, [texts.get(f"note-{no}", "") for no in range(len(items))], texts.get("comment", "")
