"""Policies and office hours as JSON, as they are kept: equal values give equal text."""

import json
from collections.abc import Iterable
from datetime import date, time
from typing import Any

from cases.calendar import OfficeHours, OfficeRule
from cases.limits import Limit, Unit
from cases.policies import ClockKind, Intent, Policy, Row, Urgency


def rows_to_text(rows: Iterable[Row]) -> str:
    return _dump([_row_out(row) for row in rows])


def policy_of(version: str, title: str, rows: str) -> Policy:
    """Read a policy as it was kept."""
    return Policy(version, title, tuple(_row_in(row) for row in json.loads(rows)))


def hours_to_text(rules: Iterable[OfficeRule]) -> str:
    return _dump(
        [[rule.first, rule.last, [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in rule.intervals]] for rule in rules]
    )


def hours_of(name: str, rules: str, *, since: date = date.min, earlier: OfficeHours | None) -> OfficeHours:
    """Read office hours as they were kept, on top of those that held before."""
    read = tuple(
        OfficeRule(first, last, tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in intervals))
        for first, last, intervals in json.loads(rules)
    )
    return OfficeHours(name, read, since, earlier)


def _row_out(row: Row) -> dict[str, Any]:
    out: dict[str, Any] = {"clock": row.clock, "amount": row.limit.amount, "unit": row.limit.unit}
    # In the order of their definition: a set has none, and equal rows must give equal text.
    if row.intents:
        out["intents"] = [intent for intent in Intent if intent in row.intents]
    if row.urgencies:
        out["urgencies"] = [urgency for urgency in Urgency if urgency in row.urgencies]
    return out | {name: value for name in ("listed", "hard") if (value := getattr(row, name)) is not None}


def _row_in(row: dict[str, Any]) -> Row:
    return Row(
        ClockKind(row["clock"]),
        Limit(row["amount"], Unit(row["unit"])),
        frozenset(map(Intent, row.get("intents", ()))),
        frozenset(map(Urgency, row.get("urgencies", ()))),
        row.get("listed"),
        row.get("hard"),
    )


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
