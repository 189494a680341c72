"""The page on which a citizen sees his case and acts on it: on the web and at a kiosk, without scripts.

Context of status.html: frame, prefix, kiosk, digits, error (None, "bad_input", "not_found", "locked", "too_many",
"over"), status (storage's Status or None), steps (name, state "done", "now" or "todo", at), sent (the dispatches),
ticket, done (what was done just now), entered, errors, and on the home page week, newest, guide (else None).
"""

import asyncio
import re
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Refusal, State
from console import site_week
from console.forms import Text, posted, read_texts
from console.guard import address_of
from console.health import FIGURES
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.site import KIOSK, Site, site_of, unindexed
from console.tries import Tries, network_of
from storage import online, public_site
from storage.callbacks import COMPLAINTS, SATISFACTION, SOLVED
from storage.cases import Locked, WrongCode
from storage.errors import Conflict, Invalid
from storage.online import LONGEST_WORDS, Opened, VisitOver

TRIES_A_MINUTE: Final = 5
SAME_TIME_SECONDS: Final = 0.3
"""Every answer takes this long, so that its time does not tell whether the number exists."""

FIELDS: Final = {"digits": Text(40), "code": Text(20)}
_TICKET: Final = {"ticket": Text(64, required=True)}
ACTS: Final = {
    "add": _TICKET | {"words": Text(LONGEST_WORDS, lines=True)},
    "urge": _TICKET,
    "judge": _TICKET
    | {
        "solved": Text(12, one_of=frozenset(SOLVED)),
        "satisfied": Text(12, one_of=frozenset(SATISFACTION)),
        "reason": Text(20, one_of=frozenset(COMPLAINTS)),
        "comment": Text(LONGEST_WORDS, lines=True),
    },
    "withdraw": _TICKET | {"sure": Text(1, one_of=frozenset("1"))},
}
_DIGITS: Final = re.compile(r"[0-9]{12}")
_CODE: Final = re.compile(r"[0-9]{6}")
_SEPARATORS: Final = re.compile(r"[\s\-–—A-Za-z]")

TRIES = web.AppKey("status_tries", Tries)

STEPS: Final = ("received", "dispatched", "read", "handled", "answered", "called_back")
_NOW: Final = {
    State.REGISTERED: 1,
    State.PENDING_DISPATCH: 1,
    State.DISPATCHED: 2,
    State.HANDLING: 3,
    State.RETURN_REVIEW: 3,
    State.REPLIED: 3,
    State.FINAL_REVIEW: 3,
    State.FEEDBACK: 4,
    State.CALLBACK: 5,
}
ANSWERS: Final = {None: 200, "bad_input": 400, "not_found": 404, "over": 410, "locked": 423, "too_many": 429}
NEWEST: Final = 5


def steps_of(request: web.Request, state: State, trail: Any) -> list[dict[str, Any]]:
    """Return the way of a case as a citizen sees it; a case that has ended has all of it behind it."""
    now = _NOW.get(state, len(STEPS))
    return [
        {
            "name": say(request, f"step.{name}"),
            "state": "done" if place < now else "now" if place == now else "todo",
            "at": trail.reached.get(name) if place < now else None,
        }
        for place, name in enumerate(STEPS)
    ]


routes = web.RouteTableDef()


def _page(
    request: web.Request,
    site: Site,
    *,
    error: str | None = None,
    found: Opened | None = None,
    status: int = 0,
    **more: Any,
) -> web.Response:
    # What was keyed is not repeated, so a wrong code and an unknown number give the same page to the byte.
    context = {
        "digits": found.status.digits if found else "",
        "error": error,
        "status": found.status if found else None,
        "steps": steps_of(request, found.status.state, found.trail) if found else [],
        "sent": found.trail.sent if found else (),
        "ticket": found.ticket if found else "",
        "choices": {"solved": SOLVED, "satisfied": SATISFACTION, "reasons": COMPLAINTS},
        "done": "",
        "entered": {},
        "errors": {},
        "week": None,
        "newest": [],
        **more,
    }
    return unindexed(
        render(request, "status.html", site.context() | context, status=status or ANSWERS[error])
    )


@routes.get("/")
@needs(Permission.PUBLIC)
async def home(request: web.Request) -> web.Response:
    newest = await request.app[PARTS].store.read(public_site.find)
    week = await request.app[site_week.WEEK].now(request)
    return _page(request, Site(), week=week, newest=newest.rows[:NEWEST])


