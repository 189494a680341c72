"""What the desk asks beside its form: the command bar, the gazetteer, the agent's own day, keys and looks, and merging."""

import json
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.case_view import may_see_secret
from console.desk_keys import DEFAULTS, PREFIX, kept_of, keys_of, remapped
from console.filing import CALL
from console.forms import Text, json_object, mapping, names_only, read_texts
from console.health import FIGURES
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, needs
from console.pop import brief
from console.sessions import SIGNED
from console.transcripts import TRANSCRIPTS
from console.writing import epoch_ms
from storage import cases, desk_day, drafts, merging, people, places, preferences, units
from storage.calls import CallBrief
from storage.cases import Filters, Found
from storage.desk_day import MyDay
from storage.drafts import Begun
from storage.errors import Invalid
from storage.supplements import KINDS

FOUND_AT_MOST: Final = 6
DRAFTS_AT_MOST: Final = 20
PACKED_APART: Final = 64 * 1024
LOOKS: Final = {
    "theme": Text(8, one_of=frozenset({"light", "dark"})),
    "size": Text(8, one_of=frozenset({"normal", "large"})),
    "contrast": Text(8, one_of=frozenset({"more", "usual"})),
}
_MERGE: Final = {
    "call": Text(64, required=True),
    "text": Text(4000, required=True, lines=True),
    "kind": Text(10, required=True, one_of=frozenset(KINDS)),
}

routes = web.RouteTableDef()


def looks_of(kept: dict[str, str]) -> dict[str, str]:
    return {name: kept[name] for name in LOOKS if name in kept}


@routes.put("/api/preferences/looks")
@needs(Permission.DESK)
async def keep_looks(request: web.Request) -> web.Response:
    """Keep how the pages look to this person, on whatever computer they sign in next."""
    values = read_texts(request, LOOKS, mapping(request, "looks", await json_object(request)))
    login, at = request[SIGNED].account.login, request.app[PARTS].now()
    await request.app[PARTS].store.write(lambda conn: preferences.set_some(conn, login, values, at=at))
    return web.Response(status=204)


@routes.put("/api/preferences/keys")
@needs(Permission.DESK)
async def keep_key(request: web.Request) -> web.Response:
    """Give a key to one action; an empty one gives it back its usual key. Return all keys as they are now."""
    sent = await json_object(request)
    asked = read_texts(request, {"action": Text(20, required=True), "key": Text(20)}, sent)
    action, login, at = asked["action"], request[SIGNED].account.login, request.app[PARTS].now()
    chord = asked.get("key") or DEFAULTS.get(action, "")

    def keep(conn: Connection) -> dict[str, str]:
        keys = remapped(keys_of(preferences.preferences(conn, login)), action, chord)
        preferences.set_some(conn, login, kept_of(keys), at=at)
        return keys

    try:
        keys = await request.app[PARTS].store.write(keep)
    except Invalid as error:
        raise Invalid({"key": _why_not(request, error.fields)}) from None
    return web.json_response({"keys": keys})


def _why_not(request: web.Request, why: dict[str, str]) -> str:
    """Put it in the reader's words, which the rule itself does not know."""
    if "by" in why:
        return say(request, "keys.taken", action=say(request, f"keys.{why['by']}"))
    return say(request, why.get("key", "form.choice"))


@routes.delete("/api/preferences/keys")
@needs(Permission.DESK)
async def usual_keys(request: web.Request) -> web.Response:
    """Give every action its usual key back."""
    login = request[SIGNED].account.login
    await request.app[PARTS].store.write(lambda conn: preferences.reset(conn, login, PREFIX))
    return web.json_response({"keys": dict(DEFAULTS)})


@routes.get("/api/places")
@needs(Permission.CASES)
async def gazetteer(request: web.Request) -> web.Response:
    """Return all places of the city: asked for once, then looked through in the browser at every key."""
    city = request.app[PARTS].settings.city

    def written(conn: Connection) -> bytes:
        rows = [
            [one.id, one.parent, one.name, one.initials, one.level, *one.streets]
            for one in places.places(conn)
        ]
        return json.dumps({"city": city, "places": rows}, ensure_ascii=False).encode()

    # A hundred thousand grids are megabytes: neither writing nor packing them may hold up who talks.
    body = await request.app[PARTS].store.read(written)
    answer = web.Response(body=body, content_type="application/json", zlib_executor_size=PACKED_APART)
    answer.enable_compression()
    return answer


