"""延期与挂起 in the generated past: a few units ask for more time, or for their clock to stand still."""

from cases.limits import Limit, Unit
from cases.policies import ClockKind
from storage.demo_clock import RunningClock, stamp
from storage.demo_rows import Row
from storage.demo_steps import DISPATCHER, Steps, part

EXTENSIONS = ("需与产权单位会商", "现场勘查后须招标", "涉及多个部门，需再协调")
# Reason, what the unit says, days asked for, and the most working days after which the case goes on.
PAUSES = (
    ("wait_citizen", "待诉求人补充材料", 10, 1),
    ("weather_season", "连日降雨，无法施工", 30, 8),
    ("construction_plan", "已列入施工计划", 60, 15),
)
TOLD = "已电话告知诉求人"


def ask(life: Steps, clock: RunningClock | None, m: int) -> None:
    """Let the unit ask, if this case is one of the few and enough is left to be asked for and decided in time."""
    if clock is None or clock.limit.unit is not Unit.WORKING_DAY:
        return
    days, rates = life.days, life.world.profile.rates
    left = days.between(days.local(life.at), days.local(clock.due)) if life.at < clock.due else 0
    if left >= 2 and part(m, rates.extended, 9):
        _extended(life, clock)
    elif left >= 3 and part(m, rates.paused, 10):
        _paused(life, clock)


def _extended(life: Steps, clock: RunningClock) -> None:
    unit, amount = life.unit or "", life.dice.randint(1, clock.limit.amount)
    asked, owed = _asked(life, clock, kind="extension", amount=amount, words=life.dice.choice(EXTENSIONS))
    life.note(life.at, "extension.asked", unit, unit=unit, amount=amount)
    life.step(life.soon(within=1))
    _settled(life, asked, owed, amount)
    for one in _answering(life):
        one.extend(amount, life.days)
    life.note(life.at, "extension.decided", DISPATCHER, amount=amount)


def _paused(life: Steps, clock: RunningClock) -> None:
    unit = life.unit or ""
    reason, words, amount, most = life.dice.choice(PAUSES)
    asked, owed = _asked(life, clock, kind="pause", amount=amount, words=words, reason=reason)
    life.note(life.at, "pause.asked", unit, unit=unit, reason=reason, amount=amount)
    at = life.step(life.soon(within=1))
    _settled(life, asked, owed, amount)
    waiting = _answering(life)
    for one in waiting:
        one.pause(at)
    life.paused = (at, reason)
    life.start(ClockKind.PAUSE, limit=Limit(amount, Unit.DAY))
    life.note(at, "pause.opened", DISPATCHER, reason=reason, amount=amount)
    here = life.days.local(at)
    at = life.step(life.office(life.days.working(here, life.dice.randint(1, most))))
    for one in waiting:
        one.resume(at, life.days)
    life.paused = None
    life.version += 1
    life.stop(ClockKind.PAUSE)
    life.note(at, "pause.closed", DISPATCHER)


def _answering(life: Steps) -> list[RunningClock]:
    """Return the clocks of the answers that still run: the lead's and those of who assists."""
    kind = ClockKind.REPLY.value
    return [
        one
        for one in life.clocks
        if one.kind == kind and one.result == "running" and not one.void and life.at <= one.due
    ]


def _asked(
    life: Steps, clock: RunningClock, *, kind: str, amount: int, words: str, reason: str = ""
) -> tuple[Row, RunningClock | None]:
    at, told = life.step(life.soon(within=0)), TOLD if kind == "pause" else ""
    life.version += 1
    owed = life.start(ClockKind.REQUEST_DECISION)
    asked = (
        life.id, clock.task, kind, reason, words, amount, told, stamp(at) if told else None, life.unit, stamp(at),
        owed.id if owed else None,
    )  # fmt: skip
    life.rows["circuit_request"].append((*asked, None, None, None, None, None))
    return asked, owed


def _settled(life: Steps, asked: Row, owed: RunningClock | None, amount: int) -> None:
    """The centre grants it."""
    life.rows["circuit_request"][-1] = (*asked, True, amount, "同意", DISPATCHER, stamp(life.at))
    life.version += 1
    if owed is not None:
        owed.stop(life.at)
