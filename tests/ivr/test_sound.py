"""Programs that make speech, and callers who hang up while they run."""

import asyncio
import os
from pathlib import Path

import pytest

from ivr import sound
from tests.sip import eventually


@pytest.fixture
def flood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An espeak-ng that never stops speaking, and writes down its process number."""
    (tmp_path / "espeak-ng").write_text(f"#!/bin/sh\necho $$ > {tmp_path}/number\nexec cat /dev/zero\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "number"


async def test_a_caller_who_hangs_up_in_mid_speech_takes_the_program_with_him(flood: Path) -> None:
    speaking = asyncio.create_task(sound.speak("nin2 hao3", seconds=60, tail=0.1))
    number = await eventually(lambda: _number(flood))
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    await eventually(lambda: not _runs(number))


async def test_a_program_that_does_not_end_in_time_is_no_speech(flood: Path) -> None:
    with pytest.raises(sound.NoSpeech, match=r"took longer than 0\.3 s"):
        await sound.speak("nin2 hao3", seconds=0.3, tail=0.1)
    assert not _runs(_number(flood))


@pytest.mark.parametrize("turns", range(8))
async def test_whoever_hangs_up_while_it_starts_is_let_go(turns: int) -> None:
    speaking = asyncio.create_task(sound.speak("nin2 hao3", seconds=5, tail=0.1))
    for _ in range(turns):
        await asyncio.sleep(0)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking


def _number(file: Path) -> int:
    return int(file.read_text().strip() or 0) if file.exists() else 0


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
