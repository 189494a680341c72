"""放假通知: reading the official days of a year from JSON or CSV, and what they change of the years known so far.

JSON is `{"year": 2027, "source": "…", "rest": ["2027-01-01~2027-01-03"], "work": ["2027-01-10"]}`, or the common form
`{"year": 2027, "days": [{"date": "2027-01-01", "isOffDay": true}]}`. CSV has a line `2027-01-01,休` or `2027-01-10,班`
for each day. The days before New Year's Day may belong to the year before.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.calendar import ONE_DAY, spans, statutory_days
from cases.china_days import FESTIVALS, Year

_LONGEST_TEXT = 100_000
_MOST_DAYS = 120
_REST = frozenset({"rest", "off", "holiday", "休", "放假", "true"})
_WORK = frozenset({"work", "workday", "班", "上班", "false"})


class BadNotice(ValueError):
    """A notice that cannot be meant. The message is for who imports it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The days off of one year and the weekends that are worked, as announced."""

    year: int
    rest: frozenset[date]
    work: frozenset[date]
    source: str = ""


def read(text: str) -> Notice:
    """Read a notice; raise BadNotice if it cannot be one."""
    if len(text) > _LONGEST_TEXT:
        raise BadNotice("内容太长 (too long)")
    notice = _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)
    _check(notice)
    return notice


def applied(notice: Notice, known: Mapping[int, Year]) -> dict[int, Year]:
    """Return the years that the notice changes: its own, and a neighbour whose last or first days it names."""
    changed = {notice.year: _year(notice.year, notice.rest, notice.work)}
    for number in {day.year for day in notice.rest | notice.work} - {notice.year}:
        if number not in known:
            raise BadNotice(
                f"{number}年尚无官方安排，不能只改其中几天 (nothing official is known of {number})"
            )
        old_rest, old_work = (frozenset(spans(number, words)) for words in known[number])
        changed[number] = _year(
            number, (old_rest - notice.work) | notice.rest, (old_work - notice.rest) | notice.work
        )
    return {number: year for number, year in changed.items() if known.get(number) != year}


def _year(number: int, rest: Iterable[date], work: Iterable[date]) -> Year:
    return Year(*(_spelled(day for day in days if day.year == number) for days in (rest, work)))


def _spelled(days: Iterable[date]) -> str:
    """Write days as notices are kept: `01-01~01-03 02-05`."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return " ".join(f"{run[0]:%m-%d}~{run[-1]:%m-%d}" if run[1:] else f"{run[0]:%m-%d}" for run in runs)


def _from_json(text: str) -> Notice:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadNotice("不是有效的 JSON (not valid JSON)") from None
    year, source = value.get("year"), value.get("source", "")
    if not isinstance(year, int) or isinstance(year, bool) or not isinstance(source, str):
        raise BadNotice("缺少年份 year (the year is missing)")
    if "days" in value:
        named = [(_text(day, "date"), day.get("isOffDay")) for day in _listed(value, "days", dict)]
        rest = [_day(day) for day, off in named if off is True]
        work = [_day(day) for day, off in named if off is False]
        return Notice(year, frozenset(rest), frozenset(work), source)
    rest, work = (
        [day for word in _listed(value, name, str) for day in _span(word)] for name in ("rest", "work")
    )
    return Notice(year, frozenset(rest), frozenset(work), source)


def _from_csv(text: str) -> Notice:
    rest: set[date] = set()
    work: set[date] = set()
    for number, cells in enumerate(csv.reader(text.splitlines()), start=1):
        words = [cell.strip() for cell in cells]
        if not any(words) or (number == 1 and words[0].lower() in ("date", "日期")):
            continue
        kind = words[1].lower() if len(words) > 1 else ""
        if kind not in _REST | _WORK:
            raise BadNotice(
                f"第{number}行：请写成“2027-01-01,休”的样子 (line {number}: write `date,rest` or `date,work`)"
            )
        (rest if kind in _REST else work).add(_day(words[0]))
    if not rest:
        raise BadNotice("没有休息日 (no day off in it)")
    years = [day.year for day in rest]
    return Notice(max(set(years), key=years.count), frozenset(rest), frozenset(work))


def _listed(value: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    found = value.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, kind) for each in found):
        raise BadNotice(f"{name} 应为列表 ({name} must be a list)")
    return found


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise BadNotice(f"缺少 {name} ({name} is missing)")
    return found


def _span(word: str) -> list[date]:
    first, _, last = word.partition("~")
    day, end = _day(first), _day(last or first)
    if not 0 <= (end - day).days <= _MOST_DAYS:
        raise BadNotice(f"日期段“{word}”不对 (not a span of days)")
    return [day + n * ONE_DAY for n in range((end - day).days + 1)]


def _day(text: str) -> date:
    try:
        return date(*(int(part) for part in text.strip().replace("/", "-").split("-")))
    except (ValueError, TypeError, OverflowError):
        raise BadNotice(f"日期“{text[:20]}”不对，应如2027-01-01 (not a date; write 2027-01-01)") from None


def _check(notice: Notice) -> None:
    if both := sorted(notice.rest & notice.work):
        raise BadNotice(f"{both[0]}既休息又上班 (that day is both off and worked)")
    if odd := sorted(day for day in notice.rest | notice.work if not _near(day, notice.year)):
        raise BadNotice(f"{odd[0]}不属于{notice.year}年的通知 (that day is not of this year's notice)")
    if plain := sorted(day for day in notice.work if day.weekday() < 5):
        raise BadNotice(f"{plain[0]}不是周末，不必调休 (not a weekend: it is worked anyway)")
    if len(notice.rest) > _MOST_DAYS or not notice.rest:
        raise BadNotice("休息日天数不对 (that many days off cannot be right)")
    if notice.year in FESTIVALS:
        missing = sorted(set(statutory_days(notice.year, FESTIVALS[notice.year])) - notice.rest)
        if missing:
            raise BadNotice(f"缺法定节假日{missing[0]} (a statutory day off is missing)")


def _near(day: date, year: int) -> bool:
    """Tell whether the day is of the year, or of the December before or the January after it."""
    return day.year == year or (day.year, day.month) in ((year - 1, 12), (year + 1, 1))
