"""反馈: everybody who asked is told the result; the case goes on when the last of them was, or was tried often enough."""

from datetime import datetime

from sqlalchemy import Connection, Table, insert, select

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, State
from storage import assignments, callback_tasks, clocks, members
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.members import FEEDBACK, HAS_A_RESULT
from storage.moves import Seen, change, decide, note, recorded, see, touch
from storage.people import Actor

# After so many attempts on so many days, a citizen who was not reached need not be tried again.
ATTEMPTS, ATTEMPT_DAYS = 3, 2


@recorded(Action.FEED_BACK)
def feed_back(  # noqa: PLR0913 - how it was told, whether it arrived, by whom, when, under which rules
    conn: Connection,
    no: str,
    *,
    channel: str,
    delivered: bool,
    content: str = "",
    call: str | None = None,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> State:
    """反馈: done when the message arrived, or after three attempts on two days. Return the state of the case."""
    seen, _ = decide(conn, no, Action.FEED_BACK, by)
    root = members.root_of(conn, seen)
    if root.state not in HAS_A_RESULT:
        raise Invalid({"channel": "主件尚未有结果，不能反馈 (the case it was merged into has no result yet)"})
    row = {"channel": channel[:64], "delivered": delivered, "content": content.strip(), "call": call}
    conn.execute(insert(FEEDBACK).values(case=seen.id, round=root.rework_no, by=by.login, at=at, **row))
    if not delivered and not tried_enough(conn, FEEDBACK, seen.id, root.rework_no, rules):
        touch(conn, seen)
        note(conn, seen, "feedback.tried", by=by, at=at, channel=channel, call=call)
        return seen.state
    clocks.stop(conn, Obligation(seen.id, ClockKind.FEEDBACK), at)
    if seen.id != root.id:
        touch(conn, seen)
    detail = {"channel": channel, "delivered": delivered, "call": call}
    return _told(conn, seen, root, detail, by=by, at=at, rules=rules)


def _told(
    conn: Connection,
    seen: Seen,
    root: Seen,
    detail: dict[str, object],
    *,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> State:
    """Let the case that is handled go on when everybody was told. Its version grows with each word to a caller:

    two who tell the last two callers at one moment would otherwise both leave it waiting.
    """
    waits = root.state is State.FEEDBACK
    done = waits and not _untold(conn, root, rules)
    if seen.id != root.id or not done:
        note(conn, seen, "feedback.told", by=by, at=at, **detail)
    if not done:
        touch(conn, see(conn, root.no))
        return seen.state
    root = change(conn, see(conn, root.no), State.CALLBACK)
    callback_tasks.open_task(conn, root, at)
    assignments.start(conn, root, ClockKind.CALLBACK, at=at, rules=rules)
    note(conn, root, "feedback.done", by=by, at=at, **detail)
    return State.CALLBACK if seen.id == root.id else seen.state


def _untold(conn: Connection, root: Seen, rules: Rules) -> list[int]:
    """Return the cases whose callers were neither told in this round nor tried often enough."""
    to_tell = [root.id, *members.with_callers(conn, root)]
    told = select(FEEDBACK.c.case).where(
        FEEDBACK.c.case.in_(to_tell), FEEDBACK.c.round == root.rework_no, FEEDBACK.c.delivered
    )
    open_ones = set(to_tell) - set(conn.execute(told).scalars())
    return [case for case in open_ones if not tried_enough(conn, FEEDBACK, case, root.rework_no, rules)]


def tried_enough(conn: Connection, attempts: Table, case: int, turn: int, rules: Rules) -> bool:
    """Count the attempts of a round, the one just written among them, and the local days on which they were made."""
    wanted = select(attempts.c.at).where(attempts.c.case == case, attempts.c.round == turn)
    times = conn.execute(wanted).scalars().all()
    days = {at.astimezone(rules.zone).date() for at in times}
    return len(times) >= ATTEMPTS and len(days) >= ATTEMPT_DAYS
