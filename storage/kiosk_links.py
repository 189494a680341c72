"""对外链接: pages of somebody else's that a kiosk may open, declared one by one. We take no payments and pass none on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, insert, or_, select, update

from storage import history
from storage.errors import Invalid, Missing
from storage.forms import checked_text, keyable
from storage.kiosk_queue_models import KioskLink
from storage.kiosks import KEEPERS, KIOSK
from storage.people import Actor
from storage.steps import must_be
from storage.types import table_of
from storage.units import CATEGORY

LINK = table_of(KioskLink)

MOST_LINKS: Final = 60
LONGEST_ADDRESS: Final = 500


class Slot(StrEnum):
    """What a link is for; a bill that cannot be paid becomes a case, a ticket that cannot be had does not."""

    PAYMENT = "payment"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkForm:
    """A link as it is entered; without a kiosk it stands on every one."""

    slot: str
    name: str
    address: str
    name_en: str = ""
    kiosk: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is offered."""

    id: int
    kiosk: str | None
    slot: str
    name: str
    name_en: str
    address: str
    category: str | None

    @property
    def origin(self) -> str:
        """The only place on the net that its frame may show."""
        return origin_of(self.address)


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address that may be framed, '' for any other."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    plain = host.isascii() and all(sign.isalnum() or sign in ".-" for sign in host) and "." in host
    if parts.scheme != "https" or not plain or parts.username is not None or not address.isprintable():
        return ""
    return f"https://{host}{port}"


def add(conn: Connection, form: LinkForm, *, by: Actor, at: datetime) -> int:
    """Declare a link; its number is part of its address at the kiosk."""
    must_be(by, KEEPERS, "维护自助终端")
    name = checked_text("name", form.name, longest=40)
    _check(conn, form)
    if conn.execute(select(func.count()).where(LINK.c.ended_at.is_(None))).scalar_one() >= MOST_LINKS:
        raise Invalid({"name": f"最多 {MOST_LINKS} 条链接 (at most {MOST_LINKS} links)"})
    position = conn.execute(select(func.coalesce(func.max(LINK.c.position), 0) + 1)).scalar_one()
    row = {
        "kiosk": form.kiosk or None,
        "slot": form.slot,
        "name": name,
        "name_en": keyable(form.name_en, 60).strip() or name,
        "address": form.address.strip(),
        "category": form.category or None,
        "position": position,
        "added_by": by.login,
        "added_at": at,
    }
    link: int = conn.execute(insert(LINK).values(row).returning(LINK.c.id)).scalar_one()
    detail = {"link": link, "slot": form.slot, "origin": origin_of(form.address.strip())}
    subject = f"kiosk:{form.kiosk}" if form.kiosk else "kiosk:*"
    history.append(conn, subject=subject, kind="kiosk.link_added", actor=by.login, detail=detail, at=at)
    return link


def _check(conn: Connection, form: LinkForm) -> None:
    wrong = {}
    if form.slot not in list(Slot):
        wrong["slot"] = "请选择用途 (choose what it is for)"
    if not origin_of(form.address.strip()) or len(form.address) > LONGEST_ADDRESS:
        wrong["address"] = "应为 https:// 开头的网址 (must be an https address)"
    known = select(KIOSK.c.id).where(KIOSK.c.id == keyable(form.kiosk, 64))
    if form.kiosk and conn.execute(known).first() is None:
        wrong["kiosk"] = "没有这台终端 (no such kiosk)"
    leaf = (CATEGORY.c.code == keyable(form.category, 64), CATEGORY.c.parent.is_not(None))
    if form.slot == Slot.PAYMENT and conn.execute(select(CATEGORY.c.code).where(*leaf)).first() is None:
        wrong["category"] = "请选择缴费失败时登记的事项 (choose the matter of a failed payment)"
    if wrong:
        raise Invalid(wrong)


def end(conn: Connection, link: int, *, by: Actor, at: datetime) -> None:
    """撤下: no kiosk opens it from its next page on."""
    must_be(by, KEEPERS, "维护自助终端")
    standing = (LINK.c.id == link, LINK.c.ended_at.is_(None))
    if conn.execute(update(LINK).where(*standing).values(ended_at=at)).rowcount != 1:
        raise Missing(f"没有链接 {link} (no such link)")
    detail = {"link": link}
    history.append(conn, subject="kiosk:*", kind="kiosk.link_ended", actor=by.login, detail=detail, at=at)


_COLUMNS = (
    LINK.c.id,
    LINK.c.kiosk,
    LINK.c.slot,
    LINK.c.name,
    LINK.c.name_en,
    LINK.c.address,
    LINK.c.category,
)
_STANDING = select(*_COLUMNS).where(LINK.c.ended_at.is_(None)).order_by(LINK.c.position, LINK.c.id)


def links(conn: Connection) -> list[Link]:
    """Return all that are declared, for their keeper."""
    return [Link(*row) for row in conn.execute(_STANDING)]


def offered(conn: Connection, kiosk: str) -> list[Link]:
    """Return what this kiosk may open: its own and those of all."""
    here = or_(LINK.c.kiosk.is_(None), LINK.c.kiosk == kiosk)
    return [Link(*row) for row in conn.execute(_STANDING.where(here))]


def offered_one(conn: Connection, kiosk: str, link: int) -> Link | None:
    """Return one of them; what is declared for another kiosk is not there."""
    return next((one for one in offered(conn, kiosk) if one.id == link), None)
