"""T28: what is proposed to be hidden before a case is shown to everybody."""

import re
from pathlib import Path

import pytest

from cases import private_numbers, redaction
from cases.redaction import Private, found, redacted

SET = Path(__file__).parent / "data" / "redaction.txt"
MARK = re.compile(r"\{([^}]*)\}")
HOLD_OUT = Path(__file__).parent / "data" / "redaction_unseen.txt"


def texts(path: Path) -> list[tuple[str, set[tuple[int, int]]]]:
    """Return each text without its braces, and where they stood."""
    read = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            places, taken = set(), 0
            for match in MARK.finditer(line):
                start = match.start() - taken
                places.add((start, start + len(match[1])))
                taken += 2
            read.append((MARK.sub(r"\1", line), places))
    return read


def measured(path: Path) -> tuple[float, float, list[str]]:
    """Return recall (a place is found if all of it is hidden), precision, and what went wrong."""
    private = hidden = right = shown = 0
    wrong = []
    for text, places in texts(path):
        ours = {(one.start, one.end) for one in found(text)}
        covered = {n for start, end in ours for n in range(start, end)}
        meant = {n for start, end in places for n in range(start, end)}
        missed = [place for place in places if not set(range(*place)) <= covered]
        needless = [place for place in ours if not set(range(*place)) & meant]
        private, shown = private + len(places), shown + len(missed)
        hidden, right = hidden + len(ours), right + len(ours) - len(needless)
        wrong += [f"{text}: missed {text[a:b]}" for a, b in missed]
        wrong += [f"{text}: needless {text[a:b]}" for a, b in needless]
    return (private - shown) / private, right / hidden, wrong


def test_all_that_is_private_in_the_set_is_found_and_nothing_else() -> None:
    recall, precision, wrong = measured(SET)
    assert wrong == []
    assert (recall, precision) == (1.0, 1.0)


def test_texts_the_rules_were_not_made_for_are_hidden_well_enough_to_propose() -> None:
    recall, precision, wrong = measured(HOLD_OUT)
    assert recall >= 0.9, wrong
    assert precision >= 0.9, wrong


def test_the_proposal_says_what_stood_there_and_keeps_the_rest() -> None:
    assert redacted("我叫陈建国,电话13850123456,住3号楼2单元501室。") == "我叫某,电话〔电话〕,住3号楼。"
    assert redacted("王先生您好") == "某先生您好"
    assert redacted("停水两天") == "停水两天"


def test_redacting_twice_changes_nothing_more() -> None:
    for text, _ in texts(SET):
        once = redacted(text)
        assert redacted(once) == once


@pytest.mark.parametrize(("number", "right"), [("11010519491231002X", True), ("110105194912310021", False)])
def test_an_identity_number_shows_by_its_check_digit(number: str, *, right: bool) -> None:
    assert private_numbers.is_identity(number) is right
    assert bool([one for one in found(f"编号{number}") if one.kind is Private.IDENTITY]) is right


def test_a_long_text_is_read_in_a_moment_whatever_it_holds() -> None:
    hostile = "1" * 5_000 + "王" * 3_000 + "a@" * 1_000 + "0591-" * 400
    assert redaction.found(hostile[:10_000]) is not None
