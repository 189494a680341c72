"""The list of cases and the page of one case.

Context of cases.html: filters, found, states, intents, units. Of case.html: case, moves, timeline, clocks, calls,
registers, filed_at (a kiosk, or None), centre, who (the name behind a login), may_reveal, error, errors, entered.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.policies import Intent
from cases.workflow import State
from console.case_facts import actor_name
from console.case_registers import calls_in, clocks_shown, readable, registers_of
from console.case_view import (
    CENTRE,
    as_json,
    as_seen_by,
    may_reveal,
    may_see_secret,
    moves_for,
    timeline,
)
from console.forms import Text, page_of, read_texts
from console.i18n import say
from console.move_choices import Choices, choices_of
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.revealing import REASONS, reason_of
from console.sessions import SIGNED
from storage import calls, cases, history, kiosk_reports, people, units
from storage.cases import Filters, Found, Missing
from storage.errors import Invalid
from storage.units import Unit

LISTED: Final = tuple(state for state in State if state is not State.DRAFT)
FILTERS: Final = {
    "q": Text(64),
    "state": Text(32, one_of=frozenset(LISTED)),
    "intent": Text(10, one_of=frozenset(Intent)),
    "unit": Text(64),
    "since": Text(10),
    "until": Text(10),
    "overdue": Text(1, one_of=frozenset("1")),
    "page": Text(4),
}
PREFERENCES: Final = frozenset({"lang", "theme", "size"})

routes = web.RouteTableDef()


@routes.get("/cases")
@needs(Permission.CASES)
async def listing(request: web.Request) -> web.Response:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    asked = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    filters, page = _filters(request, asked), page_of(request, asked["page"])

    def look(conn: Connection) -> tuple[Found, list[Unit]]:
        return cases.search(conn, filters, page), units.units(conn)

    found, all_units = await request.app[PARTS].store.read(look)
    context = {
        "filters": asked,
        "found": found,
        "states": [(state.value, state.text) for state in LISTED],
        "intents": [intent.value for intent in Intent],
        "units": all_units,
    }
    return render(request, "cases.html", context)


def _filters(request: web.Request, asked: dict[str, str]) -> Filters:
    account = request[SIGNED].account
    until = _day(request, "until", asked["until"])
    return Filters(
        words=asked["q"],
        state=State(asked["state"]) if asked["state"] else None,
        intent=asked["intent"],
        # A unit's people find their own unit's cases, whatever they ask for.
        unit=asked["unit"] if account.role in CENTRE else account.unit,
        since=_day(request, "since", asked["since"]),
        until=until + timedelta(days=1) if until else None,
        late_at=request.app[PARTS].now() if asked["overdue"] else None,
        # Or a unit would learn by searching whose number is behind a confidential case.
        callers=account.role in CENTRE,
        secret=may_see_secret(account.role),
    )


def _day(request: web.Request, name: str, text: str) -> datetime | None:
    """Return the beginning of the day in the city."""
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=request.app[PARTS].settings.zone)
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None
    if not 2000 <= day.year <= 2999:
        raise Invalid({name: say(request, "form.date")})
    return day


@routes.get("/cases/{no}")
@needs(Permission.CASES)
async def one(request: web.Request) -> web.Response:
    return await case_page(request, request.match_info["no"])


@routes.post("/cases/{no}/reveal")
@needs(Permission.CASES)
async def reveal(request: web.Request) -> web.Response:
    """Show the whole number to somebody who says why, and write down who it was."""
    no, by, at = request.match_info["no"], request[SIGNED].account.login, request.app[PARTS].now()
    detail = await reason_of(request)

    def note(conn: Connection) -> None:
        if not may_reveal(request, as_seen_by(request, cases.case(conn, no))):
            raise Missing(no)
        history.append(conn, subject=no, kind="contact.revealed", actor=by, detail=detail, at=at)

    await request.app[PARTS].store.write(note)
    return await case_page(request, no, revealed=True)


async def case_page(
    request: web.Request,
    no: str,
    *,
    status: int = 200,
    error: str | None = None,
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
    revealed: bool = False,
) -> web.Response:
    """Return the page of a case; after a refused move with the reason and with all that was typed."""

    account, parts = request[SIGNED].account, request.app[PARTS]
    role = account.role

    def look(conn: Connection) -> dict[str, Any]:
        case = as_seen_by(request, cases.case(conn, no), revealed=revealed)
        heard = allowed(role, Permission.CALLS)
        return {
            "case": case,
            "choices": choices_of(conn, case, account, entered),
            "names": people.names(conn),
            "calls": calls.briefs(conn, calls_in(case)) if heard else [],
            "registers": registers_of(conn, case, role) if case.content else [],
            "filed_at": kiosk_reports.filed_at(conn, no) if case.content else None,
        }

    found = await parts.store.read(look)
    case, choices = found["case"], found["choices"]
    context: dict[str, Any] = found | {
        "may_reveal": may_reveal(request, case) and not revealed,
        "why_reveal": REASONS,
        "readable": readable,
        "centre": role in CENTRE,
        "moves": moves_for(request, case, choices),
        "timeline": timeline(
            request, case, found["names"], {one.id: one.short_name for one in choices.units}
        ),
        "who": lambda login: actor_name(request, login, found["names"]),
        "clocks": clocks_shown(case, parts.rules.calendar),
        "error": error,
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "case.html", context, status=status)


@routes.get("/api/cases/{no}")
@needs(Permission.CASES)
async def one_for_scripts(request: web.Request) -> web.Response:
    no = request.match_info["no"]
    case = await request.app[PARTS].store.read(lambda conn: cases.case(conn, no))
    return web.json_response(as_json(request, as_seen_by(request, case), moves_for(request, case, Choices())))
