"""The screen pop: who calls, what they still wait for, and what was typed already. One read of the store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from cases.call_record import EndReason
from cases.call_segments import SegmentKind
from cases.workflow import OPEN
from console.view import CallShown
from console.writing import epoch_ms
from storage import calls, cases, drafts, nuisance, numbers, told
from storage.calls import CallBrief, CallView
from storage.cases import CaseBrief
from storage.nuisance import Restriction
from storage.numbers import OldHotline
from storage.told import ToldBrief

CASES_SHOWN: Final = 8
CALLS_SHOWN: Final = 3
CASES_LOOKED_AT: Final = 30
_TOLD: Final = frozenset({SegmentKind.MENU, SegmentKind.QUEUED, SegmentKind.MESSAGE})

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a caller."""

    call: CallView | None
    before: list[CallBrief]
    cases: list[CaseBrief]
    """The newest ones; `open` are those that wait, however old."""
    draft: dict[str, str] | None
    hotline: OldHotline | None = None
    """合并热线: which of the merged numbers was dialled."""
    restriction: Restriction | None = None
    event: str = ""
    told: ToldBrief | None = None
    open: Sequence[CaseBrief] = ()
    counted: tuple[int, int] = (0, 0)
    """How many cases there are altogether, and how many of them are open."""
    called: int = 0


def look_up(conn: Connection, shown: CallShown, at: datetime) -> Known:
    """Read everything about the caller; a withheld number has no past."""
    return Known(
        call=calls.call(conn, shown.id),
        before=[one for one in calls.calls_of(conn, shown.number, CALLS_SHOWN + 1) if one.id != shown.id],
        cases=cases.cases_of_caller(conn, shown.number, CASES_LOOKED_AT),
        draft=drafts.draft(conn, shown.id),
        hotline=numbers.old_hotline(conn, shown.wish.line),
        restriction=nuisance.holding(conn, shown.number, at) if shown.number else None,
        event=told.joined(conn, shown.number, at),
        told=told.newest(conn, shown.owed or shown.id),
        open=cases.open_of_caller(conn, shown.number, CASES_SHOWN),
        counted=cases.counted_of_caller(conn, shown.number),
        called=calls.count_of(conn, shown.number, but=shown.id),
    )


def pop(shown: CallShown, known: Known, *, at: datetime, say: Say) -> dict[str, Any]:
    """Return the content of a `pop` message."""
    ended = [case for case in known.cases if case.state not in OPEN]
    waited = (shown.offered_at - shown.queued_at).total_seconds()
    return {
        "call": shown.id,
        "caller": {
            # Not masked: this is the agent who has the citizen on the line.
            "number": shown.number,
            "nth": known.called + 1,
            "cases": known.counted[0],
            "open": known.counted[1],
            "last_at": epoch_ms(known.before[0].offered_at) if known.before else None,
            "waited_seconds": max(0, int(waited)),
            "path": path_of(known.call, say),
            "line": shown.wish.line,
            "hotline": known.hotline.name if known.hotline else "",
            "category": (known.hotline.category or "") if known.hotline else "",
            "skill": shown.wish.skill,
            "language": shown.wish.language,
            "elder": shown.wish.elder,
            "priority": shown.wish.priority,
            "event": known.event,
            "nuisance": known.restriction.grade.value if known.restriction else 0,
            "told": _told(known.told),
            "owed": shown.owed,
            "why": {"reason": shown.why.reason.value, "detail": shown.why.detail} if shown.why else None,
        },
        "open_cases": [brief(case, at) for case in known.open],
        "recent_cases": [brief(case, at) for case in ended[:CASES_SHOWN]],
        "recent_calls": [recent(call, say) for call in known.before[:CALLS_SHOWN]],
        "draft": known.draft,
    }


def _told(told_wait: ToldBrief | None) -> dict[str, Any] | None:
    """Return what the caller was told of the wait, to be set against what it was."""
    if told_wait is None:
        return None
    return {"position": told_wait.position, "low": told_wait.low, "high": told_wait.high}


def nothing_known(shown: CallShown, *, at: datetime, say: Say) -> dict[str, Any]:
    """Return the pop while the store does not answer: the call itself must be taken all the same."""
    return pop(shown, Known(None, [], [], None), at=at, say=say)


def brief(case: CaseBrief, at: datetime) -> dict[str, Any]:
    return {
        "no": case.no,
        "title": case.title,
        "state": case.state.value,
        "state_text": case.state_text,
        "unit": case.unit_name,
        "received_at": epoch_ms(case.received_at),
        "due_at": epoch_ms(case.due_at),
        "overdue": case.overdue(at),
    }


def recent(call: CallBrief, say: Say) -> dict[str, Any]:
    """Return one line about an earlier call: what came of it, or else how it ended."""
    key = f"outcome.{call.outcome}" if call.outcome else f"end.{call.end_reason or EndReason.FAILED}"
    return {
        "at": epoch_ms(call.offered_at),
        "outcome_text": say(key),
        "agent": call.outcome_by or call.seat,
        "seconds": int(call.talk_seconds),
    }


def path_of(call: CallView | None, say: Say) -> list[str]:
    """Return the way through menus and line, in words."""
    if call is None:
        return []
    steps = [say(f"path.{segment.kind}") for segment in call.segments if segment.kind in _TOLD]
    return [*steps, say("path.keys", keys=call.keys)] if call.keys else steps
