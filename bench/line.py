"""Decisions per second of the engine with 500 seats busy and 200 callers waiting, and what a decision costs.

    python -m bench.line [--seconds 3]

A seat becomes free, the engine gives it to the caller whose turn it is, the exchange (which does nothing, at once)
confirms, the talk ends and another caller joins: the line stays as long as it was. Compared in the same run with bare
choose() on the same picture, and with the least that could be called a choice: sort the callers, sort the seats.
"""

import argparse
import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from bench.exchange import NullSwitch, an_engine
from routing.live import Caller, Profile, Seat, SeatState, Wish
from routing.rules import Language, LineRules, Skill, Step
from routing.seats import choose

SEATS, WAITING = 500, 200
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
WISHES = (*(Wish(),) * 8, Wish(skill="enterprise"), Wish(language="minnan"))
PROFILES = (
    *(Profile(group="general"),) * 6,
    *(Profile(group="general", languages=frozenset({"minnan"})),) * 2,
    *(Profile(group="enterprise", skills=(("enterprise", 3), ("tax", 2))),) * 2,
)
RULES = {
    "plain order": LineRules(),
    "skills, dialect, elders": LineRules(
        skills=(Skill("enterprise", level=3, group="enterprise", steps=(Step(30, 0, ("general",)),)),),
        languages=(Language("minnan", after=45),),
        elder_priority=1,
    ),
}


class Clock:
    """Stands still unless told: ten milliseconds for each call, as in a busy city."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def advance(self) -> None:
        self.at += timedelta(milliseconds=10)


def callers(at: datetime) -> list[Caller]:
    return [
        Caller(
            f"c{n}",
            f"c{n}",
            "138",
            since=at - timedelta(seconds=60 - n / 4),
            heard_at=at,
            wish=WISHES[n % 10],
        )
        for n in range(WAITING)
    ]


def seats(state: SeatState) -> list[Seat]:
    return [
        Seat(f"s{n}", f"{n}", f"{n}", state, START, START + timedelta(seconds=n), profile=PROFILES[n % 10])
        for n in range(SEATS)
    ]


def rate(decide: Callable[[], object], seconds: float) -> float:
    """Return how often this can be done in a second of processor time."""
    decide()
    count, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        decide()
        count += 1
    return count / spent


def naive(waiting: list[Caller], free: list[Seat]) -> list[tuple[str, str]]:
    """Sort both and pair them: no rules at all."""
    ordered = sorted(waiting, key=lambda caller: caller.since)
    return [
        (caller.call, seat.id)
        for caller, seat in zip(ordered, sorted(free, key=lambda seat: seat.idle_since), strict=False)
    ]


async def engine_rate(rules: LineRules, seconds: float) -> tuple[float, float]:
    """Return decisions per second of processor time, everything about a call included, and its microseconds."""
    clock, switch, moved = Clock(), NullSwitch(), []
    engine = an_engine(switch, clock.now, rules)
    switch.on_assign = lambda call, seat: moved.append((call, seat))
    for n, profile in zip(range(SEATS), itertools.cycle(PROFILES), strict=False):
        engine.sign_on(f"s{n}", agent=f"{n}", name=f"{n}", at=clock.now(), profile=profile)
        engine.phone(f"s{n}", registered=True, mic=True, at=clock.now())
        engine.ready(f"s{n}", at=clock.now())
    working = [asyncio.create_task(part) for part in (engine._work.run(), engine._note())]  # noqa: SLF001
    fresh = itertools.count()

    def join() -> None:
        number = next(fresh)
        engine.caller_joined(f"c{number}", f"c{number}", "138", clock.now(), wish=WISHES[number % 10])

    def confirm() -> None:
        while moved:
            call, seat = moved.pop()
            engine.caller_left(call, clock.now())
            engine.seat_offered(call, seat, clock.now())
            engine.seat_answered(call, seat, f"PJSIP/{seat}", clock.now())

    for _ in range(SEATS + WAITING):
        join()
    await engine._work.done()  # noqa: SLF001
    confirm()
    count, busy, began = 0, itertools.cycle(range(SEATS)), time.process_time()
    while (spent := time.process_time() - began) < seconds:
        clock.advance()
        seat = f"s{next(busy)}"
        talk = engine.line.talk_of(seat)
        if talk is None:
            continue  # its caller's circle has not widened to it yet
        engine.talk_ended(talk.call, clock.now())
        engine.wrapped(seat, at=clock.now())
        await engine._work.done()  # noqa: SLF001
        count += len(moved)
        confirm()
        join()
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    return count / spent, spent / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="of processor time for each measurement")
    seconds = parser.parse_args().seconds
    waiting, one, all_free = callers(START), seats(SeatState.READY)[:1], seats(SeatState.READY)
    at = START + timedelta(seconds=1)
    base = rate(partial(naive, waiting, one), seconds)
    print(f"{SEATS} seats, {WAITING} waiting; decisions in a second of processor time")
    print(f"  {'two sorted() and no rules':<46}{base:>9.0f}")
    for name, rules in RULES.items():
        bare = rate(partial(choose, waiting, one, rules, at), seconds)
        made, cost = asyncio.run(engine_rate(rules, seconds))
        print(f"  {'choose(), ' + name:<46}{bare:>9.0f}  {base / bare:.1f} × the time of two sorted()")
        print(
            f"  {'engine, ' + name:<46}{made:>9.0f}  {bare / made:.1f} × the time of choose(), {cost:.0f} µs"
        )
        flood = rate(partial(choose, waiting, all_free, rules, at), seconds)
        print(f"  {'all seats free at once, ' + name:<46}{1000 / flood:>9.1f}  ms for {WAITING} callers")


if __name__ == "__main__":
    main()
