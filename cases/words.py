"""The words of the circuit: the states of a case, what is done to it, the posts, and how much of it is hidden."""

from enum import StrEnum
from typing import Self


class Named(StrEnum):
    """A closed set whose members carry, as `text`, the word that people read."""

    text: str

    def __new__(cls, value: str, text: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member


class State(Named):
    """Where a case stands."""

    DRAFT = "draft", "草稿"
    REGISTERED = "registered", "已登记"
    REFUSED = "refused", "不予受理"
    ANSWERED = "answered", "电话即答"
    PENDING_DISPATCH = "pending_dispatch", "待批转"
    DISPATCHED = "dispatched", "待查阅"
    HANDLING = "handling", "办理中"
    RETURN_REVIEW = "return_review", "退件待裁"
    REPLIED = "replied", "待审核"
    FINAL_REVIEW = "final_review", "待终审"
    FEEDBACK = "feedback", "待反馈"
    CALLBACK = "callback", "待回访"
    CLOSED = "closed", "已办结"
    MERGED = "merged", "已并案"
    WITHDRAWN = "withdrawn", "已撤回"
    INVALID = "invalid", "无效"


class Action(Named):
    """What a person (or a rule) does to a case. A decision with two outcomes is two actions."""

    START_DRAFT = "start_draft", "起草"  # T1
    REGISTER = "register", "登记"  # T2
    ANSWER_DIRECTLY = "answer_directly", "电话即答"  # T3
    REFUSE = "refuse", "不予受理"  # T4
    INVALIDATE = "invalidate", "判为无效"  # T5
    MERGE = "merge", "并案"  # T6
    MAKE_READY = "make_ready", "提交批转"  # T7
    SPLIT = "split", "拆分"  # T7, a second question becomes a case of its own
    RECLASSIFY = "reclassify", "改类"  # T7
    SUPPLEMENT = "supplement", "补充"  # any inbound contact of the citizen
    DISPATCH = "dispatch", "批转"  # T8
    READ = "read", "查阅"  # T9
    NAME_PEOPLE = "name_people", "指定承办人"  # T9, handler and responsible leader
    CONTACT_CITIZEN = "contact_citizen", "联系诉求人"  # T10
    ASK_RETURN = "ask_return", "申请退件"  # T11
    REFUSE_RETURN = "refuse_return", "不同意退件"  # T12
    GRANT_RETURN = "grant_return", "同意退件"  # T12
    ADJUDICATE = "adjudicate", "裁定"  # T12, the second dispute
    SHARE_RETURN = "share_return", "部分调整"  # T12, the unit keeps its part and another joins
    PASS_DOWN = "pass_down", "下转"  # T13
    RECALL = "recall", "收回下转"  # T13
    REPORT = "report", "上报办理情况"  # T13, from below to the unit above
    PASS_REPORT = "pass_report", "通过上报"  # T13
    SEND_BACK_REPORT = "send_back_report", "退回上报"  # T13
    ASK_PAUSE = "ask_pause", "申请挂起"  # T14
    PAUSE = "pause", "挂起"  # T14
    REFUSE_PAUSE = "refuse_pause", "不同意挂起"  # T14
    RESUME = "resume", "恢复办理"  # T14
    ASK_EXTENSION = "ask_extension", "申请延期"  # T15
    EXTEND = "extend", "延期"  # T15
    REFUSE_EXTENSION = "refuse_extension", "不同意延期"  # T15
    REPLY = "reply", "答复"  # T16
    APPROVE_REPLY = "approve_reply", "签发答复"  # T16, where the leader of the unit must sign
    REJECT_REPLY = "reject_reply", "退回拟稿"  # T16
    PASS_UPWARD = "pass_upward", "上级审核通过"  # T17, where the unit above reviews first
    SEND_BACK = "send_back", "审核退回"  # T17
    PASS_REVIEW = "pass_review", "审核通过"  # T18
    SEND_BACK_FINAL = "send_back_final", "终审退回"  # T19
    PASS_FINAL = "pass_final", "终审通过"  # T19
    FEED_BACK = "feed_back", "反馈"  # T20
    TAKE_CALLBACK = "take_callback", "领取回访"  # T21
    CLOSE = "close", "办结"  # T21
    REWORK = "rework", "重办"  # T22
    DECLINE_REWORK = "decline_rework", "不予重办"  # T22
    FLAG_RECURRENCE = "flag_recurrence", "标记复发"  # T23, on the closed case
    OPEN_RECURRENCE = "open_recurrence", "复发立案"  # T23, the new case
    WITHDRAW = "withdraw", "撤回"  # T24
    ASK_LONG_TERM = "ask_long_term", "申请挂账"  # T25
    MARK_LONG_TERM = "mark_long_term", "挂账"  # T25
    REFUSE_LONG_TERM = "refuse_long_term", "不同意挂账"  # T25
    REVIEW_LONG_TERM = "review_long_term", "复查挂账"  # T25
    END_LONG_TERM = "end_long_term", "销账"  # T25
    CALL_FRONTLINE = "call_frontline", "一线呼叫"  # T26
    SUPERVISE = "supervise", "督办"  # T27
    INSTRUCT = "instruct", "批示"  # T27
    EXPOSE = "expose", "曝光"  # T27
    ASK_EXCLUSION = "ask_exclusion", "申请不合理诉求"  # T27, out of the scores, never out of the volume
    EXCLUDE = "exclude", "认定不合理"  # T27
    REFUSE_EXCLUSION = "refuse_exclusion", "不予认定"  # T27
    PUBLISH = "publish", "公开"  # T28
    HOLD_PUBLICATION = "hold_publication", "暂不公开"  # T28
    TAKE_DOWN = "take_down", "撤下公开"  # T28


class Role(Named):
    """Who acts, by post."""

    SYSTEM = "system", "系统"
    CITIZEN = "citizen", "诉求人"
    AGENT = "agent", "话务员"
    TEAM_LEAD = "team_lead", "班长"
    REGISTRAR = "registrar", "登记员"
    DISPATCHER = "dispatcher", "批转员"
    LIAISON = "liaison", "联络员"
    HANDLER = "handler", "承办人"
    UNIT_LEADER = "unit_leader", "分管领导"
    UPPER_REVIEWER = "upper_reviewer", "上级审核员"
    CENTRE_REVIEWER = "centre_reviewer", "回复审核员"
    FINAL_REVIEWER = "final_reviewer", "终审员"
    CALLBACK_AGENT = "callback_agent", "回访员"
    PUBLICATION_OFFICER = "publication_officer", "公开专员"
    KNOWLEDGE_EDITOR = "knowledge_editor", "知识库编辑"
    SUPERVISOR = "supervisor", "效能办"
    ADJUDICATOR = "adjudicator", "裁定小组"
    STREET_COMMANDER = "street_commander", "街道指挥员"
    FRONTLINE_RESPONDER = "frontline_responder", "一线响应人"
    GRID_WORKER = "grid_worker", "网格员"
    LEADERS_OFFICE = "leaders_office", "领导办公室"
    ANALYST = "analyst", "分析员"
    AUDITOR = "auditor", "审计员"
    ADMINISTRATOR = "administrator", "管理员"
    CLIENT = "client", "接入系统"


class Secrecy(Named):
    """How much of a case the units may see. As a condition it asks whether anything is hidden."""

    NONE = "none", "不保密"
    HIDE_CONTACT = "hide_contact", "隐去诉求人"
    SECRET = "secret", "保密件"

    def __bool__(self) -> bool:
        return self is not Secrecy.NONE
