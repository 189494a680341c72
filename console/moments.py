"""Moments and days as a browser's fields send them: local time of the city."""

from datetime import UTC, date, datetime

from aiohttp import web

from console.i18n import say
from console.parts import PARTS
from storage.errors import Invalid

_FIRST, _LAST = 2000, 2999


def moment(request: web.Request, name: str, text: str) -> datetime:
    """Return the instant of `2026-11-24T09:00`, or raise Invalid."""
    try:
        local = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=request.app[PARTS].settings.zone)
    except ValueError:
        raise Invalid({name: say(request, "form.moment")}) from None
    if not _FIRST <= local.year <= _LAST:
        raise Invalid({name: say(request, "form.moment")})
    return local.astimezone(UTC)


def day(request: web.Request, name: str, text: str) -> date:
    """Return the day of `2026-11-24`, or raise Invalid."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid({name: say(request, "form.date")}) from None
    if not _FIRST <= found.year <= _LAST:
        raise Invalid({name: say(request, "form.date")})
    return found


def page_number(request: web.Request) -> int:
    """Return the page that is asked for, the first for anything that is no number."""
    text = request.query.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 4 else 1


def number_of(text: str) -> int:
    """Return a number as it stands in an address or a hidden field, 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0
