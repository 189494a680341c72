"""The time limits that cities promise, as data. Cities differ by profile, not by code.

A profile is a list of rows; the first row that fits a case gives its limit. A profile never changes once a case
has been judged by it: a city that promises something new gets a new profile, and running clocks keep their own.

What a city has not published, its centre's own steps above all, is the same in every profile: `COMMON`, our choice.
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.limits import Limit, Unit


class Intent(StrEnum):
    """What the citizen wants of the city."""

    CONSULT = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    REPORT = "举报"
    SUGGESTION = "建议"
    PRAISE = "表扬"
    OTHER = "其他"


class Urgency(StrEnum):
    NORMAL = "一般"
    URGENT = "紧急"
    CRITICAL = "特急"


class ClockKind(StrEnum):
    """Which obligation a clock measures."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    READ = "read"
    CONTACT = "contact"
    ON_SITE = "on_site"
    REPLY = "reply"
    UNIT_REVIEW = "unit_review"
    CENTRE_REVIEW = "centre_review"
    FINAL_REVIEW = "final_review"
    FEEDBACK = "feedback"
    CALLBACK = "callback"
    RETURN_DECISION = "return_decision"
    REQUEST_DECISION = "request_decision"
    PAUSE = "pause"
    LONG_TERM = "long_term"
    FRONTLINE_ACCEPT = "frontline_accept"
    FRONTLINE_RESPOND = "frontline_respond"
    REWORK = "rework"
    SUPERVISE = "supervise"
    ANSWER_LATER = "answer_later"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class Row:
    """One promise. What is left empty fits every case."""

    clock: ClockKind
    limit: Limit
    intents: frozenset[Intent] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()
    listed: bool | None = None
    hard: bool | None = None

    def fits(self, intent: Intent, urgency: Urgency, *, listed: bool, hard: bool) -> bool:
        return (
            (not self.intents or intent in self.intents)
            and (not self.urgencies or urgency in self.urgencies)
            and self.listed in (None, listed)
            and self.hard in (None, hard)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A city's promises in one era."""

    version: str
    title: str
    rows: tuple[Row, ...]

    def limit(
        self,
        clock: ClockKind,
        intent: Intent = Intent.OTHER,
        urgency: Urgency = Urgency.NORMAL,
        *,
        listed: bool = False,
        hard: bool = False,
    ) -> Limit | None:
        """Return the limit of this clock, or None where the city promised nothing.

        `listed` is a matter on the city's list of convenience services 便民服务清单, `hard` one declared 疑难.
        """
        for row in self.rows:
            if row.clock is clock and row.fits(intent, urgency, listed=listed, hard=hard):
                return row.limit
        return None

    def asks_more(self, clock: ClockKind) -> bool:
        """Tell whether this clock's limit can depend on more than intent and urgency."""
        return any(row.clock is clock and not (row.listed is None and row.hard is None) for row in self.rows)


def _wd(amount: int) -> Limit:
    return Limit(amount, Unit.WORKING_DAY)


def _h(amount: int) -> Limit:
    return Limit(amount, Unit.HOUR)


def _min(amount: int) -> Limit:
    return Limit(amount, Unit.MINUTE)


def _days(amount: int) -> Limit:
    return Limit(amount, Unit.DAY)


_CONSULT = frozenset({Intent.CONSULT})
_HELP = frozenset({Intent.HELP})
_ASKING = frozenset({Intent.CONSULT, Intent.HELP})
_SUGGESTION = frozenset({Intent.SUGGESTION})
_NORMAL = frozenset({Urgency.NORMAL})
_URGENT = frozenset({Urgency.URGENT})
_CRITICAL = frozenset({Urgency.CRITICAL})
_PRESSING = _URGENT | _CRITICAL

COMMON = (
    Row(ClockKind.ACCEPT, _wd(1)),
    Row(ClockKind.DISPATCH, _h(2), urgencies=_PRESSING),
    Row(ClockKind.DISPATCH, _wd(1)),
    Row(ClockKind.RETURN_DECISION, _wd(1)),
    Row(ClockKind.REQUEST_DECISION, _wd(1)),
    Row(ClockKind.UNIT_REVIEW, _wd(1)),
    Row(ClockKind.CENTRE_REVIEW, _wd(1)),
    Row(ClockKind.FINAL_REVIEW, _wd(1)),
    Row(ClockKind.FEEDBACK, _wd(1)),
    Row(ClockKind.CALLBACK, _wd(1)),
    Row(ClockKind.ANSWER_LATER, _wd(1)),
    Row(ClockKind.SUPERVISE, _wd(5)),
    # Haikou's and Gulou's promises, for every city that works in this way.
    Row(ClockKind.ON_SITE, _min(30), urgencies=_PRESSING),
    Row(ClockKind.FRONTLINE_ACCEPT, _min(10)),
    Row(ClockKind.FRONTLINE_RESPOND, Limit(1, Unit.WORKING_HOUR)),
)
"""Comes last in each profile, so that a row of the city's own goes first. Each city edits it as it likes."""

FUZHOU_2010 = Policy(
    "fuzhou-2010",
    "福州 2010",
    (
        Row(ClockKind.READ, _wd(2)),
        Row(ClockKind.REPLY, _wd(10)),
        *COMMON,
    ),
)
FUZHOU_2017 = Policy(
    "fuzhou-2017",
    "福州 2017 年修订",
    (
        Row(ClockKind.READ, _wd(2)),
        Row(ClockKind.REPLY, _wd(2), intents=_CONSULT),
        # Before the other intents: an item on the list is promised in three days whatever the citizen calls it.
        Row(ClockKind.REPLY, _wd(3), listed=True),
        Row(ClockKind.REPLY, _wd(3), intents=_HELP),
        Row(ClockKind.REPLY, _wd(5), intents=_SUGGESTION),
        # 投诉 and 举报. The revision is silent on 表扬 and 其他; the general limit of 2010 stays for them.
        Row(ClockKind.REPLY, _wd(10)),
        *COMMON,
    ),
)
GULOU_2020 = Policy(
    "gulou-2020",
    "福州鼓楼 2020",
    (
        Row(ClockKind.REPLY, _h(24), urgencies=_PRESSING),  # hazards
        Row(ClockKind.REPLY, _wd(7)),
        Row(ClockKind.FRONTLINE_ACCEPT, _min(10)),
        Row(ClockKind.FRONTLINE_RESPOND, Limit(1, Unit.WORKING_HOUR)),
        *COMMON,
    ),
)
SHISHI_2016 = Policy(
    "shishi-2016",
    "石狮 2016",
    (
        Row(ClockKind.REPLY, _wd(3), intents=_ASKING),
        Row(ClockKind.REPLY, _wd(5)),
        *COMMON,
    ),
)
HAIKOU_2017 = Policy(
    "haikou-2017",
    "海口 2017",
    (
        Row(ClockKind.ON_SITE, _min(30), urgencies=_PRESSING),
        Row(ClockKind.REPLY, _h(48)),
        *COMMON,
    ),
)
BEIJING_2023 = Policy(
    "beijing-2023",
    "北京 2023",
    (
        Row(ClockKind.DISPATCH, _h(1), urgencies=_CRITICAL),
        Row(ClockKind.DISPATCH, _h(2), urgencies=_URGENT),
        Row(ClockKind.DISPATCH, _h(24), urgencies=_NORMAL),
        Row(ClockKind.REPLY, _h(2), urgencies=_CRITICAL),
        Row(ClockKind.REPLY, _h(24), urgencies=_URGENT),
        Row(ClockKind.REPLY, _days(15), hard=True),
        Row(ClockKind.REPLY, _days(7)),
        *COMMON,
    ),
)

POLICIES: dict[str, Policy] = {
    policy.version: policy
    for policy in (FUZHOU_2010, FUZHOU_2017, GULOU_2020, SHISHI_2016, HAIKOU_2017, BEIJING_2023)
}
