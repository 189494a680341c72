"""一线处置: one action with everything in it, the list of actions, and what the people in them have to show for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, or_, select

from cases import frontline
from cases.clocks import Result
from cases.frontline import Arrival, Deed, Kind, Progress, Side, Stage
from cases.limits import is_late
from storage.clocks import CLOCK
from storage.errors import Missing
from storage.frontline_rows import CALL, JUDGEMENT, TARGET
from storage.intake import CASE
from storage.units import UNIT
from storage.views import Line

PER_PAGE = 30
MOST_TITLES = 30_000

_ACCEPT, _RESPOND = CLOCK.alias("accept"), CLOCK.alias("respond")


@dataclass(frozen=True, slots=True)
class Judged:
    """One side's judgement, and what the command centre made of it."""

    id: int
    side: Side
    score: int
    reason: str
    by: str
    at: datetime
    dispute: str | None
    disputed_at: datetime | None
    ruled_score: int | None
    ruling: str | None
    ruled_at: datetime | None

    @property
    def final(self) -> int:
        return self.score if self.ruled_score is None else self.ruled_score

    @property
    def settled(self) -> bool:
        return self.disputed_at is None or self.ruled_at is not None


@dataclass(frozen=True, slots=True)
class Called:
    """One department in an action."""

    id: int
    unit: str
    unit_name: str
    called_at: datetime
    joined_later: bool
    report_at: datetime
    accept_due: datetime | None
    accept_result: str | None
    respond_due: datetime | None
    respond_result: str | None
    accepted_at: datetime | None
    handler: str | None
    leader: str | None
    responded_at: datetime | None
    response: str | None
    checked_in_by: str | None
    checked_in_at: datetime | None
    evidence: str | None
    where: str | None
    judgements: tuple[Judged, ...]

    def judged_by(self, side: Side) -> Judged | None:
        return next((one for one in self.judgements if one.side is side), None)


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action with everything in it."""

    id: int
    no: str
    title: str
    confidential: str
    unit: str
    unit_name: str
    kind: Kind
    reason: str
    tried: str
    place: str
    report_at: datetime
    site_code: str
    called_by: str
    called_at: datetime
    findings: str | None
    found_at: datetime | None
    root_cause: str | None
    measures: str | None
    recheck_on: date | None
    closed_by: str | None
    closed_at: datetime | None
    recheck_held: bool | None
    recheck_note: str | None
    rechecked_at: datetime | None
    targets: tuple[Called, ...]

    @property
    def stage(self) -> Stage:
        sides = [one.judged_by(side) for one in self.targets for side in Side]
        return frontline.stage(
            Progress(
                accepted=all(one.accepted_at for one in self.targets),
                arrived=any(one.checked_in_at for one in self.targets),
                found=self.found_at is not None,
                closed=self.closed_at is not None,
                judged=all(one is not None and one.settled for one in sides),
            )
        )

    def arrival(self, target: Called, at: datetime) -> Arrival:
        return frontline.arrival(target.report_at, target.checked_in_at, at=at, closed_at=self.closed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which actions: open ones, closed ones, those to be looked at again, those in dispute; whose."""

    pile: str = "open"
    unit: str = ""
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of actions."""

    rows: list[ActionView]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


PILES = ("open", "closed", "recheck", "disputed")

_VIEW = (
    select(CALL, CASE.c.no, CASE.c.title, CASE.c.confidential, UNIT.c.short_name.label("unit_name"))
    .join(CASE, CASE.c.id == CALL.c.case)
    .join(UNIT, UNIT.c.id == CALL.c.unit)
)
_TARGETS = (
    select(
        TARGET,
        UNIT.c.short_name.label("unit_name"),
        _ACCEPT.c.due_at.label("accept_due"),
        _ACCEPT.c.result.label("accept_result"),
        _RESPOND.c.due_at.label("respond_due"),
        _RESPOND.c.result.label("respond_result"),
    )
    .join(UNIT, UNIT.c.id == TARGET.c.unit)
    .outerjoin(_ACCEPT, _ACCEPT.c.id == TARGET.c.accept_clock)
    .outerjoin(_RESPOND, _RESPOND.c.id == TARGET.c.respond_clock)
    .where(TARGET.c.call.in_(bindparam("calls", expanding=True)))
    .order_by(TARGET.c.id)
)
_JUDGEMENTS = (
    select(JUDGEMENT)
    .join(TARGET, TARGET.c.id == JUDGEMENT.c.target)
    .where(TARGET.c.call.in_(bindparam("calls", expanding=True)))
    .order_by(JUDGEMENT.c.id)
)


def action(conn: Connection, number: int) -> ActionView:
    """Return one action, or raise Missing."""
    rows = conn.execute(_VIEW.where(CALL.c.id == number)).all()
    if not rows:
        raise Missing(f"没有一线呼叫 {number} (no such action)")
    return _views(conn, rows)[0]


def actions(conn: Connection, filters: Filters, page: int) -> Found:
    """Return a page of actions, newest first; a unit finds those it called and those it was called to."""
    where = _where(filters)
    total: int = conn.execute(select(func.count()).select_from(CALL).where(*where)).scalar_one()
    newest = _VIEW.where(*where).order_by(CALL.c.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Found(_views(conn, conn.execute(newest).all()), total, page)


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    """Return what a case's own page tells of its actions."""
    rows = conn.execute(
        select(CALL, UNIT.c.short_name)
        .join(UNIT, UNIT.c.id == CALL.c.unit)
        .where(CALL.c.case == case_id)
        .order_by(CALL.c.id)
    )
    names = ("id", "kind", "place", "report_at", "short_name", "root_cause", "measures", "recheck_on")
    return [
        Line(
            "frontline",
            row.called_at,
            row.called_by,
            {**{name: getattr(row, name) for name in names}, "closed_at": row.closed_at},
        )
        for row in rows
    ]


