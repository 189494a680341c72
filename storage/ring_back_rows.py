"""The rows of what is owed: changed, closed once, and every step noted in the history."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, update

from cases.ring_backs import Closing
from storage import history
from storage.call_models import RingBack
from storage.ring_back_models import RingBackAttempt, RingBackClaim
from storage.types import table_of

RING_BACK = table_of(RingBack)
ATTEMPT = table_of(RingBackAttempt)
CLAIM = table_of(RingBackClaim)

# What begins so is our process and no login.
LINE = "line:"
SHORT = 64
LONGEST_NOTE = 500
OPEN = RING_BACK.c.closed_at.is_(None)


def close_debt(
    conn: Connection, call: str, reason: Closing, *, by: str, at: datetime, note: str = "", into: str = ""
) -> bool:
    """Close it, once: False if somebody else already has."""
    closed = {
        "closed_at": at,
        "closed_by": by[:SHORT],
        "closing_reason": reason.value,
        "closing_note": note.strip()[:LONGEST_NOTE] or None,
        "merged_into": into or None,
        "next_at": None,
    }
    done = conn.execute(update(RING_BACK).where(RING_BACK.c.call == call, OPEN).values(closed)).rowcount == 1
    if done:
        conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
        tell(conn, call, "closed", by=by, at=at, reason=reason.value, **({"into": into} if into else {}))
    return done


def change(conn: Connection, call: str, **values: Any) -> None:
    conn.execute(update(RING_BACK).where(RING_BACK.c.call == call).values(**values))


def tell(conn: Connection, call: str, kind: str, *, by: str, at: datetime, **detail: Any) -> None:
    history.append(conn, subject=call, kind=f"ring_back.{kind}", actor=by, detail=detail, at=at)
