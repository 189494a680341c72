"""What the sample pages of front line, urgent cases, follow list, rota and publication show. All of it is invented."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.frontline import Arrival, Deed, Kind, Side, tallies
from cases.redaction import Private
from cases.terms import Term
from cases.workflow import State
from storage import frontline_lists, publication_lists, urgent_lists
from storage.devices import Device
from storage.duty import DutyRow
from storage.follows import Followed
from storage.frontline_lists import ActionView, Called, Judged
from storage.publication import DECISIONS, REASONS, Suggested
from storage.publication_lists import PILES, Copy, Listed, Public
from storage.urgent import RESULTS
from storage.urgent_lists import Promised, ToRing, UrgentView

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)
NO: Final = "RH261122-00178-1"
UNITS: Final = [
    SimpleNamespace(id="swjt", short_name="水务集团", name="榕海水务集团有限公司"),
    SimpleNamespace(id="zjj", short_name="住建局", name="榕海市住房和城乡建设局"),
]


def _at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def _judged(number: int, side: Side, score: int, **more: Any) -> Judged:
    nothing = {"dispute": None, "disputed_at": None, "ruled_score": None, "ruling": None, "ruled_at": None}
    fields = (
        {"reason": "到场但未带工具" if score < 3 else "", "by": "dmjd01", "at": _at(-60)} | nothing | more
    )
    return Judged(id=number, side=side, score=score, **fields)


def _called(number: int, unit: str, name: str, **more: Any) -> Called:
    fields: dict[str, Any] = {
        "called_at": _at(-300),
        "joined_later": False,
        "report_at": _at(-200),
        "accept_due": _at(-290),
        "accept_result": "met",
        "respond_due": _at(-240),
        "respond_result": "met",
        "accepted_at": _at(-295),
        "handler": "林工",
        "leader": "周副总",
        "responded_at": _at(-270),
        "response": "带抢修队两组,自备发电机",
        "checked_in_by": "swjt01",
        "checked_in_at": _at(-205),
        "evidence": "code",
        "where": "",
        "judgements": (),
    }
    return Called(id=number, unit=unit, unit_name=name, **fields | more)


_NOT_YET: Final = dict.fromkeys(
    (
        "accepted_at",
        "handler",
        "leader",
        "responded_at",
        "response",
        "checked_in_by",
        "checked_in_at",
        "evidence",
        "where",
    )
)


def _action(number: int, kind: Kind, targets: tuple[Called, ...], **more: Any) -> ActionView:
    fields: dict[str, Any] = dict.fromkeys(ActionView.__slots__)
    fields |= {
        "no": NO,
        "title": "东门路12号排水主管反复爆裂",
        "confidential": "none",
        "unit": "dmjd",
        "unit_name": "东门街道",
        "reason": "老旧小区排水主管一年内第三次爆裂,三户被淹",
        "tried": "街道两次组织清掏,协调物业垫资抢修一次",
        "place": "榕东区东门路12号",
        "report_at": _at(-200),
        "site_code": "K7QX4M",
        "called_by": "dmjd01",
        "called_at": _at(-300),
    }
    return ActionView(**fields | {"id": number, "kind": kind, "targets": targets} | more)


_OPEN: Final = _action(
    2,
    Kind.HARD,
    (
        _called(1, "swjt", "水务集团"),
        _called(2, "zjj", "住建局", accept_result="running", respond_result="running", **_NOT_YET),
        _called(3, "gdgs", "供电公司", joined_later=True, report_at=_at(40), accept_due=_at(5), **_NOT_YET),
    ),
    findings="主管锈穿,接口错位",
    found_at=_at(-100),
)
_CLOSED: Final = _action(
    1,
    Kind.GREAT,
    (
        _called(
            4,
            "swjt",
            "水务集团",
            judgements=(
                _judged(1, Side.STREET, 2, dispute="工具在车上,有照片", disputed_at=_at(-30)),
                _judged(2, Side.DEPARTMENT, 5),
            ),
        ),
        _called(5, "zjj", "住建局", judgements=(_judged(3, Side.STREET, 4),), **_NOT_YET),
    ),
    findings="主管锈穿",
    found_at=_at(-100),
    root_cause="建成二十年未更换",
    measures="本月内整段更换",
    recheck_on=date(2026, 12, 20),
    closed_by="dmjd01",
    closed_at=_at(-90),
)
_DEEDS: Final = [
    Deed(unit="水务集团", handler="林工", leader="周副总", accepted=True, responded=True, arrival=Arrival.ON_TIME, score=4),
    Deed(unit="住建局", handler="陈工", leader="吴副局长", accepted=False, responded=True, arrival=Arrival.LATE, score=None),
]  # fmt: skip
_URGENT: Final = UrgentView(
    id=7,
    no=NO,
    title="东门路燃气井盖冒气",
    address="榕东区东门路12号",
    urgency="特急",
    state=State.HANDLING,
    unit="rqjt",
    unit_name="燃气集团",
    opened_at=_at(-50),
    due_at=_at(-20),
    result="missed",
    acknowledged_at=_at(-48),
    contacted_at=_at(-46),
    arrived_by="rqjt01",
    arrived_at=_at(-15),
    evidence="gps",
    where="26.0745,119.2965",
    finish_note=None,
    ended_at=None,
    ended_how=None,
    follower="1001",
    promises=(Promised(1, 120, "需更换阀门", "rqjt01", _at(-10), _at(110), "running"),),
)
_COPY: Final = Copy(
    version=1,
    decision="publish",
    reason="",
    title="道路井盖缺失",
    content="东门路12号门前井盖缺失两天。",
    reply="某先生您好,井盖已更换。",
    state="proposed",
    made_by="pub1",
    made_at=_at(-20),
    decided_by=None,
    decided_at=None,
    comment="",
    ended_by=None,
    ended_at=None,
    end_reason="",
)
_SUGGESTED: Final = Suggested(
    {
        "title": "道路井盖缺失",
        "content": "我叫陈建国,电话13850123456,井盖缺失。",
        "reply": "陈先生您好,已更换。",
    },
    {"title": "道路井盖缺失", "content": "我叫某,电话〔电话〕,井盖缺失。", "reply": "某先生您好,已更换。"},
    {Private.NAME: 2, Private.PHONE: 1},
)
_FORM: Final[dict[str, Any]] = {"entered": {}, "errors": {}}
_ONE: Final[dict[str, Any]] = {
    **_FORM,
    "title": _OPEN.title,
    "photos": [],
    "units": UNITS,
    "names": {"swjt01": "林小工", "dmjd01": "东门指挥员"},
    "scores": range(5, 0, -1),
    "sides": list(Side),
    "error": "",
}
_PERIOD: Final[dict[str, Any]] = {"since": date(2026, 5, 23), "until": date(2026, 11, 22)}
_PUBLICATION: Final[dict[str, Any]] = {
    **_FORM, "no": NO, "suggested": _SUGGESTED, "decisions": DECISIONS, "reasons": REASONS, "error": "", "public": None,
    "waiting": None, "may_sign": False, "copies": [],
}  # fmt: skip
_FOLLOWED: Final = Followed(
    NO,
    "东门路燃气井盖冒气",
    State.HANDLING,
    "特急",
    "燃气集团",
    _at(-50),
    "1002",
    "阀门八点到货,请盯紧",
    "1001",
)

PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/frontline": (
        "frontline.html",
        True,
        {
            "found": frontline_lists.Found([_OPEN, _CLOSED], 62, 2),
            "pile": "open",
            "piles": frontline_lists.PILES,
            "may_call": True,
        },
    ),
    "/frontline-none": (
        "frontline.html",
        True,
        {
            "found": frontline_lists.Found([], 0, 1),
            "pile": "recheck",
            "piles": frontline_lists.PILES,
            "may_call": False,
        },
    ),
    "/frontline/new": (
        "frontline_new.html",
        True,
        {
            "case": SimpleNamespace(no=NO, state=State.HANDLING),
            "kinds": list(Kind),
            "places": range(1, 6),
            "units": UNITS,
            "entered": {"case": NO, "kind": "hard", "reason": "反复爆裂", "unit_1": "swjt 水务集团"},
            "errors": {"report_at": "报到时间应在现在之后", "units": "请选择1–20个部门"},
        },
    ),
    "/frontline/open": (
        "frontline_one.html",
        True,
        _ONE
        | {
            "one": _OPEN,
            "mine": _OPEN.targets[1],
            "leads": True,
            "responds": True,
            "arbitrates": False,
            "errors": {"recheck_on": "请填写复查日期"},
            "entered": {"step": "close", "root_cause": "未更换"},
        },
    ),
    "/frontline/closed": (
        "frontline_one.html",
        True,
        _ONE
        | {"one": _CLOSED, "mine": _CLOSED.targets[1], "leads": True, "responds": True, "arbitrates": True},
    ),
    "/frontline/people": (
        "frontline_people.html",
        True,
        _PERIOD
        | {
            "tallies": tallies(_DEEDS),
            "accuracy": {"dmjd": (3, 4.33)},
            "names": {"dmjd": "东门街道"},
            "arrivals": list(Arrival),
        },
    ),
    "/frontline/terms": (
        "frontline_terms.html",
        True,
        _PERIOD
        | {
            "terms": [Term("小区停水", 41, 12), Term("路灯不亮", 27, 25), Term("充电桩", 9, 0)],
            "count": 2_310,
            "truncated": True,
        },
    ),
    "/frontline/terms-none": (
        "frontline_terms.html",
        True,
        _PERIOD | {"terms": [], "count": 0, "truncated": False},
    ),
    "/urgent": (
        "urgent.html",
        True,
        {
            "found": urgent_lists.Found([_URGENT], 1, 1),
            "ended": False,
            "rings": True,
            "results": RESULTS,
            "names": {"rqjt01": "林抢修", "1001": "李燕"},
            "calls": [
                ToRing(1, NO, "燃气集团", "alarm", "duty", "林值班", "13905910001", _at(-50), 2, "no_answer"),
                ToRing(2, NO, "燃气集团", "promise_1", "leader", "", "", _at(-1), 0, None),
            ],
        },
    ),
    "/urgent-none": (
        "urgent.html",
        True,
        {
            "found": urgent_lists.Found([], 0, 1),
            "ended": True,
            "rings": True,
            "results": RESULTS,
            "names": {"rqjt01": "林抢修", "1001": "李燕"},
            "calls": [],
        },
    ),
    "/urgent/one": (
        "urgent_one.html",
        True,
        _FORM
        | {
            "rows": [_URGENT],
            "one": _URGENT,
            "acts": True,
            "error": "请先到场报到",
            "names": {"1001": "李燕"},
        },
    ),
    "/follows": (
        "follows.html",
        True,
        _FORM
        | {
            "rows": [_FOLLOWED],
            "others": [],
            "leaving": True,
            "colleagues": [
                SimpleNamespace(login="1002", name="陈静"),
                SimpleNamespace(login="9001", name="周班长"),
            ],
        },
    ),
    "/follows-none": (
        "follows.html",
        True,
        _FORM | {"rows": [], "others": [], "leaving": False, "colleagues": []},
    ),
    "/duty": (
        "duty.html",
        True,
        {
            "rows": [DutyRow(1, "rqjt", "燃气集团", "leader", "吴值班", "13905910009", _at(-600), None)],
            "units": UNITS,
            "own": "",
            "ranks": ("duty", "leader"),
            "entered": {"number": "abc"},
            "errors": {"number": "电话号码不对"},
        },
    ),
    "/devices": (
        "devices.html",
        True,
        {
            "rows": [
                Device(
                    "well-17", "东门路井盖传感器", "0105", "东门路12号", 60, _at(-9_000), None, 3, _at(-5)
                ),
                Device("gas-2", "燃气探测器", "0503", "古港路3号", 60, _at(-9_000), _at(-60), 0, None),
            ],
            "categories": [SimpleNamespace(code="0105", name="道路井盖", parent="01")],
            "token": "kx3J9-invented-token",
            "entered": {"device": "well-17"},
            "errors": {"id": "编号已存在"},
        },
    ),
    "/publication": (
        "publication.html",
        True,
        {
            "found": publication_lists.Found(
                [Listed(NO, "道路井盖缺失", "市政中心", _at(-9_000), "publish", "pub1", _at(-20))], 45, 1
            ),
            "pile": "proposed",
            "piles": PILES,
        },
    ),
    "/publication/edit": (
        "publication_one.html",
        True,
        _PUBLICATION
        | {
            "errors": {"checked": "文本中仍有疑似个人信息：13850123456"},
            "entered": {"content": "电话13850123456"},
            "public": Public(NO, "道路井盖缺失", "井盖缺失。", "已更换。", _at(-600)),
        },
    ),
    "/publication/sign": (
        "publication_one.html",
        True,
        _PUBLICATION | {"waiting": _COPY, "may_sign": True, "copies": [_COPY]},
    ),
}
