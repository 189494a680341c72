"""Phrases in the words of a model, and what was heard back into phrases."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ivr.menu_file import shipped
from ivr.speech import phrases
from ivr.speech.grammars import Grammars, build
from ivr.speech.models import SYNTHETIC
from ivr.speech.recogniser import Model
from ivr.speech.segment import segment, unknown

WORDS = frozenset({"公积金", "公", "积", "金", "查询", "进度", "查", "人工", "人", "工"})


def knows(word: str) -> bool:
    return word in WORDS


def test_a_phrase_is_written_with_as_few_words_as_the_model_allows() -> None:
    assert segment("查询公积金进度", knows) == ("查询", "公积金", "进度")
    assert segment("公 积金", knows) == ("公积金",)
    assert segment("金工", knows) == ("金", "工")


def test_a_phrase_that_the_model_cannot_write_is_told_by_its_parts() -> None:
    assert segment("北京科技馆", knows) == ()
    assert unknown(["查询 科技馆", "查询 进度", "科技馆", "北京"], knows) == ("科技馆", "北京")


@given(st.text(alphabet="公积金查询进度人工京", min_size=1, max_size=9))
def test_a_phrase_is_written_whenever_words_of_the_model_join_to_it(text: str) -> None:
    found = segment(text, knows)
    assert "".join(found) == (text if re.fullmatch(f"({'|'.join(WORDS)})+", text) else "")


def test_a_grammar_leaves_out_what_the_model_cannot_write() -> None:
    grammar = build("menu:x", {"查询 进度": "status", "科技馆": "visit"}, knows)
    assert grammar.phrases == {"查询进度"}
    assert grammar.unknown == ("科技馆",)
    assert grammar.written == '["查询 进度", "[unk]"]'


def test_who_repeats_himself_is_understood_but_asked() -> None:
    grammar = build("menu:x", {"人工": "person", "查询": "status"}, knows)
    assert grammar.match(["人工", "人工"]) == ("人工", 0.65)
    assert grammar.match(["人工", "查询"]) == ("[unk]", 1.0)
    assert grammar.match([]) == ("[unk]", 1.0)


def test_every_fixed_table_leads_to_a_person() -> None:
    for name in phrases.FIXED:
        assert phrases.intent_of(name, "人工") == "person"


def test_no_phrase_means_two_things_and_spaces_do_not_matter() -> None:
    for name, table in phrases.FIXED.items():
        plain = [phrase.replace(" ", "") for phrase in table]
        assert len(plain) == len(set(plain)), name
        assert all(phrases.intent_of(name, phrase) for phrase in table)
    assert phrases.intent_of("yes_no", "是的") == "yes"
    assert phrases.intent_of("yes_no", "不对") == "no"
    assert phrases.intent_of("yes_no", "投诉") == ""
    assert phrases.intent_of("no such table", "是的") == ""


def test_figures_are_read_as_they_are_said() -> None:
    assert phrases.digits_of("二六幺一 两零九") == "2611209"
    assert phrases.digits_of("人工") == ""
    assert phrases.digits_of("") == ""


def test_the_synthetic_model_has_every_word_of_figures_and_of_yes_and_no() -> None:
    model = Model(SYNTHETIC)
    grammars = Grammars(shipped, model.knows)
    assert not {"digits", "yes_no"} & set(grammars.unknown())
    assert grammars.get("menu:waiting")
    assert grammars.get("menu:nowhere") is None
