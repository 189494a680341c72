"""知识库 beside a call: what fits the words so far, that an answer was used, and that none was found."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Refused, Text, json_object, names_only, read_texts
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import knowledge_search, knowledge_use, people
from storage.knowledge_search import Hit, Wanted

OFFERED: Final = 5
ASKED: Final = {"q": Text(10_000, lines=True), "category": Text(40)}
USED: Final = {"call": Text(64)}
GAP: Final = {"text": Text(10_000, required=True, lines=True), "call": Text(64)}

routes = web.RouteTableDef()


@routes.get("/api/knowledge")
@needs(Permission.KNOWLEDGE)
async def fitting(request: web.Request) -> web.Response:
    """Return the articles that fit what has been typed, or those of the category while nothing has."""
    return await _fitting(request, {name: request.query[name] for name in ASKED if name in request.query})


@routes.post("/api/knowledge")
@needs(Permission.KNOWLEDGE)
async def fitting_words(request: web.Request) -> web.Response:
    """Do the same for a long text: what a citizen has said has no place in an address, which logs keep."""
    return await _fitting(request, await json_object(request))


async def _fitting(request: web.Request, asked: Mapping[str, object]) -> web.Response:
    texts = read_texts(request, ASKED, asked)
    wanted = Wanted(words=texts.get("q", ""), category=texts.get("category", ""))
    parts = request.app[PARTS]
    today = parts.now().astimezone(parts.settings.zone).date()

    def look(conn: Connection) -> list[Hit]:
        if not wanted.words and not wanted.category:
            return []
        return knowledge_search.find(conn, wanted, today=today, most=OFFERED)

    found = await parts.store.read(look)
    return web.json_response({"articles": [_told(request, hit) for hit in found]})


@routes.post(r"/api/knowledge/{id:\d{1,9}}/used")
@needs(Permission.KNOWLEDGE)
async def used(request: web.Request) -> web.Response:
    """Note that a citizen was answered with it; `helpful: false` says that it did not help."""
    body = await json_object(request)
    names_only(request, body, frozenset({"call", "helpful"}))
    helpful = body.pop("helpful", True)
    if not isinstance(helpful, bool):
        raise Refused(say(request, "form.not_json"))
    call = read_texts(request, USED, body).get("call", "")
    parts, by, number = request.app[PARTS], _actor(request), int(request.match_info["id"])
    at = parts.now()
    await parts.store.write(
        lambda conn: knowledge_use.used(conn, number, call=call, helpful=helpful, by=by, at=at)
    )
    return web.Response(status=204)


@routes.post("/api/knowledge/gap")
@needs(Permission.KNOWLEDGE)
async def gap(request: web.Request) -> web.Response:
    """Note a question without an answer, so that somebody writes one."""
    texts = read_texts(request, GAP, await json_object(request))
    parts, by = request.app[PARTS], _actor(request)
    at, words, call = parts.now(), texts["text"][: knowledge_use.LONGEST_GAP], texts.get("call", "")
    await parts.store.write(lambda conn: knowledge_use.missing(conn, words, call=call, by=by, at=at))
    return web.Response(status=204)


def _told(request: web.Request, hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": hit.title,
        "answer": hit.answer,
        "citizen_answer": hit.citizen_answer,
        "unit": hit.unit_name,
        "valid_until": hit.valid_until.isoformat() if hit.valid_until else None,
        "stale": hit.stale,
        "why": why(request, hit),
    }


def why(request: web.Request, hit: Hit) -> str:
    """Say in the reader's language why it was found."""
    reasons = []
    if hit.shared:
        reasons.append(say(request, "knowledge.why_words", words="、".join(hit.shared)))
    if hit.same_category:
        reasons.append(say(request, "knowledge.why_category", name=hit.category_name))
    return " · ".join(reasons)


def _actor(request: web.Request) -> people.Actor:
    return people.actor(request[SIGNED].account)
