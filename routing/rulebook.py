"""The rules in force, put together from what the store has kept: the city's rules and what holds for a while."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from routing import rule_text
from routing.live import Profile
from routing.rule_text import BadRules, kept_fields
from routing.rules import Closure, Duty, LineRules, Support
from storage import acquaintance, lending, line_rules, work_calendars
from storage.errors import Conflict, Invalid
from storage.line_models import SpanKind
from storage.line_rules import Skilled, Span, Version

__all__ = [
    "begin",
    "newest_rules",
    "newest_version",
    "preferred",
    "profile",
    "profile_now",
    "profiles",
    "profiles_now",
    "rules",
    "save_profile",
    "save_rules",
    "standing_rules",
]

log = logging.getLogger(__name__)

AHEAD = timedelta(days=1)
"""Spans that begin within this time are read already, so that they begin on the second."""

_FROM_NOW = frozenset({SpanKind.SUPPORT, SpanKind.EMERGENCY})
"""These have no beginning of their own in the rules, so they are left out until it has come."""


def rules(conn: Connection, at: datetime) -> LineRules:
    """Return the rules in force, with the leaders on duty, closures, supports and switches of today."""
    found = standing_rules(conn, at)
    for span in line_rules.spans(conn, since=at, until=at + AHEAD):
        found = _with(found, span, at)
    return replace(found, calendar=work_calendars.calendar(conn, ZoneInfo(found.zone)))


def newest_version(conn: Connection, at: datetime) -> str:
    """Return a mark that differs whenever the rules in force or what seats can do now may differ."""
    return f"{line_rules.newest_version(conn, at)}.{lending.mark(conn, at)}"


def standing_rules(conn: Connection, at: datetime) -> LineRules:
    """Return the city's own rules, without what holds for a while."""
    return _parsed(line_rules.in_force(conn, at))


def newest_rules(conn: Connection) -> LineRules:
    """Return the rules that were kept last, whether or not their time has come."""
    kept = line_rules.versions(conn, 1)
    return _parsed(kept[0] if kept else None)


def _parsed(version: Version | None) -> LineRules:
    if version is None:
        return LineRules()
    try:
        return rule_text.parse(version.rules)
    except BadRules as bad:
        # A line with plain rules serves everybody; a line without rules nobody.
        log.critical("version %s of the rules cannot be read, plain rules hold: %s", version.id, bad)
        return LineRules()


def save_rules(
    conn: Connection,
    new: LineRules,
    *,
    follows: int,
    why: str,
    by: str,
    valid_from: datetime,
    at: datetime,
) -> int:
    """Keep new rules, made from version `follows`, and return their version. What holds for a while is kept apart."""
    before = newest_rules(conn)
    standing = replace(new, rota=(), closures=(), emergency_until=None, emergency_why="")
    rule_text.from_json(rule_text.to_json(standing))  # also what was not typed in must be readable again
    changed = [
        each.name
        for each in kept_fields(standing)
        if getattr(standing, each.name) != getattr(before, each.name)
    ]
    return line_rules.add_version(
        conn,
        rule_text.dump(standing),
        follows=follows,
        valid_from=max(valid_from, at),
        why=why,
        by=by,
        at=at,
        changed=changed,
    )


def begin(
    conn: Connection,
    kind: SpanKind,
    detail: Mapping[str, Any],
    *,
    since: datetime,
    until: datetime,
    why: str,
    by: str,
    at: datetime,
) -> int:
    """Put something into force from `since` to `until`; raise Invalid naming the field that is wrong."""
    now = rules(conn, at)
    if kind is SpanKind.EMERGENCY and now.emergency(at):
        raise Conflict("应急开关已经打开 (the emergency switch is on already)")
    try:
        rule_text.check(_joined(standing_rules(conn, at), kind, detail, (since, until), why))
    except BadRules as bad:
        raise Invalid({path.rpartition(".")[2]: text for path, text in bad.fields.items()}) from None
    return line_rules.add_span(conn, kind, detail, since=since, until=until, why=why, by=by, at=at)


