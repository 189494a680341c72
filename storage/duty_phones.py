"""Units that have a telephone on duty, for an agent who wants to ask one or hand a citizen over."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from storage import units
from storage.units import UNIT


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """值班电话: of the day and of the night; the other one is '' if there is none."""

    unit: str
    name: str
    by_day: str
    by_night: str


def search(conn: Connection, q: str, limit: int) -> list[DutyPhone]:
    """Find units by name, initials, abbreviation or what they have the duty for, and leave out who has no telephone."""
    found = [each.id for each in units.search_units(conn, q, 4 * limit)]
    return _with_telephone(conn, found)[:limit]


def _with_telephone(conn: Connection, ids: Sequence[str]) -> list[DutyPhone]:
    wanted = select(UNIT.c.id, UNIT.c.short_name, UNIT.c.duty_phone, UNIT.c.night_phone).where(
        UNIT.c.id.in_(ids), or_(UNIT.c.duty_phone != "", UNIT.c.night_phone != "")
    )
    known = {row.id: DutyPhone(*row) for row in conn.execute(wanted)}
    return [known[each] for each in ids if each in known]
