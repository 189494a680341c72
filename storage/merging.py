"""并入催办: a caller asks for what is being dealt with already, so no second case is made of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from cases.rules import Rules
from storage import members, supplements
from storage.drafts import drop_draft
from storage.moves import see
from storage.people import Actor
from storage.supplements import SUPPLEMENT
from storage.views import case


@dataclass(frozen=True, slots=True)
class Merged:
    """The case it went to, and how that stands."""

    no: str
    title: str
    state_text: str
    unit: str
    due_at: datetime | None
    again: bool
    """It had been sent before, and was not added a second time."""


def merge(
    conn: Connection,
    no: str,
    words: str,
    *,
    kind: str,
    call: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> Merged:
    """Add what was said on a call to a case; the draft of the call has come to something then.

    Sent twice, it is added once: what the same call has said to the same case in the same words stands there already.
    """
    root = members.root_of(conn, see(conn, no))
    said = select(SUPPLEMENT.c.id).where(
        SUPPLEMENT.c.case == root.id,
        SUPPLEMENT.c.call == call,
        SUPPLEMENT.c.kind == kind,
        SUPPLEMENT.c.words == words.strip(),
    )
    again = conn.execute(said).first() is not None
    if not again:
        supplements.add(conn, no, words, kind=kind, call=call, by=by, at=at, rules=rules)
        drop_draft(conn, call)
    now = case(conn, root.no)
    return Merged(now.no, now.title, now.state_text, now.unit_name or "", now.due_at, again)
