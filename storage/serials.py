"""Numbers of the registers: DB2026-0001, one series for each register and year, without gaps or twins."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Executable, bindparam

from storage.keeping import insert_into
from storage.models import NumberBlock
from storage.types import table_of

BLOCK = table_of(NumberBlock)


def next_no(conn: Connection, prefix: str, at: datetime, zone: ZoneInfo) -> str:
    """Return the next number. Two who ask at once wait for each other."""
    series = f"{prefix}{at.astimezone(zone):%Y}"
    serial: int = conn.execute(_next(conn.dialect.name), {"series": series}).scalar_one()
    return f"{series}-{serial:04}"


@cache
def _next(dialect: str) -> Executable:
    first = insert_into(dialect, BLOCK).values(day=bindparam("series"), first=1, last=1)
    count = first.on_conflict_do_update(index_elements=["day", "first"], set_={"last": BLOCK.c.last + 1})
    return count.returning(BLOCK.c.last)
