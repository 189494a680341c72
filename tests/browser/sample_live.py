"""Scenes of the live pages: what the server says in each state of a seat, and how a page comes into it."""

import re
from collections import Counter
from typing import Any

from playwright.sync_api import Locator, Page

from console.i18n import Catalogue, Language
from tests.browser.sample_data import CALL
from tests.browser.sample_pages import SamplePages, ago

WORDS = Catalogue()
NUMBER = "13850123456"
CONTENT = (
    "来电人反映:台江区五一北路鳌峰新村12号楼前至小区东门约80米路段,4盏路灯自11月18日起不亮,"
    "夜间老人出行不便,此前已反映一次未见维修,要求尽快恢复照明并回复。"
)


def button(page: Page, key: str) -> Locator:
    """A scene is played in either language, so a button is found by the name of its text."""
    names = "|".join(re.escape(WORDS.text(lang, key)) for lang in Language)
    return page.get_by_role("button", name=re.compile(rf"^(?:{names})(?![a-z])"))


def brief(
    no: str, title: str, state_text: str, unit: str, *, received: float, due: float | None
) -> dict[str, Any]:
    """A case in a list; times are hours from now, due is negative when it is past."""
    due_at = None if due is None else ago(-due * 3600)
    return {
        "no": no,
        "title": title,
        "state": "handling" if due_at else "closed",
        "state_text": state_text,
        "unit": unit,
        "received_at": ago(received * 3600),
        "due_at": due_at,
        "overdue": due is not None and due < 0,
    }


def desk(state: str, *, call: str | None = None, since: float = 137, **seat: Any) -> dict[str, Any]:
    """What the server says about the seat; `call` is the state of its call, if it has one."""
    talk = {
        "id": CALL,
        "number": NUMBER,
        "state": call,
        "since": ago(since),
        "offered_at": ago(since + 4),
        "answered_at": None if call == "ringing" else ago(since),
        "outgoing": False,
        "reached_at": None,
    }
    return {
        "t": "desk",
        "seq": 1,
        "seat": {
            "id": "s1001",
            "agent": "1001",
            "name": "李燕",
            "state": state,
            "since": ago(since),
            "reason": "",
            "by": "",
            "next_break": "",
            "break_until": None,
            "ready_again": False,
            "wrap_up_until": None,
            "wrap_up_extended": False,
            **seat,
        },
        "call": talk if call else None,
        "line": {"waiting": 7, "longest_since": ago(42), "answered_15s": 0.931, "my_calls": 38},
        "asterisk": True,
        "age_ms": 0,
        "recording": {"paused_until": None},
        "events": [],
        "breaks": {
            "rest": {"once_ms": 900_000, "left_ms": 1_500_000, "over_at": None},
            "meal": {"once_ms": 2_700_000, "left_ms": 0, "over_at": None},
        },
        "roster": {
            "login": "1001",
            "name": "李燕",
            "seat": "s1001",
            "begins_at": ago(3 * 3600),
            "ends_at": ago(-5 * 3600),
        },
    }


def pop(**changes: Any) -> dict[str, Any]:
    """Who is calling, and what they have had with us."""
    return {
        "t": "pop",
        "seq": 2,
        "call": CALL,
        "caller": {
            "number": NUMBER,
            "nth": 6,
            "cases": 43,
            "open": 2,
            "last_at": ago(3 * 86400),
            "waited_seconds": 11,
            "path": ["查询进度", "转人工"],
            "line": "12345",
            "hotline": "",
            "category": "",
            "skill": "",
            "language": "",
            "elder": False,
            "priority": 0,
            "event": "",
            "nuisance": 0,
            "told": None,
            "owed": "",
            "why": {"reason": "longest_idle", "detail": ""},
        },
        "open_cases": [
            brief(
                "RH261119-00417-3", "鳌峰新村路灯不亮", "办理中", "市城管局照明管理处", received=66, due=-26
            ),
            brief("RH261120-00077-2", "小区东门地下车库积水", "办理中", "台江区住建局", received=50, due=9),
        ],
        "recent_cases": [
            brief("RH261003-00931-5", "五一北路公交站牌破损", "已办结", "市交通局", received=1200, due=None),
            brief("RH260811-00240-7", "二次供水水箱清洗频次", "电话即答", "", received=2470, due=None),
            brief(
                "RH260702-00655-0", "楼上装修噪音扰民", "已办结", "鳌峰街道办事处", received=3430, due=None
            ),
        ],
        "recent_calls": [
            {"at": ago(3 * 86400), "outcome_text": "已登记", "agent": "1027 陈静", "seconds": 214},
            {"at": ago(50 * 86400), "outcome_text": "当场答复", "agent": "1014 潘洁", "seconds": 96},
        ],
        "draft": None,
        **changes,
    }


