"""A day that was, for playing it again by other rules: its callers, and the seats as they were staffed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from routing.day import Arrival, Day, Shift
from routing.live import Profile, SeatState, Wish
from routing.rulebook import profiles
from storage.line_days import Asked, asked_between, seats_until
from storage.seats import Stretch, stretches

WORKING = frozenset(
    {SeatState.READY, SeatState.RINGING, SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP}
)
PATIENCE_SECONDS = 180.0
"""When nobody gave up, that day does not say how long people stand it."""
USUAL_TALK, USUAL_WRAP_UP = 150.0, 60.0


def recorded(conn: Connection, day: date, zone: ZoneInfo) -> Day:
    """Read the day from the store. What it cannot say is drawn from the rest of it: how long those would have talked
    who gave up, and how long those would have stood the wait who were answered.
    """
    start = datetime.combine(day, time(), zone)
    end = start + timedelta(days=1)
    found = stretches(conn, seats_until(conn, end), after=start, until=end)
    skills = profiles(conn)
    shifts = [shift for seat in found for shift in staffed(seat, found[seat], skills, start=start, end=end)]
    return Day(day.isoformat(), start, tuple(arrivals(asked_between(conn, start, end), start)), tuple(shifts))


def arrivals(asked: list[Asked], start: datetime) -> Iterator[Arrival]:
    """Make callers of the records. The same day gives the same ones."""
    dice = Random(start.toordinal())  # noqa: S311  drawn, no secret
    answered = [each for each in asked if each.answered]
    gave_up = len(asked) - len(answered)
    patience = sum(each.waited for each in asked) / gave_up if gave_up else PATIENCE_SECONDS
    lengths = [(each.talk, each.wrap_up) for each in answered] or [(USUAL_TALK, USUAL_WRAP_UP)]
    for each in asked:
        # Exponential patience forgets: who has stood it so far stands as much again.
        more = dice.expovariate(1 / max(patience, 1.0)) if each.answered else 0.0
        talk, wrap_up = (each.talk, each.wrap_up) if each.answered else dice.choice(lengths)
        yield Arrival(
            call=each.call,
            number=each.number or each.call,
            at=(each.at - start).total_seconds(),
            wish=Wish(skill=each.skill, language=each.language, priority=each.priority, line=each.line),
            patience=each.waited + more,
            talk=talk,
            wrap_up=wrap_up,
        )


def staffed(
    seat: str, states: Iterable[Stretch], skills: Mapping[str, Profile], *, start: datetime, end: datetime
) -> Iterator[Shift]:
    """Give the stretches of the day in which the seat took calls; a break ends one."""
    profile = skills.get(seat, Profile())
    begins: datetime | None = None
    for state in states:
        if state.state in WORKING:
            begins = begins or state.began_at
        elif begins is not None:
            yield _shift(seat, profile, begins - start, state.began_at - start)
            begins = None
    if begins is not None:
        yield _shift(seat, profile, begins - start, end - start)


def _shift(seat: str, profile: Profile, begins: timedelta, ends: timedelta) -> Shift:
    return Shift(seat, profile, begins.total_seconds(), ends.total_seconds())
