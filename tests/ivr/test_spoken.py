"""Written Chinese as a reader would say it, and its pinyin."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import pinyin
from ivr.spoken import PAUSE, STOP, as_spoken, sentences


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("该处12盏路灯已修复。", "该处十二盏路灯已修复"),
        ("该处 12 盏路灯", "该处十二盏路灯"),
        ("2026年11月20日", "二零二六年十一月二十日"),
        ("2026-11-20", "二零二六年十一月二十日"),
        ("2026/1/2", "二零二六年一月二日"),
        ("11月2日", "十一月二日"),
        ("2011年", "二零一一年"),
        ("2026-13-45", "两千零二十六，十三，四十五"),
        ("二〇二六年", "二零二六年"),
        ("10:30", "十点三十分"),
        ("2:05", "两点零五分"),
        ("9:00-17:00", "九点至十七点"),
        ("3-5天", "三至五天"),
        ("比分45:78", "比分四十五比七十八"),
        ("1,234.50元", "一千二百三十四元五角"),
        ("¥20", "二十元"),
        ("2元", "两元"),
        ("12元", "十二元"),
        ("罚款2000元", "罚款两千元"),
        ("98.5%", "百分之九十八点五"),
        ("1/2", "二分之一"),
        ("25.5℃", "二十五点五摄氏度"),
        ("-3℃", "负三摄氏度"),
        ("80㎡", "八十平方米"),
        ("5km", "五公里"),
        ("2个工作日，2天，2小时", "两个工作日，两天，两小时"),
        ("第2次，2月，12个", "第二次，二月，十二个"),
        ("0590-87551234", "零五九零，八七五五，幺二三四"),
        ("13812345678", "幺三八，幺二三四，五六七八"),
        ("+8613812345678", "幺三八，幺二三四，五六七八"),
        ("请拨12345、110、120", "请拨幺二三四五，幺幺零，幺二零"),
        ("110元", "一百一十元"),
        ("12345元", "一万二千三百四十五元"),
        ("12345678元", "一千二百三十四万五千六百七十八元"),
        ("95598", "九五五九八"),
        ("RH261122-00178-1", "二六幺幺二二，零零幺七八，幺"),
        ("1204室", "幺二零四室"),
        ("闽A12345", "闽A幺二三四五"),
        ("A座，GPS", "A座，GPS"),
        ("下载Microsoft软件", "下载，软件"),
        ("详见https://example.org/a?b=1 。", "详见"),
        ("007", "零零七"),
        ("您好!!!谢谢??", "您好。谢谢"),
        ("“引号”《书名》（括号）", "引号，书名，括号"),
        ("第一行\n第二行", "第一行。第二行"),
        ("😀`$(rm -rf /)`", "RM，RF"),
        ("", ""),
        ("。，、", ""),
        ("\x00\x07\r\n", ""),
    ],
)
def test_writing_becomes_speech(written: str, words: str) -> None:
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
