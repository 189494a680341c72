"""The encoder and the reader of AGI lines."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_scripts import agi_lines


def unquoted(line: str) -> list[str]:
    """Take a command apart as Asterisk's parse_args does."""
    words: list[str] = []
    word, inside, started = "", False, False
    letters = iter(line)
    for letter in letters:
        if letter == "\\":
            word += next(letters, "")
        elif letter == '"':
            inside, started = not inside, True
        elif letter == " " and not inside:
            words += [word] if word or started else []
            word, started = "", False
        else:
            word += letter
    return [*words, word] if word or started else words


def test_quotes_backslashes_and_chinese_arrive_as_they_were() -> None:
    line = agi_lines.command("SET VARIABLE", "NAME", 'a"b\\c 供水').decode()
    assert unquoted(line.rstrip("\n")) == ["SET", "VARIABLE", "NAME", 'a"b\\c 供水']


@pytest.mark.parametrize("evil", ["x\nEXEC System reboot", "x\r\nHANGUP", "x\0y", 'x"\n"y'])
def test_a_line_break_in_a_value_never_becomes_a_second_command(evil: str) -> None:
    line = agi_lines.command("SET VARIABLE", "NAME", evil)
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert b"\0" not in line


@given(st.text(max_size=300))
def test_any_text_stays_one_argument(text: str) -> None:
    line = agi_lines.command("SET VARIABLE", "NAME", text)
    assert line.count(b"\n") == 1
    assert len(unquoted(line.decode().rstrip("\n"))) == 4


def test_a_command_longer_than_asterisks_buffer_is_refused_because_its_rest_would_be_a_second_command() -> (
    None
):
    with pytest.raises(agi_lines.AGIError):
        agi_lines.command("SET VARIABLE", "NAME", "长" * 700)


def test_a_verb_is_words_only() -> None:
    with pytest.raises(agi_lines.AGIError):
        agi_lines.command("SET VARIABLE\nEXEC", "x")


@pytest.mark.parametrize(
    ("line", "result", "text"),
    [
        ("200 result=0", "0", ""),
        ("200 result=1 (hangup)", "1", "hangup"),
        ("200 result=1 (a (b) c)", "1", "a (b) c"),
        ("200 result=1 ()", "1", ""),
        ("200 result=123 (timeout)", "123", "timeout"),
        ("200 result= (timeout)", "", "timeout"),
        ("200 result=-1 endpos=16160", "-1", ""),
        ("200 result=50 endpos=8000", "50", ""),
    ],
)
def test_answers_are_read(line: str, result: str, text: str) -> None:
    answer = agi_lines.answer(line)
    assert (answer.code, answer.result, answer.text) == (200, result, text)


@given(st.text(max_size=200))
def test_garbage_is_an_agi_error_and_nothing_else(line: str) -> None:
    try:
        agi_lines.answer(line)
    except agi_lines.AGIError:
        return
    assert line[:3].isdigit()


@pytest.mark.parametrize(
    ("presented", "number"),
    [
        ("13850123456", "13850123456"),
        ("+86 591-8333-0000", "+8659183330000"),
        ("", ""),
        ("1", "1"),
        ("unknown", ""),
        ("9" * 40, ""),
        ('"><script>', ""),
        ("138\r\nAction: Originate", "138"),
        ("供水公司", ""),
        ("12+34", "1234"),
        ("١٢٣", ""),
    ],
)
def test_a_caller_number_is_digits_and_a_leading_plus(presented: str, number: str) -> None:
    assert agi_lines.number(presented) == number


def test_a_fact_is_one_argument_of_celgenuserevent() -> None:
    fact = agi_lines.fact("survey", {"score": 5, "text": '很满意, "好"\n|'})
    assert fact.startswith("HOTLINE_SURVEY,score=5&text=")
    assert fact.count(",") == 1
    assert not set(fact) & set('"\n|; ')


@pytest.mark.parametrize("text", ["x" * 5000, "很满意" * 500, "%" * 3000])
def test_a_fact_fits_into_a_row_of_cel(text: str) -> None:
    fact = agi_lines.fact("survey", {"text": text})
    kept = parse_qs(fact.partition(",")[2])["text"][0]
    assert text.startswith(kept)
    assert kept
    assert len(fact) < 520
