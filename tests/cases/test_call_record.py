"""What the lines of one call come to: on real samples, in any order, whatever is missing or strange."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.call_facts import BadLine, Fact, Origin, read_cel, read_queue_log, readable
from cases.call_record import CallRecord, Channel, derive
from cases.call_segments import SegmentKind

SAMPLES = Path(__file__).parent / "data" / "calls"
LEAVES = {"HOTLINE_ENDED", "HANGUP", "CHAN_END", "LINKEDID_END"}
NAMES = sorted(path.stem for path in SAMPLES.glob("*.cel"))


def facts_of(name: str) -> list[Fact]:
    cel = [read_cel(line) for line in (SAMPLES / f"{name}.cel").read_text().splitlines()]
    line = [read_queue_log(line) for line in (SAMPLES / f"{name}.queue_log").read_text().splitlines()]
    return cel + line


def the_record(name: str) -> CallRecord:
    record = derive(facts_of(name))
    assert record is not None
    return record


def kinds(record: CallRecord) -> list[str]:
    return [segment.kind.value for segment in record.segments]


def test_the_seat_hangs_up_and_the_citizen_gives_a_score() -> None:
    record = the_record("seat_hangs_up_survey")
    assert (record.end_reason, record.hung_up_by, record.survey) == ("completed", "seat", 1)
    assert (record.seat, record.wait_seconds, record.talk_seconds) == ("s1001", 0.709, 1.502)
    assert kinds(record) == ["offered", "menu", "queued", "ringing", "talk", "survey"]


def test_whose_seat_is_found_before_the_line_has_spoken_was_in_the_line() -> None:
    """Our order can be there before Asterisk has begun the script that tells the wait."""
    facts = [fact for fact in facts_of("talk_of_three") if not fact.app_data.endswith("/waiting")]
    record = derive(facts)
    assert record is not None
    assert kinds(record) == kinds(the_record("talk_of_three"))


def test_who_talked_did_not_wait_at_the_end_whatever_is_known_of_his_line() -> None:
    """A full disk swallows what his channel ran; that he came into the line, and talked, our own process has seen."""
    facts = [
        replace(fact, at=fact.at + timedelta(milliseconds=300)) if fact.kind in LEAVES else fact
        for fact in facts_of("handed_over_blind")
        if not fact.kind.startswith("APP_")
    ]
    record = derive(facts)
    assert record is not None
    assert kinds(record)[-1] == "talk"
    assert record.ring_back is None


def test_a_machine_that_is_slow_to_let_a_channel_go_makes_no_menu_of_it() -> None:
    facts = [
        replace(fact, at=fact.at + timedelta(milliseconds=300)) if fact.kind in LEAVES else fact
        for fact in facts_of("caller_hangs_up_talking")
    ]
    record = derive(facts)
    assert record is not None
    assert kinds(record) == kinds(the_record("caller_hangs_up_talking"))


def test_the_citizen_hangs_up_while_talking() -> None:
    record = the_record("caller_hangs_up_talking")
    assert (record.end_reason, record.hung_up_by, record.cause) == ("caller_hung_up", "caller", 16)
    assert record.ring_back is None


def test_whom_we_rang_by_ourselves_talked_to_no_seat_and_is_owed_nothing() -> None:
    record = the_record("notice_heard")
    assert (record.end_reason, record.seat, record.purpose) == ("self_service", "", "notice_feedback")
    assert (record.number, record.dial_status, record.talk_seconds) == ("13850123456", "ANSWER", 0.0)
    assert kinds(record) == ["dialling", "menu"]
    assert record.ring_back is None


def test_a_score_from_the_seats_own_channel_is_no_score_of_the_citizen() -> None:
    assert the_record("caller_hangs_up_talking").survey is None


def test_a_caller_who_gives_up_in_the_line_is_owed_a_call_within_the_hour() -> None:
    record = the_record("abandoned_in_line")
    assert record.end_reason == "abandoned_in_line"
    assert record.ring_back is not None
    assert record.ended_at is not None
    assert record.ring_back.due_at - record.ended_at == timedelta(hours=1)


ENDS = {"HANGUP", "CHAN_END", "LINKEDID_END", "APP_END", "ABANDON"}


@pytest.mark.parametrize(
    ("waited", "reason"), [(0.7, "short"), (4.999, "short"), (5.0, "abandoned"), (60.0, "abandoned")]
)
def test_who_gives_up_within_five_seconds_is_a_short_abandon_and_owed_a_call_all_the_same(
    waited: float, reason: str
) -> None:
    facts = facts_of("abandoned_in_line")
    longer = timedelta(seconds=round(waited - the_record("abandoned_in_line").wait_seconds, 3))
    record = derive(
        fact if fact.kind not in ENDS else replace(fact, at=fact.at + longer)
        for fact in facts
        if fact.origin is not Origin.LINE
    )
    assert record is not None
    assert (record.end_reason, record.wait_seconds) == ("abandoned_in_line", waited)
    assert record.ring_back is not None
    assert (record.ring_back.reason, record.ring_back.number) == (reason, record.number)


def test_who_has_talked_and_waits_again_is_no_short_abandon() -> None:
    """However short his second wait was: he was served, and then lost."""
    facts = facts_of("seat_hangs_up_survey")
    talked = next(fact for fact in facts if fact.kind == "BRIDGE_EXIT" and fact.of_citizen)
    again = [replace(fact, at=talked.at + timedelta(seconds=1)) for fact in facts if fact.app == "Queue"]
    ended = replace(talked, kind="LINKEDID_END", at=talked.at + timedelta(seconds=2))
    record = derive([*(fact for fact in facts if fact.at <= talked.at), again[0], ended])
    assert record is not None
    assert record.end_reason == "abandoned_in_line"
    assert record.ring_back is not None
    assert record.ring_back.reason == "abandoned"


def test_a_caller_who_gives_up_in_the_menu_did_not_ask_for_a_person() -> None:
    record = the_record("abandoned_in_menu")
    assert (record.end_reason, record.queued_at) == ("abandoned_in_menu", ())
    assert record.ring_back is not None
    assert record.ring_back.reason == "short"


def test_a_withheld_number_is_owed_nothing() -> None:
    record = the_record("anonymous_abandoned")
    assert (record.number, record.ring_back) == ("", None)


def test_a_seat_that_is_busy_passes_the_caller_to_the_next() -> None:
    record = the_record("rejected_then_second_seat_with_hold")
    rings = [(part.seat, part.result) for part in record.segments if part.kind is SegmentKind.RINGING]
    assert rings == [("s1001", "busy"), ("s1002", "answered")]
    assert (record.talk_seconds, record.hold_seconds) == (1.8, 0.702)
    assert (record.outcome, record.case, record.outcome_by) == ("registered", "RH261122-00178-1", "s1002")


def test_a_seat_that_does_not_answer_returns_the_caller_to_the_line() -> None:
    record = the_record("no_answer_then_abandoned")
    assert len(record.queued_at) == 2
    assert [part.result for part in record.segments if part.kind is SegmentKind.RINGING] == ["no_answer"]
    assert record.end_reason == "abandoned_in_line"


def test_a_caller_who_hangs_up_while_it_rings_has_abandoned_the_call_and_the_seat_refused_nothing() -> None:
    record = the_record("hung_up_while_ringing")
    assert record.end_reason == "abandoned_in_line"
    assert record.segments[-1].result == "cancelled"


def test_hearing_the_status_is_service_and_nothing_is_owed() -> None:
    record = the_record("status_heard")
    assert (record.end_reason, record.keys, record.ring_back) == ("self_service", "1", None)


def test_a_call_back_is_owed_to_the_number_that_was_keyed() -> None:
    record = the_record("callback_key")
    assert record.end_reason == "callback_asked"
    assert record.ring_back is not None
    assert (record.ring_back.number, record.ring_back.reason) == ("13800000000", "asked")


@pytest.mark.parametrize(("name", "reason"), [("seat_ends", "completed"), ("caller_ends", "caller_hung_up")])
def test_what_app_queue_connects_itself_is_a_talk_like_any_other(name: str, reason: str) -> None:
    record = the_record(f"fallback_app_queue_{name}")
    assert (record.end_reason, record.seat, record.fallback) == (reason, "s1001", True)


def test_a_message_is_owed_a_call() -> None:
    record = the_record("message")
    assert record.end_reason == "message_left"
    assert record.ring_back is not None
    assert record.ring_back.reason == "message"


def test_a_caller_who_was_held_for_a_lost_desk_was_reconnected_and_not_transferred() -> None:
    facts = facts_of("transferred_by_redirect")
    before = next(part for part in the_record("transferred_by_redirect").segments if part.seat == "s1001")
    citizen = next(fact for fact in facts if fact.of_citizen)
    talk = next(p for p in the_record("transferred_by_redirect").segments if p.kind is SegmentKind.TALK)
    assert talk.ended_at is not None
    lost = replace(
        citizen, at=talk.ended_at, kind="HOTLINE_CUT", context="hotline-reconnect", seat=before.seat
    )
    record = derive([*facts, lost])
    assert record is not None
    assert kinds(record)[-5:] == ["ringing", "talk", "reconnect", "talk", "survey"]
    held = record.segments[-3]
    assert (held.seat, held.result) == ("s1001", "answered")
    assert record.segments[-4].result == "moved"


def test_a_caller_who_is_moved_to_another_seat_has_two_talks() -> None:
    record = the_record("transferred_by_redirect")
    assert kinds(record)[-5:] == ["ringing", "talk", "transfer", "talk", "survey"]
    assert [part.seat for part in record.segments if part.kind is SegmentKind.TALK] == ["s1001", "s1002"]


def test_a_call_that_asterisk_took_with_it_ends_at_the_last_that_was_heard() -> None:
    facts = [fact for fact in facts_of("asterisk_killed") if fact.call == "hotline1-1795316091.25"]
    restart = datetime(2026, 11, 22, 2, 54, 55, tzinfo=UTC)
    record = derive(facts, restarts=[restart])
    assert record is not None
    assert (record.end_reason, record.seat, record.ended_at) == ("lost_restart", "s1001", record.heard_until)
    assert record.ring_back is not None
    assert record.ring_back.reason == "lost"


@pytest.mark.parametrize(
    ("ended_by", "cause", "reason"),
    [("", 16, "lost_restart"), ("", 44, "caller_hung_up"), ("PJSIP/trunk-00000002", 16, "caller_hung_up")],
)
def test_a_talk_that_nobody_ended_was_cut_off_with_asterisk_unless_the_telephone_fell_silent(
    ended_by: str, cause: int, reason: str
) -> None:
    facts = facts_of("caller_hangs_up_talking")
    (channel,) = {fact.name for fact in facts if fact.of_citizen and fact.kind == "HANGUP"}
    named = {"PJSIP/trunk-00000002": channel}.get(ended_by, "")
    record = derive(
        replace(fact, ended_by=named, cause=cause) if fact.kind == "HANGUP" and fact.of_citizen else fact
        for fact in facts
    )
    assert record is not None
    assert record.end_reason == reason
    assert (record.ring_back is not None) is (reason == "lost_restart")


def test_a_call_that_spoke_after_the_restart_was_not_lost_in_it() -> None:
    facts = facts_of("abandoned_in_line")[:5]
    record = derive(facts, restarts=[facts[0].at + timedelta(milliseconds=100)])
    assert record is not None
    assert record.ended_at is None
    assert record.segments[-1].ended_at is None


def test_an_open_call_shows_the_segment_it_is_in() -> None:
    record = derive(facts_of("asterisk_killed")[:13])
    assert record is not None
    assert (record.end_reason, kinds(record)[-1], record.seat) == (None, "talk", "s1001")


def test_without_channel_events_a_redirected_caller_is_not_counted_as_abandoned() -> None:
    facts = [fact for fact in facts_of("seat_hangs_up_survey") if fact.origin is not Origin.CHANNEL]
    queue_log = [fact for fact in facts if not fact.channel]
    record = derive(queue_log)
    assert record is not None
    assert record.end_reason is None


def test_without_channel_events_a_caller_who_hung_up_is_counted_as_abandoned() -> None:
    queue_log = [fact for fact in facts_of("abandoned_in_line") if not fact.channel]
    record = derive(queue_log)
    assert record is not None
    assert (record.end_reason, record.number) == ("abandoned_in_line", "13800138000")


def test_a_citizen_who_calls_from_the_browser_is_told_from_the_telephone() -> None:
    web = [
        replace(fact, context="hotline-webphone") if fact.context == "hotline-incoming" else fact
        for fact in facts_of("abandoned_in_line")
    ]
    record = derive(web)
    assert record is not None
    assert record.channel is Channel.WEBRTC


@pytest.mark.parametrize("name", NAMES)
def test_the_segments_touch_and_together_are_the_call(name: str) -> None:
    for facts in by_call(name).values():
        record = derive(facts)
        if record is None or record.ended_at is None:
            continue
        for one, other in pairwise(record.segments):
            assert one.ended_at == other.began_at
        assert record.segments[0].began_at == record.offered_at
        assert record.segments[-1].ended_at == record.ended_at


@pytest.mark.parametrize("name", NAMES)
def test_late_repeated_and_reordered_lines_end_in_the_same_record(name: str) -> None:
    shuffled = random.Random(name)
    for facts in by_call(name).values():
        expected = derive(facts)
        for _ in range(20):
            mixed = facts + shuffled.choices(facts, k=len(facts) // 2)
            shuffled.shuffle(mixed)
            assert derive(mixed) == expected


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_part_of_any_calls_lines_makes_some_record_and_never_an_error(data: st.DataObject) -> None:
    facts = facts_of(data.draw(st.sampled_from(NAMES)))
    some = data.draw(st.lists(st.sampled_from(facts), max_size=len(facts)))
    one_call = [replace(fact, call=facts[0].call) for fact in some if fact.call]
    record = derive(one_call, restarts=[facts[0].at])
    if record is not None:
        assert record.talk_seconds >= 0
        assert record.wait_seconds >= 0


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_line_breaks_the_readers(text: str) -> None:
    for read in (read_cel, read_queue_log):
        try:
            fact = read(text)
        except BadLine:
            continue
        assert fact.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "+8613800138000"),
        ("", ""),
        ("1", "1"),
        ("1" * 40, "1" * 40),
        ("1" * 41, ""),
        ("anonymous", ""),
        ('138"0013', ""),
        ("138\r\nAction: Originate", ""),
        ("一三八", ""),
        ("١٣٨", ""),
    ],
)
def test_only_digits_are_a_number(shown: str, number: str) -> None:
    assert readable(shown) == number


def by_call(name: str) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts_of(name):
        if fact.call:
            found.setdefault(fact.call, []).append(fact)
    return found
