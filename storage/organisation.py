"""Units that come, change their name or place, are merged or dissolved. What they were stays readable."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select, update

from storage import history
from storage.city_models import UnitVersion
from storage.errors import Invalid, Missing
from storage.models import Account, Assignment, CaseFile, OrgUnit
from storage.types import table_of
from storage.units import DIRECTORY, parents, subtree

UNIT = table_of(OrgUnit)
UNIT_VERSION = table_of(UnitVersion)
ASSIGNMENT = table_of(Assignment)
CASE = table_of(CaseFile)
ACCOUNT = table_of(Account)

KINDS = {
    "centre": "热线中心",
    "bureau": "信访局",
    "efficiency": "效能办",
    "command": "指挥中心",
    "dept": "职能部门",
    "district": "区县",
    "town": "镇街",
    "village": "村居",
    "community": "社区",
    "utility": "公用企业",
    "external": "省直/驻榕单位",
    "enterprise": "企业",
}
LOWEST = 5
PAGE = 50
_CODE = re.compile(r"[a-z][a-z0-9-]{1,31}")
_WORDS = re.compile(r"[^\x00-\x1f\x7f]*")
_VERSIONED = ("name", "short_name", "parent", "level", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitForm:
    """What an administrator fills in about a unit."""

    id: str
    name: str
    short_name: str
    initials: str
    kind: str
    parent: str | None
    in_ranking: bool = True
    catch_all: bool = False
    keywords: str = ""
    duty_phone: str = ""
    night_phone: str = ""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit as a line of the administrator's list."""

    id: str
    name: str
    short_name: str
    initials: str
    kind: str
    level: int
    parent: str | None
    parent_name: str | None
    in_ranking: bool
    catch_all: bool
    keywords: str
    duty_phone: str
    night_phone: str
    started_at: datetime | None
    ended_at: datetime | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of units."""

    rows: list[UnitLine]
    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Version:
    """What a unit was from one day to another."""

    valid_from: datetime
    valid_to: datetime | None
    name: str
    short_name: str
    parent: str | None
    why: str
    by: str


_ABOVE = UNIT.alias("above")
_LINE = select(
    *(UNIT.c[name] for name in UnitLine.__slots__ if name != "parent_name"),
    _ABOVE.c.short_name.label("parent_name"),
).outerjoin(_ABOVE, _ABOVE.c.id == UNIT.c.parent)


def find(
    conn: Connection, words: str = "", *, kind: str = "", below: str = "", ended: bool = False, page: int = 1
) -> Found:
    """Return one page of units, those of the upper levels first; dissolved ones only where they are asked for."""
    where: list[ColumnElement[bool]] = [UNIT.c.ended_at.is_not(None) if ended else UNIT.c.ended_at.is_(None)]
    if kind:
        where.append(UNIT.c.kind == kind)
    if below:
        where.append(UNIT.c.parent == below)
    if wanted := words.strip().lower():
        where.append(
            or_(
                UNIT.c.id == wanted,
                UNIT.c.name.contains(wanted, autoescape=True),
                UNIT.c.short_name.contains(wanted, autoescape=True),
                UNIT.c.initials.startswith(wanted, autoescape=True),
                UNIT.c.keywords.contains(wanted, autoescape=True),
            )
        )
    counted: int = conn.execute(select(func.count()).select_from(UNIT).where(*where)).scalar_one()
    ordered = _LINE.where(*where).order_by(UNIT.c.level, UNIT.c.id)
    return Found(_lines(conn, ordered.limit(PAGE).offset((page - 1) * PAGE)), page, counted)


def line(conn: Connection, unit_id: str) -> UnitLine:
    found = _lines(conn, _LINE.where(UNIT.c.id == unit_id))
    if not found:
        raise Missing(f"没有单位 {unit_id} (no such unit)")
    return found[0]


def _lines(conn: Connection, rows: Select[*tuple[Any, ...]]) -> list[UnitLine]:
    return [UnitLine(**row._asdict()) for row in conn.execute(rows)]


def versions(conn: Connection, unit_id: str) -> list[Version]:
    """Return what the unit was called and belonged to, the newest first."""
    rows = conn.execute(
        select(*(UNIT_VERSION.c[name] for name in Version.__slots__))
        .where(UNIT_VERSION.c.unit == unit_id)
        .order_by(UNIT_VERSION.c.id.desc())
    )
    return [Version(*row) for row in rows]


def name_at(conn: Connection, unit_id: str, at: datetime) -> str | None:
    """Return what the unit was called at that time: a report of last year keeps last year's names."""
    newest = UNIT_VERSION.c.id.desc()
    of_unit = select(UNIT_VERSION.c.short_name).where(UNIT_VERSION.c.unit == unit_id)
    then: str | None = conn.execute(
        of_unit.where(UNIT_VERSION.c.valid_from <= at).order_by(newest).limit(1)
    ).scalar()
    return then or conn.execute(of_unit.order_by(UNIT_VERSION.c.id).limit(1)).scalar()