def merged_pop() -> dict[str, Any]:
    """Somebody who dialled a merged number, is old, speaks the city's language and was told less than it took."""
    known = pop()
    return known | {
        "caller": known["caller"]
        | {
            "waited_seconds": 212,
            "line": "12329",
            "hotline": "住房公积金热线",
            "skill": "公积金",
            "language": "福州话",
            "elder": True,
            "event": "台江区停水",
            "nuisance": 1,
            "told": {"position": 4, "low": 60, "high": 180},
            "why": {"reason": "last_seat", "detail": ""},
        }
    }


def owed(count: int) -> dict[str, Any]:
    """The calls this agent may ring back, the first of them overdue."""
    reasons = ("abandoned", "asked", "lost", "refused", "short", "message")
    return {
        "t": "owed",
        "seq": 3,
        "calls": [
            {
                "call": f"hotline1-1795300000.{i}",
                "number": f"1395012{3456 + i * 7}",
                "dial": f"1395012{3456 + i * 7}",
                "reason": reasons[i % len(reasons)],
                "asked_at": ago(4000 - i * 500),
                "due_at": ago(400 - i * 900),
                "moved": "chosen" if i == 1 else "",
                "attempts": 1 if i == 0 else 0,
                "last_at": ago(1800) if i == 0 else None,
                "mine": i == 1,
                "escalated": False,
            }
            for i in range(count)
        ],
    }


def open_desk(server: SamplePages, page: Page, query: str = "", *messages: dict[str, Any]) -> None:
    server.on_connect = list(messages)
    page.goto(f"{server.url}/desk?debug=1&{query}")
    page.locator("header.top .state").wait_for()
    # The sample pages have no telephone exchange: the page is told that it is registered.
    page.evaluate("() => { __phone.ua = { stop() {} }; __phone.set('registered'); }")


def leg(page: Page, state: str) -> None:
    """Give the page the leg of a call, as a real exchange would."""
    page.evaluate(
        "([id, state]) => { __phone.leg = { id, direction: 'in', state, muted: false }; __phone.changed(); }",
        [CALL, state],
    )


def fill(page: Page) -> None:
    """Type a case as an agent does."""
    page.locator("#f-content").fill(CONTENT)
    page.locator("#f-title").fill("鳌峰新村12号楼前路灯连续多日不亮")
    page.locator("#f-address").fill("台江区鳌峰街道鳌峰新村12号楼前")
    page.locator("#f-intent").select_option("投诉")
    page.locator("[data-suggest='category_1']").click()
    page.locator("[data-suggest='unit_1']").click()
    page.locator("#f-contact_name").fill("林女士")


def ready(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("ready", since=75))


def offline(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("offline"))
    page.evaluate("() => { __phone.set('connecting'); }")


def ringing(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("ringing", call="ringing", since=2), pop())
    leg(page, "ringing")


def talking(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("talking", call="talking"), pop())
    leg(page, "talking")


def filled(server: SamplePages, page: Page, query: str = "") -> None:
    talking(server, page, query)
    fill(page)


def held(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("hold", call="held", since=52), pop())
    leg(page, "held")


def refused(server: SamplePages, page: Page, query: str = "") -> None:
    server.answers["/api/cases"] = (400, {"errors": {"address": "此项必填", "units": "请选择承办单位"}})
    talking(server, page, query)
    page.locator(".bar .primary").click()
    page.locator(".note.flat").wait_for()


def registered(server: SamplePages, page: Page, query: str = "") -> None:
    filled(server, page, query)
    page.locator(".bar .primary").click()
    page.locator("#filed-code").wait_for()


def wrapping(server: SamplePages, page: Page, query: str = "") -> None:
    filled(server, page, query)
    page.evaluate("() => { __phone.leg = null; __phone.changed(); }")
    server.push(desk("wrap_up", since=18, wrap_up_until=ago(-42)))
    page.locator(".wrap-bar").wait_for()


MESSAGES = [
    {"id": 8, "by": "王班长", "text": "五一北路停水，统一口径见公告", "at": ago(900)},
    {"id": 9, "by": "值班主任", "text": "请回访 13 时的停电来电", "at": ago(30)},
]


