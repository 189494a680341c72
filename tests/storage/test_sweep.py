"""The sweep acts once at each step of a clock, whoever sweeps, whenever, and however late."""

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cases.clocks import Clock, Result
from cases.ladder import Step
from cases.workflow import Refusal, Role
from storage import cases, clocks, findings, history, notices, supervision_models, sweep, warnings
from storage.clocks import CLOCK
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.moves import CASE
from storage.people import Actor
from storage.types import table_of
from tests.makers import DISPATCHER, HANDLER, LIAISON, MORNING, RULES, a_reply, later
from tests.storage import walks

NOTICE = table_of(supervision_models.Notice)
URGE = table_of(supervision_models.Urge)
ITEM = table_of(supervision_models.CircularItem)
DUE = datetime.fromisoformat("2026-12-07T23:59:59+08:00")
"""When the reply to a complaint of the morning is due: ten working days."""
LEADER = Actor("szgc-ld", Role.UNIT_LEADER, "szgc")


ROOT = Path(__file__).parents[2]
PLANNING = "0101"  # on no list of services, so that the limit is that of the intent


def handling(store: Store, **changes: Any) -> str:
    return walks.handling(store, category=PLANNING, **changes)


def swept(store: Store, at: datetime) -> int:
    """Sweep as the process does: until nothing more is due."""
    looked = 0
    while found := store.write_now(lambda conn: sweep.sweep(conn, at, RULES)):
        looked += found
    return looked


def told(store: Store, kind: str = "") -> list[str]:
    rows = select(NOTICE.c.kind).where(NOTICE.c.kind.startswith(kind)).order_by(NOTICE.c.id)
    return store.read_now(lambda conn: list(conn.execute(rows).scalars()))


def count(store: Store, table: Any) -> int:
    return int(
        store.read_now(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())
    )


def steps(store: Store, no: str) -> list[str]:
    """The steps that the clocks of the unit have come to; the centre's own clocks run beside them."""
    facts = store.read_now(lambda conn: history.of(conn, no))
    return [fact.kind for fact in facts if fact.detail.get("clock") in ("read", "reply")]


def charged(store: Store) -> list[str]:
    rows = select(findings.FINDING.c.unit).order_by(findings.FINDING.c.id)
    return store.read_now(lambda conn: list(conn.execute(rows).scalars()))


def reply_clock(store: Store, no: str) -> Any:
    rows = select(CLOCK).join(CASE, CASE.c.id == CLOCK.c.case)
    which = rows.where(CASE.c.no == no, CLOCK.c.kind == "reply")
    return store.read_now(lambda conn: conn.execute(which).one())


def test_a_clock_climbs_the_whole_ladder_one_step_at_a_time(store: Store) -> None:
    no = handling(store)
    for at, step, kinds in (
        ("2026-11-30T23:59:59+08:00", Step.NONE, []),
        ("2026-12-01T00:00:00+08:00", Step.HALF, []),
        ("2026-12-07T08:29:59+08:00", Step.HALF, []),
        ("2026-12-07T08:30:00+08:00", Step.YELLOW, ["clock.yellow"]),
        ("2026-12-07T23:59:59+08:00", Step.YELLOW, ["clock.yellow"]),
        ("2026-12-08T00:00:00+08:00", Step.RED, ["clock.yellow", "clock.red"]),
        ("2026-12-08T08:30:00+08:00", Step.URGED, ["clock.yellow", "clock.red", "clock.urged"]),
    ):
        swept(store, datetime.fromisoformat(at))
        assert (reply_clock(store, no).step, steps(store, no)) == (step, kinds), at
    assert (count(store, URGE), count(store, ITEM)) == (1, 0)
    swept(store, datetime.fromisoformat("2026-12-15T08:30:00+08:00"))
    assert (count(store, URGE), count(store, ITEM)) == (1, 1)
    assert reply_clock(store, no).acts_at is None
    assert store.read_now(history.verify) is None


def test_the_yellow_step_reminds_the_handler_and_the_red_one_the_leader(store: Store) -> None:
    handling(store)
    swept(store, DUE - timedelta(hours=8))
    swept(store, DUE + timedelta(seconds=1))
    eight_thirty = datetime.fromisoformat("2026-12-08T08:30:00+08:00")

    def kinds(actor: Actor, at: datetime) -> list[str]:
        page = store.read_now(lambda conn: notices.inbox(conn, actor, at))
        return [one.kind for one in page.rows]

    assert kinds(HANDLER, DUE + timedelta(minutes=1)) == [
        "clock.yellow"
    ]  # red at midnight waits for the morning
    assert kinds(HANDLER, eight_thirty) == ["clock.red", "clock.yellow"]
    assert kinds(LEADER, eight_thirty) == ["clock.red", "clock.red"]  # as one of the unit, and as its leader
    assert kinds(Actor("swjt01", Role.HANDLER, "swjt"), eight_thirty) == []


def test_an_urgent_case_is_reminded_at_night(store: Store) -> None:
    handling(store, urgency="紧急")
    red = DUE + timedelta(seconds=1)
    swept(store, red)
    page = store.read_now(lambda conn: notices.inbox(conn, LEADER, red))
    assert [one.kind for one in page.rows if "clock." in one.kind] == ["clock.red", "clock.red"]


