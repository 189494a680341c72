"""知识缺口与使用: what was asked in vain and who is to answer it; what is used, what is not, and the indicators.

Context of knowledge_gaps.html: found, state, states, unsettled, units, names, decides, entered, errors, error. Of
knowledge_figures.html: first, last, shares (code, figure as text, part, whole), used, debts.
"""

from datetime import datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.indicators import BY_CODE
from cases.knowledge import EDITORS
from cases.workflow import Refusal
from console.forms import Text, page_of
from console.indicator_rows import plain, written
from console.knowledge_pages import actor_of, today_of
from console.moments import day
from console.org_forms import asked, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import knowledge_figures, knowledge_use, people, units
from storage.errors import Conflict, Invalid
from storage.knowledge_use import UNSETTLED, GapState

FILTERS: Final = {"state": Text(10, one_of=frozenset(GapState))}
SPAN: Final = {"first": Text(10), "last": Text(10)}
USUAL: Final = timedelta(days=30)
STEPS: Final[dict[str, dict[str, Text]]] = {
    "ask": {"unit": Text(64, required=True), "words": Text(200, required=True)},
    "answer": {"article": Text(9, required=True)},
    "dismiss": {"words": Text(200, required=True)},
}

routes = web.RouteTableDef()


@routes.get("/knowledge/gaps")
@needs(Permission.KNOWLEDGE_GAPS)
async def gaps(request: web.Request) -> web.Response:
    return await _gaps(request, asked(request, FILTERS))


async def _gaps(
    request: web.Request, filters: dict[str, str], *, status: int = 200, error: str = ""
) -> web.Response:
    state, page = filters["state"] or GapState.OPEN.value, page_of(request, filters["page"])

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "found": knowledge_use.gaps(conn, state, page=page),
            "units": units.units(conn),
            "names": people.names(conn),
        }

    context = await request.app[PARTS].store.read(look)
    context |= {
        "state": state,
        "states": [each.value for each in GapState],
        "unsettled": state in UNSETTLED,
        "decides": actor_of(request).role in EDITORS,
        "error": error,
    }
    return render(request, "knowledge_gaps.html", context, status=status)


@routes.post(r"/knowledge/gaps/{id:\d{1,9}}/{step:ask|answer|dismiss}")
@needs(Permission.KNOWLEDGE_GAPS)
async def decide(request: web.Request) -> web.Response:
    gap, what = int(request.match_info["id"]), request.match_info["step"]
    parts, by = request.app[PARTS], actor_of(request)
    at, usual = parts.now(), {"state": "", "page": ""}

    def work(conn: Connection) -> None:
        match what:
            case "ask":
                knowledge_use.ask(conn, gap, texts["unit"], texts["words"], by=by, at=at)
            case "answer":
                number = int(texts["article"]) if texts["article"].isdecimal() else 0
                knowledge_use.answer(conn, gap, number, by=by, at=at)
            case _:
                knowledge_use.dismiss(conn, gap, texts["words"], by=by, at=at)

    try:
        texts = await sent_texts(request, STEPS[what])
        await parts.store.write(work)
    except Invalid as error:
        return await _gaps(request, usual, status=400, error="; ".join(error.fields.values()))
    except (Refusal, Conflict) as error:
        return await _gaps(request, usual, status=409, error=str(error))
    raise web.HTTPSeeOther("/knowledge/gaps")


@routes.get("/knowledge/figures")
@needs(Permission.KNOWLEDGE_GAPS)
async def figures(request: web.Request) -> web.Response:
    filters, parts, today = asked(request, SPAN), request.app[PARTS], today_of(request)
    first = day(request, "first", filters["first"]) if filters["first"] else today - USUAL
    last = max(first, day(request, "last", filters["last"]) if filters["last"] else today)
    zone = parts.settings.zone
    begins = datetime.combine(first, time(), zone)
    ends = datetime.combine(last + timedelta(days=1), time(), zone)

    def look(conn: Connection) -> dict[str, Any]:
        shares = knowledge_figures.shares(conn, begins=begins, ends=ends, last_day=min(last, today))
        return {
            "shares": [
                (code, written(BY_CODE[code].form, each.value), plain(each.part), plain(each.whole))
                for code, each in shares.items()
            ],
            "used": knowledge_figures.used_most(conn, begins=begins, ends=ends),
            "debts": knowledge_figures.by_unit(conn, begins=begins, ends=ends, today=today),
        }

    context = await parts.store.read(look)
    return render(request, "knowledge_figures.html", context | {"first": first, "last": last})
