"""Too many call at once: nobody is sent away, everybody's number is noted."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.admission import Lane, Why
from ivr.call import HungUp
from ivr.route import Route
from ivr.welcome import receive
from storage.reception import Known
from tests.fakes import FakeCall
from tests.ivr.reception_desk import MORNING, FakeTools, a_reception

NUMBER = ["digits/yao", "digits/3", "digits/8"]


async def noted(call: FakeCall, tools: FakeTools, **changes: Any) -> Route:
    reception = a_reception(Lane.NOTED, **{"why": Why.CALLS, **changes})
    return await receive(call, tools, reception, now=MORNING, zone=ZoneInfo("Asia/Shanghai"))


async def test_the_number_is_noted_before_a_word_of_it_is_said() -> None:
    call, tools = FakeCall(hang_up_at=1), FakeTools()
    with pytest.raises(HungUp):
        await noted(call, tools)
    assert tools.owed == [("13812345678", Why.CALLS)]
    assert call.facts == [("refused", {"why": "calls", "number": "13812345678", "again": 0})]


async def test_the_caller_hears_that_and_to_which_number_and_the_emergency_numbers() -> None:
    call = FakeCall()
    assert await noted(call, FakeTools()) is Route.END
    assert call.steps[0][:6] == ["welcome", "busy-many", "busy-noted", *NUMBER]
    assert call.steps[0][-2:] == ["emergency", "busy-hold"]
    assert call.heard[-1] == "goodbye"


async def test_who_would_rather_wait_presses_0_and_is_not_rung_back_for_it() -> None:
    call, tools = FakeCall(keys=["0"]), FakeTools()
    assert await noted(call, tools) is Route.LINE
    assert tools.held == 1
    assert ("held", {}) in call.facts


async def test_when_the_exchange_itself_is_full_waiting_is_not_offered() -> None:
    call, tools = FakeCall(keys=["0"]), FakeTools()
    assert await noted(call, tools, may_hold=False) is Route.END
    assert "busy-hold" not in call.heard
    assert "emergency" in call.heard
    assert tools.held == 0


async def test_who_calls_again_is_noted_once() -> None:
    call, tools = FakeCall(), FakeTools()
    assert await noted(call, tools, known=Known(ring_back_owed=True)) is Route.END
    assert tools.owed == []
    assert call.facts[0] == ("refused", {"why": "calls", "number": "13812345678", "again": 1})


async def test_a_withheld_number_hears_the_emergency_numbers_first_and_is_asked_for_its_own() -> None:
    call, tools = FakeCall(keys=["13900001111"], caller=""), FakeTools()
    assert await noted(call, tools) is Route.END
    assert call.steps[0] == ["welcome", "busy-many", "emergency"]
    assert call.steps[1] == ["callback-need-number"]
    assert tools.owed == [("13900001111", Why.CALLS)]


@pytest.mark.parametrize(("may_hold", "route"), [(True, Route.LINE), (False, Route.MESSAGE)])
async def test_who_gives_no_number_waits_if_there_is_room_and_else_leaves_a_message(
    may_hold: bool,
    route: Route,
) -> None:
    tools = FakeTools()
    assert await noted(FakeCall(caller=""), tools, may_hold=may_hold) is route
    assert tools.owed == []


async def test_a_number_nobody_can_dial_is_asked_for_once_more() -> None:
    call, tools = FakeCall(keys=["123", "13900001111"], caller=""), FakeTools()
    await noted(call, tools)
    assert ["callback-bad-number"] in call.steps
    assert tools.owed == [("13900001111", Why.CALLS)]


@pytest.mark.parametrize("step", [1, 2])
async def test_hanging_up_before_a_number_is_given_notes_nothing(step: int) -> None:
    tools = FakeTools()
    with pytest.raises(HungUp):
        await noted(FakeCall(keys=["13900001111"], caller="", hang_up_at=step), tools)
    assert tools.owed == []
