"""The demo city opens with checks in every state and messages that everybody has read."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from cases.quality import monday_of
from storage import quality, seat_messages
from storage.demo_quality import AGENTS, load_checks
from storage.engine import Store
from tests.makers import MORNING, later

CITY = ZoneInfo("Asia/Shanghai")


def load(store: Store, at: datetime = MORNING) -> int:
    return store.write_now(partial(load_checks, at=at, zone=CITY))


def test_a_fresh_city_has_checks_in_every_state_for_each_agent_alike(store: Store) -> None:
    assert load(store) == 12
    week = monday_of(MORNING.astimezone(CITY).date())
    lines = store.read_now(partial(quality.of_weeks, first=week.replace(day=1), last=week))
    assert {line.state for line in lines} == {"drawn", "checked", "appealed"}
    team = store.read_now(partial(quality.team, first=week.replace(day=1), last=week))
    assert {line.agent: line.drawn for line in team} == dict.fromkeys(AGENTS, 3)
    assert sum(line.revised for line in team) == 1


def test_nobody_who_opens_a_desk_finds_a_message_unread(store: Store) -> None:
    load(store)
    sent = store.read_now(lambda conn: seat_messages.newest(conn, later(hours=-1), 9))
    assert len(sent) == 2
    assert [message.unread for message in sent] == [[], []]


def test_preparing_the_city_again_writes_nothing_twice(store: Store) -> None:
    load(store)
    assert load(store, later(days=9)) == 0
