"""What the pages of units, matters, duties and people have in common: reading what was sent, and the page asked for."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from console.forms import Text, posted, read_texts
from console.pages import PREFERENCES
from ivr import pinyin

FLAG: Final = Text(1, one_of=frozenset("1"))


def asked(request: web.Request, fields: Mapping[str, Text]) -> dict[str, str]:
    """Return the filters of a list, empty where they were not given."""
    known = {*fields, "page"}
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    texts = read_texts(request, {**fields, "page": Text(4)}, {n: v for n, v in sent.items() if n in known})
    return dict.fromkeys((*fields, "page"), "") | texts


async def sent_texts(request: web.Request, fields: Mapping[str, Text]) -> dict[str, str]:
    """Return all fields of a posted form, empty where they were not filled in."""
    sent = await posted(request)
    sent.pop("csrf", None)
    return dict.fromkeys(fields, "") | read_texts(request, fields, sent)


def initials(name: str) -> str:
    """Return the pinyin initials of a name, as they are typed to find it."""
    return "".join(word[0] for word in pinyin.of(name).replace(",", " ").split())[:20]
