"""The city has closed the whole line for a while: nobody waits in vain, everybody is rung back."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from cases.nuisance import Grade
from ivr.admission import Lane, Limits, Why, receive
from ivr.route import Route
from ivr.welcome import receive as welcome
from storage.reception import NOTHING, Known
from tests.fakes import FakeCall
from tests.ivr.reception_desk import MORNING, FakeTools, a_reception, a_restriction, arriving

ZONE = ZoneInfo("Asia/Shanghai")
CLOSED = replace(arriving(), closed=True)


@pytest.mark.parametrize("known", [NOTHING, Known(elder=True), Known(urgent=True)])
def test_while_the_line_is_closed_every_number_is_noted_and_nobody_is_put_into_an_empty_line(
    known: Known,
) -> None:
    decided = receive(known, CLOSED, Limits())
    assert (decided.lane, decided.why, decided.may_hold) == (Lane.NOTED, Why.CLOSED, False)


def test_who_is_blocked_hears_the_reason_for_that_all_the_same() -> None:
    known = Known(restriction=a_restriction(Grade.BLOCK))
    assert receive(known, CLOSED, Limits()).lane is Lane.BLOCKED


async def test_the_caller_hears_that_the_line_is_closed_that_he_is_rung_back_and_the_emergency_numbers() -> (
    None
):
    call, tools = FakeCall(), FakeTools()
    reception = a_reception(Lane.NOTED, why=Why.CLOSED, may_hold=False)
    assert await welcome(call, tools, reception, now=MORNING, zone=ZONE) is Route.END
    assert call.steps[0][:3] == ["welcome", "line-closed", "busy-noted"]
    assert "emergency" in call.steps[0]
    assert "busy-hold" not in call.heard
    assert tools.owed == [("13812345678", Why.CLOSED)]
    assert call.facts == [("refused", {"why": "closed", "number": "13812345678", "again": 0})]
