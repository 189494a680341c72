"""一线处置: the list of actions, the form with which a street calls, and one action with all that may be done in it.

Context of frontline.html: found, pile, piles, may_call. Of frontline_new.html: case, kinds, units, entered, errors. Of
frontline_one.html: one, mine (the target of one's own unit), leads, arbitrates, responds, units, entered, errors, error.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.frontline import BEST_SCORE, WORST_SCORE, Kind, Side
from cases.limits import local_day
from cases.workflow import Refusal, Role, Secrecy
from console.forms import Text, posted, read_texts
from console.frontline_steps import STEPS, Read
from console.moments import day, moment, page_number
from console.move_forms import Circumstances
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import frontline, frontline_lists, frontline_photos, moves, people, units
from storage.errors import Conflict, Invalid, Missing
from storage.frontline import LONGEST_NAME, LONGEST_PLACE, LONGEST_TEXT, CallForm
from storage.frontline_lists import PILES, ActionView, Filters
from storage.frontline_rows import ARBITERS, COMMAND_CENTRE, COMMANDERS, RESPONDERS
from storage.people import Account, Actor

CALLED_AT_ONCE: Final = 5
SEES_ALL: Final = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ANALYST, Role.LEADERS_OFFICE})
SCORES: Final = frozenset(str(score) for score in range(WORST_SCORE, BEST_SCORE + 1))
_LONG, _NAME, _WHEN = (
    Text(LONGEST_TEXT, required=True, lines=True),
    Text(LONGEST_NAME, required=True),
    Text(16, required=True),
)
_NUMBER, _UNIT = Text(9, required=True), Text(64)
CALL: Final = {
    "case": Text(64, required=True),
    "kind": Text(20, required=True, one_of=frozenset(Kind)),
    "reason": _LONG,
    "tried": _LONG,
    "place": Text(LONGEST_PLACE, required=True),
    "report_at": _WHEN,
    **{f"unit_{n}": _UNIT for n in range(1, CALLED_AT_ONCE + 1)},
}

routes = web.RouteTableDef()


@routes.get("/frontline")
@needs(Permission.FRONTLINE)
async def listing(request: web.Request) -> web.Response:
    parts, account = request.app[PARTS], request[SIGNED].account
    pile = request.query.get("pile", "open")
    pile = pile if pile in PILES else "open"

    def look(conn: Connection) -> frontline_lists.Found:
        unit = "" if _sees_all(conn, account) else account.unit
        today = local_day(parts.now(), parts.rules.calendar)
        filters = Filters(pile=pile, unit=unit, today=today)
        return frontline_lists.actions(conn, filters, page_number(request))

    found = await parts.store.read(look)
    context = {"found": found, "pile": pile, "piles": PILES, "may_call": account.role in COMMANDERS}
    return render(request, "frontline.html", context)


@routes.get("/frontline/new")
@needs(Permission.FRONTLINE_CALL)
async def new(request: web.Request) -> web.Response:
    return await _new(request, {"case": request.query.get("case", "")[:64]})


async def _new(
    request: web.Request, entered: dict[str, str], *, status: int = 200, errors: dict[str, str] | None = None
) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        try:
            seen: moves.Seen | None = moves.see(conn, entered.get("case", ""))
        except Missing:
            seen = None
        return {"case": seen, "units": units.units(conn)}

    context = await request.app[PARTS].store.read(look)
    context |= {
        "kinds": list(Kind),
        "entered": entered,
        "errors": errors or {},
        "places": range(1, CALLED_AT_ONCE + 1),
    }
    return render(request, "frontline_new.html", context, status=status)


@routes.post("/frontline")
@needs(Permission.FRONTLINE_CALL)
async def call(request: web.Request) -> web.Response:
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    try:
        texts = dict.fromkeys(CALL, "") | read_texts(request, CALL, sent)
        named = (texts[f"unit_{n}"].split(" ")[0] for n in range(1, CALLED_AT_ONCE + 1))
        form = CallForm(
            kind=texts["kind"],
            reason=texts["reason"],
            tried=texts["tried"],
            place=texts["place"],
            report_at=moment(request, "report_at", texts["report_at"]),
            units=[unit for unit in named if unit],
        )
        number = await parts.store.write(
            lambda conn: frontline.call(conn, texts["case"], form, by=by, at=at, rules=parts.rules)
        )
    except Invalid as error:
        return await _new(request, sent, status=400, errors=error.fields)
    except (Refusal, Conflict, Missing) as error:
        return await _new(request, sent, status=409, errors={"case": str(error)})
    raise web.HTTPSeeOther(f"/frontline/{number}")


@routes.get(r"/frontline/{action:\d{1,9}}")
@needs(Permission.FRONTLINE)
async def one(request: web.Request) -> web.Response:
    return await action_page(request)


async def action_page(
    request: web.Request,
    *,
    status: int = 200,
    error: str = "",
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    account, number = request[SIGNED].account, int(request.match_info["action"])

    def look(conn: Connection) -> dict[str, Any]:
        view = frontline_lists.action(conn, number)
        if not may_see(conn, account, view):
            raise Missing(f"没有一线呼叫 {number} (no such action)")
        mine = next((target for target in view.targets if target.unit == account.unit), None)
        shots = frontline_photos.photos(conn, number)
        names = {person.login: person.name for person in people.accounts(conn)}
        return {
            "one": view,
            "mine": mine,
            "photos": shots,
            "units": units.units(conn),
            "names": names,
        } | _powers(conn, account, view)

    context = await request.app[PARTS].store.read(look)
    context |= {"error": error, "errors": errors or {}, "entered": entered or {}, "sides": list(Side)}
    context |= {"scores": range(BEST_SCORE, WORST_SCORE - 1, -1)}
    return render(request, "frontline_one.html", context, status=status)


def may_see(conn: Connection, account: Account, view: ActionView) -> bool:
    """Say whether this person's unit has a part in the action, or watches over all of them."""
    parts = {view.unit, *(target.unit for target in view.targets)}
    return account.unit in parts or _sees_all(conn, account)


