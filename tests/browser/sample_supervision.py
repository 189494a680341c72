"""What the sample pages of supervision show: two units that are late, a warning to be issued, an order, an in-box."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.ladder import Period, Step
from cases.policies import ClockKind
from cases.workflow import Role
from console.supervision_columns import FACTS, LISTED
from console.supervision_forms import DEEDS, NEW
from storage.appraisal import Tally, UnitLine
from storage.notices import Inbox, Told
from storage.registers import Found, Register
from storage.warnings import Item

NOW: Final = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
UNITS: Final = [
    SimpleNamespace(id="cgj", name="榕海市城市管理局"),
    SimpleNamespace(id="zjj", name="榕海市住房和城乡建设局"),
]
TITLE: Final = "鳌峰新村12号楼前路灯连续多日不亮"
NO: Final = "RH261122-00178-1"
_TABS: Final = {"names": {"cgj01": "郭强"}, "tabs": tuple(Register)}
_QUARTER: Final = Period("2026Q4", NOW - timedelta(days=50), NOW + timedelta(days=40))


def _clock(number: int, step: Step, hours: float, unit: str) -> dict[str, Any]:
    return {
        "id": number,
        "kind": ClockKind.REPLY,
        "step": step,
        "due_at": NOW + timedelta(hours=hours),
        "handler": "cgj02",
        "leader": None,
        "unit_name": unit,
        "case_no": NO,
        "case_title": TITLE,
    }


def _blank(register: Register) -> dict[str, Any]:
    return {name: None for name, _ in (*LISTED[register], *FACTS.get(register, ()))} | {"id": 1}


_ORDER: Final = _blank(Register.ORDERS) | {
    "no": "DB2026-0007",
    "unit_name": "城管局",
    "case_no": NO,
    "ground": "late",
    "at": NOW - timedelta(days=6),
    "due_at": NOW - timedelta(hours=3),
    "step": Step.RED,
    "text": "请于期限内修复并报结果,杜绝答复即办结。",
    "by": "9002",
    "leader": "分管副局长",
    "instruction": None,
}
_WARNING: Final = _blank(Register.WARNINGS) | {
    "period": "2026Q4",
    "unit_name": "城管局",
    "items": 3,
    "state": "draft",
    "drafted_at": NOW - timedelta(hours=2),
}
_FILTERS: Final = dict.fromkeys(("unit", "standing", "kind", "step", "case", "page"), "")


def _list(register: Register, rows: list[dict[str, Any]], **more: Any) -> Mapping[str, Any]:
    return {
        "register": register,
        "columns": LISTED[register],
        "has_page": register in FACTS,
        "found": Found(rows, len(rows), 1, 1),
        "filters": _FILTERS,
        "units": UNITS,
        "kinds": list(ClockKind),
        "steps": [step for step in Step if step],
        "form": NEW.get(register),
        "entered": {},
        "errors": {},
        "active": register,
        **_TABS,
        **more,
    }


def _line(register: Register, line: dict[str, Any], role: Role, **within: Any) -> Mapping[str, Any]:
    forms = {form.name: form for form in DEEDS.get(register, ()) if form.may(role)}
    return {
        "register": register,
        "line": line,
        "facts": FACTS[register],
        "within": within,
        "forms": list(forms.values()),
        "entered": {},
        "errors": {"text": "此项必填"},
        "active": register,
        **_TABS,
    }


_ITEMS: Final = [
    Item(n, NO, TITLE, ClockKind.READ if n == 1 else ClockKind.REPLY, NOW - timedelta(days=n), None, n != 3)
    for n in (1, 2, 3)
]
_REPORTS: Final = [{"by": "cgj01", "at": NOW - timedelta(days=1), "text": "已派工,计划明日完成。"}]


def _told(number: int, kind: str, *, read: bool = False, urgent: bool = False, **detail: Any) -> Told:
    by, at = ("cgj02", NOW) if read else (None, None)
    return Told(number, kind, "cgj", None, NO, TITLE, detail, urgent, NOW - timedelta(hours=number), by, at)


_BOX: Final = Inbox(
    [
        _told(1, "clock.red", urgent=True),
        _told(2, "supervision.ordered"),
        _told(3, "clock.yellow", read=True),
    ],
    3,
    1,
    1,
)
_TEXTS: Final = {
    1: "“答复”已超期，请责任领导过问",
    2: "收到督办件 DB2026-0007",
    3: "“答复”即将到期，请抓紧办理",
}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/supervision": (
        "supervision.html",
        True,
        {
            "units": [
                UnitLine("cgj", "城管局", "dept", 41, 12, 5, 3, 1, 2, 1, 0),
                UnitLine("tlj", "铁路局", "external", 4, 1, 0, 1, 0, 0, 0, 0),
            ],
            "tallies": [Tally(one, 2 if one is not Register.CLOCKS else None, 45) for one in Register],
            "period": _QUARTER,
            "active": "",
            **_TABS,
        },
    ),
    "/supervision/clocks": (
        "supervision_list.html",
        True,
        _list(
            Register.CLOCKS,
            [
                _clock(1, Step.RED, -3, "城管局"),
                _clock(2, Step.YELLOW, 5, "住建局"),
                _clock(3, Step.NONE, 90, "城管局"),
            ],
        ),
    ),
    "/supervision/orders": (
        "supervision_list.html",
        True,
        _list(
            Register.ORDERS,
            [_ORDER],
            errors={"days": "期限应为1–60个工作日 (working days)"},
            entered={"case": NO, "days": "99", "ground": "late", "unit": "cgj"},
        ),
    ),
    "/supervision/urges": ("supervision_list.html", True, _list(Register.URGES, [])),
    "/supervision/orders/1": (
        "supervision_line.html",
        True,
        _line(Register.ORDERS, _ORDER, Role.SUPERVISOR, reports=_REPORTS),
    ),
    "/supervision/warnings/1": (
        "supervision_line.html",
        True,
        _line(Register.WARNINGS, _WARNING, Role.SUPERVISOR, items=_ITEMS),
    ),
    "/supervision/accountability/1": (
        "supervision_line.html",
        True,
        _line(
            Register.ACCOUNTABILITY,
            _blank(Register.ACCOUNTABILITY)
            | {
                "no": "WZ2026-0003",
                "unit_name": "城管局",
                "ground": "late_handle",
                "decided_by": "市纪委",
                "dated": date(2026, 11, 20),
                "persons": 2,
            },
            Role.SUPERVISOR,
            persons=[
                {"name": "周某", "post": "养护科科长", "measure": "admonition"},
                {"name": "吴某", "post": "养护科副科长", "measure": "talk"},
            ],
        ),
    ),
    "/notices": (
        "notices.html",
        True,
        {
            "inbox": _BOX,
            "texts_of": _TEXTS,
            "shown": "",
            "held": NOW,
            "unread": 2,
            "names": {"cgj02": "方丽"},
        },
    ),
    "/notices-none": (
        "notices.html",
        True,
        {"inbox": Inbox([], 0, 1, 1), "texts_of": {}, "shown": "", "held": None, "names": {}},
    ),
}
