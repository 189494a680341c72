"""The prompts: their list, their making and the check that stands between a caller and English."""

import math
import re
import subprocess
import sys
import time
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.workflow import State
from ivr import sound
from ivr.prompts import build, check, words
from tests.ivr.conftest import quiet

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(voiced: Path, tmp_path: Path) -> Path:
    """A copy of the folder that a test may spoil."""
    for path in voiced.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(voiced)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


def tone(level: float, seconds: float) -> "array[int]":
    """A plain tone: one of 0 dBFS is as loud as a sine can be."""
    top = 32767 * 10 ** (level / 20)
    count = round(seconds * sound.RATE)
    return array("h", [round(top * math.sin(2 * math.pi * 440 * n / sound.RATE)) for n in range(count)])


def write_wav(path: Path, *, rate: int = 8000, channels: int = 1, width: int = 2) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(tone(-16, 1.0).tobytes())


def reasons(folder: Path, name: str) -> list[str]:
    return [fault.reason for fault in check.check(folder) if fault.name == name]


# The list


def test_the_list_has_no_mistakes() -> None:
    assert words.mistakes(words.prompts()) == []


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        ("a\t您好\tnin2 hao3\na\t您好\tnin2 hao3", "hotline/a stands twice"),
        ("a\t您好\tnin2 hoa3", "hotline/a: 'hoa3' is no syllable"),
        ("a\t您好\tnin2 hao", "hotline/a: 'hao' is no syllable"),
        ("a\t您好\tnin2 hao6", "hotline/a: 'hao6' is no syllable"),
        ("a\t您好\tnin2", "hotline/a: 2 characters but 1 syllables"),
        ("a\t请按1\tqing3 an4", "hotline/a: 3 characters but 2 syllables"),
    ],
)
def test_a_mistake_in_the_list_is_named(table: str, mistake: str) -> None:
    assert words.mistakes(words.parse(table)) == [mistake]


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_a_case_can_be_spoken(state: State) -> None:
    assert f"hotline/state-{state}" in words.names()


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("dialplan/*.conf"), *ROOT.glob("asterisk-conf/*.conf")]),
    ids=lambda path: path.name,
)
def test_every_sound_asterisk_is_told_to_play_is_in_the_list(path: Path) -> None:
    played = re.findall(r"(?:Playback\(|= )((?:hotline|digits)/[\w-]+)", path.read_text("utf-8"))
    assert set(played) <= words.names()


# The making


def test_what_is_made_passes_the_check(voiced: Path) -> None:
    assert check.check(voiced) == []


def test_all_prompts_are_equally_loud(voiced: Path) -> None:
    spoken = [sound.loudness(sound.read(voiced / f"{prompt.name}.wav")) for prompt in words.prompts()]
    assert max(spoken) - min(spoken) < 3


def test_the_melodies_are_softer_than_speech_and_end_with_a_word(voiced: Path) -> None:
    samples = sound.read(voiced / "hold/melody-1.wav")
    music, please = samples[: 15 * sound.RATE], samples[-3 * sound.RATE :]
    assert sound.loudness(music) < sound.LEVEL - 8
    assert sound.loudness(please) == pytest.approx(sound.LEVEL, abs=1)


def test_nothing_is_made_twice(folder: Path) -> None:
    assert build.build(folder, quiet) == 0


def test_a_lost_and_a_spoiled_prompt_are_made_again(folder: Path) -> None:
    (folder / "hotline/welcome.wav").unlink()
    (folder / "digits/3.wav").write_bytes(b"RIFF")
    assert build.build(folder, quiet) == 2
    assert check.check(folder) == []


def test_changed_words_are_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = words.prompts()
    changed = words.Prompt(first.name, "您好", "nin2 hao3")
    monkeypatch.setattr(words, "prompts", lambda: (changed, *others))
    assert build.build(folder, quiet) == 1
    assert sound.seconds_of(sound.read(folder / f"{first.name}.wav")) < 2


def test_a_prompt_nobody_says_any_more_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "prompts", lambda: words.parse(PROMPTS_WITHOUT_GOODBYE))
    build.build(folder, quiet)
    assert not (folder / "hotline/goodbye.wav").exists()
    assert check.check(folder) == []


PROMPTS_WITHOUT_GOODBYE = "\n".join(
    line
    for line in (ROOT / "ivr/prompts/prompts.tsv").read_text("utf-8").splitlines()
    if not line.startswith("goodbye\t")
)


def test_a_run_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ivr.prompts.build", "--to", str(tmp_path), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as run:
        while len(list(tmp_path.rglob("*.wav"))) < 10:
            time.sleep(0.005)
        run.kill()
    rest = build.build(tmp_path, quiet)
    assert 0 < rest <= len(words.names()) - 9
    assert check.check(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "zh").write_text("a file")
    with pytest.raises(build.BuildFailed, match=f"cannot write below {tmp_path}/zh"):
        build.build(tmp_path / "zh", quiet)


