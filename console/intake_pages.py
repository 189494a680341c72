"""登记: a case that came in by web, text message, fax, mail, letter, in person, from the grid or from above.

What comes by telephone is registered at the desk; everything else here, and both go the same way from then on.
Context of intake.html: categories, channels, intents, urgencies, reply_ways, entered, errors, similar, advice, wanted, key,
filed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.hazards import hazards_in
from cases.policies import Intent, Urgency
from console.filing import CASE_FIELDS, REPLY_WAYS, case_form
from console.forms import Text, posted, read_texts
from console.health import FIGURES
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.unit_offers import FIND, LOOKING, Look, Offer, look_for, offers_of
from storage import cases, people, units
from storage.briefs import CaseBrief, open_like
from storage.cases import CaseForm, Registered
from storage.errors import Invalid
from storage.forms import CHANNELS
from storage.units import Category

FIELDS: Final = CASE_FIELDS | {
    "channel": Text(32, required=True, one_of=frozenset(CHANNELS)),
    "message_id": Text(200),
    "key": Text(64, required=True),
    "seen": Text(1, one_of=frozenset("1")),
    "advised": Text(1, one_of=frozenset("1")),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a form may be urgent: words of danger in it, or what its category has. A person decides."""

    words: tuple[str, ...]
    category: str
    """What the category proposes, if it is more than normal."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one form: a case, or open cases that may be about the same matter."""

    filed: Registered | None
    similar: list[CaseBrief]
    advice: Advice | None = None


@routes.get("/cases/new")
@needs(Permission.INTAKE)
async def form(request: web.Request) -> web.Response:
    return await _page(request, {})


@routes.post("/cases/new")
@needs(Permission.INTAKE)
async def register(request: web.Request) -> web.Response:
    """Register the case; what speaks against it is shown first: open cases like it, signs that it is urgent.

    When it is sent again it is registered as it then is.
    """
    sent = await posted(request)
    sent.pop("csrf", None)
    if sent.get(LOOKING):
        return await _page(request, sent)
    try:
        texts = {name: text for name, text in sent.items() if not name.startswith(FIND)}
        taken = await _take(request, read_texts(request, FIELDS, texts))
    except Invalid as error:
        return await _page(request, sent, errors=error.fields, status=400)
    if taken.filed is None:
        preset = {"urgency": taken.advice.category} if taken.advice and not sent.get("urgency") else {}
        return await _page(request, sent | preset, similar=taken.similar, advice=taken.advice)
    return await _page(request, {}, filed=taken.filed)


async def _take(request: web.Request, texts: dict[str, str]) -> Taken:
    parts = request.app[PARTS]
    by, at, rules = people.actor(request[SIGNED].account), parts.now(), parts.rules
    filled = case_form("", texts, channel=texts["channel"])
    key = _key(texts, by.login)

    def take(conn: Connection) -> Taken:
        similar = [] if texts.get("seen") else open_like(conn, filled.contact_number, filled.title)
        advice = None if texts.get("advised") else _advice(conn, filled)
        if similar or advice:
            return Taken(None, similar, advice)
        return Taken(cases.register(conn, filled, key=key, by=by, at=at, rules=rules), [])

    taken = await parts.store.write(take, retryable=True)
    if taken.filed and not taken.filed.again:
        request.app[FIGURES].add("hotline_cases_created_total", f'action="{texts["channel"]}"')
    return taken


def _advice(conn: Connection, form: CaseForm) -> Advice | None:
    """Return why somebody should think about the urgency, unless somebody has raised it already."""
    if form.urgency not in {"", Urgency.NORMAL}:
        return None
    words = hazards_in(form.title, form.content)
    category = units.category(conn, form.category)
    proposed = category.urgency if category and category.urgency != Urgency.NORMAL else ""
    return Advice(words, proposed) if words or proposed else None


def _key(texts: dict[str, str], login: str) -> str:
    """One message of a channel is one case, whoever enters it; without its id, one form is."""
    if texts.get("message_id"):
        return f"{texts['channel']}:{texts['message_id']}"
    return hashlib.sha256(f"{login}:{texts['key']}".encode()).hexdigest()


async def _page(
    request: web.Request,
    entered: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    similar: list[CaseBrief] | None = None,
    advice: Advice | None = None,
    filed: Registered | None = None,
    status: int = 200,
) -> web.Response:
    def look(conn: Connection) -> tuple[list[Category], list[Offer], Look]:
        found, known = look_for(conn, entered), units.unit(conn, entered.get("unit", ""))
        chosen = {known.id: known} if known else {}
        return units.categories(conn), offers_of("unit", [], chosen, entered, found), found

    categories, offers, looked = await request.app[PARTS].store.read(look)
    context: dict[str, Any] = {
        "categories": categories,
        "wanted": {
            "name": "unit",
            "label": say(request, "intake.wanted"),
            **dict.fromkeys(("required", "many", "below"), False),
            "offers": offers,
            "looked": bool(looked.name),
            "nothing": bool(looked.name) and not looked.found,
        },
        "channels": CHANNELS,
        "intents": [intent.value for intent in Intent],
        "urgencies": [urgency.value for urgency in Urgency],
        "reply_ways": REPLY_WAYS,
        "entered": entered,
        "errors": errors or {},
        "similar": similar or [],
        "advice": advice,
        "filed": filed,
        "key": entered.get("key") or secrets.token_urlsafe(24),
    }
    return render(request, "intake.html", context, status=status)
