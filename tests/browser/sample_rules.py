"""What the sample pages of the rules show: limits in force and planned, a change in preview, a year to import, hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from cases.calendar import OFFICE_HOURS, WorkCalendar
from cases.china_days import OFFICIAL, Year
from cases.clocks import Clock
from cases.limits import Limit, Unit
from cases.policies import POLICIES, ClockKind, Intent, Urgency
from cases.policy_check import changes
from console import calendar_pages, rule_form
from console.calendar_pages import Preview
from console.hours_pages import KINDS, SHIPPED
from console.rule_pages import OWN_FIELDS, Shift
from storage.clocks import Kept
from storage.office_hours import HoursKept, Scope
from storage.rebasing import Moved
from storage.rulebooks import PolicyKept
from storage.work_calendars import YearKept

_AT: Final = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_CALENDAR: Final = WorkCalendar(_ZONE)
_OLD, _NEW = (
    POLICIES["fuzhou-2017"],
    replace(POLICIES["shishi-2016"], version="shishi-2016+2", title="提速方案"),
)
_VERSIONS: Final = [
    PolicyKept(2, _NEW, datetime(2026, 12, 31, 16, tzinfo=UTC), None, True, None, "新一年提速", "admin", _AT),
    PolicyKept(1, replace(_OLD, version="fuzhou-2017+1"), _AT, _AT, False, None, "试行一天", "admin", _AT),
]
_LIST: Final[Mapping[str, Any]] = {
    "shown": _OLD,
    "holds": _OLD.version,
    "versions": _VERSIONS,
    "profiles": list(POLICIES.values()),
    "base": _OLD.version,
    "intents": list(Intent),
    "urgencies": list(Urgency),
    "missing_year": 2027,
}
_TEXTS: Final = rule_form.filled(_NEW.rows)
_FORM: Final[Mapping[str, Any]] = {
    "texts": _TEXTS,
    "rows": rule_form.rows_shown(_TEXTS),
    "own": dict.fromkeys(OWN_FIELDS, "")
    | {"follows": "1", "origin": "shishi-2016", "title": "提速方案", "clocks": "1"},
    "errors": {},
    "clocks": list(ClockKind),
    "units": list(Unit),
    "preview": {
        "changes": changes(_OLD, _NEW),
        "moved": Shift(earlier=112, later=3, other=2),
        "examples": [
            {"intent": intent, "was": _AT, "will": None if intent is Intent.PRAISE else _AT}
            for intent in Intent
        ],
        "intents": len(Intent),
        "urgencies": len(Urgency),
    },
}
_WRONG: Final = {
    "": "“咨询·紧急”的诉求件没有答复时限",
    "rows.0.amount": "须为数字",
    "rows.1.order": "前面顺序 10 的条目已包含此条，此条不会生效",
    "why": "必填",
}
_CLOCK: Final = Clock.start(_AT, Limit(30, Unit.WORKING_DAY), _CALENDAR, OFFICE_HOURS["fuzhou"])
_NEWER: Final = WorkCalendar(_ZONE, OFFICIAL | {2027: Year("01-01~01-05", "01-09")})
_YEAR: Final[Mapping[str, Any]] = {
    "years": [
        calendar_pages.YearShown(2027, "provisional", 254),
        calendar_pages.YearShown(2026, "shipped", 248),
    ],
    "year": 2026,
    "provisional": False,
    "months": [calendar_pages.month_of(_CALENDAR, 2026, number) for number in range(1, 13)],
    "imports": [YearKept(1, 2026, OFFICIAL[2026], "国办发明电〔2025〕7号", "admin", _AT)],
    "missing": None,
    "version": _CALENDAR.version,
    "entered": {},
    "errors": {},
    "follows": "1",
    "preview": None,
}
_IMPORTING: Final = {
    "year": 2027,
    "provisional": True,
    "missing": 2027,
    "imports": [],
    "entered": {"text": "2027-01-01,休", "source": ""},
    "errors": {"text": "缺法定节假日2027-02-05", "source": "必填"},
    "preview": Preview(
        _NEWER.version,
        (2027,),
        ((date(2027, 1, 4), True, False), (date(2027, 1, 9), False, True)),
        Shift(later=1),
        (
            Moved(
                "RH261122-00178-1",
                1,
                Kept(1, ClockKind.REPLY, None, _CLOCK),
                _CLOCK.rebase(_NEWER, OFFICE_HOURS["fuzhou"]),
            ),
        ),
    ),
}
_PLANNED: Final = replace(OFFICE_HOURS["plain"], since=date(2027, 1, 1), earlier=OFFICE_HOURS["plain"])
_HOURS: Final[Mapping[str, Any]] = {
    "classes": [(OFFICE_HOURS["fuzhou"], ""), (OFFICE_HOURS["fuzhou-county"], ""), (_PLANNED, "朝九晚五")],
    "texts": {
        "seasons.0.first": "01-01",
        "seasons.0.last": "12-31",
        "seasons.0.intervals": "09:00-12:00 13:00-17:00",
    },
    "rows": range(6),
    "own": {"name": "plain", "follows": "1", "title": "朝九晚五", "since": "", "why": ""},
    "scope": {},
    "scopes": [(Scope.KIND, "utility", "", "plain"), (Scope.UNIT, "yt", "永泰县", "fuzhou-county")],
    "versions": [HoursKept(1, "plain", "朝九晚五", "2027-01-01", "午休一小时", "admin", _AT)],
    "today": date(2026, 11, 22),
    "city_hours": "fuzhou",
    "shipped": SHIPPED,
    "kinds": KINDS,
    "errors": {},
}
_BAD_HOURS: Final = {
    "seasons": "办公时间缺02-29 (no office hours on that day)",
    "seasons.0.intervals": "应如 08:30-12:00 15:00-18:00",
    "unit": "没有这个单位 (no such unit)",
}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/rules/policies": ("rules_policies.html", True, _LIST),
    "/rules/policies-none": ("rules_policies.html", True, {**_LIST, "versions": [], "missing_year": None}),
    "/rules/policies/edit": ("rules_policy.html", True, _FORM),
    "/rules/policies/wrong": ("rules_policy.html", True, {**_FORM, "preview": None, "errors": _WRONG}),
    "/rules/calendar": ("rules_calendar.html", True, _YEAR),
    "/rules/calendar-importing": ("rules_calendar.html", True, {**_YEAR, **_IMPORTING}),
    "/rules/hours": ("rules_hours.html", True, _HOURS),
    "/rules/hours-wrong": (
        "rules_hours.html",
        True,
        {**_HOURS, "errors": _BAD_HOURS, "versions": [], "scopes": []},
    ),
}
