"""What a supervisor may do from the wall about talks, about who waits, and about groups; and what is told to seats.

Being in a talk, giving a caller to a seat and lending a skill have a reason and stand in the history.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from console.asking import ASKING
from console.desks import DESKS
from console.forms import Text
from console.i18n import say
from console.wall import WALL
from console.wall_phones import WALL_PHONES
from console.watcher import Watcher
from routing import helping
from routing.engine import Refused
from routing.live import Notice, SeatState
from routing.watching import Mode, Watch, Watching
from storage import lending, seats
from storage.errors import Missing

log = logging.getLogger(__name__)

REASON: Final = Text(80, required=True)
SEAT: Final = Text(64, required=True)
CALL: Final = Text(64, required=True)
MODES: Final = frozenset(mode.value for mode in Mode)
MINUTES: Final = frozenset({"15", "30", "60", "120"})

Command = Callable[[Watcher, Mapping[str, Any]], Awaitable[None]]


async def _phone(watcher: Watcher, _: Mapping[str, Any]) -> None:
    """Open this page's telephone."""
    _watching(watcher)
    await watcher.request.app[WALL_PHONES].open(watcher)


async def _watch(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Listen to a seat, whisper to it, speak with both, or take its citizen over."""
    modes = Text(20, required=True, one_of=MODES)
    form = watcher.form(said, seat=SEAT, mode=modes, reason=REASON)
    parts, seat, reason, mode = watcher.parts, form["seat"], form["reason"], Mode(form["mode"])
    known, at = parts.engine.line.seats.get(seat), parts.now()
    agent = known.agent if known else ""
    watch = await _watching(watcher).begin(
        seat, mode, by=watcher.login, name=watcher.name, reason=reason, at=at
    )
    watcher.request.app[ASKING].done(seat)
    _tell_agent(watcher, watch)
    await _note(watcher, watch, mode.value, agent=agent, reason=reason, at=at)


async def _unwatch(watcher: Watcher, _: Mapping[str, Any]) -> None:
    """Leave the talk."""
    watch = await _watching(watcher).end(watcher.login)
    if watch is not None:
        await _note(watcher, watch, "left", agent="", reason=watch.reason, at=watcher.parts.now())


async def _give(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Give a waiting caller to a seat."""
    form = watcher.form(said, call=CALL, seat=SEAT, reason=REASON)
    at = watcher.parts.now()
    watcher.parts.engine.give(form["call"], form["seat"], at=at, by=watcher.login)
    await _note_line(watcher, "give", form, at=at)


async def _raise(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Have a waiting caller come next."""
    form = watcher.form(said, call=CALL, reason=REASON)
    at = watcher.parts.now()
    watcher.parts.engine.raise_up(form["call"], at=at, by=watcher.login)
    await _note_line(watcher, "raise", form, at=at)


async def _message(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Tell one seat something, or all that are signed on; it stays on their desks until they have read it."""
    form = watcher.form(said, seat=Text(64), text=Text(200, required=True))
    line, at = watcher.parts.engine.line, watcher.parts.now()
    on = [each.id for each in line.seats.values() if each.agent and each.state is not SeatState.OFFLINE]
    told = [seat for seat in on if form["seat"] in ("", seat)]
    if not told:
        raise Refused(say(watcher.request, "wall.seat_empty"))
    messages = watcher.request.app[WALL].watch.messages
    await messages.send(told, form["text"], seat=form["seat"], by=watcher.login, at=at)
    await watcher.tell("info", "wall.message_sent", n=str(len(told)))


async def _support(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Have a group help with a skill for a while."""
    minutes = Text(4, required=True, one_of=MINUTES)
    form = watcher.form(
        said, skill=Text(32, required=True), group=Text(32, required=True), minutes=minutes, reason=REASON
    )
    at = watcher.parts.now()
    until = at + timedelta(minutes=int(form["minutes"]))
    await watcher.parts.store.write(
        lambda conn: helping.begin(
            conn, form["skill"], form["group"], until=until, why=form["reason"], by=watcher.login, at=at
        )
    )
    await watcher.tell("info", "wall.support_begun", group=form["group"], skill=form["skill"])


async def _unsupport(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Take the help back before its time."""
    number, at = said.get("id"), watcher.parts.now()
    if type(number) is not int:
        raise Missing(str(number)[:20])
    await watcher.parts.store.write(lambda conn: lending.end(conn, number, why="", by=watcher.login, at=at))
    await watcher.tell("info", "wall.support_ended")


async def _helped(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Somebody is on the way to an agent who asked: the sign goes, and the agent is told who comes."""
    form = watcher.form(said, seat=SEAT)
    if watcher.request.app[ASKING].done(form["seat"]):
        values = (("by", watcher.name),)
        watcher.parts.engine.line.notify(Notice(form["seat"], "info", "notice.helped", values))


COMMANDS: Final[Mapping[str, Command]] = {
    "phone": _phone,
    "watch": _watch,
    "unwatch": _unwatch,
    "give": _give,
    "raise": _raise,
    "message": _message,
    "support": _support,
    "unsupport": _unsupport,
    "helped": _helped,
}


def _watching(watcher: Watcher) -> Watching:
    if (watching := watcher.parts.watching) is None:
        raise Refused(say(watcher.request, "wall.no_exchange"))
    return watching


def _tell_agent(watcher: Watcher, watch: Watch) -> None:
    """Say who is in the talk. That somebody only listens is told if the city wants it."""
    app = watcher.request.app
    app[DESKS].wake(watch.seat)
    if watch.mode is Mode.LISTEN and not app[WALL].watch.rules.tell_listening:
        return
    values = (("by", watch.name),)
    watcher.parts.engine.line.notify(Notice(watch.seat, "warn", f"notice.watch_{watch.mode}", values))


async def _note(watcher: Watcher, watch: Watch, kind: str, *, agent: str, reason: str, at: datetime) -> None:
    await watcher.parts.store.write(
        lambda conn: seats.note_watch(
            conn,
            seat=watch.seat,
            kind=kind,
            call=watch.call,
            reason=reason,
            agent=agent,
            by=watcher.login,
            at=at,
        )
    )


async def _note_line(watcher: Watcher, order: str, form: Mapping[str, str], *, at: datetime) -> None:
    await watcher.parts.store.write(
        lambda conn: seats.note_line_order(
            conn,
            order=order,
            call=form["call"],
            seat=form.get("seat", ""),
            reason=form["reason"],
            by=watcher.login,
            at=at,
        )
    )
