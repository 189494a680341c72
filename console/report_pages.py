"""报表: the line by quarters, half hours, hours or days, of a line or a skill; and what each agent did, with definitions.

Context of reports.html: entered, errors, steps, kinds, columns, rows, whole, values, may_export, query.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.figures import Adherence, Counts, SeatCounts, begin_of, share, slot_of, total
from console import exports
from console.figure_pages import SHOWN, cell
from console.forms import Text, read_texts
from console.i18n import say
from console.moments import day
from console.pages import PREFERENCES, render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import figures, line_rules, quality
from storage.errors import Invalid

KINDS: Final = ("line", "skill", "agent")
STEPS: Final = {
    "15": timedelta(days=3),
    "30": timedelta(days=7),
    "60": timedelta(days=14),
    "day": timedelta(days=92),
}
"""How much time a report of each step may cover: nobody reads more lines."""
FILTERS: Final = {
    "since": Text(10),
    "until": Text(10),
    "kind": Text(5, one_of=frozenset(KINDS)),
    "step": Text(3, one_of=frozenset(STEPS)),
    "of": Text(40),
}
OF_AGENTS: Final = (
    "answered", "missed", "talk", "hold", "wrap_up", "ready", "break", "signed_on", "handling_mean", "occupancy",
    "adherence", "quality",
)  # fmt: skip

routes = web.RouteTableDef()
Table = list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days of what, and in which steps."""

    since: date
    until: date
    kind: str
    step: str
    of: str


@dataclass(frozen=True, slots=True)
class Report:
    """Rows with their names, the sum of all, and what may be asked for instead."""

    columns: Sequence[str]
    rows: Table
    whole: list[str]
    values: Sequence[str]


@routes.get("/reports")
@needs(Permission.REPORTS)
async def page(request: web.Request) -> web.Response:
    entered = _entered(request)
    context: dict[str, Any] = {
        "entered": entered,
        "errors": {},
        "kinds": KINDS,
        "steps": tuple(STEPS),
        "report": None,
    }
    try:
        context["report"] = await _report(request, _asked(request, entered))
    except Invalid as error:
        return render(request, "reports.html", context | {"errors": error.fields}, status=400)
    context |= {
        "may_export": allowed(request[SIGNED].account.role, Permission.EXPORT),
        "query": request.query_string,
        "prefix": _prefix(entered["kind"]),
    }
    return render(request, "reports.html", context)


@routes.get("/reports.{kind:csv|xlsx}")
@needs(Permission.EXPORT)
async def export(request: web.Request) -> web.Response:
    entered = _entered(request)
    asked = _asked(request, entered)
    report = await _report(request, asked)
    prefix = _prefix(asked.kind)
    head = [say(request, "reports.row"), *(say(request, f"{prefix}.{name}") for name in report.columns)]
    whole = [say(request, "reports.whole"), *report.whole]
    rules = [
        [say(request, f"{prefix}.{name}"), say(request, f"{prefix}.{name}.rule")] for name in report.columns
    ]
    rows = [head, *([name, *cells] for name, cells in report.rows), whole, [], *rules]
    name = f"reports-{asked.kind}-{asked.since}-{asked.until}"
    return await exports.send(request, name, rows, subject="reports", detail=entered)


async def _report(request: web.Request, asked: Asked) -> Report:
    zone, at = request.app[PARTS].settings.zone, request.app[PARTS].now()
    begins = datetime.combine(asked.since, time(), zone)
    ends = datetime.combine(asked.until + timedelta(days=1), time(), zone)
    first, last = slot_of(begins), slot_of(ends) - 1
    if asked.kind == "agent":
        return await request.app[PARTS].store.read(lambda conn: _agents(conn, begins, ends, min(ends, at)))

    def look(conn: Connection) -> figures.BySlot:
        counted = figures.count_skills if asked.kind == "skill" else figures.calls_between
        return counted(conn, first, last)

    found = await request.app[PARTS].store.read(look)
    return _intervals(found, asked, lambda slot: begin_of(slot).astimezone(zone))


