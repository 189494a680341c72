"""What holds for all dialogues: each has a way that works, two failures and silence lead to a person, so does 0 at any
question, and a caller may hang up anywhere (★1, ★2, ★9, F10-05).
"""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call import HungUp
from ivr.evaluation import Outcome
from ivr.prompts import words
from ivr.route import Route
from ivr.speech.phrases import FIXED
from tests.fakes import FakeCall
from tests.ivr.every_dialogue import DIALOGUES, Walk

NOT_UNDERSTOOD = ("[unk]",) * 8
NO_SUCH_KEY = ("6",) * 8
SAYINGS: dict[str, Sequence[str]] = {"silence": (), "noise": NOT_UNDERSTOOD, "wrong keys": NO_SUCH_KEY}
MOST_STEPS = 40
ENDS = {*Route, *Outcome, None, 1, 2, 3}
A_PERSON = {Route.LINE, Route.WISHED, Outcome.PERSON, None}
SAID = {"[unk]", "查询进度", *FIXED["status_keys"], *FIXED["yes_no"]}
ANYTHING = sorted({*"0123456789*#", "", "261122001781", "483920", *SAID})

every_dialogue = pytest.mark.parametrize("walk", DIALOGUES.values(), ids=DIALOGUES.keys())


@every_dialogue
async def test_who_knows_what_he_wants_gets_it(walk: Walk) -> None:
    call = FakeCall(keys=walk.happy)
    assert await walk.run(call) == walk.ends


@every_dialogue
@pytest.mark.parametrize("saying", SAYINGS)
async def test_who_says_nothing_or_is_not_understood_twice_comes_to_a_person(walk: Walk, saying: str) -> None:
    call = FakeCall(keys=SAYINGS[saying])
    assert await walk.run(call) == walk.unheard
    assert len(call.steps) <= 6


@every_dialogue
@pytest.mark.parametrize("saying", SAYINGS)
async def test_who_falls_silent_or_is_no_longer_understood_in_the_middle_is_not_trapped(
    walk: Walk, saying: str
) -> None:
    for place in range(len(walk.happy)):
        call = FakeCall(keys=[*walk.happy[:place], *SAYINGS[saying]])
        assert await walk.run(call) in A_PERSON | {walk.unheard, walk.ends, Route.END}
        assert len(call.steps) <= MOST_STEPS


@every_dialogue
async def test_zero_leads_to_a_person_at_every_question(walk: Walk) -> None:
    for place in range(len(walk.happy)):
        call = FakeCall(keys=[*walk.happy[:place], "0"])
        assert await walk.run(call) in A_PERSON | {walk.unheard}, f"after {walk.happy[:place]}"


@every_dialogue
@pytest.mark.parametrize("saying", ["happy", *SAYINGS])
async def test_a_caller_may_hang_up_at_every_step(walk: Walk, saying: str) -> None:
    keys = walk.happy if saying == "happy" else SAYINGS[saying]
    whole = FakeCall(keys=keys)
    await walk.run(whole)
    assert whole.steps
    for step in range(1, len(whole.steps) + 1):
        call = FakeCall(keys=keys, hang_up_at=step)
        with pytest.raises(HungUp):
            await walk.run(call)
        assert call.steps == whole.steps[:step], "nothing is said to nobody"
        kept = _facts(call)
        assert kept == _facts(whole)[: len(kept)]


def _facts(call: FakeCall) -> list[str]:
    """Return what was recorded, but for the end of a menu, which a hang-up brings about."""
    return [kind for kind, _ in call.facts if kind != "menu_left"]


@every_dialogue
@settings(max_examples=25)
@given(keys=st.lists(st.sampled_from(ANYTHING), max_size=30))
async def test_whatever_is_pressed_and_said_it_ends_and_says_only_what_there_is(
    walk: Walk, keys: list[str]
) -> None:
    call = FakeCall(keys=keys)
    assert await walk.run(call) in ENDS
    assert len(call.steps) <= MOST_STEPS
    assert all(sound.startswith("live/") or words.full_name(sound) in words.names() for sound in call.heard)


@every_dialogue
@settings(max_examples=10)
@given(keys=st.lists(st.sampled_from(ANYTHING), max_size=20), step=st.integers(1, 12))
async def test_no_words_and_no_numbers_of_callers_are_on_record(
    walk: Walk, keys: list[str], step: int
) -> None:
    call = FakeCall(keys=keys, hang_up_at=step)
    with suppress(HungUp):
        await walk.run(call)
    told = str([detail for kind, detail in call.facts if kind not in {"callback", "refused"}])
    assert not any(
        secret in told for secret in ("261122001781", "483920", "查询进度", "补充情况", "13812345678")
    )


def test_the_table_has_every_dialogue_there_is() -> None:
    assert len(DIALOGUES) >= 30
