"""What an agent's page may ask for beside a talk: to ask somebody, a third voice, to hand the citizen over."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from console.desks import Desk
from console.forms import Text, read_texts
from console.whom import number_in
from routing.engine import Refused
from routing.moves import Whom
from storage import history

_SEAT: Final = re.compile(r"s\d{1,10}", re.ASCII)


async def ask(desk: Desk, said: Mapping[str, Any]) -> None:
    """咨询: the citizen hears music meanwhile."""
    whom = _whom(desk, said)
    desk.parts.engine.moves.ask(desk.seat, whom, desk.parts.now(), by=desk.account.login)
    await _note(desk, "asked", whom)


async def join(desk: Desk, said: Mapping[str, Any]) -> None:
    """三方通话."""
    whom = _whom(desk, said)
    desk.parts.engine.moves.join(desk.seat, whom, desk.parts.now(), by=desk.account.login)
    await _note(desk, "joined", whom)


async def hand_on(desk: Desk, said: Mapping[str, Any]) -> None:
    """直接转."""
    whom, call = _whom(desk, said), _call(desk)
    desk.parts.engine.moves.hand_on(desk.seat, whom, desk.parts.now(), by=desk.account.login)
    await _note(desk, "handed_on", whom, call)


async def hand_over(desk: Desk, _: Mapping[str, Any]) -> None:
    """The one who was asked goes on with the citizen."""
    aside, call = desk.parts.engine.moves.of(desk.seat), _call(desk)
    desk.parts.engine.moves.hand_over(desk.seat, desk.parts.now(), by=desk.account.login)
    if aside is not None:
        await _note(desk, "handed_over", aside.whom, call)


def come_back(desk: Desk, _: Mapping[str, Any]) -> None:
    """Alone with the citizen again; a seat that was asked leaves by this, too."""
    engine, at = desk.parts.engine, desk.parts.now()
    guest = engine.moves.at(desk.seat)
    engine.moves.come_back(guest.seat if guest is not None else desk.seat, at)


def _whom(desk: Desk, said: Mapping[str, Any]) -> Whom:
    fields = {"to": Text(24, required=True), "name": Text(40)}
    form = read_texts(desk.request, fields, {name: said.get(name) or "" for name in fields})
    to = form["to"]
    if _SEAT.fullmatch(to):
        seat = desk.parts.engine.line.seats.get(to)
        return Whom(to, seat.name if seat is not None else to)
    if not (number := number_in(to)):
        raise Refused("不能拨打这个号码")
    return Whom(number, form.get("name") or number)


def _call(desk: Desk) -> str:
    talk = desk.parts.engine.line.talk_of(desk.seat)
    return talk.call if talk is not None else ""


async def _note(desk: Desk, what: str, whom: Whom, call: str = "") -> None:
    """Put it into the history: whom a citizen was handed to must be found years later."""
    by, at, subject = desk.account.login, desk.parts.now(), call or _call(desk)

    def write(conn: Connection) -> None:
        detail = {"seat": desk.seat, "whom": whom.to}
        history.append(conn, subject=subject, kind=f"call.{what}", actor=by, detail=detail, at=at)

    await desk.parts.store.write(write)
