"""突发事件: opened with one click, heard by every caller, joined by key, over by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, func, select, update

from cases.surge import BEFORE, Report
from cases.telephone import canonical
from storage import history
from storage.errors import Conflict, Invalid, Missing
from storage.forms import checked_text, keyable
from storage.intake import CASE
from storage.keeping import insert_into, keep_once
from storage.number_models import Event as EventRow
from storage.number_models import EventCall, EventMember, Heard
from storage.types import table_of

EVENT = table_of(EventRow)
HEARD = table_of(EventCall)
MEMBER = table_of(EventMember)

USUAL = timedelta(hours=4)
LONGEST = timedelta(hours=72)
LONGEST_NAME, LONGEST_WORDS = 40, 200
# Callers hear no more than two, or they would wait for the third.
AT_ONCE = 2
NEWEST, MOST_MEMBERS = 50, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForm:
    """What a supervisor fills in, or a template brings along."""

    name: str
    area: str = ""
    announcement: str
    banner: str = ""
    sound: str | None = None
    lasts: timedelta = USUAL
    case: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it stands."""

    id: int
    name: str
    area: str
    announcement: str
    sound: str | None
    banner: str
    case: str | None
    opened_by: str
    opened_at: datetime
    expires_at: datetime
    closed_by: str | None
    closed_at: datetime | None

    def ended_at(self, at: datetime) -> datetime | None:
        """Return when it ended, by a click or by itself, or None while callers hear it."""
        if self.closed_at is not None:
            return min(self.closed_at, self.expires_at)
        return self.expires_at if at >= self.expires_at else None


@dataclass(frozen=True, slots=True)
class Hour:
    """情况小结: one hour of an event."""

    begins: datetime
    heard: int
    added: int
    person: int
    hung_up: int


@dataclass(frozen=True, slots=True)
class Member:
    """A citizen who waits to be told how it ends."""

    number: str
    call: str
    at: datetime
    told_by: str | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How far an event has come."""

    heard: int
    members: int
    told: int


_FIELDS = [EVENT.c[name] for name in Event.__dataclass_fields__]
_NOW = (
    select(*_FIELDS)
    .where(EVENT.c.closed_at.is_(None), EVENT.c.expires_at > bindparam("now"))
    .order_by(EVENT.c.opened_at.desc(), EVENT.c.id.desc())
)
_NEWEST = select(*_FIELDS).order_by(EVENT.c.id.desc()).limit(bindparam("most"))
_ONE = select(*_FIELDS).where(EVENT.c.id == bindparam("no"))


def open_event(conn: Connection, form: EventForm, *, key: str, by: str, at: datetime) -> int:
    """Open it for every caller from now on; the same request again opens nothing new. Return its number."""
    tidy = _checked(conn, form)
    key, expires_at = keyable(key, 64), at + form.lasts
    row = {**tidy, "key": key, "opened_by": by, "opened_at": at, "expires_at": expires_at}
    added = insert_into(conn.dialect.name, EVENT).on_conflict_do_nothing(index_elements=["key"])
    number = conn.execute(added.returning(EVENT.c.id), row).scalar()
    if number is None:
        return int(conn.execute(select(EVENT.c.id).where(EVENT.c.key == key)).scalar_one())
    detail = {"expires_at": expires_at.isoformat(), "case": tidy["case"]}
    _note(conn, number, "event.opened", by=by, at=at, detail=detail)
    return int(number)


def close_event(conn: Connection, event: int, *, by: str, at: datetime) -> None:
    """End it at once; a Conflict if it was over already."""
    _change(conn, event, at, {"closed_by": by, "closed_at": at}, unless_over=True)
    _note(conn, event, "event.closed", by=by, at=at, detail={})


def reopen_event(conn: Connection, event: int, *, lasts: timedelta, by: str, at: datetime) -> None:
    """Take a click back, or let it last: from now on so much longer."""
    _check_span(lasts)
    _change(conn, event, at, {"closed_by": None, "closed_at": None, "expires_at": at + lasts})
    _note(conn, event, "event.prolonged", by=by, at=at, detail={"expires_at": (at + lasts).isoformat()})


def link_case(conn: Connection, event: int, case: str, *, by: str, at: datetime) -> None:
    """Name the master case that answers for all members; '' takes the name away."""
    _change(conn, event, at, {"case": _case(conn, case)})
    _note(conn, event, "event.linked", by=by, at=at, detail={"case": case})


def now_on(conn: Connection, at: datetime, most: int = AT_ONCE) -> list[Event]:
    """Return the events that callers hear now, the newest first."""
    return [_event(row) for row in conn.execute(_NOW.limit(most), {"now": at})]


def newest(conn: Connection, most: int = NEWEST) -> list[Event]:
    return [_event(row) for row in conn.execute(_NEWEST, {"most": most})]


def event(conn: Connection, number: int) -> Event:
    row = conn.execute(_ONE, {"no": number}).one_or_none()
    if row is None:
        raise Missing(f"event {number}")
    return _event(row)


def heard(conn: Connection, event: int, *, call: str, what: Heard, at: datetime) -> None:
    """Note what came of the announcement for one call; the first word counts."""
    keep_once(conn, HEARD, {"event": event, "call": keyable(call, 64), "at": at, "heard": what})


def add_member(conn: Connection, event: int, *, call: str, number: str, at: datetime) -> bool:
    """并入: the number is told how it ends. Once for one number; False if it was among them already."""
    heard(conn, event, call=call, what=Heard.ADDED, at=at)
    row = {"event": event, "number": keyable(canonical(number), 64), "call": keyable(call, 64), "at": at}
    added = keep_once(conn, MEMBER, row)
    if added:
        history.append(
            conn, subject=call, kind="event.member", actor="caller", detail={"event": event}, at=at
        )
    return added


def tell_member(conn: Connection, event: int, number: str, *, by: str, at: datetime) -> bool:
    """反馈: note that this citizen was told how it ended; False if somebody else already had."""
    waits = (MEMBER.c.event == event) & (MEMBER.c.number == keyable(number, 64)) & MEMBER.c.told_at.is_(None)
    done = conn.execute(update(MEMBER).where(waits).values(told_by=by, told_at=at)).rowcount == 1
    if done:
        _note(conn, event, "event.told", by=by, at=at, detail={})
    return done


def members(conn: Connection, event: int, most: int = MOST_MEMBERS) -> list[Member]:
    """Return who waits to be told, those who wait before those who know, oldest first."""
    rows = conn.execute(
        select(*(MEMBER.c[name] for name in Member.__dataclass_fields__))
        .where(MEMBER.c.event == event)
        .order_by(MEMBER.c.told_at.is_not(None), MEMBER.c.at, MEMBER.c.number)
        .limit(most)
    )
    return [Member(*row) for row in rows]


def totals(conn: Connection, events: Sequence[int]) -> Mapping[int, Totals]:
    """Count for each event who heard it, who joined, and who of them was told."""
    told_to = select(HEARD.c.event, func.count()).where(HEARD.c.event.in_(events)).group_by(HEARD.c.event)
    heard_by = {row[0]: int(row[1]) for row in conn.execute(told_to)}
    joined = conn.execute(
        select(MEMBER.c.event, func.count(), func.count(MEMBER.c.told_at))
        .where(MEMBER.c.event.in_(events))
        .group_by(MEMBER.c.event)
    )
    counts = {row[0]: (int(row[1]), int(row[2])) for row in joined}
    return {no: Totals(heard_by.get(no, 0), *counts.get(no, (0, 0))) for no in events}


def by_hour(conn: Connection, event: int, zone: ZoneInfo) -> list[Hour]:
    """Return the situation hour by hour of the city's clock, only hours in which somebody called."""
    rows = conn.execute(select(HEARD.c.at, HEARD.c.heard).where(HEARD.c.event == event))
    hours: dict[datetime, dict[str, int]] = {}
    for row in rows:
        begins = row.at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        counts = hours.setdefault(begins, dict.fromkeys(Heard, 0))
        counts[row.heard] += 1
    return [
        Hour(begins, sum(some.values()), some[Heard.ADDED], some[Heard.PERSON], some[Heard.HUNG_UP])
        for begins, some in sorted(hours.items())
    ]


