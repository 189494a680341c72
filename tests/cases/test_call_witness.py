"""A record of which Asterisk could write nothing, or a part only, is derived from what our process has seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.call_facts import Fact
from cases.call_record import derive, in_order
from tests.cases.test_call_record import NAMES, facts_of, kinds

# What AMI tells; Asterisk's own words for its file, and who hung up only if it was a telephone.
TOLD = {"CHAN_START", "ANSWER", "BRIDGE_ENTER", "BRIDGE_EXIT", "HANGUP"}
LATE = timedelta(milliseconds=3)


def seen(facts: list[Fact]) -> list[Fact]:
    """Return what a witness has of these lines."""
    queue = [each for each in facts if each.kind in {"APP_START", "APP_END"} and each.app == "Queue"]
    told = [each for each in facts if each.kind in TOLD]
    return [
        replace(
            each,
            at=each.at + LATE,
            witnessed=True,
            ended_by=each.ended_by if each.ended_by == each.name else "",
        )
        for each in told + queue
    ]


@pytest.mark.parametrize("name", NAMES)
def test_asterisks_own_lines_alone_count_as_soon_as_they_are_all_there(name: str) -> None:
    """Witnessed only, then the real lines, or the other way round: the record is that of the real lines."""
    facts = facts_of(name)
    alone = derive(facts)
    if alone is None or alone.ended_at is None:
        return
    assert derive([*facts, *seen(facts)]) == alone


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("seat_hangs_up_survey", {"seat", "number", "hung_up_by"}),
        ("caller_hangs_up_talking", {"seat", "number", "end_reason", "hung_up_by", "ring_back"}),
        ("abandoned_in_line", {"number", "end_reason", "hung_up_by"}),
        ("abandoned_in_menu", {"number", "end_reason"}),
        ("no_answer_then_abandoned", {"number", "end_reason"}),
        ("rejected_then_second_seat_with_hold", {"seat", "number"}),
    ],
)
def test_of_a_call_that_only_we_have_seen_the_record_tells_who_when_and_how(
    name: str, same: set[str]
) -> None:
    facts = facts_of(name)
    real, told = derive(facts), derive(seen(facts))
    assert real is not None
    assert told is not None
    assert {field: getattr(told, field) for field in same} == {field: getattr(real, field) for field in same}
    for field in ("offered_at", "answered_at", "ended_at"):
        true, ours = getattr(real, field), getattr(told, field)
        assert (true is None) == (ours is None), field
        assert true is None or abs(ours - true) <= timedelta(milliseconds=10), field
    assert told.segments[0].detail == "witnessed"
    assert "witnessed" not in repr(real)
    assert (told.ring_back is None) == (real.ring_back is None)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("kept", ["first", "last"])
def test_what_asterisk_could_write_of_a_call_and_what_we_have_seen_of_the_rest_are_one_record(
    cut: float, kept: str
) -> None:
    """The disk fills up in the middle of a call, or is emptied in it."""
    facts = in_order(facts_of("caller_hangs_up_talking"))
    at = round(len(facts) * cut)
    whole = derive(facts)
    half = derive([*(facts[:at] if kept == "first" else facts[at:]), *seen(facts)])
    assert whole is not None
    assert half is not None
    assert (half.end_reason, half.seat, half.number) == (whole.end_reason, whole.seat, whole.number)
    assert abs(half.talk_seconds - whole.talk_seconds) <= 0.01
    assert kinds(half)[-1] == "talk"
    assert half.ring_back is None


def test_an_end_of_which_we_do_not_know_the_reason_is_not_called_a_cut() -> None:
    facts = [replace(fact, ended_by="") for fact in seen(facts_of("seat_hangs_up_survey"))]
    record = derive(facts)
    assert record is not None
    assert record.end_reason == "seat_hung_up"
