"""What the desk is answered when it asks beside its form. All of it is invented."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final


def _ago(hours: float) -> int:
    return int((datetime.now(UTC) - timedelta(hours=hours)).timestamp() * 1000)


def _alike(no: str, title: str, state_text: str, *, hours: float, place: str, why: str) -> dict[str, Any]:
    row = {
        "no": no,
        "title": title,
        "at": _ago(hours),
        "state_text": state_text,
        "open": state_text == "办理中",
    }
    return row | {"place": place, "why": why}


SUGGESTED: Final[dict[str, Any]] = {
    "asked": "r1:0107.1101.0502:cgzm.af",
    "categories": [
        {"code": "0107", "name": "路灯", "path": "城乡建设 / 路灯", "share": 0.93, "why": "词语“路灯”“不亮”"},
        {"code": "1101", "name": "物业", "path": "物业房产 / 物业", "share": 0.05, "why": "词语“新村”"},
        {"code": "1102", "name": "电梯", "path": "物业房产 / 电梯", "share": 0.02, "why": "相近的诉求 3 件"},
    ],
    "units": [
        {"id": "cgzm", "name": "市城管局照明管理处", "why": "派单目录 · 近一年同类 412 件"},
        {"id": "af", "name": "鳌峰街道办事处", "why": "属地"},
    ],
    "similar": [
        _alike("RH261119-00417-3", "鳌峰新村路灯不亮", "办理中", hours=66, place="鳌峰街道", why="同一小区 · 用词 81% 相同"),
        _alike("RH261118-00102-9", "鳌峰新村东门路灯损坏", "已办结", hours=96, place="鳌峰街道", why="同一小区"),
        _alike("RH261101-00733-4", "五一北路路灯昏暗", "已办结", hours=510, place="五一北路", why="用词 44% 相同"),
    ],
}  # fmt: skip
ARTICLES: Final[list[dict[str, Any]]] = [
    {
        "id": 11,
        "title": "路灯报修由谁负责",
        "answer": "市政道路由城管局照明处负责,24 小时内到场;小区内部由物业负责,物业不履行的由街道督促。",
        "citizen_answer": "市政道路的路灯由城管局照明管理处负责,一般 24 小时内到场;小区里面的由物业负责。",
        "unit": "市城管局照明管理处",
        "valid_until": "2027-06-30",
        "stale": False,
        "why": "类别相同",
    },
    {
        "id": 12,
        "title": "小区路灯与市政路灯怎样区分",
        "answer": "看灯杆编号:FZ 开头为市政;无编号或物业标识为小区自管,由物业或业委会维修。",
        "citizen_answer": "",
        "unit": "市城管局照明管理处",
        "valid_until": None,
        "stale": True,
        "why": "词语“路灯”",
    },
    {
        "id": 13,
        "title": "答复口径:照明维修时限",
        "answer": "一般故障 24 小时,电缆故障 72 小时,需要断电施工的另行公告。",
        "citizen_answer": "一般故障 24 小时内修复,电缆故障 72 小时内修复。",
        "unit": "市城管局",
        "valid_until": "2026-12-31",
        "stale": False,
        "why": "词语“照明”",
    },
]
PLACES: Final = [
    ["tj", None, "台江区", "tjq", 2],
    ["cs", None, "仓山区", "csq", 2],
    ["afjd", "tj", "鳌峰街道", "afjd", 3],
    ["cxjd", "tj", "茶亭街道", "ctjd", 3],
    ["afsq", "afjd", "鳌峰社区", "afsq", 4],
    ["af01", "afjd", "鳌峰街道第1网格", "", 5, "光明港路"],
    ["af03", "afjd", "鳌峰街道第3网格", "", 5, "鳌峰新村", "鳌江路"],
    ["jsjd", "cs", "金山街道", "jsjd", 3],
    ["js02", "jsjd", "金山街道第2网格", "", 5, "金榕南路"],
]
MINE: Final[dict[str, Any]] = {
    "figures": {
        "calls": 38,
        "talk_ms": 214_000,
        "hold_ms": 9_000,
        "wrap_up_ms": 41_000,
        "outcomes": {"case": 21, "answered": 11, "urged": 4, "silent": 2},
    },
    "calls": [
        {"id": f"hotline1-179530{n}.0", "at": _ago(n / 3), "outcome_text": text, "case": no, "seconds": 61 * n}
        for n, text, no in (
            (1, "已登记", "RH261122-00177-4"),
            (2, "当场答复", "RH261122-00163-0"),
            (3, "催办", "RH261119-00417-3"),
            (4, "误拨", ""),
        )
    ],
    "cases": [
        {
            "no": no,
            "title": title,
            "state": "handling",
            "state_text": text,
            "unit": unit,
            "received_at": _ago(hours),
            "due_at": _ago(-due),
            "overdue": False,
        }
        for no, title, text, unit, hours, due in (
            ("RH261122-00177-4", "塔头街井盖松动", "待查阅", "市政工程中心", 0.4, 30),
            ("RH261122-00163-0", "二次供水水压不足", "办理中", "市自来水公司", 1.2, 9),
            ("RH261121-00904-8", "幼儿园门口占道停车", "办理中", "交警支队", 20, 70),
        )
    ],
    "drafts": [],
}  # fmt: skip
ANSWERS: Final[dict[str, tuple[int, Any]]] = {
    "/api/suggest": (200, SUGGESTED),
    "/api/knowledge": (200, {"articles": ARTICLES}),
    "/api/places": (200, {"city": "榕海市", "places": PLACES}),
    "/api/mine": (200, MINE),
    "/api/find": (
        200,
        {
            "cases": MINE["cases"][:2],
            "units": [{"id": "cgzm", "name": "市城管局照明管理处", "short": "照明处"}],
        },
    ),
}
