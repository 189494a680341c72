"""One call: what the citizen went through, and its recordings, for whoever may see and hear them.

Whoever listens says why first; that leaves a line in the history, and opens the recording to that person for a while.

Context of call_record.html: call, names, may_listen, listening, purposes, said, has_words, entered, errors.
"""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.transcripts import Said
from console.forms import Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from console.writing import masked
from storage import calls, history, people, recordings, transcripts
from storage.calls import CallView
from storage.errors import Conflict, Missing

PURPOSES: Final = ("handle_case", "check_complaint", "check_quality", "check_facts", "legal")
PLAYED: Final = "recording.played"
OPEN_FOR: Final = timedelta(minutes=15)
REASON: Final = {"reason": Text(32, required=True, one_of=frozenset(PURPOSES))}

routes = web.RouteTableDef()


@routes.get("/calls/{id}")
@needs(Permission.CALLS)
async def one(request: web.Request) -> web.Response:
    return await _page(request, listening=False)


@routes.post("/calls/{id}/listen")
@needs(Permission.LISTEN)
async def listen(request: web.Request) -> web.Response:
    """Write down who listens and why, then show the page with the recording."""
    sent = await posted(request)
    sent.pop("csrf", None)
    reason = read_texts(request, REASON, sent)["reason"]
    call, by, at = request.match_info["id"], request[SIGNED].account.login, request.app[PARTS].now()

    def note(conn: Connection) -> None:
        if calls.call(conn, call) is None:
            raise Missing(call)
        history.append(conn, subject=call, kind=PLAYED, actor=by, detail={"reason": reason}, at=at)

    await request.app[PARTS].store.write(note)
    return await _page(request, listening=True)


@routes.get(r"/calls/{id}/sound/{n:\d{1,2}}")
@needs(Permission.LISTEN)
async def sound(request: web.Request) -> web.StreamResponse:
    """Send a recording to somebody who said a moment ago why; the file must still be the one that was hashed."""
    call, by, at = request.match_info["id"], request[SIGNED].account.login, request.app[PARTS].now()

    def look(conn: Connection) -> tuple[list[recordings.Kept], bool]:
        said = any(
            fact.kind == PLAYED and fact.actor == by and at - fact.at <= OPEN_FOR
            for fact in history.of(conn, call)
        )
        return recordings.of_call(conn, call), said

    kept, said = await request.app[PARTS].store.read(look)
    if not said:
        raise Conflict(say(request, "call_record.say_why"))
    if not (n := int(request.match_info["n"])) < len(kept):
        raise Missing(call)
    file = _inside(request.app[PARTS].settings.recordings, kept[n].path)
    if file is None:
        raise Conflict(say(request, "call_record.not_here"))
    if await asyncio.to_thread(_digest, file) != kept[n].sha256:
        raise Conflict(say(request, "call_record.changed"))
    return web.FileResponse(file, headers={"Content-Type": "audio/wav", "Cache-Control": "no-store"})


async def _page(request: web.Request, *, listening: bool) -> web.Response:
    call_id = request.match_info["id"]

    def look(conn: Connection) -> tuple[CallView | None, dict[str, str], list[Said]]:
        names = {one.login: one.name for one in people.accounts(conn)}
        return calls.call(conn, call_id), names, transcripts.of_call(conn, call_id)

    call, names, said = await request.app[PARTS].store.read(look)
    if call is None:
        raise Missing(call_id)
    context: dict[str, Any] = {
        "call": call,
        "number": masked(call.number),
        "names": names,
        "may_listen": allowed(request[SIGNED].account.role, Permission.LISTEN),
        "listening": listening,
        "purposes": PURPOSES,
        "said": said if listening else [],
        "has_words": bool(said),
    }
    return render(request, "call_record.html", context)


def _inside(folder: Path | None, path: str) -> Path | None:
    """Return the file if it is there, and nowhere but below the folder of recordings."""
    if folder is None:
        return None
    file = (folder / path).resolve()
    return file if file.is_relative_to(folder.resolve()) and file.is_file() else None


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
