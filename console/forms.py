"""What browsers send, taken apart: only known fields, only text, only so long; what is wrong is said by name.

The store checks what a case must have; here is checked only that the input is the shape it claims to be.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from console.i18n import say
from storage.errors import Invalid

FIELDS_AT_MOST: Final = 64
PAGES_AT_MOST: Final = 500
# Anything below a space except tab and line ends, and the marks that turn the direction of text around.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_LINE_END: Final = re.compile("[\r\n]")


class Refused(Exception):
    """The request as a whole cannot be read; the message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A field of text: how long it may be, whether it must be filled, and what it may be."""

    at_most: int = 200
    required: bool = False
    one_of: frozenset[str] | None = None
    lines: bool = False
    verbatim: bool = False
    """Kept to the last blank: a password."""


def text_problem(request: web.Request, field: Text, value: str) -> str | None:
    """Return what is wrong with the value, in the reader's language, or None."""
    if len(value) > field.at_most:
        return say(request, "form.too_long", most=field.at_most, sent=len(value))
    if _FORBIDDEN.search(value) or (not field.lines and _LINE_END.search(value)):
        return say(request, "form.control")
    if field.required and not value.strip():
        return say(request, "form.required")
    if value and field.one_of is not None and value not in field.one_of:
        return say(request, "form.choice")
    return None


def read_texts(
    request: web.Request, fields: Mapping[str, Text], sent: Mapping[str, object]
) -> dict[str, str]:
    """Return the fields that were sent; raise Invalid naming every unknown, mistyped or oversize one."""
    problems = {str(name)[:40]: say(request, "form.unknown") for name in sent if name not in fields}
    texts: dict[str, str] = {}
    for name, field in fields.items():
        value = sent.get(name, "")
        if not isinstance(value, str):
            problems[name] = say(request, "form.not_text")
        elif not value and not field.required:
            if name in sent:
                texts[name] = ""
        elif problem := text_problem(request, field, value):
            problems[name] = problem
        else:
            texts[name] = value if field.verbatim else value.strip()
    if problems:
        raise Invalid(problems)
    return texts


async def json_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object of the body; anything else is refused."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        value = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Refused(say(request, "form.not_json")) from None
    if not isinstance(value, dict) or len(value) > FIELDS_AT_MOST:
        raise Refused(say(request, "form.not_json"))
    return value


async def posted(request: web.Request, several: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the text fields of a posted form; a file is refused, and a field sent twice.

    Fields named in `several` may be sent again and again; what was sent stands one in a line.
    """
    form = await request.post()
    texts: dict[str, str] = {}
    for name, value in form.items():
        if not isinstance(value, str) or (name in texts and name not in several):
            raise Invalid({name[:40]: say(request, "form.not_text")})
        texts[name] = f"{texts[name]}\n{value}" if name in texts else value
    return texts


def names_only(request: web.Request, sent: Mapping[str, object], known: frozenset[str]) -> None:
    """Raise Invalid naming every key that is not known."""
    if unknown := [name for name in sent if name not in known]:
        raise Invalid({str(name)[:40]: say(request, "form.unknown") for name in unknown})


def mapping(request: web.Request, name: str, sent: object) -> dict[str, object]:
    """Return a JSON object within the body, or raise Invalid."""
    if not isinstance(sent, dict) or len(sent) > FIELDS_AT_MOST:
        raise Invalid({name: say(request, "form.not_json")})
    return sent


def text_list(request: web.Request, name: str, sent: object, *, at_most: int) -> list[str]:
    """Return a list of short texts (identifiers), or raise Invalid."""
    if sent is None:
        return []
    if not isinstance(sent, list) or len(sent) > at_most:
        raise Invalid({name: say(request, "form.list", most=at_most)})
    if not all(isinstance(item, str) and len(item) <= 64 for item in sent):
        raise Invalid({name: say(request, "form.not_text")})
    return sent


def page_of(request: web.Request, text: str) -> int:
    """Return the page of a list that is asked for, the first if none is; raise Invalid for what is no page."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= PAGES_AT_MOST):
        raise Invalid({"page": say(request, "form.number")})
    return int(text)
