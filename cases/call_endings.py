"""How a citizen's call ended: who ended it, whether he was served, and by whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.call_facts import Fact
from cases.call_parts import HELD, TALKING, WAITING, EndReason, Segment, SegmentKind, Who

# The citizen heard how the case stands, came back to the line by itself and hung up at once: served.
HEARD_AND_LEFT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Ending:
    """The lines of one call, sorted out, and how it ended."""

    story: list[Fact]
    citizen: list[Fact]
    voice: list[Fact]
    segments: tuple[Segment, ...]
    ended_at: datetime | None
    lost: bool

    def ours(self, kind: str) -> list[Fact]:
        return [fact for fact in self.voice if fact.kind == kind]

    def last(self, *kinds: SegmentKind) -> Segment | None:
        found = [segment for segment in self.segments if segment.kind in kinds]
        return found[-1] if found else None

    @property
    def waiting_at_the_end(self) -> bool:
        lasting = [segment for segment in self.segments if segment.began_at != segment.ended_at]
        return bool(lasting) and lasting[-1].kind in WAITING | {SegmentKind.TRANSFER, SegmentKind.RECONNECT}

    @property
    def refusal(self) -> Fact | None:
        """The word that nobody could take his call; seats that refuse one say so in the same word, with their name."""
        refused = [fact for fact in self.ours("HOTLINE_REFUSED") if fact.of_citizen and not fact.seat]
        return refused[-1] if refused else None


def survey(ending: Ending) -> int | None:
    scores = [fact.get("score") for fact in ending.ours("HOTLINE_SURVEY")]
    keyed = [score for score in scores if score.isascii() and score.isdigit() and len(score) == 1]
    return int(keyed[-1]) if keyed else None


def queued_at(ending: Ending) -> tuple[datetime, ...]:
    """Return when he came into the line, each time; what he is told of his wait at its door belongs to it."""
    joined = [fact.at for fact in ending.citizen if fact.kind == "APP_START" and fact.app == "Queue"]
    line = {SegmentKind.ANNOUNCED, SegmentKind.QUEUED}
    told = next((part.began_at for part in ending.segments if part.kind in line), None)
    if told is not None and (not joined or told < joined[0]):
        joined[:1] = [told]
    if not ending.citizen:
        joined = [fact.at for fact in ending.story if fact.kind == "ENTERQUEUE"]
    return tuple(joined)


def end_reason(ending: Ending) -> EndReason | None:
    if ending.ended_at is None:
        return None
    if ending.lost:
        return EndReason.LOST_RESTART
    talk = ending.last(*TALKING, *HELD)
    return _how_talk_ended(ending, talk) if talk else _how_unanswered_ended(ending)


def _how_talk_ended(ending: Ending, talk: Segment) -> EndReason:
    if talk.ended_at == ending.ended_at or talk.result == Who.CALLER:
        return EndReason.SEAT_HUNG_UP if talk.result == Who.SEAT else EndReason.CALLER_HUNG_UP
    if ending.waiting_at_the_end:
        return EndReason.ABANDONED_IN_LINE
    return EndReason.COMPLETED if survey(ending) is not None else EndReason.SEAT_HUNG_UP


def _how_unanswered_ended(ending: Ending) -> EndReason:
    if asked := _asked_otherwise(ending):
        return asked
    if _served_itself(ending):
        return EndReason.SELF_SERVICE
    if ending.waiting_at_the_end:
        return EndReason.ABANDONED_IN_LINE
    if _ended_by_system(ending):
        return EndReason.FAILED
    return EndReason.ABANDONED_IN_LINE if queued_at(ending) else EndReason.ABANDONED_IN_MENU


def _asked_otherwise(ending: Ending) -> EndReason | None:
    """Return how he was taken care of without a person, if he was, or that he was sent away."""
    if ending.ours("HOTLINE_MESSAGE"):
        return EndReason.MESSAGE_LEFT
    if ending.ours("HOTLINE_CALLBACK"):
        return EndReason.CALLBACK_ASKED
    if any(fact.get("heard") == "added" for fact in ending.ours("HOTLINE_EVENT")):
        return EndReason.EVENT_JOINED
    # Who was refused and held on came into the line after all.
    return EndReason.REFUSED if ending.refusal and not queued_at(ending) else None


def _served_itself(ending: Ending) -> bool:
    heard = [fact.at for fact in ending.ours("HOTLINE_SELF_SERVICE") if fact.get("result") == "heard"]
    if not heard or ending.ended_at is None:
        return False
    waiting = ending.last(*WAITING)
    asked_again = waiting is not None and waiting.began_at > heard[-1]
    return not asked_again or ending.ended_at - heard[-1] <= HEARD_AND_LEFT


def _ended_by_system(ending: Ending) -> bool:
    hang_up = next((fact for fact in ending.citizen if fact.kind == "HANGUP"), None)
    return hang_up is not None and hang_up.ended_by.startswith("dialplan")


def hung_up_by(ending: Ending, hang_up: Fact | None) -> Who | None:
    if ending.ended_at is None or ending.lost:
        return None
    talk = ending.last(*TALKING, *HELD)
    if talk and talk.result == Who.SEAT:
        return Who.SEAT
    if hang_up and hang_up.ended_by == hang_up.name:
        return Who.CALLER
    if any(fact.kind == "COMPLETECALLER" for fact in ending.story):
        return Who.CALLER
    return Who.SYSTEM if hang_up and not hang_up.witnessed else None