def profile(conn: Connection, login: str) -> Profile:
    """Return what the person can do; nothing in particular if nobody has said."""
    found = line_rules.skilled(conn, login)
    return _profile(found) if found else Profile()


def profiles(conn: Connection) -> Mapping[str, Profile]:
    """Return what everybody with a seat can do, by seat."""
    return {each.seat: _profile(each) for each in line_rules.all_skilled(conn) if each.seat}


def profile_now(conn: Connection, login: str, at: datetime) -> Profile:
    """Return what the person can do now, with what was lent for a while."""
    return lent_to(profile(conn, login), lending.lent(conn, at, [login]).get(login, {}))


def profiles_now(conn: Connection, at: datetime) -> Mapping[str, Profile]:
    """Return what everybody with a seat can do now, by seat, with what was lent for a while."""
    lent = lending.lent(conn, at)
    return {
        each.seat: lent_to(_profile(each), lent.get(each.login, {}))
        for each in line_rules.all_skilled(conn)
        if each.seat
    }


def lent_to(own: Profile, lent: Mapping[str, int]) -> Profile:
    """Return what somebody can do with skills lent beside the own ones; a better own level stays."""
    if not lent:
        return own
    skills = dict(own.skills)
    for name, level in lent.items():
        skills[name] = max(level, skills.get(name, 0))
    return replace(own, skills=tuple(skills.items()))


def save_profile(conn: Connection, login: str, new: Profile, *, why: str, by: str, at: datetime) -> None:
    """Keep what the person can do from now on."""
    problems = {
        f"skills.{name}": "级别须为 1 至 5 (level must be from 1 to 5)"
        for name, level in new.skills
        if not 1 <= level <= 5
    }
    if not 0.1 <= new.busy_at_most <= 1:
        problems["busy_at_most"] = "须在 0.1 与 1 之间 (must be from 0.1 to 1)"
    if problems:
        raise Invalid(problems)
    kept = Skilled(login, "", None, new.group, new.skills, new.languages, new.busy_at_most)
    line_rules.keep_skilled(conn, kept, why=why, by=by, at=at)


def preferred(conn: Connection, number: str, at: datetime, rules: LineRules) -> tuple[str, ...]:
    """Return the seats that know this caller, best first, if the city wants repeat callers to come to them."""
    if not rules.last_seat_days:
        return ()
    return acquaintance.seats_that_know(conn, number, at, days=rules.last_seat_days)


def _profile(found: Skilled) -> Profile:
    return Profile(found.skills, found.languages, found.group, found.busy_at_most)


def _with(found: LineRules, span: Span, at: datetime) -> LineRules:
    if span.since > at and span.kind in _FROM_NOW:
        return found
    try:
        return _joined(found, span.kind, json.loads(span.detail), (span.since, span.until), span.why)
    except BadRules as bad:
        log.warning("span %s of the line cannot be read and is left out: %s", span.id, bad)
        return found


def _joined(
    found: LineRules, kind: SpanKind, detail: Mapping[str, Any], times: tuple[datetime, datetime], why: str
) -> LineRules:
    """Return the rules with the span in them; raise BadRules if it cannot be read."""
    since, until = (moment.isoformat() for moment in times)
    match kind:
        case SpanKind.DUTY:
            duty = rule_text.read(Duty, {**detail, "since": since, "until": until})
            return replace(found, rota=(*found.rota, duty))
        case SpanKind.CLOSURE:
            closure = rule_text.read(Closure, {**detail, "since": since, "until": until, "why": why})
            return replace(found, closures=(*found.closures, closure))
        case SpanKind.SUPPORT:
            support = rule_text.read(Support, {**detail, "until": until, "why": why})
            return replace(found, supports=(*found.supports, support))
        case SpanKind.EMERGENCY:
            return replace(found, emergency_until=times[1], emergency_why=why)
