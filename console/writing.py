"""How times, spans and telephone numbers look on a page."""

from datetime import datetime
from zoneinfo import ZoneInfo

_MOBILE = 11
_SHOWN_AT_LEAST = 7


def masked(number: str) -> str:
    """Return `138****3456`; of a short number only the last two digits remain.

    >>> masked("13850123456")
    '138****3456'
    """
    if len(number) >= _SHOWN_AT_LEAST + 1:
        return f"{number[:3]}****{number[-4:]}"
    return "*" * max(len(number) - 2, 0) + number[-2:] if number else ""


def grouped(number: str) -> str:
    """Return a mobile number as people read it, `138 5012 3456`; others as they are."""
    if len(number) == _MOBILE and number.startswith("1"):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number


def spelled(seconds: float) -> str:
    """Return a span as `2:05` or `1:02:05`."""
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def distance(since: datetime, until: datetime) -> tuple[str, int]:
    """Return how far apart two times are as people say it: whole days from two on, hours, else minutes.

    >>> distance(datetime(2026, 11, 27, 9), datetime(2026, 11, 29, 23, 59))
    ('days', 2)
    >>> distance(datetime(2026, 11, 27, 9), datetime(2026, 11, 27, 13, 30))
    ('hours', 4)
    """
    minutes = int(abs(until - since).total_seconds()) // 60
    if minutes >= 2 * 24 * 60:
        return "days", minutes // (24 * 60)
    return ("hours", minutes // 60) if minutes >= 60 else ("minutes", minutes)


def epoch_ms(at: datetime | None) -> int | None:
    """Return what browsers count in; they keep the clock's offset themselves."""
    return None if at is None else int(at.timestamp() * 1000)


def short_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Return `11-27 14:05` in the city's time."""
    return "" if at is None else f"{at.astimezone(zone):%m-%d %H:%M}"


def long_day(at: datetime | None, zone: ZoneInfo) -> str:
    """Return `2026年11月27日` in the city's time."""
    if at is None:
        return ""
    day = at.astimezone(zone)
    return f"{day.year}年{day.month}月{day.day}日"
