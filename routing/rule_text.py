"""The rules of the line as JSON: strict in, plain out. What is wrong is said by field, in Chinese and English."""

import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.rules import EVERY_GROUP, Letters, LineRules, Within

T = TypeVar("T")

MANY = 500
"""No list of a city is longer; a form with more is a mistake or an attack."""


class BadRules(ValueError):
    """Rules that cannot be kept. `fields` has a sentence for each field, by its path such as `skills.0.level`."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self.fields = dict(found)
        super().__init__("; ".join(f"{path}: {text}" for path, text in self.fields.items()))


def parse(text: str) -> LineRules:
    """Read rules from JSON text; raise BadRules naming every field that is wrong."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRules({"": "不是有效的 JSON (not valid JSON)"}) from None
    return from_json(value)


def from_json(value: object) -> LineRules:
    """Read rules from a JSON value. What is left out is as in `LineRules()`."""
    rules = read(LineRules, value)
    check(rules)
    return rules


def check(rules: LineRules) -> None:
    """Raise BadRules if parts of the rules, each right by itself, contradict each other."""
    if problems := _contradictions(rules):
        raise BadRules(problems)


def read(kind: type[T], value: object) -> T:
    """Read one part of the rules, such as a `Duty`."""
    problems: dict[str, str] = {}
    found = _read(kind, value, "", problems)
    if problems:
        raise BadRules(problems)
    return cast("T", found)


