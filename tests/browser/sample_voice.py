"""What the sample pages of the voice menus show: their figures, calls by ourselves, what a machine wrote down of talks."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from cases.call_parts import Direction, RingBackReason, RingResult, Segment, SegmentKind
from cases.outgoing import Closing, Kind, Result
from cases.transcripts import Party, Said
from console.menu_pages import TURNS, VISITS, WAYS
from storage.lines import Line
from storage.outgoing_lists import STATES, Found, Switched, Task, Try

NOW: Final = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
NO: Final = "RH261122-00178-1"
CALL: Final = "hotline1-1795308607.0"
MESSAGE: Final = (
    "我家在鳌峰新村十二号楼门口的路灯坏了四天了一直没有人来修老人晚上出门"
    "很不方便请尽快派人来修修好了给我回个电话谢谢"
)
NAMES: Final = {"1001": "李燕", "9001": "何珊"}
NO_FILTERS: Final = dict.fromkeys(
    ("state", "reason", "kind", "number", "owner", "since", "until", "page"), ""
)


def _at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def _cells(names: tuple[str, ...]) -> list[tuple[str, str]]:
    shares = ("within", "left", "recognised")
    return [
        (name, "61.9%" if name.startswith(shares) else "12.3" if "mean" in name else "1284") for name in names
    ]


_VERSIONS: Final = ("", "2026.11", "榕海-2026-12-01-停水期间-第二稿")
_MENUS: Final[Mapping[str, Any]] = {
    "filters": {"since": "2026-11-16", "until": "2026-11-22", "version": "2026.11"},
    "versions": _VERSIONS[1:],
    "named": {"menu:main": "主菜单", "menu:waiting": "排队时", "digits": "编号、查询码"},
    "ways": [(version, _cells(WAYS)) for version in _VERSIONS],
    "menus": [(menu, "2026.11", _cells(VISITS)) for menu in ("menu:main", "menu:waiting", "menu:gongjijin")],
    "questions": [(asked, "2026.11", _cells(TURNS)) for asked in ("digits", "menu:main", "menu:gongjijin")],
    "days": [
        (_at(-24 * n).date(), "2026.11", _cells((*WAYS, "recognised", "left_hang_up"))) for n in range(7)
    ],
    "way_columns": WAYS,
    "visit_columns": VISITS,
    "turn_columns": TURNS,
    "may_export": True,
}


def _task(number: int, kind: Kind, closing: Closing | None = None, *, call: str | None = None) -> Task:
    rung = "" if number == 4 else "13850123456"
    over = _at(-1) if closing else None
    return Task(number, kind, NO, rung, _at(-30), _at(3), 2, call, over, None, closing)


def _try(hours: float, result: Result | None, solved: str | None = None) -> Try:
    ended = _at(hours) if result else None
    return Try(CALL, 1, "13850123456", _at(hours), ended, result, solved, "不满意" if solved else None)


_TASKS: Final = [
    _task(1, Kind.REVISIT),
    _task(2, Kind.DUTY, call=CALL),
    _task(3, Kind.REVISIT, Closing.PERSON),
    _task(4, Kind.FEEDBACK),
    _task(5, Kind.REVISIT, Closing.DONE),
    _task(6, Kind.FEEDBACK, Closing.CANCELLED),
]
_TRIES: Final = {
    1: [_try(-28, Result.NO_ANSWER), _try(-5, Result.BUSY)],
    2: [_try(-1, Result.NO_ANSWER), _try(0, None)],
    3: [_try(-26, Result.LATER), _try(-2, Result.PARTIAL, "part")],
    4: [],
    5: [_try(-3, Result.DONE, "no")],
    6: [_try(-3, Result.OVERTAKEN)],
}
_SWITCHES: Final = [
    Switched(Kind.DUTY, True, "9001", _at(-200), 1, 1),
    Switched(Kind.FEEDBACK, False),
    Switched(Kind.REVISIT, True, "9001", _at(-100), 12, 0),
]
_OUTGOING: Final[Mapping[str, Any]] = {
    "switches": _SWITCHES,
    "found": Found(_TASKS, _TRIES, 106, 1),
    "filters": NO_FILTERS | {"state": "all"},
    "states": STATES,
    "kinds": list(Kind),
    "error": "",
}


def _owed(number: int, reason: RingBackReason, **changes: Any) -> SimpleNamespace:
    fields = dict.fromkeys(
        ("moved", "owner", "closing_reason", "closed_by", "closed_at", "closing_note", "merged_into"), ""
    )
    return SimpleNamespace(
        **fields
        | {
            "call": f"hotline1-1795300000.{number}",
            "number": "13950123456",
            "reason": reason,
            "asked_at": _at(-3),
            "ring_by": _at(1 - number),
            "due_at": _at(5),
            "next_at": _at(1),
            "since": None,
            "verified": number == 0,
            "attempts": number,
            "escalated_at": None,
            "dial": "13950123456",
            "overdue": lambda _: number > 1,
        }
        | changes
    )


_OWED: Final = [
    _owed(0, RingBackReason.MESSAGE),
    _owed(1, RingBackReason.ASKED),
    _owed(2, RingBackReason.ABANDONED, owner="1001"),
]
_RING_BACKS: Final[Mapping[str, Any]] = {
    "found": SimpleNamespace(rows=_OWED, total=3, page=1, pages=1, too_many=False),
    "words": {_OWED[0].call: MESSAGE},
    "counts": SimpleNamespace(open=3, overdue=1, escalated=0),
    "rate": SimpleNamespace(share=0.914, missed=35, rung=34, reached=32, pending=1),
    "rate_days": 30,
    "filters": NO_FILTERS | {"state": "open"},
    "states": ("open", "overdue", "escalated", "closed"),
    "reasons": list(RingBackReason),
}
_RING_BACK: Final[Mapping[str, Any]] = {
    "one": _OWED[0],
    "attempts": [],
    "words": MESSAGE,
    "names": NAMES,
    "closings": ("reached", "wrong_number", "unreachable", "withdrawn"),
    "may_supervise": True,
    "mine": False,
    "error": "",
    "errors": {},
    "entered": {},
}


def _part(kind: SegmentKind, minutes: float, seconds: float, seat: str = "", result: str = "") -> Segment:
    began = NOW + timedelta(minutes=minutes)
    return Segment(kind, began, began + timedelta(seconds=seconds), seat, result)


_STRETCHES: Final = (
    _part(SegmentKind.OFFERED, 0, 0.2),
    _part(SegmentKind.MENU, 0, 14.6),
    _part(SegmentKind.QUEUED, 0.3, 9.1),
    _part(SegmentKind.RINGING, 0.4, 4.2, "s1001", RingResult.NO_ANSWER),
    _part(SegmentKind.RINGING, 0.5, 2.2, "s1002", RingResult.ANSWERED),
    _part(SegmentKind.TALK, 0.6, 61.0, "s1002", "moved"),
    _part(SegmentKind.TALK, 1.6, 149.0, "s1027", "caller"),
)
_SAID: Final = [
    Said(Party.SEAT, NOW, 2.0, "您好请讲", 0.95),
    Said(Party.CITIZEN, NOW + timedelta(seconds=4), 9.0, MESSAGE, 0.81),
    Said(Party.SEAT, NOW + timedelta(seconds=20), 3.0, "请说一下门牌号", 0.4),
]
_CALL: Final[Mapping[str, Any]] = {
    "call": SimpleNamespace(
        id=CALL,
        case=NO,
        direction=Direction.INCOMING,
        witnessed=True,
        dialled="12345",
        offered_at=NOW,
        ended_at=_at(0.1),
        end_reason="completed",
        wait_seconds=9.1,
        talk_seconds=210.0,
        seat="s1027",
        outcome="case",
        outcome_by="1001",
        survey=2,
        segments=_STRETCHES,
        recordings=("2026/11/22/one.wav", "2026/11/22/two.wav"),
    ),
    "number": "138****3456",
    "names": NAMES,
    "may_listen": True,
    "listening": False,
    "purposes": ("handle_case", "check_complaint", "check_quality", "check_facts", "legal"),
    "said": [],
    "has_words": True,
    "may_check": True,
    "sources": [],
    "mark": "",
    "pauses": [],
}

PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/menus": ("menus.html", True, _MENUS),
    "/menus-none": ("menus.html", True, {**_MENUS, "ways": [], "menus": [], "questions": [], "days": []}),
    "/outgoing": ("outgoing.html", True, _OUTGOING),
    "/outgoing-none": (
        "outgoing.html",
        True,
        {
            **_OUTGOING,
            "switches": [Switched(kind, False) for kind in Kind],
            "found": Found([], {}, 0, 1),
            "error": "此项刚才已变化，请查看后再试",
        },
    ),
    "/ring-backs": ("ring_backs.html", True, _RING_BACKS),
    "/ring-backs/message": ("ring_back.html", True, _RING_BACK),
    "/calls/one": ("call_record.html", True, _CALL),
    "/calls/listened": (
        "call_record.html",
        True,
        {
            **_CALL,
            "call": SimpleNamespace(**vars(_CALL["call"]) | {"recordings": ()}),  # this server has no sounds
            "listening": True,
            "said": _SAID,
        },
    ),
}


def _supplement(kind: str, words: str, **fields: Any) -> Line:
    of_the_row = {
        "id": 1,
        "case": 1,
        "through": None,
        "kind": kind,
        "words": words,
        "channel": "phone",
        "call": CALL,
    }
    return Line("supplement", _at(-2), "citizen", of_the_row | fields)


SPOKEN: Final = [
    _supplement("urge", "诉求人来电催办", seconds=None, transcript=None),
    _supplement("fact", "诉求人来电语音补充（23秒），见录音", seconds=23.4, transcript=MESSAGE),
    _supplement("fact", "诉求人来电语音补充（4秒），见录音", seconds=4.1, transcript=""),
]
