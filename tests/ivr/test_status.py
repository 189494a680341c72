"""Callers asking how their case stands."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cases.workflow import State
from ivr.call import HungUp
from ivr.route import Route
from ivr.status import LONGEST_REPLY, Answer, tell_status
from storage.status import Locked, Status, WrongCode
from tests.fakes import FakeCall, FakeVoice

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
DIGITS, CODE = "261122001781", "483920"
HANDLED = Status(
    filed_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
    title="夜间施工噪声",
    category="噪声",
    unit_name="市城管局",
    reply_by=datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC),
    state=State.HANDLING,
    public_reply=None,
    digits=DIGITS,
)
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
CHOICE = ["repeat-key", "person-key", "or-hang-up"]


class Cases:
    """One case, told to whoever knows its number and code; remembers what was asked."""

    def __init__(self, found: Status = HANDLED, *, locked: bool = False) -> None:
        self.asked: list[tuple[str, str]] = []
        self._found = found
        self._locked = locked

    async def find(self, digits: str, code: str) -> Answer:
        self.asked.append((digits, code))
        if self._locked:
            return Locked(until=datetime(2026, 11, 25, 2, 30, 20, tzinfo=UTC))
        return self._found if (digits, code) == (DIGITS, CODE) else WrongCode()


async def ask(call: FakeCall, cases: Cases, *, mute: bool = False, waiting: bool = True) -> Route:
    return await tell_status(call, FakeVoice(mute=mute), cases.find, now=NOW, zone=ZONE, waiting=waiting)


async def test_a_caller_hears_what_was_filed_who_has_it_until_when_and_its_state() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, Cases()) is Route.LINE
    assert call.steps[:2] == [["enter-case-number"], ["enter-code"]]
    assert call.steps[2] == [
        *FILED,
        *("live/噪声", "status-matter", "status-sent-to", "live/市城管局"),
        *DUE,
        *("status-now", "state-handling", "status-no-reply"),
        *CHOICE,
    ]
    assert call.steps[3:] == [["back-to-line"]]


async def test_a_public_reply_is_spoken() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    replied = replace(HANDLED, state=State.CLOSED, public_reply="已责令整改。")
    await ask(call, Cases(replied))
    assert call.steps[2] == [
        *FILED,
        *("live/噪声", "status-matter", "status-sent-to", "live/市城管局"),
        *("status-now", "state-closed", "status-reply-is", "live/已责令整改。"),
        *CHOICE,
    ]


async def test_a_case_not_yet_dispatched_names_no_department() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases(replace(HANDLED, state=State.REGISTERED, unit_name=None, reply_by=None)))
    assert not {"status-sent-to", "status-sent", "status-required"} & set(call.heard)
    assert "state-registered" in call.heard


async def test_a_late_reply_is_admitted() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases(replace(HANDLED, reply_by=datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC))))
    assert "status-overdue" in call.heard


async def test_a_reply_in_time_is_not_called_late() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases())
    assert "status-overdue" not in call.heard


@pytest.mark.parametrize("state", list(State))
async def test_every_state_is_spoken(state: State) -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases(replace(HANDLED, state=state)))
    assert f"state-{state.value}" in call.heard


async def test_without_live_speech_the_sentence_is_whole_and_a_person_tells_the_reply() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases(replace(HANDLED, state=State.CALLBACK, public_reply="已整改")), mute=True)
    assert call.steps[2] == [
        *FILED,
        *("status-matter", "status-sent", *DUE, "status-now", "state-callback", "status-reply-by-person"),
        *CHOICE,
    ]


async def test_a_long_reply_is_cut_after_a_sentence_and_says_so() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases(replace(HANDLED, public_reply="已整改。" * LONGEST_REPLY)))
    (spoken,) = [sound for sound in call.heard if sound.startswith("live/已整改")]
    assert LONGEST_REPLY - 10 < len(spoken.removeprefix("live/")) <= LONGEST_REPLY
    assert spoken.endswith("。")
    assert "status-reply-rest" in call.heard


async def test_a_long_reply_of_one_sentence_is_cut_too() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases(replace(HANDLED, public_reply="改" * 5000)))
    assert f"live/{'改' * LONGEST_REPLY}" in call.heard


async def test_the_answer_is_repeated_with_one() -> None:
    call = FakeCall(keys=[DIGITS, CODE, "1", "1"])
    assert await ask(call, Cases()) is Route.LINE
    assert call.steps[2] == call.steps[3] == call.steps[4]
    assert call.steps[5] == ["back-to-line"]


async def test_who_repeats_it_without_end_gets_a_person() -> None:
    call = FakeCall(keys=[DIGITS, CODE, *("1" * 50)])
    assert await ask(call, Cases()) is Route.LINE
    assert call.heard[-1] == "to-person"


async def test_zero_leads_to_a_person() -> None:
    call = FakeCall(keys=[DIGITS, CODE, "0"])
    assert await ask(call, Cases(), waiting=False) is Route.LINE
    assert call.heard[-1] == "to-person"


@pytest.mark.parametrize(
    ("keys", "route", "last"),
    [
        (["5", "1"], Route.END, "goodbye"),
        (["5", "0"], Route.LINE, "to-person"),
        (["5", "5"], Route.END, "goodbye"),
        (["5"], Route.END, "goodbye"),
    ],
)
async def test_a_wrong_key_after_the_answer_is_asked_once_more(
    keys: list[str], route: Route, last: str
) -> None:
    call = FakeCall(keys=[DIGITS, CODE, *keys])
    assert await ask(call, Cases(), waiting=False) is route
    assert call.steps[3] == ["press-retry", "repeat-key", "person-key"]
    assert call.heard[-1] == last


async def test_silence_after_the_answer_brings_who_was_waiting_back_to_the_line() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, Cases(), waiting=True) is Route.LINE
    assert call.heard[-1] == "back-to-line"


async def test_silence_after_the_answer_ends_the_call_of_who_was_not() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, Cases(), waiting=False) is Route.END
    assert call.heard[-1] == "goodbye"


@pytest.mark.parametrize(
    ("first", "complaint"),
    [
        ((DIGITS, "000000"), "wrong-code"),
        (("261122001790", CODE), "wrong-code"),
        (("2611",), "not-found"),
        (("12*4567890##",), "not-found"),
    ],
)
async def test_wrong_once_is_asked_again(first: tuple[str, ...], complaint: str) -> None:
    call = FakeCall(keys=[*first, DIGITS, CODE])
    assert await ask(call, Cases()) is Route.LINE
    assert call.steps[len(first)] == [complaint, "enter-case-number"]
    assert "state-handling" in call.heard


async def test_a_number_of_another_length_is_not_looked_up() -> None:
    cases = Cases()
    await ask(FakeCall(keys=["2611", "99"]), cases)
    assert cases.asked == []


@pytest.mark.parametrize(
    "keys", [(DIGITS, "1", DIGITS, "2"), ("1", "2"), ("1", DIGITS, "2"), ("261122001790", CODE, DIGITS, "1")]
)
async def test_wrong_twice_leads_to_a_person(keys: tuple[str, ...]) -> None:
    call = FakeCall(keys=[*keys, DIGITS, CODE])
    assert await ask(call, Cases()) is Route.LINE
    assert call.heard[-2:] == ["still-not-found", "to-person"]
    assert call.facts == [("self_service", {"result": "wrong"})]


@pytest.mark.parametrize("keys", [[], [DIGITS], [DIGITS, "000000"], ["2611"], [DIGITS, "000000", DIGITS]])
async def test_silence_leads_to_a_person(keys: list[str]) -> None:
    call = FakeCall(keys=keys)
    assert await ask(call, Cases()) is Route.LINE
    assert call.heard[-2:] == ["no-input", "to-person"]
    assert call.facts == [("self_service", {"result": "silent"})]


async def test_a_locked_number_is_told_until_when_and_leads_to_a_person() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    assert await ask(call, Cases(locked=True)) is Route.LINE
    until = ["digits/morning", "digits/10", "digits/dian", "digits/30", "digits/1", "digits/fen"]
    assert call.steps[2:] == [["locked", *until, "locked-until"], ["to-person"]]
    assert call.facts == [("self_service", {"result": "locked"})]


async def test_what_was_heard_is_on_record_but_not_the_number() -> None:
    call = FakeCall(keys=[DIGITS, CODE])
    await ask(call, Cases())
    ((kind, detail),) = call.facts
    assert kind == "self_service"
    assert (detail["result"], detail["state"]) == ("heard", "handling")
    assert DIGITS not in str(detail)
    assert CODE not in str(detail)


@pytest.mark.parametrize("step", [1, 2])
async def test_hanging_up_at_the_questions_leaves_no_fact(step: int) -> None:
    call = FakeCall(keys=[DIGITS, CODE], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask(call, Cases())
    assert call.facts == []


@pytest.mark.parametrize("step", [3, 4])
async def test_hanging_up_at_the_answer_keeps_the_fact(step: int) -> None:
    call = FakeCall(keys=[DIGITS, CODE], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask(call, Cases())
    assert call.facts[0][1]["result"] == "heard"


@pytest.mark.parametrize("step", [3, 4, 5, 6])
async def test_hanging_up_after_a_wrong_code_ends_the_dialogue(step: int) -> None:
    call = FakeCall(keys=[DIGITS, "1", DIGITS, "2"], hang_up_at=step)
    with pytest.raises(HungUp):
        await ask(call, Cases())
    assert len(call.steps) == step
