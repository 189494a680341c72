"""Which of the calls we owe come into the line now. Pure: debts and the state of the line in, a choice out.

Nobody is rung for whom there is no seat, and nobody who waits on the telephone waits longer because we ring others: what
merely became a debt fills idle seats, and goes back when citizens come. Only who gave up waiting for a promise to be rung
in his turn has a place before those who came after him.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cases.call_parts import RingBackReason
from cases.telephone import canonical
from routing.line import Line
from routing.live import Caller, SeatState
from storage.ring_backs import Owed

# A seat that is on a call is there for the next one; a seat on a break is not.
ON_DUTY = frozenset(
    {SeatState.READY, SeatState.RINGING, SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP}
)


@dataclass(frozen=True, slots=True)
class Room:
    """How the line stands. Of those whom we owe a call, `standing` wait in it."""

    waiting: int
    """Citizens on the telephone who wait for a seat."""
    free: int
    on_duty: int
    standing: tuple[str, ...] = ()
    ringing: int = 0
    """Those whom we owe a call and who are promised to a seat, or talk to it."""
    on_the_phone: frozenset[str] = frozenset()
    """Numbers of all who are on the telephone with us."""

    @property
    def idle(self) -> int:
        """Seats for which nobody is there, not even one whom we owe a call."""
        return self.free - self.waiting - len(self.standing)


def room_in(line: Line) -> Room:
    """Return how the line stands."""
    callers, talks = line.callers.values(), line.talks.values()
    free = [seat for seat in line.free_seats() if seat.usable and not seat.next_break]
    seats = [seat for seat in line.seats.values() if seat.state in ON_DUTY and not seat.next_break]
    standing = waiting_debts(line)
    ours = [each for each in (*callers, *(talk.caller for talk in talks)) if each.is_owed]
    on_the_phone = {canonical(each.number) for each in callers if not each.ring_back}
    on_the_phone |= {canonical(talk.number) for talk in talks}
    return Room(
        waiting=sum(not each.ring_back for each in line.unassigned()),
        free=len(free),
        on_duty=len(seats),
        standing=tuple(each.ring_back for each in standing),
        ringing=len(ours) - len(standing),
        on_the_phone=frozenset(on_the_phone),
    )


def waiting_debts(line: Line) -> list[Caller]:
    """Return those whom we owe a call and who are promised to no seat yet, in the order of their turn."""
    return [each for each in line.unassigned() if each.is_owed]


def pick(owed: Iterable[Owed], room: Room) -> list[Owed]:
    """Return who joins the line now, of those who may be rung, in their order.

    Those who asked for it: as long as there is a seat on duty for each of ours in the line. The others: one for each
    seat that would stay idle.
    """
    chosen: list[Owed] = []
    numbers = set(room.on_the_phone)
    for each in owed:
        number = each.dial or ""
        if not number or number in numbers or each.call in room.standing:
            continue
        ours = len(room.standing) + len(chosen)
        fits = ours + room.ringing < room.on_duty if asked(each) else len(chosen) < room.idle
        if fits:
            chosen.append(each)
            numbers.add(number)
    return chosen


def too_many(standing: Sequence[Caller], asked_for: frozenset[str], room: Room) -> list[str]:
    """Return which debts leave the line again: the seats they came for are wanted, or have gone. The last goes first."""
    leaving: list[str] = []
    for each in reversed(standing):
        rest = len(standing) - len(leaving)
        crowded = rest + room.ringing > room.on_duty
        delays = each.ring_back not in asked_for and room.free - room.waiting < rest
        if crowded or delays:
            leaving.append(each.ring_back)
    return leaving


def asked(owed: Owed) -> bool:
    return owed.reason is RingBackReason.ASKED
