"""The agent's desk: its page, and what its form asks and sends.

Context of desk.html: boot (login, name, seat, role, actions, keys, usual_keys, looks). The rest comes over /live/desk.
"""

from datetime import datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.limits import Limit, due_at
from cases.policies import ClockKind, Intent
from cases.rules import Rules
from console.desk_api import looks_of
from console.desk_keys import DEFAULTS, keys_of
from console.filing import CALL, CASE_FIELDS, carry_out, read_order
from console.forms import Text, json_object, mapping, names_only, read_texts
from console.health import FIGURES
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.transcripts import TRANSCRIPTS
from console.writing import epoch_ms
from storage import intake, people, preferences, units
from storage.errors import Invalid
from storage.promises import limit_for_new

SENT: Final = frozenset({"key", "action", "call", "fields", "answer", "units", "instruction", "suggestion"})
# A draft may be too long or half wrong: it is kept all the same, and judged when it is filed.
DRAFT_FIELDS: Final = {
    name: Text(10_000, lines=True) for name in (*CASE_FIELDS, "answer", "instruction", "channel")
}

routes = web.RouteTableDef()


@routes.get("/desk")
@needs(Permission.DESK)
async def page(request: web.Request) -> web.Response:
    account = request[SIGNED].account
    kept = await request.app[PARTS].store.read(lambda conn: preferences.preferences(conn, account.login))
    who = {"login": account.login, "name": account.name, "seat": account.seat, "role": account.role.value}
    keys = {"actions": list(DEFAULTS), "keys": keys_of(kept), "usual_keys": dict(DEFAULTS)}
    boot = who | keys | {"looks": looks_of(kept)}
    return render(request, "desk.html", {"boot": boot})


@routes.put("/api/drafts/{call}")
@needs(Permission.DESK)
async def save_draft(request: web.Request) -> web.Response:
    """Keep what the agent has typed so far, and tell the number that the case will have."""
    parts, call = request.app[PARTS], request.match_info["call"]
    if not CALL.fullmatch(call):
        raise web.HTTPNotFound
    body = await json_object(request)
    names_only(request, body, frozenset({"fields"}))
    fields = read_texts(request, DRAFT_FIELDS, mapping(request, "fields", body.get("fields")))
    by, at = request[SIGNED].account.login, parts.now()
    no = await parts.store.write(
        lambda conn: intake.keep_draft(conn, call=call, by=by, fields=fields, at=at, rules=parts.rules)
    )
    request.app[FIGURES].add("hotline_drafts_saved_total")
    return web.json_response({"no": no})


@routes.post("/api/cases")
@needs(Permission.DESK)
async def file_case(request: web.Request) -> web.Response:
    """Register a case, or answer it on the spot, or register and dispatch it."""
    parts = request.app[PARTS]
    body = await json_object(request)
    names_only(request, body, SENT)
    order = read_order(request, body)
    by, at = people.actor(request[SIGNED].account), parts.now()
    filed = await parts.store.write(
        lambda conn: carry_out(conn, order, by=by, at=at, rules=parts.rules), retryable=True
    )
    if order.form.call:
        await request.app[TRANSCRIPTS].look([order.form.call])
    if not filed.again:
        request.app[FIGURES].add("hotline_cases_created_total", f'action="{order.action}"')
    return web.json_response(
        {
            "no": filed.no,
            "digits": filed.digits,
            "code": filed.code,
            "due_at": epoch_ms(filed.due_at),
            "state_text": filed.state_text,
        }
    )


@routes.get("/api/directory")
@needs(Permission.CASES)
async def directory(request: web.Request) -> web.Response:
    """Return the whole tree of matters and all units: small, and the same for everybody."""

    def look(conn: Connection) -> tuple[list[units.Category], list[units.Unit]]:
        return units.categories(conn), units.units(conn)

    categories, found = await request.app[PARTS].store.read(look)
    return web.json_response(
        {
            "categories": [
                {"code": each.code, "name": each.name, "parent": each.parent} for each in categories
            ],
            "units": [
                {"id": each.id, "name": each.name, "short": each.short_name, "parent": each.parent}
                for each in found
            ],
        }
    )


@routes.get("/api/due")
@needs(Permission.CASES)
async def due(request: web.Request) -> web.Response:
    """Say until when a case registered and dispatched now would have to be read and replied to."""
    asked = read_texts(request, {"intent": Text(10), "category": Text(40)}, request.query)
    try:
        intent = Intent(asked.get("intent", ""))
    except ValueError:
        raise Invalid({"intent": say(request, "form.choice")}) from None
    parts, category = request.app[PARTS], asked.get("category", "")
    rules, at = parts.rules, parts.now()

    def look(conn: Connection) -> list[Limit | None]:
        kinds = (ClockKind.READ, ClockKind.REPLY)
        return [limit_for_new(conn, rules.policy, kind, category=category, intent=intent) for kind in kinds]

    read, reply = [_told(limit, rules, at) for limit in await parts.store.read(look)]
    return web.json_response({"read_by": read[0], "reply_by": reply[0], "text": reply[1]})


def _told(limit: Limit | None, rules: Rules, at: datetime) -> tuple[Any, str]:
    if limit is None:
        return None, ""
    return epoch_ms(due_at(at, limit, rules.calendar, rules.hours)), limit.text
