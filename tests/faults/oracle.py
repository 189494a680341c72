"""What must hold after every fault: nobody lost, nothing twice, and a wall that says what the exchange says."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from cases.call_facts import read_cel
from routing.tries import MOST_IN_A_MINUTE
from tests.faults.robots import sign_in
from tests.plain_rows import clear
from tests.sip import eventually
from tests.town import Town

LEADER = "9001"
SEAT_LEG = re.compile(r"PJSIP/(s\d+)-")
CITIZEN = re.compile(r"PJSIP/trunk-")
RIGHT_AGAIN_SECONDS = 5
MINUTE = timedelta(minutes=1)


def records_of(town: Town, numbers: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return every record of each of these callers."""
    store = town.store()
    try:
        rows = store.read_now(
            lambda conn: [dict(row) for row in conn.execute(clear("select * from call")).mappings()]
        )
    finally:
        store.close()
    return {number: [row for row in rows if row["number"] == number] for number in numbers}


def sent_about(town: Town) -> dict[str, list[datetime]]:
    """Return when each caller came back from a seat that did not take the call."""
    store = town.store()
    try:
        asked = clear("select line from raw_line where form = 'cel'")
        lines = store.read_now(lambda conn: conn.execute(asked).scalars().all())
    finally:
        store.close()
    found: dict[str, list[datetime]] = {}
    for fact in (read_cel(line) for line in lines if "HOTLINE_UNANSWERED" in line):
        found.setdefault(fact.call, []).append(fact.at)
    return found


def nobody_is_sent_about(town: Town) -> None:
    """Fail if a caller was offered to seats in vain more often in a minute than the engine allows."""
    for call, times in sent_about(town).items():
        most = max(sum(since <= at < since + MINUTE for at in times) for since in times)
        assert most <= MOST_IN_A_MINUTE, f"{call} came back {most} times in a minute"


def owed_to(town: Town) -> Counter[str]:
    """Return how often each number is to be rung back."""
    store = town.store()
    try:
        rows = store.read_now(
            lambda conn: conn.execute(clear("select number from ring_back where closed_at is null")).all()
        )
    finally:
        store.close()
    return Counter(row.number for row in rows)


async def each_has_one_closed_record(
    town: Town, numbers: tuple[str, ...], seconds: float = 30
) -> list[dict[str, Any]]:
    """Wait until each caller has a record that is closed; fail if one has none or two. Return them in order."""

    def complete() -> list[dict[str, Any]] | None:
        found = records_of(town, numbers)
        if any(len(rows) != 1 or rows[0]["ended_at"] is None for rows in found.values()):
            return None
        return [found[number][0] for number in numbers]

    found = await eventually(complete, seconds, f"records missing, double or open: {_summary(town, numbers)}")
    assert found is not None
    return found


def _summary(town: Town, numbers: tuple[str, ...]) -> list[str]:
    return [
        f"{number}: {[(row['id'], row['end_reason']) for row in rows]}"
        for number, rows in records_of(town, numbers).items()
        if len(rows) != 1 or rows[0]["ended_at"] is None
    ]


async def wall_is_right(town: Town, seconds: float = RIGHT_AGAIN_SECONDS) -> None:
    """Wait until the wall shows the callers and talks that the exchange has, no more and no fewer."""
    seen = ""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        try:
            shown = await wall_of(town)
        except (aiohttp.ClientError, OSError, AssertionError) as error:
            seen = f"no wall: {error!r}"
            await asyncio.sleep(0.2)
            continue
        wall = (len(shown["callers"]), sorted(_on_calls(shown)))
        exchange = (in_the_line(town), sorted(in_talks(town)))
        seen = f"the wall shows {wall}, the exchange has {exchange}"
        if wall == exchange:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"not right within {seconds:g} s: {seen or 'no wall'}")


async def wall_of(town: Town) -> dict[str, Any]:
    """Return the whole picture that a supervisor's page is sent when it opens."""
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        headers = await sign_in(http, town, LEADER)
        async with http.ws_connect(f"{town.url}/live/wall", headers=headers) as socket:
            picture: dict[str, Any] = json.loads((await socket.receive(timeout=5)).data)
            return picture


def _on_calls(shown: dict[str, Any]) -> list[str]:
    return [seat["id"] for seat in shown["seats"] if seat["state"] in {"ringing", "talking", "hold"}]


def channels(town: Town) -> list[list[str]]:
    rows = town.cli("core show channels concise").splitlines()
    return [row.split("!") for row in rows if "!" in row]


def in_the_line(town: Town) -> int:
    """Count who is held by app_queue and hears its music; with a bridge he talks to a seat that app_queue rang."""
    return sum(1 for row in channels(town) if CITIZEN.match(row[0]) and row[5] == "Queue" and not row[12])


def in_talks(town: Town) -> set[str]:
    return {found[1] for row in channels(town) if (found := SEAT_LEG.match(row[0]))}
