"""What the sample pages show: one city, one agent, a few cases. All of it is invented."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.workflow import Secrecy
from console.case_registers import readable
from console.desk_keys import DEFAULTS
from tests.browser import (
    sample_case,
    sample_desk,
    sample_indicators,
    sample_knowledge,
    sample_line,
    sample_look,
    sample_numbers,
    sample_org,
    sample_quality,
    sample_rules,
    sample_security,
    sample_shifts,
    sample_site,
    sample_spot,
    sample_suggestions,
    sample_supervision,
    sample_voice,
    sample_watch,
    sample_work,
)

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)
CALL: Final = "hotline1-1795308607.0"
HOUR: Final = 3600


def _at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def _row(no: str, title: str, state: tuple[str, str], unit: str, **when: float | None) -> SimpleNamespace:
    due = when.get("due")
    due_at = None if due is None else _at(due)
    return SimpleNamespace(
        no=no,
        digits=no.removeprefix("RH").replace("-", ""),
        title=title,
        state=state[0],
        state_text=state[1],
        unit_name=unit,
        received_at=_at(when["received"] or 0),
        due_at=due_at,
        overdue=lambda at: due_at is not None and at > due_at,
    )


HANDLING: Final = ("handling", "办理中")
ROWS: Final = [
    _row(
        "RH261122-00178-1",
        "鳌峰新村12号楼前路灯连续多日不亮",
        ("dispatched", "待查阅"),
        "市城管局",
        received=-2,
        due=120,
    ),
    _row(
        "RH261121-00417-3",
        "塔头街与先锋路口井盖松动,车辆经过有异响",
        HANDLING,
        "鼓台区住建局",
        received=-26,
        due=20,
    ),
    _row(
        "RH261119-00391-6",
        "工地夜间连续施工,影响周边居民休息",
        HANDLING,
        "鼓台区城管局",
        received=-66,
        due=-26,
    ),
    _row("RH261118-00205-8", "小区二次供水水箱多久清洗一次", ("answered", "电话即答"), "", received=-90),
    _row("RH261117-00112-4", "建议在滨江公园增设直饮水点", ("closed", "已办结"), "市园林中心", received=-118),
    _row(
        "RH261116-00563-9",
        "公司拖欠三个月工资,涉及工人二十余名",
        ("replied", "待审核"),
        "市人社局",
        received=-140,
        due=6,
    ),
]

STATUS: Final = SimpleNamespace(
    digits="261122001781",
    title="鳌峰新村12号楼前路灯连续多日不亮",
    category="城乡建设 / 路灯",
    unit_name="市城管局",
    filed_at=_at(-60),
    reply_by=_at(60),
    state="handling",
    may_urge=True,
    may_add=True,
    may_judge=False,
    may_withdraw=True,
    public_reply="经查,该路段4盏路灯因电缆老化短路熄灭。照明管理处已于11月22日更换电缆并恢复照明,感谢您的反映。",
)
STEPS: Final = [
    {"name": name, "state": state, "at": at}
    for name, state, at in (
        ("受理", "done", _at(-60)),
        ("批转", "done", None),
        ("查阅", "done", None),
        ("办理", "now", None),
        ("答复", "todo", None),
        ("回访", "todo", None),
    )
]
NO_FILTERS: Final = dict.fromkeys(("q", "state", "intent", "unit", "since", "until", "overdue", "page"), "")
CHOICES: Final = {
    "states": [
        ("registered", "已登记"),
        ("dispatched", "待查阅"),
        ("handling", "办理中"),
        ("closed", "已办结"),
    ],
    "intents": ["咨询", "求助", "投诉", "举报", "建议", "表扬", "其他"],
    "units": [SimpleNamespace(id="cg", name="市城管局"), SimpleNamespace(id="rs", name="市人社局")],
}
SESSIONS: Final = [
    {"id": "a", "address": "10.20.3.17", "opened_at": _at(-5), "seen_at": NOW, "current": True},
    {"id": "b", "address": "10.20.3.44", "opened_at": _at(-30), "seen_at": _at(-22), "current": False},
]
BOOT: Final = {
    "login": "1001",
    "name": "李燕",
    "seat": "s1001",
    "role": "agent",
    "actions": list(DEFAULTS),
    "keys": dict(DEFAULTS),
    "usual_keys": dict(DEFAULTS),
    "looks": {},
}

CASE: Final = SimpleNamespace(
    channel="letter",
    origin="grid",
    party="enterprise",
    hard=True,
    excluded="malicious",
    long_term_at=_at(-12),
    links=[
        SimpleNamespace(kind="recurrence_of", no="RH261001-00012-3"),
        SimpleNamespace(kind="part", no="RH261121-00044-0"),
    ],
    members=["RH261120-00101-7"],
    **{
        name: getattr(ROWS[2], name)
        for name in ("no", "digits", "title", "state_text", "received_at", "overdue", "due_at")
    },
    state="handling",
    version=5,
    intent="投诉",
    category_name="噪声",
    urgency="紧急",
    content="来电人反映:鼓台区工业路在建地块每天施工至凌晨一点,已持续一周,老人孩子无法休息,要求夜间停止施工并回复。",
    address="鼓台区工业路与二环路口西北角",
    reply_way="电话",
    confidential=Secrecy.NONE,
    contact_name="林女士",
    contact_number="13850123456",
    closed_at=None,
    rework_no=1,
    master_no=None,
    public_reply=None,
    replies=[
        SimpleNamespace(
            by="5102",
            at=_at(-30),
            fields={
                "version": 1,
                "handled_text": "已到现场制止,责令整改。",
                "public_text": "已责令施工单位夜间停工。",
            },
        ),
    ],
    assignments=[
        SimpleNamespace(
            unit_name="鼓台区城管局",
            part="lead",
            stage="handling",
            sent_at=_at(-64),
            read_at=_at(-60),
            instruction="请当晚到场核查,并告知来电人。",
        ),
    ],
)


def _found(rows: list[SimpleNamespace], *, pages: int = 1, too_many: bool = False) -> SimpleNamespace:
    return SimpleNamespace(
        rows=rows, total=len(rows) if pages == 1 else 632, page=1, pages=pages, too_many=too_many
    )


def _status(**changes: Any) -> dict[str, Any]:
    return sample_site.status(**changes)


PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/": ("status.html", False, _status()),
    "/status-found": (
        "status.html",
        False,
        _status(digits=STATUS.digits, status=STATUS, steps=STEPS, ticket="invented"),
    ),
    "/status-wrong": ("status.html", False, _status(error="not_found")),
    "/call": ("call.html", False, {"boot": {"number": "12345"}, "open": True}),
    "/login": ("login.html", False, {"error": None, "login": "", "next": "", "wait": 0}),
    "/login-wrong": (
        "login.html",
        False,
        {"error": "账号或密码不正确", "login": "1001", "next": "/desk", "wait": 0},
    ),
    **sample_indicators.PAGES,
    **sample_knowledge.PAGES,
    **sample_line.PAGES,
    **sample_look.PAGES,
    **sample_numbers.PAGES,
    **sample_org.PAGES,
    **sample_quality.PAGES,
    **sample_rules.PAGES,
    **sample_security.PAGES,
    **sample_shifts.PAGES,
    **sample_site.PAGES,
    **sample_spot.PAGES,
    **sample_work.PAGES,
    **sample_suggestions.PAGES,
    **sample_supervision.PAGES,
    **sample_voice.PAGES,
    **sample_watch.PAGES,
    "/desk": ("desk.html", True, {"boot": BOOT}),
    "/wall": ("wall.html", True, {"boot": {"supervise": True}}),
    "/cases": ("cases.html", True, {"filters": NO_FILTERS, "found": _found(ROWS, pages=32), **CHOICES}),
    "/cases-none": (
        "cases.html",
        True,
        {"filters": NO_FILTERS | {"q": "直升机"}, "found": _found([]), **CHOICES},
    ),
    "/cases-many": (
        "cases.html",
        True,
        {"filters": NO_FILTERS, "found": _found(ROWS, pages=32, too_many=True), **CHOICES},
    ),
    "/case": ("case.html", True, {"case": CASE, **sample_case.CASE_PAGE}),
    "/case-spoken": (
        "case.html",
        True,
        {
            "case": CASE,
            **sample_case.CASE_PAGE,
            "registers": [SimpleNamespace(name="supplements", lines=sample_voice.SPOKEN)],
            "readable": readable,
            "who": lambda login: {"citizen": "诉求人"}.get(login, login),
        },
    ),
    "/case-unread": (
        "case.html",
        True,
        {
            "case": SimpleNamespace(**vars(CASE) | {"content": "", "replies": [], "assignments": []}),
            **dict.fromkeys(("moves", "timeline", "clocks", "calls"), ()),
            "who": str,
            "filed_at": None,
            "may_reveal": False,
            "centre": False,
            "entered": {},
            "error": None,
            "errors": {},
        },
    ),
    "/account": ("account.html", True, {"sessions": SESSIONS}),
    "/error": (
        "error.html",
        False,
        {
            "status": 404,
            "title": "没有找到",
            "why": "没有这个页面或诉求件，请核对编号或网址。",
            "next": "返回",
            "next_url": "/",
        },
    ),
}

UNITS: Final = [
    ("cg", "市城管局", "城管局"),
    ("cgzm", "市城管局照明管理处", "照明处"),
    ("af", "鳌峰街道办事处", "鳌峰街道"),
    ("rs", "市人社局", "人社局"),
]
ANSWERS: Final[Mapping[str, tuple[int, Any]]] = {
    "/api/directory": (
        200,
        {
            "categories": [
                {"code": "01", "name": "城乡建设", "parent": None},
                {"code": "0107", "name": "路灯", "parent": "01"},
                {"code": "0105", "name": "道路井盖", "parent": "01"},
                {"code": "11", "name": "物业房产", "parent": None},
                {"code": "1101", "name": "物业", "parent": "11"},
                {"code": "1102", "name": "电梯", "parent": "11"},
            ],
            "units": [
                {"id": id_, "name": name, "short": short, "parent": None} for id_, name, short in UNITS
            ],
        },
    ),
    **sample_desk.ANSWERS,
    "/api/due": (200, {"read_by": 1795535999000, "reply_by": 1796054399000, "text": "5个工作日"}),
    "/api/cases": (
        200,
        {
            "no": "RH261122-00178-1",
            "digits": "261122001781",
            "code": "482915",
            "due_at": 1796054399000,
            "state_text": "待查阅",
        },
    ),
}
