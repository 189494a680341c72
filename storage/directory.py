"""派单目录: the rows that lead from a matter, and where it happened, to the unit that has the duty for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from storage import history
from storage.errors import Invalid, Missing
from storage.units import AREAS, CATEGORY, DIRECTORY, UNIT

PAGE = 50
COLUMNS = ("category", "area", "unit", "basis", "priority", "keywords")
_AREA = UNIT.alias("area_unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyForm:
    """One row as an administrator fills it in. Without an area it holds in the whole city."""

    category: str
    area: str | None
    unit: str
    basis: str
    priority: int = 1
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One row with the names of what it connects."""

    id: int
    category: str
    category_name: str
    area: str | None
    area_name: str | None
    unit: str
    unit_name: str
    basis: str
    priority: int
    keywords: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of rows."""

    rows: list[DutyLine]
    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


_JOINED = (
    DIRECTORY.join(CATEGORY, CATEGORY.c.code == DIRECTORY.c.category)
    .join(UNIT, UNIT.c.id == DIRECTORY.c.unit)
    .outerjoin(_AREA, _AREA.c.id == DIRECTORY.c.area)
)
_LINE = select(
    DIRECTORY.c.id,
    DIRECTORY.c.category,
    CATEGORY.c.name.label("category_name"),
    DIRECTORY.c.area,
    _AREA.c.short_name.label("area_name"),
    DIRECTORY.c.unit,
    UNIT.c.short_name.label("unit_name"),
    DIRECTORY.c.basis,
    DIRECTORY.c.priority,
    DIRECTORY.c.keywords,
    DIRECTORY.c.started_at,
    DIRECTORY.c.ended_at,
).select_from(_JOINED)


def find(conn: Connection, words: str = "", *, area: str = "", ended: bool = False, page: int = 1) -> Found:
    """Return one page of rows that have the words in the matter, the unit (or its initials), the basis or their own."""
    where: list[ColumnElement[bool]] = [
        DIRECTORY.c.ended_at.is_not(None) if ended else DIRECTORY.c.ended_at.is_(None)
    ]
    if area:
        where.append(DIRECTORY.c.area == area)
    if wanted := words.strip().lower():
        named = (CATEGORY.c.name, CATEGORY.c.keywords, UNIT.c.name, UNIT.c.short_name, DIRECTORY.c.basis)
        where.append(
            or_(
                CATEGORY.c.code.startswith(wanted, autoescape=True),
                UNIT.c.initials.startswith(wanted, autoescape=True),
                *(column.contains(wanted, autoescape=True) for column in (*named, DIRECTORY.c.keywords)),
            )
        )
    counted: int = conn.execute(select(func.count()).select_from(_JOINED).where(*where)).scalar_one()
    order = (DIRECTORY.c.category, DIRECTORY.c.area.is_not(None), DIRECTORY.c.area, DIRECTORY.c.priority)
    rows = conn.execute(_LINE.where(*where).order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    return Found([DutyLine(**row._asdict()) for row in rows], page, counted)


def all_rows(conn: Connection) -> list[DutyLine]:
    """Return every row that holds, for a file."""
    order = (DIRECTORY.c.category, DIRECTORY.c.area.is_not(None), DIRECTORY.c.area, DIRECTORY.c.priority)
    rows = conn.execute(_LINE.where(DIRECTORY.c.ended_at.is_(None)).order_by(*order))
    return [DutyLine(**row._asdict()) for row in rows]


def line(conn: Connection, duty: int) -> DutyLine:
    row = conn.execute(_LINE.where(DIRECTORY.c.id == duty)).one_or_none()
    if row is None:
        raise Missing(f"目录没有第 {duty} 行 (no such row)")
    return DutyLine(**row._asdict())


def keep(conn: Connection, form: DutyForm, *, by: str, at: datetime, instead_of: int | None = None) -> bool:
    """Enter a row, or let it take the place of another one, which ends; False if it is there already.

    Rows are never edited: the cases that were dispatched by the old one must still find their ground.
    """
    values = _checked(conn, form)
    same = (DIRECTORY.c[name] == values[name] for name in COLUMNS)
    if conn.execute(select(DIRECTORY.c.id).where(*same, DIRECTORY.c.ended_at.is_(None))).first():
        return False
    rival = (DIRECTORY.c[name] == values[name] for name in ("category", "area", "unit"))
    ended = conn.execute(
        update(DIRECTORY).where(*rival, DIRECTORY.c.ended_at.is_(None)).values(ended_at=at)
    ).rowcount
    if instead_of is not None:
        _end_row(conn, instead_of, at)
    row = conn.execute(
        insert(DIRECTORY).values(**values, started_at=at).returning(DIRECTORY.c.id)
    ).scalar_one()
    detail = {name: values[name] for name in ("category", "area", "unit", "priority")}
    _note(conn, row, "duty.kept", by=by, at=at, instead_of=instead_of, ended=ended, **detail)
    return True


def end(conn: Connection, duty: int, *, by: str, at: datetime) -> None:
    """The row holds no longer; it stays for the cases that were dispatched by it."""
    if not _end_row(conn, duty, at):
        raise Missing(f"目录没有第 {duty} 行 (no such row)")
    _note(conn, duty, "duty.ended", by=by, at=at)


def _end_row(conn: Connection, duty: int, at: datetime) -> bool:
    living = (DIRECTORY.c.id == duty, DIRECTORY.c.ended_at.is_(None))
    return conn.execute(update(DIRECTORY).where(*living).values(ended_at=at)).rowcount == 1


def _checked(conn: Connection, form: DutyForm) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    leaf = select(CATEGORY.c.code).where(
        CATEGORY.c.code == form.category, CATEGORY.c.ended_at.is_(None), CATEGORY.c.parent.is_not(None)
    )
    if conn.execute(leaf).first() is None:
        wrong["category"] = f"没有这个小类：{form.category[:20]} (no such leaf)"
    living = select(UNIT.c.id).where(UNIT.c.ended_at.is_(None))
    if conn.execute(living.where(UNIT.c.id == form.unit)).first() is None:
        wrong["unit"] = f"没有这个单位：{form.unit[:20]} (no such unit)"
    in_areas = living.where(UNIT.c.id == form.area, UNIT.c.kind.in_(AREAS))
    if form.area and conn.execute(in_areas).first() is None:
        wrong["area"] = f"没有这个区县或镇街：{form.area[:20]} (no such district or town)"
    if not form.basis.strip() or len(form.basis) > 60:
        wrong["basis"] = "请写明依据，至多60字 (say on what ground, at most 60 characters)"
    if not 1 <= form.priority <= 9:
        wrong["priority"] = "顺序为1至9 (1 to 9)"
    if len(form.keywords) > 200:
        wrong["keywords"] = "至多200字 (at most 200 characters)"
    if wrong:
        raise Invalid(wrong)
    tidy = {
        "basis": form.basis.strip(),
        "keywords": " ".join(form.keywords.split()),
        "area": form.area or None,
    }
    return {name: getattr(form, name) for name in COLUMNS} | tidy


def _note(conn: Connection, duty: int, kind: str, *, by: str, at: datetime, **detail: Any) -> None:
    history.append(conn, subject=f"duty:{duty}", kind=kind, actor=by, detail=detail, at=at)
