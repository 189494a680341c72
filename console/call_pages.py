"""One call: what the citizen went through, and its recordings, for whoever may see and hear them.

Whoever listens says why first; that leaves a line in the history, and opens the recording to that person for a while.

Context of call_record.html: call, names, may_listen, listening, purposes, said, has_words, may_check, sources, mark, pauses.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.recording_pauses import Pause
from cases.transcripts import Said
from cases.workflow import Secrecy
from console import listening
from console.forms import Text, posted, read_texts
from console.listening import PURPOSES
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.revealing import REASONS, reason_of
from console.sessions import SIGNED
from console.writing import masked
from storage import calls, cases, history, people, recordings, transcripts
from storage.calls import CallView
from storage.errors import Missing

REASON: Final = {"reason": Text(32, required=True, one_of=frozenset(PURPOSES))}

routes = web.RouteTableDef()


@routes.get("/calls/{id}")
@needs(Permission.CALLS)
async def one(request: web.Request) -> web.Response:
    return await _page(request, open_to_hear=False)


@routes.post("/calls/{id}/listen")
@needs(Permission.LISTEN)
async def listen(request: web.Request) -> web.Response:
    """Write down who listens and why, then show the page with the recording."""
    sent = await posted(request)
    sent.pop("csrf", None)
    reason = read_texts(request, REASON, sent)["reason"]
    await listening.note(request, request.match_info["id"], reason)
    return await _page(request, open_to_hear=True)


@routes.post("/calls/{id}/reveal")
@needs(Permission.LISTEN)
async def reveal(request: web.Request) -> web.Response:
    """Show the whole number to somebody who may hear the call and says why, and write it down.

    The number behind a confidential case stays masked here: the page of the case decides who sees it.
    """
    call, by, at = request.match_info["id"], request[SIGNED].account.login, request.app[PARTS].now()
    detail = await reason_of(request)

    def note(conn: Connection) -> None:
        found = calls.call(conn, call)
        if found is None or not _may_reveal(conn, found):
            raise Missing(call)
        history.append(conn, subject=call, kind="number.revealed", actor=by, detail=detail, at=at)

    await request.app[PARTS].store.write(note)
    return await _page(request, open_to_hear=False, revealed=True)


def _may_reveal(conn: Connection, call: CallView) -> bool:
    return not call.case or cases.case(conn, call.case).confidential is Secrecy.NONE


@routes.get(r"/calls/{id}/sound/{n:\d{1,2}}")
@needs(Permission.LISTEN)
async def sound(request: web.Request) -> web.StreamResponse:
    """Send a recording to somebody who said a moment ago why."""
    return await listening.send(request, request.match_info["id"], int(request.match_info["n"]))


async def _page(request: web.Request, *, open_to_hear: bool, revealed: bool = False) -> web.Response:
    call_id = request.match_info["id"]

    def look(conn: Connection) -> tuple[CallView | None, dict[str, str], list[Said], list[Pause], bool]:
        names = {one.login: one.name for one in people.accounts(conn)}
        said, pauses = transcripts.of_call(conn, call_id), recordings.pauses(conn, call_id)
        found = calls.call(conn, call_id)
        return found, names, said, pauses, found is not None and _may_reveal(conn, found)

    call, names, said, pauses, may_reveal = await request.app[PARTS].store.read(look)
    if call is None:
        raise Missing(call_id)
    may_listen = allowed(request[SIGNED].account.role, Permission.LISTEN)
    context: dict[str, Any] = {
        "call": call,
        "number": call.number if revealed else masked(call.number),
        "may_reveal": may_reveal and may_listen and bool(call.number) and not revealed,
        "why_reveal": REASONS,
        "names": names,
        "may_listen": may_listen,
        "listening": open_to_hear,
        "purposes": PURPOSES,
        "said": said if open_to_hear else [],
        "has_words": bool(said),
        "may_check": bool(call.recordings) and allowed(request[SIGNED].account.role, Permission.QUALITY),
        **listening.player(request, call_id, len(call.recordings) if open_to_hear else 0, pauses),
    }
    return render(request, "call_record.html", context)