def add(conn: Connection, form: UnitForm, *, by: str, at: datetime) -> None:
    """Enter a new unit; it can be given cases from this moment."""
    row = _checked(conn, form)
    if conn.execute(select(UNIT.c.id).where(UNIT.c.id == form.id)).first():
        raise Invalid({"id": "已有此代码的单位 (a unit with this code exists)"})
    conn.execute(insert(UNIT).values(**row, started_at=at))
    _version(conn, form.id, "entered", by=by, at=at)
    _note(conn, form.id, "unit.entered", by=by, at=at, parent=form.parent, unit_kind=form.kind)


def change(conn: Connection, form: UnitForm, *, by: str, at: datetime) -> None:
    """Rename a unit, move it under another one, or change what is known of it."""
    before = _living(conn, form.id)
    row = _checked(conn, form)
    if form.parent and form.parent in subtree(conn, form.id):
        raise Invalid({"parent": "不能移到自己的下级之下 (not below itself)"})
    if row["level"] != before.level and _children(conn, form.id):
        _shift_levels(conn, form.id, row["level"] - before.level)
    conn.execute(update(UNIT).where(UNIT.c.id == form.id).values(row))
    if any(row[name] != getattr(before, name) for name in _VERSIONED):
        moved = row["parent"] != before.parent
        _version(conn, form.id, "moved" if moved else "changed", by=by, at=at)
    _note(conn, form.id, "unit.changed", by=by, at=at, parent=form.parent, unit_kind=form.kind)


def merge(conn: Connection, unit_id: str, into: str, *, by: str, at: datetime) -> int:
    """并入: a unit's open cases, duties, people and lower units go to its successor. Return how many cases went."""
    before, successor = _living(conn, unit_id), _living(conn, into)
    if into in subtree(conn, unit_id):
        raise Invalid({"into": "不能并入自己或自己的下级 (not into itself or a unit below it)"})
    moved = _hand_over_cases(conn, unit_id, into, by=by, at=at)
    _hand_over_duties(conn, unit_id, into, at)
    _shift_levels(conn, unit_id, successor.level - before.level)
    conn.execute(update(UNIT).where(UNIT.c.parent == unit_id).values(parent=into))
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.unit == unit_id).values(unit=into))
    _end(conn, unit_id, "merged", successor=into, by=by, at=at)
    _note(conn, unit_id, "unit.merged", by=by, at=at, into=into, cases=moved)
    return moved


