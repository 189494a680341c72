"""What the sample pages of the knowledge base show: articles in every state, gaps, figures, empty lists."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from console.knowledge_sheets import COLUMNS
from storage.knowledge import LONGEST
from storage.knowledge_figures import UnitDebt, UsedOften
from storage.knowledge_lists import PILES, Listed, Version
from storage.knowledge_search import Hit
from storage.knowledge_use import Gap, Gaps, GapState
from storage.units import Category, Unit

_AT: Final = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_TODAY: Final = date(2026, 11, 22)
_LIVE: Final = Version(
    article=12,
    version=3,
    category="1305",
    category_name="公积金",
    owner="gjj",
    unit_name="公积金中心",
    title="租房提取住房公积金",
    questions="租房子公积金怎么取\n没有买房能提公积金付房租吗",
    answer="先问:本人及配偶在本市是否有自有住房。\n商品房按年度限额提取。",
    citizen_answer="登录公积金中心网上大厅或到服务网点,凭身份证办理。",
    sources="《住房公积金管理条例》\n榕海市住房公积金提取管理办法(演示)",
    keywords="公积金 提取 租房",
    public=True,
    valid_until=None,
    review_by=date(2026, 11, 1),
    state="live",
    made_by="gjj",
    made_at=_AT,
    checked_by="8002",
    checked_at=_AT,
    live_by="8002",
    live_at=_AT,
    ended_by=None,
    ended_at=None,
    end_reason="",
)
_NOT_YET: Final = {"live_by": None, "live_at": None}
_DRAFT: Final = replace(_LIVE, version=4, state="draft", checked_by=None, checked_at=None, **_NOT_YET)  # type: ignore[arg-type]
_REFUSED: Final = replace(
    _LIVE, version=2, state="refused", ended_by="8002", ended_at=_AT, end_reason="缺办理地点"
)
_HIT: Final = Hit(
    id=12,
    version=3,
    title=_LIVE.title,
    category="1305",
    category_name="公积金",
    owner="gjj",
    unit_name="公积金中心",
    answer=_LIVE.answer,
    citizen_answer=_LIVE.citizen_answer,
    public=True,
    valid_until=date(2027, 1, 1),
    review_by=_LIVE.review_by,
    stale=True,
    shared=("公积金", "租房"),
)
_NAMES: Final = {"gjj": "公积金中心承办人", "8002": "彭知识"}
_CATEGORIES: Final = [Category("13", "财税金融", None), Category("1305", "公积金", "13")]
_UNITS: Final = [Unit("gjj", "榕海市住房公积金中心", "公积金中心", 2, "dept", "rxzx")]
_FIND: Final[Mapping[str, Any]] = {
    "filters": {"q": "租房公积金", "category": "1305", "owner": "", "page": ""},
    "hits": [_HIT, replace(_HIT, id=13, stale=False, public=False, valid_until=None)],
    "reasons": {12: "命中“公积金、租房” · 同类:公积金", 13: ""},
    "categories": _CATEGORIES,
    "most": 40,
}
_ONE: Final[Mapping[str, Any]] = {
    "versions": [_DRAFT, _LIVE, _REFUSED],
    "live": _LIVE,
    "waiting": _DRAFT,
    "writes": True,
    "steps": ["check", "release"],
    "wrote": False,
    "names": _NAMES,
    "today": _TODAY,
    "error": "",
    "errors": {},
    "entered": {},
}
_EDIT: Final[Mapping[str, Any]] = {
    "article": None,
    "entered": {"owner": "gjj", "seen": "0"},
    "errors": {},
    "error": "",
    "units": _UNITS,
    "categories": _CATEGORIES,
    "today": _TODAY,
    "most": LONGEST,
}
_GAP: Final = Gap(1, "老旧小区加装电梯补贴怎么申请", "1001", _AT, "open", None, None, "", None, None)
_ASKED: Final = replace(
    _GAP, id=2, state="asked", unit_name="住建局", comment="请补充", decided_by="8002", decided_at=_AT
)
_GAPS: Final[Mapping[str, Any]] = {
    "found": Gaps([_GAP, _ASKED], {"open": 2}, 2, 1),
    "state": "open",
    "states": [each.value for each in GapState],
    "unsettled": True,
    "decides": True,
    "units": _UNITS,
    "names": _NAMES,
    "error": "",
}
_FIGURES: Final[Mapping[str, Any]] = {
    "first": date(2026, 10, 23),
    "last": _TODAY,
    "shares": [
        ("knowledge_hit", "93.75%", "15", "16"),
        ("knowledge_gap", "6.25%", "1", "16"),
        ("knowledge_overdue", "—", "0", "0"),
    ],
    "used": [UsedOften(12, _LIVE.title, "公积金中心", 31, 2)],
    "debts": [UnitDebt("gjj", "公积金中心", 3, 1, 0), UnitDebt("ybj", "医保局", 3, 0, 2)],
}
_COUNTS: Final = dict.fromkeys(PILES, 2)
_PILES: Final[Mapping[str, Any]] = {
    "listed": Listed([_LIVE, replace(_LIVE, article=13, review_by=date(2026, 12, 1))], _COUNTS, 2, 1),
    "pile": "due",
    "piles": PILES,
    "names": _NAMES,
    "today": _TODAY,
}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/knowledge": ("knowledge.html", True, _FIND),
    "/knowledge/none": ("knowledge.html", True, {**_FIND, "hits": [], "reasons": {}}),
    "/knowledge/12": ("knowledge_one.html", True, _ONE),
    "/knowledge/12-own": ("knowledge_one.html", True, {**_ONE, "wrote": True, "error": "已被他人处理"}),
    "/knowledge/12-read": (
        "knowledge_one.html",
        True,
        {**_ONE, "writes": False, "waiting": None, "versions": [_LIVE]},
    ),
    "/knowledge/12-refused": (
        "knowledge_one.html",
        True,
        {
            **_ONE,
            "waiting": None,
            "versions": [_LIVE],
            "errors": {"review_by": "复核日期须在一年之内"},
            "entered": {"step": "confirm", "review_by": "2029-01-01"},
        },
    ),
    "/knowledge/new": ("knowledge_edit.html", True, _EDIT),
    "/knowledge/12/edit": (
        "knowledge_edit.html",
        True,
        {
            **_EDIT,
            "article": 12,
            "errors": {"title": "此项必填", "category": "请选择类别"},
            "error": "有更新的版本",
        },
    ),
    "/knowledge/sheet": (
        "knowledge_sheet.html",
        True,
        {"columns": COLUMNS, "most": 500, "kept": {"new": 12, "changed": 3, "alike": 205}, "errors": []},
    ),
    "/knowledge/sheet-wrong": (
        "knowledge_sheet.html",
        True,
        {
            "columns": COLUMNS,
            "most": 500,
            "kept": None,
            "errors": ["第 7 行 标题：此项必填", "第 7 行 没有这个单位"],
        },
    ),
    "/knowledge/piles": ("knowledge_piles.html", True, _PILES),
    "/knowledge/piles-none": (
        "knowledge_piles.html",
        True,
        {**_PILES, "listed": Listed([], dict.fromkeys(PILES, 0), 0, 1), "pile": "draft"},
    ),
    "/knowledge/gaps": ("knowledge_gaps.html", True, _GAPS),
    "/knowledge/gaps-none": ("knowledge_gaps.html", True, {**_GAPS, "found": Gaps([], {}, 0, 1)}),
    "/knowledge/figures": ("knowledge_figures.html", True, _FIGURES),
    "/knowledge/figures-none": ("knowledge_figures.html", True, {**_FIGURES, "used": [], "debts": []}),
}
