"""Tones of the network are no voice, and voice is no tone."""

import pytest

from ivr.speech.gate import CHUNK, Gate
from ivr.speech.tones import has_key, tone_in
from tests.speech_sound import noise, pcm, speech, tone


def pieces(sound: bytes) -> list[bytes]:
    return [sound[at : at + CHUNK] for at in range(0, len(sound) - CHUNK + 1, CHUNK)]


@pytest.mark.parametrize("hertz", [425, 440, 450, 475, 1100])
def test_a_tone_is_known_with_its_pitch(hertz: int) -> None:
    for piece in pieces(pcm(tone(1, hertz))):
        found = tone_in(piece)
        assert found is not None
        assert found.hertz == pytest.approx(min(hertz, 2000 - hertz), abs=1)


@pytest.mark.parametrize("voice", ["f2", "m3", "linda"])
def test_no_voice_is_held_back(voice: str) -> None:
    for words in ("一 一 一", "五 五", "七 七 七", "我 要 投诉", "是的", "对", "人工 服务", "261127001783"):
        gate = Gate()
        for piece in pieces(pcm(speech(words, voice=voice))):
            gate.passed(piece)
            assert not gate.is_tone, words


@pytest.mark.parametrize("low", [697, 770, 852, 941])
@pytest.mark.parametrize("high", [1209, 1336, 1477, 1633])
def test_every_key_is_known(low: int, high: int) -> None:
    assert all(map(has_key, pieces(pcm(tone(1, low, high)))))
    assert not any(map(has_key, pieces(pcm(tone(1, low + 35, high)))))


@pytest.mark.parametrize("voice", ["f2", "m3", "linda"])
def test_no_voice_is_a_key(voice: str) -> None:
    words = "鱼 雨 玉 迷 密 木 目 布 一 五 七 二 六 幺"
    assert not any(map(has_key, pieces(pcm(speech(words, voice=voice)))))


def test_noise_is_no_tone() -> None:
    assert not any(map(tone_in, pieces(pcm(noise(2)))))
    assert tone_in(bytes(CHUNK)) is None
    assert not any(map(has_key, [*pieces(pcm(noise(2))), bytes(CHUNK)]))


@pytest.mark.parametrize("pause", [0.35, 4.0])
def test_nothing_is_heard_of_a_ring_or_a_busy_tone_but_its_beginning(pause: float) -> None:
    gate, sound = Gate(), pieces(pcm(tone(6, 450, on=1.0 if pause > 1 else 0.35, off=pause)))
    silent = 0
    for piece in sound:
        passed = gate.passed(piece)
        silent = silent + 1 if gate.is_tone or not passed else 0
        assert gate.voiced < 0.35
    assert silent


def test_who_speaks_after_a_tone_is_heard() -> None:
    gate = Gate()
    for piece in pieces(pcm(tone(1, 450))):
        gate.passed(piece)
    assert gate.is_tone
    assert gate.passed(pieces(pcm(tone(0.2, 450)))[0][: CHUNK // 2] + bytes(CHUNK // 2)) == b""
    heard = [gate.passed(piece) for piece in pieces(pcm(speech("投诉")))]
    assert sum(map(len, heard)) > 8000
