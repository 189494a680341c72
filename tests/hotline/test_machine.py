"""A disk that fills up and a clock that jumps are told to whoever looks at a wall, soon and not all the time."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotline import machine as machine_module
from hotline.machine import Machine
from routing.live import Notice

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


async def told(folders: dict[str, Path], times: Iterator[datetime]) -> list[Notice]:
    heard: list[Notice] = []
    enough = asyncio.Event()

    shown = NOW

    def now() -> datetime:
        nonlocal shown
        try:
            shown = next(times)
        except StopIteration:
            enough.set()
        return shown

    machine = Machine(folders, heard.append, now)
    running = asyncio.create_task(machine.run())
    async with asyncio.timeout(10):
        await enough.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return heard


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "LOOK_SECONDS", 0.01)


async def test_a_disk_that_is_short_of_room_is_told_once_a_minute_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_module, "LOW_BYTES", 1 << 62)
    monkeypatch.setattr(machine_module, "LOW_SHARE", 2.0)
    heard = await told({"log": tmp_path, "gone": tmp_path / "gone"}, iter([NOW] * 6))
    assert [(notice.seat, notice.level, notice.text) for notice in heard] == [
        ("", "bad", "notice.disk_low_log")
    ]


async def test_a_disk_with_room_and_a_clock_that_walks_are_not_worth_a_word(tmp_path: Path) -> None:
    assert await told({}, iter([NOW] * 6)) == []


@pytest.mark.parametrize("seconds", [3600, -3600, 366 * 86400])
async def test_a_clock_that_jumps_is_told_with_how_far(seconds: int) -> None:
    after = NOW + timedelta(seconds=seconds)
    (notice,) = await told({}, iter([NOW, after, after]))
    assert (notice.text, dict(notice.values)) == ("notice.clock_jumped", {"seconds": str(seconds)})
