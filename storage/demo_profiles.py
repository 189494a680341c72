"""Pasts that can be generated: how many cases came on which day, of which kind, and what became of them. Data only.

The figures are those of the seed articles and of public bulletins; where they are silent, the numbers are our own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cases.calendar import ONE_DAY, WorkCalendar
from storage.demo_city import Size

# How many of a day's calls come in each hour.
HOURS = (
    0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 2, 7, 11, 10.5, 8, 4.5, 4.5, 7.5, 8, 8, 6, 4.5, 4.5, 4.5, 3, 3, 1.5,
)  # fmt: skip
WEEKDAY, WEEKEND, MAKE_UP, HOLIDAY = 1.0, 0.72, 0.95, 0.55


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of days, the last one included, in which so many cases came."""

    first: date
    last: date
    cases: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Parts of a hundred, as the city published them."""

    direct: float = 38.0
    """Answered on the telephone, of those and the dispatched ones."""
    minor: float = 4.0
    """Merged, refused, invalid or withdrawn, of all."""
    read: float = 98.42
    reply: float = 98.46
    public: float = 76.38
    satisfied: float = 92.69
    reached: float = 86.0
    assist: float = 8.0
    sent_back: float = 3.0
    returned: float = 2.5
    rework: float = 40.0
    """Of those that are neither solved nor satisfied."""
    extended: float = 2.0
    paused: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One city in one era."""

    name: str
    title: str
    size: Size
    policy: str
    phases: tuple[Phase, ...]
    intents: tuple[tuple[str, float], ...]
    channels: tuple[tuple[str, float], ...] = (
        ("phone", 78), ("web", 14), ("sms", 4), ("email", 3), ("fax", 1),
    )  # fmt: skip
    rates: Rates = field(default_factory=Rates)

    @property
    def cases(self) -> int:
        return sum(phase.cases for phase in self.phases)

    @property
    def first(self) -> date:
        return self.phases[0].first

    @property
    def last(self) -> date:
        return self.phases[-1].last

    def with_cases(self, wanted: int) -> "Profile":
        """Return the same days with so many cases altogether."""
        total, phases, given, before = self.cases, [], 0, 0
        for phase in self.phases:
            before += phase.cases
            share = wanted * before // total - given
            given += share
            phases.append(replace(phase, cases=share))
        return replace(self, phases=tuple(phases))

    def ending(self, last: date) -> "Profile":
        """Return the same past, moved so that it ends on this day."""
        by = last - self.last
        moved = (replace(one, first=one.first + by, last=one.last + by) for one in self.phases)
        return replace(self, phases=tuple(moved))


_FUZHOU = (("投诉", 34), ("求助", 30), ("咨询", 22), ("建议", 8), ("举报", 4), ("表扬", 1), ("其他", 1))
_LAUNCH = date(2006, 3, 3)

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="fuzhou-2010",
            title="福州 2006–2010, 475,821 件",
            size=Size.XL,
            policy="fuzhou-2010",
            # 41,288 and 345,000 are published, 475,821 too; the gap of 89,533 is put into the second stretch.
            phases=(
                Phase(_LAUNCH, date(2007, 6, 30), 41_288),
                Phase(date(2007, 7, 1), date(2010, 10, 31), 434_533),
            ),
            intents=_FUZHOU,
        ),
        Profile(
            name="fuzhou",
            title="福州 2003–2010, 三段公布数 (the work calendar begins with 2004)",
            size=Size.XL,
            policy="fuzhou-2010",
            phases=(
                Phase(date(2004, 1, 5), date(2006, 2, 28), 5_192),
                Phase(_LAUNCH, date(2007, 6, 30), 41_288),
                Phase(date(2007, 7, 1), date(2010, 10, 31), 345_000),
            ),
            intents=_FUZHOU,
        ),
        Profile(
            name="gulou-2003",
            title="鼓楼起步 4.7 件/日",
            size=Size.SMALL,
            policy="fuzhou-2010",
            phases=(Phase(date(2004, 1, 5), date(2006, 2, 28), 3_690),),
            intents=(("投诉", 50), ("咨询", 40), ("举报", 10)),
        ),
        Profile(
            name="launch-2006",
            title="福州开通五日 1,806 件",
            size=Size.LARGE,
            policy="fuzhou-2010",
            phases=(Phase(_LAUNCH, date(2006, 3, 7), 1_806),),
            intents=_FUZHOU,
            rates=Rates(read=96.6, reply=97.1),
        ),
        Profile(
            name="haikou-2017",
            title="海口 2017, 约 900 件/日",
            size=Size.MEDIUM,
            policy="haikou-2017",
            phases=(Phase(date(2017, 5, 11), date(2017, 8, 29), 99_900),),
            intents=_FUZHOU,
            channels=(("phone", 88), ("wechat", 6), ("web", 4), ("app", 2)),
            rates=Rates(direct=55, reply=99.42, satisfied=92),
        ),
        Profile(
            name="shishi-2016",
            title="石狮 2013–2016, 约 20 件/日",
            size=Size.SMALL,
            policy="shishi-2016",
            phases=(Phase(date(2013, 6, 1), date(2016, 5, 31), 21_920),),
            intents=(
                ("咨询", 45.9),
                ("投诉", 18.2),
                ("举报", 4.0),
                ("建议", 5.5),
                ("求助", 16.4),
                ("其他", 10.0),
            ),
            rates=Rates(reply=99.8, satisfied=93.8),
        ),
        Profile(
            name="city-month",
            title="地级市一月 1,240 件/日",
            size=Size.LARGE,
            policy="fuzhou-2017",
            phases=(Phase(date(2023, 5, 1), date(2023, 5, 31), 38_440),),
            intents=(("咨询", 51.11), ("投诉", 39.12), ("举报", 6.54), ("建议", 1.69), ("求助", 1.54)),
            channels=(("phone", 91.35), ("wechat", 7.09), ("linked", 0.82), ("web", 0.74)),
            rates=Rates(direct=52.9),
        ),
        Profile(
            name="metro-week",
            title="省会一周 10,200 件/日",
            size=Size.XL,
            policy="fuzhou-2017",
            phases=(Phase(date(2024, 3, 4), date(2024, 3, 10), 71_400),),
            intents=(("咨询", 47), ("求助", 30), ("建议", 15), ("投诉", 6), ("举报", 2)),
            channels=(("phone", 88), ("wechat", 8), ("web", 3), ("app", 1)),
            rates=Rates(direct=52.7),
        ),
    )
}


def plan(profile: Profile, calendar: WorkCalendar) -> list[tuple[date, int]]:
    """Return how many cases came on each day: fewer at weekends, fewest on holidays, to the last case exact."""
    return [day for phase in profile.phases for day in _of_phase(phase, calendar)]


def _of_phase(phase: Phase, calendar: WorkCalendar) -> list[tuple[date, int]]:
    days = [phase.first + n * ONE_DAY for n in range(phase.days)]
    weights = [_weight(day, calendar) for day in days]
    return list(zip(days, shared(phase.cases, weights), strict=True))


def _weight(day: date, calendar: WorkCalendar) -> float:
    weekend = day.weekday() >= 5
    if calendar.is_working(day):
        return MAKE_UP if weekend else WEEKDAY
    return WEEKEND if weekend else HOLIDAY


def shared(whole: int, weights: Sequence[float]) -> list[int]:
    """Share a number out by weights without losing one of it."""
    total, given, before, parts = sum(weights), 0, 0.0, []
    for weight in weights:
        before += weight
        part = round(whole * before / total) - given
        given += part
        parts.append(part)
    return parts
