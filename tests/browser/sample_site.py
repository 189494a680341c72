"""What the sample pages of the public site and of kiosks show. All of it is invented."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.workflow import State
from storage.callbacks import COMPLAINTS, SATISFACTION, SOLVED
from storage.guide import Class, Column
from storage.kiosk_links import Link
from storage.kiosks import Kiosk, Listed
from storage.knowledge_public import PublicArticle, PublicBranch, PublicLeaf
from storage.public_site import Found, Published, Shown
from storage.public_trail import Sent, Trail
from storage.public_week import Week

FRAMING: Final = "/kiosk/link"
"""The page that frames another's: here one that needs no network."""
NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)


def _at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


SENT: Final = (
    Sent("市城管局", True, _at(-50), _at(-48)),
    Sent("台江区住建局", False, _at(-50), None),
)
_STEPS: Final = [
    {"name": name, "state": "done", "at": _at(-60 + 9 * place)}
    for place, name in enumerate(("受理", "批转", "查阅", "办理", "答复", "回访"))
]
_ROWS: Final = [
    Shown("RH261122-00178-1", "鳌峰新村路灯连续多日不亮", "路灯", "市城管局", State.CLOSED, _at(-3), 1_204),
    Shown(
        "RH261121-00417-3",
        "塔头街与先锋路口井盖松动,车辆经过有异响,夜间影响附近居民休息",
        "道路井盖",
        None,
        State.FEEDBACK,
        _at(-9),
        0,
    ),
]
_ONE: Final = Published(
    "RH261122-00178-1",
    "鳌峰新村路灯连续多日不亮",
    "12号楼前路灯连续多日不亮,老人晚上出行不便。",
    "某女士您好,照明管理处已更换电缆并恢复照明。",
    "路灯",
    State.CLOSED,
    _at(-3),
    1_204,
    Trail({}, SENT),
)
_WEEK: Final = Week(
    date(2026, 11, 9),
    date(2026, 11, 15),
    12_430,
    0.985,
    0.927,
    None,
    (("0107", "路灯", 412), ("0202", "施工噪音", 388), ("0203", "公交", 121)),
)
_ARTICLE: Final = PublicArticle(
    7,
    "路灯不亮怎么报修",
    "请拨打12345,说明路段和灯杆编号。\n市政路灯24小时内维修,小区路灯由物业负责。",
    "0107",
    "路灯",
    "榕海市城市管理局",
    ("《榕海市城市照明管理办法》第十二条",),
    date(2027, 6, 30),
    _at(-900),
)
_TREE: Final = [
    PublicBranch("01", "城乡建设", (PublicLeaf("0107", "路灯", 3), PublicLeaf("0105", "道路井盖", 1))),
    PublicBranch("03", "民政社保", (PublicLeaf("0301", "最低生活保障", 2),)),
]
_KIOSK: Final = {
    "frame": "_kiosk_base.html",
    "prefix": "/kiosk",
    "kiosk": Kiosk("aofeng-1", "鳌峰社区一号", "台江区鳌峰社区服务站"),
}
_LINKS: Final = [
    Link(1, None, "payment", "水费", "Water bill", "https://pay.example.cn/water", "0501"),
    Link(2, "aofeng-1", "partner", "市一医院挂号", "First Hospital", "https://h1.example.cn/", None),
]
_GROUPS: Final = [("payment", _LINKS[:1]), ("partner", _LINKS[1:])]
_COLUMNS: Final = [
    Column(
        1,
        "生活缴费",
        "Utilities",
        (Class(1, "供水", "Water", "0501", ""), Class(2, "路灯井盖", "Lamps", None, "路灯 井盖")),
    ),
    Column(2, "教育劳动", "教育劳动", ()),
]
_BRANCHES: Final = [
    ("城乡建设", [SimpleNamespace(code="0105", name="道路井盖"), SimpleNamespace(code="0107", name="路灯")]),
    ("公用事业", [SimpleNamespace(code="0501", name="供水")]),
]
_MAY: Final = dict.fromkeys(("may_urge", "may_add", "may_judge", "may_withdraw"), True)


def status(**changes: Any) -> dict[str, Any]:
    """What status.html is given."""
    choices = {"solved": SOLVED, "satisfied": SATISFACTION, "reasons": COMPLAINTS}
    nothing: dict[str, Any] = {
        "digits": "",
        "error": None,
        "status": None,
        "steps": [],
        "sent": (),
        "ticket": "",
        "done": "",
    }
    return nothing | {"choices": choices, "entered": {}, "errors": {}, "week": None, "newest": []} | changes


