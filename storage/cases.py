"""What people do with cases, in one place: each name is a verb of the regulation, or a question about a case."""

from cases.rules import Rules
from cases.workflow import IllegalMove
from storage.briefs import CaseBrief, cases_of_caller
from storage.callbacks import Evaluation, call_back, feed_back, rework
from storage.circuit import (
    ReplyForm,
    contact_citizen,
    dispatch,
    extend,
    make_ready,
    pass_down,
    pause,
    read,
    reply,
    resume,
)
from storage.endings import invalidate, merge, refuse, withdraw
from storage.errors import Conflict, Invalid, Missing
from storage.finding import Filters, Found, search
from storage.forms import CaseForm
from storage.intake import Registered, answer_on_call, dispatch_on_call, register
from storage.people import Actor
from storage.returns import ask_return, grant_return, refuse_return
from storage.reviews import pass_final, pass_review, send_back, send_back_final
from storage.status import Locked, Status, WrongCode, status_by_code
from storage.views import CaseView, case

__all__ = [
    "Actor",
    "CaseBrief",
    "CaseForm",
    "CaseView",
    "Conflict",
    "Evaluation",
    "Filters",
    "Found",
    "IllegalMove",
    "Invalid",
    "Locked",
    "Missing",
    "Registered",
    "ReplyForm",
    "Rules",
    "Status",
    "WrongCode",
    "answer_on_call",
    "ask_return",
    "call_back",
    "case",
    "cases_of_caller",
    "contact_citizen",
    "dispatch",
    "dispatch_on_call",
    "extend",
    "feed_back",
    "grant_return",
    "invalidate",
    "make_ready",
    "merge",
    "pass_down",
    "pass_final",
    "pass_review",
    "pause",
    "read",
    "refuse",
    "refuse_return",
    "register",
    "reply",
    "resume",
    "rework",
    "search",
    "send_back",
    "send_back_final",
    "status_by_code",
    "withdraw",
]
