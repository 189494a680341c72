"""What the lines of a call say of the voice menus it went through."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.call_facts import Fact, Origin
from cases.call_parts import Segment, SegmentKind
from cases.menu_turns import Turn, turns_of

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def said(second: float, kind: str, **detail: str) -> Fact:
    return Fact(
        at=NOON + timedelta(seconds=second),
        kind=f"HOTLINE_{kind}",
        call="hotline1-1.0",
        origin=Origin.US,
        channel="hotline1-1.0",
        detail=tuple(detail.items()),
    )


def asked(second: float, grammar: str, mode: str = "speech", outcome: str = "heard", **more: str) -> Fact:
    return said(second, "MENU", grammar=grammar, mode=mode, outcome=outcome, **more)


def turns(*story: Fact, over: bool = True, talk: float | None = None) -> tuple[Turn, ...]:
    talks = [] if talk is None else [Segment(SegmentKind.TALK, NOON + timedelta(seconds=talk), None, "s1001")]
    return turns_of(story, talks, over=over)


def test_a_listening_its_choice_and_the_leaving_are_one_turn() -> None:
    (turn,) = turns(
        asked(1, "menu:main", score="88", ms="2400"),
        said(1.1, "MENU_STEP", menu="main", version="7", choice="status", mode="speech", outcome="accepted"),
        said(1.2, "MENU_LEFT", menu="main", version="7", to="status"),
    )
    assert (turn.grammar, turn.version, turn.choice, turn.left) == ("menu:main", "7", "status", "status")
    assert (turn.mode, turn.outcome, turn.score, turn.seconds) == ("speech", "heard", 88, 2.4)


def test_what_callers_press_without_being_listened_to_is_a_turn_too() -> None:
    (turn,) = turns(
        said(1, "MENU_STEP", menu="main", version="7", choice="person", mode="key", outcome="accepted"),
        said(1.1, "MENU_LEFT", menu="main", version="7", to="person"),
    )
    assert (turn.mode, turn.outcome, turn.left) == ("key", "heard", "person")


def test_a_menu_that_is_left_before_anything_was_asked_is_a_visit() -> None:
    (turn,) = turns(said(1, "MENU_LEFT", menu="main", version="7", to="person"))
    assert (turn.grammar, turn.outcome, turn.left) == ("menu:main", "silence", "person")


def test_who_hangs_up_in_a_menu_has_left_it_so() -> None:
    (turn,) = turns(asked(1, "menu:main", mode="none", outcome="hung_up"))
    assert turn.left == "hang_up"


def test_who_is_still_in_a_menu_has_not_left_it() -> None:
    (turn,) = turns(asked(1, "menu:main"), over=False)
    assert turn.left == ""


def test_a_seat_that_takes_the_caller_out_of_a_menu_is_a_person() -> None:
    (turn,) = turns(asked(1, "menu:waiting", mode="none", outcome="silence"), talk=4)
    assert turn.left == "person"


def test_who_was_gone_from_a_menu_because_a_seat_took_him_has_not_hung_up() -> None:
    (turn,) = turns(
        asked(1, "menu:waiting", mode="none", outcome="hung_up"),
        said(2, "MENU_LEFT", menu="waiting", version="7", to="hang_up", where="waiting"),
        talk=9,
    )
    assert turn.left == "person"


def test_listening_to_a_notice_in_silence_is_no_question_without_an_answer() -> None:
    (turn,) = turns(
        asked(1, "menu:main", mode="none", outcome="silence"),
        said(1.1, "MENU_STEP", menu="main", version="7", choice="", mode="none", outcome="silence"),
        asked(5, "menu:main"),
        said(5.1, "MENU_STEP", menu="main", version="7", choice="status", mode="speech", outcome="accepted"),
        said(5.2, "MENU_LEFT", menu="main", version="7", to="status"),
    )
    assert (turn.outcome, turn.left) == ("heard", "status")


def test_only_the_last_turn_of_a_visit_says_where_the_caller_went() -> None:
    first, second = turns(
        asked(1, "menu:main", outcome="unknown"),
        said(1.1, "MENU_STEP", menu="main", version="7", choice="", outcome="unknown"),
        asked(5, "menu:main", mode="none", outcome="silence"),
        said(5.1, "MENU_LEFT", menu="main", version="7", to="person", why="failures"),
    )
    assert (first.left, second.left) == ("", "person")
    assert second.version == "7"


def test_going_from_one_menu_to_another_is_no_loss() -> None:
    first, second = turns(asked(1, "menu:main"), asked(5, "menu:information"), talk=9)
    assert (first.left, second.left) == ("menu", "person")


def test_two_visits_of_one_menu_are_two() -> None:
    first, second = turns(
        said(1, "MENU_LEFT", menu="main", to="information"),
        asked(9, "menu:main", mode="none", outcome="hung_up"),
    )
    assert (first.left, second.left) == ("information", "hang_up")


@pytest.mark.parametrize(("grammar", "name"), [("digits:12", "digits"), ("yes_no", "yes_no")])
def test_a_fixed_question_counts_by_its_name_and_leads_nowhere(grammar: str, name: str) -> None:
    (turn,) = turns(asked(1, grammar))
    assert (turn.grammar, turn.version, turn.left) == (name, "", "")


def test_a_confirmation_changes_what_came_of_the_turn() -> None:
    turn, question = turns(
        asked(1, "menu:main"),
        asked(3, "yes_no"),
        said(3.1, "MENU_STEP", menu="main", version="7", choice="status", mode="speech", outcome="confirmed"),
        said(3.2, "MENU_LEFT", menu="main", version="7", to="status"),
    )
    assert (turn.outcome, turn.left, question.outcome) == ("confirmed", "status", "heard")


def test_prompts_without_a_question_are_no_turns() -> None:
    assert turns(said(1, "MENU", said="welcome", ms="3000")) == ()


def test_nonsense_in_a_line_is_cut_and_never_refused() -> None:
    (turn,) = turns(asked(1, "menu:" + "x" * 900, mode="y" * 900, score="-3", ms="1e9"))
    assert (len(turn.grammar), len(turn.mode), turn.score, turn.seconds) == (64, 64, 0, 0)
