"""类别: the tree of matters, in versions, with what each leaf proposes for a case of its kind."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from cases.policies import Intent, Urgency
from storage import history
from storage.city_models import CategoryVersion
from storage.errors import Conflict, Invalid, Missing
from storage.models import Category
from storage.types import table_of
from storage.units import DIRECTORY

CATEGORY = table_of(Category)
CATEGORY_VERSION = table_of(CategoryVersion)

ATTRIBUTES = (
    "intents", "keywords", "urgency", "confidential", "public", "list_item", "gbt39666", "petition",
    "provincial",
)  # fmt: skip
_CODE = re.compile(r"\d{2}(\d{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterForm:
    """What an administrator fills in about a branch or leaf."""

    code: str
    name: str
    intents: str = ""
    keywords: str = ""
    urgency: str = "一般"
    confidential: bool = False
    public: bool = True
    list_item: str = ""
    gbt39666: str = ""
    petition: str = ""
    provincial: str = ""


@dataclass(frozen=True, slots=True)
class MatterLine:
    """A branch or leaf as a line of the administrator's list, with how many duties lead from it to a unit."""

    code: str
    name: str
    parent: str | None
    version: int
    intents: str
    keywords: str
    urgency: str
    confidential: bool
    public: bool
    list_item: str
    gbt39666: str
    petition: str
    provincial: str
    ended_at: datetime | None
    duties: int


@dataclass(frozen=True, slots=True)
class MatterVersion:
    """What a category was from one day to another."""

    version: int
    valid_from: datetime
    valid_to: datetime | None
    name: str
    attributes: dict[str, Any]
    by: str


def attributes_of(fields: Mapping[str, Any]) -> str:
    """Return what a version keeps beside the name, as JSON."""
    chosen = {name: fields[name] for name in ATTRIBUTES}
    return json.dumps(chosen, ensure_ascii=False, sort_keys=True)


_DUTIES = (
    select(DIRECTORY.c.category, func.count().label("duties"))
    .where(DIRECTORY.c.ended_at.is_(None))
    .group_by(DIRECTORY.c.category)
    .subquery()
)
_LINE = (
    select(
        *(CATEGORY.c[name] for name in MatterLine.__slots__ if name != "duties"),
        func.coalesce(_DUTIES.c.duties, 0).label("duties"),
    )
    .select_from(CATEGORY)
    .outerjoin(_DUTIES, _DUTIES.c.category == CATEGORY.c.code)
    .order_by(CATEGORY.c.position, CATEGORY.c.code)
)


def tree(conn: Connection) -> list[MatterLine]:
    """Return every branch and leaf, those that ended too, in the city's order."""
    return [MatterLine(**row._asdict()) for row in conn.execute(_LINE)]


def line(conn: Connection, code: str) -> MatterLine:
    row = conn.execute(_LINE.where(CATEGORY.c.code == code)).one_or_none()
    if row is None:
        raise Missing(f"没有类别 {code} (no such category)")
    return MatterLine(**row._asdict())


def versions(conn: Connection, code: str) -> list[MatterVersion]:
    rows = conn.execute(
        select(*(CATEGORY_VERSION.c[name] for name in MatterVersion.__slots__))
        .where(CATEGORY_VERSION.c.category == code)
        .order_by(CATEGORY_VERSION.c.version.desc())
    )
    return [MatterVersion(**row._asdict() | {"attributes": json.loads(row.attributes)}) for row in rows]


def name_at(conn: Connection, code: str, at: datetime) -> str | None:
    """Return what the category was called at that time."""
    of_code = select(CATEGORY_VERSION.c.name).where(CATEGORY_VERSION.c.category == code)
    then = of_code.where(CATEGORY_VERSION.c.valid_from <= at).order_by(CATEGORY_VERSION.c.version.desc())
    found: str | None = conn.execute(then.limit(1)).scalar()
    return found or conn.execute(of_code.order_by(CATEGORY_VERSION.c.version).limit(1)).scalar()


