"""Telephones that Asterisk shows and cannot ring, as after a restart: nobody is sent from one to the other."""

import asyncio
from pathlib import Path

from routing.tries import MOST_IN_A_MINUTE
from tests.faults.conftest import brisk_town, loaded
from tests.faults.oracle import sent_about

DEAF_SECONDS = 12


async def test_a_caller_hears_music_until_a_telephone_can_be_rung_and_then_is_the_first(
    tmp_path: Path,
) -> None:
    with brisk_town(ring_seconds=6, line_seconds=30, wrap_up_seconds=1) as town:
        async with loaded(town, tmp_path, logins=("1001", "1002")) as load:
            for robot in load.robots:
                await robot.deafen()
            came = load.come("came", "1385701", 2, rate=2)
            await asyncio.sleep(DEAF_SECONDS)
            in_vain = sent_about(town)
            for robot in load.robots:
                await robot.hear_again()
            await load.none_was_lost()
            await load.patient_were_served(came)
            assert in_vain, "no telephone was deaf"
            assert sum(map(len, in_vain.values())) <= MOST_IN_A_MINUTE
            await load.wall_is_right()
