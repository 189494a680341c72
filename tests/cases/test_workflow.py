"""The circuit of a case: the regulation's table, row by row, and what it forbids."""

import random

import pytest

from cases.workflow import (
    ENDED,
    MAY,
    MOVES,
    OPEN,
    Action,
    IllegalMove,
    NotAllowed,
    Role,
    SamePerson,
    State,
    actions_from,
    check_four_eyes,
    check_role,
    may,
    move,
)

ROWS = [
    (1, None, Action.START_DRAFT, State.DRAFT),
    (2, State.DRAFT, Action.REGISTER, State.REGISTERED),
    (3, State.DRAFT, Action.ANSWER_DIRECTLY, State.ANSWERED),
    (3, State.REGISTERED, Action.ANSWER_DIRECTLY, State.ANSWERED),
    (4, State.REGISTERED, Action.REFUSE, State.REFUSED),
    (5, State.REGISTERED, Action.INVALIDATE, State.INVALID),
    (6, State.REGISTERED, Action.MERGE, State.MERGED),
    (7, State.REGISTERED, Action.MAKE_READY, State.PENDING_DISPATCH),
    (8, State.PENDING_DISPATCH, Action.DISPATCH, State.DISPATCHED),
    (9, State.DISPATCHED, Action.READ, State.HANDLING),
    (10, State.HANDLING, Action.CONTACT_CITIZEN, State.HANDLING),
    (11, State.DISPATCHED, Action.ASK_RETURN, State.RETURN_REVIEW),
    (11, State.HANDLING, Action.ASK_RETURN, State.RETURN_REVIEW),
    (12, State.RETURN_REVIEW, Action.REFUSE_RETURN, State.HANDLING),
    (12, State.RETURN_REVIEW, Action.GRANT_RETURN, State.PENDING_DISPATCH),
    (13, State.HANDLING, Action.PASS_DOWN, State.HANDLING),
    (14, State.HANDLING, Action.PAUSE, State.HANDLING),
    (14, State.HANDLING, Action.RESUME, State.HANDLING),
    (15, State.HANDLING, Action.EXTEND, State.HANDLING),
    (16, State.HANDLING, Action.REPLY, State.REPLIED),
    (17, State.REPLIED, Action.SEND_BACK, State.HANDLING),
    (18, State.REPLIED, Action.PASS_REVIEW, State.FINAL_REVIEW),
    (19, State.FINAL_REVIEW, Action.SEND_BACK_FINAL, State.HANDLING),
    (19, State.FINAL_REVIEW, Action.PASS_FINAL, State.FEEDBACK),
    (20, State.FEEDBACK, Action.FEED_BACK, State.CALLBACK),
    (21, State.CALLBACK, Action.CLOSE, State.CLOSED),
    (22, State.CALLBACK, Action.REWORK, State.HANDLING),
    (22, State.CLOSED, Action.REWORK, State.HANDLING),
    (23, State.CLOSED, Action.FLAG_RECURRENCE, State.CLOSED),
    (23, None, Action.OPEN_RECURRENCE, State.REGISTERED),
    (24, State.HANDLING, Action.WITHDRAW, State.WITHDRAWN),
    (25, State.HANDLING, Action.MARK_LONG_TERM, State.HANDLING),
    (25, State.HANDLING, Action.REVIEW_LONG_TERM, State.HANDLING),
    (25, State.HANDLING, Action.END_LONG_TERM, State.HANDLING),
    (26, State.DISPATCHED, Action.CALL_FRONTLINE, State.DISPATCHED),
    (27, State.CLOSED, Action.SUPERVISE, State.CLOSED),
    (27, State.REPLIED, Action.INSTRUCT, State.REPLIED),
    (27, State.HANDLING, Action.EXPOSE, State.HANDLING),
    (6, State.PENDING_DISPATCH, Action.MERGE, State.MERGED),
    (7, State.REPLIED, Action.RECLASSIFY, State.REPLIED),
    (7, State.HANDLING, Action.SPLIT, State.HANDLING),
    (7, State.CLOSED, Action.SUPPLEMENT, State.CLOSED),
    (9, State.HANDLING, Action.NAME_PEOPLE, State.HANDLING),
    (12, State.RETURN_REVIEW, Action.SHARE_RETURN, State.HANDLING),
    (12, State.RETURN_REVIEW, Action.ADJUDICATE, State.HANDLING),
    (13, State.HANDLING, Action.RECALL, State.HANDLING),
    (13, State.HANDLING, Action.REPORT, State.HANDLING),
    (13, State.HANDLING, Action.PASS_REPORT, State.HANDLING),
    (13, State.HANDLING, Action.SEND_BACK_REPORT, State.HANDLING),
    (14, State.HANDLING, Action.ASK_PAUSE, State.HANDLING),
    (14, State.HANDLING, Action.REFUSE_PAUSE, State.HANDLING),
    (15, State.HANDLING, Action.ASK_EXTENSION, State.HANDLING),
    (15, State.HANDLING, Action.REFUSE_EXTENSION, State.HANDLING),
    (16, State.HANDLING, Action.APPROVE_REPLY, State.REPLIED),
    (16, State.HANDLING, Action.REJECT_REPLY, State.HANDLING),
    (17, State.REPLIED, Action.PASS_UPWARD, State.REPLIED),
    (20, State.MERGED, Action.FEED_BACK, State.MERGED),
    (21, State.CALLBACK, Action.TAKE_CALLBACK, State.CALLBACK),
    (22, State.CLOSED, Action.DECLINE_REWORK, State.CLOSED),
    (25, State.HANDLING, Action.ASK_LONG_TERM, State.HANDLING),
    (25, State.HANDLING, Action.REFUSE_LONG_TERM, State.HANDLING),
    (27, State.CLOSED, Action.ASK_EXCLUSION, State.CLOSED),
    (27, State.CLOSED, Action.EXCLUDE, State.CLOSED),
    (27, State.CLOSED, Action.REFUSE_EXCLUSION, State.CLOSED),
    (28, State.CLOSED, Action.PUBLISH, State.CLOSED),
    (28, State.CLOSED, Action.HOLD_PUBLICATION, State.CLOSED),
    (28, State.CLOSED, Action.TAKE_DOWN, State.CLOSED),
]


