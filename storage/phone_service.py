"""What a citizen does about his case by telephone without a person: urge it, add to it, say whether it is solved.

Who calls from the number of a case hears its state and may urge it or add to it; nothing he does can harm it. An
evaluation closes a case, so it is taken only from who knows its query code, or was rung at its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select

from cases.rules import Rules
from cases.telephone import canonical
from cases.workflow import OPEN, Role, Secrecy, State
from storage import assignments, callbacks, feedback, notices, supplements
from storage.callbacks import REACHED, Evaluation
from storage.circuit_models import Supplement
from storage.forms import CHANNELS, keyable
from storage.keeping import keep_once
from storage.members import root_of
from storage.models import CaseContact
from storage.moves import CASE, Seen, see
from storage.notices import Notice
from storage.people import CITIZEN, SYSTEM
from storage.phone_service_models import PhoneUrge
from storage.status import JUDGED
from storage.supplements import FACT, URGE
from storage.types import table_of
from storage.voice_notes import Said, keep_note, kept_before

URGED = table_of(PhoneUrge)
SUPPLEMENT = table_of(Supplement)
CONTACT = table_of(CaseContact)

MOST_OPEN = 5  # more than these are "several": the number of an office, or of a hotel
URGE_WORDS: Final = "诉求人来电自助催办"
# Of an answered case the centre is asked anyway whether to work on it again.
_WITH_NOBODY = OPEN - {State.CALLBACK}
REASON_WORDS: Final = "诉求人以语音说明原因，见录音"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What may be said of a case to whoever calls from its number: that it is there, since when, and its state."""

    no: str
    filed_at: datetime
    state: State
    others: int = 0
    """How many more of this number are open."""


class Urged(StrEnum):
    """What came of urging."""

    NOW = "now"
    TODAY = "today"  # it was urged today already
    OVER = "over"  # nobody works on it any more


class Judged(StrEnum):
    """What came of an evaluation."""

    CLOSED = "closed"
    WAITS = "waits"  # others who asked for the same are told first; a person asks him then
    OVER = "over"


_MASTER = CASE.alias("master")
_HAS_MASTER = and_(CASE.c.state == State.MERGED, _MASTER.c.state.in_(OPEN))
_OPEN = (
    select(CASE.c.no, CASE.c.received_at, CASE.c.state, _MASTER.c.state.label("of_master"))
    .join(CONTACT, CONTACT.c.case == CASE.c.id)
    .outerjoin(_MASTER, _MASTER.c.id == CASE.c.master)
    .where(
        CONTACT.c.number == bindparam("caller"),
        CASE.c.confidential == Secrecy.NONE,
        or_(CASE.c.state.in_(OPEN), _HAS_MASTER),
    )
    .order_by(CONTACT.c.case.desc())
    .limit(MOST_OPEN)
)
_URGED_TODAY = select(SUPPLEMENT.c.id).where(
    SUPPLEMENT.c.case == bindparam("row"), SUPPLEMENT.c.kind == URGE, SUPPLEMENT.c.at >= bindparam("midnight")
)
_URGED_IN = select(URGED.c.call).where(URGED.c.case == bindparam("row"), URGED.c.day == bindparam("today"))
_NEWEST = (
    select(SUPPLEMENT.c.id)
    .where(SUPPLEMENT.c.case == bindparam("row"))
    .order_by(SUPPLEMENT.c.id.desc())
    .limit(1)
)


def open_case(conn: Connection, number: str) -> OpenCase | None:
    """Return the newest open case of this number; confidential ones are as if they were not there."""
    if not number:
        return None
    rows = conn.execute(_OPEN, {"caller": keyable(canonical(number), 64)}).all()
    if not rows:
        return None
    newest = rows[0]
    return OpenCase(newest.no, newest.received_at, newest.of_master or newest.state, len(rows) - 1)


