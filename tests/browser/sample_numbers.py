"""Sample pages of numbers: an event by the hour, a restriction with an appeal, a merged hotline, told waits."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.event_templates import TEMPLATES
from cases.figures import DEFINITIONS, Counts, Honesty, SeatCounts, Worst
from cases.nuisance import LONGEST_DAYS, Grade, Reason, Suggestion
from console.event_pages import HOURS
from console.figure_pages import SHOWN, cell
from storage.events import Event, Hour, Member, Totals
from storage.nuisance import Appeal, Restriction
from storage.number_models import MergeMode
from storage.number_models import RestrictionState as State
from storage.numbers import Known, LineDay, OldHotline

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)
TODAY: Final = date(2026, 11, 22)


def _ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def _event(number: int, name: str, area: str, opened: float, **more: Any) -> Event:
    usual: dict[str, Any] = {
        "announcement": f"{area}正在停水,供水公司正在抢修,预计今晚二十二点恢复",
        "sound": None,
        "banner": "抢修中,预计 22:00 恢复",
        "case": None,
        "opened_by": "9001",
        "opened_at": _ago(opened),
        "expires_at": _ago(opened - 4),
        "closed_by": None,
        "closed_at": None,
    }
    return Event(id=number, name=name, area=area, **(usual | more))


_ON: Final = _event(3, "东湖街道停水", "东湖街道", 1.5, case="RH20261122000017")
_PAST: Final = [
    _event(2, "台风停电", "滨海新区全部街道和各镇", 300, closed_by="9001", closed_at=_ago(297), sound="a1b2"),
    _event(1, "地铁停运", "", 700),
]
_EVENTS: Final[Mapping[str, Any]] = {
    "on": [_ON],
    "past": _PAST,
    "totals": {3: Totals(412, 87, 0), 2: Totals(5120, 903, 611), 1: Totals(0, 0, 0)},
    "suggested": [
        {
            "category": "供水",
            "area": "东湖街道",
            "count": 19,
            "usual": 1.4,
            "first_at": _ago(1.8),
            "case": "RH20261122000017",
        }
    ],
    "templates": TEMPLATES,
    "hours": HOURS,
    "entered": {"key": "k1", "hours": "4"},
    "errors": {},
}
_WRONG_EVENT: Final[Mapping[str, Any]] = {
    **_EVENTS,
    "on": [],
    "past": [],
    "suggested": [],
    "entered": {"key": "k2", "hours": "8", "name": "停水", "announcement": "通知"},
    "errors": {
        "announcement": "至少写明何处、何事",
        "sound": "须为 8 kHz 单声道 WAV",
        "case": "没有这件诉求",
    },
}
_ONE_EVENT: Final[Mapping[str, Any]] = {
    "event": _ON,
    "ended": None,
    "totals": Totals(412, 87, 1),
    "hours": [Hour(_ago(2), 211, 40, 12, 159), Hour(_ago(1), 201, 47, 9, 145)],
    "members": [
        Member("13850120001", "hotline1-1.1", _ago(1.4), None, None),
        Member("059188880000", "hotline1-1.2", _ago(1.2), "1001", _ago(0.2)),
    ],
    "spans": HOURS,
}
_OVER: Final[Mapping[str, Any]] = {
    **_ONE_EVENT,
    "event": _PAST[0],
    "ended": _ago(297),
    "totals": Totals(0, 0, 0),
    "hours": [],
    "members": [],
}


def _restriction(number: int, grade: Grade, state: State, **more: Any) -> Restriction:
    usual: dict[str, Any] = {
        "number": f"1385014000{number}",
        "reason": Reason.ABUSE,
        "note": "一周内二十一次来电辱骂座席,经劝阻无效",
        "calls": ("hotline1-1795308607.0", "hotline1-1795308611.4"),
        "days": 7,
        "proposed_by": "1001",
        "proposed_at": _ago(50),
        "approved_by": None,
        "approved_at": None,
        "confirmed_by": None,
        "confirmed_at": None,
        "expires_at": None,
        "ended_by": None,
        "ended_at": None,
        "ended_why": "",
    }
    return Restriction(id=number, grade=grade, state=state, **(usual | more))


_SIGNED: Final[dict[str, Any]] = {
    "approved_by": "9001",
    "approved_at": _ago(48),
    "confirmed_by": "9002",
    "confirmed_at": _ago(47),
}
_IN_FORCE: Final = _restriction(1, Grade.BLOCK, State.IN_FORCE, expires_at=_ago(-100), **_SIGNED)
_RESTRICTIONS: Final = [
    _IN_FORCE,
    _restriction(2, Grade.SLOW, State.PROPOSED, reason=Reason.FLOOD),
    _restriction(3, Grade.NOTE, State.IN_FORCE, expires_at=_ago(2), **_SIGNED),
    _restriction(4, Grade.SLOW, State.LIFTED, ended_by="9001", ended_at=_ago(3), ended_why="本人已致歉"),
]
_WEIGHED: Final = Suggestion(
    points=12, grade=Grade.SLOW, reason=Reason.SILENT, silent=9, abusive=1, busiest=7
)
_NUISANCE: Final[Mapping[str, Any]] = {
    "restrictions": _RESTRICTIONS,
    "appealed": {1},
    "known": [Known("13850150001", True, "独居老人,重听"), Known("13850150002", False, "")],
    "weighed": None,
    "worth_a_look": [("13850149999", _WEIGHED)],
    "entered": {},
    "errors": {},
    "grades": [(grade, LONGEST_DAYS[grade]) for grade in Grade],
    "reasons": list(Reason),
}
_WRONG_PROPOSAL: Final[Mapping[str, Any]] = {
    **_NUISANCE,
    "restrictions": [],
    "appealed": set(),
    "known": [],
    "worth_a_look": [],
    "weighed": _WEIGHED,
    "entered": {"number": "110", "grade": "3", "reason": "abuse", "days": "400"},
    "errors": {"number": "紧急号码不能限制", "days": "最长 30 天", "note": "请写明理由"},
}
_APPEAL: Final = Appeal(1, 1, 1, "我没有骂人,是信号不好", "1002", _ago(3), None, "", None, None)
_ONE_RESTRICTION: Final[Mapping[str, Any]] = {
    "one": _IN_FORCE,
    "appeals": [_APPEAL],
    "names": {"1001": "李燕", "1002": "陈静", "9001": "周敏", "9002": "吴刚"},
    "holds": True,
    "may_sign": True,
    "may_judge": True,
    "had_a_hand": False,
    "error": "",
}
_TO_SIGN: Final[Mapping[str, Any]] = {
    **_ONE_RESTRICTION,
    "one": _RESTRICTIONS[1],
    "appeals": [],
    "holds": False,
    "error": "状态已变化，请刷新后再试",
}
_DAYS: Final = [TODAY - timedelta(days=n) for n in range(6, -1, -1)]
_NUMBERS: Final[Mapping[str, Any]] = {
    "lines": [
        OldHotline(dialled="12319", name="城建热线", statistics="12319", category="CG"),
        OldHotline(
            dialled="12320",
            name="卫生热线",
            mode=MergeMode.PARALLEL,
            sound="a1b2",
            skill="health",
            statistics="12320",
            parallel_until=date(2027, 3, 31),
        ),
        OldHotline(dialled="96310", name="老城管热线", statistics="12319", retired_on=date(2026, 10, 1)),
    ],
    "report": {
        key: {day: LineDay(key, day, 300 - n, 290 - n) for n, day in enumerate(_DAYS)}
        for key in ("12345", "12319")
    },
    "days": _DAYS,
    "range": (_DAYS[0], _DAYS[-1]),
    "today": TODAY,
    "entered": {},
    "errors": {},
    "modes": list(MergeMode),
    "categories": [SimpleNamespace(code="CG", name="城市管理"), SimpleNamespace(code="WS", name="卫生健康")],
}
_WRONG_LINE: Final[Mapping[str, Any]] = {
    **_NUMBERS,
    "lines": [],
    "report": {},
    "entered": {"dialled": "12319", "name": "", "mode": "parallel", "sound": "a1b2", "table": "12319;城建"},
    "errors": {"name": "必填", "parallel_until": "双号并行须有截止日期", "table": "第 1 行应有 10 列"},
}
_WAITS: Final[Mapping[str, Any]] = {
    "filters": SimpleNamespace(day="2026-11-21"),
    "before": "2026-11-20",
    "after": "2026-11-22",
    "whole": Honesty(61, 52, 47, 2, 3, -4.25, 9),
    "hours": [(9, Honesty(40, 35, 32, 1, 2, -6.0, 5)), (14, Honesty(21, 17, 15, 1, 1, None, 4))],
}
_SLOT: Final = Counts(offered=41, answered=38)
_SEAT: Final = SeatCounts(
    answered=61, missed=1, talk=9123.0, hold=312.0, ready=4100.0, wrap_up=1820.0, signed_on=17000.0
)


def _row(seat: str, name: str, group: str) -> dict[str, Any]:
    told = {"occupancy": "68.2%", "handling": "184.5", "adherence": "97.0%" if seat else "—"}
    return {"seat": seat, "name": name, "group": group, "counts": _SEAT, **told}


_FIGURES: Final[Mapping[str, Any]] = {
    "filters": {"day": "2026-11-21", "line": "", "group": ""},
    "before": "2026-11-20",
    "after": "2026-11-22",
    "lines": ["12345", "12319"],
    "groups": ["一组", "夜班"],
    "kept": True,
    "figures": [(each.code, *cell(each.code, _SLOT)) for each in DEFINITIONS],
    "columns": SHOWN,
    "outcomes": [("answered", 38), ("abandoned", 3)],
    "offered": 41,
    "rows": [
        {
            "begins": begins,
            "cells": [(code, *cell(code, _SLOT)) for code in SHOWN],
            "occupancy": "68.2%",
        }
        for begins in ("09:00", "09:15", "09:30")
    ],
    "seats": [_row("s1001", "李燕", "一组"), _row("s1002", "陈静", "夜班")],
    "total": _row("", "", ""),
    "ring_backs": SimpleNamespace(share=0.92, rung=23, missed=25, pending=1),
    "worst": Worst(0.871, _ago(20)),
    "may_export": True,
}
_NO_FIGURES: Final[Mapping[str, Any]] = {
    **_FIGURES,
    "after": "",
    "kept": False,
    "figures": [(each.code, *cell(each.code, Counts())) for each in DEFINITIONS],
    "rows": [],
    "seats": [],
    "worst": None,
    "ring_backs": SimpleNamespace(share=None, rung=0, missed=0, pending=0),
    "may_export": False,
}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/events": ("events.html", True, _EVENTS),
    "/events-wrong": ("events.html", True, _WRONG_EVENT),
    "/events/3": ("event.html", True, _ONE_EVENT),
    "/events/2": ("event.html", True, _OVER),
    "/nuisance": ("nuisance.html", True, _NUISANCE),
    "/nuisance-wrong": ("nuisance.html", True, _WRONG_PROPOSAL),
    "/nuisance/1": ("restriction.html", True, _ONE_RESTRICTION),
    "/nuisance/2": ("restriction.html", True, _TO_SIGN),
    "/numbers": ("numbers.html", True, _NUMBERS),
    "/numbers-wrong": ("numbers.html", True, _WRONG_LINE),
    "/figures": ("figures.html", True, _FIGURES),
    "/figures-none": ("figures.html", True, _NO_FIGURES),
    "/figures/waits": ("figures_waits.html", True, _WAITS),
    "/figures/waits-none": ("figures_waits.html", True, {**_WAITS, "hours": [], "after": None}),
}
