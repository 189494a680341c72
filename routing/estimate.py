"""How long will this caller wait? A range that can be kept, or nothing. Pure: a picture of the line in, seconds out.

Derivation. A caller with k - 1 others before him is served at the k-th time that one of the seats which may take him
becomes free. A seat on a call becomes free when the talk, of lognormal length and known to last already, is over and
the work after it done; a seat at that work sooner. Afterwards each becomes free again and again like a renewal process,
because somebody is always waiting. Summed over the seats, the number of releases until t has about the mean m and the
variance v:

    m = sum of F_i + (sum of f_i) * renewals            F_i: first release of seat i, given what it has been doing since
    v = sum of F_i (1 - F_i) + c² · renewals + (m c)² / n       c: spread / mean of the n calls seen lately

and callers before him who give up count like releases. The wait exceeds t if there were fewer than k, which for a sum
of many small parts is normal: P(wait <= t) = Φ((m(t) - k + ½) / √v(t)). Told are the 10 % and the 90 % point of it, so
four callers of five wait within the range, and of those who do not, half are served sooner. Rounding to whole minutes
is outward and makes it more. What nobody can know is left out: breaks that are not announced yet, and callers of a
higher class who are still to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil, erf, inf, isfinite, log, sqrt
from operator import mul
from statistics import NormalDist

STEP = 10.0
"""Seconds of one step of the grid on which releases are counted."""
STEPS = 180
"""Beyond half an hour nothing is told but "more than"."""
LEAST_SEEN = 20
"""With fewer handling times nobody can say anything."""
LOW, HIGH = 0.1, 0.9
PROMISED = HIGH - LOW
LONGEST_TOLD = 15
"""Minutes; of what may take longer only the least is told."""

_normal = NormalDist()


@dataclass(frozen=True, slots=True)
class Length:
    """Mean and standard deviation, in seconds."""

    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class Handling:
    """How long the last callers kept their seats busy."""

    seen: int
    talk: Length
    """From the seat's ringing to the end of the talk."""
    wrap_up: Length
    """From then until the seat was free."""
    rings: float = 5.0
    """So long until the seat answers."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The seats that may take the caller, from a moment of his waiting on: rules widen the circle."""

    opens_in: float
    """Seconds from now."""
    ahead: float
    """Callers who go before him. One who could as well go to seats outside the pool counts for a part."""
    free: int
    talks: tuple[float, ...]
    """For each seat on a call, how long it has been."""
    wraps_up: tuple[float, ...]
    """For each seat with work after a call, how long it has been at it."""


@dataclass(frozen=True, slots=True)
class LinePicture:
    pools: tuple[Pool, ...]
    handling: Handling
    patience: float = inf
    """After so many seconds, on average, a caller gives up."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Four callers of five wait between low and high; high is infinite when it is beyond half an hour."""

    low_seconds: float
    high_seconds: float
    position: int
    """1 is next."""


@dataclass(frozen=True, slots=True)
class Told:
    """What may honestly be said of a wait, in whole minutes: from low to high, or low and more."""

    low: int
    high: int | None


