"""A case's place, told by its events alone; and when two places are the same."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from cases.places import place_key
from cases.replay import Event, replay
from cases.workflow import State

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
FILED = ("case.registered", {"intent": "投诉", "category": "0105"})
SENT = ("assignment.created", {"lead": "rdq", "assist": ["cgj"]})
READ = ("assignment.read", {"unit": "rdq"})
DOWN = ("assignment.child_created", {"unit": "dmjd", "parent": "rdq"})


def told(*events: tuple[str, Mapping[str, object]]) -> list[Event]:
    return [Event(kind, AT + timedelta(hours=n), detail) for n, (kind, detail) in enumerate(events)]


def test_an_assisting_unit_that_reads_does_not_move_the_case() -> None:
    case = replay(told(FILED, SENT, ("assignment.read", {"unit": "cgj"})))
    assert (case.state, case.tasks) == (State.DISPATCHED, (("rdq", "sent"), ("cgj", "handling")))


def test_h11_a_report_from_below_waits_for_the_unit_above_one_from_the_side_does_not() -> None:
    case = replay(
        told(
            FILED,
            SENT,
            READ,
            DOWN,
            ("report.submitted", {"unit": "dmjd"}),
            ("report.submitted", {"unit": "cgj"}),
        )
    )
    assert case.tasks == (("rdq", "handling"), ("cgj", "replied"), ("dmjd", "reported"))


def test_what_is_taken_back_takes_with_it_what_was_passed_on() -> None:
    further = ("assignment.child_created", {"unit": "village", "parent": "dmjd"})
    case = replay(told(FILED, SENT, READ, DOWN, further, ("assignment.recalled", {"unit": "dmjd"})))
    assert [unit for unit, _ in case.tasks] == ["rdq", "cgj"]


def test_a_unit_that_was_merged_into_another_hands_its_part_over() -> None:
    case = replay(told(FILED, SENT, ("assignment.succeeded", {"unit": "rdq", "into": "new"})))
    assert (case.unit, case.tasks[0]) == ("new", ("new", "sent"))


def test_what_was_refused_and_what_others_note_changes_nothing() -> None:
    before = replay(told(FILED, SENT))
    assert replay(told(FILED, SENT, ("refused", {"action": "reply"}), ("urge.sent", {}))) == before


@pytest.mark.parametrize("written", ["东门路 12 号", "东门路１２号", "东门路12号。", " 东门路-12号"])
def test_fl08_one_place_written_in_several_ways_is_one_place(written: str) -> None:
    assert place_key(written) == place_key("东门路12号")


def test_a_long_address_is_compared_by_its_digest() -> None:
    assert len(place_key("路" * 200)) <= 64
    assert place_key("路" * 200) != place_key("路" * 199)
