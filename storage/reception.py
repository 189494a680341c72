"""What is known of a call before its first word: one read, by primary keys and small indexes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from cases.policies import Urgency
from cases.telephone import canonical
from cases.workflow import OPEN
from storage import events, nuisance, numbers, phone_service
from storage.events import Event
from storage.forms import keyable
from storage.intake import CASE, CONTACT
from storage.nuisance import Restriction
from storage.numbers import KNOWN, OldHotline
from storage.phone_service import OpenCase
from storage.ring_backs import RING_BACK


@dataclass(frozen=True, slots=True)
class Known:
    """What the store tells of a number dialled and a number calling."""

    line: OldHotline | None = None
    events: tuple[Event, ...] = ()
    restriction: Restriction | None = None
    elder: bool = False
    urgent: bool = False
    """A case of his that is not yet solved is urgent."""
    ring_back_owed: bool = False
    """He is noted already, and need not be noted twice."""
    open_case: OpenCase | None = None
    """The newest case of his that somebody works on."""


NOTHING = Known()

_ELDER = select(KNOWN.c.elder).where(KNOWN.c.number == bindparam("caller"))
_URGENT = (
    select(CASE.c.id)
    .join(CONTACT, CONTACT.c.case == CASE.c.id)
    .where(
        CONTACT.c.number == bindparam("caller"),
        CASE.c.state.in_(OPEN),
        CASE.c.urgency.in_((Urgency.URGENT, Urgency.CRITICAL)),
    )
    .limit(1)
)
_OWED = (
    select(RING_BACK.c.call)
    .where(RING_BACK.c.number == bindparam("caller"), RING_BACK.c.closed_at.is_(None))
    .limit(1)
)


def reception(conn: Connection, *, dialled: str, number: str, at: datetime) -> Known:
    """Return all that changes how this call is received."""
    line = numbers.old_hotline(conn, dialled) if dialled != numbers.OURS else None
    heard = tuple(events.now_on(conn, at))
    if not number:
        return Known(line=line, events=heard)
    caller = {"caller": keyable(canonical(number), 64)}
    return Known(
        line=line,
        events=heard,
        restriction=nuisance.holding(conn, number, at),
        elder=bool(conn.execute(_ELDER, caller).scalar()),
        urgent=conn.execute(_URGENT, caller).first() is not None,
        ring_back_owed=conn.execute(_OWED, caller).first() is not None,
        open_case=phone_service.open_case(conn, number),
    )
