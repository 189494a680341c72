"""How figures are read aloud: a table written by hand, and properties no table can cover."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import reading
from ivr.prompts import words

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
VALUES = {numeral: value for value, numeral in enumerate(reading.NUMERALS)} | {"两": 2}


@pytest.mark.parametrize(
    ("value", "words_"),
    [
        (0, "零"),
        (1, "一"),
        (2, "二"),
        (9, "九"),
        (10, "十"),
        (11, "十一"),
        (12, "十二"),
        (19, "十九"),
        (20, "二十"),
        (22, "二十二"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (102, "一百零二"),
        (110, "一百一十"),
        (111, "一百一十一"),
        (120, "一百二十"),
        (200, "二百"),
        (202, "二百零二"),
        (222, "二百二十二"),
        (999, "九百九十九"),
        (1000, "一千"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1011, "一千零一十一"),
        (1100, "一千一百"),
        (1101, "一千一百零一"),
        (2000, "两千"),
        (2002, "两千零二"),
        (2020, "两千零二十"),
        (2222, "两千二百二十二"),
        (9999, "九千九百九十九"),
        (10000, "一万"),
        (10001, "一万零一"),
        (10010, "一万零一十"),
        (10100, "一万零一百"),
        (11000, "一万一千"),
        (12000, "一万二千"),
        (12345, "一万二千三百四十五"),
        (20000, "两万"),
        (20002, "两万零二"),
        (22222, "两万二千二百二十二"),
        (100000, "十万"),
        (100500, "十万零五百"),
        (105000, "十万五千"),
        (110000, "十一万"),
        (200000, "二十万"),
        (1000000, "一百万"),
        (1050000, "一百零五万"),
        (2000000, "二百万"),
        (10000000, "一千万"),
        (10000001, "一千万零一"),
        (20000000, "两千万"),
        (100000000, "一亿"),
        (100000001, "一亿零一"),
        (100100000, "一亿零一十万"),
        (110000000, "一亿一千万"),
        (200000000, "两亿"),
        (1000000000, "十亿"),
        (1000010000, "十亿零一万"),
        (123456789, "一亿二千三百四十五万六千七百八十九"),
        (1000000000000, "一万亿"),
        (-5, "负五"),
        (-2000, "负两千"),
    ],
)
def test_numbers(value: int, words_: str) -> None:
    assert reading.number(value) == words_


@pytest.mark.parametrize(
    ("value", "unit", "words_"),
    [
        (0, "天", "零天"),
        (1, "个", "一个"),
        (2, "个", "两个"),
        (2, "天", "两天"),
        (2, "个工作日", "两个工作日"),
        (12, "天", "十二天"),
        (20, "分钟", "二十分钟"),
        (22, "天", "二十二天"),
        (102, "天", "一百零二天"),
    ],
)
def test_two_of_something_is_liang(value: int, unit: str, words_: str) -> None:
    assert reading.count(value, unit) == words_


@pytest.mark.parametrize(
    ("value", "words_"),
    [(1, "第一"), (2, "第二"), (10, "第十"), (12, "第十二"), (20, "第二十"), (2000, "第二千")],
)
def test_the_second_is_never_liang(value: int, words_: str) -> None:
    assert reading.ordinal(value) == words_


@pytest.mark.parametrize(
    ("value", "words_"),
    [
        ("0.5", "零点五"),
        ("2", "二"),
        ("2.5", "二点五"),
        ("3.14", "三点一四"),
        ("10.01", "十点零一"),
        ("2000.2", "二千点二"),
        ("-0.5", "负零点五"),
        ("1E+2", "一百"),
    ],
)
def test_decimals_are_read_digit_by_digit_behind_the_point(value: str, words_: str) -> None:
    assert reading.decimal(Decimal(value)) == words_


@pytest.mark.parametrize(
    ("value", "words_"),
    [("98.5", "百分之九十八点五"), ("2", "百分之二"), ("100", "百分之一百"), ("0", "百分之零")],
)
def test_percentages(value: str, words_: str) -> None:
    assert reading.percent(Decimal(value)) == words_


@pytest.mark.parametrize(
    ("yuan", "words_"),
    [
        ("0", "零元"),
        ("1", "一元"),
        ("2", "两元"),
        ("12", "十二元"),
        ("12.5", "十二元五角"),
        ("12.50", "十二元五角"),
        ("12.05", "十二元零五分"),
        ("12.55", "十二元五角五分"),
        ("0.2", "两角"),
        ("0.22", "两角二分"),
        ("0.02", "两分"),
        ("0.50", "五角"),
        ("2.22", "两元二角二分"),
        ("200", "二百元"),
        ("2000", "两千元"),
        ("1234.56", "一千二百三十四元五角六分"),
        ("0.005", "一分"),
        ("-3.4", "负三元四角"),
        ("-0.001", "零元"),
    ],
)
def test_money(yuan: str, words_: str) -> None:
    assert reading.money(Decimal(yuan)) == words_


@pytest.mark.parametrize(
    ("text", "words_"),
    [
        ("12345", "幺二三四五"),
        ("110", "幺幺零"),
        ("0", "零"),
        ("", ""),
        ("12-34", "幺二，三四"),
        ("--12--", "幺二"),
        ("１２", ""),
    ],
)
def test_one_is_yao_when_digits_are_told(text: str, words_: str) -> None:
    assert reading.digits(text) == words_


def test_a_case_number_is_told_as_date_serial_and_check_digit() -> None:
    assert reading.case_number("261122001781") == "二六幺幺二二，零零幺七八，幺"


@pytest.mark.parametrize(
    ("number", "words_"),
    [
        ("13812345678", "幺三八，幺二三四，五六七八"),
        ("+8613812345678", "幺三八，幺二三四，五六七八"),
        ("008613812345678", "幺三八，幺二三四，五六七八"),
        ("138 1234-5678", "幺三八，幺二三四，五六七八"),
        ("059087551234", "零五九零，八七五五，幺二三四"),
        ("0590-8755123", "零五九零，八七五，五幺二三"),
        ("01065123456", "零幺零，六五幺二，三四五六"),
        ("02087654321", "零二零，八七六五，四三二幺"),
        ("87551234", "八七五五，幺二三四"),
        ("8755123", "八七五，五幺二三"),
        ("4008001234", "四零零，八零零，幺二三四"),
        ("12345", "幺二三四五"),
        ("95588", "九五五八八"),
        ("", ""),
        ("+", ""),
    ],
)
def test_telephone_numbers_are_told_in_groups(number: str, words_: str) -> None:
    assert reading.phone(number) == words_


@pytest.mark.parametrize(
    ("value", "words_"),
    [(2026, "二零二六年"), (2011, "二零一一年"), (1998, "一九九八年"), (2000, "二零零零年")],
)
def test_a_year_is_told_digit_by_digit_but_without_yao(value: int, words_: str) -> None:
    assert reading.year(value) == words_


@pytest.mark.parametrize(
    ("value", "words_"),
    [
        (date(2026, 11, 22), "十一月二十二日"),
        (date(2026, 1, 1), "一月一日"),
        (date(2026, 2, 2), "二月二日"),
        (date(2026, 10, 10), "十月十日"),
        (date(2026, 12, 31), "十二月三十一日"),
        (date(2027, 1, 4), "二零二七年一月四日"),
        (date(2025, 12, 20), "二零二五年十二月二十日"),
    ],
)
def test_a_date_has_its_year_only_when_it_is_another_one(value: date, words_: str) -> None:
    assert reading.day(value, TODAY) == words_


@pytest.mark.parametrize(
    ("value", "words_"),
    [
        (time(0, 0), "凌晨零点"),
        (time(0, 30), "凌晨零点三十分"),
        (time(2, 2), "凌晨两点零二分"),
        (time(5, 59), "凌晨五点五十九分"),
        (time(6, 0), "上午六点"),
        (time(8, 5), "上午八点零五分"),
        (time(11, 20), "上午十一点二十分"),
        (time(12, 0), "中午十二点"),
        (time(12, 2), "中午十二点零二分"),
        (time(13, 0), "下午一点"),
        (time(14, 0), "下午两点"),
        (time(17, 30), "下午五点三十分"),
        (time(18, 0), "晚上六点"),
        (time(23, 59), "晚上十一点五十九分"),
    ],
)
def test_times_of_day(value: time, words_: str) -> None:
    assert reading.clock(value) == words_


@pytest.mark.parametrize(
    ("by", "words_"),
    [
        (datetime(2026, 11, 30, 9, 30, tzinfo=UTC), "十一月三十日下午五点三十分"),
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), "十一月三十日"),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "十一月三十日"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "十二月三十一日"),
        (datetime(2027, 1, 4, 4, 0, tzinfo=UTC), "二零二七年一月四日中午十二点"),
    ],
)
def test_the_end_of_a_day_is_read_as_that_day(by: datetime, words_: str) -> None:
    assert reading.deadline(by, now=NOW, zone=ZONE) == words_


def test_a_day_is_that_of_the_city() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert reading.moment(late, now=NOW, zone=ZONE) == "十一月二十三日"


@pytest.mark.parametrize(
    ("seconds", "words_"),
    [
        (0, "零秒"),
        (2, "两秒"),
        (60, "一分钟"),
        (90, "一分钟三十秒"),
        (120, "两分钟"),
        (3600, "一小时"),
        (7200, "两小时"),
        (7500, "两小时五分钟"),
        (3602, "一小时两秒"),
    ],
)
def test_durations(seconds: int, words_: str) -> None:
    assert reading.duration(seconds) == words_


def test_words_become_sounds() -> None:
    assert reading.sounds("一百零二") == ["digits/1", "digits/hundred", "digits/0", "digits/2"]
    assert reading.sounds("二十二") == ["digits/20", "digits/2"]
    assert reading.sounds("十一月") == ["digits/10", "digits/1", "digits/yue"]
    assert reading.sounds("幺二，三") == ["digits/yao", "digits/2", "digits/pause", "digits/3"]
    assert reading.sounds("") == []


def test_a_word_without_a_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="猫"):
        reading.sounds("一猫")


def test_a_number_too_large_to_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        reading.number(10**16)


def test_every_sound_of_the_reader_is_a_prompt() -> None:
    assert set(reading.SOUNDS.values()) <= words.names()


def value_of(number: str) -> int:
    """Read Chinese back: written from the rules of the language, not from the code under test."""
    for unit, value in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        if unit in number:
            above, _, below = number.rpartition(unit)
            return (value_of(above) if above.strip("零") else 1) * value + value_of(below)
    return VALUES[number.strip("零")] if number.strip("零") else 0


@given(st.integers(0, reading.LARGEST))
def test_every_number_can_be_understood(value: int) -> None:
    assert value_of(reading.number(value)) == value


@given(st.integers(-reading.LARGEST, reading.LARGEST))
def test_no_number_has_two_zeros_together_or_one_at_its_end(value: int) -> None:
    read = reading.number(value)
    assert "零零" not in read
    assert value == 0 or not read.endswith("零")


@given(st.integers(-reading.LARGEST, reading.LARGEST))
def test_every_number_has_sounds(value: int) -> None:
    assert reading.sounds(reading.number(value))


@given(st.text())
def test_any_telephone_number_has_sounds(text: str) -> None:
    digits = [character for character in text if character in "0123456789"]
    spoken = [sound for sound in reading.sounds(reading.phone(text)) if sound != "digits/pause"]
    assert len(spoken) <= len(digits)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_any_amount_of_money_has_sounds(yuan: Decimal) -> None:
    assert reading.sounds(reading.money(yuan))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_any_deadline_has_sounds(by: datetime) -> None:
    assert reading.sounds(reading.deadline(by, now=NOW, zone=ZONE))
