"""审计日志: what the history holds, for auditors and administrators, to read and to take away.

Context of audit.html: filters, page, query, names, kinds.
"""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from console import exports
from console.forms import Text, read_texts
from console.i18n import say
from console.pages import PREFERENCES, render
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import audit, people
from storage.audit import Question
from storage.errors import Invalid

FILTERS: Final = {
    "since": Text(10),
    "until": Text(10),
    "actor": Text(64),
    "subject": Text(64),
    "kind": Text(64),
    "below": Text(12),
}
DAYS: Final = 31
USUAL_DAYS: Final = 7
KINDS: Final = (
    "session.",
    "account.",
    "factor.",
    "sso.",
    "revealed",
    "recording.",
    "export",
    "case.",
    "seat.",
)

routes = web.RouteTableDef()


@routes.get("/audit")
@needs(Permission.AUDIT)
async def page(request: web.Request) -> web.Response:
    texts, asked = _asked(request)
    below = int(texts["below"]) if texts["below"] else None

    def look(conn: Connection) -> dict[str, Any]:
        return {"page": audit.find(conn, asked, below=below), "names": people.names(conn)}

    found = await request.app[PARTS].store.read(look)
    query = urlencode({name: value for name, value in texts.items() if value and name != "below"})
    context = {"filters": texts, "query": query, "kinds": KINDS, "plain": plain}
    return render(request, "audit.html", found | context)


@routes.get("/audit.{kind:csv|xlsx}")
@needs(Permission.AUDIT)
async def export(request: web.Request) -> web.Response:
    """Return the lines asked for as a file; that somebody took them is a line, too."""
    texts, asked = _asked(request)
    facts = await request.app[PARTS].store.read(lambda conn: audit.everything(conn, asked))
    head = [say(request, f"audit.{name}") for name in ("id", "at", "actor", "kind", "subject", "detail")]
    zone = request.app[PARTS].settings.zone
    rows = [
        [
            one.id,
            f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            one.actor,
            one.kind,
            one.subject,
            plain(one.detail),
        ]
        for one in facts
    ]
    detail = {name: value for name, value in texts.items() if value}
    return await exports.send(
        request, f"audit-{texts['since']}-{texts['until']}", [head, *rows], detail=detail
    )


def plain(detail: dict[str, Any]) -> str:
    """Return what a line tells besides, in one line of text."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)[1:-1].replace('"', "")


def _asked(request: web.Request) -> tuple[dict[str, str], Question]:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    if texts["below"] and not (texts["below"].isascii() and texts["below"].isdecimal()):
        raise Invalid({"below": say(request, "form.number")})
    today = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date()
    texts["until"] = texts["until"] or f"{today}"
    until = _day(request, "until", texts["until"]) + timedelta(days=1)
    texts["since"] = texts["since"] or f"{(until - timedelta(days=USUAL_DAYS)):%Y-%m-%d}"
    since = _day(request, "since", texts["since"])
    if not timedelta() < until - since <= timedelta(days=DAYS):
        raise Invalid({"since": say(request, "audit.span", days=DAYS)})
    return texts, Question(
        since.astimezone(UTC), until.astimezone(UTC), texts["actor"], texts["subject"], texts["kind"]
    )


def _day(request: web.Request, name: str, text: str) -> datetime:
    zone = request.app[PARTS].settings.zone
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone).date()
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None
    if not 2000 <= day.year <= 2999:
        raise Invalid({name: say(request, "form.date")})
    return datetime.combine(day, time(), zone)
