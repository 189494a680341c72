"""What our own process has seen of calls whose lines Asterisk could not write: kept beside its lines, and marked."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection, bindparam, select

from cases.call_facts import VANISHED, read_cel
from cases.call_record import RING_BACK_WITHIN
from storage import records
from storage.call_models import Call, RawLine
from storage.keeping import keep_once
from storage.records import AT_ONCE, Form, chunks
from storage.types import table_of

LINE = table_of(RawLine)
CALL = table_of(Call)

SOURCE = "witness"

_ENDED = select(CALL.c.id, CALL.c.answered_at, CALL.c.pruned).where(
    CALL.c.id.in_(bindparam("calls", expanding=True)), CALL.c.ended_at.is_not(None)
)


def untold(conn: Connection, talked: Mapping[str, bool]) -> set[str]:
    """Return those of the calls that are over and whose record has no end, or nothing of the talk that there was."""
    told: set[str] = set()
    for some in chunks(sorted(talked), AT_ONCE):
        rows = conn.execute(_ENDED, {"calls": some})
        told |= {row.id for row in rows if row.pruned or row.answered_at or not talked[row.id]}
    return set(talked) - told


def tell(
    conn: Connection, call: str, lines: Sequence[str], at_ms: int, *, within: timedelta = RING_BACK_WITHIN
) -> None:
    """Keep what was seen of a call that is over; of one whose end nobody saw, that it is. The same counts once."""
    kept = [keep_once(conn, LINE, _row(line, Form.CEL, read_cel(line).call)) for line in lines]
    if not any(read_cel(line).kind == "HANGUP" and read_cel(line).of_citizen for line in lines):
        line = f"{at_ms // 1000}|{call}|hotline|NONE|{VANISHED}|at={at_ms}"
        kept.append(keep_once(conn, LINE, _row(line, Form.QUEUE_LOG, call)))
    if any(kept):
        records.update_calls(conn, {call}, within=within)


def _row(line: str, form: Form, call: str) -> dict[str, object]:
    digest = hashlib.blake2b(line.encode(), digest_size=8).digest()
    offset = int.from_bytes(digest, "big") >> 1
    return {"source": SOURCE, "file": 0, "offset": offset, "form": form, "call": call, "line": line}
