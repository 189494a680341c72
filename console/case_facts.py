"""What a fact of a case's history says in plain words: codes become words, units and people are named."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from console.i18n import CATALOGUE, LANGUAGE, say
from console.parts import PARTS
from console.writing import short_time
from storage.history import Fact
from storage.people import CITIZEN

UNITS: Final = ("lead", "assist", "unit", "units", "to", "into", "suggested_unit")
CHANGED: Final = ("intent", "urgency")
WORDS: Final = (
    "reason", "why", "decision", "resolution", "result", "solved", "satisfied", "findings", "channel", "matter",
    "instruction", "comment", "basis",
)  # fmt: skip
OTHER_CASES: Final = ("member", "master", "part", "by", "of", "from", "case")
NUMBER_AT_LEAST: Final = 12
"""What is shorter cannot be the number of a case."""


def actor_name(request: web.Request, actor: str, names: Mapping[str, str]) -> str:
    """Return who did it; what nobody did was done by the machine, or by the citizen on his telephone."""
    known = {"system": "who.system", CITIZEN.login: "role.citizen"}
    return say(request, known[actor]) if actor in known else names.get(actor, actor)


def word(request: web.Request, value: object) -> str:
    """Return the word for a code; what is no code stays as it is."""
    texts = request.app[CATALOGUE].texts(request[LANGUAGE])
    return texts.get(f"register.value.{value}", str(value))


def told(request: web.Request, fact: Fact, units: Mapping[str, str]) -> list[str]:
    """Return what is worth reading of a fact, a line each."""
    detail = fact.detail
    named = [units.get(unit, unit) for name in UNITS for unit in _each(detail.get(name))]
    lines = ["、".join(dict.fromkeys(named))]
    lines += [_changed(request, name, detail) for name in CHANGED]
    if "clock" in detail:
        lines.append(_clock(request, detail))
    lines += ["、".join(word(request, one) for one in _each(detail.get(name))) for name in WORDS]
    lines += [one for name in OTHER_CASES if _is_case(one := str(detail.get(name) or ""))]
    return list(dict.fromkeys(line for line in lines if line))


def _each(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [str(value)] if value not in (None, "") else []


def _changed(request: web.Request, name: str, detail: Mapping[str, Any]) -> str:
    if f"was_{name}" not in detail:
        return ""
    return f"{say(request, f'field.{name}')} {detail[f'was_{name}']} → {detail[name]}"


def _clock(request: web.Request, detail: Mapping[str, Any]) -> str:
    kind = say(request, f"clock.{detail['clock']}")
    if not (detail.get("due") and isinstance(detail["due"], str)):
        return kind
    zone = request.app[PARTS].settings.zone
    return f"{kind} → {short_time(datetime.fromisoformat(detail['due']), zone)}"


def _is_case(text: str) -> bool:
    return len(text) >= NUMBER_AT_LEAST and "-" in text
