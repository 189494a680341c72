"""Written Chinese as a reader would say it, and its pinyin. What is read how stands in reading_table.tsv."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import pinyin
from ivr.spoken import PAUSE, STOP, as_spoken, sentences


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("第一行\n第二行", "第一行。第二行"),
        ("", ""),
        ("。，、", ""),
        ("\x00\x07\r\n", ""),
    ],
)
def test_what_no_table_can_hold_becomes_speech_too(written: str, words: str) -> None:
    assert as_spoken(written) == words


@given(st.text())
def test_whatever_is_written_only_speakable_characters_come_out(text: str) -> None:
    assert re.fullmatch(rf"[\u3400-\u9fffA-Z{PAUSE}{STOP}]*", as_spoken(text))


@given(st.text(alphabet="0123456789-/.:,%元年月日点个 A￥+", max_size=40))
def test_no_heap_of_figures_breaks_the_reader(text: str) -> None:
    assert re.fullmatch(r"[a-z1-5 ,.]*", pinyin.of(as_spoken(text)))


@given(st.text(max_size=200), st.integers(5, 40))
def test_a_text_is_split_without_losing_words(text: str, longest: int) -> None:
    words = as_spoken(text)
    parts = sentences(words, longest)
    marks = re.compile(f"[{PAUSE}{STOP}]")
    assert marks.sub("", "".join(parts)) == marks.sub("", words)
    assert all(len(part) <= longest + 1 for part in parts)


def test_sentences_are_kept_whole_if_they_are_short_enough() -> None:
    assert sentences("您好。您反映的事项，已办结", 20) == ["您好。", "您反映的事项，已办结。"]
    assert sentences("您反映的事项，已办结", 6) == ["您反映的事项", "已办结。"]


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        ("您好", "nin2 hao3"),
        ("重听", "chong2 ting1"),
        ("重新重点", "chong2 xin1 zhong4 dian3"),
        ("银行行长行人", "yin2 hang2 hang2 zhang3 xing2 ren2"),
        ("长度增长", "chang2 du4 zeng1 zhang3"),
        ("办事处处理处罚", "ban4 shi4 chu4 chu3 li3 chu3 fa2"),
        ("了解了", "liao3 jie3 le5"),
        ("您的", "nin2 de5"),
        ("为您作为", "wei4 nin2 zuo4 wei2"),
        ("绿化率", "lv4 hua4 lv4"),
        ("一个", "yi2 ge4"),
        ("一直", "yi4 zhi2"),
        ("一起", "yi4 qi3"),
        ("第一", "di4 yi1"),
        ("第一个", "di4 yi1 ge4"),
        ("十一月一日", "shi2 yi1 yue4 yi1 ri4"),
        ("一百二十一元", "yi4 bai3 er4 shi2 yi1 yuan2"),
        ("统一", "tong3 yi1"),
        ("不是", "bu2 shi4"),
        ("不能", "bu4 neng2"),
        ("不", "bu4"),
        ("幺二三", "yao1 er4 san1"),
        ("您好，请稍候。谢谢", "nin2 hao3, qing3 shao1 hou4. xie4 xie5"),
        ("A座", "ei1 zuo4"),
        ("GPS", "ji4 pi1 ai2 si5"),
        ("", ""),
    ],
)
def test_words_are_read_as_they_are_pronounced(words: str, spoken: str) -> None:
    assert pinyin.of(words) == spoken
