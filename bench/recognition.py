"""How well a model hears synthetic speech: held-out voices at several noise levels, test voices, dictation, mere noise.

    python -m bench.recognition [--n 30] [--model FOLDER] [--seed 77]

The tables of docs/speech.md are of --n 100. Each row is mu-law at 8 kHz with pink noise, the voices are ones the model was
never trained on. Says nothing about people: a synthesiser is understood, not a citizen.
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import vosk
from numpy.typing import NDArray

from ivr.speech import models, phrases
from ivr.speech.builder import augment, espeak, lexicon, utterances
from ivr.speech.builder.utterances import Sentence, Utterance

RATE = 8000
LEVELS = (40, 20, 10, 5)  # dB above pink noise
ACCEPT, CONFIRM = 0.7, 0.45  # as in the menus that ship
FIGURES = list(utterances.SPELLED)
UNKNOWN = phrases.UNKNOWN
YES_NO = phrases.FIXED["yes_no"]
TEST_VOICES = ("f2", "f4", "m3", "m7", "f5", "linda", "")  # the first three were trained on
DICTATED = (
    "我要 投诉 小区 停水 三天 了 没人管",
    "我家 楼下 每天 半夜 施工 噪音 扰民",
    "请问 居住证 怎么 办理",
    "公司 拖欠 工资 我要 举报",
    "门口 路灯 坏了 没人管",
    "我想 咨询 公积金 的 政策",
    "社区 附近 有人 占道 停车",
    "电梯 坏了 物业 没有 解决",
    "请 帮我 查询 工单 进度",
    "晚上 小区里 油烟 很 危险",
)

Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """What is said, and the grammar it is heard with; None: dictation."""

    title: str
    said: Sequence[Utterance]
    grammar: tuple[str, ...] | None


class Ear:
    """A model, and the processor time it took."""

    def __init__(self, folder: Path) -> None:
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(folder))
        self.seconds = self.spent = 0.0

    def hear(self, sound: Sound, grammar: tuple[str, ...] | None) -> list[str]:
        return self.hear_surely(sound, grammar)[0]

    def hear_surely(self, sound: Sound, grammar: tuple[str, ...] | None) -> tuple[list[str], float]:
        """Return the words, and the confidence of the least sure one."""
        written = () if grammar is None else (json.dumps([*grammar, UNKNOWN], ensure_ascii=False),)
        recogniser = vosk.KaldiRecognizer(self._model, RATE, *written)
        recogniser.SetWords(True)
        pcm = np.clip(sound, -32768, 32767).astype("<i2").tobytes()
        self.seconds += len(sound) / RATE
        began, found = time.process_time(), list[dict[str, Any]]()
        for begin in range(0, len(pcm), 1600):
            if recogniser.AcceptWaveform(pcm[begin : begin + 1600]):
                found += json.loads(recogniser.Result()).get("result", [])
        found += json.loads(recogniser.FinalResult()).get("result", [])
        self.spent += time.process_time() - began
        return [one["word"] for one in found], min((float(one["conf"]) for one in found), default=0.0)


def on_the_line(said: Utterance, level: float, chance: np.random.Generator) -> Sound:
    """Return the utterance between silences, in noise, as µ-law carries it."""
    voice = said.samples * 0.35
    padded = np.concatenate([np.zeros(3000), voice, np.zeros(6000)])
    power = float((voice[np.abs(voice) > 100] ** 2).mean())
    noise = augment.coloured(chance, len(padded), augment.PINK) * np.sqrt(power / 10 ** (level / 10))
    return augment.mu_law(padded + noise)


def errors(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Return how many words have to be changed, added or left out."""
    row = list(range(len(got) + 1))
    for place, word in enumerate(wanted, start=1):
        before, row[0] = row[:], place
        for other, heard in enumerate(got, start=1):
            row[other] = min(before[other] + 1, row[other - 1] + 1, before[other - 1] + (word != heard))
    return row[-1]


def spoken(sentences: Iterable[str], voices: Sequence[str], draw: random.Random) -> list[Utterance]:
    """Say sentences of words, each in the next of the voices, at any pace."""
    known, found = lexicon.words(), list[Utterance]()
    for place, text in enumerate(sentences):
        words = tuple(text.split())
        pinyin = " ".join("".join(known[word]) for word in words)
        said = utterances.utterance(Sentence(words, pinyin), voices[place % len(voices)], draw)
        found += [said] if said else []
    return found


