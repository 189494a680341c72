"""What a caller needs of a seat at this moment, and how well a seat answers it. Pure.

Many callers need the same and many seats can do the same: both are put into kinds, and kinds are compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from routing.live import Caller, Seat
from routing.opening import closed_groups
from routing.rules import EMERGENCY, EVERY_GROUP, Duty, LineRules, Skill, Step, Support

Rank = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of a seat whoever calls."""

    group: str
    over: bool
    """It has been on calls for more than its share."""
    closed: bool
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class SeatKind:
    """What a seat is to a caller: seats of one kind only differ in how long they have been idle."""

    level: int
    """Its level of the skill that is needed."""
    speaks: bool
    standing: Standing

    @property
    def group(self) -> str:
        return self.standing.group


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller needs now. Callers with equal needs may take each other's seats."""

    skill: str
    line: str
    level: int
    """The level that will do by now; 0 if the skill is only wished for."""
    best: int
    """The level that was asked for at first."""
    language: str
    must_speak: bool
    home: str
    """The group whose caller this is; '' if everybody's."""
    groups: frozenset[str] | None
    """The groups that may take the caller by now; None is every one."""
    anybody: bool
    """Any free seat will do: an emergency, or a wait that has been too long."""


@dataclass(slots=True)
class Situation:
    """The rules as they stand at one moment, with what is worked out once for all callers."""

    rules: LineRules
    at: datetime
    emergency: bool
    closed: frozenset[str]
    duties: dict[str, tuple[Duty, ...]]
    free: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)

    @classmethod
    def at_moment(cls, rules: LineRules, at: datetime) -> "Situation":
        duties: dict[str, tuple[Duty, ...]] = {}
        for duty in rules.on_duty(at):
            duties[duty.seat] = (*duties.get(duty.seat, ()), duty)
        return cls(rules, at, rules.emergency(at), closed_groups(rules, at), duties)

    def count(self, callers: Iterable[Caller], seats: Iterable[Seat]) -> None:
        """Count each group's callers and free seats, if anybody's support depends on it."""
        if not any(support.ratio for support in self.rules.supports):
            return
        for caller in callers:
            home = self.home(self.rules.skill(caller.wish.skill))
            self.waiting[home] = self.waiting.get(home, 0) + 1
        for seat in seats:
            self.free[seat.profile.group] = self.free.get(seat.profile.group, 0) + 1

    def home(self, skill: Skill | None) -> str:
        """Return the group whose callers these are; of a closed group, the one that takes them meanwhile."""
        home = (skill.group if skill else "") or self.rules.general_group
        seen = {""}
        while home in self.closed and home not in seen:
            seen.add(home)
            home = next((each.closed_to for each in self.rules.groups if each.name == home), "")
        return "" if home in self.closed else home

    def standing(self, seat: Seat) -> Standing:
        profile = seat.profile
        limit = min(profile.busy_at_most, self.rules.busy_at_most)
        over = limit < 1 and seat.busy_share > limit
        return Standing(profile.group, over, profile.group in self.closed, self.duties.get(seat.id, ()))

    def kind(self, seat: Seat, need: Need) -> SeatKind:
        """Return what the seat is to who needs this."""
        profile = seat.profile
        return SeatKind(profile.level(need.skill), need.language in profile.languages, self.standing(seat))

    def need(self, caller: Caller) -> Need:
        wish, waited = caller.wish, (self.at - caller.since).total_seconds()
        skill = self.rules.skill(wish.skill)
        best = skill.level if skill else int(bool(wish.skill))
        spoken = next((each for each in self.rules.languages if each.language == wish.language), None)
        steps = [step for step in skill.steps if waited >= step.after] if skill else []
        home = self.home(skill)
        return Need(
            skill=wish.skill,
            line=wish.line if self.duties else "",
            level=min([best, *(step.level for step in steps)]) if skill else 0,
            best=best,
            language=wish.language,
            must_speak=spoken is not None and waited < spoken.after,
            home=home,
            groups=self._groups(home, steps, waited),
            anybody=self.emergency or wish.priority >= EMERGENCY or waited >= self.rules.anybody_after,
        )

    def _groups(self, home: str, steps: list[Step], waited: float) -> frozenset[str] | None:
        widened = {group for step in steps for group in step.groups}
        if not home or EVERY_GROUP in widened:
            return None
        helpers = {s.helper for s in self.rules.supports if s.helped == home and self._helps(s, waited)}
        return frozenset({home, *widened, *helpers})

    def _helps(self, support: Support, waited: float) -> bool:
        if support.until is not None and self.at >= support.until:
            return False
        if not (support.after or support.ratio):
            return True
        if support.after and waited >= support.after:
            return True
        crowd = self.waiting.get(support.helped, 0) / max(1, self.free.get(support.helped, 0))
        return bool(support.ratio) and crowd >= support.ratio


def fits(need: Need, kind: SeatKind) -> bool:
    """Tell whether seats of this kind may take the caller by the rules, however long the wait."""
    if kind.standing.closed or not may_leave_duty(need, kind.standing):
        return False
    if need.groups is not None and kind.group not in need.groups:
        return False
    return kind.level >= need.level and (kind.speaks or not need.must_speak)


def may_leave_duty(need: Need, standing: Standing) -> bool:
    """Tell whether the seat, if it is on the leaders' rota, may take this caller."""
    reserved = any(duty.reserved for duty in standing.duties)
    return not reserved or any(duty.covers(need.skill, need.line) for duty in standing.duties)


def rank(need: Need, kind: SeatKind) -> Rank:
    """Order the kinds: who fits at all, then level, language, own group, and last who has had too much already."""
    beyond = need.anybody and not fits(need, kind)
    short = max(0, need.best - kind.level)
    own = not need.home or kind.group == need.home
    speaks = kind.speaks or not need.language
    return (int(beyond), short, int(not speaks), int(not own), int(kind.standing.over))
