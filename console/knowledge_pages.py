"""知识库: what citizens are to be answered, found and read by everybody who works here.

Context of knowledge.html: filters, hits, reasons (by id), categories, most. Of knowledge_one.html: live, versions, waiting,
names, writes, steps (that one may take), wrote, today, entered, errors, error. Of knowledge_piles.html: listed, pile, piles,
names, today.
"""

from datetime import date
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.knowledge import EDITORS, KnowledgeStep, NotYourArticle, check_step
from cases.workflow import Refusal
from console.forms import Text, page_of
from console.knowledge_api import why
from console.moments import day
from console.org_forms import asked, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import knowledge, knowledge_lists, knowledge_search, people, units
from storage.errors import Conflict, Invalid, Missing
from storage.knowledge_lists import PILES, Version
from storage.knowledge_search import Wanted
from storage.people import Actor

FILTERS: Final = {"q": Text(100), "category": Text(40), "owner": Text(64)}
PILE: Final = {"pile": Text(10, one_of=frozenset(PILES))}
MOST: Final = 40
_VERSION: Final = Text(6, required=True)
STEPS: Final[dict[str, dict[str, Text]]] = {
    "check": {"version": _VERSION},
    "release": {"version": _VERSION},
    "refuse": {"version": _VERSION, "why": Text(500, required=True, lines=True)},
    "withdraw": {"version": _VERSION, "why": Text(500, required=True, lines=True)},
    "confirm": {"version": _VERSION, "review_by": Text(10, required=True)},
}

routes = web.RouteTableDef()


@routes.get("/knowledge")
@needs(Permission.KNOWLEDGE)
async def listing(request: web.Request) -> web.Response:
    filters = asked(request, FILTERS)
    wanted = Wanted(words=filters["q"], category=filters["category"], owner=filters["owner"])
    today = today_of(request)

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "hits": knowledge_search.find(conn, wanted, today=today, most=MOST),
            "categories": units.categories(conn),
        }

    context = await request.app[PARTS].store.read(look)
    context["reasons"] = {hit.id: why(request, hit) for hit in context["hits"]}
    return render(request, "knowledge.html", context | {"filters": filters, "most": MOST})


@routes.get("/knowledge/piles")
@needs(Permission.KNOWLEDGE_WRITE)
async def piles(request: web.Request) -> web.Response:
    """What waits for somebody: for an editor all of it, for a unit its own."""
    filters = asked(request, PILE)
    name, page, by = filters["pile"] or PILES[0], page_of(request, filters["page"]), actor_of(request)
    today = today_of(request)

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "listed": knowledge_lists.pile(conn, name, by=by, today=today, page=page),
            "names": people.names(conn),
        }

    context = await request.app[PARTS].store.read(look)
    return render(request, "knowledge_piles.html", context | {"pile": name, "piles": PILES, "today": today})


@routes.get(r"/knowledge/{id:\d{1,9}}")
@needs(Permission.KNOWLEDGE)
async def one(request: web.Request) -> web.Response:
    return await _one(request)


async def _one(
    request: web.Request,
    *,
    status: int = 200,
    error: str = "",
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    number, by = int(request.match_info["id"]), actor_of(request)

    def look(conn: Connection) -> dict[str, Any]:
        return {"versions": knowledge_lists.versions(conn, number), "names": people.names(conn)}

    context = await request.app[PARTS].store.read(look)
    found: list[Version] = context["versions"]
    live = next((each for each in found if each.is_live), None)
    if live is None and not _writes(by, found[0].owner):
        raise Missing("not in force")
    waiting = found[0] if found[0].is_open else None
    context |= {
        "live": live,
        "waiting": waiting,
        "writes": _writes(by, found[0].owner),
        "steps": [what.value for what in KnowledgeStep if _may(what, by, found[0].owner)],
        "wrote": waiting is not None and by.login in _wrote(found),
        "today": today_of(request),
        "error": error,
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "knowledge_one.html", context, status=status)


@routes.post(r"/knowledge/{id:\d{1,9}}/{step:check|refuse|release|withdraw|confirm}")
@needs(Permission.KNOWLEDGE_WRITE)
async def step(request: web.Request) -> web.Response:
    number, what = int(request.match_info["id"]), request.match_info["step"]
    parts, by, today = request.app[PARTS], actor_of(request), today_of(request)
    at, texts = parts.now(), await sent_texts(request, STEPS[what])
    version = int(texts["version"]) if texts["version"].isdecimal() else 0

    def work(conn: Connection) -> None:
        match what:
            case "check":
                knowledge.check(conn, number, version, by=by, at=at)
            case "refuse":
                knowledge.refuse(conn, number, version, texts["why"], by=by, at=at)
            case "release":
                knowledge.release(conn, number, version, by=by, at=at, today=today)
            case "confirm":
                review = day(request, "review_by", texts["review_by"])
                knowledge.confirm(conn, number, version, review, by=by, at=at, today=today)
            case _:
                knowledge.withdraw(conn, number, version, texts["why"], by=by, at=at)

    try:
        await parts.store.write(work)
    except Invalid as error:
        return await _one(request, status=400, errors=error.fields, entered=texts | {"step": what})
    except (Refusal, Conflict) as error:
        return await _one(request, status=409, error=str(error), entered=texts | {"step": what})
    raise web.HTTPSeeOther(f"/knowledge/{number}")


def today_of(request: web.Request) -> date:
    """Return the day it is in the city."""
    parts = request.app[PARTS]
    return parts.now().astimezone(parts.settings.zone).date()


def actor_of(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)


def _writes(by: Actor, owner: str) -> bool:
    return _may(KnowledgeStep.CHECK, by, owner)


def _may(what: KnowledgeStep, by: Actor, owner: str) -> bool:
    try:
        check_step(what, by.role, by.unit, owner=owner)
    except NotYourArticle:
        return False
    return by.role in EDITORS or allowed(by.role, Permission.KNOWLEDGE_WRITE)


def _wrote(versions: list[Version]) -> set[str]:
    """Return who wrote on what waits: the same people whom the store does not let check it."""
    writers = set()
    for each in versions:
        if each.live_at is not None:
            break
        writers.add(each.made_by)
    return writers
