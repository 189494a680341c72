"""Alarms of the line, by skill: raised when a limit has been passed for a while, cleared when it has been kept for longer.

Each carries what can be done about it: the group that could help, if there is one. Pure: the line in, alarms out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from routing.live import Caller, Seat, SeatState
from routing.rules import LineRules
from routing.watch_rules import Threshold, WatchRules


class AlarmKind(StrEnum):
    LONGEST = "longest"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Reading:
    """How things stand for one skill, or for the whole line."""

    waiting: int
    oldest: datetime | None
    ready: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A group that could help, and how many of its seats are free to."""

    group: str
    ready: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """A limit that is passed."""

    skill: str
    kind: AlarmKind
    limit: int
    raised_at: datetime
    reading: Reading
    offer: Offer | None = None


@dataclass(slots=True)
class _Mark:
    """Since when the limit is passed, since when it is kept, and since when there is an alarm."""

    over: datetime | None = None
    under: datetime | None = None
    raised: datetime | None = None


class Alarms:
    """Remembers what was over its limit, and for how long."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, AlarmKind], _Mark] = {}

    def look(self, rules: WatchRules, readings: Mapping[str, Reading], at: datetime) -> list[Alarm]:
        """Return the alarms as of now, the oldest first. A skill or a limit that is no more has none."""
        found, seen = [], set()
        for threshold in rules.thresholds:
            reading = readings.get(threshold.skill, Reading(0, None, 0))
            for kind, limit in _limits(threshold):
                key = (threshold.skill, kind)
                seen.add(key)
                mark = self._marks.setdefault(key, _Mark())
                _move(mark, rules, at, over=_is_over(kind, limit, reading, at))
                if mark.raised is not None:
                    found.append(Alarm(threshold.skill, kind, limit, mark.raised, reading))
        for gone in set(self._marks) - seen:
            del self._marks[gone]
        return sorted(found, key=lambda alarm: (alarm.raised_at, alarm.skill, alarm.kind))


def readings(
    callers: Iterable[Caller], seats: Iterable[Seat], skills: Iterable[str], *, free: frozenset[str]
) -> dict[str, Reading]:
    """Return how each of these skills stands; '' is the whole line. `free` are the seats that could take a call."""
    waiting, ready = [*callers], [seat for seat in seats if seat.id in free]
    found = {}
    for skill in skills:
        mine = [caller.since for caller in waiting if not skill or caller.wish.skill == skill]
        able = sum(not skill or seat.profile.level(skill) > 0 for seat in ready)
        found[skill] = Reading(len(mine), min(mine, default=None), able)
    return found


def offer(skill: str, rules: LineRules, seats: Iterable[Seat], callers: Iterable[Caller]) -> Offer | None:
    """Return the group with the most free seats that cannot take callers of this skill yet, and that nobody waits for."""
    wanted = rules.skill(skill)
    if wanted is None:
        return None
    home = wanted.group or rules.general_group
    # Whoever has callers of its own waiting does not help others.
    busy = {_home(caller, rules) for caller in callers} - {home}
    able = Counter(
        seat.profile.group
        for seat in seats
        if seat.state is SeatState.READY and seat.usable and not seat.next_break
        if seat.profile.group
        and seat.profile.group not in busy
        and (seat.profile.group != home or seat.profile.level(skill) < wanted.level)
        and not _helps(seat, skill, home, rules)
    )
    if not able:
        return None
    group, ready = min(able.items(), key=lambda each: (-each[1], each[0]))
    return Offer(group, ready)


def _helps(seat: Seat, skill: str, home: str, rules: LineRules) -> bool:
    """Tell whether this seat may take such callers already."""
    if seat.profile.level(skill) == 0:
        return False
    if not home or seat.profile.group == home:
        return True
    return any(s.helper == seat.profile.group and s.helped == home for s in rules.supports)


def _home(caller: Caller, rules: LineRules) -> str:
    skill = rules.skill(caller.wish.skill)
    return (skill.group if skill else "") or rules.general_group


def _limits(threshold: Threshold) -> Iterable[tuple[AlarmKind, int]]:
    limits = ((AlarmKind.LONGEST, threshold.longest_seconds), (AlarmKind.WAITING, threshold.waiting))
    return [(kind, limit) for kind, limit in limits if limit]


def _is_over(kind: AlarmKind, limit: int, reading: Reading, at: datetime) -> bool:
    if kind is AlarmKind.WAITING:
        return reading.waiting > limit
    return reading.oldest is not None and at - reading.oldest > timedelta(seconds=limit)


def _move(mark: _Mark, rules: WatchRules, at: datetime, *, over: bool) -> None:
    if over:
        mark.over, mark.under = mark.over or at, None
        if mark.raised is None and at - mark.over >= timedelta(seconds=rules.raise_seconds):
            mark.raised = at
        return
    mark.over, mark.under = None, mark.under or at
    if mark.raised is not None and at - mark.under >= timedelta(seconds=rules.clear_seconds):
        mark.raised = None
