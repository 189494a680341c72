"""录音检索: finding the recording of a call. To hear one, its record asks why; each search is written down, too.

A number is sent in the body and never in an address, so that it stands in no log and no browser's memory.

Context of recordings.html: found, entered, errors, outcomes, seats, names, number, pages.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.call_parts import EndReason
from cases.telephone import canonical
from console.forms import Text, posted, read_texts
from console.i18n import say
from console.moments import day
from console.pages import PREFERENCES, render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.writing import masked
from storage import history, people, recording_search
from storage.errors import Invalid
from storage.numbers import subject_of
from storage.recording_search import Found, Wanted

SHOWN: Final = (
    "completed",
    "caller_hung_up",
    "seat_hung_up",
    "lost_restart",
    "message_left",
    "callback_asked",
)
FILTERS: Final = {
    "since": Text(10),
    "until": Text(10),
    "seat": Text(20),
    "case": Text(40),
    "outcome": Text(32, one_of=frozenset(SHOWN)),
    "least": Text(4),
    "number": Text(21),
    "page": Text(3),
}
LONGEST: Final = timedelta(days=31)
LONGEST_OF_NUMBER: Final = timedelta(days=366)
"""One caller's calls are found by an index of their own."""

routes = web.RouteTableDef()


@routes.get("/recordings")
@needs(Permission.LISTEN)
async def page(request: web.Request) -> web.Response:
    """Show today's, or what the address asks for; an address never asks for a number."""
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    if "number" in sent:
        raise Invalid({"number": say(request, "recordings.number_in_address")})
    return await _page(request, sent, noted=False)


@routes.post("/recordings")
@needs(Permission.LISTEN)
async def search(request: web.Request) -> web.Response:
    sent = await posted(request)
    sent.pop("csrf", None)
    return await _page(request, sent, noted=True)


async def _page(request: web.Request, sent: dict[str, str], *, noted: bool) -> web.Response:
    entered = {name: sent.get(name, "") for name in FILTERS}
    try:
        texts = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
        wanted, number = _wanted(request, texts), _page_number(request, texts["page"])
    except Invalid as error:
        return await _shown(request, entered, Found([], 1, 0), status=400, errors=error.fields)
    by, at = request[SIGNED].account.login, request.app[PARTS].now()
    if noted:
        detail = {name: text for name, text in texts.items() if text and name != "number"}

        def note(conn: Connection) -> None:
            about = subject_of(conn, canonical(texts["number"])) if texts["number"] else "recordings"
            history.append(conn, subject=about, kind="recording.searched", actor=by, detail=detail, at=at)

        await request.app[PARTS].store.write(note)
    found = await request.app[PARTS].store.read(lambda conn: recording_search.find(conn, wanted, number))
    return await _shown(request, texts, found)


async def _shown(
    request: web.Request,
    entered: dict[str, str],
    found: Found,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        seats = {one.seat: one.name for one in people.accounts(conn) if one.seat}
        return {"seats": dict(sorted(seats.items()))}

    today = request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone).date().isoformat()
    dates = {name: entered[name] or today for name in ("since", "until")}
    context = {
        "found": found,
        "rows": [(row, masked(row.number)) for row in found.rows],
        "entered": entered | dates,
        "errors": errors or {},
        "outcomes": SHOWN,
        "most": recording_search.MOST_COUNTED,
        **await request.app[PARTS].store.read(look),
    }
    return render(request, "recordings.html", context, status=status)


def _wanted(request: web.Request, texts: dict[str, str]) -> Wanted:
    zone = request.app[PARTS].settings.zone
    today = request.app[PARTS].now().astimezone(zone).date()
    until = day(request, "until", texts["until"]) if texts["until"] else today
    since = day(request, "since", texts["since"]) if texts["since"] else until
    longest = LONGEST_OF_NUMBER if texts["number"] else LONGEST
    if since > until or until - since > longest:
        raise Invalid({"since": say(request, "recordings.too_long", days=longest.days)})
    least = texts["least"] or "0"
    if not (least.isascii() and least.isdigit()):
        raise Invalid({"least": say(request, "form.number")})

    def begin(of: date) -> datetime:
        return datetime.combine(of, time(), zone)

    return Wanted(
        begins=begin(since),
        ends=begin(until + timedelta(days=1)),
        seat=texts["seat"],
        number=texts["number"].replace(" ", "").replace("-", ""),
        case=texts["case"],
        outcome=EndReason(texts["outcome"]) if texts["outcome"] else None,
        least_seconds=float(least),
    )


def _page_number(request: web.Request, text: str) -> int:
    most = recording_search.MOST_COUNTED // recording_search.PAGE
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Invalid({"page": say(request, "form.number")})
    return int(text or 1)
