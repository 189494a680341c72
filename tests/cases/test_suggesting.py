"""What is proposed, in which order, and why; and how often it is right on words that nothing has learned."""

from importlib import resources

import numpy as np
import pytest

from cases.everyday_words import EVERYDAY
from cases.guessing import Model, features, known_rows, saying
from cases.sounding import as_heard
from cases.suggesting import (
    Areas,
    Before,
    Matter,
    Matters,
    Reason,
    Resemblance,
    Why,
    propose_matters,
    propose_units,
    words_of,
)
from storage.suggestion_rows import sayings

LAMP, COVER = (
    Matter("0107", "路灯", "城乡建设 › 路灯", words_of("路灯", ("不亮", "照明"))),
    Matter("0105", "道路井盖", "城乡建设 › 道路井盖", words_of("道路井盖", ("井盖", "窨井"))),
)
MATTERS = Matters([LAMP, COVER])


def city() -> Matters:
    text = resources.files("storage").joinpath("demo", "categories.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return Matters(
        [Matter(line[0], line[1], line[1], words_of(line[1], line[4].split())) for line in lines if line[2]]
    )


def test_words_name_the_matter_and_are_given_as_the_reason() -> None:
    (first,) = propose_matters(MATTERS, "路灯不亮", "晚上很黑")
    assert first.code == "0107"
    assert first.reasons[0] == Reason(Why.WORDS, "灯不亮、路灯")


def test_where_nothing_speaks_for_anything_nothing_is_proposed() -> None:
    assert propose_matters(MATTERS, "", "你好") == []
    assert propose_matters(Matters([]), "路灯", "不亮", guessed=[("0107", 1.0)]) == []


def test_how_cases_like_it_were_decided_is_counted() -> None:
    near = [Before("0105", 0.9, 10**7), Before("0105", 0.8, 10**7), Before("0107", 0.7, 10**7)]
    first, second = propose_matters(MATTERS, "", "铁家伙没了", before=near)
    assert (first.code, second.code) == ("0105", "0107")
    assert first.reasons == (Reason(Why.PAST, count=2, of=3),)


def test_what_many_report_right_now_is_said_to_be_so() -> None:
    near = [Before("0105", 0.9, 3_600)] * 4
    assert propose_matters(MATTERS, "", "铁家伙没了", before=near)[0].reasons[0] == Reason(Why.NOW, count=4)


def test_cases_that_have_little_in_common_decide_nothing() -> None:
    assert propose_matters(MATTERS, "", "铁家伙没了", before=[Before("0105", 0.1, 10)]) == []


def test_the_model_and_the_words_together_are_surer_than_either() -> None:
    guessed = [("0107", 0.6), ("0105", 0.4)]
    both = propose_matters(MATTERS, "路灯", "", guessed=guessed)[0]
    model = propose_matters(MATTERS, "", "灯具", guessed=guessed)[0]
    assert both.code == model.code == "0107"
    assert {reason.why for reason in both.reasons} == {Why.WORDS, Why.MODEL}
    assert 0 < model.share <= both.share <= 1


def test_a_matter_that_was_ended_is_never_proposed() -> None:
    assert propose_matters(MATTERS, "", "灯", before=[Before("9999", 1.0, 5)], guessed=[("9999", 1.0)]) == []


def test_no_more_than_three_are_proposed_and_no_poor_ones() -> None:
    many = Matters([Matter(f"{n}", f"事{n}", "", ()) for n in range(9)])
    assert len(propose_matters(many, "", "x", guessed=[(f"{n}", 0.1) for n in range(9)])) == 3
    guessed = [("0", 0.98), ("1", 0.01), ("2", 0.01)]
    assert [each.code for each in propose_matters(many, "", "x", guessed=guessed)] == ["0"]


def test_the_directory_comes_first_until_the_cases_prove_otherwise() -> None:
    duties = [("szgc", "派单目录"), ("zjj", "派单目录"), ("rdq", "兜底")]
    order = [each.code for each in propose_units(duties, {"zjj": 1}, [], last_resort="rdq")]
    assert order == ["szgc", "zjj", "rdq"]
    first = propose_units(duties, {"zjj": 412, "szgc": 3}, [], last_resort="rdq")[0]
    assert first.code == "zjj"
    assert Reason(Why.HABIT, count=412) in first.reasons


