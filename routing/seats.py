"""Which free seat takes which waiting caller. Pure: lists in, a list out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from routing.live import Caller, Seat


class Why(StrEnum):
    """The reason that is written into the record of the call."""

    LONGEST_IDLE = "longest_idle"
    ONLY_ONE_READY = "only_one_ready"  # it did not take this call before, but nobody else is ready


@dataclass(frozen=True, slots=True)
class Assignment:
    call: str
    seat: str
    reason: Why


def choose(callers: Iterable[Caller], seats: Iterable[Seat]) -> list[Assignment]:
    """Give each caller, in order of arrival, the seat that has been idle longest.

    A caller is not sent twice to a seat that did not take the call, unless no other is ready.
    """
    free = sorted(seats, key=lambda seat: (seat.idle_since, seat.id))
    chosen: list[Assignment] = []
    for caller in sorted(callers, key=lambda caller: (caller.since, caller.call)):
        if not free:
            break
        willing = [seat for seat in free if seat.id not in caller.refused_by]
        seat = willing[0] if willing else free[0]
        free.remove(seat)
        reason = Why.LONGEST_IDLE if willing else Why.ONLY_ONE_READY
        chosen.append(Assignment(caller.call, seat.id, reason))
    return chosen
