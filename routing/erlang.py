"""How a line behaves in the long run: Erlang's formulas B and C, and A for callers who give up. Pure.

`load` is in Erlang: calls a second times seconds a call. All recursions go from small numbers to large ones and stay
within 0 and 1, so they hold for a village and for a nation (115,000 Erlang).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, exp, expm1, log

STEPS = 400
"""Of the integral over the wait, at least; the error is far below what anybody could measure."""
NEGLIGIBLE, SMALL, LARGE = 1e-12, 1e-300, 1e200


def blocked(load: float, seats: int) -> float:
    """Return the share of callers turned away if nobody may wait (Erlang B)."""
    lost = 1.0
    for seat in range(1, seats + 1):
        lost = load * lost / (seat + load * lost)
    return lost


def must_wait(load: float, seats: int) -> float:
    """Return the share of callers who wait if nobody gives up (Erlang C); 1 if the line would grow for ever."""
    if load >= seats:
        return 1.0
    return _must_wait(blocked(load, seats), load, seats)


def mean_wait(load: float, seats: int, handling: float) -> float:
    """Return the mean wait of all callers, in the unit of `handling`; infinite if the line would grow for ever."""
    if load >= seats:
        return float("inf")
    return must_wait(load, seats) * handling / (seats - load)


def answered_within(load: float, seats: int, handling: float, *, seconds: float) -> float:
    """Return the service level: the share of callers answered within so many seconds if nobody gives up."""
    if load >= seats:
        return 0.0
    return 1.0 - must_wait(load, seats) * exp(-(seats - load) * seconds / handling)


def seats_needed(load: float, handling: float, *, level: float, seconds: float) -> int:
    """Return the least number of seats that answers the wanted share of callers in time.

    One pass: the recursion of Erlang B goes through every smaller number of seats anyway.
    """
    if not 0 <= level < 1:
        raise ValueError(f"no number of seats answers a share of {level} of all callers in time")
    lost, seat = 1.0, 0
    while True:
        seat += 1
        lost = load * lost / (seat + load * lost)
        if seat > load:
            late = _must_wait(lost, load, seat) * exp(-(seat - load) * seconds / handling)
            if 1.0 - late >= level:
                return seat


def _must_wait(lost: float, load: float, seats: int) -> float:
    return seats * lost / (seats - load * (1.0 - lost))


@dataclass(frozen=True, slots=True)
class Patience:
    """A line whose callers give up: after `patience` seconds on average if nobody answers them (Erlang A)."""

    waits: float
    """The share of callers who find no free seat."""
    gives_up: float
    """The share of callers who hang up before a person answers."""
    mean_wait: float
    """Of all callers, served or not."""
    busy: float
    """The share of their time that seats are on calls."""


def with_patience(load: float, seats: int, handling: float, *, patience: float) -> Patience:
    """Return what becomes of callers who wait `patience` seconds on average. Defined for any load, overload too."""
    rate = load / handling
    full = _all_busy(load, seats, handling, patience)
    gives_up = full.queue / patience / rate
    return Patience(
        waits=full.share,
        gives_up=gives_up,
        mean_wait=full.queue / rate,
        busy=min(1.0, load * (1.0 - gives_up) / seats),
    )


@dataclass(frozen=True, slots=True)
class _Full:
    """The states in which every seat is busy."""

    share: float
    """Of the time."""
    queue: float
    """Callers waiting, on average over all the time."""
    log_edge: float
    """Logarithm of the share in which every seat is busy and nobody waits; too small for a number in a great overload."""


def _all_busy(load: float, seats: int, handling: float, patience: float) -> _Full:
    """Sum the weights of the states above "all busy, nobody waits", which has weight 1; those below it sum to 1/B - 1."""
    rate, service, leaving = load / handling, seats / handling, 1 / patience
    weight, waiting, queue, scale, length = 1.0, 1.0, 0.0, 0.0, 0
    while weight > NEGLIGIBLE * waiting or rate > service + length * leaving:
        length += 1
        weight *= rate / (service + length * leaving)
        waiting += weight
        queue += weight * length
        if weight > LARGE:
            waiting, queue, scale, weight = waiting / weight, queue / weight, scale + log(weight), 1.0
    below = (1 / max(blocked(load, seats), SMALL) - 1.0) * exp(-scale)
    everything = below + waiting
    return _Full(waiting / everything, queue / everything, -scale - log(everything))


def served_within(load: float, seats: int, handling: float, *, patience: float, seconds: float) -> float:
    """Return the share of all callers who are answered within so many seconds, given that some give up.

    The wait that a caller is offered has, for x > 0, the density
    rate · P(one seat free) · exp(rate · patience · (1 - e^(-x/patience)) - seats · x / handling);
    he is still there then with e^(-x/patience) (Baccelli and Hebuterne).
    """
    rate, service = load / handling, seats / handling
    full = _all_busy(load, seats, handling, patience)
    log_begin = full.log_edge + log(service)  # rate · P(one seat free) = service · P(all busy, nobody waits)

    def density(x: float) -> float:
        return exp(log_begin - rate * patience * expm1(-x / patience) - service * x - x / patience)

    steps = 2 * ceil(max(STEPS, 10 * seconds * (abs(rate - service) + 1 / patience)) / 2)
    return 1.0 - full.share + _integral(density, seconds, steps)


def _integral(density: Callable[[float], float], until: float, steps: int) -> float:
    """Simpson's rule."""
    step = until / steps
    inner = sum((4 if n % 2 else 2) * density(n * step) for n in range(1, steps))
    return (density(0.0) + inner + density(until)) * step / 3


def seats_needed_with_patience(
    load: float, handling: float, *, patience: float, level: float, seconds: float
) -> int:
    """Return the least number of seats with which the wanted share of all callers, lost ones included, is in time."""
    few, many = 1, seats_needed(load, handling, level=level, seconds=seconds)
    while few < many:
        middle = (few + many) // 2
        if served_within(load, middle, handling, patience=patience, seconds=seconds) >= level:
            many = middle
        else:
            few = middle + 1
    return few
