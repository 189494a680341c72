"""自助终端: kiosks in communities, each with a token that is shown once; what they do, and which are silent."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, or_, select, update

from cases.workflow import Role
from storage import history
from storage.errors import Conflict, Invalid, Missing
from storage.forms import checked_text, keyable
from storage.keeping import insert_into, keep, keep_once
from storage.kiosk_queue_models import KioskState
from storage.people import Actor
from storage.site_models import Kiosk as KioskRow
from storage.site_models import KioskDay
from storage.steps import must_be
from storage.types import table_of
from storage.units import GRID

KIOSK = table_of(KioskRow)
DAY = table_of(KioskDay)
STATE = table_of(KioskState)

KEEPERS: Final = frozenset({Role.ADMINISTRATOR})
MOST: Final = 1_000
SILENT_AFTER: Final = timedelta(minutes=3)
# A sign of life is written down no more often than this; a page every second shall not be a write every second.
BEAT: Final = timedelta(seconds=30)
VISIT, REPORT = "visit", "report"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskForm:
    """A kiosk as it is entered."""

    id: str
    name: str
    address: str
    grid: str = ""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """The kiosk that asks, and the grid it stands in."""

    id: str
    name: str
    address: str
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A kiosk in the administrator's list, with what was done at it in the last seven days."""

    id: str
    name: str
    address: str
    added_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None
    visits: int
    reports: int
    grid: str | None = None
    kept: int = 0
    unreadable: int = 0

    def silent(self, at: datetime) -> bool:
        return self.seen_at is None or at - self.seen_at > SILENT_AFTER


def add(conn: Connection, form: KioskForm, *, by: Actor, at: datetime) -> str:
    """Enter a kiosk and return its token, which cannot be looked up again."""
    must_be(by, KEEPERS, "维护自助终端")
    if not _ID.fullmatch(form.id):
        raise Invalid(
            {"id": "编号应为2–40位小写字母、数字和连字符 (2 to 40 small letters, digits and hyphens)"}
        )
    token = secrets.token_urlsafe(24)
    row = {
        "id": form.id,
        "name": checked_text("name", form.name, longest=60),
        "address": checked_text("address", form.address, longest=120),
        "token_hash": _hashed(token),
        "added_by": by.login,
        "added_at": at,
    }
    if not keep_once(conn, KIOSK, row):
        raise Conflict(f"终端 {form.id} 已存在 (there is one with this name)")
    keep(conn, STATE, {"kiosk": form.id}, {"grid": _grid(conn, form.grid), "kept": 0, "unreadable": 0})
    history.append(conn, subject=f"kiosk:{form.id}", kind="kiosk.added", actor=by.login, detail={}, at=at)
    return token


def _grid(conn: Connection, code: str) -> str | None:
    """Return the grid of the city that was named, None if none was."""
    wanted = keyable(code, 64).strip()
    known = conn.execute(select(GRID.c.code).where(GRID.c.code == wanted, GRID.c.ended_at.is_(None))).scalar()
    if wanted and known is None:
        raise Invalid({"grid": "没有这个网格编号 (no such grid)"})
    return known


def move(conn: Connection, kiosk: str, grid: str, *, by: Actor, at: datetime) -> None:
    """改网格: what is filed at it from now on is of this grid."""
    must_be(by, KEEPERS, "维护自助终端")
    found = _grid(conn, grid)
    if (
        conn.execute(update(STATE).where(STATE.c.kiosk == keyable(kiosk, 64)).values(grid=found)).rowcount
        != 1
    ):
        raise Missing(f"没有终端 {kiosk} (no such kiosk)")
    detail = {"grid": found or ""}
    history.append(conn, subject=f"kiosk:{kiosk}", kind="kiosk.moved", actor=by.login, detail=detail, at=at)