def _powers(conn: Connection, account: Account, view: ActionView) -> dict[str, Any]:
    """Return what this person may do in the action; the store asks again."""
    leads = account.role in COMMANDERS and account.unit == view.unit
    unit = units.unit(conn, account.unit)
    central = unit is not None and unit.kind == COMMAND_CENTRE and not leads
    secret = view.confidential == Secrecy.SECRET and not leads
    return {
        "leads": leads,
        "arbitrates": central and account.role in ARBITERS,
        "responds": account.role in RESPONDERS,
        "title": "" if secret else view.title,
    }


@routes.post(r"/frontline/{action:\d{1,9}}/{step:[a-z_]{3,10}}")
@needs(Permission.FRONTLINE)
async def step(request: web.Request) -> web.Response:
    """Do one step; who may do which, the store says."""
    what = request.match_info["step"]
    if (form := STEPS.get(what)) is None:
        raise web.HTTPNotFound
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, number = request.app[PARTS], int(request.match_info["action"])
    how = Circumstances(_actor(request), parts.now(), parts.rules)
    try:
        texts = dict.fromkeys(form.fields, "") | read_texts(request, form.fields, sent)
        read = Read(texts, *_times(request, texts))
        await parts.store.write(lambda conn: form.make(conn, number, read, how))
    except Invalid as error:
        return await action_page(request, status=400, errors=error.fields, entered=sent | {"step": what})
    except (Refusal, Conflict) as error:
        return await action_page(request, status=409, error=str(error), entered=sent | {"step": what})
    raise web.HTTPSeeOther(f"/frontline/{request.match_info['action']}")


def _times(request: web.Request, texts: Mapping[str, str]) -> tuple[datetime | None, date | None]:
    when, again = texts.get("report_at"), texts.get("recheck_on")
    return (
        moment(request, "report_at", when) if when else None,
        day(request, "recheck_on", again) if again else None,
    )


def _sees_all(conn: Connection, account: Account) -> bool:
    unit = units.unit(conn, account.unit)
    return account.role in SEES_ALL or (unit is not None and unit.kind == COMMAND_CENTRE)


def _actor(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
