"""What an agent's page may ask for on its socket.

A command changes nothing on the screen by itself: what is shown is what Asterisk has confirmed.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from console import moving
from console.asking import ASKING
from console.desks import Desk
from console.forms import Text, read_texts
from console.health import FIGURES
from console.owed import OWED
from console.sockets import said_in
from console.wall import WALL
from routing.engine import Refused
from storage import calls, history, ring_backs
from storage.errors import Conflict, Invalid, Missing, StoreDown

log = logging.getLogger(__name__)
Command = Callable[[Desk, Mapping[str, Any]], Awaitable[None] | None]
REASON: Final = Text(40)
CLOSED_BY_AGENTS: Final = frozenset({"reached", "wrong_number"})


def _phone(desk: Desk, said: Mapping[str, Any]) -> None:
    registered, mic = said.get("registered") is True, said.get("mic") is True
    desk.parts.engine.phone(desk.seat, registered=registered, mic=mic, at=desk.parts.now())


def _ready(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.ready(desk.seat, at=desk.parts.now())


def _break(desk: Desk, said: Mapping[str, Any]) -> None:
    desk.parts.engine.take_break(desk.seat, reason=_reason(desk, said), at=desk.parts.now())


def _wrapped(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.wrapped(desk.seat, at=desk.parts.now())


def _extend(desk: Desk, said: Mapping[str, Any]) -> None:
    desk.parts.engine.extend_wrap_up(desk.seat, reason=_reason(desk, said), at=desk.parts.now())


def _hang_up(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.hang_up(desk.seat, at=desk.parts.now())


def _sign_off(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.sign_off(desk.seat, at=desk.parts.now())


def _help(desk: Desk, said: Mapping[str, Any]) -> None:
    """Ask a supervisor to come, or take that back."""
    asking = desk.request.app[ASKING]
    if said.get("on") is False:
        asking.done(desk.seat)
    else:
        asking.ask(desk.seat, desk.parts.now())
    desk.wake.set()


async def _read(desk: Desk, said: Mapping[str, Any]) -> None:
    """A supervisor's message has been read."""
    number = said.get("id")
    if type(number) is not int:
        raise Missing(str(number)[:20])
    messages = desk.request.app[WALL].watch.messages
    await messages.note_read(number, desk.account.login, at=desk.parts.now())
    desk.wake.set()


async def _outcome(desk: Desk, said: Mapping[str, Any]) -> None:
    """Keep what came of a call."""
    sent = {name: said.get(name) or "" for name in ("call", "code", "case")}
    form = read_texts(
        desk.request,
        {"call": Text(64, required=True), "code": Text(40, required=True), "case": Text(40)},
        sent,
    )
    at, by = desk.parts.now(), desk.account.login
    last, within = desk.last_call, desk.parts.settings.ring_back_within
    shown = last is not None and last.id == form["call"]

    def note(conn: Connection) -> bool:
        if not shown and ((call := calls.call(conn, form["call"])) is None or call.seat != desk.seat):
            return False
        calls.set_outcome(
            conn, call=form["call"], code=form["code"], case=form["case"], by=by, at=at, within=within
        )
        return True

    if not await desk.parts.store.write(note):
        await desk.notice("warn", "desk.not_your_call")


async def _mute_recording(desk: Desk, said: Mapping[str, Any]) -> None:
    """Leave out of the recording what the citizen dictates now, or record again."""
    at, by = desk.parts.now(), desk.account.login
    unrecorded = desk.parts.engine.unrecorded
    if said.get("on") is not True:
        unrecorded.end(desk.seat, at)
        return
    pause = await unrecorded.begin(desk.seat, at, by=by)
    desk.wake.set()
    talk = desk.parts.engine.line.talk_of(desk.seat)
    if talk is not None and pause.began_at == at:
        detail = {"seat": desk.seat, "until": pause.until.isoformat(timespec="seconds")}
        await desk.parts.store.write(
            lambda conn: history.append(
                conn, subject=talk.call, kind="recording.paused", actor=by, detail=detail, at=at
            )
        )


async def _ring_out(desk: Desk, said: Mapping[str, Any]) -> None:
    """Ring back somebody we owe a call: ours first, so that no two agents ring the same citizen."""
    form = _form(desk, said, call=Text(64, required=True))
    owed, at, by = form["call"], desk.parts.now(), desk.account.login
    listed = next((each for each in desk.request.app[OWED].of(desk.seat) if each["call"] == owed), None)
    if (
        listed is None
        or not listed["dial"]
        or not await desk.parts.store.write(lambda conn: ring_backs.take_over(conn, owed, by=by, at=at))
    ):
        desk.request.app[OWED].again()
        await desk.notice("warn", "owed.taken")
        return
    try:
        desk.parts.engine.ring_out(
            desk.seat, number=listed["dial"], purpose="ring_back", owed=owed, by=by, at=desk.parts.now()
        )
    except Refused:
        await desk.parts.store.write(lambda conn: ring_backs.release(conn, owed, by=by, at=at))
        raise


async def _close_owed(desk: Desk, said: Mapping[str, Any]) -> None:
    """Close a debt that needs no call any more, and say why."""
    choices = Text(20, required=True, one_of=CLOSED_BY_AGENTS)
    form = _form(desk, said, call=Text(64, required=True), reason=choices, note=Text(200))
    by, at = desk.account.login, desk.parts.now()
    await desk.parts.store.write(
        lambda conn: ring_backs.close(
            conn, form["call"], reason=form["reason"], by=by, at=at, note=form["note"]
        )
    )
    desk.request.app[OWED].again()


def _form(desk: Desk, said: Mapping[str, Any], **fields: Text) -> dict[str, str]:
    return read_texts(desk.request, fields, {name: said.get(name) or "" for name in fields})


def _reason(desk: Desk, said: Mapping[str, Any]) -> str:
    return read_texts(desk.request, {"reason": REASON}, {"reason": said.get("reason") or ""})["reason"]


COMMANDS: Final[Mapping[str, Command]] = {
    "phone": _phone,
    "ready": _ready,
    "break": _break,
    "wrapped": _wrapped,
    "extend": _extend,
    "hang_up": _hang_up,
    "sign_off": _sign_off,
    "help": _help,
    "read": _read,
    "outcome": _outcome,
    "mute_recording": _mute_recording,
    "ring_out": _ring_out,
    "close_owed": _close_owed,
    "ask": moving.ask,
    "join": moving.join,
    "hand_on": moving.hand_on,
    "hand_over": moving.hand_over,
    "come_back": moving.come_back,
}


async def obey(desk: Desk, text: str) -> None:
    """Carry out one command of the page; whatever happens, the desk stays open."""
    figures = desk.request.app[FIGURES]
    try:
        said = said_in(text)
        name = said.get("do")
        command = COMMANDS.get(name) if isinstance(name, str) else None
        if command is None:
            await desk.notice("warn", "desk.unknown_command")
            return
        figures.add("hotline_desk_commands_total", f'do="{name}"')
        if (going_on := command(desk, said)) is not None:
            await going_on
    except Refused as refused:
        await desk.tell("notice", level="warn", text=str(refused))
        desk.wake.set()
    except (Invalid, Missing, Conflict) as error:
        await desk.tell("notice", level="warn", text=str(error))
    except StoreDown:
        await desk.notice("bad", "error.503")
    except Exception:
        log.exception("command of seat %s failed", desk.seat)
        figures.add("hotline_desk_command_errors_total")
        await desk.notice("bad", "desk.failed")
