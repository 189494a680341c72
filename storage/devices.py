"""智能设备: sensors that report by themselves, each with a token and so many alarms an hour."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from cases.policies import Intent, Urgency
from cases.rules import Rules
from cases.workflow import OPEN, Role
from storage import history, units
from storage.errors import Conflict, Invalid, Missing
from storage.forms import CaseForm, checked_text, keyable
from storage.frontline_models import Device as DeviceRow
from storage.frontline_models import DeviceAlarm
from storage.intake import register
from storage.keeping import keep_once
from storage.moves import CASE
from storage.people import Actor
from storage.steps import must_be
from storage.types import table_of

DEVICE = table_of(DeviceRow)
ALARM = table_of(DeviceAlarm)

KEEPERS = frozenset({Role.ADMINISTRATOR})
WINDOW = timedelta(hours=1)
MOST_HOURLY, MOST_DEVICES = 600, 500
LONGEST_WORDS = 500
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class UnknownDevice(LookupError):
    """No device has this token, or it was switched off."""


class TooManyAlarms(Exception):
    """The device has sent as many alarms as it may within an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceForm:
    """A device as it is entered: what it reports is a matter of this category at this place."""

    id: str
    name: str
    category: str
    address: str
    hourly: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What a device sends: its own number of the alarm, what it has noticed, and whether that is urgent."""

    key: str
    words: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The case that an alarm belongs to; `again` if it was sent before or joined one that is open."""

    no: str
    again: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A device in the list."""

    id: str
    name: str
    category: str
    address: str
    hourly: int
    added_at: datetime
    disabled_at: datetime | None
    alarms: int
    last_at: datetime | None


def add(conn: Connection, form: DeviceForm, *, by: Actor, at: datetime) -> str:
    """Enter a device and return its token, which cannot be looked up again."""
    must_be(by, KEEPERS, "维护智能设备")
    wrong = {}
    if not _ID.fullmatch(form.id):
        wrong["id"] = "编号应为2–40位小写字母、数字和连字符 (2 to 40 small letters, digits and hyphens)"
    if form.category not in {one.code for one in units.categories(conn)}:
        wrong["category"] = "没有这个类别 (no such category)"
    if not 1 <= form.hourly <= MOST_HOURLY:
        wrong["hourly"] = f"应为1–{MOST_HOURLY} (from 1 to {MOST_HOURLY})"
    if wrong:
        raise Invalid(wrong)
    token = secrets.token_urlsafe(32)
    row = {
        "id": form.id,
        "name": checked_text("name", form.name, longest=60),
        "token_hash": _hashed(token),
        "category": form.category,
        "address": checked_text("address", form.address, longest=200),
        "hourly": form.hourly,
        "added_by": by.login,
        "added_at": at,
    }
    if not keep_once(conn, DEVICE, row):
        raise Conflict(f"设备 {form.id} 已存在 (there is one with this name)")
    history.append(conn, subject=f"device:{form.id}", kind="device.added", actor=by.login, detail={}, at=at)
    return token


def disable(conn: Connection, device: str, *, by: Actor, at: datetime) -> None:
    """停用: its token opens nothing any more."""
    must_be(by, KEEPERS, "维护智能设备")
    still = (DEVICE.c.id == keyable(device, 64), DEVICE.c.disabled_at.is_(None))
    if conn.execute(update(DEVICE).where(*still).values(disabled_at=at)).rowcount != 1:
        raise Missing(f"没有设备 {device} (no such device)")
    history.append(conn, subject=f"device:{device}", kind="device.disabled", actor=by.login, detail={}, at=at)


def devices(conn: Connection) -> list[Device]:
    rows = conn.execute(
        select(DEVICE, func.count(ALARM.c.id).label("alarms"), func.max(ALARM.c.at).label("last_at"))
        .outerjoin(ALARM, ALARM.c.device == DEVICE.c.id)
        .group_by(DEVICE.c.id)
        .order_by(DEVICE.c.id)
        .limit(MOST_DEVICES)
    )
    return [Device(**{name: getattr(row, name) for name in Device.__slots__}) for row in rows]


def alarm(conn: Connection, token: str, sent: Alarm, *, at: datetime, rules: Rules) -> Taken:
    """Take an alarm: the same one once, what it repeats to the case that is open already, anything else as a new case."""
    # The row is held, so that alarms of one device that come at one moment are counted one after the other.
    device = conn.execute(
        select(DEVICE)
        .where(DEVICE.c.token_hash == _hashed(token), DEVICE.c.disabled_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if device is None:
        raise UnknownDevice
    key = checked_text("key", sent.key, longest=64)
    words = checked_text("words", sent.words, longest=LONGEST_WORDS)
    of_device = select(CASE.c.id, CASE.c.no, CASE.c.state).join(ALARM, ALARM.c.case == CASE.c.id)
    of_device = of_device.where(ALARM.c.device == device.id)
    before = conn.execute(of_device.where(ALARM.c.key == key)).one_or_none()
    if before is not None:
        return Taken(before.no, again=True)
    lately = select(func.count()).where(ALARM.c.device == device.id, ALARM.c.at > at - WINDOW)
    if conn.execute(lately).scalar_one() >= device.hourly:
        raise TooManyAlarms
    by = Actor(f"device:{device.id}", Role.CLIENT, "")
    newest = conn.execute(of_device.order_by(ALARM.c.id.desc()).limit(1)).one_or_none()
    joined = newest is not None and newest.state in OPEN
    if newest is not None and joined:
        no: str = newest.no
    else:
        no = _new_case(
            conn, device, Alarm(key=key, words=words, urgent=sent.urgent), by=by, at=at, rules=rules
        )
    case = conn.execute(select(CASE.c.id).where(CASE.c.no == no)).scalar_one()
    conn.execute(insert(ALARM).values(device=device.id, key=key, at=at, case=case))
    if joined:
        history.append(conn, subject=no, kind="device.again", actor=by.login, detail={"alarm": key}, at=at)
    return Taken(no, again=joined)


def _new_case(
    conn: Connection, device: Row[*tuple[Any, ...]], sent: Alarm, *, by: Actor, at: datetime, rules: Rules
) -> str:
    form = CaseForm(
        intent=Intent.OTHER,
        category=device.category,
        title=f"{device.name}报警：{sent.words}"[:100],
        content=sent.words,
        address=device.address,
        channel="device",
        reply_way="无需回复",
        urgency=Urgency.URGENT if sent.urgent else Urgency.NORMAL,
        origin="device",
    )
    intake_key = f"device:{device.id}:{sent.key}"
    return register(conn, form, key=intake_key, by=by, at=at, rules=rules).no


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
