"""效能监督: what the efficiency office sees of the units it oversees, and the registers it keeps.

The leader's office and the auditors see all of it; a unit sees what concerns itself and those below it, answers,
appeals and acknowledges; those who review raise findings. Who may do what, the store says.

Context of supervision.html: units (lines of appraisal), tallies, period. Of supervision_list.html: register, found,
columns, filters, form, entered, errors. Of supervision_line.html: register, line, facts, parts, forms, errors. All: tabs.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.ladder import Step, quarter_of
from cases.policies import ClockKind
from cases.workflow import Role
from console import exports
from console.forms import Text, page_of
from console.i18n import say
from console.org_forms import asked, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.supervision_columns import FACTS, LISTED
from console.supervision_forms import DEEDS, NEW, Form, Work
from storage import appraisal, circulars, people, registers, spheres, units, warnings
from storage.errors import Invalid, Missing
from storage.people import Account
from storage.registers import Register

OVERSEERS: Final = frozenset({Role.SUPERVISOR, Role.LEADERS_OFFICE, Role.AUDITOR})
OF_A_UNIT: Final = frozenset({Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER, Role.UPPER_REVIEWER})
FOR_ALL: Final = (
    Register.CLOCKS,
    Register.ORDERS,
    Register.URGES,
    Register.FINDINGS,
    Register.WARNINGS,
    Register.CIRCULARS,
)
FILTERS: Final = {
    "unit": Text(64),
    "standing": Text(6, one_of=frozenset({"open", "closed"})),
    "kind": Text(32, one_of=frozenset(ClockKind)),
    "step": Text(16, one_of=frozenset(step for step in Step if step)),
    "case": Text(64),
}

routes = web.RouteTableDef()


@routes.get("/supervision")
@needs(Permission.OVERSIGHT)
async def overview(request: web.Request) -> web.Response:
    found = await _appraised(request)
    return render(request, "supervision.html", found | {"tabs": _tabs(request), "active": ""})


@routes.get("/supervision/appraisal.{kind:csv|xlsx}")
@needs(Permission.OVERSIGHT)
async def as_table(request: web.Request) -> web.Response:
    """Return the table of appraisal F10-13 as a file."""
    found = await _appraised(request)
    names = [name for name in appraisal.UnitLine.__slots__ if name != "kind"]
    head = [say(request, f"oversight.f.{name}") for name in names]
    rows = [[getattr(line, name) for name in names] for line in found["units"]]
    return await exports.send(request, f"appraisal-{found['period'].name}", [head, *rows])


@routes.get(r"/supervision/circulars/{id:\d{1,12}}.{kind:csv|xlsx}")
@needs(Permission.OVERSIGHT)
async def circular_table(request: web.Request) -> web.Response:
    number = int(request.match_info["id"])

    def look(conn: Connection) -> tuple[dict[str, Any], list[circulars.Line]]:
        return _line(conn, request, Register.CIRCULARS, number), circulars.lines(conn, number)

    line, rows = await request.app[PARTS].store.read(look)
    head = [
        say(request, f"oversight.f.{name}") for name in ("unit_name", "case_no", "case_title", "reason", "at")
    ]
    zone = request.app[PARTS].settings.zone
    body = [
        [
            row.unit_name,
            row.no,
            row.title,
            say(request, f"trigger.{row.reason}"),
            f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}",
        ]
        for row in rows
    ]
    return await exports.send(request, f"circular-{line['period']}", [head, *body])


@routes.get("/supervision/{register:[a-z]+}")
@needs(Permission.OVERSIGHT)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request, _register(request))


@routes.post("/supervision/{register:[a-z]+}")
@needs(Permission.OVERSIGHT)
async def enter(request: web.Request) -> web.Response:
    """Enter a new line into a register."""
    register = _register(request)
    if (form := NEW.get(register)) is None:
        raise web.HTTPMethodNotAllowed("POST", ["GET"])
    try:
        await _do(request, form)
    except Invalid as wrong:
        sent = {name: str(value) for name, value in (await request.post()).items()}
        return await _listing(request, register, status=400, entered=sent, errors=wrong.fields)
    raise web.HTTPSeeOther(f"/supervision/{register}")


@routes.get(r"/supervision/{register:[a-z]+}/{id:\d{1,12}}")
@needs(Permission.OVERSIGHT)
async def line(request: web.Request) -> web.Response:
    return await _page_of_line(request, _register(request))


@routes.post(r"/supervision/{register:[a-z]+}/{id:\d{1,12}}/{deed:[a-z_]+}")
@needs(Permission.OVERSIGHT)
async def act(request: web.Request) -> web.Response:
    """Do with a line what one of its forms says."""
    register, number = _register(request), int(request.match_info["id"])
    named = [form for form in DEEDS.get(register, ()) if form.name == request.match_info["deed"]]
    if not named:
        raise web.HTTPNotFound
    try:
        await _do(request, named[0], number)
    except Invalid as wrong:
        sent = {name: str(value) for name, value in (await request.post()).items()}
        return await _page_of_line(request, register, status=400, entered=sent, errors=wrong.fields)
    raise web.HTTPSeeOther(f"/supervision/{register}/{number}")


async def _do(request: web.Request, form: Form, number: int = 0) -> None:
    parts, by = request.app[PARTS], people.actor(request[SIGNED].account)
    texts = await sent_texts(request, {field.name: field.text for field in form.fields})
    work = Work(texts, by, parts.now(), parts.rules, number)
    await parts.store.write(lambda conn: form.do(conn, work))


async def _appraised(request: web.Request) -> dict[str, Any]:
    parts, account = request.app[PARTS], request[SIGNED].account
    period = quarter_of(parts.now(), parts.settings.zone)

    def look(conn: Connection) -> dict[str, Any]:
        whose = _units(conn, account)
        shown = frozenset(_shown(account.role))
        return {
            "units": sorted(appraisal.of_units(conn, whose, period), key=_trouble),
            "tallies": [one for one in appraisal.tallies(conn, whose) if one.register in shown],
        }

    return await parts.store.read(look) | {"period": period}


def _trouble(line: appraisal.UnitLine) -> tuple[int, ...]:
    """Sort by what asks for attention first; units that are level keep their order."""
    late = line.late_read + line.late_handle
    return (-line.red, -late, -line.warnings, -line.other_findings, -line.yellow, -line.half)


async def _listing(
    request: web.Request,
    register: Register,
    *,
    status: int = 200,
    entered: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> web.Response:
    account, wanted = request[SIGNED].account, asked(request, FILTERS)
    page = page_of(request, wanted["page"])
    where = {name: wanted[name] for name in ("kind", "step") if wanted[name] and register is Register.CLOCKS}
    if register is Register.CIRCULARS and account.role not in OVERSEERS:
        wanted["standing"] = "closed"  # until it is printed it is the office's own

    def look(conn: Connection) -> dict[str, Any]:
        whose = _units(conn, account)
        chosen = whose
        if wanted["unit"]:
            chosen = frozenset({wanted["unit"]}) & (whose if whose is not None else {wanted["unit"]})
        found = registers.listed(
            conn, register, units=chosen, standing=wanted["standing"], where=where, page=page
        )
        named = [one for one in units.units(conn) if whose is None or one.id in whose]
        return {"found": found, "units": named, "names": people.names(conn)}

    context = await request.app[PARTS].store.read(look)
    form = NEW.get(register)
    return render(
        request,
        "supervision_list.html",
        context
        | {
            "register": register,
            "columns": LISTED[register],
            "has_page": register in FACTS,
            "filters": wanted,
            "form": form if form and form.may(account.role) else None,
            "entered": entered or {"case": wanted["case"], "cases": wanted["case"]},
            "errors": errors or {},
            "kinds": list(ClockKind),
            "steps": [step for step in Step if step],
            "tabs": _tabs(request),
            "active": register,
        },
        status=status,
    )


async def _page_of_line(
    request: web.Request,
    register: Register,
    *,
    status: int = 200,
    entered: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> web.Response:
    if register not in FACTS:
        raise web.HTTPNotFound
    by, number = people.actor(request[SIGNED].account), int(request.match_info["id"])

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "line": _line(conn, request, register, number),
            "within": _within(conn, register, number),
            "names": people.names(conn),
        }

    context = await request.app[PARTS].store.read(look)
    forms = {
        form.name: form
        for form in DEEDS.get(register, ())
        if form.may(by.role) and form.fits(context["line"], by)
    }
    return render(
        request,
        "supervision_line.html",
        context
        | {
            "register": register,
            "facts": FACTS[register],
            "forms": list(forms.values()),
            "entered": entered or {},
            "errors": errors or {},
            "tabs": _tabs(request),
            "active": register,
        },
        status=status,
    )


def _line(conn: Connection, request: web.Request, register: Register, number: int) -> dict[str, Any]:
    """Return a line of a register; one that does not concern the person does not exist."""
    account = request[SIGNED].account
    found, whose = registers.one(conn, register, number), _units(conn, account)
    hidden = register is Register.CIRCULARS and account.role not in OVERSEERS and found["issued_at"] is None
    if hidden or (whose is not None and found.get("unit") is not None and found["unit"] not in whose):
        raise Missing(f"没有此项 {number} (no such line)")
    return found


def _within(conn: Connection, register: Register, number: int) -> dict[str, Any]:
    """Return what belongs to a line: the reports on an order, the items of a warning or circular, the persons."""
    match register:
        case Register.ORDERS:
            return {"reports": registers.reports_on(conn, number)}
        case Register.INSTRUCTIONS:
            return {"orders": registers.orders_of(conn, number)}
        case Register.WARNINGS:
            return {"items": warnings.items(conn, number)}
        case Register.CIRCULARS:
            return {"lines": circulars.lines(conn, number)}
        case Register.ACCOUNTABILITY:
            return {"persons": registers.persons_in(conn, number)}
        case _:
            return {}


def _units(conn: Connection, account: Account) -> frozenset[str] | None:
    """Return the units whose matters the person sees; None for all."""
    if account.role is Role.SUPERVISOR:
        return spheres.sphere_of(conn, account.unit)
    if account.role in OVERSEERS:
        return None
    if account.role in OF_A_UNIT:
        return frozenset(units.subtree(conn, account.unit))
    return frozenset({account.unit})


def _shown(role: Role) -> tuple[Register, ...]:
    return tuple(Register) if role in OVERSEERS else FOR_ALL


def _tabs(request: web.Request) -> tuple[Register, ...]:
    return _shown(request[SIGNED].account.role)


def _register(request: web.Request) -> Register:
    """Return the register that is asked for; one that the person does not see does not exist."""
    try:
        register = Register(request.match_info["register"])
    except ValueError:
        raise web.HTTPNotFound from None
    if register not in _tabs(request):
        raise web.HTTPNotFound
    return register