def messages(server: SamplePages, page: Page, query: str = "") -> None:
    """What supervisors wrote and nobody has read yet."""
    open_desk(server, page, query, desk("ready", since=75) | {"messages": MESSAGES})
    button(page, "message.read").first.wait_for()


def on_break(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("break", since=433, reason="rest"))


def cut(server: SamplePages, page: Page, query: str = "") -> None:
    filled(server, page, query)
    page.context.set_offline(True)
    server.drop()
    page.locator(".link-bar").wait_for()


def over_quota(server: SamplePages, page: Page, query: str = "") -> None:
    """A break a supervisor has ordered a while ago, over its quota."""
    breaks = {"rest": {"once_ms": 900_000, "left_ms": 900_000, "over_at": ago(85)}}
    told = desk("break", since=985, reason="rest", by="lead") | {"breaks": breaks}
    open_desk(server, page, query, told)


def broken(server: SamplePages, page: Page, query: str = "") -> None:
    """A seat whose telephone is gone: nothing rings, nothing counts as missed, and the page says what to do."""
    open_desk(server, page, query, desk("disabled", since=12, reason="no_telephone", ready_again=True))
    page.evaluate("() => { __phone.set('failed'); }")


def owing(server: SamplePages, page: Page, query: str = "") -> None:
    """An idle seat with calls to ring back."""
    open_desk(server, page, query, desk("ready", since=75), owed(8))
    page.locator("#owed").wait_for()


def closing_owed(server: SamplePages, page: Page, query: str = "") -> None:
    owing(server, page, query)
    button(page, "owed.close").first.click()


def choosing_break(server: SamplePages, page: Page, query: str = "") -> None:
    ready(server, page, query)
    page.locator(".seat-card .btn").first.click()


def outgoing(step: str) -> dict[str, Any]:
    """A call of ours: own telephone, citizen being rung, citizen there."""
    told = desk("ringing" if step == "own" else "talking", call="ringing" if step == "own" else "talking")
    told["call"] |= {"outgoing": True, "reached_at": ago(9) if step == "reached" else None}
    return told


def ringing_out(server: SamplePages, page: Page, query: str = "") -> None:
    known = pop()
    known["caller"] |= {"owed": "hotline1-1795300000.0", "waited_seconds": 0, "why": None}
    open_desk(server, page, query, outgoing("calling"), known)
    leg(page, "talking")


def in_an_event(server: SamplePages, page: Page, query: str = "") -> None:
    event = {
        "id": 1,
        "name": "台江区停水",
        "area": "台江区",
        "banner": "抢修中,预计18时恢复",
        "until": ago(-9000),
    }
    told = desk("talking", call="talking") | {"events": [event]}
    open_desk(server, page, query, told, merged_pop())
    leg(page, "talking")


def merged(server: SamplePages, page: Page, query: str = "") -> None:
    open_desk(server, page, query, desk("talking", call="talking"), merged_pop())
    leg(page, "talking")


def menu(server: SamplePages, page: Page, query: str = "") -> None:
    ready(server, page, query)
    page.get_by_role("button", name="1001 李燕").click()


def keys(server: SamplePages, page: Page, query: str = "") -> None:
    ready(server, page, query)
    page.keyboard.press("?")


def merging(server: SamplePages, page: Page, query: str = "") -> None:
    filled(server, page, query)
    page.locator(".dup .btn").click()


def merged_into(server: SamplePages, page: Page, query: str = "") -> None:
    done = {
        "no": "RH261119-00417-3",
        "title": "鳌峰新村路灯不亮",
        "state_text": "办理中",
        "unit": "市城管局",
        "due_at": None,
    }
    server.answers["/api/cases/RH261119-00417-3/merge"] = (200, done)
    merging(server, page, query)
    page.locator(".merge .primary").click()
    page.locator(".filed").wait_for()


def finding(server: SamplePages, page: Page, query: str = "") -> None:
    talking(server, page, query)
    page.keyboard.press("Control+k")
    page.locator("#find").fill("照明")
    page.locator("#find-2").wait_for()


def changing_keys(server: SamplePages, page: Page, query: str = "") -> None:
    keys(server, page, query)
    page.locator("dialog[open] .menu-row .btn").click()
    page.locator(".key-button").first.click()


