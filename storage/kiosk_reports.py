"""自助登记: what somebody files at a kiosk, at once or after the network came back, and what the case says about it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from cases.policies import Intent
from cases.rules import Rules
from cases.workflow import Role
from storage import history, kiosks
from storage.errors import Invalid
from storage.forms import LONGEST, CaseForm, keyable
from storage.intake import Registered, register
from storage.kiosk_queue_models import KioskCase
from storage.kiosks import REPORT, STATE, Kiosk
from storage.members import NO_REPLY_WANTED
from storage.moves import CASE
from storage.people import Actor
from storage.types import table_of
from storage.units import CATEGORY, GRID

KIOSK_CASE = table_of(KioskCase)

LONGEST_WORDS: Final = 1_000
# A kiosk's clock that is further off than this tells nothing about when somebody stood before it.
BELIEVED: Final = timedelta(days=30)
_NO_DIGIT: Final = re.compile(r"[^0-9+]")
_CALLABLE: Final = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody files at a kiosk. Most have no keyboard: matter and place are enough, the rest may be empty."""

    category: str
    place: str = ""
    words: str = ""
    number: str = ""
    link: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A report that waited on the kiosk for the network: when it was typed, and the number on the citizen's screen."""

    report: Report
    slip: str
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class FiledAt:
    """Which kiosk a case was filed at, as its page shows it."""

    kiosk: str
    name: str
    grid: str
    grid_name: str
    kept_at: datetime | None
    slip: str


def report(
    conn: Connection, kiosk: Kiosk, sent: Report, *, key: str, at: datetime, rules: Rules
) -> Registered:
    """登记: what somebody files at a kiosk happened in its community unless he says where else."""
    matter = _matter(conn, sent.category)
    if matter is None:
        raise Invalid({"category": "请选择事项 (choose a matter)"})
    made = _file(conn, kiosk, sent, matter, key=key, at=at, rules=rules)
    _belongs(conn, made, kiosk, link=sent.link)
    return made


def late(conn: Connection, kiosk: Kiosk, kept: Kept, *, key: str, at: datetime, rules: Rules) -> Registered:
    """Take what waited on the kiosk: exactly once, and never refused, for whoever typed it has long gone.

    What cannot stand as it was typed goes into the words; a matter that is no more becomes the first there is.
    """
    matter = _matter(conn, kept.report.category)
    category = kept.report.category if matter else _any_matter(conn)
    kept_at = kept.kept_at if at - BELIEVED <= kept.kept_at <= at else None
    sent = _as_it_stands(
        kept, category, matter or "其他", kiosk, f"{(kept_at or at).astimezone(rules.zone):%m-%d %H:%M}"
    )
    made = _file(conn, kiosk, sent, matter or "其他", key=key, at=at, rules=rules)
    _belongs(conn, made, kiosk, link=None, kept_at=kept_at, slip=kept.slip)
    return made


def _as_it_stands(kept: Kept, category: str, matter: str, kiosk: Kiosk, when: str) -> Report:
    told = kept.report
    number = _NO_DIGIT.sub("", told.number)
    usable = bool(_CALLABLE.fullmatch(number))
    place = told.place[:80]
    words = (
        told.words.strip()[:LONGEST_WORDS] or f"诉求人在自助终端登记：{matter}，地点{kiosk.address} {place}。"
    )
    extra = "" if usable or not told.number.strip() else f"\n联系方式：{told.number[:40]}"
    return Report(
        category=category,
        place=place,
        words=f"{words}{extra}\n（终端断网时于{when}暂存，暂存号 {kept.slip}）",
        number=number if usable else "",
    )


def unreadable(conn: Connection, kiosk: str, *, at: datetime) -> None:
    """Say that something came which cannot be opened: the kiosk forgets it, the city does not."""
    conn.execute(update(STATE).where(STATE.c.kiosk == kiosk).values(unreadable=STATE.c.unreadable + 1))
    by = f"kiosk:{kiosk}"
    history.append(conn, subject=by, kind="kiosk.unreadable", actor=by, detail={}, at=at)


def filed_at(conn: Connection, no: str) -> FiledAt | None:
    """Return the kiosk at which a case was filed."""
    row = conn.execute(
        select(KIOSK_CASE, kiosks.KIOSK.c.name, GRID.c.name.label("grid_name"))
        .join(CASE, CASE.c.id == KIOSK_CASE.c.case)
        .join(kiosks.KIOSK, kiosks.KIOSK.c.id == KIOSK_CASE.c.kiosk)
        .outerjoin(GRID, GRID.c.code == KIOSK_CASE.c.grid)
        .where(CASE.c.no == no)
    ).one_or_none()
    if row is None:
        return None
    return FiledAt(row.kiosk, row.name, row.grid or "", row.grid_name or "", row.kept_at, row.slip)


def _matter(conn: Connection, category: str) -> str | None:
    wanted = (CATEGORY.c.code == keyable(category, 64), CATEGORY.c.parent.is_not(None))
    name: str | None = conn.execute(select(CATEGORY.c.name).where(*wanted)).scalar()
    return name


def _any_matter(conn: Connection) -> str:
    leaves = select(CATEGORY.c.code).where(CATEGORY.c.parent.is_not(None)).order_by(CATEGORY.c.position)
    return str(conn.execute(leaves.limit(1)).scalar_one())


def _file(
    conn: Connection, kiosk: Kiosk, sent: Report, matter: str, *, key: str, at: datetime, rules: Rules
) -> Registered:
    place = f"{kiosk.address} {keyable(sent.place, 80)}".strip()[: LONGEST["address"]]
    form = CaseForm(
        intent=Intent.HELP,
        category=sent.category,
        title=f"{matter}（{kiosk.name}自助登记）"[: LONGEST["title"]],
        content=sent.words.strip() or f"诉求人在自助终端登记：{matter}，地点{place}。",
        address=place,
        channel="kiosk",
        contact_number=sent.number,
        reply_way="电话" if sent.number.strip() else NO_REPLY_WANTED,
    )
    by = Actor(f"kiosk:{kiosk.id}", Role.CLIENT, "")
    made = register(conn, form, key=f"kiosk:{kiosk.id}:{key}", by=by, at=at, rules=rules)
    if not made.again:
        kiosks.used(conn, kiosk.id, REPORT, at=at, zone=rules.zone)
    return made


def _belongs(
    conn: Connection,
    made: Registered,
    kiosk: Kiosk,
    *,
    link: int | None,
    kept_at: datetime | None = None,
    slip: str = "",
) -> None:
    if made.again:
        return
    case = conn.execute(select(CASE.c.id).where(CASE.c.no == made.no)).scalar_one()
    row = {
        "case": case,
        "kiosk": kiosk.id,
        "grid": kiosk.grid,
        "link": link,
        "kept_at": kept_at,
        "slip": slip,
    }
    conn.execute(insert(KIOSK_CASE).values(row))
