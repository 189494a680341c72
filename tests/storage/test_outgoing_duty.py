"""H-02 by the hotline itself, on both databases: who is rung for danger, in which order, and what a key means."""

from datetime import timedelta
from functools import partial

from sqlalchemy import update

from cases.outgoing import Closing, Kind
from cases.workflow import Role
from storage import notices, outgoing, outgoing_results, urgent, urgent_lists
from storage.engine import Store
from storage.outgoing_results import DUTY_PHONE
from storage.people import Actor
from storage.units import UNIT
from tests.makers import AGENT
from tests.storage.test_outgoing import ended, planned, rung, settle, switch_on, task
from tests.storage.test_urgent import NIGHT, alarm, look, on_rota
from tests.storage.walks import view


def test_h_02_the_duty_telephone_rings_at_night_and_the_key_is_the_units_word(store: Store) -> None:
    on_rota(store, "duty", "13905910001")
    no = alarm(store)
    switch_on(store, Kind.DUTY)
    assert store.read_now(partial(outgoing.is_due, at=NIGHT, planning=False)), "danger is seen at once"
    (one,) = planned(store, NIGHT)
    assert one.number == "13905910001"
    rung(store, one, "hotline1-1.1", NIGHT)
    brief = store.read_now(partial(outgoing_results.brief, call="hotline1-1.1"))
    assert brief is not None
    assert (brief.purpose, brief.title) == ("alarm", "道路井盖缺失")
    store.write_now(partial(outgoing_results.acknowledged, call="hotline1-1.1", no=no, at=NIGHT))
    ended(store, "hotline1-1.1", "ANSWER", NIGHT)
    assert (look(store, no).acknowledged_at, task(store).closing) == (NIGHT, Closing.DONE)
    assert DUTY_PHONE in {fact.actor for fact in view(store, no).events}
    assert store.read_now(urgent_lists.to_ring) == []


def test_h_02_who_does_not_answer_is_followed_by_the_next_in_the_table_within_minutes(store: Store) -> None:
    on_rota(store, "duty", "13905910001")
    on_rota(store, "leader", "13905910009")
    alarm(store)
    switch_on(store, Kind.DUTY)
    at, numbers = NIGHT, []
    for number in range(1, 4):
        (one,) = planned(store, at)
        numbers.append(one.number)
        rung(store, one, f"hotline1-1.{number}", at)
        ended(store, f"hotline1-1.{number}", "NOANSWER", at)
        at = task(store).next_at
    assert numbers[:2] == ["13905910001", "13905910009"]
    assert at <= NIGHT + timedelta(minutes=6)
    (shown,) = store.read_now(urgent_lists.to_ring)
    assert (shown.attempts, shown.result) == (3, "no_answer")


def test_h_02_where_nobody_was_known_to_ring_whoever_is_on_duty_now_is_rung(store: Store) -> None:
    none = update(UNIT).where(UNIT.c.id == "szgc").values(duty_phone="", night_phone="")
    store.write_now(lambda conn: conn.execute(none))
    alarm(store)
    switch_on(store, Kind.DUTY)
    on_rota(store, "leader", "13905910009")
    assert [one.number for one in planned(store, NIGHT)] == ["13905910009"]


def test_h_02_a_duty_call_nobody_knows_anything_of_is_made_again_within_minutes(store: Store) -> None:
    on_rota(store, "duty", "13905910001")
    alarm(store)
    switch_on(store, Kind.DUTY)
    (one,) = planned(store, NIGHT)
    rung(store, one, "hotline2-1.1", NIGHT)
    assert settle(store, NIGHT + timedelta(minutes=4)) == 0
    assert settle(store, NIGHT + timedelta(minutes=6)) == 1
    assert planned(store, NIGHT + timedelta(minutes=7)) == [one]


def test_h_02_a_person_who_reached_the_unit_ends_the_calling(store: Store) -> None:
    on_rota(store, "duty", "13905910001")
    alarm(store)
    switch_on(store, Kind.DUTY)
    planned(store, NIGHT)
    (ring,) = store.read_now(urgent_lists.to_ring)
    store.write_now(lambda conn: urgent.rang(conn, ring.id, "reached", by=AGENT, at=NIGHT))
    assert planned(store, NIGHT) == []
    assert task(store).closing is Closing.GONE


def test_h_02_when_no_duty_telephone_is_answered_those_who_lead_the_shift_are_told_at_once(
    store: Store,
) -> None:
    on_rota(store, "duty", "13905910001")
    alarm(store)
    switch_on(store, Kind.DUTY)
    at = NIGHT
    for number in range(1, 13):
        (one,) = planned(store, at)
        rung(store, one, f"hotline1-1.{number}", at)
        ended(store, f"hotline1-1.{number}", "NOANSWER", at)
        at = task(store).next_at
    assert task(store).closing is Closing.PERSON
    for role in (Role.TEAM_LEAD, Role.DISPATCHER):
        told = store.read_now(partial(notices.inbox, actor=Actor("somebody", role, ""), at=at)).rows
        assert [notice.kind for notice in told] == ["urgent_unanswered"], role