@pytest.mark.parametrize(("row", "state", "action", "after"), ROWS)
def test_the_table_of_moves_is_the_regulations(
    row: int,
    state: State | None,
    action: Action,
    after: State,
) -> None:
    assert move(state, action) is after


def test_every_row_and_every_action_of_the_table_is_covered() -> None:
    assert {row for row, *_ in ROWS} == set(range(1, 29))
    assert {action for _, _, action, _ in ROWS} == set(Action)


def test_each_state_and_action_has_its_own_chinese_word() -> None:
    assert len({state.text for state in State}) == len(State) == 16
    assert len({action.text for action in Action}) == len(Action)
    assert len({role.text for role in Role}) == len(Role)
    assert State("pending_dispatch").text == "待批转"


def test_every_pair_outside_the_table_is_refused() -> None:
    pairs = {(state, action) for state in (None, *State) for action in Action}
    refused = set()
    for state, action in pairs:
        try:
            move(state, action)
        except IllegalMove:
            refused.add((state, action))
    assert refused == pairs - set(MOVES)


def test_a_refusal_can_be_read_by_a_seat() -> None:
    with pytest.raises(IllegalMove, match="诉求件“已办结”，不能“答复”"):
        move(State.CLOSED, Action.REPLY)


@pytest.mark.parametrize(
    "state", [State.REFUSED, State.ANSWERED, State.MERGED, State.WITHDRAWN, State.INVALID]
)
def test_what_has_ended_without_handling_never_moves_again(state: State) -> None:
    assert {move(state, action) for action in actions_from(state)} == {state}


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_citizen_may_withdraw_any_open_case(state: State) -> None:
    assert move(state, Action.WITHDRAW) is State.WITHDRAWN


