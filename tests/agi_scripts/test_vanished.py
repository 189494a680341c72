"""A record whose end could not be written is closed when Asterisk has the call no more, and owed like any broken call."""

from datetime import timedelta

import pytest

from agi_scripts.ami import AMILink
from agi_scripts.vanished import Vanished
from storage import calls, records
from storage.engine import Store
from tests.agi_scripts.ami_world import Action, Answer, fake_ami, held, link_to, message
from tests.storage.call_lines import CEL, Exchange, position


@pytest.fixture
def call(store: Store) -> str:
    """A call of which only the first lines are known."""
    exchange = Exchange()
    id_ = exchange.call("completed")
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, CEL, rows[:3], place))
    return id_


def channels(*calls: str) -> Answer:
    def answer(action: Action) -> str:
        if action["Action"] != "CoreShowChannels":
            return message(
                action, Response="Success", CoreStartupDate="2026-11-22", CoreStartupTime="08:00:00"
            )
        rows = [message(action, Event="CoreShowChannel", Uniqueid=call, Linkedid=call) for call in calls]
        done = message(action, Event="CoreShowChannelsComplete", EventList="Complete")
        return message(action, Response="Success") + "".join(rows) + done

    return answer


async def look(store: Store, link: AMILink, call: str, *, times: int = 2, behind: float = 0.0) -> str | None:
    """Look so often; return how the record ended."""
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    now = view.offered_at + timedelta(minutes=1)
    watch = Vanished(store, link, "hotline1", lambda: now, behind=lambda: behind, within=timedelta(hours=1))
    for _ in range(times):
        await watch.look()
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    return view.end_reason


async def test_a_call_that_asterisk_has_no_more_is_closed_at_the_second_look(store: Store, call: str) -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer = channels("hotline1-1.1")
        assert await look(store, link, call, times=1) is None
        assert await look(store, link, call) == "lost_restart"


async def test_a_call_that_lives_or_whose_lines_are_still_to_be_read_stays_open(
    store: Store, call: str
) -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        ami.answer = channels(call)
        assert await look(store, link, call, times=3) is None
        ami.answer = channels()
        assert await look(store, link, call, times=3, behind=0.1) is None
