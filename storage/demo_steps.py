"""One generated case: what was asked, and the small tools with which each step of its life is written down."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any

from cases.limits import Limit
from cases.numbers import check_digit
from cases.places import place_key
from cases.policies import ClockKind
from storage import demo_texts
from storage.demo_clock import DAY, Days, RunningClock, stamp
from storage.demo_profiles import Profile
from storage.demo_rows import T_CONTACT, T_CONTACTED_AT, T_CONTACTED_BY, T_ENDED, T_UNIT, Event, Row

AGENTS = ("1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008")
MINUTE, QUARTER = 60, 900
# The key pressed after the talk; most press none.
SURVEYS = (None, None, None, 1, 1, 1, 2, 3)
DISPATCHER, CALLBACK_AGENT = "2001", "6001"
WAYS = {"phone": "电话", "sms": "短信", "email": "短信"}
# No code opens a generated case at the telephone: nobody was ever told one.
_CODE = "0" * 32 + "$" + "0" * 64


class Cut(Exception):
    """The next step would lie in the future."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A matter with the units that have the duty for it."""

    code: str
    name: str
    intents: tuple[str, ...]
    keywords: tuple[str, ...]
    listed: bool
    confidential: bool
    city: tuple[str, ...]
    by_area: dict[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """What all lives have in common."""

    profile: Profile
    days: Days
    leaves: tuple[Leaf, ...]
    areas: tuple[tuple[str, str], ...]
    """District and its short name."""
    city_code: str
    until: int | None
    """Nothing happens after this second; None where all of it is long past."""


@dataclass(slots=True)
class Ids:
    """The next row ids; the loader sets them after what is there already."""

    case: int = 1
    assignment: int = 1
    reply: int = 1
    clock: int = 1


def part(n: int, percent: float, salt: int) -> bool:
    """Choose exactly so many of every ten thousand, spread over them as if by chance."""
    return (n * 7_919 + salt * 1_237) % 10_000 < round(percent * 100)


def split(n: int, percent: float) -> tuple[bool, int]:
    """Choose evenly, and return which one of the chosen (or of the others) this is."""
    share = round(percent * 100)
    before, after = n * share // 10_000, (n + 1) * share // 10_000
    return (True, before) if after > before else (False, n - before)


class Steps:
    """A case that is being written, with the rows that it leaves so far."""

    def __init__(self, world: World, ids: Ids, dice: Random, *, n: int, serial: int, at: int) -> None:
        self.world, self.ids, self.dice, self.days = world, ids, dice, world.days
        self.n, self.at, self.id = n, at, ids.case
        ids.case += 1
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.events: list[Event] = []
        self.clocks: list[RunningClock] = []
        self.tasks: list[list[Any]] = []
        self.state, self.version = "registered", 1
        self.unit: str | None = None
        self.closed_at: int | None = None
        self.master: int | None = None
        self.rework_no = 0
        self.rework_asked_at: int | None = None
        self.paused: tuple[int, str] | None = None
        """Since when, and why."""
        self.public = ""
        self.texts = 1
        self.replies = 0
        local = self.days.local(at)
        year, month, day = stamp(local * DAY)[:10].split("-")
        body = f"{year[2:]}{month}{day}{serial:05}"
        self.digits = body + check_digit(body)
        self.no = f"{world.city_code}{self.digits[:6]}-{self.digits[6:11]}-{self.digits[11]}"
        self._said()

    # What was asked

    def _said(self) -> None:
        dice, profile = self.dice, self.world.profile
        names, weights = zip(*profile.intents, strict=True)
        self.intent: str = dice.choices(names, weights)[0]
        leaf = dice.choice(self.world.leaves)
        while leaf.intents and self.intent not in leaf.intents:
            leaf = dice.choice(self.world.leaves)
        self.leaf = leaf
        channels, shares = zip(*profile.channels, strict=True)
        self.channel: str = dice.choices(channels, shares)[0]
        self.area, place = dice.choice(self.world.areas)
        self.urgency = "紧急" if dice.random() < 0.02 else "一般"
        thing = dice.choice(leaf.keywords) if leaf.keywords else leaf.name
        self.words = demo_texts.words(dice, leaf.code, thing, place)
        self.thing = thing
        self.agent = dice.choice(AGENTS)
        self.call = f"past-{self.at}.{self.n}" if self.channel == "phone" else None
        self.party = "enterprise" if dice.random() < 0.07 else "person"

    def repeat(self, other: "Steps") -> None:
        """Ask for what another caller has asked for, in other words."""
        self.leaf, self.intent, self.area, self.thing = other.leaf, other.intent, other.area, other.thing
        self.words = demo_texts.said_again(self.dice, other.words, self.words)

    def note(self, at: int, kind: str, actor: str, **detail: Any) -> None:
        text = json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self.events.append((at, self.n, len(self.events), self.no, kind, actor, text))

    def step(self, at: int) -> int:
        """Return the instant of the next step, at least a minute after the last one; or end here."""
        at = max(at, self.at + MINUTE)
        if self.world.until is not None and at > self.world.until:
            raise Cut
        self.at = at
        return at

    def office(self, day: int) -> int:
        return self.days.office_time(day, self.dice.random())

    def soon(self, *, within: int) -> int:
        """Return an instant in the office hours of this working day or one of the next ones."""
        here = self.days.local(self.at)
        chosen = self.office(self.days.working(here, self.dice.randint(0, within)))
        return chosen if chosen > self.at + MINUTE else self.office(self.days.working(here, within or 1))

    def start(
        self, kind: ClockKind, task: int | None = None, limit: Limit | None = None
    ) -> RunningClock | None:
        listed = self.leaf.listed
        limit = limit or self.days.limit(kind, self.intent, self.urgency, listed=listed)
        if limit is None:
            return None
        clock = RunningClock(
            self.ids.clock, self.id, task, kind.value, limit, self.at, self.days.due(self.at, limit)
        )
        self.ids.clock += 1
        self.clocks.append(clock)
        return clock

    def stop(self, kind: ClockKind) -> None:
        for clock in self.clocks:
            if clock.kind == kind.value and clock.result == "running" and not clock.void:
                clock.stop(self.at)

    def void(self, reason: str, *kinds: ClockKind) -> None:
        wanted = {kind.value for kind in kinds}
        for clock in self.clocks:
            if clock.result == "running" and not clock.void and (not wanted or clock.kind in wanted):
                clock.void = reason

    def text(self, kind: str, words: str, author: str) -> None:
        self.rows["case_text"].append((self.id, self.texts, kind, words, author, stamp(self.at)))
        self.texts += 1

    def change(self, state: str) -> None:
        self.state = state
        self.version += 1

    def task(self, unit: str, role: str, by: str, stage: str) -> int:
        task = self.ids.assignment
        self.ids.assignment += 1
        words = "请按职责办理并按时答复。" if stage == "sent" else "重办：诉求人反映问题未解决"
        self.tasks.append(
            [task, self.id, len(self.tasks) + 1, None, unit, role, stage, words, by, stamp(self.at), None, None, None,
             None, None, None, None, None]
        )  # fmt: skip
        return task

    def open_tasks(self, unit: str | None = None) -> list[list[Any]]:
        return [task for task in self.tasks if task[T_ENDED] is None and unit in (None, task[T_UNIT])]

    def attempt(
        self, result: str, solved: str | None, satisfied: str | None, *, first: bool, final: bool
    ) -> None:
        reason = "unsolved" if satisfied == "不满意" else None
        self.rows["callback_attempt"].append(
            (self.id, result, solved, satisfied, "", None, CALLBACK_AGENT, stamp(self.at), reason, "phone",
             self.rework_no, first, final)
        )  # fmt: skip

    def contact(self, at: int) -> None:
        at, unit = self.step(at), self.unit or ""
        self.version += 1
        task = self.open_tasks(unit)[0]
        task[T_CONTACTED_BY], task[T_CONTACTED_AT], task[T_CONTACT] = (
            unit,
            stamp(at),
            "已电话联系诉求人，核实情况",
        )
        self.note(at, "citizen.contacted", unit, unit=unit, call=None)

    def traits(self) -> dict[str, Any]:
        """Return what the history keeps of a case that came in."""
        return {
            "intent": self.intent, "category": self.leaf.code, "channel": self.channel, "call": self.call,
            "urgency": self.urgency, "confidential": self.secrecy, "origin": "citizen",
        }  # fmt: skip

    @property
    def secrecy(self) -> str:
        return "hide_contact" if self.intent == "举报" or self.leaf.confidential else "none"

    def call_row(self) -> Row:
        """Return the record of the call in which it was taken; the lines it would be made of never were."""
        dice, ends = self.dice, self.received
        talk, wait = dice.lognormvariate(5.0, 0.5), dice.expovariate(1 / 8)
        answered = ends - int(talk)
        queued = answered - int(wait) - 1
        offered = queued - 4
        seat = f"s{self.agent}"
        return (
            self.call, "past", self.words.number, "12345", "pstn", stamp(offered), stamp(offered), stamp(queued),
            stamp(answered), stamp(ends), "caller_hung_up", "caller", 16, seat, float(answered - offered),
            float(answered - queued), float(ends - answered), 0.0, "case", self.no, self.agent, dice.choice(SURVEYS), "",
            False, "", stamp(ends), "", None, "12345", offered // QUARTER, True,
        )  # fmt: skip

    def case_row(self) -> Row:
        return (
            self.id, self.no, self.digits, hashlib.sha256(f"past-{self.no}".encode()).hexdigest(), _CODE, self.state,
            self.version, self.intent, self.leaf.code, self.urgency, self.channel, self.call, self.words.title,
            self.words.address, WAYS.get(self.channel, "电话"), self.secrecy, self.unit,
            stamp(self.received), stamp(self.closed_at) if self.closed_at else None, self.master, self.rework_no,
            self.party, place_key(self.words.address),
            stamp(self.rework_asked_at) if self.rework_asked_at else None,
            stamp(self.paused[0]) if self.paused else None, self.paused[1] if self.paused else None,
        )  # fmt: skip

    @property
    def received(self) -> int:
        return self.events[0][0]
