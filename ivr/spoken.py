"""Turns written Chinese into what a reader would say: figures, dates, units and signs become characters. Pure.

What comes out holds Chinese characters, single capital letters, `，` (short pause) and `。` (long pause), nothing else.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from cases import numbers
from ivr import reading

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

PAUSE, STOP = reading.PAUSE, "。"
MEASURES = "个天位户人次件条项家名周辆台处栋层间份袋吨米元角年小时分钟点月万亿千百%‰°度盏起宗块"
# Two of these is 两. Floors, blocks, buses and months are numbered, not counted: 二层, 二栋, 二路, 二月.
COUNTED = "个天位户人次件条项家名周辆台处间份袋吨米元角年点万千亿盏起宗块棵只类批种张头套根扇颗所箱桶瓶倍封"
FREE = r"(?<![\d.,])"  # not in the middle of a figure
NUMERAL = "零一二两三四五六七八九十百千万点分日月年\\d"
# After one of these a dash means 至, elsewhere that the number is below zero.
SPANNED = f"{NUMERAL}{MEASURES}号时里斤克贝升"
SIGNS = {"°C": "摄氏度", "+": "加", "=": "等于", "&": "和"}
UNITS = {
    "km2": "平方公里",
    "m2": "平方米",
    "m3": "立方米",
    "kWh": "千瓦时",
    "kW": "千瓦",
    "km": "公里",
    "kg": "公斤",
    "cm": "厘米",
    "mm": "毫米",
    "mg": "毫克",
    "ml": "毫升",
    "dB": "分贝",
    "m": "米",
    "t": "吨",
}
UNIT = rf"(?:{'|'.join(UNITS)})(?![A-Za-z\d])"
# What follows makes it a quantity, not a number to dial.
AMOUNT = rf"(?!(?:[\d.]|,\d{{3}}(?!\d))*(?:[{MEASURES}]|\s?{UNIT})|\d|\.\d|平方|公里|公斤)"


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
    year, month, day = found["year"], int(found["month"]), int(found["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return re.sub(r"[-/.]", PAUSE, found[0])
    return (reading.year(int(year)) if year else "") + f"{reading.number(month)}月{reading.number(day)}日"


def _flat(found: re.Match[str]) -> str:
    """Read building, entrance and room: 3-2-501."""
    return PAUSE.join(
        (reading.number(int(found[1])), reading.number(int(found[2])), reading.digits(found[3]))
    )


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


def _years(found: re.Match[str]) -> str:
    return f"{_year(found[1])}{found[2]}至{_year(found[3])}"


def _year(figures: str) -> str:
    return reading.year(int(figures)).removesuffix("年")


def _case_number(found: re.Match[str]) -> str:
    return reading.case_number(re.sub(r"\D", "", found[0]))


def _phone(found: re.Match[str]) -> str:
    """Read what is dialled, or a case number written without its letters: its check digit tells."""
    try:
        return reading.case_number(numbers.parse(found[0], "").digits)
    except numbers.BadNumber:
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
    (
        re.compile(
            r"(?<!\d)(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?:[日号]|(?!\d))", re.ASCII
        ),
        _date,
    ),
    (re.compile(r"(?<!\d)(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]", re.ASCII), _date),
    (re.compile(r"(?<!\d)(\d{4})(年?)[-~–—至到](\d{4})(?=学?年)", re.ASCII), _years),
    (re.compile(r"(?<!\d)\d{4}(?=年)", re.ASCII), lambda found: _year(found[0])),
    # The year in the number of a document.
    (
        re.compile(r"[〔(\[]((?:19|20)\d\d)[〕)\]]", re.ASCII),
        lambda found: f"{PAUSE}{_year(found[1])}{PAUSE}",
    ),
    (re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::\d{2})?(?!\d)", re.ASCII), _clock),
    # Case numbers, telephone numbers, service numbers, rooms, licence plates: told figure by figure.
    (re.compile(r"[A-Z]{2}\d{6}-\d{5}-\d", re.ASCII), _case_number),
    (re.compile(rf"(?<=\d转)\d{{1,6}}{AMOUNT}", re.ASCII), _figure_by_figure),
    (re.compile(rf"(?<!\d)(?:0\d{{2,3}}-\d{{7,8}}(?!\d)|400-?\d{{3}}-?\d{{4}}{AMOUNT})", re.ASCII), _phone),
    (re.compile(rf"\+86\d{{10,12}}|{FREE}\d{{7,20}}{AMOUNT}", re.ASCII), _phone),
    (
        re.compile(
            rf"{FREE}(?:11\d|118114|12[0-2]|12[1-5]\d\d|1000\d|1001\d|10086|9[56]\d{{3,4}}){AMOUNT}", re.ASCII
        ),
        _phone,
    ),
    (re.compile(r"(?<![\d-])(\d{1,3})-(\d{1,3})-(\d{3,4})(?![\d-])", re.ASCII), _flat),
    (re.compile(rf"{FREE}\d{{3,4}}(?=[室房])", re.ASCII), _figure_by_figure),
    (re.compile(rf"(?<=\d)\s?{UNIT}", re.ASCII), lambda found: UNITS[found[0].strip()]),
    (re.compile(r"(?<=\d)\s?[×*]\s?(?=\d)", re.ASCII), lambda _: "乘"),
    (re.compile(r"(?<=[元次件人吨米度])/(?=[月日天年人户次件吨米度个平公斤])", re.ASCII), lambda _: "每"),
    (re.compile(r"(?<=[A-Z])\d{2,}|(?<![\d.])\d{2,}(?=[A-Z])", re.ASCII), _figure_by_figure),
    (re.compile("|".join(map(re.escape, SIGNS))), lambda found: SIGNS[found[0]]),
    (re.compile(rf"(?<=[{SPANNED}])[-~–—]+(?=[{NUMERAL}周星])", re.ASCII), lambda _: "至"),
    (re.compile(r"-(?=\d)", re.ASCII), lambda _: "负"),
    (re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,3})(?![\d/])", re.ASCII), _fraction),
    (re.compile(r"[¥￥]\s?(\d[\d,]*(?:\.\d+)?)", re.ASCII), lambda found: f"{found[1]}元"),
    (
        re.compile(r"(?<![\d.])(\d[\d,]*\.\d{1,2})元", re.ASCII),
        lambda found: reading.money(Decimal(found[1].replace(",", ""))),
    ),
    (
        re.compile(r"(?<![\d.])(\d{1,16}(?:\.\d+)?)\s?([%‰])", re.ASCII),
        lambda found: (reading.percent if found[2] == "%" else reading.per_mille)(Decimal(found[1])),
    ),
    (
        re.compile(rf"(?<![\d.,第])2(?=[{COUNTED}]|小时|分钟|公里|公斤|平方|立方|千瓦)", re.ASCII),
        lambda _: "两",
    ),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII), _number),
    (re.compile(r"[A-Za-z]+"), _letters),
)
