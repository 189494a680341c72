"""诉求公开 and 办事指南: what everybody may read, found by words, without scripts.

Context of published.html: found, q, matter, matters. Of published_one.html: one, steps. Of guide.html: articles, q,
matter, tree, columns and kind (at a kiosk whose guide is arranged). Of guide_one.html: one. All of them: frame,
prefix, kiosk.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console import site_views
from console.citizen_pages import steps_of
from console.moments import number_of, page_number
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.site import site_of
from storage import guide as guides
from storage import knowledge_public, public_site, units

LONGEST_QUERY: Final = 64
MOST_PAGES: Final = 50

routes = web.RouteTableDef()


def _asked(request: web.Request, name: str) -> str:
    words = request.query.get(name, "")[:LONGEST_QUERY]
    return "".join(sign for sign in words if sign.isprintable()).strip()


@routes.get("/published")
@routes.get("/kiosk/published")
@needs(Permission.PUBLIC)
async def listing(request: web.Request) -> web.Response:
    site, parts = await site_of(request), request.app[PARTS]
    q, matter, page = _asked(request, "q"), _asked(request, "matter"), min(page_number(request), MOST_PAGES)

    def look(conn: Connection) -> dict[str, Any]:
        matters = [(one.code, one.name) for one in units.categories(conn) if one.parent is None]
        known = matter if matter.isalnum() and matter.isascii() else ""
        found = public_site.find(conn, q, matter=known, page=page)
        return {"found": found, "matters": matters, "q": q, "matter": known}

    return render(request, "published.html", site.context() | await parts.store.read(look))


@routes.get("/published/{no}")
@routes.get("/kiosk/published/{no}")
@needs(Permission.PUBLIC)
async def one(request: web.Request) -> web.Response:
    """Show one published case; what is not public is not there."""
    site, no = await site_of(request), request.match_info["no"]
    found = await request.app[PARTS].store.read(lambda conn: public_site.published(conn, no))
    if found is None:
        raise web.HTTPNotFound
    site_views.note(request, found.no)
    context = {"one": found, "steps": steps_of(request, found.state, found.trail)}
    return render(request, "published_one.html", site.context() | context)


@routes.get("/guide")
@routes.get("/kiosk/guide")
@needs(Permission.PUBLIC)
async def guide(request: web.Request) -> web.Response:
    """Show what matches; without a question, the columns and their kinds."""
    site, parts = await site_of(request), request.app[PARTS]
    q, matter = _asked(request, "q"), _asked(request, "matter")
    today = parts.now().astimezone(parts.settings.zone).date()

    kind = number_of(request.query.get("class", "")) if site.kiosk else 0

    def look(conn: Connection) -> dict[str, Any]:
        columns = guides.columns(conn) if site.kiosk else []
        chosen = guides.articles(conn, kind, today=today) if kind else None
        asked = q or matter
        found = knowledge_public.public_articles(conn, q, today=today, category=matter) if asked else []
        return {
            "articles": chosen[1] if chosen else found,
            "kind": chosen[0] if chosen else None,
            "tree": [] if columns else knowledge_public.public_tree(conn, today=today),
            "columns": columns,
        }

    context = site.context() | {"q": q, "matter": matter} | await parts.store.read(look)
    return render(request, "guide.html", context)


@routes.get("/guide/{id:[0-9]{1,9}}")
@routes.get("/kiosk/guide/{id:[0-9]{1,9}}")
@needs(Permission.PUBLIC)
async def article(request: web.Request) -> web.Response:
    site, parts = await site_of(request), request.app[PARTS]
    number, today = int(request.match_info["id"]), parts.now().astimezone(parts.settings.zone).date()
    found = await parts.store.read(lambda conn: knowledge_public.public_article(conn, number, today=today))
    if found is None:
        raise web.HTTPNotFound
    return render(request, "guide_one.html", site.context() | {"one": found})
