"""F10-20, H-21: an event is told to every caller; one key adds the number and frees the place in line."""

from zoneinfo import ZoneInfo

import pytest

from ivr.call import HungUp
from ivr.route import Route
from ivr.welcome import receive
from storage.events import Event
from storage.number_models import Heard
from storage.reception import Known
from tests.fakes import FakeCall
from tests.ivr.reception_desk import MORNING, FakeTools, PatientCall, a_reception, an_event

WATER = an_event()
STORM = an_event(id=8, announcement="台风预警。")
WATER_WORDS = ["live/榕东区因抢修停水,预计18时恢复。", "event-join"]
READ_BACK = ["digits/yao", "digits/3", "digits/8"]


async def called(call: FakeCall, tools: FakeTools, *events: Event) -> Route:
    reception = a_reception(known=Known(events=events or (WATER,)))
    return await receive(call, tools, reception, now=MORNING, zone=ZoneInfo("Asia/Shanghai"))


async def test_key_1_adds_the_number_and_gives_the_place_to_somebody_else() -> None:
    call, tools = PatientCall(keys=["1"]), FakeTools()
    assert await called(call, tools) is Route.END
    assert tools.joined == [(7, "13812345678")]
    assert call.steps[1] == WATER_WORDS
    assert call.steps[2][:4] == ["event-added", *READ_BACK]
    assert call.steps[2][-2:] == ["person-key", "or-hang-up"]


async def test_who_was_added_is_served_and_is_owed_no_call_for_hanging_up() -> None:
    call = PatientCall(keys=["1"])
    await called(call, FakeTools())
    assert ("event", {"event": 7, "heard": "added"}) in call.facts
    assert ("self_service", {"result": "heard", "event": 7}) in call.facts


async def test_after_being_added_key_0_still_leads_to_a_person() -> None:
    assert await called(PatientCall(keys=["1", "0"]), FakeTools()) is Route.LINE


@pytest.mark.parametrize("keys", [[], ["0"], ["5"]])
async def test_silence_and_any_other_key_lead_to_a_person(keys: list[str]) -> None:
    call, tools = PatientCall(keys=keys), FakeTools()
    assert await called(call, tools) is Route.LINE
    assert tools.noted == [(7, Heard.PERSON)]
    assert tools.joined == []


async def test_a_withheld_number_is_asked_for_and_read_back() -> None:
    call, tools = PatientCall(keys=["1", "13900001111"], caller=""), FakeTools()
    assert await called(call, tools) is Route.END
    assert tools.joined == [(7, "13900001111")]
    assert call.steps[2] == ["callback-need-number"]
    assert call.steps[3][:4] == ["event-added", "digits/yao", "digits/3", "digits/9"]


async def test_who_gives_no_number_is_not_added_and_gets_a_person() -> None:
    tools = FakeTools()
    assert await called(PatientCall(keys=["1"], caller=""), tools) is Route.LINE
    assert (tools.joined, tools.noted) == ([], [(7, Heard.PERSON)])


async def test_what_cannot_be_kept_is_not_promised() -> None:
    class Forgetful(FakeTools):
        async def join(self, event: int, number: str) -> bool:
            return False

    call = PatientCall(keys=["1"])
    assert await called(call, Forgetful()) is Route.LINE
    assert "event-added" not in call.heard
    assert call.heard[-1] == "to-person"


async def test_an_announcement_that_cannot_be_spoken_keeps_nobody_from_the_line() -> None:
    call = PatientCall(keys=["1"])
    assert await called(call, FakeTools(broken=True)) is Route.LINE
    assert call.heard == ["welcome"]


async def test_the_second_event_is_told_to_whom_the_first_did_not_concern() -> None:
    call, tools = PatientCall(keys=["", "1"]), FakeTools()
    assert await called(call, tools, WATER, STORM) is Route.END
    assert tools.noted == [(7, Heard.PERSON)]
    assert tools.joined == [(8, "13812345678")]


async def test_who_knows_his_key_hears_no_announcement() -> None:
    call = FakeCall(keys=["9"])
    assert await called(call, FakeTools()) is Route.CALLBACK
    assert call.heard == ["welcome", "recording-notice"]


async def test_hanging_up_in_the_announcement_is_counted() -> None:
    tools = FakeTools()
    with pytest.raises(HungUp):
        await called(PatientCall(keys=["1"], hang_up_at=2), tools)
    assert (tools.noted, tools.joined) == ([(7, Heard.HUNG_UP)], [])


async def test_hanging_up_in_the_confirmation_leaves_the_number_among_them() -> None:
    tools = FakeTools()
    with pytest.raises(HungUp):
        await called(PatientCall(keys=["1"], hang_up_at=3), tools)
    assert tools.joined == [(7, "13812345678")]


async def test_hanging_up_while_keying_the_number_adds_nobody() -> None:
    tools = FakeTools()
    with pytest.raises(HungUp):
        await called(PatientCall(keys=["1", "139"], caller="", hang_up_at=3), tools)
    assert (tools.noted, tools.joined) == ([(7, Heard.HUNG_UP)], [])
