"""合并热线 and 重点号码: what is different for a number that is dialled, or for one that calls."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, case, delete, func, select

from cases.telephone import canonical
from storage import history
from storage.calls import CALL
from storage.errors import Invalid, Missing
from storage.forms import checked_text, keyable
from storage.keeping import keep, keep_once
from storage.number_models import AnnouncementSound, KnownNumber, MergeMode
from storage.number_models import OldHotline as OldHotlineRow
from storage.types import sealer_of, table_of
from storage.units import CATEGORY

LINE = table_of(OldHotlineRow)
SOUND = table_of(AnnouncementSound)
KNOWN = table_of(KnownNumber)

OURS = "12345"
LONGEST_REPORT = timedelta(days=31)
LONGEST_GREETING = 200
MOST_KNOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OldHotline:
    """合并热线: a number that leads to this hotline."""

    dialled: str
    name: str
    mode: MergeMode = MergeMode.WHOLE
    greeting: str = ""
    """'' for the usual sentence."""
    sound: str | None = None
    skill: str = ""
    language: str = ""
    category: str | None = None
    statistics: str = ""
    parallel_until: date | None = None
    retired_on: date | None = None

    def retired(self, day: date) -> bool:
        """Tell whether its callers are told the new number by now."""
        return self.retired_on is not None and day >= self.retired_on

    def in_parallel(self, day: date) -> bool:
        """Tell whether the old number still stands beside 12345 in its own right."""
        ended = self.parallel_until is not None and day > self.parallel_until
        return self.mode is MergeMode.PARALLEL and not ended and not self.retired(day)


_FIELDS = tuple(OldHotline.__dataclass_fields__)
_COLUMNS = [LINE.c[name] for name in _FIELDS]
_ALL = select(*_COLUMNS).order_by(LINE.c.dialled)
_ONE = select(*_COLUMNS).where(LINE.c.dialled == bindparam("number"))


def old_hotlines(conn: Connection) -> list[OldHotline]:
    return [_line(row) for row in conn.execute(_ALL)]


def old_hotline(conn: Connection, dialled: str) -> OldHotline | None:
    """Return what is kept for a number that was dialled; None for 12345 itself and for one nobody entered."""
    row = conn.execute(_ONE, {"number": keyable(dialled, 64)}).one_or_none()
    return _line(row) if row else None


def keep_old_hotline(conn: Connection, line: OldHotline, *, by: str, at: datetime) -> None:
    """Enter the number or change what is kept for it."""
    if wrong := _wrong(conn, line):
        raise Invalid(wrong)
    values: dict[str, Any] = {name: getattr(line, name) for name in _FIELDS if name != "dialled"}
    values |= {"statistics": line.statistics or line.dialled, "kept_by": by, "kept_at": at}
    keep(conn, LINE, {"dialled": line.dialled}, values)
    detail = {
        name: str(value) for name, value in values.items() if name not in {"greeting", "kept_by", "kept_at"}
    }
    history.append(conn, subject=f"line:{line.dialled}", kind="line.kept", actor=by, detail=detail, at=at)


def drop_old_hotline(conn: Connection, dialled: str, *, by: str, at: datetime) -> None:
    """Forget the number: its callers are received like everybody's."""
    if conn.execute(delete(LINE).where(LINE.c.dialled == keyable(dialled, 64))).rowcount != 1:
        raise Missing(dialled)
    history.append(conn, subject=f"line:{dialled}", kind="line.dropped", actor=by, detail={}, at=at)


def _wrong(conn: Connection, line: OldHotline) -> dict[str, str]:
    wrong: dict[str, str] = {}
    digits = line.dialled.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 20):
        wrong["dialled"] = "号码应为3至20位数字 (3 to 20 digits)"
    elif line.dialled == OURS:
        wrong["dialled"] = "12345是本热线，不是并入的号码 (12345 is this hotline)"
    if not line.name.strip() or len(line.name) > 40:
        wrong["name"] = "请填写原热线名称，不超过40字 (a name of at most 40 characters)"
    if len(line.greeting) > LONGEST_GREETING:
        wrong["greeting"] = f"不能超过{LONGEST_GREETING}字 (at most {LONGEST_GREETING} characters)"
    for name in ("skill", "language", "statistics"):
        if len(getattr(line, name)) > 40:
            wrong[name] = "不能超过40字 (at most 40 characters)"
    if line.category and not conn.execute(select(CATEGORY.c.code).filter_by(code=line.category)).first():
        wrong["category"] = "没有这个类别 (no such category)"
    if line.mode is MergeMode.PARALLEL and line.parallel_until is None:
        wrong["parallel_until"] = "双号并行须有截止日期 (a dual-number period ends on a day)"
    return wrong


