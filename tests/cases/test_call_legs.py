"""Every leg of a call: told waits, hand-overs, consults, three in a talk, work after it, other nodes, calls of ours."""

from typing import Any

import pytest

from cases.call_facts import Fact, read_cel, read_queue_log
from cases.call_parts import CallRecord, Direction, EndReason, SegmentKind
from cases.call_record import as_one, derive
from tests.storage.call_lines import sample
from tests.storage.mixed_calls import City

CITIZEN = "13800138000"


def facts_of(city: City) -> list[Fact]:
    return [*map(read_cel, city.cel), *map(read_queue_log, city.queue_log)]


def record_of(city: City, call: str) -> CallRecord:
    record = derive(fact for fact in facts_of(city) if fact.call == call)
    assert record is not None
    return record


def a_call(shape: str) -> CallRecord:
    city = City()
    return record_of(city, city.written(shape, number=CITIZEN, gap=20))


def shown(record: CallRecord) -> list[tuple[str, str]]:
    return [(part.kind.value, part.seat) for part in record.segments]


def talking(city: City) -> tuple[str, str, dict[str, Any]]:
    """Begin a call that talks to s1001; return it, the bridge, and the seat's leg."""
    city.second += 100
    city.now, city.number, call = city.second, CITIZEN, f"hotline1-{int(city.second)}.{city.count}"
    city.count += 1
    city._event(call, "CHAN_START")
    city._event(call, "ANSWER")
    city._queue(call)
    bridge = city._leg(call, "s1001", rings=2)
    leg: dict[str, Any] = {
        "unique": bridge,
        "name": f"PJSIP/s1001-{int(bridge.rpartition('.')[2]) + 1:08x}",
        "context": "hotline-seats",
    }
    return call, bridge, leg


def test_the_work_after_a_call_is_a_leg_of_it_with_the_seats_name() -> None:
    record = a_call("held")
    assert (record.segments[-1].kind, record.segments[-1].seat) == (SegmentKind.WRAP_UP, "s1001")
    assert (record.wrap_up_seconds, record.hold_seconds) == (31.5, 7.5)


def test_work_after_a_call_that_goes_on_has_no_end_yet() -> None:
    city = City()
    call = city.written("held", number=CITIZEN, gap=20)
    city.queue_log.pop()
    record = record_of(city, call)
    assert (record.segments[-1].ended_at, record.wrap_up_seconds) == (None, 0.0)


def test_why_a_seat_was_chosen_stands_beside_its_ringing() -> None:
    ring = next(part for part in a_call("second_seat").segments if part.kind is SegmentKind.RINGING)
    assert (ring.detail, ring.result) == ("longest_idle", "no_answer")


def test_hearing_the_wait_belongs_to_the_wait_and_what_was_told_is_held_against_it() -> None:
    record = a_call("told")
    told = record.told[0]
    assert ("announced", "") in shown(record)
    assert (told.position, told.low, told.high, told.answered) == (3, 60.0, 120.0, True)
    assert record.answered_at is not None
    assert told.waited == pytest.approx((record.answered_at - told.at).total_seconds(), abs=0.001)


def test_who_hangs_up_while_his_wait_is_told_has_asked_for_a_person_and_is_owed_a_call() -> None:
    record = a_call("told_and_left")
    assert (record.end_reason, record.ring_back is not None) == (EndReason.ABANDONED_IN_LINE, True)
    assert (len(record.queued_at), record.told[0].high, record.told[0].answered) == (1, None, False)


def test_the_refused_are_owed_a_call_at_the_number_that_was_noted() -> None:
    record = a_call("refused")
    assert (record.end_reason, record.refused, record.queued_at) == (EndReason.REFUSED, "calls", ())
    assert record.ring_back is not None
    assert (record.ring_back.reason, record.ring_back.number) == ("refused", CITIZEN)


def test_f07_11_who_is_restricted_by_two_people_is_owed_nothing() -> None:
    city = City()
    call = city.written("refused", number=CITIZEN, gap=20)
    city.cel = [line.replace("why=calls", "why=nuisance") for line in city.cel]
    record = record_of(city, call)
    assert (record.end_reason, record.ring_back) == (EndReason.REFUSED, None)


def test_f10_20_who_joins_an_event_is_served_and_owed_nothing() -> None:
    record = a_call("event_joined")
    assert (record.end_reason, record.event, record.ring_back) == (EndReason.EVENT_JOINED, "7", None)


def test_h_08_a_call_counts_under_the_line_of_its_wish() -> None:
    city = City()
    city.line = "12319"
    assert record_of(city, city.written("abandoned_in_menu", number=CITIZEN, gap=20)).line == "12345"
    assert record_of(city, city.written("held", number=CITIZEN, gap=20)).line == "12319"