def told(wait: Wait) -> Told | None:
    """Round outward, so that what is said holds at least as often as the range; None if nothing is left to say."""
    low = int(wait.low_seconds // 60)
    if isfinite(wait.high_seconds) and (high := max(1, ceil(wait.high_seconds / 60))) <= LONGEST_TOLD:
        return Told(low, high)
    return Told(min(low, LONGEST_TOLD), None) if low else None


def estimate(picture: LinePicture) -> Wait | None:
    """Return the range of the wait, or None if too little is known to say one."""
    pools = [pool for pool in picture.pools if pool.free or pool.talks or pool.wraps_up]
    if not pools or picture.handling.seen < LEAST_SEEN:
        return None
    ranges = [_range(pool, picture) for pool in pools]
    low, high = (min(points) for points in zip(*ranges, strict=True))
    rings = picture.handling.rings
    return Wait(low + rings, high + rings, 1 + round(pools[0].ahead))


def _range(pool: Pool, picture: LinePicture) -> tuple[float, float]:
    """Return the low and the high point of the wait for this pool."""
    turn = pool.ahead + 1 - pool.free
    low = high = 0.0
    if turn > 0:
        chances = _chances(pool, picture.handling, turn, patience=picture.patience)
        low, high = _point(chances, LOW), _point(chances, HIGH)
    # A circle that opens later opens within a step of that moment, no more is known.
    return max(pool.opens_in, low), max(pool.opens_in + STEP, high) if pool.opens_in else high


def _chances(pool: Pool, handling: Handling, turn: float, *, patience: float) -> list[float]:
    """Return for each step of the grid the chance that his turn has come by then."""
    talk, wrap_up = handling.talk, handling.wrap_up
    first, spread = _first_releases(pool, handling)
    releases = list(accumulate(first))
    renewed = list(accumulate(_sums(first, _renewals(talk, wrap_up))))
    shape = (talk.spread**2 + wrap_up.spread**2) / max(1.0, talk.mean + wrap_up.mean) ** 2
    gone, chance, chances = 0.0, 0.0, []
    for step in range(STEPS):
        served = releases[step] + renewed[step]
        gone += max(0.0, turn - 1 - served - gone) * STEP / patience
        variance = spread[step] + shape * (renewed[step] + served**2 / handling.seen) + gone
        if variance > 0:
            chance = max(chance, _normal.cdf((served + gone - turn + 0.5) / sqrt(variance)))
        chances.append(chance)
    return chances


def _first_releases(pool: Pool, handling: Handling) -> tuple[list[float], list[float]]:
    """Return how many seats become free for the first time in each step, and the variance of their number by then."""
    rates, spread = _ends(pool.talks, handling.talk)
    if handling.wrap_up.mean >= 1:
        rates = _sums(rates, _ends((0.0,), handling.wrap_up)[0])
        shift = round(handling.wrap_up.mean / STEP)
        spread = ([0.0] * shift + spread)[:STEPS]
    done, doubt = _ends(pool.wraps_up, handling.wrap_up)
    return [a + b for a, b in zip(rates, done, strict=True)], [
        a + b for a, b in zip(spread, doubt, strict=True)
    ]


def _ends(lasted: tuple[float, ...], length: Length) -> tuple[list[float], list[float]]:
    """Return how many of these end in each step, given how long they have lasted, and the variance by then."""
    groups: dict[int, int] = {}
    for each in lasted:
        begun = min(max(0, int(each / STEP)), 2 * STEPS)
        groups[begun] = groups.get(begun, 0) + 1
    rates, spread = [0.0] * STEPS, [0.0] * STEPS
    lasts = _lasts(length)
    for begun, count in groups.items():
        left = [each / lasts[begun] for each in lasts[begun : begun + STEPS + 1]]
        for step in range(STEPS):
            rates[step] += count * (left[step] - left[step + 1])
            spread[step] += count * left[step + 1] * (1 - left[step + 1])
    return rates, spread


@lru_cache(maxsize=16)
def _lasts(length: Length) -> tuple[float, ...]:
    """Return the chance of lasting longer than each step of the grid, for a lognormal length."""
    mean, spread = max(length.mean, 1.0), max(length.spread, 0.1)
    width = sqrt(log(1 + (spread / mean) ** 2))
    middle = log(mean) - width**2 / 2
    places = ((log(step * STEP) - middle) / width for step in range(1, 3 * STEPS + 1))
    # Never quite nothing: what lasts longer than anything ever seen will end, and nobody knows when.
    lasts = [1.0, *(0.5 - 0.5 * erf(place / sqrt(2)) for place in places)]
    return tuple(max(each, 0.5**step * 1e-6) for step, each in enumerate(lasts))


@lru_cache(maxsize=8)
def _renewals(talk: Length, wrap_up: Length) -> tuple[float, ...]:
    """Return how often a seat that has just become free is released again in each step."""
    both = Length(talk.mean + wrap_up.mean, sqrt(talk.spread**2 + wrap_up.spread**2))
    ends = [before - after for before, after in pairwise(_lasts(both))][:STEPS]
    again: list[float] = []
    for step in range(STEPS):
        again.append(ends[step] + sum(map(mul, ends, reversed(again))))
    return tuple(again)


def _sums(first: list[float], then: Sequence[float]) -> list[float]:
    """Convolve: when two lengths in a row are over. Both begin anywhere in their step, so a sum lies between two."""
    exact = [sum(map(mul, first[: step + 1], then[step::-1])) for step in range(STEPS)]
    return [exact[0] / 2, *((before + each) / 2 for before, each in pairwise(exact))]


def _point(chances: list[float], wanted: float) -> float:
    """Return the second by which the chance is as wanted; infinite if it never is."""
    before = 0.0
    for step, chance in enumerate(chances):
        if chance >= wanted:
            part = (wanted - before) / (chance - before)
            return (step + part) * STEP
        before = chance
    return inf
