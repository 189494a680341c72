"""What has happened to a case: facts in the past tense, each the detail of one line of the history.

`fact.kind` names the line; `detail(fact)` is what is written into it. A fact carries what a reader of the history
cannot find elsewhere, never the caller's number and never the spoken words.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

Json = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class CaseFact:
    kind: ClassVar[str]


@dataclass(frozen=True, slots=True)
class CaseDrafted(CaseFact):
    kind = "case.drafted"
    call: str
    channel: str


@dataclass(frozen=True, slots=True)
class CaseRegistered(CaseFact):
    kind = "case.registered"
    no: str
    channel: str
    intent: str
    category: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class AnsweredDirectly(CaseFact):
    kind = "case.answered_direct"
    call: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class CaseRefused(CaseFact):
    kind = "case.refused"
    reason: str
    channel_told: str


@dataclass(frozen=True, slots=True)
class CaseInvalidated(CaseFact):
    kind = "case.invalidated"
    reason: str


@dataclass(frozen=True, slots=True)
class CaseMerged(CaseFact):
    kind = "case.merged"
    master: str


@dataclass(frozen=True, slots=True)
class CaseReady(CaseFact):
    kind = "case.ready"


@dataclass(frozen=True, slots=True)
class AssignmentCreated(CaseFact):
    kind = "assignment.created"
    unit: str
    role: str
    instruction: str
    read_by: datetime | None
    reply_by: datetime | None
    suggested: list[str]


@dataclass(frozen=True, slots=True)
class AssignmentRead(CaseFact):
    kind = "assignment.read"
    unit: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class CitizenContacted(CaseFact):
    kind = "citizen.contacted"
    result: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnRequested(CaseFact):
    kind = "return.requested"
    unit: str
    reason: str
    basis: str
    suggested_unit: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnDecided(CaseFact):
    kind = "return.decided"
    unit: str
    granted: bool
    why: str


@dataclass(frozen=True, slots=True)
class ChildCreated(CaseFact):
    kind = "assignment.child_created"
    parent_unit: str
    unit: str
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class PauseOpened(CaseFact):
    kind = "pause.opened"
    reason: str
    most_days: int | None = None


@dataclass(frozen=True, slots=True)
class PauseClosed(CaseFact):
    kind = "pause.closed"
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class ExtensionDecided(CaseFact):
    kind = "extension.decided"
    granted: bool
    amount: int
    reason: str
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class ReplySubmitted(CaseFact):
    kind = "reply.submitted"
    version: int
    resolution: str
    in_time: bool


@dataclass(frozen=True, slots=True)
class ReviewBack(CaseFact):
    kind = "review.back"
    findings: list[str]
    comment: str
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewPassed(CaseFact):
    kind = "review.passed"
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FinalBack(CaseFact):
    kind = "final.back"
    findings: list[str]
    comment: str
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class FinalPassed(CaseFact):
    kind = "final.passed"
    comment: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackDone(CaseFact):
    kind = "feedback.done"
    way: str
    delivered: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class EvaluationRecorded(CaseFact):
    kind = "evaluation.recorded"
    source: str
    satisfied: str
    resolved: str


@dataclass(frozen=True, slots=True)
class CaseClosed(CaseFact):
    kind = "case.closed"
    close_kind: str


@dataclass(frozen=True, slots=True)
class ReworkOpened(CaseFact):
    kind = "rework.opened"
    no: int
    reason: str
    reply_by: datetime | None


@dataclass(frozen=True, slots=True)
class RecurrenceFlagged(CaseFact):
    kind = "recurrence.flagged"
    new_case: str


@dataclass(frozen=True, slots=True)
class CaseWithdrawn(CaseFact):
    kind = "case.withdrawn"
    channel: str
    hazard_goes_on: bool = False


@dataclass(frozen=True, slots=True)
class LongTermOpened(CaseFact):
    kind = "longterm.opened"
    reason: str
    review_every: int


@dataclass(frozen=True, slots=True)
class LongTermReviewed(CaseFact):
    kind = "longterm.reviewed"
    finding: str


@dataclass(frozen=True, slots=True)
class LongTermClosed(CaseFact):
    kind = "longterm.closed"
    evidence: str


@dataclass(frozen=True, slots=True)
class FrontlineCalled(CaseFact):
    kind = "frontline.called"
    matter: str
    reason: str
    units: list[str]


@dataclass(frozen=True, slots=True)
class SupervisionOrdered(CaseFact):
    kind = "supervision.ordered"
    no: str
    ground: str


@dataclass(frozen=True, slots=True)
class InstructionGiven(CaseFact):
    kind = "instruction.given"
    leader: str


@dataclass(frozen=True, slots=True)
class CaseExposed(CaseFact):
    kind = "exposure.recorded"
    media: str


@dataclass(frozen=True, slots=True)
class PublicationDecided(CaseFact):
    kind = "public.published"
    version: int


@dataclass(frozen=True, slots=True)
class PublicationHeld(CaseFact):
    kind = "public.held"
    reason: str


@dataclass(frozen=True, slots=True)
class PublicationWithdrawn(CaseFact):
    kind = "public.withdrawn"
    reason: str


@dataclass(frozen=True, slots=True)
class StatusHeard(CaseFact):
    kind = "case.status_heard"
    call: str


@dataclass(frozen=True, slots=True)
class ClockRebased(CaseFact):
    """A year's official notice was imported, and an open clock was counted again."""

    kind = "clock.rebased"
    clock: str
    was_due: datetime | None
    due: datetime | None
    calendar_version: str


def detail(fact: CaseFact) -> dict[str, Json]:
    """Return what the history keeps; moments become ISO text, and what is not known is left out."""
    found = {field.name: getattr(fact, field.name) for field in fields(fact)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in found.items()
        if value is not None
    }
