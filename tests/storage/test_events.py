"""F10-20, F07-12, H-21: events that many call about, and the citizens who wait to be told."""

import asyncio
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage import events, history
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.events import EventForm
from storage.number_models import Heard
from tests.makers import MORNING, later
from tests.storage.walks import registered

ZONE = ZoneInfo("Asia/Shanghai")


def a_water_cut(**changes: Any) -> EventForm:
    fields = {"name": "榕东区停水", "area": "榕东区", "announcement": "榕东区因抢修停水,预计18时恢复。"}
    return EventForm(**fields | changes)


def opened(store: Store, key: str = "k1", **changes: Any) -> int:
    form = a_water_cut(**changes)
    return store.write_now(lambda conn: events.open_event(conn, form, key=key, by="lead", at=MORNING))


def on(store: Store, **after: float) -> list[int]:
    return [one.id for one in store.read_now(lambda conn: events.now_on(conn, later(**after)))]


def join(store: Store, event: int, call: str, number: str) -> bool:
    return store.write_now(lambda conn: events.add_member(conn, event, call=call, number=number, at=MORNING))


def test_h_21_an_event_is_heard_from_the_click_until_it_expires_by_itself(store: Store) -> None:
    event = opened(store)
    assert on(store) == [event]
    assert on(store, hours=3, minutes=59) == [event]
    assert on(store, hours=4) == []


def test_h_21_one_click_ends_it_and_another_takes_that_back(store: Store) -> None:
    event = opened(store)
    store.write_now(lambda conn: events.close_event(conn, event, by="lead", at=later(minutes=5)))
    assert on(store, minutes=6) == []
    with pytest.raises(Conflict):
        store.write_now(lambda conn: events.close_event(conn, event, by="lead", at=later(minutes=7)))
    again = timedelta(hours=2)
    store.write_now(
        lambda conn: events.reopen_event(conn, event, lasts=again, by="lead", at=later(minutes=8))
    )
    assert on(store, hours=2) == [event]
    kinds = [fact.kind for fact in store.read_now(lambda conn: history.of(conn, f"event:{event}"))]
    assert kinds == ["event.opened", "event.closed", "event.prolonged"]


def test_an_event_that_expired_cannot_be_closed_any_more(store: Store) -> None:
    event = opened(store)
    with pytest.raises(Conflict):
        store.write_now(lambda conn: events.close_event(conn, event, by="lead", at=later(hours=5)))


def test_a_click_that_arrives_twice_opens_one_event(store: Store) -> None:
    assert opened(store, "same") == opened(store, "same")
    assert opened(store, "other") != opened(store, "same")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lasts": timedelta(0)}, "hours"),
        ({"lasts": timedelta(hours=73)}, "hours"),
        ({"announcement": " "}, "announcement"),
        ({"name": ""}, "name"),
        ({"case": "RH000000-00000-0"}, "case"),
        ({"announcement": "停" * 201}, "announcement"),
    ],
)
def test_an_event_needs_words_and_an_end(store: Store, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened(store, **changes)
    assert list(refused.value.fields) == [field]


def test_f07_12_forty_one_calls_about_one_thing_are_one_cluster_of_forty_one(store: Store) -> None:
    event = opened(store)
    added = [join(store, event, f"hotline1-{n}.0", f"138501{n:05}") for n in range(41)]
    assert all(added)
    assert store.read_now(lambda conn: events.totals(conn, [event]))[event] == events.Totals(41, 41, 0)
    assert len(store.read_now(lambda conn: events.members(conn, event))) == 41


def test_a_number_joins_once_however_often_and_however_written_it_calls(store: Store) -> None:
    event = opened(store)
    assert join(store, event, "hotline1-1.0", "13850123456")
    assert not join(store, event, "hotline1-2.0", "+8613850123456")
    assert not join(store, event, "hotline1-1.0", "13850123456")
    totals = store.read_now(lambda conn: events.totals(conn, [event]))[event]
    assert (totals.members, totals.heard) == (1, 2)


async def test_two_calls_of_one_number_at_one_moment_make_one_member(store: Store) -> None:
    event = opened(store)
    added = await asyncio.gather(
        *(
            store.write(
                lambda conn, n=n: events.add_member(  # type: ignore[misc] # bound early on purpose
                    conn, event, call=f"hotline1-{n}.0", number="13850123456", at=MORNING
                ),
                retryable=True,
            )
            for n in range(8)
        )
    )
    assert sorted(added) == [False] * 7 + [True]


def test_each_member_is_told_once_and_those_who_wait_come_first(store: Store) -> None:
    event = opened(store)
    for n in range(3):
        join(store, event, f"hotline1-{n}.0", f"1385012345{n}")
    for expected in (True, False):
        told = store.write_now(
            lambda conn: events.tell_member(conn, event, "13850123450", by="1001", at=later(hours=5))
        )
        assert told is expected
    found = store.read_now(lambda conn: events.members(conn, event))
    assert [one.number[-1] for one in found] == ["1", "2", "0"]
    assert found[-1].told_by == "1001"
    assert store.read_now(lambda conn: events.totals(conn, [event]))[event].told == 1


def test_h_21_the_situation_is_told_hour_by_hour_of_the_citys_clock(store: Store) -> None:
    event = opened(store)
    said = [(0, Heard.ADDED), (10, Heard.PERSON), (29, Heard.HUNG_UP), (31, Heard.ADDED), (40, Heard.ADDED)]
    for minutes, what in said:
        call, at = f"hotline1-{minutes}.0", later(minutes=minutes)
        store.write_now(
            lambda conn, call=call, what=what, at=at: events.heard(conn, event, call=call, what=what, at=at)  # type: ignore[misc] # bound early on purpose
        )
    hours = store.read_now(lambda conn: events.by_hour(conn, event, ZONE))
    assert [(one.begins.hour, one.heard, one.added, one.person, one.hung_up) for one in hours] == [
        (9, 3, 1, 1, 1),
        (10, 2, 2, 0, 0),
    ]


def test_what_was_said_first_of_a_call_counts(store: Store) -> None:
    event = opened(store)
    join(store, event, "hotline1-1.0", "13850123456")
    store.write_now(
        lambda conn: events.heard(conn, event, call="hotline1-1.0", what=Heard.HUNG_UP, at=MORNING)
    )
    (hour,) = store.read_now(lambda conn: events.by_hour(conn, event, ZONE))
    assert (hour.added, hour.hung_up) == (1, 0)


def test_f10_20_a_master_case_may_answer_for_all(store: Store) -> None:
    no = registered(store).no
    event = opened(store)
    store.write_now(lambda conn: events.link_case(conn, event, no, by="lead", at=MORNING))
    assert store.read_now(lambda conn: events.event(conn, event)).case == no
    with pytest.raises(Invalid):
        store.write_now(lambda conn: events.link_case(conn, event, "RH1", by="lead", at=MORNING))
    store.write_now(lambda conn: events.link_case(conn, event, "", by="lead", at=MORNING))
    assert store.read_now(lambda conn: events.event(conn, event)).case is None


def test_callers_hear_two_events_at_most_the_newest_first(store: Store) -> None:
    ids = [opened(store, f"k{n}") for n in range(3)]
    assert on(store) == [ids[2], ids[1]]


def test_an_event_there_is_not_is_missing(store: Store) -> None:
    with pytest.raises(Missing):
        store.read_now(lambda conn: events.event(conn, 99))
    with pytest.raises(Missing):
        store.write_now(lambda conn: events.close_event(conn, 99, by="lead", at=MORNING))
