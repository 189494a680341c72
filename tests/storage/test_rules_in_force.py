"""The rules as the city keeps them: versions with validity, on top of what the configuration says, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from cases.calendar import OFFICE_HOURS, OfficeRule
from cases.china_days import Year
from cases.limits import Limit, Unit
from cases.policies import POLICIES, ClockKind, Intent, Row
from storage import history, office_hours, rulebooks, work_calendars
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.office_hours import NewHours, Scope
from storage.rulebooks import NewPolicy
from tests.makers import MORNING, RULES, later

MIDNIGHT = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""The first of December begins in the city."""

NOTICE = {2027: Year(rest="01-01~01-05 02-05~02-11", work="01-09 01-10")}


def replies_in(days: int, **validity: Any) -> NewPolicy:
    rows = (Row(ClockKind.REPLY, Limit(days, Unit.WORKING_DAY)),)
    return NewPolicy("fuzhou-2017", f"{days}天", rows, **{"valid_from": MORNING} | validity)


def keep(store: Store, new: NewPolicy, *, follows: int | None = None, at: datetime = MORNING) -> str:
    def work(conn: Any) -> str:
        newest = rulebooks.newest_policy(conn) if follows is None else follows
        return rulebooks.keep_policy(conn, new, follows=newest, why="修订", by="admin", at=at)

    return store.write_now(work)


def reply_days(store: Store, at: datetime) -> int:
    rules = store.read_now(lambda conn: rulebooks.in_force(conn, RULES, at))
    limit = rules.policy.limit(ClockKind.REPLY, Intent.COMPLAINT)
    assert limit is not None
    return limit.amount


def test_before_anything_is_kept_the_configuration_holds(store: Store) -> None:
    rules = store.read_now(lambda conn: rulebooks.in_force(conn, RULES, MORNING))
    assert rules.policy == RULES.policy
    assert rules.calendar.version == RULES.calendar.version
    assert rules.hours == RULES.hours
    assert not rules.has_own_hours


def test_a_policy_holds_from_its_day_and_the_mark_says_when_g_05(store: Store) -> None:
    keep(store, replies_in(7, valid_from=MIDNIGHT))
    second = timedelta(seconds=1)
    before = store.read_now(lambda conn: rulebooks.mark(conn, MIDNIGHT - second))
    after = store.read_now(lambda conn: rulebooks.mark(conn, MIDNIGHT))
    assert (reply_days(store, MIDNIGHT - second), reply_days(store, MIDNIGHT)) == (10, 7)
    assert before != after


def test_when_a_policy_ends_what_held_before_holds_again(store: Store) -> None:
    keep(store, replies_in(7))
    keep(store, replies_in(3, valid_from=later(days=1), valid_to=later(days=2)))
    assert [reply_days(store, later(days=n)) for n in range(3)] == [7, 3, 7]


def test_each_policy_has_a_name_of_its_own_and_is_found_by_it(store: Store) -> None:
    first = keep(store, replies_in(7))
    second = keep(store, replace(replies_in(5), origin=first))
    assert (first, second) == ("fuzhou-2017+1", "fuzhou-2017+2")
    names = (first, "haikou-2017", "atlantis-1999")
    found = store.read_now(lambda conn: [rulebooks.policy_named(conn, name) for name in names])
    assert [policy and policy.version for policy in found] == [first, "haikou-2017", None]


def test_of_two_who_change_the_same_limits_one_is_told(store: Store) -> None:
    keep(store, replies_in(7), follows=0)
    with pytest.raises(Conflict, match="刚才有人改过"):
        keep(store, replies_in(5), follows=0)
    assert reply_days(store, MORNING) == 7


