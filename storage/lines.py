"""A row of the work on a case, as the case page lists it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the work on a case (a reply, a review, a return, …) with its columns by name."""

    kind: str
    at: datetime
    by: str
    fields: dict[str, Any]


def lines(
    conn: Connection, rows: Select[*tuple[Any, ...]], kind: str, *, by: str = "by", at: str = "at"
) -> list[Line]:
    """Return the rows in the order of time; `by` and `at` name their columns."""
    found = []
    for row in conn.execute(rows):
        fields = row._asdict()
        who, when = fields.pop(by), fields.pop(at)
        found.append(Line(kind, when, who, fields))
    return sorted(found, key=lambda line: line.at)
