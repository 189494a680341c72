"""What holds of the line for a while: the emergency switch, a group that helps, a closure, a leader's turn."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.i18n import say
from console.line_pages import line_page, moment, put_into_force
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from routing import rulebook
from storage import line_rules
from storage.errors import Conflict, Invalid
from storage.line_models import SpanKind

LONGEST_MINUTES: Final = 24 * 60
CONFIRMED: Final = Text(3, required=True, one_of=frozenset({"yes"}))
WHY: Final = Text(200, required=True)
NAME: Final = Text(32, required=True)
MOMENT: Final = Text(16, required=True)
FOR_SO_LONG: Final = {"minutes": Text(4, required=True), "why": WHY, "confirm": CONFIRMED}
FORMS: Final[Mapping[SpanKind, Mapping[str, Text]]] = {
    SpanKind.EMERGENCY: FOR_SO_LONG,
    SpanKind.SUPPORT: {"helper": NAME, "helped": NAME, **FOR_SO_LONG},
    SpanKind.CLOSURE: {"group": Text(32), "since": MOMENT, "until": MOMENT, "why": WHY, "confirm": CONFIRMED},
    SpanKind.DUTY: {
        "seat": NAME,
        "name": Text(64, required=True),
        "unit": Text(64),
        "skills": Text(200),
        "lines": Text(200),
        "since": MOMENT,
        "until": MOMENT,
        "open": Text(3, one_of=frozenset({"yes"})),
    },
}

routes = web.RouteTableDef()


@routes.post("/line/{kind:emergency|support|closure|duty}")
@needs(Permission.LINE)
async def begin(request: web.Request) -> web.StreamResponse:
    """Put it into force; a refusal is shown at its form with all that was typed."""
    kind = SpanKind(request.match_info["kind"])
    sent = await posted(request)
    sent.pop("csrf", None)
    try:
        await _begin(request, kind, sent)
    except Invalid as error:
        return await line_page(request, status=400, form=kind, errors=error.fields, entered=sent)
    except Conflict as error:
        return await line_page(request, status=409, form=kind, errors={"": str(error)}, entered=sent)
    await put_into_force(request)
    raise web.HTTPSeeOther("/line")


async def _begin(request: web.Request, kind: SpanKind, sent: Mapping[str, str]) -> None:
    fields = FORMS[kind]
    texts = dict.fromkeys(fields, "") | read_texts(request, fields, sent)
    at = request.app[PARTS].now()
    since, until = _times(request, texts, at)
    detail = _detail(kind, texts)
    await request.app[PARTS].store.write(
        lambda conn: rulebook.begin(
            conn,
            kind,
            detail,
            since=since,
            until=until,
            why=texts.get("why", ""),
            by=request[SIGNED].account.login,
            at=at,
        )
    )


def _times(request: web.Request, texts: Mapping[str, str], at: datetime) -> tuple[datetime, datetime]:
    if "minutes" not in texts:
        since, until = (moment(request, name, texts[name]) for name in ("since", "until"))
        if until <= at:
            raise Invalid({"until": say(request, "line.over")})
        return since, until
    minutes = texts["minutes"]
    if not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes) <= LONGEST_MINUTES):
        raise Invalid({"minutes": say(request, "line.minutes_wrong", most=LONGEST_MINUTES)})
    return at, at + timedelta(minutes=int(minutes))


def _detail(kind: SpanKind, texts: Mapping[str, str]) -> dict[str, Any]:
    match kind:
        case SpanKind.SUPPORT:
            return {"helper": texts["helper"], "helped": texts["helped"]}
        case SpanKind.CLOSURE:
            return {"group": texts["group"]}
        case SpanKind.DUTY:
            plain = {name: texts[name] for name in ("seat", "name", "unit")}
            scope = {name: texts[name].replace("，", ",").replace("、", ",") for name in ("skills", "lines")}
            lists = {
                name: [part.strip() for part in text.split(",") if part.strip()]
                for name, text in scope.items()
            }
            return {**plain, **lists, "reserved": texts["open"] != "yes"}
        case _:
            return {}


@routes.post(r"/line/spans/{id:\d{1,9}}/end")
@needs(Permission.LINE)
async def end(request: web.Request) -> web.StreamResponse:
    """Switch it off or take it back before its time."""
    sent = await posted(request)
    sent.pop("csrf", None)
    number, parts = int(request.match_info["id"]), request.app[PARTS]
    by, at = request[SIGNED].account.login, parts.now()
    try:
        texts = read_texts(request, {"why": WHY, "confirm": CONFIRMED}, sent)
    except Invalid as error:
        return await line_page(request, status=400, form=f"end-{number}", errors=error.fields, entered=sent)

    def take_back(conn: Connection) -> None:
        line_rules.end_span(conn, number, why=texts["why"], by=by, at=at)

    await parts.store.write(take_back)
    await put_into_force(request)
    raise web.HTTPSeeOther("/line")