def places(server: SamplePages, page: Page, query: str = "") -> None:
    """Places open, an article unfolded, somebody listening, help asked."""
    filled(server, page, query)
    page.locator("#side-panel .link").first.click()
    more = {"help": {"at": 0}, "watched": {"by": "王班长", "mode": "listen"}}
    server.push(desk("talking", call="talking") | more)
    page.locator("#f-address").fill("")
    page.locator("#f-address").press("ArrowDown")
    page.locator("#f-address-0").wait_for()


NAMES = [
    "李燕",
    "陈静",
    "林晓",
    "黄敏",
    "郑莉",
    "王芳",
    "张悦",
    "吴婷",
    "刘洋",
    "何珊",
    "叶青",
    "许宁",
    "蔡琳",
    "潘洁",
]
GROUPS = ["城建交通", "社保民政", "企业服务", "综合咨询"]
SKILLS = ["城建", "社保", "公积金"]
MIX = ["talking"] * 9 + ["wrap_up"] * 3 + ["break"] * 2 + ["ready"] * 2 + ["ringing", "hold"]


ALARM = {
    "skill": "城建",
    "kind": "longest",
    "limit": 30,
    "since": ago(12),
    "waiting": 4,
    "oldest": ago(42),
    "ready": 1,
    "offer": {"group": "社保民政", "ready": 3},
}
HELP = {"id": 7, "skill": "城建", "group": "社保民政", "seats": 3, "until": ago(-1500), "by": "lead"}


def wall_state(seats: int, *, waiting: int) -> dict[str, Any]:
    """A wall of so many seats; who does what is fixed, so that two pictures of it are alike."""
    doing = [MIX[(i * 7) % len(MIX)] for i in range(seats)]
    made = [
        {
            "id": f"s{1001 + i}",
            "name": NAMES[i % len(NAMES)],
            "state": state,
            "since": ago((i * 37) % (40 if state in {"ringing", "hold"} else 400) + 3),
            "reason": "rest" if state == "break" else "",
            "by": "",
            "group": GROUPS[i % len(GROUPS)],
            "skills": [SKILLS[i % len(SKILLS)]],
            "misses": 0,
            "next": "",
            "over_at": ago(60) if state == "break" and i % 3 == 0 else None,
            "help_at": ago(20) if seats >= 80 and i == 14 else None,
        }
        for i, state in enumerate(doing)
    ]
    return {
        "t": "wall",
        "seq": 1,
        "line": {
            "waiting": waiting,
            "longest_since": ago(42) if waiting else None,
            "answered_15s": 0.931,
            "abandoned": 84,
            "abandon_rate": 0.024,
            "calls_today": 3482,
            "states": Counter(doing),
            "owed": {"open": 12, "overdue": 2, "escalated": 0},
        },
        "callers": [
            {
                "call": f"c{i}",
                "number": f"138****{3456 - i * 111:04}",
                "since": ago(42 - i * 5),
                "position": i + 1,
                "priority": 9 if i == 0 else 0,
                "skill": SKILLS[i % len(SKILLS)] if i % 2 else "",
                "language": "福州话" if i == 3 else "",
                "line": "12329" if i == 5 else "12345",
                "elder": i == 2,
                "raised": i == 6,
                "owed": i == 4,
                "wait": {"low": 60 * i, "high": 60 * i + 120} if i < 10 else None,
                "seat": "",
            }
            for i in range(waiting)
        ],
        "seats": made,
        "stuck": [],
        "repairs": {"total": 0, "newest": []},
        "roster": {"late": [], "staying": []},
        "events": [],
        "overloaded": False,
        "alarms": [ALARM] if waiting else [],
        "helps": [],
        "watches": [{"seat": "s1002", "by": "lead", "name": "王班长", "mode": "listen", "since": ago(30)}]
        if seats >= 80
        else [],
        "curve": [
            [ago(900 * (31 - i)), 60 + (i * 37) % 50, 55 + (i * 37) % 47, (i * 7) % 6] for i in range(32)
        ],
        **fresh(),
    }


def fresh(**changes: Any) -> dict[str, Any]:
    """Where the wall's figures come from, all of it new."""
    node = {"node": "", "linked": True, "heard_at": ago(0), "compared_at": ago(2)}
    return {"age_ms": 0, "nodes": [node], "counted_at": ago(1), "owed_at": ago(1), **changes}


def open_wall(server: SamplePages, page: Page, query: str = "", *, seats: int = 80, waiting: int = 7) -> None:
    server.on_connect = [wall_state(seats, waiting=waiting)]
    page.goto(f"{server.url}/wall?{query}")
    page.locator(".tile, .empty").first.wait_for()


