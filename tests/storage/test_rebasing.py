"""Running clocks and rules that change under them: what moves, what stays, and what the history says, on both databases."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, update

from cases.china_days import Year
from cases.clocks import Clock, Result
from cases.limits import Limit, Unit
from cases.policies import COMMON, ClockKind, Row
from cases.rules import Rules
from cases.workflow import Role
from routing.case_rules import CaseRules
from storage import cases, clocks, history, office_hours, promises, rebasing, rulebooks, units, work_calendars
from storage.clocks import CLOCK, Kept, Obligation
from storage.engine import Store
from storage.office_hours import Scope
from storage.people import Actor
from storage.promises import CASE
from storage.rebasing import Why
from storage.rulebooks import NewPolicy
from tests.makers import DISPATCHER, MORNING, RULES, later
from tests.storage.walks import dispatched, registered

WINTER = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
"""A Monday from which ten working days run into 2027, a year whose notice is not out."""

NOTICE = {2027: Year(rest="01-01~01-05 02-05~02-11", work="01-09 01-10")}
SEVEN, FIFTEEN = Limit(7, Unit.WORKING_DAY), Limit(15, Unit.WORKING_DAY)


def case_of(store: Store, **changes: Any) -> tuple[int, str]:
    """Return a case that is on no list of services, without a clock."""
    no = dispatched(store, **({"category": "0103"} | changes))

    def work(conn: Connection) -> int:
        case = int(conn.execute(CASE.select().where(CASE.c.no == no)).one().id)
        clocks.void(conn, case, "test")
        return case

    return store.write_now(work), no


def begun(store: Store, case: int, limit: Limit | None = None, *, at: datetime = WINTER, **more: Any) -> int:
    """Start the reply clock by what was promised, or with a limit given by hand; return its row."""
    rules, kind = more.get("rules", RULES), more.get("kind", ClockKind.REPLY)
    owed = Obligation(case, kind, more.get("assignment"))

    def work(conn: Connection) -> int:
        kept = clocks.start(conn, owed, "投诉", "一般", at=at, rules=rules, limit=limit)
        assert kept is not None
        return kept.id

    return store.write_now(work)


def clock(store: Store, row: int) -> Clock:
    return kept(store, row).clock


def kept(store: Store, row: int) -> Kept:
    return store.read_now(
        lambda conn: clocks.kept(conn.execute(CLOCK.select().where(CLOCK.c.id == row)).one())
    )


def day(found: Clock) -> str:
    return f"{found.last_instant.astimezone(RULES.zone):%m-%d}"


def change(store: Store, row: int, how: Any) -> None:
    old = kept(store, row)
    store.write_now(lambda conn: clocks.change(conn, old, how))


def facts(store: Store, no: str) -> list[dict[str, Any]]:
    found = store.read_now(lambda conn: history.of(conn, no))
    return [fact.detail for fact in found if fact.kind == "clock.rebased"]


def in_force(store: Store, at: datetime = WINTER) -> Rules:
    return store.read_now(lambda conn: rulebooks.in_force(conn, RULES, at))


def import_notice(store: Store) -> int:
    def work(conn: Connection) -> int:
        work_calendars.keep_years(conn, NOTICE, follows=0, source="国办发", by="admin", at=WINTER)
        rules = rulebooks.in_force(conn, RULES, WINTER)
        return rebasing.recount(conn, rules, Why.CALENDAR, by="admin", at=WINTER)

    return store.write_now(work)


def keep_limit(store: Store, limit: Limit, *, valid_from: datetime = WINTER, follow: bool = False) -> str:
    rows = (Row(ClockKind.REPLY, limit), *COMMON)
    new = NewPolicy("fuzhou-2017", "新时限", rows, valid_from, moves_clocks=follow)

    def work(conn: Connection) -> str:
        follows = rulebooks.newest_policy(conn)
        return rulebooks.keep_policy(conn, new, follows=follows, why="修订", by="admin", at=WINTER)

    return store.write_now(work)


def settle(store: Store, at: datetime = WINTER) -> int:
    return store.write_now(lambda conn: rebasing.settle(conn, rulebooks.in_force(conn, RULES, at), at))


# A new calendar


def test_an_official_year_moves_open_clocks_with_a_reason_and_never_closed_ones(store: Store) -> None:
    case, no = case_of(store)
    running, closed, short = begun(store, case), begun(store, case), begun(store, case, SEVEN)
    change(store, closed, lambda one: one.stop(WINTER))
    before = clock(store, closed)
    assert day(clock(store, running)) == "01-05"
    assert clock(store, running).provisional
    assert import_notice(store) == 1
    moved = clock(store, running)
    assert (day(moved), moved.provisional) == ("01-07", False)
    assert clock(store, closed) == before
    assert day(clock(store, short)) == "12-30"
    version = in_force(store).calendar.version
    assert {clock(store, row).calendar_version for row in (running, short)} == {version}
    (fact,) = facts(store, no)
    assert (fact["clock"], fact["why"], fact["version"]) == ("reply", "calendar", version)
    assert (fact["was"], fact["due"]) == ("2027-01-05T15:59:59+00:00", "2027-01-07T15:59:59+00:00")


def test_a_paused_clock_is_counted_again_and_keeps_its_pause(store: Store) -> None:
    case, _ = case_of(store)
    row = begun(store, case)
    change(store, row, lambda one: one.pause(datetime(2026, 12, 22, 2, 0, tzinfo=UTC)))
    import_notice(store)
    goes_on = datetime(2026, 12, 24, 2, 0, tzinfo=UTC)
    rules = in_force(store)
    resumed = clock(store, row).resume(goes_on, rules.calendar, rules.hours)
    assert day(resumed) == "01-09"


def test_what_was_started_on_the_old_calendar_elsewhere_is_put_right_once(store: Store) -> None:
    case, no = case_of(store)
    import_notice(store)
    row = begun(store, case, rules=RULES)  # by a process that has not looked yet
    assert day(clock(store, row)) == "01-05"
    assert (settle(store), settle(store)) == (1, 0)
    assert day(clock(store, row)) == "01-07"
    assert [fact["why"] for fact in facts(store, no)] == ["calendar"]


# Another promise


def test_running_clocks_keep_their_version_unless_told_so_g_05(store: Store) -> None:
    case, no = case_of(store)
    row = begun(store, case)
    keep_limit(store, SEVEN)
    assert settle(store) == 0
    assert day(clock(store, row)) == "01-05"
    version = keep_limit(store, SEVEN, follow=True)
    assert (settle(store), settle(store)) == (1, 0)
    assert day(clock(store, row)) == "12-30"
    (fact,) = facts(store, no)
    assert (fact["why"], fact["version"]) == ("policy", version)


def test_each_era_is_judged_by_its_own_limit_15_10_7_g_05(store: Store) -> None:
    case, _ = case_of(store)
    rows: list[int] = []
    for limit in (FIFTEEN, Limit(10, Unit.WORKING_DAY), SEVEN):
        keep_limit(store, limit)
        rows.append(begun(store, case, at=MORNING, rules=in_force(store)))
    assert [clock(store, row).limit.amount for row in rows] == [15, 10, 7]
    versions = store.read_now(
        lambda conn: [
            conn.execute(CLOCK.select().where(CLOCK.c.id == row)).one().policy_version for row in rows
        ]
    )
    assert versions == ["fuzhou-2017+1", "fuzhou-2017+2", "fuzhou-2017+3"]


def test_a_policy_that_begins_at_midnight_moves_clocks_at_midnight_if_told_so_g_05(store: Store) -> None:
    case, _ = case_of(store)
    row = begun(store, case)
    midnight = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)
    keep_limit(store, SEVEN, valid_from=midnight, follow=True)
    assert settle(store) == 0
    rules = CaseRules(RULES)
    asyncio.run(rules.look(store, WINTER))
    assert rules().policy.version == "fuzhou-2017"
    asyncio.run(rules.look(store, midnight))
    assert rules().policy.version == "fuzhou-2017+1"
    assert day(clock(store, row)) == "12-30"


def test_pauses_and_extensions_survive_another_promise(store: Store) -> None:
    case, _ = case_of(store)
    row = begun(store, case, at=MORNING)
    rules = RULES
    change(store, row, lambda one: one.pause(later(days=1)))
    change(store, row, lambda one: one.resume(later(days=8), rules.calendar, rules.hours))
    change(store, row, lambda one: one.extend(2, later(days=9), rules.calendar, rules.hours))
    old = clock(store, row)
    assert day(old) == "12-16"
    keep_limit(store, SEVEN, follow=True)
    store.write_now(lambda conn: rebasing.follow_policy(conn, in_force(store), by="admin", at=later(days=9)))
    new = clock(store, row)
    assert (new.spans, new.extensions, day(new)) == (old.spans, old.extensions, "12-11")


def test_what_was_given_by_hand_is_late_or_has_a_policy_nobody_knows_stays(store: Store) -> None:
    case, no = case_of(store)
    by_hand = begun(store, case, Limit(4, Unit.WORKING_DAY))
    late, unknown = begun(store, case, at=MORNING), begun(store, case)
    store.write_now(
        lambda conn: conn.execute(
            update(CLOCK).where(CLOCK.c.id == unknown).values(policy_version="atlantis-1999")
        )
    )
    old = [clock(store, row) for row in (by_hand, late, unknown)]
    keep_limit(store, FIFTEEN, follow=True)
    assert settle(store) == 0
    assert [clock(store, row) for row in (by_hand, late, unknown)] == old
    assert facts(store, no) == []


def test_nobody_is_made_late_by_a_promise_that_came_later(store: Store) -> None:
    case, _ = case_of(store)
    row = begun(store, case, at=datetime(2026, 12, 9, 2, 0, tzinfo=UTC))
    keep_limit(store, Limit(2, Unit.WORKING_DAY), follow=True)
    settle(store)
    assert day(clock(store, row)) == "12-22"


# Another case


def test_another_intent_re_bases_the_clock_and_keeps_its_pauses_sh_03(store: Store) -> None:
    case, no = case_of(store)
    row = begun(store, case, at=MORNING)
    change(store, row, lambda one: one.pause(later(days=1)))
    change(store, row, lambda one: one.resume(later(days=8), RULES.calendar, RULES.hours))
    old = clock(store, row)
    reclassify(store, case, intent="建议")
    five = clock(store, row)
    assert (five.limit.amount, five.spans, day(five)) == (5, old.spans, "12-07")
    reclassify(store, case, intent="投诉")
    assert clock(store, row) == old
    assert [fact["why"] for fact in facts(store, no)] == ["intent", "intent"]


def reclassify(store: Store, case: int, **values: object) -> None:
    def work(conn: Connection) -> None:
        before = promises.traits_of(conn, case)
        conn.execute(update(CASE).where(CASE.c.id == case).values(**values))
        rebasing.reclassified(conn, case, before, by="3001", at=later(days=8), rules=RULES)

    store.write_now(work)


def test_a_hard_matter_gets_the_days_of_its_own_policy(store: Store) -> None:
    case, _ = case_of(store)
    rules = store.read_now(lambda conn: rulebooks.in_force(conn, RULES, MORNING))
    beijing = Limit(7, Unit.DAY)
    row = begun(store, case, beijing, at=later(days=5), rules=rules)
    store.write_now(
        lambda conn: conn.execute(
            update(CLOCK).where(CLOCK.c.id == row).values(policy_version="beijing-2023")
        )
    )
    reclassify(store, case, hard=True)
    assert clock(store, row).limit == Limit(15, Unit.DAY)


# The hours of the unit


def test_a_clock_counts_in_the_hours_of_its_unit_and_moves_with_them(store: Store) -> None:
    case, no = case_of(store)
    assignment = store.read_now(
        lambda conn: conn.exec_driver_sql(f'SELECT id FROM assignment WHERE "case" = {case}').scalar_one()
    )
    hour, evening = Limit(1, Unit.WORKING_HOUR), datetime(2026, 12, 21, 9, 15, tzinfo=UTC)  # 17:15
    row = begun(store, case, hour, at=evening, assignment=assignment)
    own = begun(store, case, hour, at=evening, kind=ClockKind.CONTACT)
    assert f"{clock(store, row).last_instant.astimezone(RULES.zone):%d %H:%M}" == "22 09:15"

    def name_hours(conn: Connection) -> int:
        office_hours.assign(conn, Scope.UNIT, "szgc", "plain", by="admin", at=WINTER)
        rules = rulebooks.in_force(conn, RULES, WINTER)
        return rebasing.recount(conn, rules, Why.HOURS, by="admin", at=WINTER)

    # 9 to 17: nothing is left of the day, so the hour is the next day's first; the centre's own clock stays.
    assert store.write_now(name_hours) == 1
    assert f"{clock(store, row).last_instant.astimezone(RULES.zone):%d %H:%M}" == "22 10:00"
    assert f"{clock(store, own).last_instant.astimezone(RULES.zone):%d %H:%M}" == "22 09:15"
    assert [fact["why"] for fact in facts(store, no)] == ["hours"]
    started = begun(store, case, hour, at=evening, assignment=assignment, rules=in_force(store))
    assert clock(store, started).due == clock(store, row).due
    assert clock(store, row).result is Result.RUNNING


def test_inner_clocks_stay_inside_the_outer_one_whatever_is_promised_h_11(store: Store) -> None:
    no = registered(store, category="0103").no
    boss, top = Actor("rdq01", Role.LIAISON, "rdq"), "rdq"
    child = store.read_now(lambda conn: min(units.subtree(conn, top) - {top}))

    def work(conn: Connection) -> tuple[int, int]:
        cases.dispatch(conn, no, lead=top, by=DISPATCHER, at=MORNING, rules=RULES)
        cases.read(conn, no, by=boss, at=MORNING)
        cases.pass_down(conn, no, child, by=boss, at=later(hours=1), rules=RULES)
        case = conn.execute(CASE.select().where(CASE.c.no == no)).one().id
        outer, inner = [kept.id for kept in clocks.open_clocks(conn, case) if kept.kind is ClockKind.REPLY]
        return outer, inner

    outer, inner = store.write_now(work)
    assert [day(clock(store, row)) for row in (outer, inner)] == ["12-07", "12-04"]
    keep_limit(store, Limit(5, Unit.WORKING_DAY), follow=True)
    rules = in_force(store)
    store.write_now(lambda conn: rebasing.follow_policy(conn, rules, by="admin", at=later(hours=2)))
    assert [day(clock(store, row)) for row in (outer, inner)] == ["11-30", "11-27"]
    assert [fact["why"] for fact in facts(store, no)] == ["policy", "outer"]


def test_a_clock_that_is_stopped_while_it_is_counted_again_stays_stopped(store_url: str) -> None:
    store, other = Store.open(store_url), Store.open(store_url)
    case, _ = case_of(store)
    row = begun(store, case)
    stopping, go_on = threading.Event(), threading.Event()

    def stop(conn: Connection) -> None:
        clocks.stop(conn, Obligation(case, ClockKind.REPLY), WINTER)
        stopping.set()
        go_on.wait(10)

    with ThreadPoolExecutor(2) as threads:
        stopped = threads.submit(store.write_now, stop)
        stopping.wait(10)
        counted = threads.submit(import_notice, other)
        time.sleep(0.3)  # for the other to come as far as it can; too short a wait would only prove less
        go_on.set()
        stopped.result(20)
        moved = counted.result(20)
    found = clock(store, row)
    store.close()
    other.close()
    assert (found.result, moved) == (Result.MET, 0)
