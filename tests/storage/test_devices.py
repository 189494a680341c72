"""FL-09 on both databases: alarms of devices become cases, once each, and never more than the device may send."""

from datetime import timedelta
from typing import Any

import pytest

from cases.workflow import Role
from storage import cases, devices
from storage.devices import Alarm, DeviceForm, Taken, TooManyAlarms, UnknownDevice
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.people import Actor
from storage.steps import NotForYou
from tests.makers import AGENT, MORNING, RULES, TEAM_LEAD, later
from tests.storage.walks import kinds, view

ADMIN = Actor("admin", Role.ADMINISTRATOR, "rxzx")


def added(store: Store, **changes: Any) -> str:
    fields: dict[str, Any] = {
        "id": "well-17",
        "name": "东门路井盖传感器",
        "category": "0105",
        "address": "东门路12号",
    }
    form = DeviceForm(**fields | {"hourly": 3} | changes)
    return store.write_now(lambda conn: devices.add(conn, form, by=ADMIN, at=MORNING))


def send(store: Store, token: str, key: str, *, urgent: bool = False, **after: float) -> Taken:
    sent = Alarm(key=key, words="井盖倾斜30度", urgent=urgent)
    return store.write_now(lambda conn: devices.alarm(conn, token, sent, at=later(**after), rules=RULES))


def test_fl_09_an_alarm_becomes_a_case_once_and_what_repeats_it_joins(store: Store) -> None:
    token = added(store)
    first = send(store, token, "a1", urgent=True)
    case = view(store, first.no)
    assert (case.channel, case.urgency, case.title) == (
        "device",
        "紧急",
        "东门路井盖传感器报警：井盖倾斜30度",
    )
    assert send(store, token, "a1", minutes=1) == Taken(first.no, again=True)
    assert send(store, token, "a2", minutes=2) == Taken(first.no, again=True)
    assert kinds(store, first.no).count("device.again") == 1
    store.write_now(lambda conn: cases.invalidate(conn, first.no, "test", by=TEAM_LEAD, at=later(minutes=3)))
    assert send(store, token, "a3", minutes=4).no != first.no


def test_fl_09_a_device_sends_no_more_than_it_may_within_an_hour(store: Store) -> None:
    token = added(store)
    for number in range(3):
        send(store, token, f"a{number}", minutes=number)
    with pytest.raises(TooManyAlarms):
        send(store, token, "a3", minutes=59)
    send(store, token, "a3", minutes=61)
    (one,) = store.read_now(devices.devices)
    assert (one.alarms, one.last_at) == (4, MORNING + timedelta(minutes=61))


def test_a_device_that_is_unknown_or_switched_off_says_nothing(store: Store) -> None:
    token = added(store)
    with pytest.raises(UnknownDevice):
        send(store, "guess", "a1")
    store.write_now(lambda conn: devices.disable(conn, "well-17", by=ADMIN, at=MORNING))
    with pytest.raises(UnknownDevice):
        send(store, token, "a1")
    with pytest.raises(Missing):
        store.write_now(lambda conn: devices.disable(conn, "well-17", by=ADMIN, at=MORNING))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "Well 17"}, "id"),
        ({"category": "9999"}, "category"),
        ({"hourly": 0}, "hourly"),
        ({"name": ""}, "name"),
    ],
)
def test_a_device_is_entered_completely_by_an_administrator(
    store: Store, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        added(store, **changes)
    assert list(refused.value.fields) == [field]
    form = DeviceForm(id="x1", name="x", category="0105", address="x")
    with pytest.raises(NotForYou):
        store.write_now(lambda conn: devices.add(conn, form, by=AGENT, at=MORNING))
    added(store)
    with pytest.raises(Conflict):
        added(store)
