"""Whom an agent may ask, bring in or hand a citizen over to: colleagues, departments on duty, emergency, any number."""

import re
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.ring_backs import dialled
from console.forms import Text, read_texts
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from routing.engine import Engine
from routing.live import Seat, SeatState
from storage import duty_phones
from storage.duty_phones import DutyPhone

SEATS_SHOWN: Final = 12
UNITS_SHOWN: Final = 8
EXPERT: Final = 4
"""From this level of a skill on a seat is an expert in it."""
_PUNCTUATION: Final = re.compile(r"[\s()（）–-]")

routes = web.RouteTableDef()


@routes.get("/api/whom")
@needs(Permission.DESK)
async def whom(request: web.Request) -> web.Response:
    """Return who can be had, best first: colleagues who are free, departments by name, and the number if it is one."""
    q = read_texts(request, {"q": Text(40)}, request.query).get("q", "").strip()
    parts, own = request.app[PARTS], request[SIGNED].account.seat or ""

    def look(conn: Connection) -> list[DutyPhone]:
        return duty_phones.search(conn, q, UNITS_SHOWN) if q else []

    found = await parts.store.read(look)
    return web.json_response(
        {
            "seats": [_seat(each) for each in colleagues(parts.engine, own, q)[:SEATS_SHOWN]],
            "units": [_unit(each) for each in found],
            "number": number_in(q),
        }
    )


def number_in(text: str) -> str:
    """Return the number that stands there as people write it, if an agent may ring it, else ''."""
    return dialled(_PUNCTUATION.sub("", text), by_hand=True) or ""


def colleagues(engine: Engine, own: str, q: str) -> list[Seat]:
    """Return the seats that fit the words: who is free first, among them who knows most, then by number."""
    wanted = q.lower()
    seats = [each for each in engine.line.seats.values() if each.id != own and each.agent]
    fitting = [each for each in seats if _fits(each, wanted)]
    return sorted(fitting, key=lambda each: (not is_free(engine, each), -_best(each), each.id))


def is_free(engine: Engine, seat: Seat) -> bool:
    return seat.state is SeatState.READY and seat.usable and not engine.line.leased_to(seat.id)


def _fits(seat: Seat, wanted: str) -> bool:
    words = (seat.id, seat.agent, seat.name, *(skill for skill, _ in seat.profile.skills))
    return not wanted or any(wanted in word.lower() for word in words)


def _best(seat: Seat) -> int:
    return max((level for _, level in seat.profile.skills), default=0)


def _seat(seat: Seat) -> dict[str, Any]:
    return {
        "to": seat.id,
        "name": seat.name,
        "state": seat.state.value,
        "free": seat.state is SeatState.READY and seat.usable,
        "skills": [skill for skill, _ in seat.profile.skills],
        "expert": [skill for skill, level in seat.profile.skills if level >= EXPERT],
    }


def _unit(unit: DutyPhone) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "name": unit.name,
        "day": number_in(unit.by_day),
        "night": number_in(unit.by_night),
    }
