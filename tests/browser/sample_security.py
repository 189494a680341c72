"""What the sample pages of exports, second factors, passwords and the audit log show."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from console.audit_pages import KINDS, plain
from storage.audit import Page
from storage.exports import Wish
from storage.history import Fact

NOW: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)

_ASKED: Final = NOW - timedelta(hours=3)
_WISH: Final[Mapping[str, Any]] = {
    "id": 1, "name": "cases-2026-10", "path": "/figures.csv?day=2026-10-31", "rows": 12_400, "reason": "市政府专报",
    "by": "9002", "asked_at": _ASKED, "decided_by": None, "decided_at": None, "granted": None, "note": "",
    "ends_at": None, "taken": 0,
}  # fmt: skip
_DECIDED: Final = {"decided_by": "9003", "decided_at": NOW - timedelta(hours=1)}
_WISHES: Final = [
    Wish(**_WISH),
    Wish(
        **{
            **_WISH,
            **_DECIDED,
            "by": "1001",
            "granted": True,
            "ends_at": NOW + timedelta(hours=23),
            "taken": 1,
        }
    ),
    Wish(**{**_WISH, **_DECIDED, "granted": True, "ends_at": NOW - timedelta(minutes=1)}),
    Wish(**{**_WISH, **_DECIDED, "granted": False, "note": "请先缩小范围"}),
]
_EXPORTS: Final[Mapping[str, Any]] = {
    "wishes": _WISHES,
    "names": {"9002": "马督导", "9003": "另一督导"},
    "decides": True,
    "me": "1001",
}
_ASK: Final[Mapping[str, Any]] = {
    "name": "cases-2026-10",
    "rows": 12_400,
    "most": 5_000,
    "path": "/figures.csv?day=2026-10-31",
}
_PICTURE: Final[Mapping[str, Any]] = {
    "picture": "/static/mark.svg",
    "secret": "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
}
_FACTOR: Final[Mapping[str, Any]] = {
    "factor": None,
    "must": True,
    "left": 0,
    "picture": "",
    "secret": "",
    "error": None,
}
_HAS: Final = SimpleNamespace(begun_at=_ASKED, confirmed_at=_ASKED)
_FILTERS: Final = {
    "since": "2026-11-16",
    "until": "2026-11-22",
    "actor": "",
    "subject": "",
    "kind": "",
    "below": "",
}
_AUDIT: Final[Mapping[str, Any]] = {
    "filters": _FILTERS,
    "page": Page(
        [
            Fact(9031, NOW, "RH261122-00417-3", "contact.revealed", "9001", {"reason": "call_back"}),
            Fact(9030, _ASKED, "9001", "session.opened", "9001", {"address": "10.20.3.0/24"}),
        ],
        9030,
    ),
    "query": "since=2026-11-16&until=2026-11-22",
    "names": {"9001": "周班长"},
    "kinds": KINDS,
    "plain": plain,
}
_LOGIN: Final[Mapping[str, Any]] = {"error": None, "login": "", "next": "", "wait": 0}
_SSO: Final = {"name": "榕海市政务服务统一身份认证平台（政务内网版）", "address": "/login", "only": False}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/second": (
        "login_second.html",
        False,
        {"enrolling": False, "picture": "", "secret": "", "error": "验证码不正确或已用过", "wait": 0},
    ),
    "/second-enrol": (
        "login_second.html",
        False,
        {"enrolling": True, **_PICTURE, "error": None, "wait": 0},
    ),
    "/login-sso": ("login.html", False, {**_LOGIN, "sso": _SSO}),
    "/login-sso-only": (
        "login.html",
        False,
        {**_LOGIN, "error": "请使用统一身份认证登录", "sso": {**_SSO, "name": "", "only": True}},
    ),
    "/sign-on": ("sign_on.html", False, {"address": "/login", "lead": "身份已确认，正在进入热线平台……"}),
    "/sign-on-leaving": (
        "sign_on.html",
        False,
        {"address": "/login", "lead": "您已退出热线平台，正在退出统一身份认证……"},
    ),
    "/factor-codes": ("factor_codes.html", True, {"codes": ["GEZD-GNBV-GY3T-QOJQ"] * 10, "next": "/wall"}),
    "/factor": ("factor.html", True, _FACTOR),
    "/factor-begun": ("factor.html", True, {**_FACTOR, **_PICTURE}),
    "/factor-had": ("factor.html", True, {**_FACTOR, "factor": _HAS, "left": 2}),
    "/audit": ("audit.html", True, _AUDIT),
    "/audit-none": ("audit.html", True, {**_AUDIT, "page": Page([], None)}),
    "/password": ("own_password.html", True, {"errors": {}, "shortest": 10, "must": True}),
    "/password-wrong": (
        "own_password.html",
        True,
        {"errors": {"new": "口令太简单"}, "shortest": 10, "must": False},
    ),
    "/exports": ("exports.html", True, _EXPORTS),
    "/exports-none": ("exports.html", True, {**_EXPORTS, "wishes": [], "decides": False}),
    "/export-ask": ("export_ask.html", True, {**_ASK, "entered": {}, "errors": {}}),
    "/export-ask-wrong": (
        "export_ask.html",
        True,
        {**_ASK, "entered": {"reason": ""}, "errors": {"reason": "必填"}},
    ),
}
