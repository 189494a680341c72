"""One line over several nodes: each is heard by itself, and one engine decides for all."""

import pytest

from routing.engine import Engine
from routing.leadership import Term
from routing.line import Line, SeatState
from routing.switch import Connected, Member, Snapshot, Waiting
from tests.routing.exchange import SETTINGS, FakeSwitch, Hall, at

A1, A2 = "hotline1-1.0", "hotline1-2.0"
B1, B2 = "hotline2-1.0", "hotline2-2.0"


@pytest.fixture
def hall() -> Hall:
    hall = Hall(node="hotline1")
    hall.engine.asterisk_up(Snapshot(at(0), node="hotline2"), at(0))
    return hall


def join(hall: Hall, call: str, seconds: float) -> None:
    hall.engine.caller_joined(call, f"PJSIP/{call}", "138", at(seconds))


def waits(call: str, seconds: float) -> Waiting:
    return Waiting(call, f"PJSIP/{call}", "138", at(seconds))


async def test_callers_on_two_nodes_are_served_in_strict_order_of_arrival(hall: Hall) -> None:
    for call, seconds in ((B2, 14), (A1, 11), (B1, 12), (A2, 13)):
        join(hall, call, seconds)
    hall.man("s1001", "s1002", "s1003", "s1004")
    await hall.settle()
    order = [call for call, *_ in sorted(hall.switch.verbs("assign"), key=lambda each: each[1])]
    assert order == [A1, B1, A2, B2]


async def test_a_picture_of_one_node_says_nothing_of_the_other(hall: Hall) -> None:
    join(hall, A1, 10)
    join(hall, B1, 11)
    assert [each.id for each in hall.engine.reconcile(Snapshot(at(20), node="hotline2"), at(20))] == [B1]
    assert set(hall.line.callers) == {A1}


async def test_callers_of_a_node_that_is_not_heard_keep_their_place_and_are_not_moved(hall: Hall) -> None:
    join(hall, B1, 10)
    join(hall, A1, 11)
    hall.engine.asterisk_down(at(12), node="hotline2")
    hall.man("s1001")
    assert await hall.moved() == [(A1, "s1001")]
    assert hall.line.linked
    hall.man("s1002")
    hall.engine.asterisk_up(Snapshot(at(30), node="hotline2", waiting=(waits(B1, 10),)), at(30))
    assert await hall.moved() == [(A1, "s1001"), (B1, "s1002")]


async def test_a_seat_whose_node_is_not_heard_gets_nobody(hall: Hall) -> None:
    hall.seats("s1001", 1, node="hotline2")
    hall.engine.ready("s1001", at=at(1))
    hall.engine.asterisk_down(at(2), node="hotline2")
    join(hall, A1, 10)
    assert await hall.moved() == []
    hall.engine.asterisk_up(Snapshot(at(12), node="hotline2"), at(12))
    assert await hall.moved() == [(A1, "s1001")]


async def test_a_seat_is_a_member_of_the_line_of_its_own_node_and_taken_out_of_the_old_one(
    hall: Hall,
) -> None:
    hall.man("s1001")
    await hall.settle()
    assert hall.switch.homes == {"s1001": "hotline1"}
    left = Snapshot(at(5), node="hotline2", members=(Member("s1001", paused=False),))
    hall.engine.reconcile(left, at(5))
    await hall.settle()
    assert hall.switch.verbs("remove") == [("s1001",)]
    assert hall.switch.members["s1001"] == Member("s1001", paused=False)


async def test_a_restarted_node_is_told_its_own_members_again(hall: Hall) -> None:
    hall.man("s1001")
    await hall.settle()
    told = len(hall.switch.told)
    hall.engine.asterisk_up(Snapshot(at(9), node="hotline2"), at(9))
    await hall.settle()
    assert hall.switch.told[told:] == []
    hall.engine.asterisk_up(Snapshot(at(9), node="hotline1"), at(9))
    await hall.settle()
    assert hall.switch.verbs("add") == [("s1001", "话务员1001")] * 2