def test_a_hand_over_is_two_talks_and_the_seconds_are_never_one_long_talk() -> None:
    record = a_call("handed_over")
    assert shown(record)[-4:-1] == [("talk", "s1001"), ("transfer", "s1002"), ("talk", "s1002")]
    assert record.talk_seconds == pytest.approx(48, abs=0.01)


def test_a_question_to_a_colleague_is_a_consult_and_then_an_attended_hand_over() -> None:
    city = City()
    call, bridge, leg = talking(city)
    second = f"hotline1-{int(city.now)}.{city.count}"
    own: dict[str, Any] = {"unique": second, "name": "PJSIP/s1001-000000aa", "context": "hotline-seats"}
    other: dict[str, Any] = {
        "unique": f"hotline1-{int(city.now)}.{city.count + 1}",
        "name": "PJSIP/s1002-000000ab",
        "context": "hotline-seats",
    }
    city._event(second, "CHAN_START", after=10, **own)
    city._event(second, "ANSWER", **own)
    city._event(second, "CHAN_START", after=0.1, **other)
    city._event(second, "ANSWER", after=2, **other)
    for each in (own, other):
        city._event(second, "BRIDGE_ENTER", extra={"bridge_id": "asking"}, **each)
    ties = {
        "bridge1_id": bridge,
        "channel2_name": own["name"],
        "channel2_uniqueid": second,
        "bridge2_id": "asking",
        "transferee_channel_uniqueid": call,
        "transfer_target_channel_uniqueid": other["unique"],
    }
    city._event(call, "ATTENDEDTRANSFER", after=8, extra=ties, **leg)
    city._event(call, "BRIDGE_EXIT", extra={"bridge_id": bridge}, **leg)
    city._event(second, "BRIDGE_EXIT", extra={"bridge_id": "asking"}, **other)
    city._event(call, "BRIDGE_ENTER", extra={"bridge_id": bridge}, **other)
    for each in (leg, own):
        city._event(second, "HANGUP", extra={"hangupcause": 16, "hangupsource": ""}, **each)
    city._event(second, "LINKEDID_END", **own)
    city._event(call, "BRIDGE_EXIT", after=30, extra={"bridge_id": bridge})
    city._end(call, by="caller", after=0.001)
    tied = next(fact.tied for fact in facts_of(city) if fact.kind == "ATTENDEDTRANSFER")
    assert {call, second} <= tied
    record = derive(as_one(call, [fact for fact in facts_of(city) if fact.call in tied]))
    assert record is not None
    assert shown(record)[-3:] == [("talk", "s1001"), ("consult", "s1001"), ("talk", "s1002")]
    talk, consult, _ = record.segments[-3:]
    assert (talk.result, talk.detail, consult.detail) == ("moved", "attended", "s1002")
    assert consult.seconds == pytest.approx(10.1, abs=0.01)
    assert (record.hold_seconds, record.seat) == (round(consult.seconds, 3), "s1002")
    assert derive(fact for fact in facts_of(city) if fact.call == second) is None, (
        "the question is nobody's call"
    )


def test_a_blind_hand_over_is_told_as_such() -> None:
    city = City()
    call, bridge, leg = talking(city)
    city._event(call, "BLINDTRANSFER", after=12, extra={"extension": "s1002", "bridge_id": bridge}, **leg)
    city._event(call, "BRIDGE_EXIT", extra={"bridge_id": bridge})
    city._event(call, "BRIDGE_EXIT", extra={"bridge_id": bridge}, **leg)
    city._event(call, "HANGUP", extra={"hangupcause": 16, "hangupsource": leg["name"]}, **leg)
    city._leave(call, city._leg(call, "s1002", rings=3), after=5)
    record = record_of(city, call)
    first = next(part for part in record.segments if part.kind is SegmentKind.TALK)
    assert (first.result, first.detail) == ("moved", "blind")
    assert shown(record)[-2:] == [("transfer", "s1002"), ("talk", "s1002")]


def test_two_seats_and_the_citizen_at_once_are_a_talk_of_three() -> None:
    city = City()
    call, bridge, _ = talking(city)
    third: dict[str, Any] = {
        "unique": f"hotline1-{int(city.now)}.77",
        "name": "PJSIP/s1002-000000cc",
        "context": "hotline-seats",
    }
    city._event(call, "CHAN_START", after=10, **third)
    city._event(call, "ANSWER", after=1, **third)
    city._event(call, "BRIDGE_ENTER", extra={"bridge_id": bridge}, **third)
    city._event(call, "BRIDGE_EXIT", after=20, extra={"bridge_id": bridge}, **third)
    city._event(call, "HANGUP", extra={"hangupcause": 16, "hangupsource": third["name"]}, **third)
    city._leave(call, bridge, after=5)
    record = record_of(city, call)
    assert shown(record)[-3:] == [("talk", "s1001"), ("three_way", "s1001"), ("talk", "s1001")]
    assert record.segments[-2].detail == "s1002"
    assert record.talk_seconds == pytest.approx(36, abs=0.1)


