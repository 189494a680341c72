"""Templates: the environment, what every page is given, and the four preferences a reader keeps in cookies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.i18n import CATALOGUE, LANGUAGE, Catalogue, language_of
from console.limits import MOST
from console.parts import PARTS
from console.permissions import Permission, allowed
from console.sessions import SIGNED
from console.unread import UNREAD
from console.writing import distance, epoch_ms, grouped, long_day, masked, short_time, spelled
from storage.worklists import QUEUES

TEMPLATES = Path(__file__).parent / "templates"
YEAR = 365 * 24 * 3600

PREFERENCES = {
    "lang": ("zh", "en"),
    "theme": ("", "light", "dark"),
    "size": ("normal", "large"),
    "contrast": ("", "more", "usual"),
}


def environment(settings: Any) -> Environment:
    """Return the template environment: autoescape always on, a name nobody gave is an error."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters |= {
        "when": lambda at: short_time(at, settings.zone),
        "day": lambda at: long_day(at, settings.zone),
        "ms": epoch_ms,
        "masked": masked,
        "grouped": grouped,
        "spell": spelled,
        "doubled": lambda values: [(value, value) for value in values],
    }
    env.globals["posts_with_piles"] = frozenset(QUEUES)
    env.globals["distance"] = distance
    env.globals["most_of"] = MOST
    env.globals["asset"] = lambda path: f"/static/{path}?v={settings.version}"
    return env


ENVIRONMENT = web.AppKey("environment", Environment)


def preference(request: web.Request, name: str) -> str:
    """Return what the address asks for, else what the cookie keeps, else the first choice."""
    choices = PREFERENCES[name]
    for asked in (request.query.get(name), request.cookies.get(name)):
        if asked in choices:
            return asked
    return choices[0]


def _common(request: web.Request) -> dict[str, Any]:
    parts, catalogue = request.app[PARTS], request.app[CATALOGUE]
    lang = request[LANGUAGE]
    signed = request.get(SIGNED)
    account = signed.account if signed else None

    def may(permission: str) -> bool:
        return allowed(account.role if account else None, Permission(permission))

    return {
        "t": lambda key, **values: catalogue.text(lang, key, **values),
        "texts": catalogue.texts(lang),
        "lang": lang.value,
        "theme": preference(request, "theme"),
        "size": preference(request, "size"),
        "contrast": preference(request, "contrast"),
        "csrf": signed.csrf if signed else "",
        "account": account,
        "path": request.path,
        "zone": parts.settings.zone,
        "now": parts.now(),
        "city": parts.settings.city,
        "may": may,
        "unread": request.get(UNREAD, 0),
    }


def render(
    request: web.Request, template: str, context: Mapping[str, Any], *, status: int = 200
) -> web.Response:
    """Return a page. A preference given in the address is kept in a cookie, readable by the page's own script."""
    text = request.app[ENVIRONMENT].get_template(template).render(_common(request) | dict(context))
    response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
    for name, choices in PREFERENCES.items():
        if (asked := request.query.get(name)) in choices:
            response.set_cookie(name, asked or "", max_age=YEAR, path="/", samesite="Lax")
    return response


@web.middleware
async def choose_language(request: web.Request, handler: Any) -> web.StreamResponse:
    request[LANGUAGE] = language_of(request)
    answer: web.StreamResponse = await handler(request)
    return answer


def set_up(app: web.Application, catalogue: Catalogue) -> None:
    app[CATALOGUE] = catalogue
    app[ENVIRONMENT] = environment(app[PARTS].settings)
