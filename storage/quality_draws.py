"""抽检: which calls are checked. Each agent's calls of a week have the same chance, and each agent the same number."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from cases.call_parts import Direction
from cases.quality import MOST_PER_AGENT, WORTH_CHECKING, in_drawing_order, monday_of, still_to_draw
from storage import history, transcripts
from storage.call_models import Call, SeatLog
from storage.errors import Conflict, Invalid, Missing
from storage.keeping import keep_once
from storage.people_models import Account
from storage.quality_models import QualityDraw
from storage.types import table_of

CALL = table_of(Call)
DRAW = table_of(QualityDraw)
SEAT_LOG = table_of(SeatLog)
ACCOUNT = table_of(Account)

RANDOM, PICKED = "random", "picked"
# A state of a seat is written down at least as often as somebody signs on.
LOOK_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that could be checked."""

    call: str
    seat: str
    agent: str
    at: datetime
    seconds: float


_TALKS = select(CALL.c.id, CALL.c.seat, CALL.c.answered_at, CALL.c.talk_seconds).where(
    CALL.c.direction == Direction.INCOMING,
    CALL.c.answered_at.is_not(None),
    CALL.c.recording_state == "kept",
    CALL.c.talk_seconds >= WORTH_CHECKING,
    CALL.c.seat != "",
)


def draw(
    conn: Connection,
    week: date,
    per_agent: int,
    *,
    zone: ZoneInfo,
    by: str,
    at: datetime,
    only: Collection[str] | None = None,
) -> int:
    """Draw what is still wanting of the week's calls, of all agents or of these; return how many.

    Drawn twice, nothing is drawn anew.
    """
    if not 1 <= per_agent <= MOST_PER_AGENT:
        raise Invalid({"per_agent": f"每人应抽1至{MOST_PER_AGENT}通 (1 to {MOST_PER_AGENT} for each agent)"})
    week = monday_of(week)
    by_agent: dict[str, dict[str, Talk]] = defaultdict(dict)
    for talk in talks_of_week(conn, week, zone):
        if only is None or talk.agent in only:
            by_agent[talk.agent][talk.call] = talk
    rows = conn.execute(select(DRAW.c.call, DRAW.c.agent, DRAW.c.basis).where(DRAW.c.week == week)).all()
    taken = {row.call for row in rows}
    drawn = Counter(row.agent for row in rows if row.basis == RANDOM)
    found: list[Talk] = []
    for agent, wanted in still_to_draw(drawn, sorted(by_agent), per_agent).items():
        found += _first(conn, by_agent[agent], taken, seed=f"{week}|{agent}", wanted=wanted)
    for talk in found:
        _keep(conn, talk, week, RANDOM, by=by, at=at)
    detail = {"per_agent": per_agent, "drawn": len(found), "agents": len(by_agent)}
    history.append(conn, subject=f"quality:{week}", kind="quality.drawn", actor=by, detail=detail, at=at)
    return len(found)


def _first(
    conn: Connection, talks: Mapping[str, Talk], taken: set[str], *, seed: str, wanted: int
) -> list[Talk]:
    """Return the first in the order that nobody chooses; a confidential report is nobody's exercise."""
    order = [call for call in in_drawing_order(list(talks), seed) if call not in taken]
    found: list[Talk] = []
    for begin in range(0, len(order), 3 * wanted):
        some = order[begin : begin + 3 * wanted]
        hidden = transcripts.confidential(conn, some)
        found += [talks[call] for call in some if call not in hidden]
        if len(found) >= wanted:
            break
    return found[:wanted]


def pick(conn: Connection, call: str, *, zone: ZoneInfo, by: str, at: datetime) -> None:
    """Take up one call beside the random ones, because somebody has complained or it is a good example."""
    row = conn.execute(_TALKS.where(CALL.c.id == call)).one_or_none()
    if row is None:
        raise Missing(call)
    if transcripts.confidential(conn, [call]):
        raise Conflict("保密件不作质检 (a confidential report is not checked)")
    (talk,) = _with_agents(conn, [row])
    if not talk.agent:
        raise Conflict("不知道当时是谁在座席 (nobody knows who sat there)")
    if not _keep(conn, talk, monday_of(talk.at.astimezone(zone).date()), PICKED, by=by, at=at):
        return
    detail = {"agent": talk.agent}
    history.append(conn, subject=call, kind="quality.picked", actor=by, detail=detail, at=at)


def _keep(conn: Connection, talk: Talk, week: date, basis: str, *, by: str, at: datetime) -> bool:
    row: dict[str, Any] = {"call": talk.call, "week": week, "agent": talk.agent, "seat": talk.seat}
    row |= {
        "talked_at": talk.at,
        "talk_seconds": talk.seconds,
        "basis": basis,
        "drawn_by": by,
        "drawn_at": at,
    }
    return keep_once(conn, DRAW, row)


def talks_of_week(conn: Connection, week: date, zone: ZoneInfo) -> list[Talk]:
    """Return what could be checked of a week, with the agent who had it."""
    begins = datetime.combine(week, time(), zone)
    ends = datetime.combine(week + timedelta(days=7), time(), zone)
    rows = conn.execute(_TALKS.where(CALL.c.offered_at >= begins, CALL.c.offered_at < ends)).all()
    return [talk for talk in _with_agents(conn, rows) if talk.agent]


def _with_agents(conn: Connection, rows: Sequence[Any]) -> list[Talk]:
    """Say who sat at the seat then: as the seat's log tells, else whose seat it is."""
    if not rows:
        return []
    since, until = min(row.answered_at for row in rows), max(row.answered_at for row in rows)
    logged: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    log = select(SEAT_LOG.c.seat, SEAT_LOG.c.at, SEAT_LOG.c.agent)
    window = (SEAT_LOG.c.at >= since - LOOK_BACK, SEAT_LOG.c.at <= until, SEAT_LOG.c.agent != "")
    for row in conn.execute(log.where(*window).order_by(SEAT_LOG.c.at)):
        logged[row.seat].append((row.at, row.agent))
    owners = {
        row.seat: row.login for row in conn.execute(select(ACCOUNT.c.seat, ACCOUNT.c.login)) if row.seat
    }

    def agent_at(seat: str, at: datetime) -> str:
        states = logged.get(seat, [])
        place = bisect_right(states, at, key=lambda state: state[0])
        return states[place - 1][1] if place else owners.get(seat, "")

    return [
        Talk(row.id, row.seat, agent_at(row.seat, row.answered_at), row.answered_at, row.talk_seconds)
        for row in rows
    ]