@routes.get("/api/find")
@needs(Permission.DESK)
async def find(request: web.Request) -> web.Response:
    """Look for cases and units at once: the first few of each."""
    words = read_texts(request, {"q": Text(64)}, request.query).get("q", "").strip()
    at = request.app[PARTS].now()
    if not words:
        return web.json_response({"cases": [], "units": []})
    filters = Filters(words=words, secret=may_see_secret(request[SIGNED].account.role))

    def look(conn: Connection) -> tuple[Found, list[units.Unit]]:
        return cases.search(conn, filters), units.search_units(conn, words, FOUND_AT_MOST)

    found, named = await request.app[PARTS].store.read(look)
    return web.json_response(
        {
            "cases": [brief(case, at) for case in found.rows[:FOUND_AT_MOST]],
            "units": [{"id": unit.id, "name": unit.name, "short": unit.short_name} for unit in named],
        }
    )


@routes.get("/api/mine")
@needs(Permission.DESK)
async def mine(request: web.Request) -> web.Response:
    """Tell an agent how their day goes: figures, newest calls, cases, and what they have begun and not filed."""
    parts, account = request.app[PARTS], request[SIGNED].account
    at, zone = parts.now(), parts.settings.zone

    def look(conn: Connection) -> tuple[MyDay, list[Begun]]:
        day = desk_day.my_day(conn, login=account.login, seat=account.seat or "-", at=at, zone=zone)
        return day, drafts.begun_by(conn, account.login, DRAFTS_AT_MOST)

    day, begun = await parts.store.read(look)
    figures = {"calls": day.calls, "outcomes": day.outcomes}
    for name in ("talk", "hold", "wrap_up"):
        figures[f"{name}_ms"] = int(getattr(day, f"{name}_seconds") * 1000 / day.calls) if day.calls else None
    return web.json_response(
        {
            "figures": figures,
            "calls": [_call(request, one) for one in day.newest],
            "cases": [brief(case, at) for case in day.cases],
            "drafts": [asdict(one) | {"saved_at": epoch_ms(one.saved_at)} for one in begun],
        }
    )


def _call(request: web.Request, call: CallBrief) -> dict[str, Any]:
    said = say(request, f"outcome.{call.outcome}") if call.outcome else say(request, "outcome.unknown")
    return {
        "id": call.id,
        "at": epoch_ms(call.offered_at),
        "outcome_text": said,
        "case": call.case,
        "seconds": int(call.talk_seconds),
    }


@routes.get("/api/drafts/{call}")
@needs(Permission.DESK)
async def begun_draft(request: web.Request) -> web.Response:
    """Return what this agent had typed for a call, on whatever computer."""
    call, login = request.match_info["call"], request[SIGNED].account.login
    if not CALL.fullmatch(call):
        raise web.HTTPNotFound

    def look(conn: Connection) -> dict[str, str] | None:
        return drafts.draft(conn, call) if drafts.begun_is_by(conn, call, login) else None

    fields = await request.app[PARTS].store.read(look)
    if fields is None:
        raise web.HTTPNotFound
    return web.json_response({"fields": fields})


@routes.delete("/api/drafts/{call}")
@needs(Permission.DESK)
async def forget_draft(request: web.Request) -> web.Response:
    """Throw a form away that its agent does not want any more."""
    call, login = request.match_info["call"], request[SIGNED].account.login

    def drop(conn: Connection) -> None:
        if drafts.begun_is_by(conn, call, login):
            drafts.drop_draft(conn, call)

    await request.app[PARTS].store.write(drop)
    return web.Response(status=204)


@routes.post("/api/cases/{no}/merge")
@needs(Permission.DESK)
async def merge(request: web.Request) -> web.Response:
    """并入催办: add what the caller says to a case that is being dealt with."""
    body = await json_object(request)
    names_only(request, body, frozenset(_MERGE))
    form, no, parts = read_texts(request, _MERGE, body), request.match_info["no"], request.app[PARTS]
    if not CALL.fullmatch(form["call"]):
        raise Invalid({"call": say(request, "form.key")})
    by, at = people.actor(request[SIGNED].account), parts.now()
    done = await parts.store.write(
        lambda conn: merging.merge(
            conn, no, form["text"], kind=form["kind"], call=form["call"], by=by, at=at, rules=parts.rules
        ),
        retryable=True,
    )
    await request.app[TRANSCRIPTS].look([form["call"]])
    if not done.again:
        request.app[FIGURES].add("hotline_cases_merged_total", f'kind="{form["kind"]}"')
    return web.json_response(
        {
            "no": done.no,
            "title": done.title,
            "state_text": done.state_text,
            "unit": done.unit,
            "due_at": epoch_ms(done.due_at),
        }
    )