def tasks(n: int, voices: Sequence[str], draw: random.Random) -> list[Task]:
    asked = [f"{ask} {text}".strip() for ask in utterances.ASKING for text in utterances.lines("phrases.txt")]
    menu = tuple(sorted(set(asked)))
    strings = [" ".join(draw.choices(FIGURES, k=draw.choice(utterances.COUNTS))) for _ in range(n)]
    chosen = [draw.choice(menu) for _ in range(n)]
    yes_no = [text for text in YES_NO if set(text.split()) <= lexicon.words().keys()]
    outside = [
        Sentence((), " ".join(draw.choices(utterances.syllables(), k=draw.randint(3, 9)))) for _ in range(n)
    ]
    strange = [utterances.utterance(one, voices[i % len(voices)], draw) for i, one in enumerate(outside)]
    return [
        Task("figures", spoken(strings, voices, draw), tuple(FIGURES)),
        Task("menu", spoken(chosen, voices, draw), menu),
        Task("menu, dictated", spoken(chosen, voices, draw), None),
        Task("yes/no", spoken(draw.choices(yes_no, k=n), voices, draw), tuple(yes_no)),
        Task("outside", [one for one in strange if one], menu),
    ]


def share(task: Task, ear: Ear, level: float, chance: np.random.Generator) -> str:
    """Return the cell of the table: what this task is judged by."""
    wrong = words = right = 0
    for said in task.said:
        got = ear.hear(on_the_line(said, level, chance), task.grammar)
        wrong, words = wrong + errors(said.words, got), words + len(said.words)
        if task.title == "outside":
            right += not got or UNKNOWN in got
        elif task.title == "yes/no":
            right += YES_NO.get(" ".join(got)) == YES_NO[" ".join(said.words)]
        else:
            right += list(said.words) == got
    whole = f"{100 * right / len(task.said):.0f} %"
    return f"{100 * wrong / words:.1f} % / {whole}" if task.title == "figures" else whole


