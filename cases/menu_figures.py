"""The figures of the voice menus, each with what is counted and by what it is divided. Pure.

Attribution: a call counts on the day on which it was offered, under the version of the menus that it met, or '' if it
met none. Where the divisor is 0 there is no figure, not 0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, TypeVar

from cases.call_parts import EndReason
from cases.figures import share
from cases.menu_turns import HANG_UP, NEXT_MENU, PERSON

SOON: Final = (15, 30, 60)
"""Seconds from the first ring to a person's voice, within which shares are told."""
SERVED: Final = frozenset(
    {EndReason.SELF_SERVICE, EndReason.EVENT_JOINED, EndReason.CALLBACK_ASKED, EndReason.MESSAGE_LEFT}
)


@dataclass(frozen=True, slots=True)
class WayCounts:
    """Callers on their way to a person. Everything adds up."""

    calls: int = 0
    asked: int = 0  # came into the line
    line_seconds: float = 0.0  # from the first ring to the line: what the menus cost
    answered: int = 0
    voice_seconds: float = 0.0  # from the first ring to a person's voice
    within_15: int = 0
    within_30: int = 0
    within_60: int = 0
    served: int = 0  # without a person: told, joined, to be rung back, recorded
    hung_up: int = 0  # before the line, without having been served

    @property
    def line_mean(self) -> float | None:
        """到人工前的菜单时间: seconds to the line ÷ callers who came into it."""
        return share(self.line_seconds, self.asked)

    @property
    def voice_mean(self) -> float | None:
        """到人工接听的时间: seconds to a person's voice ÷ callers who were answered."""
        return share(self.voice_seconds, self.answered)

    def within(self, seconds: int) -> float | None:
        return share(getattr(self, f"within_{seconds}"), self.answered)


@dataclass(frozen=True, slots=True)
class TurnCounts:
    """What came of the questions of one menu, or of one fixed grammar. Everything adds up."""

    turns: int = 0
    seconds: float = 0.0
    by_key: int = 0
    heard: int = 0  # by speech, taken at once
    confirmed: int = 0  # by speech, after "…, is that right?"
    denied: int = 0
    unknown: int = 0
    silence: int = 0
    no_engine: int = 0  # keys only, and none came
    gave_up: int = 0  # hung up while we listened
    visits: int = 0
    to_person: int = 0
    to_service: int = 0
    to_menu: int = 0
    to_hang_up: int = 0

    @property
    def spoken(self) -> int:
        return self.heard + self.confirmed + self.denied + self.unknown

    @property
    def recognised(self) -> float | None:
        """识别成功率: taken at once or confirmed ÷ all turns in which something was said."""
        return share(self.heard + self.confirmed, self.spoken)

    def left(self, to: str) -> float | None:
        """Return the share of visits that ended there: person, service, menu, hang_up."""
        return share(getattr(self, f"to_{to}"), self.visits)


LEFT: Final = ("person", "service", "menu", "hang_up")
_LEFT_TO: Final[Mapping[str, str]] = {
    **dict.fromkeys((PERSON, "line", "wished", "enterprise", "dialect"), "to_person"),
    NEXT_MENU: "to_menu",
    HANG_UP: "to_hang_up",
}
"""Everything else is a service: status, a booking, a message, the end after what was asked for was heard."""
_OUTCOMES: Final[Mapping[str, str]] = {
    "unknown": "unknown",
    "denied": "denied",
    "unsure": "denied",
    "confirmed": "confirmed",
    "silence": "silence",
    "no_engine": "no_engine",
    "hung_up": "gave_up",
}

Added = TypeVar("Added", WayCounts, TurnCounts)


def way(
    offered_at: datetime,
    *,
    queued_at: datetime | None,
    answer_seconds: float | None,
    end_reason: EndReason | None,
) -> WayCounts:
    """Return what one call counts for."""
    seconds = answer_seconds or 0.0
    within = {f"within_{limit}": int(answer_seconds is not None and seconds <= limit) for limit in SOON}
    to_line = (queued_at - offered_at).total_seconds() if queued_at else 0.0
    return WayCounts(
        calls=1,
        asked=int(queued_at is not None),
        line_seconds=round(to_line, 3),
        answered=int(answer_seconds is not None),
        voice_seconds=seconds,
        served=int(end_reason in SERVED and answer_seconds is None),
        hung_up=int(end_reason is EndReason.ABANDONED_IN_MENU),
        **within,
    )


def turn(mode: str, outcome: str, left: str, *, times: int = 1, seconds: float = 0.0) -> TurnCounts:
    """Return what so many equal turns count for."""
    said = "heard" if mode == "speech" else "silence"
    column = "by_key" if mode == "key" else _OUTCOMES.get(outcome, said)
    counts = replace(TurnCounts(turns=times, seconds=seconds), **{column: times})
    if not left:
        return counts
    return replace(counts, visits=times, **{_LEFT_TO.get(left, "to_service"): times})


def total(some: Iterable[Added], of: type[Added]) -> Added:
    """Add up, to the millisecond."""
    listed = list(some)
    sums: dict[str, Any] = {
        part.name: round(sum(getattr(each, part.name) for each in listed), 3) for part in fields(of)
    }
    return of(**sums)
