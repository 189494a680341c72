"""What the sample pages of units, people, matters and the directory show."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

from cases.policies import Intent, Urgency
from cases.workflow import Role
from console.staff_pages import ROLES
from storage.directory import DutyLine
from storage.directory import Found as Duties
from storage.matters import MatterLine, MatterVersion
from storage.organisation import KINDS, Found, UnitLine, Version
from storage.staff import Found as People
from storage.staff import Person
from storage.unit_rules import UnitRule
from storage.units import Category, Unit

SINCE: Final = datetime(2026, 3, 1, 1, tzinfo=UTC)
ENDED: Final = datetime(2026, 11, 2, 1, tzinfo=UTC)


def _unit(code: str, name: str, short: str, kind: str, **changes: Any) -> UnitLine:
    fields: dict[str, Any] = dict.fromkeys(UnitLine.__slots__, "") | {
        "id": code, "name": name, "short_name": short, "initials": code, "kind": kind, "level": 2, "parent": "rxzx",
        "parent_name": "热线中心", "in_ranking": True, "catch_all": False, "started_at": SINCE, "ended_at": None,
        "successor": None, "duty_phone": "059083000007",
    }  # fmt: skip
    return UnitLine(**fields | changes)


_WORKS: Final = _unit("szgc", "榕海市市政工程中心", "市政中心", "utility", keywords="市政 井盖 路灯")
_ROWS: Final = [
    _unit("rdq", "榕东区人民政府", "榕东区", "district", catch_all=True),
    _WORKS,
    _unit("tyj", "榕海市体育局", "体育局", "dept", ended_at=ENDED, successor="wlj"),
]
_UNITS: Final = [
    Unit("rxzx", "榕海市热线中心", "热线中心", 1, "centre", None),
    Unit("rdq", "榕东区", "榕东区", 2, "district", "rxzx"),
]
_ENTERED: Final = {
    "id": "szgc",
    "name": _WORKS.name,
    "short_name": "市政中心",
    "kind": "utility",
    "parent": "rxzx",
}
_VERSIONS: Final = [
    Version(ENDED, None, "榕海市市政工程中心", "市政中心", "rxzx", "moved", "admin"),
    Version(SINCE, ENDED, "榕海市市政管理处", "市政处", "zjj", "entered", "system"),
]
_LEAF: Final = MatterLine(
    "0105", "道路井盖", "01", 2, "", "井盖 窨井 盖板", "紧急", False, True, "A01", "", "城乡建设", "", None, 2
)  # fmt: skip
_BRANCH: Final = MatterLine("01", "城乡建设", None, 1, "", "", "一般", False, True, "", "", "", "", None, 0)
_SECRET: Final = MatterLine(
    "1604", "廉政线索", "16", 1, "", "举报", "一般", True, False, "", "", "纪检监察", "", ENDED, 0
)  # fmt: skip
_DUTY: Final = DutyLine(
    7, "0105", "道路井盖", None, None, "szgc", "市政中心", "三定方案", 1, "井盖", SINCE, None
)
_LOCAL: Final = DutyLine(8, "0603", "占道", "rdq", "榕东区", "rdcg", "榕东城管", "属地", 1, "", SINCE, ENDED)
_PEOPLE: Final = [
    Person("1001", "李燕", Role.AGENT, "rxzx", "热线中心", "s1001", SINCE, None, ENDED),
    Person("szgc", "市政承办人", Role.HANDLER, "szgc", "市政中心", None, SINCE, None, None),
    Person("old", "离职", Role.HANDLER, "szgc", "市政中心", None, SINCE, ENDED, None),
]
_LIST: Final = {"q": "", "kind": "", "below": "", "ended": "", "page": ""}
_NOTHING: Final[Mapping[str, Any]] = {"entered": {}, "errors": {}}
_MATTERS: Final = {"intents": list(Intent), "urgencies": list(Urgency), "tree": [_BRANCH, _LEAF, _SECRET]}
_STAFF: Final = {
    "filters": _LIST | {"role": "", "disabled": "", "edit": ""},
    "roles": ROLES,
    "units": _UNITS,
    "told": None,
}
_DIRECTORY: Final = {
    "filters": _LIST | {"area": "", "edit": ""},
    "areas": _UNITS[1:],
    "units": _UNITS,
    "categories": [Category("0105", "道路井盖", "01")],
}

PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/org/units": (
        "org_units.html",
        True,
        {"filters": _LIST, "found": Found(_ROWS, 1, 120), "kinds": KINDS, "units": _UNITS, **_NOTHING},
    ),
    "/org/units-none": (
        "org_units.html",
        True,
        {
            "filters": _LIST | {"q": "没有"}, "found": Found([], 1, 0), "kinds": KINDS, "units": _UNITS,
            "entered": {"id": "园林", "name": "园林局"}, "errors": {"id": "代码为小写字母"},
        },
    ),
    "/org/units/szgc": (
        "org_unit.html",
        True,
        {
            "unit": _WORKS, "versions": _VERSIONS, "below": _ROWS[:1], "rule": UnitRule(leader_approves=True),
            "leaders": [SimpleNamespace(login="szgc-leader", name="市政分管领导")], "units": _UNITS, "kinds": KINDS,
            "entered": _ENTERED, "errors": {"into": "两单位同办此件，请先办结"},
        },
    ),
    "/org/units/tyj": (
        "org_unit.html",
        True,
        {
            "unit": _ROWS[2], "versions": _VERSIONS, "below": [], "rule": UnitRule(), "leaders": [], "units": _UNITS,
            "kinds": KINDS, **_NOTHING,
        },
    ),
    "/org/matters": ("org_matters.html", True, {**_MATTERS, "editing": "", "versions": [], **_NOTHING}),
    "/org/matters-edit": (
        "org_matters.html",
        True,
        {
            **_MATTERS, "editing": "0105", "versions": [MatterVersion(2, SINCE, None, "道路井盖", {}, "admin")],
            "entered": {"code": "0105", "name": "道路井盖", "seen": "2"}, "errors": {"intents": "没有这种诉求类型"},
        },
    ),
    "/org/directory": (
        "org_directory.html",
        True,
        {**_DIRECTORY, "found": Duties([_DUTY, _LOCAL], 1, 130), **_NOTHING},
    ),
    "/org/directory-none": (
        "org_directory.html",
        True,
        {
            **_DIRECTORY, "found": Duties([], 1, 0), "entered": {"instead_of": "7", "table": "0105,,x,三定"},
            "errors": {"table": "第1行:没有这个单位", "basis": "请写明依据"},
        },
    ),
    "/org/people": ("org_people.html", True, {**_STAFF, "found": People(_PEOPLE, 1, 3), **_NOTHING}),
    "/org/people-told": (
        "org_people.html",
        True,
        {**_STAFF, "found": People([], 1, 0), "told": ("new1", "vQ3-x8ZkPw"), "entered": {"login": "新人"},
         "errors": {"login": "账号为2至32位小写字母"}},
    ),
}  # fmt: skip
