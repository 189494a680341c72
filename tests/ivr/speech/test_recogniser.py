"""Which model is used, and the thread that decodes with it."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from ivr.speech.models import SYNTHETIC, NoModel, find, is_model, is_synthetic
from ivr.speech.recogniser import DecodeThread, Dictation, Model
from tests.speech_sound import pcm, speech


def test_the_model_of_the_city_comes_first_then_the_installed_one_then_the_synthetic(tmp_path: Path) -> None:
    assert find("", tmp_path) == SYNTHETIC
    for place in ("speech/model", "own"):
        (tmp_path / place / "am").mkdir(parents=True)
        (tmp_path / place / "am" / "final.mdl").touch()
    assert find("", tmp_path) == tmp_path / "speech" / "model"
    assert find(str(tmp_path / "own"), tmp_path) == tmp_path / "own"
    assert is_synthetic(find("", tmp_path / "elsewhere"))
    assert not is_synthetic(find("", tmp_path))


def test_a_folder_without_a_model_is_refused_before_the_recogniser_ends_the_process(tmp_path: Path) -> None:
    assert not is_model(tmp_path)
    with pytest.raises(NoModel, match=str(tmp_path)):
        find(str(tmp_path), tmp_path)
    with pytest.raises(NoModel, match=str(tmp_path)):
        Model(tmp_path)


async def test_whatever_is_said_is_written_down_as_it_is_said() -> None:
    dictation = Dictation(Model(SYNTHETIC), DecodeThread())
    sound = pcm(speech("我要 投诉 垃圾", tail=2.0))
    said = [one for at in range(0, len(sound), 3200) for one in await dictation.feed(sound[at : at + 3200])]
    said += await dictation.end()
    assert [one.text for one in said if one.final] == ["我要 投诉 垃圾"]
    assert any(not one.final and one.text == "我要 投诉" for one in said)
    assert await dictation.end() == []


async def test_the_decode_thread_tells_how_long_it_is_busy_with_one_job() -> None:
    thread, began, go_on = DecodeThread(), threading.Event(), threading.Event()

    def job() -> str:
        began.set()
        go_on.wait(20)
        return "done"

    running = asyncio.create_task(thread.run(job))
    waiting = asyncio.create_task(thread.run(lambda: "next"))
    await asyncio.to_thread(began.wait, 20)
    assert thread.stuck_for(time.monotonic() + 5) >= 5
    go_on.set()
    assert await running == "done"
    assert await waiting == "next"
    assert thread.stuck_for(time.monotonic() + 5) == 0
    assert thread.lag(time.monotonic()) > 0
    assert thread.lag(time.monotonic() + 2) == 0
