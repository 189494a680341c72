"""撰写: an article as its writer fills it in, new or as the next version of one that is there.

Context of knowledge_edit.html: article (None for a new one), seen, categories, units, entered, errors, error.
"""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.knowledge import EDITORS
from cases.workflow import Refusal
from console.forms import Text
from console.knowledge_pages import actor_of, today_of
from console.moments import day
from console.org_forms import FLAG, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import knowledge, knowledge_lists, units
from storage.errors import Conflict, Invalid
from storage.knowledge import LONGEST, ArticleForm

_LINES: Final = frozenset({"questions", "answer", "citizen_answer", "sources"})
FIELDS: Final = {
    **{name: Text(longest, lines=name in _LINES) for name, longest in LONGEST.items()},
    "category": Text(40),
    "owner": Text(64),
    "public": FLAG,
    "valid_until": Text(10),
    "review_by": Text(10),
    "seen": Text(6),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the form shows again when it is sent back."""

    status: int = 200
    error: str = ""
    errors: dict[str, str] | None = None
    entered: dict[str, str] | None = None


@routes.get("/knowledge/new")
@needs(Permission.KNOWLEDGE_WRITE)
async def new(request: web.Request) -> web.Response:
    return await _form(request, None, Shown())


@routes.get(r"/knowledge/{id:\d{1,9}}/edit")
@needs(Permission.KNOWLEDGE_WRITE)
async def edit(request: web.Request) -> web.Response:
    return await _form(request, int(request.match_info["id"]), Shown())


async def _form(request: web.Request, article: int | None, shown: Shown) -> web.Response:
    by = actor_of(request)

    def look(conn: Connection) -> dict[str, Any]:
        everything = units.units(conn)
        newest = knowledge_lists.versions(conn, article)[0] if article else None
        return {
            "units": [each for each in everything if by.role in EDITORS or each.id == by.unit],
            "categories": units.categories(conn),
            "newest": newest,
        }

    context = await request.app[PARTS].store.read(look)
    newest = context.pop("newest")
    usual = {"owner": by.unit, "seen": "0"}
    if newest is not None:
        usual = {name: str(getattr(newest, name) or "") for name in FIELDS if hasattr(newest, name)}
        usual |= {"public": "1" if newest.public else "", "seen": str(newest.version)}
    context |= {
        "article": article,
        "entered": shown.entered or usual,
        "errors": shown.errors or {},
        "error": shown.error,
        "today": today_of(request),
        "most": LONGEST,
    }
    return render(request, "knowledge_edit.html", context, status=shown.status)


@routes.post("/knowledge/new")
@needs(Permission.KNOWLEDGE_WRITE)
async def add(request: web.Request) -> web.Response:
    return await _keep(request, None)


@routes.post(r"/knowledge/{id:\d{1,9}}/edit")
@needs(Permission.KNOWLEDGE_WRITE)
async def write(request: web.Request) -> web.Response:
    return await _keep(request, int(request.match_info["id"]))


async def _keep(request: web.Request, article: int | None) -> web.Response:
    parts, by, today = request.app[PARTS], actor_of(request), today_of(request)
    at, sent = parts.now(), await sent_texts(request, FIELDS)
    seen = int(sent["seen"]) if sent["seen"].isdecimal() else 0

    def work(conn: Connection) -> int:
        form = article_of(request, sent)
        if article is None:
            return knowledge.add(conn, form, by=by, at=at, today=today)
        knowledge.write(conn, article, form, seen=seen, by=by, at=at, today=today)
        return article

    try:
        number = await parts.store.write(work)
    except Invalid as error:
        return await _form(request, article, Shown(status=400, errors=error.fields, entered=sent))
    except (Refusal, Conflict) as error:
        return await _form(request, article, Shown(status=409, error=str(error), entered=sent))
    raise web.HTTPSeeOther(f"/knowledge/{number}")


def article_of(request: web.Request, sent: dict[str, str]) -> ArticleForm:
    """Return what was filled in; dates that are none are named."""
    valid, review = sent["valid_until"], sent["review_by"]
    return ArticleForm(
        **{name: sent[name] for name in (*LONGEST, "category", "owner")},
        public=bool(sent["public"]),
        valid_until=day(request, "valid_until", valid) if valid else None,
        review_by=day(request, "review_by", review) if review else None,
    )