def renew(conn: Connection, kiosk: str, *, by: Actor, at: datetime) -> str:
    """重发: another token, for a machine that was exchanged or comes back; the old one opens nothing any more."""
    must_be(by, KEEPERS, "维护自助终端")
    token = secrets.token_urlsafe(24)
    values = {"token_hash": _hashed(token), "disabled_at": None, "seen_at": None}
    _change(conn, kiosk, "kiosk.renewed", values, by=by, at=at)
    return token


def disable(conn: Connection, kiosk: str, *, by: Actor, at: datetime) -> None:
    """停用: from its next page on it shows nothing but that it is out of service."""
    must_be(by, KEEPERS, "维护自助终端")
    _change(conn, kiosk, "kiosk.disabled", {"disabled_at": at}, by=by, at=at)


def _change(
    conn: Connection, kiosk: str, kind: str, values: Mapping[str, object], *, by: Actor, at: datetime
) -> None:
    changed = conn.execute(update(KIOSK).where(KIOSK.c.id == keyable(kiosk, 64)).values(values))
    if changed.rowcount != 1:
        raise Missing(f"没有终端 {kiosk} (no such kiosk)")
    history.append(conn, subject=f"kiosk:{kiosk}", kind=kind, actor=by.login, detail={}, at=at)


_LISTED = select(KIOSK, STATE.c.grid, STATE.c.kept, STATE.c.unreadable).outerjoin(
    STATE, STATE.c.kiosk == KIOSK.c.id
)


def kiosks(conn: Connection, *, at: datetime, zone: ZoneInfo) -> list[Listed]:
    """Return all kiosks, the silent ones first: those somebody must go to."""
    week = f"{(at - timedelta(days=6)).astimezone(zone):%y%m%d}"
    uses = select(DAY.c.kiosk, DAY.c.what, func.sum(DAY.c.times).label("times"))
    uses = uses.where(DAY.c.day >= week).group_by(DAY.c.kiosk, DAY.c.what)
    done = {(row.kiosk, row.what): int(row.times) for row in conn.execute(uses)}
    rows = [
        Listed(
            row.id,
            row.name,
            row.address,
            row.added_at,
            row.disabled_at,
            row.seen_at,
            done.get((row.id, VISIT), 0),
            done.get((row.id, REPORT), 0),
            row.grid,
            row.kept or 0,
            row.unreadable or 0,
        )
        for row in conn.execute(_LISTED.order_by(KIOSK.c.id).limit(MOST))
    ]
    return sorted(rows, key=lambda one: (one.disabled_at is not None, not one.silent(at)))


def known(conn: Connection, token: str) -> Kiosk | None:
    """Return the kiosk that has this token, unless it is locked."""
    wanted = (KIOSK.c.token_hash == _hashed(token), KIOSK.c.disabled_at.is_(None))
    row = conn.execute(_LISTED.where(*wanted)).one_or_none()
    return Kiosk(row.id, row.name, row.address, row.grid) if row else None


def alive(conn: Connection, kiosk: str, *, at: datetime, kept: int | None = None) -> None:
    """Write down a sign of life, and how many submissions wait on the kiosk if it says so."""
    late = or_(KIOSK.c.seen_at.is_(None), KIOSK.c.seen_at <= at - BEAT)
    conn.execute(update(KIOSK).where(KIOSK.c.id == kiosk, late).values(seen_at=at))
    if kept is not None:
        conn.execute(update(STATE).where(STATE.c.kiosk == kiosk, STATE.c.kept != kept).values(kept=kept))


def used(conn: Connection, kiosk: str, what: str, *, at: datetime, zone: ZoneInfo) -> None:
    """Count a use; by whom is written down nowhere."""
    statement = insert_into(conn.dialect.name, DAY)
    more = {"times": DAY.c.times + 1}
    row = {"kiosk": kiosk, "day": f"{at.astimezone(zone):%y%m%d}", "what": what, "times": 1}
    conn.execute(statement.on_conflict_do_update(index_elements=["kiosk", "day", "what"], set_=more), row)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
