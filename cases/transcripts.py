"""What was said, as a machine wrote it down: a draft that nobody has checked, for the agent of the talk."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Party(StrEnum):
    """Whose words they are."""

    CITIZEN = "citizen"
    SEAT = "seat"
    MESSAGE = "message"
    """What a caller left as a message 留言."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, or what came between two pauses. `at` is when it began, `score` how sure the machine is, 0 to 1."""

    party: Party
    at: datetime
    seconds: float
    text: str
    score: float
