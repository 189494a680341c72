"""Which columns a list of supervision shows, which facts the page of one line, and how each is written.

A way of writing is `text`, `time`, `day`, `case` (a link), `line` (a link to the line itself), `login`, or the prefix
under which the words of a code are kept.
"""

from collections.abc import Mapping
from typing import Final

from storage.registers import Register

Columns = tuple[tuple[str, str], ...]

_UNIT: Final = ("unit_name", "text")
_CASE: Final = ("case_no", "case")

LISTED: Final[Mapping[Register, Columns]] = {
    Register.CLOCKS: (
        ("kind", "clock"),
        _UNIT,
        _CASE,
        ("case_title", "text"),
        ("step", "step"),
        ("due_at", "time"),
        ("handler", "login"),
        ("leader", "login"),
    ),
    Register.ORDERS: (
        ("no", "line"),
        _UNIT,
        _CASE,
        ("ground", "ground"),
        ("at", "time"),
        ("due_at", "time"),
        ("step", "step"),
        ("closed_at", "time"),
    ),
    Register.INSTRUCTIONS: (
        ("no", "line"),
        ("leader", "text"),
        ("dated", "day"),
        ("report", "text"),
        ("orders", "text"),
        ("closed_at", "time"),
    ),
    Register.URGES: (
        ("no", "text"),
        ("origin", "urge.origin"),
        _UNIT,
        _CASE,
        ("text", "text"),
        ("by", "login"),
        ("at", "time"),
    ),
    Register.FINDINGS: (
        ("trigger", "line"),
        _UNIT,
        _CASE,
        ("case_title", "text"),
        ("state", "finding.state"),
        ("by", "login"),
        ("at", "time"),
    ),
    Register.WARNINGS: (
        ("period", "line"),
        ("no", "text"),
        _UNIT,
        ("items", "text"),
        ("state", "warning.state"),
        ("issued_at", "time"),
    ),
    Register.CIRCULARS: (("period", "line"), ("no", "text"), ("items", "text"), ("issued_at", "time")),
    Register.EXPOSURES: (
        ("no", "text"),
        _UNIT,
        ("media", "text"),
        ("title", "text"),
        ("dated", "day"),
        _CASE,
    ),
    Register.ACCOUNTABILITY: (
        ("no", "line"),
        _UNIT,
        ("ground", "trigger"),
        ("decided_by", "text"),
        ("dated", "day"),
        ("persons", "text"),
        _CASE,
    ),
}
FACTS: Final[Mapping[Register, Columns]] = {
    Register.ORDERS: (
        *LISTED[Register.ORDERS][1:],
        ("leader", "text"),
        ("text", "text"),
        ("by", "login"),
        ("result", "text"),
        ("closed_by", "login"),
    ),
    Register.INSTRUCTIONS: (
        *LISTED[Register.INSTRUCTIONS][1:],
        ("text", "text"),
        ("by", "login"),
        ("answer", "text"),
        ("closed_by", "login"),
    ),
    Register.FINDINGS: (
        ("trigger", "trigger"),
        *LISTED[Register.FINDINGS][1:],
        ("clock_kind", "clock"),
        ("due_at", "time"),
        ("evidence", "text"),
        ("response", "text"),
        ("responded_by", "login"),
        ("decision", "text"),
        ("decided_by", "login"),
        ("appeal", "text"),
        ("appealed_by", "login"),
        ("ruling", "text"),
        ("ruled_by", "login"),
    ),
    Register.WARNINGS: (
        *LISTED[Register.WARNINGS][1:],
        ("drafted_at", "time"),
        ("recipient", "text"),
        ("issued_by", "login"),
        ("acknowledged_by", "login"),
        ("acknowledged_at", "time"),
        ("withdrawn_by", "login"),
        ("withdrawn_at", "time"),
        ("reason", "text"),
    ),
    Register.CIRCULARS: (*LISTED[Register.CIRCULARS][1:], ("by", "login"), ("issued_by", "login")),
    Register.ACCOUNTABILITY: (*LISTED[Register.ACCOUNTABILITY][1:], ("by", "login"), ("at", "time")),
}
"""Registers whose lines have a page of their own."""
