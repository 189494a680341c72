"""What the sample worklists show. All of it is invented."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.policies import Intent, Urgency
from cases.workflow import State
from storage.cases import Registered
from storage.forms import CHANNELS
from storage.units import Category
from storage.worklists import Item, Pile, Queue, Worklist

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)


def _item(no: str, title: str, hours: float | None, **changes: Any) -> Item:
    fields: dict[str, Any] = {
        "no": no,
        "title": title,
        "state": State.HANDLING,
        "intent": "投诉",
        "urgency": "一般",
        "category_name": "路灯",
        "unit_name": "市政中心",
        "received_at": NOW - timedelta(days=2),
        "rework_no": 0,
        "paused_at": None,
        "due_at": None if hours is None else NOW + timedelta(hours=hours),
        "step": "",
    }
    return Item(**fields | changes)


ITEMS: Final = [
    _item(
        "RH261119-00031-7",
        "西湖路72号门前井盖破损",
        -20,
        urgency="紧急",
        category_name="道路井盖",
        step="urged",
    ),
    _item("RH261120-00178-1", "鳌峰新村12号楼前路灯连续多日不亮", 30, rework_no=1, step="yellow"),
    _item("RH261120-00180-9", "先锋路人行道地砖松动", 45, step="half"),
    _item("RH261122-00181-5", "滨江公园健身器材损坏", 200),
    _item("RH261121-00417-3", "塔头街积水,要求列入改造计划", None, paused_at=NOW - timedelta(hours=3)),
]
PILES: Final = [Pile(Queue.READ, 0, 0), Pile(Queue.HANDLE, 43, 1)]
_WANTED: Final = SimpleNamespace(
    name="unit",
    label="希望由谁办理",
    required=False,
    many=False,
    below=False,
    offers=[],
    looked=False,
    nothing=False,
)
_CHOICES: Final[Mapping[str, Any]] = {
    "advice": None,
    "wanted": _WANTED,
    "categories": [
        Category("01", "城乡建设", None),
        Category("0107", "路灯", "01"),
        Category("02", "交通环保", None),
        Category("0206", "噪声", "02"),
    ],
    "channels": CHANNELS,
    "intents": [intent.value for intent in Intent],
    "urgencies": [urgency.value for urgency in Urgency],
    "reply_ways": ("电话", "短信", "书面", "无需回复"),
    "entered": {},
    "errors": {},
    "similar": [],
    "filed": None,
    "key": "key",
}
PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/work": (
        "work.html",
        True,
        {"piles": PILES, "chosen": Queue.HANDLE, "list": Worklist(ITEMS, 1, 3, 43)},
    ),
    "/work-nothing": (
        "work.html",
        True,
        {"piles": PILES, "chosen": Queue.READ, "list": Worklist([], 1, 1, 0)},
    ),
    "/intake": ("intake.html", True, _CHOICES),
    "/intake-similar": (
        "intake.html",
        True,
        {
            **_CHOICES,
            "entered": {"title": "路灯不亮", "channel": "fax", "category": "0107"},
            "errors": {"content": "此项必填"},
            "similar": ITEMS[:2],
            "advice": SimpleNamespace(words=("漏电",), category="紧急"),
        },
    ),
    "/intake-filed": (
        "intake.html",
        True,
        {**_CHOICES, "filed": Registered("RH261122-00178-1", "261122001781", "480212", again=False)},
    ),
    "/work-no-piles": ("work.html", True, {"piles": [], "chosen": None, "list": None}),
}
