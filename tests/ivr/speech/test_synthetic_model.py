"""The model that ships hears what tests and the demo say to it: a smoke test, and the limits that docs/speech.md admits."""

import json
from collections.abc import Sequence
from functools import cache

import pytest

from ivr.speech.builder import utterances
from ivr.speech.models import SYNTHETIC
from ivr.speech.phrases import FIXED, UNKNOWN, intent_of
from ivr.speech.recogniser import Model
from ivr.speech.segment import segment
from tests import speech_sound

FIGURES = tuple(utterances.SPELLED)


@cache
def model() -> Model:
    return Model(SYNTHETIC)


def heard(sound: bytes, grammar: Sequence[str]) -> str:
    stream = model().stream(json.dumps([*grammar, UNKNOWN], ensure_ascii=False))
    pcm = speech_sound.pcm(sound)
    words: list[str] = []
    for begin in range(0, len(pcm), 1600):
        if stream.accept(pcm[begin : begin + 1600]):
            words += stream.final().words
    return " ".join([*words, *stream.final().words])


@pytest.mark.parametrize("voice", speech_sound.SEEN + speech_sound.HELD_OUT)
def test_phrases_of_menus_are_heard_in_every_voice_of_the_tests(voice: str) -> None:
    phrases = utterances.lines("phrases.txt")
    for phrase in phrases[:: len(phrases) // 12]:
        assert heard(speech_sound.speech(phrase, voice, snr=20), phrases) == phrase


@pytest.mark.parametrize("grammar", [name for name in FIXED if name != "digits"])
def test_what_dialogues_ask_for_is_understood(grammar: str) -> None:
    known = [phrase for phrase in FIXED[grammar] if phrase == " ".join(phrase.split())]
    written = [" ".join(_split(phrase)) for phrase in known]
    for phrase in known:
        words = heard(speech_sound.speech(phrase, "f4"), written)
        assert intent_of(grammar, words) == FIXED[grammar][phrase], (phrase, words)


def test_case_numbers_are_heard_figure_by_figure() -> None:
    for number in ("261127001783", "260903154620", "261208071936"):
        spelled = number.translate(speech_sound.FIGURES)
        for voice in speech_sound.SEEN:
            assert heard(speech_sound.speech(number, voice, snr=20), FIGURES).replace(" ", "") == spelled


@pytest.mark.parametrize(
    "sound",
    [
        speech_sound.silence(3),
        speech_sound.noise(4),
        speech_sound.tone(6, 450, on=1, off=4),
        speech_sound.tone(4, 450, on=0.35, off=0.35),
        speech_sound.tone(3, 770, 1336, on=0.2, off=0.3),
    ],
    ids=["silence", "noise", "ring tone", "busy tone", "DTMF"],
)
def test_what_is_no_speech_is_no_words(sound: bytes) -> None:
    for grammar in (FIGURES, utterances.lines("phrases.txt")):
        assert heard(sound, grammar) == ""


def _split(phrase: str) -> tuple[str, ...]:
    return segment(phrase, model().knows)
