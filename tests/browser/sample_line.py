"""What the sample pages of the line show: rules, a switch that is on, a leader's turn, the skills of a seat."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from console import line_form
from console.i18n import Catalogue, Language
from console.line_words import in_words
from storage.line_models import SpanKind
from storage.line_rules import Skilled, Span, Version
from tests.console.test_line_pages import CITY

AT: Final = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SOON: Final = AT + timedelta(hours=2)


def _span(number: int, kind: SpanKind) -> Span:
    return Span(number, kind, AT, SOON, "{}", "台风登陆前的准备", "9001")


_TEXTS: Final = line_form.filled(CITY)
_PERSON: Final = Skilled(
    "1001", "李燕", "s1001", "企业", (("企业", 4), ("税务", 2)), frozenset({"福州话"}), 0.85
)
_LINE: Final[Mapping[str, Any]] = {
    "words": in_words(CITY, partial(Catalogue().text, Language.ZH)),
    "emergency": _span(1, SpanKind.EMERGENCY),
    "supports": [(_span(2, SpanKind.SUPPORT), {"helper": "综合", "helped": "企业"})],
    "closures": [(_span(3, SpanKind.CLOSURE), {"group": "企业"})],
    "duties": [
        (
            _span(4, SpanKind.DUTY),
            {
                "seat": "s1001",
                "name": "陈局长",
                "unit": "市政中心",
                "skills": ["市政"],
                "lines": [],
                "reserved": True,
            },
        )
    ],
    "closed": ["企业"],
    "coming": [Version(2, SOON, "{}", "节后恢复", "9001", AT)],
    "versions": [
        Version(2, SOON, "{}", "节后恢复", "9001", AT),
        Version(1, AT, "{}", "初次设置", "admin", AT),
    ],
    "groups": ["综合", "企业"],
    "skills": ["企业"],
    "seats": ["s1001", "s1002"],
    "errors": {},
    "entered": {},
    "form": "",
}
_REFUSED: Final = {
    "hold_seconds": "须在 0 与 120 之间 (must be from 0 to 120)",
    "skills.0.level": "应为整数 (whole)",
}

PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/line": ("line.html", True, _LINE),
    "/line/rules": (
        "line_rules.html",
        True,
        {
            "texts": _TEXTS,
            "rows": line_form.rows_shown(_TEXTS),
            "tables": line_form.TABLES,
            "scalars": line_form.SCALARS,
            "numbers": line_form.NUMBERS,
            "own": {"follows": "1", "why": "", "valid_from": ""},
            "errors": _REFUSED,
            "at": AT,
        },
    ),
    "/line/seats": ("line_seats.html", True, {"people": [_PERSON, Skilled("1002", "陈静", "s1002")]}),
    "/line/seats/1001": (
        "line_seat.html",
        True,
        {
            "person": _PERSON,
            "rows": range(3),
            "texts": {"group": "企业", "skill.0.name": "企业", "skill.0.level": "4", "busy": "85"},
            "groups": ["综合", "企业"],
            "errors": {"why": "此项必填"},
        },
    ),
}