def deeds(conn: Connection, since: datetime, until: datetime, at: datetime) -> list[Deed]:
    """Return each department's part in the actions called in a period [since, until)."""
    within = (CALL.c.called_at >= since, CALL.c.called_at < until)
    views = _views(conn, conn.execute(_VIEW.where(*within).order_by(CALL.c.id)).all())
    return [_deed(view, target, at) for view in views for target in view.targets]


def accuracy(conn: Connection, since: datetime, until: datetime) -> dict[str, tuple[int, float]]:
    """Return for each street how many of its calls were judged in a period, and how right they were on average."""
    final = func.coalesce(JUDGEMENT.c.ruled_score, JUDGEMENT.c.score)
    rows = conn.execute(
        select(CALL.c.unit, func.count(), func.sum(final))
        .join(TARGET, TARGET.c.call == CALL.c.id)
        .join(JUDGEMENT, JUDGEMENT.c.target == TARGET.c.id)
        .where(CALL.c.called_at >= since, CALL.c.called_at < until, JUDGEMENT.c.side == Side.DEPARTMENT)
        .group_by(CALL.c.unit)
    )
    return {unit: (count, total / count) for unit, count, total in rows}


def titles(conn: Connection, since: datetime, until: datetime) -> list[str]:
    """Return the titles of what was received in a period, the newest so many; for the report of frequent terms."""
    within = (CASE.c.received_at >= since, CASE.c.received_at < until)
    newest = select(CASE.c.title).where(*within).order_by(CASE.c.received_at.desc()).limit(MOST_TITLES)
    return list(conn.execute(newest).scalars())


def _deed(view: ActionView, target: Called, at: datetime) -> Deed:
    street = target.judged_by(Side.STREET)
    return Deed(
        unit=target.unit_name,
        handler=target.handler or "",
        leader=target.leader or "",
        accepted=_in_time(target.accept_result, target.accept_due, at),
        responded=_in_time(target.respond_result, target.respond_due, at),
        arrival=view.arrival(target, at),
        score=street.final if street is not None and street.settled else None,
    )


def _in_time(result: str | None, due: datetime | None, at: datetime) -> bool | None:
    if result == Result.MET:
        return True
    late = result == Result.MISSED or (result == Result.RUNNING and due is not None and is_late(at, due))
    return False if late else None


def _where(filters: Filters) -> list[ColumnElement[bool]]:
    disputed = (
        select(TARGET.c.call)
        .join(JUDGEMENT, JUDGEMENT.c.target == TARGET.c.id)
        .where(JUDGEMENT.c.disputed_at.is_not(None), JUDGEMENT.c.ruled_at.is_(None))
    )
    closed = CALL.c.closed_at.is_not(None)
    piles: dict[str, list[ColumnElement[bool]]] = {
        "open": [CALL.c.closed_at.is_(None)],
        "closed": [closed],
        "recheck": [closed, CALL.c.rechecked_at.is_(None), CALL.c.recheck_on <= (filters.today or date.max)],
        "disputed": [CALL.c.id.in_(disputed)],
    }
    where = piles[filters.pile]
    if filters.unit:
        called = select(TARGET.c.call).where(TARGET.c.unit == filters.unit)
        where.append(or_(CALL.c.unit == filters.unit, CALL.c.id.in_(called)))
    return where


def _views(conn: Connection, rows: Iterable[Row[*tuple[Any, ...]]]) -> list[ActionView]:
    found = list(rows)
    numbers = {"calls": [row.id for row in found]}
    judged: dict[int, list[Judged]] = defaultdict(list)
    for row in conn.execute(_JUDGEMENTS, numbers):
        fields = {name: getattr(row, name) for name in Judged.__slots__}
        judged[row.target].append(Judged(**fields | {"side": Side(row.side)}))
    called: dict[int, list[Called]] = defaultdict(list)
    for row in conn.execute(_TARGETS, numbers):
        fields = {name: getattr(row, name) for name in Called.__slots__ if name != "judgements"}
        called[row.call].append(Called(**fields, judgements=tuple(judged[row.id])))
    return [_view(row, tuple(called[row.id])) for row in found]


def _view(row: Row[*tuple[Any, ...]], targets: tuple[Called, ...]) -> ActionView:
    fields = {name: getattr(row, name) for name in ActionView.__slots__ if name != "targets"}
    return ActionView(**fields | {"kind": Kind(row.kind), "targets": targets})