def test_after_an_outage_the_highest_step_tells_and_the_others_are_written_as_skipped(store: Store) -> None:
    no = handling(store)
    swept(store, datetime.fromisoformat("2026-12-10T09:00:00+08:00"))
    facts = [fact for fact in store.read_now(lambda conn: history.of(conn, no)) if "clock." in fact.kind]
    assert [(fact.kind, fact.detail["skipped"]) for fact in facts] == [
        ("clock.urged", ["half", "yellow", "red"])
    ]
    assert told(store, "clock.") == []
    assert count(store, findings.FINDING) == 1  # the lateness is a fact all the same


def test_a_thousand_clocks_due_while_the_process_was_down_act_once_each_and_in_order(store: Store) -> None:
    row = reply_clock(store, handling(store))._asdict()
    number = row.pop("id")
    dues = [DUE - timedelta(minutes=n * 7 % 500) for n in range(1_000)]
    many = [row | {"due_at": due, "acts_at": due} for due in dues]

    def put(conn: Any) -> None:
        conn.execute(update(CLOCK).where(CLOCK.c.id == number).values(acts_at=None))
        conn.execute(CLOCK.insert(), many)

    store.write_now(put)
    assert swept(store, DUE + timedelta(hours=1)) == 1_000
    found = select(findings.FINDING.c.at).order_by(findings.FINDING.c.id)
    assert store.read_now(lambda conn: list(conn.execute(found).scalars())) == sorted(dues)
    assert len(told(store, "clock.red")) == 2_000  # the unit and its leader
    assert swept(store, DUE + timedelta(hours=1)) == 0


