"""What the sample pages of supervisors show: limits of alarms with a wrong figure, and their own screen."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from routing.watch_rules import Threshold, WatchRules
from storage.watch_rules import Version

_AT: Final = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
_RULES: Final = WatchRules((Threshold("", 30), Threshold("城建", 45, 5)))
_CONTEXT: Final[Mapping[str, Any]] = {
    "rules": _RULES,
    "rows": [_RULES.of(skill) for skill in ("", "城建", "社保")],
    "follows": 2,
    "versions": [
        Version(2, "", "早高峰城建来电多", "lead", _AT),
        Version(1, "", "试行", "supervisor", _AT),
    ],
    "entered": {},
    "errors": {},
}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/wall/rules": ("watch_rules.html", True, _CONTEXT),
    "/wall/rules-wrong": (
        "watch_rules.html",
        True,
        {
            **_CONTEXT,
            "versions": [],
            "follows": 0,
            "entered": {"longest-0": "soon", "why": ""},
            "errors": {"longest-0": "请填写数字", "why": "此项必填"},
        },
    ),
    "/wall/desk": ("wall_desk.html", True, {"boot": {"supervise": True, "desk": True, "login": "lead"}}),
}
