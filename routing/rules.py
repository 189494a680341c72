"""By which rules seats are chosen: what a city may decide about its line. Values only; `routing.seats` applies them.

The fields are also the names in the JSON form, and their limits stand beside them (`routing.rule_text` reads both).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Final

from cases.calendar import WorkCalendar

EMERGENCY: Final = 9
"""A wish of this priority or more goes before everybody else, whatever the rules are."""

EVERY_GROUP: Final = "*"
NOT_KEPT: Final[Mapping[str, bool]] = {"kept": False}
"""Marks a field that is no part of the rules as a city writes them."""


@dataclass(frozen=True, slots=True)
class Within:
    """The least and the most that a number may be."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Letters:
    """The least and the most letters of a text."""

    least: int
    most: int


Seconds = Annotated[float, Within(0, 3600)]
Name = Annotated[str, Letters(1, 32)]
MaybeName = Annotated[str, Letters(0, 32)]
Reason = Annotated[str, Letters(0, 200)]
Class = Annotated[int, Within(0, 5)]


@dataclass(frozen=True, slots=True)
class Step:
    """From so many seconds of waiting on, this level will do, and these groups may take the caller as well."""

    after: Seconds
    level: Annotated[int, Within(0, 5)] = 1
    """0: a seat without the skill, too."""
    groups: tuple[Name, ...] = ()
    """`*` is every group."""


@dataclass(frozen=True, slots=True)
class Skill:
    """技能: who takes the callers that ask for it, and how that widens while they wait."""

    skill: Name
    level: Annotated[int, Within(1, 5)] = 1
    group: MaybeName = ""
    """The group whose matter it is; '' is everybody."""
    priority: Class = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """方言: after so long any seat will do, whether or not it speaks the language."""

    language: Name
    after: Seconds = 30


@dataclass(frozen=True, slots=True)
class Support:
    """支援: seats of one group take callers of another, from a wait or a crowd on; with neither, at once."""

    helper: Name
    helped: Name
    after: Seconds = 0
    ratio: Annotated[float, Within(0, 1000)] = 0
    """So many callers of the helped group wait for each free seat of its own; with no seat free, so many wait."""
    until: datetime | None = None
    why: Reason = ""


class Days(StrEnum):
    """Which days: work days as the calendar of the city has them, with its make-up days."""

    EVERY = "every"
    WORK = "work"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of a day. One that ends before it begins runs over midnight and belongs to the day it began."""

    since: time
    until: time
    days: Days = Days.EVERY


@dataclass(frozen=True, slots=True)
class Group:
    """座席组: when it is open (without hours always), and which group takes its callers when it is not."""

    name: Name
    hours: tuple[Hours, ...] = ()
    closed_to: MaybeName = ""
    """'' is every open group."""


@dataclass(frozen=True, slots=True)
class Expert:
    """业务专家: seats that are asked first for a skill."""

    skill: Name
    seats: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """值班: the head of a unit answers at this seat for a while; what is in scope goes there first (H-15)."""

    seat: Name
    since: datetime
    until: datetime
    name: Annotated[str, Letters(0, 64)] = ""
    unit: Annotated[str, Letters(0, 64)] = ""
    skills: tuple[Name, ...] = ()
    lines: tuple[Name, ...] = ()
    reserved: bool = True
    """The seat is not offered what is out of scope: that follows the normal way."""

    def covers(self, skill: str, line: str) -> bool:
        return skill in self.skills or line in self.lines


@dataclass(frozen=True, slots=True)
class Closure:
    """停班: a group is closed for a while, whatever its hours say; '' is the whole line."""

    since: datetime
    until: datetime
    group: MaybeName = ""
    why: Reason = ""


@dataclass(frozen=True, slots=True)
class LineRules:
    """The rules of the line. As they are made here: one group, strict order of arrival, the longest idle seat."""

    general_group: MaybeName = ""
    """The group of callers who ask for no skill; '' is everybody."""
    skills: tuple[Skill, ...] = ()
    groups: tuple[Group, ...] = ()
    supports: tuple[Support, ...] = ()
    languages: tuple[Language, ...] = ()
    experts: tuple[Expert, ...] = ()
    rota: tuple[Duty, ...] = ()
    closures: tuple[Closure, ...] = ()
    priority_at_most: Class = 0
    """A caller's own priority counts up to here; 0 makes all ordinary."""
    elder_priority: Class = 0
    ageing_seconds: Annotated[float, Within(1, 3600)] = 60
    """So often a waiting caller rises by a class: nobody is overtaken for ever."""
    last_seat_days: Annotated[int, Within(0, 365)] = 0
    """Who calls again within so many days goes to the seat he talked to; 0 is off."""
    hold_seconds: Annotated[float, Within(0, 120)] = 0
    """So long a caller waits for a busy seat that he prefers while another one is free; 0 is never."""
    busy_at_most: Annotated[float, Within(0.1, 1)] = 1.0
    """The share of an hour that a seat may be on calls before it is chosen after the others."""
    again: bool = True
    """When nobody else fits, a caller may be offered again to a seat that did not take him."""
    anybody_after: Annotated[float, Within(10, 3600)] = 120
    """After so long a caller goes to any free seat: no rule makes anyone wait beside one for ever."""
    emergency_until: datetime | None = None
    """应急: until then all seats of all groups take all callers in order of arrival."""
    emergency_why: Reason = ""
    enterprise_skill: MaybeName = ""
    """企业服务: the skill that key 2 asks for while a caller waits; without one the key is not offered."""
    dialect_language: MaybeName = ""
    """方言座席: the language that key 3 asks for; without one the key is not offered."""
    zone: Annotated[str, Letters(1, 64)] = "Asia/Shanghai"
    """The zone of the hours above."""
    calendar: WorkCalendar | None = field(default=None, compare=False, repr=False, metadata=NOT_KEPT)
    """The work calendar with the years the city has imported; None: the one that ships. It is kept by itself."""

    def emergency(self, at: datetime) -> bool:
        """Tell whether the emergency switch is on."""
        return self.emergency_until is not None and at < self.emergency_until

    def skill(self, name: str) -> Skill | None:
        return next((skill for skill in self.skills if skill.skill == name), None) if name else None

    def on_duty(self, at: datetime) -> tuple[Duty, ...]:
        """Return who of the leaders' rota is on duty."""
        return tuple(duty for duty in self.rota if duty.since <= at < duty.until)
