"""企业服务、方言座席: seats of a kind that a waiting caller may ask for by a key, where his city has them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from ivr.route import Route
from routing.rules import LineRules

KEYS: Final[Mapping[str, Route]] = {"2": Route.ENTERPRISE, "3": Route.DIALECT}
CHOSEN: Final[Mapping[str, str]] = {Route.ENTERPRISE: "enterprise-chosen", Route.DIALECT: "dialect-chosen"}
OFFER: Final[Mapping[Route, str]] = {Route.ENTERPRISE: "key-enterprise", Route.DIALECT: "key-dialect"}

MOST_FIELDS: Final = 20


@dataclass(frozen=True, slots=True)
class Want:
    """What a choice of a menu asks of the seat; '' and 0 ask for nothing."""

    skill: str = ""
    language: str = ""
    priority: int = 0


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
    said = _said(wish)
    if not word or said.get(field) == word:
        return ""
    return urlencode(said | {field: word})


def merged(wish: str, want: Want) -> str:
    """Return the wish of the caller with what he wants now. Who is slowed for nuisance is not hurried by a word."""
    said = _said(wish)
    priority = said.get("priority", "0")
    if want.priority and not priority.startswith("-"):
        said["priority"] = str(want.priority)
    words = {"skill": want.skill, "language": want.language}
    return urlencode(said | {field: word for field, word in words.items() if word})


def speaks(wish: str, language: str, rules: LineRules) -> bool:
    """Tell whether asking for the language makes a difference: the line has a rule for it, and he has not asked."""
    known = any(rule.language == language for rule in rules.languages)
    return known and _said(wish).get("language") != language


def _said(wish: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(wish, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}
