"""企业服务请按2,方言座席请按3: a waiting citizen asks for other seats, keeps his place, and the engine hears of it."""

from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs

import pytest

from agi_scripts import waiting, wanted
from agi_scripts.server import Script
from routing.estimate import Wait
from routing.live import Wish
from routing.rules import LineRules
from tests.agi_scripts.test_scripts import DeadStore, parts_of
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of
from tests.asterisk.test_incoming import callers, sends_to
from tests.asterisk.test_place import Listening
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]

CITY = LineRules(enterprise_skill="enterprise", dialect_language="minnan")


def lets_choose(scripts: Scripts, rules: LineRules) -> None:
    """Let our real scripts answer, in a city with these rules."""
    parts = replace(parts_of(DeadStore()), rules=lambda: rules, estimate=lambda *_: Wait(5, 25, 1))
    scripts["incoming"] = sends_to("line")
    scripts["waiting"] = partial(waiting.run, parts=parts)
    scripts["wanted"] = partial(wanted.run, parts=parts)


async def test_keys_2_and_3_change_what_a_citizen_waits_for_and_not_where_he_stands(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    lets_choose(scripts, CITY)
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await caller.hears_tone(hertz_of("key-enterprise"))
        (before,) = (await ours.picture()).waiting
        await caller.presses("2")
        await caller.hears_tone(hertz_of("enterprise-chosen"))
        await eventually(lambda: callers(switchboard))
        (chosen,) = (await ours.picture()).waiting
        assert (chosen.wish, chosen.since) == (Wish(skill="enterprise"), before.since)
        await caller.hears_tone(HOLD_HERTZ)
        await caller.presses("3")
        await caller.hears_tone(hertz_of("dialect-chosen"))
        await eventually(lambda: callers(switchboard))
        (both,) = (await ours.picture()).waiting
        assert (both.wish, both.since) == (Wish(skill="enterprise", language="minnan"), before.since)
        assert "aside" not in ours.words()
    (wish,) = {fact.detail["wish"] for fact in switchboard.facts("QUEUED")[2:]}
    assert parse_qs(wish) == {"skill": ["enterprise"], "language": ["minnan"], "line": ["12345"]}


async def test_a_key_that_the_city_does_not_offer_changes_nothing(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    lets_choose(scripts, LineRules())
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await caller.hears_tone(HOLD_HERTZ)
        (before,) = (await ours.picture()).waiting
        await caller.presses("2")
        await eventually(lambda: len(switchboard.facts("QUEUED")) == 2)
        await eventually(lambda: callers(switchboard))
        (after,) = (await ours.picture()).waiting
        assert (after.wish, after.since) == (before.wish, before.since)
    assert switchboard.kinds() == ["OFFERED", "QUEUED", "KEY", "QUEUED"]
