"""Reads spoken Chinese back into values: written from the rules of the language, and strict about 两, 零, 幺 and 十.

It shares nothing with the code under test. What a careful reader would not say is refused with ValueError.
"""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

FIGURES: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
PLACES: Final = {"千": 3, "百": 2, "十": 1}
MYRIAD, HUNDRED_MILLION = 10**4, 10**8


def number(words: str) -> int:
    """Return the whole number that is said: 两千零一十 → 2010."""
    if words.startswith("负"):
        return -_positive(number(words[1:]))
    if words == "零":
        return 0
    if re.match("二[千万亿]", words) or words.startswith("一十"):
        raise ValueError(f"nobody begins {words} like that")
    plain = re.sub("^两(?=[千万亿])", "二", words)
    plain = "一" + plain if plain.startswith("十") else plain
    if "两" in plain:
        raise ValueError(f"{words} has 两 in the wrong place")
    return _levels(plain, first=True)


def _positive(value: int) -> int:
    if value <= 0:
        raise ValueError("only what is above nothing can be below it")
    return value


def _levels(words: str, *, first: bool) -> int:
    """Read the levels 亿 and 万: a zero is said where the next lower level lacks its highest place."""
    for sign, unit in (("亿", HUNDRED_MILLION), ("万", MYRIAD)):
        above, found, below = words.rpartition(sign)
        if found:
            low = _below(below, unit)
            return _levels(above, first=first) * unit + low
    return _four_places(words)


def _below(words: str, unit: int) -> int:
    if not words:
        return 0
    value = _levels(words.removeprefix("零"), first=False)
    gap = value < unit // 10
    if not 0 < value < unit or words.startswith("零") is not gap:
        raise ValueError(f"{words} has a zero too many or too few")
    return value


def _four_places(words: str) -> int:
    """Read up to 9999, and insist on one zero for each gap between figures."""
    value, place, rest = 0, 4, words
    while rest:
        zero = rest.startswith("零")
        found = re.match("零?([一二三四五六七八九])([千百十]?)", rest)
        if not found:
            raise ValueError(f"{words} is no number")
        here = PLACES[found[2]] if found[2] else 0
        gap = place - here > 1 and place < 4
        if here >= place or zero is not gap:
            raise ValueError(f"{words} has its places in the wrong order, or a zero too many or too few")
        value, place, rest = value + FIGURES[found[1]] * 10**here, here, rest[found.end() :]
    if not value:
        raise ValueError("nothing is said")
    return value


def count(words: str, unit: str) -> int:
    """Return how many: 两天 → 2; 二天 is refused."""
    if not words.endswith(unit):
        raise ValueError(f"{words} counts no {unit}")
    amount = words.removesuffix(unit)
    if amount == "二":
        raise ValueError(f"two of something is 两: {words}")
    return 2 if amount == "两" else number(amount)


def decimal(words: str) -> Decimal:
    """Return a number with its places behind the point: 二千点零五 → 2000.05."""
    sign, words = ("-", words[1:]) if words.startswith("负") else ("", words)
    whole, point, behind = words.partition("点")
    if "两" in whole or (point and not behind):
        raise ValueError(f"in front of a point a two is 二, and something stands behind it: {words}")
    value = number(re.sub("^二(?=[千万亿])", "两", whole))
    return Decimal(f"{sign}{value}" + (f".{figures(behind, one='一')}" if point else ""))


def percent(words: str) -> Decimal:
    if not words.startswith("百分之"):
        raise ValueError(f"{words} is no share")
    return decimal(words.removeprefix("百分之"))


def figures(words: str, *, one: str = "幺") -> str:
    """Return figures told one by one, 幺 or 一 for 1; pauses are dropped."""
    known = {sign: str(value) for sign, value in FIGURES.items() if value > 1} | {"零": "0", one: "1"}
    said = words.replace("，", "")
    if not set(said) <= known.keys():
        raise ValueError(f"{words} is not told figure by figure")
    return "".join(known[sign] for sign in said)


def money(words: str) -> int:
    """Return an amount in fen: 十二元零五分 → 1205."""
    if words.startswith("负"):
        return -_positive(money(words[1:]))
    found = re.fullmatch("(?:(.+)元)?(?:(.)角)?(零)?(?:(.)分)?", words)
    if not found or not words:
        raise ValueError(f"{words} is no money")
    yuan, jiao, zero, fen = found.groups()
    if (zero is not None) is not (yuan is not None and jiao is None and fen is not None):
        raise ValueError(f"{words} has a zero too many or too few")
    first = True
    total = 0
    for said, worth in ((yuan, 100), (jiao, 10), (fen, 1)):
        if said is not None:
            total += worth * (count(f"{said}元", "元") if first else FIGURES[said])
            first = False
    return total


def day(words: str, this_year: int) -> date:
    found = re.fullmatch("(?:(....)年)?(.+)月(.+)日", words)
    if not found:
        raise ValueError(f"{words} is no date")
    year = int(figures(found[1], one="一")) if found[1] else this_year
    if found[1] and year == this_year:
        raise ValueError(f"the running year need not be said: {words}")
    return date(year, number(found[2]), number(found[3]))


PARTS_OF_DAY: Final = {"凌晨": (0, 5), "上午": (6, 11), "中午": (12, 12), "下午": (13, 17), "晚上": (18, 23)}


def clock(words: str) -> time:
    """Return a time of day: 下午两点零五分 → 14:05."""
    first, last = PARTS_OF_DAY[words[:2]]
    hour_words, point, minute_words = words[2:].partition("点")
    hour = count(hour_words + point, "点")
    hour = hour + 12 if hour + 12 <= last and first > 12 else hour
    if not first <= hour <= last:
        raise ValueError(f"{words} does not lie in that part of the day")
    return time(hour, _minutes(minute_words) if minute_words else 0)


def _minutes(words: str) -> int:
    minutes = number(words.removesuffix("分").removeprefix("零"))
    if not words.endswith("分") or words.startswith("零") is not (minutes < 10) or not 0 < minutes < 60:
        raise ValueError(f"{words} are no minutes")
    return minutes


def span(words: str) -> timedelta:
    """Return how long: 两小时五分钟 → 125 minutes."""
    found = re.fullmatch("(?:(.+)小时)?(?:(.+)分钟)?(?:(.+)秒)?", words)
    if not found or not words:
        raise ValueError(f"{words} is no span")
    hours, minutes, seconds = (count(f"{said}天", "天") if said else 0 for said in found.groups())
    if minutes > 59 or seconds > 59:
        raise ValueError(f"{words} is said in larger units")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def hours_and_minutes(words: str) -> time:
    """Return a time as written ones are read, without its part of the day: 十四点零五分 → 14:05."""
    hour, point, minutes = words.partition("点")
    return time(count(hour + point, "点"), _minutes(minutes) if minutes else 0)
