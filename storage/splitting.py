"""One case out of another: a second question is split off, and a danger goes on although its caller withdraws."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from cases.policies import Urgency
from cases.rules import Rules
from cases.workflow import Action, State
from storage import assignments
from storage.callback_tasks import end as end_task
from storage.endings import end
from storage.forms import CaseForm
from storage.intake import CONTACT, TEXT, Registered, register
from storage.long_term import close_open_entry
from storage.members import NO_REPLY_WANTED
from storage.models import Stage, TextKind
from storage.moves import CASE, Seen, decide, note, recorded, touch
from storage.people import SYSTEM, Actor

_WITH_UNITS = frozenset(
    {State.DISPATCHED, State.HANDLING, State.RETURN_REVIEW, State.REGISTERED, State.PENDING_DISPATCH}
)


@recorded(Action.SPLIT)
def split(
    conn: Connection, no: str, form: CaseForm, *, key: str, by: Actor, at: datetime, rules: Rules
) -> Registered:
    """拆分 (一件多诉): the second question becomes a case with a number and a code of its own, for the same caller."""
    seen, _ = decide(conn, no, Action.SPLIT, by)
    contact = conn.execute(select(CONTACT).where(CONTACT.c.case == seen.id)).one()
    mine = conn.execute(select(CASE.c.reply_way, CASE.c.party).where(CASE.c.id == seen.id)).one()
    part = replace(
        form,
        contact_name=contact.name,
        contact_number=contact.number,
        reply_way=mine.reply_way,
        party=mine.party,
        channel=seen.channel,
        origin=seen.origin,
        confidential=seen.confidential,
    )
    # A dispatcher takes no case in; that this one was made, and by whom, stands in the history of the first.
    made = register(conn, part, key=key, by=SYSTEM, at=at, rules=rules)
    if not made.again:
        conn.execute(update(CASE).where(CASE.c.no == made.no).values(split_from=seen.id))
        note(conn, touch(conn, seen), "case.split", by=by, at=at, part=made.no)
    return made


@recorded(Action.WITHDRAW)
def withdraw(conn: Connection, no: str, *, by: Actor, at: datetime, rules: Rules) -> str | None:
    """撤回: by the citizen, through a verified channel. Nothing is erased, and a danger does not end with the wish.

    Return the number of the case that goes on with it, if any.
    """
    seen, _ = decide(conn, no, Action.WITHDRAW, by)
    dangerous = seen.urgency != Urgency.NORMAL and seen.state in _WITH_UNITS
    close_open_entry(conn, seen, at)
    gone = end(conn, no, Action.WITHDRAW, "case.withdrawn", reason="withdrawn", by=by, at=at)
    assignments.end_all(conn, gone.id, Stage.WITHDRAWN, at)
    end_task(conn, gone, "withdrawn", at, by=by)
    return _continued(conn, gone, at=at, rules=rules) if dangerous else None


def _continued(conn: Connection, gone: Seen, *, at: datetime, rules: Rules) -> str:
    """The same danger as a case of nobody's, without the one who did not want to be in it any more."""
    row = conn.execute(select(CASE).where(CASE.c.id == gone.id)).one()
    told = select(TEXT.c.text).where(TEXT.c.case == gone.id, TEXT.c.kind == TextKind.ORIGINAL)
    form = CaseForm(
        intent=row.intent,
        category=row.category,
        title=row.title,
        content=conn.execute(told).scalar_one(),
        address=row.address,
        urgency=row.urgency,
        reply_way=NO_REPLY_WANTED,
        confidential=row.confidential,
        origin="system",
        channel=row.channel,
    )
    made = register(conn, form, key=f"continues:{gone.no}", by=SYSTEM, at=at, rules=rules)
    conn.execute(update(CASE).where(CASE.c.no == made.no).values(follows=gone.id))
    note(conn, gone, "case.continued", by=SYSTEM, at=at, by_case=made.no)
    return made.no
