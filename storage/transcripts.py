"""Drafts of what was said: kept for a while, and never for a call whose case is confidential."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from cases.transcripts import Party, Said
from cases.workflow import Secrecy
from storage.call_models import Call, SpooledMessage
from storage.keeping import keep, keep_once
from storage.models import CaseFile
from storage.transcript_models import MessageHearing, TranscriptLine
from storage.types import table_of

LINE = table_of(TranscriptLine)
HEARING = table_of(MessageHearing)
MESSAGE = table_of(SpooledMessage)
CASE = table_of(CaseFile)
CALL = table_of(Call)

LONGEST = 2_000
MOST_LINES = 2_000
"""Of one call: two hours of talk have fewer."""
AT_ONCE = 500
MOST_MESSAGES = 20
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=2))
"""After these a message that could not be heard is tried again; then never."""
WORTH_HEARING = timedelta(days=3)

_HIDDEN = CASE.c.confidential != Secrecy.NONE
_OF_CALL = (
    select(LINE.c.party, LINE.c.at, LINE.c.seconds, LINE.c.text, LINE.c.score)
    .where(LINE.c.call == bindparam("call"))
    .order_by(LINE.c.at, LINE.c.party)
    .limit(MOST_LINES)
)


def keep_said(conn: Connection, call: str, said: Iterable[Said]) -> bool:
    """Keep sentences of a call; False, and nothing is left of it, if its case is confidential."""
    if confidential(conn, [call]):
        forget(conn, call)
        return False
    for one in said:
        row = {
            "call": call,
            "party": one.party,
            "at": one.at,
            "seconds": one.seconds,
            "text": one.text.replace("\0", "")[:LONGEST],
            "score": one.score,
        }
        keep_once(conn, LINE, row)
    return True


def of_call(conn: Connection, call: str) -> list[Said]:
    """Return what was said in a call, in its order."""
    if confidential(conn, [call]):
        return []
    return [Said(*row) for row in conn.execute(_OF_CALL, {"call": call})]


def confidential(conn: Connection, calls: Collection[str]) -> set[str]:
    """Return which of these calls led to a case that not everybody may read, or were about one."""
    if not calls:
        return set()
    these = list(calls)
    filed = select(CASE.c.call).where(CASE.c.call.in_(these), _HIDDEN)
    about = select(CALL.c.id).join(CASE, CASE.c.no == CALL.c.case).where(CALL.c.id.in_(these), _HIDDEN)
    return set(conn.execute(filed.union(about)).scalars())


def forget(conn: Connection, call: str) -> None:
    """Delete what was written down of a call."""
    conn.execute(delete(LINE).where(LINE.c.call == call))


def forget_of_case(conn: Connection, case: int) -> None:
    """Delete what was written down of the call that led to this case, and of those that were about it."""
    filed = select(CASE.c.call).where(CASE.c.id == case, CASE.c.call.is_not(None))
    about = select(CALL.c.id).join(CASE, CASE.c.no == CALL.c.case).where(CASE.c.id == case)
    conn.execute(delete(LINE).where(LINE.c.call.in_(filed) | LINE.c.call.in_(about)))


def forget_old(conn: Connection, before: datetime) -> int:
    """Delete what was said before then; return how many sentences that were."""
    return conn.execute(delete(LINE).where(LINE.c.at < before)).rowcount


def forget_confidential(conn: Connection, since: datetime) -> int:
    """Delete what was kept since then in the very moment in which its case became confidential."""
    calls = conn.execute(select(LINE.c.call).where(LINE.c.at >= since).distinct()).scalars().all()
    gone = 0
    for begin in range(0, len(calls), AT_ONCE):
        if hidden := confidential(conn, calls[begin : begin + AT_ONCE]):
            gone += conn.execute(delete(LINE).where(LINE.c.call.in_(hidden))).rowcount
    return gone


# Messages


@dataclass(frozen=True, slots=True)
class Unheard:
    """A message whose words are still to be written down."""

    call: str
    sound: str
    at: datetime


def unheard(conn: Connection, at: datetime) -> list[Unheard]:
    """Return the messages to be heard now, the newest first: somebody is about to ring back."""
    due = HEARING.c.call.is_(None) | (HEARING.c.next_at <= at)
    rows = conn.execute(
        select(MESSAGE.c.call, MESSAGE.c.sound, MESSAGE.c.at)
        .outerjoin(HEARING, HEARING.c.call == MESSAGE.c.call)
        .where(MESSAGE.c.sound.is_not(None), MESSAGE.c.at > at - WORTH_HEARING, due)
        .order_by(MESSAGE.c.at.desc())
        .limit(MOST_MESSAGES)
    )
    return [Unheard(*row) for row in rows]


def message_heard(conn: Connection, call: str, said: Iterable[Said]) -> None:
    """Keep the words of a message; there may be none."""
    keep_said(conn, call, said)
    keep(conn, HEARING, {"call": call}, {"tries": 0, "next_at": None})


def message_not_heard(conn: Connection, call: str, at: datetime) -> None:
    """Note that it did not work this time."""
    tries = conn.execute(select(HEARING.c.tries).where(HEARING.c.call == call)).scalar() or 0
    again = at + PAUSES[tries] if tries < len(PAUSES) else None
    keep(conn, HEARING, {"call": call}, {"tries": tries + 1, "next_at": again})


def words_of_messages(conn: Connection, calls: Collection[str]) -> dict[str, str]:
    """Return what was said in these messages, by call."""
    wanted = set(calls) - confidential(conn, calls)
    if not wanted:
        return {}
    rows = conn.execute(
        select(LINE.c.call, LINE.c.text)
        .where(LINE.c.call.in_(wanted), LINE.c.party == Party.MESSAGE)
        .order_by(LINE.c.call, LINE.c.at)
    )
    words: dict[str, list[str]] = {}
    for call, text in rows:
        words.setdefault(call, []).append(text)
    return {call: "，".join(texts) for call, texts in words.items()}
