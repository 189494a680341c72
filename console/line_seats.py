"""What the people at the seats can do: the list, and the form of one.

Context of line_seats.html: people, skills. Of line_seat.html: person, rows, texts, groups, errors.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from routing import rulebook
from routing.live import Profile
from routing.rules import LineRules
from storage import line_rules
from storage.errors import Invalid, Missing
from storage.line_rules import Skilled

MOST_SKILLS: Final = 30
EMPTY_ROWS: Final = 2
LEVELS: Final = frozenset("012345")
OWN_FIELDS: Final = {
    "group": Text(32),
    "languages": Text(200),
    "busy": Text(3),
    "why": Text(200, required=True),
}
SKILL_FIELDS: Final = {
    **{f"skill.{number}.name": Text(32) for number in range(MOST_SKILLS)},
    **{f"skill.{number}.level": Text(1, one_of=LEVELS) for number in range(MOST_SKILLS)},
}

routes = web.RouteTableDef()


@routes.get("/line/seats")
@needs(Permission.LINE)
async def listing(request: web.Request) -> web.Response:
    people = await request.app[PARTS].store.read(line_rules.all_skilled)
    return render(request, "line_seats.html", {"people": people})


@routes.get("/line/seats/{login}")
@needs(Permission.LINE)
async def one(request: web.Request) -> web.Response:
    person, rules = await _look(request)
    return _page(request, person, rules, _filled(person, rules))


async def _look(request: web.Request) -> tuple[Skilled, LineRules]:
    login, at = request.match_info["login"], request.app[PARTS].now()

    def look(conn: Connection) -> tuple[Skilled | None, LineRules]:
        return line_rules.skilled(conn, login), rulebook.standing_rules(conn, at)

    person, rules = await request.app[PARTS].store.read(look)
    if person is None or person.seat is None:
        raise Missing(login)
    return person, rules


def _filled(person: Skilled, rules: LineRules) -> dict[str, str]:
    """Return the fields of the form: every skill the city names, and what else the person can do."""
    levels = dict.fromkeys((skill.skill for skill in rules.skills), 0) | dict(person.skills)
    texts = {
        "group": person.group,
        "languages": ", ".join(sorted(person.languages)),
        "busy": f"{person.busy_at_most * 100:g}",
        "why": "",
    }
    for number, (name, level) in enumerate(levels.items()):
        texts |= {f"skill.{number}.name": name, f"skill.{number}.level": str(level)}
    return texts


def _page(
    request: web.Request,
    person: Skilled,
    rules: LineRules,
    texts: Mapping[str, str],
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
) -> web.Response:
    last = max((n for n in range(MOST_SKILLS) if texts.get(f"skill.{n}.name")), default=-1)
    context: dict[str, Any] = {
        "person": person,
        "rows": range(min(last + 1 + EMPTY_ROWS, MOST_SKILLS)),
        "texts": texts,
        "groups": [group.name for group in rules.groups],
        "errors": errors or {},
    }
    return render(request, "line_seat.html", context, status=status)


@routes.post("/line/seats/{login}")
@needs(Permission.LINE)
async def save(request: web.Request) -> web.StreamResponse:
    """Keep what the person can do; the next caller is chosen by it."""
    person, rules = await _look(request)
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by = request.app[PARTS], request[SIGNED].account.login
    at = parts.now()
    try:
        texts = read_texts(request, OWN_FIELDS | SKILL_FIELDS, sent)
        profile = _profile(request, texts)
        await parts.store.write(
            lambda conn: rulebook.save_profile(conn, person.login, profile, why=texts["why"], by=by, at=at)
        )
    except Invalid as error:
        return _page(request, person, rules, sent, status=400, errors=error.fields)
    parts.engine.use_profile(person.seat or "", profile)
    raise web.HTTPSeeOther("/line/seats")


def _profile(request: web.Request, texts: Mapping[str, str]) -> Profile:
    skills: dict[str, int] = {}
    for number in range(MOST_SKILLS):
        name, level = texts.get(f"skill.{number}.name", ""), texts.get(f"skill.{number}.level", "")
        if name in skills:
            raise Invalid({f"skill.{number}.name": say(request, "line.twice")})
        if name and level not in ("", "0"):
            skills[name] = int(level)
    busy = texts.get("busy", "") or "100"
    if not (busy.isascii() and busy.isdigit() and 10 <= int(busy) <= 100):
        raise Invalid({"busy": say(request, "line.percent_wrong")})
    spoken = texts.get("languages", "").replace("，", ",").replace("、", ",")
    languages = frozenset(part.strip() for part in spoken.split(",") if part.strip())
    return Profile(tuple(skills.items()), languages, texts.get("group", ""), int(busy) / 100)
