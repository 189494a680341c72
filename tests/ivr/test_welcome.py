"""The first words of a call."""

import pytest

from ivr.call import HungUp
from ivr.route import Route
from ivr.welcome import welcome
from tests.fakes import FakeCall


async def test_silence_leads_to_the_line_after_the_greeting() -> None:
    call = FakeCall()
    assert await welcome(call) is Route.LINE
    assert call.heard == ["welcome"]


@pytest.mark.parametrize(("key", "route"), [("1", Route.STATUS), ("9", Route.CALLBACK), ("0", Route.LINE)])
async def test_a_known_key_goes_on_at_once_but_not_without_the_notice_of_recording(
    key: str, route: Route
) -> None:
    call = FakeCall(keys=[key])
    assert await welcome(call) is route
    assert call.heard == ["welcome", "recording-notice"]


async def test_an_unknown_key_does_not_keep_the_caller_from_the_line() -> None:
    call = FakeCall(keys=["5"])
    assert await welcome(call) is Route.LINE


@pytest.mark.parametrize("step", [1, 2])
async def test_hanging_up_ends_the_greeting(step: int) -> None:
    with pytest.raises(HungUp):
        await welcome(FakeCall(keys=["1"], hang_up_at=step))
