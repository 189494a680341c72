"""Scoring sheets 评分表: data with versions. The newest one counts; a score keeps the one it was given by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from cases.quality import USUAL, Item, wrong_with
from storage import history
from storage.errors import Invalid
from storage.quality_models import QualityItem, QualitySheet
from storage.types import table_of

SHEET = table_of(QualitySheet)
ITEM = table_of(QualityItem)
USUAL_NAME = "服务质量评分表"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One version. 0 is the one that ships, as long as the city has none of its own."""

    version: int
    name: str
    items: tuple[Item, ...]
    made_by: str = ""
    made_at: datetime | None = None


SHIPPED = Sheet(0, USUAL_NAME, USUAL)


def newest(conn: Connection) -> Sheet:
    version = conn.execute(select(func.max(SHEET.c.version))).scalar()
    return sheet(conn, version) if version else SHIPPED


def sheet(conn: Connection, version: int) -> Sheet:
    row = conn.execute(select(SHEET).where(SHEET.c.version == version)).one_or_none()
    if row is None:
        return SHIPPED
    items = conn.execute(select(ITEM).where(ITEM.c.version == version).order_by(ITEM.c.no))
    lines = tuple(Item(each.name, each.points, each.fatal, each.guidance) for each in items)
    return Sheet(row.version, row.name, lines, row.made_by, row.made_at)


def versions(conn: Connection) -> list[tuple[int, str, str, datetime]]:
    """Return number, name, maker and time of each version, the newest first."""
    columns = (SHEET.c.version, SHEET.c.name, SHEET.c.made_by, SHEET.c.made_at)
    rows = conn.execute(select(*columns).order_by(SHEET.c.version.desc()))
    return [(row.version, row.name, row.made_by, row.made_at) for row in rows]


def keep(conn: Connection, name: str, items: Sequence[Item], *, by: str, at: datetime) -> int:
    """Keep a new version and return its number; from now on calls are scored by it."""
    if wrong := wrong_with(items):
        raise Invalid({"items": wrong})
    if not name.strip():
        raise Invalid({"name": "请填写名称 (a name is needed)"})
    version = int(conn.execute(select(func.coalesce(func.max(SHEET.c.version), 0))).scalar_one()) + 1
    conn.execute(insert(SHEET).values(version=version, name=name.strip(), made_by=by, made_at=at))
    rows = [
        {
            "version": version,
            "no": no,
            "name": item.name.strip(),
            "points": item.points,
            "fatal": item.fatal,
            "guidance": item.guidance.strip(),
        }
        for no, item in enumerate(items)
    ]
    conn.execute(insert(ITEM), rows)
    detail = {"version": version, "items": len(items)}
    history.append(conn, subject="quality:sheet", kind="quality.sheet_kept", actor=by, detail=detail, at=at)
    return version