def recent_reports(conn: Connection, at: datetime) -> list[Report]:
    """Return the cases of the last day, from which it is seen whether something is happening."""
    rows = conn.execute(
        select(CASE.c.no, CASE.c.category, CASE.c.address, CASE.c.received_at).where(
            CASE.c.received_at > at - BEFORE, CASE.c.received_at <= at
        )
    )
    return [Report(*row) for row in rows]


def _checked(conn: Connection, form: EventForm) -> dict[str, Any]:
    _check_span(form.lasts)
    name = checked_text("name", form.name, longest=LONGEST_NAME)
    announcement = checked_text("announcement", form.announcement, longest=LONGEST_WORDS)
    banner = checked_text("banner", form.banner or name, longest=LONGEST_WORDS)
    area = checked_text("area", form.area, longest=LONGEST_NAME) if form.area.strip() else ""
    return {
        "name": name,
        "area": area,
        "announcement": announcement,
        "banner": banner,
        "sound": form.sound,
        "case": _case(conn, form.case),
    }


def _check_span(lasts: timedelta) -> None:
    if not timedelta(minutes=5) <= lasts <= LONGEST:
        raise Invalid({"hours": "有效期须在5分钟至72小时之间 (from 5 minutes to 72 hours)"})


def _case(conn: Connection, no: str) -> str | None:
    if not no.strip():
        return None
    found = conn.execute(select(CASE.c.no).where(CASE.c.no == keyable(no.strip(), 64))).scalar()
    if found is None:
        raise Invalid({"case": "没有这个诉求件 (no such case)"})
    return str(found)


def _change(
    conn: Connection, event: int, at: datetime, values: Mapping[str, Any], *, unless_over: bool = False
) -> None:
    which = EVENT.c.id == event
    if unless_over:
        which &= EVENT.c.closed_at.is_(None) & (EVENT.c.expires_at > at)
    if conn.execute(update(EVENT).where(which).values(dict(values))).rowcount != 1:
        if conn.execute(_ONE, {"no": event}).one_or_none() is None:
            raise Missing(f"event {event}")
        raise Conflict("该事件已结束 (it was over already)")


def _note(
    conn: Connection, event: int, kind: str, *, by: str, at: datetime, detail: Mapping[str, Any]
) -> None:
    history.append(conn, subject=f"event:{event}", kind=kind, actor=by, detail=detail, at=at)


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    return Event(*row)
