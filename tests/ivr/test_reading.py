"""How figures are read aloud: a table written by hand, and properties no table can cover, read back independently."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.numbers import CaseNumber
from ivr import reading
from ivr.prompts import words
from ivr.spoken import as_spoken
from tests.ivr import reading_back

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TABLE: Final = [
    line.split("\t")
    for line in Path(__file__).with_name("reading_table.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
READ: Final[Mapping[str, Callable[[str], str]]] = {
    "number": lambda given: reading.number(int(given)),
    "count": lambda given: reading.count(int(given.split()[0]), given.split()[1]),
    "ordinal": lambda given: reading.ordinal(int(given)),
    "decimal": lambda given: reading.decimal(Decimal(given)),
    "percent": lambda given: reading.percent(Decimal(given)),
    "money": lambda given: reading.money(Decimal(given)),
    "digits": reading.digits,
    "case": reading.case_number,
    "phone": reading.phone,
    "year": lambda given: reading.year(int(given)),
    "day": lambda given: reading.day(date.fromisoformat(given), TODAY),
    "clock": lambda given: reading.clock(time.fromisoformat(given)),
    "duration": lambda given: reading.duration(int(given)),
    "text": as_spoken,
}


@pytest.mark.parametrize(("kind", "given_", "said"), TABLE)
def test_what_the_table_says_is_said(kind: str, given_: str, said: str) -> None:
    assert READ[kind](given_) == said


def test_the_table_is_long_enough_and_covers_every_way_of_reading() -> None:
    assert len(TABLE) >= 120
    assert {kind for kind, _, _ in TABLE} == READ.keys()


@pytest.mark.parametrize("text", ["", "１２", "--"])
def test_what_has_no_figures_is_not_told(text: str) -> None:
    assert reading.digits(text) == reading.phone(text) == ""


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


# Sounds


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


def test_every_sound_says_the_word_it_stands_for() -> None:
    texts = {prompt.name: prompt.text for prompt in words.prompts()} | {"digits/pause": reading.PAUSE}
    assert {word: texts[name] for word, name in reading.SOUNDS.items()} == {
        word: word for word in reading.SOUNDS
    }


@given(st.integers(-reading.LARGEST, reading.LARGEST))
def test_every_number_has_sounds(value: int) -> None:
    assert reading.sounds(reading.number(value))


@given(st.text())
def test_any_telephone_number_has_sounds_and_its_digits_in_order(text: str) -> None:
    digits = "".join(character for character in text if character in "0123456789")
    spoken = reading.phone(text)
    assert digits.endswith(reading_back.figures(spoken))
    assert len(reading.sounds(spoken)) >= len(reading_back.figures(spoken))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_any_deadline_has_sounds(by: datetime) -> None:
    assert reading.sounds(reading.deadline(by, now=NOW, zone=ZONE))


# Understood by somebody who knows the language and nothing of this program


@pytest.mark.parametrize(
    ("understood", "wrong"),
    [
        (reading_back.number, ("二千", "二万", "两十", "两百", "一十五", "一百五", "一百十", "一万零五百零")),
        (reading_back.number, ("一万五", "一千零百", "一千零零一", "十万零五千", "一亿一", "百", "", "零五")),
        (lambda said: reading_back.count(said, "天"), ("二天", "两十天", "天")),
        (reading_back.decimal, ("两点五", "两千点五", "二点十五", "二点")),
        (reading_back.money, ("十二元五分", "零元零角", "二元", "十二元零五角", "")),
        (reading_back.clock, ("下午二点", "上午两点", "下午两点五分", "晚上十二点", "凌晨零点零三十分")),
        (reading_back.figures, ("一二三", "两二三")),
        (reading_back.span, ("六十分钟六十秒", "二秒", "")),
    ],
)
def test_who_listens_understands_no_wrong_reading(
    understood: Callable[[str], object], wrong: tuple[str, ...]
) -> None:
    for said in wrong:
        with pytest.raises((ValueError, ArithmeticError, KeyError)):
            pytest.fail(f"{said} was understood as {understood(said)}")


@given(st.integers(-reading.LARGEST, reading.LARGEST))
def test_every_number_is_understood(value: int) -> None:
    assert reading_back.number(reading.number(value)) == value


@given(st.integers(0, 10**6), st.sampled_from(["个", "天", "位", "元", "点", "小时", "个工作日"]))
def test_every_count_is_understood(value: int, unit: str) -> None:
    assert reading_back.count(reading.count(value, unit), unit) == value


@given(st.decimals(-(10**9), 10**9, places=3))
def test_every_decimal_and_every_share_is_understood(value: Decimal) -> None:
    assert reading_back.decimal(reading.decimal(value)) == value
    assert reading_back.percent(reading.percent(value)) == value


@given(st.integers(-(10**12), 10**12))
def test_every_amount_of_money_is_understood_and_has_sounds(fen: int) -> None:
    said = reading.money(Decimal(fen) / 100)
    assert reading_back.money(said) == fen
    assert reading.sounds(said)


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_every_date_is_understood(value: date) -> None:
    assert reading_back.day(reading.day(value, TODAY), TODAY.year) == value


@given(st.times().map(lambda value: value.replace(second=0, microsecond=0)))
def test_every_time_of_day_is_understood(value: time) -> None:
    assert reading_back.clock(reading.clock(value)) == value


@given(st.integers(0, 10**7))
def test_every_span_is_understood(seconds: int) -> None:
    assert reading_back.span(reading.duration(seconds)) == timedelta(seconds=seconds)


@given(st.from_regex(r"\A[0-9]{1,20}\Z"))
def test_figures_told_one_by_one_are_understood(text: str) -> None:
    assert reading_back.figures(reading.digits(text)) == text


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 99_999))
def test_every_case_number_is_told_in_its_three_groups_however_it_is_written(day: date, serial: int) -> None:
    case = CaseNumber("RH", day, serial)
    said = reading.case_number(case.digits)
    assert [len(group) for group in said.split(reading.PAUSE)] == [6, 5, 1]
    assert reading_back.figures(said) == case.digits
    assert as_spoken(case.display) == as_spoken(f"编号{case.digits}").removeprefix("编号") == said


# Written, then read, then understood


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_every_way_of_writing_a_date_is_read_the_same(value: date) -> None:
    year, month, day = value.year, value.month, value.day
    forms = [f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}", f"{year}/{month}/{day}"]
    assert {reading_back.day(as_spoken(form), 0) for form in forms} == {value}


@given(st.times())
def test_every_written_time_is_understood(value: time) -> None:
    said = as_spoken(f"{value:%H:%M}")
    assert reading_back.hours_and_minutes(said) == value.replace(second=0, microsecond=0)


@given(st.integers(0, 10**9), st.sampled_from(["元", "¥"]))
def test_every_written_amount_is_understood(fen: int, sign: str) -> None:
    amount = f"{fen // 100}.{fen % 100:02}"
    assert reading_back.money(as_spoken(f"{amount}元" if sign == "元" else f"¥{amount}")) == fen


@given(st.integers(0, 10**9))
def test_a_number_is_read_the_same_with_its_thousands_parted(value: int) -> None:
    assert as_spoken(f"共{value:,}家") == as_spoken(f"共{value}家")


@given(st.integers(0, 10**6), st.sampled_from(["个", "天", "元", "小时", "户", "盏", "公里"]))
def test_every_written_count_is_understood(value: int, unit: str) -> None:
    assert reading_back.count(as_spoken(f"共{value}{unit}").removeprefix("共"), unit) == value


@given(
    st.integers(0, 999),
    st.integers(0, 999),
    st.sampled_from(["元", "天", "%", "米", "℃", "次", "km", "人", "dB"]),
)
def test_a_dash_between_two_amounts_is_never_read_as_below_zero(low: int, high: int, unit: str) -> None:
    said = as_spoken(f"约{low}{unit}-{high}{unit}")
    assert "负" not in said
    assert "至" in said


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_every_written_mobile_number_is_told_figure_by_figure(number: str) -> None:
    assert reading_back.figures(as_spoken(f"联系电话{number}").removeprefix("联系电话")) == number