def _line(row: Row[*tuple[Any, ...]]) -> OldHotline:
    return OldHotline(**row._asdict())


# The report of each old number


@dataclass(frozen=True, slots=True)
class LineDay:
    """The calls of one day over one number, or over several that are counted together."""

    statistics: str
    day: date
    offered: int
    answered: int


def by_line(conn: Connection, first: date, last: date, zone: ZoneInfo) -> list[LineDay]:
    """Count the calls of each day over each number; those over numbers nobody entered count as 12345's."""
    if not timedelta() <= last - first <= LONGEST_REPORT:
        raise Invalid({"until": "最多查询31天 (at most 31 days)"})
    keys = {line.dialled: line.statistics for line in old_hotlines(conn)}
    found: list[LineDay] = []
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        found += _one_day(conn, day, zone, keys)
    return found


_OF_DAY = (
    select(
        CALL.c.dialled,
        func.count().label("offered"),
        func.sum(case((CALL.c.answered_at.is_not(None), 1), else_=0)).label("answered"),
    )
    .where(CALL.c.offered_at >= bindparam("begins"), CALL.c.offered_at < bindparam("ends"))
    .group_by(CALL.c.dialled)
)


def _one_day(conn: Connection, day: date, zone: ZoneInfo, keys: dict[str, str]) -> list[LineDay]:
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    sums: dict[str, tuple[int, int]] = {}
    for row in conn.execute(_OF_DAY, {"begins": begins, "ends": ends}):
        key = keys.get(row.dialled, OURS)
        offered, answered = sums.get(key, (0, 0))
        sums[key] = (offered + int(row.offered), answered + int(row.answered))
    return [LineDay(key, day, *counts) for key, counts in sorted(sums.items())]


# Recordings of the city


def keep_sound(conn: Connection, data: bytes, *, seconds: float, by: str, at: datetime) -> str:
    """Keep a recording that was checked, once; return the digest it is known by."""
    digest = hashlib.sha256(data).hexdigest()[:40]
    row = {"digest": digest, "data": data, "seconds": seconds, "kept_by": by, "kept_at": at}
    keep_once(conn, SOUND, row)
    return digest


def sound(conn: Connection, digest: str) -> bytes:
    found: bytes | None = conn.execute(select(SOUND.c.data).where(SOUND.c.digest == digest)).scalar()
    if found is None:
        raise Missing(digest)
    return bytes(found)


# Numbers of which something is known


@dataclass(frozen=True, slots=True)
class Known:
    """重点号码."""

    number: str
    elder: bool
    note: str


def known_numbers(conn: Connection, limit: int = MOST_KNOWN) -> Sequence[Known]:
    rows = conn.execute(
        select(KNOWN.c.number, KNOWN.c.elder, KNOWN.c.note).order_by(KNOWN.c.kept_at.desc()).limit(limit)
    )
    return [Known(*row) for row in rows]


def keep_known(conn: Connection, known: Known, *, by: str, at: datetime) -> None:
    """Note who calls from a number; a withheld number is nobody's."""
    number = canonical(known.number)
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 20):
        raise Invalid({"number": "号码应为5至20位数字 (5 to 20 digits)"})
    note = checked_text("note", known.note, longest=100) if known.note.strip() else ""
    values = {"elder": known.elder, "note": note, "kept_by": by, "kept_at": at}
    keep(conn, KNOWN, {"number": number}, values)
    detail = {"elder": known.elder}
    history.append(conn, subject=subject_of(conn, number), kind="number.kept", actor=by, detail=detail, at=at)


def forget_known(conn: Connection, number: str, *, by: str, at: datetime) -> None:
    if conn.execute(delete(KNOWN).where(KNOWN.c.number == keyable(number, 64))).rowcount != 1:
        raise Missing(number)
    history.append(
        conn, subject=subject_of(conn, number), kind="number.forgotten", actor=by, detail={}, at=at
    )


def subject_of(conn: Connection, number: str) -> str:
    """Return what history calls a citizen's number: it tells two apart, and does not tell whose they are.

    By a key, because whoever has the history could try all numbers there are.
    """
    sealer = sealer_of(conn.dialect)
    name = sealer.name_of(number) if sealer else hashlib.sha256(number.encode()).hexdigest()[:16]
    return f"number:{name}"
