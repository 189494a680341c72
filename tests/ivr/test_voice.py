"""Speech made while the caller waits, by the real synthesiser."""

import asyncio
import logging
import os
import stat
import time
from pathlib import Path

import pytest

from ivr import sound, voice
from ivr.voice import SpokenText

HOSTILE = [
    "`rm -rf /`；$(touch 您好)",
    "-w /etc/passwd",
    "--path=/ 您好",
    "[[inpn]] <speak>您好</speak>",
    "您\x00好\r\n",
    "'\"|&>",
]
REPLY = "经核实，该处12盏路灯已于2026年11月20日10:30修复，费用1,234.50元。感谢您的支持！"


def patient(folder: Path) -> SpokenText:
    """A voice that may take its time: tests run on busy machines."""
    return SpokenText(folder, seconds=30)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def is_there(name: str) -> bool:
    return Path(f"{name}.wav").exists()


def wait_for(path: Path) -> None:
    """Wait until a process has written its number."""
    while not path.exists() or not path.read_text():
        time.sleep(0.01)


async def test_a_text_becomes_sounds_that_can_be_played(tmp_path: Path) -> None:
    sounds = await patient(tmp_path).say("市城市管理局")
    assert len(sounds) == 1
    assert Path(sounds[0]).is_absolute()
    samples = sound.read(Path(f"{sounds[0]}.wav"))
    assert sound.loudness(samples) == pytest.approx(sound.LEVEL, abs=1)
    assert 1.0 < sound.seconds_of(samples) < 4.0


async def test_a_long_text_becomes_several_sounds_in_order(tmp_path: Path) -> None:
    speaker = patient(tmp_path)
    together = await speaker.say(REPLY)
    assert len(together) == 2
    assert together[1:] == await speaker.say("感谢您的支持！")


async def test_what_was_spoken_once_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await patient(tmp_path).say(REPLY)
    monkeypatch.setenv("PATH", "/nowhere")
    assert await patient(tmp_path).say(REPLY) == first


async def test_the_same_text_asked_for_by_many_callers_is_one_file(tmp_path: Path) -> None:
    speaker = patient(tmp_path)
    answers = await asyncio.gather(*(speaker.say("市城市管理局") for _ in range(20)))
    assert len({tuple(answer) for answer in answers}) == 1
    assert len(names(tmp_path)) == 1


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_spoken_or_left_out(tmp_path: Path, text: str) -> None:
    sounds = await patient(tmp_path / "live").say(text)
    assert all(is_there(name) for name in sounds)
    assert names(tmp_path) in (["live"], [])


@pytest.mark.parametrize("text", ["", "。。。", "😀", "Supercalifragilistic", " " * 5000])
async def test_a_text_without_words_has_no_sounds(tmp_path: Path, text: str) -> None:
    assert await patient(tmp_path).say(text) == []


async def test_an_endless_text_is_cut(tmp_path: Path) -> None:
    sounds = await SpokenText(tmp_path, seconds=30).say("您好，" * 50_000)
    assert len(sounds) <= voice.LONGEST_TEXT / voice.LONGEST_PART + 1


async def test_without_a_synthesiser_nothing_is_said_and_the_words_are_not_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with caplog.at_level(logging.DEBUG, logger="ivr"):
        assert await patient(tmp_path).say("某某小区的张某") == []
    assert "could not be spoken: espeak-ng cannot be run" in caplog.text
    assert "张" not in caplog.text
    assert "zhang" not in caplog.text


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


async def test_a_synthesiser_that_hangs_is_ended_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "espeak-ng", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert await SpokenText(tmp_path / "live", seconds=0.5).say("您好") == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_caller_who_hangs_up_leaves_no_synthesiser_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "espeak-ng", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    saying = asyncio.create_task(patient(tmp_path / "live").say("您好"))
    await asyncio.to_thread(wait_for, tmp_path / "pid")
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize("script", ["exit 3", "exit 0", "head -c 44 /dev/zero", "cat"])
async def test_a_synthesiser_that_fails_is_no_failure_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program(tmp_path, "espeak-ng", script)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert await patient(tmp_path / "live").say("您好") == []


async def test_a_folder_that_cannot_be_written_is_no_failure_of_the_call(tmp_path: Path) -> None:
    (tmp_path / "live").write_text("a file, not a folder")
    assert await patient(tmp_path / "live").say("您好") == []


async def test_the_folder_is_bounded_and_forgets_the_least_lately_heard(tmp_path: Path) -> None:
    speaker = SpokenText(tmp_path, cache_bytes=80_000, seconds=30)
    (oldest,) = await speaker.say("市城市管理局")
    os.utime(f"{oldest}.wav", (1, 1))
    (kept,) = await speaker.say("市生态环境局")
    os.utime(f"{kept}.wav", (2, 2))
    for place in ("东街", "南街", "西街", "北街"):
        await speaker.say(f"{place}街道办事处")
    assert not is_there(oldest)
    assert size(tmp_path) <= 80_000


async def test_the_same_words_said_slowly_take_longer_and_are_kept_apart(tmp_path: Path) -> None:
    speaker = patient(tmp_path)
    (usual,), (slow,) = (
        await speaker.say("现场已经恢复通行"),
        await speaker.say("现场已经恢复通行", slow=True),
    )
    lasts, longer = (sound.seconds_of(sound.read(Path(f"{one}.wav"))) for one in (usual, slow))
    assert longer > 1.3 * lasts
    assert await speaker.say("现场已经恢复通行") == [usual]
