"""Several sounds become one file, found as Asterisk finds them."""

import os
from array import array
from pathlib import Path

import pytest

from ivr import sound
from ivr.joined import Joined


def tone(value: int, seconds: float) -> "array[int]":
    return array(sound.SAMPLE, [value] * round(seconds * sound.RATE))


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    for path, value in {
        "zh/hotline/a": 1, "zh/hotline/b": 2, "zh/digits/3": 3, "zh_CN_fuzhou/hotline/a": 9, "hotline/c": 4,
    }.items():  # fmt: skip
        sound.write(tmp_path / f"{path}.wav", tone(value, 0.5))
    return tmp_path


def values(path: str) -> list[int]:
    """Return what is heard, each value once."""
    return list(dict.fromkeys(sound.read(Path(f"{path}.wav"))))


async def test_sounds_are_joined_in_order_and_their_beginnings_known(sounds: Path) -> None:
    prompt = await Joined(sounds, sounds / "joined").prompt(["a", "digits/3", "b"])
    assert prompt is not None
    assert values(prompt.path) == [1, 3, 2]
    assert prompt.begins == ((0.0, "a"), (0.5, "digits/3"), (1.0, "b"))
    assert prompt.seconds == 1.5


async def test_one_sound_is_played_from_where_it_lies(sounds: Path) -> None:
    prompt = await Joined(sounds, sounds / "joined").prompt([str(sounds / "zh" / "hotline" / "a")])
    assert prompt is not None
    assert prompt.path == str(sounds / "zh" / "hotline" / "a")


@pytest.mark.parametrize(
    ("language", "heard"),
    [("zh", [1, 2, 4]), ("zh_CN", [1, 2, 4]), ("zh_CN_fuzhou", [9, 2, 4]), ("", [4])],
)
async def test_a_citys_own_recording_comes_before_ours_and_ours_before_none(
    sounds: Path, language: str, heard: list[int]
) -> None:
    prompt = await Joined(sounds, sounds / "joined").prompt(["a", "b", "c"], language)
    assert prompt is not None
    assert values(prompt.path) == heard


async def test_what_does_not_exist_is_left_out_and_nothing_to_say_is_a_moment_of_silence(
    sounds: Path,
) -> None:
    joined = Joined(sounds, sounds / "joined")
    without, nothing = await joined.prompt(["a", "nowhere", "b"]), await joined.prompt([])
    assert without is not None
    assert without.begun(9) == ["a", "b"]
    assert nothing is not None
    assert values(nothing.path) == [0]
    assert nothing.seconds < 0.1


async def test_a_sound_of_another_format_cannot_be_joined(sounds: Path) -> None:
    (sounds / "zh" / "hotline" / "b.wav").write_bytes(b"RIFF")
    assert await Joined(sounds, sounds / "joined").prompt(["a", "b"]) is None


async def test_what_was_joined_is_kept_until_a_part_of_it_is_recorded_anew(sounds: Path) -> None:
    joined = Joined(sounds, sounds / "joined")
    first, again = await joined.prompt(["a", "b"]), await joined.prompt(["a", "b"])
    assert first == again
    sound.write(sounds / "zh" / "hotline" / "b.wav", tone(7, 0.5))
    os.utime(sounds / "zh" / "hotline" / "b.wav", ns=(1, 1))
    anew = await joined.prompt(["a", "b"])
    assert anew is not None
    assert values(anew.path) == [1, 7]


async def test_the_folder_of_joined_sounds_is_bounded(sounds: Path) -> None:
    joined = Joined(sounds, sounds / "joined", cache_bytes=40_000)
    for number in range(2, 8):
        await joined.prompt(["a", *["b"] * number])
    assert sum(file.stat().st_size for file in (sounds / "joined").glob("*.wav")) <= 80_000
