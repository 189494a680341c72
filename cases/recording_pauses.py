"""录音暂停: which stretches of a call are silent in its recording, told from the call's lines. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases.call_facts import Fact

PAUSED: Final = "HOTLINE_UNRECORDED"
AGAIN: Final = "HOTLINE_RECORDED_AGAIN"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that was not recorded; without an end it lasted as long as the call."""

    began_at: datetime
    ended_at: datetime | None
    by: str
    why: str = ""
    """What ended it: agent, time, talk_ended."""

    @property
    def seconds(self) -> float | None:
        return None if self.ended_at is None else (self.ended_at - self.began_at).total_seconds()


def pauses_of(facts: Iterable[Fact]) -> list[Pause]:
    """Pair beginnings with ends; said twice, or an end alone, adds nothing."""
    found: list[Pause] = []
    for fact in sorted(facts, key=lambda one: one.at):
        going = found[-1] if found and found[-1].ended_at is None else None
        if fact.kind == PAUSED and going is None:
            found.append(Pause(fact.at, None, fact.get("by")))
        elif fact.kind == AGAIN and going is not None:
            found[-1] = Pause(going.began_at, fact.at, going.by, fact.get("why"))
    return found
