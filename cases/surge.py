"""突发集中诉求: many citizens report one matter in one place within minutes. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=10)
# What is usual for a matter in a place is measured over the day before.
BEFORE = timedelta(hours=24)
LEAST = 8
TIMES = 4.0

_DISTRICT = re.compile(r"^(?:[^省市]{1,8}省)?(?:[^区县市]{1,8}市)?([^区县市\d]{1,8}[区县])")
_CITY = re.compile(r"^(?:[^省市]{1,8}省)?([^区县市\d]{1,8}市)")
_STREET = re.compile(r"([^区县市\d]{1,8}?(?:街道|镇|乡))")


@dataclass(frozen=True, slots=True)
class Report:
    """One case, as far as it matters here."""

    no: str
    category: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Surge:
    """Something is happening: `count` cases within ten minutes, where so many are usual."""

    category: str
    area: str
    count: int
    usual: float
    first_at: datetime
    cases: tuple[str, ...]


def area_of(address: str) -> str:
    """Return district (or town of its own) and street of an address as people write it, as much as is there.

    >>> area_of("榕海市台江区鳌峰街道鳌峰新村12号楼")
    '台江区鳌峰街道'
    """
    text = re.sub(r"\s", "", address)
    district = _DISTRICT.match(text) or _CITY.match(text)
    name = district[1] if district else ""
    rest = text[district.end() :] if district else text
    street = _STREET.match(rest)
    return name + (street[1] if street else "")


def surges(reports: Iterable[Report], at: datetime) -> list[Surge]:
    """Return what is reported far more often than usual, the greatest first.

    A surge that fills a whole district shows in each of its streets, too; the district is told then, and only it.
    """
    recent: dict[tuple[str, str], list[Report]] = defaultdict(list)
    earlier: Counter[tuple[str, str]] = Counter()
    for report in reports:
        age = at - report.at
        for area in _areas(report.address):
            if timedelta() <= age <= WITHIN:
                recent[report.category, area].append(report)
            elif WITHIN < age <= BEFORE:
                earlier[report.category, area] += 1
    found = [_surge(place, some, earlier[place]) for place, some in recent.items()]
    great = [one for one in found if one.count >= LEAST and one.count >= TIMES * max(one.usual, 1.0)]
    whole = [one for one in great if not _told_wider(one, great)]
    return sorted(whole, key=lambda one: (-one.count, one.category, one.area))


def _areas(address: str) -> set[str]:
    area = area_of(address)
    district = _DISTRICT.match(area)
    return {area, district[1]} if district else {area}


def _surge(place: tuple[str, str], reports: list[Report], earlier: int) -> Surge:
    usual = earlier * (WITHIN / (BEFORE - WITHIN))
    ordered = sorted(reports, key=lambda report: report.at)
    numbers = tuple(report.no for report in ordered)
    return Surge(place[0], place[1], len(ordered), round(usual, 2), ordered[0].at, numbers)


def _told_wider(one: Surge, others: list[Surge]) -> bool:
    """Tell whether a wider or narrower area with (nearly) the same cases says it better."""
    for other in others:
        if other is one or other.category != one.category or not one.area or not other.area:
            continue
        if one.area.startswith(other.area) and other.count > one.count:
            return True
        if other.area.startswith(one.area) and other.count == one.count:
            return True
    return False
