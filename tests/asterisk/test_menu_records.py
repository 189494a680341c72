"""Real calls through the menus, and what is counted of them: the measurement of the menus reads what they write."""

from typing import Any

import pytest
from sqlalchemy import text

from agi_scripts.records import Follower, Tail, files_of
from agi_scripts.server import Script
from ivr.menu import Profile
from ivr.menu_file import shipped
from storage.engine import Store
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.asterisk.test_incoming import callers
from tests.asterisk.test_menus import play
from tests.sip import eventually

pytestmark = pytest.mark.asterisk


async def turns(store: Store, switchboard: Switchboard) -> list[dict[str, Any]]:
    """Read what Asterisk has written, and return the turns of this test's call."""
    tails = [Tail(file) for file in files_of("hotline1", switchboard.folder / "log")]
    await Follower(store, tails).drain()
    (call,) = {fact.call for fact in switchboard.facts("MENU_LEFT")}
    asked = text('SELECT * FROM menu_turn WHERE "call" = :call ORDER BY no')
    return await store.read(
        lambda conn: [dict(row) for row in conn.execute(asked, {"call": call}).mappings()]
    )


async def test_every_menu_a_caller_went_through_is_kept_with_where_he_went(
    switchboard: Switchboard, people: People, scripts: dict[str, Script], kept: Store
) -> None:
    book = shipped(Profile.MENU_FIRST)
    play(scripts, book)
    caller = await people.citizen()
    await caller.dials()
    await caller.hears_tone(hertz_of("menu-main"))
    await caller.presses("4")
    await caller.hears_tone(hertz_of("menu-what"))
    await eventually(lambda: callers(switchboard))
    main, information = [turn for turn in await turns(kept, switchboard) if turn["grammar"] != "menu:waiting"]
    assert (main["grammar"], main["mode"], main["choice"], main["left"]) == (
        "menu:main",
        "key",
        "information",
        "menu",
    )
    assert (information["grammar"], information["outcome"], information["left"]) == (
        "menu:information",
        "no_engine",
        "line",
    )
    assert {main["version"], information["version"]} == {book.version}


async def test_who_hangs_up_in_a_menu_has_left_it_so(
    switchboard: Switchboard, people: People, scripts: dict[str, Script], kept: Store
) -> None:
    play(scripts, shipped(Profile.MENU_FIRST))
    caller = await people.citizen()
    await caller.dials()
    await caller.hears_tone(hertz_of("menu-main"))
    await caller.hangs_up()
    await eventually(lambda: switchboard.facts("MENU_LEFT"))
    (turn,) = await turns(kept, switchboard)
    assert (turn["grammar"], turn["outcome"], turn["left"]) == ("menu:main", "hung_up", "hang_up")