def urge(
    conn: Connection, no: str, *, call: str | None, channel: str = "phone", at: datetime, rules: Rules
) -> Urged:
    """催办 by its citizen, at most once on a day of the city; urged by an agent for him counts as well."""
    root = root_of(conn, see(conn, no))
    if root.state not in OPEN:
        return Urged.OVER
    local = at.astimezone(rules.zone)
    today = f"{local:%y%m%d}"
    midnight = datetime.combine(local.date(), time(), rules.zone)
    urged = conn.execute(_URGED_TODAY, {"row": root.id, "midnight": midnight}).first() is not None
    if urged or not keep_once(
        conn, URGED, {"case": root.id, "day": today, "call": call or channel, "at": at}
    ):
        # The same call asks again when the answer of the database was lost: it was this one that urged.
        before = conn.execute(_URGED_IN, {"row": root.id, "today": today}).scalar()
        mine = call is not None and before == call
        return Urged.NOW if mine else Urged.TODAY
    words = URGE_WORDS if channel == "phone" else f"诉求人在{CHANNELS[channel]}自助催办"
    supplements.add(conn, no, words, kind=URGE, channel=channel, call=call, by=CITIZEN, at=at, rules=rules)
    if root.unit is None:
        _tell_centre(conn, root, URGE, at=at, rules=rules)
    return Urged.NOW


def add_words(conn: Connection, no: str, said: Said, *, call: str, at: datetime, rules: Rules) -> str:
    """补充情况 by voice: the recording becomes a supplement of the case that is handled; return that case's number."""
    root = root_of(conn, see(conn, no))
    if kept_before(conn, said):
        return root.no
    words = f"诉求人来电语音补充（{round(said.seconds)}秒），见录音"
    went = supplements.add(conn, no, words, kind=FACT, call=call, by=CITIZEN, at=at, rules=rules)
    newest: int = conn.execute(_NEWEST, {"row": root.id}).scalar_one()
    keep_note(conn, said, case=root.id, supplement=newest, call=call, at=at)
    if root.state in _WITH_NOBODY and not assignments.open_tasks(conn, root.id):
        _tell_centre(conn, root, FACT, at=at, rules=rules)
    return went


def _tell_centre(conn: Connection, root: Seen, kind: str, *, at: datetime, rules: Rules) -> None:
    """No unit has it, so no unit can be told; and no agent was on the line who would know."""
    told = Notice(kind="supplement", role=Role.DISPATCHER, case=root.id, detail={"kind": kind})
    notices.tell(conn, told, at=at, rules=rules)


def evaluate(  # noqa: PLR0913 - both answers and why, on which call, when, under which rules
    conn: Connection,
    no: str,
    *,
    solved: str,
    satisfied: str,
    reason: str | None = None,
    comment: str = "",
    spoken: Sequence[Said] = (),
    call: str | None,
    source: str = "dtmf",
    at: datetime,
    rules: Rules,
) -> Judged:
    """评价 by keys or words: closes the case as a call back would. Who judges a result has been told of it.

    `reason` is one of `callbacks.COMPLAINTS`; `spoken` are recordings of why; `source` is by which way he says it.
    """
    seen = see(conn, no)
    if seen.state not in JUDGED:
        return Judged.OVER
    for said in spoken:
        if not kept_before(conn, said):
            keep_note(conn, said, case=seen.id, supplement=None, call=call or "", at=at)
    if seen.state is State.FEEDBACK:
        told = feedback.feed_back(
            conn,
            no,
            channel="phone" if source == "dtmf" else source,
            delivered=True,
            call=call,
            by=SYSTEM,
            at=at,
            rules=rules,
        )
        if told is not State.CALLBACK:
            return Judged.WAITS
    words = "。".join(filter(None, (comment, REASON_WORDS if spoken else "")))
    said_so = Evaluation(
        result=REACHED,
        solved=solved,
        satisfied=satisfied,
        reason=reason,
        comment=words,
        call=call,
        source=source,
    )
    callbacks.call_back(conn, no, said_so, by=CITIZEN, at=at, rules=rules)
    return Judged.CLOSED
