"""回拨: the calls we owe. Agents take them over and say what came of them, supervisors decide what nobody could reach.

Context of ring_backs.html: filters, found, words, counts, rate, rate_days, states, reasons. Of ring_back.html: one, words,
attempts, names, closings, may_supervise, mine, error, errors, entered.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.call_parts import RingBackReason
from cases.ring_backs import Closing
from console.forms import Text, page_of, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from routing.shift import Refused
from storage import people, ring_backs, transcripts
from storage.errors import Conflict, Invalid, Missing
from storage.ring_backs import CLOSING, Filters

STATES: Final = ("open", "overdue", "escalated", "closed", "all")
RATE_DAYS: Final = 7
FILTERS: Final = {
    "state": Text(10, one_of=frozenset(STATES)),
    "reason": Text(12, one_of=frozenset(RingBackReason)),
    "number": Text(21),
    "owner": Text(64),
    "since": Text(10),
    "until": Text(10),
    "page": Text(4),
}
# An agent says what he has heard; that nobody can be reached, or need not be, is for a supervisor to say.
AGENTS_MAY: Final = frozenset({Closing.REACHED, Closing.WRONG_NUMBER})
PREFERENCES: Final = frozenset({"lang", "theme", "size"})

routes = web.RouteTableDef()


@routes.get("/ring-backs")
@needs(Permission.RING_BACKS)
async def listing(request: web.Request) -> web.Response:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    asked = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    asked["state"] = asked["state"] or "open"
    filters, page, at = _filters(request, asked), page_of(request, asked["page"]), request.app[PARTS].now()

    def look(conn: Connection) -> dict[str, Any]:
        found = ring_backs.search(conn, filters, at=at, page=page)
        return {
            "found": found,
            "words": transcripts.words_of_messages(conn, [row.call for row in found.rows]),
            "counts": ring_backs.counts(conn, at),
            "rate": ring_backs.rate(conn, begins=at - timedelta(days=RATE_DAYS), ends=at, at=at),
        }

    context = await request.app[PARTS].store.read(look)
    context |= {"filters": asked, "rate_days": RATE_DAYS, "states": STATES, "reasons": list(RingBackReason)}
    return render(request, "ring_backs.html", context)


def _filters(request: web.Request, asked: dict[str, str]) -> Filters:
    until = _day(request, "until", asked["until"])
    return Filters(
        state=asked["state"],
        reason=asked["reason"],
        number=asked["number"],
        owner=asked["owner"],
        since=_day(request, "since", asked["since"]),
        until=until + timedelta(days=1) if until else None,
    )


def _day(request: web.Request, name: str, text: str) -> datetime | None:
    """Return the beginning of the day in the city."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=request.app[PARTS].settings.zone)
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None


@routes.get(r"/ring-backs/{call:[\w.-]{1,64}}")
@needs(Permission.RING_BACKS)
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
    call, account = request.match_info["call"], request[SIGNED].account

    def look(conn: Connection) -> dict[str, Any]:
        owed = ring_backs.owed(conn, call)
        if owed is None:
            raise Missing(call)
        paid_by = owed.merged_into or call
        return {
            "one": owed,
            "attempts": ring_backs.attempts_of(conn, [paid_by]).get(paid_by, []),
            "words": transcripts.words_of_messages(conn, [call]).get(call, ""),
            "names": {each.login: each.name for each in people.accounts(conn)},
        }

    context = await request.app[PARTS].store.read(look)
    supervises = allowed(account.role, Permission.SUPERVISE)
    context |= {
        "closings": [reason for reason in CLOSING if supervises or reason in AGENTS_MAY],
        "may_supervise": supervises,
        "mine": context["one"].owner == account.login,
        "error": error,
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "ring_back.html", context, status=status)


@routes.post(r"/ring-backs/{call:[\w.-]{1,64}}/{step:take|release|again|ring|close}")
@needs(Permission.RING_BACKS)
async def step(request: web.Request) -> web.Response:
    """Take it over, give it back, have it tried again, ring, or close it; then show it again."""
    sent = await posted(request)
    sent.pop("csrf", None)
    try:
        if request.match_info["step"] == "close":
            await _close(request, sent)
        else:
            await _hand(request, request.match_info["step"])
    except Invalid as error:
        return await _one(request, status=400, errors=error.fields, entered=sent)
    except (Conflict, Refused) as error:
        return await _one(request, status=409, error=str(error), entered=sent)
    raise web.HTTPSeeOther(f"/ring-backs/{request.match_info['call']}")


async def _close(request: web.Request, sent: dict[str, str]) -> None:
    fields = {
        "reason": Text(20, required=True, one_of=frozenset(CLOSING)),
        "note": Text(ring_backs.LONGEST_NOTE, lines=True),
    }
    texts = dict.fromkeys(fields, "") | read_texts(request, fields, sent)
    account, at, call = request[SIGNED].account, request.app[PARTS].now(), request.match_info["call"]
    if texts["reason"] not in AGENTS_MAY and not allowed(account.role, Permission.SUPERVISE):
        raise Invalid({"reason": say(request, "ring_backs.supervisor_only")})
    await request.app[PARTS].store.write(
        lambda conn: ring_backs.close(
            conn, call, reason=texts["reason"], by=account.login, at=at, note=texts["note"]
        )
    )


async def _hand(request: web.Request, what: str) -> None:
    """Change who has it. Raises Conflict with a sentence if somebody else was first."""
    parts, account, call = request.app[PARTS], request[SIGNED].account, request.match_info["call"]
    by, at, supervises = account.login, parts.now(), allowed(account.role, Permission.SUPERVISE)
    if what == "ring" and not account.seat:
        raise Conflict(say(request, "ring_backs.no_seat"))

    def work(conn: Connection) -> str:
        owed = ring_backs.owed(conn, call)
        if owed is None:
            raise Missing(call)
        if what == "release":
            done = (supervises or owed.owner == by) and ring_backs.release(conn, call, by=by, at=at)
        elif what == "again":
            done = supervises and ring_backs.try_again(conn, call, by=by, at=at)
        else:
            if what == "ring" and owed.moved == "night" and owed.next_at and owed.next_at > at:
                raise Conflict(say(request, "ring_backs.moved.night.why"))
            done = ring_backs.take_over(conn, call, by=by, at=at)
        if not done:
            raise Conflict(say(request, "ring_backs.not_yours"))
        return owed.dial or ""

    number = await parts.store.write(work)
    if what == "ring" and account.seat:
        try:
            parts.engine.ring_out(account.seat, number=number, purpose="ring_back", owed=call, by=by, at=at)
        except Refused:
            await parts.store.write(lambda conn: ring_backs.release(conn, call, by=by, at=at))
            raise
