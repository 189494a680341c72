"""The script that tells a caller how long it will be: from what stands on the channel to what the dialplan does."""

import logging
from dataclasses import replace
from functools import partial

import pytest

from agi_scripts import waiting
from routing.estimate import Wait
from routing.live import Wish
from tests.agi_scripts.agi_world import GONE, Heard, Replies, session, table
from tests.agi_scripts.test_scripts import DONE, DeadStore, parts_of, routed, said

WAIT = Wait(150, 290, 4)


async def run(
    wait: Wait | None, replies: Replies, asked: list[tuple[str, Wish | None]] | None = None
) -> Heard:
    """Run the script with an engine that answers this and a store that is dead: it needs none."""

    def estimate(call: str, wish: Wish | None) -> Wait | None:
        (asked if asked is not None else []).append((call, wish))
        return wait

    parts = replace(parts_of(DeadStore()), estimate=estimate)
    return await session(partial(waiting.run, parts=parts), replies)


async def test_he_is_told_on_record_and_goes_on_waiting() -> None:
    heard = await run(WAIT, table({}))
    assert routed(heard) == "line"
    assert heard.facts()[0] == "HOTLINE_TOLD,position=4&low=120&high=300"
    assert said(heard)[0] == "there-are"


async def test_his_wish_is_read_off_the_channel() -> None:
    asked: list[tuple[str, Wish | None]] = []
    wish = "200 result=1 (skill=enterprise&language=minnan&priority=0&line=12345&elder=1)"
    heard = await run(WAIT, table({'GET VARIABLE "HOTLINE_WISH"': wish}), asked)
    assert asked == [
        ("hotline1-1795308607.0", Wish(skill="enterprise", language="minnan", line="12345", elder=True))
    ]
    assert "wait-or-callback" not in said(heard)  # an elder hears no keys


async def test_a_key_in_mid_sentence_is_obeyed() -> None:
    heard = await run(WAIT, table({'STREAM FILE "hotline/wait-about"': "200 result=57 endpos=0"}))
    assert routed(heard) == "callback"
    assert said(heard)[-1] == "wait-about"


async def test_nobody_can_say_and_nothing_is_said() -> None:
    heard = await run(None, table({}))
    assert routed(heard) == "line"
    assert (heard.facts(), heard.of("STREAM FILE")) == ([], [])


async def test_an_engine_that_fails_costs_him_no_moment(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_call: str, _wish: Wish | None) -> Wait | None:
        raise RuntimeError("no picture")

    parts = replace(parts_of(DeadStore()), estimate=broken)
    with caplog.at_level(logging.CRITICAL):
        heard = await session(partial(waiting.run, parts=parts), table({}))
    assert DONE not in heard.commands
    assert heard.of("STREAM FILE") == []


async def test_a_seat_takes_him_in_mid_sentence_and_what_was_said_is_on_record() -> None:
    heard = await run(WAIT, table({'STREAM FILE "digits/3"': GONE}))
    assert heard.facts()[0].startswith("HOTLINE_TOLD,")
    assert DONE not in heard.commands
