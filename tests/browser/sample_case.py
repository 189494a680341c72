"""What the sample page of one case shows beside the case: clocks, history, moves, registers, calls. All invented."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from storage.kiosk_reports import FiledAt

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)
NAMES: Final = {"5102": "郑强", "1001": "李燕"}


def _at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def _clock(kind: str, result: str, **when: float | None) -> SimpleNamespace:
    stopped, first = when.get("stopped"), when.get("first", when["due"])
    return SimpleNamespace(
        clock=SimpleNamespace(
            kind=kind,
            unit_name="鼓台区城管局",
            result=result,
            step="urged" if result == "running" else "",
            started_at=_at(-64),
            due_at=_at(when["due"] or 0),
            first_due_at=_at(first or 0),
            stopped_at=None if stopped is None else _at(stopped),
        ),
        days=[_at(24 * n).date() for n in (-3, -2, -1)],
    )


CLOCKS: Final = [
    _clock("reply", "running", due=-26, first=-50),
    _clock("callback", "running", due=5),
    _clock("read", "met", due=-40, stopped=-60),
]
TIMELINE: Final = [
    {"text": "登记", "actor": "李燕", "at": _at(-66), "told": []},
    {"text": "批转", "actor": "周宁", "at": _at(-64), "told": ["鼓台区城管局", "请当晚到场核查。"]},
    {"text": "查阅", "actor": "郑强", "at": _at(-60), "told": []},
    {"text": "提交答复", "actor": "郑强", "at": _at(-30), "told": ["部分解决"]},
    {"text": "审核退回", "actor": "何珊", "at": _at(-27), "told": ["要素缺失", "未写明整改时限。"]},
]


def _field(name: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "kind": kind, "required": True, "options": [], "groups": []} | more


def _pick(name: str, label: str, **more: Any) -> dict[str, Any]:
    offers = [
        SimpleNamespace(id="cg", text="市城管局", why="编办〔2019〕12号", first=True),
        SimpleNamespace(id="gl", text="鼓楼区", why="兜底", first=False),
    ]
    more = {"many": False, "below": False, "looked": False, "nothing": False, "offers": offers} | more
    return _field(name, label, "pick", **more)


MOVES: Final = [
    {
        "name": "dispatch",
        "text": "批转",
        "hint": "",
        "danger": False,
        "fields": [_pick("lead", "主办单位"), _pick("assist", "协办单位", many=True, required=False)],
    },
    {
        "name": "reply",
        "text": "答复",
        "hint": "公开答复经终审后才告知诉求人。",
        "danger": False,
        "fields": [
            _field("handled_text", "办理情况", "textarea"),
            _field("factual", "是否属实", "select", options=[("yes", "属实"), ("no", "不属实")]),
            _field("days", "天数", "number", required=False),
        ],
    },
    {
        "name": "ask_return",
        "text": "申请退件",
        "hint": "",
        "danger": True,
        "fields": [
            _field("basis", "依据", "text"),
            _pick("suggested_unit", "建议单位", required=False, looked=True, nothing=True),
        ],
    },
]
REQUEST: Final = SimpleNamespace(kind="request", by="5102", at=_at(-29), fields={})
READ: Final = [
    ("kind", "extension"),
    ("reason", "须等待夜间检测结果"),
    ("amount", 2),
    ("granted", False),
    ("decided_at", _at(-28)),
]
CASE_PAGE: Final[dict[str, Any]] = {
    "moves": MOVES,
    "timeline": TIMELINE,
    "clocks": CLOCKS,
    "who": lambda login: NAMES.get(login, login),
    "registers": [SimpleNamespace(name="requests", lines=[REQUEST])],
    "readable": lambda _: READ,
    "calls": [
        SimpleNamespace(id="hotline1-1795308607.0", offered_at=_at(-66), talk_seconds=149, seat="s1001")
    ],
    "filed_at": FiledAt("aofeng-1", "鳌峰社区一号", "tj001", "鳌峰街道第1网格", _at(-70), "481205"),
    "may_reveal": True,
    "centre": True,
    "entered": {"move": "reply"},
    "error": "没有提交：请检查标出的内容。",
    "errors": {"factual": "请选择"},
}
