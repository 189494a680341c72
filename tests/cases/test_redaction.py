"""T28: what is proposed to be hidden before a case is shown to everybody."""

from pathlib import Path

import pytest

from cases import private_numbers, redaction
from cases.redaction import Private, found, redacted
from tests.cases.redaction_texts import BY_KIND, FRESH, NAMES, NAMES_AGAIN, NAMES_LAST, SET, UNSEEN, sentences


def measured(path: Path) -> tuple[float, float, list[str]]:
    """Return recall (a place is found if all of it is hidden), precision, and what went wrong."""
    every = sentences(path)
    private, hidden = sum(len(one.places) for one in every), sum(len(one.ours()) for one in every)
    missed = [f"{one.text}: missed {one.text[a:b]}" for one in every for a, b in one.missed()]
    needless = [f"{one.text}: needless {one.text[a:b]}" for one in every for a, b in one.needless()]
    return (private - len(missed)) / private, (hidden - len(needless)) / hidden, missed + needless


@pytest.mark.parametrize("path", [SET, BY_KIND], ids=["first", "by_kind"])
def test_all_that_is_private_in_the_sets_is_found_and_nothing_else(path: Path) -> None:
    recall, precision, wrong = measured(path)
    assert wrong == []
    assert (recall, precision) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("path", "least"),
    [(UNSEEN, 0.9), (FRESH, 0.9), (NAMES, 0.9), (NAMES_AGAIN, 0.85), (NAMES_LAST, 0.45)],
    ids=["unseen", "fresh", "names", "names_again", "names_last"],
)
def test_texts_the_rules_were_not_made_for_are_hidden_well_enough_to_propose(
    path: Path, least: float
) -> None:
    recall, precision, wrong = measured(path)
    assert recall >= least, wrong
    assert precision >= 0.9, wrong


def test_the_set_holds_every_kind_and_enough_of_them() -> None:
    every = sentences(BY_KIND)
    assert len(every) >= 200
    kinds = (
        "mobile",
        "landline",
        "several",
        "identity",
        "bank",
        "plate",
        "email",
        "wechat",
        "name",
        "reply",
        "minor",
    )
    assert {one.kind for one in every} >= {*kinds, "medical", "room", "shop", "number"}


def test_the_proposal_says_what_stood_there_and_keeps_the_rest() -> None:
    assert redacted("我叫陈建国,电话13850123456,住3号楼2单元501室。") == "我叫某,电话〔电话〕,住3号楼。"
    assert redacted("王先生您好") == "某先生您好"
    assert redacted("停水两天") == "停水两天"


def test_redacting_twice_changes_nothing_more() -> None:
    for one in sentences(SET):
        once = redacted(one.text)
        assert redacted(once) == once


@pytest.mark.parametrize(("number", "right"), [("11010519491231002X", True), ("110105194912310021", False)])
def test_an_identity_number_shows_by_its_check_digit(number: str, *, right: bool) -> None:
    assert private_numbers.is_identity(number) is right
    assert bool([one for one in found(f"编号{number}") if one.kind is Private.IDENTITY]) is right


def test_a_long_text_is_read_in_a_moment_whatever_it_holds() -> None:
    hostile = "1" * 5_000 + "王" * 3_000 + "a@" * 1_000 + "0591-" * 400
    assert redaction.found(hostile[:10_000]) is not None