def test_a_unit_that_the_citizen_names_is_proposed_with_that_reason() -> None:
    (unit,) = propose_units([], {}, ["gdgs"])
    assert (unit.code, unit.reasons) == ("gdgs", (Reason(Why.NAMED),))
    assert propose_units([], {}, []) == []


def test_of_the_places_that_an_address_names_the_one_that_is_told_first_counts() -> None:
    areas = Areas({"东门路": "dmjd", "东门": "other", "榕东区": "rdq", "": "nowhere"})
    assert areas.of("榕东区东门路12号") == "dmjd"
    assert areas.of("榕东区") == "rdq"
    assert areas.of("别处") == areas.of("") == Areas({}).of("榕东区") == ""


def test_what_happened_at_the_same_place_and_is_open_comes_before_the_same_words_elsewhere() -> None:
    here = Resemblance(text=0.7, place=1.0, same_matter=True, open=True, days=1)
    elsewhere = Resemblance(text=0.9, place=0.2, same_matter=True, open=False, days=100)
    assert here.worth > elsewhere.worth
    assert Resemblance(text=0.2, place=1.0, same_matter=True, open=True, days=1).counts
    assert not Resemblance(text=0.2, place=1.0, same_matter=False, open=True, days=1).counts


def test_the_words_of_the_directory_alone_name_the_matter_of_half_of_what_citizens_say() -> None:
    tree = city()
    codes_of = {matter.name: code for code, matter in tree.by_code.items()}
    asked = [(codes_of[name], words) for name, every in sayings().items() for words in every]
    found = [[each.code for each in propose_matters(tree, "", words)] for _, words in asked]
    first = sum(codes[:1] == [right] for (right, _), codes in zip(asked, found, strict=True))
    three = sum(right in codes for (right, _), codes in zip(asked, found, strict=True))
    assert len(asked) > 500
    # Measured: 48.2 % and 55.4 %. It may become better; a model that has learned the sayings does far better.
    assert first / len(asked) > 0.46
    assert three / len(asked) > 0.53


def test_every_matter_has_its_everyday_words_and_none_is_a_single_letter() -> None:
    names = {matter.name for matter in city().by_code.values()}
    assert names == set(EVERYDAY)
    assert all(len(word) > 1 or word in "吵狗偷坝田税" for words in EVERYDAY.values() for word in words)


# The model


def test_where_it_was_says_nothing_about_what_it_is() -> None:
    words = saying("路灯不亮", "榕东区东门路12号路灯不亮3天", "榕东区东门路12号")
    assert "东门路" not in words
    assert "12" not in words
    assert "路灯不亮" in words


def a_model() -> Model:
    lamp, cover = features("路灯"), features("井盖")
    runs = np.unique(np.concatenate([lamp, cover]))
    weights = np.zeros((len(runs), 2), np.float16)
    weights[known_rows(runs, lamp), 0] = 4
    weights[known_rows(runs, cover), 1] = 4
    return Model(
        ("0107", "0105"), runs, weights, np.ones(len(runs), np.float32), np.zeros(2, np.float32), 2.0
    )


def test_a_model_is_kept_and_read_as_it_was() -> None:
    model = Model.unpacked(a_model().packed())
    assert model.guess("路灯坏了")[0][0] == "0107"
    assert model.guess("井盖没了")[0][0] == "0105"
    assert sum(share for _, share in model.guess("路灯和井盖")) == pytest.approx(1.0)
    assert model.guess("!!") == []
    assert model.guess("公积金") == []


def test_what_a_machine_has_heard_wrongly_is_known_by_its_sound() -> None:
    assert a_model().guess("那个路登坏了")[0][0] == "0107"
    assert a_model().guess("景该没了")[0][0] == "0105"
    (first,) = propose_matters(MATTERS, "", "我们这里的鹿灯一直不凉")
    assert first.code == "0107"
    assert as_heard("牛奶") == as_heard("流莱")
    assert as_heard("路灯") != as_heard("路边")
    assert as_heard("A 栋,3楼") == as_heard("a栋3楼")


def test_one_letter_that_sounds_alike_says_nothing() -> None:
    assert propose_matters(Matters([Matter("0206", "噪声", "", words_of("", ("吵",)))]), "", "炒菜") == []


def test_a_file_that_is_no_model_is_refused_and_nothing_in_it_is_executed() -> None:
    with pytest.raises((ValueError, KeyError)):
        Model.unpacked(b"cos\nsystem\n(S'true'\ntR.")