def test_two_sweepers_at_once_act_once(store: Store, store_url: str) -> None:
    numbers = [handling(store) for _ in range(40)]
    other = Store.open(store_url)
    gate = threading.Barrier(2)

    def run(where: Store) -> None:
        gate.wait()
        swept(where, DUE + timedelta(seconds=1))

    threads = [threading.Thread(target=run, args=(where,)) for where in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert [steps(store, no) for no in numbers] == [["clock.red"]] * 40
    assert count(store, findings.FINDING) == 40
    assert len(told(store, "clock.red")) == 80
    assert len(told(store, "warning.drafted")) == 1
    assert store.read_now(history.verify) is None


def test_two_sweepers_and_a_person_end_each_pause_once(store: Store, store_url: str) -> None:
    numbers = [walks.paused(store) for _ in range(8)]
    other, over = Store.open(store_url), later(days=12)
    gate = threading.Barrier(3)

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        work()

    def resume_all() -> None:
        for no in reversed(numbers):
            with suppress(Conflict, Refusal, Invalid):
                store.write_now(
                    lambda conn, no=no: cases.resume(conn, no, by=DISPATCHER, at=over, rules=RULES)  # type: ignore[misc]
                )

    works = (lambda: swept(store, over), lambda: swept(other, over), resume_all)
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert [walks.kinds(store, no).count("pause.closed") for no in numbers] == [1] * 8
    assert {reply_clock(store, no).result for no in numbers} == {Result.RUNNING}


def test_what_is_undone_by_a_crash_has_neither_claimed_nor_acted(store: Store) -> None:
    no = handling(store)

    class Crash(BaseException):
        """As if the process were killed before its commit."""

    def crashed(conn: Any) -> None:
        sweep.sweep(conn, DUE + timedelta(seconds=1), RULES)
        raise Crash

    with pytest.raises(Crash):
        store.write_now(crashed)
    assert (reply_clock(store, no).step, steps(store, no), count(store, NOTICE)) == (Step.NONE, [], 0)
    swept(store, DUE + timedelta(seconds=1))
    assert steps(store, no) == ["clock.red"]


def test_a_sweeper_killed_in_the_middle_repeats_nothing_and_the_next_one_goes_on(
    store: Store, store_url: str
) -> None:
    row = reply_clock(store, handling(store))._asdict()
    del row["id"]
    many = [row | {"due_at": DUE, "acts_at": DUE} for _ in range(299)]
    store.write_now(lambda conn: conn.execute(CLOCK.insert(), many))
    red = DUE + timedelta(seconds=1)
    command = [sys.executable, "-m", "tests.storage.sweeper", store_url, red.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as sweeper:
        assert sweeper.stdout is not None
        for _ in range(8):
            sweeper.stdout.readline()
        sweeper.kill()
    before = count(store, findings.FINDING)
    assert 40 <= before < 300
    swept(store, red)
    assert count(store, findings.FINDING) == 300
    assert len(told(store, "clock.red")) == 600
    assert store.read_now(history.verify) is None


def test_a_case_answered_in_time_is_left_alone(store: Store) -> None:
    no = walks.replied(store, category=PLANNING)
    swept(store, DUE + timedelta(days=3))
    assert steps(store, no) == []
    assert "szgc" not in charged(store)


def test_what_was_answered_late_before_anybody_swept_is_late_all_the_same(store: Store) -> None:
    no = handling(store)
    late = DUE + timedelta(seconds=3)
    store.write_now(lambda conn: cases.reply(conn, no, a_reply(), by=HANDLER, at=late, rules=RULES))
    swept(store, DUE + timedelta(minutes=1))
    assert (steps(store, no), charged(store)) == (["clock.red"], ["szgc"])
    assert reply_clock(store, no).result == Result.MISSED
    swept(store, DUE + timedelta(days=6))
    assert steps(store, no) == ["clock.red"]  # nobody is urged for what is done


def changed(store: Store, no: str, how: Callable[[Clock], Clock]) -> None:
    kept = clocks.kept(reply_clock(store, no))
    store.write_now(lambda conn: clocks.change(conn, kept, how))


def test_a_paused_clock_does_not_climb(store: Store) -> None:
    no = handling(store)
    changed(store, no, lambda clock: clock.pause(later(days=3)))
    assert reply_clock(store, no).acts_at is None
    swept(store, DUE + timedelta(days=30))
    assert steps(store, no) == []


def test_an_extension_after_the_yellow_step_leads_down_the_ladder_again(store: Store) -> None:
    no = handling(store)
    swept(store, DUE - timedelta(hours=8))
    at = DUE - timedelta(hours=7)
    changed(store, no, lambda clock: clock.extend(5, at, RULES.calendar, RULES.hours))
    swept(store, at)
    assert (reply_clock(store, no).step, steps(store, no)) == (Step.HALF, ["clock.yellow"])
    swept(store, datetime.fromisoformat("2026-12-14T08:30:00+08:00"))
    assert steps(store, no) == ["clock.yellow", "clock.yellow"]


def test_a_clock_counted_again_on_another_calendar_is_late_no_longer_and_nor_is_its_unit(
    store: Store,
) -> None:
    numbers = [handling(store) for _ in range(3)]
    red = DUE + timedelta(seconds=1)
    swept(store, red)
    assert len(told(store, "warning.drafted")) == 1
    changed(store, numbers[0], lambda clock: replace(clock, due=DUE + timedelta(days=3)))
    swept(store, red)
    states = select(findings.FINDING.c.state).order_by(findings.FINDING.c.id)
    assert sorted(store.read_now(lambda conn: list(conn.execute(states).scalars()))) == [
        "dropped",
        "open",
        "open",
    ]
    warned = store.read_now(lambda conn: conn.execute(select(warnings.WARNING.c.state)).scalar())
    assert warned == "withdrawn"


def test_a_moved_case_owes_nothing_to_the_ladder_of_the_old_unit(store: Store) -> None:
    no = handling(store)
    asked, granted = later(hours=2), later(hours=3)
    store.write_now(
        lambda conn: cases.ask_return(conn, no, "duty", basis="三定规定", by=LIAISON, at=asked, rules=RULES)
    )
    store.write_now(lambda conn: cases.grant_return(conn, no, "同意", by=DISPATCHER, at=granted, rules=RULES))
    swept(store, DUE + timedelta(days=1))
    assert charged(store) == ["xfj"]  # what is late now is the new dispatch, and that is the bureau's


def test_a_clock_that_cannot_be_worked_out_is_put_off_and_the_others_act(store: Store) -> None:
    broken, whole = handling(store), handling(store)
    row = reply_clock(store, broken).id
    store.write_now(lambda conn: conn.execute(update(CLOCK).where(CLOCK.c.id == row).values(spans="[[")))
    at = DUE + timedelta(seconds=1)
    swept(store, at)
    assert steps(store, whole) == ["clock.red"]
    put_off = store.read_now(
        lambda conn: conn.execute(select(CLOCK.c.acts_at).where(CLOCK.c.id == row)).scalar()
    )
    assert put_off == at + sweep.AGAIN_AFTER


def test_a_clock_of_the_machine_that_jumps_a_year_is_not_believed(store: Store) -> None:
    no = handling(store)
    believed = store.write_now(lambda conn: sweep.believes(conn, MORNING))
    year_on = MORNING + timedelta(days=365)
    jumped = [store.write_now(lambda conn: sweep.believes(conn, year_on)) for _ in range(3)]
    assert (believed, jumped) == (True, [False, False, False])
    assert told(store) == ["sweep.held", "sweep.held"]  # the administrator and the efficiency office, once
    assert store.write_now(lambda conn: sweep.believes(conn, later(minutes=5)))
    assert store.read_now(sweep.held_at) is None
    assert steps(store, no) == []


def test_a_person_can_say_that_the_clock_is_right(store: Store) -> None:
    store.write_now(lambda conn: sweep.believes(conn, MORNING))
    month_on = MORNING + timedelta(days=30)
    assert not store.write_now(lambda conn: sweep.believes(conn, month_on))
    admin = Actor("admin", Role.ADMINISTRATOR, "rxzx")
    store.write_now(lambda conn: sweep.release(conn, "sweep", by=admin, at=month_on))
    assert store.write_now(lambda conn: sweep.believes(conn, month_on + timedelta(minutes=1)))
