"""Who may do what in supervision, and the closed sets of its registers.

Two institutions that do not stand in for each other: the bureau 信访局 dispatches and reviews, the efficiency office
效能办 supervises. What one of them did late or badly is not the other's to do, nor its own to take back.
"""

from enum import StrEnum
from typing import Self

from cases.workflow import Refusal, Role

TRIGGERS = {
    "late_read": "逾期查阅",
    "late_handle": "逾期办理",
    "dissatisfied": "不满意评价",
    "shirking": "推诿扯皮",
    "off_the_point": "答非所问",
    "poor_work": "办理质量不高",
}
"""The six grounds on which a unit is held to account (G-04). The first three are found by the system."""
BY_HAND = ("shirking", "off_the_point", "poor_work")
GROUNDS = {
    "late": "久拖未办",
    "reworked": "多次重办",
    "many": "群众反映集中",
    "urgent": "紧急重大",
    "dispute": "职责争议",
    "instruction": "领导批示",
    "other": "其他",
}
"""Why an order of supervision 督办 is given."""
MEASURES = {
    "talk": "约谈",
    "criticism": "通报批评",
    "admonition": "诫勉谈话",
    "inspection": "书面检查",
    "transfer": "调离岗位",
    "dismissal": "免职",
    "discipline": "党纪政务处分",
}
"""What is done to a person who is held to account 问责."""


class Duty(StrEnum):
    """What is done in supervision, apart from the moves of a case."""

    text: str

    def __new__(cls, value: str, text: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    URGE = "urge", "催办"
    ORDER = "order", "督办"
    REPORT = "report", "上报督办结果"
    CLOSE_ORDER = "close_order", "督办销号"
    INSTRUCT = "instruct", "登记批示"
    CLOSE_INSTRUCTION = "close_instruction", "批示办结"
    EXPOSE = "expose", "登记曝光"
    HOLD_TO_ACCOUNT = "hold_to_account", "登记问责"
    FIND = "find", "提出问责情形"
    RESPOND = "respond", "说明情况"
    DECIDE_FINDING = "decide_finding", "认定"
    APPEAL = "appeal", "申诉"
    DECIDE_APPEAL = "decide_appeal", "裁决申诉"
    WARN = "warn", "签发效能警告"
    WITHDRAW_WARNING = "withdraw_warning", "撤销效能警告"
    ACKNOWLEDGE = "acknowledge", "签收效能警告"
    CIRCULATE = "circulate", "印发通报"
    RELEASE_SWEEP = "release_sweep", "恢复时限巡检"


_EFFICIENCY = frozenset({Role.SUPERVISOR})
_UNIT = frozenset({Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER})
_REVIEWERS = frozenset({Role.CENTRE_REVIEWER, Role.FINAL_REVIEWER, Role.UPPER_REVIEWER})
_OFFICE = frozenset({Role.LEADERS_OFFICE})
# Bureau and centre answer for their own lateness like every unit; they only cannot judge it.
_ANSWERS = _UNIT | {Role.DISPATCHER, Role.TEAM_LEAD}

MAY: dict[Duty, frozenset[Role]] = {
    Duty.URGE: _EFFICIENCY
    | {Role.CITIZEN, Role.AGENT, Role.TEAM_LEAD, Role.CALLBACK_AGENT, Role.DISPATCHER, Role.SYSTEM},
    Duty.ORDER: _EFFICIENCY | {Role.SYSTEM},
    Duty.REPORT: _UNIT,
    Duty.CLOSE_ORDER: _EFFICIENCY,
    Duty.INSTRUCT: _OFFICE,
    Duty.CLOSE_INSTRUCTION: _OFFICE,
    Duty.EXPOSE: _EFFICIENCY,
    Duty.HOLD_TO_ACCOUNT: _EFFICIENCY,
    Duty.FIND: _EFFICIENCY | _REVIEWERS,
    Duty.RESPOND: _ANSWERS,
    Duty.DECIDE_FINDING: _EFFICIENCY,
    Duty.APPEAL: _ANSWERS,
    Duty.DECIDE_APPEAL: _EFFICIENCY,
    Duty.WARN: _EFFICIENCY,
    Duty.WITHDRAW_WARNING: _EFFICIENCY,
    Duty.ACKNOWLEDGE: _ANSWERS,
    Duty.CIRCULATE: _EFFICIENCY,
    Duty.RELEASE_SWEEP: _EFFICIENCY | {Role.ADMINISTRATOR},
}


class NotYourDuty(Refusal):
    """This role has no part in it."""

    def __init__(self, role: Role, duty: Duty) -> None:
        self.role = role
        self.duty = duty
        super().__init__(f"{role.text}无权“{duty.text}” (not your duty)")


def check_duty(role: Role, duty: Duty) -> None:
    """Raise NotYourDuty unless the role may do it."""
    if role not in MAY[duty]:
        raise NotYourDuty(role, duty)
