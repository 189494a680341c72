"""When a caller has ended and what was understood, over a scripted recogniser: a tenth of a second at each step."""

from collections.abc import Sequence

import pytest

from ivr.speech.decision import Answer, Listening, Words
from ivr.speech.gate import CHUNK_SECONDS, SILENCE
from ivr.speech.grammars import Grammar, build


class ScriptedStream:
    """Has heard the partials one after the other; ends by itself where `END` stands."""

    def __init__(self, partials: Sequence[str], final: str | None = None, confidence: float = 1.0) -> None:
        self._partials = list(partials)
        self._final = final
        self._confidence = confidence
        self._now = ""
        self.finals = 0

    def accept(self, pcm: bytes) -> bool:
        step = self._partials.pop(0) if self._partials else self._now
        if step == END:
            return True
        self._now = step
        return False

    def partial(self) -> tuple[str, ...]:
        return tuple(self._now.split())

    def final(self) -> Words:
        self.finals += 1
        said, self._now = self._now if self._final is None else self._final, ""
        return Words(tuple(said.split()), self._confidence if said else 0.0)


END = "END"
MENU = build(
    "menu:test",
    {"投诉": "complain", "查询": "ask", "查询 进度": "status", "人工": "person", "人工 服务": "person"},
    lambda word: len(word) == 2,
)
DIGITS = build("digits", {"人工": "person"}, lambda word: word != "人工服务")


def listen(
    grammar: Grammar, stream: ScriptedStream, *, voice_until: float, steps: int = 40, wanted: int = 0
) -> tuple[Answer | None, float]:
    """Return the first answer and at which second of sound it came."""
    listening = Listening(grammar, stream, wanted=wanted)
    for step in range(1, steps + 1):
        at = step * CHUNK_SECONDS
        quiet = max(0.0, at - voice_until)
        answer = listening.hear(SILENCE, quiet=quiet, voiced=min(at, voice_until))
        if answer:
            return answer, round(at, 1)
    return None, round(steps * CHUNK_SECONDS, 1)


def test_a_phrase_that_does_not_change_any_more_is_answered_before_the_recogniser_ends() -> None:
    answer, at = listen(MENU, ScriptedStream(["", "", "投诉"]), voice_until=0.5)
    assert answer == Answer(text="投诉", score=100, early=True)
    assert at == 0.8


def test_nobody_is_interrupted_while_there_is_voice() -> None:
    _, at = listen(MENU, ScriptedStream(["投诉"]), voice_until=2.0)
    assert at == 2.3


def test_words_that_flash_by_are_not_believed() -> None:
    flashing = ["投诉", "", "投诉", "", "投诉", "", "投诉", "", "", END]
    assert listen(MENU, ScriptedStream(flashing, final=""), voice_until=0.1, steps=10)[0] is None


def test_unknown_sounds_are_left_to_the_recogniser() -> None:
    answer, at = listen(MENU, ScriptedStream(["[unk]"] * 9 + [END]), voice_until=0.5)
    assert answer == Answer(text="[unk]", score=0)
    assert at == 1.0


def test_where_a_longer_phrase_begins_alike_its_rest_is_waited_for() -> None:
    assert listen(MENU, ScriptedStream(["查询"]), voice_until=0.5)[1] == 1.1
    answer, _ = listen(MENU, ScriptedStream(["查询"] * 8 + ["查询 进度"]), voice_until=0.5)
    assert answer is not None
    assert answer.text == "查询进度"


def test_a_longer_phrase_of_the_same_meaning_is_not_waited_for() -> None:
    assert listen(MENU, ScriptedStream(["人工"]), voice_until=0.5)[1] == 0.8


def test_a_phrase_among_other_sounds_is_less_sure() -> None:
    answer, _ = listen(MENU, ScriptedStream(["[unk] 投诉"] * 9 + [END]), voice_until=0.8)
    assert answer == Answer(text="投诉", score=65)


def test_the_score_is_that_of_the_least_sure_word() -> None:
    answer, _ = listen(MENU, ScriptedStream(["投诉"], confidence=0.52), voice_until=0.3)
    assert answer == Answer(text="投诉", score=52, early=True)


def test_two_phrases_at_once_are_none() -> None:
    answer, _ = listen(MENU, ScriptedStream(["投诉 查询"] * 9 + [END]), voice_until=0.8)
    assert answer == Answer(text="[unk]", score=0)


@pytest.mark.parametrize("heard", ["[unk]", "投诉"])
def test_a_click_is_no_answer_and_no_failed_one(heard: str) -> None:
    assert listen(MENU, ScriptedStream([heard] * 9 + [END]), voice_until=0.1)[0] is None


def test_the_recogniser_is_asked_when_it_does_not_end_by_itself() -> None:
    stream = ScriptedStream(["[unk] 投诉"])
    answer, at = listen(MENU, stream, voice_until=0.5)
    assert answer == Answer(text="投诉", score=65)
    assert (at, stream.finals) == (1.7, 1)


def test_a_radio_is_not_listened_to_for_ever() -> None:
    answer, at = listen(MENU, ScriptedStream(["[unk]"]), voice_until=99.0, steps=200)
    assert answer == Answer(text="[unk]", score=0)
    assert at == 12.0


def test_a_number_ends_with_its_last_figure() -> None:
    answer, at = listen(DIGITS, ScriptedStream(["二", "二 六", "二 六 幺"]), voice_until=0.4, wanted=3)
    assert answer == Answer(text="二六一", score=100, early=True)
    assert at == 0.7


def test_a_number_goes_on_after_the_recogniser_has_ended() -> None:
    parts = ["二 六", "二 六", END, *[""] * 3, "一 七", "一 七", "一 七", "一 七"]
    answer, _ = listen(DIGITS, ScriptedStream(parts), voice_until=0.7, wanted=4)
    assert answer is not None
    assert answer.text == "二六一七"


@pytest.mark.parametrize(("wanted", "ends"), [(0, 1.8), (12, 2.5)])
def test_more_figures_are_waited_for_longer_where_it_is_known_that_they_must_come(
    wanted: int, ends: float
) -> None:
    answer, at = listen(DIGITS, ScriptedStream(["两 零"]), voice_until=0.5, wanted=wanted)
    assert answer == Answer(text="二零", score=100 if not wanted else 17)
    assert at == ends


def test_a_phrase_stands_beside_figures() -> None:
    answer, _ = listen(DIGITS, ScriptedStream(["人工"]), voice_until=0.5, wanted=12)
    assert answer == Answer(text="人工", score=100, early=True)


def test_figures_among_other_words_are_no_number() -> None:
    answer, _ = listen(DIGITS, ScriptedStream(["人工 二"] * 9 + [END]), voice_until=0.5)
    assert answer == Answer(text="[unk]", score=0)


def test_what_was_said_so_far_counts_when_the_time_is_over() -> None:
    listening = Listening(MENU, ScriptedStream(["投诉"]))
    assert listening.hear(SILENCE, quiet=0.0, voiced=0.5) is None
    assert listening.has_words
    assert listening.close(0.5) == Answer(text="投诉", score=100)
