"""The rules of the line in words, for the people who answer for them."""

from collections.abc import Callable, Iterator

from routing.rules import EVERY_GROUP, Group, LineRules, Skill, Step, Support

Say = Callable[..., str]


def in_words(rules: LineRules, say: Say) -> list[str]:
    """Return one sentence for each rule that the city has made, and one that always holds."""
    return [say("line.say.base", seconds=_number(rules.anybody_after)), *_made(rules, say)]


def _made(rules: LineRules, say: Say) -> Iterator[str]:
    if rules.general_group:
        yield say("line.say.general", group=rules.general_group)
    yield from (_of_skill(skill, say) for skill in rules.skills)
    for language in rules.languages:
        yield say("line.say.language", language=language.language, after=_number(language.after))
    if rules.priority_at_most or rules.elder_priority or any(skill.priority for skill in rules.skills):
        yield say("line.say.classes", most=rules.priority_at_most, seconds=_number(rules.ageing_seconds))
    if rules.elder_priority:
        yield say("line.say.elders", classes=rules.elder_priority)
    yield from (_of_support(support, say) for support in rules.supports if support.until is None)
    for expert in rules.experts:
        yield say("line.say.expert", skill=expert.skill, seats="、".join(expert.seats))
    if rules.last_seat_days:
        yield say("line.say.last_seat", days=rules.last_seat_days)
    if rules.hold_seconds:
        yield say("line.say.hold", seconds=_number(rules.hold_seconds))
    if rules.busy_at_most < 1:
        yield say("line.say.busy", percent=round(rules.busy_at_most * 100))
    if not rules.again:
        yield say("line.say.not_again")
    yield from _of_keys(rules, say)
    yield from (_of_group(group, say) for group in rules.groups if group.hours)


def _of_keys(rules: LineRules, say: Say) -> Iterator[str]:
    if rules.enterprise_skill:
        yield say("line.say.key_enterprise", skill=rules.enterprise_skill)
    if rules.dialect_language:
        yield say("line.say.key_dialect", language=rules.dialect_language)


def _of_skill(skill: Skill, say: Say) -> str:
    group = say("line.say.in_group", group=skill.group) if skill.group else ""
    raised = say("line.say.raised", classes=skill.priority) if skill.priority else ""
    first = say("line.say.skill", skill=skill.skill, level=skill.level, group=group, raised=raised)
    return first + "".join(_of_step(step, say) for step in skill.steps)


def _of_step(step: Step, say: Say) -> str:
    groups = ""
    if EVERY_GROUP in step.groups:
        groups = say("line.say.step_every_group")
    elif step.groups:
        groups = say("line.say.step_groups", groups="、".join(step.groups))
    key = "line.say.step" if step.level else "line.say.step_anyone"
    return say(key, after=_number(step.after), level=step.level, groups=groups)


def _of_support(support: Support, say: Say) -> str:
    conditions = [
        *([say("line.say.support_after", after=_number(support.after))] if support.after else []),
        *([say("line.say.support_ratio", ratio=_number(support.ratio))] if support.ratio else []),
    ]
    when = say("line.say.or").join(conditions) or say("line.say.always")
    return say("line.say.support", helper=support.helper, helped=support.helped, when=when)


def _of_group(group: Group, say: Say) -> str:
    hours = say("line.say.and").join(
        say(
            "line.say.hours",
            days=say(f"line.days.{each.days}"),
            since=f"{each.since:%H:%M}",
            until=f"{each.until:%H:%M}",
        )
        for each in group.hours
    )
    to = group.closed_to or say("line.say.open_groups")
    return say("line.say.group", group=group.name, hours=hours, to=to)


def _number(value: float) -> str:
    return f"{value:g}"
