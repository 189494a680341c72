"""抽检批次: each week's checks are drawn by themselves, for each agent once, whoever draws and however often it is tried."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from cases.quality import weeks_to_draw
from storage import quality_draws
from storage.keeping import keep_once
from storage.people import SYSTEM
from storage.rounds_models import QualityRound
from storage.types import table_of

ROUND = table_of(QualityRound)


def waiting(conn: Connection, *, zone: ZoneInfo, at: datetime) -> list[date]:
    """Return the weeks of which somebody's calls have not been drawn yet."""
    weeks = weeks_to_draw(at.astimezone(zone))
    return [week for week in weeks if _not_drawn(conn, week, zone)]


def draw_week(conn: Connection, week: date, per_agent: int, *, zone: ZoneInfo, at: datetime) -> int:
    """Draw for everybody who has not had a round of this week; return how many calls.

    An agent whose calls another node tells late has a round of his own. Of two nodes the second waits at the first
    row that the other has written, and finds nothing left to do.
    """
    fresh = [
        agent
        for agent in _not_drawn(conn, week, zone)
        if keep_once(conn, ROUND, {"week": week, "agent": agent, "wanted": per_agent, "at": at})
    ]
    if not fresh:
        return 0
    return quality_draws.draw(conn, week, per_agent, zone=zone, by=SYSTEM.login, at=at, only=fresh)


def _not_drawn(conn: Connection, week: date, zone: ZoneInfo) -> list[str]:
    """Return who had calls that week and no round; in one order, so that two who draw never wait for each other."""
    had = {talk.agent for talk in quality_draws.talks_of_week(conn, week, zone)}
    return sorted(had - set(conn.execute(select(ROUND.c.agent).where(ROUND.c.week == week)).scalars()))