def test_a_seat_on_another_node_is_known_by_its_name_and_not_by_the_way_to_it() -> None:
    city = City()
    call = city.written("caller_hung_up", number=CITIZEN, gap=20)
    city.cel = [line.replace("PJSIP/s1001-", "PJSIP/node-south-") for line in city.cel]
    record = record_of(city, call)
    assert (record.seat, record.talk_seconds > 0) == ("s1001", True)


def test_what_the_seats_node_tells_of_a_call_from_another_is_no_citizens_call() -> None:
    city = City()
    call = city.written("caller_hung_up", number=CITIZEN, gap=20)
    city.cel = [line.replace("hotline-incoming", "hotline-from-node") for line in city.cel]
    assert derive(fact for fact in facts_of(city) if fact.call == call) is None


@pytest.mark.parametrize(
    ("answered", "reason", "status"), [(True, "caller_hung_up", "ANSWER"), (False, "unreached", "NOANSWER")]
)
def test_a_call_of_ours_is_a_record_of_its_own(answered: bool, reason: str, status: str) -> None:
    city = City()
    record = record_of(city, city.outgoing("13911112222", answered=answered, owed="hotline1-1.1"))
    assert (record.direction, record.end_reason, record.dial_status) == (Direction.OUTGOING, reason, status)
    assert (record.number, record.seat, record.owed, record.by) == (
        "13911112222",
        "s1001",
        "hotline1-1.1",
        "1001",
    )
    assert (record.queued_at, record.ring_back, record.line) == ((), None, "")
    assert (record.answered_at is not None) is answered
    assert [part.kind.value for part in record.segments][:2] == ["ringing", "dialling"]


def test_a_call_of_ours_whose_seat_never_came_has_reached_nobody() -> None:
    city = City()
    call = city.outgoing("13911112222", answered=False)
    city.cel = [
        line for line in city.cel if '"ANSWER"' not in line and "carrier" not in line.split("eventextra")[0]
    ]
    record = record_of(city, call)
    assert (record.end_reason, record.talk_seconds) == (EndReason.UNREACHED, 0.0)
    assert [part.kind.value for part in record.segments] == ["ringing"]


def captured(name: str) -> CallRecord:
    """Derive a record from what a real Asterisk wrote while tests/asterisk/test_transfers.py moved its calls."""
    facts = [*map(read_cel, sample(name, "cel")), *map(read_queue_log, sample(name, "queue_log"))]
    (call,) = {fact.call for fact in facts if fact.kind == "HOTLINE_OFFERED"}
    for other in {fact.call for fact in facts} - {call, ""}:
        assert derive(fact for fact in facts if fact.call == other) is None, (
            "a seat's own line is nobody's call"
        )
    record = derive(fact for fact in facts if fact.call == call)
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("name", "parts", "talked", "held"),
    [
        (
            "handed_over_blind",
            [
                ("talk", "s1001", 1.047, "moved"),
                ("transfer", "s1002", 0.01, "answered"),
                ("talk", "s1002", 1.546, "caller"),
            ],
            2.592,
            0.0,
        ),
        (
            "asked_and_handed_over",
            [
                ("talk", "s1001", 1.043, "moved"),
                ("consult", "s1001", 1.564, ""),
                ("talk", "s1002", 1.521, "seat"),
            ],
            2.563,
            1.564,
        ),
        (
            "talk_of_three",
            [
                ("talk", "s1001", 1.055, ""),
                ("three_way", "s1001", 1.557, ""),
                ("talk", "s1001", 1.012, "seat"),
            ],
            3.623,
            0.0,
        ),
    ],
)
def test_what_a_real_asterisk_wrote_of_a_moved_call_is_who_talked_with_whom_and_for_how_long(
    name: str, parts: list[tuple[str, str, float, str]], talked: float, held: float
) -> None:
    record = captured(name)
    first = next(number for number, part in enumerate(record.segments) if part.kind is SegmentKind.TALK)
    told = [
        (part.kind.value, part.seat, round(part.seconds, 3), part.result)
        for part in record.segments[first:]
        if part.kind is not SegmentKind.SURVEY
    ]
    assert told == parts
    assert (record.talk_seconds, record.hold_seconds) == (talked, held)
    assert record.end_reason == (
        EndReason.CALLER_HUNG_UP if name == "handed_over_blind" else EndReason.SEAT_HUNG_UP
    )
