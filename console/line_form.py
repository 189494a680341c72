"""The rules of the line as a form of plain fields, and what comes back of it as rules.

A list is a table: its rows are numbered in the names of the fields (`skills.0.level`), and two empty rows stand below it.
A row whose first field is left empty is not there. Lists within a row are written in one field:
`work 08:30-17:30; every 22:00-06:00` for hours, `20:1; 40:0 general,night` for steps.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from routing.rule_text import BadRules, from_json, to_json
from routing.rules import LineRules
from storage.errors import Invalid

EMPTY_ROWS: Final = 2
MOST_ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class Table:
    """A list of the rules; the first column says whether a row is there."""

    name: str
    columns: tuple[str, ...]


SCALARS: Final = (
    "general_group",
    "priority_at_most",
    "elder_priority",
    "ageing_seconds",
    "last_seat_days",
    "hold_seconds",
    "busy_at_most",
    "anybody_after",
    "again",
    "enterprise_skill",
    "dialect_language",
)
TABLES: Final = (
    Table("groups", ("name", "hours", "closed_to")),
    Table("skills", ("skill", "level", "group", "priority", "steps")),
    Table("languages", ("language", "after")),
    Table("supports", ("helper", "helped", "after", "ratio", "why")),
    Table("experts", ("skill", "seats")),
)
NUMBERS: Final = frozenset(
    {
        "priority_at_most",
        "elder_priority",
        "ageing_seconds",
        "last_seat_days",
        "hold_seconds",
        "busy_at_most",
        "anybody_after",
        "level",
        "priority",
        "after",
        "ratio",
    }
)

HINTS: Final[Mapping[str, str]] = {
    "steps": "写法：20:1; 40:0 组名 (as seconds:level groups)",
    "hours": "写法：work 08:30-17:30; every 22:00-06:00 (days are work, rest or every)",
}

_STEP: Final = re.compile(r"(?P<after>[^:\s]+)\s*:\s*(?P<level>\S+)(?:\s+(?P<groups>.+))?")
_HOURS: Final = re.compile(r"(?P<days>\S+)\s+(?P<since>[^-\s]+)\s*-\s*(?P<until>\S+)")


def filled(rules: LineRules) -> dict[str, str]:
    """Return the rules as the fields of the form."""
    value = to_json(rules)
    texts = {name: _text(name, value[name]) for name in SCALARS}
    for table in TABLES:
        for number, row in enumerate(value[table.name]):
            texts |= {f"{table.name}.{number}.{name}": _text(name, row[name]) for name in table.columns}
    return texts


def rows_shown(texts: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the numbers of the rows that each table shows: those that are filled, and empty ones."""
    shown = {}
    for table in TABLES:
        last = max((n for n in _row_numbers(texts, table) if _is_there(texts, table, n)), default=-1)
        shown[table.name] = list(range(last + 1 + EMPTY_ROWS))
    return shown


def read(texts: Mapping[str, str], *, zone: str) -> LineRules:
    """Return the rules that the form says; raise Invalid naming its fields."""
    value: dict[str, Any] = {"zone": zone}
    numbers: dict[str, list[int]] = {}
    problems = {name: "没有这一项 (there is no such field)" for name in texts if not _is_known(name)}
    for name in SCALARS:
        if name in texts:
            value[name] = _value(name, texts[name])
    for table in TABLES:
        there = [number for number in _row_numbers(texts, table) if _is_there(texts, table, number)]
        numbers[table.name] = there
        value[table.name] = [_row(texts, table, number) for number in there]
    try:
        rules = from_json(value)
    except BadRules as bad:
        for path, text in bad.fields.items():
            field = _shown_at(path, numbers)
            hint = HINTS.get(field.rpartition(".")[2], "")
            problems[field] = f"{text} {hint}".strip()
        raise Invalid(problems) from None
    if problems:
        raise Invalid(problems)
    return rules


def _row(texts: Mapping[str, str], table: Table, number: int) -> dict[str, Any]:
    row = {}
    for column in table.columns:
        text = texts.get(f"{table.name}.{number}.{column}", "").strip()
        if text or column not in NUMBERS:
            row[column] = _value(column, text)
    return row


def _value(name: str, text: str) -> Any:
    """Return what the field says, as the rules' JSON has it; what cannot be read is left for the rules to refuse."""
    match name:
        case "again":
            return {"yes": True, "no": False}.get(text, text)
        case "steps":
            return [_step(part) for part in _parts(text, ";；")]
        case "hours":
            return [_hours(part) for part in _parts(text, ";；")]
        case "seats":
            return _parts(text, ",，、 ")
        case _ if name in NUMBERS:
            return _number(text)
        case _:
            return text


def _step(text: str) -> Any:
    if (found := _STEP.fullmatch(text)) is None:
        return text
    groups = _parts(found["groups"] or "", ",，、 ")
    return {"after": _number(found["after"]), "level": _number(found["level"]), "groups": groups}


def _hours(text: str) -> Any:
    found = _HOURS.fullmatch(text)
    return found.groupdict() if found else text


def _number(text: str) -> Any:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _parts(text: str, signs: str) -> list[str]:
    return [part.strip() for part in re.split(f"[{signs}]", text) if part.strip()]


def _text(name: str, value: Any) -> str:
    match name:
        case "again":
            return "yes" if value else "no"
        case "steps":
            return "; ".join(f"{s['after']:g}:{s['level']} {','.join(s['groups'])}".strip() for s in value)
        case "hours":
            return "; ".join(f"{each['days']} {each['since']}-{each['until']}" for each in value)
        case "seats":
            return ", ".join(value)
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


def _row_numbers(texts: Mapping[str, str], table: Table) -> Iterable[int]:
    found = {int(parts[1]) for name in texts if (parts := _path(name)) and parts[0] == table.name}
    return sorted(found)


def _is_there(texts: Mapping[str, str], table: Table, number: int) -> bool:
    return bool(texts.get(f"{table.name}.{number}.{table.columns[0]}", "").strip())


def _path(name: str) -> list[str] | None:
    parts = name.split(".")
    if len(parts) != 3 or not re.fullmatch("[0-9]{1,2}", parts[1]) or int(parts[1]) >= MOST_ROWS:
        return None
    return parts


def _is_known(name: str) -> bool:
    if (parts := _path(name)) is None:
        return name in SCALARS
    return any(parts[0] == table.name and parts[2] in table.columns for table in TABLES)


def _shown_at(path: str, numbers: Mapping[str, list[int]]) -> str:
    """Return the field of the form at which a problem of the rules is shown."""
    parts = path.split(".")
    if len(parts) == 1 or parts[0] not in numbers:
        return parts[0]
    table = next(each for each in TABLES if each.name == parts[0])
    column = parts[2] if len(parts) > 2 else table.columns[0]
    return f"{parts[0]}.{numbers[parts[0]][int(parts[1])]}.{column}"
