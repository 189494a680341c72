"""骚扰限制: what agents propose, what two others sign, and what is said against it. And 重点号码, known numbers.

Context of nuisance.html: restrictions, appealed, worth_a_look, known, entered, errors, weighed, grades, reasons. Of
restriction.html: one, appeals, holds, error.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.nuisance import LONGEST_DAYS, Grade, Reason
from cases.workflow import Refusal
from console.forms import Text, posted, read_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import nuisance, numbers, people
from storage.errors import Conflict, Invalid
from storage.nuisance import JUDGES, SIGNERS, Proposal
from storage.numbers import Known
from storage.people import Actor

DAYS: Final = frozenset(str(n) for n in range(1, 366))
PROPOSAL: Final = {
    "number": Text(21, required=True),
    "grade": Text(1, required=True, one_of=frozenset("123")),
    "reason": Text(10, required=True, one_of=frozenset(Reason)),
    "note": Text(nuisance.LONGEST_NOTE, required=True, lines=True),
    "days": Text(3, required=True, one_of=DAYS),
    "calls": Text(2_000),
}
STEPS: Final = {
    "sign": Text(1),
    "refuse": Text(500, required=True, lines=True),
    "lift": Text(500, required=True, lines=True),
    "appeal": Text(2_000, required=True, lines=True),
    "uphold": Text(500, required=True, lines=True),
    "reject": Text(500, required=True, lines=True),
}

routes = web.RouteTableDef()


@routes.get("/nuisance")
@needs(Permission.NUISANCE)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    at, number = request.app[PARTS].now(), request.query.get("number", "")[:21]
    calls = request.query.get("call", "")[:64]

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "restrictions": nuisance.restrictions(conn, at),
            "appealed": nuisance.waiting_appeals(conn),
            "known": numbers.known_numbers(conn),
            "weighed": nuisance.suggested(conn, number, at) if number else None,
            "worth_a_look": nuisance.worth_a_look(conn, at),
        }

    context = await request.app[PARTS].store.read(look)
    context |= {
        "entered": entered or {"number": number, "calls": calls},
        "errors": errors or {},
        "grades": [(grade, LONGEST_DAYS[grade]) for grade in Grade],
        "reasons": list(Reason),
    }
    return render(request, "nuisance.html", context, status=status)


@routes.post("/nuisance/proposals")
@needs(Permission.NUISANCE)
async def propose(request: web.Request) -> web.Response:
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    try:
        texts = dict.fromkeys(PROPOSAL, "") | read_texts(request, PROPOSAL, sent)
        proposal = Proposal(
            number=texts["number"],
            grade=Grade(int(texts["grade"])),
            reason=Reason(texts["reason"]),
            note=texts["note"],
            days=int(texts["days"]),
            calls=texts["calls"].split(),
        )
        number = await parts.store.write(lambda conn: nuisance.propose(conn, proposal, by=by, at=at))
    except Invalid as error:
        return await _listing(request, status=400, entered=sent, errors=error.fields)
    except Conflict as error:
        return await _listing(request, status=409, entered=sent, errors={"number": str(error)})
    raise web.HTTPSeeOther(f"/nuisance/{number}")


@routes.get(r"/nuisance/{restriction:\d{1,9}}")
@needs(Permission.NUISANCE)
async def one(request: web.Request) -> web.Response:
    return await _one(request)


async def _one(request: web.Request, *, status: int = 200, error: str = "") -> web.Response:
    number, parts = int(request.match_info["restriction"]), request.app[PARTS]

    def look(conn: Connection) -> dict[str, Any]:
        names = {account.login: account.name for account in people.accounts(conn)}
        return {
            "one": nuisance.restriction_of(conn, number),
            "appeals": nuisance.appeals(conn, number),
            "names": names,
        }

    context = await parts.store.read(look)
    account = request[SIGNED].account
    had_a_hand = account.login in context["one"].signed_by
    context |= {
        "holds": context["one"].holds(parts.now()),
        "may_sign": account.role in SIGNERS,
        "may_judge": account.role in JUDGES,
        "had_a_hand": had_a_hand,
        "error": error,
    }
    return render(request, "restriction.html", context, status=status)


@routes.post(r"/nuisance/{restriction:\d{1,9}}/{step:sign|refuse|lift|appeal|uphold|reject}")
@needs(Permission.NUISANCE)
async def step(request: web.Request) -> web.Response:
    """Sign, refuse, lift, take down an appeal, or decide it; who may do which, the store says."""
    number, what = int(request.match_info["restriction"]), request.match_info["step"]
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    try:
        text = read_texts(request, {"text": STEPS[what]}, sent).get("text", "")

        def work(conn: Connection) -> None:
            match what:
                case "sign":
                    nuisance.sign(conn, number, by=by, at=at)
                case "refuse":
                    nuisance.refuse(conn, number, text, by=by, at=at)
                case "lift":
                    nuisance.lift(conn, number, text, by=by, at=at)
                case "appeal":
                    nuisance.appeal(conn, number, text, by=by, at=at)
                case _:
                    upheld = what == "uphold"
                    nuisance.decide_appeal(conn, number, upheld=upheld, comment=text, by=by, at=at)

        await parts.store.write(work)
    except Invalid as error:
        return await _one(request, status=400, error="; ".join(error.fields.values()))
    except (Refusal, Conflict) as error:
        return await _one(request, status=409, error=str(error))
    raise web.HTTPSeeOther(f"/nuisance/{number}")


@routes.post("/known-numbers")
@needs(Permission.NUISANCE)
async def keep_known(request: web.Request) -> web.Response:
    """Note that an elder calls from this number."""
    sent = await posted(request)
    sent.pop("csrf", None)
    fields = {"known": Text(21, required=True), "elder": Text(1, one_of=frozenset("1")), "about": Text(100)}
    parts, by, at = request.app[PARTS], request[SIGNED].account.login, request.app[PARTS].now()
    try:
        texts = dict.fromkeys(fields, "") | read_texts(request, fields, sent)
        known = Known(texts["known"], bool(texts["elder"]), texts["about"])
        await parts.store.write(lambda conn: numbers.keep_known(conn, known, by=by, at=at))
    except Invalid as error:
        wrong = {{"number": "known"}.get(name, name): text for name, text in error.fields.items()}
        return await _listing(request, status=400, entered=sent, errors=wrong)
    raise web.HTTPSeeOther("/nuisance#known")


@routes.post(r"/known-numbers/{number:\+?\d{5,20}}/forget")
@needs(Permission.NUISANCE)
async def forget_known(request: web.Request) -> web.Response:
    number, parts = request.match_info["number"], request.app[PARTS]
    by, at = request[SIGNED].account.login, parts.now()
    await parts.store.write(lambda conn: numbers.forget_known(conn, number, by=by, at=at))
    raise web.HTTPSeeOther("/nuisance#known")


def _actor(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
