"""Forty citizens are in the menu when our process is killed: the dialplan takes every one of them to the line."""

import asyncio
from pathlib import Path

from tests.asterisk.harness import write_tone
from tests.faults.conftest import loaded, town_with
from tests.faults.oracle import channels, each_has_one_closed_record, owed_to
from tests.sip import eventually
from tests.town import Town

CALLERS, BLOCKS = 40, 4


def in_the_queue(town: Town) -> int:
    """Count who waits, and who talks to a seat that app_queue has rung by itself."""
    return sum(1 for row in channels(town) if row[0].startswith("PJSIP/trunk-") and row[5] == "Queue")


def in_the_menu(town: Town) -> int:
    return sum(1 for row in channels(town) if row[5] == "AGI" and row[6].endswith("/incoming"))


async def test_whoever_is_in_the_menu_when_our_process_is_killed_is_in_the_line_at_once(
    tmp_path: Path,
) -> None:
    with town_with(ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10) as town:
        fallback = town.state / "sounds" / "zh" / "hotline" / "welcome-fallback.wav"
        write_tone(
            fallback, 700, 0.5
        )  # the others keep their length: it is what keeps forty people in the menu
        async with loaded(town, tmp_path) as load:
            came: tuple[str, ...] = ()
            for block in range(BLOCKS):  # so many neighbouring numbers at once would look like a machine
                came += load.come(f"came-{block}", f"138590{block}", CALLERS // BLOCKS, rate=5, patience=16)
            await eventually(lambda: in_the_menu(town) == CALLERS, 8, "they are not all in the menu")
            town.kill_ours()
            await eventually(lambda: in_the_queue(town) == CALLERS, 3, "somebody is lost in the menu")
            await asyncio.to_thread(town.start_ours)
            await load.wall_is_right()
            await load.none_was_lost()
            records = await each_has_one_closed_record(town, came)
            assert [row["number"] for row in records if row["queued_at"] is None] == []
            owed = owed_to(town)
            met_nobody = [row["number"] for row in records if row["answered_at"] is None]
            assert [number for number in met_nobody if owed[number] != 1] == []
            await load.wall_is_right()
