"""Hearing a recording: who said why, an address that is good for a while and for this session only, the file unchanged.

Context that `player` gives a page: call, sources, mark, pauses, elsewhere.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from cases.recording_pauses import Pause
from console import lent_sound, sound_files
from console.i18n import say
from console.parts import PARTS
from console.sessions import SIGNED
from storage import calls, history, recordings
from storage.errors import Conflict, Missing

PURPOSES: Final = ("handle_case", "check_complaint", "check_quality", "check_facts", "legal")
PLAYED: Final = "recording.played"
OPEN_FOR: Final = timedelta(minutes=15)


async def note(request: web.Request, call: str, reason: str) -> None:
    """Write down who listens and why."""
    by, at = request[SIGNED].account.login, request.app[PARTS].now()

    def write(conn: Connection) -> None:
        if calls.call(conn, call) is None:
            raise Missing(call)
        history.append(conn, subject=call, kind=PLAYED, actor=by, detail={"reason": reason}, at=at)

    await request.app[PARTS].store.write(write)


def player(
    request: web.Request, call: str, count: int, pauses: list[Pause], *, under: str = "/calls"
) -> dict[str, Any]:
    """Return what the player of a page needs; `mark` is shown over it, so that no picture of it is anybody's."""
    at, account = request.app[PARTS].now(), request[SIGNED].account
    local = at.astimezone(request.app[PARTS].settings.zone)
    return {
        "sources": [
            _address(request, f"{under}/{call}/sound/{number}", at + OPEN_FOR) for number in range(count)
        ],
        "mark": f"{account.login} {account.name} · {local:%Y-%m-%d %H:%M} · {call}",
        "pauses": pauses,
        "elsewhere": lent_sound.elsewhere(request, call) if count else "",
    }


def _address(request: web.Request, path: str, until: datetime) -> str:
    ends = str(int(until.timestamp()))
    return f"{path}?{urlencode({'until': ends, 'key': _key(request, path, ends)})}"


def _key(request: web.Request, path: str, until: str) -> str:
    """Nobody else's session makes the same; an address that is passed on opens nothing."""
    return hmac.new(request[SIGNED].csrf.encode(), f"{path}|{until}".encode(), hashlib.sha256).hexdigest()


def check_address(request: web.Request) -> None:
    """Raise Conflict if the address was not given to this session, or too long ago."""
    until, key = request.query.get("until", ""), request.query.get("key", "")
    good = hmac.compare_digest(key.encode(), _key(request, request.path, until).encode())
    if not good or not until.isdecimal() or int(until) < request.app[PARTS].now().timestamp():
        raise Conflict(say(request, "call_record.say_why"))


async def send(request: web.Request, call: str, number: int) -> web.StreamResponse:
    """Send a recording, or the piece that is asked for; the file must still be the one that was hashed."""
    by, at = request[SIGNED].account.login, request.app[PARTS].now()
    check_address(request)

    def look(conn: Connection) -> tuple[list[recordings.Kept], bool]:
        said = any(
            fact.kind == PLAYED and fact.actor == by and at - fact.at <= OPEN_FOR
            for fact in history.of(conn, call)
        )
        return recordings.of_call(conn, call), said

    kept, said = await request.app[PARTS].store.read(look)
    if not said:
        raise Conflict(say(request, "call_record.say_why"))
    if not number < len(kept):
        raise Missing(call)
    file = sound_files.inside(request.app[PARTS].settings.recordings, kept[number].path)
    if file is None:
        try:
            return await lent_sound.borrow(request, call, kept[number])
        except lent_sound.NotSent as missed:
            raise Conflict(say(request, "call_record.not_here", node=str(missed) or "—")) from None
    if await sound_files.digest(file) != kept[number].sha256:
        raise Conflict(say(request, "call_record.changed"))
    return web.FileResponse(file, headers=sound_files.HEADERS)
