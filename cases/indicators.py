"""The indicators of the hotline as data: what is counted, by which date it belongs to a period, from where it comes.

A share has a numerator (`part`) and a denominator (`whole`); where the denominator is 0 there is no figure, not 0. What a
definition leaves out is counted, too, and shown beside it. The words of each stand in the catalogue under its code:
`indicator.<code>.title`, `.part`, `.whole`, `.out`, and `indicator.cohort.<cohort>`.
A definition that changes what it counts gets a higher `version`; figures that were frozen keep the one they were made by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cases.figures import share


class Form(StrEnum):
    """How a figure is read."""

    SHARE = "share"
    COUNT = "count"
    SECONDS = "seconds"
    HOURS = "hours"
    DAYS = "days"
    POINTS = "points"


class Cohort(StrEnum):
    """The date by which a case, clock or call belongs to a period."""

    DUE = "due"
    FIRST_DUE = "first_due"
    RECEIVED = "received"
    SENT = "sent"
    DECIDED = "decided"
    REVIEWED = "reviewed"
    FINAL = "final"
    EVALUATED = "evaluated"
    CLOSED = "closed"
    OFFERED = "offered"
    AGREED = "agreed"
    LOOKED_UP = "looked_up"
    IN_FORCE = "in_force"


class Source(StrEnum):
    """Where it comes from. Only what comes from cases can be split by unit, intent and so on."""

    CASES = "cases"
    LINE = "line"
    KNOWLEDGE = "knowledge"


class Axis(StrEnum):
    """By what a figure can be split."""

    ALL = "all"
    UNIT = "unit"
    INTENT = "intent"
    PARTY = "party"
    URGENCY = "urgency"
    CHANNEL = "channel"
    CLASS = "class"


SPLITS: tuple[Axis, ...] = tuple(axis for axis in Axis if axis is not Axis.ALL)


class Spread(StrEnum):
    """What is taken of many times."""

    MEAN = "mean"
    MEDIAN = "median"
    P90 = "p90"


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator. `number` is the row of the city's list it answers; rows with variants have several."""

    code: str
    number: str
    form: Form
    cohort: Cohort
    source: Source = Source.CASES
    spread: Spread | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what it was made of."""

    value: float | None
    part: float = 0.0
    whole: float = 0.0
    excluded: int = 0
    pending: int = 0


NOTHING = Figure(None)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted; two of them add up."""

    part: float = 0.0
    whole: float = 0.0
    excluded: int = 0
    pending: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.part + other.part,
            self.whole + other.whole,
            self.excluded + other.excluded,
            self.pending + other.pending,
        )


def figure_of(form: Form, tally: Tally) -> Figure:
    """Return the figure of a tally: a count is its numerator, anything else is divided."""
    value = tally.part if form is Form.COUNT else share(tally.part, tally.whole)
    return Figure(value, tally.part, tally.whole, tally.excluded, tally.pending)