def dissolve(conn: Connection, unit_id: str, *, by: str, at: datetime) -> None:
    """撤销: only a unit that owes nothing and stands above nobody; its duties end with it."""
    _living(conn, unit_id)
    wrong = []
    if _open_cases(conn, unit_id):
        wrong.append("还有未办结的诉求件 (it has open cases)")
    if _children(conn, unit_id):
        wrong.append("还有下级单位 (units stand below it)")
    if conn.execute(
        select(ACCOUNT.c.login).where(ACCOUNT.c.unit == unit_id, ACCOUNT.c.disabled_at.is_(None))
    ).first():
        wrong.append("还有在用账号 (people sign in for it)")
    if wrong:
        raise Invalid({"unit": ";".join(wrong)})
    conn.execute(
        update(DIRECTORY)
        .where(or_(DIRECTORY.c.unit == unit_id, DIRECTORY.c.area == unit_id), DIRECTORY.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    _end(conn, unit_id, "dissolved", by=by, at=at)
    _note(conn, unit_id, "unit.dissolved", by=by, at=at)


def _checked(conn: Connection, form: UnitForm) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    if not _CODE.fullmatch(form.id):
        wrong["id"] = "代码为小写字母、数字或连字符，字母开头 (small letters, digits, hyphens)"
    for field, longest in (("name", 60), ("short_name", 20), ("initials", 20), ("keywords", 200)):
        text = getattr(form, field)
        if (field != "keywords" and not text.strip()) or len(text) > longest or not _WORDS.fullmatch(text):
            wrong[field] = f"必填，至多{longest}字 (required, at most {longest} characters)"
    if form.kind not in KINDS:
        wrong["kind"] = f"请选择：{'、'.join(KINDS.values())} (choose one)"
    level = 1
    if form.parent:
        above = conn.execute(
            select(UNIT.c.level).where(UNIT.c.id == form.parent, UNIT.c.ended_at.is_(None))
        ).scalar()
        level = (above or 0) + 1
        if above is None:
            wrong["parent"] = "没有这个上级单位 (no such unit)"
        elif level > LOWEST and form.kind not in {"utility", "enterprise"}:
            wrong["parent"] = "至多五级 (at most five levels)"
    if wrong:
        raise Invalid(wrong)
    row = {name: getattr(form, name) for name in UnitForm.__slots__}
    return row | {"initials": form.initials.strip().lower(), "level": _level(form.kind, level)}


def _level(kind: str, below: int) -> int:
    """Return the level: the institutions of the centre stand on the first with it, whatever their parent."""
    return 1 if kind in {"centre", "bureau", "efficiency", "command"} else min(below, LOWEST)


def _living(conn: Connection, unit_id: str) -> UnitLine:
    found = line(conn, unit_id)
    if found.ended_at is not None:
        raise Invalid({"unit": "该单位已撤销 (the unit has ended)"})
    return found


def _children(conn: Connection, unit_id: str) -> bool:
    return any(above == unit_id for above in parents_of_living(conn).values())


def parents_of_living(conn: Connection) -> dict[str, str | None]:
    ended = set(conn.execute(select(UNIT.c.id).where(UNIT.c.ended_at.is_not(None))).scalars())
    return {one: above for one, above in parents(conn).items() if one not in ended}


def _shift_levels(conn: Connection, top: str, by: int) -> None:
    if not by:
        return
    below = subtree(conn, top) - {top}
    if below:
        deepest = conn.execute(select(func.max(UNIT.c.level)).where(UNIT.c.id.in_(below))).scalar_one()
        if deepest + by > LOWEST:
            raise Invalid({"parent": "移动后下级会超过五级 (the units below would be deeper than five)"})
        conn.execute(update(UNIT).where(UNIT.c.id.in_(below)).values(level=UNIT.c.level + by))


def _open_cases(conn: Connection, unit_id: str) -> list[tuple[int, str]]:
    rows = conn.execute(
        select(CASE.c.id, CASE.c.no)
        .join(ASSIGNMENT, ASSIGNMENT.c.case == CASE.c.id)
        .where(ASSIGNMENT.c.unit == unit_id, ASSIGNMENT.c.ended_at.is_(None))
        .order_by(CASE.c.id)
    )
    return [(row.id, row.no) for row in rows]


def _hand_over_cases(conn: Connection, unit_id: str, into: str, *, by: str, at: datetime) -> int:
    mine = _open_cases(conn, unit_id)
    if both := [no for _, no in mine if no in {no for _, no in _open_cases(conn, into)}]:
        named = "、".join(both[:5])
        raise Invalid({"into": f"两单位同办此件，请先办结：{named} (both units have a part in these)"})
    open_ones = (ASSIGNMENT.c.unit == unit_id, ASSIGNMENT.c.ended_at.is_(None))
    conn.execute(update(ASSIGNMENT).where(*open_ones).values(unit=into))
    ids = [case for case, _ in mine]
    leads = (CASE.c.unit == unit_id, CASE.c.id.in_(ids))
    conn.execute(update(CASE).where(*leads).values(unit=into, version=CASE.c.version + 1))
    for _, no in mine:
        detail = {"unit": unit_id, "into": into}
        history.append(conn, subject=no, kind="assignment.succeeded", actor=by, detail=detail, at=at)
    return len(mine)


def _hand_over_duties(conn: Connection, unit_id: str, into: str, at: datetime) -> None:
    """End the duties of the old unit and begin them anew for its successor, so that both eras stay readable."""
    concerned = or_(DIRECTORY.c.unit == unit_id, DIRECTORY.c.area == unit_id)
    rows = conn.execute(select(DIRECTORY).where(concerned, DIRECTORY.c.ended_at.is_(None))).all()
    for row in rows:
        new = row._asdict()
        ended = new.pop("id")
        conn.execute(update(DIRECTORY).where(DIRECTORY.c.id == ended).values(ended_at=at))
        new |= {"started_at": at, "unit": into if row.unit == unit_id else row.unit}
        conn.execute(insert(DIRECTORY).values(new | {"area": into if row.area == unit_id else row.area}))


def _end(
    conn: Connection, unit_id: str, why: str, *, by: str, at: datetime, successor: str | None = None
) -> None:
    conn.execute(update(UNIT).where(UNIT.c.id == unit_id).values(ended_at=at, successor=successor))
    _version(conn, unit_id, why, by=by, at=at)


def _version(conn: Connection, unit_id: str, why: str, *, by: str, at: datetime) -> None:
    now = line(conn, unit_id)
    open_one = (UNIT_VERSION.c.unit == unit_id, UNIT_VERSION.c.valid_to.is_(None))
    conn.execute(update(UNIT_VERSION).where(*open_one).values(valid_to=at))
    values = {name: getattr(now, name) for name in _VERSIONED}
    ended = now.ended_at
    conn.execute(
        insert(UNIT_VERSION).values(unit=unit_id, valid_from=at, valid_to=ended, why=why, by=by, **values)
    )


def _note(conn: Connection, unit_id: str, kind: str, *, by: str, at: datetime, **detail: Any) -> None:
    history.append(conn, subject=f"unit:{unit_id}", kind=kind, actor=by, detail=detail, at=at)
