"""Moves of a case, from its page or from a script: read the form, make the move, show what has come of it."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from cases.clocks import ClockRefused
from cases.workflow import Action, Refusal
from console.case_pages import case_page
from console.case_view import as_seen_by
from console.forms import Refused, Text, json_object, posted, read_texts, text_list
from console.health import FIGURES
from console.i18n import say
from console.move_forms import MOVE_FORMS, NO, YES, Circumstances, Field, MoveForm
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.unit_offers import FIND, UNITS_AT_MOST
from console.writing import epoch_ms
from storage import cases, people
from storage.cases import CaseView
from storage.errors import Conflict, Invalid

LONGEST: Final = 10_000
SEVERAL: Final = frozenset(
    field.name for form in MOVE_FORMS.values() for field in form.fields if field.kind == "units"
)
NUMBER: Final = Text(3, one_of=frozenset(str(number) for number in range(1, 1000)))

routes = web.RouteTableDef()


@routes.post("/cases/{no}/moves")
@needs(Permission.CASES)
async def from_page(request: web.Request) -> web.StreamResponse:
    """Make the move and show the case again; a refusal is shown on the page with all that was typed."""
    no, sent = request.match_info["no"], await posted(request, SEVERAL)
    sent.pop("csrf", None)
    try:
        await _make(request, no, {name: text for name, text in sent.items() if not name.startswith(FIND)})
    except Invalid as error:
        return await case_page(request, no, status=400, errors=error.fields, entered=sent)
    except (Refusal, ClockRefused, Conflict) as error:
        return await case_page(request, no, status=409, error=str(error), entered=sent)
    raise web.HTTPSeeOther(f"/cases/{no}")


@routes.post("/cases/{no}/find")
@needs(Permission.CASES)
async def find_units(request: web.Request) -> web.Response:
    """Show the page again with the units that were looked for, and with all that was typed.

    For browsers without scripts. It is posted, because texts about citizens do not belong into addresses.
    """
    sent = await posted(request, SEVERAL)
    sent.pop("csrf", None)
    return await case_page(request, request.match_info["no"], entered=sent)


@routes.post("/api/cases/{no}/moves")
@needs(Permission.CASES)
async def from_script(request: web.Request) -> web.Response:
    no = request.match_info["no"]
    case = await _make(request, no, await json_object(request))
    return web.json_response(
        {
            "no": case.no,
            "state": case.state.value,
            "state_text": case.state_text,
            "version": case.version,
            "due_at": epoch_ms(case.due_at),
        }
    )


async def _make(request: web.Request, no: str, sent: Mapping[str, object]) -> CaseView:
    action, form = _form_of(request, sent)
    fields = {field.name: _text_of(field) for field in form.fields}
    known = {"move": Text(40), "version": Text(12)} | fields
    several = {field.name: _several(request, field, sent) for field in form.fields if field.kind == "units"}
    texts = dict.fromkeys(known, "") | read_texts(request, known, {**sent, **several})
    parts = request.app[PARTS]
    seen = await parts.store.read(lambda conn: cases.case(conn, no))
    as_seen_by(request, seen)  # raises Missing for a case of another unit
    how = Circumstances(people.actor(request[SIGNED].account), parts.now(), parts.rules)

    def move(conn: Connection) -> CaseView:
        if texts["version"] and texts["version"] != str(cases.case(conn, no).version):
            raise Conflict(say(request, "move.changed"))
        form.make(conn, no, texts, how)
        return cases.case(conn, no)

    case = await parts.store.write(move)
    request.app[FIGURES].add("hotline_case_moves_total", f'move="{action.value}"')
    return case


def _form_of(request: web.Request, sent: Mapping[str, object]) -> tuple[Action, MoveForm]:
    try:
        action = Action(str(sent.get("move", "")))
        return action, MOVE_FORMS[action]
    except (ValueError, KeyError):
        raise Refused(say(request, "move.unknown")) from None


def _several(request: web.Request, field: Field, sent: Mapping[str, object]) -> str:
    """Return the units, one in a line; a script sends a list of them, or one as a text."""
    given = sent.get(field.name)
    listed = given.split() if isinstance(given, str) else given
    return "\n".join(text_list(request, field.name, listed, at_most=UNITS_AT_MOST))


def _text_of(field: Field) -> Text:
    if field.kind == "number":
        return NUMBER
    if field.kind == "yes_no":
        return Text(3, field.required, frozenset({YES, NO}))
    if field.kind == "select":
        return Text(40, field.required, frozenset(value for value, _ in field.options))
    return Text(LONGEST, field.required, lines=field.kind in {"textarea", "units"})
