"""Which free seat takes which waiting caller. Pure: lists in, a list out.

Callers are taken in their order, each is given the best seat that is free, and one whose wish nobody fulfils yet waits
without holding up those behind. Seats are sorted by idle time once; each kind of need walks that order at most once.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from routing.fitting import Need, Rank, SeatKind, Situation, Standing, fits, may_leave_duty, rank
from routing.live import Caller, Seat
from routing.rules import EMERGENCY, LineRules

LOWEST: Final = -1
"""No wish starts lower, and it rises with waiting as all do: misuse costs a stretch of time, not the answer."""


class Why(StrEnum):
    """The reason that is written into the record of the call."""

    LONGEST_IDLE = "longest_idle"
    ONLY_ONE_READY = "only_one_ready"  # it did not take this call before, but nobody else is ready
    LEADER_ON_DUTY = "leader_on_duty"
    LAST_SEAT = "last_seat"
    EXPERT = "expert"
    SKILL = "skill"
    WIDENED = "widened"  # has waited so long that a lower level or another group will do
    LANGUAGE = "language"
    SUPPORT = "support"
    ANYBODY = "anybody"  # has waited so long that any free seat will do
    ALL_HANDS = "all_hands"  # the emergency switch is on
    BY_HAND = "by_hand"  # a supervisor has chosen the seat


@dataclass(frozen=True, slots=True)
class Assignment:
    call: str
    seat: str
    reason: Why
    detail: str = ""
    """For the record: what was asked for and how long the caller had waited."""


def choose(
    callers: Iterable[Caller],
    seats: Iterable[Seat],
    rules: LineRules,
    at: datetime,
    *,
    busy: Container[str] = frozenset(),
) -> list[Assignment]:
    """Give each caller, in order of class and arrival, the best of the free seats.

    `busy` are the seats that will be free again: only for them a caller is held, and only as long as the rules say.
    """
    waiting, free = list(callers), sorted(seats, key=lambda seat: (seat.idle_since, seat.id))
    if not (waiting and free):
        return []
    now = Situation.at_moment(rules, at)
    now.count(waiting, free)
    floor = _Floor(free, now)
    chosen: list[Assignment] = []
    for caller in in_order(waiting, rules, at):
        if len(chosen) == len(free):
            break
        if (found := _seat_for(caller, floor, now, busy)) is not None:
            chosen.append(found)
    return chosen


def may_take(seat: Seat, caller: Caller, rules: LineRules, at: datetime) -> bool:
    """Tell whether the seat, if it were free, might have the caller now. Who is preferred or waits is not looked at."""
    now = Situation.at_moment(rules, at)
    need = now.need(caller)
    return need.anybody or fits(need, now.kind(seat, need))


def in_order(callers: Iterable[Caller], rules: LineRules, at: datetime) -> list[Caller]:
    """Return the callers as `choose` takes them: emergencies, whom a supervisor has raised, then by class and arrival."""
    return sorted(callers, key=lambda caller: place(caller, rules, at))


def place(caller: Caller, rules: LineRules, at: datetime) -> tuple[bool, bool, int, datetime, str]:
    """Return what the callers are sorted by."""
    urgent = caller.wish.priority >= EMERGENCY
    # Among emergencies, and when all hands answer, only arrival counts.
    level = 0 if urgent or rules.emergency(at) else class_of(caller, rules, at)
    return (not urgent, not caller.wish.raised, -level, caller.since, caller.call)


def class_of(caller: Caller, rules: LineRules, at: datetime) -> int:
    """Return the class of the caller by now; higher goes first. It rises with every stretch of waiting."""
    waited = max(0.0, (at - caller.since).total_seconds())
    return first_class(caller, rules) + int(waited // rules.ageing_seconds)


def first_class(caller: Caller, rules: LineRules) -> int:
    """Return the class in which the caller came: 0 is ordinary, below it is who has misused the line."""
    wish, skill = caller.wish, rules.skill(caller.wish.skill)
    given = max(LOWEST, min(wish.priority, rules.priority_at_most))
    return given + (rules.elder_priority if wish.elder else 0) + (skill.priority if skill else 0)


class _Floor:
    """The free seats, the longest idle first, and for each kind of need the order in which they are asked."""

    def __init__(self, free: list[Seat], now: Situation) -> None:
        self.seats = free
        self.standings = [now.standing(seat) for seat in free]
        self.index = {seat.id: number for number, seat in enumerate(free)}
        self.taken = bytearray(len(free))
        self._levels = [dict(seat.profile.skills) for seat in free]
        self._numbers: dict[Standing, int] = {}
        self._standing = [self._numbers.setdefault(each, len(self._numbers)) for each in self.standings]
        self._kinds: dict[tuple[str, str], list[tuple[SeatKind, list[int]]]] = {}
        self._orders: dict[Need, _Order] = {}

    def asked(self, need: Need) -> Iterator[int]:
        """Return the free seats that may take the caller, best first."""
        order = self._orders.get(need)
        if order is None:
            order = self._orders[need] = _Order(need, self.kinds(need.skill, need.language), self.taken)
        return order.walk()

    def kinds(self, skill: str, language: str) -> list[tuple[SeatKind, list[int]]]:
        """Return the seats by what they are to callers of this skill and language."""
        if (known := self._kinds.get((skill, language))) is not None:
            return known
        by_key: dict[tuple[int, bool, int], list[int]] = {}
        for number, (levels, standing) in enumerate(zip(self._levels, self._standing, strict=True)):
            speaks = language in self.seats[number].profile.languages
            by_key.setdefault((levels.get(skill, 0), speaks, standing), []).append(number)
        standings = list(self._numbers)
        found = [(SeatKind(level, can, standings[no]), seats) for (level, can, no), seats in by_key.items()]
        self._kinds[skill, language] = found
        return found


class _Order:
    """The seats for one kind of need by rank. Sorted rank by rank, because the first is nearly always enough."""

    def __init__(self, need: Need, kinds: list[tuple[SeatKind, list[int]]], taken: bytearray) -> None:
        ranked: dict[Rank, list[int]] = {}
        for kind, numbers in kinds:
            if need.anybody or fits(need, kind):
                ranked.setdefault(rank(need, kind), []).extend(numbers)
        self._ranked = ranked
        self._ranks = sorted(ranked)
        self._taken = taken
        self._sorted: list[list[int]] = []
        self._passed: list[int] = []

    def walk(self) -> Iterator[int]:
        for number, each in enumerate(self._ranks):
            if number == len(self._sorted):
                self._sorted.append(sorted(self._ranked[each]))
                self._passed.append(0)
            seats, at = self._sorted[number], self._passed[number]
            while at < len(seats) and self._taken[seats[at]]:
                at += 1
            self._passed[number] = at  # those before are taken for good
            yield from (seat for seat in seats[at:] if not self._taken[seat])


def _seat_for(caller: Caller, floor: _Floor, now: Situation, busy: Container[str]) -> Assignment | None:
    need = now.need(caller)
    if not now.emergency and (wanted := _preferred(caller, need, now)):
        for seat, why in wanted:
            number = floor.index.get(seat)
            if number is not None and _may_have(caller, need, number, floor):
                return _take(caller, number, why, need=need, floor=floor, now=now)
        if _is_held(caller, wanted, now, busy):
            return None
    refused: int | None = None
    for number in floor.asked(need):
        if floor.seats[number].id not in caller.refused_by:
            why = _why(need, now.kind(floor.seats[number], need), now)
            return _take(caller, number, why, need=need, floor=floor, now=now)
        if refused is None:
            refused = number
    if refused is None or not now.rules.again:
        return None
    return _take(caller, refused, Why.ONLY_ONE_READY, need=need, floor=floor, now=now)


def _preferred(caller: Caller, need: Need, now: Situation) -> list[tuple[str, Why]]:
    """Return the seats that should have the caller if they can: leaders on duty, who knows him, who knows the matter."""
    wish = caller.wish
    wanted = [
        (duty.seat, Why.LEADER_ON_DUTY)
        for duties in now.duties.values()
        for duty in duties
        if duty.covers(wish.skill, wish.line)
    ]
    wanted += [(seat, Why.LAST_SEAT) for seat in wish.prefers]
    if need.skill:
        experts = (expert for expert in now.rules.experts if expert.skill == need.skill)
        wanted += [(seat, Why.EXPERT) for expert in experts for seat in expert.seats]
    return wanted


def _may_have(caller: Caller, need: Need, number: int, floor: _Floor) -> bool:
    """Tell whether a preferred seat can take the caller. It knows him or the matter, so its skills do not count."""
    standing, seat = floor.standings[number], floor.seats[number]
    if floor.taken[number] or seat.id in caller.refused_by:
        return False
    return not standing.closed and not standing.over and may_leave_duty(need, standing)


def _is_held(caller: Caller, wanted: list[tuple[str, Why]], now: Situation, busy: Container[str]) -> bool:
    waited = (now.at - caller.since).total_seconds()
    if waited >= now.rules.hold_seconds or caller.wish.priority >= EMERGENCY:
        return False
    return any(seat in busy and seat not in caller.refused_by for seat, _ in wanted)


def _why(need: Need, kind: SeatKind, now: Situation) -> Why:
    if now.emergency:
        return Why.ALL_HANDS
    if need.anybody and not fits(need, kind):
        return Why.ANYBODY
    if need.home and kind.group != need.home:
        helped = any(s.helped == need.home and s.helper == kind.group for s in now.rules.supports)
        return Why.SUPPORT if helped else Why.WIDENED
    return _why_of_skill(need, kind, has_rule=now.rules.skill(need.skill) is not None)


def _why_of_skill(need: Need, kind: SeatKind, *, has_rule: bool) -> Why:
    if level := kind.level:
        return Why.SKILL if level >= need.best else Why.WIDENED
    if has_rule:
        return Why.WIDENED
    return Why.LANGUAGE if need.language and kind.speaks else Why.LONGEST_IDLE


def _take(caller: Caller, number: int, why: Why, *, need: Need, floor: _Floor, now: Situation) -> Assignment:
    floor.taken[number] = 1
    return Assignment(
        caller.call, floor.seats[number].id, why, _detail(caller, need, floor.seats[number], now)
    )


def _detail(caller: Caller, need: Need, seat: Seat, now: Situation) -> str:
    """Say shortly what was asked for; nothing for an ordinary caller."""
    said = []
    if caller.wish.priority >= EMERGENCY:
        said.append("emergency")
    elif level := first_class(caller, now.rules):
        said.append(f"class:{level}")
    if need.skill:
        said.append(f"skill:{need.skill}/{seat.profile.level(need.skill)}")
    if need.language:
        said.append(f"language:{need.language}")
    if seat.profile.group:
        said.append(f"group:{seat.profile.group}")
    if said:
        said.append(f"waited:{max(0, int((now.at - caller.since).total_seconds()))}")
    return " ".join(said)[:120]