@routes.get("/kiosk/status")
@needs(Permission.PUBLIC)
async def ask_page(request: web.Request) -> web.Response:
    return _page(request, await site_of(request))


@routes.post("/")
@routes.post("/kiosk/status")
@needs(Permission.PUBLIC)
async def ask_status(request: web.Request) -> web.Response:
    """Tell a citizen how their case stands."""
    site = await site_of(request)
    loop = asyncio.get_running_loop()
    started = loop.time()
    answer = await _look_up(request, site)
    await asyncio.sleep(max(0.0, started + SAME_TIME_SECONDS - loop.time()))
    outcome = answer if isinstance(answer, str) else "found"
    request.app[FIGURES].add("hotline_status_asked_total", f'outcome="{outcome}"')
    if isinstance(answer, str):
        return _page(request, site, error=answer)
    return _page(request, site, found=answer)


async def _look_up(request: web.Request, site: Site) -> Opened | str:
    """Return the case, or which error it is."""
    form = read_texts(request, FIELDS, await posted(request))
    digits, code = _SEPARATORS.sub("", form.get("digits", "")), form.get("code", "").replace(" ", "")
    at, caller = request.app[PARTS].now(), network_of(address_of(request))
    if not request.app[TRIES].take(caller, at):
        return "too_many"
    if not _DIGITS.fullmatch(digits) or not _CODE.fullmatch(code):
        return "bad_input"
    found = await request.app[PARTS].store.write(
        lambda conn: online.open_visit(conn, digits, code, caller=f"web:{caller}", source=site.source, at=at)
    )
    if isinstance(found, WrongCode):
        return "not_found"
    return "locked" if isinstance(found, Locked) else found


@routes.post("/case/{act:add|urge|judge|withdraw}")
@routes.post("/kiosk/case/{act:add|urge|judge|withdraw}")
@needs(Permission.PUBLIC)
async def act(request: web.Request) -> web.Response:
    """Do what the citizen asks for, and show the case as it stands then."""
    site, what, sent = await site_of(request), request.match_info["act"], await posted(request)
    sent.pop("csrf", None)
    parts, at = request.app[PARTS], request.app[PARTS].now()
    ticket = sent.get("ticket", "")[:64]
    more: dict[str, Any] = {}
    try:
        try:
            texts = dict.fromkeys(ACTS[what], "") | read_texts(request, ACTS[what], sent)
            more["done"] = await parts.store.write(_deed(request, what, texts))
        except Invalid as error:
            more = {"errors": error.fields, "entered": sent | {"step": what}, "status": 400}
        except (Refusal, Conflict):
            more = {"done": "refused", "status": 409}
        found = await parts.store.read(lambda conn: online.opened(conn, ticket, at=at))
    except VisitOver:
        return _page(request, site, error="over")
    return _page(request, site, found=found, **more)


def _deed(request: web.Request, what: str, texts: dict[str, str]) -> Any:
    """Return the unit of work; it says in one word what came of it."""
    at, rules, ticket = request.app[PARTS].now(), request.app[PARTS].rules, texts["ticket"]
    if what == "withdraw" and not texts["sure"]:
        raise Invalid({"sure": say(request, "site.sure_first")})

    def work(conn: Connection) -> str:
        match what:
            case "add":
                online.add_words(conn, ticket, texts["words"], at=at, rules=rules)
                return "added"
            case "urge":
                return f"urged_{online.urge(conn, ticket, at=at, rules=rules).value}"
            case "judge":
                said = {name: texts[name] for name in ("solved", "satisfied", "reason", "comment")}
                return f"judged_{online.evaluate(conn, ticket, **said, at=at, rules=rules).value}"
            case _:
                goes_on = online.withdraw(conn, ticket, at=at, rules=rules)
                return "withdrawn_on" if goes_on else "withdrawn"

    return work


@routes.post("/leave")
@routes.post("/kiosk/leave")
@needs(Permission.PUBLIC)
async def leave(request: web.Request) -> web.Response:
    """End the visit: the ticket opens nothing any more, whoever finds the page."""
    form = read_texts(request, _TICKET, await posted(request))
    await request.app[PARTS].store.write(lambda conn: online.leave(conn, form["ticket"]))
    raise web.HTTPSeeOther(KIOSK if request.path.startswith(KIOSK) else "/")


def set_up(app: web.Application) -> None:
    app[TRIES] = Tries(TRIES_A_MINUTE, timedelta(minutes=1))
