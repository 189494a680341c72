"""Reads numbers, dates, times and money aloud in Chinese. Pure: values in, Chinese characters out.

`sounds()` turns those characters into the prompts of digits/. A comma is a short pause.
"""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

NUMERALS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
WAN, YI = 10**4, 10**8
LARGEST = 10**16 - 1  # 9999万9999亿…; nothing a hotline speaks of is larger
PAUSE = "，"

SOUNDS = {
    **{numeral: f"digits/{value}" for value, numeral in enumerate(NUMERALS)},
    **{f"{NUMERALS[tens]}十": f"digits/{tens}0" for tens in range(2, 10)},
    "十": "digits/10",
    "百": "digits/hundred",
    "千": "digits/thousand",
    "万": "digits/wan",
    "亿": "digits/yi",
    "幺": "digits/yao",
    "两": "digits/liang",
    "负": "digits/minus",
    "点": "digits/dian",
    "第": "digits/di",
    "百分之": "digits/percent",
    "年": "digits/nian",
    "月": "digits/yue",
    "日": "digits/ri",
    "号": "digits/hao",
    "分": "digits/fen",
    "秒": "digits/miao",
    "整": "digits/zheng",
    "半": "digits/ban",
    "上午": "digits/morning",
    "中午": "digits/noon",
    "下午": "digits/afternoon",
    "晚上": "digits/evening",
    "凌晨": "digits/early",
    "今天": "digits/today",
    "明天": "digits/tomorrow",
    "昨天": "digits/yesterday",
    "星期": "digits/weekday",
    "个": "digits/ge",
    "天": "digits/tian",
    "工作日": "digits/workday",
    "小时": "digits/hours",
    "分钟": "digits/minutes",
    "元": "digits/yuan",
    "角": "digits/jiao",
    PAUSE: "digits/pause",
}
LONGEST_SOUND = max(map(len, SOUNDS))


def sounds(words: str) -> list[str]:
    """Return the prompts that speak the words; ValueError for a word that has none."""
    spoken: list[str] = []
    while words:
        word = next((words[:n] for n in range(LONGEST_SOUND, 0, -1) if words[:n] in SOUNDS), "")
        if not word:
            raise ValueError(f"no sound for {words[0]!r}")
        spoken.append(SOUNDS[word])
        words = words[len(word) :]
    return spoken


def number(value: int) -> str:
    """Read a whole number: 12345 → 一万二千三百四十五, 105 → 一百零五, 2000 → 两千, 15 → 十五."""
    if abs(value) > LARGEST:
        raise ValueError(f"{value} is too large to be read")
    if value < 0:
        return "负" + number(-value)
    words = _number(value)
    if words.startswith("一十"):
        return words[1:]
    # Before 千, 万 and 亿 a leading two is 两; before 百 both are heard, and 十 never takes it.
    if words[0] == "二" and words[1:2] in {"千", "万", "亿"}:
        return "两" + words[1:]
    return words


