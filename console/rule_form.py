"""Time limits as a form of plain fields, one row for each promise, and what comes back of it as rows of a policy."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from aiohttp import web

from cases.limits import BadLimit, Limit, Unit
from cases.policies import ClockKind, Intent, Policy, Row, Urgency
from cases.policy_check import shadowed, unpromised
from console.i18n import say
from storage.errors import Invalid

E = TypeVar("E", bound=StrEnum)

COLUMNS: Final = ("order", "clock", "amount", "unit", "intents", "urgencies", "listed", "hard")
SPARE: Final = 3
MOST_ROWS: Final = 120
_KEY: Final = re.compile(rf"rows\.([0-9]{{1,3}})\.({'|'.join(COLUMNS)})")
_LONGEST: Final = 80
_YES_NO: Final = {"": None, "yes": True, "no": False}


def filled(rows: Iterable[Row]) -> dict[str, str]:
    """Return the rows as the fields of the form."""
    texts: dict[str, str] = {}
    for number, row in enumerate(rows):
        values = {
            "order": str((number + 1) * 10),
            "clock": row.clock,
            "amount": str(row.limit.amount),
            "unit": row.limit.unit,
            "intents": "、".join(intent for intent in Intent if intent in row.intents),
            "urgencies": "、".join(urgency for urgency in Urgency if urgency in row.urgencies),
            "listed": _said(row.listed),
            "hard": _said(row.hard),
        }
        texts |= {f"rows.{number}.{name}": value for name, value in values.items()}
    return texts


def rows_shown(texts: Mapping[str, str]) -> list[int]:
    """Return the numbers of the rows to draw: those that were sent, and some empty ones to add to."""
    numbers = sorted({int(match[1]) for key in texts if (match := _KEY.fullmatch(key))})
    after = (numbers[-1] if numbers else -1) + 1
    return [*numbers, *range(after, after + SPARE)]


def read(request: web.Request, texts: Mapping[str, str]) -> tuple[Row, ...]:
    """Return the rows that the form says, in their order; raise Invalid naming the fields that are wrong."""
    if unknown := [key for key in texts if not _KEY.fullmatch(key)]:
        raise Invalid({key[:40]: say(request, "form.unknown") for key in unknown})
    numbers = {int(match[1]) for key in texts if (match := _KEY.fullmatch(key))}
    problems: dict[str, str] = {}
    found: list[tuple[int, int, Row]] = []
    for number in sorted(numbers)[:MOST_ROWS]:
        fields = {name: texts.get(f"rows.{number}.{name}", "").strip()[:_LONGEST] for name in COLUMNS}
        if fields["clock"]:
            try:
                found.append((_number(request, "order", fields["order"]), number, _row(request, fields)))
            except Invalid as error:
                problems |= {f"rows.{number}.{name}": text for name, text in error.fields.items()}
    found.sort(key=lambda each: each[:2])
    if not problems:
        problems = _contradictions(request, found)
    if problems:
        raise Invalid(problems)
    return tuple(row for _, _, row in found)


def _contradictions(request: web.Request, found: list[tuple[int, int, Row]]) -> dict[str, str]:
    rows = [row for _, _, row in found]
    problems = {
        f"rows.{found[later][1]}.order": say(request, "rules.shadowed", order=found[earlier][0])
        for later, earlier in shadowed(rows).items()
        # What a profile says of its own before the rest that all have alike is not in vain.
        if rows[later].limit != rows[earlier].limit
    }
    if missing := unpromised(Policy("", "", tuple(rows))):
        intent, urgency = missing[0]
        problems[""] = say(request, "rules.unpromised", intent=intent, urgency=urgency)
    return problems


def _row(request: web.Request, fields: Mapping[str, str]) -> Row:
    problems: dict[str, str] = {}
    one = partial(_one, request, problems, fields)
    many = partial(_many, request, problems, fields)
    clock, unit = one("clock", ClockKind), one("unit", Unit)
    intents, urgencies = many("intents", Intent), many("urgencies", Urgency)
    limit = _limit(request, problems, fields["amount"], unit or Unit.WORKING_DAY)
    if problems or clock is None or limit is None:
        raise Invalid(problems)
    listed, hard = (_YES_NO.get(fields[name]) for name in ("listed", "hard"))
    return Row(clock, limit, intents, urgencies, listed, hard)


def _limit(request: web.Request, problems: dict[str, str], amount: str, unit: Unit) -> Limit | None:
    try:
        return Limit(_number(request, "amount", amount), unit)
    except BadLimit as bad:
        problems["amount"] = str(bad)
    except Invalid as error:
        problems |= error.fields
    return None


def _one(
    request: web.Request, problems: dict[str, str], fields: Mapping[str, str], name: str, kind: type[E]
) -> E | None:
    if fields[name] in list(kind):
        return kind(fields[name])
    problems[name] = say(request, "form.choice")
    return None


def _many(
    request: web.Request, problems: dict[str, str], fields: Mapping[str, str], name: str, kind: type[E]
) -> frozenset[E]:
    words = [word for word in re.split(r"[\s、,,;;]+", fields[name]) if word]
    if all(word in list(kind) for word in words):
        return frozenset(kind(word) for word in words)
    problems[name] = say(request, "rules.words", words="、".join(kind))
    return frozenset()


def _number(request: web.Request, name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid({name: say(request, "form.number")})
    return int(text)


def _said(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
