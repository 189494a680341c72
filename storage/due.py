"""What is known of a clock when the sweep acts on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from cases.ladder import Step
from cases.policies import ClockKind
from cases.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A clock that has come to a step of its ladder."""

    clock: int
    kind: ClockKind
    case: int
    no: str
    assignment: int | None
    unit: str | None
    """Who owes it: the unit of the assignment, or the institution whose step it is."""
    handler: str | None
    leader: str | None
    urgent: bool
    step: Step
    skipped: tuple[Step, ...]
    due_at: datetime

    @property
    def ran_out(self) -> bool:
        return self.step.height >= Step.RED.height


Act = Callable[[Connection, Due, datetime, Rules], None]
"""What follows when a clock of one kind comes to a step. It runs in the transaction that claims the step."""
