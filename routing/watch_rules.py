"""From when on the wall raises an alarm, and what agents are told of who listens: what a city may decide. Values only."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

LONGEST: Final = 3600
MOST: Final = 1000
SKILLS: Final = 100


class BadRules(Exception):
    """The rules cannot be so; `fields` names each with its reason."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Threshold:
    """When too many wait for a skill, or one of them for too long. A limit of 0 is none."""

    skill: str = ""
    """'' is the whole line."""
    longest_seconds: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class WatchRules:
    """As they are made here: the whole line, from half a minute of waiting on."""

    thresholds: tuple[Threshold, ...] = (Threshold("", longest_seconds=30),)
    raise_seconds: int = 10
    """A limit must be passed for so long before there is an alarm."""
    clear_seconds: int = 30
    """And kept for so long before there is none, so that the board does not flicker."""
    tell_listening: bool = True
    """An agent is told who listens. Who speaks with them is always told."""
    unread_seconds: int = 120
    """A message that somebody who is there has not read for so long is shown on the wall; 0: never."""

    def of(self, skill: str) -> Threshold:
        found = (each for each in self.thresholds if each.skill == skill)
        return next(found, Threshold(skill))


def dump(rules: WatchRules) -> str:
    return json.dumps(asdict(rules), ensure_ascii=False, sort_keys=True)


def parse(text: str) -> WatchRules:
    """Return the rules that were kept; raise BadRules if they make no sense."""
    try:
        said = json.loads(text)
        thresholds = tuple(Threshold(**each) for each in said.pop("thresholds"))
        return checked(WatchRules(**said, thresholds=thresholds))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadRules({"rules": str(error)}) from None


def checked(rules: WatchRules) -> WatchRules:
    """Return them if every number is one that can be; else raise BadRules."""
    wrong: dict[str, str] = {}
    for name, most in (("raise_seconds", 600), ("clear_seconds", 600), ("unread_seconds", LONGEST)):
        _check(wrong, name, getattr(rules, name), most)
    for each in rules.thresholds:
        _check(wrong, f"longest.{each.skill}", each.longest_seconds, LONGEST)
        _check(wrong, f"waiting.{each.skill}", each.waiting, MOST)
    skills = [each.skill for each in rules.thresholds]
    if len(set(skills)) != len(skills) or len(skills) > SKILLS:
        wrong["thresholds"] = "每个技能只能有一行 (one line for each skill)"
    if wrong:
        raise BadRules(wrong)
    return rules


def _check(wrong: dict[str, str], name: str, value: Any, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        wrong[name] = f"须为 0 至 {most} 的整数 (a whole number from 0 to {most})"
