"""What the sample pages of indicators show. All of it is invented."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, Final

from cases.indicators import BY_CODE, RATES, STEPS, VOLUMES, Source
from cases.periods import month_of
from console.i18n import Catalogue, Language
from storage.indicators import Behind, Found
from storage.unit_scores import Adjustment
from tests.browser.sample_work import ITEMS

_TEXTS: Final = Catalogue().texts(Language.ZH)
_AT: Final = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def _row(code: str, **changes: Any) -> dict[str, Any]:
    definition = BY_CODE[code]
    fields: dict[str, Any] = {
        "code": code,
        "number": definition.number,
        "title": _TEXTS[f"indicator.{code}.title"],
        "value": 0.9842,
        "text": "98.42%",
        "part": "9842",
        "whole": "10000",
        "excluded": 12,
        "pending": 0,
        "cohort": _TEXTS[f"indicator.cohort.{definition.cohort}"],
        "version": definition.version,
        "opens": definition.source is Source.CASES,
        "corrected": "",
    }
    return fields | changes


_FRAME: Final[dict[str, Any]] = {
    "asked": {
        "span": "month", "day": "2026-10-01", "until": "", "unit": "", "intent": "", "party": "", "urgency": "",
        "channel": "", "class": "", "page": "",
    },
    "period": month_of(date(2026, 10, 1)),
    "query": "span=month&day=2026-10-01",
    "before": "span=month&day=2026-09-01",
    "after": "span=month&day=2026-11-01",
    "frozen": "2026-11-01 03:01",
    "recounted": "2026-11-20 03:00",
    "selected": False,
    "own": "",
    "choices": {
        "unit": [("szgc", "市政中心"), ("cgj", "城管局")],
        "intent": [("投诉", "投诉"), ("咨询", "咨询")],
        "party": [("person", "个人"), ("enterprise", "企业")],
        "urgency": [("一般", "一般"), ("紧急", "紧急")],
        "channel": [("phone", "电话"), ("web", "网站")],
    },
}  # fmt: skip
_CORRECTED: Final = "更正 77.10%(7710/10000,2026-11-20 03:00 统计)"
_UNITS: Final = [
    {
        "title": "公用企业 · 2级",
        "rows": [
            _row("read", key="szgc", name="市政中心"),
            _row(
                "read",
                key="swjt",
                name="水务集团",
                text="样本不足",
                part="4",
                whole="6",
                corrected=_CORRECTED,
            ),
        ],
    }
]
_HISTORY: Final = [
    {"period": f"2026-{month:02}", "value": 0.98, "text": "98.00%", "part": "980", "whole": "1000", "version": 1}
    | {"corrected": ""}
    for month in (10, 9, 8)
]  # fmt: skip
_MARKS: Final = ((0.0, 1.0, False, False), (1.0, 1.0, False, False), (0.0, 0.0, True, False))


def _brief(number: int) -> Any:
    item = ITEMS[number]
    names = ("no", "title", "state", "unit_name", "received_at")
    return SimpleNamespace(**{name: getattr(item, name) for name in names}, state_text=item.state.text)


_BEHIND: Final = [Behind(_brief(number), *_MARKS[number]) for number in range(3)]
_SCORE: Final = {
    "unit": "szgc",
    "name": "市政中心",
    "place": 1,
    "score": 94.12,
    "text": "94.12",
    "adjustment": "-2",
    "parts": [
        {"code": "contact", "text": "—", "counts": ""},
        {"code": "solved", "text": "95.24%", "counts": "20/21"},
    ],
}
_SHEET: Final[dict[str, Any]] = {
    "groups": [
        {
            "title": "公用企业 · 2级",
            "rows": [
                _SCORE,
                _SCORE
                | {"unit": "swjt", "name": "水务集团", "place": None, "score": None, "text": "样本不足"},
            ],
        }
    ],
    "scheme": [("contact", "响应率", "10"), ("solved", "解决率(部分解决计一半)", "40")],
    "scorable": [
        ("contact", "响应率", 10.0),
        ("solved", "解决率(部分解决计一半)", 40.0),
        ("read", "按时查阅率", None),
    ],
    "least": 10,
    "given": [
        Adjustment(1, "szgc", "市政中心", _AT, -2.0, "通报批评一次", "xn01", _AT, None),
        Adjustment(2, "szgc", "市政中心", _AT, 1.0, "误记", "xn01", _AT, _AT),
    ],
    "may_appraise": True,
    "errors": {},
    "entered": {},
}

PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/indicators": (
        "indicators.html",
        True,
        _FRAME
        | {
            "groups": {
                "volumes": [_row(each.code, text="58", part="58", whole="", value=58.0) for each in VOLUMES],
                "rates": [_row(each.code, corrected=_CORRECTED if each.code == "published" else "") for each in RATES],
                "steps": [_row(each.code, text="—", part="0", whole="0", value=None) for each in STEPS],
            }
        },
    ),
    "/indicator": (
        "indicator.html",
        True,
        _FRAME
        | {
            "row": _row("read", corrected=_CORRECTED),
            "units": _UNITS,
            "splits": [("intent", [_row("read", key="投诉", name="投诉")]), ("party", [])],
            "history": _HISTORY,
            "least": 10,
        },
    ),
    "/indicator-bare": (
        "indicator.html",
        True,
        _FRAME
        | {"frozen": "", "recounted": "", "own": "市政中心", "row": _row("answer_rate"), "least": 10}
        | {"units": [], "splits": [], "history": []},
    ),
    "/indicator-cases": (
        "indicator_cases.html",
        True,
        _FRAME | {"row": _row("read"), "found": Found(_BEHIND, 43, 2), "to_page": lambda number: f"?page={number}"},
    ),
    "/indicator-no-cases": (
        "indicator_cases.html",
        True,
        _FRAME
        | {"selected": True, "row": _row("read"), "found": Found([], 0, 1)}
        | {"to_page": lambda number: f"?page={number}"},
    ),
    "/appraisal": ("appraisal.html", True, _FRAME | _SHEET),
    "/appraisal-refused": (
        "appraisal.html",
        True,
        _FRAME | _SHEET | {"groups": [], "given": [], "errors": {"points": "请填数字"}, "entered": {"points": "many"}},
    ),
}  # fmt: skip
