"""补充与催办: whatever the citizen adds reaches those who handle the case, whatever number it came under."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, insert, select, update

from cases import workflow
from cases.rules import Rules
from cases.workflow import OPEN, Action, State
from storage import assignments, members, more_time, notices, reworks, search, urges
from storage.circuit_models import Supplement
from storage.errors import Invalid
from storage.forms import checked_text
from storage.lines import Line, lines
from storage.models import CaseText, TextKind
from storage.moves import CASE, Seen, change, decide, note, recorded, see, touch
from storage.notices import Notice
from storage.people import SYSTEM, Actor
from storage.phone_service_models import VoiceNote
from storage.types import table_of

SUPPLEMENT = table_of(Supplement)
NOTE = table_of(VoiceNote)
TEXT = table_of(CaseText)

FACT, URGE = "fact", "urge"
KINDS: Final = {FACT: "补充情况", URGE: "催办"}
_ANSWERED = frozenset({State.CALLBACK, State.CLOSED})


@recorded(Action.SUPPLEMENT)
def add(  # noqa: PLR0913 - what was said, how, on which call, by whom, when, under which rules
    conn: Connection,
    no: str,
    text: str,
    *,
    kind: str = FACT,
    channel: str = "phone",
    call: str | None = None,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> str:
    """补充、催办: return the number of the case it went to. Any word of the citizen ends the waiting for one."""
    seen, _ = decide(conn, no, Action.SUPPLEMENT, by)
    if kind not in KINDS:
        raise Invalid({"kind": f"请选择：{'、'.join(KINDS.values())} (choose one)"})
    words = checked_text("text", text, longest=4_000)
    root = members.root_of(conn, seen)
    workflow.move(root.state, Action.SUPPLEMENT)
    _must_be_recent(root, at)
    through = seen.id if seen.id != root.id else None
    row = {"kind": kind, "words": words, "channel": channel[:64], "call": call}
    added = insert(SUPPLEMENT).values(case=root.id, through=through, by=by.login, at=at, **row)
    _make_findable(conn, root.id, conn.execute(added.returning(SUPPLEMENT.c.id)).scalar_one())
    if through is not None:
        note(conn, touch(conn, seen), "citizen.supplemented", by=by, at=at, what=kind, to=root.no)
    name = "citizen.supplemented" if kind == FACT else "citizen.urged"
    note(conn, touch(conn, root), name, by=by, at=at, channel=channel, through=seen.no if through else None)
    root = _go_on(conn, see(conn, root.no), at=at, rules=rules)
    _pass_on(conn, root, kind, words, by=by, at=at, rules=rules)
    return root.no


def _make_findable(conn: Connection, case: int, supplement: int) -> None:
    original = (TEXT.c.case == CASE.c.id, TEXT.c.kind == TextKind.ORIGINAL)
    first = select(CASE.c.title, TEXT.c.text, CASE.c.address).join(TEXT, and_(*original))
    words = select(SUPPLEMENT.c.words).where(SUPPLEMENT.c.case == case).order_by(SUPPLEMENT.c.id)
    texts = (*conn.execute(first.where(CASE.c.id == case)).one(), *conn.execute(words).scalars())
    search.add_again(conn, case, supplement, *texts)


def _must_be_recent(root: Seen, at: datetime) -> None:
    if root.closed_at is not None and at - root.closed_at > reworks.REWORK_WITHIN:
        raise Invalid({"text": "办结已超过30天，请另行登记 (closed too long ago; register a new case)"})


def _go_on(conn: Connection, root: Seen, *, at: datetime, rules: Rules) -> Seen:
    """The pause for which the unit waited for the citizen is over."""
    if root.paused_for != "wait_citizen":
        return root
    more_time.go_on(conn, root, by=SYSTEM, at=at, rules=rules)
    return change(conn, root, root.state, paused_at=None, paused_for=None)


def _pass_on(
    conn: Connection, root: Seen, kind: str, words: str, *, by: Actor, at: datetime, rules: Rules
) -> None:
    """The units that handle it are told; of an answered case the centre is asked whether to work on it again."""
    if root.state in _ANSWERED and kind == FACT:
        conn.execute(update(CASE).where(CASE.c.id == root.id).values(rework_asked_at=at))
        reworks.note_proposed(conn, root, "new_fact", by=by, at=at, rules=rules)
        return
    if kind == URGE and root.unit is not None and root.state in OPEN:
        urges.urge(conn, root.no, words, origin="citizen", by=by, at=at, rules=rules)
        return
    for task in assignments.open_tasks(conn, root.id):
        told = Notice(kind="supplement", unit=task.unit, case=root.id, detail={"kind": kind})
        notices.tell(conn, told, at=at, rules=rules)


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    heard = select(SUPPLEMENT, NOTE.c.seconds, NOTE.c.transcript).outerjoin(
        NOTE, NOTE.c.supplement == SUPPLEMENT.c.id
    )
    return lines(conn, heard.where(SUPPLEMENT.c.case == case_id), "supplement")