@pytest.mark.parametrize(
    ("validity", "field"),
    [({"valid_from": later(days=-1)}, "valid_from"), ({"valid_to": MORNING}, "valid_to")],
)
def test_what_would_say_afterwards_that_other_limits_held_is_refused(
    store: Store, validity: dict[str, datetime], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        keep(store, replies_in(7, **validity))
    assert list(refused.value.fields) == [field]


def test_whoever_changes_a_rule_is_named_in_the_history(store: Store) -> None:
    keep(store, replies_in(7, moves_clocks=True))
    facts = store.read_now(lambda conn: history.of(conn, "rules"))
    assert [(fact.kind, fact.actor, fact.detail["version"]) for fact in facts] == [
        ("rules.policy", "admin", "fuzhou-2017+1")
    ]
    assert facts[0].detail["clocks"] is True


def test_a_claim_to_move_clocks_is_granted_to_one_of_many(store_url: str) -> None:
    stores = [Store.open(store_url) for _ in range(2)]
    keep(stores[0], replies_in(7, moves_clocks=True))

    def claim(store: Store) -> bool:
        def work(conn: Any) -> bool:
            kept = rulebooks.policy_in_force(conn, MORNING)
            assert kept is not None
            return rulebooks.claim_move(conn, kept, MORNING)

        return store.write_now(work)

    with ThreadPoolExecutor(4) as threads:
        claims = list(threads.map(claim, stores * 4))
    for store in stores:
        store.close()
    assert sorted(claims) == [False] * 7 + [True]


# The calendar


def import_years(store: Store, years: dict[int, Year], *, follows: int | None = None) -> None:
    def work(conn: Any) -> None:
        newest = work_calendars.newest(conn) if follows is None else follows
        work_calendars.keep_years(conn, years, follows=newest, source="国办发", by="admin", at=MORNING)

    store.write_now(work)


def test_an_imported_year_is_official_and_the_last_import_of_a_year_holds(store: Store) -> None:
    import_years(store, NOTICE)
    import_years(store, {2026: Year("01-01~01-03", ""), 2027: Year(NOTICE[2027].rest, "01-09")})
    calendar = store.read_now(lambda conn: rulebooks.in_force(conn, RULES, MORNING)).calendar
    assert calendar.is_working(date(2027, 1, 9))
    assert not calendar.is_working(date(2027, 1, 10))
    assert calendar.is_working(date(2026, 2, 16))
    assert calendar.version != RULES.calendar.version
    assert calendar.year_missing(date(2026, 12, 1)) is None


def test_of_two_who_import_at_once_one_is_told(store: Store) -> None:
    import_years(store, NOTICE, follows=0)
    with pytest.raises(Conflict, match="刚才有人改过"):
        import_years(store, NOTICE, follows=0)


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), 2027),
        (date(2027, 1, 2), 2027),
        (date(2027, 12, 9), 2027),
    ],
)
def test_the_year_ahead_is_missed_from_december_on(today: date, missing: int | None) -> None:
    assert RULES.calendar.year_missing(today) == missing


# Office hours


def hours(first: str, name: str = "fuzhou", since: date = date(2026, 11, 23)) -> NewHours:
    opens = time.fromisoformat(first)
    return NewHours(name, "试行", since, (OfficeRule("01-01", "12-31", ((opens, time(17)),)),))


def keep_hours(store: Store, new: NewHours, follows: int = 0) -> None:
    store.write_now(
        lambda conn: office_hours.keep_hours(conn, new, follows=follows, why="试行", by="admin", at=MORNING)
    )


def test_new_hours_hold_from_their_day_and_the_days_before_keep_theirs(store: Store) -> None:
    keep_hours(store, hours("07:00"))
    kept = store.read_now(lambda conn: rulebooks.in_force(conn, RULES, MORNING)).hours
    assert kept.intervals(date(2026, 11, 23)) == ((time(7), time(17)),)
    assert kept.intervals(date(2026, 11, 22)) == OFFICE_HOURS["fuzhou"].intervals(date(2026, 11, 22))
    with pytest.raises(Conflict):
        keep_hours(store, hours("06:00"))


def assign(store: Store, scope: Scope, subject: str, name: str) -> None:
    store.write_now(lambda conn: office_hours.assign(conn, scope, subject, name, by="admin", at=MORNING))


def of_unit(store: Store, unit: str) -> str:
    def work(conn: Any) -> str:
        return office_hours.of_unit(conn, rulebooks.in_force(conn, RULES, MORNING), unit).name

    return store.read_now(work)


def test_a_unit_keeps_the_hours_of_the_nearest_above_it_else_of_its_kind(store: Store) -> None:
    parent, child = store.read_now(
        lambda conn: conn.exec_driver_sql(
            "SELECT p.id, c.id FROM org_unit c JOIN org_unit p ON p.id = c.parent WHERE p.kind = 'district' LIMIT 1"
        ).one()
    )
    assign(store, Scope.UNIT, parent, "fuzhou-county")
    assign(store, Scope.KIND, "utility", "plain")
    assert [of_unit(store, unit) for unit in (parent, child, "szgc", "rxzx")] == [
        "fuzhou-county",
        "fuzhou-county",
        "plain",
        "fuzhou",
    ]
    assign(store, Scope.UNIT, parent, "")
    assert of_unit(store, parent) == "fuzhou"


def test_hours_or_units_that_do_not_exist_are_refused(store: Store) -> None:
    with pytest.raises(Invalid, match="办公时间"):
        assign(store, Scope.KIND, "dept", "never")
    with pytest.raises(Invalid, match="单位"):
        assign(store, Scope.UNIT, "atlantis", "plain")


def test_every_profile_can_be_the_start_of_a_change(store: Store) -> None:
    for profile in POLICIES.values():
        keep(store, NewPolicy(profile.version, profile.title, profile.rows, MORNING))
        rules = store.read_now(lambda conn: rulebooks.in_force(conn, RULES, MORNING))
        assert rules.policy.rows == profile.rows
