"""The first words of a call."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.nuisance import Grade
from ivr.admission import Lane, Why
from ivr.call import HungUp
from ivr.route import Route
from ivr.welcome import greeting, receive, welcome
from storage.number_models import MergeMode
from storage.numbers import OldHotline
from storage.reception import Known
from tests.fakes import FakeCall
from tests.ivr.case_fakes import OPEN
from tests.ivr.reception_desk import (
    DAY,
    MORNING,
    FakeTools,
    PatientCall,
    a_reception,
    a_restriction,
    an_event,
)

ZONE = ZoneInfo("Asia/Shanghai")
TRAFFIC = OldHotline(dialled="66665666", name="交通热线")


async def received(call: FakeCall, tools: FakeTools, lane: Lane = Lane.ORDINARY, **changes: Any) -> Route:
    return await receive(
        call, tools, a_reception(lane, **changes), now=MORNING, zone=ZONE, appeals="88880000"
    )


async def test_silence_leads_to_the_line_after_the_greeting() -> None:
    call = FakeCall()
    assert await received(call, FakeTools()) is Route.LINE
    assert call.heard == ["welcome"]


@pytest.mark.parametrize(("key", "route"), [("1", Route.STATUS), ("9", Route.CALLBACK), ("0", Route.LINE)])
async def test_a_known_key_goes_on_at_once_but_not_without_the_notice_of_recording(
    key: str, route: Route
) -> None:
    call = FakeCall(keys=[key])
    assert await received(call, FakeTools()) is route
    assert call.heard == ["welcome", "recording-notice"]


async def test_an_unknown_key_does_not_keep_the_caller_from_the_line() -> None:
    call = FakeCall(keys=["5"])
    assert await received(call, FakeTools()) is Route.LINE


@pytest.mark.parametrize("step", [1, 2])
async def test_hanging_up_ends_the_greeting(step: int) -> None:
    with pytest.raises(HungUp):
        await welcome(FakeCall(keys=["1"], hang_up_at=step))


async def test_an_elder_hears_the_greeting_and_no_menu() -> None:
    call = FakeCall(keys=["1"])
    assert await received(call, FakeTools(), Lane.ELDER) is Route.LINE
    assert call.heard == ["welcome"]


async def test_h_08_who_dials_an_old_number_is_told_where_it_leads_and_is_put_through() -> None:
    call = FakeCall()
    assert await received(call, FakeTools(), known=Known(line=TRAFFIC)) is Route.LINE
    assert call.heard == ["welcome", "live/您拨打的交通热线已并入12345，正在为您转接。"]


async def test_h_08_the_citys_own_recording_is_played_if_there_is_one() -> None:
    line = OldHotline(dialled="66665666", name="交通热线", sound="a1b2")
    call = FakeCall()
    await received(call, FakeTools(), known=Known(line=line))
    assert call.heard == ["welcome", "live/a1b2"]


async def test_h_08_a_key_leads_on_from_the_words_of_an_old_number_too() -> None:
    call = PatientCall(keys=["1"])
    assert await received(call, FakeTools(), known=Known(line=TRAFFIC)) is Route.STATUS


@pytest.mark.parametrize(
    ("line", "sound"),
    [
        (TRAFFIC, "merged-line"),
        (OldHotline(dialled="16800168", name="车管所", retired_on=date(2026, 1, 1)), "line-retired"),
    ],
)
async def test_h_08_what_cannot_be_spoken_is_said_by_a_prompt(line: OldHotline, sound: str) -> None:
    call = FakeCall()
    assert await received(call, FakeTools(broken=True), known=Known(line=line)) is Route.LINE
    assert call.heard == ["welcome", sound]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (OldHotline(dialled="1", name="劳动监察", greeting="劳动监察热线欢迎您。"), "劳动监察热线欢迎您。"),
        (
            OldHotline(dialled="1", name="港口", mode=MergeMode.PARALLEL, parallel_until=DAY),
            "您拨打的港口与12345并行服务，正在为您接通。",
        ),
        (
            OldHotline(dialled="1", name="港口", mode=MergeMode.PARALLEL, parallel_until=date(2026, 11, 22)),
            "您拨打的港口已并入12345，正在为您转接。",
        ),
        (
            OldHotline(dialled="1", name="城管", mode=MergeMode.BRANCH),
            "您拨打的是12345热线城管分中心，正在为您接通。",
        ),
        (
            OldHotline(dialled="1", name="车管所", greeting="欢迎", retired_on=DAY),
            "您拨打的车管所号码已停用，请今后直接拨打12345，正在为您转接。",
        ),
        (
            OldHotline(dialled="1", name="车管所", retired_on=date(2026, 11, 24)),
            "您拨打的车管所已并入12345，正在为您转接。",
        ),
    ],
)
def test_h_08_what_an_old_number_says_depends_on_how_it_merged_and_on_the_day(
    line: OldHotline, words: str
) -> None:
    assert greeting(line, DAY) == words


async def test_f07_11_a_warned_caller_is_warned_and_put_through() -> None:
    call = FakeCall()
    assert await received(call, FakeTools(), Lane.WARNED) is Route.LINE
    assert call.heard == ["welcome", "warned"]


def blocked() -> dict[str, Any]:
    return {"known": Known(restriction=a_restriction(Grade.BLOCK)), "why": Why.NUISANCE}


async def test_f07_11_a_blocked_caller_hears_why_until_when_and_where_to_turn() -> None:
    call = FakeCall()
    assert await received(call, FakeTools(), Lane.BLOCKED, **blocked()) is Route.END
    assert call.heard == [
        "welcome",
        "live/您的来电因多次拨打无人说话被限制至十一月三十日，可留言，或拨打88880000申诉。",
        "emergency",
        "blocked-message",
        "goodbye",
    ]
    assert call.facts == [("refused", {"why": "nuisance", "number": ""})]


async def test_f07_11_a_blocked_caller_may_leave_a_message() -> None:
    call = FakeCall(keys=["1"])
    assert await received(call, FakeTools(), Lane.BLOCKED, **blocked()) is Route.MESSAGE


async def test_f07_11_a_block_is_never_silent_even_if_nothing_can_be_spoken() -> None:
    call = FakeCall()
    assert await received(call, FakeTools(broken=True), Lane.BLOCKED, **blocked()) is Route.END
    assert call.heard == ["welcome", "blocked", "emergency", "blocked-message", "goodbye"]


async def test_f07_11_hanging_up_in_the_notice_ends_it() -> None:
    with pytest.raises(HungUp):
        await received(FakeCall(hang_up_at=1), FakeTools(), Lane.BLOCKED, **blocked())


KNOWN = Known(open_case=OPEN, events=(an_event(),))


async def test_s2_who_has_an_open_case_is_greeted_with_it_after_the_welcome() -> None:
    call, tools = FakeCall(), FakeTools()
    tools.chosen = Route.STATUS
    assert await received(call, tools, known=KNOWN) is Route.STATUS
    assert tools.greeted == [OPEN]
    assert call.heard == ["welcome"]


async def test_s2_who_chooses_nothing_of_it_hears_what_everybody_hears() -> None:
    call, tools = FakeCall(), FakeTools()
    assert await received(call, tools, known=KNOWN) is Route.LINE
    assert call.heard[-1] == "event-join"


async def test_s2_who_knows_his_key_is_not_held_up_by_the_greeting() -> None:
    call, tools = FakeCall(keys=["0"]), FakeTools()
    assert await received(call, tools, known=KNOWN) is Route.LINE
    assert tools.greeted == []


@pytest.mark.parametrize("lane", [Lane.ELDER, Lane.WARNED])
async def test_s2_an_elder_and_who_is_warned_are_put_through_without_it(lane: Lane) -> None:
    tools = FakeTools()
    assert await received(FakeCall(), tools, lane, known=KNOWN) is Route.LINE
    assert tools.greeted == []