def wall80(server: SamplePages, page: Page, query: str = "") -> None:
    open_wall(server, page, query)


def wall8(server: SamplePages, page: Page, query: str = "") -> None:
    open_wall(server, page, query, seats=8, waiting=0)


STUCK = [
    {"kind": "seat_without_call", "id": "s1008", "since": ago(95), "seat": "s1008", "call": CALL},
    {
        "kind": "caller_unserved",
        "id": "hotline1-1795308700.4",
        "since": ago(14),
        "seat": "s1003",
        "call": CALL,
    },
]
REPAIRED = {
    "total": 3,
    "newest": [
        {"what": "talk", "id": CALL, "cause": "ended at s1008 unheard", "at": ago(50)},
        {"what": "caller", "id": "hotline1-1795308650.2", "cause": "left the line unheard", "at": ago(900)},
        {"what": "member", "id": "s1005", "cause": "was paused, found unpaused", "at": ago(4000)},
    ],
}


def wall_in_trouble(server: SamplePages, page: Page, query: str = "") -> None:
    """Everything at once that a wall may have to say."""
    shift = {"login": "1009", "name": "刘洋", "seat": "s1009", "begins_at": ago(700), "ends_at": ago(-9000)}
    event = {
        "id": 1,
        "name": "台江区停水",
        "area": "台江区",
        "since": ago(3000),
        "until": ago(-9000),
        "heard": 321,
        "members": 96,
    }
    nodes = [
        {"node": "hotline1", "linked": True, "heard_at": ago(0), "compared_at": ago(2)},
        {"node": "hotline2", "linked": False, "heard_at": ago(31), "compared_at": ago(33)},
    ]
    state = wall_state(80, waiting=7) | {
        "stuck": STUCK,
        "repairs": REPAIRED,
        "roster": {"late": [shift], "staying": []},
        "events": [event],
        "overloaded": True,
        "nodes": nodes,
    }
    server.on_connect = [state]
    page.goto(f"{server.url}/wall?{query}")
    page.locator(".tile").first.wait_for()


def wall_stuck(server: SamplePages, page: Page, query: str = "") -> None:
    wall_in_trouble(server, page, query)
    button(page, "wall.look_at").click()
    button(page, "stuck.repair").first.click()


def wall_order(server: SamplePages, page: Page, query: str = "") -> None:
    open_wall(server, page, query)
    page.locator(".tile button").nth(7).click()


def wall_caller(server: SamplePages, page: Page, query: str = "") -> None:
    """A supervisor looks at one who waits."""
    open_wall(server, page, query)
    page.locator(".callers button").nth(2).click()


def wall_helped(server: SamplePages, page: Page, query: str = "") -> None:
    """One group helps already, and a supervisor is asked how long the next one shall."""
    server.on_connect = [wall_state(80, waiting=7) | {"helps": [HELP]}]
    page.goto(f"{server.url}/wall?{query}")
    page.locator(".tile").first.wait_for()
    page.keyboard.press("s")
    page.locator("#minutes").wait_for()


SENT = [
    {"id": 9, "seat": "s1007", "text": "", "by": "王班长", "at": ago(200), "told": 1, "read": 0}
    | {"unread": ["s1007"], "late": True},
    {
        "id": 8,
        "seat": "",
        "text": "五一北路停水，统一口径见公告",
        "by": "王班长",
        "at": ago(900),
        "told": 80,
        "read": 80,
    }
    | {"unread": [], "late": False},
]


def wall_message(server: SamplePages, page: Page, query: str = "") -> None:
    """Two messages with their receipts, one of them overlooked, and a third one being written."""
    server.on_connect = [wall_state(80, waiting=7) | {"messages": SENT}]
    page.goto(f"{server.url}/wall?{query}")
    page.locator(".tile").first.wait_for()
    button(page, "wall.message_all").click()
    button(page, "message.send").click()


def wall_desk(server: SamplePages, page: Page, query: str = "") -> None:
    """The wall on a supervisor's own screen."""
    server.on_connect = [wall_state(12, waiting=3)]
    page.goto(f"{server.url}/wall/desk?{query}")
    page.locator(".tile .quick").first.wait_for()


def wall500(server: SamplePages, page: Page, query: str = "") -> None:
    open_wall(server, page, query, seats=500, waiting=30)
