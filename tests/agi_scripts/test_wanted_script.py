"""The script of the keys 2 and 3: from what stands on the channel to what the dialplan does."""

from dataclasses import replace
from functools import partial

import pytest

from agi_scripts import waiting, wanted
from routing.estimate import Wait
from routing.rules import LineRules
from tests.agi_scripts.agi_world import Heard, session, table
from tests.agi_scripts.test_scripts import DeadStore, parts_of, routed, said

CITY = LineRules(enterprise_skill="enterprise", dialect_language="minnan")
PLAIN = "skill=&language=&priority=0&line=12345"


async def pressed(key: str, rules: LineRules, wish: str = PLAIN) -> Heard:
    replies = table(
        {
            'GET VARIABLE "ARG1"': f"200 result=1 ({key})",
            'GET VARIABLE "HOTLINE_WISH"': f"200 result=1 ({wish})",
        }
    )
    parts = replace(parts_of(DeadStore()), rules=lambda: rules)
    return await session(partial(wanted.run, parts=parts), replies)


def wishes(heard: Heard) -> list[str]:
    return [line for line in heard.of("SET VARIABLE") if "HOTLINE_WISH" in line]


@pytest.mark.parametrize(
    ("key", "route", "wish"),
    [
        ("2", "enterprise", "skill=enterprise&language=&priority=0&line=12345"),
        ("3", "dialect", "skill=&language=minnan&priority=0&line=12345"),
    ],
)
async def test_the_key_is_written_into_the_wish_and_nothing_is_said(key: str, route: str, wish: str) -> None:
    heard = await pressed(key, CITY)
    assert routed(heard) == route
    (written,) = wishes(heard)
    assert wish in written
    assert heard.of("STREAM FILE") == []


@pytest.mark.parametrize("key", ["2", "3", "7", ""])
async def test_a_key_that_is_not_offered_changes_nothing(key: str) -> None:
    heard = await pressed(key, LineRules())
    assert (routed(heard), wishes(heard)) == ("line", [])


async def test_back_in_the_line_he_hears_what_he_waits_for_and_what_else_there_is() -> None:
    parts = replace(parts_of(DeadStore()), rules=lambda: CITY, estimate=lambda *_: Wait(5, 25, 1))
    wish = "200 result=1 (skill=enterprise&language=&priority=0&line=12345)"
    replies = table({'GET VARIABLE "ARG1"': "200 result=1 (enterprise)", 'GET VARIABLE "HOTLINE_WISH"': wish})
    heard = await session(partial(waiting.run, parts=parts), replies)
    assert said(heard) == ["enterprise-chosen", "key-dialect"]
    assert routed(heard) == "line"
