"""What the sample pages of recordings, quality checks, reports and staffing show: good calls, a bad one, an appeal."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from cases.call_parts import Direction, EndReason
from cases.quality import PASSED, USUAL
from cases.recording_pauses import Pause
from console.figure_pages import SHOWN as FIGURES
from console.recording_pages import SHOWN
from console.report_pages import KINDS, OF_AGENTS, STEPS, Report
from console.staffing_pages import COLUMNS
from console.staffing_pages import USUAL as TARGET
from routing.staffing import Need
from storage.quality import Line, Marked, Result, TeamLine
from storage.quality_sheets import SHIPPED
from storage.recording_search import Found, Heard

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)
WEEK: Final = date(2026, 11, 16)
CALL: Final = "hotline1-1795308607.0"
NAMES: Final = {"1001": "李燕", "1002": "陈静", "lead": "王班长", "supervisor": "值班主任"}


def _at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def _heard(number: int, state: str, case: str = "", *, confidential: bool = False) -> Heard:
    return Heard(
        f"hotline1-17953086{number:02}.0", _at(-number), Direction.INCOMING, "13850123456", "s1001", 184.0,
        EndReason.COMPLETED, case, state, 190.0 if state == "kept" else 0.0, confidential,
    )  # fmt: skip


_HEARD: Final = [
    _heard(1, "kept", "RH261122-00178-1"),
    _heard(2, "missing"),
    _heard(3, "due"),
    _heard(4, "kept", "RH261121-00417-3", confidential=True),
]
_RECORDINGS: Final[Mapping[str, Any]] = {
    "found": Found(_HEARD, 1, 120),
    "rows": [(one, "138****3456") for one in _HEARD],
    "entered": dict.fromkeys(("seat", "number", "case", "outcome", "least", "page"), "")
    | {"since": "2026-11-22", "until": "2026-11-22"},
    "errors": {},
    "outcomes": SHOWN,
    "seats": {"s1001": "李燕", "s1002": "陈静"},
    "most": 1000,
}


def _line(number: int, agent: str, **given: Any) -> Line:
    return Line(f"hotline1-17953000{number}.0", WEEK, agent, _at(-50 - number), 184.0, "random", **given)


_SCORED: Final[dict[str, Any]] = {"score": 92, "checked_by": "lead", "checked_at": _at(-3)}
_APPEALED: Final = _line(1, "1001", **_SCORED, appealed_at=_at(-1))
_LINES: Final = [
    _APPEALED,
    _line(2, "1001"),
    _line(3, "1002", **_SCORED | {"score": 71}),
    _line(4, "1002", **_SCORED | {"score": 0}, fatal=True),
    _line(5, "1002", **_SCORED | {"score": 96}, appealed_at=_at(-2), verdict="revised"),
]
_QUALITY: Final[Mapping[str, Any]] = {
    "week": WEEK,
    "before": WEEK - timedelta(weeks=1),
    "after": WEEK + timedelta(weeks=1),
    "since": WEEK - timedelta(weeks=3),
    "lines": _LINES,
    "team": [TeamLine("1001", 12, 11, 10, 0, 1, 0, 93.4), TeamLine("1002", 12, 0, 0, 0, 0, 0, None)],
    "names": NAMES,
    "per_agent": 3,
    "pass_mark": PASSED,
    "entered": {},
    "errors": {},
}
_MARKS: Final = tuple(
    Marked(item, item.most, "未复述诉求" if no == 1 else "") for no, item in enumerate(USUAL)
)
_PAUSES: Final = [Pause(_at(-50), _at(-49.99), "1001", "agent"), Pause(_at(-49.9), None, "1001")]
_ONE: Final[Mapping[str, Any]] = {
    "one": Result(_line(2, "1001"), SHIPPED),
    "names": NAMES,
    "kept": 1,
    "mine": False,
    "may_check": True,
    "may_decide": False,
    "may_hear": True,
    "may_appeal": False,
    "pass_mark": PASSED,
    "entered": {},
    "errors": {},
    "sources": [],
    "mark": "",
    "pauses": _PAUSES,
}
_GIVEN: Final = Result(
    _APPEALED, SHIPPED, _MARKS, "整体良好，注意复述诉求。", _at(-2), appeal="我复述了，在第40秒。"
)
_SHEET: Final[Mapping[str, Any]] = {
    "sheet": SHIPPED,
    "versions": [(2, "服务质量评分表", "supervisor", _at(-90))],
    "names": NAMES,
    "entered": {"name": "服务质量评分表", "items": "40|问候|报工号\n否决|泄密"},
    "errors": {"items": "各项分值之和应为100，现为40"},
    "may_keep": True,
}
_STAFFING: Final[Mapping[str, Any]] = {
    "entered": {"day": "2026-11-23", **TARGET},
    "errors": {},
    "columns": COLUMNS,
    "needs": [
        ("08:00", 0, ["31.5", "214", "9", "13", "14", "0", "96.1%", "1.2", "41.7%"]),
        ("08:30", 6, ["88.0", "214", "16", "23", "17", "6", "95.4%", "1.0", "65.4%"]),
    ],
    "learned": 4,
    "most": Need(17, 88.0, 214.0, 16, 23, 0.954, 1.0, 0.654, 17),
    "hours": 18.0,
    "lacking": 3.0,
    "may_export": True,
    "query": "day=2026-11-23",
}
_CELLS: Final = [
    "128",
    "120",
    "118",
    "98.3%",
    "96.1%",
    "95.0%",
    "2",
    "1",
    "4.2",
    "31.0",
    "214.5",
    "6",
    "0",
    "2",
    "9",
]
_REPORTS: Final[Mapping[str, Any]] = {
    "entered": {"since": "2026-11-22", "until": "2026-11-22", "kind": "line", "step": "30", "of": ""},
    "errors": {},
    "kinds": KINDS,
    "steps": tuple(STEPS),
    "report": Report(FIGURES, [("2026-11-22 08:30", _CELLS)], _CELLS, ("12345", "96100")),
    "may_export": True,
    "query": "",
    "prefix": "figure",
}
_AGENTS: Final = Report(
    OF_AGENTS, [("s1001 李燕", ["31", "1", *["12.5"] * 7, "61.0%", "97.2%", "93.4"])], ["—"] * 12, ()
)
PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/recordings": ("recordings.html", True, _RECORDINGS),
    "/recordings-none": (
        "recordings.html",
        True,
        {
            **_RECORDINGS,
            "found": Found([], 1, 0),
            "rows": [],
            "errors": {"since": "日期应按先后，最多31天。"},
        },
    ),
    "/quality": ("quality.html", True, _QUALITY),
    "/quality-none": (
        "quality.html",
        True,
        {**_QUALITY, "lines": [], "team": [], "after": None, "errors": {"per_agent": "每人应抽1至50通"}},
    ),
    "/quality-score": ("quality_call.html", True, {**_ONE, "errors": {"mark-0": "最多10分"}}),
    "/quality-decide": (
        "quality_call.html",
        True,
        {**_ONE, "one": _GIVEN, "may_check": False, "may_decide": True},
    ),
    "/quality-mine-one": (
        "quality_call.html",
        True,
        {
            **_ONE,
            "one": Result(_line(3, "1002", **_SCORED), SHIPPED, _MARKS, "很好。"),
            "mine": True,
            "may_check": False,
            "may_appeal": True,
        },
    ),
    "/quality-mine": ("quality_mine.html", True, {"lines": _LINES[2:], "mean": "93.4", "pass_mark": PASSED}),
    "/quality-mine-none": ("quality_mine.html", True, {"lines": [], "mean": "—", "pass_mark": PASSED}),
    "/staffing": ("staffing.html", True, _STAFFING),
    "/staffing-none": (
        "staffing.html",
        True,
        {**_STAFFING, "needs": [], "most": None, "errors": {"level": "应在1与99.9之间"}},
    ),
    "/reports": ("reports.html", True, _REPORTS),
    "/reports-agents": (
        "reports.html",
        True,
        {
            **_REPORTS,
            "report": _AGENTS,
            "prefix": "agents",
            "entered": {**_REPORTS["entered"], "kind": "agent"},
        },
    ),
    "/reports-none": (
        "reports.html",
        True,
        {**_REPORTS, "report": Report(FIGURES, [], _CELLS, ()), "errors": {"since": "最多7天。"}},
    ),
    "/quality-sheet": ("quality_sheet.html", True, _SHEET),
}
