"""What is proposed to an agent who takes down a case: matters, units, and cases like it, each with its reason.

By POST, because what a citizen says does not belong into the logs of addresses. GET is for trying it out.
"""

from typing import Any, Final

from aiohttp import web

from cases.suggesting import SAME_PLACE, Proposal, Reason, Resemblance, Why
from console.forms import Text, json_object, names_only, read_texts
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from console.suggestions import SUGGESTIONS, Asked, Found
from console.writing import epoch_ms
from storage.suggestion_rows import Past

ASKED: Final = {
    "text": Text(4_400, lines=True),
    "title": Text(200),
    "address": Text(400),
    "category": Text(40),
    "call": Text(64),
}
LIKE_PLACE: Final = 0.6

routes = web.RouteTableDef()


@routes.get("/api/suggest")
@needs(Permission.CASES)
async def suggest(request: web.Request) -> web.Response:
    return await _answer(request, read_texts(request, ASKED, request.query))


@routes.post("/api/suggest")
@needs(Permission.CASES)
async def suggest_for_form(request: web.Request) -> web.Response:
    """Propose and say why. What the agent does with it is the agent's decision."""
    body = await json_object(request)
    names_only(request, body, frozenset(ASKED))
    return await _answer(request, read_texts(request, ASKED, body))


async def _answer(request: web.Request, sent: dict[str, str]) -> web.Response:
    similar = allowed(request[SIGNED].account.role, Permission.DESK)
    at = request.app[PARTS].now()
    found = await request.app[SUGGESTIONS].propose(Asked(**sent), at=at, similar=similar)
    return web.json_response(_written(request, found))


def _written(request: web.Request, found: Found) -> dict[str, Any]:
    matters = request.app[SUGGESTIONS].matters.by_code
    return {
        "asked": str(found.shown),
        "categories": [
            {
                "code": each.code,
                "name": matters[each.code].name,
                "path": matters[each.code].path,
                "why": _why(request, each),
                "share": round(each.share, 3),
            }
            for each in found.matters
        ],
        "units": [
            {"id": unit.id, "name": unit.name, "why": _why(request, each)} for unit, each in found.units
        ],
        "similar": [_similar(request, past, same) for past, same in found.similar],
    }


def _why(request: web.Request, proposal: Proposal) -> str:
    return " · ".join(_reason(request, reason) for reason in proposal.reasons)


def _reason(request: web.Request, reason: Reason) -> str:
    said = say(request, f"suggest.{reason.why.value}", words=reason.words, count=reason.count, of=reason.of)
    return f"{said} · {reason.words}" if reason.why is Why.DUTY and reason.words else said


def _similar(request: web.Request, past: Past, same: Resemblance) -> dict[str, Any]:
    why = [say(request, "suggest.same_text", percent=round(100 * same.text))]
    if same.place >= SAME_PLACE:
        why.insert(0, say(request, "suggest.same_place"))
    elif same.place >= LIKE_PLACE:
        why.insert(0, say(request, "suggest.like_place"))
    if same.same_matter:
        why.append(say(request, "suggest.same_matter"))
    return {
        "no": past.no,
        "title": past.title,
        "at": epoch_ms(past.at),
        "state_text": past.state.text,
        "open": past.open,
        "place": past.address,
        "why": " · ".join(why),
    }
