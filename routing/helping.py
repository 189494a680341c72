"""一键支援: by one order a group helps with a skill for a while: its seats are lent it, and may take the callers."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from routing import rulebook
from storage import lending, line_rules
from storage.errors import Conflict, Invalid
from storage.line_models import SpanKind

LONGEST: Final = timedelta(hours=4)


def begin(
    conn: Connection, skill: str, helper: str, *, until: datetime, why: str, by: str, at: datetime
) -> int:
    """Have the seats of a group help with a skill until then; raise Invalid or Conflict if that makes no sense."""
    rules = rulebook.rules(conn, at)
    wanted = rules.skill(skill)
    if wanted is None:
        raise Invalid({"skill": "没有这个技能 (there is no such skill)"})
    if not at < until <= at + LONGEST:
        raise Invalid({"until": "支援最长4小时 (help lasts at most four hours)"})
    people = [each for each in line_rules.all_skilled(conn) if helper and each.group == helper]
    if not people:
        raise Invalid({"helper": "这个组没有座席 (this group has no seats)"})
    if any((each.skill, each.helper) == (skill, helper) for each in lending.going_on(conn, at)):
        raise Conflict("这个组已在支援 (this group is helping already)")
    home = wanted.group or rules.general_group
    span = None
    if home and home != helper:
        detail = {"helper": helper, "helped": home}
        span = rulebook.begin(conn, SpanKind.SUPPORT, detail, since=at, until=until, why=why, by=by, at=at)
    levels = {each.login: wanted.level for each in people if dict(each.skills).get(skill, 0) < wanted.level}
    return lending.begin(conn, lending.Given(skill, helper, levels, until, span), why=why, by=by, at=at)