def add(conn: Connection, form: MatterForm, *, by: str, at: datetime) -> None:
    """Enter a branch (two digits) or a leaf (four, below the branch of its first two)."""
    row = _checked(form)
    parent = form.code[:2] if len(form.code) > 2 else None
    if parent and conn.execute(select(CATEGORY.c.code).where(CATEGORY.c.code == parent)).first() is None:
        raise Invalid({"code": f"没有大类 {parent} (no such class)"})
    if conn.execute(select(CATEGORY.c.code).where(CATEGORY.c.code == form.code)).first():
        raise Invalid({"code": "已有此代码 (this code exists)"})
    # Behind the last of its branch; a new branch goes to the end.
    last = select(func.max(CATEGORY.c.position)).where(CATEGORY.c.code.startswith(parent or ""))
    position = conn.execute(last).scalar() or 0
    conn.execute(insert(CATEGORY).values(parent=parent, position=position, version=1, **row))
    _keep_version(conn, row, parent, 1, by=by, at=at)
    _note(conn, form.code, "category.entered", by=by, at=at, version=1)


def change(conn: Connection, form: MatterForm, *, seen: int, by: str, at: datetime) -> None:
    """Make a new version; reports of what was before keep the old one. `seen` is the version that was changed."""
    before, row = line(conn, form.code), _checked(form)
    version = seen + 1
    changed = conn.execute(
        update(CATEGORY)
        .where(CATEGORY.c.code == form.code, CATEGORY.c.version == seen)
        .values(version=version, **{name: value for name, value in row.items() if name != "code"})
    )
    if changed.rowcount != 1:
        raise Conflict(f"类别 {form.code} 已被他人修改，请刷新后再试 (somebody else was first)")
    _keep_version(conn, row, before.parent, version, by=by, at=at)
    _note(conn, form.code, "category.changed", by=by, at=at, version=version)


def end(conn: Connection, code: str, *, by: str, at: datetime) -> None:
    """停用: no new case gets it; a branch only when all its leaves have ended. Its duties end with it."""
    found = line(conn, code)
    if found.ended_at is not None:
        raise Invalid({"code": "已停用 (it has ended)"})
    leaves = select(CATEGORY.c.code).where(CATEGORY.c.parent == code, CATEGORY.c.ended_at.is_(None))
    if conn.execute(leaves).first():
        raise Invalid({"code": "大类下还有在用的小类 (leaves below it are in use)"})
    conn.execute(update(CATEGORY).where(CATEGORY.c.code == code).values(ended_at=at))
    open_version = (CATEGORY_VERSION.c.category == code, CATEGORY_VERSION.c.valid_to.is_(None))
    conn.execute(update(CATEGORY_VERSION).where(*open_version).values(valid_to=at))
    duties = (DIRECTORY.c.category == code, DIRECTORY.c.ended_at.is_(None))
    conn.execute(update(DIRECTORY).where(*duties).values(ended_at=at))
    _note(conn, code, "category.ended", by=by, at=at, version=found.version)


def _checked(form: MatterForm) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    if not _CODE.fullmatch(form.code):
        wrong["code"] = "大类两位数字，小类四位 (two digits, or four)"
    if not form.name.strip() or len(form.name) > 30:
        wrong["name"] = "必填，至多30字 (required, at most 30 characters)"
    if strange := set(form.intents.split()) - set(Intent):
        wrong["intents"] = f"没有这种诉求类型：{'、'.join(sorted(strange))} (no such intent)"
    if form.urgency not in list(Urgency):
        wrong["urgency"] = f"请选择：{'、'.join(Urgency)} (choose one)"
    if len(form.keywords) > 200:
        wrong["keywords"] = "至多200字 (at most 200 characters)"
    for name in ("list_item", "gbt39666", "petition", "provincial"):
        if len(getattr(form, name)) > 20:
            wrong[name] = "至多20字 (at most 20 characters)"
    if wrong:
        raise Invalid(wrong)
    row = {name: getattr(form, name) for name in MatterForm.__slots__}
    return row | {"name": form.name.strip(), "keywords": " ".join(form.keywords.split())}


def _keep_version(
    conn: Connection, row: dict[str, Any], parent: str | None, version: int, *, by: str, at: datetime
) -> None:
    open_one = (CATEGORY_VERSION.c.category == row["code"], CATEGORY_VERSION.c.valid_to.is_(None))
    conn.execute(update(CATEGORY_VERSION).where(*open_one).values(valid_to=at))
    new = {"category": row["code"], "version": version, "valid_from": at, "by": by}
    named = {"parent": parent, "name": row["name"], "attributes": attributes_of(row)}
    conn.execute(insert(CATEGORY_VERSION).values(new | named))


def _note(conn: Connection, code: str, kind: str, *, by: str, at: datetime, version: int) -> None:
    detail = {"version": version}
    history.append(conn, subject=f"category:{code}", kind=kind, actor=by, detail=detail, at=at)
