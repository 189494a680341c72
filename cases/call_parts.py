"""The words in which a call is told: its stretches, how each of them may end, and how the whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cases.menu_turns import Turn


class SegmentKind(StrEnum):
    OFFERED = "offered"
    MENU = "menu"
    ANNOUNCED = "announced"  # hearing place and wait before, or between, waiting with music
    QUEUED = "queued"
    RINGING = "ringing"
    TRANSFER = "transfer"  # ringing the next one after a talk
    DIALLING = "dialling"  # a call of ours: the citizen's telephone rings
    TALK = "talk"
    THREE_WAY = "three_way"  # two seats and the citizen in one talk
    CONSULT = "consult"  # the citizen is held while the seat asks somebody
    RECONNECT = "reconnect"  # the seat's desk was lost in mid-talk, and the caller held until it was back
    HOLD = "hold"
    SURVEY = "survey"
    MESSAGE = "message"
    WRAP_UP = "wrap_up"  # the seat's work after the call; it lies beside the citizen's stretches, not in them


TALKING = frozenset({SegmentKind.TALK, SegmentKind.THREE_WAY})
HELD = frozenset({SegmentKind.HOLD, SegmentKind.CONSULT})
WAITING = frozenset({SegmentKind.ANNOUNCED, SegmentKind.QUEUED, SegmentKind.RINGING})


class RingResult(StrEnum):
    ANSWERED = "answered"
    BUSY = "busy"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"  # the caller hung up, or was moved, while it rang
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a call. `result`: how a ringing ended, or who ended a talk (caller, seat, moved)."""

    kind: SegmentKind
    began_at: datetime
    ended_at: datetime | None  # None while it goes on
    seat: str = ""
    result: str = ""
    cause: int | None = None
    detail: str = ""
    """Of a ringing why this seat was chosen, of a moved talk blind or attended, of three and of a consult the other;
    of the first one `witnessed` if a part of the record is in no line of Asterisk's.
    """

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at) / timedelta(seconds=1) if self.ended_at else 0.0


def seconds(segments: Iterable[Segment], *kinds: SegmentKind) -> float:
    return round(sum((segment.seconds for segment in segments if segment.kind in kinds), 0.0), 3)


class Channel(StrEnum):
    PSTN = "pstn"
    WEBRTC = "webrtc"


class Direction(StrEnum):
    INCOMING = "incoming"
    OUTGOING = "outgoing"


class EndReason(StrEnum):
    COMPLETED = "completed"  # talked, and stayed to the end of the survey
    CALLER_HUNG_UP = "caller_hung_up"
    SEAT_HUNG_UP = "seat_hung_up"
    ABANDONED_IN_MENU = "abandoned_in_menu"
    ABANDONED_IN_LINE = "abandoned_in_line"
    LOST_RESTART = "lost_restart"  # Asterisk died with the call open
    MESSAGE_LEFT = "message_left"
    CALLBACK_ASKED = "callback_asked"
    SELF_SERVICE = "self_service"
    EVENT_JOINED = "event_joined"  # his matter is known; he is attached to it
    REFUSED = "refused"  # told that the line is full or closed, and that he will be rung
    FAILED = "failed"  # we ended it without having served anybody
    UNREACHED = "unreached"  # a call of ours that the citizen did not take


class Who(StrEnum):
    CALLER = "caller"
    SEAT = "seat"
    SYSTEM = "system"


class RingBackReason(StrEnum):
    ABANDONED = "abandoned"
    SHORT = "short"
    LOST = "lost"
    MESSAGE = "message"
    REFUSED = "refused"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. Durations are seconds, exact to the millisecond."""

    id: str
    node: str
    number: str  # '' if withheld or unreadable
    dialled: str
    channel: Channel
    offered_at: datetime
    answered_by_line_at: datetime | None
    queued_at: tuple[datetime, ...]
    answered_at: datetime | None  # by a person
    ended_at: datetime | None
    end_reason: EndReason | None
    hung_up_by: Who | None
    cause: int | None
    seat: str  # of the last talk; '' if nobody answered
    answer_seconds: float | None  # from the first ring to a person's voice
    wait_seconds: float  # from asking for a person to a person's voice, or to the end
    talk_seconds: float
    hold_seconds: float
    segments: tuple[Segment, ...]
    outcome: str
    case: str
    outcome_by: str
    survey: int | None
    keys: str
    fallback: bool  # our process was dead when it came
    recording: str  # file below the folder of recordings; '' if none was asked for
    heard_until: datetime  # the last the channel said; a later start of Asterisk means that it is lost
    ring_back: "RingBack | None"
    direction: Direction = Direction.INCOMING
    line: str = ""  # the number under which the figures count it; '' for a call of ours
    skill: str = ""
    language: str = ""
    priority: int = 0
    event: str = ""  # the event he has joined
    refused: str = ""  # why he was refused
    wrap_up_seconds: float = 0.0  # work after it, once that has ended
    told: tuple["Told", ...] = ()
    turns: tuple["Turn", ...] = ()  # at the questions of the voice menus
    purpose: str = ""  # of a call of ours: ring_back, …
    owed: str = ""  # the call whose debt it pays
    by: str = ""  # who had it made
    dial_status: str = ""  # Asterisk's word for how it went: ANSWER, BUSY, NOANSWER, …


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller was told of his wait, in seconds, and what it then was. `high` is None for "… or more"."""

    at: datetime
    position: int
    low: float
    high: float | None
    waited: float | None = None  # until a person, or until he gave up; None while he waits
    answered: bool = False


@dataclass(frozen=True, slots=True)
class RingBack:
    """Somebody must be called back: at most one for one call, none for a withheld number."""

    number: str
    reason: RingBackReason
    due_at: datetime
    since: datetime | None = None  # when he first asked for a person: the place he keeps
    wish: str = ""  # what he needs of a seat, url-encoded
    chosen_at: datetime | None = None  # when he wants to be rung
