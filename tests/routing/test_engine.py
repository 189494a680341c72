"""The engine on a day at the hotline, with made-up time and a made-up exchange."""

import asyncio
import logging

import pytest

from routing import work as work_module
from routing.engine import Before, Declined, LineSettings, Refused
from routing.line import SeatState
from routing.live import Wish
from routing.rules import LineRules, Skill
from routing.switch import Connected, Member, Snapshot, Waiting
from storage.errors import StoreDown
from tests.routing.exchange import Hall, at


@pytest.fixture
def hall() -> Hall:
    return Hall()


def join(hall: Hall, call: str, seconds: float) -> None:
    hall.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(seconds))


async def test_a_caller_is_moved_to_the_seat_that_has_been_idle_longest(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    join(hall, "c1", 10)
    assert await hall.moved() == [("c1", "s1001")]
    assert hall.switch.verbs("fact") == [("c1", "ASSIGN", "s1001")]
    assert hall.switch.verbs("assign") == [("c1", "s1001", "PJSIP/c1", "longest_idle")]


async def test_the_assignment_is_written_down_before_the_caller_is_moved(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    await hall.settle()
    verbs = [each[0] for each in hall.switch.told]
    assert verbs.index("fact") < verbs.index("assign")


async def test_a_caller_waits_until_a_seat_is_ready_and_the_first_goes_first(hall: Hall) -> None:
    join(hall, "c2", 11)
    join(hall, "c1", 10)
    assert await hall.moved() == []
    hall.man("s1001", "s1002")
    assert await hall.moved() == [("c1", "s1001"), ("c2", "s1002")]


async def test_nobody_is_moved_while_the_exchange_is_not_heard(hall: Hall) -> None:
    hall.engine.asterisk_down(at(5))
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.tick(at(11))
    assert await hall.moved() == []
    hall.engine.asterisk_up(Snapshot(at(12), waiting=(Waiting("c1", "PJSIP/c1", "138", at(10)),)), at(12))
    assert await hall.moved() == [("c1", "s1001")]


async def test_a_state_is_shown_only_when_the_exchange_has_confirmed_it(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    await hall.settle()
    assert hall.state("s1001") is SeatState.READY
    hall.engine.caller_left("c1", at(10.1))
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    assert hall.state("s1001") is SeatState.RINGING
    assert [change.offered for change in hall.heard if change.offered] == ["s1001"]
    hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(13))
    talk = hall.line.talk_of("s1001")
    assert talk is not None
    assert (talk.state, talk.answered_at, talk.queued_at, talk.number) == (
        SeatState.TALKING,
        at(13),
        at(10),
        "13800001234",
    )


async def test_an_assignment_that_is_not_confirmed_goes_to_the_next_seat(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    join(hall, "c1", 10)
    await hall.settle()
    hall.engine.tick(at(11.9))
    assert await hall.moved() == [("c1", "s1001")]
    hall.engine.tick(at(12))
    assert await hall.moved() == [("c1", "s1001"), ("c1", "s1002")]


async def test_a_promise_taken_back_before_it_was_carried_out_is_not_carried_out(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    join(hall, "c1", 10)
    hall.engine.tick(at(12))
    assert await hall.moved() == [("c1", "s1002")]


async def test_a_caller_whom_the_exchange_could_not_move_keeps_the_place(hall: Hall) -> None:
    hall.man("s1001")
    hall.switch.broken.add("assign")
    join(hall, "c1", 10)
    join(hall, "c2", 11)
    await hall.settle()
    hall.switch.broken.clear()
    hall.engine.tick(at(11.25))
    assert await hall.moved() == [("c1", "s1001")]
    assert [caller.call for caller in hall.line.waiting()] == ["c1", "c2"]


async def test_an_exchange_that_does_not_answer_stops_nobody_else(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_module, "EFFECT_SECONDS", 0.01)
    hall.man("s1001")
    hall.switch.stuck = True
    join(hall, "c1", 10)
    await hall.settle()
    hall.switch.stuck = False
    hall.engine.tick(at(12))
    assert await hall.moved() == [("c1", "s1001")]


async def test_a_caller_whose_round_of_waiting_ends_as_he_is_promised_costs_the_seat_nothing(
    hall: Hall,
) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.caller_left("c1", at(10.01))
    join(hall, "c1", 10.02)
    assert hall.state("s1001") is SeatState.READY
    assert await hall.moved() == [("c1", "s1001")]


async def test_a_caller_between_two_rounds_of_waiting_is_overtaken_by_nobody(hall: Hall) -> None:
    join(hall, "c1", 10)
    join(hall, "c2", 11)
    hall.engine.caller_left("c1", at(190))
    hall.man("s1001", "s1002")
    assert await hall.moved() == [("c1", "s1001"), ("c2", "s1002")]


async def test_a_caller_who_pressed_a_key_keeps_the_place_and_is_not_called_up(hall: Hall) -> None:
    join(hall, "c1", 10)
    join(hall, "c2", 11)
    hall.engine.caller_left("c1", at(20))
    hall.engine.caller_aside("c1", "PJSIP/c1", "13800001234", at(20.01))
    assert [caller.call for caller in hall.line.waiting()] == ["c1", "c2"]
    hall.man("s1001")
    assert await hall.moved() == [("c2", "s1001")]
    join(hall, "c1", 30)
    hall.man("s1002")
    assert (await hall.moved())[-1] == ("c1", "s1002")
    assert hall.line.callers["c1"].since == at(10)


async def test_a_key_pressed_while_a_seat_is_being_found_takes_the_promise_back(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.caller_aside("c1", "PJSIP/c1", "13800001234", at(10.01))
    assert await hall.moved() == []
    assert hall.line.free_seats() == [hall.seat("s1001")]


async def test_a_caller_who_leaves_a_message_is_not_called_up(hall: Hall) -> None:
    join(hall, "c1", 10)
    hall.engine.caller_gone("c1", at(20))
    hall.man("s1001")
    assert await hall.moved() == []


async def test_the_order_of_arrival_is_what_stands_on_the_channels_and_survives_our_death(hall: Hall) -> None:
    for call, arrived, heard in (("c3", 12, 100), ("c1", 10, 101), ("c2", 11, 102)):
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(heard), since=at(arrived))
    hall.man("s1001", "s1002", "s1003")
    assert await hall.moved() == [("c1", "s1001"), ("c2", "s1002"), ("c3", "s1003")]


async def test_a_caller_who_left_before_being_moved_is_not_moved(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.caller_left("c1", at(10.001))
    hall.engine.talk_ended("c1", at(10.001))
    assert await hall.moved() == []
    assert hall.line.free_seats() == [hall.seat("s1001")]


async def test_a_seat_that_does_not_answer_gets_a_break_and_the_caller_the_next_seat(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    join(hall, "c1", 10)
    hall.engine.caller_left("c1", at(10.1))
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.seat_refused("c1", "s1001", Declined.NO_ANSWER, at(22))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, "no_answer")
    assert [change.notice.seat for change in hall.heard if change.notice] == ["s1001"]
    join(hall, "c2", 22.1)
    hall.engine.caller_left("c2", at(22.15))
    hall.engine.talk_ended("c2", at(22.15))
    join(hall, "c1", 22.2)
    assert hall.line.callers["c1"].since == at(10)
    assert (await hall.moved())[-1] == ("c1", "s1002")


async def test_a_seat_that_cannot_be_reached_is_out_of_use_and_the_caller_gets_the_next_seat(
    hall: Hall,
) -> None:
    hall.man("s1001", "s1002")
    join(hall, "c1", 10)
    await hall.settle()
    hall.engine.caller_left("c1", at(10.01))
    hall.engine.seat_refused("c1", "s1001", Declined.UNREACHABLE, at(10.02))
    join(hall, "c1", 10.03)
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.DISABLED, "no_telephone")
    assert [change.notice.text for change in hall.heard if change.notice] == ["notice.unreachable"]
    assert await hall.moved() == [("c1", "s1001"), ("c1", "s1002")]


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (Declined.REJECTED, "rejected"),
        (Declined.UNREACHABLE, "no_telephone"),
        (Declined.NO_ANSWER, "no_answer"),
    ],
)
def test_the_break_says_why_the_seat_did_not_take_the_call(hall: Hall, cause: Declined, reason: str) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.seat_refused("c1", "s1001", cause, at(12))
    assert hall.seat("s1001").reason == reason


def test_a_caller_who_gives_up_while_a_seat_rings_does_not_cost_the_seat_its_turn(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    join(hall, "c1", 10)
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.seat_refused("c1", "s1001", Declined.CALLER_GONE, at(15))
    assert hall.state("s1001") is SeatState.READY
    assert hall.seat("s1001").idle_since == at(0)


def test_a_refusal_said_twice_does_not_break_off_the_next_turn(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.caller_left("c1", at(10.1))
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.seat_refused("c1", "s1001", Declined.NO_ANSWER, at(22))
    hall.engine.ready("s1001", at=at(23))
    hall.engine.seat_refused("c1", "s1001", Declined.NO_ANSWER, at(23.1))
    assert hall.state("s1001") is SeatState.READY


def test_a_city_may_let_the_break_end_by_itself() -> None:
    hall = Hall(LineSettings(no_answer_break_seconds=20))
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.seat_refused("c1", "s1001", Declined.NO_ANSWER, at(22))
    hall.engine.tick(at(41.9))
    assert hall.state("s1001") is SeatState.BREAK
    hall.engine.tick(at(42))
    assert hall.state("s1001") is SeatState.READY


def test_a_seat_that_rings_for_ever_is_taken_back(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.seat_offered("c1", "s1001", at(10))
    hall.engine.tick(at(26.9))
    assert hall.state("s1001") is SeatState.RINGING
    hall.engine.tick(at(27))
    assert hall.state("s1001") is not SeatState.RINGING


def test_after_a_call_comes_the_work_and_then_the_next_call(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.talk_ended("c1", at(100))
    assert (hall.state("s1001"), hall.seat("s1001").wrap_up_until) == (SeatState.WRAP_UP, at(130))
    hall.engine.tick(at(129.9))
    assert hall.state("s1001") is SeatState.WRAP_UP
    hall.engine.tick(at(130))
    assert (hall.state("s1001"), hall.seat("s1001").idle_since) == (SeatState.READY, at(130))


async def test_a_waiting_caller_gets_the_seat_the_moment_its_work_is_done(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    join(hall, "c2", 50)
    hall.engine.talk_ended("c1", at(100))
    hall.engine.wrapped("s1001", at=at(105))
    assert (await hall.moved())[-1] == ("c2", "s1001")


def test_work_after_a_call_can_be_extended_once_by_the_city_measure(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.talk_ended("c1", at(100))
    hall.engine.extend_wrap_up("s1001", reason="补录", at=at(110))
    assert hall.seat("s1001").wrap_up_until == at(190)
    with pytest.raises(Refused):
        hall.engine.extend_wrap_up("s1001", reason="补录", at=at(111))


def test_work_that_is_over_is_not_extended(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.talk_ended("c1", at(100))
    with pytest.raises(Refused, match="已结束"):
        hall.engine.extend_wrap_up("s1001", reason="补录", at=at(130))


async def test_a_break_asked_in_a_call_comes_after_the_work(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.take_break("s1001", reason="就餐", at=at(50))
    hall.engine.talk_ended("c1", at(100))
    assert hall.state("s1001") is SeatState.WRAP_UP
    join(hall, "c2", 101)
    hall.engine.wrapped("s1001", at=at(110))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, "就餐")
    assert ("c2", "s1001") not in await hall.moved()


async def test_a_break_asked_while_a_caller_is_on_the_way_is_not_forgotten(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    hall.engine.take_break("s1001", reason="就餐", at=at(10.01))
    hall.engine.talk_ended("c1", at(10.02))
    assert hall.state("s1001") is SeatState.BREAK


async def test_a_held_talk_is_shown_and_written_down(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.held("c1", at(20))
    assert hall.state("s1001") is SeatState.HOLD
    hall.engine.held("c1", at(20.1))
    hall.engine.resumed("c1", at(25))
    assert hall.state("s1001") is SeatState.TALKING
    await hall.settle()
    assert [kind for _, kind, _ in hall.switch.verbs("fact") if kind != "ASSIGN"] == ["HOLD", "RESUME"]


async def test_the_desk_hangs_up_its_own_leg_and_the_state_waits_for_the_exchange(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.hang_up("s1001", at=at(60))
    await hall.settle()
    assert hall.switch.verbs("hang_up") == [("PJSIP/s1001-1",)]
    assert hall.state("s1001") is SeatState.TALKING


def test_there_must_be_a_talk_to_hang_up(hall: Hall) -> None:
    hall.man("s1001")
    with pytest.raises(Refused, match="没有可以挂断的通话"):
        hall.engine.hang_up("s1001", at=at(60))


def test_nothing_is_possible_at_a_seat_nobody_signed_on_to(hall: Hall) -> None:
    with pytest.raises(Refused, match="尚未签入"):
        hall.engine.ready("s1001", at=at(1))


def test_one_seat_has_one_agent(hall: Hall) -> None:
    hall.man("s1001")
    hall.engine.sign_on("s1001", agent="1001", name="", at=at(5))
    assert hall.state("s1001") is SeatState.READY
    with pytest.raises(Refused, match="已有人签入"):
        hall.engine.sign_on("s1001", agent="1002", name="", at=at(5))


def test_after_a_restart_of_ours_the_desk_finds_its_talk_again(hall: Hall) -> None:
    talk = Connected("c1", "PJSIP/c1", "138", "s1001", "PJSIP/s1001-1", at(10), at(13))
    hall.engine.asterisk_up(Snapshot(at(50), talks=(talk,)), at(50))
    hall.engine.sign_on("s1001", agent="1001", name="", at=at(52))
    assert (hall.state("s1001"), hall.seat("s1001").call) == (SeatState.TALKING, "c1")
    hall.engine.talk_ended("c1", at(60))
    assert hall.state("s1001") is SeatState.WRAP_UP


async def test_a_seat_whose_telephone_is_lost_gets_no_call(hall: Hall) -> None:
    hall.man("s1001")
    hall.engine.seat_reachable("s1001", False, at(5))
    join(hall, "c1", 10)
    assert await hall.moved() == []
    hall.engine.seat_reachable("s1001", True, at(12))
    assert await hall.moved() == [("c1", "s1001")]


async def test_ready_seats_are_unpaused_members_and_all_others_paused_with_a_reason(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    hall.engine.take_break("s1002", reason="就餐", at=at(5))
    await hall.settle()
    assert hall.switch.members == {
        "s1001": Member("s1001", paused=False),
        "s1002": Member("s1002", paused=True, reason="break"),
    }
    hall.talk("c1", "s1001", 10)
    await hall.settle()
    assert hall.switch.members["s1001"] == Member("s1001", paused=True, reason="call")
    hall.engine.talk_ended("c1", at(50))
    await hall.settle()
    assert hall.switch.members["s1001"] == Member("s1001", paused=True, reason="wrap_up")
    hall.engine.sign_off("s1001", at=at(51))
    await hall.settle()
    assert set(hall.switch.members) == {"s1002"}


async def test_a_seat_left_idle_on_purpose_beside_a_waiting_caller_is_kept_from_the_exchange(
    hall: Hall,
) -> None:
    hall.engine.use_rules(LineRules(skills=(Skill("labour"),)))
    hall.man("s1001", "s1002")
    hall.engine.take_break("s1002", reason="rest", at=at(3))
    hall.engine.caller_joined("c1", "PJSIP/c1", "", at(10), wish=Wish(skill="labour"))
    hall.engine.tick(at(19))
    await hall.settle()
    assert hall.switch.members["s1001"] == Member("s1001", paused=False)
    hall.engine.tick(at(21))
    await hall.settle()
    assert hall.switch.members["s1001"] == Member("s1001", paused=True, reason="held")
    assert hall.switch.members["s1002"].reason == "break"
    join(hall, "c2", 22)
    assert await hall.moved() == [("c2", "s1001")]
    hall.engine.talk_ended("c2", at(23))
    hall.engine.talk_ended("c1", at(24))
    hall.engine.tick(at(60))
    await hall.settle()
    assert hall.switch.members["s1001"] == Member("s1001", paused=False)


async def test_the_exchange_is_told_again_what_it_did_not_take(hall: Hall) -> None:
    hall.switch.broken.add("unpause")
    hall.man("s1001")
    await hall.settle()
    assert hall.switch.members["s1001"].paused
    hall.switch.broken.clear()
    hall.engine.reconcile(Snapshot(at(5), members=(Member("s1001", paused=True),)), at(5))
    await hall.settle()
    assert not hall.switch.members["s1001"].paused


async def test_a_member_that_somebody_else_changed_is_put_right_and_named(hall: Hall) -> None:
    hall.man("s1001")
    await hall.settle()
    repairs = hall.engine.reconcile(Snapshot(at(5), members=(Member("s1001", paused=True),)), at(5))
    assert [(each.what, each.id) for each in repairs] == [("member", "s1001")]
    await hall.settle()
    assert not hall.switch.members["s1001"].paused


async def test_a_restarted_exchange_is_told_everything_again(hall: Hall) -> None:
    hall.man("s1001")
    await hall.settle()
    hall.switch.members.clear()
    hall.engine.asterisk_down(at(5))
    hall.engine.asterisk_up(Snapshot(at(9)), at(9))
    await hall.settle()
    assert hall.switch.members == {"s1001": Member("s1001", paused=False)}


def test_a_restart_of_the_exchange_is_an_error_in_the_log(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    for number, epoch in enumerate(["08:00", "08:00", ""]):
        hall.engine.asterisk_up(Snapshot(at(number), epoch=epoch), at(number))
    assert "restarted" not in caplog.text
    hall.engine.asterisk_up(Snapshot(at(7), epoch="08:00"), at(7))
    hall.engine.asterisk_up(Snapshot(at(8), epoch="09:00"), at(8))
    assert "restarted" in caplog.text


async def test_a_member_without_a_desk_is_given_time_to_come_back_and_then_removed(hall: Hall) -> None:
    left_over = Member("s1009", paused=False)
    hall.switch.members["s1009"] = left_over
    hall.engine.asterisk_up(Snapshot(at(1), members=(left_over,)), at(1))
    hall.engine.reconcile(Snapshot(at(15.9), members=(left_over,)), at(15.9))
    await hall.settle()
    assert "s1009" in hall.switch.members
    hall.engine.reconcile(Snapshot(at(16), members=(left_over,)), at(16))
    await hall.settle()
    assert "s1009" not in hall.switch.members


async def test_every_state_of_a_seat_is_written_down_once(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.talk_ended("c1", at(50))
    hall.engine.wrapped("s1001", at=at(55))
    hall.engine.sign_off("s1001", at=at(60))
    await hall.settle()
    assert [state.value for _, state, _ in hall.log] == [
        "break",
        "ready",
        "ringing",
        "talking",
        "wrap_up",
        "ready",
        "offline",
    ]


async def test_a_store_that_is_down_costs_a_log_line_and_no_call(caplog: pytest.LogCaptureFixture) -> None:
    hall = Hall()

    async def down(_seat: object) -> None:
        raise StoreDown("disk full")

    hall.engine._record = down
    hall.man("s1001")
    join(hall, "c1", 10)
    with caplog.at_level(logging.WARNING):
        assert await hall.moved() == [("c1", "s1001")]
    assert "not written down" in caplog.text


async def test_it_runs_by_itself_until_it_is_cancelled(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 10)
    running = asyncio.create_task(hall.engine.run())
    await asyncio.wait_for(hall.engine._work.done(), 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [call for call, *_ in hall.switch.verbs("assign")] == ["c1"]


def test_listeners_that_end_hear_no_more(hall: Hall) -> None:
    heard: list[object] = []
    stop = hall.engine.watch(heard.append)
    hall.man("s1001")
    stop()
    before = len(heard)
    join(hall, "c1", 10)
    assert before > 0
    assert len(heard) == before


def test_the_age_of_the_picture_is_that_of_the_last_word(hall: Hall) -> None:
    join(hall, "c1", 10)
    hall.engine.sign_on("s1001", agent="1001", name="", at=at(11))
    assert hall.line.heard_at == at(10)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SeatState.READY, SeatState.READY),
        (SeatState.TALKING, SeatState.WRAP_UP),
        (SeatState.HOLD, SeatState.WRAP_UP),
        (SeatState.WRAP_UP, SeatState.WRAP_UP),
        (SeatState.BREAK, SeatState.BREAK),
        (SeatState.OFFLINE, SeatState.BREAK),
    ],
)
def test_an_agent_goes_on_from_where_the_seat_stood_before_a_restart(
    hall: Hall, before: SeatState, after: SeatState
) -> None:
    hall.engine.remember([Before("s1001", "1001", before, "用餐", at(0))])
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(8))
    hall.engine.phone("s1001", registered=True, mic=True, at=at(9))
    assert hall.line.seats["s1001"].state is after


@pytest.mark.parametrize("before", [SeatState.READY, SeatState.TALKING, SeatState.WRAP_UP])
async def test_a_seat_that_is_found_again_gets_nobody_before_its_telephone_is_heard_of(
    hall: Hall, before: SeatState
) -> None:
    hall.engine.remember([Before("s1001", "1001", before, "", at(0))])
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(8))
    join(hall, "c1", 9)
    hall.engine.tick(at(60))
    assert await hall.moved() == []
    hall.engine.phone("s1001", registered=True, mic=True, at=at(61))
    assert await hall.moved() == [("c1", "s1001")]


def test_another_agent_and_a_late_one_begin_anew(hall: Hall) -> None:
    hall.engine.remember([Before(f"s100{n}", "1001", SeatState.READY, "", at(0)) for n in (1, 2)])
    hall.engine.sign_on("s1001", agent="1009", name="王芳", at=at(8))
    hall.engine.sign_on("s1002", agent="1001", name="林晓", at=at(3600))
    for seat in ("s1001", "s1002"):
        hall.engine.phone(seat, registered=True, mic=True, at=at(3601))
        assert hall.line.seats[seat].state is SeatState.BREAK


def test_a_talk_that_is_still_there_counts_more_than_what_was_noted(hall: Hall) -> None:
    hall.engine.remember([Before("s1001", "1001", SeatState.BREAK, "用餐", at(0))])
    talk = Connected("c1", "PJSIP/c1", "138", "s1001", "PJSIP/s1001-1", at(1), at(2))
    hall.engine.asterisk_up(Snapshot(at(5), talks=(talk,)), at(5))
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(8))
    assert hall.line.seats["s1001"].state is SeatState.TALKING