def held_out(n: int, ear: Ear, seed: int) -> None:
    draw, chance = random.Random(seed), np.random.default_rng(seed)
    given = tasks(n, utterances.voices(held_out=True), draw)
    print(f"\nHeld-out voices, n = {n} a cell:\n")
    print(
        "| SNR | figures: word errors / whole string | menu | menu, dictated | yes/no meant | outside rejected |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for level in LEVELS:
        print(
            f"| {level} dB | " + " | ".join(share(task, ear, level, chance) for task in given) + " |",
            flush=True,
        )


def trusted(n: int, ear: Ear, seed: int) -> None:
    """What a menu would make of it, which acts on what is sure, asks back what is less so, and refuses the rest."""
    draw, chance = random.Random(seed + 3), np.random.default_rng(seed + 3)
    given = {task.title: task for task in tasks(n, utterances.voices(held_out=True), draw)}
    print(
        f"\nWhat menus make of it (acted upon from {ACCEPT:.0%}, asked back from {CONFIRM:.0%}), n = {n}:\n"
    )
    print(
        "| SNR | right: acted upon, asked back | wrong phrase: acted upon, asked back | outside: acted upon, asked back |"
    )
    print("| --- | --- | --- | --- |")
    for level in LEVELS:
        counts = Counter[str]()
        for title in ("menu", "outside"):
            task = given[title]
            for said in task.said:
                words, sure = ear.hear_surely(on_the_line(said, level, chance), task.grammar)
                if words and UNKNOWN not in words and sure >= CONFIRM:
                    kind = (
                        "outside" if title == "outside" else "right" if words == list(said.words) else "wrong"
                    )
                    counts[f"{kind} {sure >= ACCEPT}"] += 1
        cells = [
            [100 * counts[f"{kind} {sure}"] / n for sure in (True, False)]
            for kind in ("right", "wrong", "outside")
        ]
        print(f"| {level} dB | " + " | ".join(f"{a:.0f} %, {b:.0f} %" for a, b in cells) + " |", flush=True)


def test_voices(n: int, ear: Ear, seed: int) -> None:
    """What tests rely on: plain voices at a plain pace, no figure twice in a row."""
    draw, chance = random.Random(seed + 1), np.random.default_rng(seed + 1)
    menu = utterances.lines("phrases.txt")
    strings = [_without_doubles(draw) for _ in range(n)]
    said = {
        "menu phrases": Task("menu", _plain(menu, n), tuple(menu)),
        "8 figures": Task("menu", _plain(strings, n), tuple(FIGURES)),
        "dictated sentences": Task("menu", _plain(DICTATED, n), None),
    }
    print("\nVoices of the tests, plain pace, 20 dB:")
    for title, task in said.items():
        wrong = words = right = 0
        for one in task.said:
            got = ear.hear(on_the_line(one, 20, chance), task.grammar)
            wrong, words, right = (
                wrong + errors(one.words, got),
                words + len(one.words),
                right + (list(one.words) == got),
            )
        print(f"  {title}: {right} of {len(task.said)} whole, {100 * wrong / words:.1f} % of words wrong")


def _without_doubles(draw: random.Random) -> str:
    figures = [draw.choice(FIGURES)]
    while len(figures) < 8:
        figure = draw.choice(FIGURES)
        figures += [figure] if figure != figures[-1] else []
    return " ".join(figures)


def _plain(sentences: Sequence[str], n: int) -> list[Utterance]:
    """Say each sentence once in every voice, or n of them in turns."""
    pairs = [(text, voice) for voice in TEST_VOICES for text in sentences]
    chosen = (
        pairs
        if len(sentences) < n
        else [(t, TEST_VOICES[i % len(TEST_VOICES)]) for i, t in enumerate(sentences)]
    )
    known = lexicon.words()
    found = []
    for text, voice in chosen:
        words = tuple(text.split())
        manner = espeak.Manner(voice)
        said = espeak.synthesiser().say(" ".join("".join(known[word]) for word in words), manner)
        sound = utterances.resampled(np.array(said.samples, float), RATE / espeak.synthesiser().rate)
        samples = (sound / np.abs(sound).max() * utterances.PEAK).astype(np.int16)
        found.append(Utterance(words, voice, samples, ()))
    return found


def no_speech(ear: Ear, seed: int) -> None:
    chance = np.random.default_rng(seed + 2)
    at = np.arange(6 * RATE) / RATE
    ring = 6000 * np.sin(2 * np.pi * 450 * at) * (at % 5 < 1)
    busy = 6000 * np.sin(2 * np.pi * 450 * at) * (at % 0.7 < 0.35)
    dtmf = 3000 * (np.sin(2 * np.pi * 770 * at) + np.sin(2 * np.pi * 1336 * at)) * (at % 1 < 0.2)
    hum = 800 * np.sum([np.sin(2 * np.pi * 50 * k * at) / k for k in range(1, 8)], axis=0)
    sounds = {
        "silence": np.zeros(len(at)),
        "white noise": 500 * augment.coloured(chance, len(at), augment.WHITE),
        "pink noise": 500 * augment.coloured(chance, len(at), augment.PINK),
        "mains hum": hum,
        "ring tone": ring,
        "busy tone": busy,
        "DTMF": dtmf,
    }
    menu = tuple(utterances.lines("phrases.txt"))
    print("\nWhat is heard where nothing is said (6 s), with the figures / with the menu / dictated:")
    for title, sound in sounds.items():
        heard = [ear.hear(augment.mu_law(sound), grammar) for grammar in (tuple(FIGURES), menu, None)]
        print(f"  {title}: " + " / ".join(" ".join(words) or "nothing" for words in heard))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=30, help="utterances a cell")
    parser.add_argument("--model", type=Path, default=models.SYNTHETIC)
    parser.add_argument("--seed", type=int, default=77)
    given = parser.parse_args()
    ear = Ear(given.model)
    print(f"model {given.model.resolve().name}")
    held_out(given.n, ear, given.seed)
    trusted(given.n, ear, given.seed)
    test_voices(given.n, ear, given.seed)
    no_speech(ear, given.seed)
    print(
        f"\n{ear.seconds:.0f} s of sound in {ear.spent:.1f} s of one core: real-time factor {ear.spent / ear.seconds:.3f}"
    )


if __name__ == "__main__":
    main()
