"""Cases for the console's tests, made as an agent makes them."""

from dataclasses import replace
from itertools import count
from typing import Any

from storage import cases
from storage.cases import Actor, CaseForm, Registered
from tests.console.world import STAFF, World
from tests.makers import MORNING

# 路灯: the directory names szgc, the municipal works centre.
CATEGORY = "0107"
NUMBER = "13850123456"
FIELDS = {
    "intent": "投诉",
    "category": CATEGORY,
    "title": "鳌峰新村路灯不亮",
    "content": "12号楼前路灯连续多日不亮,老人晚上出行不便。",
    "address": "台江区鳌峰街道鳌峰新村12号楼",
    "contact_name": "林女士",
    "contact_number": NUMBER,
    "reply_way": "电话",
    "urgency": "一般",
    "confidential": "",
}
_KEYS = count()


def an_order(action: str = "register", **changes: Any) -> dict[str, Any]:
    """Return what the desk's form sends."""
    body = {"key": f"test-key-{next(_KEYS)}", "action": action, "call": "", "fields": dict(FIELDS)}
    return body | changes


async def a_case(world: World, **changes: Any) -> Registered:
    """Register a case and return its number and code."""
    sent: dict[str, Any] = {name: value for name, value in FIELDS.items() if name != "confidential"}
    form = replace(CaseForm(**sent), **changes)
    agent = STAFF["1001"]
    by, key = Actor(agent.login, agent.role, agent.unit), f"made-{next(_KEYS)}"
    return await world.store.write(
        lambda conn: cases.register(conn, form, key=key, by=by, at=MORNING, rules=world.rules)
    )
