"""The figures of a day once more, by SQL of our own: one plain question for each, no shared code, no slots."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from storage.types import UtcDateTime

_DAY = "FROM call WHERE direction = 'incoming' AND offered_at >= :begins AND offered_at < :ends"
_OPEN_WAIT = "(answered_at IS NULL AND end_reason IS NULL)"
_SHARE = "SELECT CAST(COUNT(CASE WHEN {part} THEN 1 END) AS FLOAT) / NULLIF(COUNT(*), 0) {day} AND queued_at IS NOT NULL"
_ANSWERED = f"SELECT {{what}} {_DAY} AND queued_at IS NOT NULL AND answered_at IS NOT NULL"
_ABANDONED = "answered_at IS NULL AND end_reason = 'abandoned_in_line'"
_JUDGED = f"{_DAY} AND NOT {_OPEN_WAIT}"
_LONG = f"{_JUDGED} AND NOT ({_ABANDONED} AND wait_seconds < 5)"


def _mean(column: str) -> str:
    return _ANSWERED.format(what=f"SUM({column}) / NULLIF(COUNT(*), 0)")


def _ended(reason: str) -> str:
    return f"SELECT COUNT(*) {_DAY} AND end_reason = '{reason}'"


QUESTIONS = {
    "offered": f"SELECT COUNT(*) {_DAY}",
    "asked": f"SELECT COUNT(*) {_DAY} AND queued_at IS NOT NULL",
    "answered": _ANSWERED.format(what="COUNT(*)"),
    "answer_rate": _SHARE.format(part="answered_at IS NOT NULL", day=_JUDGED),
    "answer_rate_adjusted": _SHARE.format(part="answered_at IS NOT NULL", day=_LONG),
    "level": _SHARE.format(part="answered_at IS NOT NULL AND wait_seconds <= 15", day=_JUDGED),
    "level_of_ring": _SHARE.format(part="answered_at IS NOT NULL AND answer_seconds <= 15", day=_JUDGED),
    "abandoned": f"SELECT COUNT(*) {_DAY} AND queued_at IS NOT NULL AND {_ABANDONED}",
    "abandoned_short": f"SELECT COUNT(*) {_DAY} AND queued_at IS NOT NULL AND {_ABANDONED} AND wait_seconds < 5",
    "abandon_rate": _SHARE.format(part=_ABANDONED, day=_JUDGED),
    "abandon_rate_adjusted": _SHARE.format(part=_ABANDONED, day=_LONG),
    "wait_mean": _mean("wait_seconds"),
    "wait_longest": f"SELECT MAX(wait_seconds) {_DAY} AND queued_at IS NOT NULL",
    "talk_mean": _mean("talk_seconds"),
    "hold_mean": _mean("hold_seconds"),
    "wrap_up_mean": _mean("wrap_up_seconds"),
    "handling_mean": _mean("talk_seconds + hold_seconds + wrap_up_seconds"),
    **{
        reason: _ended(reason)
        for reason in (
            "self_service",
            "event_joined",
            "callback_asked",
            "message_left",
            "refused",
            "lost_restart",
        )
    },
    "outgoing": f"SELECT COUNT(*) {_DAY.replace('incoming', 'outgoing')}",
    "reached": f"SELECT COUNT(*) {_DAY.replace('incoming', 'outgoing')} AND answered_at IS NOT NULL",
}


def recount(conn: Connection, begins: datetime, ends: datetime) -> dict[str, float | None]:
    times = [bindparam("begins", type_=UtcDateTime()), bindparam("ends", type_=UtcDateTime())]
    values = {"begins": begins, "ends": ends}
    return {
        code: conn.execute(text(sql).bindparams(*times), values).scalar() for code, sql in QUESTIONS.items()
    }


def talk_by_seat(conn: Connection, begins: datetime, ends: datetime) -> dict[str, float]:
    """Add up the talk of each seat within the time, piece by piece."""
    rows = conn.execute(
        text("SELECT seat, began_at, ended_at FROM call_segment WHERE kind IN ('talk', 'three_way')").columns(
            began_at=UtcDateTime(), ended_at=UtcDateTime()
        )
    )
    sums: dict[str, float] = {}
    for row in rows:
        within = (min(row.ended_at, ends) - max(row.began_at, begins)).total_seconds()
        sums[row.seat] = sums.get(row.seat, 0.0) + max(within, 0.0)
    return sums