def spread_of(spread: Spread, values: Sequence[float]) -> Figure:
    """Return mean, median or 90th percentile of times, with their sum and number.

    The median of an even number is the mean of the middle two; the 90th percentile is the smallest time that at least
    nine tenths do not exceed, so it is always one that really happened.
    """
    if not values:
        return NOTHING
    ordered, number = sorted(values), len(values)
    whole = sum(ordered)
    if spread is Spread.MEAN:
        value = whole / number
    elif spread is Spread.MEDIAN:
        value = (ordered[(number - 1) // 2] + ordered[number // 2]) / 2
    else:
        value = ordered[-(-9 * number // 10) - 1]
    return Figure(value, whole, number)


def differs(one: Figure, other: Figure) -> bool:
    """Tell whether two counts of the same thing are not the same; pending does not matter once a period is over."""

    def exact(figure: Figure) -> tuple[float | None, float, float, int]:
        value = None if figure.value is None else round(figure.value, 9)
        return value, round(figure.part, 6), round(figure.whole, 6), figure.excluded

    return exact(one) != exact(other)


def _case(code: str, number: str, cohort: Cohort, form: Form = Form.SHARE) -> Definition:
    return Definition(code, number, form, cohort)


def _line(code: str, number: str, form: Form = Form.SHARE) -> Definition:
    return Definition(code, number, form, Cohort.OFFERED, Source.LINE)


def _time(code: str, form: Form, spread: Spread) -> Definition:
    return Definition(code, "I-13", form, Cohort.CLOSED, spread=spread)


def _knowledge(code: str, cohort: Cohort) -> Definition:
    return Definition(code, "I-19", Form.SHARE, cohort, Source.KNOWLEDGE, version=2)


VOLUMES: tuple[Definition, ...] = (
    _case("received", "F10-15", Cohort.RECEIVED, Form.COUNT),
    _case("valid", "F07-05", Cohort.RECEIVED, Form.COUNT),
    _case("direct_cases", "F10-15", Cohort.RECEIVED, Form.COUNT),
    _case("dispatched_cases", "F10-15", Cohort.SENT, Form.COUNT),
    _case("dispatches", "F10-15", Cohort.SENT, Form.COUNT),
    _case("closed_cases", "F10-15", Cohort.CLOSED, Form.COUNT),
)
"""Volumes. 件 is a case, 件次 one giving of a case to a unit; the seeds mix them, so both stand here."""

RATES: tuple[Definition, ...] = (
    _case("read", "I-1", Cohort.DUE),
    _case("read_assist", "I-1", Cohort.DUE),
    _case("reply", "I-2", Cohort.DUE),
    _case("reply_first", "I-2", Cohort.FIRST_DUE),
    _case("reply_assist", "I-2", Cohort.DUE),
    _case("completion", "I-3", Cohort.RECEIVED),
    _case("completion_due", "I-3", Cohort.DUE),
    _line("answer_rate", "I-4a"),
    _line("answer_rate_adjusted", "I-4a"),
    _line("level", "I-4b"),
    _line("level_of_ring", "I-4b"),
    _line("worst_day", "I-4c"),
    _case("direct", "I-5", Cohort.RECEIVED),
    _line("direct_of_calls", "I-5"),
    _case("direct_consult", "I-5", Cohort.RECEIVED),
    _case("solved", "I-6", Cohort.EVALUATED),
    _case("solved_strict", "I-6", Cohort.EVALUATED),
    _case("satisfied", "I-7", Cohort.EVALUATED),
    _case("satisfied_first", "I-7", Cohort.EVALUATED),
    _case("coverage", "I-7", Cohort.EVALUATED),
    _case("contact", "I-8", Cohort.DUE),
    _case("published", "I-9", Cohort.FINAL),
    _case("published_fit", "I-9", Cohort.FINAL),
    _case("accuracy", "I-10", Cohort.SENT),
    _case("followed", "I-10", Cohort.SENT),
    _case("returned", "I-11", Cohort.SENT),
    _case("return_granted", "I-11", Cohort.DECIDED),
    _case("ping_pong", "I-11", Cohort.SENT),
    _case("rework", "I-12", Cohort.FINAL),
    _case("repeat_30", "I-12", Cohort.RECEIVED),
    _case("repeat_90", "I-12", Cohort.RECEIVED),
    _case("recurrence", "I-12", Cohort.CLOSED),
    _time("hours_mean", Form.HOURS, Spread.MEAN),
    _time("hours_median", Form.HOURS, Spread.MEDIAN),
    _time("hours_p90", Form.HOURS, Spread.P90),
    _time("days_mean", Form.DAYS, Spread.MEAN),
    _time("days_median", Form.DAYS, Spread.MEDIAN),
    _time("days_p90", Form.DAYS, Spread.P90),
    _line("abandon_rate", "I-14"),
    _line("abandon_rate_adjusted", "I-14"),
    _line("wait_mean", "I-14", Form.SECONDS),
    _line("talk_mean", "I-14", Form.SECONDS),
    _line("wrap_up_mean", "I-14", Form.SECONDS),
    _line("occupancy", "I-14"),
    _line("adherence", "I-14"),
    _line("ring_back", "I-15"),
    _case("on_site", "I-16", Cohort.DUE),
    _case("line_accept", "I-17", Cohort.DUE),
    _case("line_respond", "I-17", Cohort.DUE),
    _case("line_arrival", "I-17", Cohort.AGREED),
    _case("line_call_score", "I-17", Cohort.DECIDED, Form.POINTS),
    _case("line_work_score", "I-17", Cohort.DECIDED, Form.POINTS),
    _case("extended", "I-18", Cohort.SENT),
    _case("paused", "I-18", Cohort.SENT),
    _case("long_term", "I-18", Cohort.SENT),
    _knowledge("knowledge_hit", Cohort.LOOKED_UP),
    _knowledge("knowledge_gap", Cohort.LOOKED_UP),
    _knowledge("knowledge_overdue", Cohort.IN_FORCE),
    _case("first_pass", "I-20", Cohort.REVIEWED),
)

STEPS: tuple[Definition, ...] = (
    _case("step_accept", "G-03", Cohort.DUE),
    _case("step_dispatch", "G-03", Cohort.DUE),
    _case("step_return_decision", "G-03", Cohort.DUE),
    _case("step_centre_review", "G-03", Cohort.DUE),
    _case("step_final_review", "G-03", Cohort.DUE),
    _case("step_feedback", "G-03", Cohort.DUE),
    _case("step_callback", "G-03", Cohort.DUE),
)
"""The centre's own steps: each has its clock, and each is reported (G-03)."""

DEFINITIONS: tuple[Definition, ...] = (*VOLUMES, *RATES, *STEPS)
BY_CODE: Mapping[str, Definition] = {each.code: each for each in DEFINITIONS}


def narrowed(
    figures: Mapping[tuple[Axis, str], Figure], form: Form, units: frozenset[str]
) -> dict[tuple[Axis, str], Figure]:
    """Return what some units have in figures of the whole city: their own rows, and their sum where figures add up."""
    own = {key: figure for key, figure in figures.items() if key[0] is Axis.UNIT and key[1] in units}
    if form in {Form.HOURS, Form.DAYS}:
        # A median of several units cannot be made of theirs.
        return {(Axis.ALL, ""): next(iter(own.values())) if len(own) == 1 else NOTHING} | own
    tally = Tally()
    for figure in own.values():
        tally += Tally(figure.part, figure.whole, figure.excluded, figure.pending)
    return {(Axis.ALL, ""): figure_of(form, tally)} | own
