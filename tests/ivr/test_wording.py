"""What a prompt offers is what its key does and what its words mean, in both directions: a caller may press the key or
repeat the words he has just heard (F10-05).
"""

import re
from collections.abc import Iterator, Mapping

import pytest

from cases.workflow import State
from ivr import case_number, evaluation, outgoing, self_service, status, survey
from ivr.asking import PERSON, Question
from ivr.menu import Action, Choice, Profile
from ivr.menu_file import shipped
from ivr.prompts import words
from ivr.speech.phrases import intent_of
from storage.callbacks import DISSATISFIED, SATISFACTION, SOLVED

TEXTS: Mapping[str, str] = {prompt.name: prompt.text for prompt in words.prompts()}
OFFERS = self_service.question_of(list(self_service.OFFERS), status.REPLY_KEYS)
ASKED: Mapping[str, tuple[str, ...]] = {
    # Each question with the prompts that offer its answers.
    "solved": ("ask-solved",),
    "satisfied": ("ask-satisfied",),
    "greeted": ("open-case-keys",),
    "offers": (
        "repeat-key",
        "slower-key",
        "person-key",
        *(prompt for _, prompt in self_service.OFFERS.values()),
    ),
    "right": ("you-said-right",),
    "listen": ("out-listen",),
    "begin": ("out-begin",),
}
QUESTIONS: Mapping[str, Question] = {
    "solved": evaluation.ASK_SOLVED,
    "satisfied": evaluation.ASK_SATISFIED,
    "greeted": self_service.GREETED,
    "offers": OFFERS,
    "right": case_number.RIGHT,
    "listen": outgoing.BEGIN,
    "begin": outgoing.BEGIN,
}
SILENT_KEYS = {"#", "0"}
"""The key for a person works everywhere, also where it is not named; # ends."""


def offered(*prompts: str) -> Iterator[tuple[str, str]]:
    """Give label and key of everything the prompts offer: 满意请按1 → 满意, 1."""
    for prompt in prompts:
        text = TEXTS[words.full_name(prompt)]
        found = re.findall(r"([^，。,]+?)请按([0-9])", text)
        assert found, f"{prompt} offers nothing"
        yield from found


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_offered_is_what_its_key_means_and_its_words_mean(name: str) -> None:
    question = QUESTIONS[name]
    for label, key in offered(*ASKED[name]):
        assert intent_of(question.grammar, label) == question.keys[key], f"{label}: {key}"


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_key_that_does_something_is_offered(name: str) -> None:
    keys = {key for _, key in offered(*ASKED[name])}
    unnamed = (
        {"3"} if name == "greeted" else set()
    )  # 查询 leads on; whoever knows the key need not hear of it
    assert QUESTIONS[name].keys.keys() - SILENT_KEYS - unnamed <= keys


@pytest.mark.parametrize("name", QUESTIONS)
def test_zero_is_a_person_at_every_question(name: str) -> None:
    assert QUESTIONS[name].keys["0"] == PERSON
    assert intent_of(QUESTIONS[name].grammar, "人工") == PERSON


def test_an_evaluation_is_kept_as_it_was_asked_for() -> None:
    labels = {key: label for label, key in offered("ask-satisfied")}
    assert tuple(labels[str(number)] for number in (1, 2, 3)) == SATISFACTION[:3]
    assert SATISFACTION[2] == DISSATISFIED
    kept = {label: evaluation.ASK_SOLVED.keys[key] for label, key in offered("ask-solved")}
    assert kept == {"已解决": "full", "部分解决": "part", "未解决": "no"}
    assert {SOLVED[meaning]: meaning for meaning in kept.values()} == kept


def test_the_question_after_a_call_offers_the_scores_that_are_kept() -> None:
    assert {key: label for label, key in offered("survey")} == {"1": "满意", "2": "基本满意", "3": "不满意"}
    assert survey.SCORE.keys == {"1": "1", "2": "2", "3": "3"}


def test_every_state_of_a_case_is_worded_and_no_two_alike() -> None:
    said = [TEXTS[f"hotline/state-{state}"] for state in State]
    assert len(set(said)) == len(State)
    assert all(text.endswith("。") for text in said)


def choices() -> Iterator[tuple[str, Choice]]:
    for profile in Profile:
        for menu in shipped(profile).menus.values():
            for choice in menu.choices:
                yield f"{profile} {menu.id} {choice.name}", choice


@pytest.mark.parametrize(
    ("place", "choice"), [*choices()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_choices_of_the_menus_have_the_keys_and_phrases_that_are_offered(
    place: str, choice: Choice
) -> None:
    for piece in choice.offer:
        text = TEXTS[words.full_name(piece.prompt)] if piece.prompt else piece.text
        for label, key in re.findall(r"([^，。,]+?)请?按([0-9])", text):
            assert key == choice.key, place
            spoken = label.removesuffix("请").rpartition("，")[2]
            known = spoken in choice.phrases or choice.action is Action.CALLBACK
            assert known, f"{place}: nobody understands {spoken!r}"
