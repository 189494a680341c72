"""★2: who calls from the number of an open case is greeted with its state, and can do something about it."""

from dataclasses import replace

import pytest

from ivr.call import HungUp
from ivr.route import Route
from ivr.self_service import greet
from storage.phone_service import OpenCase, Urged
from tests.fakes import FakeCall
from tests.ivr.case_fakes import NO, NOW, OPEN, SAID, ZONE, FakeDesk

DATE = ["digits/10", "digits/1", "digits/yue", "digits/20", "digits/2", "digits/ri"]
GREETING = ["open-case", *DATE, "status-reported", "status-now", "state-handling", "open-case-keys"]


async def greeted(
    *answers: str, desk: FakeDesk | None = None, case: OpenCase = OPEN, hang_up_at: int | None = None
) -> tuple[Route | None, FakeDesk, FakeCall]:
    call, desk = FakeCall(keys=answers, hang_up_at=hang_up_at), desk or FakeDesk()
    return await greet(call, desk, case, now=NOW, zone=ZONE), desk, call


async def test_s2_the_greeting_tells_since_when_and_the_state_and_nothing_of_what_it_is_about() -> None:
    route, desk, call = await greeted()
    assert (route, desk.done) == (None, [])
    assert call.steps == [GREETING]
    assert not any(sound.startswith("live/") for sound in call.heard)


async def test_s2_of_several_cases_the_newest_is_told() -> None:
    _, _, call = await greeted(case=replace(OPEN, others=2))
    assert call.heard[0] == "open-cases"


@pytest.mark.parametrize("answer", ["", "[unk]", "7", "评价"])
async def test_s2_who_says_nothing_or_something_else_goes_on_without_being_asked_twice(answer: str) -> None:
    route, desk, call = await greeted(answer)
    assert (route, desk.done, len(call.steps)) == (None, [], 1)


@pytest.mark.parametrize(
    ("answer", "route"),
    [("0", Route.LINE), ("人工", Route.LINE), ("3", Route.STATUS), ("查询进度", Route.STATUS)],
)
async def test_s2_a_person_and_the_whole_answer_are_one_key_or_word_away(answer: str, route: Route) -> None:
    assert (await greeted(answer))[0] is route


@pytest.mark.parametrize("answer", ["1", "催办", "催一下"])
async def test_s2_one_urges_the_case_and_says_so(answer: str) -> None:
    route, desk, call = await greeted(answer)
    assert desk.done == [("urge", NO)]
    assert call.steps[1:] == [["urged"], ["add-key", "person-key", "or-hang-up"], ["to-person"]]
    assert route is Route.LINE


async def test_s2_who_urges_twice_a_day_is_told_politely() -> None:
    _, _, call = await greeted("1", desk=FakeDesk(urged=Urged.TODAY))
    assert "urged-today" in call.heard


@pytest.mark.parametrize("answer", ["2", "补充情况", "补充"])
async def test_s2_two_takes_what_he_adds_by_voice(answer: str) -> None:
    _, desk, call = await greeted(answer)
    assert desk.done == [("add", NO, SAID.path)]
    assert call.steps[1:] == [
        ["add-after-tone"],
        ["added"],
        ["urge-key", "person-key", "or-hang-up"],
        ["to-person"],
    ]


async def test_s2_both_can_be_done_one_after_the_other_and_each_once() -> None:
    _, desk, call = await greeted("1", "2", "5")
    assert [what for what, *_ in desk.done] == ["urge", "add"]
    assert call.heard[-1] == "to-person"


async def test_s2_nothing_said_after_the_tone_adds_nothing() -> None:
    _, desk, call = await greeted("2", desk=FakeDesk(said=None))
    assert desk.done == []
    assert "add-nothing" in call.heard


@pytest.mark.parametrize(
    ("answer", "desk"),
    [("1", FakeDesk(broken=True)), ("2", FakeDesk(broken=True)), ("1", FakeDesk(urged=Urged.OVER))],
)
async def test_s2_what_cannot_be_done_leads_to_a_person(answer: str, desk: FakeDesk) -> None:
    route, _, call = await greeted(answer, desk=desk)
    assert route is Route.LINE
    assert call.heard[-1] == "to-person"
    assert not {"urged", "added"} & set(call.heard)


async def test_s2_what_was_done_is_on_record_before_it_is_said() -> None:
    call = FakeCall(keys=["1"], hang_up_at=2)
    with pytest.raises(HungUp):
        await greet(call, FakeDesk(), OPEN, now=NOW, zone=ZONE)
    assert [kind for kind, _ in call.facts] == ["greeted", "urged", "self_service"]
    assert NO not in str(call.facts)


@pytest.mark.parametrize("answers", [("1", "2"), ("2", "1"), ("0",), ()])
@pytest.mark.parametrize("step", range(1, 6))
async def test_s2_hanging_up_ends_it_wherever_it_is(answers: tuple[str, ...], step: int) -> None:
    whole = (await greeted(*answers))[2]
    if step > len(whole.steps):
        return
    with pytest.raises(HungUp):
        await greeted(*answers, hang_up_at=step)