def _number(value: int) -> str:
    for unit, name in ((YI, "亿"), (WAN, "万")):
        if value >= unit:
            rest = value % unit
            # A zero is spoken once for any run of empty places in between.
            gap = "零" if 0 < rest < unit // 10 else ""
            return _number(value // unit) + name + gap + (_number(rest) if rest else "")
    return _below_wan(value)


def _below_wan(value: int) -> str:
    words = ""
    for place, numeral in enumerate(reversed(f"{value:d}")):
        if numeral != "0":
            words = NUMERALS[int(numeral)] + UNITS[place] + words
        elif words and words[0] != "零":
            words = "零" + words
    return words or "零"


def count(value: int, unit: str) -> str:
    """Read how many: 2 个 → 两个, 12 天 → 十二天, 2 个工作日 → 两个工作日."""
    return ("两" if value == 2 else number(value)) + unit


def ordinal(value: int) -> str:
    return "第" + number(value).replace("两", "二")


def decimal(value: Decimal) -> str:
    """Read 3.14 as 三点一四; what stands behind the point is read digit by digit."""
    sign, text = ("负", f"{-value:f}") if value < 0 else ("", f"{value:f}")
    whole, _, behind = text.partition(".")
    # In front of a point a two is always 二, and it stays so where the point is missing: 百分之二千.
    read = sign + number(int(whole)).replace("两", "二")
    return read + "点" + "".join(NUMERALS[int(d)] for d in behind) if behind else read


def percent(value: Decimal) -> str:
    return "百分之" + decimal(value)


def per_mille(value: Decimal) -> str:
    return "千分之" + decimal(value)


def money(yuan: Decimal) -> str:
    """Read 12.05 as 十二元零五分 and 2.20 as 两元二角."""
    fen = int((abs(yuan) * 100).to_integral_value(ROUND_HALF_UP))
    sign = "负" if yuan < 0 and fen else ""
    yuans, jiaos, fens = fen // 100, fen // 10 % 10, fen % 10
    words = count(yuans, "元") if yuans or not fen else ""
    if jiaos:
        words += NUMERALS[jiaos] + "角" if words else count(jiaos, "角")
    elif fens and words:
        words += "零"
    if fens:
        words += NUMERALS[fens] + "分" if words else count(fens, "分")
    return sign + words


def digits(text: str) -> str:
    """Read digit by digit, 1 as 幺, as numbers are told over a telephone; whatever is no digit is a pause."""
    words = "".join(_digit(character) for character in text)
    return PAUSE.join(filter(None, words.split(PAUSE)))


def _digit(character: str) -> str:
    if character == "1":
        return "幺"
    return NUMERALS[int(character)] if character in "0123456789" else PAUSE


def case_number(twelve: str) -> str:
    """Read a case number in the groups it is printed in: date, serial, check digit."""
    return digits(f"{twelve[:6]} {twelve[6:11]} {twelve[11:]}")


def phone(number_: str) -> str:
    """Read a telephone number the way people say it: 138 1234 5678, 010 6512 3456, 0591 8755 1234, 12345."""
    text = "".join(c for c in number_ if c in "0123456789+")
    for prefix in ("+86", "0086"):
        text = text.removeprefix(prefix) if len(text) > 11 else text
    text = text.replace("+", "")
    return digits(" ".join(_phone_groups(text)))


def _phone_groups(text: str) -> list[str]:
    if len(text) == 11 and text[0] == "1":
        return [text[:3], text[3:7], text[7:]]
    if len(text) > 6 and text[0] == "0":
        area = 3 if text[1] in "12" else 4  # 010 and 02x are the short ones
        return [text[:area], *_local_groups(text[area:])]
    return _local_groups(text)


def _local_groups(text: str) -> list[str]:
    if len(text) <= 6:
        return [text]
    if len(text) in {7, 10}:  # 875 5123, and 400 800 1234 but for its last four
        return [text[:3], *_local_groups(text[3:])] if len(text) == 10 else [text[:3], text[3:]]
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def year(value: int) -> str:
    """Read a year digit by digit, 1 as 一: 2011 → 二零一一年."""
    return "".join(NUMERALS[int(d)] for d in f"{value:d}") + "年"


def day(value: date, today: date) -> str:
    """Read a date, with its year only if that is not the running one."""
    words = f"{number(value.month)}月{number(value.day)}日"
    return words if value.year == today.year else year(value.year) + words


def clock(value: time) -> str:
    """Read a time of day: 14:05 → 下午两点零五分, 0:30 → 凌晨零点三十分, 12:00 → 中午十二点."""
    hour = value.hour if value.hour <= 12 else value.hour - 12
    words = _part_of_day(value.hour) + count(hour, "点")
    if value.minute:
        words += ("零" if value.minute < 10 else "") + number(value.minute) + "分"
    return words


def _part_of_day(hour: int) -> str:
    starts = ((18, "晚上"), (13, "下午"), (12, "中午"), (6, "上午"), (0, "凌晨"))
    return next(name for start, name in starts if hour >= start)


def moment(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Read the day of an instant as the city's calendar has it."""
    return day(at.astimezone(zone).date(), now.astimezone(zone).date())


def deadline(by: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Read until when; the end of a day is read as that day alone."""
    local = by.astimezone(zone)
    if local.time() == time():
        local -= timedelta(minutes=1)
    words = day(local.date(), now.astimezone(zone).date())
    return words if (local.hour, local.minute) == (23, 59) else words + clock(local.time())


def duration(seconds: int) -> str:
    """Read a span: 90 → 一分钟三十秒, 7200 → 两小时, 125 minutes → 两小时五分钟."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    words = count(hours, "小时") if hours else ""
    if minutes:
        words += count(minutes, "分钟")
    if rest or not words:
        words += count(rest, "秒")
    return words
