"""Case numbers: what is shown, what is keyed, and what a mistyped number does."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.numbers import (
    WHOLE_DAY,
    BadCode,
    BadNumber,
    Block,
    CaseNumber,
    NumbersUsedUp,
    block_of,
    check_digit,
    new_code,
    normalise,
    parse,
    parse_code,
)

NUMBER = CaseNumber("RH", date(2026, 11, 22), 178)
NUMBERS = st.builds(
    CaseNumber,
    st.just("RH"),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 99_999),
)


def test_a_number_is_shown_with_its_city_and_keyed_as_twelve_digits() -> None:
    assert NUMBER.display == str(NUMBER) == "RH261122-00178-1"
    assert NUMBER.digits == "261122001781"


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("0794") == "5"  # the example printed in ISO 7064


@pytest.mark.parametrize(
    "typed",
    [
        "RH261122-00178-1",
        "rh261122-00178-1",
        "261122001781",
        " 261122 00178 1 ",
        "".join(chr(ord(digit) + 0xFEE0) for digit in "261122001781"),  # full-width
        "\uff32\uff28261122\uff0d00178\uff0d1",
        "RH261122—00178—1",
        "RH 261122\u300000178\u30001\r\n",
    ],
)
def test_what_people_type_is_read(typed: str) -> None:
    assert parse(typed, "RH") == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "261122001780",  # wrong check digit
        "26112200178",
        "2611220017811",
        "FZ261122-00178-1",  # another city's
        "261122" + "00000" + check_digit("26112200000"),  # serials begin at 1
        "261322" + "00178" + check_digit("26132200178"),  # there is no thirteenth month
        "٢٦١١٢٢٠٠١٧٨١",
        "2611220017八1",
        "' OR 1=1 --",
        "261122001781" * 100,
        "\x00",
    ],
)
def test_what_cannot_be_a_number_is_refused(typed: str) -> None:
    with pytest.raises(BadNumber, match="诉求编号不对"):
        parse(typed, "RH")


@given(NUMBERS)
def test_every_number_is_read_back_from_both_forms(number: CaseNumber) -> None:
    assert parse(number.display, "RH") == parse(number.digits, "RH") == number
    assert len(number.digits) == 12


@given(NUMBERS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(number: CaseNumber, place: int, off: int) -> None:
    digits = number.digits
    wrong = digits[:place] + str((int(digits[place]) + off) % 10) + digits[place + 1 :]
    with pytest.raises(BadNumber):
        parse(wrong, "RH")


@given(st.text(max_size=80))
def test_any_text_is_either_a_number_or_refused(typed: str) -> None:
    try:
        number = parse(typed, "RH")
    except BadNumber:
        return
    assert number.digits in normalise(typed)


def test_each_node_gives_out_serials_of_its_own_block() -> None:
    assert block_of(0) == Block(1, 9_999)
    assert block_of(9) == Block(90_001, 99_999)
    assert block_of(1).next_after(None) == 10_001
    assert block_of(1).next_after(10_001) == 10_002
    assert block_of(1).next_after(9_999) == 10_001


@pytest.mark.parametrize("node", [-1, 10])
def test_there_are_ten_node_blocks(node: int) -> None:
    with pytest.raises(ValueError, match="0–9"):
        block_of(node)


def test_a_node_alone_has_the_whole_day_and_stops_at_its_end() -> None:
    assert WHOLE_DAY.next_after(99_998) == 99_999
    with pytest.raises(NumbersUsedUp, match="今日编号已用完"):
        WHOLE_DAY.next_after(99_999)


def test_a_query_code_has_six_digits_however_small_the_draw() -> None:
    assert new_code(lambda below: below - 1) == "999999"
    assert new_code(lambda _: 42) == "000042"


def test_a_query_code_is_read_as_typed() -> None:
    assert parse_code(" 042 137 ") == "042137"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "①②③④⑤", "１２３"])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(BadCode, match="6位数字"):
        parse_code(typed)
