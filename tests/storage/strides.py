"""What people of every post try with a case, as the random walks make them try it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from cases.workflow import Action, Role, Secrecy, State
from storage import cases
from storage.models import Stage
from storage.people import Actor
from tests.makers import CITIZEN, RULES, a_reply

UNITS = ("szgc", "cgj", "zjj", "rdq", "dmjd")
CENTRE = "rxzx"
Step = Callable[[Connection], object]

PEOPLE: dict[Role, Actor] = {
    role: Actor(f"{role}-1", role, CENTRE)
    for role in (
        Role.AGENT,
        Role.TEAM_LEAD,
        Role.DISPATCHER,
        Role.CENTRE_REVIEWER,
        Role.FINAL_REVIEWER,
        Role.CALLBACK_AGENT,
        Role.ADJUDICATOR,
        Role.SUPERVISOR,
    )
}


def of(unit: str, role: Role) -> Actor:
    return Actor(f"{unit}-{role}", role, unit)


@dataclass(frozen=True, slots=True)
class Look:
    """What a walk needs to know of its case before each step: where it is, who has it, and what waits for somebody."""

    id: int
    state: State
    units: list[str]
    waiting: frozenset[str] = frozenset()


class NotThisTime(Exception):
    """Nobody tried: what would end most walks is left alone most times."""


@dataclass
class Walk:
    """One case and who walks it. Time goes on by itself, from minutes to weeks."""

    dice: random.Random
    no: str
    at: datetime
    others: list[str] = field(default_factory=list)
    impostor: Role | None = None
    """Who tries instead of the one whose step it is."""
    bold: bool = False
    """Whether it is tried at once what is left alone most times, because it ends the walk."""
    answer: Exception | None = None
    """What was said when it was last refused."""
    meant: datetime | None = None
    done: list[Action] = field(default_factory=list)
    refused: int = 0
    """So many tries were refused, so many lines of it are in the history."""

    def later(self) -> datetime:
        spans = [timedelta(minutes=20), timedelta(hours=1), timedelta(hours=20), timedelta(days=3)]
        self.meant = self.at + self.dice.choices(spans, [12, 4, 2, 1])[0]
        return self.meant

    def how(self, by: Actor, *, rules: bool = True) -> dict[str, Any]:
        if self.impostor is not None:
            by = Actor(by.login, self.impostor, by.unit)
        return {"by": by, "at": self.later()} | ({"rules": RULES} if rules else {})


def _holder(walk: Walk, look: Look) -> str:
    """Somebody's unit: mostly one that has a part, now and then a stranger's."""
    return walk.dice.choice([*look.units * 3, walk.dice.choice(UNITS)])


def _unit_move(
    move: Callable[..., object], role: Role, *words: object, rules: bool = True, **more: object
) -> Callable[[Walk, Look], Step]:
    def step(walk: Walk, look: Look) -> Step:
        how = walk.how(of(_holder(walk, look), role), rules=rules)
        return lambda conn: move(conn, walk.no, *words, **more, **how)

    return step


def _post_move(
    move: Callable[..., object],
    *roles: Role,
    words: tuple[object, ...] = (),
    rules: bool = True,
    **more: object,
) -> Callable[[Walk, Look], Step]:
    def step(walk: Walk, _: Look) -> Step:
        how = walk.how(PEOPLE[walk.dice.choice(roles)], rules=rules)
        return lambda conn: move(conn, walk.no, *words, **more, **how)

    return step


def _dispatch(walk: Walk, _: Look) -> Step:
    lead, assist = walk.dice.sample(["szgc", "cgj", "rdq", "rdq"], 2)
    assist = "zjj" if assist == lead else assist
    how = walk.how(PEOPLE[Role.DISPATCHER])
    chosen = [assist] if walk.dice.random() < 0.4 else []
    return lambda conn: cases.dispatch(conn, walk.no, lead=lead, assist=chosen, **how)


def _below(move: Callable[..., object], role: Role, *words: object, rules: bool, **more: object) -> Any:
    def step(walk: Walk, look: Look) -> Step:
        how = walk.how(of(_holder(walk, look), role), rules=rules)
        return lambda conn: move(conn, walk.no, "dmjd", *words, **more, **how)

    return step


def _call_back(walk: Walk, _: Look) -> Step:
    dice, how = walk.dice, walk.how(PEOPLE[Role.CALLBACK_AGENT])
    if dice.random() < 0.3:
        nobody = cases.Evaluation(result="no_answer")
        return lambda conn: cases.call_back(conn, walk.no, nobody, **how)
    said = cases.Evaluation(
        result="reached",
        solved=dice.choice(["full", "full", "part", "no", "unanswered"]),
        satisfied=dice.choice(["满意", "基本满意", "不满意", "不评价"]),
        comment="说明",
    )
    return lambda conn: cases.call_back(conn, walk.no, said, **how)


def _merge(walk: Walk, _: Look) -> Step:
    into = walk.dice.choice([*walk.others, walk.no])
    if not walk.bold and walk.dice.random() < 0.8:
        return _never
    how = walk.how(PEOPLE[Role.DISPATCHER])
    return lambda conn: cases.merge(conn, walk.no, into, **how)


def _adjudicate(walk: Walk, _: Look) -> Step:
    decision = walk.dice.choice(["uphold", "move", "share"])
    ruling = cases.Ruling(
        decision=decision, members=("甲", "乙", "丙"), minutes="纪要", unit=walk.dice.choice(UNITS)
    )
    how = walk.how(PEOPLE[Role.ADJUDICATOR])
    return lambda conn: cases.adjudicate(conn, walk.no, ruling, **how)


def _feed_back(walk: Walk, _: Look) -> Step:
    arrived = walk.dice.random() < 0.7
    how = walk.how(PEOPLE[Role.AGENT])
    return lambda conn: cases.feed_back(conn, walk.no, channel="phone", delivered=arrived, **how)


def _reclassify(walk: Walk, _: Look) -> Step:
    new = cases.Reclass(
        intent=walk.dice.choice(["咨询", "求助", "投诉"]),
        confidential=walk.dice.choice([None, Secrecy.SECRET]),
    )
    how = walk.how(PEOPLE[Role.TEAM_LEAD])
    return lambda conn: cases.reclassify(conn, walk.no, new, **how)


def _withdraw(walk: Walk, _: Look) -> Step:
    how = walk.how(CITIZEN)
    if not walk.bold and walk.dice.random() < 0.93:
        return _never
    return lambda conn: cases.withdraw(conn, walk.no, **how)


def _never(_: Connection) -> object:
    raise NotThisTime


def _ending(move: Callable[..., object], reason: str) -> Callable[[Walk, Look], Step]:
    def step(walk: Walk, _: Look) -> Step:
        how = walk.how(PEOPLE[Role.TEAM_LEAD], rules=False)
        if not walk.bold and walk.dice.random() < 0.9:
            return _never
        return lambda conn: move(conn, walk.no, reason, **how)

    return step


_C, _D, _S = Role.CENTRE_REVIEWER, Role.DISPATCHER, Role.SUPERVISOR
_BACK: dict[str, Any] = {"comment": "请补充"}
STEPS: dict[Action, Callable[[Walk, Look], Step]] = {
    Action.MAKE_READY: _post_move(cases.make_ready, Role.AGENT, rules=False),
    Action.DISPATCH: _dispatch,
    Action.READ: _unit_move(cases.read, Role.HANDLER, rules=False),
    Action.CONTACT_CITIZEN: _unit_move(cases.contact_citizen, Role.HANDLER, "已约", rules=False),
    Action.ASK_RETURN: _unit_move(cases.ask_return, Role.LIAISON, "duty", basis="三定"),
    Action.GRANT_RETURN: _post_move(cases.grant_return, _D, words=("同意",), to="zjj"),
    Action.REFUSE_RETURN: _post_move(cases.refuse_return, _D, words=("不同意",)),
    Action.SHARE_RETURN: _post_move(cases.share_return, _D, words=("cgj", "部分")),
    Action.ADJUDICATE: _adjudicate,
    Action.PASS_DOWN: _below(cases.pass_down, Role.LIAISON, rules=True),
    Action.RECALL: _below(cases.recall, Role.LIAISON, rules=False),
    Action.REPORT: _unit_move(cases.report, Role.HANDLER, "已办", resolution="full"),
    Action.PASS_REPORT: _below(cases.pass_report, Role.UPPER_REVIEWER, rules=False),
    Action.SEND_BACK_REPORT: _below(
        cases.send_back_report, Role.UPPER_REVIEWER, ["要素缺失"], rules=True, comment="补"
    ),
    Action.ASK_PAUSE: _unit_move(cases.ask_pause, Role.LIAISON, "wait_citizen", words="缺", told="已告"),
    Action.PAUSE: _post_move(cases.pause, _D),
    Action.REFUSE_PAUSE: _post_move(cases.refuse_pause, _D, words=("不",), rules=False),
    Action.RESUME: _post_move(cases.resume, _D),
    Action.ASK_EXTENSION: _unit_move(cases.ask_extension, Role.UNIT_LEADER, 1, reason="汛期"),
    Action.EXTEND: _post_move(cases.extend, _C),
    Action.REFUSE_EXTENSION: _post_move(cases.refuse_extension, _C, words=("不",), rules=False),
    Action.REPLY: _unit_move(cases.reply, Role.HANDLER, a_reply()),
    Action.APPROVE_REPLY: _unit_move(cases.approve_reply, Role.UNIT_LEADER),
    Action.REJECT_REPLY: _unit_move(cases.reject_reply, Role.UNIT_LEADER, "重写", rules=False),
    Action.PASS_REVIEW: _post_move(cases.pass_review, _C),
    Action.SEND_BACK: _post_move(cases.send_back, _C, words=(["推诿"],), **_BACK),
    Action.PASS_FINAL: _post_move(cases.pass_final, Role.FINAL_REVIEWER),
    Action.SEND_BACK_FINAL: _post_move(
        cases.send_back_final, Role.FINAL_REVIEWER, words=(["用语"],), **_BACK
    ),
    Action.FEED_BACK: _feed_back,
    Action.TAKE_CALLBACK: _post_move(cases.take_callback, Role.CALLBACK_AGENT, rules=False),
    Action.CLOSE: _call_back,
    Action.REWORK: _post_move(cases.rework, _C, words=("未办好",), why="unsolved"),
    Action.DECLINE_REWORK: _post_move(cases.decline_rework, _C, words=("已办好",), rules=False),
    Action.ASK_LONG_TERM: _unit_move(
        cases.ask_long_term, Role.UNIT_LEADER, "funds", plan="明年", review_days=30, told="已告"
    ),
    Action.MARK_LONG_TERM: _post_move(cases.mark_long_term, _S, _D),
    Action.REFUSE_LONG_TERM: _post_move(cases.refuse_long_term, _S, words=("不",), rules=False),
    Action.REVIEW_LONG_TERM: _post_move(cases.review_long_term, _S, words=("有进展",)),
    Action.END_LONG_TERM: _post_move(cases.end_long_term, _D, words=("已完工",)),
    Action.ASK_EXCLUSION: _unit_move(cases.ask_exclusion, Role.LIAISON, "no_facts", words="无据"),
    Action.EXCLUDE: _post_move(cases.exclude, _C, words=("已说明",), rules=False),
    Action.REFUSE_EXCLUSION: _post_move(cases.refuse_exclusion, _C, words=("不",), rules=False),
    Action.SUPPLEMENT: _post_move(cases.supplement, Role.AGENT, words=("又有新情况",)),
    Action.RECLASSIFY: _reclassify,
    Action.MERGE: _merge,
    Action.WITHDRAW: _withdraw,
    Action.REFUSE: _ending(cases.refuse, "out_of_area"),
    Action.INVALIDATE: _ending(cases.invalidate, "test"),
}
"""Everything that people do to a case that is there."""

OFTEN = frozenset(
    {
        Action.DISPATCH,
        Action.READ,
        Action.REPLY,
        Action.PASS_REVIEW,
        Action.PASS_FINAL,
        Action.FEED_BACK,
        Action.CLOSE,
        Action.PASS_DOWN,
        Action.PAUSE,
        Action.EXTEND,
        Action.MARK_LONG_TERM,
        Action.END_LONG_TERM,
        Action.EXCLUDE,
        Action.PASS_REPORT,
        Action.REPORT,
        Action.APPROVE_REPLY,
    }
)
SELDOM = frozenset(
    {
        Action.SUPPLEMENT,
        Action.RECLASSIFY,
        Action.MERGE,
        Action.ASK_RETURN,
        Action.ASK_LONG_TERM,
        Action.ASK_EXCLUSION,
    }
)

ANSWERS: dict[Action, str] = {
    Action.PAUSE: "pause",
    Action.REFUSE_PAUSE: "pause",
    Action.RESUME: "paused",
    Action.EXTEND: "extension",
    Action.REFUSE_EXTENSION: "extension",
    Action.MARK_LONG_TERM: "long_term",
    Action.REFUSE_LONG_TERM: "long_term",
    Action.REVIEW_LONG_TERM: "long",
    Action.END_LONG_TERM: "long",
    Action.EXCLUDE: "exclusion",
    Action.REFUSE_EXCLUSION: "exclusion",
    Action.APPROVE_REPLY: Stage.APPROVAL,
    Action.REJECT_REPLY: Stage.APPROVAL,
    Action.PASS_REPORT: Stage.REPORTED,
    Action.SEND_BACK_REPORT: Stage.REPORTED,
    Action.DECLINE_REWORK: "rework",
}
"""What must be waiting for it, or else it is refused for sure; that is tried only now and then."""
SENSELESS = 0.1
