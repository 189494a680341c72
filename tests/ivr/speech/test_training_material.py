"""What the synthetic model is trained on: voices, sentences, telephones, and what it must hear as silence."""

import itertools
import os

import numpy as np
import pytest

from ivr.speech.builder import augment, espeak, lexicon, utterances
from ivr.speech.builder.labels import Example

RATE = 8000


def tone(hertz: float, seconds: float = 1.0) -> augment.Sound:
    return np.asarray(8000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE))


def a_telephone(seed: int = 1) -> augment.Telephone:
    crowd = [said.samples for said in utterances.spoken(9, 3)]
    return augment.Telephone(np.random.default_rng(seed), crowd)


def power(sound: augment.Sound) -> float:
    return float((sound**2).mean())


def test_voices_that_measure_the_model_are_never_trained_on() -> None:
    kept, trained = utterances.voices(held_out=True), utterances.voices(held_out=False)
    assert len(kept) == 10
    assert len(trained) == 71
    assert not set(kept) & set(trained)
    for said in utterances.spoken(77, 10, held_out=True):
        assert said.voice in kept


def test_every_word_of_the_phrases_stands_in_the_list() -> None:
    phrases = [*utterances.lines("phrases.txt"), *utterances.ASKING]
    assert {word for phrase in phrases for word in phrase.split()} <= lexicon.words().keys()


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    first, again, other = (list(utterances.spoken(seed, 5)) for seed in (1, 1, 2))
    assert [(one.words, one.voice) for one in first] == [(one.words, one.voice) for one in again]
    assert [one.words for one in first] != [one.words for one in other]


def test_phones_of_an_utterance_follow_each_other_within_its_sound() -> None:
    for said in utterances.spoken(3, 20):
        begins = [one.begin for one in said.segments]
        assert begins == sorted(begins)
        assert begins[-1] <= len(said.samples) / RATE * 1000
        assert all(one.phone == espeak.SILENCE or not one.phone.startswith("_") for one in said.segments)
        assert np.abs(said.samples).max() == pytest.approx(utterances.PEAK, abs=1)


def test_sound_played_at_another_rate_keeps_its_pitch_and_its_size() -> None:
    spoken = np.asarray(8000 * np.sin(2 * np.pi * 440 * np.arange(22050) / 22050))
    carried = utterances.resampled(spoken, RATE / 22050)
    assert len(carried) == RATE
    assert np.abs(np.fft.rfft(carried)).argmax() == 440
    assert power(carried) == pytest.approx(power(spoken), rel=0.01)
    high = np.asarray(8000 * np.sin(2 * np.pi * 7000 * np.arange(22050) / 22050))
    assert power(utterances.resampled(high, RATE / 22050)) < power(high) / 1000  # no false pitch


def test_a_telephone_carries_the_middle_and_drops_what_lies_outside() -> None:
    for order, least in ((1, 4), (3, 500)):
        kept = power(augment.band(tone(1000), 300, 3400, order=order))
        assert kept == pytest.approx(power(tone(1000)), rel=0.1)
        assert power(augment.band(tone(50), 300, 3400, order=order)) < kept / least


@pytest.mark.parametrize("codec", [augment.mu_law, augment.a_law])
def test_a_codec_adds_so_much_noise_as_g711_does(codec: object) -> None:
    assert callable(codec)
    for size in (0.02, 0.2, 1.0):
        sound = tone(1013) * size
        noise = codec(sound) - sound
        decibels = 10 * np.log10(power(sound) / power(noise))
        assert 25 < decibels < 45, (size, decibels)


@pytest.mark.parametrize("kind", [augment.WHITE, augment.PINK, augment.BROWN])
def test_noise_has_power_one_and_its_colour(kind: int) -> None:
    noise = augment.coloured(np.random.default_rng(2), 1 << 15, kind)
    assert power(noise) == pytest.approx(1, rel=0.01)
    spectrum = np.abs(np.fft.rfft(noise)) ** 2
    low, high = spectrum[1000:2000].mean(), spectrum[4000:8000].mean()  # two octaves apart
    assert low / high == pytest.approx(4**kind, rel=0.25)


def test_what_arrives_fits_a_telephone_whatever_befalls_it() -> None:
    telephone = a_telephone()
    for said in itertools.islice(utterances.spoken(5, 40), 40):
        arrived = telephone.carry(said.samples.astype(float))
        assert len(arrived) == len(said.samples)
        assert np.isfinite(arrived).all()
        assert np.abs(arrived).max() <= 32768


def test_tones_and_noise_are_taught_as_silence() -> None:
    taught = list(utterances.examples(4, 60))
    silent = [one for one in taught if len(one.segments) == 1]
    assert 60 < len(taught) <= 80
    assert len(silent) == len(taught) - 60
    assert all(one.segments[0] == espeak.Segment(0.0, espeak.SILENCE) for one in taught)


def dies_at_first(seed: int) -> list[Example]:
    """What the library does with some sentences of some voices."""
    if seed % 1000 == 0:
        os._exit(11)
    return list(utterances.examples(seed, 2))


def dies(_seed: int) -> list[Example]:
    os._exit(11)


def test_a_part_in_which_the_library_crashes_is_replaced_by_another() -> None:
    assert len(utterances.material(7, 2, dies_at_first)) >= 2


def test_a_library_that_always_crashes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "MOST_LOST", 0)
    with pytest.raises(espeak.NoLibrary, match="again and again"):
        utterances.material(7, 2, dies)
