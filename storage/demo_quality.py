"""Some quality checks of last week and some messages to seats for the invented city, so that their pages are not empty.

The calls themselves were never made: there is no recording to hear, and nothing counts in any figure of the line.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from cases.quality import USUAL, monday_of
from storage import quality, quality_draws, seat_messages
from storage.people import SYSTEM
from storage.quality_draws import DRAW

LEAD, SUPERVISOR = "9001", "9002"
AGENTS = ("1001", "1002", "1003", "1004")
CALLS = 3
BEST = [item.most for item in USUAL]
# Of each agent's calls so many points are missing in one item; the last call still waits.
LACKING = {"1001": (0, 4), "1002": (10, 2), "1003": (18, 6), "1004": (3, 0)}
REMARKS = ("开头语完整，要素齐全。", "未复述诉求要点，请确认后再记录。")
APPEALS = {
    "1002": "市民多次打断，已复述两次，请复核录音。",
    "1003": "当时系统提示政策已更新，答复以新政策为准。",
}
MESSAGES = ("五一北路今日抢修停水，统一口径见知识库。", "午间来电较多，请错峰用餐。")


def load_checks(conn: Connection, at: datetime, zone: ZoneInfo) -> int:
    """Load drawn calls with scores, appeals and messages unless anything was drawn; return how many calls."""
    if conn.execute(select(DRAW.c.call).limit(1)).first() is not None:
        return 0
    week = monday_of(at.astimezone(zone).date()) - timedelta(weeks=1)
    rows = [_row(week, agent, n, zone, at) for agent in AGENTS for n in range(CALLS)]
    conn.execute(insert(DRAW), rows)
    for agent in AGENTS:
        for n, lacking in enumerate(LACKING[agent]):
            _check(conn, _call(week, agent, n), lacking, REMARKS[n], at)
    for agent, words in APPEALS.items():
        quality.appeal(conn, _call(week, agent, 0), words, by=agent, at=at)
    marks = [*BEST[:2], BEST[2] - 4, *BEST[3:]]
    quality.decide(conn, _call(week, "1002", 0), marks, answer="复听属实，改判。", by=SUPERVISOR, at=at)
    _say(conn, at)
    return len(rows)


def _call(week: date, agent: str, n: int) -> str:
    return f"demo-{week:%y%m%d}-{agent}.{n}"


def _row(week: date, agent: str, n: int, zone: ZoneInfo, at: datetime) -> dict[str, object]:
    talked = datetime.combine(week + timedelta(days=n), time(9 + n, 10 * n), zone)
    return {
        "call": _call(week, agent, n),
        "week": week,
        "agent": agent,
        "seat": f"s{agent}",
        "talked_at": talked,
        "talk_seconds": 95.0 + 40 * n,
        "basis": quality_draws.RANDOM,
        "drawn_by": SYSTEM.login,
        "drawn_at": at,
    }


def _check(conn: Connection, call: str, lacking: int, remark: str, at: datetime) -> None:
    """Take the points from what is worth most, accuracy."""
    marks = [*BEST[:2], BEST[2] - lacking, *BEST[3:]]
    notes = ["" for _ in marks]
    quality.check(conn, call, marks, notes, comment=remark, by=LEAD, at=at)


def _say(conn: Connection, at: datetime) -> None:
    """Messages that everybody has read: who opens a desk for the first time finds nothing unread."""
    readers = {agent: f"s{agent}" for agent in AGENTS}
    for words in MESSAGES:
        message = seat_messages.send(conn, words, readers, seat="", by=LEAD, at=at)
        for agent in AGENTS:
            seat_messages.read(conn, message, agent, at=at)