def dump(rules: LineRules) -> str:
    """Write the rules as JSON text; equal rules give equal text."""
    return json.dumps(to_json(rules), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value: Any) -> Any:
    """Return the value of a rule as JSON has it."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in kept_fields(value)}
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return value


def kept_fields(rules: Any) -> "list[Field[Any]]":
    """Return the fields that are written down and read again."""
    return [field for field in fields(rules) if field.metadata.get("kept", True)]


hints_of = cache(lambda kind: get_type_hints(kind, include_extras=True))


def _read(kind: Any, value: object, path: str, problems: dict[str, str]) -> Any:
    """Return the value as its type wants it, or note the problem and return None."""
    if get_origin(kind) is Annotated:
        plain, *limits = get_args(kind)
        return _within(limits, _read(plain, value, path, problems), path, problems)
    if is_dataclass(kind):
        return _read_fields(kind, value, path, problems)
    if get_origin(kind) is tuple:
        return _read_list(get_args(kind)[0], value, path, problems)
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _read(get_args(kind)[0], value, path, problems)
    return _read_plain(kind, value, path, problems)


def _read_fields(kind: Any, value: object, path: str, problems: dict[str, str]) -> Any:
    if not isinstance(value, dict):
        problems[path] = "应为对象 (must be an object)"
        return None
    hints, known = hints_of(kind), {field.name: field for field in kept_fields(kind)}
    before = len(problems)
    for name in value:
        if name not in known:
            problems[_at(path, str(name)[:40])] = "没有这一项 (there is no such field)"
    found = {}
    for name, field in known.items():
        if name in value:
            found[name] = _read(hints[name], value[name], _at(path, name), problems)
        elif _is_needed(field):
            problems[_at(path, name)] = "必须填写 (is required)"
    return None if len(problems) > before else kind(**found)


def _is_needed(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _read_list(kind: Any, value: object, path: str, problems: dict[str, str]) -> Any:
    if not isinstance(value, list):
        problems[path] = "应为列表 (must be a list)"
        return None
    if len(value) > MANY:
        problems[path] = f"最多{MANY}项 (at most {MANY})"
        return None
    return tuple(_read(kind, each, _at(path, str(number)), problems) for number, each in enumerate(value))


def _read_plain(kind: type, value: object, path: str, problems: dict[str, str]) -> Any:
    try:
        return _PLAIN.get(kind, _choice)(kind, value)
    except (ValueError, TypeError, OverflowError):
        choices = "/".join(kind) if issubclass(kind, StrEnum) else ""
        problems[path] = _WANTED.get(kind) or f"只能是 {choices} (must be one of these)"
        return None


def _text(_: type, value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError
    return value.strip()


def _flag(_: type, value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(kind: type, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    whole = kind(value)
    if whole != value:
        raise ValueError
    return float(value) if kind is float else int(value)


def _moment(_: type, value: object) -> datetime:
    if not isinstance(value, str) or (moment := datetime.fromisoformat(value)).tzinfo is None:
        raise TypeError
    return moment


def _clock(_: type, value: object) -> time:
    if not isinstance(value, str) or (clock := time.fromisoformat(value)).tzinfo is not None:
        raise TypeError
    return clock


def _choice(kind: Any, value: object) -> Any:
    if not isinstance(value, str):
        raise TypeError
    return kind(value)


_PLAIN: Mapping[type, Any] = {
    str: _text,
    bool: _flag,
    int: _number,
    float: _number,
    datetime: _moment,
    time: _clock,
}
_WANTED: Mapping[type, str] = {
    str: "应为一行文字 (must be one line of text)",
    bool: "应为是或否 (must be true or false)",
    int: "应为整数 (must be a whole number)",
    float: "应为数字 (must be a number)",
    datetime: "应为带时区的时间，如 2026-11-23T09:00+08:00 (must be a time with its zone)",
    time: "应为钟点，如 09:00 (must be a time of day)",
}


def _within(limits: Iterable[object], value: Any, path: str, problems: dict[str, str]) -> Any:
    for limit in limits:
        match limit:
            # Not `value < least or value > most`: that lets "not a number" through.
            case Within(least, most) if value is not None and not least <= value <= most:
                problems[path] = f"须在 {least:g} 与 {most:g} 之间 (must be from {least:g} to {most:g})"
            case Letters(least, most) if value is not None and not least <= len(value) <= most:
                problems[path] = f"须为 {least} 至 {most} 个字 (must have {least} to {most} letters)"
    return value


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _contradictions(rules: LineRules) -> dict[str, str]:
    """Find what each field alone does not show."""
    return {
        **_twice("skills", [each.skill for each in rules.skills]),
        **_twice("groups", [each.name for each in rules.groups]),
        **_twice("languages", [each.language for each in rules.languages]),
        **_unknown_groups(rules),
        **_backwards(rules),
        **_bad_zone(rules.zone),
    }


def _twice(path: str, names: list[str]) -> dict[str, str]:
    return {
        f"{path}.{number}": f"重复：{name} (is there twice)"
        for number, name in enumerate(names)
        if name in names[:number]
    }


def _unknown_groups(rules: LineRules) -> dict[str, str]:
    """A group that is misspelt would have no seats, and its callers nobody."""
    named = {"general_group": rules.general_group}
    for number, skill in enumerate(rules.skills):
        named[f"skills.{number}.group"] = skill.group
        for step_number, step in enumerate(skill.steps):
            named |= {f"skills.{number}.steps.{step_number}.groups": group for group in step.groups}
    for number, support in enumerate(rules.supports):
        named |= {f"supports.{number}.helper": support.helper, f"supports.{number}.helped": support.helped}
    named |= {f"groups.{number}.closed_to": each.closed_to for number, each in enumerate(rules.groups)}
    named |= {f"closures.{number}.group": each.group for number, each in enumerate(rules.closures)}
    known = {"", EVERY_GROUP, *(group.name for group in rules.groups)}
    return {
        path: f"没有这个座席组：{group} (there is no such group)"
        for path, group in named.items()
        if group not in known
    }


def _backwards(rules: LineRules) -> dict[str, str]:
    spans = {
        **{f"rota.{n}.until": (each.since, each.until) for n, each in enumerate(rules.rota)},
        **{f"closures.{n}.until": (each.since, each.until) for n, each in enumerate(rules.closures)},
    }
    return {
        **{path: "结束须晚于开始 (must end after it begins)" for path, (a, b) in spans.items() if b <= a},
        **{
            f"supports.{n}.helped": "不能支援自己 (cannot help itself)"
            for n, each in enumerate(rules.supports)
            if each.helper == each.helped
        },
        **{
            f"rota.{n}.skills": "须写明受理范围 (must say which skills or lines are in scope)"
            for n, each in enumerate(rules.rota)
            if not (each.skills or each.lines)
        },
    }


def _bad_zone(name: str) -> dict[str, str]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return {"zone": "没有这个时区 (there is no such zone)"}
    return {}
