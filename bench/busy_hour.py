"""A busy hour of 300 agents and Haikou's peak day through the real engine, beside what the simulator expects.

    python -m bench.busy_hour [--days 12] [--only genesys-300]

Every caller, seat and second of the day is played on a clock of the bench's own: the engine, the live model and the
effects are those of the service, the exchange behind them keeps its own books. Waits must lie where another day of the
simulator would lie with 99 % certainty (the band for one day, from --days simulated ones) and within a second of the
simulator's for the very same callers; nobody may be lost, and no seat may be offered a call while it has one. Each caller
who has to wait is told a range by the engine, and what then happens is held against it.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from bench.exchange import Hall
from routing.day import generate
from routing.day_figures import Figures, figures
from routing.estimate import PROMISED, Wait, told
from routing.rules import Language, LineRules, Skill, Step
from routing.simulate import Played, play

PROFILES = ("genesys-300", "haikou-peak")
SEED = 99
RULES = {
    "plain order": LineRules(),
    "skills": LineRules(
        skills=(Skill("enterprise", level=3, steps=(Step(after=30, level=0),)),),
        languages=(Language("minnan", after=45),),
        elder_priority=1,
    ),
}
STUDENT = {8: 3.50, 12: 3.11, 20: 2.86, 30: 2.76}
"""Student's t for 99 %, by the number of days."""
SHOWN = ("wait_mean", "wait_p50", "wait_p95", "level", "abandoned", "occupancy")


@dataclass(frozen=True, slots=True)
class Replay:
    """One day through the engine."""

    figures: Figures
    double_offers: int
    lost: int
    moves: int
    cpu: float
    kept: str
    """How the waits that callers were told were kept."""


async def replay(name: str, rules: LineRules) -> Replay:
    hall = Hall(generate(name, SEED), rules, tick_seconds=1.0)
    engine = hall.engine
    working = [asyncio.create_task(part) for part in (engine._work.run(), engine._note())]  # noqa: SLF001
    began = time.process_time()
    played = await hall.play()
    cpu = time.process_time() - began - hall.estimating
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    for mistake in hall.mistakes.told[:5]:
        print("  double offer:", mistake)
    words = kept(played, hall.estimating)
    return Replay(figures(played), hall.mistakes.double_offers, hall.mistakes.lost, hall.moves, cpu, words)


def kept(played: Played, seconds: float) -> str:
    """Say how often callers who were answered waited as long as they had been told."""
    waits = [
        (fate.waited, fate.told) for fate in played.fates if fate.answered and isinstance(fate.told, Wait)
    ]
    said = [(waited, span) for waited, wait in waits if (span := told(wait))]
    if not said:
        return "nobody was told anything"
    exact = fmean(wait.low_seconds <= waited <= wait.high_seconds for waited, wait in waits)
    spoken = fmean(
        span.low * 60 <= waited and (span.high is None or waited <= span.high * 60) for waited, span in said
    )
    errors = [(wait.low_seconds + min(wait.high_seconds, 1800)) / 2 - waited for waited, wait in waits]
    return (
        f"told {len(said)}: range kept {exact:.1%} (promised {PROMISED:.0%}), in the words said {spoken:.1%}; "
        f"middle off by {fmean(errors):+.1f} s, {fmean(map(abs, errors)):.1f} s without sign; "
        f"{seconds / sum(fate.told is not None for fate in played.fates) * 1e3:.1f} ms each"
    )


def one_day_band(values: Sequence[float]) -> tuple[float, float]:
    """Return where one more day lies with 99 % certainty: the spread of a day, and the doubt about the mean."""
    count = len(values)
    reach = STUDENT[count] * stdev(values) * sqrt(1 + 1 / count)
    return fmean(values) - reach, fmean(values) + reach


def compare(name: str, of: str, rules: LineRules, days: int) -> bool:
    """Print one day through the engine beside the simulator's; tell whether all is as it must be."""
    expected = [figures(play(generate(name, seed), rules)) for seed in range(1, days + 1)]
    twin = figures(play(generate(name, SEED), rules))
    done = asyncio.run(replay(name, rules))
    calls = done.figures.calls
    print(f"{name}, {of}: {calls:.0f} calls, {done.moves} decisions, {done.cpu:.1f} s CPU", end=" ")
    print(f"({done.cpu / calls * 1e6:.0f} µs a call), lost {done.lost}, double offers {done.double_offers}")
    print(f"  {done.kept}")
    well = done.lost == done.double_offers == 0
    print(f"  {'':<12}{'engine':>10}{'same day':>10}{'simulator':>11}{'one day lies within':>24}")
    for field in SHOWN:
        values = [getattr(day, field) for day in expected]
        low, high = one_day_band(values)
        value, same = getattr(done.figures, field), getattr(twin, field)
        slack = (
            0.05 if field.startswith("wait") else 1e-9
        )  # the engine's way to the seat takes its milliseconds
        inside = low - slack <= value <= high + slack
        well = well and inside
        mark = "" if inside else "  OUTSIDE"
        print(
            f"  {field:<12}{value:>10.3f}{same:>10.3f}{fmean(values):>11.3f}{low:>14.3f} … {high:.3f}{mark}"
        )
    return well


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--days", type=int, default=12, choices=[*STUDENT], help="simulated days that make the band"
    )
    parser.add_argument("--only", choices=PROFILES)
    wanted = parser.parse_args()
    well = True
    for name in [wanted.only] if wanted.only else PROFILES:
        for of, rules in RULES.items():
            if of == "plain order" or name != "genesys-300":  # that model knows no skills
                well = compare(name, of, rules, wanted.days) and well
    if not well:
        raise SystemExit("the engine does not do what the simulator expects")


if __name__ == "__main__":
    main()
