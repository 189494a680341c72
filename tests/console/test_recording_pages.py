"""录音检索: found by what is known of a call, each search written down, and a number nowhere but in the body."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from storage import history
from storage.engine import Store
from tests.console.test_call_pages import a_call
from tests.console.world import World, world_of
from tests.makers import later

NUMBER = "13800138000"
DAY = {"since": "2026-11-22", "until": "2026-11-23"}


@pytest.fixture
async def town(sqlite_store: Store, tmp_path: Path) -> AsyncIterator[World]:
    async with world_of(sqlite_store, recordings=tmp_path) as opened:
        yield opened


async def test_a_call_is_found_by_day_number_seat_and_length_and_its_record_asks_why(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    for wish in (
        {},
        {"number": NUMBER},
        {"number": "138 0013-8000"},
        {"seat": "s1001"},
        {"outcome": "completed"},
    ):
        found = await lead.post_form("/recordings", DAY | wish)
        assert (found.status, f'href="/calls/{call}"' in found.text) == (200, True), wish
        assert "138****8000" in found.text
    for wish in (
        {"number": "13800138001"},
        {"seat": "s1002"},
        {"least": "9999"},
        {"outcome": "seat_hung_up"},
    ):
        found = await lead.post_form("/recordings", DAY | wish)
        assert (found.status, f'href="/calls/{call}"' in found.text) == (200, False), wish
    assert "<audio" not in found.text


async def test_each_search_is_written_down_and_the_number_only_as_what_tells_two_apart(town: World) -> None:
    a_call(town.store)
    lead = await town.signed_in("lead")
    await lead.post_form("/recordings", DAY | {"number": NUMBER, "seat": "s1001"})
    facts = town.store.read_now(partial(history.since, after=0, limit=500))
    (searched,) = [fact for fact in facts if fact.kind == "recording.searched"]
    assert (searched.actor, searched.detail) == ("lead", DAY | {"seat": "s1001"})
    assert searched.subject.startswith("number:")
    assert NUMBER not in "".join(f"{fact.subject}{fact.detail}" for fact in facts)


async def test_a_number_in_an_address_is_refused(town: World) -> None:
    lead = await town.signed_in("lead")
    assert (await lead.get(f"/recordings?number={NUMBER}")).status == 400
    assert (await lead.get("/recordings")).status == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"since": "2026-01-01", "until": "2026-11-22"},
        {"since": "2026-11-23", "until": "2026-11-22"},
        {"since": "yesterday"},
        {"least": "-1"},
        {"page": "0"},
        {"page": "99"},
        {"outcome": "solved"},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_looked_for_is_named(town: World, wish: dict[str, str]) -> None:
    lead = await town.signed_in("lead")
    assert (await lead.post_form("/recordings", wish)).status == 400


@pytest.mark.parametrize("login", ["1001", "handler", "dispatcher", "admin"])
async def test_who_may_not_listen_does_not_search(town: World, login: str) -> None:
    person = await town.signed_in(login)
    assert (await person.get("/recordings")).status == 403
    assert (await person.post_form("/recordings", DAY)).status == 403


async def test_one_callers_calls_are_found_over_a_year(town: World) -> None:
    call = a_call(town.store)
    lead = await town.signed_in("lead")
    year = {"since": f"{later(days=-300):%Y-%m-%d}", "until": f"{later(days=1):%Y-%m-%d}"}
    assert (await lead.post_form("/recordings", year)).status == 400
    assert f'href="/calls/{call}"' in (await lead.post_form("/recordings", year | {"number": NUMBER})).text