async def test_what_is_done_on_one_node_does_not_wait_for_the_other(hall: Hall) -> None:
    hall.seats("s1001", 1, node="hotline1")
    hall.seats("s1002", 2, node="hotline2")
    await hall.settle()
    hall.switch.stuck = True
    for seat in ("s1001", "s1002"):
        hall.engine.ready(seat, at=at(3))
    join(hall, A1, 10)
    hall.engine.take_break("s1002", reason="rest", at=at(11))
    async with hall._working():
        await until_told(hall, ("pause", "s1002", "break"))


async def until_told(hall: Hall, words: tuple[str, ...]) -> None:
    import asyncio

    async with asyncio.timeout(2):
        while words not in hall.switch.told:  # noqa: ASYNC110 - it is the exchange that is looked at
            await asyncio.sleep(0.01)


async def test_a_stand_by_hears_everything_and_says_nothing() -> None:
    line, switch = Line(), FakeSwitch()
    hall = Hall(node="hotline1")
    hall.line, hall.switch = line, switch

    async def note(_seat: object) -> None:
        raise AssertionError("a stand-by writes nothing down")

    hall.engine = Engine(line, switch, SETTINGS, now=lambda: at(0), record=note, node="hotline1")
    hall.engine.stand_by(at(0))
    talk = Connected(A2, f"PJSIP/{A2}", "138", "s1001", "PJSIP/s1001-1", at(0), at(1))
    members = (Member("s1001", paused=True), Member("s1002", paused=False))
    hall.engine.asterisk_up(Snapshot(at(2), talks=(talk,), members=members, node="hotline1"), at(2))
    join(hall, A1, 10)
    hall.engine.reconcile(
        Snapshot(at(60), waiting=(waits(A1, 10),), talks=(talk,), members=members, node="hotline1"), at(60)
    )
    hall.engine.tick(at(61))
    await hall.settle()
    assert switch.told == []
    assert (set(line.callers), set(line.talks)) == ({A1}, {A2})


async def test_who_leads_from_now_on_goes_on_with_the_line_as_it_is(hall: Hall) -> None:
    hall.engine.stand_by(at(1))
    join(hall, A1, 10)
    hall.engine.lead(Term(7), at(20))
    hall.man("s1001")
    assert await hall.moved() == [(A1, "s1001")]
    assert hall.switch.terms == [7]


async def test_a_deposed_engine_lets_go_of_its_seats_and_promises(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, A1, 10)
    hall.engine.stand_by(at(10.1))
    assert await hall.moved() == []
    assert hall.state("s1001") is SeatState.OFFLINE
    assert not hall.engine.leads


async def test_a_process_that_was_stopped_does_not_carry_out_what_it_had_decided(hall: Hall) -> None:
    leads = [True]
    hall.engine.lead_while(lambda: leads[0])
    hall.man("s1001")
    join(hall, A1, 10)
    leads[0] = False
    assert await hall.moved() == []


def test_the_age_of_the_picture_is_that_of_the_node_that_was_quiet_longest(hall: Hall) -> None:
    join(hall, A1, 50)
    assert hall.line.heard_at == at(0)
    ages = {source.node: source.age for source in hall.engine.sources(at(60))}
    assert {node: age and age.total_seconds() for node, age in ages.items()} == {
        "hotline1": 10,
        "hotline2": 60,
    }
    hall.engine.asterisk_down(at(60), node="hotline2")
    assert hall.line.heard_at == at(50)


async def test_what_a_stand_by_hears_of_a_seat_keeps_no_agent_from_sitting_down_there_later(
    hall: Hall,
) -> None:
    hall.man("s1001")
    hall.engine.stand_by(at(5))
    join(hall, A1, 10)
    hall.engine.seat_offered(A1, "s1001", at(11))
    hall.engine.seat_answered(A1, "s1001", "PJSIP/s1001-1", at(12))
    hall.engine.talk_ended(A1, at(20))
    assert hall.line.seats["s1001"].state is SeatState.OFFLINE
    hall.engine.lead(Term(7), at(21))
    join(hall, A2, 22)
    assert await hall.moved() == []
    hall.seats("s1001", 23)
    hall.engine.ready("s1001", at=at(23))
    assert await hall.moved() == [(A2, "s1001")]