def _intervals(found: figures.BySlot, asked: Asked, local: Callable[[int], datetime]) -> Report:
    some: dict[str, list[Counts]] = {}
    for (slot, value), counts in sorted(found.items()):
        if not asked.of or value == asked.of:
            some.setdefault(_interval(local(slot), asked.step), []).append(counts)
    summed = {name: total(parts, Counts) for name, parts in some.items()}
    rows = [(name, [cell(code, counts)[1] for code in SHOWN]) for name, counts in summed.items()]
    whole = total(list(summed.values()), Counts)
    values = sorted({value for _, value in found if value})
    return Report(SHOWN, rows, [cell(code, whole)[1] for code in SHOWN], values)


def _interval(at: datetime, step: str) -> str:
    """Return the name of the interval, which sorts like its beginning."""
    if step == "day":
        return f"{at:%Y-%m-%d}"
    return f"{at:%Y-%m-%d %H}:{at.minute // int(step) * int(step):02}"


def _agents(conn: Connection, begins: datetime, ends: datetime, until: datetime) -> Report:
    """Add up what each agent's seat did, how shifts were kept, and what the checks of these weeks say."""
    by_seat: dict[str, list[SeatCounts]] = {}
    for (_, seat), counts in figures.seats_between(
        conn, slot_of(begins), slot_of(ends) - 1, at=until
    ).items():
        by_seat.setdefault(seat, []).append(counts)
    kept = figures.kept_shifts(conn, begins, until)
    people = {one.seat: one for one in line_rules.all_skilled(conn) if one.seat}
    checks = {
        one.agent: one.mean for one in quality.team(conn, begins.date() - timedelta(days=6), ends.date())
    }
    summed = {seat: total(some, SeatCounts) for seat, some in sorted(by_seat.items())}
    rows = []
    for seat, counts in summed.items():
        person = people.get(seat)
        name = f"{seat} {person.name}" if person else seat
        mean = checks.get(person.login) if person else None
        rows.append((name, _seat_cells(counts, kept.get(seat), mean)))
    whole = _seat_cells(total(list(summed.values()), SeatCounts), _all_kept(kept), None)
    return Report(OF_AGENTS, rows, whole, ())


def _all_kept(kept: Mapping[str, Adherence]) -> Adherence:
    return Adherence(sum(one.planned for one in kept.values()), sum(one.kept for one in kept.values()))


def _seat_cells(counts: SeatCounts, kept: Adherence | None, mean: float | None) -> list[str]:
    spans = (counts.talk, counts.hold, counts.wrap_up, counts.ready, counts.break_, counts.signed_on)
    each = share(counts.handling, counts.answered)
    return [
        f"{counts.answered}",
        f"{counts.missed}",
        *(f"{seconds / 60:.1f}" for seconds in spans),
        "—" if each is None else f"{each:.1f}",
        _percent(counts.occupancy),
        _percent(kept.rate if kept else None),
        "—" if mean is None else f"{mean:.1f}",
    ]


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value * 100:.1f}%"


def _entered(request: web.Request) -> dict[str, str]:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = read_texts(request, FILTERS, sent)
    today = f"{request.app[PARTS].now().astimezone(request.app[PARTS].settings.zone):%Y-%m-%d}"
    usual = {"since": texts.get("until") or today, "until": today, "kind": "line", "step": "30", "of": ""}
    return usual | {name: text for name, text in texts.items() if text}


def _asked(request: web.Request, entered: Mapping[str, str]) -> Asked:
    since, until = day(request, "since", entered["since"]), day(request, "until", entered["until"])
    longest = STEPS["day" if entered["kind"] == "agent" else entered["step"]]
    if since > until or until - since >= longest:
        raise Invalid({"since": say(request, "recordings.too_long", days=longest.days)})
    return Asked(since, until, entered["kind"], entered["step"], entered["of"])


def _prefix(kind: str) -> str:
    """Return where the names and the rules of the columns stand in the catalogue."""
    return "agents" if kind == "agent" else "figure"