@pytest.mark.parametrize("state", [*sorted(ENDED), State.DRAFT])
def test_nobody_may_withdraw_what_is_not_open(state: State) -> None:
    with pytest.raises(IllegalMove):
        move(state, Action.WITHDRAW)


def test_no_case_is_published_before_its_final_review() -> None:
    states = {state for state, action in MOVES if action is Action.PUBLISH}
    assert states == {State.ANSWERED, State.FEEDBACK, State.CALLBACK, State.CLOSED}


def test_actions_from_a_state_are_what_move_accepts() -> None:
    assert actions_from(None) == {Action.START_DRAFT, Action.OPEN_RECURRENCE}
    assert actions_from(State.DRAFT) == {Action.REGISTER, Action.ANSWER_DIRECTLY}
    assert Action.REPLY in actions_from(State.HANDLING)
    assert Action.REPLY not in actions_from(State.DISPATCHED)


@pytest.mark.parametrize("start", range(20))
def test_from_wherever_a_case_is_it_can_still_reach_an_end(start: int) -> None:
    dice = random.Random(start)
    state = move(None, Action.START_DRAFT)
    for _ in range(500):
        state = move(state, dice.choice(sorted(actions_from(state) - {Action.WITHDRAW})))
        assert _reaches_an_end(state)


def _reaches_an_end(state: State) -> bool:
    seen, edge = {state}, [state]
    while edge:
        here = edge.pop()
        if here in ENDED:
            return True
        after = {move(here, action) for action in actions_from(here)} - seen
        seen |= after
        edge += after
    return False


def test_every_action_has_somebody_who_may_do_it() -> None:
    assert set(MAY) == set(Action)
    assert all(MAY.values())


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.ANALYST])
def test_administrators_and_auditors_touch_no_case(role: Role) -> None:
    assert not any(may(role, action) for action in Action)


def test_staff_cannot_make_a_case_disappear() -> None:
    assert MAY[Action.WITHDRAW] == {Role.CITIZEN}
    assert MAY[Action.INVALIDATE] == {Role.TEAM_LEAD}


def test_a_role_without_the_right_is_told_so() -> None:
    check_role(Role.TEAM_LEAD, Action.REFUSE)
    with pytest.raises(NotAllowed, match="话务员无权“不予受理”"):
        check_role(Role.AGENT, Action.REFUSE)


def test_no_handler_reviews_their_own_reply() -> None:
    with pytest.raises(SamePerson, match="2001"):
        check_four_eyes(Action.PASS_REVIEW, "2001", handlers=["2001"])
    with pytest.raises(SamePerson):
        check_four_eyes(Action.SEND_BACK, "2001", handlers=["2001"])
    check_four_eyes(Action.PASS_REVIEW, "3001", handlers=["2001"])


def test_the_final_reviewer_is_a_third_person() -> None:
    with pytest.raises(SamePerson):
        check_four_eyes(Action.PASS_FINAL, "3001", handlers=["2001"], reviewers=["3001"])
    with pytest.raises(SamePerson):
        check_four_eyes(Action.SEND_BACK_FINAL, "2001", handlers=["2001"], reviewers=["3001"])
    check_four_eyes(Action.PASS_FINAL, "4001", handlers=["2001"], reviewers=["3001"])


def test_a_reviewer_may_review_a_second_version_of_the_reply() -> None:
    check_four_eyes(Action.PASS_REVIEW, "3001", handlers=["2001"], reviewers=["3001"])


@pytest.mark.parametrize("action", [Action.CLOSE, Action.PUBLISH])
def test_a_handler_neither_calls_back_about_nor_publishes_their_own_case(action: Action) -> None:
    with pytest.raises(SamePerson):
        check_four_eyes(action, "2001", handlers=["2001"])
