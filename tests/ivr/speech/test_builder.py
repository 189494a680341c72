"""The builder of the synthetic model: its words, its graphs, its features, and the byte forms Vosk reads."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import vosk

from ivr import menu_file
from ivr.menu import Profile
from ivr.speech import models
from ivr.speech.builder import acoustic, espeak, features, lexicon, phones
from ivr.speech.builder.__main__ import MODEL_CONF, main, rebuild_words
from ivr.speech.builder.espeak import Segment
from ivr.speech.builder.labels import Example, outputs_of
from ivr.speech.grammars import Grammars
from ivr.speech.recogniser import Model
from tests import speech_sound

ASSET = models.SYNTHETIC


def heard(model: vosk.Model, sound: bytes) -> str:
    recogniser = vosk.KaldiRecognizer(model, 8000)
    recogniser.AcceptWaveform(speech_sound.pcm(sound))
    return str(json.loads(recogniser.FinalResult())["text"])


# The words


def test_the_model_that_ships_is_what_the_builder_makes_of_the_list(tmp_path: Path) -> None:
    assert main(["lexicon", "--to", str(tmp_path)]) == 0
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert made == sorted(path.relative_to(ASSET) for path in ASSET.rglob("*") if path.is_file())
    for name in made:
        assert (tmp_path / name).read_bytes() == (ASSET / name).read_bytes(), name


@pytest.mark.parametrize("profile", list(Profile))
def test_the_model_knows_every_phrase_of_the_dialogues_and_shipped_menus(profile: Profile) -> None:
    model = Model(ASSET)
    assert all(model.knows(word) for word in lexicon.words())
    assert Grammars(lambda: menu_file.shipped(profile), model.knows).unknown() == {}


def test_a_word_is_added_by_its_pinyin_alone_without_training(tmp_path: Path) -> None:
    words = {**lexicon.words(), "科技馆": ("ke1", "ji4", "guan3")}
    assert vosk.Model(str(ASSET)).vosk_model_find_word("科技馆") == -1
    rebuild_words(ASSET, tmp_path, words)
    assert heard(vosk.Model(str(tmp_path)), speech_sound.speech("我要 投诉 科技馆")) == "我要 投诉 科技馆"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("停水\tting2 shui3\n停水\tting2 shui3", "line 2: 停水: stands twice"),
        ("停水\tting2", "2 characters but 1 syllables"),
        ("停水\tting2 shui", "'shui' is no syllable"),
        ("停水\tting2 shuix3", "'shuix3' is no syllable"),
        ("停 水\tting2 x shui3", "'x' is no syllable|characters"),
    ],
)
def test_a_wrong_line_is_named(line: str, fault: str) -> None:
    with pytest.raises(lexicon.BadLexicon, match=fault):
        lexicon.parse(line)


def test_words_that_sound_alike_without_tones_are_reported() -> None:
    spoken = lexicon.pronounced({"是": ("shi4",), "十": ("shi2",), "四": ("si4",)})
    assert lexicon.homophones(spoken) == [("是", "十")]


def test_a_sound_the_model_never_learnt_is_refused_by_word(tmp_path: Path) -> None:
    shutil.copytree(ASSET, tmp_path / "model")
    table = tmp_path / "model" / "graph" / "phones.txt"
    lines = table.read_text("utf-8").splitlines()
    table.write_text("".join(f"{line}\n" for line in lines if not line.startswith("s.")), "utf-8")
    with pytest.raises(lexicon.BadLexicon, match=r"never learnt a sound of .*是"):
        rebuild_words(tmp_path / "model", tmp_path / "made")


# What the library says of its phones


def test_brief_pauses_and_glides_belong_to_the_sound_before_them() -> None:
    told = (
        Segment(0, "_:"),
        Segment(100, "t"),
        Segment(150, ";"),
        Segment(160, "i"),
        Segment(300, "_"),
        Segment(320, "N"),
        Segment(400, "_"),
        Segment(470, "_:"),
    )
    assert espeak.phones(told, 900) == [
        Segment(0, "SIL"),
        Segment(100, "t"),
        Segment(160, "i"),
        Segment(320, "N"),
        Segment(400, "SIL"),
    ]


def test_what_the_library_cannot_read_as_mandarin_is_noticed() -> None:
    said = espeak.synthesiser().say("ni3 hao3", espeak.Manner())
    assert not espeak.is_foreign(said.segments)
    assert espeak.is_foreign((*said.segments, Segment(0, "(en)")))


# Features and labels


def test_there_is_one_row_for_each_whole_window_and_loudness_moves_the_first_column_alone() -> None:
    sound = np.random.default_rng(1).standard_normal(8000) * 1000
    quiet, loud = features.cepstra(sound), features.cepstra(sound * 2)
    assert quiet.shape == (1 + (8000 - 200) // 80, 40)
    # Twice as loud is four times the power in each of the 40 bands, and the first cosine sums them.
    assert np.allclose(loud[:, 0] - quiet[:, 0], np.log(4) * np.sqrt(40), atol=1e-3)
    assert np.allclose(loud[:, 1:], quiet[:, 1:], atol=2e-3)


def test_a_tone_is_loudest_in_the_band_of_its_pitch() -> None:
    tone = 5000 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    bands = features._bank()
    spectrum = np.abs(np.fft.rfft(tone[:200] * features._window(), 256)) ** 2
    centre = int((spectrum.astype(np.float32) @ bands).argmax())
    assert bands[round(1000 / 8000 * 256), centre] > 0.5


def test_every_phone_has_a_begin_of_its_own_however_short_it_was() -> None:
    segments = (Segment(0, "SIL"), Segment(102, "t"), Segment(104, "i"), Segment(192, "SIL"))
    example = Example(np.zeros((30, 40), np.float16), segments)
    numbers = {"SIL": 0, "t": 1, "i": 2}
    assert outputs_of(example, numbers, 0).tolist() == [0, 1, 1, 2, 4, 5, 0, 1, 1, 1]
    assert len(outputs_of(example, numbers, 2)) == 10


# The network in Kaldi's form


def a_network(sounds: tuple[str, ...], *, width: int = 8) -> acoustic.Acoustic:
    draw = np.random.default_rng(3)

    def layer(inputs: int) -> acoustic.Layer:
        weights = draw.standard_normal((width, inputs, 3)) * 0.2
        return acoustic.Layer(
            weights, draw.standard_normal(width), draw.random(width), draw.random(width) + 0.5
        )

    return acoustic.Acoustic(
        phones=sounds,
        mean=draw.standard_normal(40),
        deviation=draw.random(40) + 1,
        layers=tuple(layer(40 if number == 0 else width) for number in range(6)),
        output=(draw.standard_normal((2 * len(sounds), width)), draw.standard_normal(2 * len(sounds))),
        share=np.full(2 * len(sounds), 0.5 / len(sounds)),
    )


def test_normalisations_taken_into_the_next_layer_change_nothing() -> None:
    learnt = a_network(("SIL", "a", "b"))
    sound = np.random.default_rng(4).standard_normal((40, 3))  # one place of the first convolution
    known = (sound - learnt.mean[:, None]) / learnt.deviation[:, None]
    first, second = learnt.layers[:2]
    plain = np.maximum((first.weights * known).sum((1, 2)) + first.bias, 0)
    normal = (plain - first.mean) / np.sqrt(first.variance + 1e-5)
    wanted = second.weights.sum(2) @ normal + second.bias
    affine = acoustic.folded(learnt)
    spliced = np.concatenate([sound[:, k] for k in range(3)])
    hidden = np.maximum(affine[0][0] @ spliced + affine[0][1], 0)
    assert np.allclose(affine[1][0] @ np.tile(hidden, 3) + affine[1][1], wanted)


def test_vosk_loads_what_we_write_and_the_network_comes_back_as_it_was(tmp_path: Path) -> None:
    known = phones.of_model(ASSET)
    learnt = a_network(known.sounds)
    learnt.save(tmp_path / "learnt.npz")
    kept = acoustic.load(tmp_path / "learnt.npz")
    shutil.copytree(ASSET, tmp_path / "model")
    acoustic.write(tmp_path / "model" / "am" / "final.mdl", kept)
    acoustic.write(tmp_path / "again.mdl", learnt)
    assert (tmp_path / "again.mdl").read_bytes() == (tmp_path / "model" / "am" / "final.mdl").read_bytes()
    heard(
        vosk.Model(str(tmp_path / "model")), speech_sound.noise(1)
    )  # random weights hear nonsense, but do not end us


def test_the_whole_recipe_runs_from_text_to_a_model(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `train` is not installed")
    assert main(["full", "--to", str(tmp_path), "--count", "400", "--epochs", "2"]) == 0
    words = heard(vosk.Model(str(tmp_path)), speech_sound.speech("我要 投诉"))
    assert words  # after half a minute of training it hears something; right it is after an hour


def test_a_model_built_anew_is_set_up_as_the_one_that_ships() -> None:
    assert (ASSET / "conf" / "model.conf").read_text("utf-8") == MODEL_CONF
    assert (ASSET / "conf" / "mfcc.conf").read_text("utf-8") == features.CONF


def test_the_asset_says_which_weights_it_has_and_that_it_is_not_for_citizens() -> None:
    told = (ASSET / "README").read_text("utf-8")
    assert hashlib.sha256((ASSET / "am" / "final.mdl").read_bytes()).hexdigest() in told
    assert "NOT FOR CITIZENS" in told
