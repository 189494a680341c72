"""What a supervisor may order from the wall: a seat's state, and a second look at something stuck.

Each order has a reason, stands in the history, and the agent is told who gave it.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from console import watch_orders
from console.desks import DESKS
from console.forms import Text
from console.health import FIGURES
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, allowed
from console.sessions import SIGNED
from console.sockets import said_in
from console.watcher import Watcher
from routing.engine import Refused
from routing.live import Notice
from routing.truth import StuckKind
from storage import seats
from storage.errors import Conflict, Invalid, Missing, StoreDown

__all__ = ["Watcher", "carry_out"]

log = logging.getLogger(__name__)

REASON: Final = Text(80, required=True)
PAUSED: Final = "supervisor"
"""The reason of a break that a supervisor ordered; in whose name and why stands beside it."""


async def _order(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Pause a seat, make it ready, or sign it off."""
    choices = Text(20, required=True, one_of=frozenset({"pause", "ready", "sign_off"}))
    form = watcher.form(said, seat=Text(64, required=True), order=choices, reason=REASON)
    parts = watcher.request.app[PARTS]
    seat, order, reason, at = form["seat"], form["order"], form["reason"], parts.now()
    known = parts.engine.line.seats.get(seat)
    if known is None or not known.agent:
        raise Refused(say(watcher.request, "wall.seat_empty"))
    match order:
        case "pause":
            parts.engine.take_break(seat, reason=PAUSED, by=watcher.login, at=at)
        case "ready":
            parts.engine.ready(seat, by=watcher.login, at=at)
        case _:
            parts.engine.sign_off(seat, by=watcher.login, reason=PAUSED, at=at)
            await watcher.request.app[DESKS].order_off(seat, by=watcher.name, reason=reason)
    values = (("by", watcher.name), ("reason", reason))
    parts.engine.line.notify(Notice(seat, "warn", f"notice.ordered_{order}", values))
    await parts.store.write(
        lambda conn: seats.note_order(
            conn,
            seat=seat,
            order=order,
            reason=reason,
            agent=known.agent,
            state=known.state.value,
            by=watcher.login,
            at=at,
        )
    )


async def _repair(watcher: Watcher, said: Mapping[str, Any]) -> None:
    """Have one stuck thing compared with the exchange, and put right if the exchange agrees."""
    kinds = Text(40, required=True, one_of=frozenset(kind.value for kind in StuckKind))
    form = watcher.form(said, kind=kinds, id=Text(64), reason=REASON)
    parts = watcher.request.app[PARTS]
    kind, about, at = StuckKind(form["kind"]), form["id"], parts.now()
    parts.engine.repair(kind, about, by=watcher.login, at=at)
    await parts.store.write(
        lambda conn: seats.note_repair(
            conn, subject=f"line:{about}", rule=kind, reason=form["reason"], by=watcher.login, at=at
        )
    )
    await watcher.tell("info", "wall.repair_begun")


Command = Callable[[Watcher, Mapping[str, Any]], Awaitable[None]]
COMMANDS: Final[Mapping[str, Command]] = {"order": _order, "repair": _repair, **watch_orders.COMMANDS}


async def carry_out(watcher: Watcher, text: str) -> None:
    """Carry out one order; whatever happens, the wall stays up."""
    figures = watcher.request.app[FIGURES]
    try:
        said = said_in(text)
        name = said.get("do")
        command = COMMANDS.get(name) if isinstance(name, str) else None
        if command is None:
            await watcher.tell("warn", "desk.unknown_command")
        elif not allowed(watcher.request[SIGNED].account.role, Permission.SUPERVISE):
            log.warning("%s may not give orders from the wall", watcher.login)
            await watcher.tell("bad", "wall.not_yours")
        else:
            figures.add("hotline_wall_orders_total", f'do="{name}"')
            await command(watcher, said)
    except (Refused, Missing, Conflict) as refused:
        await watcher.tell("warn", str(refused))
    except Invalid as wrong:
        await watcher.tell("warn", "; ".join(wrong.fields.values()))
    except StoreDown:
        await watcher.tell("bad", "error.503")
    except Exception:
        log.exception("an order of %s failed", watcher.login)
        await watcher.tell("bad", "desk.failed")
