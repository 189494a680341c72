"""Plain functions with good defaults, for tests of every folder."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cases.rules import rules_for
from cases.workflow import Role
from storage.cases import CaseForm, ReplyForm
from storage.people import Actor

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""A Monday, half past nine in the city."""

RULES = rules_for("RH")

AGENT = Actor("1001", Role.AGENT, "rxzx")
TEAM_LEAD = Actor("2001", Role.TEAM_LEAD, "rxzx")
DISPATCHER = Actor("3001", Role.DISPATCHER, "xfj")
LIAISON = Actor("szgc01", Role.LIAISON, "szgc")
HANDLER = Actor("szgc02", Role.HANDLER, "szgc")
CENTRE_REVIEWER = Actor("4001", Role.CENTRE_REVIEWER, "rxzx")
FINAL_REVIEWER = Actor("5001", Role.FINAL_REVIEWER, "xfj")
CALLBACK_AGENT = Actor("6001", Role.CALLBACK_AGENT, "rxzx")
ADJUDICATOR = Actor("7001", Role.ADJUDICATOR, "xnb")
CITIZEN = Actor("citizen", Role.CITIZEN, "")


def later(**span: float) -> datetime:
    """Return the instant so much after the morning."""
    return MORNING + timedelta(**span)


def a_form(**changes: Any) -> CaseForm:
    """A missing manhole cover, which the directory gives to the works office `szgc`."""
    fields: dict[str, Any] = {
        "intent": "投诉",
        "category": "0105",
        "title": "道路井盖缺失",
        "content": "东门路12号门前井盖缺失两天,夜间有人摔倒,请尽快处理。",
        "address": "榕东区东门路12号",
        "contact_name": "陈女士",
        "contact_number": "13850123456",
        "call": "hotline1-1795308607.0",
    }
    return CaseForm(**fields | changes)


def a_reply(**changes: Any) -> ReplyForm:
    fields: dict[str, Any] = {
        "handled_text": "已更换井盖,现场照片留档。",
        "public_text": "您反映的井盖已于当日更换,感谢监督。",
        "factual": "属实",
        "resolution": "full",
        "contacted": True,
    }
    return ReplyForm(**fields | changes)
