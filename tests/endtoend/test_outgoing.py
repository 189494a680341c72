"""We ring somebody by ourselves, and our process is killed while the telephone rings: it rings once, and is answered."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from cases.outgoing import Closing, Kind
from cases.rules import rules_for
from cases.workflow import Role
from hotline.phone import Line
from storage import cases, duty, outgoing_lists, urgent_lists
from storage.duty import DutyForm
from storage.outgoing_lists import Task, Try
from storage.people import Actor
from tests.endtoend.conftest import town_with
from tests.makers import DISPATCHER
from tests.sip import eventually, telephone
from tests.storage import walks
from tests.town import Town, free_port

DUTY = "13905910001"
RULES = rules_for("RH", policy="haikou-2017")
LEAD = Actor("2001", Role.TEAM_LEAD, "rxzx")


@pytest.fixture
def alarmed() -> Iterator[Town]:
    """A town whose carrier is the duty telephone of one unit."""
    with town_with(carrier=f"127.0.0.1:{free_port()}") as town:
        yield town


def an_urgent_case(town: Town) -> str:
    """Something dangerous has been given to a unit, and duty telephones are rung by ourselves from now on."""
    now = datetime.now(UTC)
    form = DutyForm(unit="szgc", rank="duty", name="林值班", number=DUTY, begins_at=now - timedelta(hours=1))
    with closing(town.store()) as store:
        store.write_now(lambda conn: duty.plan(conn, form, by=LEAD, at=now))
        store.write_now(partial(outgoing_lists.switch, kind=Kind.DUTY, on=True, by="2001", at=now))
        no = walks.registered(store, at=now, rules=RULES, urgency="紧急").no
        store.write_now(
            lambda conn: cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=now, rules=RULES)
        )
    return no


def tried(town: Town) -> tuple[Task, list[Try]]:
    with closing(town.store()) as store:
        found = store.read_now(partial(outgoing_lists.search, state="all"))
    return found.rows[0], found.tries[found.rows[0].id]


async def test_h_02_a_process_killed_while_the_duty_telephone_rings_costs_nothing(
    alarmed: Town, tmp_path: Path
) -> None:
    port = int(alarmed.config.carrier.rpartition(":")[2])
    async with telephone(Line(user=DUTY, server=alarmed.sip, port=port), tmp_path / "duty") as leader:
        no = an_urgent_case(alarmed)
        await leader.rings()
        await asyncio.to_thread(alarmed.kill_ours)
        await asyncio.to_thread(alarmed.start_ours)
        await leader.phone.answer()
        await leader.hears_sound()
        await asyncio.sleep(2)
        await leader.presses("1")
        await leader.is_hung_up(40)
        await eventually(lambda: tried(alarmed)[0].closed_at, 20)
        task, calls = tried(alarmed)
    assert (task.closing, len(calls)) == (Closing.DONE, 1)
    with closing(alarmed.store()) as store:
        (urgent,) = store.read_now(lambda conn: urgent_lists.of_case(conn, no))
    assert urgent.acknowledged_at is not None
