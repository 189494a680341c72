"""Callers asking how their case stands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cases.workflow import State
from ivr.call import HungUp
from ivr.route import Route
from ivr.status import LONGEST_REPLY, Asked, tell_status
from tests.fakes import FakeCall, FakeVoice
from tests.ivr.case_fakes import CODE, DIGITS, HANDLED, NO, NOW, OTHER_DIGITS, REPLIED, SAID, ZONE, FakeDesk

FILED = [
    "status-you",
    "digits/10",
    "digits/1",
    "digits/yue",
    "digits/20",
    "digits/2",
    "digits/ri",
    "status-reported",
]
DUE = [
    "status-required",
    "digits/10",
    "digits/1",
    "digits/yue",
    "digits/30",
    "digits/ri",
    "status-reply-before",
]
CHOICE = ["repeat-key", "add-key", "urge-key", "person-key", "or-hang-up"]


async def ask(
    call: FakeCall, desk: FakeDesk, *, mute: bool = False, waiting: bool = True, listens: bool = False
) -> Route:
    asked = Asked(now=NOW, zone=ZONE, waiting=waiting, listens=listens)
    return await tell_status(call, FakeVoice(mute=mute), desk, asked)


async def test_a_caller_hears_what_was_filed_who_has_it_until_when_and_its_state() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, FakeDesk()) is Route.LINE
    assert call.steps[:2] == [["enter-case-number"], ["enter-code"]]
    assert call.steps[2] == [
        *FILED,
        *("live/噪声", "status-matter", "status-sent-to", "live/市城管局"),
        *DUE,
        *("status-now", "state-handling", "status-no-reply"),
        *CHOICE,
    ]
    assert call.steps[3:] == [["back-to-line"]]


async def test_a_public_reply_is_read_sentence_by_sentence_after_the_state() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(REPLIED, reply_by=None)))
    assert call.steps[2:6] == [
        [
            *FILED,
            *("live/噪声", "status-matter", "status-sent-to", "live/市城管局"),
            *("status-now", "state-callback", "status-reply-is", "live/您反映的噪声已核实。"),
        ],
        ["live/施工方已停工整改。"],
        ["live/感谢监督。"],
        ["repeat-key", "add-key", "evaluate-key", "urge-key", "slower-key", "person-key", "or-hang-up"],
    ]


async def test_a_reply_is_heard_again_from_the_start_and_again_more_slowly() -> None:
    call = FakeCall(keys=[DIGITS, CODE, "", "", "", "1", "", "", "", "4"])
    await ask(call, FakeDesk(REPLIED))
    assert call.steps[6] == call.steps[2]
    assert call.steps[10] == ["live/slow:您反映的噪声已核实。"]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("person", ["0", "人工"])
async def test_a_person_is_one_key_or_word_away_in_the_middle_of_a_reply(place: int, person: str) -> None:
    call = FakeCall(keys=[DIGITS, CODE, *[""] * place, person])
    assert await ask(call, FakeDesk(REPLIED), waiting=False) is Route.LINE
    assert call.steps[3 + place :] == [["to-person"]]


async def test_a_case_not_yet_dispatched_names_no_department() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(HANDLED, state=State.REGISTERED, unit_name=None, reply_by=None)))
    assert not {"status-sent-to", "status-sent", "status-required"} & set(call.heard)
    assert "state-registered" in call.heard


async def test_a_late_reply_is_admitted() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(HANDLED, reply_by=datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC))))
    assert "status-overdue" in call.heard


async def test_a_reply_in_time_is_not_called_late() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk())
    assert "status-overdue" not in call.heard


@pytest.mark.parametrize("state", list(State))
async def test_every_state_is_spoken(state: State) -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(HANDLED, state=state)))
    assert f"state-{state.value}" in call.heard


async def test_without_live_speech_the_sentence_is_whole_and_a_person_tells_the_reply() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(HANDLED, state=State.CALLBACK, public_reply="已整改")), mute=True)
    assert call.steps[2] == [
        *FILED,
        *("status-matter", "status-sent", *DUE, "status-now", "state-callback", "status-reply-by-person"),
        *CHOICE,
    ]


async def test_a_long_reply_is_cut_after_a_sentence_and_says_so() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(HANDLED, public_reply="已整改。" * LONGEST_REPLY)))
    spoken = [sound for sound in call.heard if sound == "live/已整改。"]
    assert len(spoken) == LONGEST_REPLY // len("已整改。")
    assert call.steps[-2][0] == "status-reply-rest"


async def test_a_long_reply_of_one_sentence_is_cut_too() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk(replace(HANDLED, public_reply="改" * 5000)))
    assert f"live/{'改' * LONGEST_REPLY}" in call.heard


async def test_the_answer_is_repeated_with_one() -> None:
    call = FakeCall(keys=[DIGITS, CODE, "1", "重听"])
    assert await ask(call, FakeDesk()) is Route.LINE
    assert call.steps[2] == call.steps[3] == call.steps[4]
    assert call.steps[5] == ["back-to-line"]


async def test_who_repeats_it_without_end_gets_a_person() -> None:
    call = FakeCall(keys=[DIGITS, CODE, *("1" * 50)])
    assert await ask(call, FakeDesk()) is Route.LINE
    assert call.heard[-1] == "to-person"


@pytest.mark.parametrize("answer", ["2", "补充情况"])
async def test_s1_two_adds_to_the_case_by_voice_and_is_offered_once(answer: str) -> None:
    call, desk = FakeCall(keys=[DIGITS, CODE, answer]), FakeDesk()
    await ask(call, desk)
    assert desk.done == [("add", NO, SAID.path)]
    assert call.steps[3:6] == [
        ["add-after-tone"],
        ["added"],
        ["repeat-key", "urge-key", "person-key", "or-hang-up"],
    ]


@pytest.mark.parametrize("answer", ["5", "催办"])
async def test_s1_five_urges_the_case(answer: str) -> None:
    call, desk = FakeCall(keys=[DIGITS, CODE, answer]), FakeDesk()
    await ask(call, desk)
    assert desk.done == [("urge", NO)]


@pytest.mark.parametrize("answer", ["3", "评价"])
async def test_s1_three_judges_a_result(answer: str) -> None:
    call, desk = FakeCall(keys=[DIGITS, CODE, answer, "1", "1"]), FakeDesk(REPLIED)
    await ask(call, desk)
    assert desk.done == [("judge", NO, "full", "满意")]


async def test_s1_only_what_may_be_done_is_offered_and_taken() -> None:
    closed = replace(HANDLED, state=State.CLOSED, may_urge=False, may_add=False)
    call, desk = FakeCall(keys=[DIGITS, CODE, "2", "5"]), FakeDesk(closed)
    await ask(call, desk, waiting=False)
    assert desk.done == []
    assert not {"add-key", "urge-key", "evaluate-key"} & set(call.heard)


@pytest.mark.parametrize("wish", ["2", "5"])
async def test_s1_what_cannot_be_done_leads_to_a_person(wish: str) -> None:
    call = FakeCall(keys=[DIGITS, CODE, wish])
    assert await ask(call, FakeDesk(broken=True)) is Route.LINE
    assert call.heard[-1] == "to-person"


async def test_s1_the_number_and_the_code_can_be_said() -> None:
    call = FakeCall(keys=["二六幺幺二二零零幺七八幺", "是", "四八三九二零", "1"])
    desk = FakeDesk()
    await ask(call, desk, listens=True)
    assert desk.asked == [(DIGITS, CODE)]
    assert [call.steps[0], call.steps[2]] == [["say-case-number"], ["say-code"]]


async def test_zero_leads_to_a_person() -> None:
    call = FakeCall(keys=[DIGITS, CODE, "0"])
    assert await ask(call, FakeDesk(), waiting=False) is Route.LINE
    assert call.heard[-1] == "to-person"


@pytest.mark.parametrize(
    ("keys", "route", "last"),
    [
        (["7", "1"], Route.LINE, "to-person"),
        (["7", "0"], Route.LINE, "to-person"),
        (["7", "7"], Route.LINE, "to-person"),
        (["[unk]", "[unk]"], Route.LINE, "to-person"),
        (["7", "#"], Route.END, "goodbye"),
        (["再见"], Route.END, "goodbye"),
        ([], Route.LINE, "to-person"),
    ],
)
async def test_after_the_answer_silence_and_two_failures_lead_to_a_person(
    keys: list[str], route: Route, last: str
) -> None:
    call = FakeCall(keys=[DIGITS, CODE, *keys])
    assert await ask(call, FakeDesk(), waiting=False) is route
    assert call.heard[-1] == last


async def test_a_wrong_key_after_the_answer_is_asked_once_more_without_the_answer() -> None:
    call = FakeCall(keys=[DIGITS, CODE, "7"])
    await ask(call, FakeDesk())
    assert call.steps[3] == ["press-retry", *CHOICE]


async def test_silence_after_the_answer_brings_who_was_waiting_back_to_the_line() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, FakeDesk(), waiting=True) is Route.LINE
    assert call.heard[-1] == "back-to-line"


@pytest.mark.parametrize(
    ("first", "complaint"),
    [
        ((DIGITS, "000000"), "wrong-code"),
        ((OTHER_DIGITS, CODE), "wrong-code"),
        (("2611",), "not-found"),
        (("12*4567890##",), "not-found"),
    ],
)
async def test_wrong_once_is_asked_again(first: tuple[str, ...], complaint: str) -> None:
    call = FakeCall(keys=[*first, DIGITS, CODE])
    assert await ask(call, FakeDesk()) is Route.LINE
    assert call.steps[len(first)] == [complaint, "enter-case-number"]
    assert "state-handling" in call.heard


async def test_a_number_of_another_length_is_not_looked_up() -> None:
    desk = FakeDesk()
    await ask(FakeCall(keys=["2611", "99"]), desk)
    assert desk.asked == []


@pytest.mark.parametrize(
    "keys", [(DIGITS, "1", DIGITS, "2"), ("1", "2"), ("1", DIGITS, "2"), (OTHER_DIGITS, CODE, DIGITS, "1")]
)
async def test_wrong_twice_leads_to_a_person(keys: tuple[str, ...]) -> None:
    call = FakeCall(keys=[*keys, DIGITS, CODE])
    assert await ask(call, FakeDesk()) is Route.LINE
    assert call.heard[-2:] == ["still-not-found", "to-person"]
    assert call.facts == [("self_service", {"result": "wrong"})]


@pytest.mark.parametrize("keys", [[], [DIGITS], [DIGITS, "000000"], ["2611"], [DIGITS, "000000", DIGITS]])
async def test_silence_leads_to_a_person(keys: list[str]) -> None:
    call = FakeCall(keys=keys)
    assert await ask(call, FakeDesk()) is Route.LINE
    assert call.heard[-2:] == ["no-input", "to-person"]
    assert call.facts == [("self_service", {"result": "silent"})]


async def test_a_locked_number_is_told_until_when_and_leads_to_a_person() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, FakeDesk(locked=True)) is Route.LINE
    until = ["digits/morning", "digits/10", "digits/dian", "digits/30", "digits/1", "digits/fen"]
    assert call.steps[2:] == [["locked", *until, "locked-until"], ["to-person"]]
    assert call.facts == [("self_service", {"result": "locked"})]


async def test_what_was_heard_is_on_record_but_not_the_number() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, FakeDesk())
    ((kind, detail),) = call.facts
    assert kind == "self_service"
    assert (detail["result"], detail["state"]) == ("heard", "handling")
    assert DIGITS not in str(detail)
    assert CODE not in str(detail)


@pytest.mark.parametrize("step", [1, 2])
async def test_hanging_up_at_the_questions_leaves_no_fact(step: int) -> None:
    call = FakeCall(keys=[DIGITS, CODE], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask(call, FakeDesk())
    assert call.facts == []


@pytest.mark.parametrize("step", [3, 4])
async def test_hanging_up_at_the_answer_keeps_the_fact(step: int) -> None:
    call = FakeCall(keys=[DIGITS, CODE], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask(call, FakeDesk())
    assert call.facts[0][1]["result"] == "heard"


@pytest.mark.parametrize("step", [3, 4, 5, 6])
async def test_hanging_up_after_a_wrong_code_ends_the_dialogue(step: int) -> None:
    call = FakeCall(keys=[DIGITS, "1", DIGITS, "2"], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask(call, FakeDesk())
    assert len(call.steps) == step
