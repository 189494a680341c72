"""Turns written Chinese into what a reader would say: figures, dates, units and signs become characters. Pure.

What comes out holds Chinese characters, single capital letters, `，` (short pause) and `。` (long pause), nothing else.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from ivr import reading

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

PAUSE, STOP = reading.PAUSE, "。"
MEASURES = "个天位户人次件条项家名周辆台处栋层间份袋吨米元角年小时分钟点月万亿千百%"
COUNTED = "个天位户人次件条项家名周辆台处间份袋吨米元角年点"
AMOUNT = rf"(?![\d.]*[{MEASURES}]|\d|\.\d|平方|公里|公斤)"  # what follows makes it a quantity, not a number to dial
FREE = r"(?<![\d.,])"  # not in the middle of a figure
NUMERAL = "零一二两三四五六七八九十百千万点分日月年\\d"
SIGNS = {
    "°C": "摄氏度",
    "m2": "平方米",
    "m3": "立方米",
    "km": "公里",
    "kg": "公斤",
    "+": "加",
    "=": "等于",
    "&": "和",
}


def as_spoken(text: str) -> str:
    """Return the text as it is read aloud; what cannot be read is left out."""
    # A Chinese comma must not become one that could stand inside a figure.
    words = unicodedata.normalize("NFKC", text.replace("，", "、")).replace("〇", "零")
    words = re.sub(r"(?<=\d)[ \t]+(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])[ \t]+(?=\d)", "", words)
    for pattern, read in RULES:
        words = pattern.sub(read, words)
    words = re.sub(r"[。.!?;\n]+", STOP, words)
    # Opening marks and quotation marks are not heard; other marks are.
    words = re.sub(r"[,，、:()《》…—/\s]+", PAUSE, words)
    words = re.sub(rf"[^\u3400-\u9fffA-Z{PAUSE}{STOP}]", "", words)
    words = re.sub(rf"[{PAUSE}{STOP}]*{STOP}[{PAUSE}{STOP}]*", STOP, words)
    return re.sub(rf"{PAUSE}+", PAUSE, words).strip(PAUSE + STOP)


def sentences(words: str, longest: int) -> list[str]:
    """Split spoken words at long pauses, then at short ones, then anywhere, into parts of bounded length."""
    parts = []
    for sentence in filter(None, words.split(STOP)):
        part = ""
        for clause in filter(None, sentence.split(PAUSE)):
            if part and len(part) + len(clause) >= longest:
                parts.append(part)
                part = ""
            part = f"{part}{PAUSE}{clause}" if part else clause
            while len(part) > longest:
                parts.append(part[:longest])
                part = part[longest:]
        if part:
            parts.append(part + STOP)
    return parts


def _date(found: re.Match[str]) -> str:
    year, month, day = found[1], int(found[2]), int(found[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return re.sub(r"[-/.]", PAUSE, found[0])
    return (reading.year(int(year)) if year else "") + f"{reading.number(month)}月{reading.number(day)}日"


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if hour > 24 or minute > 59:
        return f"{reading.number(hour)}比{reading.number(minute)}"
    words = reading.count(hour, "点")
    if minute:
        words += ("零" if minute < 10 else "") + reading.number(minute) + "分"
    return words


def _figure_by_figure(found: re.Match[str]) -> str:
    return reading.digits(found[0])


def _case_number(found: re.Match[str]) -> str:
    return reading.case_number(re.sub(r"\D", "", found[0]))


def _phone(found: re.Match[str]) -> str:
    return reading.phone(found[0])


def _number(found: re.Match[str]) -> str:
    figure = found[0].replace(",", "")
    if "." in figure:
        return reading.decimal(Decimal(figure))
    if len(figure) > 16 or (figure[0] == "0" and len(figure) > 1):
        return reading.digits(figure)
    return reading.number(int(figure))


def _fraction(found: re.Match[str]) -> str:
    above, below = int(found[1]), int(found[2])
    if not 0 < above < below:
        return f"{above}{PAUSE}{below}"
    return f"{reading.number(below)}分之{reading.number(above)}"


def _letters(found: re.Match[str]) -> str:
    """Spell an abbreviation; a longer word is foreign, and nobody can guess how it is said."""
    word = found[0]
    return word.upper() if len(word) <= 3 or (word.isupper() and len(word) <= 6) else PAUSE


RULES: tuple[Rule, ...] = (
    (re.compile(r"https?://\S+|www\.\S+|[\w.]+@[\w.]+", re.ASCII), lambda _: PAUSE),
    (re.compile(r"(?<!\d)(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:[日号]|(?!\d))", re.ASCII), _date),
    (re.compile(r"(?<!\d)()(\d{1,2})月(\d{1,2})[日号]", re.ASCII), _date),
    (
        re.compile(r"(?<!\d)\d{4}(?=年)", re.ASCII),
        lambda found: reading.year(int(found[0])).removesuffix("年"),
    ),
    (re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::\d{2})?(?!\d)", re.ASCII), _clock),
    # Case numbers, telephone numbers, service numbers, rooms, licence plates: told figure by figure.
    (re.compile(r"[A-Z]{2}\d{6}-\d{5}-\d", re.ASCII), _case_number),
    (re.compile(r"(?<!\d)(?:0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4})(?!\d)", re.ASCII), _phone),
    (re.compile(rf"\+86\d{{10,12}}|{FREE}\d{{7,20}}{AMOUNT}", re.ASCII), _phone),
    (
        re.compile(
            rf"{FREE}(?:11\d|12[0-2]|12[345]\d\d|1000\d|1001\d|10086|9[56]\d{{3,4}}){AMOUNT}", re.ASCII
        ),
        _phone,
    ),
    (re.compile(rf"{FREE}\d{{3,4}}(?=[室房])", re.ASCII), _figure_by_figure),
    (re.compile(r"(?<=[A-Z])\d{2,}|(?<![\d.])\d{2,}(?=[A-Z])", re.ASCII), _figure_by_figure),
    (re.compile("|".join(map(re.escape, SIGNS))), lambda found: SIGNS[found[0]]),
    (re.compile(rf"(?<=[{NUMERAL}])[-~–—]+(?=[{NUMERAL}])", re.ASCII), lambda _: "至"),
    (re.compile(r"-(?=\d)", re.ASCII), lambda _: "负"),
    (re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,3})(?![\d/])", re.ASCII), _fraction),
    (re.compile(r"[¥￥]\s?(\d[\d,]*(?:\.\d+)?)", re.ASCII), lambda found: f"{found[1]}元"),
    (
        re.compile(r"(?<![\d.])(\d[\d,]*\.\d{1,2})元", re.ASCII),
        lambda found: reading.money(Decimal(found[1].replace(",", ""))),
    ),
    (
        re.compile(r"(?<![\d.])(\d{1,16}(?:\.\d+)?)\s?%", re.ASCII),
        lambda found: reading.percent(Decimal(found[1])),
    ),
    (
        re.compile(
            r"(?<![\d.,第])2(?=[个天位户人次件条项家名周辆台处间份袋吨米元角年点]|小时|分钟)", re.ASCII
        ),
        lambda _: "两",
    ),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII), _number),
    (re.compile(r"[A-Za-z]+"), _letters),
)
