"""企业服务、方言座席: seats of a kind that a waiting caller may ask for by a key, where his city has them. Pure."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from ivr.route import Route
from routing.rules import LineRules

KEYS: Final[Mapping[str, Route]] = {"2": Route.ENTERPRISE, "3": Route.DIALECT}
CHOSEN: Final[Mapping[str, str]] = {Route.ENTERPRISE: "enterprise-chosen", Route.DIALECT: "dialect-chosen"}
OFFER: Final[Mapping[Route, str]] = {Route.ENTERPRISE: "key-enterprise", Route.DIALECT: "key-dialect"}

MOST_FIELDS: Final = 20


def offered(wish: str, rules: LineRules) -> dict[str, Route]:
    """Return the keys that make a difference to this caller: not those of seats he is waiting for already."""
    return {key: route for key, route in KEYS.items() if changed(wish, key, rules)}


def changed(wish: str, key: str, rules: LineRules) -> str:
    """Return the wish of the caller with what the key asks for; '' if the city has no such seats, or nothing changes."""
    match KEYS.get(key):
        case Route.ENTERPRISE:
            field, word = "skill", rules.enterprise_skill
        case Route.DIALECT:
            field, word = "language", rules.dialect_language
        case _:
            return ""
    try:
        said = dict(parse_qsl(wish, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        said = {}
    if not word or said.get(field) == word:
        return ""
    return urlencode(said | {field: word})
