"""Which seats know a caller: who talked to the number lately, and who took its case that is still open."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from storage.calls import CALL
from storage.forms import keyable
from storage.intake import CASE, CONTACT

TALKED = (
    select(CALL.c.seat)
    .where(
        CALL.c.number == bindparam("caller"),
        CALL.c.offered_at >= bindparam("since"),
        CALL.c.answered_at.is_not(None),
        CALL.c.seat != "",
    )
    .order_by(CALL.c.offered_at.desc())
    .limit(1)
)
TOOK_THE_CASE = (
    select(CALL.c.seat)
    .join(CASE, CASE.c.call == CALL.c.id)
    .join(CONTACT, CONTACT.c.case == CASE.c.id)
    .where(CONTACT.c.number == bindparam("caller"), CASE.c.closed_at.is_(None), CALL.c.seat != "")
    .order_by(CONTACT.c.case.desc())
    .limit(1)
)


def seats_that_know(conn: Connection, number: str, at: datetime, *, days: int) -> tuple[str, ...]:
    """Return them, best first. A withheld number is nobody's acquaintance."""
    if not number:
        return ()
    caller = keyable(number, 64)
    talked = conn.execute(TALKED, {"caller": caller, "since": at - timedelta(days=days)}).scalars()
    took = conn.execute(TOOK_THE_CASE, {"caller": caller}).scalars()
    return tuple(dict.fromkeys([*talked, *took]))