_MINE: Final = SimpleNamespace(
    digits="261122001781",
    title="鳌峰新村12号楼前路灯连续多日不亮",
    category="路灯",
    unit_name="市城管局",
    filed_at=_at(-60),
    reply_by=_at(60),
    state="feedback",
    public_reply="经查,该路段4盏路灯因电缆老化短路熄灭,现已恢复照明。",
    **_MAY,
)
_ACTS: Final = {"status": _MINE, "steps": _STEPS, "sent": SENT, "ticket": "invented"}
_WRONG: Final = {
    "errors": {"solved": "请选择是否解决", "satisfied": "请选择是否满意"},
    "entered": {"step": "judge", "comment": "还是不亮"},
}
_REPORT: Final[dict[str, Any]] = {
    **_KIOSK, "matter": None, "filed": None, "key": "k", "entered": {}, "errors": {}, "link": "",
    "matters": [SimpleNamespace(code="01", name="城乡建设"), SimpleNamespace(code="02", name="交通环保")],
}  # fmt: skip
_GUIDE: Final[dict[str, Any]] = {"articles": [], "q": "", "matter": "", "tree": _TREE}
_LIST: Final[dict[str, Any]] = {
    "found": Found(_ROWS, 45, 2),
    "q": "路灯",
    "matter": "01",
    "matters": [("01", "城乡建设"), ("02", "交通环保")],
}

PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/status-home": ("status.html", False, status(week=_WEEK, newest=_ROWS)),
    "/status-acts": ("status.html", False, status(**_ACTS, done="added")),
    "/status-again": ("status.html", False, status(**_ACTS, **_WRONG)),
    "/published": ("published.html", False, _LIST),
    "/published/one": ("published_one.html", False, {"one": _ONE, "steps": _STEPS}),
    "/kiosk/guide": ("guide.html", False, _GUIDE | _KIOSK),
    "/guide": ("guide.html", False, _GUIDE | {"q": "路灯", "articles": [_ARTICLE]}),
    "/guide/one": ("guide_one.html", False, {"one": _ARTICLE}),
    "/kiosk": ("kiosk.html", False, _KIOSK | {"links": _LINKS}),
    "/kiosk/guide-arranged": ("guide.html", False, _GUIDE | _KIOSK | {"columns": _COLUMNS, "kind": None}),
    "/kiosk/guide-class": (
        "guide.html",
        False,
        _GUIDE | _KIOSK | {"columns": _COLUMNS, "kind": _COLUMNS[0].classes[0], "articles": [_ARTICLE]},
    ),
    "/kiosk/offline": (
        "kiosk_offline.html",
        False,
        _KIOSK | {"branches": _BRANCHES, "entered": {}, "errors": {}},
    ),
    "/kiosk/links": ("kiosk_links.html", False, _KIOSK | {"groups": _GROUPS}),
    "/kiosk/links-none": ("kiosk_links.html", False, _KIOSK | {"groups": [("payment", [])]}),
    FRAMING: ("kiosk_link.html", False, _KIOSK | {"link": replace(_LINKS[0], address="data:text/html,x")}),
    "/kiosk/report-failed": (
        "kiosk_report.html",
        False,
        _REPORT
        | {"matters": [], "matter": SimpleNamespace(code="0501", name="供水"), "link": "1"}
        | {"entered": {"words": "在鳌峰社区一号(终端编号 aofeng-1)办理“水费”缴费未成功。"}},
    ),
    "/kiosks/links": (
        "links.html",
        True,
        {
            "rows": _LINKS,
            "kiosks": [("aofeng-1", "鳌峰社区一号")],
            "categories": [("0501", "供水")],
            "slots": ["payment", "partner"],
            "entered": {"slot": "payment", "address": "http://x"},
            "errors": {"address": "应为 https:// 开头的网址"},
        },
    ),
    "/knowledge/guide": (
        "guide_edit.html",
        True,
        {
            "columns": _COLUMNS,
            "held": {1: 2, 2: 0},
            "categories": [("0501", "供水")],
            "writes": True,
            "error": "",
            "entered": {"step": "class"},
            "errors": {"category": "请选择事项或填写检索词"},
        },
    ),
    "/kiosk-enrol": ("kiosk_enrol.html", False, {"error": True, "refused": False}),
    "/kiosk/status": ("status.html", False, status() | _KIOSK),
    "/kiosk/status-acts": ("status.html", False, status(**_ACTS) | _KIOSK),
    "/kiosk/report": ("kiosk_report.html", False, _REPORT),
    "/kiosk/report-form": (
        "kiosk_report.html",
        False,
        _REPORT | {"matters": [], "matter": SimpleNamespace(code="0107", name="路灯")},
    ),
    "/kiosk/report-filed": (
        "kiosk_report.html",
        False,
        _REPORT | {"filed": SimpleNamespace(digits="261122001781", code="482915")},
    ),
    "/kiosk/call": ("call.html", False, {"boot": {"number": "12345"}, "open": True} | _KIOSK),
    "/kiosks": (
        "kiosks.html",
        True,
        {
            "rows": [
                Listed(
                    "k-1", "鳌峰社区一号", "台江区鳌峰社区", _at(-900), None, _at(-5), 41, 3, "rd001", 4, 1
                ),
                Listed("k-2", "东门社区一号", "榕东区东门社区", _at(-900), None, _at(0), 12, 0),
                Listed("k-3", "老站", "榕东区", _at(-9_000), _at(-60), None, 0, 0),
            ],
            "counts": Counter(alive=1, silent=1, locked=1, kept=4),
            "token": "kx3J9-invented-token",
            "entered": {"kiosk": "k-1"},
            "errors": {"id": "编号已存在"},
        },
    ),
}
