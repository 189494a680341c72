"""What people do with cases, in one place: each name is a verb of the regulation, or a question about a case."""

from cases.rules import Rules
from cases.workflow import IllegalMove
from storage.briefs import CaseBrief, cases_of_caller, counted_of_caller, open_of_caller
from storage.callback_tasks import take_callback
from storage.callbacks import Evaluation, call_back
from storage.circuit import contact_citizen, dispatch, make_ready, name_people, read
from storage.endings import invalidate, merge, refuse
from storage.errors import Conflict, Invalid, Missing
from storage.exclusions import ask_exclusion, exclude, refuse_exclusion
from storage.feedback import feed_back
from storage.finding import Filters, Found, search
from storage.forms import CaseForm
from storage.intake import Registered, answer_on_call, dispatch_on_call, register
from storage.long_term import (
    ask_long_term,
    end_long_term,
    mark_long_term,
    refuse_long_term,
    review_long_term,
)
from storage.more_time import (
    ask_extension,
    ask_pause,
    extend,
    pause,
    refuse_extension,
    refuse_pause,
    resume,
)
from storage.passing import pass_down, pass_report, recall, report, send_back_report
from storage.people import Actor
from storage.reclassifying import Reclass, reclassify
from storage.replies import ReplyForm, approve_reply, reject_reply, reply
from storage.returns import ask_return, grant_return, refuse_return, share_return
from storage.reviews import pass_final, pass_review, pass_upward, send_back, send_back_final
from storage.reworks import decline_rework, rework
from storage.rulings import Ruling, adjudicate
from storage.splitting import split, withdraw
from storage.status import Locked, Status, WrongCode, status_by_code
from storage.supplements import add as supplement
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
    "Reclass",
    "Registered",
    "ReplyForm",
    "Rules",
    "Ruling",
    "Status",
    "WrongCode",
    "adjudicate",
    "answer_on_call",
    "approve_reply",
    "ask_exclusion",
    "ask_extension",
    "ask_long_term",
    "ask_pause",
    "ask_return",
    "call_back",
    "case",
    "cases_of_caller",
    "contact_citizen",
    "counted_of_caller",
    "decline_rework",
    "dispatch",
    "dispatch_on_call",
    "end_long_term",
    "exclude",
    "extend",
    "feed_back",
    "grant_return",
    "invalidate",
    "make_ready",
    "mark_long_term",
    "merge",
    "name_people",
    "open_of_caller",
    "pass_down",
    "pass_final",
    "pass_report",
    "pass_review",
    "pass_upward",
    "pause",
    "read",
    "recall",
    "reclassify",
    "refuse",
    "refuse_exclusion",
    "refuse_extension",
    "refuse_long_term",
    "refuse_pause",
    "refuse_return",
    "register",
    "reject_reply",
    "reply",
    "report",
    "resume",
    "review_long_term",
    "rework",
    "search",
    "send_back",
    "send_back_final",
    "send_back_report",
    "share_return",
    "split",
    "status_by_code",
    "supplement",
    "take_callback",
    "withdraw",
]
