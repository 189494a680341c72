"""公开: the officers' piles, and one case with its original, the proposal of the rules, and every version of its copy.

Context of publication.html: found, pile, piles. Of publication_one.html: no, suggested, copies, public, waiting (the
proposed version), may_sign, decisions, reasons, entered, errors, error.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Refusal
from console.forms import Text, posted, read_texts
from console.moments import page_number
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import people, publication, publication_lists
from storage.errors import Conflict, Invalid
from storage.people import Actor
from storage.publication import DECISIONS, LONGEST, PROPOSED, REASONS, CopyForm
from storage.publication_lists import PILES

COPY: Final = {
    "decision": Text(10, required=True, one_of=frozenset(DECISIONS)),
    "reason": Text(20, one_of=frozenset(REASONS)),
    "title": Text(LONGEST["title"]),
    "content": Text(LONGEST["content"], lines=True),
    "reply": Text(LONGEST["reply"], lines=True),
    "checked": Text(1, one_of=frozenset("1")),
}
_VERSION = Text(6, required=True)
STEPS: Final[Mapping[str, dict[str, Text]]] = {
    "sign": {"version": _VERSION},
    "refuse": {"version": _VERSION, "comment": Text(500, required=True, lines=True)},
    "take_down": {"why": Text(500, required=True, lines=True)},
}

routes = web.RouteTableDef()


@routes.get("/publication")
@needs(Permission.PUBLICATION)
async def listing(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    pile = request.query.get("pile", "waiting")
    pile = pile if pile in PILES else "waiting"
    at, page = parts.now(), page_number(request)
    found = await parts.store.read(lambda conn: publication_lists.pile(conn, pile, at=at, page=page))
    return render(request, "publication.html", {"found": found, "pile": pile, "piles": PILES})


@routes.get("/publication/{no}")
@needs(Permission.PUBLICATION)
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
    no = request.match_info["no"]

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "suggested": publication.suggested(conn, no),
            "copies": publication_lists.copies(conn, no),
            "public": publication_lists.public_copy(conn, no),
        }

    context = await request.app[PARTS].store.read(look)
    waiting = next((copy for copy in context["copies"] if copy.state == PROPOSED), None)
    login = request[SIGNED].account.login
    context |= {
        "no": no,
        "waiting": waiting,
        "may_sign": waiting is not None and waiting.made_by != login,
        "decisions": DECISIONS,
        "reasons": REASONS,
        "error": error,
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "publication_one.html", context, status=status)


@routes.post("/publication/{no}/propose")
@needs(Permission.PUBLICATION)
async def propose(request: web.Request) -> web.Response:
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, no = request.app[PARTS], _actor(request), request.match_info["no"]
    at = parts.now()
    try:
        texts = dict.fromkeys(COPY, "") | read_texts(request, COPY, sent)
        words = {name: texts[name] for name in ("decision", "reason", *LONGEST)}
        form = CopyForm(**words, checked=texts["checked"] == "1")
        await parts.store.write(lambda conn: publication.propose(conn, no, form, by=by, at=at))
    except Invalid as error:
        return await _one(request, status=400, errors=error.fields, entered=sent)
    except (Refusal, Conflict) as error:
        return await _one(request, status=409, error=str(error), entered=sent)
    raise web.HTTPSeeOther(f"/publication/{no}")


@routes.post("/publication/{no}/{step:sign|refuse|take_down}")
@needs(Permission.PUBLICATION)
async def step(request: web.Request) -> web.Response:
    no, what = request.match_info["no"], request.match_info["step"]
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    try:
        texts = read_texts(request, STEPS[what], sent)
        version = int(texts["version"]) if texts.get("version", "").isdecimal() else 0

        def work(conn: Connection) -> None:
            match what:
                case "sign":
                    publication.sign(conn, no, version, by=by, at=at)
                case "refuse":
                    publication.refuse(conn, no, version, texts["comment"], by=by, at=at)
                case _:
                    publication.take_down(conn, no, texts["why"], by=by, at=at)

        await parts.store.write(work)
    except Invalid as error:
        return await _one(request, status=400, errors=error.fields)
    except (Refusal, Conflict) as error:
        return await _one(request, status=409, error=str(error))
    raise web.HTTPSeeOther(f"/publication/{no}")


def _actor(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
