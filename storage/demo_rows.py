"""The tables that a generated case fills, with the order of the columns, and what their rows are called here."""

from typing import Any

Row = tuple[Any, ...]
Event = tuple[int, int, int, str, str, str, str]
"""When, of which case, which of its events, subject, kind, actor, detail: sorts in the order of the history."""

# Places in the row of an assignment that change while it is handled.
T_UNIT, T_STAGE = 4, 6
T_READ_BY, T_READ_AT, T_CONTACTED_BY, T_CONTACTED_AT, T_CONTACT, T_HANDLER, T_LEADER, T_ENDED = range(10, 18)

COLUMNS = {
    "call": (
        "id", "node", "number", "dialled", "channel", "offered_at", "answered_by_line_at", "queued_at", "answered_at",
        "ended_at", "end_reason", "hung_up_by", "cause", "seat", "answer_seconds", "wait_seconds", "talk_seconds",
        "hold_seconds", "outcome", "case", "outcome_by", "survey", "keys", "fallback", "recording", "heard_until",
        "segments", "recording_state", "line", "slot", "pruned",
    ),
    "case_file": (
        "id", "no", "digits", "intake_key", "code_hash", "state", "version", "intent", "category", "urgency", "channel",
        "call", "title", "address", "reply_way", "confidential", "unit", "received_at", "closed_at", "master",
        "rework_no", "party", "place_key", "rework_asked_at", "paused_at", "paused_for",
    ),
    "case_contact": ("case", "name", "number"),
    "case_text": ("case", "version", "kind", "text", "author", "at"),
    "case_member": ("member", "master", "by", "at"),
    "assignment": (
        "id", "case", "position", "parent", "unit", "part", "stage", "instruction", "sent_by", "sent_at", "read_by",
        "read_at", "contacted_by", "contacted_at", "contact_result", "handler", "leader", "ended_at",
    ),
    "reply": (
        "id", "case", "assignment", "version", "handled_text", "public_text", "factual", "resolution",
        "unresolved_reason", "contacted", "signed_by", "at", "submitted_at",
    ),
    "review": ("reply", "level", "passed", "findings", "comment", "by", "at"),
    "return_request": (
        "case", "assignment", "reason", "basis", "suggested_unit", "asked_by", "asked_at", "granted", "comment",
        "decided_by", "decided_at", "decision", "moved_to",
    ),
    "feedback": ("case", "channel", "delivered", "content", "call", "by", "at", "round"),
    "callback_task": ("case", "round", "owner", "attempts", "next_at", "opened_at", "done_at", "result"),
    "callback_attempt": (
        "case", "result", "solved", "satisfied", "comment", "call", "by", "at", "reason", "source", "round", "is_first",
        "is_final",
    ),
    "rework": ("case", "no", "why", "words", "assignment", "by", "at"),
    "circuit_request": (
        "case", "assignment", "kind", "reason", "words", "amount", "told", "told_at", "asked_by", "asked_at", "clock",
        "granted", "granted_amount", "comment", "decided_by", "decided_at",
    ),
    "public_copy": (
        "case", "version", "decision", "reason", "title", "content", "reply", "state", "made_by", "made_at",
        "decided_by", "decided_at", "comment", "end_reason",
    ),
}  # fmt: skip