def test_progress_is_reported_to_the_end(folder: Path) -> None:
    for name in ("1", "2", "3"):
        (folder / f"digits/{name}.wav").unlink()
    reported: list[tuple[int, int]] = []
    build.build(folder, lambda done, of, name: reported.append((done, of)))
    assert reported == [(1, 3), (2, 3), (3, 3)]


def test_a_missing_synthesiser_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build.main(["--to", str(tmp_path / "zh")]) == 1
    assert "apt-get install espeak-ng sox" in capsys.readouterr().err


def test_the_command_says_what_it_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--to", str(folder), "--jobs", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"0 of {len(words.names())} prompts made")


# A city's own recordings


def test_a_citys_recording_takes_the_place_of_ours_and_leaves_it_again(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "city"
    sound.write(overlay / "hotline/goodbye.wav", sound.levelled(tone(-10, 3.0)))
    made = build.build(folder, quiet, overlay=overlay)
    assert made == 1
    assert sound.read(folder / "hotline/goodbye.wav") == sound.read(overlay / "hotline/goodbye.wav")
    assert build.build(folder, quiet, overlay=overlay) == 0
    assert build.build(folder, quiet) == 1


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: write_wav(path, rate=16000), "16000 Hz"),
        (lambda path: write_wav(path, channels=2), "2 channel"),
        (lambda path: sound.write(path, sound.silence(3.0)), "is silent"),
        (lambda path: path.write_bytes(b"no sound"), "not a readable WAV file"),
    ],
)
def test_a_bad_recording_is_refused_by_name(folder: Path, spoil: Callable[[Path], None], reason: str) -> None:
    overlay = folder.parent / f"{folder.name}-city"
    (overlay / "hotline").mkdir(parents=True)
    spoil(overlay / "hotline/goodbye.wav")
    with pytest.raises(build.BuildFailed, match=rf"hotline/goodbye: .*{reason}"):
        build.build(folder, quiet, overlay=overlay)


def test_a_recording_of_nothing_we_say_is_refused(folder: Path) -> None:
    overlay = folder.parent / f"{folder.name}-city"
    sound.write(overlay / "hotline/gooodbye.wav", sound.levelled(tone(-10, 3.0)))
    with pytest.raises(build.BuildFailed, match=r"hotline/gooodbye: is not in prompts\.tsv"):
        build.build(folder, quiet, overlay=overlay)


def test_a_missing_folder_of_recordings_is_refused(folder: Path) -> None:
    with pytest.raises(build.BuildFailed, match="not a folder"):
        build.build(folder, quiet, overlay=folder / "nowhere")


# The check


def test_a_missing_prompt_is_a_fault(folder: Path) -> None:
    (folder / "hotline/welcome.wav").unlink()
    assert reasons(folder, "hotline/welcome") == ["is missing"]


def test_an_empty_folder_lacks_every_prompt(tmp_path: Path) -> None:
    assert {fault.name for fault in check.check(tmp_path)} == words.names()


def test_an_unlisted_file_is_a_fault_but_live_speech_is_not(folder: Path) -> None:
    sound.write(folder / "hotline/hello.wav", tone(-16, 1.0))
    sound.write(folder / "live/0123.wav", tone(-16, 1.0))
    assert [str(fault) for fault in check.check(folder)] == ["hotline/hello: is not in prompts.tsv"]


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (sound.silence(3.0), "is silent"),
        (array("h"), "is empty"),
        (tone(-16, 0.2), "is too short"),
        (tone(-16, 30.0), "is too long"),
        (tone(-30, 3.0), "has a level of"),
        (tone(-6, 3.0), "has a level of"),
        (tone(0, 3.0), "is clipped"),
    ],
)
def test_what_a_caller_must_not_hear_is_a_fault(folder: Path, samples: "array[int]", reason: str) -> None:
    sound.write(folder / "hotline/goodbye.wav", samples)
    assert any(found.startswith(reason) for found in reasons(folder, "hotline/goodbye"))


@pytest.mark.parametrize(("rate", "channels", "width"), [(16000, 1, 2), (8000, 2, 2), (8000, 1, 1)])
def test_another_format_is_a_fault(folder: Path, rate: int, channels: int, width: int) -> None:
    write_wav(folder / "hotline/goodbye.wav", rate=rate, channels=channels, width=width)
    assert "wanted 8000 Hz" in reasons(folder, "hotline/goodbye")[0]


def test_a_truncated_file_is_a_fault(folder: Path) -> None:
    whole = (folder / "hotline/goodbye.wav").read_bytes()
    (folder / "hotline/goodbye.wav").write_bytes(whole[: len(whole) // 10])
    assert reasons(folder, "hotline/goodbye") != []
